package practice

import (
	"cmp"
	"reflect"

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
		if noted, err := tx.HasAnySession(e.ID); err != nil || noted {
			return next, cmp.Or(err, error(model.ErrHasNote))
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
	if newService {
		next = buffered(next, facts.Service)
	}
	if newPlace && next.LocationType == before.LocationType {
		next.LocationType = "" // that of the new place
	}
	if newPlace || room {
		next = at(next, facts.Location).WithDefaults()
	}
	if newPrice {
		next.Currency = currencyOf(next.Price, facts.Currency)
	}
	return next, nil
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
