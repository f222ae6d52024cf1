package practice

import (
	"fmt"
	"slices"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// target is an appointment at its new time and place in the series; exists is
// false when the clocks jump over that time and it is to be left where it is.
func (e *edit) target(a model.Appointment, series uuid.UUID) (_ model.Appointment, exists bool, err error) {
	if !e.moves {
		return a, true, nil
	}
	wall, err := e.rulePlace(a.SeriesWall)
	if err != nil {
		return a, false, err
	}
	a.SeriesID = &series
	if a.SeriesWall == wall.String() { // only its length changes
		a.EndsAt = a.StartsAt.Add(e.length)
		return a, true, nil
	}
	a.SeriesWall = wall.String()
	at, err := e.ch.wanted([]Occurrence{occurrence(wall, e.zone, e.length, e.ch.Repeated)})
	if err != nil || len(at) == 0 {
		return a, false, model.RenameField(err, "local_start", "starts_at")
	}
	a.StartsAt, a.EndsAt = at[0].Start, at[0].End
	return a, true, nil
}

// keep leaves an appointment as it is although it was to be changed.
func (e *edit) keep(entry model.CalendarEntry, series uuid.UUID) error {
	e.result.Kept = append(e.result.Kept, entry.ID)
	return e.detach(entry, series)
}

// detach leaves an appointment where it is while its series moves away.
func (e *edit) detach(entry model.CalendarEntry, series uuid.UUID) error {
	if !e.moves {
		return nil
	}
	wall, err := e.rulePlace(entry.SeriesWall)
	if err != nil {
		return err
	}
	a := entry.Appointment
	a.SeriesID, a.Detached, a.SeriesWall = &series, true, wall.String()
	return e.tx.UpdateAppointment(a)
}

// rulePlace is the local time that the moved rule gives to what the rule had
// at another one.
func (e *edit) rulePlace(seriesWall string) (calendar.Wall, error) {
	wall, err := calendar.ParseWall(seriesWall)
	if err != nil {
		return wall, fmt.Errorf("place in series: %w", err)
	}
	return wall.AddDays(e.shift).At(e.minute), nil
}

// split gives the moved part of the series a rule of its own, from the first
// appointment that moves, and ends the old rule before it. When all of it moves
// the rule itself is changed. What is kept in the moved part stays where it is,
// and is marked as moved away from its series.
func (e *edit) split(p *Practice, entries, todo []model.CalendarEntry) (model.Series, error) {
	cut := todo[0].SeriesWall
	for _, t := range todo {
		cut = min(cut, t.SeriesWall)
	}
	old, next, err := e.rules(cut)
	if err != nil {
		return next, err
	}
	if next.ID != old.ID {
		next, err = e.goOn(p, old, next)
	} else {
		err = e.tx.UpdateSeries(next)
	}
	if err != nil {
		return next, err
	}
	return next, e.carryKept(entries, todo, cut, next.ID)
}

// goOn ends the old series and begins the one that goes on.
func (e *edit) goOn(p *Practice, old, next model.Series) (_ model.Series, err error) {
	if next.ID, err = p.newID(); err != nil {
		return next, err
	}
	if err := e.tx.UpdateSeries(old); err != nil {
		return next, err
	}
	return next, e.tx.InsertSeries(next)
}

// carryKept takes what is kept behind the cut along as moved away from its
// series.
func (e *edit) carryKept(entries, todo []model.CalendarEntry, cut string, series uuid.UUID) error {
	for _, entry := range entries {
		moving := slices.ContainsFunc(todo, func(t model.CalendarEntry) bool { return t.ID == entry.ID })
		if moving || entry.SeriesWall < cut {
			continue
		}
		if err := e.detach(entry, series); err != nil {
			return err
		}
	}
	return nil
}

// rules are the two halves of the series at the cut; the second half has the
// id of the first when there is nothing before it.
func (e *edit) rules(cut string) (old, next model.Series, err error) {
	old, next = e.result.Series, e.result.Series
	rule, start, _, err := expand(old.Rule, old.StartsWall, time.Monday) // the text names the week start where it matters
	if err != nil {
		return old, next, err
	}
	at, err := calendar.ParseWall(cut)
	if err != nil {
		return old, next, fmt.Errorf("place in series: %w", err)
	}
	rest, err := rule.Rest(start, at)
	if err != nil {
		return old, next, err
	}
	if rest, err = rest.Shifted(e.shift); err != nil {
		return old, next, model.RenameField(err, "rule", "starts_at")
	}
	next.Rule, next.StartsWall = rest.String(), at.AddDays(e.shift).At(e.minute).String()
	next.Minutes = int(e.length / time.Minute)
	if at == start {
		return old, next, nil
	}
	before, err := rule.EndBefore(start, at)
	old.Rule, next.ID = before.String(), uuid.Nil
	return old, next, err
}
