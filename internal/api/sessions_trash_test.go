package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/testkit"
)

func TestDeletedDraftsGoToTheTrash(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(obj{"plan": "Rest"})
		k.Clock.Advance(time.Minute)
		p.remove(n, obj{"reason": " Begun twice "}).Want(k, 204)
		p.get(n["id"]).WantCode(k, 404, "not_found")
		p.wantList("")
		_, res := p.list("?deleted=true")
		same(k, res.List(k)[0], obj{
			"id": n["id"], "plan": "Rest", "deleted_at": p.ago(0), "delete_reason": "Begun twice", "restore_until": p.ago(-30 * 24 * time.Hour),
			"status": "draft", "version": 2,
		})
		p.remove(n, nil).WantCode(k, 404, "not_found")
		if k.DB.Count("select count(*) from sessions where deleted_by = '"+k.User1.ID.String()+"'") != 1 {
			t.Error("who deleted it is not stored")
		}
	})
}

func TestDeleteReasons(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(nil)
		if got := wrong(k, p.remove(n, obj{"reason": strings.Repeat("x", 501)})); !slices.Equal(got, []string{"body.reason too_long"}) {
			t.Errorf("refused as %q", got)
		}
		p.remove(n, "{").WantCode(k, 400, "malformed")
		p.remove(n, obj{"other": 1}).WantCode(k, 422, "invalid")
		same(k, p.read(n), n)
		for _, body := range []any{nil, obj{}, obj{"reason": ""}, obj{"reason": strings.Repeat("ש", 500)}} {
			p.remove(p.note(nil), body).Want(k, 204)
		}
	})
}

func TestRestoredNotesAreAsBefore(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		n := p.note(obj{"appointment_id": v["id"], "plan": "Rest", "subjective": "Says"})
		p.restore(n).WantCode(k, 404, "not_found") // it is not deleted
		p.remove(n, obj{"reason": "Begun twice"}).Want(k, 204)
		if p.noted(v) {
			t.Error("a deleted note is the appointment's")
		}
		got := p.restore(n).Want(k, 200).Map(k)
		same(k, got, obj{"version": 3, "deleted_at": nil, "delete_reason": nil, "restore_until": nil, "appointment": n["appointment"], "plan": "Rest", "subjective": "Says"})
		same(k, p.read(n), got)
		p.wantList("", n["id"])
		p.wantList("?deleted=true")
		if !p.noted(v) {
			t.Error("the appointment has lost its note")
		}
		p.restore(n).WantCode(k, 404, "not_found")
		p.sign(got)
		p.restore(n).WantCode(k, 404, "not_found")
	})
}

func TestThirtyDaysToRestore(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		first, second := p.note(nil), p.note(nil)
		p.remove(first, nil).Want(k, 204)
		p.remove(second, nil).Want(k, 204)
		p.later(30 * 24 * time.Hour)
		p.restore(first).Want(k, 200)
		p.later(time.Second)
		p.restore(second).WantCode(k, 410, "expired")
		p.wantList("?deleted=true", second["id"])
	})
}

func TestRestoreWhenTheAppointmentHasAnotherNote(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		first := p.about(v)
		p.remove(first, nil).Want(k, 204)
		second := p.about(v)
		wantRef(k, p.restore(first).WantCode(k, 409, "has_note"), second)
		p.remove(second, nil).Want(k, 204)
		p.restore(first).Want(k, 200)
		p.restore(second).WantCode(k, 409, "has_note")
		if !p.noted(v) {
			t.Error("the appointment has lost its note")
		}
	})
}

func TestTwoRestoresOfOneAppointmentAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		var notes []obj
		for range 3 {
			n := p.about(v)
			p.remove(n, nil).Want(k, 204)
			notes = append(notes, n)
		}
		answers := together(3, func(i int) int {
			return k.Do(http.MethodPost, fmt.Sprint("/sessions/", notes[i]["id"], "/restore"), p.h, nil).Status
		})
		slices.Sort(answers)
		if !slices.Equal(answers, []int{200, 409, 409}) {
			t.Errorf("answers %v", answers)
		}
	})
}

func TestDeletingTheAppointmentKeepsTheNote(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		n := p.note(obj{"appointment_id": v["id"], "plan": "Rest"})
		k.Ask(http.MethodDelete, "/appointments/"+v["id"].(string), p.h, nil).Want(k, 204)
		same(k, p.read(n)["appointment"].(obj), obj{"id": v["id"], "deleted": true, "starts_at": v["starts_at"]})
		p.remove(n, nil).Want(k, 204)
		n = p.restore(n).Want(k, 200).Map(k)
		same(k, p.sign(n)["appointment"].(obj), obj{"starts_at": v["starts_at"], "deleted": true})
	})
}

func TestDeletingADraftThatGrewInAnotherTab(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(obj{"plan": "Rest"})
		grown := p.save(n, obj{"plan": "Rest, then walk"})
		same(k, p.remove(n, obj{"version": 1}).WantCode(k, 409, "stale").Map(k)["current"].(obj), grown)
		same(k, p.read(n), grown)
		p.remove(n, obj{"version": 2}).Want(k, 204)
	})
}
