package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/testkit"
)

func left(k *testkit.Kit, res *testkit.Response) (idle, absolute float64) {
	k.T.Helper()
	s := res.Want(k, 200).Map(k)["session"].(fields)
	return s["idle_seconds_left"].(float64), s["absolute_seconds_left"].(float64)
}

func TestMeTellsTheSecondsLeft(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.AuthHeaders(k.User1)
		background := header.Clone()
		background.Set("X-Background", "true")
		for _, c := range []struct {
			after          time.Duration
			header         http.Header
			idle, absolute float64
		}{
			{0, header, 1800, 43200},
			{time.Minute, background, 1740, 43140},
			{29*time.Minute - time.Second, background, 1, 41401},
			{time.Second, background, 0, 41400},
			{0, header, 1800, 41400},
			{30 * time.Minute, header, 1800, 39600},
		} {
			k.Clock.Advance(c.after)
			if idle, absolute := left(k, k.Get("/auth/me", c.header)); idle != c.idle || absolute != c.absolute {
				t.Errorf("got %v and %v, want %v and %v", idle, absolute, c.idle, c.absolute)
			}
		}
		k.Clock.Advance(30*time.Minute + time.Second)
		k.Get("/auth/me", header).WantCode(k, 401, "session_idle")
	})
}

// A page that polls would otherwise keep a session alive that nobody uses.
func TestOnlyTheWordTrueIsBackground(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for value, extends := range map[string]bool{"true": false, "false": true, "1": true, "": true, "TRUE": true} {
			header := k.AuthHeaders(k.User1)
			header.Set("X-Background", value)
			k.Clock.Advance(20 * time.Minute)
			k.Get("/clients", header).Want(k, 200)
			k.Clock.Advance(20 * time.Minute)
			if got := k.Get("/auth/me", header).Status; (got == 200) != extends {
				t.Errorf("X-Background %q: %d", value, got)
			}
		}
	})
}

// What is refused before or after the session was found is still use by the
// person, but what the session's own check refuses is none.
func TestAnIdleSessionCannotBeWoken(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		k.Clock.Advance(30*time.Minute + time.Second)
		for range 3 {
			k.Get("/clients", header).WantCode(k, 401, "session_idle")
			k.Do(http.MethodPut, "/workspace", header, fields{"name": "X"}).WantCode(k, 401, "session_idle")
		}
		k.Get("/healthz", header).Want(k, 200)
		k.Get("/setup", header).Want(k, 200)
	})
}

func wantCleared(k *testkit.Kit, res *testkit.Response) {
	k.T.Helper()
	res.Want(k, 204)
	wantNoCookies(k, res)
}

func wantNoCookies(k *testkit.Kit, res *testkit.Response) {
	k.T.Helper()
	k.Declared(http.MethodPost, "/auth/logout", res.Status)
	cleared := map[string]bool{}
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 && c.Value == "" && c.Path == "/" {
			cleared[c.Name] = true
		}
	}
	if !cleared["access_token"] || !cleared["csrf_token"] || !cleared["pre_session"] {
		k.T.Fatalf("cleared %v", cleared)
	}
	if !strings.Contains(res.Header.Get("Clear-Site-Data"), `"storage"`) {
		k.T.Fatalf("Clear-Site-Data %q", res.Header.Get("Clear-Site-Data"))
	}
}

func TestLogoutEndsTheSessionAndMayBeRepeated_ASVS_7_4_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header, other := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User1)
		second := k.Process(nil, nil)
		second.Get("/auth/me", header).Want(k, 200)
		wantCleared(k, k.Do(http.MethodPost, "/auth/logout", header, nil))
		for _, p := range []*testkit.Kit{k, second} {
			p.Get("/auth/me", header).WantCode(k, 401, "unauthenticated")
			p.Get("/auth/me", other).Want(k, 200)
		}
		for range 2 {
			wantCleared(k, k.Do(http.MethodPost, "/auth/logout", header, nil))
		}
		if n := k.DB.Count("select count(*) from audit_events where action = 'sign_out'"); n != 1 {
			t.Fatalf("%d sign-outs are in the trail, want 1", n)
		}
	})
}

func TestLogoutWithoutALiveSessionClearsCookies_ASVS_14_3_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		ended, idle := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User1)
		testkit.NoErr(t, k.DB.Exec("update auth_sessions set revoked_at = created_at"))
		wantCleared(k, k.Do(http.MethodPost, "/auth/logout", ended, nil))
		testkit.NoErr(t, k.DB.Exec("update auth_sessions set revoked_at = null"))
		k.Clock.Advance(31 * time.Minute)
		wantCleared(k, k.Do(http.MethodPost, "/auth/logout", idle, nil))
		for _, cookie := range []string{"", "access_token=garbage", "access_token=a; access_token=b", "csrf_token=x"} {
			wantCleared(k, k.Do(http.MethodPost, "/auth/logout", http.Header{"Cookie": {cookie}}, nil))
		}
	})
}

// The person may leave a shared screen, and must not be told that all is well.
func TestLogoutWithoutADatabaseClearsCookiesAndSaysSo(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header, down := k.CSRFHeaders(k.User1), k.Process(nil, nil)
		testkit.NoErr(t, down.Store.Close())
		res := down.Do(http.MethodPost, "/auth/logout", header, nil)
		wantNoCookies(down, res)
		if res.Status < 500 || res.Map(k)["code"] == nil {
			t.Fatalf("%d %s", res.Status, res.Body)
		}
		k.Get("/auth/me", header).Want(k, 200)
	})
}

func TestLogoutOfALiveSessionNeedsItsCSRFToken(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header, other := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User1)
		foreign := header.Clone()
		foreign.Set("X-CSRF-Token", other.Get("X-CSRF-Token"))
		for _, h := range []http.Header{{"Cookie": {accessOnly(header)}}, {"Cookie": {header.Get("Cookie")}}, foreign} {
			res := k.Do(http.MethodPost, "/auth/logout", h, nil).WantCode(k, 403, "csrf")
			k.Declared(http.MethodPost, "/auth/logout", 403)
			if len(res.Cookies()) != 0 {
				t.Error("cookies were cleared")
			}
		}
		k.Get("/auth/me", header).Want(k, 200)
		k.Clock.Advance(20 * time.Minute)
		k.Do(http.MethodPost, "/auth/logout", foreign, nil).WantCode(k, 403, "csrf")
		k.Clock.Advance(20 * time.Minute) // another site's page cannot keep the session alive
		k.Get("/auth/me", header).WantCode(k, 401, "session_idle")
	})
}

func TestSessionEndsOnTheNextRequest(t *testing.T) {
	const ws = " where id = (select workspace_id from members where user_id = $1)"
	for what, update := range map[string]string{
		"suspended":   "update workspaces set status = 'suspended'" + ws,
		"deactivated": "update members set active = false where user_id = $1",
		"revoked":     "update auth_sessions set revoked_at = created_at where user_id = $1",
	} {
		t.Run(what, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				mine, header := own(k, k.User1), k.CSRFHeaders(k.User1)
				second := k.Process(nil, nil)
				k.Get("/auth/me", header).Want(k, 200)
				second.Get("/auth/me", header).Want(k, 200)
				testkit.NoErr(t, k.DB.Exec(update, k.User1.ID.String()))
				before := k.Snapshot(k.Workspace1.ID)
				for _, r := range members(k) {
					send(k, r, mine, header, calls[name(r)].body).WantCode(k, 401, "unauthenticated")
				}
				second.Get("/auth/me", header).WantCode(k, 401, "unauthenticated")
				if k.Snapshot(k.Workspace1.ID) != before {
					t.Fatal("something was changed")
				}
			})
		})
	}
}

func TestSessionsOfDifferentPeopleStayApart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := k.NewBrowser()
		b.Do(http.MethodPost, "/auth/verify", fields{"token": k.LinkToken(b.AskLink("user-1@example.com"))}).Want(k, 200)
		first := b.Cookie("access_token")
		b.Do(http.MethodPost, "/auth/verify", fields{"token": k.LinkToken(b.AskLink("user-2@example.com"))}).Want(k, 200)
		if b.Cookie("access_token") == first {
			t.Fatal("a sign-in must open a session of its own")
		}
		if got := b.Do(http.MethodGet, "/auth/me", nil).Want(k, 200).Map(k)["user"].(fields)["id"]; got != k.User2.ID.String() {
			t.Fatalf("signed in is %v", got)
		}
		b.Do(http.MethodPut, "/workspace", fields{"name": "Second"}).Want(k, 200)
		if got := k.Get("/workspace", k.AuthHeaders(k.User1)).Map(k)["name"]; got != "Test Workspace 1" {
			t.Fatalf("the first practice is now %v", got)
		}
	})
}
