package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// CSRFHeader must repeat the CSRF cookie on every request that changes
// something.
const CSRFHeader = "X-CSRF-Token"

// csrfKey makes the tokens that prove a request comes from our own page.
type csrfKey []byte

// token is bound to the session: one of another session is refused, so a pair
// that an attacker planted is worth nothing.
func (k csrfKey) token(session uuid.UUID) string {
	mac := hmac.New(sha256.New, k)
	mac.Write(session[:])
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// errCSRF answers a change that does not prove where it comes from.
var errCSRF = &model.Error{Kind: model.Denied, Code: "csrf", Detail: "The CSRF token is missing or belongs to another session. Reload the page."}

// CheckCSRF refuses a request whose header and cookie are not both the token
// of its session.
func (s *Service) CheckCSRF(r *http.Request, session uuid.UUID) error {
	want := []byte(s.csrf.token(session))
	cookie, err := s.oneCookie(r, csrfCookie)
	if err != nil {
		return errCSRF
	}
	header := r.Header.Values(CSRFHeader)
	if len(header) != 1 || !hmac.Equal(want, []byte(cookie)) || !hmac.Equal(want, []byte(header[0])) {
		return errCSRF
	}
	return nil
}
