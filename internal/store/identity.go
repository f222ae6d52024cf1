package store

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// IdentityTx reaches what signing in needs: people, memberships, sign-in
// links, sign-in sessions and jobs. It cannot reach a record of a practice.
type IdentityTx struct {
	ctx   context.Context //nolint:containedctx // a transaction lives inside one call
	c     conn
	store *Store
	box   *crypt.Box // the system's
	now   time.Time

	grown *[]chainHead // each got one entry more; shared by copies
}

// Identity runs fn in one transaction over the identity rows.
func (s *Store) Identity(ctx context.Context, fn func(*IdentityTx) error) error {
	box, err := s.box(ctx, system)
	if err != nil {
		return err
	}
	var grown []chainHead
	err = s.identityWrite(ctx, func(c conn) ([]stmt, error) {
		grown = nil
		return nil, fn(&IdentityTx{ctx: ctx, c: c, store: s, box: box, now: s.now(), grown: &grown})
	})
	if err == nil {
		for _, head := range grown {
			s.grew(head, 1)
		}
	}
	return err
}

// Now is the time of the transaction.
func (tx *IdentityTx) Now() time.Time { return tx.now }

// record adds an entry to a chain within the transaction.
func (tx *IdentityTx) record(workspace uuid.UUID, e audit.Event) error {
	e.At = tx.now
	if err := tx.c.enter(tx.ctx, workspace); err != nil {
		return fmt.Errorf("enter audit chain: %w", err)
	}
	head, err := lockChain(tx.ctx, tx.c, workspace)
	if err != nil {
		return err
	}
	for _, s := range head.extend([]audit.Event{e}) {
		if _, err := tx.c.exec(tx.ctx, s.sql, s.args...); err != nil {
			return fmt.Errorf("audit entry: %w", err)
		}
	}
	if tx.grown != nil {
		*tx.grown = append(*tx.grown, head)
	}
	return nil
}

const userCols = `u.id, u.profile, u.locale, m.workspace_id, coalesce(m.role, ''), coalesce(m.active and w.status = 'active', false) and u.blocked_at is null,
	p.user_id is not null and u.blocked_at is null, ` + hasFactorSQL

const userFrom = ` from users u left join members m on m.user_id = u.id left join workspaces w on w.id = m.workspace_id
	left join platform_admins p on p.user_id = u.id`

const userByEmailSQL = `select ` + userCols + userFrom + ` where u.email_key = $1`

// UserByEmail finds who signs in with an address; NotFound when nobody does.
// Active is false when the membership or the workspace is not active. A platform
// admin without an active membership is found without a workspace, and active.
func (tx *IdentityTx) UserByEmail(email string) (model.User, error) {
	r, err := tx.c.query(tx.ctx, userByEmailSQL, emailKey(tx.box, email))
	return oneUser(r, err, tx.box)
}

const userByIDSQL = `select ` + userCols + userFrom + ` where u.id = $1`

// User returns a person by id.
func (tx *IdentityTx) User(id uuid.UUID) (model.User, error) {
	r, err := tx.c.query(tx.ctx, userByIDSQL, id)
	return oneUser(r, err, tx.box)
}

func oneUser(r rows, err error, box *crypt.Box) (model.User, error) {
	found, err := collect(r, err, func(r rows) (model.User, error) { return scanUser(r, box) })
	if err != nil {
		return model.User{}, err
	}
	if len(found) == 0 {
		return model.User{}, model.ErrNotFound
	}
	return found[0], nil
}

func scanUser(r rows, box *crypt.Box) (u model.User, err error) {
	var profile []byte
	var role string
	var workspace *uuid.UUID
	if err := r.Scan(&u.ID, &profile, &u.Locale, &workspace, &role, &u.Active, &u.Admin, &u.HasFactor); err != nil {
		return u, fmt.Errorf("scan user: %w", err)
	}
	if u.Admin && !u.Active {
		u.Active = true // as an admin, of no practice
	} else if workspace != nil {
		u.WorkspaceID = *workspace
		u.Role, _ = model.ParseRole(role)
	}
	p, err := openPair(box, place("users", "profile", u.ID), profile)
	u.Email, u.FullName = p.first, p.second
	return u, err
}

// UserByID returns a person by id, outside of a transaction.
func (s *Store) UserByID(ctx context.Context, id uuid.UUID) (u model.User, err error) {
	box, err := s.box(ctx, system)
	if err != nil {
		return u, err
	}
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, userByIDSQL, id)
		u, err = oneUser(r, err, box)
		return err
	})
	return u, err
}

const addAdminSQL = `insert into platform_admins (user_id, created_at) values ($1, $2) on conflict (user_id) do nothing`

// AddPlatformAdmin lets a person run the server; it may be said twice.
func (tx *IdentityTx) AddPlatformAdmin(user uuid.UUID) error {
	if _, err := tx.c.exec(tx.ctx, addAdminSQL, user, tx.now); err != nil {
		return fmt.Errorf("add platform admin: %w", err)
	}
	return nil
}

const removeAdminSQL = `delete from platform_admins where user_id = $1`

// RemovePlatformAdmin takes that right away, with the next request.
func (tx *IdentityTx) RemovePlatformAdmin(user uuid.UUID) error {
	if _, err := tx.c.exec(tx.ctx, removeAdminSQL, user); err != nil {
		return fmt.Errorf("remove platform admin: %w", err)
	}
	return nil
}
