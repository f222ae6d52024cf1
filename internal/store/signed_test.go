package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

const (
	staySigned = "a signed note cannot be changed"
	appendOnly = "signed versions are append-only"
)

// sign stores a signed note of a visit, with one version of that time.
func sign(h hand, n int, at time.Time) (note, version row) {
	h.k.T.Helper()
	visit := visitRow(h.k, never(h.k, n), never(h.k, n).Add(time.Hour))
	note = signedRow(h.k).with(row{"appointment_id": visit["id"], "signed_at": at, "created_at": at})
	version = versionRow(h.k, note["id"]).with(row{"signed_at": at})
	for _, r := range []struct {
		table string
		r     row
	}{{"appointments", visit}, {"sessions", note}, {"session_versions", version}} {
		if err := h.insert(r.table, r.r); err != nil {
			h.k.T.Fatalf("%s: %v", h.name, err)
		}
	}
	return note, version
}

func TestSignedNotesStaySigned(t *testing.T) {
	eachHand(t, func(t *testing.T, k *testkit.Kit, h hand) {
		note, version := sign(h, 1, k.Clock.Now())
		other := visitRow(k, never(k, 2), never(k, 2).Add(time.Hour))
		h.wantDone("booking", h.insert("appointments", other))
		second := k.AddClient(k.Workspace1.ID, person("Another", "Client")).ID
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		draft := row{"status": "draft", "versions": 0, "signed_at": nil, "draft": []byte{1}}
		for what, change := range map[string]row{
			"a draft again":          draft,
			"of another client":      {"client_id": second},
			"by another author":      {"author_id": k.Practitioner1.ID},
			"of no visit":            {"appointment_id": nil},
			"of another visit":       {"appointment_id": other["id"]},
			"signed at another time": {"signed_at": k.Clock.Now().Add(-time.Hour)},
			"made at another time":   {"created_at": k.Clock.Now().Add(-time.Hour)},
			"under another id":       {"id": uuid.New()},
			"in another practice":    {"workspace_id": k.Workspace2.ID, "client_id": k.Client2.ID, "author_id": k.User2.ID, "appointment_id": nil},
		} {
			err := h.update("sessions", note["id"], change)
			if said := fmt.Sprint(err); !strings.Contains(said, staySigned) && !strings.Contains(said, "a note keeps its id") {
				t.Errorf("%s, %s: got %v", h.name, what, err)
			}
		}
		if err := h.update("sessions", note["id"], row{"versions": 0}); err == nil {
			t.Errorf("%s: the version was lost", h.name)
		}
		if err := h.update("sessions", note["id"], row{"deleted_at": k.Clock.Now()}); err == nil {
			t.Errorf("%s: a signed note was deleted", h.name)
		}
		if err := h.update("sessions", note["id"], row{"draft": []byte{1}}); err == nil {
			t.Errorf("%s: a signed note got a draft", h.name)
		}
		if err := h.remove("sessions", note["id"]); !isReference(err) {
			t.Errorf("%s: got %v, want that the version keeps the note", h.name, err)
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Errorf("%s: something was changed", h.name)
		}
		h.wantDone("another version", h.insert("session_versions", version.with(row{"number": 2, "id": uuid.New()})))
		h.wantDone("amending", h.update("sessions", note["id"], row{"versions": 2, "version": 2, "updated_at": k.Clock.Now(), "duration_minutes": 50}))
		h.wantRefused("losing the amendment", h.update("sessions", note["id"], row{"versions": 1}), staySigned)
		h.wantDone("entering it in error", h.update("sessions", note["id"], row{"status": "entered_in_error", "facts": []byte{1}}))
		h.wantRefused("taking the error back", h.update("sessions", note["id"], row{"status": "signed"}), staySigned)
		h.wantRefused("making the error a draft", h.update("sessions", note["id"], draft), staySigned)
		h.wantRefused("giving the error away", h.update("sessions", note["id"], row{"client_id": second}), staySigned)
	})
}

// Statements that replace a row ask other triggers, or none.
func TestSignedNotesAreNotReplaced(t *testing.T) {
	eachHand(t, func(t *testing.T, k *testkit.Kit, h hand) {
		sign(h, 1, k.Clock.Now())
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		list := func(table string) string {
			var names []string
			for line := range schemaOf(k) {
				if rest, ok := strings.CutPrefix(line, "column "+table+"."); ok {
					names = append(names, strings.Fields(rest)[0])
				}
			}
			return strings.Join(names, ", ")
		}
		sessions, versions := list("sessions"), list("session_versions")
		attacks := map[string]string{
			"insert into sessions (" + sessions + ") select " + sessions + " from sessions where true on conflict (workspace_id, id) do update set status = 'draft', versions = 0, signed_at = null":                staySigned,
			"insert into session_versions (" + versions + ") select " + versions + " from session_versions where true on conflict (workspace_id, session_id, number) do update set content = session_versions.hash": appendOnly,
		}
		if k.Engine == "sqlite" {
			draft := strings.NewReplacer("status", "'draft'", "versions", "0", "signed_at", "null").Replace(sessions)
			attacks = map[string]string{
				"insert or replace into sessions (" + sessions + ") select " + draft + " from sessions":                                                                               staySigned,
				"replace into sessions (" + sessions + ") select " + sessions + " from sessions":                                                                                      staySigned,
				"insert or replace into session_versions (" + versions + ") select " + versions + " from session_versions":                                                            appendOnly,
				"update or replace session_versions set number = 2":                                                                                                                   appendOnly,
				"update or replace sessions set status = 'draft', versions = 0, signed_at = null":                                                                                     staySigned,
				"insert into sessions (" + sessions + ") select " + sessions + " from sessions where true on conflict do update set status = 'draft', versions = 0, signed_at = null": staySigned,
			}
		}
		for q, words := range attacks {
			if h.name == "application" && words == appendOnly {
				words = "permission denied" // which stands before the trigger
			}
			h.wantRefused(q, h.exec(q), words)
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Errorf("%s: something was changed", h.name)
		}
	})
}

func TestVersionsAreWrittenOnce(t *testing.T) {
	eachHand(t, func(t *testing.T, k *testkit.Kit, h hand) {
		note, version := sign(h, 1, k.Clock.Now())
		another, _ := sign(h, 2, k.Clock.Now())
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		for what, change := range map[string]row{
			"content": {"content": []byte{9}}, "hash": {"hash": []byte{9}}, "author": {"author_id": k.Practitioner1.ID}, "time": {"signed_at": k.Clock.Now().AddDate(-20, 0, 0)},
			"number": {"number": 7}, "id": {"id": uuid.New()}, "note": {"session_id": another["id"], "number": 2}, "nothing": {"content": version["content"]},
		} {
			err := h.update("session_versions", version["id"], change)
			if h.name == "application" {
				h.wantRefused("changing its "+what, err, "permission denied")
				continue
			}
			h.wantRefused("changing its "+what, err, appendOnly)
		}
		h.wantRefused("removing it", h.remove("session_versions", version["id"]), appendOnly)
		h.wantRefused("removing all", h.exec("delete from session_versions"), appendOnly)
		if k.Engine == "postgres" {
			for _, q := range []string{"truncate session_versions", "truncate sessions cascade", "truncate appointments cascade", "truncate members cascade"} {
				words := map[string]string{"superuser": appendOnly, "application": "permission denied"}[h.name]
				h.wantRefused(q, h.exec(q), words)
			}
		}
		same := version.with(row{"id": uuid.New(), "content": []byte{9}})
		if err := h.insert("session_versions", same); err == nil {
			t.Errorf("%s: a second version 1 was stored", h.name)
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Errorf("%s: something was changed", h.name)
		}
		h.wantDone("a second version", h.insert("session_versions", version.with(row{"id": uuid.New(), "number": 2})))
		if n := k.DB.Count("select count(*) from session_versions where session_id = $1", note["id"].(uuid.UUID).String()); n != 2 {
			t.Errorf("%s: %d versions, want 2", h.name, n)
		}
	})
}

// How long versions are kept is the practice's to say, and counted by the
// database's own clock: whoever sets the program's clock cannot hurry it.
func TestVersionsGoWhenTheirTimeIsOver(t *testing.T) {
	eachHand(t, func(t *testing.T, k *testkit.Kit, h hand) {
		now := time.Now()
		n := 0
		for _, c := range []struct {
			keep any // years; nil: the default
			age  time.Time
			goes bool
		}{
			{nil, now, false}, {nil, now.AddDate(-7, 0, 1), false}, {nil, now.AddDate(-7, 0, -1), true}, {nil, now.AddDate(-50, 0, 0), true},
			{8, now.AddDate(-8, 0, 1), false}, {8, now.AddDate(-8, 0, -1), true}, {10, now.AddDate(-10, 0, 1), false}, {10, now.AddDate(-10, 0, -1), true},
			{100, now.AddDate(-99, 0, 0), false}, {100, now.AddDate(-101, 0, 0), true}, {nil, now.AddDate(1, 0, 0), false},
		} {
			n++
			testkit.NoErr(t, k.DB.Exec("update workspaces set retention_years = $1 where id = $2", c.keep, k.Workspace1.ID.String()))
			note, version := sign(h, n, c.age)
			what := fmt.Sprintf("kept for %v years, signed on %s", c.keep, c.age.Format(time.DateOnly))
			err := h.remove("session_versions", version["id"])
			if !c.goes {
				h.wantRefused(what, err, appendOnly)
				continue
			}
			h.wantDone(what, err)
			h.wantDone(what+", its note", h.remove("sessions", note["id"]))
		}
		// Another practice's rule is not asked.
		testkit.NoErr(t, k.DB.Exec("update workspaces set retention_years = 20 where id = $1", k.Workspace1.ID.String()))
		testkit.NoErr(t, k.DB.Exec("update workspaces set retention_years = null where id = $1", k.Workspace2.ID.String()))
		_, version := sign(h, n+1, now.AddDate(-10, 0, 0))
		h.wantRefused("kept by the own practice's rule", h.remove("session_versions", version["id"]), appendOnly)
		wantTheirsKept(h, now.AddDate(-10, 0, 0))
		// One statement for old and young removes none.
		_, old := sign(h, n+2, now.AddDate(-30, 0, 0))
		h.wantRefused("all at once", h.exec("delete from session_versions"), appendOnly)
		if k.DB.Count("select count(*) from session_versions where id = $1", old["id"].(uuid.UUID).String()) != 1 {
			t.Errorf("%s: a refused statement removed a version", h.name)
		}
		testkit.NoErr(t, k.DB.Exec("update workspaces set retention_years = null"))
	})
}

// wantTheirsKept tries to remove a version of workspace 2, which keeps them
// longer than workspace 1.
func wantTheirsKept(h hand, at time.Time) {
	k := h.k
	k.T.Helper()
	if h.name == "application" {
		return // it does not reach them
	}
	testkit.NoErr(k.T, k.DB.Exec("update workspaces set retention_years = null where id = $1", k.Workspace1.ID.String()))
	testkit.NoErr(k.T, k.DB.Exec("update workspaces set retention_years = 20 where id = $1", k.Workspace2.ID.String()))
	note := signedRow(k).theirs(k).with(row{"signed_at": at})
	h.wantDone("their note", h.insert("sessions", note))
	h.wantDone("its version", h.insert("session_versions", versionRow(k, note["id"]).theirs(k).with(row{"signed_at": at})))
	err := h.exec("delete from session_versions where workspace_id = $1", k.Workspace2.ID.String())
	h.wantRefused("kept by their own rule", err, appendOnly)
	testkit.NoErr(k.T, k.DB.Exec("update workspaces set retention_years = null"))
}
