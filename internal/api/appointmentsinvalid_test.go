package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// badVisits are values that an appointment may not have, however it gets them,
// and what is said of them.
var badVisits = []struct {
	field string
	value any
	code  string
}{
	{"starts_at", nil, "required"},
	{"starts_at", "0001-01-01T00:00:00Z", "required"},
	{"starts_at", "2026-02-03T10:00:00", "type"},
	{"starts_at", "2026-02-03 10:00:00Z", "type"},
	{"starts_at", "2026-02-03", "type"},
	{"starts_at", "2026-02-30T10:00:00Z", "type"},
	{"starts_at", "Zzmarker", "type"},
	{"starts_at", "", "type"},
	{"starts_at", 1770112800, "type"},
	{"starts_at", "1969-12-31T23:59:59Z", "range"},
	{"starts_at", "2201-01-01T00:00:00Z", "range"},
	{"starts_at", "9999-12-31T23:59:59Z", "range"},
	{"ends_at", "2026-02-03T10:00:00", "type"},
	{"ends_at", []any{}, "type"},
	{"client_id", nil, "uuid"},
	{"client_id", "", "uuid"},
	{"client_id", "Zzmarker", "uuid"},
	{"client_id", uuid.Nil.String(), "uuid"},
	{"client_id", 7, "type"},
	{"practitioner_id", "Zzmarker", "uuid"},
	{"practitioner_id", uuid.Nil.String(), "uuid"},
	{"practitioner_id", uuid.NewString(), "unknown"},
	{"service_id", "Zzmarker", "uuid"},
	{"service_id", uuid.NewString(), "unknown"},
	{"location_id", "Zzmarker", "uuid"},
	{"location_id", uuid.NewString(), "unknown"},
	{"status", "Zzmarker", "choice"},
	{"status", true, "type"},
	{"location_type", "Zzmarker", "choice"},
	{"location_details", strings.Repeat("x", 2001), "too_long"},
	{"notes", strings.Repeat("x", 10_001), "too_long"},
	{"notes", "Zzmarker\x00", "characters"},
	{"notes", 7, "type"},
	{"reason", strings.Repeat("x", 501), "too_long"},
	{"override", "yes", "type"},
	{"version_", 1, "unknown_field"},
	{"Zzmarker", 1, "unknown_field"},
	{"duration", 60, "unknown_field"},
}

// badPayments are values that no path of a payment accepts.
var badPayments = []struct {
	field string
	value any
	code  string
}{
	{"price", -1, "range"},
	{"price", 1_000_000_000_01, "range"},
	{"price", 1.5, "type"},
	{"price", "150.00", "type"},
	{"price", 1e30, "type"},
	{"payment_status", "Zzmarker", "choice"},
	{"payment_status", 1, "type"},
	{"payment_method", "Zzmarker", "choice"},
	{"payment_notes", strings.Repeat("x", 2001), "too_long"},
	{"paid_at", "2026-02-01T10:00:00", "type"},
	{"paid_at", "2026-02-02T09:05:01Z", "future"},
	{"paid_at", "2226-02-02T09:05:01Z", "future"},
}

// said is what a refusal of a value names.
func said(field, code string) string {
	if code == "unknown_field" {
		field = "unknown"
	}
	return "body." + field + " " + code
}

// refusesBad sends each bad value and wants it refused, named, not repeated,
// and nothing stored.
func refusesBad(d *desk, send func(bad obj) *testkit.Response, more ...string) {
	d.T.Helper()
	before := d.SnapshotWithoutTrail(d.Workspace1.ID)
	try := func(field string, value any, code string) {
		res := send(obj{field: value})
		if got := wrong(d.Kit, res); !slices.Equal(got, []string{said(field, code)}) {
			d.T.Errorf("%s: refused as %q, want %q", field, got, said(field, code))
		}
		if strings.Contains(string(res.Body), "Zzmarker") {
			d.T.Errorf("%s: the answer repeats what was sent: %s", field, res.Body)
		}
	}
	if len(more) == 0 {
		for _, b := range badVisits {
			try(b.field, b.value, b.code)
		}
	}
	for _, b := range badPayments {
		try(b.field, b.value, b.code)
	}
	if d.SnapshotWithoutTrail(d.Workspace1.ID) != before {
		d.T.Error("something was stored")
	}
}

func TestBookingRefusesBadValues(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		refusesBad(d, func(bad obj) *testkit.Response { return d.post(plus(d.visit(time.Hour, time.Hour), bad)) })
	})
}

func TestChangeRefusesBadValues(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		refusesBad(d, func(bad obj) *testkit.Response { return d.put(a, bad) })
		before := d.SnapshotWithoutTrail(k.Workspace1.ID)
		for field, code := range map[string]string{
			"ends_at": "required", "status": "choice", "location_type": "choice", "payment_status": "choice", "practitioner_id": "uuid",
		} {
			if got := wrong(k, d.put(a, obj{field: nil})); !slices.Equal(got, []string{said(field, code)}) {
				t.Errorf("%s null: refused as %q", field, got)
			}
		}
		if got := wrong(k, d.put(a, obj{"cancel_reason": strings.Repeat("x", 501)})); !slices.Equal(got, []string{"body.cancel_reason too_long"}) {
			t.Errorf("a long cancel_reason: %q", got)
		}
		if d.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Error("something was stored")
		}
	})
}

func TestPaymentRefusesBadValues(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		pay := func(bad obj) *testkit.Response {
			return k.Ask(http.MethodPatch, pathOf(a)+"/payment", d.header, bad)
		}
		refusesBad(d, pay, "payments alone")
		for field, code := range map[string]string{"starts_at": "unknown_field", "notes": "unknown_field", "payment_status": "choice"} {
			if got := wrong(k, pay(obj{field: nil})); !slices.Equal(got, []string{said(field, code)}) {
				t.Errorf("%s: refused as %q", field, got)
			}
		}
	})
}

// timesOf are pairs that cannot be the times of an appointment.
func timesOf(d *desk) map[string]obj {
	return map[string]obj{
		"required": {"starts_at": d.in(time.Hour), "ends_at": nil},
		"order":    {"starts_at": d.in(time.Hour), "ends_at": d.in(time.Hour)},
		"order ":   {"starts_at": d.in(time.Hour), "ends_at": d.in(time.Minute)},
		"order  ":  {"starts_at": "2026-02-03T10:00:00+02:00", "ends_at": "2026-02-03T08:00:00Z"},
		"too_long": {"starts_at": d.in(time.Hour), "ends_at": d.in(25*time.Hour + time.Microsecond)},
	}
}

func TestTimesThatDoNotFit(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(48*time.Hour, time.Hour))
		before := d.SnapshotWithoutTrail(k.Workspace1.ID)
		for code, times := range timesOf(d) {
			want := []string{"body.ends_at " + strings.TrimSpace(code)}
			if got := wrong(k, d.post(plus(d.visit(0, 0), times))); !slices.Equal(got, want) {
				t.Errorf("booking %v: %q, want %q", times, got, want)
			}
			if got := wrong(k, d.put(a, times)); !slices.Equal(got, want) {
				t.Errorf("changing to %v: %q, want %q", times, got, want)
			}
		}
		if got := wrong(k, d.put(a, obj{"ends_at": d.in(48 * time.Hour)})); !slices.Equal(got, []string{"body.ends_at order"}) {
			t.Errorf("an end at the start that is stored: %q", got)
		}
		if d.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Error("something was stored")
		}
		d.book(d.visit(72*time.Hour, 24*time.Hour)) // 24 hours are allowed
		bare := d.visit(time.Hour, 0)
		delete(bare, "ends_at")
		if got := wrong(k, d.post(bare)); !slices.Equal(got, []string{"body.ends_at required"}) {
			t.Errorf("no end, no service: %q", got)
		}
		for _, missing := range []string{"starts_at", "client_id"} {
			body := d.visit(time.Hour, time.Hour)
			delete(body, missing)
			if got := wrong(k, d.post(body)); len(got) != 1 || !strings.HasPrefix(got[0], "body."+missing) {
				t.Errorf("no %s: %q", missing, got)
			}
		}
	})
}

func TestSeveralFaultsAreNamedTogether(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		got := wrong(k, d.post(plus(d.visit(time.Hour, 0), obj{"price": -1, "payment_method": "gold", "location_type": "moon", "notes": "\x00"})))
		want := []string{"body.ends_at order", "body.location_type choice", "body.notes characters", "body.payment_method choice", "body.price range"}
		if !slices.Equal(got, want) {
			t.Errorf("named %q, want %q", got, want)
		}
		got = wrong(k, d.post(plus(d.visit(time.Hour, time.Hour), obj{"client_id": "a", "practitioner_id": "b", "service_id": "c", "location_id": "d"})))
		want = []string{"body.client_id uuid", "body.location_id uuid", "body.practitioner_id uuid", "body.service_id uuid"}
		if !slices.Equal(got, want) {
			t.Errorf("named %q, want %q", got, want)
		}
	})
}

func TestBodiesThatAreNoObject(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		for body, want := range map[string]string{
			"null": "422 invalid", "[]": "422 invalid", `"x"`: "422 invalid", "7": "422 invalid", "{": "400 malformed", "": "400 malformed",
			`{"price":1,"price":2}`: "400 duplicate_field",
		} {
			for path, method := range map[string]string{"/appointments": http.MethodPost, pathOf(a): http.MethodPut, pathOf(a) + "/payment": http.MethodPatch} {
				res := k.Ask(method, path, d.header, body)
				if got := fmt.Sprint(res.Status, " ", res.Map(k)["code"]); got != want {
					t.Errorf("%s %s %q: %s, want %s", method, path, body, got, want)
				}
			}
		}
		same(k, d.get(a), obj{"version": 1, "price": nil})
	})
}

// reference is an id that a booking may not name, and the answer.
type reference struct {
	body obj
	want string
}

func references(d *desk) map[string]reference {
	k := d.Kit
	gone := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Al", LastName: "Gone"}})
	s, l := d.service(model.Service{Minutes: 60}), d.location(model.Location{Type: "clinic"})
	for table, id := range map[string]uuid.UUID{"clients": gone.ID, "services": s.ID, "locations": l.ID} {
		testkit.NoErr(k.T, k.DB.Exec("update "+table+" set archived_at = created_at where id = $1", id.String()))
	}
	foreignS := k.AddService(k.Workspace2.ID, model.Service{Name: "S", Minutes: 60})
	foreignL := k.AddLocation(k.Workspace2.ID, model.Location{Name: "L", Type: "home", Address: "x"})
	idle := k.AddUser(7, k.Workspace1.ID, model.Practitioner)
	testkit.NoErr(k.T, k.DB.Exec("update members set active = false where user_id = $1", idle.ID.String()))
	return map[string]reference{
		"an unknown client":       {obj{"client_id": uuid.NewString()}, "404 not_found"},
		"another's client":        {obj{"client_id": k.Client2.ID.String()}, "404 not_found"},
		"an archived client":      {obj{"client_id": gone.ID.String()}, "409 client_archived"},
		"an archived service":     {obj{"service_id": s.ID.String()}, "409 service_archived"},
		"an archived location":    {obj{"location_id": l.ID.String()}, "409 location_archived"},
		"an unknown service":      {obj{"service_id": uuid.NewString()}, "422 body.service_id unknown"},
		"another's service":       {obj{"service_id": foreignS.ID.String()}, "422 body.service_id unknown"},
		"an unknown location":     {obj{"location_id": uuid.NewString()}, "422 body.location_id unknown"},
		"another's location":      {obj{"location_id": foreignL.ID.String()}, "422 body.location_id unknown"},
		"an unknown practitioner": {obj{"practitioner_id": uuid.NewString()}, "422 body.practitioner_id unknown"},
		"another's practitioner":  {obj{"practitioner_id": k.User2.ID.String()}, "422 body.practitioner_id unknown"},
		"an assistant":            {obj{"practitioner_id": k.Assistant1.ID.String()}, "422 body.practitioner_id unknown"},
		"one who has left":        {obj{"practitioner_id": idle.ID.String()}, "422 body.practitioner_id unknown"},
	}
}

func TestReferencesThatMayNotBeBooked(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(48*time.Hour, time.Hour))
		table := references(d)
		before := d.SnapshotWithoutTrail(k.Workspace1.ID)
		for what, c := range table {
			for how, res := range map[string]*testkit.Response{"booking": d.post(plus(d.visit(time.Hour, time.Hour), c.body)), "changing": d.put(a, c.body)} {
				got := fmt.Sprint(res.Status, " ", res.Map(k)["code"])
				if res.Status == 422 {
					got = "422 " + strings.Join(wrong(k, res), ",")
				}
				if got != c.want {
					t.Errorf("%s, %s: %s, want %s", how, what, got, c.want)
				}
				for _, id := range c.body {
					if strings.Contains(string(res.Body), fmt.Sprint(id)) {
						t.Errorf("%s, %s: the answer repeats the id", how, what)
					}
				}
			}
		}
		if d.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Error("something was stored")
		}
	})
}

// Who was chosen before stays when it is archived later: the visit still takes
// place, and can be moved and paid.
func TestAppointmentKeepsWhatIsArchivedLater(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		s, l := d.service(model.Service{Minutes: 60}), d.location(model.Location{Type: "clinic", Exclusive: true})
		chosen := obj{"service_id": s.ID.String(), "location_id": l.ID.String(), "practitioner_id": k.Practitioner1.ID.String()}
		a := d.book(plus(d.visit(time.Hour, time.Hour), chosen))
		for table, id := range map[string]uuid.UUID{"clients": k.Client1.ID, "services": s.ID, "locations": l.ID} {
			testkit.NoErr(t, k.DB.Exec("update "+table+" set archived_at = created_at where id = $1", id.String()))
		}
		testkit.NoErr(t, k.DB.Exec("update members set active = false where user_id = $1", k.Practitioner1.ID.String()))
		a = d.change(a, obj{"starts_at": d.in(3 * time.Hour), "price": 100})
		same(k, a, plus(chosen, obj{"price": 100, "service_name": string(s.Name), "location_name": string(l.Name)}))
		a = d.change(a, plus(chosen, obj{"client_id": k.Client1.ID.String(), "payment_status": "paid"}))
		d.change(a, obj{"service_id": nil, "location_id": nil})
		d.post(plus(d.visit(5*time.Hour, time.Hour), chosen)).WantCode(k, 409, "client_archived")
	})
}
