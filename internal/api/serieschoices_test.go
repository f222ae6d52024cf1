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

func TestATimeThatIsTakenRefusesTheSeriesUntilSomebodyDecides(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		body := d.weekly()
		taken := d.book(obj{"client_id": k.Client1.ID.String(), "starts_at": "2026-03-23T08:30:00Z", "ends_at": "2026-03-23T09:30:00Z"})
		shown := d.preview(body)
		for i, o := range shown {
			if found := o["conflicting_appointments"].([]any); len(found) > 0 != (i == 1) || (i == 1 && inTheWay(found, taken) != "person") {
				t.Errorf("previewed %d: %v", i, found)
			}
		}
		if got := k.Audited(k.Workspace1.ID, model.SeriesPreview); len(got) != 1 || got[0].Records != "1" {
			t.Errorf("of the one that was shown the trail says %+v", got)
		}
		for _, choice := range []obj{{}, {"conflicts": "refuse"}, {"reason": "Just so"}, {"missing": "skip", "repeated": "earlier"}} {
			d.nothingStored("taken", func() {
				res := d.askSeries(plus(body, choice)).WantCode(k, 409, "overlap").Map(k)
				if found := res["conflicting_appointments"].([]any); inTheWay(found, taken) != "person" || found[0].(obj)["client_initials"] != "J.D." {
					t.Errorf("%v: %v is in the way", choice, found)
				}
			})
		}
		for _, reason := range []obj{{}, {"reason": nil}, {"reason": " "}} {
			d.nothingStored("no reason", func() {
				if got := wrong(k, d.askSeries(plus(body, obj{"conflicts": "override"}, reason))); !slices.Equal(got, []string{"body.reason required"}) {
					t.Errorf("%v: %v", reason, got)
				}
			})
		}
		_, skipped := d.bookSeries(plus(body, obj{"conflicts": "skip"}))
		if got := d.walls(skipped, "Asia/Jerusalem"); !slices.Equal(got, []string{"03-16 10:00", "03-30 10:00", "04-06 10:00"}) {
			t.Errorf("skipping booked %v", got)
		}
		if got := overrides(k); len(got) != 0 {
			t.Errorf("overridden without being asked to: %v", got)
		}
		d.nothingStored("all taken", func() {
			all := plus(body, obj{"conflicts": "skip"})
			d.askSeries(all).WantCode(k, 409, "nothing_free")
		})
	})
}

func TestASeriesOverOthersIsAuditedVisitByVisit(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.book(obj{"client_id": k.Client1.ID.String(), "starts_at": "2026-03-23T08:30:00Z", "ends_at": "2026-03-23T09:30:00Z"})
		series, all := d.bookSeries(d.weekly(obj{"conflicts": "override", "reason": "Twins come together"}))
		if got := column(all, "overlap_reason"); !slices.Equal(got, []string{"<nil>", "Twins come together", "<nil>", "<nil>"}) {
			t.Errorf("reasons are %v", got)
		}
		if got := overrides(k); !slices.Equal(got, []string{idIn(all[1])}) {
			t.Errorf("overridden in the trail: %v", got)
		}
		booked := k.Audited(k.Workspace1.ID, model.SeriesBook)
		if len(booked) != 1 || booked[0] != (testkit.AuditedEvent{Outcome: "ok", Subject: idIn(series), Records: "4", Actor: k.User1.ID.String()}) {
			t.Errorf("the trail says %+v", booked)
		}
	})
}

func TestASeriesHasAtMost520Visits(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		daily := "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"
		for _, end := range []string{"COUNT=521", "COUNT=99999999999999999999", "UNTIL=20270818", "UNTIL=99991231"} {
			d.nothingStored(end, func() {
				if got := wrong(k, d.askSeries(d.weekly(obj{"rule": daily + ";" + end}))); !slices.Equal(got, []string{"body.rule too_many"}) {
					t.Errorf("%s: %v", end, got)
				}
			})
		}
		// 16 March 2026 and 519 days: until 17 August 2027.
		series, all := d.bookSeries(d.weekly(obj{"rule": daily + ";UNTIL=20270817"}))
		if n := k.DB.Count("select count(distinct starts_at) from appointments where series_id = $1", idIn(series)); n != 520 || len(all) != 520 {
			t.Errorf("%d are stored, %d answered", n, len(all))
		}
		r := d.changeSeries(all[0], obj{"scope": "all", "starts_at": "2026-03-17T08:00:00Z"})
		if n := len(listIn(r, "changed")); n != 520 {
			t.Errorf("%d were moved onto the day of the next", n)
		}
	})
}

func TestASeriesSentTwiceIsBookedOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		once := deskOf(k, k.User1)
		once.header.Set("Idempotency-Key", "weekly")
		first, all := once.bookSeries(d.weekly())
		d.nothingStored("again", func() {
			again, same := once.bookSeries(d.weekly())
			if again["id"] != first["id"] || !slices.Equal(column(same, "id"), column(all, "id")) {
				t.Errorf("answered with %v", again["id"])
			}
		})
		d.nothingStored("another", func() {
			if res := once.askSeries(d.weekly(obj{"duration_minutes": 60})); res.Status/100 != 4 {
				t.Errorf("the key with another body answers %d", res.Status)
			}
		})
		d.askSeries(d.weekly()).WantCode(k, 409, "overlap")
	})
}

// badSeries are changes to a good booking, and what is said of them.
var badSeries = []struct {
	what  string
	body  obj
	wrong string
}{
	{"no client", obj{"client_id": ""}, "body.client_id uuid"},
	{"no start", obj{"local_start": ""}, "body.local_start wall"},
	{"an instant", obj{"local_start": "2026-03-16T10:00:00Z"}, "body.local_start wall"},
	{"no such day", obj{"local_start": "2026-02-30T10:00"}, "body.local_start wall"},
	{"no such time", obj{"local_start": "2026-03-16T24:00"}, "body.local_start wall"},
	{"seconds", obj{"local_start": "2026-03-16T10:00:30"}, "body.local_start wall"},
	{"too early", obj{"local_start": "1969-03-17T10:00"}, "body.local_start range"},
	{"a day that the rule does not have", obj{"local_start": "2026-03-17T10:00"}, "body.local_start rule_start"},
	{"no rule", obj{"rule": ""}, "body.rule rule"},
	{"daily", obj{"rule": "FREQ=DAILY;COUNT=3"}, "body.rule rule"},
	{"yearly", obj{"rule": "FREQ=YEARLY;COUNT=3"}, "body.rule rule"},
	{"no end", obj{"rule": "FREQ=WEEKLY;BYDAY=MO"}, "body.rule end"},
	{"two ends", obj{"rule": "FREQ=WEEKLY;BYDAY=MO;COUNT=3;UNTIL=20260413"}, "body.rule end"},
	{"none at all", obj{"rule": "FREQ=WEEKLY;BYDAY=MO;COUNT=0"}, "body.rule end"},
	{"it ends before it starts", obj{"rule": "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260315"}, "body.rule end"},
	{"a thousand years", obj{"rule": "FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=16;COUNT=500"}, "body.rule range"},
	{"no length", obj{"duration_minutes": 0}, "body.duration_minutes required"},
	{"a negative length", obj{"duration_minutes": -50}, "body.duration_minutes range"},
	{"longer than a day", obj{"duration_minutes": 1441}, "body.duration_minutes range"},
	{"so long that it is short", obj{"duration_minutes": 307445734561825861}, "body.duration_minutes range"},
	{"a fraction", obj{"duration_minutes": 50.5}, "body.duration_minutes type"},
	{"text for a length", obj{"duration_minutes": "50"}, "body.duration_minutes type"},
	{"unknown words", obj{"missing": "later", "repeated": "skip", "conflicts": "ignore"}, "body.conflicts choice,body.missing choice,body.repeated choice"},
	{"another place", obj{"location_type": "moon"}, "body.location_type choice"},
	{"a price below nothing", obj{"price": -1}, "body.price range"},
	{"long notes", obj{"notes": strings.Repeat("n", 10_001)}, "body.notes too_long"},
	{"a long reason", obj{"reason": strings.Repeat("r", 501)}, "body.reason too_long"},
	{"an unknown field", obj{"starts_at": "2026-03-16T10:00:00Z"}, "body.unknown unknown_field"},
	{"an unknown service", obj{"service_id": uuid.NewString()}, "body.service_id unknown"},
	{"an unknown location", obj{"location_id": uuid.NewString()}, "body.location_id unknown"},
	{"no practitioner", obj{"practitioner_id": testkit.ID(1, 4).String()}, "body.practitioner_id unknown"},
	{"several", obj{"local_start": "now", "rule": "never"}, "body.local_start wall,body.rule rule"},
}

func TestABadSeriesIsRefusedFieldByField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.nothingStored("bad fields", func() {
			for _, b := range badSeries {
				for _, path := range []string{"/series", "/series/preview"} {
					res := d.Ask(http.MethodPost, path, d.header, d.weekly(b.body))
					if got := strings.Join(wrong(k, res), ","); got != b.wrong {
						t.Errorf("%s to %s: %s, want %s", b.what, path, got, b.wrong)
					}
				}
			}
		})
	})
}

func TestVisitsThatOverlapOneAnotherAreNoSeries(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		rests := d.service(model.Service{Minutes: 60, BufferAfter: 60}).ID.String()
		// Israel's 27 March 2026 has 23 hours.
		days := obj{"local_start": "2026-03-26T10:00", "rule": "FREQ=WEEKLY;COUNT=2;BYDAY=TH,FR", "duration_minutes": 1380}
		for what, body := range map[string]obj{
			"a rest":      plus(days, obj{"service_id": rests}),
			"a short day": plus(days, obj{"duration_minutes": 1440}),
			"to overbook": plus(days, obj{"duration_minutes": 1440, "conflicts": "override", "reason": "Both"}),
		} {
			if got := wrong(k, d.askSeries(d.weekly(body))); !slices.Equal(got, []string{"body.duration_minutes too_long"}) {
				t.Errorf("%s: %v", what, got)
			}
		}
		d.bookSeries(d.weekly(days)) // one begins as the other ends
	})
}

func TestAnArchivedClientServiceOrPlaceGetsNoSeries(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		now := k.Clock.Now()
		service := d.service(model.Service{Minutes: 60, ArchivedAt: &now})
		place := d.location(model.Location{Type: "clinic", ArchivedAt: &now})
		testkit.NoErr(t, k.DB.Exec("update services set archived_at = created_at where id = $1", service.ID.String()))
		testkit.NoErr(t, k.DB.Exec("update locations set archived_at = created_at where id = $1", place.ID.String()))
		gone := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Gone", LastName: "Away"}})
		k.Do(http.MethodDelete, "/clients/"+gone.ID.String(), d.header, nil).Want(k, 204)
		for code, body := range map[string]obj{
			"service_archived": {"service_id": service.ID.String()}, "location_archived": {"location_id": place.ID.String()},
			"client_archived": {"client_id": gone.ID.String()},
		} {
			for _, path := range []string{"/series", "/series/preview"} {
				d.Ask(http.MethodPost, path, d.header, d.weekly(body)).WantCode(k, 409, code)
			}
		}
		d.askSeries(d.weekly(obj{"client_id": k.Client2.ID.String()})).WantCode(k, 404, "not_found")
		if n := k.DB.Count("select count(*) from appointment_series"); n != 0 {
			t.Errorf("%d series are stored", n)
		}
	})
}

func TestASeriesTakesWhatItsServiceAndPlaceSay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		price := int64(35000)
		service := d.service(model.Service{Minutes: 45, Price: &price, Currency: "ILS", BufferBefore: 5, BufferAfter: 10})
		room := d.location(model.Location{Type: "home", Exclusive: true})
		body := d.weekly(obj{"service_id": service.ID.String(), "location_id": room.ID.String(), "notes": "Bring the papers", "location_details": "Second floor"})
		delete(body, "duration_minutes")
		series, all := d.bookSeries(body)
		same(k, series, obj{"duration_minutes": 45})
		for i, a := range all {
			start, err := time.Parse(time.RFC3339, fmt.Sprint(a["starts_at"]))
			testkit.NoErr(t, err)
			same(k, a, obj{
				"ends_at": start.Add(45 * time.Minute).Format(time.RFC3339), "price": 35000, "currency": "ILS", "buffer_before_minutes": 5, "buffer_after_minutes": 10,
				"location_type": "home", "location_name": string(room.Name), "service_name": string(service.Name), "notes": "Bring the papers", "location_details": "Second floor",
				"practitioner_id": k.User1.ID.String(), "payment_status": "not_paid",
			})
			if row := d.row(a, "room_id, created_by"); !slices.Equal(row, []string{room.ID.String(), k.User1.ID.String()}) {
				t.Errorf("%d is stored with %v", i, row)
			}
		}
		// The room is taken for others, too.
		d.askSeries(plus(body, obj{"practitioner_id": k.Practitioner1.ID.String()})).WantCode(k, 409, "overlap")
		_, free := d.bookSeries(plus(body, obj{"location_id": nil, "service_id": nil, "duration_minutes": 30, "price": 100, "practitioner_id": k.Practitioner1.ID.String()}))
		same(k, free[3], obj{"price": 100, "buffer_after_minutes": 0, "practitioner_id": k.Practitioner1.ID.String()})
	})
}

func TestWhoMayBookASeries(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		assistant, other, foreign := deskOf(k, k.Assistant1), deskOf(k, k.Practitioner1), deskOf(k, k.User2)
		if got := wrong(k, assistant.askSeries(assistant.weekly())); !slices.Equal(got, []string{"body.practitioner_id required"}) {
			t.Errorf("an assistant between two practitioners: %v", got)
		}
		series, all := assistant.bookSeries(assistant.weekly(obj{"practitioner_id": k.Practitioner1.ID.String()}))
		same(k, all[0], obj{"practitioner_id": k.Practitioner1.ID.String()})
		other.series(series["id"])
		foreign.Ask(http.MethodGet, "/series/"+idIn(series), foreign.header, nil).WantCode(k, 404, "not_found")
		foreign.Ask(http.MethodGet, "/series/"+uuid.NewString(), foreign.header, nil).WantCode(k, 404, "not_found")
		for _, method := range []string{http.MethodPut, http.MethodDelete} {
			foreign.Ask(method, pathOf(all[0])+"/series", foreign.header, obj{"scope": "all", "version": 1, "notes": "Mine"}).WantCode(k, 404, "not_found")
		}
	})
}
