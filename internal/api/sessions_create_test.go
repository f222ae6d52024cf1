package api_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// visit books an appointment of Client1 that starts so long from now and takes
// 50 minutes.
func (p *pen) visit(in time.Duration, body obj) obj {
	p.T.Helper()
	full := obj{"client_id": p.Client1.ID.String(), "starts_at": p.ago(-in), "ends_at": p.ago(-in - 50*time.Minute)}
	for n, v := range body {
		full[n] = v
	}
	return p.Ask(http.MethodPost, "/appointments", p.h, full).Want(p.Kit, 201).Map(p.Kit)
}

// calendar reads an appointment.
func (p *pen) calendar(visit obj) obj {
	p.T.Helper()
	return p.Ask(http.MethodGet, "/appointments/"+visit["id"].(string), p.h, nil).Want(p.Kit, 200).Map(p.Kit)
}

// about begins the note of an appointment.
func (p *pen) about(visit obj) obj { p.T.Helper(); return p.note(obj{"appointment_id": visit["id"]}) }

// wantRef fails unless a refusal names the note that is there, and says nothing
// of what is in it.
func wantRef(k *testkit.Kit, res *testkit.Response, note obj) {
	k.T.Helper()
	want := obj{}
	for _, name := range []string{"id", "appointment_id", "author_id", "status", "version"} {
		want[name] = note[name]
	}
	if v, there := note["appointment"].(obj); there {
		want["appointment_id"] = v["id"]
	}
	if got := res.Map(k)["current"]; !reflect.DeepEqual(got, any(want)) {
		k.T.Errorf("current is %v, want %v", got, want)
	}
}

// noted reads the flag that the calendar goes by, from the database.
func (p *pen) noted(visit obj) bool {
	p.T.Helper()
	return p.DB.Count("select count(*) from appointments where id = $1 and noted", visit["id"]) == 1
}

// refused sends a new note and returns the refused fields.
func (p *pen) refused(body obj) []string {
	p.T.Helper()
	return wrong(p.Kit, p.Ask(http.MethodPost, "/sessions", p.h, body))
}

func (p *pen) wantRefused(body obj, want ...string) {
	p.T.Helper()
	if got := p.refused(body); !slices.Equal(got, want) {
		p.T.Errorf("%v: refused as %q, want %q", body, got, want)
	}
}

func (p *pen) count() int {
	p.T.Helper()
	return p.DB.Count("select count(*) from sessions")
}

func TestNewNoteEchoesEveryField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		body := obj{
			"client_id": k.Client1.ID.String(), "session_date": p.ago(time.Hour), "duration_minutes": 45,
			"subjective": "Says\nit hurts", "objective": "Stiff", "assessment": "כאב", "plan": "Rest",
		}
		res := k.Ask(http.MethodPost, "/sessions", p.h, body).Want(k, 201)
		n := res.Map(k)
		same(k, n, body)
		same(k, n, obj{
			"workspace_id": k.Workspace1.ID.String(), "client_name": "John Doe", "author_id": k.User1.ID.String(), "appointment_id": nil,
			"appointment": nil, "status": "draft", "is_draft": true, "version": 1, "versions": 0, "saved_at": p.ago(0), "created_at": p.ago(0),
			"updated_at": p.ago(0), "signed_at": nil, "amended_at": nil, "deleted_at": nil, "entered_in_error_reason": nil, "restore_until": nil,
		})
		if want := "/api/v1/sessions/" + n["id"].(string); res.Header.Get("Location") != want {
			t.Errorf("location %q", res.Header.Get("Location"))
		}
		same(k, p.read(n), n)
	})
}

func TestNewNoteWithAClientAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(nil)
		same(k, n, obj{
			"subjective": nil, "objective": nil, "assessment": nil, "plan": nil, "duration_minutes": nil, "session_date": p.ago(0),
			"copied": obj{"subjective": []any{}, "objective": []any{}, "assessment": []any{}, "plan": []any{}},
		})
		same(k, p.read(n), n)
	})
}

func TestNewNoteNeedsSomebody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		p.wantRefused(obj{"plan": "Rest"}, "body.client_id required")
		p.wantRefused(obj{"client_id": "nonsense"}, "body.client_id uuid")
		p.wantRefused(obj{"appointment_id": "nonsense", "template_id": "x"}, "body.appointment_id uuid", "body.template_id uuid")
		if p.count() != 0 {
			t.Error("a note was stored")
		}
	})
}

func TestNewNoteAboutNobodyHere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		theirs := as(k, k.User2).visit(0, obj{"client_id": k.Client2.ID.String()})
		mine := p.visit(time.Hour, nil)
		k.Ask(http.MethodDelete, "/appointments/"+mine["id"].(string), p.h, nil).Want(k, 204)
		for _, body := range []obj{
			{"client_id": k.Client2.ID.String()}, {"client_id": "20000000-0000-0000-0000-00000000ffff"},
			{"appointment_id": theirs["id"]}, {"appointment_id": "20000000-0000-0000-0000-00000000ffff"}, {"appointment_id": mine["id"]},
			{"client_id": k.Client1.ID.String(), "appointment_id": theirs["id"]},
		} {
			k.Ask(http.MethodPost, "/sessions", p.h, body).WantCode(k, 404, "not_found")
		}
		if p.count() != 0 {
			t.Error("a note was stored")
		}
	})
}

func TestNewNoteTakesItsDefaultsFromTheAppointment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		service := k.AddService(k.Workspace1.ID, model.Service{Name: "Massage", Minutes: 50})
		place := k.AddLocation(k.Workspace1.ID, model.Location{Name: "Room 1", Address: "1 Main St", Type: "clinic"})
		v := p.visit(-2*time.Hour, obj{"service_id": service.ID.String(), "location_id": place.ID.String()})
		n := p.about(v)
		same(k, n, obj{"client_id": k.Client1.ID.String(), "appointment_id": v["id"], "session_date": v["starts_at"], "duration_minutes": 50})
		same(k, n["appointment"].(obj), obj{
			"id": v["id"], "starts_at": v["starts_at"], "ends_at": v["ends_at"], "service_name": "Massage", "location_name": "Room 1", "deleted": false,
		})
		long := p.visit(-24*time.Hour, obj{"ends_at": p.ago(14 * time.Hour)})
		same(k, p.about(long), obj{"duration_minutes": 480})
		own := p.visit(-5*time.Hour, nil)
		same(k, p.note(obj{"appointment_id": own["id"], "session_date": p.ago(time.Hour), "duration_minutes": 5}), obj{"session_date": p.ago(time.Hour), "duration_minutes": 5})
	})
}

func TestNewNoteMakesTheAppointmentAttended(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		for _, c := range []struct {
			starts time.Duration
			want   string
		}{{-time.Hour, "attended"}, {15 * time.Minute, "attended"}, {3 * time.Hour, "scheduled"}} {
			v := p.visit(c.starts, nil)
			n := p.about(v)
			now := p.calendar(v)
			same(k, now, obj{"status": c.want})
			same(k, now["note"].(obj), obj{"id": n["id"], "status": "draft", "author_id": k.User1.ID.String()})
			if !p.noted(v) {
				t.Error("the appointment is not marked as noted")
			}
			if c.want == "scheduled" {
				same(k, n, obj{"session_date": p.ago(0), "duration_minutes": 50}) // not in the future
				same(k, now, obj{"version": 1})
			}
		}
	})
}

// Who did not come is written about; of what was cancelled there is nothing to
// write.
func TestNewNoteOfAVisitThatDidNotTakePlace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		missed := p.visit(-2*time.Hour, obj{"status": "no_show"})
		n := p.sign(p.save(p.about(missed), obj{"plan": "Call"}))
		same(k, p.calendar(missed), obj{"status": "no_show"})
		cancelled := p.visit(-4*time.Hour, obj{"status": "cancelled"})
		k.Ask(http.MethodPost, "/sessions", p.h, obj{"appointment_id": cancelled["id"], "plan": "x"}).WantCode(k, 409, "cancelled")
		same(k, p.calendar(cancelled), obj{"status": "cancelled", "note": nil})
		if p.count() != 1 || !p.there(n) {
			t.Errorf("%d notes are stored", p.count())
		}
	})
}

func TestNewNoteOfAnotherClientsAppointment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		other := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}})
		p.wantRefused(obj{"appointment_id": v["id"], "client_id": other.ID.String()}, "body.client_id other_client")
		same(k, p.calendar(v), obj{"status": "scheduled", "note": nil})
		p.note(obj{"appointment_id": v["id"], "client_id": k.Client1.ID.String()})
	})
}

func TestAnAppointmentHasOneNote(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		first := p.about(v)
		again := func() *testkit.Response {
			return k.Ask(http.MethodPost, "/sessions", p.h, obj{"appointment_id": v["id"], "plan": "Second"})
		}
		wantRef(k, again().WantCode(k, 409, "has_note"), first)
		signed := p.sign(p.save(first, obj{"plan": "First"}))
		wantRef(k, again().WantCode(k, 409, "has_note"), signed)
		p.void(signed)
		if p.noted(v) {
			t.Error("a note in error is the appointment's")
		}
		second := again().Want(k, 201).Map(k)
		p.remove(second, nil).Want(k, 204)
		if p.noted(v) {
			t.Error("a deleted note is the appointment's")
		}
		again().Want(k, 201)
		if !p.noted(v) || p.count() != 3 {
			t.Errorf("noted %v, %d notes", p.noted(v), p.count())
		}
	})
}

// Who may not read the note learns only that there is one.
func TestTheOtherNoteIsShownToWhoMaySeeIt(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p, colleague := writes(k), as(k, k.Practitioner1)
		v := p.visit(-time.Hour, obj{"practitioner_id": k.Practitioner1.ID.String()})
		p.note(obj{"appointment_id": v["id"], "plan": "Secret"})
		res := k.Ask(http.MethodPost, "/sessions", colleague.h, obj{"appointment_id": v["id"]}).WantCode(k, 409, "has_note")
		if res.Map(k)["current"] != nil || strings.Contains(string(res.Body), "Secret") {
			t.Errorf("shown: %s", res.Body)
		}
	})
}

// Two pages begin the note of one appointment at the same moment.
func TestTwoFirstNotesAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		made := together(4, func(int) int {
			return k.Ask(http.MethodPost, "/sessions", p.h, obj{"appointment_id": v["id"]}).Status
		})
		slices.Sort(made)
		if !slices.Equal(made, []int{201, 409, 409, 409}) || p.count() != 1 {
			t.Errorf("answers %v, %d notes", made, p.count())
		}
	})
}

// badContent is refused in a new note and in a change alike.
var badContent = []struct {
	field string
	value any
	code  string
}{
	{"subjective", strings.Repeat("ש", 10_001), "too_long"},
	{"objective", "a\x00b", "characters"},
	{"assessment", "a\x07b", "characters"},
	{"plan", 7, "type"},
	{"plan", []any{"x"}, "type"},
	{"session_date", "yesterday", "type"},
	{"session_date", "2026-02-02T09:05:01Z", "future"},
	{"session_date", "2126-01-01T00:00:00Z", "future"},
	{"session_date", "1969-12-31T23:59:59Z", "range"},
	{"session_date", 12, "type"},
	{"duration_minutes", -1, "range"},
	{"duration_minutes", 481, "range"},
	{"duration_minutes", "x", "type"},
	{"duration_minutes", 1.5, "type"},
}

func TestNewNoteRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		for _, c := range badContent {
			p.wantRefused(obj{"client_id": k.Client1.ID.String(), c.field: c.value}, "body."+c.field+" "+c.code)
		}
		for _, field := range []string{"workspace_id", "author_id", "status", "is_draft", "signed_at", "copied", "id"} {
			p.wantRefused(obj{"client_id": k.Client1.ID.String(), field: "x"}, "body.unknown unknown_field")
		}
		if p.count() != 0 {
			t.Error("a note was stored")
		}
	})
}

func TestNewNoteAtItsLimits(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		full := strings.Repeat("ש", 10_000)
		for _, body := range []obj{
			{"subjective": full, "objective": full, "assessment": full, "plan": full},
			{"duration_minutes": 0}, {"duration_minutes": 480},
			{"session_date": "2026-02-02T09:05:00Z"}, {"session_date": "1970-01-01T00:00:00Z"},
		} {
			n := p.note(body)
			same(k, n, body)
			same(k, p.read(n), body)
		}
		same(k, p.note(obj{"session_date": "2026-02-02T10:30:00.1234567+02:00"}), obj{"session_date": "2026-02-02T08:30:00.123456Z"})
	})
}

func TestNoteTextsComeBackAsTheyWere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		for _, c := range []struct {
			sent string
			want any
		}{
			{"<script>alert(1)</script>", "<script>alert(1)</script>"},
			{`Robert'); DROP TABLE sessions;--`, `Robert'); DROP TABLE sessions;--`},
			{"\"quotes\" \\ %s {{.}}", "\"quotes\" \\ %s {{.}}"},
			{"😀👩‍👩‍👧 名前 בְּרֵאשִׁית", "😀👩‍👩‍👧 名前 בְּרֵאשִׁית"},
			{"first\n\n  indented\tand tabbed\nlast", "first\n\n  indented\tand tabbed\nlast"},
			{"one\r\ntwo\rthree", "one\ntwo\nthree"},
			{"Jose\u0301", "José"},
			{"  around  \n", "around"},
			{" \n\t ", nil},
			{"", nil},
		} {
			n := p.note(obj{"objective": c.sent})
			same(k, n, obj{"objective": c.want})
			same(k, p.read(n), obj{"objective": c.want})
		}
	})
}

func TestNewNoteOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		h := p.h.Clone()
		h.Set("Idempotency-Key", "page-1")
		body := obj{"appointment_id": v["id"], "plan": "Rest"}
		first := k.Ask(http.MethodPost, "/sessions", h, body).Want(k, 201).Map(k)
		first = p.save(first, obj{"plan": "More rest"})
		same(k, k.Ask(http.MethodPost, "/sessions", h, body).Want(k, 201).Map(k), first)
		body["plan"] = "Other"
		if got := wrong(k, k.Ask(http.MethodPost, "/sessions", h, body)); !slices.Equal(got, []string{"header.Idempotency-Key reused"}) {
			t.Errorf("another body: %q", got)
		}
		if p.count() != 1 {
			t.Errorf("%d notes", p.count())
		}
	})
}

func TestNewNoteFromATemplate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		plate := p.template(obj{"kind": "template", "name": "First", "subjective": "Pain:\nSince:", "plan": "Next:"})
		snippet := p.template(obj{"kind": "snippet", "name": "Short", "text": "x"})
		n := p.note(obj{"template_id": plate["id"], "plan": "Own plan"})
		same(k, n, obj{"subjective": "Pain:\nSince:", "objective": nil, "plan": "Own plan"})
		client := k.Client1.ID.String()
		p.wantRefused(obj{"client_id": client, "template_id": snippet["id"]}, "body.template_id unknown")
		p.wantRefused(obj{"client_id": client, "template_id": n["id"]}, "body.template_id unknown")
		theirs := as(k, k.User2).template(obj{"kind": "template", "name": "Theirs", "plan": "Theirs"})
		p.wantRefused(obj{"client_id": client, "template_id": theirs["id"]}, "body.template_id unknown")
		k.Ask(http.MethodPut, fmt.Sprint("/note-templates/", plate["id"]), p.h, obj{"plan": "Changed"}).Want(k, 200)
		same(k, p.read(n), n) // a note does not change with its template
	})
}

func TestArchivedClientsCanBeWrittenAbout(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		k.Ask(http.MethodDelete, "/clients/"+k.Client1.ID.String(), p.h, nil).Want(k, 204)
		p.signed(obj{"plan": "Discharged"})
	})
}
