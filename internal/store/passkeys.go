package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Passkey is a key pair of which the person's device keeps the secret half.
type Passkey struct {
	ID     uuid.UUID
	UserID uuid.UUID
	// Name is what the person calls it.
	Name model.Text
	// Handle is the id under which the device knows it.
	Handle []byte
	// Credential is the public half, in the words of the WebAuthn library.
	Credential model.Text
	// Uses is the device's own count; it only grows, or stays 0 for good.
	Uses       int64
	CreatedAt  time.Time
	LastUsedAt *time.Time
}

func credentialAt(id uuid.UUID) crypt.Place { return place("passkeys", "credential", id) }

func handleHash(handle []byte) []byte {
	sum := sha256.Sum256(handle)
	return sum[:]
}

const insertPasskeySQL = `insert into passkeys (id, user_id, credential_hash, credential, uses, created_at) values ($1, $2, $3, $4, $5, $6)`

// ErrPasskeyTaken answers a passkey that is registered already, by anybody.
var ErrPasskeyTaken = &model.Error{Kind: model.Conflict, Code: "passkey_taken", Detail: "This passkey is registered already."}

// InsertPasskey keeps a passkey. The error is ErrPasskeyTaken when its handle
// is known.
func (tx *IdentityTx) InsertPasskey(p Passkey) error {
	known, err := tx.exists(passkeyKnownSQL, handleHash(p.Handle))
	if err != nil {
		return err
	}
	if known {
		return ErrPasskeyTaken
	}
	sealed, err := pair{p.Name, p.Credential}.seal(tx.box, credentialAt(p.ID))
	if err != nil {
		return err
	}
	_, err = tx.c.exec(tx.ctx, insertPasskeySQL, p.ID, p.UserID, handleHash(p.Handle), sealed, p.Uses, tx.now)
	if err != nil && tx.store.eng.class(err) == uniqueError {
		return ErrPasskeyTaken
	}
	if err != nil {
		return fmt.Errorf("insert passkey: %w", err)
	}
	return nil
}

const passkeyKnownSQL = `select 1 from passkeys where credential_hash = $1`

const passkeyCols = `select id, user_id, credential, uses, created_at, last_used_at from passkeys` //nolint:gosec // G101: a column is called so

const passkeysOfSQL = passkeyCols + ` where user_id = $1 order by created_at, id`

// Passkeys lists the passkeys of a person, the oldest first.
func (tx *IdentityTx) Passkeys(user uuid.UUID) ([]Passkey, error) {
	r, err := tx.c.query(tx.ctx, passkeysOfSQL, user)
	return collect(r, err, func(r rows) (Passkey, error) { return scanPasskey(r, tx.box) })
}

func scanPasskey(r rows, box *crypt.Box) (p Passkey, err error) {
	var sealed []byte
	if err := r.Scan(&p.ID, &p.UserID, &sealed, &p.Uses, &p.CreatedAt, &p.LastUsedAt); err != nil {
		return p, fmt.Errorf("scan passkey: %w", err)
	}
	found, err := openPair(box, credentialAt(p.ID), sealed)
	p.Name, p.Credential = found.first, found.second
	return p, err
}

const passkeySQL = passkeyCols + ` where user_id = $1 and id = $2`

// Passkey returns one passkey of a person; NotFound when it is not theirs.
func (tx *IdentityTx) Passkey(user, id uuid.UUID) (Passkey, error) {
	r, err := tx.c.query(tx.ctx, passkeySQL, user, id)
	found, err := collect(r, err, func(r rows) (Passkey, error) { return scanPasskey(r, tx.box) })
	if err != nil || len(found) > 0 {
		return append(found, Passkey{})[0], err
	}
	return Passkey{}, model.ErrNotFound
}

const renamePasskeySQL = `update passkeys set credential = $3 where user_id = $1 and id = $2`

// RenamePasskey stores a passkey under its new name.
func (tx *IdentityTx) RenamePasskey(p Passkey) error {
	sealed, err := pair{p.Name, p.Credential}.seal(tx.box, credentialAt(p.ID))
	if err != nil {
		return err
	}
	if _, err := tx.c.exec(tx.ctx, renamePasskeySQL, p.UserID, p.ID, sealed); err != nil {
		return fmt.Errorf("rename passkey: %w", err)
	}
	return nil
}

const removePasskeySQL = `delete from passkeys where user_id = $1 and id = $2`

// RemovePasskey takes a passkey away; NotFound when it is not the person's.
func (tx *IdentityTx) RemovePasskey(user, id uuid.UUID) error {
	n, err := tx.c.exec(tx.ctx, removePasskeySQL, user, id)
	if err != nil {
		return fmt.Errorf("remove passkey: %w", err)
	}
	if n == 0 {
		return model.ErrNotFound
	}
	return nil
}

const usePasskeySQL = `update passkeys set uses = $3, last_used_at = $4
	where user_id = $1 and id = $2 and (uses < $3 or (uses = 0 and $3 = 0))`

// UsePasskey notes a use with the device's count. It is told false when the
// count did not grow: the passkey was copied, or the answer sent twice.
func (tx *IdentityTx) UsePasskey(user, id uuid.UUID, uses int64) (bool, error) {
	n, err := tx.c.exec(tx.ctx, usePasskeySQL, user, id, uses, tx.now)
	if err != nil {
		return false, fmt.Errorf("use passkey: %w", err)
	}
	return n == 1, nil
}

// What an authenticator is asked for.
const (
	CeremonyRegister     = "register"
	CeremonySecondFactor = "second_factor"
	CeremonyStepUp       = "step_up"
	CeremonySignIn       = "sign_in"
)

// Ceremony is a question to an authenticator that waits for its answer.
type Ceremony struct {
	ID uuid.UUID
	// Holder is the hash of what only the asking browser has.
	Holder  []byte
	Purpose string
	// State is what the WebAuthn library needs to judge the answer.
	State   []byte
	Expires time.Time
}

func stateAt(id uuid.UUID) crypt.Place { return place("passkey_ceremonies", "state", id) }

const setCeremonySQL = `insert into passkey_ceremonies (id, holder_hash, purpose, state, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)
	on conflict (holder_hash, purpose) do update set id = excluded.id, state = excluded.state, created_at = excluded.created_at, expires_at = excluded.expires_at`

// BeginCeremony keeps a question, in place of an earlier one of that browser
// for that purpose.
func (tx *IdentityTx) BeginCeremony(c Ceremony) error {
	sealed, err := tx.box.Seal(stateAt(c.ID), c.State)
	if err != nil {
		return err
	}
	if _, err := tx.c.exec(tx.ctx, setCeremonySQL, c.ID, c.Holder, c.Purpose, sealed, tx.now, c.Expires); err != nil {
		return fmt.Errorf("begin ceremony: %w", err)
	}
	return nil
}

const takeCeremonySQL = `delete from passkey_ceremonies where holder_hash = $1 and purpose = $2 and expires_at > $3 returning id, state`

// ErrPasskeyInvalid answers a passkey's answer that proves nothing, whatever is
// wrong with it.
var ErrPasskeyInvalid = &model.Error{Kind: model.Unauthenticated, Code: "passkey_invalid", Detail: "The passkey was not accepted. Try again, or use another way."}

// TakeCeremony returns the question that a browser was asked, once. The error
// is ErrPasskeyInvalid when there is none.
func (tx *IdentityTx) TakeCeremony(holder []byte, purpose string) ([]byte, error) {
	var id uuid.UUID
	var sealed []byte
	r, err := tx.c.query(tx.ctx, takeCeremonySQL, holder, purpose, tx.now)
	if err := one(r, err, &id, &sealed); errors.Is(err, errNoRow) {
		return nil, ErrPasskeyInvalid
	} else if err != nil {
		return nil, fmt.Errorf("take ceremony: %w", err)
	}
	return tx.box.Open(stateAt(id), sealed)
}
