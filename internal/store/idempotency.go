package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// keepKeys is how long an idempotency key is remembered.
const keepKeys = 48 * time.Hour

const findKeySQL = `select body_hash, record_id from idempotency_keys
	where workspace_id = $1 and user_id = $2 and key_hash = $3 and created_at > $4`

const insertKeySQL = `insert into idempotency_keys (workspace_id, user_id, key_hash, body_hash, record_id, created_at)
	values ($1, $2, $3, $4, $5, $6)`

const dropKeysSQL = `delete from idempotency_keys where workspace_id = $1 and created_at <= $2`

// Once returns the record that an earlier request with this key made, or
// makes it with fn and remembers it, in the same transaction. again tells
// which it was.
func (tx *Tx) Once(k model.OnceKey, fn func() (uuid.UUID, error)) (id uuid.UUID, again bool, err error) {
	if k.Key == "" {
		id, err = fn()
		return id, false, err
	}
	sum := sha256.Sum256(k.Body)
	id, err = tx.earlier(k, sum[:])
	if !errors.Is(err, errNoRow) {
		return id, err == nil, err
	}
	if id, err = fn(); err != nil {
		return id, false, err
	}
	if _, err := tx.exec(dropKeysSQL, tx.now.Add(-keepKeys)); err != nil {
		return id, false, fmt.Errorf("forget old keys: %w", err)
	}
	if _, err = tx.exec(insertKeySQL, tx.scope.actor, onceHash(k), sum[:], id, tx.now); err != nil {
		return id, false, fmt.Errorf("remember key: %w", err)
	}
	return id, false, nil
}

func (tx *Tx) earlier(k model.OnceKey, sum []byte) (id uuid.UUID, err error) {
	var body []byte
	r, err := tx.query(findKeySQL, tx.scope.actor, onceHash(k), tx.now.Add(-keepKeys))
	if err := one(r, err, &body, &id); err != nil {
		return id, err
	}
	if !bytes.Equal(body, sum) {
		return id, model.InvalidFields([]model.Field{{Name: "Idempotency-Key", Code: "reused", Message: "Was used before with another body."}})
	}
	return id, nil
}

// onceHash keeps the caller's key itself out of the database.
func onceHash(k model.OnceKey) []byte {
	h := sha256.Sum256([]byte(k.Route + "\x00" + k.Key))
	return h[:]
}
