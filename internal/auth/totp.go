package auth

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // G505: what RFC 6238 names, and all that the apps can do
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// What authenticator apps expect where nothing else is said.
const (
	totpStep   = 30 // seconds
	totpDigits = 6
	totpSecret = 20 // bytes: 160 bits, as RFC 4226 recommends
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// totpCode is the code of a step, as in RFC 6238.
func totpCode(secret []byte, step int64, digits int) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash takes all
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := uint64(binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff)
	mod := uint64(1)
	for range digits {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%mod)
}

// totpMatch returns the step whose code was typed: the current one or the one
// before, which a slow hand may still type.
func totpMatch(secret []byte, code string, now time.Time) (step int64, ok bool) {
	current := now.Unix() / totpStep
	for _, step := range []int64{current, current - 1} {
		if hmac.Equal([]byte(totpCode(secret, step, totpDigits)), []byte(code)) {
			return step, true
		}
	}
	return 0, false
}

// newTOTPSecret makes the secret of an authenticator app.
func (s *Service) newTOTPSecret() ([]byte, error) {
	secret := make([]byte, totpSecret)
	if _, err := io.ReadFull(s.o.Random, secret); err != nil {
		return nil, fmt.Errorf("random secret: %w", err)
	}
	return secret, nil
}

// totpURI is what the picture for the app says.
func totpURI(email string, secret []byte) string {
	q := url.Values{
		"secret": {base32Plain.EncodeToString(secret)}, "issuer": {"PazPaz"},
		"algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"},
	}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/PazPaz:" + email, RawQuery: q.Encode()}
	return u.String()
}

// checkTOTP accepts each step once. It is recorded as used in the database
// before anybody is let in, so two at once cannot both pass.
func (s *Service) checkTOTP(tx *store.IdentityTx, user uuid.UUID, code string) error {
	t, err := tx.TOTP(user)
	if model.KindOf(err) == model.NotFound || (err == nil && t.Confirmed == nil) {
		return ErrFactorInvalid
	}
	if err != nil {
		return err
	}
	step, ok := totpMatch(t.Secret, canonicalCode(code), tx.Now())
	if !ok {
		return ErrFactorInvalid
	}
	ok, err = tx.AcceptStep(user, step)
	if err == nil && !ok {
		return ErrFactorInvalid
	}
	return err
}
