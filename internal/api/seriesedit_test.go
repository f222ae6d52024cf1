package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

func (d *desk) putSeries(a, change obj) *testkit.Response {
	d.T.Helper()
	return d.Ask(http.MethodPut, pathOf(a)+"/series", d.header, plus(obj{"version": a["version"]}, change))
}

// changeSeries is putSeries that must work.
func (d *desk) changeSeries(a, change obj) obj {
	d.T.Helper()
	return d.putSeries(a, change).Want(d.Kit, 200).Map(d.Kit)
}

func (d *desk) deleteSeries(a, body obj) *testkit.Response {
	d.T.Helper()
	return d.Ask(http.MethodDelete, pathOf(a)+"/series", d.header, body)
}

func cut(s string) (before, after string) {
	before, after, _ = strings.Cut(s, "=")
	return before, after
}

// at fails the test when a series is elsewhere, by the clock in Jerusalem.
func (d *desk) at(what string, id any, want ...string) {
	d.T.Helper()
	_, all := d.series(id)
	if got := d.walls(all, "Asia/Jerusalem"); !slices.Equal(got, want) {
		d.T.Errorf("%s: at %v, want %v", what, got, want)
	}
}

func TestThisAndTheFollowingMoveAndTheOldRuleEnds(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly())
		// From the second on to Tuesdays at nine, an hour long.
		r := d.changeSeries(all[1], obj{"scope": "following", "starts_at": "2026-03-24T07:00:00Z", "ends_at": "2026-03-24T08:00:00Z"})
		d.at("before", series["id"], "03-16 10:00")
		d.at("after", r["id"], "03-24 09:00", "03-31 09:00", "04-07 09:00")
		same(k, r, obj{"rule": "FREQ=WEEKLY;COUNT=3;BYDAY=TU", "local_start": "2026-03-24T09:00", "duration_minutes": 60, "kept": []any{}})
		old, left := d.series(series["id"])
		same(k, old, obj{"rule": "FREQ=WEEKLY;COUNT=1;BYDAY=MO", "local_start": "2026-03-16T10:00", "duration_minutes": 50})
		same(k, left[0], obj{"version": 1})
		changed := listIn(r, "changed")
		if !slices.Equal(column(changed, "id"), column(all[1:], "id")) {
			t.Errorf("changed are %v", column(changed, "id"))
		}
		for _, c := range changed {
			same(k, c, obj{"version": 2, "detached": false, "series_id": r["id"]})
			same(k, d.get(c), obj{"version": 2, "starts_at": c["starts_at"], "ends_at": c["ends_at"]})
		}
		trail := k.Audited(k.Workspace1.ID, model.AppointmentUpdate)
		if last := trail[len(trail)-1]; last.Subject != r["id"] || last.Records != "3" {
			t.Errorf("the trail says %+v", last)
		}
	})
}

func TestAWholeSeriesMovesAndKeepsItsID(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly(obj{"rule": "FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260330"}))
		// Any of them says by how much: Thursday at ten to Friday at half past eight.
		r := d.changeSeries(all[3], obj{"scope": "all", "starts_at": "2026-03-27T05:30:00Z"})
		same(k, r, obj{"id": series["id"], "rule": "FREQ=WEEKLY;UNTIL=20260331;BYDAY=TU,FR", "local_start": "2026-03-17T08:30"})
		d.at("all", series["id"], "03-17 08:30", "03-20 08:30", "03-24 08:30", "03-27 08:30", "03-31 08:30")
		// By the instant they are not all moved by the same.
		if got := column(listIn(r, "changed"), "starts_at"); got[0] != "2026-03-17T06:30:00Z" || got[4] != "2026-03-31T05:30:00Z" {
			t.Errorf("at %v", got)
		}
	})
}

func TestASeriesMovesByAWeekOntoItsOwnPlaces(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly())
		r := d.changeSeries(all[0], obj{"scope": "all", "starts_at": "2026-03-23T08:00:00Z"})
		d.at("a week later", series["id"], "03-23 10:00", "03-30 10:00", "04-06 10:00", "04-13 10:00")
		r = d.changeSeries(listIn(r, "changed")[2], obj{"scope": "all", "starts_at": "2026-03-23T08:00:00Z"})
		d.at("two weeks earlier", series["id"], "03-09 10:00", "03-16 10:00", "03-23 10:00", "03-30 10:00")
		if got := column(listIn(r, "changed"), "id"); !slices.Equal(got, column(all, "id")) {
			t.Errorf("they are not in their order: %v", got)
		}
	})
}

func TestAFewHoursLaterTheNextDayIsNotInTheWay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly(obj{"local_start": "2026-03-16T06:00", "duration_minutes": 1200, "rule": "FREQ=WEEKLY;COUNT=3;BYDAY=MO,TU,WE"}))
		d.changeSeries(all[0], obj{"scope": "all", "starts_at": "2026-03-16T10:00:00Z"})
		d.at("later", series["id"], "03-16 12:00", "03-17 12:00", "03-18 12:00")
	})
}

func TestAMonthlySeriesStaysOnItsDay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly(obj{"local_start": "2026-03-31T10:00", "rule": "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3"}))
		d.nothingStored("another day", func() {
			if got := wrong(k, d.putSeries(all[1], obj{"scope": "all", "starts_at": "2026-04-29T07:00:00Z"})); !slices.Equal(got, []string{"body.starts_at monthly"}) {
				t.Errorf("another day: %v", got)
			}
		})
		r := d.changeSeries(all[1], obj{"scope": "following", "starts_at": "2026-04-30T13:00:00Z"})
		same(k, r, obj{"rule": "FREQ=MONTHLY;COUNT=2;BYMONTHDAY=-1"})
		d.at("later that day", r["id"], "04-30 16:00", "05-31 16:00")
		d.at("the first", series["id"], "03-31 10:00")
	})
}

func TestWhatIsNotATimeIsSetAlikeAndTheRuleStays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		price := int64(20000)
		service := d.service(model.Service{Minutes: 50, Price: &price, Currency: "ILS", BufferAfter: 15}).ID.String()
		room := d.location(model.Location{Type: "clinic", Exclusive: true}).ID.String()
		series, all := d.bookSeries(d.weekly())
		alone := d.change(all[3], obj{"starts_at": "2026-04-07T07:00:00Z"})
		same(k, alone, obj{"detached": true, "series_id": series["id"]})
		r := d.changeSeries(all[1], obj{
			"scope": "following", "service_id": service, "location_id": room, "practitioner_id": k.Practitioner1.ID.String(),
			"notes": "Bring the papers", "price": 15000, "payment_status": "waived", "location_type": "home", "location_details": "Back door",
		})
		same(k, r, obj{"id": series["id"], "rule": series["rule"], "kept": []any{}})
		changed := listIn(r, "changed")
		if !slices.Equal(column(changed, "id"), column(all[1:], "id")) {
			t.Errorf("changed are %v", column(changed, "id"))
		}
		for _, c := range changed {
			same(k, c, obj{
				"service_id": service, "location_id": room, "practitioner_id": k.Practitioner1.ID.String(), "buffer_after_minutes": 15,
				"notes": "Bring the papers", "price": 15000, "payment_status": "waived", "location_type": "home", "location_details": "Back door",
				"detached": c["id"] == all[3]["id"],
			})
		}
		d.at("times", series["id"], "03-16 10:00", "03-23 10:00", "03-30 10:00", "04-07 10:00")
		same(k, d.get(all[0]), obj{"notes": nil, "version": 1, "practitioner_id": k.User1.ID.String()})
		d.nothingStored("nothing new", func() {
			if r := d.changeSeries(changed[0], obj{"scope": "following", "notes": "Bring the papers"}); len(r["changed"].([]any)) != 0 {
				t.Errorf("changed %v", r["changed"])
			}
		})
	})
}

func TestASeriesIsCancelledFromAVisitOn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		_, all := d.bookSeries(d.weekly())
		r := d.changeSeries(all[2], obj{"scope": "following", "status": "cancelled", "cancel_reason": "Moves away"})
		for _, c := range listIn(r, "changed") {
			same(k, c, obj{"status": "cancelled", "cancel_reason": "Moves away"})
		}
		for i, status := range []string{"scheduled", "scheduled", "cancelled", "cancelled"} {
			same(k, d.get(all[i]), obj{"status": status})
		}
		d.bookSeries(d.weekly(obj{"local_start": "2026-03-30T10:00", "rule": "FREQ=WEEKLY;COUNT=2;BYDAY=MO"})) // their time is free
	})
}

func TestPastEndedAndNotedVisitsStay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly(obj{"rule": "FREQ=WEEKLY;COUNT=8;BYDAY=MO"}))
		k.Clock.Advance(time.Date(2026, 3, 23, 8, 10, 0, 0, time.UTC).Sub(k.Clock.Now())) // during the second
		d = deskOf(k, k.User1)
		d.change(all[1], obj{"status": "attended"})
		d.change(all[3], obj{"status": "cancelled", "cancel_reason": "Ill"})
		d.change(all[4], obj{"starts_at": "2026-04-14T07:00:00Z"})
		d.Ask(http.MethodPost, "/sessions", d.header, obj{"appointment_id": idIn(all[5]), "plan": "Prepare"}).Want(k, 201)
		kept := []int{0, 1, 3, 4, 5}
		before := map[int]obj{}
		for _, i := range kept {
			before[i] = d.get(all[i])
		}
		r := d.changeSeries(all[2], obj{"scope": "all", "starts_at": "2026-03-31T09:00:00Z"})
		if got := column(listIn(r, "changed"), "id"); !slices.Equal(got, []string{idIn(all[2]), idIn(all[6]), idIn(all[7])}) {
			t.Errorf("changed are %v", got)
		}
		for _, i := range kept {
			if !slices.Contains(r["kept"].([]any), any(idIn(all[i]))) {
				t.Errorf("number %d is not said to be kept", i)
			}
			now := d.get(all[i])
			for _, field := range []string{"starts_at", "ends_at", "status", "note", "notes"} {
				same(k, now, obj{field: before[i][field]})
			}
			same(k, now, obj{"detached": i > 2, "series_id": map[bool]any{true: r["id"], false: series["id"]}[i > 2]})
		}
		d.at("past", series["id"], "03-16 10:00", "03-23 10:00")
		d.at("to come", r["id"], "03-31 12:00", "04-06 10:00", "04-14 10:00", "04-20 10:00", "04-28 12:00", "05-05 12:00")
	})
}

// What is kept in the middle has no place in the rule any more, also when the
// series keeps its id.
func TestACancelledVisitIsLeftBehindWhenItsSeriesMoves(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly())
		cancelled := d.change(all[1], obj{"status": "cancelled"})
		r := d.changeSeries(all[0], obj{"scope": "all", "starts_at": "2026-03-16T12:00:00Z"})
		same(k, r, obj{"id": series["id"], "kept": []any{cancelled["id"]}})
		left := d.get(cancelled)
		same(k, left, obj{"detached": true, "starts_at": "2026-03-23T08:00:00Z", "status": "cancelled"})
		same(k, d.change(left, obj{"status": "scheduled"}), obj{"starts_at": "2026-03-23T08:00:00Z", "detached": true})
	})
}
