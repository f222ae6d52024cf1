package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func bareSQLite(t *testing.T) *sqliteEngine {
	t.Helper()
	e, err := openSQLite(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.close() })
	return e
}

// scanned is a row of every type that a column can have.
type scanned struct {
	n                int64
	yes              bool
	at               time.Time
	id               uuid.UUID
	text             string
	raw              []byte
	maybeN           *int64
	maybeYes         *bool
	maybeAt          *time.Time
	maybeID          *uuid.UUID
	maybeText, again *string
}

func scanAll(ctx context.Context, c conn, text string, args ...any) (s scanned, err error) {
	r, err := c.query(ctx, text, args...)
	err = one(r, err, &s.n, &s.yes, &s.at, &s.id, &s.text, &s.raw, &s.maybeN, &s.maybeYes, &s.maybeAt, &s.maybeID, &s.maybeText, &s.again)
	return s, err
}

// What a reader reads is what the writer, which goes another way, reads.
func TestReadersReadWhatTheWriterReads(t *testing.T) {
	t.Parallel()
	e := bareSQLite(t)
	id, at := uuid.New(), time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC)
	long, n, yes := strings.Repeat("שלום ", 5000), int64(-1)<<62, true
	for name, args := range map[string][]any{
		"full":  {n, yes, at, id, "text", []byte{0, 1, 2}, &n, &yes, &at, &id, &long, "again"},
		"empty": {int64(0), false, time.Unix(0, 0), uuid.Nil, "", []byte(nil), (*int64)(nil), (*bool)(nil), (*time.Time)(nil), (*uuid.UUID)(nil), (*string)(nil), ""},
		"odd":   {1, false, at, id, "a\x00b \xff", []byte("x"), &n, nil, nil, nil, "", nil},
	} {
		const q = "select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 where $12 is $12 and $1 is not null"
		read, err := scanAll(t.Context(), sqliteReader{e}, q, args...)
		if err != nil {
			t.Errorf("%s: read: %v", name, err)
		}
		var written scanned
		err = e.write(t.Context(), reach{}, func(c conn) (_ []stmt, err error) {
			written, err = scanAll(t.Context(), c, q, args...)
			return nil, err
		})
		if err != nil || !reflect.DeepEqual(read, written) {
			t.Errorf("%s: read %+v, the writer has %+v, %v", name, read, written, err)
		}
	}
}

// A statement keeps nothing of its last run, and its values go by their
// numbers.
func TestReaderBindsEveryValueAgain(t *testing.T) {
	t.Parallel()
	e := bareSQLite(t)
	for _, want := range []string{"first", strings.Repeat("x", 10_000), "", "last"} {
		var got string
		r, err := sqliteReader{e}.query(t.Context(), "select $2 || $1 || $2", ".", want)
		if err := one(r, err, &got); err != nil || got != want+"."+want {
			t.Errorf("got %.20q, %v, want %.20q", got, err, want)
		}
	}
	for _, args := range [][]any{{}, {"a"}, {"a", "b", "c"}} {
		if _, err := (sqliteReader{e}).query(t.Context(), "select $2 || $1", args...); err == nil {
			t.Errorf("passed with %d values", len(args))
		}
	}
}

func TestReaderRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	e := bareSQLite(t)
	for name, c := range map[string]struct {
		text string
		dest []any
	}{
		"null into a number": {"select null", []any{new(int64)}},
		"null into a text":   {"select null", []any{new(string)}},
		"null into an id":    {"select null", []any{new(uuid.UUID)}},
		"text into a number": {"select '1'", []any{new(int64)}},
		"number into a text": {"select 1", []any{new(string)}},
		"number into bytes":  {"select 1", []any{new([]byte)}},
		"text into a time":   {"select 'x'", []any{new(time.Time)}},
		"no id":              {"select 'x'", []any{new(uuid.UUID)}},
		"an unknown type":    {"select 1", []any{new(int8)}},
		"too many":           {"select 1", []any{new(int64), new(int64)}},
		"too few":            {"select 1, 2", []any{new(int64)}},
		"no table":           {"select x from nothing", []any{new(int64)}},
		"no statement":       {"selekt 1", []any{new(int64)}},
	} {
		r, err := sqliteReader{e}.query(t.Context(), c.text)
		if err := one(r, err, c.dest...); err == nil || errors.Is(err, errNoRow) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, used, _ := e.readers.stats(); used != 0 {
		t.Errorf("%d connections are not given back", used)
	}
}

// endless runs until somebody ends it.
const endless = "with recursive s(i) as (select 1 union all select i + 1 from s) select count(*) from s where i < $1"

func TestEndedReadIsInterruptedAndHarmsNoOther(t *testing.T) {
	t.Parallel()
	e := bareSQLite(t)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		var n int64
		r, err := sqliteReader{e}.query(ctx, endless, int64(0))
		if err := one(r, err, &n); err == nil {
			t.Fatal("an endless statement ended")
		}
		r, err = sqliteReader{e}.query(t.Context(), "select $1", int64(7))
		if err := one(r, err, &n); err != nil || n != 7 {
			t.Fatalf("the next one: %d, %v", n, err)
		}
	}
	if open, used, _ := e.readers.stats(); open != 1 || used != 0 {
		t.Errorf("%d open, %d in use", open, used)
	}
}

func TestReadersAreBounded(t *testing.T) {
	t.Parallel()
	e := bareSQLite(t)
	var held []rows
	for range mostReaders {
		r, err := sqliteReader{e}.query(t.Context(), "select 1")
		if err != nil || !r.Next() {
			t.Fatal(err)
		}
		held = append(held, r)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := (sqliteReader{e}).query(ctx, "select 1"); e.class(err) != downError {
		t.Errorf("one too many: %v", err)
	}
	for _, r := range held {
		r.Close()
		r.Close() // is given back once
	}
	if err := e.check(t.Context()); err != nil {
		t.Error(err)
	}
	if open, used, waits := e.readers.stats(); open != mostReaders || used != 0 || waits != 1 {
		t.Errorf("%d open, %d in use, %d waited", open, used, waits)
	}
}

// The texts of statements differ with what people ask for; a connection does
// not keep all of them.
func TestPreparedStatementsAreBounded(t *testing.T) {
	t.Parallel()
	e := bareSQLite(t)
	for i := range 3 * mostPrepared {
		text := "select $1 + " + strconv.Itoa(i)
		var read, written int64
		r, err := sqliteReader{e}.query(t.Context(), text, 1)
		err = errors.Join(one(r, err, &read), e.writer.do(t.Context(), func(c conn) ([]stmt, error) {
			r, err := c.query(t.Context(), text, 1)
			return nil, one(r, err, &written)
		}))
		if want := int64(i + 1); err != nil || read != want || written != want {
			t.Fatalf("%s: %d, %d, %v", text, read, written, err)
		}
	}
	c, err := e.readers.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer e.readers.put(c)
	if n, m := len(c.prepared), len(e.writer.cached); n > mostPrepared || m > mostPrepared+3 {
		t.Errorf("%d and %d statements are kept", n, m)
	}
}

func TestClosedReadersAreDown(t *testing.T) {
	t.Parallel()
	e := bareSQLite(t)
	r, err := sqliteReader{e}.query(t.Context(), "select 1")
	if err != nil || !r.Next() {
		t.Fatal(err)
	}
	if err := e.readers.close(); err != nil {
		t.Fatal(err)
	}
	var n int64
	if err := r.Scan(&n); err != nil || n != 1 {
		t.Errorf("what was running: %d, %v", n, err)
	}
	r.Close()
	if open, used, _ := e.readers.stats(); open != 0 || used != 0 {
		t.Errorf("%d open, %d in use", open, used)
	}
	if err := e.check(t.Context()); e.class(err) != downError {
		t.Errorf("check: %v", err)
	}
}

// The first write of a shared transaction has no savepoint: when it fails, the
// others are kept all the same.
func TestFailedFirstWriteLeavesTheOthers(t *testing.T) {
	t.Parallel()
	e := bareSQLite(t)
	insert := func(n int64, err error) *writeRequest {
		return &writeRequest{ctx: t.Context(), done: make(chan struct{}), fn: func(c conn) ([]stmt, error) {
			if _, err := c.exec(t.Context(), "insert into numbers values ($1)", n); err != nil {
				return nil, err
			}
			return nil, err
		}}
	}
	db, err := sql.Open("sqlite", dsn(e.path, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "create table numbers (n integer primary key)"); err != nil {
		t.Fatal(err)
	}
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// This goroutine is the writer, so that the three share a transaction.
	w := &sqliteWriter{db: db, c: c, cached: map[string]*sql.Stmt{}, requests: make(chan *writeRequest, maxShared)}
	failed, second, third := insert(1, errors.New("no")), insert(2, nil), insert(2, nil)
	w.requests <- second
	w.requests <- third
	w.share(failed)
	if failed.err == nil || second.err != nil || third.err == nil {
		t.Errorf("the first %v, the second %v, the third %v", failed.err, second.err, third.err)
	}
	var n, sum int64
	r, err := sqliteReader{e}.query(t.Context(), "select count(*), sum(n) from numbers")
	if err := one(r, err, &n, &sum); err != nil || n != 1 || sum != 2 {
		t.Errorf("%d numbers, sum %d, %v", n, sum, err)
	}
}
