package model

import (
	"time"

	"github.com/google/uuid"
)

// Place is a place in a list that is in the order of a time, then of ids.
type Place struct {
	At time.Time
	ID uuid.UUID
}
