package store_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// populated fills a kit with a bit of everything.
func populated(t *testing.T, k *testkit.Kit) {
	t.Helper()
	everyTable(t, k)
	k.AddClient(k.Workspace1.ID, model.Client{
		ID: uuid.New(), Contact: model.Contact{FirstName: "נועה", LastName: "לוי", Tags: []model.Text{"a", "b"}},
		History: model.History{MedicalHistory: "כאבי גב", Notes: "two\nlines"},
	})
}

func TestReopeningKeepsEverything(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		populated(t, k)
		want := k.StoredClients(k.Workspace1.ID)
		testkit.NoErr(t, k.Store.Close())
		before := k.Snapshot(k.Workspace1.ID) + k.Snapshot(k.Workspace2.ID)
		for range 3 {
			testkit.NoErr(t, k.OpenStore().Close())
		}
		if after := k.Snapshot(k.Workspace1.ID) + k.Snapshot(k.Workspace2.ID); after != before {
			t.Error("opening the database changed it")
		}
		if got := k.StoredClients(k.Workspace1.ID); !slices.Equal(plain(got), plain(want)) {
			t.Errorf("the clients read otherwise after reopening")
		}
		if n := k.DB.Count("select count(*) from schema_migrations"); n == 0 {
			t.Error("no migration is recorded")
		}
	})
}

// plain makes personal text visible to a comparison by print.
func plain(all []model.Client) []string {
	var out []string
	for _, c := range all {
		out = append(out, strings.Join([]string{c.ID.String(), string(c.FirstName), string(c.LastName), string(c.MedicalHistory), string(c.Notes), fmt.Sprint(len(c.Tags), c.Version)}, "|"))
	}
	return out
}

// later is the released migrations and one more.
func later(t *testing.T, sqlite, postgres string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	last := 0
	err := fs.WalkDir(store.Released(), "migrations", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(store.Released(), name)
		files[name] = &fstest.MapFile{Data: text}
		var n int
		if _, serr := fmt.Sscanf(filepath.Base(name), "%d", &n); serr != nil {
			return serr
		}
		last = max(last, n)
		return err
	})
	testkit.NoErr(t, err)
	files[fmt.Sprintf("migrations/sqlite/%04d_more.sql", last+1)] = &fstest.MapFile{Data: []byte(sqlite)}
	files[fmt.Sprintf("migrations/postgres/%04d_more.sql", last+1)] = &fstest.MapFile{Data: []byte(postgres)}
	return files
}

const (
	goodStep   = "alter table clients add column colour text; create index clients_colour on clients (workspace_id, colour);"
	brokenStep = "create table half (id text); alter table no_such_table add column x text;"
)

func TestStepAppliesToAPopulatedDatabase(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		populated(t, k)
		want := plain(k.StoredClients(k.Workspace1.ID))
		testkit.NoErr(t, k.Store.Close())
		steps := k.DB.Count("select count(*) from schema_migrations")
		at := time.Date(2027, 3, 4, 5, 6, 7, 0, time.FixedZone("x", 3600))
		n, err := store.Upgrade(t.Context(), k.URL, later(t, goodStep, goodStep), at)
		if err != nil || n != 1 {
			t.Fatalf("%d steps were applied, %v", n, err)
		}
		if n, err := store.Upgrade(t.Context(), k.URL, later(t, goodStep, goodStep), at); err != nil || n != 0 {
			t.Fatalf("%d steps were applied again, %v", n, err)
		}
		if n := k.DB.Count("select count(*) from schema_migrations"); n != steps+1 {
			t.Errorf("%d steps are recorded, want %d", n, steps+1)
		}
		if n := k.DB.Count("select count(*) from clients where colour is null"); n != 3 {
			t.Errorf("%d clients have the new column, want 3", n)
		}
		// The program of before refuses a database that is newer than it.
		_, err = store.Open(t.Context(), store.Options{URL: k.URL, Masters: k.Masters, Now: k.Clock.Now, Random: strings.NewReader("")})
		if err == nil || !strings.Contains(err.Error(), "newer version") {
			t.Errorf("an older program opened it: %v", err)
		}
		testkit.NoErr(t, k.DB.Exec("drop index clients_colour"))
		testkit.NoErr(t, k.DB.Exec("alter table clients drop column colour"))
		testkit.NoErr(t, k.DB.Exec("delete from schema_migrations where name = 'more'"))
		if got := plain(k.StoredClients(k.Workspace1.ID)); !slices.Equal(got, want) {
			t.Errorf("the upgrade changed the clients:\n%v\n%v", got, want)
		}
	})
}

func TestBrokenStepLeavesTheDatabaseAsItWas(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		populated(t, k)
		testkit.NoErr(t, k.Store.Close())
		before := schemaOf(k)
		n, err := store.Upgrade(t.Context(), k.URL, later(t, brokenStep, brokenStep), k.Clock.Now())
		if err == nil || n != 0 || !strings.Contains(err.Error(), "_more: ") {
			t.Fatalf("%d steps, %v; want an error that names the step", n, err)
		}
		if d := differences(before, schemaOf(k), "before", "after"); len(d) != 0 {
			t.Errorf("a failed step left %v", d)
		}
		testkit.NoErr(t, k.OpenStore().Check(t.Context()))
	})
}

func TestChangedStepIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		testkit.NoErr(t, k.Store.Close())
		testkit.NoErr(t, k.DB.Exec("update schema_migrations set sha256 = 'other' where number = 1"))
		_, err := store.Open(t.Context(), store.Options{URL: k.URL, Masters: k.Masters, Now: k.Clock.Now, Random: strings.NewReader("")})
		if err == nil || !strings.Contains(err.Error(), "0001_foundation was changed after it ran") {
			t.Fatalf("got %v", err)
		}
	})
}

func TestSQLiteKeepsACopyBeforeAnUpgrade(t *testing.T) {
	eachSQLite(t, func(t *testing.T, k *testkit.Kit) {
		populated(t, k)
		want := plain(k.StoredClients(k.Workspace1.ID))
		chain := wantIntact(k, k.Workspace1.ID)
		testkit.NoErr(t, k.Store.Close())
		dir := filepath.Dir(strings.TrimPrefix(k.URL, "sqlite:"))
		if copies, _ := filepath.Glob(filepath.Join(dir, "*.before-*")); len(copies) != 0 {
			t.Fatalf("an ordinary start left %v", copies)
		}
		_, err := store.Upgrade(t.Context(), k.URL, later(t, goodStep, goodStep), time.Date(2027, 3, 4, 5, 6, 7, 0, time.FixedZone("x", 3600)))
		testkit.NoErr(t, err)
		copied := strings.TrimPrefix(k.URL, "sqlite:") + ".before-20270304T040607"
		info, err := os.Stat(copied)
		testkit.NoErr(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("others may read the copy: %o", info.Mode().Perm())
		}
		// The copy is the whole database, as the program of before knows it.
		old := *k
		old.URL = "sqlite:" + copied
		old.Store = old.OpenStore()
		if got := plain(old.StoredClients(k.Workspace1.ID)); !slices.Equal(got, want) {
			t.Errorf("the copy holds other clients")
		}
		if head, err := old.Store.ChainHead(t.Context(), k.Workspace1.ID); err != nil || head.Seq < chain.Seq {
			t.Errorf("the copy's chain ends at %d, want at least %d (%v)", head.Seq, chain.Seq, err)
		}
		if n, err := store.Upgrade(t.Context(), k.URL, later(t, goodStep, goodStep), k.Clock.Now()); err != nil || n != 0 {
			t.Fatal(n, err)
		}
		if copies, _ := filepath.Glob(filepath.Join(dir, "*.before-*")); len(copies) > 3 { // the copy and, opened, its log
			t.Errorf("a start without an upgrade left one more: %v", copies)
		}
	})
}

func TestManyProcessesOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range testkit.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url, masters, clock := testkit.FreshDatabase(t, engine), testkit.NewMasters(t), testkit.NewClock()
			inParallel(t, 8, func(int) {
				s, err := store.Open(t.Context(), store.Options{URL: url, Masters: masters, Now: clock.Now, Random: randomness{}, Conns: 2})
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			db := testkit.Outside(t, engine, url)
			if n := db.Count("select count(*) from data_keys"); n != 1 {
				t.Errorf("%d system keys, want 1", n)
			}
			if n := db.Count("select count(*) from audit_heads"); n != 1 {
				t.Errorf("%d system chains, want 1", n)
			}
			if n := db.Count("select count(*) from schema_migrations"); n != db.Count("select max(number) from schema_migrations") {
				t.Errorf("%d migrations are recorded", n)
			}
		})
	}
}
