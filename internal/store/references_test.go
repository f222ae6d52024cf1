package store_test

import (
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
func outside(t *testing.T, k *testkit.Kit) func(text string) error {
	t.Helper()
	path, ok := strings.CutPrefix(k.URL, "sqlite:")
	if !ok {
		return func(text string) error { return k.DB.Exec(text) }
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	testkit.NoErr(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return func(text string) error { _, err := db.Exec(text); return err }
}

// The engines themselves refuse a row that points into another workspace.
func TestEnginesRefuseCrossWorkspaceReferences(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		exec := outside(t, k)
		now, blob := "1", "x'00'"
		if k.Engine == "postgres" {
			now, blob = "now()", `'\x00'`
		}
		later := now + " + 1"
		if k.Engine == "postgres" {
			later = "now() + interval '1 hour'"
		}
		w1, w2, c1, c2, u1, u2 := k.Workspace1.ID, k.Workspace2.ID, k.Client1.ID, k.Client2.ID, k.User1.ID, k.User2.ID
		appointment := "insert into appointments values ('%s', '%s', '%s', '%s', " + now + ", " + later + ", 'scheduled', 1, " + now + ", " + now + ")"
		consent := "insert into consents values ('%s', '%s', '%s', 'data', " + blob + ", " + now + ", '%s', null, null)"
		session := "insert into auth_sessions values ('%s', '%s', '%s', " + blob + ", " + now + ", " + now + ", " + now + ", null)"
		insert := func(form string, args ...any) error { return exec(fmt.Sprintf(form, args...)) }
		for name, err := range map[string]error{
			"client of an appointment":       insert(appointment, w1, uuid.New(), c2, u1),
			"practitioner of an appointment": insert(appointment, w1, uuid.New(), c1, u2),
			"client of a consent":            insert(consent, w1, uuid.New(), c2, u1),
			"user of a session":              insert(session, uuid.New(), w1, u2),
			"workspace of a client":          exec("update clients set workspace_id = '" + uuid.NewString() + "' where id = '" + c1.String() + "'"),
		} {
			if !isReference(err) {
				t.Errorf("%s: got %v, want that the reference is refused", name, err)
			}
		}
		for name, err := range map[string]error{
			"appointment": insert(appointment, w2, uuid.New(), c2, u2),
			"consent":     insert(consent, w2, uuid.New(), c2, u2),
			"session":     insert(session, uuid.New(), w2, u2),
		} {
			if err != nil {
				t.Errorf("%s inside its workspace: %v", name, err)
			}
		}
		if err := exec("update consents set workspace_id = '" + w1.String() + "'"); !isReference(err) {
			t.Errorf("moving a consent: got %v, want that the reference is refused", err)
		}
	})
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
			"update clients set contact = null", "update clients set version = null", "update workspaces set name = null",
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
