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

// Session is a live sign-in and what it opens.
type Session struct {
	ID    uuid.UUID
	Scope store.Scope
	// IdleLeft and AbsoluteLeft are how long it lives on without and with use.
	IdleLeft, AbsoluteLeft time.Duration
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
	row, scope, err := s.o.Store.LiveSession(ctx, c.Session)
	if model.KindOf(err) == model.NotFound {
		return Session{}, model.ErrUnauthenticated
	}
	if err != nil {
		return Session{}, fmt.Errorf("session: %w", err)
	}
	if c.Workspace != row.WorkspaceID || c.Subject != row.UserID.String() {
		return Session{}, model.ErrUnauthenticated
	}
	return s.alive(ctx, row, scope, background)
}

// alive judges the limits in time and notes the use.
func (s *Service) alive(ctx context.Context, row store.AuthSession, scope store.Scope, background bool) (Session, error) {
	now := s.o.Now().UTC()
	last := s.seen.latest(row.ID, row.LastSeenAt)
	idle := max(0, now.Sub(last))
	if idle > s.o.Idle {
		return Session{}, errIdle
	}
	session := Session{ID: row.ID, Scope: scope, IdleLeft: s.o.Idle - idle, AbsoluteLeft: row.ExpiresAt.Sub(now)}
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

// SignedIn is the outcome of a sign-in: the session and its cookies.
type SignedIn struct {
	Session Session
	Cookies []*http.Cookie
}

// Device describes where a sign-in comes from.
type Device struct {
	Browser string // what the browser calls itself
	Address string
	Request uuid.UUID
}

// open starts a session for u inside the transaction that used up the proof,
// and records the sign-in.
func (s *Service) open(tx *store.IdentityTx, u model.User, d Device) (store.AuthSession, error) {
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
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(s.o.Absolute),
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
func (s *Service) signedIn(ctx context.Context, row store.AuthSession) (SignedIn, error) {
	_, scope, err := s.o.Store.LiveSession(ctx, row.ID)
	if err != nil {
		return SignedIn{}, fmt.Errorf("open session: %w", err)
	}
	token, err := s.tokens.sign(row.UserID, row.WorkspaceID, row.ID, row.ExpiresAt)
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{
		Session: Session{ID: row.ID, Scope: scope, IdleLeft: s.o.Idle, AbsoluteLeft: s.o.Absolute},
		Cookies: []*http.Cookie{
			s.cookie(accessCookie, token, s.o.Absolute),
			s.cookie(csrfCookie, s.csrf.token(row.ID), s.o.Absolute),
			s.cookie(preCookie, "", -time.Second),
		},
	}, nil
}

// SignOut ends the session behind a request, if there is one. It may be
// called again and again; the caller clears the cookies in any case.
func (s *Service) SignOut(ctx context.Context, session Session, request uuid.UUID) error {
	s.seen.forget(session.ID)
	u := model.User{ID: session.Scope.User(), WorkspaceID: session.Scope.Workspace()}
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
