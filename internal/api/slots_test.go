package api_test

import (
	"fmt"
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

// slots are the local times that are offered, "02-03 09:00".
func (d *desk) slots(query string) []string {
	d.T.Helper()
	return d.walls(d.Ask(http.MethodGet, "/appointments/slots?"+query, d.header, nil).Want(d.Kit, 200).List(d.Kit), "Asia/Jerusalem")
}

// open sets the working hours: {"tuesday": "09:00-12:00 14:00-15:00"}.
func (d *desk) open(days map[string]string) {
	d.T.Helper()
	hours := obj{}
	for day, spans := range days {
		var all [][]string
		for _, s := range strings.Fields(spans) {
			all = append(all, strings.Split(s, "-"))
		}
		hours[day] = all
	}
	d.setting(obj{"working_hours": hours})
}

// on are times of one day.
func on(day string, times ...string) []string {
	for i := range times {
		times[i] = day + " " + times[i]
	}
	return times
}

func TestSlotsLieInTheWorkingHoursAndNotInThePast(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.open(map[string]string{"monday": "09:00-12:00", "tuesday": "09:00-10:00 14:00-15:15"})
		// It is Monday, eleven o'clock.
		if got := d.slots("duration_minutes=60&limit=5"); !slices.Equal(got, []string{"02-02 11:00", "02-03 09:00", "02-03 14:00", "02-03 14:15", "02-09 09:00"}) {
			t.Errorf("free are %v", got)
		}
		k.Clock.Advance(time.Second)
		if got := d.slots("duration_minutes=60&limit=1&from=2026-01-01T00:00:00Z"); !slices.Equal(got, []string{"02-03 09:00"}) {
			t.Errorf("a second later free are %v", got)
		}
		if got := d.slots("duration_minutes=76&to=2026-02-04T00:00:00Z"); len(got) != 0 {
			t.Errorf("longer than the hours: %v", got)
		}
		all := d.Ask(http.MethodGet, "/appointments/slots?duration_minutes=75&limit=1", d.header, nil).List(k)
		same(k, all[0], obj{"starts_at": "2026-02-03T12:00:00Z", "ends_at": "2026-02-03T13:15:00Z"})
		// Two weeks from now, and not a minute more.
		if got := d.slots("duration_minutes=60&limit=200"); got[len(got)-1] != "02-16 10:00" {
			t.Errorf("the last is %s", got[len(got)-1])
		}
		if got := d.slots("duration_minutes=60&from=2026-02-10T08:00:00Z&to=2026-02-10T12:30:00Z"); len(got) != 0 {
			t.Errorf("reaching out of the window: %v", got)
		}
		if got := d.slots("duration_minutes=60&from=2026-02-10T08:00:00Z&to=2026-02-10T13:00:00Z"); !slices.Equal(got, []string{"02-10 14:00"}) {
			t.Errorf("inside the window: %v", got)
		}
	})
}

func TestSlotsKeepClearOfWhatBlocksAndItsBuffers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.open(map[string]string{"tuesday": "09:00-12:00"})
		plain, window := "duration_minutes=30&", "from=2026-02-03T00:00:00Z&to=2026-02-04T00:00:00Z"
		there := d.book(obj{"client_id": k.Client1.ID.String(), "starts_at": "2026-02-03T08:00:00Z", "ends_at": "2026-02-03T08:30:00Z"})
		around := on("02-03", "09:00", "09:15", "09:30", "10:30", "10:45", "11:00", "11:15", "11:30")
		if got := d.slots(plain + window); !slices.Equal(got, around) {
			t.Errorf("around a visit: %v", got)
		}
		both := d.service(model.Service{Minutes: 30, BufferBefore: 15, BufferAfter: 15}).ID.String()
		apart := on("02-03", "09:00", "09:15", "10:45", "11:00", "11:15", "11:30")
		if got := d.slots("service_id=" + both + "&" + window); !slices.Equal(got, apart) {
			t.Errorf("with buffers: %v", got)
		}
		there = d.change(there, obj{"service_id": both})
		if got := d.slots(plain + window); !slices.Equal(got, apart) {
			t.Errorf("around buffers: %v", got)
		}
		if got := d.slots("service_id=" + both + "&duration_minutes=45&" + window); !slices.Equal(got, on("02-03", "11:00", "11:15")) {
			t.Errorf("longer than the service: %v", got)
		}
		whole := d.slots("duration_minutes=30&exclude_appointment_id=" + idIn(there) + "&" + window)
		if len(whole) != 11 {
			t.Errorf("when that one moves: %v", whole)
		}
		for _, status := range []string{"cancelled", "no_show"} {
			there = d.change(there, obj{"status": status})
			if got := d.slots(plain + window); !slices.Equal(got, whole) {
				t.Errorf("when it is %s: %v", status, got)
			}
			there = d.change(there, obj{"status": "scheduled"})
		}
		d.del(there)
		if got := d.slots(plain + window); !slices.Equal(got, whole) {
			t.Errorf("when it is deleted: %v", got)
		}
	})
}

func TestSlotsAreOfOnePractitionerAndTheirRoom(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.open(map[string]string{"tuesday": "09:00-11:00"})
		room, hall := d.location(model.Location{Type: "clinic", Exclusive: true}).ID.String(), d.location(model.Location{Type: "clinic"}).ID.String()
		theirs := func(at, place string) {
			d.book(obj{
				"client_id": k.Client1.ID.String(), "practitioner_id": k.Practitioner1.ID.String(), "location_id": place,
				"starts_at": "2026-02-03T" + at + ":00Z", "ends_at": "2026-02-03T" + at[:2] + ":59:00Z",
			})
		}
		theirs("07:00", room)
		theirs("08:00", hall)
		ask := "duration_minutes=60&from=2026-02-03T00:00:00Z&to=2026-02-04T00:00:00Z"
		all := on("02-03", "09:00", "09:15", "09:30", "09:45", "10:00")
		for query, want := range map[string][]string{
			"":                     all,
			"&location_id=" + hall: all,
			"&location_id=" + room: on("02-03", "10:00"),
			"&practitioner_id=" + k.Practitioner1.ID.String(): {},
		} {
			if got := d.slots(ask + query); !slices.Equal(got, want) {
				t.Errorf("%q: %v, want %v", query, got, want)
			}
		}
	})
}

func TestSlotsFollowTheClockOnTheWall(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for _, day := range []struct{ zone, day, hours, from, starts string }{
			// The visit at one ends at three by the clock.
			{"Asia/Jerusalem", "friday", "01:00-04:00", "2026-03-26T22:00:00Z", "26T23:00 26T23:15 26T23:30 26T23:45 27T00:00"},
			// One o'clock comes twice.
			{"Asia/Jerusalem", "sunday", "01:00-02:00", "2026-10-24T20:00:00Z", "24T22:00 24T22:15 24T22:30 24T22:45 24T23:00"},
			{"Asia/Jerusalem", "monday", "09:00-10:00", "2026-03-23T00:00:00Z", "23T07:00"},
			{"Asia/Jerusalem", "monday", "09:00-10:00", "2026-03-30T00:00:00Z", "30T06:00"},
			{"Asia/Kathmandu", "monday", "09:00-10:15", "2026-03-30T00:00:00Z", "30T03:15 30T03:30"},
		} {
			d.setting(obj{"time_zone": day.zone})
			d.open(map[string]string{day.day: day.hours})
			from, err := time.Parse(time.RFC3339, day.from)
			testkit.NoErr(t, err)
			all := d.Ask(http.MethodGet, "/appointments/slots?duration_minutes=60&from="+day.from+"&to="+from.Add(24*time.Hour).Format(time.RFC3339), d.header, nil).Want(k, 200).List(k)
			var got []string
			for _, s := range column(all, "starts_at") {
				got = append(got, s[8:16])
			}
			if strings.Join(got, " ") != day.starts {
				t.Errorf("%s %s %s: %v, want %s", day.zone, day.day, day.hours, got, day.starts)
			}
		}
	})
}

func TestASlotThatIsOfferedCanBeBookedAndThenIsGone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		service := d.service(model.Service{Minutes: 50, BufferBefore: 5, BufferAfter: 10}).ID.String()
		var taken []string
		for range 12 {
			slot := d.Ask(http.MethodGet, "/appointments/slots?limit=1&service_id="+service, d.header, nil).Want(k, 200).List(k)[0]
			if slices.Contains(taken, fmt.Sprint(slot["starts_at"])) {
				t.Fatalf("%v is offered twice", slot["starts_at"])
			}
			a := d.book(obj{"client_id": k.Client1.ID.String(), "service_id": service, "starts_at": slot["starts_at"]})
			same(k, a, obj{"ends_at": slot["ends_at"], "overlap_allowed": false})
			taken = append(taken, fmt.Sprint(a["starts_at"]))
		}
		if !slices.IsSorted(taken) {
			t.Errorf("not the earliest first: %v", taken)
		}
	})
}

func TestABadSearchForSlotsIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		ask := func(query url.Values) *testkit.Response {
			return d.Ask(http.MethodGet, "/appointments/slots?"+query.Encode(), d.header, nil)
		}
		for _, bad := range []struct{ query, wrong string }{
			{"", "query.duration_minutes required"},
			{"duration_minutes=0", "query.duration_minutes invalid"},
			{"duration_minutes=1441", "query.duration_minutes invalid"},
			{"duration_minutes=60&limit=0", "query.limit invalid"},
			{"duration_minutes=60&limit=201", "query.limit invalid"},
			{"duration_minutes=60&from=tomorrow", "query.from invalid"},
			{"duration_minutes=60&from=2026-02-04T00:00:00Z&to=2026-02-04T00:00:00Z", "query.to range"},
			{"duration_minutes=60&from=2026-02-04T00:00:00Z&to=2026-02-03T00:00:00Z", "query.to range"},
			{"duration_minutes=60&from=2026-02-04T00:00:00Z&to=2026-04-07T00:00:01Z", "query.to range"},
			{"duration_minutes=60&from=2026-01-01T00:00:00Z&to=2026-02-02T09:00:00Z", "query.to range"},
			{"duration_minutes=60&service_id=" + uuid.NewString(), "query.service_id unknown"},
			{"duration_minutes=60&location_id=" + uuid.NewString(), "query.location_id unknown"},
			{"duration_minutes=60&practitioner_id=" + uuid.NewString(), "query.practitioner_id unknown"},
			{"duration_minutes=60&practitioner_id=" + k.User2.ID.String(), "query.practitioner_id unknown"},
			{"duration_minutes=60&practitioner_id=" + k.Assistant1.ID.String(), "query.practitioner_id unknown"},
		} {
			q, err := url.ParseQuery(bad.query)
			testkit.NoErr(t, err)
			if got := wrong(k, ask(q)); !slices.Equal(got, []string{bad.wrong}) {
				t.Errorf("%s: %v, want %s", bad.query, got, bad.wrong)
			}
		}
		ask(url.Values{"duration_minutes": {"60"}, "from": {"2026-02-04T00:00:00Z"}, "to": {"2026-04-07T00:00:00Z"}}).Want(k, 200)
		old := d.service(model.Service{Minutes: 60}).ID.String()
		testkit.NoErr(t, k.DB.Exec("update services set archived_at = created_at where id = $1", old))
		ask(url.Values{"service_id": {old}}).WantCode(k, 409, "service_archived")
	})
}

func TestEverybodyFindsSlotsOfAPractitionerWhoIsNamed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.Assistant1)
		path := "/appointments/slots?duration_minutes=60"
		if got := wrong(k, d.Ask(http.MethodGet, path, d.header, nil)); !slices.Equal(got, []string{"query.practitioner_id required"}) {
			t.Errorf("between two practitioners: %v", got)
		}
		if all := d.Ask(http.MethodGet, path+"&practitioner_id="+k.User1.ID.String(), d.header, nil).Want(k, 200).List(k); len(all) != 20 {
			t.Errorf("%d are answered when no limit is named", len(all))
		}
		trail := k.Audited(k.Workspace1.ID, model.AppointmentSlots)
		if last := trail[len(trail)-1]; last.Outcome != "ok" || last.Actor != k.Assistant1.ID.String() {
			t.Errorf("the trail says %+v", last)
		}
	})
}
