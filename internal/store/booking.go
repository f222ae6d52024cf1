package store

import (
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// bookingSQL answers all that a booking must know of what it names, in one
// round trip. A row is always there; what does not exist is null in it.
const bookingSQL = `select w.currency, c.id, c.archived_at, m.role, m.active,
	s.id, s.duration_minutes, s.price, s.currency, s.buffer_before, s.buffer_after, s.archived_at,
	l.id, l.location_type, l.exclusive, l.archived_at
	from workspaces w
	left join clients c on c.workspace_id = $1 and c.id = $2
	left join members m on m.workspace_id = $1 and m.user_id = $3
	left join services s on s.workspace_id = $1 and s.id = $4
	left join locations l on l.workspace_id = $1 and l.id = $5
	where w.id = $1`

// Booking is what a booking must know of the records that it names.
type Booking struct {
	// Currency is the workspace's.
	Currency string
	// ClientArchived tells that the client may not be booked.
	ClientArchived bool
	// Clinician tells that the practitioner is an active member who sees
	// clients.
	Clinician bool
	// Service is nil when none was named. Its texts are not opened.
	Service *model.Service
	// Location is nil when none was named. Its texts are not opened.
	Location *model.Location
}

type bookingRow struct {
	client, service, location        *uuid.UUID
	role, serviceCurrency, placeType *string
	active, exclusive                *bool
	minutes, before, after           *int64
}

// Booking looks up what an appointment names; it need not name a client. An
// unknown client is NotFound, an unknown service or location Invalid.
func (tx *ReadTx) Booking(a model.Appointment) (b Booking, err error) {
	var x bookingRow
	var client model.Client
	var s model.Service
	var l model.Location
	r, err := tx.query(bookingSQL, a.ClientID, a.PractitionerID, a.ServiceID, a.LocationID)
	err = one(r, err, &b.Currency, &x.client, &client.ArchivedAt, &x.role, &x.active,
		&x.service, &x.minutes, &s.Price, &x.serviceCurrency, &x.before, &x.after, &s.ArchivedAt,
		&x.location, &x.placeType, &x.exclusive, &l.ArchivedAt)
	if err != nil {
		return b, fmt.Errorf("look up booking: %w", err)
	}
	if x.client == nil && a.ClientID != uuid.Nil {
		return b, model.ErrNotFound
	}
	var bad []model.Field
	b.ClientArchived = client.ArchivedAt != nil
	if x.role != nil && *x.active {
		role, _ := model.ParseRole(*x.role)
		b.Clinician = role == model.Owner || role == model.Practitioner
	}
	if b.Service, bad = x.ofService(a, s, bad); b.Service == nil && a.ServiceID != nil {
		return b, model.InvalidFields(bad)
	}
	b.Location, bad = x.ofLocation(a, l, bad)
	return b, model.InvalidFields(bad)
}

func (x bookingRow) ofService(a model.Appointment, s model.Service, bad []model.Field) (*model.Service, []model.Field) {
	if a.ServiceID == nil {
		return nil, bad
	}
	if x.service == nil {
		return nil, append(bad, unknown("service_id"))
	}
	s.ID, s.Minutes, s.Currency = *x.service, int(*x.minutes), deref(x.serviceCurrency)
	s.BufferBefore, s.BufferAfter = int(*x.before), int(*x.after)
	return &s, bad
}

func (x bookingRow) ofLocation(a model.Appointment, l model.Location, bad []model.Field) (*model.Location, []model.Field) {
	if a.LocationID == nil {
		return nil, bad
	}
	if x.location == nil {
		return nil, append(bad, unknown("location_id"))
	}
	l.ID, l.Type, l.Exclusive = *x.location, deref(x.placeType), *x.exclusive
	return &l, bad
}

func unknown(field string) model.Field {
	return model.Field{Name: field, Code: "unknown", Message: "There is none with this id."}
}

const cliniciansSQL = `select user_id from members
	where workspace_id = $1 and active and role in ('owner', 'practitioner') order by user_id limit 2`

// SoleClinician returns the only active member who sees clients; ok is false
// when there are several.
func (tx *ReadTx) SoleClinician() (id uuid.UUID, ok bool, err error) {
	r, err := tx.query(cliniciansSQL)
	all, err := collect(r, err, func(r rows) (id uuid.UUID, err error) { return id, r.Scan(&id) })
	if err != nil {
		return id, false, fmt.Errorf("sole clinician: %w", err)
	}
	if len(all) != 1 {
		return id, false, nil
	}
	return all[0], true, nil
}
