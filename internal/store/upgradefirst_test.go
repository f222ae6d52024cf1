package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
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

// releasedUpTo are the migrations that a program of then knew.
func releasedUpTo(t *testing.T, last int) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, engine := range []string{"sqlite", "postgres"} {
		names, err := fs.Glob(store.Released(), "migrations/"+engine+"/*.sql")
		testkit.NoErr(t, err)
		for _, name := range names[:last] {
			text, err := fs.ReadFile(store.Released(), name)
			testkit.NoErr(t, err)
			files[name] = &fstest.MapFile{Data: text}
		}
	}
	return files
}

// firstTables are those of the first release, so that each comes after those
// that it references.
var firstTables = []string{
	"data_keys", "workspaces", "audit_heads", "audit_events", "users", "members", "auth_sessions", "sign_in_links",
	"clients", "consents", "idempotency_keys", "jobs",
}

// aged is the kit's world in a database that knows the first migration alone:
// what a practice has that has not been upgraded yet. The kit's own store is
// closed.
func aged(t *testing.T, k *testkit.Kit) *testkit.Kit {
	t.Helper()
	testkit.NoErr(t, k.Store.Close())
	old := *k
	if k.Engine == "postgres" {
		agePostgres(t, k)
		return &old
	}
	path := filepath.Join(t.TempDir(), "old.db")
	old.URL = "sqlite:" + path
	_, err := store.Upgrade(t.Context(), old.URL, releasedUpTo(t, 1), k.Clock.Now())
	testkit.NoErr(t, err)
	db, err := sql.Open("sqlite", "file:"+path)
	testkit.NoErr(t, err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec("attach $1 as kept", strings.TrimPrefix(k.URL, "sqlite:"))
	testkit.NoErr(t, err)
	for _, table := range firstTables {
		var columns string
		testkit.NoErr(t, db.QueryRow("select group_concat(name, ', ') from main.pragma_table_info($1)", table).Scan(&columns))
		_, err = db.Exec("insert into main." + table + " (" + columns + ") select " + columns + " from kept." + table)
		testkit.NoErr(t, err)
	}
	testkit.NoErr(t, db.Close())
	old.DB = testkit.Outside(t, k.Engine, old.URL)
	return &old
}

// agePostgres puts the rows aside, makes the schema anew and brings them back.
func agePostgres(t *testing.T, k *testkit.Kit) {
	t.Helper()
	own, err := url.Parse(k.URL)
	testkit.NoErr(t, err)
	do := func(q string) {
		t.Helper()
		if err := k.DB.Exec(q); err != nil {
			t.Fatalf("%v: %s", err, q)
		}
	}
	do("create schema kept")
	for _, table := range firstTables {
		do("create table kept." + table + " as select * from public." + table)
	}
	do("drop schema public cascade")
	do("create schema public authorization " + own.User.Username())
	_, err = store.Upgrade(context.Background(), k.URL, releasedUpTo(t, 1), k.Clock.Now())
	testkit.NoErr(t, err)
	for _, table := range firstTables {
		columns := k.DB.Rows(`select string_agg(column_name, ', ') from information_schema.columns
			where table_schema = 'public' and table_name = $1`, table)[0][0]
		do("insert into public." + table + " (" + columns + ") select " + columns + " from kept." + table)
	}
	do("drop schema kept cascade")
}

// firstVisit is an appointment as the first release stored it.
func firstVisit(k *testkit.Kit, from, to time.Duration, more row) row {
	r := visitRow(k, k.Clock.Now().Add(from), k.Clock.Now().Add(to)).with(more)
	out := row{}
	for _, column := range []string{
		"workspace_id", "id", "client_id", "practitioner_id", "starts_at", "ends_at", "status", "version", "created_at", "updated_at",
	} {
		out[column] = r[column]
	}
	return out
}

const hour = time.Hour

// firstVisits are appointments of the first release, which did not compare
// them, and whether they overlap.
func firstVisits(k *testkit.Kit) (all []row, overlaps []bool) {
	add := func(overlap bool, from, to time.Duration, more row) {
		all, overlaps = append(all, firstVisit(k, from, to, more)), append(overlaps, overlap)
	}
	colleague := row{"practitioner_id": k.Practitioner1.ID}
	add(false, 0, hour, nil)
	add(false, hour, 2*hour, nil) // they touch
	add(true, 10*hour, 11*hour, nil)
	add(true, 10*hour+30*time.Minute, 12*hour, nil)
	add(true, 11*hour+30*time.Minute, 13*hour, row{"status": "attended", "version": 4}) // a chain
	add(false, 10*hour, 12*hour, colleague)
	add(false, 10*hour, 13*hour, row{"status": "cancelled"})
	add(false, 20*hour, 21*hour, nil)
	add(false, 20*hour, 21*hour, row{"status": "no_show"})
	add(false, 30*hour, 31*hour, row{"status": "cancelled"})
	add(false, 30*hour, 31*hour, row{"status": "cancelled"})
	add(true, 40*hour, 41*hour, colleague)
	add(true, 40*hour, 41*hour, colleague)
	add(true, 40*hour, 41*hour, colleague)
	add(true, 100*hour, 150*hour, nil) // longer than any is today
	return all, overlaps
}

// A database of the first release, with all that a practice had in it, is
// brought up to date and has lost nothing.
func TestFirstReleaseIsUpgraded(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		fresh := schemaOf(k)
		clients := plain(k.StoredClients(k.Workspace1.ID))
		chain := wantIntact(k, k.Workspace1.ID)
		old := aged(t, k)
		if n := old.DB.Count("select count(*) from schema_migrations"); n != 1 {
			t.Fatalf("the old database knows %d migrations", n)
		}
		h := hand{old, "", outside(t, old)}
		visits, overlaps := firstVisits(k)
		for _, v := range append(visits, firstVisit(k, 10*hour, 11*hour, nil).theirs(k)) {
			testkit.NoErr(t, h.insert("appointments", v))
		}
		const columns = "workspace_id, id, client_id, practitioner_id, starts_at, ends_at, status, version, created_at, updated_at"
		before := old.DB.Rows("select " + columns + " from appointments order by workspace_id, id")

		old.Store = old.OpenStore() // which upgrades it
		if n := old.DB.Count("select count(*) from schema_migrations"); n < 2 {
			t.Fatalf("%d migrations after the upgrade", n)
		}
		if d := differences(fresh, schemaOf(old), "fresh", "upgraded"); len(d) != 0 {
			t.Errorf("the upgraded schema is another: %v", d)
		}
		if after := old.DB.Rows("select " + columns + " from appointments order by workspace_id, id"); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("the appointments were changed:\n%v\n%v", before, after)
		}
		for i, v := range visits {
			got := old.DB.Count("select count(*) from appointments where id = $1 and overlap_allowed", v["id"].(uuid.UUID).String()) == 1
			if got != overlaps[i] {
				t.Errorf("appointment %d: overlap allowed %v, want %v", i, got, overlaps[i])
			}
		}
		const plainRows = `select count(*) from appointments where blocks_from = starts_at and blocks_to = ends_at and status_at = updated_at
			and created_by = practitioner_id and location_type = 'clinic' and payment_status = 'not_paid' and not noted and not detached
			and service_id is null and location_id is null and room_id is null and series_id is null and price is null and currency is null
			and details is null and deleted_at is null and deleted_by is null and paid_at is null and payment_method is null`
		if n := old.DB.Count(plainRows); n != len(before) {
			t.Errorf("%d of %d appointments have the values of one that nobody gave any", n, len(before))
		}
		if n := old.DB.Count("select count(*) from workspaces where working_hours is null and retention_years is null and shared_notes is null"); n != 2 {
			t.Errorf("%d workspaces have the product's defaults", n)
		}
		if got := plain(old.StoredClients(k.Workspace1.ID)); !slices.Equal(got, clients) {
			t.Errorf("the clients read otherwise:\n%v\n%v", got, clients)
		}
		if head := wantIntact(old, k.Workspace1.ID); head.Seq < chain.Seq {
			t.Errorf("the chain ends at %d, before it was %d", head.Seq, chain.Seq)
		}
		wantWorking(t, old)
	})
}

// wantWorking books over what the upgrade brought along.
func wantWorking(t *testing.T, k *testkit.Kit) {
	t.Helper()
	book := func(from, to time.Duration) error {
		return write(k, k.Store.OperatorScope(k.Workspace1.ID), model.AppointmentBook, func(tx *store.Tx) error {
			return tx.InsertAppointment(model.Appointment{
				ID: uuid.New(), ClientID: k.Client1.ID, PractitionerID: k.User1.ID, Status: "scheduled",
				StartsAt: k.Clock.Now().Add(from), EndsAt: k.Clock.Now().Add(to),
			})
		})
	}
	wantKind(t, book(30*time.Minute, 90*time.Minute), model.Conflict, "overlap")
	testkit.NoErr(t, book(2*hour, 3*hour))
	wantKind(t, book(2*hour, 3*hour), model.Conflict, "overlap")
}

// A step that fails halfway leaves the first release as it was, and the next
// start brings it up to date.
func TestFailedUpgradeOfTheFirstReleaseCanBeRepeated(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		old := aged(t, k)
		h := hand{old, "", outside(t, old)}
		visits, _ := firstVisits(k)
		for _, v := range visits {
			testkit.NoErr(t, h.insert("appointments", v))
		}
		before := schemaOf(old)
		files := releasedUpTo(t, 2)
		for name, f := range files {
			if strings.Contains(name, "/0002_") {
				f.Data = append(slices.Clone(f.Data), "\nselect no_such_column from appointments;"...)
			}
		}
		if n, err := store.Upgrade(t.Context(), old.URL, files, k.Clock.Now()); err == nil || n != 0 {
			t.Fatalf("%d steps, %v; want an error", n, err)
		}
		if d := differences(before, schemaOf(old), "before", "after"); len(d) != 0 {
			t.Errorf("the failed upgrade left %v", d)
		}
		k.Clock.Advance(time.Minute)
		old.Store = old.OpenStore()
		if n := old.DB.Count("select count(*) from appointments"); n != len(visits) {
			t.Errorf("%d appointments, want %d", n, len(visits))
		}
		wantWorking(t, old)
	})
}

func TestManyProcessesUpgradeAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		old := aged(t, k)
		inParallel(t, 6, func(int) {
			s, err := store.Open(t.Context(), store.Options{URL: old.URL, Masters: k.Masters, Now: k.Clock.Now, Random: randomness{}, Conns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		if n := old.DB.Count("select count(*) from schema_migrations"); n != old.DB.Count("select max(number) from schema_migrations") || n < 2 {
			t.Errorf("%d migrations are recorded", n)
		}
		if k.Engine == "sqlite" {
			copies, _ := filepath.Glob(strings.TrimPrefix(old.URL, "sqlite:") + ".before-*")
			if len(copies) != 1 {
				t.Errorf("%d copies were kept, want one: %v", len(copies), copies)
			}
		}
		if got := plain(old.StoredClients(k.Workspace1.ID)); len(got) != 1 {
			t.Errorf("%d clients, want 1", len(got))
		}
	})
}
