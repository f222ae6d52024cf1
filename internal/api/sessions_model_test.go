package api_test

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// aNote is what a note must be after all that was acknowledged.
type aNote struct {
	id      string
	onVisit bool
	status  string
	text    string
	version int
	deleted time.Time // zero: it is not
	signed  []string  // the text of each version
	rows    []string  // the versions as they were first stored
}

func (n *aNote) active() bool { return n.deleted.IsZero() && n.status != model.SessionEnteredInError }

// aTab is a page that has read a note once.
type aTab struct {
	note    *aNote
	version int
}

// typist is a practitioner with several tabs on the notes of one client.
type typist struct {
	*pen
	rt     *rapid.T
	client string
	visit  any
	notes  []*aNote
	tabs   []aTab
	words  int
	// offices are processes that search: what one has read of the notes must
	// not hide what was written since.
	offices []*practice.Practice
}

// text is one that was never written before, so a loss cannot be overlooked.
func (d *typist) text() string {
	d.words++
	return fmt.Sprint("text ", d.words)
}

func (d *typist) busy() bool {
	return slices.ContainsFunc(d.notes, func(n *aNote) bool { return n.onVisit && n.active() })
}

func (d *typist) ask(method, path string, body any, want string) obj {
	d.T.Helper()
	res := d.Do(method, "/sessions"+path, d.h, body)
	got, m := fmt.Sprint(res.Status), obj{}
	if len(res.Body) > 0 {
		m = res.Map(d.Kit)
	}
	if res.Status >= 400 {
		got = fmt.Sprint(res.Status, " ", m["code"])
	}
	if got != want {
		d.rt.Fatalf("%s %s %v: %s, want %s: %s", method, path, body, got, want, res.Body)
	}
	return m
}

func (d *typist) create() {
	onVisit := rapid.Bool().Draw(d.rt, "on the visit")
	n := &aNote{onVisit: onVisit, status: model.SessionDraft, version: 1}
	if rapid.Bool().Draw(d.rt, "written") {
		n.text = d.text()
	}
	body := obj{"client_id": d.client, "plan": n.text}
	if onVisit {
		body["appointment_id"] = d.visit
	}
	if onVisit && d.busy() {
		d.ask("POST", "", body, "409 has_note")
		return
	}
	n.id = d.ask("POST", "", body, "201")["id"].(string)
	d.notes = append(d.notes, n)
	d.tabs = append(d.tabs, aTab{n, 1})
}

// refusal is what a change from a tab that saw a version must be answered
// with; "" when it must work.
func (n *aNote) refusal(state string, seen int) string {
	switch {
	case !n.deleted.IsZero():
		return "404 not_found"
	case n.status != state && n.status == model.SessionEnteredInError:
		return "409 entered_in_error"
	case n.status != state:
		return "409 " + n.status
	case seen != n.version:
		return "409 stale"
	}
	return ""
}

// change sends a change from a tab; when it must work, the tab sees the new
// version.
func (d *typist) change(tab *aTab, method, path, state string, body obj) bool {
	d.T.Helper()
	body["version"] = tab.version
	want := tab.note.refusal(state, tab.version)
	if want == "" && path == "/finalize" && tab.note.text == "" {
		want = "422 invalid"
	}
	if want != "" {
		m := d.ask(method, "/"+tab.note.id+path, body, want)
		if current, ok := m["current"].(obj); ok && current["plan"] != nilIfEmpty(tab.note.text) {
			d.rt.Fatalf("the conflict shows %v, want %q", current["plan"], tab.note.text)
		}
		return false
	}
	m := d.ask(method, "/"+tab.note.id+path, body, "200")
	tab.note.version++
	tab.version = tab.note.version
	if m["version"] != float64(tab.version) {
		d.rt.Fatalf("version %v, want %d", m["version"], tab.version)
	}
	return true
}

func nilIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (d *typist) step() {
	op := rapid.SampledFrom([]string{"create", "open", "save", "save", "save", "put", "sign", "amend", "void", "delete", "restore", "wait", "search", "search", "search"}).Draw(d.rt, "op")
	if len(d.notes) == 0 || op == "create" {
		d.create()
		return
	}
	if op == "search" {
		d.search()
		return
	}
	tab := &d.tabs[rapid.IntRange(0, len(d.tabs)-1).Draw(d.rt, "tab")]
	n := tab.note
	switch op {
	case "open":
		d.tabs = append(d.tabs, aTab{n, n.version})
	case "save", "put":
		text, method, path := d.text(), "PATCH", "/draft"
		if op == "put" {
			method, path = "PUT", ""
		}
		if d.change(tab, method, path, model.SessionDraft, obj{"plan": text}) {
			n.text = text
		}
	case "sign":
		if d.change(tab, "POST", "/finalize", model.SessionDraft, obj{}) {
			n.status, n.signed = model.SessionSigned, []string{n.text}
			n.rows = d.rows(obj{"id": n.id})
		}
	case "amend":
		text := d.text()
		if d.change(tab, "POST", "/amend", model.SessionSigned, obj{"plan": text, "reason": "x"}) {
			n.text, n.signed = text, append(n.signed, text)
			d.sameRows(n)
		}
	case "void":
		if d.change(tab, "POST", "/entered-in-error", model.SessionSigned, obj{"reason": "x"}) {
			n.status = model.SessionEnteredInError
		}
	case "delete":
		d.remove(n)
	case "restore":
		d.restore(n)
	case "wait":
		d.later(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 16 * 24 * time.Hour}).Draw(d.rt, "long"))
	}
	d.compare(n)
}

// search finds what the notes say now, and nothing that they said before.
func (d *typist) search() {
	query := fmt.Sprint("text ", rapid.IntRange(1, d.words+1).Draw(d.rt, "word"))
	want := map[string]bool{}
	for _, n := range d.notes {
		if n.deleted.IsZero() && strings.Contains(n.text, query) {
			want[n.id] = true
		}
	}
	office := rapid.SampledFrom(d.offices).Draw(d.rt, "office")
	found, err := office.SearchNotes(d.T.Context(), d.Scope(d.User1), model.NoteSearch{Query: model.Text(query), ClientID: uuid.MustParse(d.client)})
	testkit.NoErr(d.T, err)
	got := map[string]bool{}
	for _, m := range found.Matches {
		got[m.Session.ID.String()] = true
	}
	if !maps.Equal(got, want) {
		d.rt.Fatalf("%q finds %v, want %v", query, got, want)
	}
}

func (d *typist) remove(n *aNote) {
	if want := n.refusal(model.SessionDraft, n.version); want != "" {
		d.ask("DELETE", "/"+n.id, nil, want)
		return
	}
	d.ask("DELETE", "/"+n.id, nil, "204")
	n.deleted = d.Clock.Now()
	n.version++
}

func (d *typist) restore(n *aNote) {
	want := "200"
	switch {
	case n.deleted.IsZero():
		want = "404 not_found"
	case d.Clock.Now().After(n.deleted.Add(30 * 24 * time.Hour)):
		want = "410 expired"
	case n.onVisit && d.busy():
		want = "409 has_note"
	}
	d.ask("POST", "/"+n.id+"/restore", nil, want)
	if want == "200" {
		n.deleted = time.Time{}
		n.version++
	}
}

// sameRows holds that the versions that were there before are there still,
// byte by byte.
func (d *typist) sameRows(n *aNote) {
	rows := d.rows(obj{"id": n.id})
	if len(rows) < len(n.rows) || !slices.Equal(rows[:len(n.rows)], n.rows) {
		d.rt.Fatalf("a signed version was changed")
	}
	n.rows = rows
}

// compare holds a note against the model.
func (d *typist) compare(n *aNote) {
	if !n.deleted.IsZero() {
		d.ask("GET", "/"+n.id, nil, "404 not_found")
		return
	}
	m := d.ask("GET", "/"+n.id, nil, "200")
	if m["plan"] != nilIfEmpty(n.text) || m["status"] != n.status || m["version"] != float64(n.version) || m["versions"] != float64(len(n.signed)) {
		d.rt.Fatalf("it is %v %v %v %v, want %+v", m["plan"], m["status"], m["version"], m["versions"], n)
	}
}

func (d *typist) compareAll() {
	noted := false
	for _, n := range d.notes {
		d.compare(n)
		d.sameRows(n)
		noted = noted || (n.onVisit && n.active())
		if !n.deleted.IsZero() {
			continue
		}
		var texts []string
		for _, v := range d.versions(obj{"id": n.id}) {
			texts = append([]string{fmt.Sprint(v["plan"])}, texts...)
			if v["intact"] != true || v["hash"] != byHand(v) {
				d.rt.Fatalf("version %v has another hash", v["number"])
			}
		}
		if strings.Join(texts, "|") != strings.Join(n.signed, "|") {
			d.rt.Fatalf("versions %q, want %q", texts, n.signed)
		}
	}
	if got := d.noted(obj{"id": d.visit}); got != noted {
		d.rt.Fatalf("the appointment says noted: %v, want %v", got, noted)
	}
}

// However tabs with fresh and stale versions take turns: nothing that was
// acknowledged is lost, nothing stale gets through, signed versions never
// change, and a search finds what the notes say.
func TestTabsTakeTurns(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p, steps := writes(k), 0
		offices := []*practice.Practice{k.Practice, practice.New(k.OpenStore(), rand.Reader)}
		rapid.Check(t, func(rt *rapid.T) {
			c := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}})
			p.later(2 * time.Hour)
			v := k.Do(http.MethodPost, "/appointments", p.h, obj{"client_id": c.ID.String(), "starts_at": p.ago(time.Hour), "ends_at": p.ago(time.Minute)}).Want(k, 201).Map(k)
			d := &typist{pen: p, rt: rt, client: c.ID.String(), visit: v["id"], offices: offices}
			for range 25 {
				d.step()
				steps++
			}
			d.compareAll()
		})
		if steps < 2500 {
			t.Errorf("only %d steps were tried", steps)
		}
	})
}
