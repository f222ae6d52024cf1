package model

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
)

// Limits of a client's fields, in characters.
const (
	MaxName    = 255
	MaxEmail   = 255
	MaxPhone   = 50
	MaxAddress = 1000
	MaxHistory = 10000
	MaxTags    = 30
	MaxTag     = 50
)

// Contact is what anybody in the practice needs to reach a client. The empty
// string means: not given.
type Contact struct {
	FirstName, LastName Text
	Email, Phone        Text
	DateOfBirth         Text // YYYY-MM-DD
	Address             Text
	EmergencyName       Text
	EmergencyPhone      Text
	Tags                []Text
}

// History is what only clinicians may read.
type History struct {
	MedicalHistory Text
	Notes          Text
}

// Client is a person the practice treats.
type Client struct {
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	Contact
	History
	// Consented is true while at least one consent in the ledger stands.
	Consented  bool
	ArchivedAt *time.Time
	// Version counts the changes, from 1. An update names the one it saw.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// FullName is first name, space, last name.
func (c Contact) FullName() Text { return c.FirstName + " " + c.LastName }

// Initials are the first letters of both names, such as "J.D.".
func (c Contact) Initials() Text {
	var b strings.Builder
	for _, name := range []Text{c.FirstName, c.LastName} {
		for _, letter := range string(name) {
			b.WriteRune(unicode.ToUpper(letter))
			b.WriteByte('.')
			break
		}
	}
	return Text(b.String())
}

// CheckLike judges what somebody is looked for by: any text that could be in a
// record. The error is Invalid.
func (c Contact) CheckLike() error {
	var bad []Field
	for name, v := range map[string]Text{
		"first_name": c.FirstName, "last_name": c.LastName, "email": c.Email, "phone": c.Phone, "date_of_birth": c.DateOfBirth,
	} {
		if strings.ContainsRune(string(v), 0) {
			bad = append(bad, Field{name, "characters", unstorable})
		}
	}
	return InvalidFields(bad)
}

// Normalize trims, composes and judges every field and returns the client as
// it may be stored. The error is Invalid and names each wrong field. today is
// the current date in the workspace's zone; births after it are refused.
func (c Client) Normalize(today time.Time) (Client, error) {
	var bad []Field
	c.Contact, bad = c.Contact.normalize(today, bad)
	c.MedicalHistory, bad = rule{name: "medical_history", max: MaxHistory, lines: true}.clean(c.MedicalHistory, bad)
	c.Notes, bad = rule{name: "notes", max: MaxHistory, lines: true}.clean(c.Notes, bad)
	return c, InvalidFields(bad)
}

func (c Contact) normalize(today time.Time, bad []Field) (Contact, []Field) {
	c.FirstName, bad = rule{name: "first_name", max: MaxName, required: true}.clean(c.FirstName, bad)
	c.LastName, bad = rule{name: "last_name", max: MaxName, required: true}.clean(c.LastName, bad)
	c.Phone, bad = rule{name: "phone", max: MaxPhone}.clean(c.Phone, bad)
	c.Address, bad = rule{name: "address", max: MaxAddress, lines: true}.clean(c.Address, bad)
	c.EmergencyName, bad = rule{name: "emergency_contact_name", max: MaxName}.clean(c.EmergencyName, bad)
	c.EmergencyPhone, bad = rule{name: "emergency_contact_phone", max: MaxPhone}.clean(c.EmergencyPhone, bad)
	c.Email, bad = cleanEmail("email", c.Email, bad)
	c.DateOfBirth, bad = cleanBirth(c.DateOfBirth, today, bad)
	c.Tags, bad = cleanTags(c.Tags, bad)
	return c, bad
}

func cleanEmail(name string, v Text, bad []Field) (Text, []Field) {
	before := len(bad)
	v, bad = rule{name: name, max: MaxEmail}.clean(v, bad)
	if v == "" || len(bad) > before {
		return v, bad
	}
	if !ValidEmail(string(v)) {
		bad = append(bad, Field{name, "email", "Must be an e-mail address."})
	}
	return v, bad
}

// ValidEmail reports whether s is a bare e-mail address with a domain.
func ValidEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	_, domain, _ := strings.Cut(s, "@")
	return strings.Contains(domain, ".") || domain == "localhost"
}

// CanonicalEmail is the form under which a sign-in address is unique.
func CanonicalEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func cleanBirth(v Text, today time.Time, bad []Field) (Text, []Field) {
	v = Text(strings.TrimSpace(string(v)))
	if v == "" {
		return v, bad
	}
	born, err := time.Parse(time.DateOnly, string(v))
	switch {
	case err != nil || born.Year() < 1850:
		bad = append(bad, Field{"date_of_birth", "date", "Must be a date written YYYY-MM-DD."})
	case string(v) > today.Format(time.DateOnly):
		bad = append(bad, Field{"date_of_birth", "future", "Must not be in the future."})
	}
	return v, bad
}

func cleanTags(tags []Text, bad []Field) ([]Text, []Field) {
	var out []Text
	for _, t := range tags {
		t, bad = rule{name: "tags", max: MaxTag, required: true}.clean(t, bad)
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	if len(out) > MaxTags {
		bad = append(bad, Field{"tags", "too_many", "Must have at most 30 tags."})
	}
	return out, bad
}

// ClientVisits is what the calendar knows of a client.
type ClientVisits struct {
	// Next is the earliest scheduled start after now; nil when none.
	Next *time.Time
	// Last is the latest attended start up to now; nil when none.
	Last *time.Time
	// Count is the number of appointments that were not cancelled.
	Count int
}

// ClientStatus selects clients by whether they are archived.
type ClientStatus uint8

// The statuses a list can ask for.
const (
	ActiveClients ClientStatus = iota
	ArchivedClients
	AllClients
)

// ClientFilter selects and pages clients.
type ClientFilter struct {
	// Query matches parts of names in any order, phone digits and e-mail.
	Query  Text
	Status ClientStatus
	// Limit is 1 to 100.
	Limit int
	// After is the id of the last client of the page before; zero starts.
	After uuid.UUID
}

// ErrBadCursor answers a cursor that is none of ours, or another workspace's.
var ErrBadCursor = InvalidFields([]Field{{"cursor", "cursor", "Is not a cursor of this list."}})

// Duplicate is a client that may be the same person.
type Duplicate struct {
	ID       uuid.UUID
	FullName Text
	// Reasons holds "phone", "email" or "name_and_birth_date".
	Reasons []string
}
