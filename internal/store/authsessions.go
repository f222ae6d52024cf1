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

// AuthSession is a sign-in that lives on one device. A platform admin's has no
// workspace: it opens the operator's routes, and no practice.
type AuthSession struct {
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	UserID      uuid.UUID
	// Device is the browser's own description, Address where it signed in from.
	Device, Address model.Text
	CreatedAt       time.Time
	LastSeenAt      time.Time
	ExpiresAt       time.Time
	// ProvedAt is when the person last proved a factor in this session, nil for
	// never, and Factor which one it was.
	ProvedAt *time.Time
	Factor   model.Factor
	// Admin, HasFactor and MustEnrol are about the person as they are now: a
	// platform admin, with a second factor, with none where one is required.
	Admin, HasFactor, MustEnrol bool
}

const insertSessionSQL = `insert into auth_sessions
	(id, workspace_id, user_id, device, created_at, last_seen_at, expires_at, proved_at, factor, epoch)
	values ($1, $2, $3, $4, $5, $5, $6, $7, $8, (select epoch from users where id = $3))`

// InsertSession starts a session, in the person's current epoch.
func (tx *IdentityTx) InsertSession(a AuthSession) error {
	device, err := pair{a.Device, a.Address}.seal(tx.box, deviceAt(a.ID))
	if err != nil {
		return err
	}
	_, err = tx.c.exec(tx.ctx, insertSessionSQL, a.ID, orNoID(a.WorkspaceID), a.UserID, device, tx.now, a.ExpiresAt, a.ProvedAt, orNull(string(a.Factor)))
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	return nil
}

// orNoID stores no id as null.
func orNoID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func deviceAt(id uuid.UUID) crypt.Place { return place("auth_sessions", "device", id) }

// hasFactorSQL tells of the person u whether they have a second factor.
const hasFactorSQL = `(exists (select 1 from totp_secrets t where t.user_id = u.id and t.confirmed_at is not null)
	or exists (select 1 from passkeys k where k.user_id = u.id))`

const liveSessionSQL = `select a.workspace_id, a.user_id, a.created_at, a.last_seen_at, a.expires_at, a.proved_at, coalesce(a.factor, ''),
	coalesce(m.role, ''), p.user_id is not null, ` + hasFactorSQL + `, coalesce(w.second_factor_required, false)
	from auth_sessions a
	join users u on u.id = a.user_id and u.epoch = a.epoch and u.blocked_at is null
	left join members m on m.workspace_id = a.workspace_id and m.user_id = a.user_id and m.active = true
	left join workspaces w on w.id = a.workspace_id and w.status = 'active'
	left join platform_admins p on p.user_id = a.user_id
	where a.id = $1 and a.revoked_at is null and a.expires_at > $2
	and case when a.workspace_id is null then p.user_id is not null else m.user_id is not null and w.id is not null end`

// Live is a session that may be used, and what it opens: the scope of a
// workspace or that of the platform, never both.
type Live struct {
	AuthSession

	Scope    Scope
	Platform PlatformSessionScope
}

// LiveSession returns a session that was neither revoked nor is past its end,
// of an active member of an active workspace or of a platform admin, with the
// scope it opens. Whether it was idle too long is the caller's to judge. The
// error is NotFound.
func (s *Store) LiveSession(ctx context.Context, id uuid.UUID) (Live, error) {
	a := AuthSession{ID: id}
	var workspace *uuid.UUID
	var role, factor string
	var required bool
	err := s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, liveSessionSQL, id, s.now())
		return one(r, err, &workspace, &a.UserID, &a.CreatedAt, &a.LastSeenAt, &a.ExpiresAt, &a.ProvedAt, &factor,
			&role, &a.Admin, &a.HasFactor, &required)
	})
	if err != nil {
		return Live{}, missing(err)
	}
	a.Factor = model.Factor(factor)
	a.MustEnrol = (required || a.Admin) && !a.HasFactor
	if workspace == nil {
		return Live{AuthSession: a, Platform: PlatformSessionScope{actor: a.UserID, session: id}}, nil
	}
	a.WorkspaceID = *workspace
	sc := Scope{workspace: a.WorkspaceID, actor: a.UserID, session: id}
	sc.role, _ = model.ParseRole(role)
	return Live{AuthSession: a, Scope: sc}, nil
}

const touchSessionSQL = `update auth_sessions set last_seen_at = $2 where id = $1 and revoked_at is null and last_seen_at < $2`

// TouchSession notes that the session was used at t.
func (s *Store) TouchSession(ctx context.Context, id uuid.UUID, t time.Time) error {
	err := s.identityWrite(ctx, func(conn) ([]stmt, error) {
		return []stmt{{touchSessionSQL, []any{id, t}}}, nil
	})
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}

const revokeSessionSQL = `update auth_sessions set revoked_at = $2 where id = $1 and revoked_at is null`

// RevokeSession ends a session at once, on every server.
func (tx *IdentityTx) RevokeSession(id uuid.UUID) error {
	if _, err := tx.c.exec(tx.ctx, revokeSessionSQL, id, tx.now); err != nil {
		return fmt.Errorf("revoke session: %w", err)
	}
	return nil
}

const revokeOwnSessionSQL = `update auth_sessions set revoked_at = $3 where id = $1 and user_id = $2 and revoked_at is null and expires_at > $3
	and epoch = (select epoch from users where id = $2)`

// RevokeOwnSession ends one session of a person; NotFound when they have no
// such live session.
func (tx *IdentityTx) RevokeOwnSession(user, id uuid.UUID) error {
	n, err := tx.c.exec(tx.ctx, revokeOwnSessionSQL, id, user, tx.now)
	if err != nil {
		return fmt.Errorf("revoke session: %w", err)
	}
	if n == 0 {
		return model.ErrNotFound
	}
	return nil
}

const revokeOthersSQL = `update auth_sessions set revoked_at = $3 where user_id = $1 and id <> $2 and revoked_at is null`

// RevokeOtherSessions ends all sessions of a person but one.
func (tx *IdentityTx) RevokeOtherSessions(user, keep uuid.UUID) error {
	if _, err := tx.c.exec(tx.ctx, revokeOthersSQL, user, keep, tx.now); err != nil {
		return fmt.Errorf("revoke other sessions: %w", err)
	}
	return nil
}

const raiseEpochSQL = `update users set epoch = epoch + 1 where id = $1`

// RaiseEpoch ends all sessions of a person, on every server, with the next
// request of each: those that are being opened at this moment too.
func (tx *IdentityTx) RaiseEpoch(user uuid.UUID) error {
	if _, err := tx.c.exec(tx.ctx, raiseEpochSQL, user); err != nil {
		return fmt.Errorf("raise epoch: %w", err)
	}
	return nil
}

const proveSQL = `update auth_sessions set proved_at = $2, factor = $3 where id = $1 and revoked_at is null`

// Prove notes that the person proved a factor in a session just now.
func (tx *IdentityTx) Prove(session uuid.UUID, f model.Factor) error {
	if _, err := tx.c.exec(tx.ctx, proveSQL, session, tx.now, string(f)); err != nil {
		return fmt.Errorf("prove factor: %w", err)
	}
	return nil
}

const signedInBeforeSQL = `select 1 from auth_sessions where user_id = $1 limit 1`

// SignedInBefore reports whether the person had a session that is remembered.
func (tx *IdentityTx) SignedInBefore(user uuid.UUID) (bool, error) {
	return tx.exists(signedInBeforeSQL, user)
}

// exists reports whether a query has a row.
func (tx *IdentityTx) exists(text string, args ...any) (bool, error) {
	var n int64
	r, err := tx.c.query(tx.ctx, text, args...)
	if err := one(r, err, &n); errors.Is(err, errNoRow) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("look up: %w", err)
	}
	return true, nil
}

const sessionsOfSQL = `select a.id, a.workspace_id, a.device, a.created_at, a.last_seen_at, a.expires_at
	from auth_sessions a join users u on u.id = a.user_id and u.epoch = a.epoch
	where a.user_id = $1 and a.revoked_at is null and a.expires_at > $2 and a.last_seen_at >= $3
	order by a.created_at desc, a.id desc limit 100`

// SessionsOf lists the sessions of a person that were used since, the newest
// first, at most 100.
func (s *Store) SessionsOf(ctx context.Context, user uuid.UUID, since time.Time) (all []AuthSession, err error) {
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, sessionsOfSQL, user, s.now(), since)
		all, err = collect(r, err, func(r rows) (AuthSession, error) { return scanSession(r, box, user) })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return all, nil
}

func scanSession(r rows, box *crypt.Box, user uuid.UUID) (AuthSession, error) {
	a := AuthSession{UserID: user}
	var workspace *uuid.UUID
	var device []byte
	if err := r.Scan(&a.ID, &workspace, &device, &a.CreatedAt, &a.LastSeenAt, &a.ExpiresAt); err != nil {
		return a, fmt.Errorf("scan session: %w", err)
	}
	if workspace != nil {
		a.WorkspaceID = *workspace
	}
	p, err := openPair(box, deviceAt(a.ID), device)
	a.Device, a.Address = p.first, p.second
	return a, err
}

const dropSessionsSQL = `delete from auth_sessions where expires_at < $1`

// DropSessions forgets sessions that ended before t, with device and address.
func (tx *IdentityTx) DropSessions(t time.Time) error {
	if _, err := tx.c.exec(tx.ctx, dropStepUpCodesSQL, tx.now); err != nil {
		return fmt.Errorf("forget step-up codes: %w", err)
	}
	if _, err := tx.c.exec(tx.ctx, dropSessionsSQL, t); err != nil {
		return fmt.Errorf("forget sessions: %w", err)
	}
	return nil
}
