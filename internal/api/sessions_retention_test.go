package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// years moves the clock by calendar years and signs in again.
func (p *pen) years(n int) {
	p.T.Helper()
	now := p.Clock.Now()
	p.later(now.AddDate(n, 0, 0).Sub(now))
}

func (p *pen) purge() practice.Purged {
	p.T.Helper()
	p.Get("/clients", p.AuthHeaders(p.User1)).Want(p.Kit, http.StatusOK) // somebody is at work
	done, err := p.Practice.Purge(p.T.Context(), p.Workspace1.ID)
	testkit.NoErr(p.T, err)
	return done
}

// purges are the purges in the audit chain, as "action count". What went is
// named besides, record by record.
func (p *pen) purges() []string {
	p.T.Helper()
	const sums = "select cast(coalesce(sum(records), 0) as bigint) from audit_events where action in ('session.purge', 'appointment.purge') and subject_id "
	whole := p.DB.Rows(sums+"= $1", uuid.Nil.String())[0][0]
	if named := p.DB.Rows(sums+"<> $1", uuid.Nil.String())[0][0]; named != whole {
		p.T.Errorf("%s records are named of %s that went", named, whole)
	}
	all := []string{}
	for _, r := range p.DB.Rows("select action, actor_kind, records from audit_events where action in ('session.purge', 'appointment.purge') and subject_id = $1 order by seq", uuid.Nil.String()) {
		all = append(all, fmt.Sprint(r))
	}
	return all
}

// person adds a client.
func (p *pen) person(born string) string {
	p.T.Helper()
	return p.AddClient(p.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi", DateOfBirth: model.Text(born)}}).ID.String()
}

func (p *pen) there(note obj) bool {
	p.T.Helper()
	n := p.DB.Count("select count(*) from sessions where id = $1", note["id"])
	if v := p.DB.Count("select count(*) from session_versions where session_id = $1", note["id"]); n == 0 && v > 0 {
		p.T.Errorf("%d versions are left without their note", v)
	}
	return n == 1
}

func TestPurgeOfDeletedDrafts(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		gone, kept := p.note(obj{"plan": "x"}), p.note(obj{"plan": "x"})
		p.remove(gone, nil).Want(k, 204)
		theirs := as(k, k.User2).note(obj{"client_id": k.Client2.ID.String()})
		as(k, k.User2).remove(theirs, nil).Want(k, 204)
		p.later(30 * 24 * time.Hour)
		if done := p.purge(); done != (practice.Purged{}) || len(p.purges()) != 0 {
			t.Errorf("too early: %+v %q", done, p.purges())
		}
		p.later(time.Second)
		if done := p.purge(); done != (practice.Purged{Drafts: 1}) {
			t.Errorf("purged %+v", done)
		}
		if p.there(gone) || !p.there(kept) || !p.there(theirs) {
			t.Error("other notes are gone, or the note is not")
		}
		p.restore(gone).WantCode(k, 404, "not_found")
		if done := p.purge(); done != (practice.Purged{}) {
			t.Errorf("again: %+v", done)
		}
		if got := p.purges(); !slices.Equal(got, []string{"[session.purge system 1]"}) {
			t.Errorf("the trail says %q", got)
		}
	})
}

func TestPurgeInParts(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		k.AddNotes(k.User1, k.Client1.ID, 450, func(int) model.Sections { return model.Sections{Plan: "x"} })
		testkit.NoErr(t, k.DB.Exec("update sessions set deleted_at = created_at, deleted_by = author_id"))
		p.later(31 * 24 * time.Hour)
		if done := p.purge(); done.Drafts != 450 || p.count() != 0 {
			t.Errorf("%+v, %d are left", done, p.count())
		}
		if got := p.purges(); !slices.Equal(got, []string{"[session.purge system 200]", "[session.purge system 200]", "[session.purge system 50]"}) {
			t.Errorf("the trail says %q", got)
		}
	})
}

func TestPurgeOfOldNotes_ASVS_14_2_7(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		p.years(-10)
		v := p.visit(-time.Hour, nil)
		signed := p.amend(p.sign(p.note(obj{"appointment_id": v["id"], "plan": "x"})), obj{"plan": "y"})
		wrong := p.void(p.signed(obj{"plan": "x"}))
		p.years(7)
		if done := p.purge(); done.Notes != 0 {
			t.Errorf("too early: %+v", done)
		}
		p.later(24*time.Hour + 2*time.Minute) // a day longer than promised
		if done := p.purge(); done != (practice.Purged{Notes: 2}) || p.there(signed) || p.there(wrong) {
			t.Errorf("purged %+v", done)
		}
		if done := p.purge(); done != (practice.Purged{}) {
			t.Errorf("again: %+v", done)
		}
		if got := p.purges(); !slices.Equal(got, []string{"[session.purge system 2]"}) {
			t.Errorf("the trail says %q", got)
		}
		same(k, p.calendar(v), obj{"status": "attended", "note": nil}) // the visit itself stays
	})
}

// What keeps the notes of a client, each of them alone.
func TestWhatKeepsOldNotes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		p.years(-10)
		kept, free := map[string]obj{}, map[string]obj{}
		old := func(client string) obj { return p.signed(obj{"client_id": client, "plan": "x"}) }
		for _, why := range []string{"a later visit", "a later note", "a later draft", "an amendment", "an old draft", "an appointment to come",
			"a visit that is planned and past", "a later no-show", "a deleted one to come"} {
			kept[why] = old(p.person(""))
		}
		for _, why := range []string{"nothing", "a cancelled one to come", "an old draft in the trash"} {
			free[why] = old(p.person(""))
		}
		visit := func(n obj, in time.Duration, status string) obj {
			return p.visit(in, obj{"client_id": n["client_id"], "status": status})
		}
		p.note(obj{"client_id": kept["an old draft"]["client_id"], "plan": "x"})
		thrown := p.note(obj{"client_id": free["an old draft in the trash"]["client_id"], "plan": "x"})
		p.years(5)
		visit(kept["a later visit"], -time.Hour, "attended")
		p.signed(obj{"client_id": kept["a later note"]["client_id"], "plan": "x"})
		p.note(obj{"client_id": kept["a later draft"]["client_id"]})
		p.amend(kept["an amendment"], obj{"plan": "y"})
		visit(kept["a visit that is planned and past"], -2*time.Hour, "scheduled")
		visit(kept["a later no-show"], -3*time.Hour, "no_show")
		p.years(5)
		visit(kept["an appointment to come"], time.Hour, "scheduled")
		visit(free["a cancelled one to come"], 2*time.Hour, "cancelled")
		v := visit(kept["a deleted one to come"], 3*time.Hour, "scheduled")
		k.Ask(http.MethodDelete, "/appointments/"+v["id"].(string), p.h, nil).Want(k, 204)
		p.remove(thrown, nil).Want(k, 204)
		if done := p.purge(); done.Notes != len(free) {
			t.Errorf("purged %+v", done)
		}
		for why, n := range kept {
			if !p.there(n) {
				t.Errorf("%s has not kept the note", why)
			}
		}
		for why, n := range free {
			if p.there(n) {
				t.Errorf("%s has kept the note", why)
			}
		}
	})
}

func TestNotesOfChildrenAreKeptLonger(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k) // it is 2 February 2026
		p.years(-10)
		notes := map[string]obj{}
		for _, born := range []string{"", "1960-01-01", "2001-02-01", "2001-02-03", "2010-06-01"} {
			notes[born] = p.signed(obj{"client_id": p.person(born), "plan": "x"})
		}
		p.years(10)
		p.purge()
		for born, want := range map[string]bool{"": false, "1960-01-01": false, "2001-02-01": false, "2001-02-03": true, "2010-06-01": true} {
			if p.there(notes[born]) != want {
				t.Errorf("born %q: kept %v, want %v", born, !want, want)
			}
		}
	})
}

func TestThePracticeSaysHowLongNotesAreKept(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		p.years(-10)
		n := p.signed(obj{"plan": "x"})
		p.years(10)
		keep := func(years any) { k.Ask(http.MethodPut, "/workspace", p.h, obj{"retention_years": years}).Want(k, 200) }
		keep(11)
		if p.purge(); !p.there(n) {
			t.Fatal("it was to be kept for eleven years")
		}
		keep(9)
		if p.purge(); p.there(n) {
			t.Error("it was to be kept for nine years")
		}
	})
}

func TestPurgeOfDeletedAppointments(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		made := map[string]obj{}
		for i, what := range []string{"free", "waived", "paid", "asked for", "noted", "not deleted"} {
			made[what] = p.visit(time.Duration(-2-2*i)*time.Hour, nil)
		}
		for what, status := range map[string]string{"waived": "waived", "paid": "paid", "asked for": "payment_sent"} {
			k.Ask(http.MethodPatch, fmt.Sprint("/appointments/", made[what]["id"], "/payment"), p.h, obj{"payment_status": status}).Want(k, 200)
		}
		n := p.about(made["noted"])
		for what, v := range made {
			if what != "not deleted" {
				k.Ask(http.MethodDelete, "/appointments/"+v["id"].(string), p.h, nil).Want(k, 204)
			}
		}
		there := func() (all []string) {
			for what, v := range made {
				if k.DB.Count("select count(*) from appointments where id = $1", v["id"]) == 1 {
					all = append(all, what)
				}
			}
			slices.Sort(all)
			return all
		}
		p.later(30 * 24 * time.Hour)
		if done := p.purge(); done.Appointments != 0 {
			t.Errorf("too early: %+v", done)
		}
		p.later(time.Second)
		if done := p.purge(); done != (practice.Purged{Appointments: 2}) || !slices.Equal(there(), []string{"asked for", "not deleted", "noted", "paid"}) {
			t.Errorf("purged %+v, there are %q", done, there())
		}
		p.remove(n, nil).Want(k, 204)
		p.later(31 * 24 * time.Hour)
		if done := p.purge(); done != (practice.Purged{Drafts: 1, Appointments: 1}) {
			t.Errorf("with its note: %+v", done)
		}
	})
}

// A practice that nobody has used for half a year is let alone, and so is one
// whose server's clock has jumped.
func TestNothingIsPurgedWhereNobodyWorks(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		p.years(-10)
		n := p.signed(obj{"plan": "x"})
		k.Clock.Advance(10 * 366 * 24 * time.Hour)
		if done, err := k.Practice.Purge(t.Context(), k.Workspace1.ID); err != nil || done != (practice.Purged{}) {
			t.Fatalf("purged %+v, %v", done, err)
		}
		if k.DB.Count("select count(*) from session_versions") != 1 {
			t.Fatal("the note is gone")
		}
		p.years(0)
		if p.purge(); p.there(n) {
			t.Fatal("somebody is at work, and it is still there")
		}
	})
}
