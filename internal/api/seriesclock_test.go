package api_test

import (
	"fmt"
	"slices"
	"testing"

	"pazpaz/internal/testkit"
)

// missingTimes are the second of three local times that clocks jump over.
var missingTimes = []struct{ zone, start, day string }{
	{"Asia/Jerusalem", "2026-03-20T02:30", "FR"},
	{"America/New_York", "2026-03-01T02:30", "SU"},
	{"Australia/Lord_Howe", "2026-09-27T02:15", "SU"},
}

func TestALocalTimeThatClocksJumpOverIsRefusedOrSkipped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for _, m := range missingTimes {
			d.setting(obj{"time_zone": m.zone})
			body := d.weekly(obj{"local_start": m.start, "rule": "FREQ=WEEKLY;COUNT=3;BYDAY=" + m.day})
			shown := d.preview(body)
			if got := column(shown, "problem"); !slices.Equal(got, []string{"<nil>", "missing_time", "<nil>"}) {
				t.Errorf("%s: previewed %v", m.zone, got)
			}
			same(k, shown[1], obj{"starts_at": nil, "ends_at": nil, "clock_changed": false})
			same(k, shown[2], obj{"clock_changed": true})
			for _, choice := range []obj{{}, {"missing": "refuse"}, {"missing": "refuse", "conflicts": "skip"}} {
				d.nothingStored(m.zone, func() {
					if got := wrong(k, d.askSeries(plus(body, choice))); !slices.Equal(got, []string{"body.local_start missing_time"}) {
						t.Errorf("%s %v: %v", m.zone, choice, got)
					}
				})
			}
			_, all := d.bookSeries(plus(body, obj{"missing": "skip"}))
			if got := column(all, "starts_at"); !slices.Equal(got, []string{fmt.Sprint(shown[0]["starts_at"]), fmt.Sprint(shown[2]["starts_at"])}) {
				t.Errorf("%s: booked %v", m.zone, got)
			}
		}
	})
}

// repeatedTimes are the second of two local times that come twice.
var repeatedTimes = []struct{ zone, start, day, earlier, later string }{
	{"Asia/Jerusalem", "2026-10-18T01:30", "SU", "2026-10-24T22:30:00Z", "2026-10-24T23:30:00Z"},
	{"America/New_York", "2026-10-25T01:30", "SU", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
	{"Australia/Lord_Howe", "2026-03-29T01:45", "SU", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"},
}

func TestALocalTimeThatComesTwiceIsRefusedUntilSomebodyDecides(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for _, r := range repeatedTimes {
			d.setting(obj{"time_zone": r.zone})
			body := d.weekly(obj{"local_start": r.start, "rule": "FREQ=WEEKLY;COUNT=2;BYDAY=" + r.day, "duration_minutes": 20})
			if got := column(d.preview(body), "problem"); !slices.Equal(got, []string{"<nil>", "repeated_time"}) {
				t.Errorf("%s: previewed %v", r.zone, got)
			}
			for _, choice := range []obj{{}, {"repeated": "refuse"}, {"missing": "skip"}} {
				d.nothingStored(r.zone, func() {
					if got := wrong(k, d.askSeries(plus(body, choice))); !slices.Equal(got, []string{"body.local_start repeated_time"}) {
						t.Errorf("%s %v: %v", r.zone, choice, got)
					}
				})
			}
			for choice, want := range map[string]string{"earlier": r.earlier, "later": r.later} {
				// Of different people, who are not in each other's way.
				who := map[string]string{"earlier": k.User1.ID.String(), "later": k.Practitioner1.ID.String()}[choice]
				more := plus(body, obj{"repeated": choice, "practitioner_id": who})
				shown := d.preview(more)
				_, all := d.bookSeries(more)
				if all[1]["starts_at"] != want || shown[1]["starts_at"] != want {
					t.Errorf("%s: the %s one is %v, previewed %v, want %s", r.zone, choice, all[1]["starts_at"], shown[1]["starts_at"], want)
				}
			}
		}
	})
}

// What was decided once is not asked again when only the length changes.
func TestALongerVisitKeepsTheInstantThatWasChosen(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		_, all := d.bookSeries(d.weekly(obj{"local_start": "2026-10-18T01:30", "rule": "FREQ=WEEKLY;COUNT=2;BYDAY=SU", "repeated": "later"}))
		r := d.changeSeries(all[0], obj{"scope": "all", "ends_at": "2026-10-17T23:45:00Z"})
		if got := column(listIn(r, "changed"), "ends_at"); !slices.Equal(got, []string{"2026-10-17T23:45:00Z", "2026-10-25T00:45:00Z"}) {
			t.Errorf("ends are %v", got)
		}
		same(k, r, obj{"duration_minutes": 75, "kept": []any{}})
	})
}

func TestAMovedSeriesMeetsTheClockChangeToo(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for _, c := range []struct {
			start, day, to, problem, decided string
			want                             []string
			kept                             int
		}{
			{"2026-03-20T10:00", "FR", "2026-03-20T00:30:00Z", "missing_time", "missing=skip", []string{"03-20 02:30", "03-27 10:00", "04-03 02:30"}, 1},
			{"2026-10-18T10:00", "SU", "2026-10-17T22:30:00Z", "repeated_time", "repeated=later", []string{"10-18 01:30", "10-25 01:30", "11-01 01:30"}, 0},
		} {
			series, all := d.bookSeries(d.weekly(obj{"local_start": c.start, "rule": "FREQ=WEEKLY;COUNT=3;BYDAY=" + c.day}))
			d.nothingStored(c.problem, func() {
				got := wrong(k, d.putSeries(all[0], obj{"scope": "all", "starts_at": c.to}))
				if !slices.Equal(got, []string{"body.starts_at " + c.problem}) {
					t.Errorf("moved to %s: %v", c.to, got)
				}
			})
			field, value := cut(c.decided)
			r := d.changeSeries(all[0], obj{"scope": "all", "starts_at": c.to, field: value})
			if kept := r["kept"].([]any); len(kept) != c.kept || len(listIn(r, "changed")) != 3-c.kept {
				t.Errorf("kept %v, changed %v", kept, r["changed"])
			}
			_, now := d.series(series["id"])
			if got := d.walls(now, "Asia/Jerusalem"); !slices.Equal(got, c.want) {
				t.Errorf("moved to %s: at %v, want %v", c.to, got, c.want)
			}
			same(k, now[1], obj{"detached": c.kept == 1})
		}
	})
}
