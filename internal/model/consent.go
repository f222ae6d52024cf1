package model

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// ConsentKinds are the things a client can agree to.
var ConsentKinds = []string{"treatment", "data", "reminders"}

// Consent is one line of a client's consent ledger. Lines are added and
// withdrawn, never changed.
type Consent struct {
	ID       uuid.UUID
	ClientID uuid.UUID
	// Kind is one of ConsentKinds.
	Kind string
	// TextVersion names the wording that was shown, for example "2026-11".
	TextVersion Text
	// Text is the wording itself.
	Text        Text
	GivenAt     time.Time
	GivenBy     uuid.UUID
	WithdrawnAt *time.Time
	WithdrawnBy *uuid.UUID
}

// Normalize trims and judges the fields a caller may set.
func (c Consent) Normalize() (Consent, error) {
	var bad []Field
	if !slices.Contains(ConsentKinds, c.Kind) {
		bad = append(bad, Field{"kind", "choice", "Must be treatment, data or reminders."})
	}
	c.TextVersion, bad = rule{name: "text_version", max: 100, required: true}.clean(c.TextVersion, bad)
	c.Text, bad = rule{name: "text", max: MaxHistory, required: true, lines: true}.clean(c.Text, bad)
	return c, InvalidFields(bad)
}
