package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"

	"github.com/danielgtaylor/huma/v2"
)

// foreignJSON is an object whose form the WebAuthn standard says: what goes to
// navigator.credentials, and what comes from it.
type foreignJSON []byte

// maxForeign bounds such an object.
const maxForeign = 64 << 10

// UnmarshalJSON keeps the object as it is.
func (f *foreignJSON) UnmarshalJSON(raw []byte) error {
	if len(raw) > maxForeign || len(raw) == 0 || raw[0] != '{' {
		return errors.New("no object of a fair size")
	}
	*f = slices.Clone(raw)
	return nil
}

// MarshalJSON writes the object as it is.
func (f foreignJSON) MarshalJSON() ([]byte, error) { return f, nil }

// Schema implements huma.SchemaProvider.
func (foreignJSON) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: true, Description: ForeignForm}
}

// ForeignForm describes objects whose members are not ours to name.
const ForeignForm = "In the form that the WebAuthn standard gives it, as JSON."

type passkey struct {
	ID         string     `json:"id" format:"uuid"`
	Name       string     `json:"name"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at" doc:"Null: never since."`
}

func passkeyOf(p auth.Passkey) passkey {
	return passkey{p.ID.String(), string(p.Name), p.CreatedAt, p.LastUsedAt}
}

type optionsOut struct {
	Body foreignJSON
}

type passkeyAnswer struct {
	Credential foreignJSON `json:"credential"`
}

// decodeAnswer reads the answer of an authenticator.
func decodeAnswer(ctx context.Context) ([]byte, error) {
	var in passkeyAnswer
	_, err := decode(ctx, &in)
	return in.Credential, err
}

func (a *API) beginSecondFactor(ctx context.Context, _ *none) (*optionsOut, error) {
	q := requestOf(ctx)
	options, err := a.o.Auth.BeginSecondFactor(ctx, a.o.Auth.Challenge(q.r), q.addr)
	return &optionsOut{options}, err
}

func (a *API) finishSecondFactor(ctx context.Context, _ *none) (*signInOut, error) {
	answer, err := decodeAnswer(ctx)
	if err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	signed, err := a.o.Auth.FinishSecondFactor(ctx, a.o.Auth.Challenge(q.r), answer, q.addr, a.device(q))
	return a.entered(ctx, signed, err)
}

func (a *API) beginPasskeySignIn(ctx context.Context, _ *none) (*optionsOut, error) {
	q := requestOf(ctx)
	browser, cookie, err := a.o.Auth.Browser(q.r)
	if err != nil {
		return nil, err
	}
	options, err := a.o.Auth.BeginPasskeySignIn(ctx, browser, q.addr)
	if err != nil {
		return nil, err
	}
	http.SetCookie(q.w, cookie)
	return &optionsOut{options}, nil
}

func (a *API) signInByPasskey(ctx context.Context, _ *none) (*signInOut, error) {
	answer, err := decodeAnswer(ctx)
	if err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	signed, err := a.o.Auth.SignInByPasskey(ctx, a.o.Auth.KnownBrowser(q.r), answer, q.addr, a.device(q))
	return a.entered(ctx, signed, err)
}

func (a *API) beginStepUp(ctx context.Context, s auth.Session, _ *none) (*optionsOut, error) {
	options, err := a.o.Auth.BeginStepUp(ctx, s)
	return &optionsOut{options}, err
}

func (a *API) finishStepUp(ctx context.Context, s auth.Session, _ *none) (*freshOut, error) {
	answer, err := decodeAnswer(ctx)
	if err != nil {
		return nil, err
	}
	return freshOf(a.o.Auth.FinishStepUp(ctx, s, answer, a.device(requestOf(ctx))))
}

func (a *API) beginPasskey(ctx context.Context, s auth.Session, _ *none) (*optionsOut, error) {
	options, err := a.o.Auth.BeginPasskey(ctx, s)
	return &optionsOut{options}, err
}

type newPasskeyIn struct {
	Name       string      `json:"name" minLength:"1" maxLength:"100" example:"Phone"`
	Credential foreignJSON `json:"credential"`
}

type newPasskey struct {
	Passkey passkey  `json:"passkey"`
	Codes   []string `json:"recovery_codes,omitempty" doc:"Shown this once; left out when there are codes already."`
}

type newPasskeyOut struct{ Body newPasskey }

func (a *API) finishPasskey(ctx context.Context, s auth.Session, _ *none) (*newPasskeyOut, error) {
	var in newPasskeyIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	p, codes, err := a.o.Auth.FinishPasskey(ctx, s, model.Text(in.Name), in.Credential, a.device(requestOf(ctx)))
	return &newPasskeyOut{newPasskey{passkeyOf(p), codes}}, err
}

type passkeyNameIn struct {
	Name string `json:"name" minLength:"1" maxLength:"100"`
}

type passkeyOut struct{ Body passkey }

func (a *API) renamePasskey(ctx context.Context, s auth.Session, in *devicePath) (*passkeyOut, error) {
	p, err := a.o.Auth.RenamePasskey(ctx, s, idOf(in.ID), a.device(requestOf(ctx)), func() (model.Text, error) {
		var b passkeyNameIn
		_, err := decode(ctx, &b)
		return model.Text(b.Name), err
	})
	return &passkeyOut{passkeyOf(p)}, err
}

func (a *API) removePasskey(ctx context.Context, s auth.Session, in *devicePath) (*none, error) {
	return nil, a.o.Auth.RemovePasskey(ctx, s, idOf(in.ID), a.device(requestOf(ctx)))
}
