package store_test

import (
	"net/http"
	"strings"
	"time"

	"pazpaz/internal/testkit"
)

// plantFactors puts canaries into what proves who somebody is.
func (c *canaries) plantFactors(b *testkit.Browser, email string) {
	k := c.k
	k.T.Helper()
	secret, codes := b.EnrolTOTP()
	c.secret(secret)
	for _, code := range codes {
		c.secret(code)
		c.secret(strings.ReplaceAll(code, "-", ""))
	}
	device := k.NewAuthenticator()
	question := b.Do(http.MethodPost, "/auth/passkeys/begin", nil).Want(k, 200)
	made := b.Do(http.MethodPost, "/auth/passkeys", map[string]any{"name": c.text("passkey"), "credential": device.Create(question)}).Want(k, 201).Map(k)
	b.Do(http.MethodPut, "/auth/passkeys/"+made["passkey"].(map[string]any)["id"].(string), map[string]any{"name": c.text("renamed")}).Want(k, 200)
	b.Do(http.MethodPost, "/auth/totp/confirm", map[string]any{"code": c.text("guess")}).Want(k, 409)
	b.Do(http.MethodPost, "/auth/step-up", map[string]any{"method": c.text("method"), "code": c.text("typed")}).Want(k, 422)
	b.Do(http.MethodPost, "/auth/passkeys/begin", nil).Want(k, 200) // its question stays open
	second := k.NewBrowser()
	second.Header.Set("User-Agent", c.text("second device"))
	second.SignInByMail(email)
	c.secret(second.Cookie("sign_in_challenge"))
	second.Do(http.MethodPost, "/auth/second-factor", map[string]any{"method": "recovery", "code": c.text("recovery")}).Want(k, 401)
	second.Do(http.MethodPost, "/auth/second-factor/passkey/finish", map[string]any{"credential": map[string]any{"id": c.text("credential")}}).Want(k, 401)
	second.Do(http.MethodPost, "/auth/second-factor", map[string]any{"method": "totp", "code": k.TOTP(secret, k.Clock.Now())}).Want(k, 200)
	c.secret(second.Cookie("known_device"))
	k.Clock.Advance(-30 * time.Second)
}
