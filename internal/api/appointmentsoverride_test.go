package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

var squeezed = obj{"override": true, "reason": "Twins come together"}

// overrides are the overrides in the trail, by whom they are about.
func overrides(k *testkit.Kit) (subjects []string) {
	k.T.Helper()
	for _, e := range k.Audited(k.Workspace1.ID, model.AppointmentOverride) {
		if e.Outcome != "ok" || e.Records != "1" || e.Actor != k.User1.ID.String() {
			k.T.Errorf("the trail says %+v", e)
		}
		subjects = append(subjects, e.Subject)
	}
	return subjects
}

func TestOverrideBooksOverOthersForAReason(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		visit := d.visit(time.Hour, time.Hour)
		first := d.book(plus(visit, squeezed)) // nobody is there, nothing is overridden
		same(k, first, obj{"overlap_allowed": false, "overlap_reason": nil})
		for what, body := range map[string]obj{
			"no reason": {"override": true}, "null": {"override": true, "reason": nil}, "blank": {"override": true, "reason": " \n\t"},
		} {
			if got := wrong(k, d.post(plus(visit, body))); !slices.Equal(got, []string{"body.reason required"}) {
				t.Errorf("%s: %q", what, got)
			}
		}
		d.post(plus(visit, obj{"reason": "no override"})).WantCode(k, 409, "overlap")
		d.post(plus(visit, obj{"override": false, "reason": "no"})).WantCode(k, 409, "overlap")
		second := d.book(plus(visit, squeezed))
		same(k, second, obj{"overlap_allowed": true, "overlap_reason": "Twins come together"})
		same(k, d.get(second), obj{"overlap_allowed": true, "overlap_reason": "Twins come together"})
		if strings.Contains(k.Snapshot(k.Workspace1.ID), "Twins") {
			t.Error("the reason is not sealed")
		}
		if got := overrides(k); !slices.Equal(got, []string{idIn(second)}) {
			t.Errorf("overridden in the trail: %v", got)
		}
		if n := k.DB.Count("select count(*) from appointments where overlap_allowed"); n != 1 {
			t.Errorf("%d are stored as allowed", n)
		}
		// The one that was let in is in the way of others as well.
		d.del(first)
		if found := d.clashing(query(visit)); inTheWay(found, second) != "person" {
			t.Errorf("in the way is %v", found)
		}
	})
}

func TestOverrideOfARoom(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		_, places := catalog(d)
		visit := plus(d.visit(time.Hour, time.Hour), obj{"location_id": places["room"]})
		d.book(plus(visit, obj{"practitioner_id": k.Practitioner1.ID.String()}))
		d.post(visit).WantCode(k, 409, "overlap")
		same(k, d.book(plus(visit, squeezed)), obj{"overlap_allowed": true})
	})
}

func TestMovingOverOthers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.book(d.visit(time.Hour, time.Hour))
		a := d.book(d.visit(3*time.Hour, time.Hour))
		onto := obj{"starts_at": d.in(time.Hour)}
		before := d.row(a, "*")
		d.put(a, onto).WantCode(k, 409, "overlap")
		if got := wrong(k, d.put(a, plus(onto, obj{"override": true}))); !slices.Equal(got, []string{"body.reason required"}) {
			t.Errorf("without a reason: %q", got)
		}
		if !slices.Equal(d.row(a, "*"), before) {
			t.Error("a refused move changed it")
		}
		a = d.change(a, plus(onto, squeezed))
		same(k, a, obj{"overlap_allowed": true, "overlap_reason": "Twins come together", "version": 2, "starts_at": d.in(time.Hour)})
		// What does not move it needs no reason anew, and keeps the old one.
		a = d.change(a, obj{"notes": "both", "price": 5, "location_type": "home", "starts_at": d.in(time.Hour), "reason": "another"})
		same(k, a, obj{"overlap_allowed": true, "overlap_reason": "Twins come together", "version": 3})
		d.put(a, obj{"ends_at": d.in(150 * time.Minute)}).WantCode(k, 409, "overlap")
		a = d.change(a, obj{"ends_at": d.in(150 * time.Minute), "override": true, "reason": "Triplets"})
		same(k, a, obj{"overlap_allowed": true, "overlap_reason": "Triplets", "version": 4})
		if got := overrides(k); !slices.Equal(got, []string{idIn(a), idIn(a)}) {
			t.Errorf("overridden in the trail: %v", got)
		}
		a = d.change(a, obj{"starts_at": d.in(6 * time.Hour), "reason": "free"})
		same(k, a, obj{"overlap_allowed": false, "overlap_reason": nil})
		d.put(a, onto).WantCode(k, 409, "overlap")
	})
}

func TestCancellingForgetsTheOverride(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		visit := d.visit(time.Hour, time.Hour)
		first := d.book(visit)
		a := d.change(d.book(plus(visit, squeezed)), obj{"status": "cancelled"})
		same(k, a, obj{"overlap_allowed": false, "overlap_reason": nil})
		d.put(a, obj{"status": "scheduled"}).WantCode(k, 409, "overlap")
		a = d.change(a, obj{"status": "scheduled", "override": true, "reason": "again"})
		same(k, a, obj{"status": "scheduled", "overlap_allowed": true, "overlap_reason": "again"})
		a = d.change(a, obj{"status": "no_show"})
		d.del(first)
		same(k, d.change(a, obj{"status": "scheduled"}), obj{"overlap_allowed": false, "version": 5})
	})
}

// Somebody who has no time for one more still has it for those that he has.
func TestChangingWhatStandsBesideAnOverride(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		visit := d.visit(time.Hour, time.Hour)
		first, second := d.book(visit), d.book(plus(visit, squeezed))
		same(k, d.change(first, obj{"notes": "window", "status": "scheduled", "ends_at": d.in(2 * time.Hour)}), obj{"version": 2, "overlap_allowed": false})
		d.put(d.get(first), obj{"starts_at": d.in(61 * time.Minute), "ends_at": d.in(2 * time.Hour)}).WantCode(k, 409, "overlap")
		same(k, d.change(second, obj{"payment_status": "paid"}), obj{"overlap_allowed": true})
	})
}

// Whenever a change takes another time, person or room, it is looked whether
// that is free.
func TestEveryMoveIsChecked(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		services, places := catalog(d)
		other := k.Practitioner1.ID.String()
		d.book(plus(d.visit(time.Hour, time.Hour), obj{"practitioner_id": other, "location_id": places["room"]}))
		d.book(d.visit(125*time.Minute, time.Hour))
		a := d.book(d.visit(time.Hour, time.Hour))
		for what, change := range map[string]obj{
			"a later start": {"starts_at": d.in(80 * time.Minute)}, "a later end": {"ends_at": d.in(126 * time.Minute)},
			"another practitioner": {"practitioner_id": other}, "a room": {"location_id": places["room"]},
			"a service that rests": {"service_id": services["after"]},
		} {
			res := d.put(a, change).WantCode(k, 409, "overlap")
			if found, _ := res.Map(k)["conflicting_appointments"].([]any); len(found) != 1 {
				t.Errorf("%s: it does not say who has the time: %s", what, res.Body)
			}
			if now := d.get(a); now["version"] != a["version"] {
				t.Errorf("%s: it was stored", what)
			}
		}
		for _, change := range []obj{
			{"starts_at": d.in(65 * time.Minute)}, {"ends_at": d.in(125 * time.Minute)}, {"starts_at": d.in(30 * time.Minute), "ends_at": d.in(50 * time.Minute)},
			{"service_id": services["after"]}, {"location_id": places["room 2"]}, {"location_id": places["hall"]}, {"practitioner_id": other},
			{"practitioner_id": k.User1.ID.String(), "starts_at": d.in(5 * time.Hour), "location_id": places["room"]},
		} {
			a = d.change(a, change)
			same(k, a, obj{"overlap_allowed": false})
		}
		if row := d.row(a, "room_id"); row[0] != places["room"] {
			t.Errorf("the room is %q", row[0])
		}
		if row := d.row(d.change(a, obj{"location_id": nil}), "room_id"); row[0] != "" {
			t.Errorf("the room is %q still", row[0])
		}
	})
}

func TestBuffersFollowTheService(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		services, _ := catalog(d)
		a := d.book(d.visit(5*time.Hour, time.Hour))
		a = d.change(a, obj{"service_id": services["both"]})
		same(k, a, obj{"buffer_before_minutes": 20, "buffer_after_minutes": 30, "starts_at": d.in(5 * time.Hour), "ends_at": d.in(6 * time.Hour), "price": nil})
		k.Ask(http.MethodPut, "/services/"+services["both"], d.header, obj{"buffer_before_minutes": 90}).Want(k, 200)
		a = d.change(a, obj{"notes": "as it was booked"})
		same(k, a, obj{"buffer_before_minutes": 20})
		d.book(d.visit(220*time.Minute, time.Hour)) // free, for what was booked keeps its buffers
		same(k, d.change(a, obj{"service_id": nil}), obj{"buffer_before_minutes": 0, "buffer_after_minutes": 0, "service_name": nil})
		if n := k.DB.Count("select count(*) from appointments where blocks_from = starts_at and blocks_to = ends_at and id = $1", idIn(a)); n != 1 {
			t.Error("its buffers are stored still")
		}
	})
}

func TestCancelledOnesMoveFreely(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		d.book(d.visit(time.Hour, time.Hour))
		for i, status := range []string{"cancelled", "no_show"} {
			a := d.change(d.book(d.visit(time.Duration(i+3)*time.Hour, time.Hour)), obj{"status": status})
			a = d.change(a, obj{"starts_at": d.in(time.Hour)})
			same(k, a, obj{"status": status, "overlap_allowed": false, "version": 3})
			d.put(a, obj{"status": "scheduled"}).WantCode(k, 409, "overlap")
			same(k, d.change(a, obj{"status": "scheduled", "starts_at": d.in(time.Duration(i+3) * time.Hour)}), obj{"status": "scheduled"})
		}
	})
}

// Overlaps across practices do not exist.
func TestOtherPracticesAreInNobodysWay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d, theirs := deskOf(k, k.User1), deskOf(k, k.User2)
		d.book(d.visit(time.Hour, time.Hour))
		visit := plus(d.visit(time.Hour, time.Hour), obj{"client_id": k.Client2.ID.String()})
		theirs.book(visit)
		theirs.post(visit).WantCode(k, 409, "overlap")
		if found := d.clashing(query(d.visit(time.Hour, time.Hour))); len(found) != 1 {
			t.Errorf("in the way are %v", found)
		}
		if got := k.Audited(k.Workspace1.ID, model.AppointmentBook); len(got) != 1 || got[0].Subject == uuid.Nil.String() {
			t.Errorf("the trail says %+v", got)
		}
	})
}
