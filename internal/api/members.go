package api

import (
	"context"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// Member is a person of the practice.
type Member struct {
	ID           string     `json:"id" format:"uuid"`
	FullName     string     `json:"full_name"`
	Email        string     `json:"email"`
	Role         string     `json:"role" enum:"owner,practitioner,assistant"`
	Active       bool       `json:"is_active" doc:"False: cannot sign in, and cannot be booked."`
	JoinedAt     time.Time  `json:"joined_at"`
	LastSeenAt   *time.Time `json:"last_seen_at" doc:"The last use of a sign-in that is remembered."`
	SecondFactor bool       `json:"second_factor" doc:"Signs in with a second factor."`
	Me           bool       `json:"is_me"`
}

func memberOf(sc store.Scope, m model.Member) Member {
	return Member{
		m.ID.String(), string(m.FullName), string(m.Email), m.Role.String(), m.Active, m.JoinedAt, m.LastSeenAt, m.SecondFactor, m.ID == sc.User(),
	}
}

type membersOut struct{ Body []Member }

func (a *API) listMembers(ctx context.Context, sc store.Scope, _ *none) (*membersOut, error) {
	all, err := a.o.Practice.ListMembers(ctx, sc)
	out := make([]Member, len(all))
	for i, m := range all {
		out[i] = memberOf(sc, m)
	}
	return &membersOut{out}, err
}

// MemberPath is the part of an address that names a member.
type MemberPath struct {
	ID string `path:"id" format:"uuid"`
}

type memberOut struct{ Body Member }

type roleIn struct {
	Role string `json:"role" enum:"owner,practitioner,assistant" doc:"The person is signed out everywhere and told by mail."`
}

func (a *API) changeRole(ctx context.Context, sc store.Scope, in *MemberPath) (*memberOut, error) {
	if err := a.o.Practice.CheckMember(ctx, sc, model.MemberRole, idOf(in.ID)); err != nil {
		return nil, err
	}
	var b roleIn
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	role, err := model.ParseMemberRole(b.Role)
	if err != nil {
		return nil, err
	}
	m, err := a.o.Practice.ChangeRole(ctx, sc, idOf(in.ID), role)
	return a.changedMember(sc, m, err)
}

func (a *API) deactivateMember(ctx context.Context, sc store.Scope, in *MemberPath) (*memberOut, error) {
	m, err := a.o.Practice.Deactivate(ctx, sc, idOf(in.ID))
	return a.changedMember(sc, m, err)
}

func (a *API) reactivateMember(ctx context.Context, sc store.Scope, in *MemberPath) (*memberOut, error) {
	m, err := a.o.Practice.Reactivate(ctx, sc, idOf(in.ID))
	return a.changedMember(sc, m, err)
}

func (a *API) changedMember(sc store.Scope, m model.Member, err error) (*memberOut, error) {
	if err != nil {
		return nil, err
	}
	a.wake()
	return &memberOut{memberOf(sc, m)}, nil
}

// wake has the mails that a request left behind sent soon.
func (a *API) wake() {
	if a.o.Wake != nil {
		a.o.Wake()
	}
}

type profileIn struct {
	FullName optional[string] `json:"full_name,omitempty" nullable:"false" minLength:"1" maxLength:"255"`
	Locale   optional[string] `json:"locale,omitempty" doc:"en or he; null: en."`
}

func (a *API) updateProfile(ctx context.Context, sc store.Scope, _ *none) (*meOut, error) {
	var in profileIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	err := a.o.Practice.UpdateProfile(ctx, sc, func(u *model.User) {
		set(in.FullName, &u.FullName)
		u.Locale = in.Locale.or(u.Locale)
	})
	if err != nil {
		return nil, err
	}
	return a.me(ctx, sc, nil)
}
