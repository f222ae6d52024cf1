package model

import (
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// Entry is what the services and the locations of a practice have in common.
type Entry struct {
	ID   uuid.UUID
	Name Text
	// Type is that of a location.
	Type     string
	Archived bool
}

// Listed is a Service or a Location.
type Listed interface {
	Entry() Entry
}

// EntryFilter selects and pages services or locations.
type EntryFilter struct {
	// Status is "active", "archived" or "all".
	Status string
	// Type is one of LocationTypes; empty: every type.
	Type string
	// Limit is 1 to 100.
	Limit int
	// After is the id of the last one of the page before; zero starts.
	After uuid.UUID
}

// Has reports whether the filter selects e.
func (f EntryFilter) Has(e Entry) bool {
	return (f.Type == "" || f.Type == e.Type) && (f.Status == "all" || e.Archived == (f.Status == "archived"))
}

// NameKey is the form in which two names are the same to people: it has no
// case, no accents and niqqud, no invisible marks, and single spaces. Unlike
// Fold it keeps signs, so that "Massage" and "Massage +" are two.
func NameKey(name Text) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Cf) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(string(name)))
	return strings.Join(strings.Fields(bare), " ")
}

// FreeName refuses the name of one when another of all has it. The error is a
// Conflict that carries the other one; its code is name_archived when that one
// is archived and can be brought back instead, else name_taken.
func FreeName[T Listed](one T, all []T) error {
	self := one.Entry()
	key := NameKey(self.Name)
	for _, other := range all {
		switch e := other.Entry(); {
		case e.ID == self.ID || NameKey(e.Name) != key:
		case e.Archived:
			return &Error{
				Kind: Conflict, Code: "name_archived", Current: other,
				Detail: "An archived one has this name. Bring it back, or choose another name.",
			}
		default:
			return &Error{Kind: Conflict, Code: "name_taken", Detail: "Another one has this name.", Current: other}
		}
	}
	return nil
}

// Shelved is the time since when something is archived, after it was set to
// active or not at the time now; was is that time before.
func Shelved(was *time.Time, active bool, now time.Time) *time.Time {
	switch {
	case active:
		return nil
	case was != nil:
		return was
	}
	return &now
}
