package api

import (
	"sync"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// What one person may have going on at once in a process, on all devices: far
// more than a page asks for, and too little to keep everybody else out.
const (
	maxStreams = 16
	maxAtOnce  = 32
	maxHeavy   = 3
)

var (
	errTooManyStreams = &model.Error{
		Kind: model.TooMany, Code: "too_many_streams", RetryAfter: time.Minute, Detail: "Too many pages are listening for changes. Close some.",
	}
	errTooManyAtOnce = &model.Error{
		Kind: model.TooMany, Code: "too_many_at_once", RetryAfter: time.Second, Detail: "Too many requests at the same time. Wait for the answers.",
	}
)

// shares counts what each person has going on.
type shares struct {
	most int
	full *model.Error

	mu   sync.Mutex
	open map[uuid.UUID]int
}

func newShares(most int, full *model.Error) *shares {
	return &shares{most: most, full: full, open: map[uuid.UUID]int{}}
}

// enter counts one more; leave ends it. The error is TooMany.
func (s *shares) enter(user uuid.UUID) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[user] >= s.most {
		return nil, s.full
	}
	s.open[user]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open[user]--; s.open[user] == 0 {
			delete(s.open, user)
		}
	}, nil
}

// share is the person's part in the room of a class, from the first byte of
// the body to the last of the answer. Streams count themselves.
func (a *API) share(q *request, r Route) (leave func(), err error) {
	switch {
	case q.session.User() == uuid.Nil || r.Class == LiveClass:
		return func() {}, nil
	case r.Class == HeavyClass:
		leave, err = a.heavy.enter(q.session.User())
	default:
		leave, err = a.working.enter(q.session.User())
	}
	if err != nil {
		a.refused("limit", r.Class)
	}
	return leave, err
}
