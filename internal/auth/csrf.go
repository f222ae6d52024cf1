package auth

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// CSRFHeader must repeat the CSRF cookie on every request that changes
// something.
const CSRFHeader = "X-CSRF-Token"

// csrfKey makes the tokens that prove a request comes from our own page.
type csrfKey signingKey

// token is bound to the session: one of another session is refused, so a pair
// that an attacker planted is worth nothing.
func (k csrfKey) token(session uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(macOf(k.now, session[:]))
}

// good are the tokens of a session that count.
func (k csrfKey) good(session uuid.UUID) []string {
	var all []string
	for _, key := range signingKey(k).good() {
		all = append(all, base64.RawURLEncoding.EncodeToString(macOf(key, session[:])))
	}
	return all
}

// errCSRF answers a change that does not prove where it comes from.
var errCSRF = &model.Error{Kind: model.Denied, Code: "csrf", Detail: "The CSRF token is missing or belongs to another session. Reload the page."}

// CheckCSRF refuses a request whose header and cookie are not both the token
// of its session.
func (s *Service) CheckCSRF(r *http.Request, session uuid.UUID) error {
	cookie, err := s.oneCookie(r, csrfCookie)
	if err != nil {
		return errCSRF
	}
	header := r.Header.Values(CSRFHeader)
	for _, want := range s.csrf.good(session) {
		if len(header) == 1 && hmac.Equal([]byte(want), []byte(cookie)) && hmac.Equal([]byte(want), []byte(header[0])) {
			return nil
		}
	}
	return errCSRF
}
