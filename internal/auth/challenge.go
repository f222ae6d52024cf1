package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// challengeLife is how long a first proof waits for the second factor.
const challengeLife = 5 * time.Minute

// entry is how far a sign-in has come: a session, or a challenge that waits
// for the second factor.
type entry struct {
	row     store.AuthSession
	token   string // of the challenge; empty when there is a session
	methods model.Factors
}

// refusal is an answer that is also committed: the transaction that finds it
// keeps what it counted and recorded.
type refusal struct{ why error }

func (r refusal) Error() string { return r.why.Error() }
func (r refusal) Unwrap() error { return r.why }

func isRefusal(err error) bool {
	kind := model.KindOf(err)
	return kind == model.Unauthenticated || kind == model.Denied
}

// proceed goes on after a first proof: with a session, or with a challenge
// when the person has a second factor.
func (s *Service) proceed(tx *store.IdentityTx, u model.User, d Device) (entry, error) {
	if !u.Active || !u.HasFactor {
		row, err := s.open(tx, u, model.FactorMail, d)
		return entry{row: row}, err
	}
	token, err := s.newToken()
	if err != nil {
		return entry{}, err
	}
	id, err := s.newID()
	if err != nil {
		return entry{}, err
	}
	c := store.Challenge{ID: id, UserID: u.ID, TokenHash: hashToken(token), Expires: tx.Now().Add(challengeLife)}
	if err := tx.InsertChallenge(c); err != nil {
		return entry{}, err
	}
	methods, err := s.methods(tx, u.ID)
	return entry{token: token, methods: methods}, err
}

// methods are the ways in which a person can prove a second factor.
func (s *Service) methods(tx *store.IdentityTx, user uuid.UUID) (all model.Factors, err error) {
	t, err := tx.TOTP(user)
	if err == nil && t.Confirmed != nil {
		all = append(all, model.FactorTOTP)
	} else if err != nil && model.KindOf(err) != model.NotFound {
		return nil, err
	}
	passkeys, err := tx.Passkeys(user)
	if err != nil {
		return nil, err
	}
	if len(passkeys) > 0 {
		all = append(all, model.FactorPasskey)
	}
	if len(all) == 0 {
		return model.Factors{model.FactorMail}, nil
	}
	left, err := tx.RecoveryCodesLeft(user)
	if left > 0 {
		all = append(all, model.FactorRecovery)
	}
	return all, err
}

// enter runs a step of signing in and makes the cookies of what came out.
func (s *Service) enter(ctx context.Context, d Device, step func(*store.IdentityTx) (entry, error)) (SignedIn, error) {
	var e entry
	err := s.settle(ctx, func(tx *store.IdentityTx) (err error) {
		e, err = step(tx)
		return err
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	return s.entered(ctx, e, d)
}

// settle runs fn in a transaction that is committed when fn refuses, too, so
// that a refusal costs the same work, is counted, and is in the trail.
func (s *Service) settle(ctx context.Context, fn func(*store.IdentityTx) error) error {
	var no refusal
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		no = refusal{}
		err := fn(tx)
		if errors.As(err, &no) {
			return nil
		}
		return err
	})
	if err != nil { // nothing was kept of a refusal either, so it must not be told
		return err
	}
	return no.why
}

// entered makes the cookies of an entry whose transaction is committed.
func (s *Service) entered(ctx context.Context, e entry, d Device) (SignedIn, error) {
	if e.token == "" {
		return s.signedIn(ctx, e.row, d)
	}
	return SignedIn{
		State: StateSecondFactor, Methods: e.methods,
		Cookies: []*http.Cookie{s.cookie(challengeCookie, e.token, challengeLife), s.cookie(preCookie, "", -time.Second)},
	}, nil
}

// ErrFactorInvalid answers a code that proves nothing, whatever is wrong with
// it.
var ErrFactorInvalid = &model.Error{Kind: model.Unauthenticated, Code: "code_invalid", Detail: "This code is not right, or it was used before. Try the next one."}

// SecondFactor meets the challenge of a browser with a typed code. The error
// is Unauthenticated: challenge_over when there is nothing left to meet.
func (s *Service) SecondFactor(ctx context.Context, challenge string, by model.Factor, code string, from netip.Addr, d Device) (SignedIn, error) {
	return s.meet(ctx, challenge, by, from, d, func(tx *store.IdentityTx, u model.User) error {
		return s.checkCode(tx, u, by, code)
	})
}

// meet counts a try of a challenge, runs check, and opens the session.
func (s *Service) meet(ctx context.Context, challenge string, by model.Factor, from netip.Addr, d Device, check func(*store.IdentityTx, model.User) error) (SignedIn, error) {
	if err := limit(ctx, s.o.KV, "proof:"+Bucket(from), limitProof); err != nil {
		return SignedIn{}, err
	}
	return s.enter(ctx, d, func(tx *store.IdentityTx) (entry, error) {
		u, err := s.challenged(tx, challenge)
		if err != nil {
			return entry{}, refusal{err}
		}
		err = s.bounded(ctx, u.ID, func() error { return check(tx, u) })
		if err == nil {
			err = tx.UseChallenge(hashToken(challenge))
		}
		if isRefusal(err) || model.KindOf(err) == model.TooMany {
			return entry{}, s.deny(tx, u, model.SignInFactor, d, err)
		}
		if err != nil {
			return entry{}, err
		}
		if err := tx.RecordSignIn(u, model.SignInFactor, store.SignInOK, uuid.Nil, d.Request); err != nil {
			return entry{}, err
		}
		row, err := s.open(tx, u, by, d)
		return entry{row: row}, err
	})
}

// challenged counts a try and returns whose challenge it is.
func (s *Service) challenged(tx *store.IdentityTx, challenge string) (model.User, error) {
	id, err := tx.TryChallenge(hashToken(challenge))
	if err != nil {
		return model.User{}, err
	}
	u, err := tx.User(id)
	if err == nil && !u.Active {
		err = store.ErrChallengeOver
	}
	return u, err
}

// deny records a refused step of a person and returns why.
func (s *Service) deny(tx *store.IdentityTx, u model.User, act model.Action, d Device, why error) error {
	if err := tx.RecordSignIn(u, act, store.SignInDenied, uuid.Nil, d.Request); err != nil {
		return err
	}
	return refusal{why}
}

// bounded limits how often the factors of one person are tried, over all
// challenges and sessions.
func (s *Service) bounded(ctx context.Context, user uuid.UUID, check func() error) error {
	if err := limit(ctx, s.o.KV, "factor:"+user.String(), limitFactor); err != nil {
		return err
	}
	return check()
}

// checkCode judges a typed code of a person. The right one is used up.
func (s *Service) checkCode(tx *store.IdentityTx, u model.User, by model.Factor, code string) error {
	switch by {
	case model.FactorTOTP:
		return s.checkTOTP(tx, u.ID, code)
	case model.FactorRecovery:
		return s.checkRecovery(tx, u, code)
	default:
		return errMethod
	}
}

var errMethod = model.InvalidFields([]model.Field{{Name: "method", Code: "choice", Message: "Must be one of the methods that were offered."}})
