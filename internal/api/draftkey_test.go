package api_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

func draftKeyOf(k *testkit.Kit, header http.Header) string {
	k.T.Helper()
	return k.Get("/auth/draft-key", header).Want(k, 200).Map(k)["key"].(string)
}

func TestDraftKeyIsThePersonsOwnAndTheSameAfterANewSignIn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owners := map[string]string{}
		for _, u := range []model.User{k.User1, k.User2, k.Practitioner1, k.Assistant1} {
			first := draftKeyOf(k, k.AuthHeaders(u))
			if again := draftKeyOf(k, k.AuthHeaders(u)); again != first {
				t.Errorf("%s got another key after a new sign-in", u.ID)
			}
			if other, taken := owners[first]; taken {
				t.Errorf("%s and %s have the same key", u.ID, other)
			}
			owners[first] = u.ID.String()
			if raw, err := base64.RawURLEncoding.DecodeString(first); err != nil || len(raw) != 32 {
				t.Errorf("the key has %d bytes (%v), want 32", len(raw), err)
			}
		}
	})
}

func TestDraftKeyNeedsALiveSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.Get("/auth/draft-key", nil).WantCode(k, 401, "unauthenticated")
		header := k.CSRFHeaders(k.User1)
		draftKeyOf(k, header)
		k.Clock.Advance(30*time.Minute + time.Second)
		k.Get("/auth/draft-key", header).WantCode(k, 401, "session_idle")

		header = k.CSRFHeaders(k.User1)
		k.Do(http.MethodPost, "/auth/logout", header, nil).Want(k, 204)
		k.Get("/auth/draft-key", header).WantCode(k, 401, "unauthenticated")
	})
}

func TestDraftKeyIsNotKeptByAnybodyOnTheWay_ASVS_14_2_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		res := k.Get("/auth/draft-key", k.AuthHeaders(k.User1))
		if got := res.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control %q, want no-store", got)
		}
		if key := res.Map(k)["key"].(string); strings.Contains(k.Log.String(), key) {
			t.Error("the key is in the log")
		}
	})
}

// The page asks for it as it starts, which says nothing of a person at work.
func TestDraftKeyDoesNotLengthenTheSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.AuthHeaders(k.User1)
		k.Clock.Advance(20 * time.Minute)
		draftKeyOf(k, header)
		k.Clock.Advance(11 * time.Minute)
		k.Get("/auth/me", header).WantCode(k, 401, "session_idle")
	})
}
