package api

import (
	"context"
	"net/http"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// Invitation asks somebody to join the practice.
type Invitation struct {
	ID        string    `json:"id" format:"uuid"`
	Email     string    `json:"email"`
	FullName  string    `json:"full_name"`
	Role      string    `json:"role" enum:"owner,practitioner,assistant"`
	Locale    string    `json:"locale" enum:"en,he"`
	InvitedBy *string   `json:"invited_by" format:"uuid" doc:"A member; null: the operator."`
	CreatedAt time.Time `json:"created_at"`
	SentAt    time.Time `json:"sent_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Expired   bool      `json:"is_expired" doc:"Too old; send it again."`
}

func (a *API) invitationOf(i model.Invitation) Invitation {
	return Invitation{
		i.ID.String(), string(i.Email), string(i.FullName), i.Role.String(), i.Locale, optionalID(i.InvitedBy),
		i.CreatedAt, i.SentAt, i.ExpiresAt, !i.ExpiresAt.After(a.o.Now()),
	}
}

type invitationsOut struct{ Body []Invitation }

func (a *API) listInvitations(ctx context.Context, sc store.Scope, _ *none) (*invitationsOut, error) {
	all, err := a.o.Practice.ListInvitations(ctx, sc)
	out := make([]Invitation, len(all))
	for n, i := range all {
		out[n] = a.invitationOf(i)
	}
	return &invitationsOut{out}, err
}

type invitationIn struct {
	Email    string `json:"email" format:"email" maxLength:"255"`
	FullName string `json:"full_name" minLength:"1" maxLength:"255"`
	Role     string `json:"role" enum:"owner,practitioner,assistant"`
	Locale   string `json:"locale,omitempty" enum:"en,he" doc:"The language of the mail; the practice's when left out."`
}

type invitationOut struct{ Body Invitation }

func (a *API) invite(ctx context.Context, sc store.Scope, _ *none) (*invitationOut, error) {
	var in invitationIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	role, rerr := model.ParseMemberRole(in.Role)
	i := model.Invitation{Email: model.Text(in.Email), FullName: model.Text(in.FullName), Role: role, Locale: in.Locale}
	_, ierr := i.Normalize()
	if err := model.JoinInvalid(ierr, rerr); err != nil {
		return nil, err
	}
	i, err := a.o.Practice.Invite(ctx, sc, i)
	return a.invited(i, err)
}

func (a *API) invited(i model.Invitation, err error) (*invitationOut, error) {
	if err != nil {
		return nil, err
	}
	a.wake()
	return &invitationOut{a.invitationOf(i)}, nil
}

func (a *API) resendInvitation(ctx context.Context, sc store.Scope, in *InvitationPath) (*invitationOut, error) {
	i, err := a.o.Practice.ResendInvitation(ctx, sc, idOf(in.ID))
	return a.invited(i, err)
}

// InvitationPath is the part of an address that names an invitation.
type InvitationPath struct {
	ID string `path:"id" format:"uuid"`
}

func (a *API) revokeInvitation(ctx context.Context, sc store.Scope, in *InvitationPath) (*none, error) {
	return nil, a.o.Practice.RevokeInvitation(ctx, sc, idOf(in.ID))
}

// landing is what the link of an invitation shows.
type landing struct {
	PracticeName string    `json:"practice_name"`
	InvitedBy    *string   `json:"invited_by" doc:"The name of the member who invites; null: the operator."`
	Role         string    `json:"role" enum:"owner,practitioner,assistant"`
	Email        string    `json:"email"`
	FullName     string    `json:"full_name"`
	Locale       string    `json:"locale" enum:"en,he"`
	ExpiresAt    time.Time `json:"expires_at"`
}

type landingOut struct{ Body landing }

// land changes nothing, so that a scanner of mails which sends it uses nothing
// up.
func (a *API) land(ctx context.Context, _ *none) (*landingOut, error) {
	var in tokenIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	l, err := a.o.Auth.Land(ctx, in.Token, q.addr)
	if err != nil {
		return nil, err
	}
	http.SetCookie(q.w, l.Cookie)
	return &landingOut{landing{
		string(l.Practice), textOrNull(l.Inviter), l.Role.String(), string(l.Email), string(l.FullName), l.Locale, l.ExpiresAt,
	}}, nil
}

type acceptIn struct {
	Token    string `json:"token" maxLength:"128"`
	FullName string `json:"full_name,omitempty" maxLength:"255" doc:"The invitation's when left out."`
	Locale   string `json:"locale,omitempty" enum:"en,he" doc:"The invitation's when left out."`
}

// accept makes the caller a member and goes on as any sign-in does.
func (a *API) accept(ctx context.Context, _ *none) (*signInOut, error) {
	var in acceptIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	u := model.User{FullName: model.Text(in.FullName), Locale: in.Locale}
	signed, err := a.o.Auth.Accept(ctx, in.Token, a.o.Auth.HasLanded(q.r, in.Token), u, q.addr, a.device(q))
	return a.entered(ctx, signed, err)
}

// optionalID is an id, or null for the zero id.
func optionalID(id uuid.UUID) *string {
	if id == uuid.Nil {
		return nil
	}
	text := id.String()
	return &text
}
