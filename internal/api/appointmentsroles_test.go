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

// Whoever works in the practice keeps the calendar, that of others as well.
func TestEveryRoleKeepsTheCalendar(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for i, u := range []model.User{k.User1, k.Practitioner1, k.Assistant1} {
			d := deskOf(k, u)
			for j, with := range []model.User{k.User1, k.Practitioner1} {
				a := d.book(plus(d.visit(time.Duration(24*(2*i+j))*time.Hour, time.Hour), obj{"practitioner_id": with.ID.String()}))
				a = d.change(a, obj{"starts_at": d.in(time.Duration(24*(2*i+j)+3) * time.Hour), "notes": "moved"})
				a = payments(d)["PATCH"](a, obj{"price": 100, "payment_status": "paid"}).Want(k, 200).Map(k)
				a = d.change(a, obj{"status": "cancelled", "cancel_reason": "ill"})
				d.del(a)
				same(k, d.restore(a, nil).Want(k, 200).Map(k), obj{"status": "cancelled", "price": 100, "practitioner_id": with.ID.String()})
				if row := d.row(a, "created_by"); row[0] != u.ID.String() {
					t.Errorf("%v: booked by %s", u.Role, row[0])
				}
			}
		}
	})
}

func TestNobodyBooksWithoutASession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		before := d.SnapshotWithoutTrail(k.Workspace1.ID)
		d.header = http.Header{"X-Workspace-Id": {k.Workspace1.ID.String()}}
		for _, res := range []*testkit.Response{
			d.page(""), d.post(d.visit(3*time.Hour, time.Hour)), d.put(a, obj{"notes": "x"}), payments(d)["PATCH"](a, obj{"price": 1}), d.restore(a, nil),
			k.Ask(http.MethodGet, pathOf(a), d.header, nil), k.Ask(http.MethodDelete, pathOf(a), d.header, nil),
			k.Ask(http.MethodGet, "/appointments/conflicts?"+query(d.visit(0, time.Hour)).Encode(), d.header, nil),
		} {
			res.WantCode(k, 401, "unauthenticated")
		}
		if d.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Error("something was changed")
		}
	})
}

func TestForeignAppointmentsAreNowhere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d, theirs := deskOf(k, k.User1), deskOf(k, k.User2)
		visit := plus(d.visit(time.Hour, time.Hour), obj{"client_id": k.Client2.ID.String(), "notes": "Zzmarker"})
		foreign := theirs.book(visit)
		gone := theirs.book(plus(visit, obj{"starts_at": d.in(3 * time.Hour), "ends_at": d.in(4 * time.Hour)}))
		theirs.del(gone)
		before := d.SnapshotWithoutTrail(k.Workspace2.ID)
		for _, a := range []obj{foreign, gone} {
			d.put(a, obj{"notes": "mine"}).WantCode(k, 404, "not_found")
			payments(d)["PATCH"](a, obj{"price": 1}).WantCode(k, 404, "not_found")
			k.Ask(http.MethodDelete, pathOf(a), d.header, nil).WantCode(k, 404, "not_found")
			d.restore(a, nil).WantCode(k, 404, "not_found")
		}
		for _, q := range []string{"", "deleted=true", "client_id=" + k.Client2.ID.String(), "practitioner_id=" + k.User2.ID.String(), "from=2026-02-01T00:00:00Z"} {
			res := d.page(q).Want(k, 200)
			if strings.TrimSpace(string(res.Body)) != "[]" || res.Header.Get("X-Total-Count") != "0" {
				t.Errorf("%q lists %s", q, res.Body)
			}
		}
		if found := d.clashing(query(plus(visit, obj{"exclude_appointment_id": idIn(foreign)}))); len(found) != 0 {
			t.Errorf("in the way is %v", found)
		}
		a := d.book(d.visit(time.Hour, time.Hour))
		d.put(a, obj{"client_id": k.Client2.ID.String()}).WantCode(k, 404, "not_found")
		if d.SnapshotWithoutTrail(k.Workspace2.ID) != before {
			t.Error("something of theirs was changed")
		}
	})
}

// An empty practice sees nothing, and its member may begin.
func TestNewPracticeBeginsEmpty(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		deskOf(k, k.User1).book(deskOf(k, k.User1).visit(time.Hour, time.Hour))
		w := k.AddWorkspace(3)
		d := deskOf(k, k.AddUser(9, w.ID, model.Owner))
		if all := d.page("").Want(k, 200).List(k); len(all) != 0 {
			t.Errorf("it lists %v", all)
		}
		client := k.AddClient(w.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}})
		a := d.book(plus(d.visit(time.Hour, time.Hour), obj{"client_id": client.ID.String()}))
		same(k, a, obj{"workspace_id": w.ID.String(), "version": 1})
		if got := k.Audited(w.ID, model.AppointmentBook); !slices.Equal(got, []testkit.AuditedEvent{{Outcome: "ok", Subject: idIn(a), Records: "1", Actor: a["practitioner_id"].(string)}}) {
			t.Errorf("the trail says %+v", got)
		}
	})
}
