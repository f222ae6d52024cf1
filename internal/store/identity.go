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
}

// Identity runs fn in one transaction over the identity rows.
func (s *Store) Identity(ctx context.Context, fn func(*IdentityTx) error) error {
	box, err := s.box(ctx, system)
	if err != nil {
		return err
	}
	return s.identityWrite(ctx, func(c conn) ([]stmt, error) {
		return nil, fn(&IdentityTx{ctx: ctx, c: c, store: s, box: box, now: s.now()})
	})
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
	return nil
}

const userCols = `u.id, u.profile, u.locale, m.workspace_id, m.role, m.active and w.status = 'active'`

const userFrom = ` from users u join members m on m.user_id = u.id join workspaces w on w.id = m.workspace_id`

const userByEmailSQL = `select ` + userCols + userFrom + ` where u.email_key = $1`

// UserByEmail finds who signs in with an address; NotFound when nobody does.
// Active is false when the membership or the workspace is not active.
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
	if err := r.Scan(&u.ID, &profile, &u.Locale, &u.WorkspaceID, &role, &u.Active); err != nil {
		return u, fmt.Errorf("scan user: %w", err)
	}
	u.Role, _ = model.ParseRole(role)
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
