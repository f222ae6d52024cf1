package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// call is how a member route is used well. Every member route has one: a
// route that is added without fails the build, because the tests below could
// not tell whether it keeps practices apart.
type call struct {
	body  any    // nil: the route reads none
	ctype string // of the body, when it is not JSON
	want  int    // the answer
}

var calls = map[string]call{
	"GET /auth/me": {want: 200},

	"GET /workspace": {want: 200},
	"PUT /workspace": {body: fields{"name": "Another name"}, want: 200},

	"GET /clients":               {want: 200},
	"POST /clients":              {body: fields{"first_name": "Noa", "last_name": "Levi"}, want: 201},
	"POST /clients/duplicates":   {body: fields{"phone": "+1987654321"}, want: 200},
	"POST /clients/import":       {body: "first_name,last_name\nDana,Cohen\n", ctype: "text/csv", want: 200},
	"GET /clients/export":        {want: 200},
	"GET /clients/{id}":          {want: 200},
	"PUT /clients/{id}":          {body: fields{"last_name": "Mizrahi"}, want: 200},
	"DELETE /clients/{id}":       {want: 204},
	"POST /clients/{id}/restore": {want: 200},

	"GET /clients/{id}/consents":                        {want: 200},
	"POST /clients/{id}/consents":                       {body: consentFields, want: 201},
	"POST /clients/{id}/consents/{consent_id}/withdraw": {want: 200},
}

type fields = map[string]any

var consentFields = fields{"kind": "treatment", "text_version": "2026-01", "text": "I agree."}

// ids names a record of each kind that paths speak of.
type ids map[string]string

// own makes a client with a consent in the member's practice.
func own(k *testkit.Kit, u model.User) ids {
	k.T.Helper()
	c := k.AddClient(u.WorkspaceID, model.Client{Contact: model.Contact{FirstName: "Own", LastName: "Client"}})
	consent := k.Do(http.MethodPost, "/clients/"+c.ID.String()+"/consents", k.CSRFHeaders(u), consentFields).Want(k, 201).Map(k)
	return ids{"id": c.ID.String(), "consent_id": consent["id"].(string)}
}

func random() ids { return ids{"id": uuid.NewString(), "consent_id": uuid.NewString()} }

var parameter = regexp.MustCompile(`{(\w+)}`)

// fill puts ids into the path of a route.
func fill(path string, with ids) string {
	return parameter.ReplaceAllStringFunc(path, func(p string) string { return with[strings.Trim(p, "{}")] })
}

func name(r api.Route) string { return r.Method + " " + strings.TrimPrefix(r.Path, api.Base) }

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// members lists the member routes.
func members(k *testkit.Kit) []api.Route {
	var all []api.Route
	for _, r := range k.API.Routes() {
		if r.Member {
			all = append(all, r)
		}
	}
	return all
}

// send uses a route with a body, and checks that the document names the
// answer's status.
func send(k *testkit.Kit, r api.Route, with ids, header http.Header, body any) *testkit.Response {
	k.T.Helper()
	path := fill(r.Path, with)
	h := http.Header{}
	if c := calls[name(r)]; c.ctype != "" {
		h.Set("Content-Type", c.ctype)
	}
	for n, v := range header {
		h[n] = v
	}
	res := k.Do(r.Method, path, h, body)
	k.Declared(r.Method, path, res.Status)
	return res
}

func TestEveryMemberRouteHasACall(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	left := map[string]bool{}
	for n := range calls {
		left[n] = true
	}
	for _, r := range members(k) {
		if _, ok := calls[name(r)]; !ok {
			t.Errorf("%s is a member route and has no row in the table of calls", name(r))
		}
		delete(left, name(r))
	}
	for n := range left {
		t.Errorf("%s has a row but is no member route", n)
	}
}

// Who may call without a session is written down here a second time, so that
// nobody opens a route by mistyping one word.
func TestOpenRoutesAreTheseAlone(t *testing.T) {
	t.Parallel()
	want := "GET /setup, POST /setup, POST /auth/magic-link, POST /auth/verify, POST /auth/code, POST /auth/logout"
	var got []string
	for _, r := range testkit.Bare(t, "sqlite").API.Routes() {
		if !r.Member {
			got = append(got, name(r))
		}
	}
	if strings.Join(got, ", ") != want {
		t.Fatalf("open are %v", got)
	}
}

func TestEveryCallWorks(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		for _, r := range members(k) {
			c := calls[name(r)]
			if res := send(k, r, own(k, k.User1), header, c.body); res.Status != c.want {
				t.Errorf("%s: %d, want %d: %s", name(r), res.Status, c.want, res.Body)
			}
		}
	})
}

func TestMemberRoutesNeedASession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mine := own(k, k.User1)
		before := k.Snapshot(k.Workspace1.ID)
		csrf := k.CSRFHeaders(k.User1).Get("X-CSRF-Token")
		before2 := k.SnapshotWithoutTrail(k.Workspace1.ID)
		if before == before2 {
			t.Fatal("a sign-in must be in the trail")
		}
		for what, header := range map[string]http.Header{
			"nothing":         {},
			"workspace named": {"X-Workspace-Id": {k.Workspace1.ID.String()}, "X-User-Id": {k.User1.ID.String()}},
			"garbage":         {"Cookie": {"access_token=garbage"}},
			"CSRF pair only":  {"Cookie": {"csrf_token=" + csrf}, "X-Csrf-Token": {csrf}},
			"bearer":          {"Authorization": {"Bearer " + csrf}},
		} {
			var first *testkit.Response
			for _, r := range members(k) {
				res := send(k, r, mine, header, calls[name(r)].body).WantCode(k, 401, "unauthenticated")
				if first == nil {
					first = res
				}
				if !res.SameBut(first) {
					t.Errorf("%s, %s: another answer than elsewhere: %s", name(r), what, res.Body)
				}
			}
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before2 {
			t.Fatal("something was changed")
		}
	})
}

func TestEveryRoleMayWhatTheTableSays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		allowed, refused := 0, 0
		for _, u := range []model.User{k.User1, k.Practitioner1, k.Assistant1} {
			header := k.CSRFHeaders(u)
			for _, r := range members(k) {
				mine, c := own(k, k.User1), calls[name(r)]
				before := k.SnapshotWithoutTrail(k.Workspace1.ID)
				if r.Action == 0 || u.Role.May(r.Action) {
					allowed++
					if res := send(k, r, mine, header, c.body); res.Status != c.want {
						t.Errorf("%s as %v: %d, want %d: %s", name(r), u.Role, res.Status, c.want, res.Body)
					}
					continue
				}
				refused++
				send(k, r, mine, header, c.body).WantCode(k, 403, "denied")
				if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
					t.Errorf("%s as %v changed something", name(r), u.Role)
				}
				n := k.DB.Count("select count(*) from audit_events where actor_id = $1 and action = $2 and outcome = 'denied'",
					u.ID.String(), r.Action.String())
				if n == 0 {
					t.Errorf("%s as %v: the refusal is not in the trail", name(r), u.Role)
				}
			}
		}
		if allowed < 20 || refused < 6 {
			t.Fatalf("%d calls were allowed and %d refused: the table has lost its meaning", allowed, refused)
		}
	})
}

// The routes of the two settings of a role are named here again, so that a
// change of the permission table alone cannot pass unseen.
func TestOnlyOwnersChangeThePracticeAndMoveAllClients(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, u := range []model.User{k.Practitioner1, k.Assistant1} {
			header := k.CSRFHeaders(u)
			for _, n := range []string{"PUT /workspace", "POST /clients/import", "GET /clients/export"} {
				method, path, _ := strings.Cut(n, " ")
				r := api.Route{Method: method, Path: api.Base + path}
				send(k, r, nil, header, calls[n].body).WantCode(k, 403, "denied")
			}
		}
	})
}

func TestMemberRoutesJudgeTheBody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mine, header := own(k, k.User1), k.CSRFHeaders(k.User1)
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		for _, r := range members(k) {
			c := calls[name(r)]
			if c.body == nil {
				continue
			}
			wrong := header.Clone()
			for _, ctype := range []string{"text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "nonsense", "application/json, text/csv"} {
				wrong.Set("Content-Type", ctype)
				send(k, r, mine, wrong, c.body).WantCode(k, 415, "content_type")
			}
			if c.ctype != "" {
				continue
			}
			good, err := json.Marshal(c.body)
			testkit.NoErr(t, err)
			for body, want := range map[string]string{
				"{": "400 malformed", "": "400 malformed", "nonsense": "400 malformed", string(good[:len(good)-1]): "400 malformed",
				string(good) + "{}": "400 malformed", string(good) + "x": "400 malformed",
				`{"unknown_member":1}`: "422 invalid", "[]": "422 invalid", `"text"`: "422 invalid", "12": "422 invalid",
			} {
				res := send(k, r, mine, header, body)
				if got := fmt.Sprint(res.Status, " ", res.Map(k)["code"]); got != want {
					t.Errorf("%s with %s: %s, want %s", name(r), body, got, want)
				}
			}
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Fatal("something was changed")
		}
	})
}
