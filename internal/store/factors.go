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

func secretAt(user uuid.UUID) crypt.Place { return place("totp_secrets", "secret", user) }

const startTOTPSQL = `insert into totp_secrets (user_id, secret, last_step, confirmed_at, created_at) values ($1, $2, 0, null, $3)
	on conflict (user_id) do update set secret = excluded.secret, last_step = 0, created_at = excluded.created_at
	where totp_secrets.confirmed_at is null`

// ErrHasTOTP answers an enrolment of somebody who has an authenticator app.
var ErrHasTOTP = &model.Error{Kind: model.Conflict, Code: "totp_on", Detail: "An authenticator app is set up already. Remove it first."}

// StartTOTP keeps the secret of an authenticator app that is not proved yet,
// in place of an earlier one. The error is ErrHasTOTP when one is proved.
func (tx *IdentityTx) StartTOTP(user uuid.UUID, secret []byte) error {
	sealed, err := tx.box.Seal(secretAt(user), secret)
	if err != nil {
		return err
	}
	n, err := tx.c.exec(tx.ctx, startTOTPSQL, user, sealed, tx.now)
	if err != nil {
		return fmt.Errorf("start authenticator: %w", err)
	}
	if n == 0 {
		return ErrHasTOTP
	}
	return nil
}

const totpSQL = `select secret, confirmed_at, created_at from totp_secrets where user_id = $1`

// TOTP is the authenticator app of a person.
type TOTP struct {
	Secret []byte
	// Confirmed is when it was proved first; nil: it is not in use yet.
	Confirmed *time.Time
	CreatedAt time.Time
}

// TOTP returns a person's authenticator app, proved or not; NotFound for none.
func (tx *IdentityTx) TOTP(user uuid.UUID) (t TOTP, err error) {
	var sealed []byte
	r, err := tx.c.query(tx.ctx, totpSQL, user)
	if err := one(r, err, &sealed, &t.Confirmed, &t.CreatedAt); err != nil {
		return t, missing(err)
	}
	t.Secret, err = tx.box.Open(secretAt(user), sealed)
	return t, err
}

const acceptStepSQL = `update totp_secrets set last_step = $2 where user_id = $1 and last_step < $2 and confirmed_at is not null`

const confirmTOTPSQL = `update totp_secrets set last_step = $2, confirmed_at = $3 where user_id = $1 and last_step < $2 and confirmed_at is null`

// AcceptStep uses up a step of the person's authenticator app: of many at once,
// exactly one is told true, and no earlier step counts afterwards.
func (tx *IdentityTx) AcceptStep(user uuid.UUID, step int64) (bool, error) {
	n, err := tx.c.exec(tx.ctx, acceptStepSQL, user, step)
	if err != nil {
		return false, fmt.Errorf("accept step: %w", err)
	}
	return n == 1, nil
}

// ConfirmTOTP turns an authenticator app on with the step that proved it.
func (tx *IdentityTx) ConfirmTOTP(user uuid.UUID, step int64) (bool, error) {
	n, err := tx.c.exec(tx.ctx, confirmTOTPSQL, user, step, tx.now)
	if err != nil {
		return false, fmt.Errorf("confirm authenticator: %w", err)
	}
	return n == 1, nil
}

const removeTOTPSQL = `delete from totp_secrets where user_id = $1`

// RemoveTOTP takes the authenticator app away, and reports whether there was
// one.
func (tx *IdentityTx) RemoveTOTP(user uuid.UUID) (bool, error) {
	n, err := tx.c.exec(tx.ctx, removeTOTPSQL, user)
	if err != nil {
		return false, fmt.Errorf("remove authenticator: %w", err)
	}
	return n == 1, nil
}

const dropRecoverySQL = `delete from recovery_codes where user_id = $1`

const addRecoverySQL = `insert into recovery_codes (user_id, code_hash, created_at) values ($1, $2, $3)`

// SetRecoveryCodes replaces the recovery codes of a person; no codes: takes
// them away. Only their keyed hashes are kept.
func (tx *IdentityTx) SetRecoveryCodes(user uuid.UUID, codes []string) error {
	if _, err := tx.c.exec(tx.ctx, dropRecoverySQL, user); err != nil {
		return fmt.Errorf("drop recovery codes: %w", err)
	}
	for _, code := range codes {
		if _, err := tx.c.exec(tx.ctx, addRecoverySQL, user, tx.recoveryHash(user, code), tx.now); err != nil {
			return fmt.Errorf("add recovery code: %w", err)
		}
	}
	return nil
}

func (tx *IdentityTx) recoveryHash(user uuid.UUID, code string) []byte {
	return tx.box.Lookup("recovery code", append(user[:], code...))
}

const useRecoverySQL = `update recovery_codes set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null`

// UseRecoveryCode uses up a recovery code: of many at once, exactly one is
// told true.
func (tx *IdentityTx) UseRecoveryCode(user uuid.UUID, code string) (bool, error) {
	n, err := tx.c.exec(tx.ctx, useRecoverySQL, user, tx.recoveryHash(user, code), tx.now)
	if err != nil {
		return false, fmt.Errorf("use recovery code: %w", err)
	}
	return n == 1, nil
}

const recoveryLeftSQL = `select count(*) from recovery_codes where user_id = $1 and used_at is null`

// RecoveryCodesLeft counts the recovery codes of a person that are not used.
func (tx *IdentityTx) RecoveryCodesLeft(user uuid.UUID) (int, error) {
	var n int64
	r, err := tx.c.query(tx.ctx, recoveryLeftSQL, user)
	if err := one(r, err, &n); err != nil {
		return 0, fmt.Errorf("count recovery codes: %w", err)
	}
	return int(n), nil
}

const dropPasskeysSQL = `delete from passkeys where user_id = $1`

// ForgetFactors takes all second factors of a person away, for the operator
// who helps somebody that has lost them. Sessions are the caller's to end.
func (tx *IdentityTx) ForgetFactors(user uuid.UUID) error {
	for _, text := range []string{removeTOTPSQL, dropRecoverySQL, dropPasskeysSQL} {
		if _, err := tx.c.exec(tx.ctx, text, user); err != nil {
			return fmt.Errorf("forget factors: %w", err)
		}
	}
	return nil
}

const setStepUpCodeSQL = `insert into step_up_codes (session_id, code_hash, tries, created_at, expires_at) values ($1, $2, 0, $3, $4)
	on conflict (session_id) do update set code_hash = excluded.code_hash, tries = 0, created_at = excluded.created_at, expires_at = excluded.expires_at`

const dropStepUpCodesSQL = `delete from step_up_codes where expires_at <= $1`

// SetStepUpCode keeps the code that was mailed for a session, in place of an
// earlier one.
func (tx *IdentityTx) SetStepUpCode(session uuid.UUID, code string, expires time.Time) error {
	if _, err := tx.c.exec(tx.ctx, setStepUpCodeSQL, session, tx.CodeHash(code, session[:]), tx.now, expires); err != nil {
		return fmt.Errorf("keep step-up code: %w", err)
	}
	return nil
}

const tryStepUpCodeSQL = `update step_up_codes set tries = tries + 1 where session_id = $1 and expires_at > $2 and tries < $3`

const useStepUpCodeSQL = `delete from step_up_codes where session_id = $1 and code_hash = $2 and expires_at > $3 and tries <= $4`

// UseStepUpCode tries the code that was mailed for a session, and uses it up
// when it is right. Five tries are counted, each before it is looked at.
func (tx *IdentityTx) UseStepUpCode(session uuid.UUID, code string) (bool, error) {
	counted, err := tx.c.exec(tx.ctx, tryStepUpCodeSQL, session, tx.now, int64(MaxCodeTries))
	if err != nil {
		return false, fmt.Errorf("count step-up try: %w", err)
	}
	if counted == 0 {
		return false, nil
	}
	n, err := tx.c.exec(tx.ctx, useStepUpCodeSQL, session, tx.CodeHash(code, session[:]), tx.now, int64(MaxCodeTries))
	if err != nil {
		return false, fmt.Errorf("use step-up code: %w", err)
	}
	return n == 1, nil
}

// InIdentity is Identity for what only looks: it returns what fn found.
func InIdentity[T any](ctx context.Context, s *Store, fn func(*IdentityTx) (T, error)) (found T, err error) {
	box, err := s.box(ctx, system)
	if err != nil {
		return found, err
	}
	err = s.identityRead(ctx, func(c conn) error {
		found, err = fn(&IdentityTx{ctx: ctx, c: c, store: s, box: box, now: s.now()})
		return err
	})
	if errors.Is(err, errNoRow) {
		return found, model.ErrNotFound
	}
	return found, err
}
