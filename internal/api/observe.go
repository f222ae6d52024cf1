package api

import "time"

// Observe is told what happens, for the metrics. What it is told names routes
// and never records or people. Either may be nil.
type Observe struct {
	// Answer was given: route is the pattern that fitted, status 0 when the
	// caller hung up before there was one.
	Answer func(route, method string, status int, took time.Duration)
	// Refused was a use of the class, for reaching a "limit" or for want of room
	// ("shed").
	Refused func(why string, c Class)
}

func (a *API) answered(q *request, rec *recorder, took time.Duration) {
	if a.o.Observe.Answer != nil {
		a.o.Observe.Answer(q.r.Pattern, known(q.r.Method), rec.status, took)
	}
}

func (a *API) refused(why string, c Class) {
	if a.o.Observe.Refused != nil {
		a.o.Observe.Refused(why, c)
	}
}
