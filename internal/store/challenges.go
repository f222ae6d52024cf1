package store

import (
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Challenge is a first proof that waits for a second factor in one browser.
type Challenge struct {
	ID     uuid.UUID
	UserID uuid.UUID
	// TokenHash is the SHA-256 of what only that browser has.
	TokenHash []byte
	Expires   time.Time
}

// MaxFactorTries is how often a second factor may be tried for one challenge.
const MaxFactorTries = 5

// ErrChallengeOver answers a second factor without a first proof that still
// counts: it is unknown, used, too old or was tried too often, alike.
var ErrChallengeOver = &model.Error{Kind: model.Unauthenticated, Code: "challenge_over", Detail: "This sign-in is over. Begin again."}

const insertChallengeSQL = `insert into sign_in_challenges (id, user_id, token_hash, tries, created_at, expires_at) values ($1, $2, $3, 0, $4, $5)`

// InsertChallenge keeps a challenge.
func (tx *IdentityTx) InsertChallenge(c Challenge) error {
	if _, err := tx.c.exec(tx.ctx, insertChallengeSQL, c.ID, c.UserID, c.TokenHash, tx.now, c.Expires); err != nil {
		return fmt.Errorf("insert challenge: %w", err)
	}
	return nil
}

const challengeUserSQL = `select user_id from sign_in_challenges where token_hash = $1 and used_at is null and expires_at > $2 and tries < $3`

// ChallengeUser returns whose challenge waits in a browser, without a try.
func (tx *IdentityTx) ChallengeUser(tokenHash []byte) (user uuid.UUID, err error) {
	r, err := tx.c.query(tx.ctx, challengeUserSQL, tokenHash, tx.now, int64(MaxFactorTries))
	return user, orOver(one(r, err, &user))
}

const tryChallengeSQL = `update sign_in_challenges set tries = tries + 1
	where token_hash = $1 and used_at is null and expires_at > $2 and tries < $3 returning user_id`

// TryChallenge counts a try, before it is looked at, and returns whose it is.
func (tx *IdentityTx) TryChallenge(tokenHash []byte) (user uuid.UUID, err error) {
	r, err := tx.c.query(tx.ctx, tryChallengeSQL, tokenHash, tx.now, int64(MaxFactorTries))
	return user, orOver(one(r, err, &user))
}

const useChallengeSQL = `update sign_in_challenges set used_at = $2 where token_hash = $1 and used_at is null`

// UseChallenge ends a challenge that was met: of many at once, exactly one
// passes, the others get ErrChallengeOver.
func (tx *IdentityTx) UseChallenge(tokenHash []byte) error {
	n, err := tx.c.exec(tx.ctx, useChallengeSQL, tokenHash, tx.now)
	if err != nil {
		return fmt.Errorf("use challenge: %w", err)
	}
	if n == 0 {
		return ErrChallengeOver
	}
	return nil
}

func orOver(err error) error {
	if errors.Is(err, errNoRow) {
		return ErrChallengeOver
	}
	if err != nil {
		return fmt.Errorf("challenge: %w", err)
	}
	return nil
}

const dropChallengesSQL = `delete from sign_in_challenges where expires_at < $1`

const dropCeremoniesSQL = `delete from passkey_ceremonies where expires_at < $1`

// DropChallenges forgets challenges and ceremonies that ended before t.
func (tx *IdentityTx) DropChallenges(t time.Time) error {
	for _, text := range []string{dropChallengesSQL, dropCeremoniesSQL} {
		if _, err := tx.c.exec(tx.ctx, text, t); err != nil {
			return fmt.Errorf("forget challenges: %w", err)
		}
	}
	return nil
}
