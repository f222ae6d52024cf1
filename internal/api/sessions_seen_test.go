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

// ways are all that can be done to one note, with the body that it takes.
func ways(source obj) []struct {
	method, path string
	body         obj
} {
	return []struct {
		method, path string
		body         obj
	}{
		{"GET", "", nil}, {"GET", "/versions", nil}, {"PUT", "", obj{"plan": "x"}}, {"PATCH", "/draft", obj{"plan": "x"}},
		{"POST", "/finalize", obj{}}, {"POST", "/amend", obj{"plan": "x", "reason": "x"}}, {"POST", "/entered-in-error", obj{"reason": "x"}},
		{"POST", "/copy", obj{"from_session_id": source["id"]}}, {"DELETE", "", obj{}},
	}
}

// try uses every way on a note and returns "method path status" of each.
func (p *pen) try(note, source obj) []string {
	p.T.Helper()
	var all []string
	for _, c := range ways(source) {
		var body any
		if c.body != nil {
			full := obj{"version": note["version"]}
			if c.method == "DELETE" {
				full = obj{}
			}
			for n, v := range c.body {
				full[n] = v
			}
			body = full
		}
		res := p.Ask(c.method, fmt.Sprint("/sessions/", note["id"], c.path), p.h, body)
		all = append(all, fmt.Sprint(c.method, c.path, " ", res.Status))
	}
	return all
}

func answered(status int, reading int) (all []string) {
	for _, c := range ways(obj{}) {
		if c.method == "GET" {
			all = append(all, fmt.Sprint(c.method, c.path, " ", reading))
		} else {
			all = append(all, fmt.Sprint(c.method, c.path, " ", status))
		}
	}
	return all
}

func share(k *testkit.Kit, shared bool) {
	k.T.Helper()
	k.Ask(http.MethodPut, "/workspace", k.CSRFHeaders(k.User1), obj{"shared_notes": shared}).Want(k, 200)
}

func TestPractitionersSeeTheirOwnNotes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, p := writes(k), as(k, k.Practitioner1)
		theirs := owner.signed(obj{"plan": "pain, the owner's"})
		mine := p.signed(obj{"plan": "pain, mine", "session_date": p.ago(time.Hour)})
		draft := owner.note(obj{"plan": "pain, a draft"})
		if got, want := p.try(theirs, mine), answered(404, 404); !slices.Equal(got, want) {
			t.Errorf("not shared: %q", got)
		}
		owner.remove(draft, nil).Want(k, 204)
		p.restore(draft).WantCode(k, 404, "not_found")
		p.wantList("", mine["id"])
		p.wantList("?deleted=true")
		p.wantList("?author_id=" + k.User1.ID.String())
		p.wantFound("pain", nil, mine)
		latest := "/clients/" + k.Client1.ID.String() + "/sessions/latest"
		same(k, k.Ask("GET", latest, p.h, nil).Want(k, 200).Map(k), mine)
		same(k, owner.read(theirs), theirs)
		same(k, owner.read(mine), mine)
	})
}

func TestSharedNotesCanBeReadAndNotChanged(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		share(k, true)
		owner, p := writes(k), as(k, k.Practitioner1)
		signed := owner.signed(obj{"plan": "pain, the owner's"})
		draft := owner.note(obj{"plan": "pain, a draft", "session_date": p.ago(time.Hour)})
		mine := p.note(obj{"plan": "Mine", "session_date": p.ago(2 * time.Hour)})
		for _, n := range []obj{signed, draft} {
			if got, want := p.try(n, mine), answered(403, 200); !slices.Equal(got, want) {
				t.Errorf("shared: %q", got)
			}
			same(k, owner.read(n), n)
		}
		p.wantList("", signed["id"], draft["id"], mine["id"])
		p.wantFound("pain", nil, signed, draft)
		same(k, p.copies(mine, signed), obj{"plan": "Mine\n\npain, the owner's"})
		owner.remove(draft, nil).Want(k, 204)
		p.wantList("?deleted=true", draft["id"])
		p.restore(draft).WantCode(k, 403, "denied")
		share(k, false)
		p.get(signed["id"]).WantCode(k, 404, "not_found")
	})
}

// The owner of the practice reads all and writes nobody's notes, but may mark
// one as entered in error, and put a draft away that nobody would finish.
func TestOwnersOfThePracticeReadAllNotes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, p := writes(k), as(k, k.Practitioner1)
		signed := p.signed(obj{"plan": "pain"})
		draft := p.note(obj{"plan": "pain, a draft", "session_date": p.ago(time.Hour)})
		mine := owner.note(obj{"plan": "Mine", "session_date": p.ago(2 * time.Hour)})
		want := answered(403, 200)
		want[slices.Index(want, "POST/entered-in-error 403")] = "POST/entered-in-error 409"
		want[slices.Index(want, "DELETE 403")] = "DELETE 204"
		if got := owner.try(draft, mine); !slices.Equal(got, want) {
			t.Errorf("a draft: %q", got)
		}
		p.restore(draft).Want(k, 200)
		owner.wantList("", signed["id"], draft["id"], mine["id"])
		owner.wantFound("pain", nil, signed, draft)
		owner.copies(mine, signed)
		p.remove(draft, nil).Want(k, 204)
		owner.restore(draft).WantCode(k, 403, "denied")
		want[slices.Index(want, "POST/entered-in-error 409")] = "POST/entered-in-error 200"
		want[slices.Index(want, "DELETE 204")] = "DELETE 409"
		if got := owner.try(signed, mine); !slices.Equal(got, want) {
			t.Errorf("a signed one: %q", got)
		}
		same(k, p.read(signed), obj{"status": "entered_in_error", "author_id": k.Practitioner1.ID.String()})
	})
}

func TestAssistantsSeeNoNotes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		share(k, true)
		owner, p := writes(k), as(k, k.Assistant1)
		n := owner.note(obj{"plan": "Rest"})
		if got, want := p.try(n, n), answered(403, 403); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		p.restore(n).WantCode(k, 403, "denied")
		for _, c := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/sessions", nil}, {"POST", "/sessions", obj{"client_id": k.Client1.ID.String()}}, {"POST", "/sessions/search", obj{"query": "rest"}},
			{"GET", "/clients/" + k.Client1.ID.String() + "/sessions/latest", nil}, {"GET", "/note-templates", nil},
			{"POST", "/note-templates", obj{"kind": "template", "name": "x", "plan": "x"}},
			{"PATCH", fmt.Sprint("/sessions/", n["id"], "/draft"), "{"}, {"POST", "/sessions/search", obj{"query": ""}},
		} {
			k.Ask(c.method, c.path, p.h, c.body).WantCode(k, 403, "denied")
		}
		same(k, owner.read(n), n)
		if k.DB.Count("select count(*) from sessions") != 1 {
			t.Error("a note was stored")
		}
	})
}

// The owner may stand in for a colleague; the note is whose wrote it. A
// practitioner writes about no visit but his own.
func TestANoteIsItsAuthors(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, p := writes(k), as(k, k.Practitioner1)
		theirs := owner.visit(-time.Hour, obj{"practitioner_id": k.Practitioner1.ID.String()})
		n := owner.note(obj{"appointment_id": theirs["id"], "plan": "I stood in"})
		same(k, n, obj{"author_id": k.User1.ID.String()})
		same(k, owner.versions(owner.sign(n))[0], obj{"author_id": k.User1.ID.String()})
		p.get(n["id"]).WantCode(k, 404, "not_found")
		mine := owner.visit(-2*time.Hour, nil)
		k.Ask(http.MethodPost, "/sessions", p.h, obj{"appointment_id": mine["id"], "plan": "x"}).WantCode(k, 403, "denied")
		if p.count() != 1 || owner.noted(mine) {
			t.Errorf("%d notes are stored", p.count())
		}
	})
}

func TestEveryUseOfANoteIsAudited(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		v := p.visit(-time.Hour, nil)
		n := p.about(v)
		p.on(n, "PATCH", "/draft", obj{"version": 9}).Want(k, 409)
		n = p.sign(p.save(n, obj{"plan": "Rest"}))
		n = p.amend(n, obj{"plan": "Walk"})
		p.versions(n)
		p.read(n)
		p.void(n)
		draft := p.note(obj{"plan": "x"})
		p.remove(draft, nil).Want(k, 204)
		p.restore(draft).Want(k, 200)
		p.list("")
		p.list("?client_id=" + k.Client1.ID.String())
		p.search("walk", nil)
		p.get("20000000-0000-0000-0000-00000000ffff").Want(k, 404)
		as(k, k.Practitioner1).get(n["id"]).Want(k, 404)
		me, id, other, none := k.User1.ID.String(), n["id"].(string), draft["id"].(string), "00000000-0000-0000-0000-000000000000"
		ok := func(subject string) testkit.AuditedEvent {
			return testkit.AuditedEvent{Outcome: "ok", Subject: subject, Records: "1", Actor: me}
		}
		many := func(subject string) testkit.AuditedEvent {
			return testkit.AuditedEvent{Outcome: "ok", Subject: subject, Records: "2", Actor: me}
		}
		for action, want := range map[model.Action][]testkit.AuditedEvent{
			model.SessionCreate:     {ok(id), ok(other)},
			model.AppointmentUpdate: {ok(v["id"].(string))},
			model.SessionSave:       {{Outcome: "refused", Subject: id, Records: "0", Actor: me}, ok(id)},
			model.SessionSign:       {ok(id)},
			model.SessionAmend:      {ok(id)},
			model.SessionVoid:       {ok(id)},
			model.SessionDelete:     {ok(other)},
			model.SessionRestore:    {ok(other)},
			model.SessionSearch:     {ok(none)},
			model.SessionList:       {many(none), many(k.Client1.ID.String())},
			model.SessionView: {
				many(id), ok(id), // all versions, the note
				ok(other), ok(id), ok(other), ok(id), ok(id), // two lists and a search
				{Outcome: "missing", Subject: "20000000-0000-0000-0000-00000000ffff", Records: "0", Actor: me},
				{Outcome: "missing", Subject: id, Records: "0", Actor: k.Practitioner1.ID.String()},
			},
		} {
			if got := k.Audited(k.Workspace1.ID, action); !slices.Equal(got, want) {
				t.Errorf("%s: the trail says %+v, want %+v", action, got, want)
			}
		}
	})
}
