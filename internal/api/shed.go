package api

import (
	"cmp"
	"context"
	"time"

	"pazpaz/internal/model"
)

// Room is how much may go on in this process at once. Fields that are 0 have
// the values of orDefault, see there.
type Room struct {
	// Running requests are being answered, Waiting ones stand in line for that,
	// for Patience at most; who comes then is sent away with 503.
	Running, Waiting int
	Patience         time.Duration
	// Favoured is room besides, and a line of its own, for signing in and for
	// saving notes, which are worth FavouredPatience.
	Favoured         int
	FavouredPatience time.Duration
	// Heavy is the room of searches, imports and exports, which get no other.
	Heavy int
	// Streams may be open.
	Streams int
}

func (r Room) orDefault() Room {
	return Room{
		Running: cmp.Or(r.Running, 96), Waiting: cmp.Or(r.Waiting, 192), Patience: cmp.Or(r.Patience, 40*time.Millisecond),
		Favoured: cmp.Or(r.Favoured, 32), FavouredPatience: cmp.Or(r.FavouredPatience, 2*time.Second),
		Heavy: cmp.Or(r.Heavy, 12), Streams: cmp.Or(r.Streams, 4096),
	}
}

// lane is a number of places and a line before them.
type lane struct {
	places, line chan struct{}
	patience     time.Duration
}

func newLane(places, line int, patience time.Duration) lane {
	return lane{make(chan struct{}, places), make(chan struct{}, line), patience}
}

// gate bounds what goes on at once, so that too many requests make some of them
// fail quickly and not all of them slow.
type gate struct {
	common, favoured, heavy, streams lane
}

func newGate(r Room) *gate {
	return &gate{
		common:   newLane(r.Running, r.Waiting, r.Patience),
		favoured: newLane(r.Favoured, r.Waiting, r.FavouredPatience),
		heavy:    newLane(r.Heavy, r.Heavy, r.Patience),
		streams:  newLane(r.Streams, 0, 0),
	}
}

var errOverloaded = &model.Error{
	Kind: model.Unavailable, Code: "overloaded", RetryAfter: time.Second,
	Detail: "There is more to do than this server can. Nothing was done; try again in a moment.",
}

// enter waits for a place, not for long; leave gives it back. The error is
// Unavailable.
func (g *gate) enter(ctx context.Context, r Route) (leave func(), err error) {
	switch {
	case r.urgent || r.Class == SignInClass:
		return enter(ctx, g.favoured, g.common.places)
	case r.Class == HeavyClass:
		return enter(ctx, g.heavy, nil)
	case r.Class == LiveClass: // it has its place for as long as it is open
		return enter(ctx, g.streams, nil)
	}
	return enter(ctx, g.common, nil)
}

// enter takes a place of the lane, or one of the others, which may be nil.
func enter(ctx context.Context, l lane, others chan struct{}) (leave func(), err error) {
	select {
	case others <- struct{}{}:
		return func() { <-others }, nil
	default:
	}
	select {
	case l.places <- struct{}{}:
		return func() { <-l.places }, nil
	default:
	}
	select {
	case l.line <- struct{}{}:
		defer func() { <-l.line }()
	default:
		return nil, errOverloaded
	}
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	select {
	case others <- struct{}{}:
		return func() { <-others }, nil
	case l.places <- struct{}{}:
		return func() { <-l.places }, nil
	case <-patience.C:
		return nil, errOverloaded
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Busy is how much goes on at this moment.
type Busy struct{ Running, Waiting, Heavy, Streams int }

// Busy counts what goes on at this moment, for the metrics.
func (a *API) Busy() Busy {
	g := a.gate
	return Busy{
		Running: len(g.common.places) + len(g.favoured.places) + len(g.heavy.places),
		Waiting: len(g.common.line) + len(g.favoured.line) + len(g.heavy.line),
		Heavy:   len(g.heavy.places), Streams: len(g.streams.places),
	}
}
