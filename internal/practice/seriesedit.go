package practice

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// SeriesChange is a change of several appointments of a series at once.
type SeriesChange struct {
	AppointmentChange
	// All changes the whole series; otherwise the appointment that is named
	// and those that follow it.
	All bool
	SeriesChoices
}

// SeriesResult says what became of a series.
type SeriesResult struct {
	Series model.Series
	// Changed are the appointments as they are now, Kept those that stay as
	// they were: past, no longer scheduled, with a note, or moved alone.
	Changed []model.CalendarEntry
	Kept    []uuid.UUID
}

// Refusals of a change of a series.
var (
	errNoSeries     = &model.Error{Kind: model.Conflict, Code: "no_series", Detail: "This appointment belongs to no series."}
	errNothingMoves = &model.Error{Kind: model.Conflict, Code: "nothing_to_change", Detail: "These appointments are past, ended, or have a note. Change them one by one."}
	errMovedAlone   = &model.Error{Kind: model.Conflict, Code: "detached", Detail: "This appointment was moved away from its series. Move it alone."}
	errSeriesClient = model.InvalidFields([]model.Field{{Name: "client_id", Code: "series", Message: "A series stays with its client."}})
	errSeriesStatus = model.InvalidFields([]model.Field{{Name: "status", Code: "series", Message: "A series can be cancelled; visits are marked one by one."}})
)

// edit is a change of a series in progress.
type edit struct {
	tx     *store.Tx
	by     model.CalendarEntry // the appointment that was changed
	ch     SeriesChange
	zone   *time.Location
	shift  int           // days by which each moves
	minute time.Duration // time of day of the new start on the wall
	length time.Duration // new length
	moves  bool          // times change
	result SeriesResult
}

// UpdateSeries changes an appointment and the others of its series: fields are
// set alike, times move by the clock on the wall. What is past, has ended or
// has a note stays as it is.
func (p *Practice) UpdateSeries(ctx context.Context, sc store.Scope, id uuid.UUID, ch SeriesChange) (r SeriesResult, err error) {
	if ch.Version == 0 {
		return r, errNoVersion
	}
	err = p.store.Write(ctx, sc, model.AppointmentUpdate, func(tx *store.Tx) error {
		by, err := inSeries(tx, id, ch.Version)
		if err != nil {
			return err
		}
		e := &edit{tx: tx, by: by, ch: ch}
		if err := e.begin(); err != nil {
			return err
		}
		if err := e.run(p); err != nil {
			return err
		}
		r, err = e.finish()
		return err
	})
	if err != nil {
		return SeriesResult{}, fmt.Errorf("change series: %w", err)
	}
	return r, nil
}

// inSeries returns an appointment of a series in the version that was seen.
func inSeries(tx *store.Tx, id uuid.UUID, version int64) (model.CalendarEntry, error) {
	e, err := tx.Appointment(id)
	switch {
	case err != nil:
		return e, err
	case version != 0 && version != e.Version:
		return e, model.Stale(e)
	case e.SeriesID == nil:
		return e, errNoSeries
	}
	return e, nil
}

// begin works out how the appointment that was changed moved.
func (e *edit) begin() (err error) {
	if e.result.Series, err = e.tx.Series(*e.by.SeriesID); err != nil {
		return err
	}
	if e.zone, err = time.LoadLocation(e.result.Series.TimeZone); err != nil {
		return fmt.Errorf("zone of series: %w", err)
	}
	next := e.by.Appointment
	e.ch.Apply(&next)
	switch {
	case next.ClientID != e.by.ClientID:
		return errSeriesClient
	case next.Status != e.by.Status && next.Status != model.Cancelled:
		return errSeriesStatus
	}
	if next, err = next.Normalize(); err != nil {
		return err
	}
	from, to := calendar.WallOf(e.by.StartsAt, e.zone), calendar.WallOf(next.StartsAt, e.zone)
	e.shift, e.minute = from.DaysTo(to), to.TimeOfDay()
	e.length = next.EndsAt.Sub(next.StartsAt)
	e.moves = timesDiffer(next, e.by.Appointment)
	if e.moves && e.by.Detached {
		return errMovedAlone
	}
	return nil
}

// run changes the appointments that may be changed. Moving to later days goes
// from the last to the first, so that none stands in the way of the one before.
func (e *edit) run(p *Practice) error {
	entries, err := e.tx.SeriesEntries(*e.by.SeriesID)
	if err != nil {
		return err
	}
	todo := e.choose(entries)
	if len(todo) == 0 {
		return errNothingMoves
	}
	series := e.result.Series
	if e.moves {
		if series, err = e.split(p, entries, todo); err != nil {
			return err
		}
	}
	if e.shift > 0 {
		slices.Reverse(todo)
	}
	var taken []model.Clash
	for _, entry := range todo {
		clashes, err := e.one(entry, series.ID)
		if err != nil {
			return err
		}
		taken = append(taken, clashes...)
	}
	if len(taken) > 0 && e.ch.Conflicts != "skip" {
		return model.ErrOverlap(taken)
	}
	e.result.Series = series
	return nil
}

// choose returns the appointments to be changed, and notes which are kept.
func (e *edit) choose(entries []model.CalendarEntry) (todo []model.CalendarEntry) {
	for _, entry := range entries {
		if !e.ch.All && entry.SeriesWall < e.by.SeriesWall {
			continue // it comes before, so nobody asked for it
		}
		if e.movable(entry) {
			todo = append(todo, entry)
		} else {
			e.result.Kept = append(e.result.Kept, entry.ID)
		}
	}
	return todo
}

// movable reports whether a change of the series reaches an appointment.
func (e *edit) movable(entry model.CalendarEntry) bool {
	if entry.Status != model.Scheduled || entry.Noted || !entry.StartsAt.After(e.tx.Now()) {
		return false
	}
	return !e.moves || !entry.Detached
}

// one changes one appointment, or returns what is in its way.
func (e *edit) one(entry model.CalendarEntry, series uuid.UUID) ([]model.Clash, error) {
	ch := e.ch.AppointmentChange
	ch.Override = e.ch.Conflicts == "override"
	var problem error
	ch.Apply = func(a *model.Appointment) {
		start, end := a.StartsAt, a.EndsAt
		e.ch.Apply(a)
		a.StartsAt, a.EndsAt = start, end
		problem = e.move(a, series)
	}
	next, err := changed(&e.tx.ReadTx, entry, ch)
	if problem != nil {
		err = problem
	}
	if clashes := clashesIn(err); clashes != nil {
		e.result.Kept = append(e.result.Kept, entry.ID)
		return clashes, e.detach(entry, series)
	}
	if err != nil || reflect.DeepEqual(next, entry.Appointment) {
		return nil, err
	}
	if err := e.tx.UpdateAppointment(next); err != nil {
		return nil, err
	}
	if next.OverlapAllowed && moved(entry.Appointment, next) {
		e.tx.Overrode(next.ID)
	}
	next.Version++ // as it is stored now
	e.result.Changed = append(e.result.Changed, model.CalendarEntry{Appointment: next})
	return nil, nil
}

// move gives an appointment its new time on the wall.
func (e *edit) move(a *model.Appointment, series uuid.UUID) error {
	if !e.moves {
		return nil
	}
	wall, err := e.rulePlace(a.SeriesWall)
	if err != nil {
		return err
	}
	o := occurrence(wall, e.zone, e.length, e.ch.Repeated)
	kept, err := e.ch.wanted([]Occurrence{o})
	if err != nil {
		return err
	}
	a.SeriesID, a.SeriesWall, a.Detached = &series, wall.String(), len(kept) == 0
	if len(kept) > 0 {
		a.StartsAt, a.EndsAt = o.Start, o.End
	}
	return nil
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
	if next.ID == old.ID {
		return next, e.tx.UpdateSeries(next)
	}
	if next.ID, err = p.newID(); err != nil {
		return next, err
	}
	if err := e.tx.UpdateSeries(old); err != nil {
		return next, err
	}
	if err := e.tx.InsertSeries(next); err != nil {
		return next, err
	}
	return next, e.carryKept(entries, todo, cut, next.ID)
}

// carryKept moves what is kept behind the cut into the new series.
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

// finish reads what was changed as it is now.
func (e *edit) finish() (SeriesResult, error) {
	changed := map[uuid.UUID]bool{}
	for _, c := range e.result.Changed {
		changed[c.ID] = true
	}
	entries, err := e.tx.SeriesEntries(e.result.Series.ID)
	if err != nil {
		return e.result, err
	}
	e.result.Changed = slices.DeleteFunc(entries, func(c model.CalendarEntry) bool { return !changed[c.ID] })
	if e.result.Series, err = e.tx.Series(e.result.Series.ID); err != nil {
		return e.result, err
	}
	e.tx.About(e.result.Series.ID, len(e.result.Changed))
	return e.result, nil
}

// DeleteSeries puts an appointment and the others of its series that are still
// to come into the trash.
func (p *Practice) DeleteSeries(ctx context.Context, sc store.Scope, id uuid.UUID, all bool, reason model.Text) (r SeriesResult, err error) {
	err = p.store.Write(ctx, sc, model.AppointmentDelete, func(tx *store.Tx) error {
		by, err := inSeries(tx, id, 0)
		if err != nil {
			return err
		}
		e := &edit{tx: tx, by: by, ch: SeriesChange{All: all}}
		if e.result.Series, err = tx.Series(*by.SeriesID); err != nil {
			return err
		}
		entries, err := tx.SeriesEntries(*by.SeriesID)
		if err != nil {
			return err
		}
		todo := e.choose(entries)
		if len(todo) == 0 {
			return errNothingMoves
		}
		if err := trash(tx, todo, reason); err != nil {
			return err
		}
		e.result.Changed = todo
		r = e.result
		tx.About(r.Series.ID, len(todo))
		return nil
	})
	if err != nil {
		return SeriesResult{}, fmt.Errorf("delete series: %w", err)
	}
	return r, nil
}

// trash deletes appointments in one moment, by which a restore knows them.
func trash(tx *store.Tx, todo []model.CalendarEntry, reason model.Text) error {
	now := tx.Now()
	for i := range todo {
		a := todo[i].Appointment
		a.DeleteReason, a.DeletedAt = reason, &now
		a, err := a.Normalize()
		if err != nil {
			return err
		}
		if err := tx.UpdateAppointment(a); err != nil {
			return err
		}
		todo[i].Appointment = a
	}
	return nil
}
