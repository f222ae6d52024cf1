package model

import (
	"time"

	"github.com/google/uuid"
)

const (
	// InvitationLife is how long an invitation may be accepted.
	InvitationLife = 7 * 24 * time.Hour
	// InvitationPause is how long nobody is mailed the same invitation again.
	InvitationPause = time.Minute
	// MaxInvitations is how many of a practice may be open at a time.
	MaxInvitations = 50
)

// Invitation asks somebody to join a practice.
type Invitation struct {
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	Email       Text
	FullName    Text
	Role        Role
	// Locale is "en" or "he": the language of its mail.
	Locale string
	// InvitedBy is zero when the operator invites.
	InvitedBy uuid.UUID
	CreatedAt time.Time
	// SentAt is when its latest mail was asked for.
	SentAt     time.Time
	ExpiresAt  time.Time
	AcceptedAt *time.Time
	RevokedAt  *time.Time
}

// Normalize trims and judges what a person can set.
func (i Invitation) Normalize() (Invitation, error) {
	u, err := User{Email: i.Email, FullName: i.FullName, Locale: i.Locale}.Normalize()
	i.Email, i.FullName, i.Locale = u.Email, u.FullName, u.Locale
	return i, err
}

// Refusals of invitations. Only who holds an invitation's secret is told what
// became of it.
var (
	ErrInvitationInvalid = &Error{Kind: NotFound, Code: "invitation_invalid", Detail: "This invitation is not valid. Ask for a new one."}
	ErrInvitationExpired = &Error{Kind: Gone, Code: "invitation_expired", Detail: "This invitation is too old. Ask for a new one."}
	ErrInvitationUsed    = &Error{Kind: Gone, Code: "invitation_used", Detail: "This invitation was accepted already. Sign in."}
	// ErrMemberElsewhere answers a person who belongs to another practice.
	ErrMemberElsewhere = &Error{Kind: Conflict, Code: "member_elsewhere", Detail: "You sign in to another practice with this address. Ask to be invited with another one."}
	ErrAlreadyMember   = &Error{Kind: Conflict, Code: "already_member", Detail: "Somebody with this address is a member of the practice already."}
	ErrAlreadyInvited  = &Error{Kind: Conflict, Code: "already_invited", Detail: "This address is invited already. Send the invitation again, or take it back first."}
	ErrManyInvitations = &Error{Kind: Conflict, Code: "too_many", Detail: "There are 50 open invitations. Take some back first."}
	ErrInvitedJustNow  = &Error{Kind: TooMany, Code: "too_many", RetryAfter: InvitationPause, Detail: "The mail was sent a moment ago. Wait a minute before you send it again."}
)
