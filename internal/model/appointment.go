package model

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Limits of an appointment.
const (
	// MaxAppointment is the longest an appointment may last.
	MaxAppointment = 24 * time.Hour
	// MaxBlock is the longest time an appointment can keep others out: the
	// longest visit with the longest buffers.
	MaxBlock = MaxAppointment + 2*MaxBuffer*time.Minute
	// MaxReason is for the reasons that people give, in characters.
	MaxReason = 500
)

// The statuses of an appointment.
const (
	Scheduled = "scheduled"
	Attended  = "attended"
	Cancelled = "cancelled"
	NoShow    = "no_show"
)

// AppointmentStatuses are all of them.
var AppointmentStatuses = []string{Scheduled, Attended, Cancelled, NoShow}

// Appointment is a booked time of a practitioner with a client.
type Appointment struct {
	ID             uuid.UUID
	ClientID       uuid.UUID
	PractitionerID uuid.UUID
	ServiceID      *uuid.UUID
	LocationID     *uuid.UUID
	// RoomID is the location when only one appointment at a time may be there.
	RoomID   *uuid.UUID
	StartsAt time.Time
	EndsAt   time.Time
	// BufferBefore and BufferAfter are kept free around it, as its service
	// asked for when it was booked.
	BufferBefore, BufferAfter time.Duration
	// LocationType is one of LocationTypes.
	LocationType string
	// Status is one of AppointmentStatuses, StatusAt when it got it.
	Status   string
	StatusAt time.Time
	AppointmentTexts
	Payment
	// OverlapAllowed says that it was booked over another one on purpose; the
	// texts hold the reason.
	OverlapAllowed bool
	// SeriesID is the series that it belongs to, SeriesWall the local time that
	// the series gave it. Detached ones were moved alone since.
	SeriesID   *uuid.UUID
	SeriesWall string
	Detached   bool
	// Noted is true while an active note is linked to it.
	Noted     bool
	DeletedAt *time.Time
	// Version counts the changes, from 1. An update names the one it saw.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// AppointmentTexts is what people wrote about an appointment.
type AppointmentTexts struct {
	LocationDetails Text
	Notes           Text
	CancelReason    Text
	OverlapReason   Text
	DeleteReason    Text
	PaymentNotes    Text
}

// NoteState is what a calendar shows of the note of an appointment.
type NoteState struct {
	ID       uuid.UUID
	AuthorID uuid.UUID
	// Status is SessionDraft or SessionSigned.
	Status string
}

// CalendarEntry is an appointment with what a calendar shows beside it.
type CalendarEntry struct {
	Appointment
	ClientFirst, ClientLast   Text
	ServiceName, LocationName Text
	// Note is nil when no active note is linked.
	Note *NoteState
}

// BlocksFrom is when it begins to keep others out: its start less the buffer.
func (a Appointment) BlocksFrom() time.Time { return a.StartsAt.Add(-a.BufferBefore) }

// BlocksTo is when it ends to keep others out: its end and the buffer.
func (a Appointment) BlocksTo() time.Time { return a.EndsAt.Add(a.BufferAfter) }

// Blocks reports whether it keeps its time for itself.
func (a Appointment) Blocks() bool {
	return a.DeletedAt == nil && (a.Status == Scheduled || a.Status == Attended)
}

// RestoreUntil is until when a deleted appointment can be brought back.
func (a Appointment) RestoreUntil() *time.Time { return restoreUntil(a.DeletedAt) }

// WithDefaults fills what an appointment that says nothing of it is: at the
// clinic, scheduled and not paid.
func (a Appointment) WithDefaults() Appointment {
	a.LocationType = orDefault(a.LocationType, "clinic")
	a.Status = orDefault(a.Status, Scheduled)
	a.PaymentStatus = orDefault(a.PaymentStatus, "not_paid")
	return a
}

// Normalize trims and judges the fields that a caller may set.
func (a Appointment) Normalize() (Appointment, error) {
	var bad []Field
	a.StartsAt, a.EndsAt = a.StartsAt.UTC().Truncate(time.Microsecond), a.EndsAt.UTC().Truncate(time.Microsecond)
	if a.PaidAt != nil {
		paid := a.PaidAt.UTC().Truncate(time.Microsecond)
		a.PaidAt = &paid
	}
	bad = checkTimes(a.StartsAt, a.EndsAt, bad)
	if !slices.Contains(LocationTypes, a.LocationType) {
		bad = append(bad, Field{"location_type", "choice", "Must be clinic, home or online."})
	}
	a.AppointmentTexts, bad = a.AppointmentTexts.clean(bad)
	a.Payment, bad = a.Payment.clean(bad)
	return a, InvalidFields(bad)
}

func checkTimes(start, end time.Time, bad []Field) []Field {
	switch {
	case start.IsZero():
		return append(bad, Field{"starts_at", "required", "Must not be empty."})
	case end.IsZero():
		return append(bad, Field{"ends_at", "required", "Must not be empty when no service gives the length."})
	case start.Year() < 1970 || start.Year() > 2200:
		return append(bad, Field{"starts_at", "range", "Must be a time from 1970 to 2200."})
	case end.Sub(start) < time.Minute:
		return append(bad, Field{"ends_at", "order", "Must be after the start, by a minute at least."})
	case end.Sub(start) > MaxAppointment:
		return append(bad, Field{"ends_at", "too_long", "Must be at most 24 hours after the start."})
	}
	return bad
}

func (t AppointmentTexts) clean(bad []Field) (AppointmentTexts, []Field) {
	t.LocationDetails, bad = rule{name: "location_details", max: MaxDescription, lines: true}.clean(t.LocationDetails, bad)
	t.Notes, bad = rule{name: "notes", max: MaxHistory, lines: true}.clean(t.Notes, bad)
	t.CancelReason, bad = rule{name: "cancel_reason", max: MaxReason, lines: true}.clean(t.CancelReason, bad)
	t.OverlapReason, bad = rule{name: "reason", max: MaxReason, lines: true}.clean(t.OverlapReason, bad)
	t.DeleteReason, bad = rule{name: "reason", max: MaxReason, lines: true}.clean(t.DeleteReason, bad)
	t.PaymentNotes, bad = rule{name: "payment_notes", max: MaxDescription, lines: true}.clean(t.PaymentNotes, bad)
	return t, bad
}

// Clash is an appointment that stands in the way of another one. It names
// nobody: who may not see the client must be told as well.
type Clash struct {
	ID             uuid.UUID
	PractitionerID uuid.UUID
	StartsAt       time.Time
	EndsAt         time.Time
	Status         string
	LocationType   string
	// Initials are those of the client, such as "J.D.".
	Initials Text
	// Room says that the room is taken, not the practitioner.
	Room bool
}

// ErrOverlap answers a booking of a time that is taken; it carries who has it.
func ErrOverlap(clashes []Clash) error {
	return &Error{Kind: Conflict, Code: "overlap", Detail: "Another appointment has this time.", Current: clashes}
}

// What an appointment can need of its practitioner.
const (
	NeedsStatus  = "status"  // it is over, and nobody said whether the client came
	NeedsNote    = "note"    // it was attended and has no active note
	NeedsPayment = "payment" // it was attended, costs something, and is not paid
)

// Work counts what is left to do.
type Work struct {
	NeedsStatus  int
	NeedsNote    int
	NeedsPayment int
	// UnsignedNotes are drafts.
	UnsignedNotes int
}

// AppointmentFilter selects appointments. Zero fields do not filter.
type AppointmentFilter struct {
	// From and To select what overlaps the time between them.
	From, To       time.Time
	ClientID       uuid.UUID
	PractitionerID uuid.UUID
	// Status is one of AppointmentStatuses.
	Status string
	// Needs selects what is left to do, see the Needs constants.
	Needs string
	// Deleted selects those in the trash instead of the others.
	Deleted bool
	// Latest lists the latest first; otherwise the earliest.
	Latest bool
	Limit  int
	// After is the last one of the page before.
	After *Place
}
