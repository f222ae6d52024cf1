package store

import (
	"context"
	"errors"
	"fmt"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const invitationCols = `select i.workspace_id, i.id, i.details, i.role, i.locale, i.invited_by, i.created_at, i.sent_at, i.expires_at,
	i.accepted_at, i.revoked_at from invitations i`

func (tx *IdentityTx) scanInvitation(r rows) (i model.Invitation, err error) {
	var details []byte
	var role string
	var by *uuid.UUID
	err = r.Scan(&i.WorkspaceID, &i.ID, &details, &role, &i.Locale, &by, &i.CreatedAt, &i.SentAt, &i.ExpiresAt, &i.AcceptedAt, &i.RevokedAt)
	if err != nil {
		return i, fmt.Errorf("scan invitation: %w", err)
	}
	i.Role, _ = model.ParseRole(role)
	if by != nil {
		i.InvitedBy = *by
	}
	p, err := openPair(tx.box, invitationAt(i.ID), details)
	i.Email, i.FullName = p.first, p.second
	return i, err
}

func invitationAt(id uuid.UUID) crypt.Place { return place("invitations", "details", id) }

func (tx *IdentityTx) oneInvitation(r rows, err error) (model.Invitation, error) {
	found, err := collect(r, err, tx.scanInvitation)
	if err != nil {
		return model.Invitation{}, fmt.Errorf("invitation: %w", err)
	}
	if len(found) == 0 {
		return model.Invitation{}, model.ErrNotFound
	}
	return found[0], nil
}

const openInvitationsSQL = invitationCols + ` where i.workspace_id = $1 and i.accepted_at is null and i.revoked_at is null
	order by i.created_at desc, i.id`

// ListInvitations returns the open invitations of the scope's workspace, those
// that are too old as well, the newest first.
func (s *Store) ListInvitations(ctx context.Context, sc Scope) (all []model.Invitation, err error) {
	if err := s.admit(ctx, sc, model.InvitationList); err != nil {
		return nil, err
	}
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	tx := IdentityTx{box: box}
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, openInvitationsSQL, sc.workspace)
		all, err = collect(r, err, tx.scanInvitation)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("invitations: %w", err)
	}
	return all, nil
}

const openInvitationSQL = invitationCols + ` where i.workspace_id = $1 and i.id = $2 and i.accepted_at is null and i.revoked_at is null`

// openInvitation returns an open invitation; the error is NotFound.
func (tx *IdentityTx) openInvitation(workspace, id uuid.UUID) (model.Invitation, error) {
	r, err := tx.c.query(tx.ctx, openInvitationSQL, workspace, id)
	return tx.oneInvitation(r, err)
}

const insertInvitationSQL = `insert into invitations
	(workspace_id, id, email_key, details, role, locale, invited_by, created_at, sent_at, expires_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)`

// insertInvitation stores an invitation; by is null for the operator.
func (tx *IdentityTx) insertInvitation(i model.Invitation) (model.Invitation, error) {
	i.CreatedAt, i.SentAt, i.ExpiresAt = tx.now, tx.now, tx.now.Add(model.InvitationLife)
	details, err := pair{i.Email, i.FullName}.seal(tx.box, invitationAt(i.ID))
	if err != nil {
		return i, err
	}
	_, err = tx.c.exec(tx.ctx, insertInvitationSQL, i.WorkspaceID, i.ID, emailKey(tx.box, string(i.Email)), details,
		i.Role.String(), i.Locale, orNobody(i.InvitedBy), tx.now, i.ExpiresAt)
	if err != nil && tx.store.eng.class(err) == uniqueError {
		return i, model.ErrAlreadyInvited
	}
	if err != nil {
		return i, fmt.Errorf("insert invitation: %w", err)
	}
	return i, nil
}

const renewInvitationSQL = `update invitations set token_hash = null, sent_at = $3, expires_at = $4
	where workspace_id = $1 and id = $2 and accepted_at is null and revoked_at is null`

// renewInvitation ends the link that was mailed; another mail is to come.
func (tx *IdentityTx) renewInvitation(i model.Invitation) (model.Invitation, error) {
	if tx.now.Sub(i.SentAt) < model.InvitationPause {
		return i, model.ErrInvitedJustNow
	}
	i.SentAt, i.ExpiresAt = tx.now, tx.now.Add(model.InvitationLife)
	if _, err := tx.c.exec(tx.ctx, renewInvitationSQL, i.WorkspaceID, i.ID, i.SentAt, i.ExpiresAt); err != nil {
		return i, fmt.Errorf("renew invitation: %w", err)
	}
	return i, nil
}

const revokeInvitationSQL = `update invitations set revoked_at = $3
	where workspace_id = $1 and id = $2 and accepted_at is null and revoked_at is null`

func (tx *IdentityTx) revokeInvitation(workspace, id uuid.UUID) error {
	n, err := tx.c.exec(tx.ctx, revokeInvitationSQL, workspace, id, tx.now)
	if err != nil {
		return fmt.Errorf("revoke invitation: %w", err)
	}
	if n == 0 {
		return model.ErrNotFound
	}
	return nil
}

// Invitation returns an open invitation of the scope's workspace; the error is
// NotFound.
func (tx *MemberTx) Invitation(id uuid.UUID) (model.Invitation, error) {
	tx.subject = id
	return tx.openInvitation(tx.scope.workspace, id)
}

const countInvitationsSQL = `select count(*) from invitations where workspace_id = $1 and accepted_at is null and revoked_at is null`

const memberByEmailSQL = `select 1 from members m join users u on u.id = m.user_id where m.workspace_id = $1 and u.email_key = $2`

// InsertInvitation invites somebody into the scope's workspace. It says
// nothing of other practices that the address may belong to.
func (tx *MemberTx) InsertInvitation(i model.Invitation) (model.Invitation, error) {
	i.WorkspaceID, i.InvitedBy = tx.scope.workspace, tx.scope.actor
	tx.subject = i.ID
	var n int64
	r, err := tx.c.query(tx.ctx, memberByEmailSQL, i.WorkspaceID, emailKey(tx.box, string(i.Email)))
	if err := one(r, err, &n); err == nil {
		return i, model.ErrAlreadyMember
	} else if !errors.Is(err, errNoRow) {
		return i, fmt.Errorf("member by address: %w", err)
	}
	r, err = tx.c.query(tx.ctx, countInvitationsSQL, i.WorkspaceID)
	if err := one(r, err, &n); err != nil {
		return i, fmt.Errorf("count invitations: %w", err)
	}
	if n >= model.MaxInvitations {
		return i, model.ErrManyInvitations
	}
	return tx.insertInvitation(i)
}

// RenewInvitation ends the link that was mailed; another mail is to come.
func (tx *MemberTx) RenewInvitation(i model.Invitation) (model.Invitation, error) {
	return tx.renewInvitation(i)
}

// RevokeInvitation takes an open invitation of the scope's workspace back.
func (tx *MemberTx) RevokeInvitation(id uuid.UUID) error {
	tx.subject = id
	return tx.revokeInvitation(tx.scope.workspace, id)
}
