package model

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// The statuses of a session.
const (
	SessionDraft          = "draft"
	SessionSigned         = "signed"
	SessionEnteredInError = "entered_in_error"
)

// SessionStatuses are all of them.
var SessionStatuses = []string{SessionDraft, SessionSigned, SessionEnteredInError}

// Limits of a session.
const (
	// MaxSection bounds each section, in characters.
	MaxSection = 10000
	// MaxSessionMinutes is the longest a session may have taken.
	MaxSessionMinutes = 480
	// sessionSlack is how far a caller's clock may be ahead of ours.
	sessionSlack = 5 * time.Minute
	// RestoreWithin is how long what was deleted can be brought back.
	RestoreWithin = 30 * 24 * time.Hour
	// AgeOfMajority is when the time to keep a child's notes begins, in years.
	AgeOfMajority = 18
)

// Sections are the four parts of a SOAP note.
type Sections struct {
	Subjective, Objective, Assessment, Plan Text
}

// SectionNames are the sections' names in JSON, in their order.
var SectionNames = []string{"subjective", "objective", "assessment", "plan"}

// Section returns the section of that name, nil when there is none.
func (s *Sections) Section(name string) *Text {
	switch name {
	case "subjective":
		return &s.Subjective
	case "objective":
		return &s.Objective
	case "assessment":
		return &s.Assessment
	case "plan":
		return &s.Plan
	}
	return nil
}

// Blank reports that nothing in any section would leave a mark on paper.
func (s Sections) Blank() bool {
	return !strings.ContainsFunc(string(s.Subjective+s.Objective+s.Assessment+s.Plan), visible)
}

func (s Sections) clean(bad []Field) (Sections, []Field) {
	for _, name := range SectionNames {
		v := s.Section(name)
		*v, bad = rule{name: name, max: MaxSection, lines: true}.clean(oneLineEnd(*v), bad)
	}
	return s, bad
}

// oneLineEnd writes the line ends of all systems as one, so that a line has
// the same number whoever counts.
func oneLineEnd(v Text) Text {
	return Text(lineEnds.Replace(string(v)))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// SessionContent is what a note says: what is saved in a draft, and what is
// signed in a version.
type SessionContent struct {
	Sections
	// SessionDate is when the visit was, whenever the note was written.
	SessionDate time.Time
	// Minutes is how long the visit took, 0 to MaxSessionMinutes; nil: not said.
	Minutes *int
	// Copied names the lines that were taken over from other notes.
	Copied []CopiedLines
}

// Normalize trims and judges what a caller may set.
func (c SessionContent) Normalize(now time.Time) (SessionContent, error) {
	var bad []Field
	c.Sections, bad = c.Sections.clean(bad)
	c.SessionDate = c.SessionDate.UTC().Truncate(time.Microsecond)
	switch {
	case c.SessionDate.IsZero():
		bad = append(bad, Field{"session_date", "required", "Must be a time."})
	case c.SessionDate.Year() < 1970:
		bad = append(bad, Field{"session_date", "range", "Must be a time from 1970 on."})
	case c.SessionDate.After(now.Add(sessionSlack)):
		bad = append(bad, Field{"session_date", "future", "Must not be in the future."})
	}
	if c.Minutes != nil {
		bad = within("duration_minutes", *c.Minutes, 0, MaxSessionMinutes, bad)
	}
	return c, InvalidFields(bad)
}

// Changed names what differs from the content before, by its JSON names.
func (c SessionContent) Changed(before SessionContent) []string {
	var names []string
	for _, name := range SectionNames {
		if *c.Section(name) != *before.Section(name) {
			names = append(names, name)
		}
	}
	if !c.SessionDate.Equal(before.SessionDate) {
		names = append(names, "session_date")
	}
	if !sameNumber(c.Minutes, before.Minutes) {
		names = append(names, "duration_minutes")
	}
	return names
}

func sameNumber(a, b *int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// VisitFacts are what a note keeps of its appointment, so that it can be read
// alone however the appointment is moved or deleted.
type VisitFacts struct {
	StartsAt, EndsAt          time.Time
	ServiceName, LocationName Text
}

// Voiding says why a signed note is marked as entered in error.
type Voiding struct {
	Reason Text
	By     uuid.UUID
	At     time.Time
}

// Session is the note of one visit: a draft until it is signed, then a row of
// versions that are never changed.
type Session struct {
	ID            uuid.UUID
	WorkspaceID   uuid.UUID
	ClientID      uuid.UUID
	ClientName    Text
	AppointmentID *uuid.UUID
	// Facts are nil without an appointment.
	Facts *VisitFacts
	// AppointmentDeleted says that the appointment is in the trash.
	AppointmentDeleted bool
	AuthorID           uuid.UUID
	// Status is one of SessionStatuses.
	Status string
	SessionContent
	// SavedAt is when the draft was last saved.
	SavedAt  time.Time
	SignedAt *time.Time
	// AmendedAt is when the newest version was signed; nil for the first.
	AmendedAt *time.Time
	// Versions counts the signed versions.
	Versions int
	// Voided is set while the status is SessionEnteredInError.
	Voided       *Voiding
	DeletedAt    *time.Time
	DeleteReason Text
	// Version counts the changes of any kind, from 1.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// SessionRef tells of a note without what it says.
type SessionRef struct {
	ID, AppointmentID, AuthorID uuid.UUID
	// Status is one of SessionStatuses.
	Status  string
	Version int64
}

// NewSession is what a note is made of.
type NewSession struct {
	// ClientID may be zero when there is an appointment.
	ClientID      uuid.UUID
	AppointmentID uuid.UUID // zero: none
	TemplateID    uuid.UUID // zero: none
	// AuthorID is for the operator, who is nobody; others are the authors of
	// what they make.
	AuthorID uuid.UUID
	Sections Sections
	// SessionDate and Minutes are filled from the appointment when nil.
	SessionDate *time.Time
	Minutes     *int
}

// Content fills what was not said from the appointment, if there is one.
func (n NewSession) Content(visit *VisitFacts, now time.Time) SessionContent {
	c := SessionContent{Sections: n.Sections, SessionDate: now, Minutes: n.Minutes}
	if visit != nil {
		if visit.StartsAt.Before(now) {
			c.SessionDate = visit.StartsAt
		}
		if c.Minutes == nil {
			length := min(int(visit.EndsAt.Sub(visit.StartsAt).Minutes()), MaxSessionMinutes)
			c.Minutes = &length
		}
	}
	if n.SessionDate != nil {
		c.SessionDate = *n.SessionDate
	}
	return c
}

// SessionFilter selects and pages notes. Zero fields do not filter.
type SessionFilter struct {
	ClientID      uuid.UUID
	AppointmentID uuid.UUID
	AuthorID      uuid.UUID
	// Status is one of SessionStatuses.
	Status string
	// Deleted selects those in the trash instead of the others.
	Deleted bool
	// Limit is 1 to 100.
	Limit int
	// After is the last one of the page before.
	After *Place
}
