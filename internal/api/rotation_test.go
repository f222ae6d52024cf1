package api_test

import (
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/auth"
	"pazpaz/internal/testkit"
)

// The secret key is rotated in three steps, so that instances which are not yet
// restarted believe those that are: the new key is believed, then it signs,
// then the old one is forgotten.
func TestSecretKeyIsRotatedWithoutSigningAnybodyOut_ASVS_13_3_4(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		former, next := testkit.Secret(), []byte(strings.Repeat("another secret ", 3))
		keys := func(now, old []byte) func(*auth.Options) {
			return func(o *auth.Options) { o.Secret, o.OldSecret = now, old }
		}
		announced := k.Process(keys(former, next), nil)
		turned := k.Process(keys(next, former), nil)
		ended := k.Process(keys(next, nil), nil)
		works := func(p *testkit.Kit, h http.Header) {
			t.Helper()
			p.Get("/auth/me", h).Want(p, 200)
			p.Do(http.MethodPost, "/clients", h, fields{"first_name": "a", "last_name": "b"}).Want(p, 201)
		}
		before, after := k.CSRFHeaders(k.User1), turned.CSRFHeaders(k.User1)
		works(announced, before)
		works(announced, after)
		works(turned, before)
		works(turned, after)
		works(ended, after)
		k.Get("/auth/me", after).WantCode(k, 401, "unauthenticated")
		ended.Get("/auth/me", before).WantCode(ended, 401, "unauthenticated")
		mixed := after.Clone()
		mixed.Set("X-Csrf-Token", before.Get("X-Csrf-Token"))
		turned.Do(http.MethodPost, "/clients", mixed, fields{"first_name": "a", "last_name": "b"}).WantCode(turned, 403, "csrf")

		half := k.Get("/auth/draft-key", before).Want(k, 200).Map(k)["key"]
		if got := ended.Get("/auth/draft-key", after).Want(ended, 200).Map(ended)["key"]; got != half {
			t.Error("a copy of unsaved text does not open any more")
		}
	})
}
