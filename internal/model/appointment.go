package model

import (
	"time"

	"github.com/google/uuid"
)

// MaxAppointment is the longest an appointment may last.
const MaxAppointment = 24 * time.Hour

// Appointment is a booked time with a client.
type Appointment struct {
	ID             uuid.UUID
	ClientID       uuid.UUID
	PractitionerID uuid.UUID
	StartsAt       time.Time
	EndsAt         time.Time
	// Status is scheduled, attended, cancelled or no_show.
	Status string
}
