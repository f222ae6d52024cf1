package api_test

import (
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func TestBlacklistedPersonIsOut(t *testing.T) {
	for name, value := range map[string]string{
		"address": "user-1@example.com", "written otherwise": " \tUSER-1@Example.COM \n", "domain": "example.com", "domain with sign": "@example.com",
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				member, b := k.CSRFHeaders(k.User1), k.NewBrowser()
				link := k.LinkToken(b.AskLink(string(k.User1.Email)))
				k.RunJobs()
				sent := len(k.Outbox.Sent())
				entry := listed(k, value)
				k.Get("/auth/me", member).WantCode(k, 401, "unauthenticated")
				b.Do(http.MethodPost, "/auth/verify", fields{"token": link}).WantCode(k, 401, "link_invalid")
				known := k.NewBrowser().Do(http.MethodPost, "/auth/magic-link", fields{"email": "User-1@example.com"}).Want(k, 202)
				nobody := k.NewBrowser().Do(http.MethodPost, "/auth/magic-link", fields{"email": "nobody@elsewhere.example"}).Want(k, 202)
				if string(known.Body) != string(nobody.Body) {
					t.Errorf("%s and %s", known.Body, nobody.Body)
				}
				k.Mailed(sent, 0)
				unlisted(k, entry)
				k.Get("/auth/me", member).WantCode(k, 401, "unauthenticated")
				k.Get("/auth/me", k.AuthHeaders(k.User1)).Want(k, 200)
			})
		})
	}
}

func TestBlacklistIsShownAddedToAndTakenFrom(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		add := func(value string) *testkit.Response {
			return admin.Do(http.MethodPost, "/platform/blacklist", fields{"value": value, "reason": " Abuse "})
		}
		first := add("Mallory@Bad.example").Want(k, 201).Map(k)
		if first["kind"] != "email" || first["value"] != "mallory@bad.example" || first["reason"] != "Abuse" || first["added_by"] != testkit.AdminEmail {
			t.Errorf("added %v", first)
		}
		add(" mallory@bad.EXAMPLE").WantCode(k, 409, "already_listed")
		second := add("bad.example").Want(k, 201).Map(k)
		add("@bad.example").WantCode(k, 409, "already_listed")
		add(testkit.AdminEmail).WantCode(k, 409, "is_admin")
		add("example.com").WantCode(k, 409, "is_admin")
		for _, value := range []string{"", "com", "no address", "a@b@c", "a@", "ex ample.com"} {
			add(value).WantCode(k, 422, "invalid")
		}
		page := admin.Do(http.MethodGet, "/platform/blacklist?limit=1", nil).Want(k, 200)
		next, _, _ := strings.Cut(strings.TrimPrefix(page.Header.Get("Link"), "<"), ">")
		if names(page.List(k), "value") != "bad.example" || names(admin.Do(http.MethodGet, next, nil).List(k), "value") != "mallory@bad.example" {
			t.Errorf("pages %s", page.Body)
		}
		admin.Do(http.MethodDelete, "/platform/blacklist/"+second["id"].(string), nil).Want(k, 204)
		admin.Do(http.MethodDelete, "/platform/blacklist/"+second["id"].(string), nil).Want(k, 404)
		if left := admin.Do(http.MethodGet, "/platform/blacklist", nil).List(k); names(left, "value") != "mallory@bad.example" {
			t.Errorf("left %v", left)
		}
	})
}

// An entry that is taken off leaves those out whom another one matches.
func TestEachEntryOfTheBlacklistCountsByItself(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		domain := listed(k, "example.com")
		address := listed(k, "user-1@example.com")
		unlisted(k, domain)
		k.Get("/auth/me", k.AuthHeaders(k.User2)).Want(k, 200)
		if k.DB.Count("select count(*) from users where blocked_at is not null") != 1 {
			t.Error("not exactly one is kept out")
		}
		unlisted(k, address)
		k.Get("/auth/me", k.AuthHeaders(k.User1)).Want(k, 200)
	})
}

// listed puts a value on the blacklist on the server itself.
func listed(k *testkit.Kit, value string) model.BlacklistEntry {
	k.T.Helper()
	b, err := k.Platform.Blacklist(k.T.Context(), k.Store.PlatformScope(uuid.Nil), model.BlacklistEntry{Value: model.Text(value), Reason: "Abuse"})
	testkit.NoErr(k.T, err)
	return b.BlacklistEntry
}

func unlisted(k *testkit.Kit, b model.BlacklistEntry) {
	k.T.Helper()
	testkit.NoErr(k.T, k.Platform.Unlist(k.T.Context(), k.Store.PlatformScope(uuid.Nil), b.ID))
}
