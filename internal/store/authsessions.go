package store

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// AuthSession is a sign-in that lives on one device.
type AuthSession struct {
	ID          uuid.UUID
	WorkspaceID uuid.UUID
	UserID      uuid.UUID
	// Device is the browser's own description, Address where it signed in from.
	Device, Address model.Text
	CreatedAt       time.Time
	LastSeenAt      time.Time
	ExpiresAt       time.Time
}

const insertSessionSQL = `insert into auth_sessions
	(id, workspace_id, user_id, device, created_at, last_seen_at, expires_at) values ($1, $2, $3, $4, $5, $5, $6)`

// InsertSession starts a session.
func (tx *IdentityTx) InsertSession(a AuthSession) error {
	device, err := pair{a.Device, a.Address}.seal(tx.box, deviceAt(a.ID))
	if err != nil {
		return err
	}
	_, err = tx.c.exec(tx.ctx, insertSessionSQL, a.ID, a.WorkspaceID, a.UserID, device, tx.now, a.ExpiresAt)
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	return nil
}

func deviceAt(id uuid.UUID) crypt.Place { return place("auth_sessions", "device", id) }

const liveSessionSQL = `select a.workspace_id, a.user_id, a.created_at, a.last_seen_at, a.expires_at, m.role
	from auth_sessions a
	join members m on m.workspace_id = a.workspace_id and m.user_id = a.user_id and m.active = true
	join workspaces w on w.id = a.workspace_id and w.status = 'active'
	where a.id = $1 and a.revoked_at is null and a.expires_at > $2`

// LiveSession returns a session that was neither revoked nor is past its end,
// of an active member of an active workspace, with the scope it opens. Whether
// it was idle too long is the caller's to judge. The error is NotFound.
func (s *Store) LiveSession(ctx context.Context, id uuid.UUID) (AuthSession, Scope, error) {
	a := AuthSession{ID: id}
	var role string
	err := s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, liveSessionSQL, id, s.now())
		return one(r, err, &a.WorkspaceID, &a.UserID, &a.CreatedAt, &a.LastSeenAt, &a.ExpiresAt, &role)
	})
	if err != nil {
		return a, Scope{}, missing(err)
	}
	sc := Scope{workspace: a.WorkspaceID, actor: a.UserID, session: id}
	sc.role, _ = model.ParseRole(role)
	return a, sc, nil
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

const dropSessionsSQL = `delete from auth_sessions where expires_at < $1`

// DropSessions forgets sessions that ended before t, with device and address.
func (tx *IdentityTx) DropSessions(t time.Time) error {
	if _, err := tx.c.exec(tx.ctx, dropSessionsSQL, t); err != nil {
		return fmt.Errorf("forget sessions: %w", err)
	}
	return nil
}
