package store_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

func options(k *testkit.Kit, url string) store.Options {
	return store.Options{URL: url, Masters: k.Masters, Now: k.Clock.Now, Random: randomness{}, Conns: 2}
}

func TestWrongMasterKeyDoesNotOpenTheDatabase(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		o := options(k, k.URL)
		o.Masters = testkit.NewMasters(t)
		before := k.Snapshot(k.Workspace1.ID)
		s, err := store.Open(t.Context(), o)
		if s != nil || err == nil || !strings.Contains(err.Error(), "the master key does not open this database") {
			t.Fatalf("got %v", err)
		}
		if k.Snapshot(k.Workspace1.ID) != before || k.DB.Count("select count(*) from data_keys where owner_id = $1", uuid.Nil.String()) != 1 {
			t.Error("opening with the wrong key changed the database")
		}
	})
}

// A workspace's key that is gone, as after an erasure, closes that workspace
// and no other.
func TestWorkspaceWithoutItsKeyIsClosed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		testkit.NoErr(t, k.DB.Exec("update data_keys set owner_id = $1 where owner_id = $2", uuid.NewString(), k.Workspace1.ID.String()))
		other := k.OpenStore()
		_, err := view(t.Context(), other, k.Scope(k.User1), k.Client1.ID)
		if err == nil || !strings.Contains(err.Error(), crypt.ErrKeyNotFound.Error()) {
			t.Errorf("got %v, want that the key is not found", err)
		}
		lost := person("A", "B")
		if _, err := insert(t.Context(), other, k.Scope(k.User1), lost); err == nil {
			t.Error("a write was sealed under no key")
		}
		wantStored(k, []uuid.UUID{lost.ID}, 0)
		if _, err := view(t.Context(), other, k.Scope(k.User2), k.Client2.ID); err != nil {
			t.Errorf("the other workspace is closed too: %v", err)
		}
	})
}

func TestKeysAreWrappedAndApart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		seen := map[string]bool{}
		for _, r := range k.DB.Rows("select owner_id, version, wrapped from data_keys") {
			if len(r[2]) != crypt.KeySize+crypt.Overhead || seen[r[2]] || r[1] != "1" {
				t.Errorf("key of %s: version %s, %d bytes", r[0], r[1], len(r[2]))
			}
			seen[r[2]] = true
		}
		if len(seen) != 3 {
			t.Errorf("%d keys, want the system's and two workspaces'", len(seen))
		}
		// A key that was put into the place of another does not open there.
		testkit.NoErr(t, k.DB.Exec("update data_keys set wrapped = (select wrapped from data_keys where owner_id = $1) where owner_id = $2",
			k.Workspace2.ID.String(), k.Workspace1.ID.String()))
		if _, err := view(t.Context(), k.OpenStore(), k.Scope(k.User1), k.Client1.ID); err == nil {
			t.Error("a workspace opened with another's key")
		}
	})
}

func TestAddressesAreRefusedWithoutTheirSecrets(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	testkit.NoErr(t, err)
	nobody := closed.Addr().String()
	testkit.NoErr(t, closed.Close())
	file := testkit.TempFile(t, "file")
	testkit.NoErr(t, os.WriteFile(file, []byte("not a folder"), 0o600))
	for _, url := range []string{
		"", "mysql://u:s3cret@h/d", "sqlite", "postgres://u:s3cret@" + nobody + "/d?sslmode=disable", "postgresql://u:s3cret@" + nobody + "/d?sslmode=disable",
		"postgres://u:s3cret@h:no-port/d", "postgres://u:s3cret@h/d?sslmode=perhaps", "sqlite:" + file + "/in/it.db", "sqlite:" + filepath.Dir(file),
	} {
		s, err := store.Open(t.Context(), options(k, url))
		if s != nil || err == nil {
			t.Errorf("%q was opened", url)
			continue
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: the error holds the password: %v", url, err)
		}
	}
	_, err = store.Open(t.Context(), options(k, "postgres://u:s3cret@"+nobody+"/d?sslmode=disable"))
	wantKind(t, err, model.Unavailable, "unavailable")
	ended, end := context.WithCancel(t.Context())
	end()
	if s, err := store.Open(ended, options(k, "sqlite:"+testkit.TempFile(t, "x.db"))); err == nil {
		_ = s.Close()
		t.Error("opened for nobody")
	}
}

func TestDamagedFileIsNotOpened(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	file := testkit.TempFile(t, "damaged.db")
	testkit.NoErr(t, os.WriteFile(file, []byte(strings.Repeat("this is no database ", 500)), 0o600))
	if s, err := store.Open(t.Context(), options(k, "sqlite:"+file)); err == nil {
		_ = s.Close()
		t.Fatal("a file of words was opened as a database")
	}
	got, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(got), "this is no database ") || len(got) != 10_000 {
		t.Errorf("the file was changed: %d bytes, %v", len(got), err)
	}
}

func TestSQLiteFilesArePrivate(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	path := filepath.Join(t.TempDir(), "folder with ü and #", "data base?.db")
	s, err := store.Open(t.Context(), options(k, "sqlite:"+path))
	testkit.NoErr(t, err)
	defer s.Close() //nolint:errcheck // the files are what counts
	for name, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		testkit.NoErr(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(name), info.Mode().Perm(), want)
		}
	}
}

func TestSQLiteLeavesOneFileWhenClosed(t *testing.T) {
	eachSQLite(t, func(t *testing.T, k *testkit.Kit) {
		path := testkit.TempFile(t, "one.db")
		s, err := store.Open(t.Context(), options(k, "sqlite:"+path))
		testkit.NoErr(t, err)
		testkit.NoErr(t, s.Check(t.Context()))
		testkit.NoErr(t, s.Close())
		names, err := filepath.Glob(path + "*")
		if err != nil || len(names) != 1 {
			t.Errorf("after closing there are %v", names)
		}
	})
}

// Readers work while somebody else writes, and the store answers then.
func TestSQLiteReadsWhileAnotherWrites(t *testing.T) {
	eachSQLite(t, func(t *testing.T, k *testkit.Kit) {
		release := hold(k, k.Workspace1.ID)
		defer release()
		testkit.NoErr(t, k.Store.Check(t.Context()))
		w, err := k.Practice.GetWorkspace(t.Context(), k.Store.OperatorScope(k.Workspace1.ID))
		if err != nil || w.Name != k.Workspace1.Name {
			t.Errorf("got %v, %v", w, err)
		}
	})
}

func TestPostgresServesInTheWeakRoleWithLimits(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		release := hold(k, k.Workspace1.ID)
		defer release()
		done := make(chan error, 1)
		go func() {
			_, err := view(t.Context(), k.Store, k.Store.OperatorScope(k.Workspace1.ID), k.Client1.ID)
			done <- err
		}()
		// The connection that waits for the chain shows in which role it serves.
		q := `select pid::text from pg_stat_activity where datname = current_database() and application_name = 'pazpaz' and wait_event_type = 'Lock'`
		until(t, "the entry waits for the chain", func() bool { return len(k.DB.Rows(q)) == 1 })
		for name, want := range map[string]string{"statement_timeout": "15s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"} {
			if got := servingSetting(t, k, name); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
		release()
		testkit.NoErr(t, <-done)
	})
}

// servingSetting is what a connection of the store has: a function in place of
// one that row-level security calls tells it.
func servingSetting(t *testing.T, k *testkit.Kit, name string) string {
	t.Helper()
	testkit.NoErr(t, k.DB.Exec("create table if not exists seen (who text, value text)"))
	testkit.NoErr(t, k.DB.Exec("grant all on seen to pazpaz_app"))
	testkit.NoErr(t, k.DB.Exec(`create or replace function note_setting() returns trigger language plpgsql as
		$$ begin insert into seen values (current_user, current_setting('`+name+`')); return new; end $$`))
	testkit.NoErr(t, k.DB.Exec("create or replace trigger note before insert on clients for each row execute function note_setting()"))
	_, err := insert(t.Context(), k.Store, k.Store.OperatorScope(k.Workspace2.ID), person("A", "B"))
	testkit.NoErr(t, err)
	seen := k.DB.Rows("select who, value from seen")
	testkit.NoErr(t, k.DB.Exec("delete from seen"))
	if len(seen) != 1 || seen[0][0] != "pazpaz_app" {
		t.Fatalf("written as %v", seen)
	}
	return seen[0][1]
}

// A role that could see past row-level security must not serve.
func TestStrongRoleIsRefused(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		c := asSuper(k)
		tx, err := c.Begin(t.Context())
		testkit.NoErr(t, err)
		// Roles are the server's, so the change stays inside this transaction.
		_, err = tx.Exec(t.Context(), "alter role pazpaz_app bypassrls")
		testkit.NoErr(t, err)
		if err := store.TakeAppRole(t.Context(), tx.Conn()); err == nil || !strings.Contains(err.Error(), "can bypass row-level security") {
			t.Errorf("got %v", err)
		}
		_, err = tx.Exec(t.Context(), "reset role")
		testkit.NoErr(t, err)
		testkit.NoErr(t, tx.Rollback(t.Context()))
		plain, err := pgx.Connect(t.Context(), k.URL)
		testkit.NoErr(t, err)
		defer plain.Close(t.Context()) //nolint:errcheck // a throw-away connection
		testkit.NoErr(t, store.TakeAppRole(t.Context(), plain))
	})
}

func TestLostConnectionsAreReplaced(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Store.OperatorScope(k.Workspace1.ID)
		for range 3 {
			_, err := view(t.Context(), k.Store, sc, k.Client1.ID)
			testkit.NoErr(t, err)
			k.DB.Rows("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'pazpaz'")
			// What runs into a dead connection says so; soon all is well again.
			until(t, "the store recovers", func() bool {
				_, err := view(t.Context(), k.Store, sc, k.Client1.ID)
				if err != nil && model.KindOf(err) != model.Unavailable {
					t.Fatalf("a lost connection is called %v", err)
				}
				return err == nil
			})
		}
		c, err := insert(t.Context(), k.Store, sc, person("A", "B"))
		testkit.NoErr(t, err)
		wantStored(k, []uuid.UUID{c.ID}, 1)
		wantIntact(k, k.Workspace1.ID)
	})
}
