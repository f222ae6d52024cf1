package testkit

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pazpaz/internal/store"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // the second connection to SQLite
)

// database returns the address of an empty database of the test's own. SQLite
// gets a fresh file. PostgreSQL gets a clone of a template that the first
// test of a run has migrated; the clone is dropped at the end of the test.
func database(t *testing.T, engine string) string {
	t.Helper()
	if engine == "sqlite" {
		return "sqlite:" + filepath.Join(t.TempDir(), "pazpaz.db")
	}
	template := templateDatabase(t)
	name := "t_" + hex.EncodeToString(RandomBytes(t, 8))
	server(t, "TEST_POSTGRES_URL", func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "create database "+name+" template "+template+" strategy file_copy")
		return err
	})
	t.Cleanup(func() {
		server(t, "TEST_POSTGRES_SUPER_URL", func(ctx context.Context, c *pgx.Conn) error {
			_, err := c.Exec(ctx, "drop database if exists "+name+" with (force)")
			return err
		})
	})
	return inDatabase(t, "TEST_POSTGRES_URL", name)
}

// server runs fn on a connection to the test server, in the role that the
// environment variable's address has.
func server(t *testing.T, env string, fn func(context.Context, *pgx.Conn) error) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, inDatabase(t, env, ""))
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	defer c.Close(ctx) //nolint:errcheck // a throw-away connection
	if err := fn(ctx, c); err != nil {
		t.Fatalf("test server: %v", err)
	}
}

// inDatabase is the address in the environment with another database.
func inDatabase(t *testing.T, env, name string) string {
	t.Helper()
	u, err := url.Parse(os.Getenv(env))
	if err != nil {
		t.Fatalf("%s: %v", env, err)
	}
	if name != "" {
		u.Path = "/" + name
	}
	return u.String()
}

// templateDatabase returns the name of a migrated, empty database. All test
// processes of a run share it: the first makes it, the others wait.
func templateDatabase(t *testing.T) string {
	t.Helper()
	sum := store.SchemaSum("postgres")
	name := "template_" + sum[:16]
	server(t, "TEST_POSTGRES_URL", func(ctx context.Context, c *pgx.Conn) error {
		if _, err := c.Exec(ctx, "select pg_advisory_lock(724501)"); err != nil {
			return err
		}
		var ready bool
		const q = `select count(*) > 0 from pg_database where datname = $1 and shobj_description(oid, 'pg_database') = 'ready'`
		if err := c.QueryRow(ctx, q, name).Scan(&ready); err != nil || ready {
			return err
		}
		return makeTemplate(ctx, t, c, name)
	})
	return name
}

func makeTemplate(ctx context.Context, t *testing.T, c *pgx.Conn, name string) error {
	t.Helper()
	for _, q := range []string{"drop database if exists " + name + " with (force)", "create database " + name} {
		if _, err := c.Exec(ctx, q); err != nil {
			return err
		}
	}
	if err := store.Migrate(ctx, inDatabase(t, "TEST_POSTGRES_URL", name), NewClock().Now()); err != nil {
		return fmt.Errorf("migrate the template: %w", err)
	}
	_, err := c.Exec(ctx, "comment on database "+name+" is 'ready'")
	return err
}

// DB is a second connection to a test's database. On PostgreSQL it is the
// superuser's, so it sees the rows of every workspace.
type DB struct {
	k  *Kit
	lt *sql.DB
	pg *pgx.Conn
}

func openDB(t *testing.T, k *Kit) *DB {
	t.Helper()
	d := &DB{k: k}
	if path, ok := strings.CutPrefix(k.URL, "sqlite:"); ok {
		db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
		NoErr(t, err)
		d.lt = db
		t.Cleanup(func() { _ = d.lt.Close() })
		return d
	}
	u, err := url.Parse(k.URL)
	NoErr(t, err)
	c, err := pgx.Connect(t.Context(), inDatabase(t, "TEST_POSTGRES_SUPER_URL", strings.TrimPrefix(u.Path, "/")))
	if err != nil {
		t.Fatalf("second connection: %v", err)
	}
	d.pg = c
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return d
}

// Exec runs a statement and returns its error, which tests of refusals want.
func (d *DB) Exec(text string, args ...any) error {
	if d.lt != nil {
		_, err := d.lt.Exec(text, args...)
		return err
	}
	_, err := d.pg.Exec(context.Background(), text, args...)
	return err
}

// Rows returns the rows of a query, each value as text; null is "".
func (d *DB) Rows(text string, args ...any) [][]string {
	d.k.T.Helper()
	var all [][]string
	var err error
	if d.lt != nil {
		all, err = d.sqliteRows(text, args)
	} else {
		all, err = d.postgresRows(text, args)
	}
	if err != nil {
		d.k.T.Fatalf("%s: %v", text, err)
	}
	return all
}

func (d *DB) sqliteRows(text string, args []any) ([][]string, error) {
	r, err := d.lt.Query(text, args...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	columns, err := r.Columns()
	if err != nil {
		return nil, err
	}
	var all [][]string
	for r.Next() {
		values := make([]sql.NullString, len(columns))
		dest := make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := r.Scan(dest...); err != nil {
			return nil, err
		}
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = v.String
		}
		all = append(all, row)
	}
	return all, r.Err()
}

func (d *DB) postgresRows(text string, args []any) ([][]string, error) {
	r, err := d.pg.Query(context.Background(), text, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(r, func(row pgx.CollectableRow) ([]string, error) {
		values, err := row.Values()
		out := make([]string, len(values))
		for i, v := range values {
			switch v := v.(type) {
			case nil:
			case [16]byte:
				out[i] = fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:])
			case []byte:
				out[i] = string(v)
			default:
				out[i] = fmt.Sprint(v)
			}
		}
		return out, err
	})
}

// Count returns the number that a query selects.
func (d *DB) Count(text string, args ...any) int {
	d.k.T.Helper()
	var n int
	if _, err := fmt.Sscan(d.Rows(text, args...)[0][0], &n); err != nil {
		d.k.T.Fatalf("%s: %v", text, err)
	}
	return n
}
