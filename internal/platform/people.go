package platform

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// Invited is an invitation with the name of its practice.
type Invited struct {
	model.Invitation

	Practice model.Text
}

// Invite makes a practice and invites its owner.
func (p *Platform) Invite(ctx context.Context, sc store.PlatformScope, w model.Workspace, i model.Invitation) (Invited, error) {
	i.Role = model.Owner
	w.Locale = i.Locale
	i, ierr := i.Normalize()
	w, werr := w.Normalize()
	if err := model.JoinInvalid(model.RenameField(werr, "name", "practice_name"), ierr); err != nil {
		return Invited{}, err
	}
	ids, err := p.newIDs(3)
	if err != nil {
		return Invited{}, err
	}
	w.ID, i.ID, i.WorkspaceID = ids[0], ids[1], ids[0]
	err = p.store.Platform(ctx, sc, model.PlatformInvite, func(tx *store.PlatformTx) error {
		if err := tx.CreateWorkspace(w); err != nil {
			return err
		}
		if i, err = tx.InsertInvitation(i); err != nil {
			return err
		}
		return tx.QueueInvitation(ids[2], i)
	})
	if err != nil {
		return Invited{}, fmt.Errorf("invite: %w", err)
	}
	return Invited{i, w.Name}, nil
}

func (p *Platform) newIDs(n int) ([]uuid.UUID, error) {
	all := make([]uuid.UUID, n)
	for i := range all {
		id, err := p.newID()
		if err != nil {
			return nil, err
		}
		all[i] = id
	}
	return all, nil
}

// ListInvitations returns the open invitations of the operator, the newest
// first.
func (p *Platform) ListInvitations(ctx context.Context, sc store.PlatformScope) ([]Invited, error) {
	all, err := p.store.PlatformInvitations(ctx, sc)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	out := make([]Invited, len(all))
	for n, i := range all {
		if out[n], err = p.named(ctx, i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// named adds the name of the practice, empty when it is not active.
func (p *Platform) named(ctx context.Context, i model.Invitation) (Invited, error) {
	name, err := p.store.PracticeName(ctx, i.WorkspaceID)
	if err != nil && model.KindOf(err) != model.NotFound {
		return Invited{}, fmt.Errorf("invitation: %w", err)
	}
	return Invited{i, name}, nil
}

// Resend ends the link that was mailed and mails a new one.
func (p *Platform) Resend(ctx context.Context, sc store.PlatformScope, id uuid.UUID) (Invited, error) {
	job, err := p.newID()
	if err != nil {
		return Invited{}, err
	}
	var i model.Invitation
	err = p.store.Platform(ctx, sc, model.PlatformResend, func(tx *store.PlatformTx) error {
		if i, err = tx.Invitation(id); err != nil {
			return err
		}
		if i, err = tx.RenewInvitation(i); err != nil {
			return err
		}
		return tx.QueueInvitation(job, i)
	})
	if err != nil {
		return Invited{}, fmt.Errorf("resend: %w", err)
	}
	return p.named(ctx, i)
}

// Revoke takes an invitation back, and the practice that nobody has joined.
func (p *Platform) Revoke(ctx context.Context, sc store.PlatformScope, id uuid.UUID) error {
	err := p.store.Platform(ctx, sc, model.PlatformRevoke, func(tx *store.PlatformTx) error {
		i, err := tx.Invitation(id)
		if err != nil {
			return err
		}
		return tx.RevokeInvitation(i)
	})
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	return nil
}

// Listed is an entry of the blacklist with the address of who added it.
type Listed struct {
	model.BlacklistEntry

	AddedByEmail model.Text
}

// ListBlacklist returns entries older than the one called after, the newest
// first, and whether there are more.
func (p *Platform) ListBlacklist(ctx context.Context, sc store.PlatformScope, after uuid.UUID, limit int) (out []Listed, more bool, err error) {
	all, err := p.store.Blacklist(ctx, sc, after, limit+1)
	if err != nil {
		return nil, false, fmt.Errorf("list blacklist: %w", err)
	}
	if more = len(all) > limit; more {
		all = all[:limit]
	}
	out, err = p.withAuthors(ctx, sc, all)
	return out, more, err
}

func (p *Platform) withAuthors(ctx context.Context, sc store.PlatformScope, all []model.BlacklistEntry) ([]Listed, error) {
	var ids []uuid.UUID
	for _, b := range all {
		ids = append(ids, b.AddedBy)
	}
	who, err := p.store.Addresses(ctx, sc, ids)
	if err != nil {
		return nil, fmt.Errorf("authors: %w", err)
	}
	out := make([]Listed, len(all))
	for i, b := range all {
		out[i] = Listed{b, who[b.AddedBy]}
	}
	return out, nil
}

// Blacklist keeps an address or a domain out, and ends what it has begun.
func (p *Platform) Blacklist(ctx context.Context, sc store.PlatformScope, b model.BlacklistEntry) (Listed, error) {
	b, err := b.Normalize()
	if err != nil {
		return Listed{}, err
	}
	if b.ID, err = p.newID(); err != nil {
		return Listed{}, err
	}
	err = p.store.Platform(ctx, sc, model.BlacklistAdd, func(tx *store.PlatformTx) error {
		b, err = tx.InsertBlacklist(b)
		return err
	})
	if err != nil {
		return Listed{}, fmt.Errorf("blacklist: %w", err)
	}
	out, err := p.withAuthors(ctx, sc, []model.BlacklistEntry{b})
	if err != nil {
		return Listed{}, err
	}
	return out[0], nil
}

// Unlist takes an entry off the blacklist.
func (p *Platform) Unlist(ctx context.Context, sc store.PlatformScope, id uuid.UUID) error {
	err := p.store.Platform(ctx, sc, model.BlacklistRemove, func(tx *store.PlatformTx) error { return tx.DeleteBlacklist(id) })
	if err != nil {
		return fmt.Errorf("unlist: %w", err)
	}
	return nil
}

// Activity returns the steps that the filter wants, the newest first, and
// whether there are more.
func (p *Platform) Activity(ctx context.Context, sc store.PlatformScope, f model.ActivityFilter) ([]model.ServerEvent, bool, error) {
	limit := f.Limit
	f.Limit++
	all, err := p.store.PlatformActivity(ctx, sc, f)
	if err != nil {
		return nil, false, fmt.Errorf("activity: %w", err)
	}
	if len(all) > limit {
		return all[:limit], true, nil
	}
	return all, false, nil
}

// Metrics counts practices, people and sign-ins over so many days.
func (p *Platform) Metrics(ctx context.Context, sc store.PlatformScope, days int) (model.ServerMetrics, error) {
	m, err := p.store.ServerMetrics(ctx, sc, days)
	if err != nil {
		return m, fmt.Errorf("metrics: %w", err)
	}
	return m, nil
}
