package api_test

import (
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"
)

// cookies joins the pairs of sign-ins; it drops the CSRF cookie when told to.
func accessOnly(header http.Header) string {
	access, _, _ := strings.Cut(header.Get("Cookie"), ";")
	return access
}

func TestEveryChangeNeedsItsSessionsCSRFToken_ASVS_3_5_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mine, other, stranger := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User2)
		access, token := accessOnly(mine), mine.Get("X-CSRF-Token")
		pair := func(cookie string, header ...string) http.Header {
			return http.Header{"Cookie": {access + "; csrf_token=" + cookie}, "X-Csrf-Token": header}
		}
		refused := map[string]http.Header{
			"nothing":              {"Cookie": {access}},
			"cookie only":          {"Cookie": {mine.Get("Cookie")}},
			"header only":          {"Cookie": {access}, "X-Csrf-Token": {token}},
			"unequal":              pair(token, token[1:]+"A"),
			"another session":      pair(other.Get("X-CSRF-Token"), other.Get("X-CSRF-Token")),
			"another person":       pair(stranger.Get("X-CSRF-Token"), stranger.Get("X-CSRF-Token")),
			"own cookie, other":    pair(token, other.Get("X-CSRF-Token")),
			"other cookie, own":    pair(other.Get("X-CSRF-Token"), token),
			"empty":                pair("", ""),
			"invented":             pair(strings.Repeat("A", 43), strings.Repeat("A", 43)),
			"two headers":          pair(token, token, token),
			"two headers, one bad": pair(token, token, "x"),
			"joined headers":       pair(token, token+", "+token),
			"two cookies":          {"Cookie": {mine.Get("Cookie") + "; csrf_token=x"}, "X-Csrf-Token": {token}},
			"not ASCII":            pair(token, "\u05d0"+token),
			"another header":       {"Cookie": {mine.Get("Cookie")}, "X-Xsrf-Token": {token}},
		}
		record := own(k, k.User1)
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		tried := 0
		for _, r := range members(k) {
			if safe(r.Method) {
				continue
			}
			tried++
			for what, header := range refused {
				res := send(k, r, record, header, calls[name(r)].body)
				if res.Status != 403 || res.Map(k)["code"] != "csrf" {
					t.Errorf("%s with %s: %d %s", name(r), what, res.Status, res.Body)
				}
			}
		}
		if tried < 8 {
			t.Fatalf("only %d routes change something", tried)
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Fatal("a refused request changed something")
		}
	})
}

func TestReadingNeedsNoCSRFToken(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := newWorld(k, k.User1, "Own")
		header := k.AuthHeaders(k.User1)
		foreign := header.Clone()
		foreign.Set("Origin", "https://other.example")
		foreign.Set("Sec-Fetch-Site", "cross-site")
		for _, r := range members(k) {
			if r.Method != http.MethodGet {
				continue
			}
			record := w.fresh(r)
			for _, h := range []http.Header{header, foreign} { // what a page may read is the browser's to keep
				send(k, r, record, h, nil).Want(k, calls[name(r)].want)
			}
			if head := k.Do(http.MethodHead, fill(r, record)+search(k, calls[name(r)], record), header, nil); head.Status != 200 || len(head.Body) != 0 {
				t.Errorf("HEAD %s: %d with %d bytes", r.Path, head.Status, len(head.Body))
			}
		}
	})
}

func TestChangesFromOtherSitesAreRefused_ASVS_3_5_2_ASVS_3_5_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		record, header := own(k, k.User1), k.CSRFHeaders(k.User1)
		host := strings.TrimPrefix(k.Server.URL, "http://")
		elsewhere := []http.Header{
			{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Sec-Fetch-Site": {"nonsense"}},
			{"Sec-Fetch-Site": {"cross-site"}, "Origin": {k.Server.URL}},
			{"Origin": {"null"}}, {"Origin": {"https://other.example"}}, {"Origin": {"http://localhost:1"}},
			{"Origin": {"http://" + host + ".other.example"}}, {"Origin": {"http://other.example/" + host}}, {"Origin": {"http://" + host + "0"}},
		}
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		jobs := k.DB.Count("select count(*) from jobs")
		for _, r := range k.API.Routes() {
			if safe(r.Method) {
				continue
			}
			body := rowOf(r).body
			if r.Either {
				continue // accounts_test.go
			}
			if !r.Member {
				body = publicBodies[name(r)]
			}
			for _, from := range elsewhere {
				h := header.Clone()
				for n, v := range from {
					h[n] = v
				}
				res := crossing(k, r, record, h, body)
				if res.Status != 403 || res.Map(k)["code"] != "cross_origin" || len(res.Cookies()) != 0 {
					t.Errorf("%s from %v: %d %s", name(r), from, res.Status, res.Body)
				}
			}
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before || k.DB.Count("select count(*) from jobs") != jobs {
			t.Fatal("a refused request changed something")
		}
		k.Get("/auth/me", header).Want(k, 200)
	})
}

// crossing is send; an operator's route is asked for a record that nobody has.
func crossing(k *testkit.Kit, r api.Route, with ids, header http.Header, body any) *testkit.Response {
	k.T.Helper()
	if r.Admin {
		return k.Do(r.Method, anywhere(r), header, fields{})
	}
	return send(k, r, with, header, body)
}

// publicBodies are good bodies of the open routes that change something.
var publicBodies = map[string]any{
	"POST /setup": fields{
		"token": "x", "practice_name": "P", "full_name": "F", "email": "f@example.com",
	},
	"POST /auth/magic-link": fields{"email": "user-1@example.com"},
	"POST /auth/verify":     fields{"token": "x"},
	"POST /auth/code":       fields{"code": "ABCD2345"},

	"POST /auth/invitation":                   fields{"token": "x"},
	"POST /auth/invitation/accept":            fields{"token": "x"},
	"POST /auth/second-factor":                fields{"method": "totp", "code": "123456"},
	"POST /auth/second-factor/passkey/finish": fields{"credential": fields{"id": "x"}},
	"POST /auth/passkey/finish":               fields{"credential": fields{"id": "x"}},
}

func TestChangesFromOurOwnPageAreAccepted(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		put := api.Route{Method: http.MethodPut, Path: api.Base + "/workspace"}
		for _, from := range []http.Header{
			{}, {"Sec-Fetch-Site": {"same-origin"}}, {"Sec-Fetch-Site": {"none"}}, {"Origin": {k.Server.URL}},
			{"Sec-Fetch-Site": {"same-origin"}, "Origin": {k.Server.URL}},
		} {
			h := header.Clone()
			for n, v := range from {
				h[n] = v
			}
			send(k, put, nil, h, fields{"name": "Mine"}).Want(k, 200)
		}
	})
}
