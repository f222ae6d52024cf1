package practice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

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
		a.Version, a.UpdatedAt = a.Version+1, now // as it is stored now
		todo[i].Appointment = a
	}
	return nil
}

// rejoin marks those that come back from the trash as moved away from their
// series when its rule has no place for them any more. All are of one series,
// or of none.
func rejoin(tx *store.Tx, all []model.CalendarEntry) error {
	id := all[0].SeriesID
	if id == nil {
		return nil
	}
	s, err := tx.Series(*id)
	if err != nil {
		return err
	}
	_, _, walls, err := expand(s.Rule, s.StartsWall, time.Monday) // the text names the week start where it matters
	if err != nil {
		return fmt.Errorf("rule of series: %w", err)
	}
	for i := range all {
		wall, err := calendar.ParseWall(all[i].SeriesWall)
		if err != nil {
			return fmt.Errorf("place in series: %w", err)
		}
		_, found := slices.BinarySearchFunc(walls, wall, calendar.Wall.Compare)
		all[i].Detached = all[i].Detached || !found
	}
	return nil
}
