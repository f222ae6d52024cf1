package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
)

// BeginSecondFactor asks for a passkey of whoever's challenge waits in the
// browser.
func (s *Service) BeginSecondFactor(ctx context.Context, challenge string, from netip.Addr) (options []byte, err error) {
	if err := limit(ctx, s.o.KV, "proof:"+Bucket(from), limitProof); err != nil {
		return nil, err
	}
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		user, err := tx.ChallengeUser(hashToken(challenge))
		if err != nil {
			return err
		}
		options, err = s.assertion(tx, user, hashToken(challenge), store.CeremonySecondFactor)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin second factor: %w", err)
	}
	return options, nil
}

// FinishSecondFactor meets a challenge with a passkey.
func (s *Service) FinishSecondFactor(ctx context.Context, challenge string, answer []byte, from netip.Addr, d Device) (SignedIn, error) {
	return s.meet(ctx, challenge, model.FactorPasskey, from, d, func(tx *store.IdentityTx, u model.User) error {
		return s.checkPasskey(tx, u.ID, hashToken(challenge), store.CeremonySecondFactor, answer)
	})
}

// BeginStepUp asks for a passkey of the person of a session.
func (s *Service) BeginStepUp(ctx context.Context, session Session) (options []byte, err error) {
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		options, err = s.assertion(tx, session.User(), session.holding(), store.CeremonyStepUp)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin step-up: %w", err)
	}
	return options, nil
}

// FinishStepUp proves with a passkey that the person of a session is there.
func (s *Service) FinishStepUp(ctx context.Context, session Session, answer []byte, d Device) (time.Duration, error) {
	return s.stepUp(ctx, session, model.FactorPasskey, d, func(tx *store.IdentityTx, u model.User) error {
		return s.checkPasskey(tx, u.ID, session.holding(), store.CeremonyStepUp, answer)
	})
}

// BeginPasskeySignIn asks for any passkey of this server, of whomever.
func (s *Service) BeginPasskeySignIn(ctx context.Context, browser string, from netip.Addr) (options []byte, err error) {
	if err := limit(ctx, s.o.KV, "proof:"+Bucket(from), limitProof); err != nil {
		return nil, err
	}
	if s.keys == nil {
		return nil, errNoPasskeys
	}
	assertion, state, err := s.keys.w.BeginDiscoverableLogin()
	if err != nil {
		return nil, fmt.Errorf("begin sign-in: %w", err)
	}
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		return s.begin(tx, hashToken(browser), store.CeremonySignIn, state)
	})
	if err != nil {
		return nil, fmt.Errorf("begin sign-in: %w", err)
	}
	return json.Marshal(assertion)
}

// SignInByPasskey signs in whoever's passkey answers. The authenticator has
// checked that it is them, so it is both factors at once.
func (s *Service) SignInByPasskey(ctx context.Context, browser string, answer []byte, from netip.Addr, d Device) (SignedIn, error) {
	if err := limit(ctx, s.o.KV, "proof:"+Bucket(from), limitProof); err != nil {
		return SignedIn{}, err
	}
	if s.keys == nil {
		return SignedIn{}, errNoPasskeys
	}
	return s.enter(ctx, d, func(tx *store.IdentityTx) (entry, error) {
		u, err := s.answered(tx, hashToken(browser), answer)
		if err == nil && !u.Active {
			err = store.ErrPasskeyInvalid
		}
		if isRefusal(err) {
			return entry{}, s.deny(tx, u, model.SignInFactor, d, err)
		}
		if err != nil {
			return entry{}, err
		}
		row, err := s.open(tx, u, model.FactorPasskey, d)
		return entry{row: row}, err
	})
}

// answered returns whose passkey has answered the question to all. With an
// error it returns whom it was about, as far as that is known.
func (s *Service) answered(tx *store.IdentityTx, holding, answer []byte) (model.User, error) {
	var h holder
	state, err := asked(tx, holding, store.CeremonySignIn)
	if err != nil {
		return h.user, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return h.user, store.ErrPasskeyInvalid
	}
	id, err := uuid.FromBytes(parsed.Response.UserHandle)
	if err != nil {
		return h.user, store.ErrPasskeyInvalid
	}
	h, err = holderOf(tx, id)
	if model.KindOf(err) == model.NotFound {
		err = store.ErrPasskeyInvalid
	}
	if err != nil {
		return model.User{}, err
	}
	_, c, err := s.keys.w.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return h, nil }, state, parsed)
	if err != nil {
		return h.user, store.ErrPasskeyInvalid
	}
	return h.user, used(tx, h, c)
}
