package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

type obj = map[string]any

// newClient creates a client and returns the answer.
func newClient(k *testkit.Kit, h http.Header, body obj) obj {
	k.T.Helper()
	return k.Ask(http.MethodPost, "/clients", h, body).Want(k, http.StatusCreated).Map(k)
}

// wrong returns the refused fields of a 422, as "location code".
func wrong(k *testkit.Kit, res *testkit.Response) []string {
	k.T.Helper()
	var p struct {
		RequestID string `json:"request_id"`
		Errors    []struct{ Location, Code, Message string }
	}
	res.WantCode(k, http.StatusUnprocessableEntity, "invalid").Decode(k, &p)
	if p.RequestID == "" || p.RequestID != res.Header.Get("X-Request-ID") {
		k.T.Errorf("request id %q in the body, %q in the header", p.RequestID, res.Header.Get("X-Request-ID"))
	}
	var all []string
	for _, e := range p.Errors {
		all = append(all, e.Location+" "+e.Code)
	}
	slices.Sort(all)
	return all
}

// same fails for each member of want that got does not have.
func same(k *testkit.Kit, got, want obj) {
	k.T.Helper()
	for name, w := range want {
		if g, there := got[name]; !there || fmt.Sprint(g) != fmt.Sprint(w) || (g == nil) != (w == nil) {
			k.T.Errorf("%s is %#v, want %#v", name, g, w)
		}
	}
}

func fullBody() obj {
	return obj{
		"first_name": "Dana", "last_name": "Ben-Dor", "email": "dana@example.com", "phone": "+972 50-123-4567",
		"date_of_birth": "1980-12-31", "address": "1 Main St\nHaifa", "medical_history": "Asthma", "notes": "Quiet",
		"emergency_contact_name": "Abba", "emergency_contact_phone": "03-5550111", "tags": []any{"back", "neck"},
	}
}

func TestCreateEchoesEveryField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		res := k.Ask(http.MethodPost, "/clients", k.CSRFHeaders(k.User1), fullBody()).Want(k, http.StatusCreated)
		got, now := res.Map(k), k.Clock.Now().Format(time.RFC3339)
		same(k, got, fullBody())
		same(k, got, obj{
			"full_name": "Dana Ben-Dor", "workspace_id": k.Workspace1.ID.String(), "consent_status": false, "is_active": true, "archived_at": nil,
			"next_appointment": nil, "last_appointment": nil, "appointment_count": 0, "version": 1, "created_at": now, "updated_at": now, "possible_duplicates": []any{},
		})
		if want := "/api/v1/clients/" + fmt.Sprint(got["id"]); res.Header.Get("Location") != want {
			t.Errorf("location %q, want %q", res.Header.Get("Location"), want)
		}
		stored := k.StoredClient(fmt.Sprint(got["id"]))
		if stored.Notes != "Quiet" || stored.Address != "1 Main St\nHaifa" || !slices.Equal(stored.Tags, []model.Text{"back", "neck"}) {
			t.Errorf("stored %q", string(stored.Notes+stored.Address))
		}
		read := k.Ask(http.MethodGet, res.Header.Get("Location"), k.AuthHeaders(k.User1), nil).Want(k, http.StatusOK).Map(k)
		delete(got, "possible_duplicates")
		if !maps.EqualFunc(read, got, func(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
			t.Errorf("read %v, created %v", read, got)
		}
	})
}

func TestCreateWithNamesAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		nothing := obj{
			"email": nil, "phone": nil, "date_of_birth": nil, "address": nil, "medical_history": nil, "notes": nil,
			"emergency_contact_name": nil, "emergency_contact_phone": nil, "tags": []any{}, "is_active": true, "consent_status": false,
		}
		h := k.CSRFHeaders(k.User1)
		same(k, newClient(k, h, obj{"first_name": "Noa", "last_name": "Levi"}), nothing)
		blank := obj{"first_name": "Noa", "last_name": "Levi"}
		for name := range nothing {
			if name != "tags" && name != "is_active" && name != "consent_status" {
				blank[name] = "  "
			}
		}
		same(k, newClient(k, h, blank), nothing)
		maps.DeleteFunc(nothing, func(name string, v any) bool { return v != nil })
		nothing["first_name"], nothing["last_name"], nothing["tags"] = "Noa", "Levi", nil
		same(k, newClient(k, h, nothing), obj{"email": nil, "tags": []any{}})
	})
}

func TestCreateTrimsAndComposes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		got := newClient(k, k.CSRFHeaders(k.User1), obj{"first_name": "  Jose\u0301 ", "last_name": "\u00a0בן־דוד\t", "email": " Jose@Example.com ", "phone": "\u202a050-1234567\u202c", "tags": []any{" back ", "back"}})
		same(k, got, obj{"first_name": "José", "last_name": "בן־דוד", "full_name": "José בן־דוד", "email": "Jose@Example.com", "phone": "050-1234567", "tags": []any{"back"}})
	})
}

func TestSpecialCharactersComeBackAsTheyWere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		for _, v := range []string{
			"<script>alert(1)</script>", `Robert'); DROP TABLE clients;--`, "a\\b\"c", "%s %d {{.}} ${x}", "😀👩‍👩‍👧 名前",
			"\u200fשלום\u200e", "null", "a & b &amp; c", "\ufffd",
		} {
			got := newClient(k, h, obj{"first_name": v, "last_name": v, "notes": v + "\n" + v, "tags": []any{v}})
			same(k, got, obj{"first_name": v, "last_name": v, "notes": v + "\n" + v, "tags": []any{v}})
		}
		if n := k.DB.Count("select count(*) from clients where workspace_id = $1", k.Workspace1.ID.String()); n != 10 {
			t.Errorf("%d clients are stored, want 10", n)
		}
	})
}

// badFields are refused on create and on change alike.
var badFields = []struct {
	name  string
	field string
	value any
	code  string
}{
	{"empty", "first_name", "", "required"},
	{"white space", "first_name", " \t\u00a0", "required"},
	{"null", "first_name", nil, "required"},
	{"too long", "first_name", strings.Repeat("ש", 256), "too_long"},
	{"10,000 characters", "last_name", strings.Repeat("a", 10_000), "too_long"},
	{"empty", "last_name", "", "required"},
	{"null", "last_name", nil, "required"},
	{"number", "last_name", 7, "type"},
	{"NUL", "last_name", "a\x00b", "characters"},
	{"two lines", "last_name", "a\nb", "characters"},
	{"direction overrides alone", "last_name", "\u202e\u2066", "required"},
	{"no address", "email", "dana.example.com", "email"},
	{"two addresses", "email", "a@example.com,b@example.com", "email"},
	{"too long", "email", strings.Repeat("a", 250) + "@example.com", "too_long"},
	{"object", "email", obj{"a": 1}, "type"},
	{"too long", "phone", strings.Repeat("1", 51), "too_long"},
	{"tomorrow", "date_of_birth", "2026-02-03", "future"},
	{"no such day", "date_of_birth", "2023-02-29", "date"},
	{"another form", "date_of_birth", "31/12/1980", "date"},
	{"too long", "address", strings.Repeat("a", 1001), "too_long"},
	{"too long", "medical_history", strings.Repeat("a", 10_001), "too_long"},
	{"NUL", "medical_history", "\x00", "characters"},
	{"too long", "notes", strings.Repeat("ש", 10_001), "too_long"},
	{"too long", "emergency_contact_name", strings.Repeat("a", 256), "too_long"},
	{"too long", "emergency_contact_phone", strings.Repeat("1", 51), "too_long"},
	{"too many", "tags", many(31, "t%d"), "too_many"},
	{"too long", "tags", []any{strings.Repeat("a", 51)}, "too_long"},
	{"blank", "tags", []any{"a", " "}, "required"},
	{"text", "tags", "back", "type"},
	{"number inside", "tags", []any{"a", 1}, "type"},
}

func many(n int, format string) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return all
}

func TestCreateRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		for _, c := range badFields {
			body := fullBody()
			body[c.field] = c.value
			if got := wrong(k, k.Ask(http.MethodPost, "/clients", h, body)); !slices.Equal(got, []string{"body." + c.field + " " + c.code}) {
				t.Errorf("%s %s: refused as %q, want %s", c.field, c.name, got, c.code)
			}
		}
		got := wrong(k, k.Ask(http.MethodPost, "/clients", h, obj{"email": "x", "date_of_birth": "x"}))
		want := []string{"body.date_of_birth date", "body.email email", "body.first_name required", "body.last_name required"}
		if !slices.Equal(got, want) {
			t.Errorf("all at once: refused as %q, want %q", got, want)
		}
		if n := k.DB.Count("select count(*) from clients where workspace_id = $1", k.Workspace1.ID.String()); n != 1 {
			t.Errorf("%d clients are stored, want the fixture", n)
		}
	})
}

func TestRefusalsDoNotRepeatInput(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const secret = "Zipporah-4711"
		h := k.CSRFHeaders(k.User1)
		long := strings.Repeat(secret, 1000)
		for name, body := range map[string]any{
			"every field":   obj{"first_name": "", "last_name": long, "email": secret, "phone": long, "date_of_birth": secret, "address": long, "notes": long, "tags": []any{long}},
			"unknown field": obj{"first_name": "a", "last_name": "b", secret: secret},
			"wrong type":    obj{"first_name": []any{secret}, "last_name": obj{secret: secret}},
			"cut":           `{"first_name": "` + secret,
			"twice":         `{"notes": "` + secret + `", "notes": "` + secret + `"}`,
			"an array":      []any{secret},
			"a string":      `"` + secret + `"`,
			"no JSON":       secret,
		} {
			res := k.Ask(http.MethodPost, "/clients", h, body)
			if res.Status != http.StatusUnprocessableEntity && res.Status != http.StatusBadRequest {
				t.Errorf("%s: status %d", name, res.Status)
			}
			if strings.Contains(string(res.Body), secret) {
				t.Errorf("%s: the answer repeats it: %s", name, res.Body)
			}
		}
		if strings.Contains(k.Log.String(), secret) {
			t.Error("the log holds it")
		}
	})
}

func TestBodiesThatAreNoClient(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		for _, c := range []struct {
			name, body string
			status     int
			code       string
		}{
			{"nothing", "", 400, "malformed"},
			{"cut", `{"first_name":`, 400, "malformed"},
			{"two documents", `{"first_name":"a","last_name":"b"}{}`, 400, "malformed"},
			{"a field twice", `{"first_name":"a","first_name":"b","last_name":"c"}`, 400, "duplicate_field"},
			{"broken UTF-8", "{\"first_name\":\"a\xff\",\"last_name\":\"c\"}", 400, "malformed"},
			{"half a surrogate", `{"first_name":"a\ud800","last_name":"c"}`, 400, "malformed"},
			{"too deep", strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33), 400, "too_deep"},
			{"an array", `[]`, 422, "invalid"},
			{"null", `null`, 422, "invalid"},
			{"an unknown field", `{"first_name":"a","last_name":"b","workspace_id":"` + k.Workspace2.ID.String() + `"}`, 422, "invalid"},
			{"a field in capitals", `{"First_Name":"a","last_name":"b"}`, 422, "invalid"},
			{"too large", `{"notes":"` + strings.Repeat("a", 512<<10) + `"}`, 413, "too_large"},
		} {
			k.Ask(http.MethodPost, "/clients", h, c.body).WantCode(k, c.status, c.code)
		}
		h.Set("Content-Type", "text/plain")
		k.Ask(http.MethodPost, "/clients", h, fullBody()).WantCode(k, 415, "content_type")
		if n := k.DB.Count("select count(*) from clients"); n != 2 {
			t.Errorf("%d clients are stored, want the fixtures", n)
		}
	})
}

// In the evening in UTC it is tomorrow in Jerusalem, and today in New York.
func TestBirthDatesGoByTheWorkspaceZone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.Clock.Advance(13 * time.Hour) // 22:00 UTC on the second
		h := k.CSRFHeaders(k.User1)
		body := obj{"first_name": "Noa", "last_name": "Levi", "date_of_birth": "2026-02-03"}
		same(k, newClient(k, h, body), obj{"date_of_birth": "2026-02-03"})
		k.Ask(http.MethodPut, "/workspace", h, obj{"time_zone": "America/New_York"}).Want(k, http.StatusOK)
		if got := wrong(k, k.Ask(http.MethodPost, "/clients", h, body)); !slices.Equal(got, []string{"body.date_of_birth future"}) {
			t.Errorf("in New York: %q", got)
		}
		body["date_of_birth"] = "2026-02-02"
		same(k, newClient(k, h, body), obj{"date_of_birth": "2026-02-02"})
	})
}

func TestClientsThatAreNotThere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		bodies := map[string]bool{}
		for _, id := range []string{"20000000-0000-0000-0000-00000000ffff", k.Client2.ID.String(), "00000000-0000-0000-0000-000000000000"} {
			for _, c := range []struct {
				method, path string
				body         any
			}{
				{http.MethodGet, "", nil},
				{http.MethodPut, "", obj{"first_name": "x"}},
				{http.MethodPut, "", `{"first_name":`}, // the id is judged before the body
				{http.MethodPut, "", obj{"unknown": 1}},
				{http.MethodDelete, "", nil},
				{http.MethodPost, "/restore", nil},
			} {
				res := k.Ask(c.method, "/clients/"+id+c.path, h, c.body).WantCode(k, http.StatusNotFound, "not_found")
				p := res.Map(k)
				delete(p, "request_id")
				bodies[fmt.Sprint(p)] = true
				same(k, p, obj{"detail": "Resource not found."})
			}
		}
		if len(bodies) != 1 {
			t.Errorf("the answers differ: %v", bodies)
		}
		if got := k.Ask(http.MethodGet, "/clients/nonsense", h, nil).Want(k, http.StatusUnprocessableEntity); strings.Contains(string(got.Body), "nonsense") {
			t.Errorf("the answer repeats the id: %s", got.Body)
		}
		k.Ask(http.MethodDelete, "/clients/1", h, nil).Want(k, http.StatusUnprocessableEntity)
	})
}

func TestAssistantsSeeContactsAndNoHistory(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		id := fmt.Sprint(newClient(k, k.CSRFHeaders(k.User1), fullBody())["id"])
		h := k.CSRFHeaders(k.Assistant1)
		want := fullBody()
		want["medical_history"], want["notes"] = nil, nil
		same(k, k.Ask(http.MethodGet, "/clients/"+id, h, nil).Want(k, http.StatusOK).Map(k), want)
		same(k, k.Ask(http.MethodPut, "/clients/"+id, h, obj{"phone": "1234567"}).Want(k, http.StatusOK).Map(k), obj{"phone": "1234567", "medical_history": nil, "notes": nil})
		// A page that shows nothing sends nothing back; that clears nothing.
		k.Ask(http.MethodPut, "/clients/"+id, h, obj{"email": nil, "medical_history": nil, "notes": nil}).Want(k, http.StatusOK)
		for _, field := range []string{"medical_history", "notes"} {
			k.Ask(http.MethodPut, "/clients/"+id, h, obj{field: "x", "first_name": "x"}).WantCode(k, http.StatusForbidden, "denied")
			k.Ask(http.MethodPost, "/clients", h, obj{"first_name": "x", "last_name": "x", field: "x"}).WantCode(k, http.StatusForbidden, "denied")
		}
		stored := k.StoredClient(id)
		if stored.MedicalHistory != "Asthma" || stored.Notes != "Quiet" || stored.Phone != "1234567" || stored.Email != "" || stored.FirstName != "Dana" {
			t.Errorf("stored %q %q %q %q", string(stored.MedicalHistory), string(stored.Notes), string(stored.Phone), string(stored.Email))
		}
		k.Ask(http.MethodDelete, "/clients/"+id, h, nil).Want(k, http.StatusNoContent)
		same(k, k.Ask(http.MethodPost, "/clients/"+id+"/restore", h, nil).Want(k, http.StatusOK).Map(k), obj{"medical_history": nil, "notes": nil})
		if n := k.DB.Count("select count(*) from clients where workspace_id = $1", k.Workspace1.ID.String()); n != 2 {
			t.Errorf("%d clients are stored, want 2", n)
		}
		stale := k.Ask(http.MethodPut, "/clients/"+id, h, obj{"phone": "7654321", "version": 1}).WantCode(k, http.StatusConflict, "stale").Map(k)
		same(k, stale["current"].(obj), obj{"medical_history": nil, "notes": nil, "phone": "1234567"})
		practitioner := k.CSRFHeaders(k.Practitioner1)
		same(k, k.Ask(http.MethodPut, "/clients/"+id, practitioner, obj{"notes": "Loud"}).Want(k, http.StatusOK).Map(k), obj{"medical_history": "Asthma", "notes": "Loud"})
	})
}

func TestArchiveAndRestore(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, path := k.CSRFHeaders(k.User1), "/clients/"+k.Client1.ID.String()
		read := func() obj { return k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK).Map(k) }
		created := k.Clock.Now().Format(time.RFC3339)
		k.Clock.Advance(time.Minute)
		archived := k.Clock.Now().Format(time.RFC3339)
		k.Ask(http.MethodDelete, path, h, nil).Want(k, http.StatusNoContent)
		want := obj{"is_active": false, "archived_at": archived, "version": 2, "created_at": created, "updated_at": archived, "first_name": "John"}
		same(k, read(), want)
		k.Clock.Advance(time.Minute)
		k.Ask(http.MethodDelete, path, h, nil).Want(k, http.StatusNoContent)
		same(k, read(), want) // again changes nothing
		same(k, k.Ask(http.MethodPut, path, h, obj{"phone": "1234567"}).Want(k, http.StatusOK).Map(k), obj{"is_active": false, "archived_at": archived, "version": 3})
		k.Clock.Advance(time.Minute)
		restored := k.Clock.Now().Format(time.RFC3339)
		want = obj{"is_active": true, "archived_at": nil, "version": 4, "created_at": created, "updated_at": restored, "phone": "1234567"}
		same(k, k.Ask(http.MethodPost, path+"/restore", h, nil).Want(k, http.StatusOK).Map(k), want)
		k.Clock.Advance(time.Minute)
		same(k, k.Ask(http.MethodPost, path+"/restore", h, nil).Want(k, http.StatusOK).Map(k), want)
		same(k, read(), want)
		if n := k.DB.Count("select count(*) from clients where id = $1 and archived_at is null and version = 4", k.Client1.ID.String()); n != 1 {
			t.Error("it is not stored so")
		}
	})
}

func TestArchivedClientKeepsItsAppointments(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, path := k.CSRFHeaders(k.User1), "/clients/"+k.Client1.ID.String()
		book(k, k.Client1.ID, 1, time.Hour, "scheduled")
		k.Ask(http.MethodDelete, path, h, nil).Want(k, http.StatusNoContent)
		next := k.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		same(k, k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK).Map(k), obj{"next_appointment": next, "appointment_count": 1})
	})
}

func TestEveryLookAndChangeIsAudited(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, path := k.CSRFHeaders(k.User1), "/clients/"+k.Client1.ID.String()
		k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK)
		k.Ask(http.MethodGet, "/clients", h, nil).Want(k, http.StatusOK)
		k.Ask(http.MethodPut, path, h, obj{"phone": "1"}).Want(k, http.StatusOK)
		k.Ask(http.MethodPut, path, h, obj{"phone": "2", "version": 1}).Want(k, http.StatusConflict)
		k.Ask(http.MethodDelete, path, h, nil).Want(k, http.StatusNoContent)
		k.Ask(http.MethodPost, path+"/restore", h, nil).Want(k, http.StatusOK)
		k.Ask(http.MethodGet, "/clients/"+k.Client2.ID.String(), h, nil).Want(k, http.StatusNotFound)
		me, client, other := k.User1.ID.String(), k.Client1.ID.String(), k.Client2.ID.String()
		for action, want := range map[model.Action][]testkit.AuditedEvent{
			model.ClientView: {
				{Outcome: "ok", Subject: client, Records: "1", Actor: me},
				{Outcome: "missing", Subject: other, Records: "0", Actor: me},
			},
			model.ClientList: {{Outcome: "ok", Subject: "00000000-0000-0000-0000-000000000000", Records: "1", Actor: me}},
			model.ClientUpdate: {
				{Outcome: "ok", Subject: client, Records: "1", Actor: me},
				{Outcome: "refused", Subject: client, Records: "0", Actor: me},
			},
			model.ClientArchive: {{Outcome: "ok", Subject: client, Records: "1", Actor: me}},
			model.ClientRestore: {{Outcome: "ok", Subject: client, Records: "1", Actor: me}},
		} {
			if got := k.Audited(k.Workspace1.ID, action); !slices.Equal(got, want) {
				t.Errorf("%s: the trail says %+v, want %+v", action, got, want)
			}
		}
	})
}

// Two pages with the same version save at the same moment, over HTTP.
func TestTwoSaversOverHTTP(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		path := "/clients/" + k.Client1.ID.String()
		headers := []http.Header{k.CSRFHeaders(k.User1), k.CSRFHeaders(k.Practitioner1)}
		answers := make([]*testkit.Response, len(headers))
		var both sync.WaitGroup
		for i, h := range headers {
			both.Go(func() { answers[i] = k.Ask(http.MethodPut, path, h, obj{"notes": fmt.Sprint("by ", i), "version": 1}) })
		}
		both.Wait()
		winner := slices.IndexFunc(answers, func(r *testkit.Response) bool { return r.Status == http.StatusOK })
		if winner < 0 {
			t.Fatalf("nobody saved: %s", answers[0].Body)
		}
		lost := answers[1-winner].WantCode(k, http.StatusConflict, "stale").Map(k)
		same(k, lost["current"].(obj), obj{"notes": fmt.Sprint("by ", winner), "version": 2})
		if stored := k.StoredClient(k.Client1.ID.String()); string(stored.Notes) != fmt.Sprint("by ", winner) || stored.Version != 2 {
			t.Errorf("stored %q", string(stored.Notes))
		}
	})
}

// values are what the fields of a change can be set to, and how they are
// cleared.
var values = map[string]struct{ value, cleared any }{
	"email": {"new@example.com", nil}, "phone": {"1234567", nil}, "date_of_birth": {"1999-01-31", nil}, "address": {"2 New St", nil},
	"medical_history": {"New", nil}, "notes": {"New\nnotes", nil}, "emergency_contact_name": {"Ima", nil},
	"emergency_contact_phone": {"7654321", nil}, "tags": {[]any{"new"}, []any{}}, "first_name": {"Noa", nil}, "last_name": {"Levi", nil},
}

func TestChangeSetsOneFieldAndKeepsTheOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		for field, v := range values {
			created := newClient(k, h, fullBody())
			path := fmt.Sprint("/clients/", created["id"])
			want := fullBody()
			same(k, k.Ask(http.MethodPut, path, h, obj{}).Want(k, http.StatusOK).Map(k), want)
			want[field] = v.value
			same(k, k.Ask(http.MethodPut, path, h, obj{field: v.value}).Want(k, http.StatusOK).Map(k), want)
			same(k, k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK).Map(k), want)
			if field == "first_name" || field == "last_name" {
				continue
			}
			want[field] = v.cleared
			same(k, k.Ask(http.MethodPut, path, h, obj{field: nil}).Want(k, http.StatusOK).Map(k), want)
			if field != "tags" {
				k.Ask(http.MethodPut, path, h, obj{field: v.value}).Want(k, http.StatusOK)
				k.Ask(http.MethodPut, path, h, obj{field: ""}).Want(k, http.StatusOK)
			}
			same(k, k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK).Map(k), want)
		}
	})
}

func TestChangeSetsAllFieldsAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, body := k.CSRFHeaders(k.User1), obj{}
		for field, v := range values {
			body[field] = v.value
		}
		path := "/clients/" + k.Client1.ID.String()
		k.Clock.Advance(time.Minute)
		got := k.Ask(http.MethodPut, path, h, body).Want(k, http.StatusOK).Map(k)
		same(k, got, body)
		same(k, k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK).Map(k), got)
		same(k, got, obj{"version": 2, "full_name": "Noa Levi", "created_at": "2026-02-02T09:00:00Z", "updated_at": "2026-02-02T09:01:00Z"})
		stored := k.StoredClient(k.Client1.ID.String())
		if stored.FullName() != "Noa Levi" || stored.Notes != "New\nnotes" || stored.Version != 2 {
			t.Errorf("stored %q", string(stored.FullName()))
		}
	})
}

func TestChangeRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		created := newClient(k, h, fullBody())
		path := fmt.Sprint("/clients/", created["id"])
		for _, c := range badFields {
			got := wrong(k, k.Ask(http.MethodPut, path, h, obj{"phone": "1", c.field: c.value}))
			if !slices.Equal(got, []string{"body." + c.field + " " + c.code}) {
				t.Errorf("%s %s: refused as %q, want %s", c.field, c.name, got, c.code)
			}
		}
		if got := wrong(k, k.Ask(http.MethodPut, path, h, obj{"is_active": false})); !slices.Equal(got, []string{"body.unknown unknown_field"}) {
			t.Errorf("a field that cannot be changed: %q", got)
		}
		want := fullBody()
		want["version"] = 1
		same(k, k.Ask(http.MethodGet, path, h, nil).Want(k, http.StatusOK).Map(k), want)
	})
}

func TestVersionsOfAChange(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, path := k.CSRFHeaders(k.User1), "/clients/"+k.Client1.ID.String()
		k.Ask(http.MethodPut, path, h, obj{"notes": "second"}).Want(k, http.StatusOK) // now version 2
		version := 2
		for _, c := range []struct {
			name, ifMatch string
			body          any // the version in the body; nil: none
			status        int
		}{
			{"none: the last one wins", "", nil, 200},
			{"current in the body", "", 0, 200},
			{"stale in the body", "", -1, 409},
			{"of the future", "", +1, 409},
			{"quoted header", `"%d"`, nil, 200},
			{"plain header", "%d", nil, 200},
			{"stale header", `"1"`, nil, 409},
			{"any", "*", nil, 200},
			{"any, but stale in the body", "*", -1, 409},
			{"both", `"%d"`, 0, 200},
			{"two that differ", `"%d"`, -1, 422},
			{"a word", `"abc"`, nil, 422},
			{"weak", `W/"%d"`, nil, 422},
			{"zero", `"0"`, nil, 422},
			{"negative", `"-1"`, nil, 422},
			{"a list", `"%d", "7"`, nil, 422},
			{"too long", strings.Repeat("1", 41), nil, 422},
		} {
			ask, body := h.Clone(), obj{"notes": c.name}
			if c.ifMatch != "" {
				ask.Set("If-Match", strings.ReplaceAll(c.ifMatch, "%d", fmt.Sprint(version)))
			}
			if d, ok := c.body.(int); ok {
				body["version"] = version + d
			}
			res := k.Ask(http.MethodPut, path, ask, body)
			if res.Status != c.status {
				t.Errorf("%s: status %d, want %d: %s", c.name, res.Status, c.status, res.Body)
			}
			switch res.Status {
			case http.StatusOK:
				version++
				same(k, res.Map(k), obj{"version": version, "notes": c.name})
			case http.StatusConflict:
				current := res.WantCode(k, http.StatusConflict, "stale").Map(k)["current"]
				same(k, current.(obj), obj{"version": version, "id": k.Client1.ID.String()})
				for _, fault := range k.Contract().Matches("Client", current) {
					t.Errorf("%s: the current client is no Client: %s", c.name, fault)
				}
			}
		}
		if n := k.DB.Count("select version from clients where id = $1", k.Client1.ID.String()); n != version {
			t.Errorf("version %d is stored, want %d", n, version)
		}
	})
}
