package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// slot is an appointment of a table: minutes of its day, and by name the
// service, place and practitioner.
type slot struct {
	from, to       int
	service, place string
	other          bool
	status         string
	deleted        bool
}

// hour is what is there in most cases.
var hour = slot{from: 60, to: 120}

func (s slot) of(service string) slot { s.service = service; return s }
func (s slot) in(place string) slot   { s.place = place; return s }
func (s slot) is(status string) slot  { s.status = status; return s }
func (s slot) theirs() slot           { s.other = true; return s }
func (s slot) gone() slot             { s.deleted = true; return s }

// clashes says of two slots who is in whose way: "" nobody, else whether the
// practitioner or the room is taken. Services keep free: before 15 minutes
// before, after 10 after, both 20 before and 30 after, none none.
var clashes = []struct {
	what          string
	there, wanted slot
	want          string
}{
	{"the same time", hour, hour, "person"},
	{"ends as it begins", hour, slot{from: 0, to: 60}, ""},
	{"begins as it ends", hour, slot{from: 120, to: 180}, ""},
	{"a minute too long", hour, slot{from: 0, to: 61}, "person"},
	{"a minute too early", hour, slot{from: 119, to: 180}, "person"},
	{"inside", hour, slot{from: 80, to: 90}, "person"},
	{"around", hour, slot{from: 0, to: 200}, "person"},
	{"the first minutes", hour, slot{from: 60, to: 70}, "person"},
	{"the last minutes", hour, slot{from: 110, to: 120}, "person"},
	{"long before", hour, slot{from: 0, to: 10}, ""},
	{"long after", hour, slot{from: 300, to: 310}, ""},

	{"it rests after", hour.of("after"), slot{from: 120, to: 180}, "person"},
	{"it rests a minute longer", hour.of("after"), slot{from: 129, to: 180}, "person"},
	{"it has rested", hour.of("after"), slot{from: 130, to: 180}, ""},
	{"its rest is not before", hour.of("after"), slot{from: 0, to: 60}, ""},
	{"it prepares", hour.of("before"), slot{from: 0, to: 60}, "person"},
	{"it prepares for a minute", hour.of("before"), slot{from: 0, to: 46}, "person"},
	{"it does not prepare yet", hour.of("before"), slot{from: 0, to: 45}, ""},
	{"its preparation is not after", hour.of("before"), slot{from: 120, to: 180}, ""},
	{"it does both, just before", hour.of("both"), slot{from: 0, to: 41}, "person"},
	{"it does both, before", hour.of("both"), slot{from: 0, to: 40}, ""},
	{"it does both, just after", hour.of("both"), slot{from: 149, to: 160}, "person"},
	{"it does both, after", hour.of("both"), slot{from: 150, to: 160}, ""},
	{"a service without rest", hour.of("none"), slot{from: 120, to: 180}, ""},

	{"the new one rests after", hour, slot{from: 0, to: 60}.of("after"), "person"},
	{"the new one rests a minute too long", hour, slot{from: 0, to: 51}.of("after"), "person"},
	{"the new one rests in time", hour, slot{from: 0, to: 50}.of("after"), ""},
	{"the new one prepares", hour, slot{from: 120, to: 180}.of("before"), "person"},
	{"the new one prepares a minute too early", hour, slot{from: 134, to: 180}.of("before"), "person"},
	{"the new one prepares in time", hour, slot{from: 135, to: 180}.of("before"), ""},
	{"one rests while the other prepares", hour.of("after"), slot{from: 144, to: 180}.of("before"), "person"},
	{"one rests, then the other prepares", hour.of("after"), slot{from: 145, to: 180}.of("before"), ""},
	{"one prepares while the other rests", hour.of("before"), slot{from: 0, to: 36}.of("after"), "person"},
	{"one prepares, the other has rested", hour.of("before"), slot{from: 0, to: 35}.of("after"), ""},
	{"twice both, a minute short", hour.of("both"), slot{from: 169, to: 180}.of("both"), "person"},
	{"twice both", hour.of("both"), slot{from: 170, to: 180}.of("both"), ""},

	{"attended", hour.is("attended"), hour, "person"},
	{"cancelled", hour.is("cancelled"), hour, ""},
	{"nobody came", hour.is("no_show"), hour, ""},
	{"deleted", hour.gone(), hour, ""},
	{"attended and deleted", hour.is("attended").gone(), hour, ""},
	{"its rest, attended", hour.of("after").is("attended"), slot{from: 120, to: 180}, "person"},
	{"its rest, cancelled", hour.of("after").is("cancelled"), slot{from: 120, to: 180}, ""},

	{"another practitioner", hour.theirs(), hour, ""},
	{"another practitioner rests", hour.of("both").theirs(), hour, ""},
	{"another practitioner at the same place", hour.in("hall").theirs(), hour.in("hall"), ""},
	{"another practitioner in the same room", hour.in("room").theirs(), hour.in("room"), "room"},
	{"another practitioner in another room", hour.in("room").theirs(), hour.in("room 2"), ""},
	{"another practitioner in a room, here none", hour.in("room").theirs(), hour, ""},
	{"another practitioner without a room", hour.theirs(), hour.in("room"), ""},
	{"the same practitioner in the same room", hour.in("room"), hour.in("room"), "person"},
	{"the same practitioner in another room", hour.in("room"), hour.in("room 2"), "person"},
	{"the room is free again", hour.in("room").theirs(), slot{from: 120, to: 180}.in("room"), ""},
	{"the room rests", hour.in("room").of("after").theirs(), slot{from: 129, to: 180}.in("room"), "room"},
	{"the room has rested", hour.in("room").of("after").theirs(), slot{from: 130, to: 180}.in("room"), ""},
	{"the room is prepared too early", hour.in("room").theirs(), slot{from: 134, to: 180}.in("room").of("before"), "room"},
	{"the room was cancelled", hour.in("room").is("cancelled").theirs(), hour.in("room"), ""},
	{"the room was not used", hour.in("room").is("no_show").theirs(), hour.in("room"), ""},
	{"the room was used", hour.in("room").is("attended").theirs(), hour.in("room"), "room"},
	{"the room's visit was deleted", hour.in("room").gone().theirs(), hour.in("room"), ""},
}

// catalog makes what slots name.
func catalog(d *desk) (services, places map[string]string) {
	id := func(s model.Service) string { s.Minutes = 30; return d.service(s).ID.String() }
	at := func(exclusive bool) string {
		return d.location(model.Location{Type: "clinic", Exclusive: exclusive}).ID.String()
	}
	services = map[string]string{
		"none": id(model.Service{}), "before": id(model.Service{BufferBefore: 15}), "after": id(model.Service{BufferAfter: 10}),
		"both": id(model.Service{BufferBefore: 20, BufferAfter: 30}),
	}
	return services, map[string]string{"room": at(true), "room 2": at(true), "hall": at(false)}
}

func TestWhatStandsInTheWay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		services, places := catalog(d)
		body := func(day int, s slot) obj {
			start := time.Duration(-24*(day+2)) * time.Hour // in the past, so that a visit can have been attended
			b := obj{
				"client_id": k.Client1.ID.String(), "practitioner_id": k.User1.ID.String(),
				"starts_at": d.in(start + time.Duration(s.from)*time.Minute), "ends_at": d.in(start + time.Duration(s.to)*time.Minute),
			}
			if s.other {
				b["practitioner_id"] = k.Practitioner1.ID.String()
			}
			for field, id := range map[string]string{"service_id": services[s.service], "location_id": places[s.place], "status": s.status} {
				if id != "" {
					b[field] = id
				}
			}
			return b
		}
		for day, c := range clashes {
			there, wanted := d.book(body(day, c.there)), body(day, c.wanted)
			if c.there.deleted {
				d.del(there)
			}
			found := d.clashing(query(wanted))
			if got := inTheWay(found, there); got != c.want {
				t.Errorf("%s: in the way is %q, want %q", c.what, got, c.want)
			}
			res := d.post(wanted)
			if c.want == "" {
				res.Want(k, 201)
			} else if refused := res.WantCode(k, 409, "overlap").Map(k)["conflicting_appointments"]; fmt.Sprint(refused) != fmt.Sprint(found) {
				t.Errorf("%s: refused for\n%v, found\n%v", c.what, refused, found)
			}
		}
		if len(clashes) < 40 {
			t.Fatalf("only %d cases", len(clashes))
		}
	})
}

// query asks for the conflicts of what a body would book.
func query(body obj) url.Values {
	q := url.Values{}
	for name, v := range body {
		if name != "client_id" {
			q.Set(name, fmt.Sprint(v))
		}
	}
	return q
}

// clashing asks what stands in the way.
func (d *desk) clashing(q url.Values) []any {
	d.T.Helper()
	got := d.Ask(http.MethodGet, "/appointments/conflicts?"+q.Encode(), d.header, nil).Want(d.Kit, 200).Map(d.Kit)
	found := got["conflicting_appointments"].([]any)
	if got["has_conflict"] != (len(found) > 0) || len(got) != 2 {
		d.T.Errorf("has_conflict is %v with %d", got["has_conflict"], len(found))
	}
	return found
}

// inTheWay says whether a alone was found, and whether for its room.
func inTheWay(found []any, a obj) string {
	switch {
	case len(found) == 0:
		return ""
	case len(found) > 1 || found[0].(obj)["id"] != a["id"]:
		return fmt.Sprint(found)
	case found[0].(obj)["room"] == true:
		return "room"
	}
	return "person"
}

func TestClashesNameNobody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(plus(d.visit(time.Hour, time.Hour), obj{"notes": "Zzmarker", "location_details": "Zzmarker", "location_type": "home"}))
		want := obj{
			"id": a["id"], "practitioner_id": k.User1.ID.String(), "starts_at": a["starts_at"], "ends_at": a["ends_at"],
			"status": "scheduled", "location_type": "home", "client_initials": "J.D.", "room": false,
		}
		free := d.book(d.visit(5*time.Hour, time.Hour))
		at := obj{"starts_at": a["starts_at"], "ends_at": a["ends_at"]}
		d.header = k.CSRFHeaders(k.Assistant1)
		for what, res := range map[string]*testkit.Response{
			"booking":  d.post(plus(d.visit(time.Hour, time.Hour), obj{"practitioner_id": k.User1.ID.String()})),
			"moving":   d.put(free, at),
			"question": d.Ask(http.MethodGet, "/appointments/conflicts?"+query(plus(at, obj{"practitioner_id": k.User1.ID.String()})).Encode(), d.header, nil),
		} {
			found, _ := res.Map(k)["conflicting_appointments"].([]any)
			if len(found) != 1 || !maps.Equal(found[0].(obj), want) {
				t.Errorf("%s: %s, want %v", what, res.Body, want)
			}
			for _, word := range []string{"John", "Doe", "Zzmarker", k.Client1.ID.String()} {
				if strings.Contains(string(res.Body), word) {
					t.Errorf("%s: the answer says %q", what, word)
				}
			}
		}
	})
}

func TestInitialsOfAnyName(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for i, c := range [][3]string{{"dana", "levi", "D.L."}, {"נועה", "בן־דוד", "נ.ב."}, {"Élodie", "øster", "É.Ø."}} {
			client := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: model.Text(c[0]), LastName: model.Text(c[1])}})
			visit := plus(d.visit(time.Duration(i+1)*24*time.Hour, time.Hour), obj{"client_id": client.ID.String()})
			d.book(visit)
			if found := d.clashing(query(visit)); len(found) != 1 || found[0].(obj)["client_initials"] != c[2] {
				t.Errorf("%s: %v", c[2], found)
			}
		}
	})
}

// Earliest first, whatever is kept free around them and whoever they are with.
func TestClashesAreInTheOrderOfTheirStart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		services, places := catalog(d)
		over := obj{"override": true, "reason": "squeezed in"}
		room := obj{"location_id": places["room"]}
		var want []any
		for i, more := range []obj{
			{"practitioner_id": k.Practitioner1.ID.String()}, {}, {"service_id": services["both"]}, {"practitioner_id": k.Practitioner1.ID.String()},
		} {
			want = append(want, d.book(plus(d.visit(time.Duration(60+5*i)*time.Minute, time.Hour), over, room, more))["id"])
		}
		found := d.clashing(query(plus(d.visit(0, 5*time.Hour), room)))
		var got, rooms []any
		for _, f := range found {
			got, rooms = append(got, f.(obj)["id"]), append(rooms, f.(obj)["room"])
		}
		if !slices.Equal(got, want) || !slices.Equal(rooms, []any{true, false, false, true}) {
			t.Errorf("found %v, for the room %v; want %v", got, rooms, want)
		}
	})
}

func TestQuestionForConflicts(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		services, _ := catalog(d)
		a := d.book(d.visit(time.Hour, time.Hour))
		k.AddAppointment(k.Workspace2.ID, model.Appointment{ClientID: k.Client2.ID, PractitionerID: k.User2.ID, StartsAt: k.Clock.Now().Add(5 * time.Hour)})
		other := k.Practitioner1.ID.String()
		for what, c := range map[string]struct {
			q    obj
			want int
		}{
			"taken":                       {obj{"starts_at": d.in(time.Hour), "ends_at": d.in(2 * time.Hour)}, 1},
			"free":                        {obj{"starts_at": d.in(2 * time.Hour), "ends_at": d.in(3 * time.Hour)}, 0},
			"itself":                      {obj{"starts_at": d.in(time.Hour), "ends_at": d.in(2 * time.Hour), "exclude_appointment_id": a["id"]}, 0},
			"not itself":                  {obj{"starts_at": d.in(time.Hour), "ends_at": d.in(2 * time.Hour), "exclude_appointment_id": uuid.NewString()}, 1},
			"as long as the service":      {obj{"starts_at": d.in(31 * time.Minute), "service_id": services["none"]}, 1},
			"the service is short enough": {obj{"starts_at": d.in(30 * time.Minute), "service_id": services["none"]}, 0},
			"the service rests":           {obj{"starts_at": d.in(30 * time.Minute), "service_id": services["after"]}, 1},
			"another practitioner":        {obj{"starts_at": d.in(time.Hour), "ends_at": d.in(2 * time.Hour), "practitioner_id": other}, 0},
			"another practice":            {obj{"starts_at": d.in(5 * time.Hour), "ends_at": d.in(6 * time.Hour)}, 0},
		} {
			if found := d.clashing(query(c.q)); len(found) != c.want {
				t.Errorf("%s: %d found, want %d", what, len(found), c.want)
			}
		}
		if got := k.Audited(k.Workspace1.ID, model.AppointmentConflicts); len(got) != 9 {
			t.Errorf("the trail says %+v", got)
		}
		assistant := deskOf(k, k.Assistant1)
		res := assistant.Ask(http.MethodGet, "/appointments/conflicts?"+query(obj{"starts_at": d.in(0), "ends_at": d.in(time.Hour)}).Encode(), assistant.header, nil)
		if got := wrong(k, res); !slices.Equal(got, []string{"query.practitioner_id required"}) {
			t.Errorf("an assistant among two: %q", got)
		}
	})
}

func TestQuestionForConflictsRefusesBadValues(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		good := obj{"starts_at": d.in(time.Hour), "ends_at": d.in(2 * time.Hour)}
		for _, c := range []struct {
			q    obj
			want string
		}{
			{obj{"starts_at": nil}, "query.starts_at invalid"},
			{obj{"starts_at": "2026-02-03T10:00:00"}, "query.starts_at invalid"},
			{obj{"starts_at": "Zzmarker"}, "query.starts_at invalid"},
			{obj{"ends_at": "2026-02-03"}, "query.ends_at invalid"},
			{obj{"ends_at": nil}, "query.ends_at required"},
			{obj{"ends_at": d.in(time.Hour)}, "query.ends_at order"},
			{obj{"ends_at": d.in(0)}, "query.ends_at order"},
			{obj{"ends_at": d.in(26 * time.Hour)}, "query.ends_at too_long"},
			{obj{"starts_at": "9999-01-01T00:00:00Z"}, "query.starts_at range"},
			{obj{"practitioner_id": "Zzmarker"}, "query.practitioner_id invalid"},
			{obj{"practitioner_id": uuid.NewString()}, "query.practitioner_id unknown"},
			{obj{"practitioner_id": k.Assistant1.ID.String()}, "query.practitioner_id unknown"},
			{obj{"practitioner_id": k.User2.ID.String()}, "query.practitioner_id unknown"},
			{obj{"service_id": uuid.NewString()}, "query.service_id unknown"},
			{obj{"location_id": uuid.NewString()}, "query.location_id unknown"},
			{obj{"exclude_appointment_id": "Zzmarker"}, "query.exclude_appointment_id invalid"},
		} {
			q := plus(good, c.q)
			maps.DeleteFunc(q, func(_ string, v any) bool { return v == nil })
			res := d.Ask(http.MethodGet, "/appointments/conflicts?"+query(q).Encode(), d.header, nil)
			if got := wrong(k, res); !slices.Equal(got, []string{c.want}) || strings.Contains(string(res.Body), "Zzmarker") {
				t.Errorf("%v: refused as %q, want %q: %s", c.q, got, c.want, res.Body)
			}
		}
	})
}
