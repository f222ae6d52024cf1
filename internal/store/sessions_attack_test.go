package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	notes "pazpaz/internal/practice"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// signedNote makes a note with two signed versions.
func signedNote(k *testkit.Kit) model.Session {
	k.T.Helper()
	return signedBy(k, k.User1, k.Client1)
}

func signedBy(k *testkit.Kit, author model.User, about model.Client) model.Session {
	k.T.Helper()
	ctx, sc := k.T.Context(), k.Scope(author)
	n, err := k.Practice.CreateSession(ctx, sc, model.NewSession{ClientID: about.ID, Sections: model.Sections{Plan: "Rest"}}, model.OnceKey{})
	testkit.NoErr(k.T, err)
	k.Clock.Advance(time.Minute)
	n, err = k.Practice.SignSession(ctx, sc, n.ID, n.Version)
	testkit.NoErr(k.T, err)
	n, err = k.Practice.AmendSession(ctx, sc, n.ID, notes.SessionChange{Version: n.Version, Apply: func(c *model.SessionContent) { c.Plan = "Walk" }}, "A slip")
	testkit.NoErr(k.T, err)
	return n
}

// attacker runs SQL with what the product itself may do: in its role, inside
// its workspace, with its settings.
func attacker(k *testkit.Kit) func(text string) error {
	k.T.Helper()
	ctx := context.Background()
	if path, ok := strings.CutPrefix(k.URL, "sqlite:"); ok {
		db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
		testkit.NoErr(k.T, err)
		k.T.Cleanup(func() { _ = db.Close() })
		return func(text string) error {
			_, err := db.ExecContext(ctx, text)
			return err
		}
	}
	c := asApp(k)
	_, err := c.Exec(ctx, "select set_config('app.workspace_id', $1, false)", k.Workspace1.ID.String())
	testkit.NoErr(k.T, err)
	return func(text string) error {
		tag, err := c.Exec(ctx, text)
		if err == nil && tag.RowsAffected() == 0 && !strings.HasPrefix(text, "alter") {
			k.T.Errorf("this has not touched the note: %s", text)
		}
		return err
	}
}

func noteRows(k *testkit.Kit) string {
	k.T.Helper()
	return fmt.Sprintf("%q %q", k.DB.Rows("select * from sessions"), k.DB.Rows("select * from session_versions order by number"))
}

func TestSQLCannotChangeWhatIsSigned(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		signedNote(k)
		run := attacker(k)
		before := noteRows(k)
		other := uuid.NewString()
		attacks := []string{
			"update session_versions set content = hash", "update session_versions set hash = content where number = 1",
			"update session_versions set author_id = '" + k.Practitioner1.ID.String() + "'", "update session_versions set number = number + 10",
			"update session_versions set signed_at = signed_at", "update session_versions set id = '" + other + "' where number = 2",
			"update session_versions set session_id = '" + other + "'", "delete from session_versions where number = 2", "delete from session_versions",
			"delete from sessions", "insert into session_versions select * from session_versions where number = 1",
			"insert into session_versions select workspace_id, session_id, number, '" + other + "', hash, hash, author_id, signed_at from session_versions where number = 2",
			"update sessions set status = 'draft', versions = 0, signed_at = null", "update sessions set status = 'draft'", "update sessions set versions = 1",
			"update sessions set versions = 0", "update sessions set signed_at = null", "update sessions set signed_at = created_at", "update sessions set created_at = signed_at",
			"update sessions set client_id = '" + k.Client2.ID.String() + "'", "update sessions set author_id = '" + k.Practitioner1.ID.String() + "'",
			"update sessions set appointment_id = '" + other + "'", "update sessions set id = '" + other + "'", "update sessions set draft = facts, deleted_at = updated_at",
			"update sessions set deleted_at = updated_at", "update sessions set workspace_id = '" + k.Workspace2.ID.String() + "'",
			"update sessions set status = 'signed and sealed'",
		}
		if k.Engine == "sqlite" {
			attacks = append(attacks, "insert or replace into session_versions select * from session_versions where number = 1",
				"insert or replace into session_versions select workspace_id, session_id, number, id, hash, hash, author_id, signed_at from session_versions",
				"insert or replace into sessions select * from sessions", "replace into sessions select * from sessions",
				"update or replace sessions set status = 'draft', versions = 0, signed_at = null", "update or ignore session_versions set hash = content where number = 1 and 1 / 1",
				"insert into session_versions select * from session_versions on conflict do update set content = excluded.hash")
		} else {
			attacks = append(attacks, "truncate session_versions", "truncate sessions cascade", "alter table session_versions disable trigger all",
				"alter table sessions disable trigger all", "drop trigger session_versions_no_change on session_versions", "set session_replication_role = replica",
				"insert into session_versions select * from session_versions on conflict (workspace_id, session_id, number) do update set content = excluded.hash")
		}
		for _, text := range attacks {
			err := run(text)
			if noteRows(k) != before {
				t.Fatalf("the note was changed (%v) by: %s", err, text)
			}
		}
	})
}

// The columns beside a version change with a new version alone, as amending
// does. What is shown of a signed note comes out of the version all the same.
func TestColumnsBesideAVersionAreNotWhatIsShown(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		n := signedNote(k)
		run := attacker(k)
		for _, text := range []string{
			"update sessions set session_date = created_at, duration_minutes = 300", "update sessions set session_date = updated_at",
		} {
			if err := run(text); err == nil || !strings.Contains(err.Error(), "a signed note cannot be changed") {
				t.Errorf("%s: %v", text, err)
			}
			got, err := k.Practice.GetSession(t.Context(), k.Scope(k.User1), n.ID)
			testkit.NoErr(t, err)
			if got.Minutes != nil || !got.SessionDate.Equal(n.SessionDate) || got.Plan != "Walk" {
				t.Errorf("shown %v %v", got.Minutes, got.SessionDate)
			}
		}
		// A version that is claimed and not there is no empty note.
		testkit.NoErr(t, run("update sessions set versions = 3, session_date = created_at, duration_minutes = 300"))
		if _, err := k.Practice.GetSession(t.Context(), k.Scope(k.User1), n.ID); err == nil || model.KindOf(err) != 0 {
			t.Errorf("shown: %v", err)
		}
	})
}

// Who owns the database can switch the triggers off. The seals and the hashes
// tell.
func TestTamperingBelowTheTriggersIsSeen(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		first, second := signedNote(k), signedNote(k)
		sc := k.Scope(k.User1)
		off, later := "alter table session_versions disable trigger all", "signed_at + interval '1 second'"
		if k.Engine == "sqlite" {
			off, later = "drop trigger session_versions_no_update", "signed_at + 1000000"
		}
		testkit.NoErr(t, k.DB.Exec(off))
		versions := func(n model.Session) ([]model.SessionVersion, error) {
			return k.Practice.ListVersions(t.Context(), sc, n.ID)
		}
		for text, number := range map[string]int{
			"update session_versions set author_id = '" + k.Practitioner1.ID.String() + "' where number = 1 and session_id = '" + first.ID.String() + "'": 1,
			"update session_versions set signed_at = " + later + " where number = 2":                                                                      2,
		} {
			all, err := versions(first)
			testkit.NoErr(t, err)
			if !all[2-number].Intact() {
				t.Fatalf("version %d is not intact before", number)
			}
			testkit.NoErr(t, k.DB.Exec(text))
			if all, err = versions(first); err != nil || all[2-number].Intact() {
				t.Errorf("%s: not seen (%v)", text, err)
			}
		}
		testkit.NoErr(t, k.DB.Exec("update session_versions set content = (select content from session_versions where number = 1 and session_id = '"+
			first.ID.String()+"') where number = 1 and session_id = '"+second.ID.String()+"'"))
		if _, err := versions(second); err == nil {
			t.Error("content of another note opens")
		}
	})
}

// The triggers let go only what is older than the practice keeps it, by the
// database's own clock.
func TestSQLCanDeleteOnlyWhatNeedNotBeKept(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		real := time.Now()
		k.Clock.Advance(real.AddDate(-8, 0, 1).Sub(k.Clock.Now()))
		signedNote(k) // tomorrow it may go
		run := attacker(k)
		testkit.NoErr(t, k.DB.Exec("update workspaces set retention_years = 8"))
		if err := run("delete from session_versions"); err == nil {
			t.Fatal("a version that must be kept was deleted")
		}
		if err := run("update workspaces set retention_years = 6"); err == nil {
			t.Fatal("the time to keep notes was shortened below what nobody may choose")
		}
		testkit.NoErr(t, k.DB.Exec("update workspaces set retention_years = 7"))
		testkit.NoErr(t, run("delete from session_versions"))
	})
}
