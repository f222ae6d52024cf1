package practice

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// Refusals of a booking.
var (
	errArchived         = &model.Error{Kind: model.Conflict, Code: "client_archived", Detail: "This client is archived. Restore the client first."}
	errServiceArchived  = &model.Error{Kind: model.Conflict, Code: "service_archived", Detail: "This service is no longer offered."}
	errLocationArchived = &model.Error{Kind: model.Conflict, Code: "location_archived", Detail: "This location is no longer used."}
	errExpired          = &model.Error{Kind: model.Gone, Code: "expired", Detail: "This was deleted more than 30 days ago."}
	errBackwards        = model.InvalidFields([]model.Field{{Name: "to", Code: "order", Message: "Must not be before the begin."}})
	errNoVersion        = model.InvalidFields([]model.Field{{Name: "version", Code: "required", Message: "Send the version you saw."}})
	errNoReason         = model.InvalidFields([]model.Field{{Name: "reason", Code: "required", Message: "Say why it may overlap."}})
	errNoPractitioner   = model.InvalidFields([]model.Field{{Name: "practitioner_id", Code: "required", Message: "Say with whom."}})
	errNotClinician     = model.InvalidFields([]model.Field{{Name: "practitioner_id", Code: "unknown", Message: "There is no practitioner with this id."}})
)

// Booking is an appointment that somebody asks for. What it leaves out comes
// from its service and location: the end, the price, the kind of place.
type Booking struct {
	model.Appointment
	// NoPrice says that the price was left out on purpose.
	NoPrice bool
	// Override books over others, for the reason in OverlapReason.
	Override bool
}

// BookAppointment books a time of a practitioner with an active client. With
// a key, sending the same again answers with the appointment made first. A
// time that is taken is a Conflict that carries who has it.
func (p *Practice) BookAppointment(ctx context.Context, sc store.Scope, b Booking, once model.OnceKey) (e model.CalendarEntry, err error) {
	if b.ID, err = p.newID(); err != nil {
		return e, err
	}
	err = p.store.Write(ctx, sc, model.AppointmentBook, func(tx *store.Tx) error {
		id, _, err := tx.Once(once, func() (uuid.UUID, error) { return b.ID, book(tx, b) })
		if err != nil {
			return err
		}
		e, err = tx.Appointment(id)
		return err
	})
	if err != nil {
		return e, fmt.Errorf("book appointment: %w", err)
	}
	return e, nil
}

func book(tx *store.Tx, b Booking) error {
	a, err := prepare(&tx.ReadTx, b)
	if err != nil {
		return err
	}
	if a, err = settle(&tx.ReadTx, a, b.Override); err != nil {
		return err
	}
	if err := tx.InsertAppointment(a); err != nil {
		return err
	}
	if a.OverlapAllowed {
		tx.Overrode(a.ID)
	}
	return nil
}

// prepare fills in what a booking left out, and judges it.
func prepare(tx *store.ReadTx, b Booking) (a model.Appointment, err error) {
	a = b.Appointment
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
	a = fromService(a, facts.Service, b.NoPrice)
	a = at(a, facts.Location)
	if a.Currency == "" { // a service's price has its own
		a.Currency = currencyOf(a.Price, facts.Currency)
	}
	status := a.WithDefaults().Status
	a.Status = model.Scheduled
	if a, err = a.WithDefaults().Normalize(); err != nil {
		return a, err
	}
	if a, err = a.To(status, nil, tx.Now()); err != nil { // a visit may be recorded after it took place
		return a, err
	}
	a.Payment, err = a.Settle(tx.Now())
	return a, err
}

// practitioner is whom a booking is with: whom it names, or who books, or the
// only one there is.
func practitioner(tx *store.ReadTx, named uuid.UUID) (uuid.UUID, error) {
	if named != uuid.Nil {
		return named, nil
	}
	if role := tx.Scope().Role(); role == model.Owner || role == model.Practitioner {
		return tx.Scope().User(), nil
	}
	id, ok, err := tx.SoleClinician()
	if err == nil && !ok {
		err = errNoPractitioner
	}
	return id, err
}

// bookable refuses what may not be booked any more.
func bookable(b store.Booking) error {
	switch {
	case b.ClientArchived:
		return errArchived
	case !b.Clinician:
		return errNotClinician
	case b.Service != nil && b.Service.ArchivedAt != nil:
		return errServiceArchived
	case b.Location != nil && b.Location.ArchivedAt != nil:
		return errLocationArchived
	}
	return nil
}

// fromService takes the buffers of the service, and its length and price
// where the booking has none.
func fromService(a model.Appointment, s *model.Service, noPrice bool) model.Appointment {
	a = buffered(a, s)
	if s == nil {
		return a
	}
	if a.EndsAt.IsZero() {
		a.EndsAt = a.StartsAt.Add(time.Duration(s.Minutes) * time.Minute)
	}
	if a.Price == nil && !noPrice {
		a.Price, a.Currency = s.Price, s.Currency
	}
	return a
}

func buffered(a model.Appointment, s *model.Service) model.Appointment {
	a.BufferBefore, a.BufferAfter = 0, 0
	if s != nil {
		a.BufferBefore = time.Duration(s.BufferBefore) * time.Minute
		a.BufferAfter = time.Duration(s.BufferAfter) * time.Minute
	}
	return a
}

// at puts the appointment at a location, and into its room when it is one.
func at(a model.Appointment, l *model.Location) model.Appointment {
	a.RoomID = nil
	if l == nil {
		return a
	}
	if a.LocationType == "" {
		a.LocationType = l.Type
	}
	if l.Exclusive {
		a.RoomID = &l.ID
	}
	return a
}

func currencyOf(price *int64, currency string) string {
	if price == nil {
		return ""
	}
	return currency
}

// settle decides whether the appointment may have its time: it is free, or it
// is taken and somebody says why that is all right.
func settle(tx *store.ReadTx, a model.Appointment, override bool) (model.Appointment, error) {
	reason := a.OverlapReason
	a.OverlapAllowed, a.OverlapReason = false, ""
	if !a.Blocks() {
		return a, nil
	}
	clashes, err := tx.Clashes(a)
	switch {
	case err != nil || len(clashes) == 0:
		return a, err
	case !override:
		return a, model.ErrOverlap(clashes)
	case reason == "":
		return a, errNoReason
	}
	a.OverlapAllowed, a.OverlapReason = true, reason
	return a, nil
}

// replace stores a changed appointment, and says so when it was put over
// another one on purpose.
func replace(tx *store.Tx, before, next model.Appointment) error {
	if err := tx.UpdateAppointment(next); err != nil {
		return err
	}
	if next.OverlapAllowed && (!before.OverlapAllowed || moved(before, next)) {
		tx.Overrode(next.ID)
	}
	return nil
}

// clashesIn returns who has the time, when an error is that it is taken.
func clashesIn(err error) []model.Clash {
	if e, ok := errors.AsType[*model.Error](err); ok {
		clashes, _ := e.Current.([]model.Clash)
		return clashes
	}
	return nil
}

// AppointmentChange is a change of an appointment as somebody asked for it.
type AppointmentChange struct {
	// Version is the one that the caller saw; 0: none was sent.
	Version int64
	// Override puts it over others, for the reason in OverlapReason.
	Override bool
	// Apply gets the appointment as it is now and changes it.
	Apply func(*model.Appointment)
}

// UpdateAppointment changes an appointment. The version must be the current
// one, or the error is a Conflict that carries the appointment as it is now.
// A change that changes nothing leaves the version as it is.
func (p *Practice) UpdateAppointment(ctx context.Context, sc store.Scope, id uuid.UUID, ch AppointmentChange) (model.CalendarEntry, error) {
	if ch.Version == 0 {
		return model.CalendarEntry{}, errNoVersion
	}
	return p.changeAppointment(ctx, sc, model.AppointmentUpdate, id, ch)
}

// PayAppointment changes what is known of the payment; the version may be left
// out.
func (p *Practice) PayAppointment(ctx context.Context, sc store.Scope, id uuid.UUID, ch AppointmentChange) (model.CalendarEntry, error) {
	return p.changeAppointment(ctx, sc, model.AppointmentPay, id, ch)
}

func (p *Practice) changeAppointment(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID, ch AppointmentChange) (e model.CalendarEntry, err error) {
	err = p.store.Write(ctx, sc, act, func(tx *store.Tx) error {
		e, err = tx.Appointment(id)
		if err != nil {
			return err
		}
		if ch.Version != 0 && ch.Version != e.Version {
			return model.Stale(e)
		}
		next, err := changed(&tx.ReadTx, e, ch)
		if err != nil {
			return err
		}
		next.Detached = next.Detached || (next.SeriesID != nil && timesDiffer(next, e.Appointment))
		if reflect.DeepEqual(next, e.Appointment) {
			return nil
		}
		if err := replace(tx, e.Appointment, next); err != nil {
			return err
		}
		e, err = tx.Appointment(id)
		return err
	})
	if err != nil {
		return e, fmt.Errorf("change appointment: %w", err)
	}
	return e, nil
}

// changed is the appointment after the change, judged by every rule.
func changed(tx *store.ReadTx, e model.CalendarEntry, ch AppointmentChange) (model.Appointment, error) {
	next := e.Appointment
	ch.Apply(&next)
	status, before := next.Status, e.Appointment
	next.Status = before.Status
	next, err := refit(tx, e, next)
	if err != nil {
		return next, err
	}
	if next, err = next.Normalize(); err != nil {
		return next, err
	}
	if next, err = next.To(status, e.Note, tx.Now()); err != nil {
		return next, err
	}
	if next.Status == model.Attended && !next.StartsAt.Equal(before.StartsAt) && !next.CanBeAttended(tx.Now()) {
		return next, model.ErrTooEarly
	}
	if next.Status != model.Cancelled {
		next.CancelReason = ""
	}
	if next.Payment, err = next.Settle(tx.Now()); err != nil {
		return next, err
	}
	if before.Blocks() && next.Blocks() && !moved(before, next) {
		next.OverlapReason = before.OverlapReason
		return next, nil
	}
	if err := rebookable(tx, before, next); err != nil {
		return next, err
	}
	return settle(tx, next, ch.Override)
}

// rebookable refuses to plan a visit again with a client who was archived, or
// a member who left, since it was cancelled or deleted.
func rebookable(tx *store.ReadTx, before, next model.Appointment) error {
	if before.Blocks() || next.Status != model.Scheduled || next.DeletedAt != nil {
		return nil
	}
	facts, err := tx.Booking(next)
	if err != nil {
		return err
	}
	facts.Service, facts.Location = nil, nil // those it keeps
	return bookable(facts)
}

func timesDiffer(a, b model.Appointment) bool {
	return !a.StartsAt.Equal(b.StartsAt) || !a.EndsAt.Equal(b.EndsAt)
}

// moved reports whether b takes another time, person or room than a.
func moved(a, b model.Appointment) bool {
	return !a.BlocksFrom().Equal(b.BlocksFrom()) || !a.BlocksTo().Equal(b.BlocksTo()) ||
		a.PractitionerID != b.PractitionerID || !sameID(a.RoomID, b.RoomID)
}

func sameID(a, b *uuid.UUID) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
