package calendar

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"pazpaz/internal/model"
)

// Span is a stretch of time from Start until before End.
type Span struct{ Start, End time.Time }

// DefaultStep is the quarter of an hour, in minutes.
const DefaultStep = 15

// Query asks for free times of one practitioner.
type Query struct {
	Hours model.Hours    // as Normalize returns them, by the clock of Zone
	Zone  *time.Location // not nil
	Busy  []Span         // their own buffers included; in any order, may overlap
	// A visit lies wholly in From-To and does not start before NotBefore.
	From, To, NotBefore time.Time
	Duration            time.Duration // of the visit, more than 0
	Before, After       time.Duration // buffers of the visit, not negative
	// Step is how many minutes lie between two starts, counted from midnight
	// on the wall; 0 is DefaultStep.
	Step  int
	Limit int // at most so many answers
}

// Free lists the visits (UTC, without their buffers) that could be booked, in
// order; they may overlap one another. Each lies inside one span of the
// working hours, by the clock on the wall also where clocks are changed, and
// with its buffers overlaps nothing of Busy, though it may touch it. The work
// grows with the window, so the caller bounds that.
func Free(q Query) []Span {
	if q.Duration <= 0 {
		return nil
	}
	busy := merged(q.Busy)
	var free []Span
	for start := range q.starts() {
		if len(free) >= q.Limit {
			break
		}
		visit := Span{start, start.Add(q.Duration)}
		if q.works(visit) && !overlaps(busy, Span{visit.Start.Add(-q.Before), visit.End.Add(q.After)}) {
			free = append(free, visit)
		}
	}
	return free
}

// starts are the instants of the window that lie on the grid.
func (q Query) starts() iter.Seq[time.Time] {
	first := later(q.From, q.NotBefore)
	last := q.To.Add(-q.Duration).Unix()
	return func(yield func(time.Time) bool) {
		for from := ceilUnix(first); from <= last; {
			offset, end := stretch(from, q.Zone)
			for t := q.onGrid(from, offset); t < end && t <= last; t = q.onGrid(t+1, offset) {
				if !yield(time.Unix(t, 0).UTC()) {
					return
				}
			}
			from = end
		}
	}
}

// onGrid is the first instant from t on whose wall time is a multiple of the
// step; each midnight is one.
func (q Query) onGrid(t, offset int64) int64 {
	step := int64(q.Step) * 60
	if step <= 0 {
		step = DefaultStep * 60
	}
	midnight := wallAt(t + offset).midnight().unix()
	up := (t + offset - midnight + step - 1) / step * step
	return midnight + min(up, model.DayMinutes*60) - offset
}

// works reports whether a visit lies inside one span of its day's hours.
func (q Query) works(visit Span) bool {
	day := WallOf(visit.Start, q.Zone).midnight()
	return slices.ContainsFunc(q.Hours[day.Weekday()], func(h model.HourSpan) bool { return q.inside(visit, day, h) })
}

// inside follows the clock through the visit, one offset after the other.
func (q Query) inside(visit Span, day Wall, h model.HourSpan) bool {
	opens, closes := day.unix()+int64(h.From)*60, day.unix()+int64(h.To)*60
	last := ceilUnix(visit.End)
	for t := visit.Start.Unix(); t < last; {
		offset, end := stretch(t, q.Zone)
		end = min(end, last)
		if t+offset < opens || end+offset > closes {
			return false
		}
		t = end
	}
	return true
}

func ceilUnix(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// merged returns the spans in order, joined where they overlap or touch, and
// without those that last no time.
func merged(spans []Span) []Span {
	sorted := slices.Clone(spans)
	sorted = slices.DeleteFunc(sorted, func(s Span) bool { return !s.Start.Before(s.End) })
	slices.SortFunc(sorted, func(a, b Span) int { return a.Start.Compare(b.Start) })
	var out []Span
	for _, s := range sorted {
		if n := len(out); n > 0 && !out[n-1].End.Before(s.Start) {
			out[n-1].End = later(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// overlaps reports whether s shares any time with one of the merged spans.
func overlaps(busy []Span, s Span) bool {
	i, _ := slices.BinarySearchFunc(busy, s.Start, func(b Span, start time.Time) int {
		return cmp.Or(b.End.Compare(start), -1) // one that ends as s starts is before it
	})
	return i < len(busy) && busy[i].Start.Before(s.End)
}
