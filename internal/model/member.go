package model

import "time"

// Member is a person's place in a practice.
type Member struct {
	User

	JoinedAt time.Time
	// LastSeenAt is the last use of a sign-in; nil when none is remembered.
	LastSeenAt *time.Time
	// SecondFactor tells whether the person signs in with a second factor.
	SecondFactor bool
}

// ErrLastOwner answers a change that would leave a practice without an owner.
var ErrLastOwner = &Error{Kind: Conflict, Code: "last_owner", Detail: "A practice needs an owner who signs in. Make somebody else an owner first."}

// ParseMemberRole reads the role that a member is to have; the error is
// Invalid.
func ParseMemberRole(name string) (Role, error) {
	r, ok := ParseRole(name)
	if !ok {
		return 0, InvalidFields([]Field{{"role", "choice", "Must be owner, practitioner or assistant."}})
	}
	return r, nil
}
