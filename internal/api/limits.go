package api

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync/atomic"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
)

// Class says what kind of work a route is: how often it may be used, and how
// it is let in when there is too much to do at once.
type Class string

// The classes.
const (
	SignInClass Class = "sign-in" // nobody is signed in yet
	ReadClass   Class = "read"
	WriteClass  Class = "write"
	HeavyClass  Class = "heavy" // searches, imports and exports
	LiveClass   Class = "live"  // streams
	FeedClass   Class = "feed"  // calendars that are subscribed to
)

// quota is how many uses of a class a minute permits; 0: not counted so.
type quota struct{ person, address int }

// quotas are far above what people at work need (a page asks for less than ten
// things at once), and several colleagues share one address. Guesses at links
// and codes have limits of their own in auth, which are much stricter.
var quotas = map[Class]quota{
	SignInClass: {address: 300},
	ReadClass:   {person: 1200, address: 6000},
	WriteClass:  {person: 600, address: 3000},
	HeavyClass:  {person: 60, address: 240},
	LiveClass:   {person: 60, address: 300},
	FeedClass:   {address: 600},
}

// Use is the answer to one use of a key.
type Use struct {
	Allowed bool
	// Limit is how many uses are permitted at once: fewer than asked for while
	// what the processes share is away and each counts for itself.
	Limit, Remaining int
	RetryAfter       time.Duration // until the next use is permitted
}

// counted is a use with the name of its policy, for the headers.
type counted struct {
	policy string
	Use
}

const quotaWindow = time.Minute

// classed is the route with a class: where its line names none, it follows from
// who may call and how.
func classed(r Route) Route {
	switch {
	case r.Class != "":
	case safe(r.Method) && (r.Member || r.Admin):
		r.Class = ReadClass
	case r.Member || r.Admin:
		r.Class = WriteClass
	default:
		r.Class = SignInClass
	}
	return r
}

func (a *API) countAddress(q *request, c Class) error {
	return a.count(q, c, "address", auth.Bucket(q.addr), quotas[c].address)
}

func (a *API) countPerson(q *request, c Class) error {
	return a.count(q, c, "person", q.session.User().String(), quotas[c].person)
}

// count takes one use of the class by somebody, and says in the headers what is
// left. The error is TooMany.
func (a *API) count(q *request, c Class, by, who string, perMinute int) error {
	if a.o.Count == nil || perMinute == 0 {
		return nil
	}
	policy := string(c) + "-" + by
	use, err := a.o.Count(q.r.Context(), policy+":"+who, perMinute)
	if err != nil {
		return fmt.Errorf("count uses: %w", err)
	}
	if use.Limit < perMinute && a.alone.due(a.o.Now()) {
		a.o.Log.Warn("the shared counts of requests are away: each process counts for itself, and permits half")
	}
	q.uses = append(q.uses, counted{policy, use})
	q.sayUses()
	if use.Allowed {
		return nil
	}
	a.refused("limit", c)
	return &model.Error{
		Kind: model.TooMany, Code: "too_many", RetryAfter: use.RetryAfter, Detail: "Too many requests. Wait a little and try again.",
	}
}

// sayUses sets the headers of the IETF draft on rate limits, and the three that
// were in use before it, which tell of the limit that is nearest.
func (q *request) sayUses() {
	var policies, left string
	nearest := q.uses[0].Use
	for i, u := range q.uses {
		if i > 0 {
			policies += ", "
			left += ", "
		}
		policies += fmt.Sprintf("%q;q=%d;w=%d", u.policy, u.Limit, int(quotaWindow.Seconds()))
		left += fmt.Sprintf("%q;r=%d;t=%d", u.policy, u.Remaining, u.reset())
		if u.Remaining < nearest.Remaining {
			nearest = u.Use
		}
	}
	h := q.w.Header()
	h.Set("RateLimit-Policy", policies)
	h.Set("RateLimit", left)
	h.Set("RateLimit-Limit", strconv.Itoa(nearest.Limit))
	h.Set("RateLimit-Remaining", strconv.Itoa(nearest.Remaining))
	h.Set("RateLimit-Reset", strconv.Itoa(nearest.reset()))
}

// reset is in how many seconds all uses are there again: they come back evenly.
func (u Use) reset() int {
	if u.Limit == 0 {
		return 0
	}
	return int(math.Ceil(quotaWindow.Seconds() * float64(u.Limit-u.Remaining) / float64(u.Limit)))
}

// minutely is true at most once a minute, for what would fill the log.
type minutely struct{ next atomic.Int64 }

func (m *minutely) due(now time.Time) bool {
	next := m.next.Load()
	return now.UnixNano() >= next && m.next.CompareAndSwap(next, now.Add(time.Minute).UnixNano())
}

// CountFunc takes one use of a key out of so many a minute.
type CountFunc func(ctx context.Context, key string, perMinute int) (Use, error)
