package model

import (
	"time"

	"github.com/google/uuid"
)

// Series is what made appointments that recur. The appointments are records of
// their own; this is how they came about.
type Series struct {
	ID uuid.UUID
	// Rule is RFC 5545 text, as package calendar writes it.
	Rule string
	// StartsWall is the local time of the first one, "2026-02-02T10:00".
	StartsWall string
	// TimeZone is the IANA name of the zone in which the rule is meant.
	TimeZone  string
	Minutes   int
	Version   int64
	CreatedBy uuid.UUID
	CreatedAt time.Time
}
