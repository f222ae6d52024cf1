package model

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// FeedPrivacies are how much a calendar feed says of a visit.
var FeedPrivacies = []string{"busy", "initials", "first_name"}

// Feed is a calendar to subscribe to, behind an address that is its secret.
type Feed struct {
	ID uuid.UUID
	// UserID is whose appointments it shows.
	UserID uuid.UUID
	// Privacy is one of FeedPrivacies.
	Privacy   string
	CreatedAt time.Time
}

// Normalize judges the fields that a caller may set.
func (f Feed) Normalize() (Feed, error) {
	if !slices.Contains(FeedPrivacies, f.Privacy) {
		return f, InvalidFields([]Field{{"privacy", "choice", "Must be busy, initials or first_name."}})
	}
	return f, nil
}
