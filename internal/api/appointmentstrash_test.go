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

func TestDeletedAppointmentsAreInTheTrash(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a, kept := d.full(24*time.Hour), d.book(d.visit(time.Hour, time.Hour))
		res := k.Ask(http.MethodDelete, pathOf(a), d.header, obj{"reason": " Booked twice "}).Want(k, 204)
		if len(res.Body) != 0 {
			t.Errorf("the answer has a body: %s", res.Body)
		}
		k.Ask(http.MethodGet, pathOf(a), d.header, nil).WantCode(k, 404, "not_found")
		k.Ask(http.MethodDelete, pathOf(a), d.header, nil).WantCode(k, 404, "not_found")
		d.put(a, obj{"version": 2, "notes": "x"}).WantCode(k, 404, "not_found")
		if all := d.page("").Want(k, 200).List(k); len(all) != 1 || all[0]["id"] != kept["id"] {
			t.Errorf("listed are %v", all)
		}
		trash := d.page("deleted=true").Want(k, 200).List(k)
		if len(trash) != 1 {
			t.Fatalf("in the trash are %v", trash)
		}
		same(k, trash[0], untouched(a, "deleted_at", "delete_reason", "restore_until"))
		same(k, trash[0], obj{"deleted_at": d.in(0), "restore_until": d.in(30 * 24 * time.Hour), "delete_reason": "Booked twice", "version": 2})
		if row := d.row(a, "deleted_by"); row[0] != k.User1.ID.String() {
			t.Errorf("deleted by %q", row[0])
		}
	})
}

func TestRestoreBringsEverythingBack(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.full(24 * time.Hour)
		for i := range 2 {
			k.Ask(http.MethodDelete, pathOf(a), d.header, obj{"reason": "Booked twice"}).Want(k, 204)
			k.Clock.Advance(time.Minute)
			back := d.restore(a, nil).Want(k, 200).Map(k)
			same(k, back, untouched(a))
			same(k, back, obj{"deleted_at": nil, "delete_reason": nil, "restore_until": nil, "version": 3 + 2*i, "payment_status": "paid", "paid_at": a["paid_at"]})
			same(k, d.get(a), back)
			d.restore(a, nil).WantCode(k, 404, "not_found") // it is not deleted
		}
		if row := d.row(a, "deleted_at, deleted_by"); row[0] != "" || row[1] != "" {
			t.Errorf("stored as deleted: %q", row)
		}
		if n := len(d.page("deleted=true").Want(k, 200).List(k)); n != 0 {
			t.Errorf("%d are in the trash", n)
		}
	})
}

func TestTrashIsKeptFor30Days(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a, b := d.book(d.visit(time.Hour, time.Hour)), d.book(d.visit(3*time.Hour, time.Hour))
		d.del(a)
		d.del(b)
		k.Clock.Advance(30 * 24 * time.Hour)
		d = deskOf(k, k.User1)
		d.restore(a, nil).Want(k, 200)
		k.Clock.Advance(time.Microsecond)
		d.restore(b, nil).WantCode(k, 410, "expired")
		d.restore(b, obj{"override": true, "reason": "x"}).WantCode(k, 410, "expired")
		if row := d.row(b, "version"); row[0] != "2" {
			t.Errorf("it was changed: version %s", row[0])
		}
		d.del(a) // a new deletion, a new time
		k.Clock.Advance(29 * 24 * time.Hour)
		d = deskOf(k, k.User1)
		d.restore(a, nil).Want(k, 200)
	})
}

func TestRestoreOntoATimeThatIsTaken(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		visit := d.visit(time.Hour, time.Hour)
		a := d.book(visit)
		d.del(a)
		taken := d.book(visit)
		res := d.restore(a, nil).WantCode(k, 409, "overlap")
		if found, _ := res.Map(k)["conflicting_appointments"].([]any); inTheWay(found, taken) != "person" {
			t.Errorf("in the way is %v", found)
		}
		if got := wrong(k, d.restore(a, obj{"override": true})); !slices.Equal(got, []string{"body.reason required"}) {
			t.Errorf("without a reason: %q", got)
		}
		if got := wrong(k, d.restore(a, obj{"override": true, "reason": strings.Repeat("x", 501)})); !slices.Equal(got, []string{"body.reason too_long"}) {
			t.Errorf("a long reason: %q", got)
		}
		back := d.restore(a, squeezed).Want(k, 200).Map(k)
		same(k, back, obj{"overlap_allowed": true, "overlap_reason": "Twins come together", "deleted_at": nil})
		if got := overrides(k); !slices.Equal(got, []string{idIn(a)}) {
			t.Errorf("overridden in the trail: %v", got)
		}
		d.del(taken)
		d.del(a)
		same(k, d.restore(a, nil).Want(k, 200).Map(k), obj{"overlap_allowed": false, "overlap_reason": nil})
	})
}

func TestCancelledOnesAreRestoredOntoAnything(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		visit := d.visit(-time.Hour, time.Hour)
		for _, status := range []string{"cancelled", "no_show"} {
			a := d.book(plus(visit, obj{"status": status}))
			d.del(a)
			taken := d.book(visit)
			same(k, d.restore(a, nil).Want(k, 200).Map(k), obj{"status": status, "overlap_allowed": false})
			d.del(taken)
		}
		a := d.book(plus(visit, obj{"status": "attended"}))
		d.del(a)
		d.book(visit)
		d.restore(a, nil).WantCode(k, 409, "overlap")
	})
}

func TestDeletingLeavesTheNote(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for i, status := range []string{"draft", "signed"} {
			a := d.book(d.visit(-time.Duration(i+1)*time.Hour, time.Hour))
			id := d.note(a, status)
			d.del(a)
			if n := k.DB.Count("select count(*) from sessions where id = $1 and appointment_id = $2 and deleted_at is null", id, idIn(a)); n != 1 {
				t.Errorf("the %s is gone", status)
			}
			same(k, d.restore(a, nil).Want(k, 200).Map(k)["note"].(obj), obj{"id": id, "status": status})
		}
	})
}

func TestBadBodiesOfTrash(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a, b := d.book(d.visit(time.Hour, time.Hour)), d.book(d.visit(3*time.Hour, time.Hour))
		d.del(b)
		before := d.SnapshotWithoutTrail(k.Workspace1.ID)
		for body, want := range map[string]string{
			`{"reason":7}`: "body.reason type", `{"reason":"` + strings.Repeat("x", 501) + `"}`: "body.reason too_long",
			`{"reason":"a\u0000"}`: "body.reason characters", `{"Zzmarker":1}`: "body.unknown unknown_field",
		} {
			for path, method := range map[string]string{pathOf(a): http.MethodDelete, pathOf(b) + "/restore": http.MethodPost} {
				res := k.Ask(method, path, d.header, body)
				if got := wrong(k, res); !slices.Equal(got, []string{want}) || strings.Contains(string(res.Body), "Zzmarker") {
					t.Errorf("%s %.30s: %q, want %q", method, body, got, want)
				}
			}
		}
		k.Ask(http.MethodDelete, pathOf(a), d.header, "{").WantCode(k, 400, "malformed")
		d.restore(b, "{").WantCode(k, 400, "malformed")
		if d.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Error("something was stored")
		}
	})
}

func TestDeletedAppointmentsDoNotCount(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.del(d.book(d.visit(-time.Hour, time.Hour)))
		d.del(d.book(d.visit(time.Hour, time.Hour)))
		got := k.Ask(http.MethodGet, "/clients/"+k.Client1.ID.String(), d.header, nil).Want(k, 200).Map(k)
		same(k, got, obj{"next_appointment": nil, "last_appointment": nil, "appointment_count": 0})
		if got := k.Audited(k.Workspace1.ID, model.AppointmentDelete); len(got) != 2 {
			t.Errorf("the trail says %+v", got)
		}
	})
}

// Who says which version he saw does not throw away what another has changed
// since.
func TestDeletingWhatSomebodyHasChanged(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		b := d.change(a, obj{"version": 1, "notes": "Brings the scans"})
		stale := k.Ask(http.MethodDelete, pathOf(a), d.header, obj{"version": 1}).WantCode(k, 409, "stale")
		same(k, stale.Map(k)["current"].(obj), b)
		seen := d.header.Clone()
		seen.Set("If-Match", `"1"`)
		k.Ask(http.MethodDelete, pathOf(a), seen, nil).WantCode(k, 409, "stale")
		seen.Set("If-Match", `"one"`)
		k.Ask(http.MethodDelete, pathOf(a), seen, nil).Want(k, 422)
		same(k, d.get(a), b)
		seen.Set("If-Match", `"2"`)
		k.Ask(http.MethodDelete, pathOf(a), seen, nil).Want(k, 204)
	})
}
