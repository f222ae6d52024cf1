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
	errSeconds      = model.InvalidFields([]model.Field{{Name: "starts_at", Code: "minute", Message: "A series starts and ends on whole minutes."}})
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
	later  bool          // to later ones
	// changed are the ids of those that were.
	changed map[uuid.UUID]bool
	result  SeriesResult
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
		e := &edit{tx: tx, by: by, ch: ch, changed: map[uuid.UUID]bool{}}
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
	switch {
	case e.moves && e.by.Detached:
		return errMovedAlone
	case e.moves && (!next.StartsAt.Equal(next.StartsAt.Truncate(time.Minute)) || e.length%time.Minute != 0):
		return errSeconds
	}
	e.later = next.StartsAt.After(e.by.StartsAt)
	return nil
}

// run changes the appointments that may be changed. Moving to later times goes
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
	if e.later {
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
		return model.ErrOverlap(others(taken, todo))
	}
	e.result.Series = series
	return nil
}

// others leaves those out that only stand in the way because the series could
// not move.
func others(taken []model.Clash, todo []model.CalendarEntry) []model.Clash {
	foreign := slices.DeleteFunc(slices.Clone(taken), func(c model.Clash) bool {
		return slices.ContainsFunc(todo, func(t model.CalendarEntry) bool { return t.ID == c.ID })
	})
	if len(foreign) == 0 {
		return inOrder(taken)
	}
	return inOrder(foreign)
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
	to, exists, err := e.target(entry.Appointment, series)
	if err != nil {
		return nil, err
	}
	if !exists {
		return nil, e.keep(entry, series)
	}
	next, err := changed(&e.tx.ReadTx, entry, AppointmentChange{Override: e.ch.Conflicts == "override", Apply: func(a *model.Appointment) {
		e.ch.Apply(a)
		a.StartsAt, a.EndsAt, a.SeriesID, a.SeriesWall = to.StartsAt, to.EndsAt, to.SeriesID, to.SeriesWall
	}})
	if clashes := clashesIn(err); clashes != nil {
		return clashes, e.keep(entry, series)
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
	e.changed[next.ID] = true
	return nil, nil
}

// finish reads what was changed as it is now.
func (e *edit) finish() (SeriesResult, error) {
	entries, err := e.tx.SeriesEntries(e.result.Series.ID)
	if err != nil {
		return e.result, err
	}
	e.result.Changed = slices.DeleteFunc(entries, func(c model.CalendarEntry) bool { return !e.changed[c.ID] })
	if e.result.Series, err = e.tx.Series(e.result.Series.ID); err != nil {
		return e.result, err
	}
	e.tx.About(e.result.Series.ID, len(e.result.Changed))
	return e.result, nil
}
