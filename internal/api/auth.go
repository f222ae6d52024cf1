package api

import (
	"context"
	"net/http"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

type none struct{}

type setupState struct {
	Open bool `json:"open" doc:"True while no workspace exists: the setup link works."`
}

type setupStateOut struct{ Body setupState }

func (a *API) setupState(ctx context.Context, _ *none) (*setupStateOut, error) {
	open, err := a.o.Auth.SetupOpen(ctx)
	return &setupStateOut{setupState{open}}, err
}

type setupIn struct {
	Token        string `json:"token" maxLength:"128" doc:"From the setup link that the server printed."`
	PracticeName string `json:"practice_name" minLength:"1" maxLength:"255"`
	FullName     string `json:"full_name" minLength:"1" maxLength:"255"`
	Email        string `json:"email" format:"email" maxLength:"255"`
	TimeZone     string `json:"time_zone,omitempty" example:"Asia/Jerusalem" doc:"An IANA name; UTC when left out."`
	Locale       string `json:"locale,omitempty" enum:"en,he"`
	Currency     string `json:"currency,omitempty" example:"ILS"`
}

func (a *API) setUp(ctx context.Context, _ *none) (*meOut, error) {
	var in setupIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	w := model.Workspace{Name: model.Text(in.PracticeName), TimeZone: in.TimeZone, Locale: in.Locale, Currency: in.Currency}
	owner := model.User{Email: model.Text(in.Email), FullName: model.Text(in.FullName), Locale: in.Locale}
	signed, err := a.o.Auth.Setup(ctx, in.Token, w, owner, q.addr, a.device(q))
	return a.welcome(ctx, signed, err)
}

type linkIn struct {
	Email  string `json:"email" format:"email" maxLength:"255"`
	Locale string `json:"locale,omitempty" enum:"en,he" doc:"The language of the mail; the person's own when left out."`
}

type notice struct {
	Detail string `json:"detail"`
}

type noticeOut struct{ Body notice }

// requestLink answers the same whether anybody has that address or not.
func (a *API) requestLink(ctx context.Context, _ *none) (*noticeOut, error) {
	var in linkIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	if len(in.Email) > model.MaxEmail || !model.ValidEmail(model.CanonicalEmail(in.Email)) {
		return nil, model.InvalidFields([]model.Field{{Name: "email", Code: "email", Message: "Must be an e-mail address."}})
	}
	if in.Locale != "" && in.Locale != "en" && in.Locale != "he" {
		return nil, model.InvalidFields([]model.Field{{Name: "locale", Code: "choice", Message: "Must be en or he."}})
	}
	q := requestOf(ctx)
	browser, cookie, err := a.o.Auth.Browser(q.r)
	if err != nil {
		return nil, err
	}
	if err := a.o.Auth.RequestLink(ctx, in.Email, in.Locale, browser, q.addr, a.device(q)); err != nil {
		return nil, err
	}
	if a.o.Wake != nil {
		a.o.Wake()
	}
	http.SetCookie(q.w, cookie)
	return &noticeOut{notice{"If somebody signs in with this address, a mail with a link and a code is on its way."}}, nil
}

type tokenIn struct {
	Token string `json:"token" maxLength:"128"`
}

func (a *API) signInByLink(ctx context.Context, _ *none) (*signInOut, error) {
	var in tokenIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	signed, err := a.o.Auth.SignInByLink(ctx, in.Token, a.o.Auth.KnownBrowser(q.r), q.addr, a.device(q))
	return a.entered(ctx, signed, err)
}

type codeIn struct {
	Code string `json:"code" maxLength:"32" example:"ABCD 2345"`
}

func (a *API) signInByCode(ctx context.Context, _ *none) (*signInOut, error) {
	var in codeIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	signed, err := a.o.Auth.SignInByCode(ctx, in.Code, a.o.Auth.KnownBrowser(q.r), q.addr, a.device(q))
	return a.entered(ctx, signed, err)
}

// welcome sets the cookies of a sign-in and says who is signed in.
func (a *API) welcome(ctx context.Context, signed auth.SignedIn, err error) (*meOut, error) {
	if err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	q.session = signed.Session
	out, err := a.me(ctx, signed.Session.Scope.InRequest(q.id), nil)
	if err != nil {
		return nil, err
	}
	for _, c := range signed.Cookies {
		http.SetCookie(q.w, c)
	}
	return out, nil
}

// signInState is how far a sign-in has come.
type signInState struct {
	State string `json:"state" enum:"signed_in,second_factor,platform" doc:"second_factor: prove one of the methods next; platform: signed in to run the server."`

	Methods   []string     `json:"methods,omitempty" doc:"For second_factor: totp, passkey, recovery."`
	User      *user        `json:"user,omitempty" doc:"For signed_in, as the three that follow: what GET /auth/me answers."`
	Workspace *workspace   `json:"workspace,omitempty"`
	Session   *sessionLeft `json:"session,omitempty" doc:"For platform, too."`
	Security  *security    `json:"security,omitempty" doc:"For platform, too."`
}

type signInOut struct{ Body signInState }

// entered sets the cookies of a step of signing in and says how far it came.
func (a *API) entered(ctx context.Context, signed auth.SignedIn, err error) (*signInOut, error) {
	if err != nil {
		return nil, err
	}
	q := requestOf(ctx)
	out := &signInOut{signInState{State: signed.State, Methods: methodsOf(signed.Methods)}}
	if signed.State != auth.StateSecondFactor {
		left, safety := leftOf(signed.Session), securityOf(signed.Session)
		out.Body.Session, out.Body.Security = &left, &safety
		q.session = signed.Session
	}
	if signed.State == auth.StateSignedIn {
		me, err := a.me(ctx, signed.Session.Scope.InRequest(q.id), nil)
		if err != nil {
			return nil, err
		}
		out.Body.User, out.Body.Workspace = &me.Body.User, &me.Body.Workspace
	}
	for _, c := range signed.Cookies {
		http.SetCookie(q.w, c)
	}
	return out, nil
}

// signOut is open to all, so that it always clears the cookies; it ends a
// session only with that session's CSRF token.
func (a *API) signOut(ctx context.Context, _ *none) (*none, error) {
	q := requestOf(ctx)
	session, err := a.o.Auth.Authenticate(ctx, q.r, true)
	if err == nil {
		if err := a.o.Auth.CheckCSRF(q.r, session.ID); err != nil {
			return nil, err
		}
		err = a.o.Auth.SignOut(ctx, session, q.id)
	}
	// The cookies go even when the database cannot be told: the person may
	// leave a shared screen.
	for _, c := range a.o.Auth.ClearedCookies() {
		http.SetCookie(q.w, c)
	}
	q.w.Header().Set("Clear-Site-Data", `"storage"`)
	if model.KindOf(err) == model.Unauthenticated {
		err = nil // nobody was signed in
	}
	return nil, err
}

type user struct {
	ID       string `json:"id" format:"uuid"`
	Email    string `json:"email"`
	FullName string `json:"full_name"`
	Role     string `json:"role" enum:"owner,practitioner,assistant"`
	Locale   string `json:"locale" enum:"en,he"`
}

type sessionLeft struct {
	ID                  string `json:"id" format:"uuid"`
	IdleSecondsLeft     int    `json:"idle_seconds_left" doc:"Until the session ends when it is not used."`
	AbsoluteSecondsLeft int    `json:"absolute_seconds_left" doc:"Until the session ends in any case."`
}

// security is what the page must know of a person's ways to prove themself.
type security struct {
	HasFactor     bool `json:"has_factor" doc:"An authenticator app or a passkey is set up."`
	MustEnrol     bool `json:"must_enrol" doc:"A second factor is required and missing: all but /auth/* answers 403 factor_required."`
	PlatformAdmin bool `json:"platform_admin" doc:"The person also runs the server; see POST /auth/platform."`
	FreshSeconds  int  `json:"fresh_seconds_left" doc:"For how long sensitive acts pass without another proof; 0: they answer 403 step_up_required."`
}

func securityOf(s auth.Session) security {
	return security{HasFactor: s.HasFactor, MustEnrol: s.MustEnrol, PlatformAdmin: s.Admin, FreshSeconds: int(s.FreshLeft.Seconds())}
}

func leftOf(s auth.Session) sessionLeft {
	return sessionLeft{ID: s.ID.String(), IdleSecondsLeft: int(s.IdleLeft.Seconds()), AbsoluteSecondsLeft: int(s.AbsoluteLeft.Seconds())}
}

func methodsOf(all model.Factors) (names []string) {
	for _, f := range all {
		names = append(names, string(f))
	}
	return names
}

type me struct {
	User      user        `json:"user"`
	Workspace workspace   `json:"workspace"`
	Session   sessionLeft `json:"session"`
	Security  security    `json:"security"`
}

type meOut struct{ Body me }

type backgroundIn struct {
	Background string `header:"X-Background" doc:"true: the request does not keep the session alive."`
}

func (a *API) me(ctx context.Context, sc store.Scope, _ *backgroundIn) (*meOut, error) {
	u, w, err := a.o.Practice.WhoAmI(ctx, sc)
	if err != nil {
		return nil, err
	}
	s := requestOf(ctx).session
	return &meOut{me{
		User: user{
			ID: u.ID.String(), Email: string(u.Email), FullName: string(u.FullName), Role: u.Role.String(), Locale: u.Locale,
		},
		Workspace: workspaceOf(w),
		Session:   leftOf(s), Security: securityOf(s),
	}}, nil
}
