package api_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// pen writes notes as one member.
type pen struct {
	*testkit.Kit
	user model.User
	h    http.Header
}

// writes signs the owner of the first practice in.
func writes(k *testkit.Kit) *pen { return as(k, k.User1) }

func as(k *testkit.Kit, u model.User) *pen { return &pen{k, u, k.CSRFHeaders(u)} }

// later lets time pass and signs in again.
func (p *pen) later(d time.Duration) {
	p.T.Helper()
	p.Clock.Advance(d)
	p.h = p.CSRFHeaders(p.user)
}

// note begins a note; without a client or an appointment about Client1.
func (p *pen) note(body obj) obj {
	p.T.Helper()
	full := obj{}
	for n, v := range body {
		full[n] = v
	}
	if full["client_id"] == nil && full["appointment_id"] == nil {
		full["client_id"] = p.Client1.ID.String()
	}
	return p.Ask(http.MethodPost, "/sessions", p.h, full).Want(p.Kit, 201).Map(p.Kit)
}

// on sends a change of a note with the version that the note carries.
func (p *pen) on(note obj, method, path string, body obj) *testkit.Response {
	p.T.Helper()
	full := obj{"version": note["version"]}
	for n, v := range body {
		full[n] = v
	}
	return p.Ask(method, "/sessions/"+note["id"].(string)+path, p.h, full)
}

// do is on for what must work; it returns the note.
func (p *pen) do(note obj, method, path string, body obj) obj {
	p.T.Helper()
	return p.on(note, method, path, body).Want(p.Kit, 200).Map(p.Kit)
}

func (p *pen) save(note, body obj) obj { p.T.Helper(); return p.do(note, "PATCH", "/draft", body) }
func (p *pen) sign(note obj) obj       { p.T.Helper(); return p.do(note, "POST", "/finalize", nil) }

func (p *pen) amend(note, body obj) obj {
	p.T.Helper()
	full := obj{"reason": "A slip"}
	for n, v := range body {
		full[n] = v
	}
	return p.do(note, "POST", "/amend", full)
}

func (p *pen) void(note obj) obj {
	p.T.Helper()
	return p.do(note, "POST", "/entered-in-error", obj{"reason": "Another client's"})
}

// signed begins a note and signs it.
func (p *pen) signed(body obj) obj { p.T.Helper(); return p.sign(p.note(body)) }

// get reads a note.
func (p *pen) get(id any) *testkit.Response {
	p.T.Helper()
	return p.Ask(http.MethodGet, "/sessions/"+id.(string), p.h, nil)
}

// read is get for a note that is there.
func (p *pen) read(note obj) obj { p.T.Helper(); return p.get(note["id"]).Want(p.Kit, 200).Map(p.Kit) }

func (p *pen) remove(note obj, body any) *testkit.Response {
	p.T.Helper()
	return p.Ask(http.MethodDelete, "/sessions/"+note["id"].(string), p.h, body)
}

func (p *pen) restore(note obj) *testkit.Response {
	p.T.Helper()
	return p.Ask(http.MethodPost, "/sessions/"+note["id"].(string)+"/restore", p.h, nil)
}

func (p *pen) versions(note obj) []map[string]any {
	p.T.Helper()
	return p.Ask(http.MethodGet, "/sessions/"+note["id"].(string)+"/versions", p.h, nil).Want(p.Kit, 200).List(p.Kit)
}

// ago is a time before now, as JSON has it.
func (p *pen) ago(d time.Duration) string { return p.Clock.Now().Add(-d).Format(time.RFC3339Nano) }

// author writes notes in these tests: the member, or the owner where the
// member may not.
func (w *world) author() http.Header {
	if w.user.Role == model.Assistant {
		return w.owner
	}
	return w.member
}

func makeSession(w *world) string {
	return w.post(w.author(), "/sessions", fields{
		"client_id": w.id("client"), "subjective": w.word + " feels", "objective": w.word + " seen",
		"assessment": w.word + " thought", "plan": w.word + " planned",
	})["id"].(string)
}

func makeSignedNote(w *world) string {
	id := makeSession(w)
	w.post(w.author(), "/sessions/"+id+"/finalize", fields{"version": 1})
	return id
}

func makeDeletedNote(w *world) string {
	id := makeSession(w)
	w.Do(http.MethodDelete, "/sessions/"+id, w.author(), fields{"reason": w.word + " deleted"}).Want(w.Kit, 204)
	return id
}

// makeNotedClient is the client, who has a signed note now.
func makeNotedClient(w *world) string {
	makeSignedNote(w)
	return w.id("client")
}

func makeTemplate(w *world) string {
	return w.post(w.author(), "/note-templates", fields{
		"kind": "template", "name": w.word + " template", "subjective": w.word + " asked", "plan": w.word + " planned",
	})["id"].(string)
}

func TestANoteFromDraftToAmendment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(obj{"subjective": "Neck hurts"})
		same(k, n, obj{"status": "draft", "is_draft": true, "subjective": "Neck hurts", "objective": nil, "version": 1, "versions": 0, "signed_at": nil})
		n = p.save(n, obj{"plan": "Exercise", "objective": "Stiff"})
		same(k, n, obj{"version": 2, "subjective": "Neck hurts", "plan": "Exercise"})
		n = p.sign(n)
		same(k, n, obj{"status": "signed", "is_draft": false, "version": 3, "versions": 1, "amended_at": nil})
		p.later(time.Hour)
		n = p.amend(n, obj{"plan": "Rest"})
		same(k, n, obj{"status": "signed", "version": 4, "versions": 2, "plan": "Rest", "amended_at": p.ago(0), "signed_at": p.ago(time.Hour)})
		all := p.versions(n)
		same(k, all[0], obj{"number": 2, "plan": "Rest", "reason": "A slip", "changed": []any{"plan"}, "intact": true})
		same(k, all[1], obj{"number": 1, "plan": "Exercise", "reason": nil, "changed": []any{}, "intact": true})
		same(k, p.read(n), n)
		p.void(n)
		same(k, p.read(n), obj{"status": "entered_in_error", "plan": "Rest", "entered_in_error_reason": "Another client's"})
	})
}

// together runs fn n times at the same moment and returns what came out.
func together[T any](n int, fn func(i int) T) []T {
	out := make([]T, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { out[i] = fn(i) })
	}
	all.Wait()
	return out
}
