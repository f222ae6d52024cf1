package store

import (
	"context"
	"errors"
	"fmt"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// MemberTx reaches the people of the scope's workspace: memberships,
// invitations and mails to them. It has no method for clients, appointments or
// notes.
type MemberTx struct {
	IdentityTx

	scope   Scope
	subject uuid.UUID
}

// Scope returns who acts.
func (tx *MemberTx) Scope() Scope { return tx.scope }

// Members runs fn in one transaction over the people of the scope's workspace,
// as a named action. As with Write, the workspace's writers queue, and it
// commits only together with its audit entry. So of two owners who leave at
// once, the second sees that the first has left.
func (s *Store) Members(ctx context.Context, sc Scope, act model.Action, fn func(*MemberTx) error) error {
	if err := s.admit(ctx, sc, act); err != nil {
		return err
	}
	box, err := s.box(ctx, system)
	if err != nil {
		return err
	}
	tx := &MemberTx{IdentityTx: IdentityTx{ctx: ctx, store: s, box: box, now: s.now(), grown: new([]chainHead)}, scope: sc}
	var head chainHead
	err = s.eng.write(ctx, reach{workspace: sc.workspace, identity: true}, func(c conn) (_ []stmt, err error) {
		if head, err = lockChain(ctx, c, sc.workspace); err != nil {
			return nil, err
		}
		tx.c = c
		if err := fn(tx); err != nil {
			return nil, err
		}
		e := sc.event(act, audit.OK)
		e.SubjectID, e.Count, e.At = tx.subject, 1, tx.now
		return head.extend([]audit.Event{e}), nil
	})
	if err == nil {
		s.grew(head, 1)
	}
	return s.refused(ctx, sc, act, tx.subject, s.public(err))
}

const memberCols = `select u.id, u.profile, u.locale, m.workspace_id, m.role, m.active, m.created_at,
	(select max(a.last_seen_at) from auth_sessions a where a.user_id = u.id),
	(exists (select 1 from totp_secrets t where t.user_id = u.id and t.confirmed_at is not null)
		or exists (select 1 from passkeys p where p.user_id = u.id))
	from members m join users u on u.id = m.user_id where m.workspace_id = $1`

const membersSQL = memberCols + ` order by m.created_at, u.id`

const memberSQL = memberCols + ` and m.user_id = $2`

// ListMembers returns everybody who belongs to the scope's workspace, those
// who were deactivated too.
func (s *Store) ListMembers(ctx context.Context, sc Scope) (all []model.Member, err error) {
	if err := s.admit(ctx, sc, model.MemberList); err != nil {
		return nil, err
	}
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	tx := IdentityTx{box: box}
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, membersSQL, sc.workspace)
		all, err = collect(r, err, tx.scanMember)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("members: %w", err)
	}
	return all, nil
}

func (tx *IdentityTx) scanMember(r rows) (m model.Member, err error) {
	var profile []byte
	var role string
	err = r.Scan(&m.ID, &profile, &m.Locale, &m.WorkspaceID, &role, &m.Active, &m.JoinedAt, &m.LastSeenAt, &m.SecondFactor)
	if err != nil {
		return m, fmt.Errorf("scan member: %w", err)
	}
	m.Role, _ = model.ParseRole(role)
	p, err := openPair(tx.box, place("users", "profile", m.ID), profile)
	m.Email, m.FullName = p.first, p.second
	return m, err
}

// Member returns a member of the scope's workspace; the error is NotFound.
func (tx *MemberTx) Member(id uuid.UUID) (model.Member, error) {
	tx.subject = id
	r, err := tx.c.query(tx.ctx, memberSQL, tx.scope.workspace, id)
	found, err := collect(r, err, tx.scanMember)
	if err != nil {
		return model.Member{}, fmt.Errorf("member: %w", err)
	}
	if len(found) == 0 {
		return model.Member{}, model.ErrNotFound
	}
	return found[0], nil
}

const isMemberSQL = `select 1 from members where workspace_id = $1 and user_id = $2`

// CheckMember fails with NotFound when the person does not belong to the
// scope's workspace. A refusal is in the audit chain.
func (s *Store) CheckMember(ctx context.Context, sc Scope, act model.Action, id uuid.UUID) error {
	if err := s.admit(ctx, sc, act); err != nil {
		return err
	}
	err := s.identityRead(ctx, func(c conn) error {
		var n int64
		r, err := c.query(ctx, isMemberSQL, sc.workspace, id)
		return missing(one(r, err, &n))
	})
	return s.refused(ctx, sc, act, id, err)
}

const otherOwnerSQL = `select 1 from members where workspace_id = $1 and user_id <> $2 and role = 'owner' and active limit 1`

// RequireOtherOwner fails with ErrLastOwner when nobody but this person is an
// active owner of the workspace.
func (tx *MemberTx) RequireOtherOwner(id uuid.UUID) error {
	var n int64
	r, err := tx.c.query(tx.ctx, otherOwnerSQL, tx.scope.workspace, id)
	switch err := one(r, err, &n); {
	case err == nil:
		return nil
	case errors.Is(err, errNoRow):
		return model.ErrLastOwner
	default:
		return fmt.Errorf("other owner: %w", err)
	}
}

const changeMemberSQL = `update members set role = $3, active = $4 where workspace_id = $1 and user_id = $2`

// ChangeMember stores the role of a member, and whether it is active. All of
// the person's sessions end with their next request.
func (tx *MemberTx) ChangeMember(m model.Member) error {
	_, err := tx.c.exec(tx.ctx, changeMemberSQL, tx.scope.workspace, m.ID, m.Role.String(), m.Active)
	if err != nil {
		return fmt.Errorf("change member: %w", err)
	}
	return tx.RaiseEpoch(m.ID)
}

const updateProfileSQL = `update users set profile = $2, locale = $3 where id = $1`

// UpdateProfile stores the name and the language of whoever acts.
func (tx *MemberTx) UpdateProfile(u model.User) error {
	u.ID = tx.scope.actor
	tx.subject = u.ID
	profile, err := pair{u.Email, u.FullName}.seal(tx.box, place("users", "profile", u.ID))
	if err != nil {
		return err
	}
	if _, err := tx.c.exec(tx.ctx, updateProfileSQL, u.ID, profile, u.Locale); err != nil {
		return fmt.Errorf("update profile: %w", err)
	}
	return nil
}
