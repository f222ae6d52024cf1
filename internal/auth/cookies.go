package auth

import (
	"net/http"
	"time"

	"pazpaz/internal/model"
)

// Names of the cookies; over HTTPS each has the __Host- prefix, so that no
// other host and no path can plant one.
const (
	accessCookie = "access_token"
	csrfCookie   = "csrf_token"
	preCookie    = "pre_session"

	challengeCookie = "sign_in_challenge"
	knownCookie     = "known_device"
)

func (s *Service) cookieName(name string) string {
	if s.secure {
		return "__Host-" + name
	}
	return name
}

// cookie makes a cookie that lives for the given time; a negative one deletes.
func (s *Service) cookie(name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // G124: Secure follows the public address, which is http only on loopback
		Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: s.secure, HttpOnly: name != csrfCookie, SameSite: http.SameSiteLaxMode,
	}
}

// oneCookie returns a cookie that must be there exactly once: of two with one
// name nobody can say which is ours.
func (s *Service) oneCookie(r *http.Request, name string) (string, error) {
	found := r.CookiesNamed(s.cookieName(name))
	if len(found) != 1 || found[0].Value == "" {
		return "", model.ErrUnauthenticated
	}
	return found[0].Value, nil
}

// ClearedCookies are the cookies that sign a browser out.
func (s *Service) ClearedCookies() []*http.Cookie {
	const gone = -time.Second
	return []*http.Cookie{
		s.cookie(accessCookie, "", gone), s.cookie(csrfCookie, "", gone), s.cookie(preCookie, "", gone), s.cookie(challengeCookie, "", gone),
	}
}

// Browser returns the pre-session of the browser that asks, and the cookie to
// set when it has none yet. A link that is mailed to it works only in it.
func (s *Service) Browser(r *http.Request) (string, *http.Cookie, error) {
	if v, err := s.oneCookie(r, preCookie); err == nil && len(v) == 43 {
		return v, s.cookie(preCookie, v, preSessionLife), nil
	}
	v, err := s.newToken()
	return v, s.cookie(preCookie, v, preSessionLife), err
}

// KnownBrowser returns the pre-session of the browser that asks, or "".
func (s *Service) KnownBrowser(r *http.Request) string { return s.held(r, preCookie) }

// Challenge returns the challenge that waits in the browser that asks, or "".
func (s *Service) Challenge(r *http.Request) string { return s.held(r, challengeCookie) }

// KnownDevice returns the cookie of a browser that signed in before, or "".
func (s *Service) KnownDevice(r *http.Request) string { return s.held(r, knownCookie) }

// held returns what the browser holds under a name, or "".
func (s *Service) held(r *http.Request, name string) string {
	v, err := s.oneCookie(r, name)
	if err != nil {
		return ""
	}
	return v
}
