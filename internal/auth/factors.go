package auth

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// FactorList is what a person has to prove who they are.
type FactorList struct {
	// TOTP is since when an authenticator app is in use; nil: there is none.
	TOTP     *time.Time
	Passkeys []Passkey
	// RecoveryLeft counts the recovery codes that are not used.
	RecoveryLeft int
}

// Passkey is what a person sees of a passkey.
type Passkey struct {
	ID        uuid.UUID
	Name      model.Text
	CreatedAt time.Time
	// LastUsedAt is nil until it is used.
	LastUsedAt *time.Time
}

func passkeyOf(p store.Passkey) Passkey { return Passkey{p.ID, p.Name, p.CreatedAt, p.LastUsedAt} }

// Factors lists what the person of a session has.
func (s *Service) Factors(ctx context.Context, session Session) (FactorList, error) {
	list, err := store.InIdentity(ctx, s.o.Store, func(tx *store.IdentityTx) (l FactorList, err error) {
		t, err := tx.TOTP(session.User())
		if err != nil && model.KindOf(err) != model.NotFound {
			return l, err
		}
		l.TOTP = t.Confirmed
		kept, err := tx.Passkeys(session.User())
		if err != nil {
			return l, err
		}
		for _, p := range kept {
			l.Passkeys = append(l.Passkeys, passkeyOf(p))
		}
		l.RecoveryLeft, err = tx.RecoveryCodesLeft(session.User())
		return l, err
	})
	if err != nil {
		return list, fmt.Errorf("list factors: %w", err)
	}
	return list, nil
}

// Enrolment is what an authenticator app must learn, in three ways to tell it.
type Enrolment struct {
	URI, Secret, QR string
}

// StartTOTP makes a secret for an authenticator app. It counts for nothing
// until ConfirmTOTP. The error is Conflict when an app is in use.
func (s *Service) StartTOTP(ctx context.Context, session Session) (e Enrolment, err error) {
	secret, err := s.newTOTPSecret()
	if err != nil {
		return e, err
	}
	var u model.User
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) (err error) {
		if u, err = tx.User(session.User()); err != nil {
			return err
		}
		return tx.StartTOTP(u.ID, secret)
	})
	if err != nil {
		return e, fmt.Errorf("start authenticator: %w", err)
	}
	e.URI, e.Secret = totpURI(string(u.Email), secret), base32Plain.EncodeToString(secret)
	e.QR, err = qrSVG(e.URI)
	return e, err
}

// enrolLife is how long a secret waits for its first code.
const enrolLife = 15 * time.Minute

var errNoEnrolment = &model.Error{Kind: model.Conflict, Code: "no_enrolment", Detail: "Begin to set up the authenticator app again."}

// ConfirmTOTP puts the authenticator app into use with its first code. The
// other sessions of the person end. It returns recovery codes when the person
// has none.
func (s *Service) ConfirmTOTP(ctx context.Context, session Session, code string, d Device) (codes []string, err error) {
	err = s.settle(ctx, func(tx *store.IdentityTx) error {
		t, err := tx.TOTP(session.User())
		if model.KindOf(err) == model.NotFound {
			return errNoEnrolment
		}
		if err != nil {
			return err
		}
		if t.Confirmed != nil || tx.Now().Sub(t.CreatedAt) > enrolLife {
			return errNoEnrolment
		}
		err = s.bounded(ctx, session.User(), func() error { return s.confirm(tx, session.User(), t.Secret, code) })
		if isRefusal(err) || model.KindOf(err) == model.TooMany {
			return s.denyHere(tx, session, model.FactorAdd, d, err)
		}
		if err != nil {
			return err
		}
		codes, err = s.added(tx, session, model.FactorTOTP, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("confirm authenticator: %w", err)
	}
	return codes, nil
}

func (s *Service) confirm(tx *store.IdentityTx, user uuid.UUID, secret []byte, code string) error {
	step, ok := totpMatch(secret, canonicalCode(code), tx.Now())
	if !ok {
		return ErrFactorInvalid
	}
	ok, err := tx.ConfirmTOTP(user, step)
	if err == nil && !ok {
		return errNoEnrolment
	}
	return err
}

// added does what follows a new factor: it was proved just now, the sessions
// that did without it end, recovery codes are there, and a mail tells of it.
func (s *Service) added(tx *store.IdentityTx, session Session, by model.Factor, d Device) (codes []string, err error) {
	if err := tx.Prove(session.ID, by); err != nil {
		return nil, err
	}
	if err := tx.RevokeOtherSessions(session.User(), session.ID); err != nil {
		return nil, err
	}
	left, err := tx.RecoveryCodesLeft(session.User())
	if err != nil {
		return nil, err
	}
	if left == 0 {
		if codes, err = s.newRecoveryCodes(tx, session.User()); err != nil {
			return nil, err
		}
	}
	return codes, s.changed(tx, session, model.FactorAdd, d)
}

// changed records a change of the factors and mails the person.
func (s *Service) changed(tx *store.IdentityTx, session Session, act model.Action, d Device) error {
	u, err := tx.User(session.User())
	if err != nil {
		return err
	}
	if err := s.notify(tx, u, factorMail(u.Locale, act)); err != nil {
		return err
	}
	return tx.RecordSignIn(session.person(), act, store.SignInOK, session.ID, d.Request)
}

// Person returns whose session it is.
func (s *Service) Person(ctx context.Context, session Session) (model.User, error) {
	u, err := s.o.Store.UserByID(ctx, session.User())
	if err != nil {
		return u, fmt.Errorf("who is signed in: %w", err)
	}
	return u, nil
}

// RemoveTOTP takes the authenticator app out of use, proved or not; it may be
// said twice. The other sessions of the person end.
func (s *Service) RemoveTOTP(ctx context.Context, session Session, d Device) error {
	return s.remove(ctx, session, d, func(tx *store.IdentityTx) (bool, error) { return tx.RemoveTOTP(session.User()) })
}

// RemovePasskey takes a passkey out of use; NotFound when the person has none
// of that id. The other sessions of the person end.
func (s *Service) RemovePasskey(ctx context.Context, session Session, id uuid.UUID, d Device) error {
	return s.remove(ctx, session, d, func(tx *store.IdentityTx) (bool, error) { return true, tx.RemovePasskey(session.User(), id) })
}

func (s *Service) remove(ctx context.Context, session Session, d Device, drop func(*store.IdentityTx) (changed bool, err error)) error {
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		changed, err := drop(tx)
		if err != nil || !changed {
			return err
		}
		if err := tx.RevokeOtherSessions(session.User(), session.ID); err != nil {
			return err
		}
		u, err := tx.User(session.User())
		if err != nil {
			return err
		}
		if !u.HasFactor { // recovery codes stand in for a factor, and for nothing else
			if err := tx.SetRecoveryCodes(u.ID, nil); err != nil {
				return err
			}
		}
		return s.changed(tx, session, model.FactorRemove, d)
	})
	if err != nil {
		return fmt.Errorf("remove factor: %w", err)
	}
	return nil
}

var errNoFactor = &model.Error{Kind: model.Conflict, Code: "no_factor", Detail: "Set up a second factor first: recovery codes stand in for it."}

// RenewRecoveryCodes replaces the recovery codes and returns them, once. The
// error is Conflict when there is no factor that they stand in for.
func (s *Service) RenewRecoveryCodes(ctx context.Context, session Session, d Device) (codes []string, err error) {
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		u, err := tx.User(session.User())
		if err != nil {
			return err
		}
		if !u.HasFactor {
			return errNoFactor
		}
		if codes, err = s.newRecoveryCodes(tx, u.ID); err != nil {
			return err
		}
		return s.changed(tx, session, model.RecoveryRenew, d)
	})
	if err != nil {
		return nil, fmt.Errorf("renew recovery codes: %w", err)
	}
	return codes, nil
}
