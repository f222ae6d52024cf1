package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/testkit"
)

const (
	firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
	safari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)

// device is a browser of a make, signed in by mail.
func device(k *testkit.Kit, agent, email string) *testkit.Browser {
	k.T.Helper()
	b := k.NewBrowser()
	b.Header.Set("User-Agent", agent)
	b.SignInByMail(email)
	return b
}

func TestAPersonSeesWhereTheyAreSignedIn_ASVS_7_5_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		desk := device(k, firefox, "user-1@example.com")
		k.Clock.Advance(time.Minute)
		phone := device(k, safari, "user-1@example.com")
		device(k, firefox, "user-3@example.com")
		k.Clock.Advance(time.Minute)
		all := phone.Do(http.MethodGet, "/auth/sessions", nil).Want(k, 200).List(k)
		if len(all) != 2 {
			t.Fatalf("%d devices: %v", len(all), all)
		}
		for i, want := range []fields{
			{"browser": "Safari", "system": "iPhone", "current": true, "address": "127.0.0.1", "kind": "practice"},
			{"browser": "Firefox", "system": "Windows", "current": false, "address": "127.0.0.1", "kind": "practice"},
		} {
			for field, v := range want {
				if all[i][field] != v {
					t.Errorf("device %d: %s is %v, want %v", i, field, all[i][field], v)
				}
			}
		}
		if all[0]["last_used_at"] != k.Clock.Now().Format(time.RFC3339) {
			t.Errorf("last used %v, now it is %v", all[0]["last_used_at"], k.Clock.Now())
		}
		id := all[1]["id"].(string)
		phone.Do(http.MethodDelete, "/auth/sessions/"+id, nil).Want(k, 204)
		desk.Do(http.MethodGet, "/auth/me", nil).WantCode(k, 401, "unauthenticated")
		phone.Do(http.MethodDelete, "/auth/sessions/"+id, nil).WantCode(k, 404, "not_found")
		if n := len(phone.Do(http.MethodGet, "/auth/sessions", nil).List(k)); n != 1 {
			t.Errorf("%d devices are left", n)
		}
	})
}

func TestNobodyEndsAnothersSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := device(k, firefox, "user-1@example.com")
		mine := b.Do(http.MethodGet, "/auth/sessions", nil).List(k)[0]["id"].(string)
		for _, email := range []string{"user-2@example.com", "user-3@example.com"} {
			other := device(k, firefox, email)
			other.Do(http.MethodDelete, "/auth/sessions/"+mine, nil).WantCode(k, 404, "not_found")
			other.Do(http.MethodDelete, "/auth/sessions", nil).Want(k, 204)
		}
		b.Do(http.MethodGet, "/auth/me", nil).Want(k, 200)
	})
}

func TestSigningOutEverywhereElseAndHere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		first, second, third := device(k, firefox, "user-1@example.com"), device(k, safari, "user-1@example.com"), device(k, safari, "user-1@example.com")
		third.Do(http.MethodDelete, "/auth/sessions", nil).Want(k, 204)
		for _, b := range []*testkit.Browser{first, second} {
			b.Do(http.MethodGet, "/auth/me", nil).WantCode(k, 401, "unauthenticated")
		}
		id := third.Do(http.MethodGet, "/auth/sessions", nil).Want(k, 200).List(k)[0]["id"].(string)
		third.Do(http.MethodDelete, "/auth/sessions/"+id, nil).Want(k, 204)
		if third.Cookie("access_token") != "" || third.Cookie("csrf_token") != "" {
			t.Error("the cookies are still there")
		}
		if events(k, "sign_in.revoke", "ok") != 2 {
			t.Errorf("%d are in the trail", events(k, "sign_in.revoke", "ok"))
		}
	})
}

// A raised epoch ends all sessions of a person on all servers, and no others.
func TestARaisedEpochEndsAllSessions(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mine, theirs, second := k.AuthHeaders(k.User1), k.AuthHeaders(k.User2), k.Process(nil, nil)
		second.Get("/auth/me", mine).Want(k, 200)
		testkit.NoErr(t, k.DB.Exec("update users set epoch = epoch + 1 where id = $1", k.User1.ID.String()))
		k.Get("/auth/me", mine).WantCode(k, 401, "unauthenticated")
		second.Get("/auth/me", mine).WantCode(k, 401, "unauthenticated")
		k.Get("/auth/me", theirs).Want(k, 200)
		k.Get("/auth/me", k.AuthHeaders(k.User1)).Want(k, 200)
	})
}

// A session of an earlier epoch is over: nobody can revoke it, nor exchange it.
func TestASessionOfAnEarlierEpochCannotBeRevoked(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		old := k.SignIn(k.User1)
		testkit.NoErr(t, k.DB.Exec("update users set epoch = epoch + 1 where id = $1", k.User1.ID.String()))
		now := k.CSRFHeaders(k.User1)
		k.Do(http.MethodDelete, "/auth/sessions/"+old.Session.ID.String(), now, nil).WantCode(k, 404, "not_found")
		if n := k.DB.Count("select count(*) from auth_sessions where revoked_at is not null"); n != 0 {
			t.Errorf("%d sessions were revoked", n)
		}
		k.Get("/auth/me", now).Want(k, 200)
	})
}

// notices are the subjects of the mails that were sent since.
func notices(k *testkit.Kit, since int) (all []string) {
	k.T.Helper()
	k.RunJobs()
	for _, m := range k.Outbox.Sent()[since:] {
		if !strings.Contains(m.Text, "/sign-in/link#") {
			all = append(all, m.Subject+" | "+m.To+" | "+m.Text)
		}
	}
	return all
}

func TestANewDeviceIsMailed_ASVS_6_3_5(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		desk := device(k, firefox, "user-1@example.com")
		if got := notices(k, 0); len(got) != 0 {
			t.Fatalf("the first sign-in of all: %v", got)
		}
		before := len(k.Outbox.Sent())
		device(k, safari, "user-1@example.com")
		got := notices(k, before)
		if len(got) != 1 || !strings.Contains(got[0], "New device") || !strings.Contains(got[0], "Device: Safari, iPhone") ||
			!strings.Contains(got[0], "Time: 2 February 2026, 11:00 (Jerusalem)") || !strings.Contains(got[0], "user-1@example.com") {
			t.Fatalf("mails %v", got)
		}
		desk.Do(http.MethodPost, "/auth/logout", nil).Want(k, 204)
		before = len(k.Outbox.Sent())
		desk.SignInByMail("user-1@example.com")
		if got := notices(k, before); len(got) != 0 {
			t.Errorf("a known device: %v", got)
		}
		before = len(k.Outbox.Sent())
		device(k, safari, "user-3@example.com")
		desk.SignInByMail("user-3@example.com") // the first person's browser is new to the second
		if got := notices(k, before); len(got) != 1 || !strings.Contains(got[0], "user-3@example.com") {
			t.Errorf("another person on a known device: %v", got)
		}
	})
}

func TestNewDeviceMailIsInThePersonsLanguageAndEscaped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		testkit.NoErr(t, k.DB.Exec("update users set locale = 'he' where id = $1", k.User1.ID.String()))
		device(k, firefox, "user-1@example.com")
		before := len(k.Outbox.Sent())
		device(k, "<b>Firefox/1</b> Windows", "user-1@example.com")
		got := notices(k, before)
		last := k.Outbox.Sent()[len(k.Outbox.Sent())-1]
		if len(got) != 1 || !strings.Contains(got[0], "ממכשיר חדש") || last.Lang != "he" || !strings.Contains(last.HTML, `dir="rtl"`) || strings.Contains(last.HTML, "<b>") {
			t.Errorf("mails %v, %s", got, last.HTML)
		}
	})
}
