package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestStatementMustNameTheWorkspaceAndAllItsParameters(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct {
		n    int
		good bool
	}{
		"select 1 from t where workspace_id = $1":                      {1, true},
		"select 1 from t where workspace_id = $1 and id = $2":          {2, true},
		"select $1, $1, $2, $12, $3, $4, $5, $6, $7, $8, $9, $10, $11": {12, true},
		"select 1 from t":                                     {1, false},
		"select 1 from t where id = $2":                       {2, false},
		"select 1 from t where workspace_id = $1 and id = $3": {2, false},
		"select 1 from t where workspace_id = $1 and x = $2":  {1, false},
		"select 1 from t where workspace_id = $1 and y = $2":  {3, false},
		"select 1 from t where a = $10":                       {10, false},
		"select $1, $":                                        {1, false},
		"select $1, $x":                                       {1, false},
		"select $1, $70000":                                   {70000, false},
		"select $1, $99999999999999999999":                    {1, false},
		"":                                                    {0, false},
	} {
		if err := checkScoped(text, c.n); (err == nil) != c.good {
			t.Errorf("%q with %d values: %v", text, c.n, err)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{"": placeholders(2, 0), "$2": placeholders(2, 1), "$3, $4, $5": placeholders(3, 3), "$9, $10": placeholders(9, 2)} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPostgresErrorsAreClassified(t *testing.T) {
	t.Parallel()
	state := func(code string) error { return fmt.Errorf("op: %w", &pgconn.PgError{Code: code}) }
	e := &postgresEngine{}
	for _, c := range []struct {
		err  error
		want errorClass
	}{
		{state("23505"), uniqueError}, {state("23503"), referenceError}, {state("55P03"), downError}, {state("57014"), downError},
		{state("40001"), downError}, {state("40P01"), downError}, {state("25P03"), downError}, {state("57P05"), downError}, {state("57P01"), downError},
		{state("57P03"), downError}, {state("08006"), downError}, {state("08001"), downError}, {state("53100"), fullError}, {state("53200"), fullError},
		{state("53300"), downError}, {state("25006"), fullError}, {state("58030"), fullError}, {state("58P01"), fullError},
		{state("42601"), otherError}, {state("42501"), otherError}, {state("23502"), otherError}, {state("22P02"), otherError},
		{fmt.Errorf("op: %w", &pgconn.ConnectError{}), downError}, {&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, downError},
		{context.DeadlineExceeded, downError}, {fmt.Errorf("op: %w", errConnLost), downError},
		{context.Canceled, otherError}, {errors.New("x"), otherError}, {errNoRow, otherError},
	} {
		if got := e.class(c.err); got != c.want {
			t.Errorf("%v: class %d, want %d", c.err, got, c.want)
		}
	}
}

// sqliteFault runs statements on a database of its own until one fails.
func sqliteFault(t *testing.T, statements ...string) error {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(filepath.Join(t.TempDir(), "x.db"), ""))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			return fmt.Errorf("op: %w", err)
		}
	}
	t.Fatalf("none of %v failed", statements)
	return nil
}

func TestSQLiteErrorsAreClassified(t *testing.T) {
	t.Parallel()
	const tables = "create table a (x text primary key, y text unique, z text not null check (z <> 'no')); create table b (x text references a (x)); insert into a values ('1', '1', 'z')"
	e := &sqliteEngine{}
	for name, c := range map[string]struct {
		err  error
		want errorClass
	}{
		"primary key": {sqliteFault(t, tables, "insert into a values ('1', '2', 'z')"), uniqueError},
		"unique":      {sqliteFault(t, tables, "insert into a values ('2', '1', 'z')"), uniqueError},
		"reference":   {sqliteFault(t, tables, "insert into b values ('none')"), referenceError},
		"not null":    {sqliteFault(t, tables, "insert into a values ('2', '2', null)"), otherError},
		"check":       {sqliteFault(t, tables, "insert into a values ('2', '2', 'no')"), otherError},
		"syntax":      {sqliteFault(t, "selec 1"), otherError},
		"read only":   {sqliteFault(t, tables, "pragma query_only = 1", "insert into a values ('2', '2', 'z')"), fullError},
		"full":        {sqliteFault(t, "create table a (x blob)", "pragma max_page_count = 3", "insert into a values (zeroblob(100000))"), fullError},
		"cannot open": {sqliteFault(t, "attach '/nowhere/at/all.db' as other"), fullError},
		"deadline":    {fmt.Errorf("op: %w", context.DeadlineExceeded), downError},
		"closed":      {fmt.Errorf("op: %w", errWriterClosed), downError},
		"canceled":    {context.Canceled, otherError},
		"other":       {errors.New("x"), otherError},
	} {
		if got := e.class(c.err); got != c.want {
			t.Errorf("%s: class %d, want %d (%v)", name, got, c.want, c.err)
		}
	}
}

// A database that is locked for too long is down, and nobody waits for ever.
func TestLockedSQLiteIsDown(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	e, err := openSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer e.close() //nolint:errcheck // a throw-away database
	if err := e.writer.raw("pragma busy_timeout(20)"); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", dsn(path, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	err = e.write(t.Context(), reach{}, func(conn) ([]stmt, error) { t.Error("ran"); return nil, nil })
	if e.class(err) != downError {
		t.Errorf("got %v, want that it is down", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := e.write(t.Context(), reach{}, func(conn) ([]stmt, error) { return nil, nil }); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}

func TestWrongPragmasStopTheStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	for name, address := range map[string]string{
		"all right":       dsn(path, ""),
		"no sync":         strings.Replace(dsn(path, ""), "synchronous(FULL)", "synchronous(NORMAL)", 1),
		"no foreign keys": strings.Replace(dsn(path, ""), "foreign_keys(ON)", "foreign_keys(OFF)", 1),
		"misspelt":        strings.Replace(dsn(path, ""), "foreign_keys(ON)", "foreign_key(ON)", 1),
		"no log":          strings.Replace(dsn(path, ""), "journal_mode(WAL)", "journal_mode(DELETE)", 1),
	} {
		db, err := sql.Open("sqlite", address)
		if err != nil {
			t.Fatal(err)
		}
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := checkPragmas(t.Context(), c); (err == nil) != (name == "all right") {
			t.Errorf("%s: %v", name, err)
		}
		_ = c.Close()
		_ = db.Close()
	}
}

// A connection for reading cannot write, even if asked to.
func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	e, err := openSQLite(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.close() //nolint:errcheck // a throw-away database
	if _, err := e.migrate(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	const q = "insert into audit_heads values ($1, 1, x'00') returning seq"
	for name, c := range map[string]conn{"sqlite": sqliteReader{e}, "postgres": postgresRead{}} {
		if _, err := c.exec(t.Context(), q, "x"); err == nil {
			t.Errorf("%s: exec", name)
		}
	}
	if err := (postgresRead{}).enter(t.Context(), uuid.New()); err == nil {
		t.Error("a read left its workspace")
	}
	err = e.read(t.Context(), reach{}, func(c conn) error {
		r, err := c.query(t.Context(), q, "x")
		var seq int64
		return one(r, err, &seq)
	})
	if err == nil {
		t.Error("a query wrote through a reader")
	}
	r, err := sqliteReader{e}.query(t.Context(), "delete from audit_heads")
	if _, err := collect(r, err, func(rows) (int, error) { return 0, nil }); err == nil {
		t.Error("a reader deleted")
	}
}

func TestClockIsCutToMicrosecondsInUTC(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("x", 3*3600)
	now := micros(func() time.Time { return time.Date(2026, 2, 2, 3, 4, 5, 123456789, zone) })
	if got := now(); !got.Equal(time.Date(2026, 2, 2, 0, 4, 5, 123456000, time.UTC)) || got.Location() != time.UTC {
		t.Fatalf("got %v", got)
	}
}

func TestOutcomesHaveTheirWords(t *testing.T) {
	t.Parallel()
	if outcomeOf(nil) != "ok" || outcomeOf(errors.New("x")) != "" || outcomeOf(fmt.Errorf("op: %w", model.ErrNotFound)) != "missing" {
		t.Fatal("an outcome has another word")
	}
}

func TestDatabaseFaultsBecomeRefusals(t *testing.T) {
	t.Parallel()
	s := &Store{eng: &sqliteEngine{}}
	full := sqliteFault(t, "create table a (x blob)", "pragma max_page_count = 3", "insert into a values (zeroblob(100000))")
	for _, c := range []struct {
		err   error
		kind  model.Kind
		code  string
		after time.Duration
	}{
		{context.DeadlineExceeded, model.Unavailable, "unavailable", 2 * time.Second},
		{full, model.Unavailable, "storage_full", time.Minute},
		{errors.New("x"), 0, "", 0},
		{fmt.Errorf("%w (%w)", model.ErrNotFound, context.DeadlineExceeded), model.NotFound, "not_found", 0},
	} {
		err := s.public(c.err)
		e, _ := errors.AsType[*model.Error](err)
		if !errors.Is(err, c.err) && c.kind != model.NotFound || model.KindOf(err) != c.kind || model.CodeOf(err) != c.code {
			t.Errorf("%v became %v", c.err, err)
		}
		if e != nil && e.RetryAfter != c.after {
			t.Errorf("%v: try again after %v, want %v", c.err, e.RetryAfter, c.after)
		}
	}
	if s.public(nil) != nil {
		t.Error("nothing became an error")
	}
}
