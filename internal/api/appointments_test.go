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

	"github.com/google/uuid"
)

// desk is a member of a practice at the calendar.
type desk struct {
	*testkit.Kit
	header http.Header
}

func deskOf(k *testkit.Kit, u model.User) *desk {
	k.T.Helper()
	return &desk{k, k.CSRFHeaders(u)}
}

// in is the time that is so long from now.
func (d *desk) in(after time.Duration) string {
	return d.Clock.Now().Add(after).Format(time.RFC3339Nano)
}

// visit is the body that books the first client.
func (d *desk) visit(after, length time.Duration) obj {
	return obj{"client_id": d.Client1.ID.String(), "starts_at": d.in(after), "ends_at": d.in(after + length)}
}

// plus is a body with more in it.
func plus(body obj, more ...obj) obj {
	body = maps.Clone(body)
	for _, m := range more {
		maps.Copy(body, m)
	}
	return body
}

func (d *desk) post(body any) *testkit.Response {
	d.T.Helper()
	return d.Ask(http.MethodPost, "/appointments", d.header, body)
}

// book makes an appointment that must work.
func (d *desk) book(body obj) obj {
	d.T.Helper()
	return d.post(body).Want(d.Kit, 201).Map(d.Kit)
}

func pathOf(a obj) string { return "/appointments/" + idIn(a) }

func idIn(a obj) string { return fmt.Sprint(a["id"]) }

func (d *desk) get(a obj) obj {
	d.T.Helper()
	return d.Ask(http.MethodGet, pathOf(a), d.header, nil).Want(d.Kit, 200).Map(d.Kit)
}

// put changes an appointment as it was seen in a.
func (d *desk) put(a, change obj) *testkit.Response {
	d.T.Helper()
	return d.Ask(http.MethodPut, pathOf(a), d.header, plus(obj{"version": a["version"]}, change))
}

// change is put that must work.
func (d *desk) change(a, change obj) obj {
	d.T.Helper()
	return d.put(a, change).Want(d.Kit, 200).Map(d.Kit)
}

func (d *desk) del(a obj) {
	d.T.Helper()
	d.Ask(http.MethodDelete, pathOf(a), d.header, nil).Want(d.Kit, 204)
}

func (d *desk) restore(a obj, body any) *testkit.Response {
	d.T.Helper()
	return d.Ask(http.MethodPost, pathOf(a)+"/restore", d.header, body)
}

// row is what the second connection reads of an appointment.
func (d *desk) row(a obj, columns string) []string {
	d.T.Helper()
	rows := d.DB.Rows("select "+columns+" from appointments where id = $1", idIn(a))
	if len(rows) != 1 {
		d.T.Fatalf("appointment %v has %d rows", a["id"], len(rows))
	}
	return rows[0]
}

func (d *desk) service(s model.Service) model.Service {
	d.T.Helper()
	s.Name = model.Text("Service " + uuid.NewString())
	return d.AddService(d.Workspace1.ID, s)
}

func (d *desk) location(l model.Location) model.Location {
	d.T.Helper()
	l.Name, l.Address = model.Text("Place "+uuid.NewString()), "1 Main St"
	return d.AddLocation(d.Workspace1.ID, l)
}

func minor(n int64) *int64 { return &n }

func TestBookingEchoesEveryField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		s := d.service(model.Service{Minutes: 30, Price: minor(100), Currency: "USD", BufferBefore: 5, BufferAfter: 10})
		l := d.location(model.Location{Type: "clinic", Details: "Second door"})
		body := plus(d.visit(24*time.Hour, 50*time.Minute), obj{
			"practitioner_id": k.Practitioner1.ID.String(), "service_id": s.ID.String(), "location_id": l.ID.String(),
			"location_type": "home", "location_details": "Ring twice\nThird floor", "notes": "Brings X-rays", "price": 25000,
			"payment_status": "payment_sent", "payment_method": "bit", "payment_notes": "By Friday",
		})
		res := d.post(body).Want(k, 201)
		got, now := res.Map(k), d.in(0)
		same(k, got, body)
		same(k, got, obj{
			"workspace_id": k.Workspace1.ID.String(), "status": "scheduled", "status_at": now, "service_name": string(s.Name), "location_name": string(l.Name),
			"client":                obj{"id": k.Client1.ID.String(), "first_name": "John", "last_name": "Doe", "full_name": "John Doe"},
			"buffer_before_minutes": 5, "buffer_after_minutes": 10, "currency": "USD", "paid_at": nil, "cancel_reason": nil,
			"overlap_allowed": false, "overlap_reason": nil, "series_id": nil, "detached": false, "note": nil, "deleted_at": nil,
			"delete_reason": nil, "version": 1, "created_at": now, "updated_at": now,
		})
		if want := "/api/v1/appointments/" + idIn(got); res.Header.Get("Location") != want {
			t.Errorf("location %q, want %q", res.Header.Get("Location"), want)
		}
		if read := d.get(got); fmt.Sprint(read) != fmt.Sprint(got) {
			t.Errorf("read\n%v, booked\n%v", read, got)
		}
		want := []string{"scheduled", "home", "25000", "USD", "payment_sent", "bit", k.User1.ID.String(), "1", ""}
		if row := d.row(got, "status, location_type, price, currency, payment_status, payment_method, created_by, version, room_id"); !slices.Equal(row, want) {
			t.Errorf("stored %q, want %q", row, want)
		}
	})
}

func TestBookingWithTheLeastFillsInTheRest(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		left := obj{
			"service_id": nil, "location_id": nil, "location_details": nil, "notes": nil, "price": nil, "payment_method": nil,
			"payment_notes": nil, "paid_at": nil,
		}
		filled := obj{
			"status": "scheduled", "location_type": "clinic", "payment_status": "not_paid", "currency": nil, "practitioner_id": k.User1.ID.String(),
			"service_name": nil, "location_name": nil, "buffer_before_minutes": 0, "buffer_after_minutes": 0, "version": 1,
		}
		same(k, d.book(d.visit(time.Hour, time.Hour)), plus(left, filled))
		nulls := plus(left, obj{"practitioner_id": nil, "status": nil, "location_type": nil, "payment_status": nil, "override": nil, "reason": nil})
		same(k, d.book(plus(d.visit(2*time.Hour, time.Hour), nulls)), plus(left, filled))
		blank := obj{"location_details": " \n", "notes": "", "payment_notes": "\t"}
		same(k, d.book(plus(d.visit(3*time.Hour, time.Hour), blank)), plus(left, filled))
	})
}

func TestTimesAreAnsweredInUTC(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		got := d.book(plus(d.visit(0, 0), obj{"starts_at": "2026-02-03T10:00:00.1234567+02:00", "ends_at": "2026-02-03T04:00:00-05:00"}))
		same(k, got, obj{"starts_at": "2026-02-03T08:00:00.123456Z", "ends_at": "2026-02-03T09:00:00Z"})
		same(k, d.get(got), obj{"starts_at": "2026-02-03T08:00:00.123456Z", "ends_at": "2026-02-03T09:00:00Z"})
	})
}

func TestServiceGivesWhatIsLeftOut(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		priced := d.service(model.Service{Minutes: 45, Price: minor(18000), Currency: "USD", BufferBefore: 10, BufferAfter: 15})
		plain := d.service(model.Service{Minutes: 20})
		start := obj{"client_id": k.Client1.ID.String()}
		for i, c := range []struct{ body, want obj }{
			{obj{"service_id": priced.ID.String()}, obj{"ends_at": 45, "price": 18000, "currency": "USD", "buffer_before_minutes": 10, "buffer_after_minutes": 15}},
			{obj{"service_id": priced.ID.String(), "ends_at": 90}, obj{"ends_at": 90, "price": 18000, "buffer_before_minutes": 10}},
			{obj{"service_id": priced.ID.String(), "price": 500}, obj{"ends_at": 45, "price": 500, "currency": "USD"}},
			{obj{"service_id": priced.ID.String(), "price": 0}, obj{"price": 0, "currency": "USD"}},
			{obj{"service_id": priced.ID.String(), "price": nil}, obj{"ends_at": 45, "price": nil, "currency": nil}},
			{obj{"service_id": plain.ID.String()}, obj{"ends_at": 20, "price": nil, "currency": nil, "buffer_before_minutes": 0, "buffer_after_minutes": 0}},
			{obj{"service_id": plain.ID.String(), "price": 700}, obj{"price": 700, "currency": "USD"}},
		} {
			at := time.Duration(i+1) * 24 * time.Hour
			for _, part := range []obj{c.body, c.want} {
				if minutes, ok := part["ends_at"].(int); ok {
					part["ends_at"] = d.in(at + time.Duration(minutes)*time.Minute)
				}
			}
			same(k, d.book(plus(start, obj{"starts_at": d.in(at)}, c.body)), c.want)
		}
	})
}

func TestPriceOfAServiceKeepsItsCurrency(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		s := d.service(model.Service{Minutes: 45, Price: minor(18000), Currency: "USD"})
		k.Ask(http.MethodPut, "/workspace", d.header, obj{"currency": "ILS"}).Want(k, 200)
		of := obj{"service_id": s.ID.String()}
		before := d.book(plus(d.visit(time.Hour, time.Hour), of))
		same(k, before, obj{"price": 18000, "currency": "USD"})
		same(k, d.book(plus(d.visit(3*time.Hour, time.Hour), of, obj{"price": 60000})), obj{"price": 60000, "currency": "ILS"})
		same(k, d.change(before, obj{"notes": "x"}), obj{"price": 18000, "currency": "USD"})
		same(k, d.change(d.get(before), obj{"price": 18001}), obj{"price": 18001, "currency": "ILS"})
	})
}

func TestLocationGivesThePlaceAndTheRoom(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		room := d.location(model.Location{Type: "clinic", Exclusive: true})
		link := d.location(model.Location{Type: "online"})
		for i, c := range []struct {
			at    model.Location
			type_ any
			want  string
			room  string
		}{
			{room, nil, "clinic", room.ID.String()},
			{link, nil, "online", ""},
			{link, "home", "home", ""},
			{room, "online", "online", room.ID.String()},
		} {
			got := d.book(plus(d.visit(time.Duration(i+1)*time.Hour, time.Hour), obj{"location_id": c.at.ID.String(), "location_type": c.type_}))
			same(k, got, obj{"location_id": c.at.ID.String(), "location_name": string(c.at.Name), "location_type": c.want})
			if row := d.row(got, "room_id"); row[0] != c.room {
				t.Errorf("the room of %d is %q, want %q", i, row[0], c.room)
			}
		}
	})
}

func TestBookingIsWithTheCallerUnlessItSays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, other := k.User1.ID.String(), k.Practitioner1.ID.String()
		d := deskOf(k, k.Practitioner1)
		same(k, d.book(d.visit(time.Hour, time.Hour)), obj{"practitioner_id": other})
		same(k, d.book(plus(d.visit(time.Hour, time.Hour), obj{"practitioner_id": owner})), obj{"practitioner_id": owner})
		d = deskOf(k, k.Assistant1)
		if got := wrong(k, d.post(d.visit(3*time.Hour, time.Hour))); !slices.Equal(got, []string{"body.practitioner_id required"}) {
			t.Errorf("with two who treat: %q", got)
		}
		same(k, d.book(plus(d.visit(3*time.Hour, time.Hour), obj{"practitioner_id": other})), obj{"practitioner_id": other})
		testkit.NoErr(t, k.DB.Exec("update members set active = false where user_id = $1", other))
		same(k, d.book(d.visit(3*time.Hour, time.Hour)), obj{"practitioner_id": owner})
	})
}

func TestVisitsAreRecordedAfterTheyTookPlace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for i, status := range []string{"attended", "no_show", "cancelled", "scheduled"} {
			got := d.book(plus(d.visit(-time.Duration(i+1)*24*time.Hour, time.Hour), obj{"status": status}))
			same(k, got, obj{"status": status, "status_at": d.in(0), "version": 1})
			if row := d.row(got, "status"); row[0] != status {
				t.Errorf("stored as %s, want %s", row[0], status)
			}
		}
		same(k, d.book(plus(d.visit(15*time.Minute, time.Hour), obj{"status": "attended"})), obj{"status": "attended"})
		d.post(plus(d.visit(3*time.Hour, time.Hour), obj{"status": "attended"})).WantCode(k, 409, "too_early")
		d.post(plus(d.visit(-24*time.Hour, time.Hour), obj{"status": "attended"})).WantCode(k, 409, "overlap")
		d.book(plus(d.visit(-24*time.Hour, time.Hour), obj{"status": "cancelled"}))
		d.book(plus(d.visit(-24*time.Hour, time.Hour), obj{"status": "no_show"}))
		if got := wrong(k, d.post(plus(d.visit(5*time.Hour, time.Hour), obj{"status": "done"}))); !slices.Equal(got, []string{"body.status choice"}) {
			t.Errorf("an unknown status: %q", got)
		}
		if n := k.DB.Count("select count(*) from appointments"); n != 7 {
			t.Errorf("%d are stored, want 7", n)
		}
	})
}

func TestBookingIsInTheTrail(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		d.post(d.visit(time.Hour, time.Hour)).WantCode(k, 409, "overlap")
		d.post(plus(d.visit(5*time.Hour, time.Hour), obj{"client_id": k.Client2.ID.String()})).Want(k, 404)
		me, nobody := k.User1.ID.String(), uuid.Nil.String()
		want := []testkit.AuditedEvent{
			{Outcome: "ok", Subject: idIn(a), Records: "1", Actor: me},
			{Outcome: "refused", Subject: nobody, Records: "0", Actor: me},
			{Outcome: "missing", Subject: nobody, Records: "0", Actor: me},
		}
		if got := k.Audited(k.Workspace1.ID, model.AppointmentBook); !slices.Equal(got, want) {
			t.Errorf("the trail says %+v, want %+v", got, want)
		}
		if got := k.Audited(k.Workspace1.ID, model.AppointmentOverride); len(got) != 0 {
			t.Errorf("overrides in the trail: %+v", got)
		}
	})
}

func TestTextsOfAppointmentsAreSealed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.book(d.visit(time.Hour, time.Hour))
		a := d.book(plus(d.visit(time.Hour, time.Hour), obj{
			"notes": "Zzmarker one", "location_details": "Zzmarker two", "payment_notes": "Zzmarker three", "override": true, "reason": "Zzmarker four",
		}))
		a = d.change(a, obj{"status": "cancelled", "cancel_reason": "Zzmarker five"})
		k.Ask(http.MethodDelete, pathOf(a), d.header, obj{"reason": "Zzmarker six"}).Want(k, 204)
		row := d.row(a, "details")[0]
		if len(row) < 60 || strings.Contains(k.Snapshot(k.Workspace1.ID), "Zzmarker") || strings.Contains(k.Log.String(), "Zzmarker") {
			t.Errorf("the texts can be read in the database or in the log")
		}
	})
}

func TestSameKeyBooksOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.header = withKey(d.header, "key-1")
		first := d.book(d.visit(time.Hour, time.Hour))
		if again := d.book(d.visit(time.Hour, time.Hour)); fmt.Sprint(again) != fmt.Sprint(first) {
			t.Errorf("answered\n%v\nand then\n%v", first, again)
		}
		if got := wrong(k, d.post(d.visit(3*time.Hour, time.Hour))); !slices.Equal(got, []string{"header.Idempotency-Key reused"}) {
			t.Errorf("another body: %q", got)
		}
		d.change(first, obj{"notes": "later"})
		same(k, d.book(d.visit(time.Hour, time.Hour)), obj{"id": first["id"], "version": 2, "notes": "later"})
		d.header = withKey(d.header, "key-2")
		d.post(d.visit(time.Hour, time.Hour)).WantCode(k, 409, "overlap")
		d.del(first)
		d.book(d.visit(time.Hour, time.Hour)) // what was refused did not use the key up
		if n := k.DB.Count("select count(*) from appointments"); n != 2 {
			t.Errorf("%d are stored, want 2", n)
		}
	})
}

func TestSameKeyAtOnceBooksOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.header = withKey(d.header, "key-1")
		answers := make([]*testkit.Response, 8)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = d.post(d.visit(time.Hour, time.Hour)) })
		}
		all.Wait()
		for _, a := range answers {
			if id := a.Want(k, 201).Map(k)["id"]; id != answers[0].Map(k)["id"] {
				t.Errorf("two appointments were answered: %v", id)
			}
		}
		if n := k.DB.Count("select count(*) from appointments"); n != 1 {
			t.Errorf("%d are stored, want 1", n)
		}
	})
}
