package api

import (
	"context"
	"net/http"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

type factorCodeIn struct {
	Method string `json:"method" enum:"totp,recovery,mail" doc:"mail: only to confirm who you are, and only without a second factor."`
	Code   string `json:"code" maxLength:"64" example:"123456"`
}

// decodeCode reads a typed code and the factor that it is of.
func decodeCode(ctx context.Context) (by model.Factor, code string, err error) {
	var in factorCodeIn
	if _, err := decode(ctx, &in); err != nil {
		return "", "", err
	}
	if len(in.Code) > 64 {
		return "", "", model.InvalidFields([]model.Field{{Name: "code", Code: "too_long", Message: "Must have at most 64 characters."}})
	}
	return model.Factor(in.Method), in.Code, nil
}

func (a *API) secondFactor(ctx context.Context, _ *none) (*signInOut, error) {
	by, code, err := decodeCode(ctx)
	if err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	signed, err := a.o.Auth.SecondFactor(ctx, a.o.Auth.Challenge(q.r), by, code, q.addr, a.device(q))
	return a.entered(ctx, signed, err)
}

type freshState struct {
	FreshSecondsLeft int `json:"fresh_seconds_left" doc:"For how long sensitive acts pass now."`
}

type freshOut struct{ Body freshState }

func freshOf(left time.Duration, err error) (*freshOut, error) {
	return &freshOut{freshState{int(left.Seconds())}}, err
}

func (a *API) stepUp(ctx context.Context, s auth.Session, _ *none) (*freshOut, error) {
	by, code, err := decodeCode(ctx)
	if err != nil {
		return nil, err
	}
	return freshOf(a.o.Auth.StepUp(ctx, s, by, code, a.device(requestOf(ctx))))
}

func (a *API) mailStepUp(ctx context.Context, s auth.Session, _ *none) (*noticeOut, error) {
	if err := a.o.Auth.MailStepUp(ctx, s); err != nil {
		return nil, err
	}
	if a.o.Wake != nil {
		a.o.Wake()
	}
	return &noticeOut{notice{"A mail with a code is on its way to you."}}, nil
}

type factorList struct {
	TOTP         *time.Time `json:"totp_since" doc:"Since when an authenticator app is in use; null: there is none."`
	Passkeys     []passkey  `json:"passkeys"`
	RecoveryLeft int        `json:"recovery_codes_left"`
}

type factorsOut struct{ Body factorList }

func (a *API) listFactors(ctx context.Context, s auth.Session, _ *none) (*factorsOut, error) {
	l, err := a.o.Auth.Factors(ctx, s)
	if err != nil {
		return nil, err
	}
	out := &factorsOut{factorList{TOTP: l.TOTP, Passkeys: make([]passkey, len(l.Passkeys)), RecoveryLeft: l.RecoveryLeft}}
	for i, p := range l.Passkeys {
		out.Body.Passkeys[i] = passkeyOf(p)
	}
	return out, nil
}

type enrolment struct {
	URI    string `json:"uri" doc:"What the picture says: an otpauth address."`
	Secret string `json:"secret" doc:"To type into an app that has no camera."`
	QR     string `json:"qr_svg" doc:"The picture, as SVG of our own making: one path, no script."`
}

type enrolmentOut struct{ Body enrolment }

func (a *API) startTOTP(ctx context.Context, s auth.Session, _ *none) (*enrolmentOut, error) {
	e, err := a.o.Auth.StartTOTP(ctx, s)
	return &enrolmentOut{enrolment(e)}, err
}

type confirmIn struct {
	Code string `json:"code" maxLength:"64" example:"123456"`
}

type recoveryCodes struct {
	Codes []string `json:"recovery_codes,omitempty" doc:"Shown this once; left out when there are codes already."`
}

type recoveryOut struct{ Body recoveryCodes }

func (a *API) confirmTOTP(ctx context.Context, s auth.Session, _ *none) (*recoveryOut, error) {
	var in confirmIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	codes, err := a.o.Auth.ConfirmTOTP(ctx, s, in.Code, a.device(requestOf(ctx)))
	return &recoveryOut{recoveryCodes{codes}}, err
}

func (a *API) removeTOTP(ctx context.Context, s auth.Session, _ *none) (*none, error) {
	return nil, a.o.Auth.RemoveTOTP(ctx, s, a.device(requestOf(ctx)))
}

func (a *API) renewRecoveryCodes(ctx context.Context, s auth.Session, _ *none) (*recoveryOut, error) {
	codes, err := a.o.Auth.RenewRecoveryCodes(ctx, s, a.device(requestOf(ctx)))
	return &recoveryOut{recoveryCodes{codes}}, err
}

type policyIn struct {
	Required *bool `json:"required" nullable:"false" doc:"Everybody in the practice must have a second factor."`
}

type policyOut struct{ Body policyIn }

var errOwnFactorFirst = &model.Error{Kind: model.Conflict, Code: "own_factor_first", Detail: "Set up a second factor for yourself first."}

// setPolicy asks of nobody what the one who asks does not do.
func (a *API) setPolicy(ctx context.Context, sc store.Scope, _ *none) (*policyOut, error) {
	var in policyIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	if in.Required == nil { // what is left out must not open anything
		return nil, model.InvalidFields([]model.Field{{Name: "required", Code: "required", Message: "Must be there."}})
	}
	if *in.Required && !requestOf(ctx).session.HasFactor && sc.Role().May(model.WorkspacePolicy) {
		return nil, errOwnFactorFirst
	}
	return &policyOut{in}, a.o.Practice.RequireSecondFactor(ctx, sc, *in.Required)
}

type account struct {
	Kind     string      `json:"kind" enum:"practice,platform"`
	UserID   string      `json:"user_id" format:"uuid"`
	Email    string      `json:"email"`
	FullName string      `json:"full_name"`
	Locale   string      `json:"locale" enum:"en,he"`
	Session  sessionLeft `json:"session"`
	Security security    `json:"security"`
}

type accountOut struct{ Body account }

func (a *API) currentSession(ctx context.Context, s auth.Session, _ *backgroundIn) (*accountOut, error) {
	u, err := a.o.Auth.Person(ctx, s)
	if err != nil {
		return nil, err
	}
	out := &accountOut{account{
		Kind: "practice", UserID: u.ID.String(), Email: string(u.Email), FullName: string(u.FullName), Locale: u.Locale,
		Session: leftOf(s), Security: securityOf(s),
	}}
	if s.IsPlatform() {
		out.Body.Kind = "platform"
	}
	return out, nil
}

func (a *API) toPlatform(ctx context.Context, s auth.Session, _ *none) (*signInOut, error) {
	signed, err := a.o.Auth.ToPlatform(ctx, s, a.device(requestOf(ctx)))
	return a.entered(ctx, signed, err)
}

func (a *API) toPractice(ctx context.Context, s auth.Session, _ *none) (*signInOut, error) {
	signed, err := a.o.Auth.ToPractice(ctx, s, a.device(requestOf(ctx)))
	return a.entered(ctx, signed, err)
}

type device struct {
	ID         string    `json:"id" format:"uuid"`
	Browser    string    `json:"browser" doc:"In plain words; empty when not known." example:"Firefox"`
	System     string    `json:"system" doc:"In plain words; empty when not known." example:"Windows"`
	Address    string    `json:"address" doc:"Where it signed in from."`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	Current    bool      `json:"current" doc:"It is the one that asks."`
	Kind       string    `json:"kind" enum:"practice,platform"`
}

type devicesOut struct{ Body []device }

func (a *API) listDevices(ctx context.Context, s auth.Session, _ *none) (*devicesOut, error) {
	all, err := a.o.Auth.Devices(ctx, s)
	if err != nil {
		return nil, err
	}
	out := &devicesOut{make([]device, len(all))}
	for i, d := range all {
		out.Body[i] = device{
			ID: d.ID.String(), Browser: d.Browser, System: d.System, Address: d.Address,
			CreatedAt: d.CreatedAt, LastUsedAt: d.LastSeenAt, Current: d.Current, Kind: "practice",
		}
		if d.Platform {
			out.Body[i].Kind = "platform"
		}
	}
	return out, nil
}

type devicePath struct {
	ID string `path:"id" format:"uuid"`
}

func (a *API) revokeDevice(ctx context.Context, s auth.Session, in *devicePath) (*none, error) {
	q := requestOf(ctx)
	if err := a.o.Auth.Revoke(ctx, s, idOf(in.ID), a.device(q)); err != nil {
		return nil, err
	}
	if idOf(in.ID) == s.ID {
		for _, c := range a.o.Auth.ClearedCookies() {
			http.SetCookie(q.w, c)
		}
	}
	return nil, nil //nolint:nilnil // 204
}

func (a *API) revokeOthers(ctx context.Context, s auth.Session, _ *none) (*none, error) {
	return nil, a.o.Auth.RevokeOthers(ctx, s, a.device(requestOf(ctx)))
}
