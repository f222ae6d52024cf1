package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// payments are the two paths that a payment takes; one rule holds for both.
func payments(d *desk) map[string]func(a, change obj) *testkit.Response {
	return map[string]func(a, change obj) *testkit.Response{
		"PUT": d.put,
		"PATCH": func(a, change obj) *testkit.Response {
			d.T.Helper()
			return d.Ask(http.MethodPatch, pathOf(a)+"/payment", d.header, change)
		},
	}
}

// eachPath runs fn for both paths of a payment, on a day of its own.
func eachPath(t *testing.T, fn func(d *desk, visit obj, pay func(a, change obj) obj)) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		days := 0
		for path, send := range payments(d) {
			days++
			visit := d.visit(time.Duration(24*days)*time.Hour, time.Hour)
			fn(d, visit, func(a, change obj) obj {
				t.Helper()
				res := send(a, change)
				if res.Status != 200 {
					t.Fatalf("%s %v: %d %s", path, change, res.Status, res.Body)
				}
				got := res.Map(k)
				if read := d.get(a); fmt.Sprint(read) != fmt.Sprint(got) {
					t.Errorf("%s %v: read\n%v, answered\n%v", path, change, read, got)
				}
				return got
			})
		}
	})
}

func TestPaymentAtBooking(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for i, c := range []struct{ body, want obj }{
			{obj{}, obj{"price": nil, "currency": nil, "payment_status": "not_paid", "paid_at": nil, "payment_method": nil, "payment_notes": nil}},
			{obj{"price": 15000}, obj{"price": 15000, "currency": "USD", "payment_status": "not_paid", "paid_at": nil}},
			{obj{"price": 15000, "payment_method": "card", "payment_notes": "later"}, obj{"payment_method": "card", "payment_notes": "later", "paid_at": nil}},
			{obj{"payment_status": "paid"}, obj{"payment_status": "paid", "paid_at": d.in(0), "payment_method": nil}},
			{obj{"payment_status": "paid", "paid_at": d.in(-time.Hour)}, obj{"paid_at": d.in(-time.Hour)}},
			{obj{"payment_status": "paid", "paid_at": d.in(5 * time.Minute)}, obj{"paid_at": d.in(5 * time.Minute)}},
			{obj{"payment_status": "paid", "paid_at": nil}, obj{"paid_at": d.in(0)}},
			{obj{"payment_status": "payment_sent"}, obj{"payment_status": "payment_sent", "paid_at": nil}},
			{obj{"payment_status": "waived", "price": 0}, obj{"payment_status": "waived", "paid_at": nil, "price": 0, "currency": "USD"}},
		} {
			got := d.book(plus(d.visit(time.Duration(i+1)*24*time.Hour, time.Hour), c.body))
			same(k, got, c.want)
			same(k, d.get(got), c.want)
		}
		if n := k.DB.Count("select count(*) from appointments where paid_at is not null and payment_status = 'paid'"); n != 4 {
			t.Errorf("%d are stored as paid", n)
		}
	})
}

func TestPaidNowUnlessATimeIsGiven(t *testing.T) {
	eachPath(t, func(d *desk, visit obj, pay func(a, change obj) obj) {
		a := d.book(visit)
		d.Clock.Advance(time.Minute)
		a = pay(a, obj{"payment_status": "paid"})
		same(d.Kit, a, obj{"payment_status": "paid", "paid_at": d.in(0), "payment_method": nil, "status": "scheduled", "version": 2})
		paid := d.in(0)
		d.Clock.Advance(time.Minute)
		for _, change := range []obj{
			{"payment_status": "paid", "payment_notes": "thanks"}, {"payment_method": "cash"}, {"price": 500}, {"payment_notes": nil}, {"payment_status": "paid"},
		} {
			a = pay(a, change)
			same(d.Kit, a, plus(change, obj{"payment_status": "paid", "paid_at": paid}))
		}
		a = pay(a, obj{"paid_at": d.in(-48 * time.Hour)})
		same(d.Kit, a, obj{"paid_at": d.in(-48 * time.Hour), "payment_method": "cash", "price": 500})
		a = pay(a, obj{"payment_status": "paid", "paid_at": d.in(-72 * time.Hour)})
		same(d.Kit, a, obj{"paid_at": d.in(-72 * time.Hour)})
	})
}

func TestWhatIsPaidNoLongerHasNoTime(t *testing.T) {
	eachPath(t, func(d *desk, visit obj, pay func(a, change obj) obj) {
		a := d.book(plus(visit, obj{"price": 15000, "payment_status": "paid", "payment_method": "bit", "payment_notes": "n"}))
		for _, status := range []string{"not_paid", "payment_sent", "waived"} {
			a = pay(a, obj{"payment_status": status})
			same(d.Kit, a, obj{"payment_status": status, "paid_at": nil, "price": 15000, "currency": "USD", "payment_method": "bit", "payment_notes": "n"})
			if row := d.row(a, "paid_at"); row[0] != "" {
				d.T.Errorf("%s: stored as paid at %s", status, row[0])
			}
			d.Clock.Advance(time.Second)
			a = pay(a, obj{"payment_status": "paid"})
			same(d.Kit, a, obj{"paid_at": d.in(0)})
		}
	})
}

func TestPartsOfAPaymentChangeAlone(t *testing.T) {
	eachPath(t, func(d *desk, visit obj, pay func(a, change obj) obj) {
		a := d.book(plus(visit, obj{"price": 15000, "payment_status": "payment_sent", "payment_method": "bit", "payment_notes": "n", "notes": "x"}))
		for _, change := range []obj{
			{"price": 20000}, {"payment_method": "cash"}, {"payment_notes": "m"}, {"payment_status": "waived"}, {"payment_status": "not_paid"},
			{"payment_method": nil}, {"payment_notes": nil}, {"payment_method": "other", "payment_notes": "o"},
		} {
			but := []string{}
			for name := range change {
				but = append(but, name)
			}
			got := pay(a, change)
			same(d.Kit, got, change)
			same(d.Kit, got, untouched(a, but...))
			a = got
		}
		a = pay(a, obj{"price": nil})
		same(d.Kit, a, obj{"price": nil, "currency": nil, "payment_method": "other", "payment_notes": "o"})
		a = pay(a, obj{"price": 0})
		same(d.Kit, a, obj{"price": 0, "currency": "USD"})
		same(d.Kit, pay(a, obj{}), obj{"version": a["version"]})
	})
}

func TestPaymentInTheFutureIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		for path, send := range payments(d) {
			for _, change := range []obj{{"payment_status": "paid"}, {}, {"payment_status": "waived"}} {
				res := send(a, plus(change, obj{"paid_at": d.in(5*time.Minute + time.Microsecond)}))
				if got := wrong(k, res); !slices.Equal(got, []string{"body.paid_at future"}) {
					t.Errorf("%s %v: %q", path, change, got)
				}
			}
		}
		same(k, d.get(a), obj{"version": 1, "paid_at": nil, "payment_status": "not_paid"})
	})
}

func TestPatchMayNameTheVersion(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(time.Hour, time.Hour))
		patch := payments(d)["PATCH"]
		patch(a, obj{"price": 100}).Want(k, 200)
		now := patch(a, obj{"price": 200, "version": 2}).Want(k, 200).Map(k)
		current := patch(a, obj{"price": 300, "version": 2}).WantCode(k, 409, "stale").Map(k)["current"]
		if fmt.Sprint(current) != fmt.Sprint(now) {
			t.Errorf("current is %v, want %v", current, now)
		}
		h := d.header.Clone()
		h.Set("If-Match", `"1"`)
		k.Ask(http.MethodPatch, pathOf(a)+"/payment", h, obj{"price": 400}).WantCode(k, 409, "stale")
		h.Set("If-Match", `"3"`)
		k.Ask(http.MethodPatch, pathOf(a)+"/payment", h, obj{"price": 500}).Want(k, 200)
		same(k, d.get(a), obj{"price": 500, "version": 4})
	})
}

// The payment has a life of its own: the visit may be over, cancelled, noted,
// or put over another one.
func TestPaymentDoesNotLookAtTheRest(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.Assistant1)
		mine := obj{"practitioner_id": k.User1.ID.String()}
		for i, status := range model.AppointmentStatuses {
			visit := plus(d.visit(-time.Duration(24*(i+1))*time.Hour, time.Hour), mine)
			a := d.book(plus(visit, obj{"status": status}))
			d.note(a, "signed")
			over := d.book(plus(visit, squeezed))
			for _, one := range []obj{a, over} {
				got := payments(d)["PATCH"](one, obj{"payment_status": "paid", "price": 5}).Want(k, 200).Map(k)
				same(k, got, obj{"payment_status": "paid", "price": 5, "status": one["status"], "overlap_allowed": one["overlap_allowed"], "overlap_reason": one["overlap_reason"]})
			}
		}
		gone := d.book(plus(d.visit(-999*time.Hour, time.Hour), mine))
		d.del(gone)
		payments(d)["PATCH"](gone, obj{"price": 5}).WantCode(k, 404, "not_found")
	})
}

func TestPaymentsAreNeverLostFromTheDatabase(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		for i, status := range []string{"paid", "payment_sent", "not_paid", "waived"} {
			a := d.book(plus(d.visit(time.Duration(i+1)*time.Hour, time.Hour), obj{"payment_status": status}))
			if k.DB.Exec("delete from appointments where id = $1", idIn(a)) == nil {
				t.Errorf("%s: removed for good while it is there", status)
			}
			d.del(a)
			free := status == "not_paid" || status == "waived"
			if err := k.DB.Exec("delete from appointments where id = $1", idIn(a)); (err == nil) != free {
				t.Errorf("%s: removed for good: %v", status, err)
			}
		}
	})
}
