package model

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Kind says what sort of refusal an Error is. Each kind has exactly one HTTP
// status (see api/problem.go); an error without a kind is internal and its
// text never reaches a caller.
type Kind uint8

// The kinds of refusal.
const (
	Malformed       Kind = iota + 1 // the request could not be read at all
	Invalid                         // readable, but a value breaks a rule
	Unauthenticated                 // nobody is signed in, or no longer
	Denied                          // signed in, but the role may not
	NotFound                        // missing, or another workspace's
	Conflict                        // the state does not allow it now
	Gone                            // it existed and has ended
	TooMany                         // a rate limit; RetryAfter is set
	TooLarge                        // the body is over its limit
	Unsupported                     // the content type is not accepted here
	Unavailable                     // a part we need is down; RetryAfter is set
)

// Field names one value that broke a rule. It never carries the value.
type Field struct {
	// Name is the JSON name of the field, for example "first_name".
	Name string
	// Code is stable and machine-readable, for example "required".
	Code string
	// Message is one English sentence for people.
	Message string
}

// Error is a refusal that may be shown to the caller.
type Error struct {
	Kind Kind
	// Code is stable and machine-readable, for example "stale".
	Code string
	// Detail is one sentence. It never holds input or health data.
	Detail string
	// Fields lists what is wrong with the input, for Invalid.
	Fields []Field
	// RetryAfter tells how long to wait, for TooMany and Unavailable.
	RetryAfter time.Duration
	// Current is the record as it is now, for a Conflict on a stale version.
	Current any
}

// Error returns the code and the detail, and the names of wrong fields.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	b.WriteString(": ")
	b.WriteString(e.Detail)
	for _, f := range e.Fields {
		b.WriteString(" [" + f.Name + " " + f.Code + "]")
	}
	return b.String()
}

// KindOf returns the kind of the first Error in err's chain, or 0 when there
// is none, which means: internal, say nothing.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}

// CodeOf returns the stable code of the first Error in err's chain, or "".
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// ErrNotFound answers for ids that do not exist and for ids of another
// workspace alike, so that nobody can tell one from the other.
var ErrNotFound = &Error{Kind: NotFound, Code: "not_found", Detail: "Resource not found."}

// ErrDenied answers when a signed-in role may not do what it asked.
var ErrDenied = &Error{Kind: Denied, Code: "denied", Detail: "Your role may not do this."}

// ErrUnauthenticated answers when no live session stands behind a request.
var ErrUnauthenticated = &Error{Kind: Unauthenticated, Code: "unauthenticated", Detail: "Sign in to continue."}

// InvalidFields makes an Invalid error out of broken fields; nil when none.
func InvalidFields(fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid", Detail: "Some fields are not valid.", Fields: fields}
}

// Stale is the conflict of an update that carries an old version; current is
// the record as it is now.
func Stale(current any) error {
	return &Error{Kind: Conflict, Code: "stale", Detail: "Somebody changed this record since you read it.", Current: current}
}

// JoinInvalid returns one Invalid error with the fields of all; nil when all
// are nil. Any other error is returned as it is.
func JoinInvalid(errs ...error) error {
	var fields []Field
	for _, err := range errs {
		if err == nil {
			continue
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Kind != Invalid {
			return err
		}
		fields = append(fields, e.Fields...)
	}
	return InvalidFields(fields)
}

// RenameField returns err with a field called by the name that the caller
// knows it under.
func RenameField(err error, from, to string) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	renamed := *e
	renamed.Fields = slices.Clone(e.Fields)
	for i := range renamed.Fields {
		if renamed.Fields[i].Name == from {
			renamed.Fields[i].Name = to
		}
	}
	return &renamed
}
