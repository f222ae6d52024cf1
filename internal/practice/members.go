package practice

import (
	"context"
	"fmt"
	"slices"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// ListMembers returns everybody who belongs to the practice: the active ones
// first, each part sorted by name.
func (p *Practice) ListMembers(ctx context.Context, sc store.Scope) ([]model.Member, error) {
	all, err := p.store.ListMembers(ctx, sc)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	slices.SortFunc(all, func(a, b model.Member) int { return activeFirst(a.User, b.User) })
	return all, nil
}

// CheckMember fails with NotFound when nobody of that id belongs to the
// practice.
func (p *Practice) CheckMember(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID) error {
	return p.store.CheckMember(ctx, sc, act, id)
}

// ChangeRole gives a member another role. The person is signed out everywhere
// and told by mail.
func (p *Practice) ChangeRole(ctx context.Context, sc store.Scope, id uuid.UUID, role model.Role) (model.Member, error) {
	return p.changeMember(ctx, sc, model.MemberRole, id, "role", func(m *model.Member) { m.Role = role })
}

// Deactivate keeps a member from signing in and from being booked. What the
// person wrote and whom they saw stays.
func (p *Practice) Deactivate(ctx context.Context, sc store.Scope, id uuid.UUID) (model.Member, error) {
	return p.changeMember(ctx, sc, model.MemberDeactivate, id, "deactivated", func(m *model.Member) { m.Active = false })
}

// Reactivate lets a member who was deactivated sign in again.
func (p *Practice) Reactivate(ctx context.Context, sc store.Scope, id uuid.UUID) (model.Member, error) {
	return p.changeMember(ctx, sc, model.MemberReactivate, id, "reactivated", func(m *model.Member) { m.Active = true })
}

// changeMember is the only way in which a membership changes: it keeps the
// practice's last owner. What makes no difference does nothing.
func (p *Practice) changeMember(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID, what string, change func(*model.Member)) (m model.Member, err error) {
	job, err := p.newID()
	if err != nil {
		return m, err
	}
	err = p.store.Members(ctx, sc, act, func(tx *store.MemberTx) error {
		if m, err = tx.Member(id); err != nil {
			return err
		}
		before := m
		change(&m)
		if m.Role == before.Role && m.Active == before.Active {
			return nil
		}
		if before.Active && before.Role == model.Owner {
			if err := tx.RequireOtherOwner(id); err != nil {
				return err
			}
		}
		if err := tx.ChangeMember(m); err != nil {
			return err
		}
		return tx.QueueNotice(job, m, what)
	})
	if err != nil {
		return m, fmt.Errorf("%s: %w", act, err)
	}
	return m, nil
}

// UpdateProfile changes the name and the language of whoever acts.
func (p *Practice) UpdateProfile(ctx context.Context, sc store.Scope, change func(*model.User)) error {
	err := p.store.Members(ctx, sc, model.ProfileUpdate, func(tx *store.MemberTx) error {
		u, err := tx.User(sc.User())
		if err != nil {
			return err
		}
		change(&u)
		if u, err = u.Normalize(); err != nil {
			return err
		}
		return tx.UpdateProfile(u)
	})
	if err != nil {
		return fmt.Errorf("update profile: %w", err)
	}
	return nil
}

// ListInvitations returns the open invitations of the practice, the newest
// first.
func (p *Practice) ListInvitations(ctx context.Context, sc store.Scope) ([]model.Invitation, error) {
	all, err := p.store.ListInvitations(ctx, sc)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return all, nil
}

// Invite asks somebody to join the practice. It does the same for an address
// that belongs to another practice, or that may not sign in.
func (p *Practice) Invite(ctx context.Context, sc store.Scope, i model.Invitation) (model.Invitation, error) {
	if i.Locale == "" {
		w, err := p.GetWorkspace(ctx, sc)
		if err != nil {
			return i, err
		}
		i.Locale = w.Locale
	}
	i, err := i.Normalize()
	if err != nil {
		return i, err
	}
	if i.ID, err = p.newID(); err != nil {
		return i, err
	}
	return p.invite(ctx, sc, model.InvitationCreate, func(tx *store.MemberTx) (model.Invitation, error) { return tx.InsertInvitation(i) })
}

// ResendInvitation ends the link that was mailed and mails a new one.
func (p *Practice) ResendInvitation(ctx context.Context, sc store.Scope, id uuid.UUID) (model.Invitation, error) {
	return p.invite(ctx, sc, model.InvitationResend, func(tx *store.MemberTx) (model.Invitation, error) {
		i, err := tx.Invitation(id)
		if err != nil {
			return i, err
		}
		return tx.RenewInvitation(i)
	})
}

// invite has the mail made of the invitation that prepare returns.
func (p *Practice) invite(ctx context.Context, sc store.Scope, act model.Action, prepare func(*store.MemberTx) (model.Invitation, error)) (i model.Invitation, err error) {
	job, err := p.newID()
	if err != nil {
		return i, err
	}
	err = p.store.Members(ctx, sc, act, func(tx *store.MemberTx) error {
		if i, err = prepare(tx); err != nil {
			return err
		}
		return tx.QueueInvitation(job, i)
	})
	if err != nil {
		return i, fmt.Errorf("%s: %w", act, err)
	}
	return i, nil
}

// RevokeInvitation takes an open invitation back; its link is worth nothing.
func (p *Practice) RevokeInvitation(ctx context.Context, sc store.Scope, id uuid.UUID) error {
	err := p.store.Members(ctx, sc, model.InvitationRevoke, func(tx *store.MemberTx) error { return tx.RevokeInvitation(id) })
	if err != nil {
		return fmt.Errorf("revoke invitation: %w", err)
	}
	return nil
}
