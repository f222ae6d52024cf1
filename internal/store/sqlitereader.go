package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"zombiezen.com/go/sqlite"
)

// Reads go without database/sql. What a page of the calendar cost there was
// mostly its two thousand columns: three locks, a boxed value and a conversion
// for each.

// sqliteReaders is a pool of read-only connections.
type sqliteReaders struct {
	path  string
	slots chan struct{} // one for each connection that is in use

	mu     sync.Mutex
	idle   []*sqliteReadConn // the one used last is the next: its cache is warm
	open   int
	waits  int64
	closed bool
}

var errReadersClosed = errors.New("the store is closed")

func newSQLiteReaders(path string, most int) *sqliteReaders {
	return &sqliteReaders{path: path, slots: make(chan struct{}, most)}
}

// get returns a connection that is the caller's until put.
func (p *sqliteReaders) get(ctx context.Context) (*sqliteReadConn, error) {
	select {
	case p.slots <- struct{}{}:
	default:
		p.mu.Lock()
		p.waits++
		p.mu.Unlock()
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c, err := p.take()
	if err != nil {
		<-p.slots
	}
	return c, err
}

func (p *sqliteReaders) take() (*sqliteReadConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errReadersClosed
	}
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return c, nil
	}
	c, err := openSQLiteRead(p.path)
	if err == nil {
		p.open++
	}
	return c, err
}

func (p *sqliteReaders) put(c *sqliteReadConn) {
	p.mu.Lock()
	if p.closed {
		_ = c.close() // nobody waits for what it says
		p.open--
	} else {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	<-p.slots
}

// close ends the idle connections now and the others when they are put back.
func (p *sqliteReaders) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for _, c := range p.idle {
		errs = append(errs, c.close())
		p.open--
	}
	p.idle = nil
	return errors.Join(errs...)
}

// stats says how many connections are open and in use, and how often one had
// to be waited for.
func (p *sqliteReaders) stats() (open, used int, waits int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open, len(p.slots), p.waits
}

// sqliteReader runs each statement on a connection of the pool.
type sqliteReader struct{ e *sqliteEngine }

func (r sqliteReader) query(ctx context.Context, text string, args ...any) (rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := r.e.readers.get(ctx)
	if err != nil {
		return nil, err
	}
	st, err := c.start(ctx, text, args)
	if err != nil {
		r.e.readers.put(c)
		return nil, err
	}
	return &sqliteReadRows{pool: r.e.readers, c: c, st: st, ctx: ctx}, nil
}

func (sqliteReader) exec(context.Context, string, ...any) (int64, error) {
	return 0, errors.New("a read cannot write")
}

func (sqliteReader) enter(context.Context, uuid.UUID) error { return nil }

// sqliteReadRows is a statement that runs; closing gives its connection back.
type sqliteReadRows struct {
	pool *sqliteReaders
	c    *sqliteReadConn // nil when it has ended
	st   *sqlite.Stmt
	ctx  context.Context //nolint:containedctx // a statement lives inside one call
	err  error
}

func (r *sqliteReadRows) Next() bool {
	if r.c == nil {
		return false
	}
	there := false
	if r.err = r.ctx.Err(); r.err == nil {
		there, r.err = r.st.Step()
	}
	if !there {
		if r.err != nil && r.ctx.Err() != nil { // that is why
			r.err = r.ctx.Err()
		}
		r.Close()
	}
	return there
}

func (r *sqliteReadRows) Err() error { return r.err }

func (r *sqliteReadRows) Close() {
	if r.c == nil {
		return
	}
	_ = r.st.Reset() // says again what the step has said
	r.pool.put(r.c)
	r.c = nil
}

func (r *sqliteReadRows) Scan(dest ...any) error {
	if r.c == nil {
		return errors.New("scan: there is no row")
	}
	if n := r.st.ColumnCount(); n != len(dest) {
		return fmt.Errorf("scan: %d columns into %d values", n, len(dest))
	}
	for i, d := range dest {
		if err := r.scan(i, d); err != nil {
			return fmt.Errorf("scan column %d: %w", i, err)
		}
	}
	return nil
}

var errTypeOfColumn = errors.New("it is of another type")

// scan fills one value; what may be null has a pointer to a pointer.
func (r *sqliteReadRows) scan(i int, dest any) error {
	kind := r.st.ColumnType(i)
	switch d := dest.(type) {
	case *[]byte:
		return r.scanBytes(i, kind, d)
	case *string:
		return r.scanText(i, kind, d)
	case *int64:
		return r.scanInt(i, kind, d)
	case *bool:
		var n int64
		err := r.scanInt(i, kind, &n)
		*d = n != 0
		return err
	case *time.Time:
		var us int64
		err := r.scanInt(i, kind, &us)
		*d = time.UnixMicro(us).UTC()
		return err
	case *uuid.UUID:
		return r.scanID(i, kind, d)
	}
	return r.scanNullable(i, kind, dest)
}

func (r *sqliteReadRows) scanNullable(i int, kind sqlite.ColumnType, dest any) error {
	switch d := dest.(type) {
	case **string:
		return orNil(r, i, kind, d)
	case **int64:
		return orNil(r, i, kind, d)
	case **bool:
		return orNil(r, i, kind, d)
	case **time.Time:
		return orNil(r, i, kind, d)
	case **uuid.UUID:
		return orNil(r, i, kind, d)
	}
	return fmt.Errorf("no column fits into a %T", dest)
}

func orNil[T any](r *sqliteReadRows, i int, kind sqlite.ColumnType, dest **T) error {
	*dest = nil
	if kind == sqlite.TypeNull {
		return nil
	}
	*dest = new(T)
	return r.scan(i, *dest)
}

func (r *sqliteReadRows) scanInt(i int, kind sqlite.ColumnType, dest *int64) error {
	if kind != sqlite.TypeInteger {
		return errTypeOfColumn
	}
	*dest = r.st.ColumnInt64(i)
	return nil
}

func (r *sqliteReadRows) scanText(i int, kind sqlite.ColumnType, dest *string) error {
	if kind != sqlite.TypeText {
		return errTypeOfColumn
	}
	*dest = r.st.ColumnText(i)
	return nil
}

func (r *sqliteReadRows) scanID(i int, kind sqlite.ColumnType, dest *uuid.UUID) (err error) {
	var text [36]byte
	if kind != sqlite.TypeText || r.st.ColumnLen(i) != len(text) {
		return errTypeOfColumn
	}
	*dest, err = uuid.ParseBytes(text[:r.st.ColumnBytes(i, text[:])])
	return err
}

func (r *sqliteReadRows) scanBytes(i int, kind sqlite.ColumnType, dest *[]byte) error {
	*dest = nil
	switch kind {
	case sqlite.TypeNull:
		return nil
	case sqlite.TypeBlob:
		*dest = make([]byte, r.st.ColumnLen(i))
		r.st.ColumnBytes(i, *dest)
		return nil
	}
	return errTypeOfColumn
}
