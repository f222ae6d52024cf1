package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// full books an appointment that has all there is to have.
func (d *desk) full(after time.Duration) obj {
	d.T.Helper()
	s := d.service(model.Service{Minutes: 30, BufferBefore: 5, BufferAfter: 10})
	l := d.location(model.Location{Type: "clinic", Exclusive: true})
	return d.book(plus(d.visit(after, time.Hour), obj{
		"service_id": s.ID.String(), "location_id": l.ID.String(), "location_details": "Ring twice", "notes": "Brings X-rays", "price": 25000,
		"payment_status": "paid", "payment_method": "bit", "payment_notes": "By Friday", "paid_at": d.in(-time.Hour),
	}))
}

// untouched are the fields of a but those that a change is expected to set.
func untouched(a obj, but ...string) obj {
	rest := maps.Clone(a)
	for _, name := range append(but, "version", "updated_at") {
		delete(rest, name)
	}
	return rest
}

func TestChangeLeavesAloneWhatIsNotSent(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.full(48 * time.Hour)
		s, l := d.service(model.Service{Minutes: 10, Price: minor(1), Currency: "USD"}), d.location(model.Location{Type: "online"})
		other := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}}).ID.String()
		for i, c := range []struct {
			change obj
			also   []string
		}{
			{obj{"client_id": other}, []string{"client"}},
			{obj{"practitioner_id": k.Practitioner1.ID.String()}, nil},
			{obj{"service_id": s.ID.String()}, []string{"service_name", "buffer_before_minutes", "buffer_after_minutes"}},
			{obj{"location_id": l.ID.String()}, []string{"location_name", "location_type"}},
			{obj{"ends_at": d.in(50 * time.Hour)}, nil},
			{obj{"starts_at": d.in(51 * time.Hour)}, []string{"ends_at"}},
			{obj{"location_type": "home"}, nil},
			{obj{"location_details": "Ring once"}, nil},
			{obj{"notes": "No X-rays"}, nil},
			{obj{"price": 100}, nil},
			{obj{"payment_method": "cash"}, nil},
			{obj{"payment_notes": "Paid at the door"}, nil},
			{obj{"payment_status": "waived"}, []string{"paid_at"}},
			{obj{"status": "no_show"}, []string{"status_at"}},
		} {
			names := slices.Collect(maps.Keys(c.change))
			k.Clock.Advance(time.Second)
			got := d.change(a, c.change)
			same(k, got, c.change)
			same(k, got, untouched(a, append(names, c.also...)...))
			same(k, got, obj{"version": i + 2, "updated_at": d.in(0)})
			if read := d.get(a); fmt.Sprint(read) != fmt.Sprint(got) {
				t.Errorf("%v: read\n%v, answered\n%v", names, read, got)
			}
			a = got
		}
	})
}

func TestNullClears(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.full(48 * time.Hour)
		for _, name := range []string{"location_details", "notes", "payment_method", "payment_notes", "price", "service_id", "location_id"} {
			got := d.change(a, obj{name: nil})
			also := map[string][]string{
				"price": {"currency"}, "service_id": {"service_name", "buffer_before_minutes", "buffer_after_minutes"}, "location_id": {"location_name"},
			}[name]
			same(k, got, obj{name: nil})
			same(k, got, untouched(a, append(also, name)...))
			a = got
		}
		same(k, a, obj{"currency": nil, "service_name": nil, "location_name": nil, "buffer_before_minutes": 0, "location_type": "clinic"})
		if row := d.row(a, "details, room_id, price, currency, payment_method, service_id, location_id"); !slices.Equal(row, make([]string, 7)) {
			t.Errorf("stored %q", row)
		}
		a = d.change(a, obj{"payment_status": "not_paid"})
		same(k, d.change(a, obj{"paid_at": nil}), obj{"paid_at": nil, "version": a["version"]})
	})
}

func TestChangeThatChangesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.full(48 * time.Hour)
		over := d.book(plus(d.visit(48*time.Hour, time.Hour), squeezed))
		before := []string{fmt.Sprint(d.row(a, "*")), fmt.Sprint(d.row(over, "*"))}
		k.Clock.Advance(time.Minute)
		all := obj{}
		for _, name := range []string{
			"client_id", "practitioner_id", "service_id", "location_id", "starts_at", "ends_at", "status", "location_type", "location_details", "notes",
			"price", "payment_status", "payment_method", "payment_notes", "paid_at", "cancel_reason",
		} {
			all[name] = a[name]
			same(k, d.change(a, obj{name: a[name]}), a)
		}
		for _, change := range []obj{
			all, {}, {"notes": " Brings X-rays\n"}, {"starts_at": at(a["starts_at"].(string)).In(time.FixedZone("", 7200)).Format(time.RFC3339)},
			{"reason": "never mind"}, {"override": true, "reason": "never mind"}, {"cancel_reason": "not cancelled"},
		} {
			same(k, d.change(a, change), a)
		}
		for _, change := range []obj{{}, {"override": true, "reason": "another"}, {"starts_at": over["starts_at"]}} {
			same(k, d.change(over, change), over)
		}
		if after := []string{fmt.Sprint(d.row(a, "*")), fmt.Sprint(d.row(over, "*"))}; !slices.Equal(after, before) {
			t.Error("something was stored")
		}
	})
}

func TestVersionIsRequired(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		for what, body := range map[string]obj{"absent": {}, "null": {"version": nil}, "zero": {"version": 0}} {
			res := k.Ask(http.MethodPut, pathOf(a), d.header, plus(obj{"notes": "x"}, body))
			if got := wrong(k, res); !slices.Equal(got, []string{"body.version required"}) {
				t.Errorf("%s: %q", what, got)
			}
		}
		if got := wrong(k, d.put(a, obj{"version": "1"})); !slices.Equal(got, []string{"body.version type"}) {
			t.Errorf("a version that is no number: %q", got)
		}
		d.put(a, obj{"version": -1}).WantCode(k, 409, "stale")
		d.put(a, obj{"version": 2}).WantCode(k, 409, "stale")
		same(k, d.get(a), obj{"notes": nil, "version": 1})
	})
}

func TestStaleChangeAnswersWithWhatIsThere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.full(48 * time.Hour)
		now := d.change(a, obj{"notes": "Forgot the X-rays"})
		before := d.row(a, "*")
		for _, change := range []obj{{"notes": "mine"}, {"starts_at": d.in(72 * time.Hour)}, {"price": -1}, {"client_id": uuid.NewString()}, {}} {
			res := d.put(a, change).WantCode(k, 409, "stale")
			if current := res.Map(k)["current"]; fmt.Sprint(current) != fmt.Sprint(now) {
				t.Errorf("%v: current is\n%v, want\n%v", change, current, now)
			}
		}
		if !slices.Equal(d.row(a, "*"), before) {
			t.Error("something was stored")
		}
	})
}

func TestVersionInAHeader(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		put := func(match string, body obj) *testkit.Response {
			h := d.header.Clone()
			h.Set("If-Match", match)
			return k.Ask(http.MethodPut, pathOf(a), h, body)
		}
		put(`"1"`, obj{"notes": "one"}).Want(k, 200)
		put(`"1"`, obj{"notes": "two"}).WantCode(k, 409, "stale")
		put(`2`, obj{"notes": "three", "version": 2}).Want(k, 200)
		for _, match := range []string{`"x"`, `"0"`, `W/"3"`, `"2"`} {
			if got := wrong(k, put(match, obj{"notes": "four", "version": 3})); !slices.Equal(got, []string{"header.If-Match version"}) {
				t.Errorf("%s: %q", match, got)
			}
		}
		if got := wrong(k, put("*", obj{"notes": "five"})); !slices.Equal(got, []string{"body.version required"}) {
			t.Errorf("any version: %q", got)
		}
		same(k, d.get(a), obj{"notes": "three", "version": 3})
	})
}

func TestMovedAppointmentKeepsItsLength(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, 50*time.Minute))
		a = d.change(a, obj{"starts_at": d.in(-100 * time.Hour)})
		same(k, a, obj{"starts_at": d.in(-100 * time.Hour), "ends_at": d.in(-100*time.Hour + 50*time.Minute)})
		a = d.change(a, obj{"starts_at": d.in(5 * time.Hour), "ends_at": d.in(6 * time.Hour)})
		same(k, a, obj{"starts_at": d.in(5 * time.Hour), "ends_at": d.in(6 * time.Hour)})
		a = d.change(a, obj{"ends_at": d.in(5*time.Hour + time.Minute)})
		same(k, a, obj{"starts_at": d.in(5 * time.Hour), "ends_at": d.in(5*time.Hour + time.Minute)})
		for range 2 { // the day of a clock change is as long as it is
			a = d.change(a, obj{"starts_at": "2026-03-27T00:30:00+02:00"})
			same(k, a, obj{"starts_at": "2026-03-26T22:30:00Z", "ends_at": "2026-03-26T22:31:00Z"})
		}
	})
}

func TestUnknownAppointmentsAnswerBeforeTheBodyIsJudged(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d, theirs := deskOf(k, k.User1), deskOf(k, k.User2)
		foreign := theirs.book(plus(d.visit(time.Hour, time.Hour), obj{"client_id": k.Client2.ID.String()}))
		before := d.SnapshotWithoutTrail(k.Workspace2.ID)
		for _, id := range []string{idIn(foreign), uuid.NewString(), uuid.Nil.String()} {
			for _, body := range []any{obj{"version": 1, "notes": "x"}, obj{}, obj{"price": -1}, "{", "[]", obj{"unknown": 1}} {
				a := obj{"id": id}
				k.Ask(http.MethodPut, pathOf(a), d.header, body).WantCode(k, 404, "not_found")
				k.Ask(http.MethodPatch, pathOf(a)+"/payment", d.header, body).WantCode(k, 404, "not_found")
				k.Ask(http.MethodDelete, pathOf(a), d.header, body).WantCode(k, 404, "not_found")
				d.restore(a, body).WantCode(k, 404, "not_found")
				k.Ask(http.MethodGet, pathOf(a), d.header, nil).WantCode(k, 404, "not_found")
			}
		}
		if d.SnapshotWithoutTrail(k.Workspace2.ID) != before {
			t.Error("something of the other practice was changed")
		}
		k.Ask(http.MethodGet, "/appointments/Zzmarker", d.header, nil).Want(k, 422)
	})
}

func TestChangesAreInTheTrail(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		d.change(a, obj{"notes": "x"})
		d.put(a, obj{"notes": "y"}).Want(k, 409)
		k.Ask(http.MethodPatch, pathOf(a)+"/payment", d.header, obj{"price": 5}).Want(k, 200)
		d.del(a)
		d.restore(a, nil).Want(k, 200)
		ok := testkit.AuditedEvent{Outcome: "ok", Subject: idIn(a), Records: "1", Actor: k.User1.ID.String()}
		refused := testkit.AuditedEvent{Outcome: "refused", Subject: idIn(a), Records: "0", Actor: k.User1.ID.String()}
		for action, want := range map[model.Action][]testkit.AuditedEvent{
			model.AppointmentUpdate: {ok, refused}, model.AppointmentPay: {ok}, model.AppointmentDelete: {ok}, model.AppointmentRestore: {ok},
		} {
			if got := k.Audited(k.Workspace1.ID, action); !slices.Equal(got, want) {
				t.Errorf("%s: the trail says %+v, want %+v", action, got, want)
			}
		}
	})
}

// Two pages with the same version save at the same moment: one is told.
func TestTwoSaversOfAnAppointment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		desks := []*desk{deskOf(k, k.User1), deskOf(k, k.Practitioner1), deskOf(k, k.Assistant1)}
		a := desks[0].book(desks[0].visit(time.Hour, time.Hour))
		for round := range 5 {
			answers := make([]*testkit.Response, len(desks))
			var all sync.WaitGroup
			for i, d := range desks {
				all.Go(func() { answers[i] = d.put(a, obj{"notes": fmt.Sprint("round ", round, " by ", i)}) })
			}
			all.Wait()
			var won obj
			for _, res := range answers {
				if res.Status == 200 && won == nil {
					won = res.Map(k)
					continue
				}
				res.WantCode(k, 409, "stale")
			}
			if won == nil || fmt.Sprint(desks[0].get(a)) != fmt.Sprint(won) {
				t.Fatalf("acknowledged is\n%v, stored is\n%v", won, desks[0].get(a))
			}
			a = won
		}
	})
}
