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

// drop deletes a visit and says what becomes of its note.
func (p *pen) drop(visit obj, note string) *testkit.Response {
	p.T.Helper()
	return p.Ask(http.MethodDelete, pathOf(visit), p.h, obj{"session_note_action": note, "reason": "Booked twice"})
}

// regain restores a visit.
func (p *pen) regain(visit obj) obj {
	p.T.Helper()
	return p.Ask(http.MethodPost, pathOf(visit)+"/restore", p.h, nil).Want(p.Kit, 200).Map(p.Kit)
}

// trail returns the ids that the chain of the first practice names with an action.
func trail(k *testkit.Kit, act model.Action) (ids []string) {
	k.T.Helper()
	for _, e := range k.Audited(k.Workspace1.ID, act) {
		ids = append(ids, e.Outcome+" "+e.Subject)
	}
	return ids
}

func TestADraftGoesAndReturnsWithItsVisit(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		n := p.note(obj{"appointment_id": v["id"], "plan": "Rest"})
		p.drop(v, "delete").Want(k, 204)
		p.get(n["id"]).WantCode(k, 404, "not_found")
		_, res := p.list("?deleted=true")
		same(k, res.List(k)[0], obj{"id": n["id"], "plan": "Rest", "deleted_at": p.ago(0), "delete_reason": "Booked twice"})
		if p.noted(v) {
			t.Error("the visit still has a note")
		}
		k.Clock.Advance(time.Minute)
		same(k, p.regain(v)["note"].(obj), obj{"id": n["id"], "status": "draft"})
		same(k, p.read(n), obj{"plan": "Rest", "deleted_at": nil, "delete_reason": nil, "version": 3})
		if !p.noted(v) {
			t.Error("the visit has lost its note")
		}
		for act, subject := range map[model.Action]any{
			model.AppointmentDelete: v["id"], model.AppointmentRestore: v["id"], model.SessionDelete: n["id"], model.SessionRestore: n["id"],
		} {
			if got := trail(k, act); !slices.Equal(got, []string{"ok " + subject.(string)}) {
				t.Errorf("%s in the trail: %q", act, got)
			}
		}
	})
}

func TestASignedNoteDoesNotGoWithItsVisit(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		signed, amended, wrong := p.visit(-time.Hour, nil), p.visit(-3*time.Hour, nil), p.visit(-5*time.Hour, nil)
		p.signed(obj{"appointment_id": signed["id"], "plan": "Secretword"})
		p.amend(p.signed(obj{"appointment_id": amended["id"], "plan": "Rest"}), obj{"plan": "Secretword", "reason": "Late"})
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		for _, v := range []obj{signed, amended} {
			res := p.drop(v, "delete").WantCode(k, 409, "signed")
			if strings.Contains(string(res.Body), "Secretword") {
				t.Errorf("the refusal tells the note: %s", res.Body)
			}
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Error("something was stored")
		}
		if got, want := trail(k, model.AppointmentDelete), []string{"refused " + signed["id"].(string), "refused " + amended["id"].(string)}; !slices.Equal(got, want) {
			t.Errorf("in the trail: %q, want %q", got, want)
		}
		n := p.void(p.signed(obj{"appointment_id": wrong["id"], "plan": "Rest"}))
		p.drop(wrong, "delete").Want(k, 204)
		same(k, p.read(n), obj{"status": "entered_in_error", "deleted_at": nil})
	})
}

func TestWhoMayDeleteADraftWithItsVisit(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p, colleague, assistant := writes(k), as(k, k.Practitioner1), as(k, k.Assistant1)
		mine, hers := p.visit(-time.Hour, nil), colleague.visit(-time.Hour, obj{"practitioner_id": k.Practitioner1.ID.String()})
		my, her := p.about(mine), colleague.about(hers)
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		for who, v := range map[*pen]obj{colleague: mine, assistant: hers} {
			who.drop(v, "delete").WantCode(k, 403, "denied")
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Error("something was stored")
		}
		share(k, true)
		colleague.drop(mine, "delete").WantCode(k, 403, "denied")
		p.read(my)
		for _, refused := range trail(k, model.AppointmentDelete) {
			if refused != "denied "+mine["id"].(string) && refused != "denied "+hers["id"].(string) {
				t.Errorf("in the trail: %s", refused)
			}
		}

		p.drop(hers, "delete").Want(k, 204) // the owner may
		colleague.get(her["id"]).WantCode(k, 404, "not_found")
		same(k, p.regain(hers)["note"].(obj), obj{"id": her["id"]})
		colleague.read(her)
		assistant.drop(assistant.visit(-3*time.Hour, obj{"practitioner_id": k.User1.ID.String()}), "delete").Want(k, 204) // there is no note
	})
}

func TestADraftStaysInTheTrashForWhoMayNotTouchIt(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		n := p.about(v)
		stays := func(who *pen) {
			t.Helper()
			p.drop(v, "delete").Want(k, 204)
			if note := who.regain(v)["note"]; note != nil {
				t.Errorf("the visit came back with %v", note)
			}
			p.wantList("?deleted=true", n["id"])
			p.restore(n).Want(k, 200)
		}
		stays(as(k, k.Assistant1))
		stays(as(k, k.Practitioner1))
		share(k, true)
		stays(as(k, k.Practitioner1))
		if got := len(k.Audited(k.Workspace1.ID, model.SessionRestore)); got != 3 {
			t.Errorf("%d restores in the trail", got)
		}
	})
}

// Who wrote it as a practitioner and is an assistant by now has nothing to do
// with notes any more.
func TestAuthorsWhoBecameAssistants(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p, author := writes(k), as(k, k.Practitioner1)
		v := author.visit(-time.Hour, nil)
		n := author.about(v)
		k.Ask(http.MethodPut, "/members/"+k.Practitioner1.ID.String(), p.h, obj{"role": "assistant"}).Want(k, 200)
		author = as(k, k.Practitioner1)
		author.drop(v, "delete").WantCode(k, 403, "denied")
		p.read(n)
		p.drop(v, "delete").Want(k, 204)
		if note := author.regain(v)["note"]; note != nil {
			t.Errorf("the visit came back with %v", note)
		}
		p.wantList("?deleted=true", n["id"])
	})
}

func TestOnlyTheDraftThatWentAlongReturns(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		earlier, along := p.about(v), obj(nil)
		p.remove(earlier, nil).Want(k, 204)
		k.Clock.Advance(time.Minute)
		along = p.about(v)
		p.drop(v, "delete").Want(k, 204)
		k.Clock.Advance(time.Minute)
		p.regain(v)
		p.wantList("", along["id"])
		p.wantList("?deleted=true", earlier["id"])

		p.drop(v, "delete").Want(k, 204)
		p.restore(earlier).Want(k, 200) // takes the place while the visit is away
		same(k, p.regain(v)["note"].(obj), obj{"id": earlier["id"]})
		p.wantList("?deleted=true", along["id"])
	})
}

func TestKeepingTheNoteIsTheUsual(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		n := p.about(v)
		for _, body := range []string{`{"session_note_action":"Delete"}`, `{"session_note_action":7}`, `{"session_note_action":"drop"}`} {
			got := wrong(k, k.Ask(http.MethodDelete, pathOf(v), p.h, body))
			if len(got) != 1 || !strings.HasPrefix(got[0], "body.session_note_action ") {
				t.Errorf("%s: refused as %q", body, got)
			}
		}
		p.drop(v, "keep").Want(k, 204)
		same(k, p.read(n), obj{"deleted_at": nil, "version": 1})
		p.regain(v)
		k.Ask(http.MethodDelete, pathOf(v), p.h, nil).Want(k, 204)
		p.read(n)
	})
}
