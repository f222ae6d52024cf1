package testkit

import (
	"cmp"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// AddService stores a service; a zero id is filled in.
func (k *Kit) AddService(workspace uuid.UUID, s model.Service) model.Service {
	k.T.Helper()
	if s.ID == uuid.Nil {
		s.ID = uuid.New()
	}
	err := k.Store.Write(k.T.Context(), k.Store.OperatorScope(workspace), model.ServiceCreate, func(tx *store.Tx) (err error) {
		s, err = tx.InsertService(s)
		return err
	})
	if err != nil {
		k.T.Fatalf("fixture service: %v", err)
	}
	return s
}

// AddLocation stores a location; a zero id is filled in.
func (k *Kit) AddLocation(workspace uuid.UUID, l model.Location) model.Location {
	k.T.Helper()
	if l.ID == uuid.Nil {
		l.ID = uuid.New()
	}
	err := k.Store.Write(k.T.Context(), k.Store.OperatorScope(workspace), model.LocationCreate, func(tx *store.Tx) (err error) {
		l, err = tx.InsertLocation(l)
		return err
	})
	if err != nil {
		k.T.Fatalf("fixture location: %v", err)
	}
	return l
}

// AddAppointment stores an appointment past the rules of booking; only the
// database's own hold. Zero fields are filled in: an id, now, for one hour,
// scheduled.
func (k *Kit) AddAppointment(workspace uuid.UUID, a model.Appointment) model.Appointment {
	k.T.Helper()
	if a.ID == uuid.Nil {
		a.ID = uuid.New()
	}
	if a.StartsAt.IsZero() {
		a.StartsAt = k.Clock.Now()
	}
	if a.EndsAt.IsZero() {
		a.EndsAt = a.StartsAt.Add(time.Hour)
	}
	a.Status = cmp.Or(a.Status, model.Scheduled)
	err := k.Store.Write(k.T.Context(), k.Store.OperatorScope(workspace), model.AppointmentBook, func(tx *store.Tx) error {
		return tx.InsertAppointment(a)
	})
	if err != nil {
		k.T.Fatalf("fixture appointment: %v", err)
	}
	return a
}
