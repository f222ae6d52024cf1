package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/testkit"
)

func makeSeries(w *world) string {
	return w.post(w.owner, "/series", fields{
		"client_id": w.id("client"), "practitioner_id": w.id("practitioner"), "service_id": w.id("service"), "location_id": w.id("location"),
		"local_start": "2026-04-06T12:00", "rule": "FREQ=WEEKLY;COUNT=3;BYDAY=MO", "notes": w.word + " series",
		"conflicts": "override", "reason": w.word + " reason",
	})["id"].(string)
}

// makeRecurringAppointment is the first one of the series.
func makeRecurringAppointment(w *world) string {
	all := w.Get("/series/"+w.id("series"), w.owner).Want(w.Kit, http.StatusOK).Map(w.Kit)["appointments"].([]any)
	return all[0].(fields)["id"].(string)
}

// weekly is the body of four Mondays at ten, of which the last two are after
// Israel's clocks went forward.
func (d *desk) weekly(more ...obj) obj {
	return plus(obj{
		"client_id": d.Client1.ID.String(), "local_start": "2026-03-16T10:00", "duration_minutes": 50, "rule": "FREQ=WEEKLY;COUNT=4;BYDAY=MO",
	}, more...)
}

func (d *desk) askSeries(body obj) *testkit.Response {
	d.T.Helper()
	return d.Ask(http.MethodPost, "/series", d.header, body)
}

// bookSeries makes a series that must work, and returns it with its
// appointments.
func (d *desk) bookSeries(body obj) (series obj, all []obj) {
	d.T.Helper()
	series = d.askSeries(body).Want(d.Kit, 201).Map(d.Kit)
	return series, listIn(series, "appointments")
}

func (d *desk) preview(body obj) (occurrences []obj) {
	d.T.Helper()
	return listIn(d.Ask(http.MethodPost, "/series/preview", d.header, body).Want(d.Kit, 200).Map(d.Kit), "occurrences")
}

// series reads a series again.
func (d *desk) series(id any) (series obj, all []obj) {
	d.T.Helper()
	series = d.Ask(http.MethodGet, "/series/"+fmt.Sprint(id), d.header, nil).Want(d.Kit, 200).Map(d.Kit)
	return series, listIn(series, "appointments")
}

func listIn(o obj, field string) []obj {
	var all []obj
	for _, one := range o[field].([]any) {
		all = append(all, one.(obj))
	}
	return all
}

// column is one field of each.
func column(all []obj, field string) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = fmt.Sprint(one[field])
	}
	return out
}

// walls are the local times of starts, "03-16 10:00".
func (d *desk) walls(all []obj, zone string) []string {
	d.T.Helper()
	at, err := time.LoadLocation(zone)
	testkit.NoErr(d.T, err)
	out := make([]string, len(all))
	for i, one := range all {
		t, err := time.Parse(time.RFC3339, fmt.Sprint(one["starts_at"]))
		testkit.NoErr(d.T, err)
		out[i] = t.In(at).Format("01-02 15:04")
	}
	return out
}

// setting changes the practice.
func (d *desk) setting(body obj) {
	d.T.Helper()
	d.Ask(http.MethodPut, "/workspace", d.header, body).Want(d.Kit, 200)
}

// nothingStored runs what must be refused, and fails when it left anything but
// its line in the trail.
func (d *desk) nothingStored(what string, refused func()) {
	d.T.Helper()
	before := d.SnapshotWithoutTrail(d.Workspace1.ID)
	refused()
	if d.SnapshotWithoutTrail(d.Workspace1.ID) != before {
		d.T.Errorf("%s: was refused, and yet something was stored", what)
	}
}

// kinds are rules with the dates that they mean.
var kinds = []struct{ rule, start, dates string }{
	{"FREQ=WEEKLY;COUNT=3;BYDAY=MO", "03-16", "03-16 03-23 03-30"},
	{"FREQ=WEEKLY;COUNT=1;BYDAY=MO", "03-16", "03-16"},
	{"freq=weekly;byday=mo,we;count=4", "03-16", "03-16 03-18 03-23 03-25"},
	{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20260413", "03-16", "03-16 03-30 04-13"},
	{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=20260412", "03-16", "03-16 03-30"},
	{"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=4", "03-16", "03-16 03-22 03-30 04-05"},
	{"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=4;WKST=SU", "03-16", "03-16 03-29 03-30 04-12"},
	{"FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "03-10", "03-10 04-14 05-12"},
	{"FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", "03-27", "03-27 04-24 05-29"},
	{"FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", "03-31", "03-31 05-31 07-31"},
	{"FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "03-31", "03-31 04-30 05-31"},
	{"FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15;UNTIL=20260901", "03-15", "03-15 05-15 07-15"},
}

func TestASeriesIsBookedAsItIsPreviewed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for i, kind := range kinds {
			at := fmt.Sprintf("%02d:30", 8+i) // each has an hour of its own
			body := d.weekly(obj{"local_start": "2026-" + kind.start + "T" + at, "rule": kind.rule})
			var preview []obj
			d.nothingStored(kind.rule, func() { preview = d.preview(body) })
			series, all := d.bookSeries(body)
			want := strings.Split(strings.ReplaceAll(kind.dates, " ", " "+at+","), ",")
			want[len(want)-1] += " " + at
			if got := d.walls(all, "Asia/Jerusalem"); !slices.Equal(got, want) {
				t.Errorf("%s from %s is at %q, want %q", kind.rule, kind.start, got, want)
			}
			for _, field := range []string{"starts_at", "ends_at"} {
				if got, want := column(all, field), column(preview, field); !slices.Equal(got, want) {
					t.Errorf("%s: booked %v, previewed %v", kind.rule, got, want)
				}
			}
			same(k, series, obj{"local_start": "2026-" + kind.start + "T" + at, "time_zone": "Asia/Jerusalem", "duration_minutes": 50})
			again, read := d.series(series["id"])
			if fmt.Sprint(again) != fmt.Sprint(series) || len(read) != len(all) {
				t.Errorf("%s is read as %v, was answered as %v", kind.rule, again, series)
			}
			for _, a := range all {
				same(k, a, obj{"series_id": series["id"], "detached": false, "status": "scheduled", "version": 1})
				same(k, d.get(a), obj{"series_id": series["id"], "starts_at": a["starts_at"]})
			}
		}
	})
}

func TestTheWeekOfAPracticeDecidesWhichWeeksAreSkipped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		body := d.weekly(obj{"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=3"})
		if got := d.walls(d.preview(body), "Asia/Jerusalem"); !slices.Equal(got, []string{"03-16 10:00", "03-22 10:00", "03-30 10:00"}) {
			t.Errorf("weeks that begin on Monday: %v", got)
		}
		d.setting(obj{"week_start": "sunday"})
		series, all := d.bookSeries(body)
		if got := d.walls(all, "Asia/Jerusalem"); !slices.Equal(got, []string{"03-16 10:00", "03-29 10:00", "03-30 10:00"}) {
			t.Errorf("weeks that begin on Sunday: %v", got)
		}
		// The rule remembers it when the practice changes its mind.
		d.setting(obj{"week_start": "monday"})
		same(k, series, obj{"rule": "FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=MO,SU;WKST=SU"})
	})
}

// clockChanges are weekly series over a change of clocks, in UTC.
var clockChanges = []struct {
	zone, start, day, starts string
	changed                  int // at which the offset is another
}{
	{"Asia/Jerusalem", "2026-03-16T10:00", "MO", "2026-03-16T08:00 2026-03-23T08:00 2026-03-30T07:00 2026-04-06T07:00", 2},
	{"America/New_York", "2026-03-02T09:00", "MO", "2026-03-02T14:00 2026-03-09T13:00 2026-03-16T13:00", 1},
	{"America/New_York", "2026-10-26T09:00", "MO", "2026-10-26T13:00 2026-11-02T14:00", 1},
	{"Australia/Lord_Howe", "2026-03-30T09:00", "MO", "2026-03-29T22:00 2026-04-05T22:30", 1},
	{"Asia/Kathmandu", "2026-03-23T10:00", "MO", "2026-03-23T04:15 2026-03-30T04:15 2026-04-06T04:15", -1},
}

func TestASeriesKeepsItsLocalTimeWhenClocksChange(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for _, c := range clockChanges {
			d.setting(obj{"time_zone": c.zone})
			want := strings.Fields(c.starts)
			body := d.weekly(obj{"local_start": c.start, "rule": fmt.Sprintf("FREQ=WEEKLY;COUNT=%d;BYDAY=%s", len(want), c.day)})
			for i, o := range d.preview(body) {
				if o["clock_changed"] != (i == c.changed) {
					t.Errorf("%s: occurrence %d says clock_changed %v", c.zone, i, o["clock_changed"])
				}
			}
			series, all := d.bookSeries(body)
			same(k, series, obj{"time_zone": c.zone})
			for i, start := range column(all, "starts_at") {
				if start != want[i]+":00Z" {
					t.Errorf("%s: start %d is %s, want %s", c.zone, i, start, want[i])
				}
			}
		}
	})
}
