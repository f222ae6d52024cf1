package store

import (
	"context"
	"encoding/json"
	"fmt"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Kinds of the jobs that mail people about their memberships.
const (
	JobInvitation = "member.invitation" // see InvitationMail
	JobNotice     = "member.notice"     // see MemberNotice
)

// InvitationMail is the payload of JobInvitation. The secret of the link is
// made with the mail, so that it is nowhere before.
type InvitationMail struct {
	Workspace  uuid.UUID `json:"workspace"`
	Invitation uuid.UUID `json:"invitation"`
	// Sent is the invitation's SentAt in microseconds: an older mail is not
	// made any more.
	Sent int64 `json:"sent"`
}

// QueueInvitation has the mail of an invitation made and sent.
func (tx *IdentityTx) QueueInvitation(job uuid.UUID, i model.Invitation) error {
	return tx.queue(job, JobInvitation, i.WorkspaceID, InvitationMail{i.WorkspaceID, i.ID, i.SentAt.UnixMicro()})
}

// MemberNotice is the payload of JobNotice: what happened to a membership.
type MemberNotice struct {
	User uuid.UUID `json:"user"`
	// What is "role", "deactivated", "reactivated", "factor_reset",
	// NoticeSuspended or NoticeReactivated.
	What string `json:"what"`
	Role string `json:"role"`
}

// QueueNotice has a mail to a member made and sent.
func (tx *MemberTx) QueueNotice(job uuid.UUID, m model.Member, what string) error {
	return tx.queue(job, JobNotice, tx.scope.workspace, MemberNotice{m.ID, what, m.Role.String()})
}

func (tx *IdentityTx) queue(id uuid.UUID, kind string, workspace uuid.UUID, v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("queue %s: %w", kind, err)
	}
	return tx.Enqueue(Job{ID: id, Kind: kind, Payload: payload, Workspace: workspace})
}

const practiceNameSQL = `select name, status from workspaces where id = $1`

// PracticeName returns the name of an active workspace, for a mail or for
// whoever is invited. The error is NotFound when it is not active.
func (s *Store) PracticeName(ctx context.Context, workspace uuid.UUID) (model.Text, error) {
	box, err := s.box(ctx, workspace)
	if err != nil {
		return "", err
	}
	var name []byte
	var status string
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, practiceNameSQL, workspace)
		return one(r, err, &name, &status)
	})
	if err != nil {
		return "", fmt.Errorf("practice name: %w", missing(err))
	}
	if status != "active" {
		return "", model.ErrNotFound
	}
	raw, err := box.Open(place("workspaces", "name", workspace), name)
	return model.Text(raw), err
}

const setTokenSQL = `update invitations set token_hash = $3
	where workspace_id = $1 and id = $2 and accepted_at is null and revoked_at is null`

// PrepareInvitation gives the link's secret to the invitation that a mail is
// made for. It is NotFound when the mail is not wanted any more.
func (tx *IdentityTx) PrepareInvitation(m InvitationMail, tokenHash []byte) (model.Invitation, error) {
	i, err := tx.openInvitation(m.Workspace, m.Invitation)
	if err != nil {
		return i, err
	}
	if i.SentAt.UnixMicro() != m.Sent {
		return i, model.ErrNotFound
	}
	listed, err := tx.Blacklisted(string(i.Email))
	if err != nil {
		return i, err
	}
	if listed {
		return i, model.ErrNotFound
	}
	if _, err := tx.c.exec(tx.ctx, setTokenSQL, i.WorkspaceID, i.ID, tokenHash); err != nil {
		return i, fmt.Errorf("prepare invitation: %w", err)
	}
	return i, nil
}

const invitationByTokenSQL = invitationCols + ` where i.token_hash = $1`

// InvitationByToken returns the invitation behind a link while it can be
// accepted. The error says what became of it. Nothing is changed.
func (tx *IdentityTx) InvitationByToken(tokenHash []byte) (model.Invitation, error) {
	r, err := tx.c.query(tx.ctx, invitationByTokenSQL, tokenHash)
	i, err := tx.oneInvitation(r, err)
	if model.KindOf(err) == model.NotFound {
		return i, model.ErrInvitationInvalid
	}
	if err != nil {
		return i, err
	}
	listed, err := tx.Blacklisted(string(i.Email))
	switch {
	case err != nil:
		return i, err
	case i.RevokedAt != nil, listed:
		return i, model.ErrInvitationInvalid
	case i.AcceptedAt != nil:
		return i, model.ErrInvitationUsed
	case !i.ExpiresAt.After(tx.now):
		return i, model.ErrInvitationExpired
	}
	return i, nil
}

const redeemInvitationSQL = `update invitations set accepted_at = $3
	where workspace_id = $1 and token_hash = $2 and accepted_at is null and revoked_at is null and expires_at > $3`

const activeWorkspaceSQL = `select 1 from workspaces where id = $1 and status = 'active'`

// AcceptInvitation uses the invitation up and makes u a member; of many at
// once, one does. u is the person with the invitation's address, with a fresh
// id for the case that nobody signs in with it yet; who it became is returned.
// The acceptance is in the workspace's chain.
func (tx *IdentityTx) AcceptInvitation(i model.Invitation, tokenHash []byte, u model.User, request uuid.UUID) (model.User, error) {
	if err := tx.queueWriters(i.WorkspaceID); err != nil {
		return u, err
	}
	n, err := tx.c.exec(tx.ctx, redeemInvitationSQL, i.WorkspaceID, tokenHash, tx.now)
	if err != nil {
		return u, fmt.Errorf("redeem invitation: %w", err)
	}
	if n == 0 {
		return u, model.ErrInvitationUsed // between the look and now
	}
	var active int64
	r, err := tx.c.query(tx.ctx, activeWorkspaceSQL, i.WorkspaceID)
	if err := one(r, err, &active); err != nil {
		return u, orInvalid(missing(err))
	}
	u.Email, u.WorkspaceID, u.Role, u.Active = i.Email, i.WorkspaceID, i.Role, true
	if u, err = tx.join(u); err != nil {
		return u, err
	}
	e := audit.Event{ActorKind: audit.Person, ActorID: u.ID, Action: model.InvitationAccept.String(), Outcome: audit.OK, SubjectID: i.ID, Count: 1, RequestID: request}
	return u, tx.record(i.WorkspaceID, e)
}

func orInvalid(err error) error {
	if model.KindOf(err) == model.NotFound {
		return model.ErrInvitationInvalid
	}
	return err
}

// queueWriters makes the writers of a workspace wait until the end of the
// transaction, in the order in which all transactions lock.
func (tx *IdentityTx) queueWriters(workspace uuid.UUID) error {
	if err := tx.c.enter(tx.ctx, workspace); err != nil {
		return fmt.Errorf("enter workspace: %w", err)
	}
	_, err := lockChain(tx.ctx, tx.c, workspace)
	return err
}

const knownSQL = `select u.id, u.locale, m.workspace_id from users u left join members m on m.user_id = u.id where u.email_key = $1`

// join makes u a member of u.WorkspaceID: a new person, or one who belongs to
// no practice yet.
func (tx *IdentityTx) join(u model.User) (model.User, error) {
	var id uuid.UUID
	var elsewhere *uuid.UUID
	var locale string
	r, err := tx.c.query(tx.ctx, knownSQL, emailKey(tx.box, string(u.Email)))
	err = missing(one(r, err, &id, &locale, &elsewhere))
	switch {
	case model.KindOf(err) == model.NotFound:
		if err := tx.addUser(u); err != nil {
			return u, err
		}
		return u, tx.addMembership(u)
	case err != nil:
		return u, fmt.Errorf("known address: %w", err)
	case elsewhere == nil:
		u.ID, u.Locale = id, locale
		return u, tx.addMembership(u)
	case *elsewhere == u.WorkspaceID:
		return u, model.ErrInvitationUsed
	}
	return u, model.ErrMemberElsewhere
}
