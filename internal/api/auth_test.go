package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

func askFor(email string) fields { return fields{"email": email} }

func TestAskingForALinkAnswersTheSameForEverybody_ASVS_6_3_8(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		testkit.NoErr(t, k.DB.Exec("update members set active = false where user_id = $1", k.Assistant1.ID.String()))
		testkit.NoErr(t, k.DB.Exec("update workspaces set status = 'suspended' where id = $1", k.Workspace2.ID.String()))
		var first *testkit.Response
		for _, email := range []string{
			"user-3@example.com", "nobody@example.com", "user-4@example.com", "user-2@example.com", " USER-3@Example.com ",
			"a@b.example", "very.unusual+tag_%@sub.example.org", strings.Repeat("l", 60) + "@example.com", "x@localhost",
		} {
			res := k.Do(http.MethodPost, "/auth/magic-link", nil, askFor(email)).Want(k, 202)
			k.Declared(http.MethodPost, "/auth/magic-link", res.Status)
			cookies := res.Cookies()
			if len(cookies) != 1 || cookies[0].Name != "pre_session" || len(cookies[0].Value) != 43 {
				t.Errorf("%s: cookies %v", email, cookies)
			}
			res.Header.Del("Set-Cookie") // a random value
			if first == nil {
				first = res
			}
			if !res.SameBut(first) || string(res.Body) != string(first.Body) {
				t.Errorf("%s: %v %s, before %v %s", email, res.Header, res.Body, first.Header, first.Body)
			}
		}
		k.RunJobs()
		sent := k.Outbox.Sent()
		if len(sent) != 2 || sent[0].To != "user-3@example.com" || sent[1].To != "user-3@example.com" {
			t.Fatalf("%d mails were sent, want the 2 of the one who may sign in", len(sent))
		}
	})
}

func TestAskingForALinkNeedsAnAddress(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, email := range []string{
			"", " ", "zzcanary", "zzcanary@", "@example.com", "zzcanary@nodomain", "a b@example.com", "A <zzcanary@example.com>", "zzcanary@example.com\r\nBcc: x@example.com",
			"zzcanary@example.com, b@example.com", "zzcanary@example.com\u0000", strings.Repeat("z", 250) + "@example.com", "zzcanary@@example.com",
		} {
			res := k.Do(http.MethodPost, "/auth/magic-link", nil, askFor(email))
			k.Declared(http.MethodPost, "/auth/magic-link", res.Status)
			if res.Status != 422 || !strings.Contains(string(res.Body), "body.email") || strings.Contains(string(res.Body), "zzcanary") || len(res.Cookies()) != 0 {
				t.Errorf("%q: %d %s", email, res.Status, res.Body)
			}
		}
		k.Do(http.MethodPost, "/auth/magic-link", nil, fields{"email": "user-1@example.com", "locale": "fr"}).WantCode(k, 422, "invalid")
		k.Do(http.MethodPost, "/auth/magic-link", nil, fields{"email": nil}).WantCode(k, 422, "invalid")
		if n := k.DB.Count("select count(*) from jobs"); n != 0 {
			t.Fatalf("%d requests were queued", n)
		}
	})
}

func TestALinkSignsInTheBrowserThatAsked(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := k.NewBrowser()
		token := k.LinkToken(b.AskLink("user-3@example.com"))
		res := b.Do(http.MethodPost, "/auth/verify", fields{"token": token}).Want(k, 200)
		k.Declared(http.MethodPost, "/auth/verify", 200)
		got := res.Map(k)
		want := fmt.Sprint(k.Practitioner1.ID, " user-3@example.com Test User 3 practitioner en ", k.Workspace1.ID, " Test Workspace 1 1800 43200")
		u, w, s := got["user"].(fields), got["workspace"].(fields), got["session"].(fields)
		if text := fmt.Sprint(u["id"], " ", u["email"], " ", u["full_name"], " ", u["role"], " ", u["locale"], " ",
			w["id"], " ", w["name"], " ", s["idle_seconds_left"], " ", s["absolute_seconds_left"]); text != want {
			t.Errorf("got %s, want %s", text, want)
		}
		if b.Cookie("access_token") == "" || b.Cookie("csrf_token") == "" || b.Cookie("pre_session") != "" {
			t.Error("the cookies are not those of a signed-in browser")
		}
		wantNoneOf(t, "the answer", res.Body, []string{token, b.Cookie("access_token"), b.Cookie("csrf_token")})
		b.Do(http.MethodPost, "/clients", calls["POST /clients"].body).Want(k, 201)
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{token, b.Cookie("access_token"), b.Cookie("csrf_token"), "user-3@", "Test User"})
		b.Do(http.MethodPost, "/auth/verify", fields{"token": token}).WantCode(k, 401, "link_invalid")
		b.Do(http.MethodGet, "/auth/me", nil).Want(k, 200) // a link that is no good signs nobody out
	})
}

func TestALinkInAnotherBrowserStaysGood(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		asked, other, asking := k.NewBrowser(), k.NewBrowser(), k.NewBrowser()
		m := asked.AskLink("user-1@example.com")
		asking.AskLink("user-2@example.com")
		for _, b := range []*testkit.Browser{other, asking} {
			res := b.Do(http.MethodPost, "/auth/verify", fields{"token": k.LinkToken(m)}).WantCode(k, 403, "other_browser")
			k.Declared(http.MethodPost, "/auth/verify", 403)
			if len(res.Cookies()) != 0 || b.Cookie("access_token") != "" {
				t.Fatal("another browser got cookies")
			}
			b.Do(http.MethodPost, "/auth/code", fields{"code": k.LinkCode(m)}).WantCode(k, 401, "code_invalid")
			k.Declared(http.MethodPost, "/auth/code", 401)
		}
		asked.Do(http.MethodPost, "/auth/code", fields{"code": k.LinkCode(m)}).Want(k, 200)
		asked.Do(http.MethodGet, "/auth/me", nil).Want(k, 200)
	})
}

// Scanners of mail open every link before the person does, some in a whole
// browser that runs scripts.
func TestAMailScannerUsesNothingUp_ASVS_7_6_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := k.NewBrowser()
		m := b.AskLink("user-1@example.com")
		token := k.LinkToken(m)
		if i := strings.Index(m.Text, token); !strings.HasSuffix(m.Text[:i], "/sign-in/link#token=") {
			t.Fatal("the token must stand behind the #, which is sent to nobody")
		}
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete} {
			for _, path := range []string{"/auth/verify?token=" + token, "/auth/verify", "/auth/code"} {
				if res := k.Do(method, path, nil, nil); res.Status != 405 || res.Header.Get("Allow") != http.MethodPost {
					t.Errorf("%s %s: %d, Allow %s", method, path, res.Status, res.Header.Get("Allow"))
				}
			}
		}
		for _, path := range []string{"/auth/verify?token=" + token, "/auth/verify?code=" + k.LinkCode(m)} {
			k.Do(http.MethodPost, path, nil, nil).WantCode(k, 415, "content_type")
			k.Do(http.MethodPost, path, nil, fields{}).WantCode(k, 401, "link_invalid")
		}
		k.Do(http.MethodPost, "/auth/verify", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "token="+token).WantCode(k, 415, "content_type")
		scanner := k.NewBrowser()
		scanner.Do(http.MethodPost, "/auth/verify", fields{"token": token}).WantCode(k, 403, "other_browser")
		scanner.Do(http.MethodPost, "/auth/code", fields{"code": k.LinkCode(m)}).WantCode(k, 401, "code_invalid")
		if n := k.DB.Count("select count(*) from sign_in_links where used_at is null"); n != 1 {
			t.Fatal("the link was used up")
		}
		b.Do(http.MethodPost, "/auth/verify", fields{"token": token}).Want(k, 200)
	})
}

// Why a proof is no good is nobody's business.
func TestBadProofsAreAllRefusedAlike(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := k.NewBrowser()
		used, old := b.AskLink("user-1@example.com"), b.AskLink("user-1@example.com")
		pre := b.Cookie("pre_session")
		b.Do(http.MethodPost, "/auth/verify", fields{"token": k.LinkToken(used)}).Want(k, 200)
		k.Clock.Advance(10 * time.Minute)
		b.SetCookie("pre_session", pre)
		var link, code *testkit.Response
		for what, proof := range map[string][2]string{
			"used": {k.LinkToken(used), k.LinkCode(used)}, "old": {k.LinkToken(old), k.LinkCode(old)}, "empty": {"", ""},
			"unknown": {strings.Repeat("A", 43), "ABCD2345"}, "long": {strings.Repeat("A", 10_000), strings.Repeat("A", 10_000)}, "strange": {"\u05d0\ufffd", "' --"},
		} {
			l := b.Do(http.MethodPost, "/auth/verify", fields{"token": proof[0]}).WantCode(k, 401, "link_invalid")
			c := b.Do(http.MethodPost, "/auth/code", fields{"code": proof[1]}).WantCode(k, 401, "code_invalid")
			if link == nil {
				link, code = l, c
			}
			if !l.SameBut(link) || !c.SameBut(code) {
				t.Errorf("%s: %s %s", what, l.Body, c.Body)
			}
		}
		if n := k.DB.Count("select count(*) from auth_sessions"); n != 1 {
			t.Fatalf("%d sessions", n)
		}
	})
}

func TestCodeIsTypedInTheBrowserThatAsked_ASVS_6_6_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := k.NewBrowser()
		code := k.LinkCode(b.AskLink("user-4@example.com"))
		for range 4 {
			b.Do(http.MethodPost, "/auth/code", fields{"code": "2222 2222"}).WantCode(k, 401, "code_invalid")
		}
		res := b.Do(http.MethodPost, "/auth/code", fields{"code": strings.ToLower(code[:4]) + "-" + code[4:]}).Want(k, 200)
		k.Declared(http.MethodPost, "/auth/code", 200)
		if role := res.Map(k)["user"].(fields)["role"]; role != "assistant" {
			t.Fatalf("role %v", role)
		}
		k.Clock.Advance(time.Minute)
		b.AskLink("user-4@example.com")
		for range 5 {
			b.Do(http.MethodPost, "/auth/code", fields{"code": "2222 2222"}).WantCode(k, 401, "code_invalid")
		}
		code = k.LinkCode(k.Outbox.Sent()[1])
		b.Do(http.MethodPost, "/auth/code", fields{"code": code}).WantCode(k, 401, "code_invalid")
	})
}

func TestSignInLimitsSayWhenToComeBack(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for range 30 {
			k.Do(http.MethodPost, "/auth/magic-link", nil, askFor("nobody@example.com")).Want(k, 202)
			k.Do(http.MethodPost, "/auth/verify", nil, fields{"token": "x"}).Want(k, 401)
		}
		for path, c := range map[string]struct {
			body fields
			wait string
		}{
			"/auth/magic-link": {askFor("nobody@example.com"), "120"}, "/auth/verify": {fields{"token": "x"}, "10"},
			"/auth/code": {fields{"code": "x"}, "10"}, "/setup": {publicBodies["POST /setup"].(fields), "10"},
		} {
			res := k.Do(http.MethodPost, path, nil, c.body).WantCode(k, 429, "too_many")
			k.Declared(http.MethodPost, path, 429)
			if res.Header.Get("Retry-After") != c.wait {
				t.Errorf("%s: Retry-After %s, want %s", path, res.Header.Get("Retry-After"), c.wait)
			}
		}
		k.Clock.Advance(2 * time.Minute)
		k.Do(http.MethodPost, "/auth/magic-link", nil, askFor("nobody@example.com")).Want(k, 202)
	})
}

// The address is the connection's: what a stranger writes into a header makes
// no new one.
func TestSignInLimitsCannotBeDodged_ASVS_6_3_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		ask := func(k *testkit.Kit, n int) *testkit.Response {
			from := fmt.Sprintf("198.51.100.%d", n)
			return k.Do(http.MethodPost, "/auth/magic-link", http.Header{
				"X-Forwarded-For": {from}, "X-Real-Ip": {from}, "Forwarded": {"for=" + from}, "Cf-Connecting-Ip": {from},
			}, askFor("nobody@example.com"))
		}
		for n := range 30 {
			ask(k, n).Want(k, 202)
		}
		ask(k, 31).WantCode(k, 429, "too_many")
		proxied := k.BehindProxy() // a proxy that we trust tells clients apart
		for n := range 31 {
			ask(proxied, n).Want(k, 202)
		}
	})
}

func TestAskingAgainKeepsTheBrowser(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := k.NewBrowser()
		first := b.AskLink("user-1@example.com")
		pre := b.Cookie("pre_session")
		b.AskLink("user-1@example.com")
		if b.Cookie("pre_session") != pre {
			t.Fatal("the first mail's link would not work any more")
		}
		b.Do(http.MethodPost, "/auth/verify", fields{"token": k.LinkToken(first)}).Want(k, 200)
		k.NewBrowser().AskLink("user-1@example.com")
	})
}

func TestSignInOverHTTPSUsesHostCookies_ASVS_3_3_1_ASVS_3_3_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		secure := k.Process(func(o *auth.Options) { o.PublicURL = "https://practice.example.com" }, nil)
		b := secure.NewBrowser()
		res := b.Do(http.MethodPost, "/auth/magic-link", askFor("user-1@example.com")).Want(k, 202)
		want := "__Host-pre_session=" + b.Cookie("__Host-pre_session") + "; Path=/; Max-Age=900; HttpOnly; Secure; SameSite=Lax"
		if got := res.Header.Get("Set-Cookie"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		k.RunJobs()
		b.Do(http.MethodPost, "/auth/verify", fields{"token": k.LinkToken(k.Outbox.Sent()[0])}).Want(k, 200)
		b.Do(http.MethodPut, "/workspace", fields{"name": "Mine"}).Want(k, 200)
		b.Do(http.MethodPost, "/auth/logout", nil).Want(k, 204)
		if b.Cookie("__Host-access_token")+b.Cookie("__Host-csrf_token") != "" {
			t.Error("the cookies are still there")
		}
	})
}

func TestRolesAreTheMembers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, u := range []model.User{k.User1, k.Practitioner1, k.Assistant1, k.User2} {
			got := k.Get("/auth/me", k.AuthHeaders(u)).Want(k, 200).Map(k)["user"].(fields)
			if got["id"] != u.ID.String() || got["role"] != u.Role.String() {
				t.Errorf("got %v, want %v", got, u.Role)
			}
		}
	})
}
