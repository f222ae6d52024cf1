package practice

import (
	"reflect"

	"github.com/google/uuid"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// refit looks up what a changed appointment newly names.
func refit(tx *store.ReadTx, e model.CalendarEntry, next model.Appointment) (model.Appointment, error) {
	before := e.Appointment
	newClient, newPerson := next.ClientID != before.ClientID, next.PractitionerID != before.PractitionerID
	newService, newPlace := !sameID(next.ServiceID, before.ServiceID), !sameID(next.LocationID, before.LocationID)
	newPrice := !reflect.DeepEqual(next.Price, before.Price)
	if newClient {
		if err := unwritten(tx, e.ID); err != nil {
			return next, err
		}
	}
	room := next.LocationID != nil && (newPlace || moved(before, next))
	if !newClient && !newPerson && !newService && !newPlace && !newPrice && !room {
		return next, nil
	}
	facts, err := tx.Booking(next)
	if err != nil {
		return next, err
	}
	if err := bookable(onlyNew(facts, newClient, newPerson, newService, newPlace)); err != nil {
		return next, err
	}
	if newPrice {
		next.Currency = currencyOf(next.Price, facts.Currency)
	}
	return fitted(before, next, facts, newService, newPlace, room), nil
}

// fitted takes over what follows from the service and place of an appointment.
func fitted(before, next model.Appointment, facts store.Booking, newService, newPlace, room bool) model.Appointment {
	if newService {
		next = buffered(next, facts.Service)
	}
	if newPlace && next.LocationType == before.LocationType {
		next.LocationType = "" // that of the new place
	}
	if newPlace || room {
		next = at(next, facts.Location).WithDefaults()
	}
	return next
}

// unwritten fails with a Conflict when any note names the appointment: what was
// written is about the client of then.
func unwritten(tx *store.ReadTx, appointment uuid.UUID) error {
	noted, err := tx.HasAnySession(appointment)
	if err == nil && noted {
		return model.ErrHasNote
	}
	return err
}

// onlyNew leaves out what was chosen before: an appointment keeps its client,
// practitioner, service and location when those are archived later.
func onlyNew(b store.Booking, client, person, service, place bool) store.Booking {
	b.ClientArchived = b.ClientArchived && client
	b.Clinician = b.Clinician || !person
	if !service {
		b.Service = nil
	}
	if !place {
		b.Location = nil
	}
	return b
}
