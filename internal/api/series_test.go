package api_test

import (
	"net/http"
	"testing"

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

func TestSeriesIsBookedByTheClockOnTheWall(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		body := fields{"client_id": k.Client1.ID.String(), "local_start": "2026-03-16T10:00", "duration_minutes": 50, "rule": "FREQ=WEEKLY;COUNT=4;BYDAY=MO"}
		preview := k.Do(http.MethodPost, "/series/preview", header, body).Want(k, 200).Map(k)
		if len(preview["occurrences"].([]any)) != 4 {
			t.Fatalf("previewed %v", preview)
		}
		made := k.Do(http.MethodPost, "/series", header, body).Want(k, 201).Map(k)
		var starts []string
		var ids []string
		for _, a := range made["appointments"].([]any) {
			starts = append(starts, a.(fields)["starts_at"].(string))
			ids = append(ids, a.(fields)["id"].(string))
		}
		// Israel's clocks went forward on 27 March 2026.
		for i, want := range []string{"2026-03-16T08:00:00Z", "2026-03-23T08:00:00Z", "2026-03-30T07:00:00Z", "2026-04-06T07:00:00Z"} {
			if starts[i] != want {
				t.Errorf("start %d is %s, want %s", i, starts[i], want)
			}
		}
		moved := k.Do(http.MethodPut, "/appointments/"+ids[1]+"/series", header, fields{
			"scope": "following", "version": 1, "starts_at": "2026-03-24T09:00:00Z",
		}).Want(k, 200).Map(k)
		t.Log(moved["rule"], moved["local_start"], len(moved["changed"].([]any)), moved["kept"])
		old := k.Get("/series/"+made["id"].(string), header).Want(k, 200).Map(k)
		t.Log(old["rule"], len(old["appointments"].([]any)))
		k.Do(http.MethodDelete, "/appointments/"+ids[2]+"/series", header, fields{"scope": "all"}).Want(k, 200)
		k.Do(http.MethodPost, "/appointments/"+ids[2]+"/restore", header, fields{"series": true}).Want(k, 200)
		k.Get("/appointments/slots?duration_minutes=60", header).Want(k, 200)
	})
}
