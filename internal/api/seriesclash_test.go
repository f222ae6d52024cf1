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

func TestAMoveOntoATakenTimeIsRefusedUntilSomebodyDecides(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly())
		// On 31 March, where the third would be.
		taken := d.book(obj{"client_id": k.Client1.ID.String(), "starts_at": "2026-03-31T07:30:00Z", "ends_at": "2026-03-31T08:30:00Z"})
		tuesdays := obj{"scope": "following", "starts_at": "2026-03-24T08:00:00Z"}
		for _, choice := range []obj{{}, {"conflicts": "refuse"}, {"missing": "skip"}} {
			d.nothingStored("taken", func() {
				res := d.putSeries(all[1], plus(tuesdays, choice)).WantCode(k, 409, "overlap").Map(k)
				if found := res["conflicting_appointments"].([]any); inTheWay(found, taken) != "person" {
					t.Errorf("%v: %v is in the way", choice, found)
				}
			})
		}
		d.nothingStored("no reason", func() {
			if got := wrong(k, d.putSeries(all[1], plus(tuesdays, obj{"conflicts": "override"}))); !slices.Equal(got, []string{"body.reason required"}) {
				t.Errorf("without a reason: %v", got)
			}
		})
		r := d.changeSeries(all[1], plus(tuesdays, obj{"conflicts": "skip"}))
		same(k, r, obj{"kept": []any{all[2]["id"]}})
		d.at("skipped", r["id"], "03-24 10:00", "03-30 10:00", "04-07 10:00")
		same(k, d.get(all[2]), obj{"detached": true, "series_id": r["id"]})
		d.at("before", series["id"], "03-16 10:00")
		if got := overrides(k); len(got) != 0 {
			t.Errorf("overridden without being asked to: %v", got)
		}
	})
}

// That its last visit cannot move keeps the whole series where it is; named is
// what stands in the way, not the series itself.
func TestASeriesThatIsBlockedDoesNotBlameItself(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		_, all := d.bookSeries(d.weekly())
		taken := d.book(obj{"client_id": k.Client1.ID.String(), "starts_at": "2026-04-13T07:30:00Z", "ends_at": "2026-04-13T08:30:00Z"})
		res := d.putSeries(all[0], obj{"scope": "all", "starts_at": "2026-03-23T08:00:00Z"}).WantCode(k, 409, "overlap").Map(k)
		if found := res["conflicting_appointments"].([]any); inTheWay(found, taken) != "person" {
			t.Errorf("%v is in the way", found)
		}
	})
}

func TestAMoveOverOthersIsAuditedVisitByVisit(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for who, choice := range map[string]obj{k.User1.ID.String(): {"conflicts": "override"}, k.Practitioner1.ID.String(): {"override": true}} {
			with := obj{"practitioner_id": who}
			_, all := d.bookSeries(d.weekly(with))
			d.book(plus(obj{"client_id": k.Client1.ID.String(), "starts_at": "2026-03-31T07:30:00Z", "ends_at": "2026-03-31T08:30:00Z"}, with))
			before := len(overrides(k))
			r := d.changeSeries(all[1], plus(obj{"scope": "following", "starts_at": "2026-03-24T08:00:00Z", "reason": "Twins"}, choice))
			if got := column(listIn(r, "changed"), "overlap_reason"); !slices.Equal(got, []string{"<nil>", "Twins", "<nil>"}) {
				t.Errorf("%v: reasons are %v", choice, got)
			}
			if got := overrides(k)[before:]; !slices.Equal(got, []string{idIn(all[2])}) {
				t.Errorf("%v: overridden in the trail: %v", choice, got)
			}
			// A change that moves nothing overrides nothing anew.
			d.changeSeries(listIn(r, "changed")[0], obj{"scope": "following", "notes": "Quiet", "override": true, "reason": "Again"})
			if got := overrides(k)[before:]; len(got) != 1 || d.get(all[2])["overlap_reason"] != "Twins" {
				t.Errorf("%v: overridden in the trail: %v, for %v", choice, got, d.get(all[2])["overlap_reason"])
			}
		}
	})
}

func TestAnotherPractitionerWhoIsBusyRefusesTheChange(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly())
		who := k.Practitioner1.ID.String()
		taken := d.book(obj{"client_id": k.Client1.ID.String(), "practitioner_id": who, "starts_at": "2026-03-30T07:30:00Z", "ends_at": "2026-03-30T08:30:00Z"})
		d.nothingStored("busy", func() {
			res := d.putSeries(all[0], obj{"scope": "all", "practitioner_id": who}).WantCode(k, 409, "overlap").Map(k)
			if found := res["conflicting_appointments"].([]any); inTheWay(found, taken) != "person" {
				t.Errorf("%v is in the way", found)
			}
		})
		r := d.changeSeries(all[0], obj{"scope": "all", "practitioner_id": who, "conflicts": "skip"})
		same(k, r, obj{"id": series["id"], "kept": []any{all[2]["id"]}})
		same(k, d.get(all[2]), obj{"detached": false, "version": 1, "practitioner_id": k.User1.ID.String()})
		same(k, d.get(all[3]), obj{"practitioner_id": who})
	})
}

func TestWhatAChangeOfASeriesRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		_, all := d.bookSeries(d.weekly())
		single := d.book(d.visit(time.Hour, time.Hour))
		alone := d.change(all[3], obj{"starts_at": "2026-04-07T07:00:00Z"})
		other := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Someone", LastName: "Else"}})
		d.nothingStored("refusals", func() {
			for want, change := range map[string]obj{
				"body.client_id series":        {"scope": "all", "client_id": other.ID.String()},
				"body.status series":           {"scope": "all", "status": "no_show"},
				"body.scope choice":            {"notes": "Which of them?"},
				"body.version required":        {"scope": "all", "version": 0},
				"body.starts_at minute":        {"scope": "all", "starts_at": "2026-03-16T08:00:30Z"},
				"body.ends_at order":           {"scope": "all", "ends_at": "2026-03-16T08:00:00Z"},
				"body.conflicts choice":        {"scope": "all", "conflicts": "ignore"},
				"body.service_id unknown":      {"scope": "all", "service_id": uuid.NewString()},
				"body.practitioner_id unknown": {"scope": "all", "practitioner_id": k.Assistant1.ID.String()},
			} {
				if got := wrong(k, d.putSeries(all[0], change)); !slices.Equal(got, []string{want}) {
					t.Errorf("%v: %v, want %s", change, got, want)
				}
			}
			d.putSeries(single, obj{"scope": "all", "notes": "?"}).WantCode(k, 409, "no_series")
			d.deleteSeries(single, obj{"scope": "all"}).WantCode(k, 409, "no_series")
			d.putSeries(alone, obj{"scope": "all", "starts_at": "2026-04-08T07:00:00Z"}).WantCode(k, 409, "detached")
			stale := d.putSeries(all[3], obj{"scope": "all", "notes": "?"}).WantCode(k, 409, "stale").Map(k)
			same(k, stale["current"].(obj), obj{"id": all[3]["id"], "version": 2})
			d.putSeries(obj{"id": uuid.NewString(), "version": 1}, obj{"scope": "all"}).WantCode(k, 404, "not_found")
			if got := wrong(k, d.deleteSeries(all[0], obj{"scope": "one"})); !slices.Equal(got, []string{"body.scope choice"}) {
				t.Errorf("deleting one: %v", got)
			}
			if got := wrong(k, d.deleteSeries(all[0], obj{"scope": "all", "reason": strings.Repeat("r", 501)})); !slices.Equal(got, []string{"body.reason too_long"}) {
				t.Errorf("a long reason: %v", got)
			}
		})
		k.Clock.Advance(365 * 24 * time.Hour)
		d = deskOf(k, k.User1)
		d.nothingStored("all past", func() {
			d.putSeries(all[0], obj{"scope": "all", "notes": "?"}).WantCode(k, 409, "nothing_to_change")
			d.deleteSeries(all[0], obj{"scope": "all"}).WantCode(k, 409, "nothing_to_change")
		})
	})
}

func TestTheVersionOfASeriesChangeMayBeAHeader(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		_, all := d.bookSeries(d.weekly())
		h := d.header.Clone()
		h.Set("If-Match", `"7"`)
		d.Ask(http.MethodPut, pathOf(all[0])+"/series", h, obj{"scope": "all", "notes": "?"}).WantCode(k, 409, "stale")
		h.Set("If-Match", `"1"`)
		d.Ask(http.MethodPut, pathOf(all[0])+"/series", h, obj{"scope": "all", "notes": "Quiet"}).Want(k, 200)
	})
}

func TestThisAndTheFollowingAreDeletedAndComeBackTogether(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly(obj{"rule": "FREQ=WEEKLY;COUNT=5;BYDAY=MO"}))
		d.change(all[3], obj{"status": "cancelled"})
		d.del(all[4]) // at another moment than the others
		k.Clock.Advance(time.Minute)
		r := d.deleteSeries(all[1], obj{"scope": "following", "reason": "Moves away"}).Want(k, 200).Map(k)
		changed := listIn(r, "changed")
		if got := column(changed, "id"); !slices.Equal(got, column(all[1:3], "id")) {
			t.Errorf("deleted are %v", got)
		}
		same(k, r, obj{"kept": []any{all[3]["id"]}})
		for _, c := range changed {
			same(k, c, obj{"version": 2, "delete_reason": "Moves away"})
			if row := d.row(c, "version"); row[0] != "2" {
				t.Errorf("stored in version %s", row[0])
			}
		}
		d.at("left", series["id"], "03-16 10:00", "04-06 10:00")
		trail := k.Audited(k.Workspace1.ID, model.AppointmentDelete)
		if last := trail[len(trail)-1]; last.Subject != series["id"] || last.Records != "2" {
			t.Errorf("the trail says %+v", last)
		}
		d.restore(all[2], obj{"series": true}).Want(k, 200)
		d.at("together", series["id"], "03-16 10:00", "03-23 10:00", "03-30 10:00", "04-06 10:00")
		d.restore(all[4], nil).Want(k, 200)
		_, now := d.series(series["id"])
		if got := column(now, "detached"); slices.Contains(got, "true") {
			t.Errorf("detached: %v", got)
		}
	})
}

func TestOneOfADeletedSeriesComesBackAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly())
		d.deleteSeries(all[2], obj{"scope": "all"}).Want(k, 200)
		d.at("none", series["id"])
		d.restore(all[1], obj{}).Want(k, 200)
		d.at("one", series["id"], "03-23 10:00")
		// The others come back only if all of them can.
		d.book(obj{"client_id": k.Client1.ID.String(), "starts_at": "2026-04-06T07:00:00Z", "ends_at": "2026-04-06T08:00:00Z"})
		d.nothingStored("taken", func() { d.restore(all[0], obj{"series": true}).WantCode(k, 409, "overlap") })
		d.restore(all[0], obj{"series": true, "override": true, "reason": "Both"}).Want(k, 200)
		if got := overrides(k); !slices.Equal(got, []string{idIn(all[3])}) {
			t.Errorf("overridden in the trail: %v", got)
		}
	})
}

// While they were in the trash their series moved away.
func TestWhatComesBackWhereItsSeriesIsNoMoreStandsAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		series, all := d.bookSeries(d.weekly())
		d.deleteSeries(all[2], obj{"scope": "following"}).Want(k, 200)
		d.changeSeries(all[0], obj{"scope": "all", "starts_at": "2026-03-17T08:00:00Z"})
		d.restore(all[2], obj{"series": true}).Want(k, 200)
		d.at("both", series["id"], "03-17 10:00", "03-24 10:00", "03-30 10:00", "04-06 10:00")
		_, now := d.series(series["id"])
		if got := fmt.Sprint(column(now, "detached")); got != "[false false true true]" {
			t.Errorf("detached: %s", got)
		}
	})
}
