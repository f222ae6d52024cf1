package model

import (
	"time"

	"github.com/google/uuid"
)

func sessionConflict(code, detail string, current Session) error {
	return &Error{Kind: Conflict, Code: code, Detail: detail, Current: current}
}

// errNotAuthor answers who may read a note and did not write it.
var errNotAuthor = &Error{Kind: Denied, Code: "denied", Detail: "Only the author of a note may change it."}

// errRestoreOver answers a restore that comes too late.
var errRestoreOver = &Error{Kind: Gone, Code: "expired", Detail: "What was deleted more than 30 days ago cannot be brought back."}

// Refusals of a note about an appointment.
var (
	// ErrNotTheirVisit answers who writes about a colleague's visit.
	ErrNotTheirVisit = &Error{Kind: Denied, Code: "denied", Detail: "Only the practitioner of a visit, or the owner, may write about it."}
	// ErrVisitCancelled answers a note about a visit that did not take place.
	ErrVisitCancelled = &Error{Kind: Conflict, Code: "cancelled", Detail: "This appointment was cancelled."}
	// ErrOtherClient answers a note whose visit is another client's by now.
	ErrOtherClient = &Error{Kind: Conflict, Code: "other_client", Detail: "The appointment of this note is another client's."}
)

// ErrNoteThere answers a second note about an appointment; current is the first
// one, or nil when the caller may not see it.
func ErrNoteThere(current *SessionRef) error {
	e := &Error{Kind: Conflict, Code: "has_note", Detail: "There is a note about this appointment."}
	if current != nil {
		e.Current = *current
	}
	return e
}

// WrittenBy fails with Denied for everybody but the author.
func (s Session) WrittenBy(user uuid.UUID) error {
	if s.AuthorID != user {
		return errNotAuthor
	}
	return nil
}

// Seen fails with a Conflict when the caller saw another version.
func (s Session) Seen(version int64) error {
	if s.Version != version {
		return Stale(s)
	}
	return nil
}

// IsDraft fails with a Conflict unless the note is a draft.
func (s Session) IsDraft() error {
	switch s.Status {
	case SessionSigned:
		return sessionConflict("signed", "This note is signed. Amend it instead, or mark it as entered in error.", s)
	case SessionEnteredInError:
		return s.inError()
	}
	return nil
}

// IsSigned fails with a Conflict unless the note is signed and stands.
func (s Session) IsSigned() error {
	switch s.Status {
	case SessionDraft:
		return sessionConflict("draft", "This note is not signed.", s)
	case SessionEnteredInError:
		return s.inError()
	}
	return nil
}

func (s Session) inError() error {
	return sessionConflict("entered_in_error", "This note was marked as entered in error.", s)
}

// Active reports whether it is the note of its appointment.
func (s Session) Active() bool {
	return s.DeletedAt == nil && s.Status != SessionEnteredInError
}

// Signable fails with Invalid when there is nothing to sign.
func (c SessionContent) Signable() error {
	if c.Blank() {
		return InvalidFields([]Field{{"sections", "empty", "At least one section must be written."}})
	}
	return nil
}

// Amends fails with Invalid when c is no amendment of the content before.
func (c SessionContent) Amends(before SessionContent) error {
	if len(c.Changed(before)) == 0 {
		return InvalidFields([]Field{{"sections", "unchanged", "Nothing differs from what is signed."}})
	}
	return c.Signable()
}

// RestoreUntil is until when a deleted note can be brought back.
func (s Session) RestoreUntil() *time.Time { return restoreUntil(s.DeletedAt) }

func restoreUntil(deleted *time.Time) *time.Time {
	if deleted == nil {
		return nil
	}
	until := deleted.Add(RestoreWithin)
	return &until
}

// Restorable fails with NotFound when the note is not deleted, and with Gone
// when it was for too long.
func (s Session) Restorable(now time.Time) error {
	switch until := s.RestoreUntil(); {
	case until == nil:
		return ErrNotFound
	case now.After(*until):
		return errRestoreOver
	}
	return nil
}

// CleanReason trims and judges a reason that a person gave.
func CleanReason(v Text, required bool) (Text, error) {
	v, bad := rule{name: "reason", max: MaxReason, required: required, lines: true}.clean(v, nil)
	return v, InvalidFields(bad)
}
