package testkit

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"time"
)

// TOTP is the code that an authenticator app shows at a time, worked out apart
// from the product.
func (k *Kit) TOTP(secret string, at time.Time) string {
	k.T.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	NoErr(k.T, err)
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(at.Unix()/30))
	mac := hmac.New(sha1.New, key)
	mac.Write(step[:])
	sum := mac.Sum(nil)
	at4 := sum[sum[19]&0xf:]
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(at4[:4])&0x7fffffff%1000000)
}

// EnrolTOTP sets up an authenticator app and returns its secret and the
// recovery codes. The clock moves on, so that the next code is a new one.
func (b *Browser) EnrolTOTP() (secret string, codes []string) {
	b.k.T.Helper()
	secret = b.Do(http.MethodPost, "/auth/totp", nil).Want(b.k, 200).Map(b.k)["secret"].(string)
	res := b.Do(http.MethodPost, "/auth/totp/confirm", map[string]any{"code": b.k.TOTP(secret, b.k.Clock.Now())}).Want(b.k, 200)
	b.k.Clock.Advance(30 * time.Second)
	return secret, Strings(res.Map(b.k)["recovery_codes"])
}

// AddPasskey registers a passkey of a new device.
func (b *Browser) AddPasskey(name string) (device *Authenticator, id string) {
	b.k.T.Helper()
	device = b.k.NewAuthenticator()
	question := b.Do(http.MethodPost, "/auth/passkeys/begin", nil).Want(b.k, 200)
	res := b.Do(http.MethodPost, "/auth/passkeys", map[string]any{"name": name, "credential": device.Create(question)}).Want(b.k, 201)
	return device, res.Map(b.k)["passkey"].(map[string]any)["id"].(string)
}

// SignInByMail follows a mailed link, as far as it leads.
func (b *Browser) SignInByMail(email string) *Response {
	b.k.T.Helper()
	m := b.AskLink(email)
	return b.Do(http.MethodPost, "/auth/verify", map[string]any{"token": b.k.LinkToken(m)}).Want(b.k, 200)
}

// Strings returns a JSON array of texts; nil when v is none.
func Strings(v any) (all []string) {
	list, _ := v.([]any)
	for _, s := range list {
		all = append(all, s.(string))
	}
	return all
}
