package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const managedCols = `select w.id, w.name, w.status, w.status_reason, w.status_at, w.shred_at, w.shredded_at, w.created_at, w.quota_bytes,
	(select count(*) from members m where m.workspace_id = w.id and m.active),
	(select count(*) from invitations i where i.workspace_id = w.id and i.accepted_at is null and i.revoked_at is null),
	(select max(a.last_seen_at) from members m join auth_sessions a on a.user_id = m.user_id where m.workspace_id = w.id)
	from workspaces w`

const (
	// The ids begin with the time, so their order is that of the practices.
	managedPageSQL = managedCols + ` where w.id < $1 order by w.id desc limit $2`
	managedOneSQL  = managedCols + ` where w.id = $1`
)

// managed is a row of the operator's list before its name is opened.
type managed struct {
	model.ManagedWorkspace

	name []byte
}

func scanManaged(r rows, box *crypt.Box) (w managed, err error) {
	var reason []byte
	var quota *int64
	err = r.Scan(&w.ID, &w.name, &w.Status, &reason, &w.StatusAt, &w.ShredAt, &w.ShreddedAt, &w.CreatedAt, &quota,
		&w.Members, &w.Invitations, &w.LastSeenAt)
	if err != nil {
		return w, fmt.Errorf("scan workspace: %w", err)
	}
	w.Quota = model.DefaultQuota
	if quota != nil {
		w.Quota = *quota
	}
	if reason != nil {
		raw, err := box.Open(place("workspaces", "status_reason", w.ID), reason)
		w.Reason = model.Text(raw)
		return w, err
	}
	return w, nil
}

// batch is how many practices are looked at in one query when a name is
// searched: names are sealed, so each must be opened.
const batch = 200

// ManagedWorkspaces returns the practices that the filter asks for, the newest
// first, at most one more than its limit.
func (s *Store) ManagedWorkspaces(ctx context.Context, sc PlatformScope, f model.WorkspaceFilter) (found []model.ManagedWorkspace, err error) {
	var page []managed
	last := orLast(f.After)
	err = s.look(ctx, sc, model.PlatformWorkspaces, uuid.Nil, func(c conn) error {
		page, err = s.managedPage(ctx, c, managedPageSQL, last, int64(batch))
		return err
	})
	for err == nil {
		for i := range page {
			if err = s.nameManaged(ctx, &page[i]); err != nil {
				return nil, err
			}
			if f.Matches(&page[i].ManagedWorkspace) {
				found = append(found, page[i].ManagedWorkspace)
			}
		}
		if len(found) > f.Limit || len(page) < batch {
			return found[:min(len(found), f.Limit+1)], nil
		}
		last = page[len(page)-1].ID
		err = s.identityRead(ctx, func(c conn) error {
			page, err = s.managedPage(ctx, c, managedPageSQL, last, int64(batch))
			return err
		})
	}
	return nil, fmt.Errorf("workspaces: %w", err)
}

// ManagedWorkspace returns one practice; the error is NotFound.
func (s *Store) ManagedWorkspace(ctx context.Context, sc PlatformScope, id uuid.UUID) (w model.ManagedWorkspace, err error) {
	var page []managed
	err = s.look(ctx, sc, model.PlatformWorkspaces, id, func(c conn) error {
		page, err = s.managedPage(ctx, c, managedOneSQL, id)
		return err
	})
	if err != nil {
		return w, fmt.Errorf("workspace: %w", err)
	}
	if len(page) == 0 {
		return w, model.ErrNotFound
	}
	err = s.nameManaged(ctx, &page[0])
	return page[0].ManagedWorkspace, err
}

const ownersSQL = `select u.id, u.profile from members m join users u on u.id = m.user_id
	where m.workspace_id = $1 and m.role = 'owner' and m.active order by m.created_at, u.id`

func (s *Store) managedPage(ctx context.Context, c conn, query string, args ...any) ([]managed, error) {
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	r, err := c.query(ctx, query, args...)
	page, err := collect(r, err, func(r rows) (managed, error) { return scanManaged(r, box) })
	if err != nil {
		return nil, err
	}
	for i := range page {
		r, err := c.query(ctx, ownersSQL, page[i].ID)
		page[i].Owners, err = collect(r, err, func(r rows) (model.User, error) { return scanPerson(r, box) })
		if err != nil {
			return nil, err
		}
	}
	return page, nil
}

func scanPerson(r rows, box *crypt.Box) (u model.User, err error) {
	var profile []byte
	if err := r.Scan(&u.ID, &profile); err != nil {
		return u, fmt.Errorf("scan person: %w", err)
	}
	p, err := openPair(box, place("users", "profile", u.ID), profile)
	u.Email, u.FullName = p.first, p.second
	return u, err
}

// nameManaged opens the name; it stays empty when the key was destroyed.
func (s *Store) nameManaged(ctx context.Context, w *managed) error {
	if w.ShreddedAt != nil {
		return nil
	}
	box, err := s.box(ctx, w.ID)
	if err != nil {
		return err
	}
	raw, err := box.Open(place("workspaces", "name", w.ID), w.name)
	w.Name = model.Text(raw)
	return err
}

const (
	managedStateSQL = `select status, shredded_at from workspaces where id = $1`
	setStatusSQL    = `update workspaces set status = $2, status_reason = $3, status_at = $4, shred_at = $5, shredded_at = $6 where id = $1`
	ownMemberSQL    = `select 1 from members where workspace_id = $1 and user_id = $2`
	// Sessions from before must not live again when the practice does.
	endSessionsSQL = `update users set epoch = epoch + 1 where id in (select user_id from members where workspace_id = $1)`
	endLinksSQL    = `delete from sign_in_links where user_id in (select user_id from members where workspace_id = $1)`
	deleteKeysSQL  = `delete from data_keys where owner_id = $1`
	setQuotaSQL    = `update workspaces set quota_bytes = $2 where id = $1`
)

// Status is what the operator makes of a practice.
type Status struct {
	// Name is "active", "suspended" or "deleted".
	Name   string
	Reason model.Text
	// From are the statuses from which it may come.
	From []string
	// Shred destroys the data key at once.
	Shred bool
}

// SetStatus suspends, deletes or brings back a practice. Its people are signed
// out, and its own chain tells. The error is NotFound, Conflict, or Gone when
// its key was destroyed.
func (tx *PlatformTx) SetStatus(id uuid.UUID, act model.Action, to Status) error {
	tx.about(id)
	if err := tx.mayChange(id, to.From); err != nil {
		return err
	}
	if err := tx.witness(id, act); err != nil {
		return err
	}
	reason, err := tx.sealedReason(id, to.Reason)
	if err != nil {
		return err
	}
	var shred, shredded *time.Time
	if to.Name == "deleted" {
		at := tx.now.Add(model.ShredAfter)
		shred = &at
	}
	if to.Shred {
		shred, shredded = &tx.now, &tx.now
	}
	for _, s := range []stmt{{setStatusSQL, []any{id, to.Name, reason, tx.now, shred, shredded}}, {endSessionsSQL, []any{id}}, {endLinksSQL, []any{id}}} {
		if _, err := tx.c.exec(tx.ctx, s.sql, s.args...); err != nil {
			return fmt.Errorf("set status: %w", err)
		}
	}
	if to.Shred {
		return tx.destroyKey(id)
	}
	return nil
}

// mayChange refuses practices in another state and one's own.
func (tx *PlatformTx) mayChange(id uuid.UUID, from []string) error {
	var status string
	var shredded *time.Time
	r, err := tx.c.query(tx.ctx, managedStateSQL, id)
	if err := one(r, err, &status, &shredded); err != nil {
		return missing(err)
	}
	var n int64
	r, err = tx.c.query(tx.ctx, ownMemberSQL, id, tx.scope.actor)
	if err := one(r, err, &n); err == nil {
		return model.ErrOwnWorkspace
	} else if !errors.Is(err, errNoRow) {
		return fmt.Errorf("own workspace: %w", err)
	}
	if shredded != nil {
		return model.ErrShredded
	}
	for _, name := range from {
		if status == name {
			return nil
		}
	}
	return model.ErrWrongStatus
}

func (tx *PlatformTx) sealedReason(id uuid.UUID, reason model.Text) ([]byte, error) {
	if reason == "" {
		return nil, nil
	}
	return tx.box.Seal(place("workspaces", "status_reason", id), []byte(reason))
}

// destroyKey makes everything sealed of a deleted practice unreadable, for
// good. The database lets it happen only behind SetStatus.
func (tx *PlatformTx) destroyKey(id uuid.UUID) error {
	if _, err := tx.c.exec(tx.ctx, deleteKeysSQL, id); err != nil {
		return fmt.Errorf("destroy data key: %w", err)
	}
	tx.destroyed = append(tx.destroyed, id)
	return nil
}

const (
	dueToShredSQL = `select id from workspaces where status = 'deleted' and shredded_at is null and shred_at <= $1 order by id`
	shreddedSQL   = `update workspaces set shredded_at = $2 where id = $1 and status = 'deleted' and shredded_at is null and shred_at <= $2`
)

// DueToShred lists the deleted practices whose time is over.
func (s *Store) DueToShred(ctx context.Context) (all []uuid.UUID, err error) {
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, dueToShredSQL, s.now())
		all, err = collect(r, err, func(r rows) (id uuid.UUID, err error) { return id, r.Scan(&id) })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("due to shred: %w", err)
	}
	return all, nil
}

// Shred destroys the data key of a deleted practice whose time is over; the
// error is Conflict when it is not.
func (tx *PlatformTx) Shred(id uuid.UUID) error {
	tx.about(id)
	if err := tx.witness(id, model.PlatformShred); err != nil {
		return err
	}
	n, err := tx.c.exec(tx.ctx, shreddedSQL, id, tx.now)
	if err != nil {
		return fmt.Errorf("shred: %w", err)
	}
	if n == 0 {
		return model.ErrWrongStatus
	}
	return tx.destroyKey(id)
}

// SetQuota stores how many bytes of files a practice may keep.
func (tx *PlatformTx) SetQuota(id uuid.UUID, bytes int64) error {
	tx.about(id)
	n, err := tx.c.exec(tx.ctx, setQuotaSQL, id, bytes)
	if err != nil {
		return fmt.Errorf("set quota: %w", err)
	}
	if n == 0 {
		return model.ErrNotFound
	}
	return tx.witness(id, model.PlatformQuota)
}

const activeSQL = `select id from workspaces where status = 'active' order by id`

// ActiveWorkspaces lists the practices for which background work is done.
func (s *Store) ActiveWorkspaces(ctx context.Context) (all []uuid.UUID, err error) {
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, activeSQL)
		all, err = collect(r, err, func(r rows) (id uuid.UUID, err error) { return id, r.Scan(&id) })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("active workspaces: %w", err)
	}
	return all, nil
}
