package model

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// MaxLocations is how many a practice may have, archived ones too.
const MaxLocations = 200

// LocationTypes are the kinds of place where a visit can be.
var LocationTypes = []string{"clinic", "home", "online"}

// Location is a place of the practice: an address, a room or a video link.
type Location struct {
	ID   uuid.UUID
	Name Text
	// Type is one of LocationTypes.
	Type    string
	Address Text
	Details Text
	// Exclusive says that one appointment at a time may be there, as in a
	// treatment room.
	Exclusive            bool
	ArchivedAt           *time.Time
	Version              int64
	CreatedAt, UpdatedAt time.Time
}

// Entry implements Listed.
func (l Location) Entry() Entry { return Entry{l.ID, l.Name, l.Type, l.ArchivedAt != nil} }

// ErrManyLocations answers one location too many.
var ErrManyLocations = tooMany("locations", MaxLocations)

// Normalize trims and judges the fields that a caller may set. A clinic and a
// home need an address.
func (l Location) Normalize() (Location, error) {
	var bad []Field
	l.Name, bad = rule{name: "name", max: MaxName, required: true}.clean(l.Name, bad)
	l.Details, bad = rule{name: "details", max: MaxDescription, lines: true}.clean(l.Details, bad)
	l.Address, bad = rule{name: "address", max: MaxAddress, lines: true, required: l.Type == "clinic" || l.Type == "home"}.clean(l.Address, bad)
	if !slices.Contains(LocationTypes, l.Type) {
		bad = append(bad, Field{"location_type", "choice", "Must be clinic, home or online."})
	}
	return l, InvalidFields(bad)
}
