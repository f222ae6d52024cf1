package api

import (
	"slices"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"

	"github.com/google/uuid"
)

// appointmentIn is what an appointment can be booked with.
type appointmentIn struct {
	ClientID        string     `json:"client_id" format:"uuid"`
	PractitionerID  *string    `json:"practitioner_id,omitempty" format:"uuid" doc:"Left out: you, or the only practitioner."`
	ServiceID       *string    `json:"service_id,omitempty" format:"uuid" doc:"Gives the end, the price and the buffers that are left out."`
	LocationID      *string    `json:"location_id,omitempty" format:"uuid" doc:"Gives the kind of place; an exclusive one is a room that only one appointment can have."`
	StartsAt        time.Time  `json:"starts_at" doc:"RFC 3339 with an offset."`
	EndsAt          *time.Time `json:"ends_at,omitempty" doc:"Left out: as long as the service. At most 24 hours after the start."`
	Status          string     `json:"status,omitempty" enum:"scheduled,attended,cancelled,no_show" doc:"Left out: scheduled. A visit can be recorded after it took place."`
	LocationType    string     `json:"location_type,omitempty" enum:"clinic,home,online" doc:"Left out: the location's, or clinic."`
	LocationDetails *string    `json:"location_details,omitempty" maxLength:"2000"`
	Notes           *string    `json:"notes,omitempty" maxLength:"10000" doc:"For the booking; clinical notes belong into a session."`
	PaymentIn
	Override bool    `json:"override,omitempty" doc:"Book although the time is taken."`
	Reason   *string `json:"reason,omitempty" maxLength:"500" doc:"Why it may overlap; required with override when the time is taken."`
}

// PaymentIn is what can be said of a payment.
type PaymentIn struct {
	Price         optional[*int64]    `json:"price,omitempty" doc:"Minor units of the practice's currency; null: none."`
	PaymentStatus optional[string]    `json:"payment_status,omitempty" nullable:"false" enum:"not_paid,payment_sent,paid,waived"`
	PaymentMethod optional[string]    `json:"payment_method,omitempty" enum:"cash,card,bank_transfer,bit,paybox,other"`
	PaymentNotes  optional[string]    `json:"payment_notes,omitempty" maxLength:"2000"`
	PaidAt        optional[time.Time] `json:"paid_at,omitempty" doc:"Left out when it becomes paid: now."`
}

func (in PaymentIn) apply(a *model.Appointment) {
	a.Price = in.Price.or(a.Price)
	a.PaymentStatus = in.PaymentStatus.or(a.PaymentStatus)
	a.PaymentMethod = in.PaymentMethod.or(a.PaymentMethod)
	set(in.PaymentNotes, &a.PaymentNotes)
	if in.PaidAt.Set {
		a.PaidAt = nil
		if !in.PaidAt.Value.IsZero() {
			a.PaidAt = &in.PaidAt.Value
		}
	}
}

func (in appointmentIn) booking() (practice.Booking, error) {
	var ids idsIn
	a := model.Appointment{
		ClientID: ids.need("client_id", in.ClientID), ServiceID: ids.may("service_id", in.ServiceID),
		LocationID: ids.may("location_id", in.LocationID), StartsAt: in.StartsAt, Status: in.Status, LocationType: in.LocationType,
	}
	if id := ids.may("practitioner_id", in.PractitionerID); id != nil {
		a.PractitionerID = *id
	}
	if in.EndsAt != nil {
		a.EndsAt = *in.EndsAt
	}
	a.LocationDetails, a.Notes, a.OverlapReason = text(in.LocationDetails), text(in.Notes), text(in.Reason)
	in.PaymentIn.apply(&a)
	return practice.Booking{Appointment: a, NoPrice: in.Price.Set && in.Price.Value == nil, Override: in.Override}, ids.err()
}

// idsIn reads the ids of a body and remembers which are none.
type idsIn struct{ bad []model.Field }

func (i *idsIn) need(name, s string) uuid.UUID {
	id, err := uuid.Parse(s)
	if err != nil || id == uuid.Nil {
		i.bad = append(i.bad, model.Field{Name: name, Code: "uuid", Message: "Must be an id."})
	}
	return id
}

func (i *idsIn) may(name string, s *string) *uuid.UUID {
	if s == nil {
		return nil
	}
	id := i.need(name, *s)
	return &id
}

// oneOf judges a word that has a few known values.
func oneOf(name, value string, known []string, bad []model.Field) []model.Field {
	if slices.Contains(known, value) {
		return bad
	}
	return append(bad, model.Field{Name: name, Code: "choice", Message: "Must be one of the known words."})
}

func (i *idsIn) err() error { return model.InvalidFields(i.bad) }

// AppointmentChange is a partial update.
type AppointmentChange struct {
	ClientID        optional[string]    `json:"client_id,omitempty" nullable:"false" format:"uuid"`
	PractitionerID  optional[string]    `json:"practitioner_id,omitempty" nullable:"false" format:"uuid"`
	ServiceID       optional[*string]   `json:"service_id,omitempty" format:"uuid"`
	LocationID      optional[*string]   `json:"location_id,omitempty" format:"uuid"`
	StartsAt        optional[time.Time] `json:"starts_at,omitempty" nullable:"false"`
	EndsAt          optional[time.Time] `json:"ends_at,omitempty" nullable:"false" doc:"Left out when the start moves: it moves along."`
	Status          optional[string]    `json:"status,omitempty" nullable:"false" enum:"scheduled,attended,cancelled,no_show"`
	CancelReason    optional[string]    `json:"cancel_reason,omitempty" maxLength:"500"`
	LocationType    optional[string]    `json:"location_type,omitempty" nullable:"false" enum:"clinic,home,online"`
	LocationDetails optional[string]    `json:"location_details,omitempty" maxLength:"2000"`
	Notes           optional[string]    `json:"notes,omitempty" maxLength:"10000"`
	PaymentIn
	Version  int64  `json:"version,omitempty" doc:"The version you saw; required here or as If-Match. A stale one answers 409."`
	Override bool   `json:"override,omitempty" doc:"Move although the time is taken."`
	Reason   string `json:"reason,omitempty" maxLength:"500" doc:"Why it may overlap; required with override when the time is taken."`
}

// change is the change as practice applies it; the ids are judged before.
func (in AppointmentChange) change(version int64) (practice.AppointmentChange, error) {
	var ids idsIn
	client, practitioner := uuid.Nil, uuid.Nil
	if in.ClientID.Set {
		client = ids.need("client_id", in.ClientID.Value)
	}
	if in.PractitionerID.Set {
		practitioner = ids.need("practitioner_id", in.PractitionerID.Value)
	}
	service, location := ids.may("service_id", in.ServiceID.Value), ids.may("location_id", in.LocationID.Value)
	apply := func(a *model.Appointment) {
		if in.ClientID.Set {
			a.ClientID = client
		}
		if in.PractitionerID.Set {
			a.PractitionerID = practitioner
		}
		if in.ServiceID.Set {
			a.ServiceID = service
		}
		if in.LocationID.Set {
			a.LocationID = location
		}
		in.times(a)
		a.Status = in.Status.or(a.Status)
		a.LocationType = in.LocationType.or(a.LocationType)
		set(in.LocationDetails, &a.LocationDetails)
		set(in.Notes, &a.Notes)
		set(in.CancelReason, &a.CancelReason)
		a.OverlapReason = model.Text(in.Reason)
		in.PaymentIn.apply(a)
	}
	return practice.AppointmentChange{Version: version, Override: in.Override, Apply: apply}, ids.err()
}

// times moves the appointment; one whose end was not sent stays as long.
func (in AppointmentChange) times(a *model.Appointment) {
	length := a.EndsAt.Sub(a.StartsAt)
	if in.StartsAt.Set {
		a.StartsAt = in.StartsAt.Value
		a.EndsAt = a.StartsAt.Add(length)
	}
	a.EndsAt = in.EndsAt.or(a.EndsAt)
}

// ClientName is the client of an appointment or a session, as lists show it.
type ClientName struct {
	ID        string `json:"id" format:"uuid"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	FullName  string `json:"full_name"`
}

// AppointmentNote is what the calendar knows of the note of an appointment.
type AppointmentNote struct {
	_ struct{} `nullable:"true"`

	ID       string `json:"id" format:"uuid"`
	Status   string `json:"status" enum:"draft,signed"`
	AuthorID string `json:"author_id" format:"uuid"`
}

// Appointment is an appointment in full.
type Appointment struct {
	ID              string           `json:"id" format:"uuid"`
	WorkspaceID     string           `json:"workspace_id" format:"uuid"`
	ClientID        string           `json:"client_id" format:"uuid"`
	Client          ClientName       `json:"client"`
	PractitionerID  string           `json:"practitioner_id" format:"uuid"`
	ServiceID       *string          `json:"service_id" format:"uuid"`
	ServiceName     *string          `json:"service_name"`
	LocationID      *string          `json:"location_id" format:"uuid"`
	LocationName    *string          `json:"location_name"`
	LocationType    string           `json:"location_type" enum:"clinic,home,online"`
	LocationDetails *string          `json:"location_details"`
	StartsAt        time.Time        `json:"starts_at"`
	EndsAt          time.Time        `json:"ends_at"`
	BufferBefore    int              `json:"buffer_before_minutes"`
	BufferAfter     int              `json:"buffer_after_minutes"`
	Status          string           `json:"status" enum:"scheduled,attended,cancelled,no_show"`
	StatusAt        time.Time        `json:"status_at" doc:"When it got its status."`
	CancelReason    *string          `json:"cancel_reason"`
	Notes           *string          `json:"notes"`
	OverlapAllowed  bool             `json:"overlap_allowed" doc:"It was booked over another one on purpose."`
	OverlapReason   *string          `json:"overlap_reason"`
	Price           *int64           `json:"price" doc:"Minor units of currency."`
	Currency        *string          `json:"currency" doc:"ISO 4217."`
	PaymentStatus   string           `json:"payment_status" enum:"not_paid,payment_sent,paid,waived"`
	PaymentMethod   *string          `json:"payment_method" enum:"cash,card,bank_transfer,bit,paybox,other"`
	PaymentNotes    *string          `json:"payment_notes"`
	PaidAt          *time.Time       `json:"paid_at"`
	SeriesID        *string          `json:"series_id" format:"uuid"`
	Detached        bool             `json:"detached" doc:"It was moved away from its series."`
	Note            *AppointmentNote `json:"note" doc:"Its active session note; null when there is none."`
	DeletedAt       *time.Time       `json:"deleted_at"`
	DeleteReason    *string          `json:"delete_reason"`
	RestoreUntil    *time.Time       `json:"restore_until"`
	Version         int64            `json:"version"`
	CreatedAt       time.Time        `json:"created_at"`
	UpdatedAt       time.Time        `json:"updated_at"`
}

func appointmentOf(workspace uuid.UUID, e *model.CalendarEntry) Appointment {
	out := Appointment{
		ID: e.ID.String(), WorkspaceID: workspace.String(), ClientID: e.ClientID.String(),
		Client:         ClientName{e.ClientID.String(), string(e.ClientFirst), string(e.ClientLast), string(e.ClientFirst + " " + e.ClientLast)},
		PractitionerID: e.PractitionerID.String(), ServiceID: idOrNull(e.ServiceID), ServiceName: nullable(e.ServiceName),
		LocationID: idOrNull(e.LocationID), LocationName: nullable(e.LocationName), LocationType: e.LocationType,
		LocationDetails: nullable(e.LocationDetails), StartsAt: e.StartsAt, EndsAt: e.EndsAt,
		BufferBefore: int(e.BufferBefore / time.Minute), BufferAfter: int(e.BufferAfter / time.Minute),
		Status: e.Status, StatusAt: e.StatusAt, CancelReason: nullable(e.CancelReason), Notes: nullable(e.Notes),
		OverlapAllowed: e.OverlapAllowed, OverlapReason: nullable(e.OverlapReason),
		Price: e.Price, Currency: nullable(model.Text(e.Currency)), PaymentStatus: e.PaymentStatus,
		PaymentMethod: nullable(model.Text(e.PaymentMethod)), PaymentNotes: nullable(e.PaymentNotes), PaidAt: e.PaidAt,
		SeriesID: idOrNull(e.SeriesID), Detached: e.Detached, DeletedAt: e.DeletedAt, DeleteReason: nullable(e.DeleteReason), RestoreUntil: e.RestoreUntil(),
		Version: e.Version, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
	}
	if e.Note != nil {
		out.Note = &AppointmentNote{ID: e.Note.ID.String(), Status: e.Note.Status, AuthorID: e.Note.AuthorID.String()}
	}
	return out
}

func idOrNull(id *uuid.UUID) *string {
	if id == nil {
		return nil
	}
	s := id.String()
	return &s
}

// Clash is an appointment that stands in the way; it names nobody.
type Clash struct {
	ID             string    `json:"id" format:"uuid"`
	PractitionerID string    `json:"practitioner_id" format:"uuid"`
	StartsAt       time.Time `json:"starts_at"`
	EndsAt         time.Time `json:"ends_at"`
	Status         string    `json:"status" enum:"scheduled,attended"`
	LocationType   string    `json:"location_type" enum:"clinic,home,online"`
	Initials       string    `json:"client_initials" example:"J.D."`
	Room           bool      `json:"room" doc:"The room is taken, by another practitioner."`
}

func clashesOf(all []model.Clash) []Clash {
	out := make([]Clash, len(all))
	for i, c := range all {
		out[i] = Clash{
			ID: c.ID.String(), PractitionerID: c.PractitionerID.String(), StartsAt: c.StartsAt, EndsAt: c.EndsAt,
			Status: c.Status, LocationType: c.LocationType, Initials: string(c.Initials), Room: c.Room,
		}
	}
	return out
}
