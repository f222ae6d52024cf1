package model

import (
	"time"

	"github.com/google/uuid"
)

// MaxAppointment is the longest an appointment may last.
const MaxAppointment = 24 * time.Hour

// AppointmentStatuses are the states an appointment can be in; scheduled and
// attended ones occupy the practitioner's time.
var AppointmentStatuses = []string{"scheduled", "attended", "cancelled", "no_show"}

// Appointment is a booked time with a client.
type Appointment struct {
	ID             uuid.UUID
	ClientID       uuid.UUID
	PractitionerID uuid.UUID
	StartsAt       time.Time
	EndsAt         time.Time
	// Status is one of AppointmentStatuses.
	Status string
}

// Blocks reports whether the appointment occupies its time.
func (a Appointment) Blocks() bool { return a.Status == "scheduled" || a.Status == "attended" }
