package api_test

import (
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// accounts are the routes about a person's own account, which a session of
// either kind opens. How each is used well depends on what was done before, so
// the tests of each noun do that; here is what holds for all.
var accounts = map[string]call{
	"GET /auth/session":                 {want: 200},
	"POST /auth/step-up":                {body: fields{"method": "mail", "code": "ABCD2345"}, want: 200},
	"POST /auth/step-up/mail":           {want: 202},
	"POST /auth/step-up/passkey/begin":  {want: 200},
	"POST /auth/step-up/passkey/finish": {body: fields{"credential": fields{"id": "x"}}, want: 200},
	"GET /auth/factors":                 {want: 200},
	"POST /auth/totp":                   {want: 200},
	"POST /auth/totp/confirm":           {body: fields{"code": "123456"}, want: 200},
	"DELETE /auth/totp":                 {want: 204},
	"POST /auth/recovery-codes":         {want: 200},
	"POST /auth/passkeys/begin":         {want: 200},
	"POST /auth/passkeys":               {body: fields{"name": "Phone", "credential": fields{"id": "x"}}, want: 201},
	"PUT /auth/passkeys/{id}":           {body: fields{"name": "Phone"}, want: 200},
	"DELETE /auth/passkeys/{id}":        {want: 204},
	"GET /auth/sessions":                {want: 200},
	"DELETE /auth/sessions":             {want: 204},
	"DELETE /auth/sessions/{id}":        {want: 204},
	"POST /auth/platform":               {want: 200},
	"POST /auth/practice":               {want: 200},
}

// rowOf is how a route that a session opens is used.
func rowOf(r api.Route) call {
	if r.Either {
		return accounts[name(r)]
	}
	return calls[name(r)]
}

func accountRoutes(k *testkit.Kit) (all []api.Route) {
	for _, r := range k.API.Routes() {
		if r.Either {
			all = append(all, r)
		}
	}
	return all
}

// anywhere is the path of a route, with an id that nobody has.
func anywhere(r api.Route) string { return parameter.ReplaceAllString(r.Path, uuid.NewString()) }

// reach sends a request to a route in the form that it wants, with an id that
// nobody has.
func reach(b *testkit.Browser, r api.Route) *testkit.Response {
	var body any
	if !safe(r.Method) {
		body = fields{}
	}
	if c := rowOf(r); c.ctype != "" {
		b.Header.Set("Content-Type", c.ctype)
		defer b.Header.Del("Content-Type")
	}
	return b.Do(r.Method, anywhere(r), body)
}

// use sends a request to a route of the account, with an id that nobody has.
func use(k *testkit.Kit, r api.Route, header http.Header, body any) *testkit.Response {
	k.T.Helper()
	path := anywhere(r)
	res := k.Do(r.Method, path, header, body)
	k.Declared(r.Method, path, res.Status)
	return res
}

func TestEveryAccountRouteHasARow(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	found := 0
	for _, r := range accountRoutes(k) {
		if _, ok := accounts[name(r)]; !ok {
			t.Errorf("%s has no row in the table of accounts", name(r))
		}
		if !strings.HasPrefix(r.Path, api.Base+"/auth/") || r.Action != 0 {
			t.Errorf("%s is about more than the own account", name(r))
		}
		found++
	}
	if found != len(accounts) {
		t.Errorf("%d routes, %d rows", found, len(accounts))
	}
}

func TestAccountRoutesNeedASession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		signedIn := k.CSRFHeaders(k.User1)
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		csrf := signedIn.Get("X-CSRF-Token")
		for _, header := range []http.Header{
			{}, {"Cookie": {"access_token=garbage"}}, {"Cookie": {"csrf_token=" + csrf}, "X-Csrf-Token": {csrf}}, {"Authorization": {"Bearer " + csrf}},
		} {
			for _, r := range accountRoutes(k) {
				use(k, r, header, accounts[name(r)].body).WantCode(k, 401, "unauthenticated")
			}
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Fatal("something was changed")
		}
	})
}

func TestAccountChangesNeedTheirOwnPagesProof(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mine, theirs := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User2)
		none := mine.Clone()
		none.Del("X-CSRF-Token")
		foreign := mine.Clone()
		foreign.Set("X-CSRF-Token", theirs.Get("X-CSRF-Token"))
		elsewhere := mine.Clone()
		elsewhere.Set("Sec-Fetch-Site", "cross-site")
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		for _, r := range accountRoutes(k) {
			if safe(r.Method) {
				continue
			}
			use(k, r, none, accounts[name(r)].body).WantCode(k, 403, "csrf")
			use(k, r, foreign, accounts[name(r)].body).WantCode(k, 403, "csrf")
			use(k, r, elsewhere, accounts[name(r)].body).WantCode(k, 403, "cross_origin")
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Fatal("something was changed")
		}
	})
}

func TestAccountRoutesJudgeTheBody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		for _, r := range accountRoutes(k) {
			if accounts[name(r)].body == nil || strings.Contains(r.Path, "{") {
				continue
			}
			wrong := header.Clone()
			wrong.Set("Content-Type", "text/plain")
			use(k, r, wrong, accounts[name(r)].body).WantCode(k, 415, "content_type")
			for body, want := range map[string]string{"{": "malformed", "nonsense": "malformed", `{"unknown_member":1}`: "invalid", "[]": "invalid", `"text"`: "invalid"} {
				if res := use(k, r, header, body); res.Map(k)["code"] != want {
					t.Errorf("%s with %s: %d %s", name(r), body, res.Status, res.Body)
				}
			}
			for field := range accounts[name(r)].body.(fields) {
				body := fields{}
				for n, v := range accounts[name(r)].body.(fields) {
					body[n] = v
				}
				for _, value := range []any{marker, 1.5, strings.Repeat(marker, 3000), []any{marker}, fields{marker: marker}} {
					body[field] = value
					res := use(k, r, header, body)
					if res.Status != 422 && res.Status != 409 && res.Status != 429 {
						t.Errorf("%s with %s %.40v: %d %s", name(r), field, value, res.Status, res.Body)
					}
					wantNoneOf(t, name(r), res.Body, []string{marker})
				}
			}
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker})
	})
}

// What is somebody else's is answered as what nobody has.
func TestForeignSessionsAndPasskeysAreMissingOnes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		theirs := mailedIn(k, "user-2@example.com")
		_, passkey := theirs.AddPasskey("Tablet")
		session := theirs.Do(http.MethodGet, "/auth/sessions", nil).Want(k, 200).List(k)[0]["id"].(string)
		header := k.CSRFHeaders(k.User1)
		before := k.Snapshot(k.Workspace2.ID)
		tried := 0
		for _, r := range accountRoutes(k) {
			if !strings.Contains(r.Path, "{id}") {
				continue
			}
			for _, body := range bodiesFor(accounts[name(r)]) {
				missing := use(k, r, header, body).WantCode(k, 404, "not_found")
				for _, id := range []string{passkey, session} {
					tried++
					if res := k.Do(r.Method, strings.ReplaceAll(r.Path, "{id}", id), header, body); !res.SameBut(missing) {
						t.Errorf("%s: %d %s, a random id: %d %s", name(r), res.Status, res.Body, missing.Status, missing.Body)
					}
				}
			}
		}
		if tried < 6 || k.Snapshot(k.Workspace2.ID) != before {
			t.Fatalf("%d tried, or the other's account was changed", tried)
		}
		theirs.Do(http.MethodGet, "/auth/me", nil).Want(k, 200)
	})
}
