package auth

import (
	"fmt"
	"io"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

const (
	recoveryCodes = 10
	recoveryBytes = 10 // 80 bits
)

// newRecoveryCodes replaces the recovery codes of a person. They are told only
// here; the database keeps their hashes.
func (s *Service) newRecoveryCodes(tx *store.IdentityTx, user uuid.UUID) (shown []string, err error) {
	var kept []string
	raw := make([]byte, recoveryBytes)
	for range recoveryCodes {
		if _, err := io.ReadFull(s.o.Random, raw); err != nil {
			return nil, fmt.Errorf("random recovery code: %w", err)
		}
		code := base32Plain.EncodeToString(raw)
		kept = append(kept, code)
		shown = append(shown, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
	}
	return shown, tx.SetRecoveryCodes(user, kept)
}

// checkRecovery uses a recovery code up, and tells the person by mail how many
// are left: one that they did not use themselves is news.
func (s *Service) checkRecovery(tx *store.IdentityTx, u model.User, code string) error {
	ok, err := tx.UseRecoveryCode(u.ID, canonicalCode(code))
	if err == nil && !ok {
		return ErrFactorInvalid
	}
	if err != nil {
		return err
	}
	left, err := tx.RecoveryCodesLeft(u.ID)
	if err != nil {
		return err
	}
	return s.notify(tx, u, recoveryUsedMail(u.Locale, left))
}
