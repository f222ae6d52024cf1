package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
)

var errDamaged = errors.New("a stored passkey cannot be read")

var errManyPasskeys = &model.Error{Kind: model.Conflict, Code: "too_many_passkeys", Detail: "There are 20 passkeys. Remove one first."}

// holding is what ties a ceremony to a session.
func (s Session) holding() []byte { return hashToken("session " + s.ID.String()) }

// BeginPasskey asks for a new passkey; it returns what the browser hands to
// the authenticator, as JSON.
func (s *Service) BeginPasskey(ctx context.Context, session Session) (options []byte, err error) {
	if s.keys == nil {
		return nil, errNoPasskeys
	}
	err = s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		h, err := holderOf(tx, session.User())
		if err != nil {
			return err
		}
		if len(h.keys) >= maxPasskeys {
			return errManyPasskeys
		}
		known := webauthn.Credentials(h.keys).CredentialDescriptors()
		creation, state, err := s.keys.w.BeginRegistration(h, webauthn.WithExclusions(known))
		if err != nil {
			return err
		}
		if err := s.begin(tx, session.holding(), store.CeremonyRegister, state); err != nil {
			return err
		}
		options, err = json.Marshal(creation)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin passkey: %w", err)
	}
	return options, nil
}

// FinishPasskey keeps a new passkey under a name. The other sessions of the
// person end. It returns recovery codes when the person has none.
func (s *Service) FinishPasskey(ctx context.Context, session Session, name model.Text, answer []byte, d Device) (added Passkey, codes []string, err error) {
	if name, err = model.PasskeyName(name); err != nil {
		return added, nil, err
	}
	if s.keys == nil {
		return added, nil, errNoPasskeys
	}
	err = s.settle(ctx, func(tx *store.IdentityTx) error {
		c, err := s.registered(tx, session, answer)
		if isRefusal(err) {
			return s.denyHere(tx, session, model.FactorAdd, d, err)
		}
		if err != nil {
			return err
		}
		p, err := s.keep(tx, session.User(), name, c)
		if err != nil {
			return err
		}
		added = passkeyOf(p)
		codes, err = s.added(tx, session, model.FactorPasskey, d)
		return err
	})
	if err != nil {
		return added, nil, fmt.Errorf("finish passkey: %w", err)
	}
	return added, codes, nil
}

// registered judges the answer to the question for a new passkey.
func (s *Service) registered(tx *store.IdentityTx, session Session, answer []byte) (*webauthn.Credential, error) {
	state, err := asked(tx, session.holding(), store.CeremonyRegister)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, store.ErrPasskeyInvalid
	}
	h, err := holderOf(tx, session.User())
	if err != nil {
		return nil, err
	}
	c, err := s.keys.w.CreateCredential(h, state, parsed)
	if err != nil {
		return nil, store.ErrPasskeyInvalid
	}
	return c, nil
}

func (s *Service) keep(tx *store.IdentityTx, user uuid.UUID, name model.Text, c *webauthn.Credential) (p store.Passkey, err error) {
	c.Attestation = webauthn.CredentialAttestation{} // nobody asks who made the authenticator
	raw, err := json.Marshal(c)
	if err != nil {
		return p, err
	}
	p = store.Passkey{
		UserID: user, Name: name, Handle: c.ID, Credential: model.Text(raw),
		Uses: int64(c.Authenticator.SignCount), CreatedAt: tx.Now(),
	}
	if p.ID, err = s.newID(); err != nil {
		return p, err
	}
	return p, tx.InsertPasskey(p)
}

// RenamePasskey changes what a passkey is called; NotFound when the person has
// none of that id. Only then is the name asked for.
func (s *Service) RenamePasskey(ctx context.Context, session Session, id uuid.UUID, d Device, name func() (model.Text, error)) (Passkey, error) {
	var p store.Passkey
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		var err error
		if p, err = tx.Passkey(session.User(), id); err != nil {
			return err
		}
		if p.Name, err = name(); err != nil {
			return err
		}
		if p.Name, err = model.PasskeyName(p.Name); err != nil {
			return err
		}
		if err := tx.RenamePasskey(p); err != nil {
			return err
		}
		return tx.RecordSignIn(session.person(), model.FactorRename, store.SignInOK, session.ID, d.Request)
	})
	if err != nil {
		return Passkey{}, fmt.Errorf("rename passkey: %w", err)
	}
	return passkeyOf(p), nil
}
