package auth

import (
	"encoding/json"
	"net/url"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
)

// ceremonyLife is how long an authenticator may take to answer.
const ceremonyLife = 5 * time.Minute

// maxPasskeys bounds how many a person may have.
const maxPasskeys = 20

// passkeys asks authenticators and judges their answers. A nil one can do
// nothing: the public address is one that passkeys cannot be bound to.
type passkeys struct {
	w *webauthn.WebAuthn
}

// newPasskeys binds passkeys to the public address; nil when its host is a
// number, which browsers refuse.
func newPasskeys(publicURL string) *passkeys {
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "PazPaz", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil || protocol.ValidateRPID(u.Hostname()) != nil {
		return nil
	}
	return &passkeys{w}
}

var errNoPasskeys = &model.Error{
	Kind: model.Conflict, Code: "passkeys_off", Detail: "Passkeys need a server with a name: its public address is a number.",
}

// holder is a person as the WebAuthn library wants them.
type holder struct {
	user model.User
	kept []store.Passkey
	keys []webauthn.Credential
}

// WebAuthnID implements webauthn.User: the person's id, which says nothing.
func (h holder) WebAuthnID() []byte { return h.user.ID[:] }

// WebAuthnName implements webauthn.User.
func (h holder) WebAuthnName() string { return string(h.user.Email) }

// WebAuthnDisplayName implements webauthn.User.
func (h holder) WebAuthnDisplayName() string { return string(h.user.FullName) }

// WebAuthnCredentials implements webauthn.User.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// holderOf reads the passkeys of a person.
func holderOf(tx *store.IdentityTx, user uuid.UUID) (h holder, err error) {
	if h.user, err = tx.User(user); err != nil {
		return h, err
	}
	if h.kept, err = tx.Passkeys(user); err != nil {
		return h, err
	}
	for _, p := range h.kept {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(p.Credential), &c); err != nil {
			return h, errDamaged
		}
		c.Authenticator.SignCount = uint32(p.Uses) //nolint:gosec // G115: it came from a uint32
		h.keys = append(h.keys, c)
	}
	return h, nil
}

// kept returns the row of the passkey that answered.
func (h holder) keptAs(handle []byte) (store.Passkey, bool) {
	for i, c := range h.keys {
		if string(c.ID) == string(handle) {
			return h.kept[i], true
		}
	}
	return store.Passkey{}, false
}

// begin keeps a question for one browser.
func (s *Service) begin(tx *store.IdentityTx, holding []byte, purpose string, state *webauthn.SessionData) error {
	raw, err := json.Marshal(state)
	if err != nil {
		return err
	}
	id, err := s.newID()
	if err != nil {
		return err
	}
	return tx.BeginCeremony(store.Ceremony{ID: id, Holder: holding, Purpose: purpose, State: raw, Expires: tx.Now().Add(ceremonyLife)})
}

// asked takes the question that a browser was asked, once.
func asked(tx *store.IdentityTx, holding []byte, purpose string) (state webauthn.SessionData, err error) {
	raw, err := tx.TakeCeremony(holding, purpose)
	if err != nil {
		return state, err
	}
	if json.Unmarshal(raw, &state) != nil {
		return state, errDamaged
	}
	return state, nil
}

// assertion asks for one of a person's passkeys.
func (s *Service) assertion(tx *store.IdentityTx, user uuid.UUID, holding []byte, purpose string) ([]byte, error) {
	if s.keys == nil {
		return nil, errNoPasskeys
	}
	h, err := holderOf(tx, user)
	if err != nil {
		return nil, err
	}
	if len(h.keys) == 0 {
		return nil, errMethod
	}
	options, state, err := s.keys.w.BeginLogin(h)
	if err != nil {
		return nil, err
	}
	if err := s.begin(tx, holding, purpose, state); err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

// checkPasskey judges the answer of one of a person's passkeys.
func (s *Service) checkPasskey(tx *store.IdentityTx, user uuid.UUID, holding []byte, purpose string, answer []byte) error {
	if s.keys == nil {
		return errNoPasskeys
	}
	state, err := asked(tx, holding, purpose)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return store.ErrPasskeyInvalid
	}
	h, err := holderOf(tx, user)
	if err != nil {
		return err
	}
	c, err := s.keys.w.ValidateLogin(h, state, parsed)
	if err != nil {
		return store.ErrPasskeyInvalid // the cause would help only a forger
	}
	return used(tx, h, c)
}

// used notes the use of a passkey. A count that did not grow betrays a copy of
// the authenticator, and an answer that is sent twice.
func used(tx *store.IdentityTx, h holder, c *webauthn.Credential) error {
	p, ok := h.keptAs(c.ID)
	if !ok || c.Authenticator.CloneWarning {
		return store.ErrPasskeyInvalid
	}
	ok, err := tx.UsePasskey(h.user.ID, p.ID, int64(c.Authenticator.SignCount))
	if err == nil && !ok {
		return store.ErrPasskeyInvalid
	}
	return err
}
