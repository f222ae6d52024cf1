package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func (d *desk) work(practitioner string) obj {
	d.T.Helper()
	query := ""
	if practitioner != "" {
		query = "?practitioner_id=" + practitioner
	}
	return d.Ask(http.MethodGet, "/work"+query, d.header, nil).Want(d.Kit, 200).Map(d.Kit)
}

// total is how many a list says there are.
func (d *desk) total(path string) int {
	d.T.Helper()
	var n int
	_, err := fmt.Sscan(d.Ask(http.MethodGet, path, d.header, nil).Want(d.Kit, 200).Header.Get("X-Total-Count"), &n)
	testkit.NoErr(d.T, err)
	return n
}

// past are visits of a day that is over, and what each leaves to do.
var past = []struct {
	what, status, payment string
	price                 int64
	noted, deleted        bool
}{
	{what: "nobody said", status: "scheduled"},
	{what: "nobody said, and it costs", status: "scheduled", price: 100},
	{what: "nobody said, but it is deleted", status: "scheduled", deleted: true},
	{what: "attended, free", status: "attended"},
	{what: "attended and unpaid", status: "attended", price: 100},
	{what: "attended, asked to pay", status: "attended", price: 100, payment: "payment_sent", noted: true},
	{what: "attended and paid", status: "attended", price: 100, payment: "paid"},
	{what: "attended and waived", status: "attended", price: 100, payment: "waived", noted: true},
	{what: "attended, deleted", status: "attended", price: 100, deleted: true},
	{what: "cancelled", status: "cancelled", price: 100},
	{what: "nobody came", status: "no_show", price: 100},
}

// workOf is what they leave: three lists, by hand.
var workOf = obj{"needs_status": 2, "needs_note": 3, "needs_payment": 2}

func leave(d *desk, who model.User) {
	d.T.Helper()
	for i, p := range past {
		start := d.Clock.Now().Add(-time.Duration(i+2) * time.Hour)
		a := model.Appointment{ClientID: d.Client1.ID, PractitionerID: who.ID, Status: p.status, StartsAt: start, Noted: p.noted}
		if a.PaymentStatus = p.payment; p.payment == "paid" {
			a.PaidAt = &start
		}
		if p.price > 0 {
			a.Price, a.Currency = &p.price, "ILS"
		}
		a = d.AddAppointment(d.Workspace1.ID, a)
		if p.deleted {
			testkit.NoErr(d.T, d.DB.Exec("update appointments set deleted_at = starts_at where id = $1", a.ID.String()))
		}
	}
	// What is still going on leaves nothing yet, nor what is to come.
	for i := range 2 {
		d.AddAppointment(d.Workspace1.ID, model.Appointment{ClientID: d.Client1.ID, PractitionerID: who.ID, StartsAt: d.Clock.Now().Add(time.Duration(2*i) * time.Hour)})
	}
}

func TestWorkCountsWhatTheListsShow(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d, other := deskOf(k, k.User1), deskOf(k, k.Practitioner1)
		leave(d, k.User1)
		leave(d, k.Practitioner1)
		leave(d, k.AddUser(9, k.Workspace1.ID, model.Practitioner))
		k.AddAppointment(k.Workspace2.ID, model.Appointment{ClientID: k.Client2.ID, PractitionerID: k.User2.ID, StartsAt: k.Clock.Now().Add(-3 * time.Hour)})
		(&pen{k, k.User1, d.header}).signed(obj{"plan": "Walk"})
		for range 2 {
			(&pen{k, k.User1, d.header}).note(nil)
		}
		(&pen{k, k.Practitioner1, other.header}).note(nil)
		for who, notes := range map[string]int{"": 3, k.User1.ID.String(): 2, k.Practitioner1.ID.String(): 1, testkit.ID(1, 9).String(): 0} {
			got, times := d.work(who), 1
			if who == "" {
				times = 3
			}
			same(k, got, obj{
				"needs_status": 2 * times, "needs_note": 3 * times, "needs_payment": 2 * times, "unsigned_notes": notes,
			})
			filter := map[bool]string{true: "&practitioner_id=" + who}[who != ""]
			for _, need := range []string{"status", "note", "payment"} {
				if n := d.total("/appointments?needs=" + need + filter); fmt.Sprint(n) != fmt.Sprint(got["needs_"+need]) {
					t.Errorf("%q: the list of %s has %d, counted are %v", who, need, n, got["needs_"+need])
				}
			}
			filter = map[bool]string{true: "&author_id=" + who}[who != ""]
			if n := d.total("/sessions?status=draft" + filter); n != notes {
				t.Errorf("%q: the list of drafts has %d, want %d", who, n, notes)
			}
		}
		for _, who := range []string{uuid.NewString(), k.User2.ID.String()} {
			same(k, d.work(who), obj{"needs_status": 0, "needs_note": 0, "needs_payment": 0, "unsigned_notes": 0})
		}
		if got := k.Audited(k.Workspace1.ID, model.WorkList); len(got) != 0 {
			t.Errorf("four numbers left %d entries in the trail", len(got))
		}
	})
}

func TestWorkCountsTheNotesThatOneMayRead(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, practitioner, assistant := deskOf(k, k.User1), deskOf(k, k.Practitioner1), deskOf(k, k.Assistant1)
		leave(owner, k.User1)
		(&pen{k, k.User1, owner.header}).note(nil)
		(&pen{k, k.Practitioner1, practitioner.header}).note(nil)
		for _, c := range []struct {
			who    *desk
			shared bool
			notes  int
		}{{owner, false, 2}, {practitioner, false, 1}, {practitioner, true, 2}, {assistant, false, 0}, {assistant, true, 0}} {
			owner.setting(obj{"shared_notes": c.shared})
			same(k, c.who.work(""), plus(workOf, obj{"unsigned_notes": c.notes}))
		}
		same(k, practitioner.work(k.User1.ID.String()), plus(workOf, obj{"unsigned_notes": 1}))
	})
}

func TestWorkIsDoneByWritingItDown(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(plus(d.visit(-2*time.Hour, time.Hour), obj{"price": 100}))
		p := &pen{k, k.User1, d.header}
		counted := func(status, note, payment, drafts int) {
			t.Helper()
			same(k, d.work(""), obj{"needs_status": status, "needs_note": note, "needs_payment": payment, "unsigned_notes": drafts})
		}
		counted(1, 0, 0, 0)
		a = d.change(a, obj{"status": "attended"})
		counted(0, 1, 1, 0)
		note := p.note(obj{"appointment_id": idIn(a), "plan": "Walk"})
		counted(0, 0, 1, 1)
		note = p.sign(note)
		counted(0, 0, 1, 0)
		p.void(note)
		counted(0, 1, 1, 0)
		d.Ask(http.MethodPatch, pathOf(a)+"/payment", d.header, obj{"payment_status": "paid"}).Want(k, 200)
		counted(0, 1, 0, 0)
		d.del(a)
		counted(0, 0, 0, 0)
	})
}
