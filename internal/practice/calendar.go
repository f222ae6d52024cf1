package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// AppointmentPage is one page of the calendar.
type AppointmentPage struct {
	Entries []model.CalendarEntry
	// Total is how many match on all pages.
	Total int
	// More tells that there is a page behind this one.
	More bool
}

// ListAppointments returns a page of the appointments that match the filter.
func (p *Practice) ListAppointments(ctx context.Context, sc store.Scope, f model.AppointmentFilter, days model.Days) (page AppointmentPage, err error) {
	err = p.store.Read(ctx, sc, model.AppointmentList, func(tx *store.ReadTx) error {
		if f, err = inDays(tx, f, days); err != nil {
			return err
		}
		if !f.To.IsZero() && f.To.Before(f.From) {
			return errBackwards
		}
		if page.Entries, page.More, err = tx.Appointments(f); err != nil {
			return err
		}
		if page.Total = len(page.Entries); f.After != nil || page.More {
			page.Total, err = tx.CountAppointments(f)
		}
		return err
	})
	if err != nil {
		return AppointmentPage{}, fmt.Errorf("list appointments: %w", err)
	}
	return page, nil
}

// inDays narrows the filter to the days, which begin and end in the
// workspace's zone.
func inDays(tx *store.ReadTx, f model.AppointmentFilter, days model.Days) (model.AppointmentFilter, error) {
	if days == (model.Days{}) {
		return f, nil
	}
	zone, err := tx.Zone()
	if err != nil {
		return f, err
	}
	from, to, err := days.In(zone)
	if !from.IsZero() {
		f.From = from
	}
	if !to.IsZero() {
		f.To = to
	}
	return f, err
}

// GetAppointment returns one appointment that is not in the trash.
func (p *Practice) GetAppointment(ctx context.Context, sc store.Scope, id uuid.UUID) (e model.CalendarEntry, err error) {
	err = p.store.Read(ctx, sc, model.AppointmentView, func(tx *store.ReadTx) error {
		e, err = tx.Appointment(id)
		return err
	})
	if err != nil {
		return e, fmt.Errorf("get appointment: %w", err)
	}
	return e, nil
}

// CheckAppointment fails with NotFound when the workspace has no such
// appointment, so that a foreign id answers the same whatever the body is.
func (p *Practice) CheckAppointment(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID) error {
	return p.store.Peek(ctx, sc, act, func(tx *store.ReadTx) error { return tx.HasAppointment(id) })
}

// FindClashes returns what would stand in the way of an appointment. It need
// not name a client; one whose id it has is left out.
func (p *Practice) FindClashes(ctx context.Context, sc store.Scope, a model.Appointment) (clashes []model.Clash, err error) {
	err = p.store.Read(ctx, sc, model.AppointmentConflicts, func(tx *store.ReadTx) error {
		if a.PractitionerID, err = practitioner(tx, a.PractitionerID); err != nil {
			return err
		}
		facts, err := tx.Booking(a)
		if err != nil {
			return err
		}
		if !facts.Clinician {
			return errNotClinician
		}
		a = at(fromService(a, facts.Service, true), facts.Location)
		if a, err = a.WithDefaults().Normalize(); err != nil {
			return err
		}
		clashes, err = tx.Clashes(a)
		tx.Shown(len(clashes))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find clashes: %w", err)
	}
	return clashes, nil
}

// Deleting says how to delete an appointment.
type Deleting struct {
	// Version must be the stored one, unless it is 0.
	Version int64
	Reason  model.Text
	// Draft also deletes the note about it, which must not be signed.
	Draft bool
}

// DeleteAppointment puts an appointment into the trash for 30 days. A note that
// is linked to it stays, unless it is a draft that shall go too. Another version
// is a Conflict, and so is a signed note that shall go.
func (p *Practice) DeleteAppointment(ctx context.Context, sc store.Scope, id uuid.UUID, how Deleting) error {
	err := p.store.Write(ctx, sc, model.AppointmentDelete, func(tx *store.Tx) error {
		e, err := tx.Appointment(id)
		if err != nil {
			return err
		}
		if how.Version != 0 && how.Version != e.Version {
			return model.Stale(e)
		}
		if how.Draft {
			if err := discardDraft(tx, id, how.Reason); err != nil {
				return err
			}
		}
		return trash(tx, []model.CalendarEntry{e}, how.Reason)
	})
	if err != nil {
		return fmt.Errorf("delete appointment: %w", err)
	}
	return nil
}

// Restoring says how to bring a deleted appointment back.
type Restoring struct {
	// Series also brings back what was deleted of its series with it.
	Series bool
	// Override brings it back over others, for the reason.
	Override bool
	Reason   model.Text
}

// RestoreAppointment takes an appointment out of the trash, and the draft that
// went there with it. When its time is taken by now, the error is a Conflict.
func (p *Practice) RestoreAppointment(ctx context.Context, sc store.Scope, id uuid.UUID, how Restoring) (e model.CalendarEntry, err error) {
	err = p.store.Write(ctx, sc, model.AppointmentRestore, func(tx *store.Tx) error {
		if e, err = tx.DeletedAppointment(id); err != nil {
			return err
		}
		n, err := restoreWith(tx, e, how)
		if err != nil {
			return err
		}
		e, err = tx.Appointment(id)
		tx.About(id, n)
		return err
	})
	if err != nil {
		return e, fmt.Errorf("restore appointment: %w", err)
	}
	return e, nil
}

// restoreWith brings back an appointment and what goes with it, and returns how
// many appointments that were.
func restoreWith(tx *store.Tx, e model.CalendarEntry, how Restoring) (n int, err error) {
	all := []model.CalendarEntry{e}
	if how.Series {
		if all, err = tx.DeletedTogether(e); err != nil {
			return 0, err
		}
	}
	if err := rejoin(tx, all); err != nil {
		return 0, err
	}
	for _, one := range all {
		if err := untrash(tx, one.Appointment, how); err != nil {
			return 0, err
		}
	}
	return len(all), regainDraft(tx, e.Appointment)
}

func untrash(tx *store.Tx, a model.Appointment, how Restoring) error {
	if tx.Now().After(*a.RestoreUntil()) {
		return errExpired
	}
	before := a
	a.DeleteReason, a.DeletedAt, a.OverlapReason = "", nil, how.Reason
	a, err := a.Normalize()
	if err != nil {
		return err
	}
	if err := rebookable(&tx.ReadTx, before, a); err != nil {
		return err
	}
	if a, err = settle(&tx.ReadTx, a, how.Override); err != nil {
		return err
	}
	if err := tx.UpdateAppointment(a); err != nil {
		return err
	}
	if a.OverlapAllowed {
		tx.Overrode(a.ID)
	}
	return nil
}
