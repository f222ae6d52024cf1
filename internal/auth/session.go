package auth

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// Session is a live sign-in and what it opens: a practice by Scope, or the
// operator's routes by Platform, never both.
type Session struct {
	ID       uuid.UUID
	Scope    store.Scope
	Platform store.PlatformSessionScope
	// IdleLeft and AbsoluteLeft are how long it lives on without and with use.
	IdleLeft, AbsoluteLeft time.Duration
	// FreshLeft is how long the last proof of a factor lets sensitive acts
	// pass; 0: not any more.
	FreshLeft time.Duration
	// Factor is what was proved last in the session.
	Factor model.Factor
	// Admin, HasFactor and MustEnrol are about the person: they run the server,
	// have a second factor, have none where one is required.
	Admin, HasFactor, MustEnrol bool
}

// IsPlatform reports whether the session opens the operator's routes.
func (s Session) IsPlatform() bool { return s.Platform.User() != uuid.Nil }

// User is whose session it is; zero for the zero Session.
func (s Session) User() uuid.UUID {
	if s.IsPlatform() {
		return s.Platform.User()
	}
	return s.Scope.User()
}

// person is whom the audit trail names: in the own practice, or of none.
func (s Session) person() model.User {
	return model.User{ID: s.User(), WorkspaceID: s.Scope.Workspace()}
}

// errIdle answers a session that was not used for too long.
var errIdle = &model.Error{Kind: model.Unauthenticated, Code: "session_idle", Detail: "You were signed out after a time without use. Sign in to continue."}

// Authenticate returns the session behind a request. A background request
// does not keep the session alive. The error is Unauthenticated, or
// Unavailable when the database cannot tell.
func (s *Service) Authenticate(ctx context.Context, r *http.Request, background bool) (Session, error) {
	token, err := s.oneCookie(r, accessCookie)
	if err != nil {
		return Session{}, err
	}
	c, err := s.tokens.read(token)
	if err != nil {
		return Session{}, err
	}
	live, err := s.o.Store.LiveSession(ctx, c.Session)
	if model.KindOf(err) == model.NotFound {
		return Session{}, model.ErrUnauthenticated
	}
	if err != nil {
		return Session{}, fmt.Errorf("session: %w", err)
	}
	if c.Workspace != live.WorkspaceID || c.Subject != live.UserID.String() {
		return Session{}, model.ErrUnauthenticated
	}
	return s.alive(ctx, live, background)
}

// alive judges the limits in time and notes the use.
func (s *Service) alive(ctx context.Context, row store.Live, background bool) (Session, error) {
	now := s.o.Now().UTC()
	last := s.seen.latest(row.ID, row.LastSeenAt)
	idle := max(0, now.Sub(last))
	if idle > s.o.Idle {
		return Session{}, errIdle
	}
	session := s.sessionOf(row, now)
	session.IdleLeft = s.o.Idle - idle
	if background {
		return session, nil
	}
	session.IdleLeft = s.o.Idle
	s.seen.note(row.ID, now)
	if now.Sub(row.LastSeenAt) >= touchEvery {
		if err := s.o.Store.TouchSession(ctx, row.ID, now); err != nil {
			return Session{}, err
		}
	}
	return session, nil
}

func (s *Service) sessionOf(row store.Live, now time.Time) Session {
	return Session{
		ID: row.ID, Scope: row.Scope, Platform: row.Platform, IdleLeft: s.o.Idle, AbsoluteLeft: row.ExpiresAt.Sub(now),
		FreshLeft: freshLeft(row.AuthSession, now), Factor: row.Factor, Admin: row.Admin, HasFactor: row.HasFactor, MustEnrol: row.MustEnrol,
	}
}

// The states of a sign-in: what the browser may do next.
const (
	StateSignedIn     = "signed_in"
	StateSecondFactor = "second_factor"
	StatePlatform     = "platform"
)

// SignedIn is the outcome of a sign-in: the session and its cookies, or the
// ways to give the second factor that is wanted first.
type SignedIn struct {
	State   string
	Session Session
	Methods model.Factors
	Cookies []*http.Cookie
}

// Device describes where a sign-in comes from.
type Device struct {
	Browser string // what the browser calls itself
	Address string
	Request uuid.UUID
	// Known is the cookie of browsers that signed in before; see known.go.
	Known string
}

// open starts a session for u inside the transaction that used up the proof,
// and records the sign-in. by is the factor that was proved: in a session that
// a mailed proof opened, that one, until there is a better.
func (s *Service) open(tx *store.IdentityTx, u model.User, by model.Factor, d Device) (store.AuthSession, error) {
	return s.openProved(tx, u, by, tx.Now(), d)
}

// openProved is open for a factor that was proved at some time before.
func (s *Service) openProved(tx *store.IdentityTx, u model.User, by model.Factor, at time.Time, d Device) (store.AuthSession, error) {
	if !u.Active {
		return store.AuthSession{}, store.ErrLinkInvalid
	}
	id, err := s.newID()
	if err != nil {
		return store.AuthSession{}, err
	}
	now := tx.Now()
	row := store.AuthSession{
		ID: id, WorkspaceID: u.WorkspaceID, UserID: u.ID,
		Device: model.Text(cut(d.Browser, 300)), Address: model.Text(d.Address),
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(s.o.Absolute), ProvedAt: &at, Factor: by,
	}
	if err := s.tellNewDevice(tx, u, d); err != nil {
		return row, err
	}
	if err := tx.InsertSession(row); err != nil {
		return row, err
	}
	return row, tx.RecordSignIn(u, model.SignIn, store.SignInOK, id, d.Request)
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// signedIn makes the cookies of a session that was just opened.
func (s *Service) signedIn(ctx context.Context, row store.AuthSession, d Device) (SignedIn, error) {
	live, err := s.o.Store.LiveSession(ctx, row.ID)
	if err != nil {
		return SignedIn{}, fmt.Errorf("open session: %w", err)
	}
	token, err := s.tokens.sign(row.UserID, row.WorkspaceID, row.ID, row.ExpiresAt)
	if err != nil {
		return SignedIn{}, err
	}
	known, err := s.known.with(d.Known, row.UserID, s.newToken)
	if err != nil {
		return SignedIn{}, err
	}
	in := SignedIn{
		State: StateSignedIn, Session: s.sessionOf(live, s.o.Now().UTC()),
		Cookies: []*http.Cookie{
			s.cookie(accessCookie, token, s.o.Absolute),
			s.cookie(csrfCookie, s.csrf.token(row.ID), s.o.Absolute),
			s.cookie(knownCookie, known, knownLife),
			s.cookie(preCookie, "", -time.Second),
			s.cookie(challengeCookie, "", -time.Second),
		},
	}
	if in.Session.IsPlatform() {
		in.State = StatePlatform
	}
	return in, nil
}

// SignOut ends the session behind a request, if there is one. It may be
// called again and again; the caller clears the cookies in any case.
func (s *Service) SignOut(ctx context.Context, session Session, request uuid.UUID) error {
	s.seen.forget(session.ID)
	u := session.person()
	err := s.o.Store.Identity(ctx, func(tx *store.IdentityTx) error {
		if err := tx.RevokeSession(session.ID); err != nil {
			return err
		}
		return tx.RecordSignIn(u, model.SignOut, store.SignInOK, session.ID, request)
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}
