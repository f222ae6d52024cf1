package cli_test

import (
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pazpaz/internal/testkit"
)

// onPostgres runs fn with a box whose database is a PostgreSQL of its own.
func onPostgres(t *testing.T, fn func(t *testing.T, b *box, db *testkit.DB)) {
	t.Helper()
	t.Parallel()
	for _, engine := range testkit.Engines(t) {
		if engine != "postgres" {
			continue
		}
		address := testkit.FreshDatabase(t, engine)
		fn(t, newBox(t, "PAZPAZ_DATABASE_URL="+address), testkit.Outside(t, engine, address))
	}
}

func TestPostgresServesAndKeepsEverything(t *testing.T) {
	onPostgres(t, func(t *testing.T, b *box, _ *testkit.DB) {
		_, stop := b.serve("--demo")
		if got := status(t, b.addr, "/readyz"); got != 200 {
			t.Errorf("readyz answers %d", got)
		}
		if got := stop(); got != 0 {
			t.Fatalf("status %d", got)
		}
		if _, err := os.Stat(filepath.Join(b.dir, "pazpaz.db")); err == nil {
			t.Error("a SQLite file was made beside PostgreSQL")
		}
		out, stop := b.serve("--demo")
		defer stop()
		if n := strings.Count(signedIn(t, b.addr, link(t, out)), `"full_name"`); n != 30 {
			t.Errorf("the demo practice has %d clients, want 30", n)
		}
	})
}

func TestPostgresAuditVerifyFindsTampering(t *testing.T) {
	onPostgres(t, func(t *testing.T, b *box, db *testkit.DB) {
		_, stop := b.serve("--demo")
		stop()
		if status, out, errs := b.run("audit", "verify"); status != 0 || strings.Count(out, "intact") != 2 {
			t.Fatalf("status %d: %s%s", status, out, errs)
		}
		workspace := db.Rows("select id from workspaces")[0][0]
		testkit.NoErr(t, db.Exec("alter table audit_events disable trigger user"))
		testkit.NoErr(t, db.Exec("update audit_events set action = 'client.list' where workspace_id = $1 and seq = 7", workspace))
		b.refused("audit chain of "+workspace+" breaks at entry 7: its content does not match", "audit", "verify")
		testkit.NoErr(t, db.Exec("delete from audit_events where workspace_id = $1 and seq = 7", workspace))
		b.refused("breaks at entry 7: it is missing", "audit", "verify", "--workspace", workspace)
	})
}

// Without its key file a database in use is not given a new key, and no key
// file is left that would look like the right one.
func TestPostgresLostKeyStopsTheStartAndLeavesNoKeyFile(t *testing.T) {
	onPostgres(t, func(t *testing.T, b *box, db *testkit.DB) {
		_, stop := b.serve("--demo")
		stop()
		keys := filepath.Join(b.dir, "keys", "master.keys")
		saved, err := os.ReadFile(keys)
		testkit.NoErr(t, err)
		testkit.NoErr(t, os.Remove(keys))
		for range 2 {
			b.refused("Encryption key not found", "serve")
			if _, err := os.Stat(keys); err == nil {
				t.Fatal("a key file was left that opens nothing")
			}
		}
		if n := db.Count("select count(*) from data_keys"); n != 2 {
			t.Errorf("%d data keys", n)
		}
		testkit.NoErr(t, os.WriteFile(keys, []byte("v1:"+randomKey(t)), 0o600))
		b.refused("master key does not open this database", "serve")
		testkit.NoErr(t, os.WriteFile(keys, saved, 0o600))
		_, stop = b.serve()
		stop()
	})
}

// The user who serves owns nothing; the owner migrates and lets it take the
// application's role.
func TestPostgresServesAsAUserWhoOwnsNothing(t *testing.T) {
	onPostgres(t, func(t *testing.T, b *box, db *testkit.DB) {
		owner := strings.TrimPrefix(b.more[0], "PAZPAZ_DATABASE_URL=")
		u, err := url.Parse(owner)
		testkit.NoErr(t, err)
		user := "serving_" + hex.EncodeToString(testkit.RandomBytes(t, 6))
		testkit.NoErr(t, db.Exec("create role "+user+" login password 'x'"))
		t.Cleanup(func() { _ = db.Exec("drop role " + user) })
		u.User = url.UserPassword(user, "x")
		b.more = []string{"PAZPAZ_DATABASE_URL=" + u.String()}
		status, _, errs := b.run("serve")
		if status != 1 || strings.Count(errs, "\n") != 1 {
			t.Errorf("without an owner: status %d, %q", status, errs)
		}
		b.more = append(b.more, "PAZPAZ_DATABASE_OWNER_URL="+owner)
		out, stop := b.serve("--demo")
		defer stop()
		if n := strings.Count(signedIn(t, b.addr, link(t, out)), `"full_name"`); n != 30 {
			t.Errorf("%d clients were listed, want 30", n)
		}
		if n := db.Count("select count(*) from pg_tables where tableowner = '" + user + "'"); n != 0 {
			t.Errorf("the serving user owns %d tables", n)
		}
		if n := db.Count("select count(*) from pg_stat_activity where datname = current_database() and usename = '" + user + "'"); n == 0 {
			t.Error("it was not the serving user who served")
		}
	})
}

func TestTwoServersShareAPostgres(t *testing.T) {
	onPostgres(t, func(t *testing.T, b *box, _ *testkit.DB) {
		out, stop := b.serve("--demo")
		defer stop()
		second := newBox(t, b.more...)
		second.write("keys/master.keys", readKey(t, b))
		_, stopSecond := second.serve()
		defer stopSecond()
		// A link that one has printed signs in at the other.
		if n := strings.Count(signedIn(t, second.addr, link(t, out)), `"full_name"`); n != 30 {
			t.Errorf("the second server lists %d clients, want 30", n)
		}
	})
}

func readKey(t *testing.T, b *box) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "keys", "master.keys"))
	testkit.NoErr(t, err)
	return string(text)
}
