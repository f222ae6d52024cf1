package calendar

import (
	"math"
	"time"
)

// Existence says how often a wall time comes in a zone.
type Existence uint8

// What can become of a wall time where clocks are changed.
const (
	Missing  Existence = iota // the clock jumps over it
	Once                      // as nearly every time
	Repeated                  // the clock is set back and shows it again
)

// Instants are the instants (UTC) at which a wall in a zone shows a time.
type Instants struct {
	Existence Existence
	// Earlier and Later are the two instants of a Repeated time and the one
	// instant, twice, of a time that exists Once. Around a Missing time they
	// show other times: Earlier reads it by the clock that runs after the
	// jump, and so lies before the jump; Later reads it by the clock that ran
	// before, and so lies after the jump, which is how RFC 5545 reads it.
	Earlier, Later time.Time
}

// widest is more than any zone is away from UTC, in seconds.
const widest = 26 * 3600

// In finds the instants at which a wall in the zone shows w.
func (w Wall) In(loc *time.Location) Instants { return instants(w.unix(), loc) }

// instants does the work of In for local time in Unix seconds as if in UTC. It
// looks at each stretch of time that has one offset, because what time.Date
// answers for missing and repeated times is not defined.
func instants(local int64, loc *time.Location) Instants {
	var at Instants
	for from := local - widest; from <= local+widest; {
		offset, end := stretch(from, loc)
		at = at.with(local, from, end, offset, loc)
		from = end
	}
	return at
}

// with adds what the stretch from-end, which has one offset, knows of local.
func (at Instants) with(local, from, end, offset int64, loc *time.Location) Instants {
	t := local - offset
	switch {
	case t < from:
		return at
	case t < end && at.Existence == Missing:
		return Instants{Once, time.Unix(t, 0).UTC(), time.Unix(t, 0).UTC()}
	case t < end:
		return Instants{Repeated, at.Earlier, time.Unix(t, 0).UTC()}
	case at.Existence != Missing:
		return at
	}
	if next := local - offsetAt(end, loc); next < end {
		at.Earlier, at.Later = time.Unix(next, 0).UTC(), time.Unix(t, 0).UTC()
	}
	return at
}

func offsetAt(unix int64, loc *time.Location) int64 {
	_, offset := time.Unix(unix, 0).In(loc).Zone()
	return int64(offset)
}

// stretch returns the offset from UTC, in seconds, that a zone has at an
// instant (Unix seconds), and a later instant until which it keeps it. It may
// have the same offset after that, too.
func stretch(at int64, loc *time.Location) (offset, end int64) {
	t := time.Unix(at, 0).In(loc)
	_, seconds := t.Zone()
	_, next := t.ZoneBounds()
	switch {
	case next.IsZero():
		end = math.MaxInt64
	case next.Unix() <= at:
		// Past the zone's table the bounds end with the year, which ZoneBounds
		// counts as 365 days: on the last day of a leap year the end is over.
		end = time.Date(t.UTC().Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	default:
		end = next.Unix()
	}
	return int64(seconds), end
}
