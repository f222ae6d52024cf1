package store_test

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestAppointmentOfAForeignClientOrPractitionerIsNotFound(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		for name, a := range map[string]model.Appointment{
			"foreign client":        {ClientID: k.Client2.ID, PractitionerID: k.User1.ID},
			"missing client":        {ClientID: uuid.New(), PractitionerID: k.User1.ID},
			"foreign practitioner":  {ClientID: k.Client1.ID, PractitionerID: k.User2.ID},
			"missing practitioner":  {ClientID: k.Client1.ID, PractitionerID: uuid.New()},
			"both of the other one": {ClientID: k.Client2.ID, PractitionerID: k.User2.ID},
		} {
			a.ID, a.Status, a.StartsAt, a.EndsAt = uuid.New(), "scheduled", k.Clock.Now(), k.Clock.Now().Add(time.Hour)
			got := during(k, k.Workspace1.ID, func() {
				err := write(k, sc, model.AppointmentBook, func(tx *store.Tx) error { return tx.InsertAppointment(a) })
				if !errors.Is(err, model.ErrNotFound) {
					t.Errorf("%s: %v, want ErrNotFound", name, err)
				}
			})
			if len(got) != 1 || got[0].Outcome != "missing" {
				t.Errorf("%s: left %v", name, got)
			}
		}
		if n := k.DB.Count("select count(*) from appointments"); n != 0 {
			t.Errorf("%d appointments were stored", n)
		}
	})
}

func TestConsentOfAForeignClientIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, client := range []uuid.UUID{k.Client2.ID, uuid.New()} {
			err := write(k, k.Scope(k.User1), model.ConsentGive, func(tx *store.Tx) error {
				_, err := tx.InsertConsent(model.Consent{ID: uuid.New(), ClientID: client, Kind: "data", TextVersion: "1", Text: "yes"})
				return err
			})
			if err == nil || k.DB.Count("select count(*) from consents") != 0 {
				t.Errorf("a consent of client %s was stored (%v)", client, err)
			}
		}
	})
}

// outside runs a statement past the store, with the engine's own rules on.
func outside(t *testing.T, k *testkit.Kit) func(text string, args ...any) error {
	t.Helper()
	path, ok := strings.CutPrefix(k.URL, "sqlite:")
	if !ok {
		return k.DB.Exec
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	testkit.NoErr(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return func(text string, args ...any) error { _, err := db.Exec(text, args...); return err }
}

// The engines themselves refuse a row that points into another workspace,
// through whichever of its references.
func TestEnginesRefuseCrossWorkspaceReferences(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		everyTable(t, k)
		tried := 0
		for line := range schemaOf(k) {
			m := reference.FindStringSubmatch(line)
			if m == nil || !strings.HasPrefix(m[2], "workspace_id ") {
				continue
			}
			column, to := strings.TrimPrefix(m[2], "workspace_id "), m[3]
			foreign := k.DB.Rows("select "+strings.TrimPrefix(m[4], "workspace_id ")+" from "+to+" where workspace_id = $1", k.Workspace2.ID.String())
			mine := k.DB.Count("select count(*) from "+m[1]+" where workspace_id = $1", k.Workspace1.ID.String())
			if len(foreign) == 0 || mine == 0 {
				t.Fatalf("%s: there is nothing to try it with", line)
			}
			for _, id := range []string{foreign[0][0], uuid.NewString()} {
				tried++
				if err := copied(t, k, m[1], map[string]string{column: id}); !isReference(err) {
					t.Errorf("%s: got %v, want that the reference is refused", line, err)
				}
			}
			if err := copied(t, k, m[1], nil); err != nil {
				t.Errorf("the same row of %s inside its workspace: %v", m[1], err)
			}
		}
		if tried < 30 {
			t.Errorf("only %d references were tried", tried)
		}
		exec := outside(t, k)
		for _, table := range []string{"clients", "services", "locations", "note_templates", "calendar_feeds", "consents"} {
			if err := exec("update " + table + " set workspace_id = '" + uuid.NewString() + "'"); !isReference(err) {
				t.Errorf("moving %s: got %v, want that the reference is refused", table, err)
			}
		}
	})
}

var reference = regexp.MustCompile(`^reference (\w+) \(([^)]*)\) -> (\w+) \(([^)]*)\)$`)

// copied inserts a copy of a row of workspace 1 under another key and with
// other values in some columns.
func copied(t *testing.T, k *testkit.Kit, table string, values map[string]string) error {
	t.Helper()
	all := map[string]string{
		"id": "'" + uuid.NewString() + "'", "number": fmt.Sprint(100 + k.DB.Count("select count(*) from session_versions")), "overlap_allowed": "true", "token_hash": fmt.Sprintf("x'%x'", uuid.New()),
	}
	if k.Engine == "postgres" {
		all["token_hash"] = fmt.Sprintf("'\\x%x'", uuid.New())
	}
	all["email_key"] = all["token_hash"]
	if table == "sessions" && values["appointment_id"] == "" {
		all["appointment_id"] = "null" // another active note
	}
	for column, v := range values {
		all[column] = "'" + v + "'"
	}
	var into, from []string
	column := regexp.MustCompile(`^column ` + table + `\.(\w+) is`)
	for line := range schemaOf(k) {
		if m := column.FindStringSubmatch(line); m != nil {
			into = append(into, m[1])
			from = append(from, cmp.Or(all[m[1]], m[1]))
		}
	}
	return outside(t, k)("insert into " + table + " (" + strings.Join(into, ", ") + ") select " + strings.Join(from, ", ") + " from " + table +
		" where workspace_id = '" + k.Workspace1.ID.String() + "' limit 1")
}

var sqliteReference = regexp.MustCompile(`FOREIGN KEY constraint failed`)

func isReference(err error) bool {
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pe.Code == "23503"
	}
	return err != nil && sqliteReference.MatchString(err.Error())
}

func TestEnginesRefuseValuesThatMeanNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		exec := outside(t, k)
		everyTable(t, k)
		for _, q := range []string{
			"update workspaces set status = 'closed'", "update members set role = 'operator'", "update members set role = 'system'",
			"update appointments set status = 'maybe'", "update jobs set state = 'lost'", "update appointments set ends_at = starts_at",
			"update auth_sessions set factor = 'nod'", "update invitations set role = 'operator'", "update blacklist set kind = 'name'",
			"update passkey_ceremonies set purpose = 'x'", "update workspaces set quota_bytes = -1", "update clients set contact = null", "update clients set version = null", "update workspaces set name = null",
		} {
			if err := exec(q); err == nil {
				t.Errorf("accepted: %s", q)
			}
		}
		if k.Engine == "sqlite" { // PostgreSQL has types for these
			for _, q := range []string{"update clients set contact = 'text'", "update clients set created_at = 'yesterday'", "update clients set version = 1.5"} {
				if err := exec(q); err == nil {
					t.Errorf("accepted: %s", q)
				}
			}
		}
	})
}

func TestOnePersonIsInOneWorkspaceUnderOneAddress(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		taken := model.User{ID: uuid.New(), WorkspaceID: k.Workspace2.ID, Email: " User-1@Example.com ", FullName: "Other", Locale: "en", Role: model.Owner}
		err := k.Store.Platform(t.Context(), k.Store.PlatformScope(uuid.Nil), model.WorkspaceCreate, func(tx *store.PlatformTx) error {
			return tx.AddMember(taken)
		})
		wantKind(t, err, model.Conflict, "email_taken")
		taken.ID, taken.Email = k.User1.ID, "another@example.com"
		err = k.Store.Platform(t.Context(), k.Store.PlatformScope(uuid.Nil), model.WorkspaceCreate, func(tx *store.PlatformTx) error {
			return tx.AddMember(taken)
		})
		if err == nil {
			t.Error("a person was given a second workspace")
		}
		if n := k.DB.Count("select count(*) from members"); n != 4 {
			t.Errorf("%d members, want 4", n)
		}
	})
}
