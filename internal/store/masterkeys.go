package store

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"slices"

	"pazpaz/internal/audit"
	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// MasterUse counts the data keys that one version of the master key wraps.
type MasterUse struct {
	Version uint16
	Keys    int64
	// Given says that this process has that version.
	Given bool
}

const masterUsesSQL = `select substr(wrapped, 2, 2), count(*) from data_keys group by 1 order by 1`

// MasterUses tells which versions of the master key are still needed, the
// lowest first.
func (s *Store) MasterUses(ctx context.Context) (all []MasterUse, err error) {
	given := s.masters.Versions()
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, masterUsesSQL)
		all, err = collect(r, err, func(r rows) (MasterUse, error) {
			var version []byte
			var u MasterUse
			if err := r.Scan(&version, &u.Keys); err != nil {
				return u, err
			}
			if len(version) == 2 {
				u.Version = binary.BigEndian.Uint16(version)
			}
			u.Given = slices.Contains(given, u.Version)
			return u, nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("master keys in use: %w", err)
	}
	return all, nil
}

// needMasters refuses a database of which some keys would not open.
func (s *Store) needMasters(ctx context.Context) error {
	all, err := s.MasterUses(ctx)
	if err != nil {
		return err
	}
	for _, u := range all {
		if !u.Given {
			return fmt.Errorf("%w: %d data keys of this database are sealed with master key v%d, which is not given: give it again beside the others, then run pazpaz keys rotate",
				crypt.ErrKeyNotFound, u.Keys, u.Version)
		}
	}
	return nil
}

const (
	oldKeysSQL = `select owner_id, version, wrapped from data_keys where substr(wrapped, 2, 2) <> $1 order by owner_id, version limit $2`
	rewrapSQL  = `update data_keys set wrapped = $4 where owner_id = $1 and version = $2 and wrapped = $3`
)

// ownedKey is a wrapped data key with its owner.
type ownedKey struct {
	crypt.WrappedKey

	owner uuid.UUID
}

// Rewrap wraps up to most data keys that older versions of the master key have
// wrapped under the current one, in one transaction, and returns how many they
// were; 0 when none is left. It needs the rights of the owner of the tables.
// The records stay as they are, and whoever works meanwhile notices nothing.
func (s *Store) Rewrap(ctx context.Context, most int) (done int, err error) {
	err = s.eng.owned(ctx, func(c conn) ([]stmt, error) {
		old, err := s.oldKeys(ctx, c, most)
		if err != nil {
			return nil, err
		}
		if done = len(old); done == 0 {
			return nil, nil
		}
		changes, err := s.rewrapped(old)
		if err != nil {
			return nil, err
		}
		return changes, s.recordRotation(ctx, c, done)
	})
	if err != nil {
		return 0, fmt.Errorf("rewrap keys: %w", s.public(err))
	}
	return done, nil
}

func (s *Store) oldKeys(ctx context.Context, c conn, most int) ([]ownedKey, error) {
	current := binary.BigEndian.AppendUint16(nil, s.masters.Current())
	r, err := c.query(ctx, oldKeysSQL, current, int64(most))
	return collect(r, err, func(r rows) (k ownedKey, err error) {
		var version int64
		err = r.Scan(&k.owner, &version, &k.Wrapped)
		k.Version = uint16(version) //nolint:gosec // G115: written by newBox
		return k, err
	})
}

func (s *Store) rewrapped(old []ownedKey) ([]stmt, error) {
	all := make([]stmt, 0, len(old))
	for _, k := range old {
		wrapped, err := s.masters.Rewrap(s.random, k.owner, k.WrappedKey)
		if err != nil {
			return nil, fmt.Errorf("data key of %s: %w", k.owner, err)
		}
		all = append(all, stmt{rewrapSQL, []any{k.owner, int64(k.Version), k.Wrapped, wrapped}})
	}
	return all, nil
}

// recordRotation leaves in the system's chain how many keys were wrapped anew.
func (s *Store) recordRotation(ctx context.Context, c conn, keys int) error {
	head, err := lockChain(ctx, c, system)
	if err != nil {
		return err
	}
	e := audit.Event{At: s.now(), ActorKind: audit.System, Action: model.KeyRotate.String(), Outcome: audit.OK, Count: int64(keys)}
	for _, st := range head.extend([]audit.Event{e}) {
		if _, err := c.exec(ctx, st.sql, st.args...); err != nil {
			return fmt.Errorf("audit entry: %w", err)
		}
	}
	return nil
}

// CheckpointKey signs audit checkpoints. It stays the same when the master key
// is changed.
func (s *Store) CheckpointKey(ctx context.Context) (ed25519.PrivateKey, error) {
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, fmt.Errorf("checkpoint key: %w", err)
	}
	return box.CheckpointKey(), nil
}
