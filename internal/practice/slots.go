package practice

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// Limits of a search for free times.
const (
	slotWindow    = 14 * 24 * time.Hour
	maxSlotWindow = 62 * 24 * time.Hour
)

// SlotQuery asks for free times.
type SlotQuery struct {
	// Appointment names the practitioner, service and location, and the one to
	// be moved by its ID; its times are not used.
	model.Appointment
	// Minutes is how long a visit lasts; 0: as long as the service.
	Minutes int
	// From and To bound the search; zero: from now on, for two weeks.
	From, To time.Time
	Limit    int
}

// FreeSlots returns times at which the practitioner works and is free, and the
// room too when the location is one: earliest first, in quarter hours.
func (p *Practice) FreeSlots(ctx context.Context, sc store.Scope, q SlotQuery) (free []calendar.Span, err error) {
	err = p.store.Read(ctx, sc, model.AppointmentSlots, func(tx *store.ReadTx) error {
		w, err := tx.Workspace()
		if err != nil {
			return err
		}
		a, err := slotLike(tx, q)
		if err != nil {
			return err
		}
		from, to, err := slotBounds(q, tx.Now())
		if err != nil {
			return err
		}
		busy, err := tx.Busy(a, from.Add(-a.BufferBefore), to.Add(a.BufferAfter))
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(w.TimeZone)
		if err != nil {
			return fmt.Errorf("workspace zone: %w", err)
		}
		free = calendar.Free(calendar.Query{
			Hours: w.WorkingHours(), Zone: zone, Busy: spans(busy), From: from, To: to,
			Duration: a.EndsAt.Sub(a.StartsAt), Before: a.BufferBefore, After: a.BufferAfter, Limit: q.Limit,
		})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("free slots: %w", err)
	}
	return free, nil
}

// slotLike is an appointment of the length, buffers and room that are asked for.
func slotLike(tx *store.ReadTx, q SlotQuery) (a model.Appointment, err error) {
	a = q.Appointment
	if a.PractitionerID, err = practitioner(tx, a.PractitionerID); err != nil {
		return a, err
	}
	facts, err := tx.Booking(a)
	if err != nil {
		return a, err
	}
	if err := bookable(facts); err != nil {
		return a, err
	}
	a.StartsAt = tx.Now()
	if q.Minutes != 0 {
		a.EndsAt = a.StartsAt.Add(time.Duration(q.Minutes) * time.Minute)
	}
	a = at(fromService(a, facts.Service, true), facts.Location)
	if a.EndsAt.IsZero() {
		return a, errNoLength
	}
	return a, nil
}

func slotBounds(q SlotQuery, now time.Time) (from, to time.Time, err error) {
	from, to = q.From, q.To
	if from.IsZero() || from.Before(now) {
		from = now
	}
	if to.IsZero() {
		to = from.Add(slotWindow)
	}
	if from.Year() > 2200 {
		return from, to, model.InvalidFields([]model.Field{{Name: "from", Code: "range", Message: "Must be a time up to 2200."}})
	}
	if !to.After(from) || to.Sub(from) > maxSlotWindow {
		return from, to, model.InvalidFields([]model.Field{{Name: "to", Code: "range", Message: "Must be after from, by at most 62 days."}})
	}
	return from, to, nil
}

func spans(times [][2]time.Time) []calendar.Span {
	out := make([]calendar.Span, len(times))
	for i, t := range times {
		out[i] = calendar.Span{Start: t[0], End: t[1]}
	}
	return out
}
