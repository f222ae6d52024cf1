package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/crypt"

	"github.com/google/uuid"
)

// system owns the data key of rows that belong to no workspace, and the audit
// chain of what happens outside of any.
var system = uuid.Nil

const dataKeysSQL = `select version, wrapped from data_keys where owner_id = $1 order by version`

const insertDataKeySQL = `insert into data_keys (owner_id, version, wrapped, created_at) values ($1, $2, $3, $4)`

// box returns the opened keys of a workspace, or of the system.
func (s *Store) box(ctx context.Context, owner uuid.UUID) (*crypt.Box, error) {
	now := s.now()
	if b := s.boxes.get(owner, now); b != nil {
		return b, nil
	}
	var wrapped []crypt.WrappedKey
	err := s.eng.read(ctx, reach{workspace: owner, identity: owner == system}, func(c conn) (err error) {
		wrapped, err = dataKeys(ctx, c, owner)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("data keys: %w", s.public(err))
	}
	b, err := s.masters.OpenBox(s.random, owner, wrapped)
	if err != nil {
		return nil, err
	}
	s.boxes.put(owner, b, now)
	return b, nil
}

func dataKeys(ctx context.Context, c conn, owner uuid.UUID) ([]crypt.WrappedKey, error) {
	r, err := c.query(ctx, dataKeysSQL, owner)
	return collect(r, err, func(r rows) (crypt.WrappedKey, error) {
		var version int64
		var k crypt.WrappedKey
		err := r.Scan(&version, &k.Wrapped)
		k.Version = uint16(version) //nolint:gosec // G115: written by newBox
		return k, err
	})
}

// newBox makes the first data key of an owner and stores it in the caller's
// transaction.
func (s *Store) newBox(ctx context.Context, c conn, owner uuid.UUID, now time.Time) (*crypt.Box, error) {
	wrapped, err := s.masters.NewDataKey(s.random, owner, 1)
	if err != nil {
		return nil, err
	}
	if _, err := c.exec(ctx, insertDataKeySQL, owner, int64(1), wrapped, now); err != nil {
		return nil, fmt.Errorf("store data key: %w", err)
	}
	return s.masters.OpenBox(s.random, owner, []crypt.WrappedKey{{Version: 1, Wrapped: wrapped}})
}

// openSystemBox opens the system's data key, and makes it in an empty
// database. A master key that does not open it is the wrong one.
func (s *Store) openSystemBox(ctx context.Context) error {
	_, err := s.box(ctx, system)
	if errors.Is(err, crypt.ErrKeyNotFound) {
		err = s.identityWrite(ctx, func(c conn) ([]stmt, error) {
			found, err := dataKeys(ctx, c, system)
			if err != nil || len(found) > 0 {
				return nil, err // another process was first
			}
			if _, err := s.newBox(ctx, c, system, s.now()); err != nil {
				return nil, err
			}
			return []stmt{{insertHeadSQL, []any{system, int64(0), make([]byte, 32)}}}, nil
		})
		if err == nil || s.eng.class(err) == uniqueError {
			_, err = s.box(ctx, system)
		}
	}
	if errors.Is(err, crypt.ErrWrongKey) {
		return s.needMasters(ctx)
	}
	if errors.Is(err, crypt.ErrTampered) {
		return fmt.Errorf("the master key does not open this database: it is not the key that sealed it (%w)", err)
	}
	return err
}

// identityWrite is a transaction over the rows that belong to no workspace.
func (s *Store) identityWrite(ctx context.Context, fn func(conn) ([]stmt, error)) error {
	return s.public(s.eng.write(ctx, reach{identity: true}, fn))
}

// identityRead is a look at the rows that belong to no workspace.
func (s *Store) identityRead(ctx context.Context, fn func(conn) error) error {
	return s.public(s.eng.read(ctx, reach{identity: true}, fn))
}

// DraftKey returns 32 bytes that belong to the scope's user in its workspace.
// They come of the workspace's first data key, so they stay the same.
func (s *Store) DraftKey(ctx context.Context, sc Scope) ([]byte, error) {
	box, err := s.box(ctx, sc.workspace)
	if err != nil {
		return nil, err
	}
	user := sc.User()
	return box.Lookup("unsaved drafts", user[:]), nil
}
