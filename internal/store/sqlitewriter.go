package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
)

// maxShared bounds how many writes share one commit, so that the first of
// them does not wait long for its answer.
const maxShared = 64

var errWriterClosed = errors.New("the store is closed")

// sqliteWriter is the only connection that writes. Writes that wait while a
// commit syncs run in the next transaction together, each in a savepoint of
// its own, and share its sync: a durable write costs one sync when it is
// alone, a fraction of one when it is not.
type sqliteWriter struct {
	db       *sql.DB
	c        *sql.Conn
	cached   map[string]*sql.Stmt // used by the writing goroutine only
	requests chan *writeRequest
	quit     chan struct{}
	stopped  chan struct{}
	ending   sync.Once
	commits  atomic.Int64
	writes   atomic.Int64
}

type writeRequest struct {
	ctx      context.Context //nolint:containedctx // it travels to the writing goroutine with its function
	fn       func(conn) ([]stmt, error)
	done     chan struct{}
	err      error
	panicked any
}

func startSQLiteWriter(ctx context.Context, db *sql.DB) (*sqliteWriter, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkPragmas(ctx, c); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	w := &sqliteWriter{
		db: db, c: c, cached: map[string]*sql.Stmt{},
		requests: make(chan *writeRequest, maxShared),
		quit:     make(chan struct{}), stopped: make(chan struct{}),
	}
	go w.loop()
	return w, nil
}

// do runs fn in the next transaction and returns when it is durable. It waits
// for fn even when ctx ends, because fn writes into its caller's variables.
func (w *sqliteWriter) do(ctx context.Context, fn func(conn) ([]stmt, error)) error {
	req := &writeRequest{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case w.requests <- req:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return errWriterClosed
	}
	select {
	case <-req.done:
	case <-w.stopped:
		select {
		case <-req.done: // it was in the last transaction
		default:
			return errWriterClosed
		}
	}
	if req.panicked != nil {
		panic(req.panicked)
	}
	return req.err
}

func (w *sqliteWriter) loop() {
	defer close(w.stopped)
	for {
		select {
		case req := <-w.requests:
			w.share(req)
		case <-w.quit:
			return
		}
	}
}

// share runs first and whatever else is waiting in one transaction.
func (w *sqliteWriter) share(first *writeRequest) {
	batch := []*writeRequest{first}
	w.forget()
	err := w.raw("begin immediate")
	for i := 0; err == nil && i < len(batch); i++ {
		if i == 0 {
			err = w.first(first)
		} else {
			err = w.step(batch[i])
		}
		if len(batch) < maxShared {
			batch = append(batch, w.waiting()...)
		}
	}
	if err == nil {
		err = w.raw("commit")
	}
	if err != nil {
		_ = w.raw("rollback") // already rolled back by SQLite in some of the cases
	} else {
		w.commits.Add(1)
		w.writes.Add(int64(len(batch)))
	}
	for _, req := range batch {
		if err != nil {
			req.err = errors.Join(req.err, err)
		}
		close(req.done)
	}
}

// waiting takes one more request if there is one.
func (w *sqliteWriter) waiting() []*writeRequest {
	select {
	case req := <-w.requests:
		return []*writeRequest{req}
	default:
		return nil
	}
}

// first runs a request in a transaction that holds nothing yet: what is taken
// back with it is its own, so it needs no savepoint, which would copy every
// page that it changes.
func (w *sqliteWriter) first(req *writeRequest) error {
	if req.err = context.Cause(req.ctx); req.err == nil {
		req.err = w.call(req)
	}
	if req.err == nil && req.panicked == nil {
		return nil
	}
	if err := w.raw("rollback"); err != nil {
		return err
	}
	return w.raw("begin immediate")
}

// step runs one request in its savepoint. An error it returns has broken the
// whole transaction; a failure of the request alone stays in the request.
func (w *sqliteWriter) step(req *writeRequest) error {
	if req.ctx.Err() != nil { // its caller waits no longer; the others do
		req.err = context.Cause(req.ctx)
		return nil //nolint:nilerr // the request carries it; the transaction goes on
	}
	if err := w.raw("savepoint step"); err != nil {
		return err
	}
	req.err = w.call(req)
	if req.err != nil || req.panicked != nil {
		if err := w.raw("rollback to step"); err != nil {
			return err
		}
	}
	return w.raw("release step")
}

func (w *sqliteWriter) call(req *writeRequest) (err error) {
	defer func() {
		if p := recover(); p != nil { // the caller panics with it, so keep where it came from
			req.panicked = &writePanic{p, debug.Stack()}
		}
	}()
	c := sqliteWrite{w: w, caller: req.ctx}
	last, err := req.fn(c)
	for _, s := range last {
		if err != nil {
			break
		}
		_, err = c.exec(req.ctx, s.sql, s.args...)
	}
	return err
}

// writePanic is a panic inside a write, which goes on in its caller.
type writePanic struct {
	value any
	stack []byte
}

// Stack returns where it happened.
func (p *writePanic) Stack() []byte { return p.stack }

// String returns the value and the stack.
func (p *writePanic) String() string { return fmt.Sprintf("%v\n%s", p.value, p.stack) }

func (w *sqliteWriter) raw(text string) error {
	st, err := w.prepared(text) //nolint:sqlclosecheck // kept until the writer closes
	if err == nil {
		_, err = st.ExecContext(context.Background())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return nil
}

func (w *sqliteWriter) prepared(text string) (*sql.Stmt, error) {
	if st, ok := w.cached[text]; ok {
		return st, nil
	}
	st, err := w.c.PrepareContext(context.Background(), text)
	if err == nil {
		w.cached[text] = st
	}
	return st, err
}

// forget gives the memory of its statements back when they have become many.
// None of them may be running.
func (w *sqliteWriter) forget() {
	if len(w.cached) < mostPrepared {
		return
	}
	for text, st := range w.cached {
		_ = st.Close() // says again what its last step has said
		delete(w.cached, text)
	}
}

// close may be called again.
func (w *sqliteWriter) close() (err error) {
	w.ending.Do(func() {
		close(w.quit)
		<-w.stopped
		var errs []error
		for _, st := range w.cached { // an open statement would keep the file from being folded up
			errs = append(errs, st.Close())
		}
		err = errors.Join(append(errs, w.c.Close(), w.db.Close())...)
	})
	return err
}

// sqliteWrite is one request's view of the shared transaction. Statements do
// not carry the caller's context: interrupting one would roll back everybody
// else's. The context is looked at between statements instead.
type sqliteWrite struct {
	w      *sqliteWriter
	caller context.Context //nolint:containedctx // lives as long as the request
}

func (c sqliteWrite) query(_ context.Context, text string, args ...any) (rows, error) {
	if err := c.caller.Err(); err != nil {
		return nil, err
	}
	st, err := c.w.prepared(text)
	if err != nil {
		return nil, err
	}
	return sqliteQuery(context.Background(), st, args)
}

func (c sqliteWrite) exec(_ context.Context, text string, args ...any) (int64, error) {
	if err := c.caller.Err(); err != nil {
		return 0, err
	}
	st, err := c.w.prepared(text) //nolint:sqlclosecheck // kept until the writer closes
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), sqliteArgs(args)...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (sqliteWrite) enter(context.Context, uuid.UUID) error { return nil }
