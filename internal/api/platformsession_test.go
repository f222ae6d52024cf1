package api_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pazpaz/internal/store"
	"pazpaz/internal/testkit"
)

// appoint makes a person a platform admin.
func appoint(k *testkit.Kit, n int) {
	k.T.Helper()
	testkit.NoErr(k.T, k.Store.Identity(k.T.Context(), func(tx *store.IdentityTx) error { return tx.AddPlatformAdmin(testkit.ID(1, n)) }))
}

// dismiss takes a person out of their practice.
func dismiss(k *testkit.Kit, n int) {
	k.T.Helper()
	testkit.NoErr(k.T, k.DB.Exec("update members set active = false where user_id = $1", testkit.ID(1, n).String()))
}

func TestAPlatformAdminWithoutPracticeOpensAPlatformSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		appoint(k, 3)
		dismiss(k, 3)
		b := k.NewBrowser()
		in := b.SignInByMail("user-3@example.com").Map(k)
		if in["state"] != "platform" || in["user"] != nil || in["workspace"] != nil || in["security"].(fields)["must_enrol"] != true {
			t.Fatalf("answered %v", in)
		}
		for _, r := range k.API.Routes() {
			if r.Member && !r.Either {
				reach(b, r).WantCode(k, 403, "platform_session")
			}
			if r.Admin {
				reach(b, r).WantCode(k, 403, "factor_required")
			}
		}
		who := b.Do(http.MethodGet, "/auth/session", nil).Want(k, 200).Map(k)
		if who["kind"] != "platform" || who["email"] != "user-3@example.com" {
			t.Fatalf("signed in is %v", who)
		}
		if n := k.DB.Count("select count(*) from auth_sessions where workspace_id is null"); n != 1 {
			t.Fatalf("%d platform sessions", n)
		}
		secret, _ := b.EnrolTOTP()
		if b.Do(http.MethodGet, "/auth/session", nil).Want(k, 200).Map(k)["security"].(fields)["must_enrol"] != false {
			t.Error("a factor is set up and still asked for")
		}
		again := k.NewBrowser()
		if got := again.SignInByMail("user-3@example.com").Map(k)["state"]; got != "second_factor" {
			t.Fatalf("leads to %v", got)
		}
		if got := again.Do(http.MethodPost, "/auth/second-factor", code("totp", k.TOTP(secret, k.Clock.Now()))).Want(k, 200).Map(k)["state"]; got != "platform" {
			t.Fatalf("leads to %v", got)
		}
		again.Do(http.MethodPost, "/auth/practice", nil).WantCode(k, 403, "denied")
		testkit.NoErr(t, k.Store.Identity(t.Context(), func(tx *store.IdentityTx) error { return tx.RemovePlatformAdmin(testkit.ID(1, 3)) }))
		again.Do(http.MethodGet, "/auth/session", nil).WantCode(k, 401, "unauthenticated")
		gone := k.NewBrowser() // whoever is nothing any more gets no mail
		k.RunJobs()
		before := len(k.Outbox.Sent())
		gone.Do(http.MethodPost, "/auth/magic-link", fields{"email": "user-3@example.com"}).Want(k, 202)
		if got := notices(k, before); len(got) != 0 || len(k.Outbox.Sent()) != before {
			t.Errorf("mails %v", got)
		}
	})
}

func TestAMemberWhoIsPlatformAdminSwitches(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		appoint(k, 1)
		b := k.NewBrowser()
		in := b.SignInByMail("user-1@example.com").Map(k)
		if safety := in["security"].(fields); in["state"] != "signed_in" || safety["platform_admin"] != true || safety["must_enrol"] != true {
			t.Fatalf("answered %v", in)
		}
		b.Do(http.MethodGet, "/clients", nil).WantCode(k, 403, "factor_required")
		secret, _ := b.EnrolTOTP()
		b.Do(http.MethodGet, "/clients", nil).Want(k, 200)
		k.Clock.Advance(5 * time.Minute)
		b.Do(http.MethodPost, "/auth/platform", nil).WantCode(k, 403, "step_up_required")
		b.Do(http.MethodPost, "/auth/step-up", code("totp", k.TOTP(secret, k.Clock.Now()))).Want(k, 200)
		k.Clock.Advance(2 * time.Minute)
		old := b.Cookie("access_token")
		there := b.Do(http.MethodPost, "/auth/platform", nil).Want(k, 200).Map(k)
		if there["state"] != "platform" || there["security"].(fields)["fresh_seconds_left"] != 180.0 || b.Cookie("access_token") == old {
			t.Fatalf("answered %v", there)
		}
		b.Do(http.MethodGet, "/clients", nil).WantCode(k, 403, "platform_session")
		k.Get("/auth/session", http.Header{"Cookie": {"access_token=" + old}}).WantCode(k, 401, "unauthenticated")
		if kind := b.Do(http.MethodGet, "/auth/sessions", nil).List(k)[0]["kind"]; kind != "platform" {
			t.Errorf("the device's kind is %v", kind)
		}
		back := b.Do(http.MethodPost, "/auth/practice", nil).Want(k, 200).Map(k)
		if back["state"] != "signed_in" || back["workspace"].(fields)["id"] != k.Workspace1.ID.String() {
			t.Fatalf("answered %v", back)
		}
		b.Do(http.MethodGet, "/clients", nil).Want(k, 200)
		mailedIn(k, "user-2@example.com").Do(http.MethodPost, "/auth/platform", nil).WantCode(k, 403, "denied")
		if events(k, "sign_in.platform", "ok") != 2 || events(k, "sign_in.platform", "denied") != 1 {
			t.Error("the exchanges are not in the trail")
		}
	})
}

// Of many exchanges of one session at once, one is made.
func TestASessionIsExchangedOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		appoint(k, 1)
		b := mailedIn(k, "user-1@example.com")
		b.EnrolTOTP()
		pair := "access_token=" + b.Cookie("access_token") + "; csrf_token=" + b.Cookie("csrf_token")
		header := http.Header{"Cookie": {pair}, "X-Csrf-Token": {b.Cookie("csrf_token")}}
		var all sync.WaitGroup
		var made atomic.Int64
		for range 8 {
			all.Go(func() {
				if k.Do(http.MethodPost, "/auth/platform", header, nil).Status == http.StatusOK {
					made.Add(1)
				}
			})
		}
		all.Wait()
		if n := k.DB.Count("select count(*) from auth_sessions where revoked_at is null"); made.Load() != 1 || n != 1 {
			t.Errorf("%d exchanges were made, %d sessions live", made.Load(), n)
		}
	})
}

// A member's session opens no route of the operator, whoever they are.
func TestAPracticesSessionOpensNoOperatorRoute(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		appoint(k, 1)
		b := mailedIn(k, "user-1@example.com")
		b.EnrolTOTP()
		for _, r := range k.API.Routes() {
			if r.Admin {
				reach(b, r).WantCode(k, 403, "platform_only")
			}
		}
	})
}
