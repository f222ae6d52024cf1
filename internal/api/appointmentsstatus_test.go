package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// note links a note of the practitioner to an appointment, and marks it as
// the writing of a note does.
func (d *desk) note(a obj, status string) string {
	d.T.Helper()
	id := uuid.New()
	var now, signed any = d.Clock.Now(), nil
	if d.Engine == "sqlite" {
		now = d.Clock.Now().UnixMicro()
	}
	versions := 0
	if status != model.SessionDraft {
		versions, signed = 1, now
	}
	testkit.NoErr(d.T, d.DB.Exec(`insert into sessions (workspace_id, id, client_id, appointment_id, author_id, status, session_date, versions,
		saved_at, signed_at, version, created_at, updated_at, facts) values ($1, $2, $3, $4, $5, $6, $7, $8, $7, $9, 1, $7, $7, $10)`,
		d.Workspace1.ID.String(), id.String(), d.Client1.ID.String(), idIn(a), d.User1.ID.String(), status, now, versions, signed, []byte{1}))
	testkit.NoErr(d.T, d.DB.Exec("update appointments set noted = $1 where id = $2", status != model.SessionEnteredInError, idIn(a)))
	return id.String()
}

// transitions say what a past visit answers that has no note, a draft, a
// signed note; "" is yes.
var transitions = map[string][3]string{
	"scheduled attended":  {"", "", ""},
	"scheduled cancelled": {"", "has_note", "has_note"},
	"scheduled no_show":   {"", "", "has_signed_note"},
	"attended scheduled":  {"", "", "has_signed_note"},
	"attended cancelled":  {"", "has_note", "has_note"},
	"attended no_show":    {"", "", "has_signed_note"},
	"cancelled scheduled": {"", "", "has_signed_note"},
	"cancelled attended":  {"", "", ""},
	"cancelled no_show":   {"", "", "has_signed_note"},
	"no_show scheduled":   {"", "", "has_signed_note"},
	"no_show attended":    {"", "", ""},
	"no_show cancelled":   {"", "has_note", "has_note"},
}

func TestEveryCellOfTheStatusTable(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		day := 0
		for _, from := range model.AppointmentStatuses {
			for _, to := range model.AppointmentStatuses {
				for i, note := range []string{"", "draft", "signed"} {
					day++
					a := d.book(plus(d.visit(time.Duration(-24*day)*time.Hour, time.Hour), obj{"status": from}))
					if note != "" {
						a["note"] = obj{"id": d.note(a, note), "status": note, "author_id": k.User1.ID.String()}
					}
					res, want := d.put(a, obj{"status": to}), transitions[from+" "+to][i]
					if want != "" {
						res.WantCode(k, 409, want)
						same(k, d.get(a), a) // as it was
						continue
					}
					wanted := plus(a, obj{"status": to})
					if from != to {
						wanted["version"] = 2
					}
					if res.Status != 200 {
						t.Errorf("%s to %s, note %q: %s", from, to, note, res.Body)
						continue
					}
					same(k, res.Map(k), wanted)
					same(k, d.get(a), wanted)
				}
			}
		}
	})
}

func TestStatusHasATime(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		booked := d.in(0)
		a := d.book(d.visit(-time.Hour, time.Hour))
		k.Clock.Advance(time.Minute)
		a = d.change(a, obj{"notes": "x"})
		same(k, a, obj{"status_at": booked, "updated_at": d.in(0), "created_at": booked})
		k.Clock.Advance(time.Minute)
		same(k, d.change(a, obj{"status": "attended"}), obj{"status_at": d.in(0)})
	})
}

func TestVisitIsAttendedFromAQuarterOfAnHourBefore(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		soon, late := d.book(d.visit(15*time.Minute, time.Minute)), d.book(d.visit(15*time.Minute+time.Minute, time.Hour))
		same(k, d.change(soon, obj{"status": "attended"}), obj{"status": "attended"})
		d.put(late, obj{"status": "attended"}).WantCode(k, 409, "too_early")
		for _, status := range []string{"cancelled", "no_show", "scheduled"} { // the others do not look at the clock
			late = d.change(late, obj{"status": status})
		}
		d.put(late, obj{"status": "attended", "starts_at": d.in(16 * time.Minute)}).WantCode(k, 409, "too_early")
		moved := d.change(late, obj{"status": "attended", "starts_at": d.in(-3 * time.Hour)})
		same(k, moved, obj{"status": "attended", "starts_at": d.in(-3 * time.Hour)})
		d.put(moved, obj{"starts_at": d.in(3 * time.Hour)}).WantCode(k, 409, "too_early")
		same(k, d.change(moved, obj{"starts_at": d.in(3 * time.Hour), "status": "scheduled"}), obj{"status": "scheduled"})
		k.Clock.Advance(10 * time.Minute)
		d.change(d.get(late), obj{"notes": "x"})
	})
}

func TestAttendanceCanBeTakenBackForADay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		first := d.change(d.book(d.visit(-time.Hour, time.Hour)), obj{"status": "attended"})
		second := d.change(d.book(d.visit(-3*time.Hour, time.Hour)), obj{"status": "attended"})
		k.Clock.Advance(24 * time.Hour)
		d = deskOf(k, k.User1)
		first = d.change(first, obj{"status": "scheduled"})
		second = d.change(second, obj{"notes": "other changes do not prolong it"})
		k.Clock.Advance(time.Microsecond)
		res := d.put(second, obj{"status": "scheduled"}).WantCode(k, 409, "attended_long_ago")
		if !strings.Contains(string(res.Body), "data integrity") {
			t.Errorf("it says %s", res.Body)
		}
		same(k, d.change(first, obj{"status": "attended"}), obj{"status": "attended"})
		same(k, d.change(second, obj{"status": "no_show"}), obj{"status": "no_show"})
	})
}

func TestUncancellingNeedsTheTime(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		visit := d.visit(-time.Hour, time.Hour)
		for _, gone := range []string{"cancelled", "no_show"} {
			a := d.change(d.book(visit), obj{"status": gone})
			taken := d.book(visit)
			for _, back := range []string{"scheduled", "attended"} {
				res := d.put(a, obj{"status": back}).WantCode(k, 409, "overlap")
				if found, _ := res.Map(k)["conflicting_appointments"].([]any); inTheWay(found, taken) != "person" {
					t.Errorf("%s to %s: in the way is %v", gone, back, found)
				}
			}
			same(k, d.get(a), obj{"status": gone, "version": 2})
			d.change(taken, obj{"status": "cancelled"})
			same(k, d.change(a, obj{"status": "scheduled"}), obj{"status": "scheduled"})
			d.del(a)
		}
	})
}

func TestReasonOfACancellation(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.change(d.book(d.visit(time.Hour, time.Hour)), obj{"status": "cancelled", "cancel_reason": " Has the flu "})
		same(k, a, obj{"cancel_reason": "Has the flu"})
		a = d.change(a, obj{"notes": "x"})
		same(k, a, obj{"cancel_reason": "Has the flu"})
		a = d.change(a, obj{"cancel_reason": "Has a cold"})
		same(k, a, obj{"cancel_reason": "Has a cold"})
		a = d.change(a, obj{"cancel_reason": nil})
		same(k, a, obj{"cancel_reason": nil})
		a = d.change(a, obj{"cancel_reason": "Flu", "status": "no_show"})
		same(k, a, obj{"cancel_reason": nil, "status": "no_show"})
		a = d.change(a, obj{"status": "cancelled", "cancel_reason": "Flu"})
		a = d.change(a, obj{"status": "scheduled", "notes": nil})
		same(k, a, obj{"cancel_reason": nil, "status": "scheduled"})
		if row := d.row(a, "details"); row[0] != "" {
			t.Error("the reason is stored still")
		}
	})
}

func TestRefusedChangeOfStatusSpeaksOfTheNote(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(plus(d.visit(-time.Hour, time.Hour), obj{"status": "attended"}))
		note := d.note(a, "signed")
		for _, to := range []string{"cancelled", "no_show", "scheduled"} {
			res := d.put(a, obj{"status": to}).Want(k, 409)
			if !strings.Contains(fmt.Sprint(res.Map(k)["detail"]), "session note") {
				t.Errorf("to %s: %s", to, res.Body)
			}
		}
		// One that was entered in error does not count.
		testkit.NoErr(t, k.DB.Exec("update sessions set status = 'entered_in_error', facts = $2 where id = $1", note, []byte{1}))
		same(k, d.get(a), obj{"note": nil})
		same(k, d.change(a, obj{"status": "cancelled"}), obj{"status": "cancelled"})
	})
}

func TestDeletedNotesDoNotCount(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(plus(d.visit(-time.Hour, time.Hour), obj{"status": "attended"}))
		note := d.note(a, "draft")
		d.put(a, obj{"status": "cancelled"}).WantCode(k, 409, "has_note")
		testkit.NoErr(t, k.DB.Exec("update sessions set deleted_at = created_at where id = $1", note))
		same(k, d.change(a, obj{"status": "cancelled"}), obj{"status": "cancelled", "note": nil})
	})
}

func TestClientOfANotedAppointmentStays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		other := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}})
		for i, note := range []string{"draft", "signed", "entered_in_error", ""} {
			a := d.book(d.visit(-time.Duration(24*(i+1))*time.Hour, time.Hour))
			if note != "" {
				d.note(a, note)
			}
			change := obj{"client_id": other.ID.String()}
			if note != "" {
				d.put(a, change).WantCode(k, 409, "has_note")
				same(k, d.change(a, obj{"client_id": k.Client1.ID.String(), "starts_at": d.in(-time.Duration(i+2) * time.Hour)}), obj{"version": 2})
				continue
			}
			same(k, d.change(a, change)["client"].(obj), obj{"id": other.ID.String(), "first_name": "Noa", "full_name": "Noa Levi"})
		}
	})
}

func TestNoteIsShownWithoutItsContent_ASVS_14_2_6(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(-time.Hour, time.Hour))
		id := d.note(a, "draft")
		for _, u := range []model.User{k.User1, k.Practitioner1, k.Assistant1} {
			d := deskOf(k, u)
			for _, got := range []obj{d.get(a), d.page("").Want(k, 200).List(k)[0]} {
				note := got["note"].(obj)
				same(k, note, obj{"id": id, "status": "draft", "author_id": k.User1.ID.String()})
				if names := slices.Sorted(maps.Keys(note)); !slices.Equal(names, []string{"author_id", "id", "status"}) {
					t.Errorf("%v sees %v of the note", u.Role, names)
				}
			}
		}
	})
}

// A visit that is planned again is a booking, and an archived client cannot be
// booked.
func TestNothingIsPlannedAgainWithAnArchivedClient(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		book := func(hours int) string {
			return k.Do(http.MethodPost, "/appointments", header, fields{
				"client_id": k.Client1.ID.String(), "starts_at": soonAt(hours), "ends_at": soonAt(hours + 1),
			}).Want(k, 201).Map(k)["id"].(string)
		}
		cancelled, deleted := book(2), book(4)
		k.Do(http.MethodPut, "/appointments/"+cancelled, header, fields{"status": "cancelled", "version": 1}).Want(k, 200)
		k.Do(http.MethodDelete, "/appointments/"+deleted, header, nil).Want(k, 204)
		k.Do(http.MethodDelete, "/clients/"+k.Client1.ID.String(), header, nil).Want(k, 204)
		k.Do(http.MethodPut, "/appointments/"+cancelled, header, fields{"status": "scheduled", "version": 2}).WantCode(k, 409, "client_archived")
		k.Do(http.MethodPost, "/appointments/"+deleted+"/restore", header, nil).WantCode(k, 409, "client_archived")
		k.Do(http.MethodPut, "/appointments/"+cancelled, header, fields{"notes": "Moved abroad", "version": 2}).Want(k, 200)
		k.Do(http.MethodPost, "/clients/"+k.Client1.ID.String()+"/restore", header, nil).Want(k, 200)
		k.Do(http.MethodPost, "/appointments/"+deleted+"/restore", header, nil).Want(k, 200)
	})
}
