package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
	reading "zombiezen.com/go/sqlite"
)

// mostReaders bounds the read-only connections; two cores are kept busy by
// a few, and each costs memory for its page cache.
const mostReaders = 8

// sqliteEngine keeps everything in one file: a single writer that shares
// syncs (sqlitewriter.go) and a pool of read-only connections.
type sqliteEngine struct {
	path    string
	readers *sqliteReaders
	writer  *sqliteWriter
}

// wantedPragmas are read back at start: a misspelt one in a connection string
// is ignored in silence.
var wantedPragmas = map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}

func openSQLite(ctx context.Context, path string) (*sqliteEngine, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	if err := touchPrivate(path); err != nil {
		return nil, err
	}
	writing, err := sql.Open("sqlite", dsn(path, ""))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	writing.SetMaxOpenConns(1)
	w, err := startSQLiteWriter(ctx, writing)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), writing.Close())
	}
	return &sqliteEngine{path: path, readers: newSQLiteReaders(path, mostReaders), writer: w}, nil
}

// touchPrivate makes the file before SQLite does, so that it is never
// readable by others; the -wal and -shm files take its mode.
func touchPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	return f.Close()
}

func dsn(path, extra string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return u.String() + "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=trusted_schema(OFF)&_pragma=cache_size(-8000)" + extra
}

func checkPragmas(ctx context.Context, c *sql.Conn) error {
	for name, want := range wantedPragmas {
		var got string
		if err := c.QueryRowContext(ctx, "pragma "+name).Scan(&got); err != nil {
			return fmt.Errorf("read pragma %s: %w", name, err)
		}
		if got != want {
			return fmt.Errorf("pragma %s is %s, want %s", name, got, want)
		}
	}
	return nil
}

func (e *sqliteEngine) read(_ context.Context, _ reach, fn func(conn) error) error {
	return fn(sqliteReader{e})
}

func (e *sqliteEngine) write(ctx context.Context, _ reach, fn func(conn) ([]stmt, error)) error {
	return e.writer.do(ctx, fn)
}

func (e *sqliteEngine) check(ctx context.Context) error {
	r, err := sqliteReader{e}.query(ctx, "select 1")
	var n int64
	return one(r, err, &n)
}

func (e *sqliteEngine) close() error {
	return errors.Join(e.readers.close(), e.writer.close())
}

// class goes by SQLite's result codes, never by message.
func (*sqliteEngine) class(err error) errorClass {
	code, ok := sqliteCode(err)
	if !ok {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errWriterClosed) || errors.Is(err, errReadersClosed) {
			return downError
		}
		return otherError
	}
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return uniqueError
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return referenceError
	case sqlite3.SQLITE_CONSTRAINT_TRIGGER:
		return overlapError
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT:
		return downError
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return fullError
	}
	return otherError
}

// owned is write: whoever has the file owns it.
func (e *sqliteEngine) owned(ctx context.Context, fn func(conn) ([]stmt, error)) error {
	return e.write(ctx, reach{identity: true}, fn)
}

// sqliteCode is the result code of what SQLite refused, to a reader or to the
// writer.
func sqliteCode(err error) (int, bool) {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code(), true
	}
	code := reading.ErrCode(err) // an error of anybody else is the general one
	return int(code), code != reading.ResultError
}

func sqliteQuery(ctx context.Context, st *sql.Stmt, args []any) (rows, error) {
	r, err := st.QueryContext(ctx, sqliteArgs(args)...) //nolint:rowserrcheck // the caller reads it through rows
	if err != nil {
		return nil, err
	}
	return sqliteRows{r}, nil
}

// sqliteArgs binds times as microseconds and ids as text.
func sqliteArgs(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case time.Time:
			out[i] = v.UnixMicro()
		case *time.Time:
			if v != nil {
				out[i] = v.UnixMicro()
			}
		case []byte:
			if v != nil {
				out[i] = v
			}
		case uuid.UUID:
			out[i] = v.String()
		case *uuid.UUID:
			if v != nil {
				out[i] = v.String()
			}
		default:
			out[i] = a
		}
	}
	return out
}

type sqliteRows struct{ *sql.Rows }

func (r sqliteRows) Close() { _ = r.Rows.Close() } // Err has already told what went wrong

func (r sqliteRows) Scan(dest ...any) error {
	for i, d := range dest {
		switch v := d.(type) {
		case *time.Time:
			dest[i] = (*microTime)(v)
		case **time.Time:
			dest[i] = nullMicroTime{v}
		case **uuid.UUID:
			dest[i] = nullUUID{v}
		}
	}
	return r.Rows.Scan(dest...)
}

// microTime scans microseconds into a time in UTC.
type microTime time.Time

// Scan implements sql.Scanner.
func (t *microTime) Scan(src any) error {
	us, ok := src.(int64)
	if !ok {
		return fmt.Errorf("scan time: it is %T", src)
	}
	*t = microTime(time.UnixMicro(us).UTC())
	return nil
}

type nullMicroTime struct{ to **time.Time }

// Scan implements sql.Scanner.
func (n nullMicroTime) Scan(src any) error {
	*n.to = nil
	if src == nil {
		return nil
	}
	var t microTime
	if err := t.Scan(src); err != nil {
		return err
	}
	at := time.Time(t)
	*n.to = &at
	return nil
}

type nullUUID struct{ to **uuid.UUID }

// Scan implements sql.Scanner.
func (n nullUUID) Scan(src any) error {
	*n.to = nil
	if src == nil {
		return nil
	}
	id := new(uuid.UUID)
	if err := id.Scan(src); err != nil {
		return err
	}
	*n.to = id
	return nil
}
