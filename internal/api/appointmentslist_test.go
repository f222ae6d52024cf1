package api_test

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// add stores an appointment of the first client past the rules of booking; one
// that is over others is allowed to be.
func (d *desk) add(n int, start, end time.Time, more ...func(*model.Appointment)) model.Appointment {
	d.T.Helper()
	a := model.Appointment{
		ID: testkit.ID(4, n), ClientID: d.Client1.ID, PractitionerID: d.User1.ID, StartsAt: start, EndsAt: end, OverlapAllowed: true,
	}
	for _, m := range more {
		m(&a)
	}
	return d.AddAppointment(d.Workspace1.ID, a)
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

// page asks for a list of appointments.
func (d *desk) page(query string) *testkit.Response {
	d.T.Helper()
	return d.Ask(http.MethodGet, "/appointments?"+query, d.header, nil)
}

// numbers are the last digits of the ids in a list, in its order.
func (d *desk) numbers(query string) (all []int) {
	d.T.Helper()
	res := d.page(query).Want(d.Kit, 200)
	for _, a := range res.List(d.Kit) {
		n, err := strconv.Atoi(idIn(a)[24:])
		testkit.NoErr(d.T, err)
		all = append(all, n)
	}
	if total := res.Header.Get("X-Total-Count"); res.Header.Get("Link") == "" && !strings.Contains(query, "cursor") && total != strconv.Itoa(len(all)) {
		d.T.Errorf("%s: %d are listed, the total is %s", query, len(all), total)
	}
	return all
}

func TestNoAppointmentsAreAnEmptyArray(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		k.AddAppointment(k.Workspace2.ID, model.Appointment{ClientID: k.Client2.ID, PractitionerID: k.User2.ID})
		res := d.page("").Want(k, 200)
		if strings.TrimSpace(string(res.Body)) != "[]" || res.Header.Get("X-Total-Count") != "0" || res.Header.Get("Link") != "" {
			t.Errorf("%s, total %q, link %q", res.Body, res.Header.Get("X-Total-Count"), res.Header.Get("Link"))
		}
	})
}

func TestListShowsAppointmentsInFull(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		s, l := d.service(model.Service{Minutes: 60, BufferAfter: 5}), d.location(model.Location{Type: "home"})
		a := d.book(plus(d.visit(time.Hour, time.Hour), obj{
			"service_id": s.ID.String(), "location_id": l.ID.String(), "notes": "n", "price": 5, "payment_notes": "p",
		}))
		if all := d.page("").Want(k, 200).List(k); len(all) != 1 || fmt.Sprint(all[0]) != fmt.Sprint(a) {
			t.Errorf("listed\n%v, booked\n%v", all, a)
		}
	})
}

// What overlaps the window is listed, touching is not overlapping.
func TestWindowIsHalfOpen(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for i, times := range [][2]string{
			{"2026-02-03T08:00:00Z", "2026-02-03T09:00:00Z"},        // 1 before
			{"2026-02-03T09:00:00Z", "2026-02-03T10:00:00Z"},        // 2 ends as the window begins
			{"2026-02-03T09:00:01Z", "2026-02-03T10:00:00.000001Z"}, // 3 reaches in
			{"2026-02-03T10:00:00Z", "2026-02-03T11:00:00Z"},        // 4 begins with it
			{"2026-02-03T11:30:00Z", "2026-02-03T13:00:00Z"},        // 5 reaches out
			{"2026-02-03T12:00:00Z", "2026-02-03T13:00:00Z"},        // 6 begins as it ends
			{"2026-02-03T08:30:00Z", "2026-02-03T14:00:00Z"},        // 7 around it
			{"2026-02-02T11:00:00Z", "2026-02-03T11:00:00Z"},        // 8 as long as can be
			{"2026-02-02T10:00:00Z", "2026-02-03T10:00:00Z"},        // 9 as long, ends as it begins
			{"2026-02-03T11:59:59.999999Z", "2026-02-03T13:00:00Z"}, // 10 begins at the last moment
			{"2026-02-02T10:00:00.000001Z", "2026-02-03T10:00:00.000001Z"},
		} {
			d.add(i+1, at(times[0]), at(times[1]))
		}
		from, to := "from=2026-02-03T10:00:00Z", "to=2026-02-03T12:00:00Z"
		for query, want := range map[string][]int{
			from + "&" + to: {11, 8, 7, 3, 4, 5, 10},
			from:            {11, 8, 7, 3, 4, 5, 10, 6},
			to:              {9, 11, 8, 1, 7, 2, 3, 4, 5, 10},
			"start_date=2026-02-03T10:00:00Z&end_date=2026-02-03T12:00:00Z":   {11, 8, 7, 3, 4, 5, 10},
			"from=2026-02-03T12:00:00%2B02:00&to=2026-02-03T14:00:00%2B02:00": {11, 8, 7, 3, 4, 5, 10},
			"from=2026-02-03T13:00:00Z&to=2026-02-03T20:00:00Z":               {7},
			"from=2026-02-03T14:00:00Z":                                       {},
			"to=2026-02-02T10:00:00Z":                                         {},
			from + "&" + to + "&order=desc":                                   {10, 5, 4, 3, 7, 8, 11},
			"start_date=2026-02-03T13:00:00Z":                                 {7},
		} {
			if got := d.numbers(query); !slices.Equal(got, want) {
				t.Errorf("%s lists %v, want %v", query, got, want)
			}
		}
	})
}

func TestOrderIsByStartThenID(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		start := k.Clock.Now()
		for _, n := range []int{5, 2, 9, 1} {
			d.add(n, start, start.Add(time.Duration(10-n)*time.Minute))
		}
		d.add(3, start.Add(time.Microsecond), start.Add(time.Hour))
		d.add(7, start.Add(-time.Microsecond), start.Add(2*time.Hour))
		for query, want := range map[string][]int{
			"": {7, 1, 2, 5, 9, 3}, "order=asc": {7, 1, 2, 5, 9, 3}, "order=desc": {3, 9, 5, 2, 1, 7},
		} {
			if got := d.numbers(query); !slices.Equal(got, want) {
				t.Errorf("%q lists %v, want %v", query, got, want)
			}
		}
	})
}

func TestListFilters(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		other := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}}).ID
		now := k.Clock.Now()
		for i, change := range []func(*model.Appointment){
			func(*model.Appointment) {},
			func(a *model.Appointment) { a.ClientID = other },
			func(a *model.Appointment) { a.PractitionerID = k.Practitioner1.ID },
			func(a *model.Appointment) { a.Status = "cancelled" },
			func(a *model.Appointment) { a.Status, a.ClientID = "attended", other },
			func(a *model.Appointment) { a.Status = "no_show" },
			func(a *model.Appointment) { a.Status = "cancelled" }, // deleted below
		} {
			start := now.Add(time.Duration(i) * time.Hour)
			d.add(i+1, start, start.Add(time.Hour), change)
		}
		d.del(obj{"id": testkit.ID(4, 7)})
		client, with := "client_id=", "practitioner_id="
		for query, want := range map[string][]int{
			"":                                 {1, 2, 3, 4, 5, 6},
			client + k.Client1.ID.String():     {1, 3, 4, 6},
			client + other.String():            {2, 5},
			with + k.Practitioner1.ID.String(): {3},
			with + k.User1.ID.String():         {1, 2, 4, 5, 6},
			"status=scheduled":                 {1, 2, 3},
			"status=attended":                  {5},
			"status=cancelled":                 {4},
			"status=no_show":                   {6},
			client + other.String() + "&status=attended&" + with + k.User1.ID.String():         {5},
			client + other.String() + "&status=attended&" + with + k.Practitioner1.ID.String(): {},
			client + k.Client2.ID.String():               {},
			with + k.User2.ID.String():                   {},
			client + uuid.NewString():                    {},
			with + k.Assistant1.ID.String():              {},
			"deleted=true":                               {7},
			"deleted=true&status=scheduled":              {},
			"deleted=false":                              {1, 2, 3, 4, 5, 6},
			"from=2026-02-02T11:00:00Z&status=cancelled": {4},
		} {
			if got := d.numbers(query); !slices.Equal(got, want) {
				t.Errorf("%s lists %v, want %v", query, got, want)
			}
		}
	})
}

var nextAppointments = regexp.MustCompile(`^<(/api/v1/appointments\?[^>]*)>; rel="next"$`)

// walk follows the links of a list from page to page.
func walk(d *desk, query string) (ids []string, pages int) {
	d.T.Helper()
	for address := "/appointments?" + query; address != "" && pages < 100; pages++ {
		res := d.Ask(http.MethodGet, address, d.header, nil).Want(d.Kit, 200)
		for _, a := range res.List(d.Kit) {
			ids = append(ids, idIn(a))
		}
		address = ""
		if link := res.Header.Get("Link"); link != "" {
			m := nextAppointments.FindStringSubmatch(link)
			if m == nil {
				d.T.Fatalf("link %q", link)
			}
			address = m[1]
		}
		if total := res.Header.Get("X-Total-Count"); total != "23" {
			d.T.Errorf("%s: page %d says that there are %s", query, pages, total)
		}
	}
	return ids, pages
}

// Many begin at the same moment; a page may end between them.
func TestPagesVisitEachAppointmentOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		base := k.Clock.Now()
		var want []string
		for i := range 23 {
			start := base.Add(time.Duration(i/6) * time.Hour)
			want = append(want, d.add(i+1, start, start.Add(time.Hour)).ID.String())
		}
		d.add(99, base.Add(-48*time.Hour), base.Add(-47*time.Hour)) // outside
		k.AddAppointment(k.Workspace2.ID, model.Appointment{ClientID: k.Client2.ID, PractitionerID: k.User2.ID, StartsAt: base})
		window := "&from=" + d.in(0) + "&status=scheduled&client_id=" + k.Client1.ID.String()
		for limit, pages := range map[int]int{1: 23, 2: 12, 7: 4, 22: 2, 23: 1, 24: 1} {
			got, n := walk(d, fmt.Sprint("limit=", limit, window))
			if !slices.Equal(got, want) || n != pages {
				t.Errorf("by %d: %d pages with %d of them, want %d pages", limit, n, len(got), pages)
			}
			got, n = walk(d, fmt.Sprint("order=desc&limit=", limit, window))
			slices.Reverse(got)
			if !slices.Equal(got, want) || n != pages {
				t.Errorf("latest first by %d: %d pages with %d of them, want %d pages", limit, n, len(got), pages)
			}
		}
	})
}

// Rows that come and go behind the reader neither repeat nor hide others.
func TestPagesStandStillWhileOthersWrite(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		base := k.Clock.Now()
		for i := range 6 {
			d.add(i+10, base.Add(time.Duration(i)*time.Hour), base.Add(time.Duration(i+1)*time.Hour))
		}
		res := d.page("limit=3").Want(k, 200)
		next := nextAppointments.FindStringSubmatch(res.Header.Get("Link"))[1]
		d.add(1, base.Add(-time.Hour), base)
		d.del(obj{"id": testkit.ID(4, 11)})
		d.del(obj{"id": testkit.ID(4, 12)}) // the last one of the page that was read
		var got []string
		for _, a := range k.Get(next, d.header).Want(k, 200).List(k) {
			got = append(got, idIn(a)[34:])
		}
		if !slices.Equal(got, []string{"13", "14", "15"}) {
			t.Errorf("the second page has %v", got)
		}
	})
}

func TestLongPagesNeedAWindow(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		refused := []string{"query.limit range"}
		for query, want := range map[string][]string{
			"limit=100":  nil,
			"limit=101":  refused,
			"limit=1000": refused,
			"limit=1000&from=2026-02-01T00:00:00Z&to=2026-03-18T00:00:00Z":                                 nil,
			"limit=1000&from=2026-02-01T00:00:00Z&to=2026-03-18T00:00:01Z":                                 refused,
			"limit=1000&from=2026-02-01T00:00:00Z":                                                         refused,
			"limit=1000&to=2026-02-01T00:00:00Z":                                                           refused,
			"limit=1000&start_date=2026-02-01&end_date=2026-03-17":                                         nil,
			"limit=1000&start_date=2026-02-01&end_date=2026-03-18":                                         refused,
			"limit=1000&start_date=2026-02-01":                                                             refused,
			"limit=1000&end_date=2026-02-01":                                                               refused,
			"limit=1000&start_date=2026-02-01T00:00:00Z&end_date=2026-03-18T00:00:00Z":                     nil,
			"limit=1000&start_date=1999-01-01&from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z":           refused,
			"limit=1000&end_date=2100-01-01&from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z":             refused,
			"limit=1000&start_date=1999-01-01T00:00:00Z&from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z": refused,
			"limit=1001&from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z":                                 {"query.limit invalid"},
			"limit=0":   {"query.limit invalid"},
			"limit=-1":  {"query.limit invalid"},
			"limit=abc": {"query.limit invalid"},
		} {
			res := d.page(query)
			switch {
			case want == nil:
				res.Want(k, 200)
			case !slices.Equal(wrong(k, res), want):
				t.Errorf("%s: %s, want %q", query, res.Body, want)
			}
		}
	})
}

func TestMonthIsReadInOnePage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		base := at("2026-02-10T08:00:00Z")
		for i := range 120 {
			d.add(i+1, base.Add(time.Duration(i)*time.Minute), base.Add(time.Duration(i+1)*time.Minute))
		}
		window := "start_date=2026-02-01&end_date=2026-02-28"
		if got := d.numbers(window + "&limit=1000"); len(got) != 120 || got[0] != 1 || got[119] != 120 {
			t.Errorf("%d are listed", len(got))
		}
		if got := d.numbers(window); len(got) != 50 {
			t.Errorf("without a limit %d are listed, want 50", len(got))
		}
		if got := d.numbers("limit=100"); len(got) != 100 {
			t.Errorf("with a limit of 100 %d are listed", len(got))
		}
	})
}

func TestBadAppointmentListParameters(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.add(1, k.Clock.Now(), k.Clock.Now().Add(time.Hour))
		cursor := func(micros int64, more int) string {
			raw := binary.BigEndian.AppendUint64(nil, uint64(micros))
			return "cursor=" + base64.RawURLEncoding.EncodeToString(append(raw, make([]byte, more)...))
		}
		for _, query := range []string{
			"from=2026-02-03", "from=2026-02-03T10:00:00", "from=Zzmarker", "to=2026-02-03T10:00", "to=1770112800",
			"start_date=Zzmarker", "start_date=2026-02-30", "start_date=2026-02-03T10:00:00", "end_date=2026-13-01", "end_date=03/02/2026",
			"start_date=" + strings.Repeat("2", 41), "client_id=Zzmarker", "practitioner_id=Zzmarker", "status=Zzmarker", "status=SCHEDULED",
			"order=Zzmarker", "deleted=Zzmarker", "cursor=Zzmarker", "cursor=%21%21", cursor(1, 0), cursor(1, 15), cursor(1, 17),
			cursor(math.MaxInt64, 16), cursor(math.MinInt64, 16), cursor(-1<<60, 16), cursor(1<<60, 16),
			"cursor=" + strings.Repeat("a", 65), "cursor=" + k.Client1.ID.String(), "cursor=" + uuid.NewString(),
		} {
			res := d.page(query)
			name, _, _ := strings.Cut(query, "=")
			if got := wrong(k, res); len(got) != 1 || !strings.HasPrefix(got[0], "query."+name+" ") {
				t.Errorf("%s: refused as %q", query, got)
			}
			if strings.Contains(string(res.Body), "Zzmarker") {
				t.Errorf("%s: the answer repeats it", query)
			}
		}

	})
}

// A cursor says where in time a page begins, not what may be seen there.
func TestCursorOfAnotherPracticeOpensNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d, theirs := deskOf(k, k.User1), deskOf(k, k.User2)
		base := k.Clock.Now()
		for i := range 3 {
			start := base.Add(time.Duration(i) * time.Hour)
			d.add(i+1, start, start.Add(time.Hour))
			k.AddAppointment(k.Workspace2.ID, model.Appointment{ID: testkit.ID(5, i+1), ClientID: k.Client2.ID, PractitionerID: k.User2.ID, StartsAt: start})
		}
		link := nextAppointments.FindStringSubmatch(theirs.page("limit=1").Want(k, 200).Header.Get("Link"))[1]
		u, err := url.Parse(link)
		testkit.NoErr(t, err)
		if got := d.numbers("cursor=" + u.Query().Get("cursor")); !slices.Equal(got, []int{2, 3}) {
			t.Errorf("lists %v", got)
		}
	})
}

func TestListsOfAppointmentsAreInTheTrail(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for i := range 3 {
			d.add(i+1, k.Clock.Now(), k.Clock.Now().Add(time.Hour))
		}
		d.page("limit=2").Want(k, 200)
		d.page("status=cancelled").Want(k, 200)
		d.get(obj{"id": testkit.ID(4, 1)})
		k.Ask(http.MethodGet, "/appointments/"+uuid.NewString(), d.header, nil).Want(k, 404)
		nobody, me := uuid.Nil.String(), k.User1.ID.String()
		if got, want := k.Audited(k.Workspace1.ID, model.AppointmentList), []testkit.AuditedEvent{
			{Outcome: "ok", Subject: nobody, Records: "2", Actor: me}, {Outcome: "ok", Subject: nobody, Records: "0", Actor: me},
		}; !slices.Equal(got, want) {
			t.Errorf("the trail says %+v, want %+v", got, want)
		}
		if got, want := k.Audited(k.Workspace1.ID, model.AppointmentView), []testkit.AuditedEvent{
			{Outcome: "ok", Subject: testkit.ID(4, 1).String(), Records: "1", Actor: me}, {Outcome: "missing", Subject: nobody, Records: "0", Actor: me},
		}; !slices.Equal(got, want) {
			t.Errorf("the trail says %+v, want %+v", got, want)
		}
	})
}
