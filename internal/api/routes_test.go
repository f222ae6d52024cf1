package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// call is how a member route is used well. Every member route has one: a
// route that is added without fails the build, because the tests below could
// not tell whether it keeps practices apart. world_test.go says how to add to
// it.
type call struct {
	body  any    // nil: the route reads none; may hold ref and soon
	query fields // what follows the path
	ctype string // of the body, when it is not JSON
	of    string // the noun that {id} is, when not that of the first segment
	want  int    // the answer
}

var calls = map[string]call{
	"GET /auth/me":        {want: 200},
	"GET /auth/draft-key": {want: 200},
	"GET /events":         {want: 200},

	"GET /workspace":               {want: 200},
	"PUT /workspace":               {body: fields{"name": "Another name"}, want: 200},
	"PUT /workspace/second-factor": {body: fields{"required": false}, want: 200},

	"GET /clients":               {want: 200},
	"POST /clients":              {body: fields{"first_name": "Noa", "last_name": "Levi"}, want: 201},
	"POST /clients/duplicates":   {body: fields{"phone": "+1987654321"}, want: 200},
	"POST /clients/import":       {body: "first_name,last_name\nDana,Cohen\n", ctype: "text/csv", want: 200},
	"GET /clients/export":        {want: 200},
	"GET /clients/{id}":          {want: 200},
	"PUT /clients/{id}":          {body: fields{"last_name": "Mizrahi"}, want: 200},
	"DELETE /clients/{id}":       {want: 204},
	"POST /clients/{id}/restore": {want: 200},

	"GET /practitioners": {want: 200},

	"PUT /auth/me":                  {body: fields{"full_name": "Another name"}, want: 200},
	"GET /members":                  {want: 200},
	"PUT /members/{id}":             {body: fields{"role": "assistant"}, want: 200},
	"POST /members/{id}/deactivate": {want: 200},
	"POST /members/{id}/reactivate": {want: 200},
	"GET /invitations":              {want: 200},
	"POST /invitations":             {body: fields{"email": "new.colleague@example.com", "full_name": "New", "role": "assistant"}, want: 201},
	"POST /invitations/{id}/resend": {want: 200},
	"DELETE /invitations/{id}":      {want: 204},

	"GET /services":         {want: 200},
	"POST /services":        {body: fields{"name": "Massage", "default_duration_minutes": 60, "price": 30000}, want: 201},
	"GET /services/{id}":    {want: 200},
	"PUT /services/{id}":    {body: fields{"description": "With oil"}, want: 200},
	"DELETE /services/{id}": {want: 204},

	"GET /locations":         {want: 200},
	"POST /locations":        {body: fields{"name": "Room 2", "location_type": "clinic", "address": "Main street 1"}, want: 201},
	"GET /locations/{id}":    {want: 200},
	"PUT /locations/{id}":    {body: fields{"details": "Second door"}, want: 200},
	"DELETE /locations/{id}": {want: 204},

	"GET /appointments": {query: fields{"client_id": ref("client"), "practitioner_id": ref("practitioner")}, want: 200},
	"POST /appointments": {body: fields{
		"client_id": ref("client"), "practitioner_id": ref("practitioner"), "service_id": ref("service"), "location_id": ref("location"),
		"starts_at": soon(0), "ends_at": soon(time.Hour),
	}, want: 201},
	"GET /appointments/conflicts": {query: fields{
		"starts_at": soon(0), "ends_at": soon(time.Hour), "practitioner_id": ref("practitioner"), "service_id": ref("service"),
		"location_id": ref("location"), "exclude_appointment_id": ref("appointment"),
	}, want: 200},
	"GET /appointments/{id}": {want: 200},
	"PUT /appointments/{id}": {body: fields{
		"client_id": ref("client"), "practitioner_id": ref("practitioner"), "service_id": ref("service"), "location_id": ref("location"),
		"notes": "Another note", "version": 1,
	}, want: 200},
	"PATCH /appointments/{id}/payment": {body: fields{"payment_status": "paid"}, want: 200},
	"DELETE /appointments/{id}":        {body: fields{"reason": "Booked twice"}, want: 204},
	"POST /appointments/{id}/restore":  {body: fields{"reason": "Wanted after all"}, of: "deleted_appointment", want: 200},

	"GET /appointments/slots": {query: fields{
		"duration_minutes": "50", "practitioner_id": ref("practitioner"), "service_id": ref("service"), "location_id": ref("location"),
		"exclude_appointment_id": ref("appointment"),
	}, want: 200},
	"PUT /appointments/{id}/series": {body: fields{
		"scope": "all", "notes": "Every week", "version": 1, "client_id": ref("client"), "practitioner_id": ref("practitioner"),
		"service_id": ref("service"), "location_id": ref("location"),
	}, of: "recurring_appointment", want: 200},
	"DELETE /appointments/{id}/series": {body: fields{"scope": "following", "reason": "Moves away"}, of: "recurring_appointment", want: 200},
	"POST /series":                     {body: seriesFields, want: 201},
	"POST /series/preview":             {body: seriesFields, want: 200},
	"GET /series/{id}":                 {want: 200},

	"GET /sessions": {query: fields{"client_id": ref("client"), "appointment_id": ref("appointment"), "author_id": ref("practitioner")}, want: 200},
	"POST /sessions": {body: fields{
		"client_id": ref("client"), "appointment_id": ref("appointment"), "template_id": ref("template"), "subjective": "Better",
	}, want: 201},
	"POST /sessions/search":                {body: fields{"query": "own", "client_id": ref("client")}, want: 200},
	"GET /sessions/{id}":                   {want: 200},
	"PUT /sessions/{id}":                   {body: fields{"plan": "Rest", "version": 1}, want: 200},
	"PATCH /sessions/{id}/draft":           {body: fields{"plan": "Rest", "version": 1}, want: 200},
	"POST /sessions/{id}/copy":             {body: fields{"from_session_id": ref("signed_note"), "version": 1}, want: 200},
	"POST /sessions/{id}/finalize":         {body: fields{"version": 1}, want: 200},
	"POST /sessions/{id}/amend":            {body: fields{"plan": "Rest", "reason": "A slip", "version": 2}, of: "signed_note", want: 200},
	"GET /sessions/{id}/versions":          {of: "signed_note", want: 200},
	"POST /sessions/{id}/entered-in-error": {body: fields{"reason": "Another client's", "version": 2}, of: "signed_note", want: 200},
	"DELETE /sessions/{id}":                {body: fields{"reason": "Begun twice"}, want: 204},
	"POST /sessions/{id}/restore":          {of: "deleted_note", want: 200},
	"GET /clients/{id}/sessions/latest":    {of: "noted_client", want: 200},

	"GET /note-templates":         {want: 200},
	"POST /note-templates":        {body: fields{"kind": "template", "name": "First visit", "plan": "Come again"}, want: 201},
	"PUT /note-templates/{id}":    {body: fields{"name": "Another visit"}, want: 200},
	"DELETE /note-templates/{id}": {want: 204},

	"GET /clients/{id}/timeline": {want: 200},
	"GET /work":                  {query: fields{"practitioner_id": ref("practitioner")}, want: 200},

	"GET /feeds":         {want: 200},
	"POST /feeds":        {body: fields{"privacy": "first_name"}, want: 201},
	"DELETE /feeds/{id}": {want: 204},

	"GET /audit":                      {query: fields{"actor_id": ref("practitioner"), "subject_id": ref("client")}, want: 200},
	"GET /audit/export":               {want: 200},
	"GET /audit/checkpoints":          {want: 200},
	"GET /clients/{id}/access":        {want: 200},
	"GET /clients/{id}/access/export": {want: 200},

	"GET /clients/{id}/consents":                        {want: 200},
	"POST /clients/{id}/consents":                       {body: consentFields, want: 201},
	"POST /clients/{id}/consents/{consent_id}/withdraw": {want: 200},
}

type fields = map[string]any

var seriesFields = fields{
	"client_id": ref("client"), "practitioner_id": ref("practitioner"), "service_id": ref("service"), "location_id": ref("location"),
	"local_start": "2026-03-02T10:00", "rule": "FREQ=WEEKLY;COUNT=5;BYDAY=MO", "conflicts": "override", "reason": "Always room for one more",
}

var consentFields = fields{"kind": "treatment", "text_version": "2026-01", "text": "I agree."}

var parameter = regexp.MustCompile(`{(\w+)}`)

func name(r api.Route) string { return r.Method + " " + strings.TrimPrefix(r.Path, api.Base) }

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// members lists the routes that a member's session alone opens; accounts_test.go
// has those that a platform admin's opens too.
func members(k *testkit.Kit) []api.Route {
	var all []api.Route
	for _, r := range k.API.Routes() {
		if r.Member && !r.Either {
			all = append(all, r)
		}
	}
	return all
}

// send uses a route with a body, and checks that the document names the
// answer's status.
func send(k *testkit.Kit, r api.Route, with ids, header http.Header, body any) *testkit.Response {
	k.T.Helper()
	c := calls[name(r)]
	path := fill(r, with) + search(k, c, with)
	h := http.Header{}
	if c.ctype != "" {
		h.Set("Content-Type", c.ctype)
	}
	for n, v := range header {
		h[n] = v
	}
	res := k.Do(r.Method, path, h, resolve(k, body, with))
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
func TestOpenRoutesAreTheseAlone_ASVS_6_3_4(t *testing.T) {
	t.Parallel()
	want := "GET /setup, POST /setup, POST /auth/magic-link, POST /auth/verify, POST /auth/code, POST /auth/logout, " +
		"POST /auth/second-factor, POST /auth/second-factor/passkey/begin, POST /auth/second-factor/passkey/finish, POST /auth/passkey/begin, POST /auth/passkey/finish, GET /calendar/{token}, " +
		"POST /auth/invitation, POST /auth/invitation/accept"
	var got []string
	for _, r := range testkit.Bare(t, "sqlite").API.Routes() {
		if !r.Member && !r.Admin {
			got = append(got, name(r))
		}
	}
	if strings.Join(got, ", ") != want {
		t.Fatalf("open are %v", got)
	}
}

func TestEveryCallWorks(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := newWorld(k, k.User1, "Own")
		for _, r := range members(k) {
			c := calls[name(r)]
			if res := send(k, r, w.fresh(r), w.member, c.body); res.Status != c.want {
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

func TestEveryRoleMayWhatTheTableSays_ASVS_8_2_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		allowed, refused := 0, 0
		for _, u := range []model.User{k.User1, k.Practitioner1, k.Assistant1} {
			w := newWorld(k, u, "Own")
			header := w.member
			for _, r := range members(k) {
				mine, c := w.fresh(r), calls[name(r)]
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

// Where the document says that the body may be left out, it may.
func TestBodiesThatMayBeLeftOut(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := newWorld(k, k.User1, "Own")
		for _, r := range members(k) {
			if c := calls[name(r)]; c.body != nil && !needsBody(k, r) {
				send(k, r, w.fresh(r), w.member, nil).Want(k, c.want)
			}
		}
	})
}

// needsBody reports whether the body must not be left out.
func needsBody(k *testkit.Kit, r api.Route) bool {
	return k.Contract().At("paths", r.Path, strings.ToLower(r.Method), "requestBody")["required"] == true
}

func TestMemberRoutesJudgeTheBody_ASVS_2_2_1_ASVS_2_2_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := newWorld(k, k.User1, "Own")
		header := w.member
		for _, r := range members(k) {
			c := calls[name(r)]
			if c.body == nil {
				continue
			}
			mine := w.fresh(r)
			before := k.SnapshotWithoutTrail(k.Workspace1.ID)
			wrong := header.Clone()
			for _, ctype := range []string{"text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "nonsense", "application/json, text/csv"} {
				wrong.Set("Content-Type", ctype)
				send(k, r, mine, wrong, c.body).WantCode(k, 415, "content_type")
			}
			if c.ctype != "" {
				continue
			}
			good, err := json.Marshal(resolve(k, c.body, mine))
			testkit.NoErr(t, err)
			for body, want := range map[string]string{
				"{": "400 malformed", "": "400 malformed", "nonsense": "400 malformed", string(good[:len(good)-1]): "400 malformed",
				string(good) + "{}": "400 malformed", string(good) + "x": "400 malformed",
				`{"unknown_member":1}`: "422 invalid", "[]": "422 invalid", `"text"`: "422 invalid", "12": "422 invalid",
			} {
				if body == "" && !needsBody(k, r) {
					continue
				}
				res := send(k, r, mine, header, body)
				if got := fmt.Sprint(res.Status, " ", res.Map(k)["code"]); got != want {
					t.Errorf("%s with %s: %s, want %s", name(r), body, got, want)
				}
			}
			if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
				t.Errorf("%s: a refused body changed something", name(r))
			}
		}
	})
}
