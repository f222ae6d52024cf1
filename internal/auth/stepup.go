package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// freshFor is how long a proof of a factor lets sensitive acts pass.
const freshFor = 5 * time.Minute

// freshLeft is what is left of that. A mailed proof counts only as long as the
// person has no better factor.
func freshLeft(row store.AuthSession, now time.Time) time.Duration {
	if row.ProvedAt == nil || (row.HasFactor && row.Factor == model.FactorMail) {
		return 0
	}
	return min(freshFor, max(0, freshFor-now.Sub(*row.ProvedAt)))
}

// RequireFresh passes a session in which a factor was proved lately. The error
// of another one names the ways to prove it.
func (s *Service) RequireFresh(ctx context.Context, session Session) error {
	if session.FreshLeft > 0 {
		return nil
	}
	ways, err := store.InIdentity(ctx, s.o.Store, func(tx *store.IdentityTx) (model.Factors, error) {
		return s.methods(tx, session.User())
	})
	if err != nil {
		return fmt.Errorf("step-up: %w", err)
	}
	return model.StepUpRequired(ways)
}

// StepUp proves in a session with a typed code that the person is there, and
// returns for how long that counts. The error is Invalid for a wrong code.
func (s *Service) StepUp(ctx context.Context, session Session, by model.Factor, code string, d Device) (time.Duration, error) {
	return s.stepUp(ctx, session, by, d, func(tx *store.IdentityTx, u model.User) error {
		if by != model.FactorMail {
			return s.checkCode(tx, u, by, code)
		}
		if u.HasFactor {
			return errMethod
		}
		ok, err := tx.UseStepUpCode(session.ID, canonicalCode(code))
		if err == nil && !ok {
			return ErrFactorInvalid
		}
		return err
	})
}

func (s *Service) stepUp(ctx context.Context, session Session, by model.Factor, d Device, check func(*store.IdentityTx, model.User) error) (time.Duration, error) {
	err := s.settle(ctx, func(tx *store.IdentityTx) error {
		u, err := tx.User(session.User())
		if err != nil {
			return err
		}
		err = s.bounded(ctx, u.ID, func() error { return check(tx, u) })
		if isRefusal(err) || model.KindOf(err) == model.TooMany {
			return s.denyHere(tx, session, model.StepUp, d, err)
		}
		if err != nil {
			return err
		}
		if err := tx.Prove(session.ID, by); err != nil {
			return err
		}
		return tx.RecordSignIn(session.person(), model.StepUp, store.SignInOK, session.ID, d.Request)
	})
	if err != nil {
		return 0, fmt.Errorf("step-up: %w", err)
	}
	return freshFor, nil
}

// denyHere records a refused step of somebody who is signed in, and returns
// why: a wrong code ends no session, so it is not Unauthenticated.
func (s *Service) denyHere(tx *store.IdentityTx, session Session, act model.Action, d Device, why error) error {
	if err := tx.RecordSignIn(session.person(), act, store.SignInDenied, session.ID, d.Request); err != nil {
		return err
	}
	switch {
	case errors.Is(why, ErrFactorInvalid):
		why = errCodeHere
	case errors.Is(why, store.ErrPasskeyInvalid):
		why = errPasskeyHere
	}
	return refusal{why}
}

var errCodeHere = &model.Error{
	Kind: model.Invalid, Code: "code_invalid", Detail: ErrFactorInvalid.Detail,
	Fields: []model.Field{{Name: "code", Code: "code_invalid", Message: ErrFactorInvalid.Detail}},
}

var errPasskeyHere = &model.Error{
	Kind: model.Invalid, Code: "passkey_invalid", Detail: store.ErrPasskeyInvalid.Detail,
	Fields: []model.Field{{Name: "credential", Code: "passkey_invalid", Message: store.ErrPasskeyInvalid.Detail}},
}

// MailStepUp mails a code to somebody who has no factor to prove who they are.
// The error names the ways of somebody who has one.
func (s *Service) MailStepUp(ctx context.Context, session Session) error {
	if err := limit(ctx, s.o.KV, "step-up:"+session.User().String(), limitStepUp); err != nil {
		return err
	}
	code, err := s.newCode()
	if err != nil {
		return err
	}
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		u, err := tx.User(session.User())
		if err != nil {
			return err
		}
		if u.HasFactor {
			return s.wantsOther(tx, u.ID)
		}
		if err := tx.SetStepUpCode(session.ID, code, tx.Now().Add(linkLife)); err != nil {
			return err
		}
		return s.send(tx, u, stepUpMail(u.Locale, code), linkLife)
	})
	if err != nil {
		return fmt.Errorf("mail step-up code: %w", err)
	}
	return nil
}

func (s *Service) wantsOther(tx *store.IdentityTx, user uuid.UUID) error {
	ways, err := s.methods(tx, user)
	if err != nil {
		return err
	}
	return model.StepUpRequired(ways)
}
