package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// appRole owns nothing, bypasses nothing and may not change the audit
	// trail. The serving connections take it on whoever signed in to make them.
	appRole = "pazpaz_app"
	// reachSQL tells row-level security what this transaction may touch.
	reachSQL = `select set_config('app.workspace_id', $1, true), set_config('app.identity', $2, true)`
)

// postgresEngine talks to PostgreSQL through a pool of connections in the
// application's role.
type postgresEngine struct {
	pool  *pgxpool.Pool
	pulse *pulse
	owner string // connection string for migrations

	commits atomic.Int64
}

func openPostgres(ctx context.Context, url, ownerURL string, conns int32) (*postgresEngine, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("open database: the PostgreSQL address cannot be read") // the cause would echo the password
	}
	if conns > 0 {
		cfg.MaxConns = conns
	}
	limits := cfg.ConnConfig.RuntimeParams
	limits["application_name"] = "pazpaz"
	limits["statement_timeout"] = "15000"
	limits["lock_timeout"] = "5000"
	limits["idle_in_transaction_session_timeout"] = "30000"
	cfg.ConnConfig.ConnectTimeout = connectTime
	cfg.AfterConnect = takeAppRole
	p := newPulse(asker(cfg.ConnConfig.Copy()))
	cfg.ConnConfig.DialFunc = p.dial
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	p.start(ctx)
	return &postgresEngine{pool: pool, pulse: p, owner: ownerURL}, nil
}

// takeAppRole gives up the rights that serving does not need, and refuses a
// connection that still could see past row-level security.
func takeAppRole(ctx context.Context, c *pgx.Conn) error {
	c.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	if _, err := c.Exec(ctx, "set role "+appRole); err != nil {
		return fmt.Errorf("take role %s: %w", appRole, err)
	}
	var strong bool
	const q = `select rolsuper or rolbypassrls from pg_roles where rolname = current_user`
	if err := c.QueryRow(ctx, q).Scan(&strong); err != nil {
		return fmt.Errorf("check role: %w", err)
	}
	if strong {
		return fmt.Errorf("role %s can bypass row-level security; take that right away", appRole)
	}
	return nil
}

func reachStmt(r reach) stmt {
	workspace, identity := r.workspace.String(), "off"
	if r.identity {
		identity = "on"
	}
	return stmt{reachSQL, []any{workspace, identity}}
}

func (e *postgresEngine) read(_ context.Context, r reach, fn func(conn) error) error {
	return fn(postgresRead{e.pool, r})
}

// write sends begin and the reach together with fn's first statement, and
// fn's last statements together with commit.
func (e *postgresEngine) write(ctx context.Context, r reach, fn func(conn) ([]stmt, error)) error {
	c, err := e.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	w := &postgresWrite{c: c.Conn(), reach: r}
	defer w.rollback(ctx)
	last, err := fn(w)
	if err != nil {
		return err
	}
	if err := w.commit(ctx, last); err != nil {
		return err
	}
	e.commits.Add(1)
	return nil
}

// owned uses a connection of its own, as migrations do.
func (e *postgresEngine) owned(ctx context.Context, fn func(conn) ([]stmt, error)) (err error) {
	c, err := e.asOwner(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(context.WithoutCancel(ctx))) }()
	w := &postgresWrite{c: c, reach: reach{identity: true}}
	defer w.rollback(ctx)
	last, err := fn(w)
	if err != nil {
		return err
	}
	return w.commit(ctx, last)
}

// asOwner connects with the rights of who owns the tables.
func (e *postgresEngine) asOwner(ctx context.Context) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(e.owner)
	if err != nil {
		return nil, errors.New("connect as the owner: the PostgreSQL address cannot be read") // the cause would echo the password
	}
	cfg.ConnectTimeout = connectTime
	c, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect as the owner: %w", err)
	}
	return c, nil
}

func (e *postgresEngine) check(ctx context.Context) error { return e.pool.Ping(ctx) }

func (e *postgresEngine) close() error {
	e.pulse.end()
	e.pool.Close()
	return nil
}

// class goes by SQLSTATE, never by message.
func (*postgresEngine) class(err error) errorClass {
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		return classOfState(pe.Code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return downError
	}
	if _, ok := errors.AsType[net.Error](err); ok || pgconn.Timeout(err) || pgconn.SafeToRetry(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errConnLost) || errors.Is(err, errSilent) || cut(err) {
		return downError
	}
	return otherError
}

// cut tells a connection that ended in the middle of an exchange.
func cut(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

func classOfState(code string) errorClass {
	switch code {
	case "23505":
		return uniqueError
	case "23503":
		return referenceError
	case "23P01":
		return overlapError
	case "55P03", "57014", "40001", "40P01", "25P03", "57P05", "53300":
		return downError
	case "25006": // read-only, as after a fail-over
		return fullError
	}
	switch code[:2] {
	case "08", "57":
		return downError
	case "53", "58":
		return fullError
	}
	return otherError
}

// errConnLost marks a connection that broke in the middle of an exchange.
var errConnLost = errors.New("connection to the database was lost")

// batcher is a connection or a pool.
type batcher interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// send queues the statements and steps over the results of all but the last
// one, whose rows it returns. All of them travel in one round trip.
func send(ctx context.Context, to batcher, first []stmt, last stmt) (rows, error) {
	b := &pgx.Batch{}
	for _, s := range first {
		b.Queue(s.sql, postgresArgs(s.args)...)
	}
	b.Queue(last.sql, postgresArgs(last.args)...)
	res := to.SendBatch(ctx, b)
	for range first {
		if _, err := res.Exec(); err != nil {
			_ = res.Close() // repeats err
			return nil, err
		}
	}
	r, err := res.Query()
	if err != nil {
		_ = res.Close() // repeats err
		return nil, err
	}
	return &postgresRows{Rows: r, batch: res}, nil
}

// postgresRead runs each statement as a transaction of its own, one round
// trip long, with its reach set in the same trip.
type postgresRead struct {
	pool  *pgxpool.Pool
	reach reach
}

func (p postgresRead) query(ctx context.Context, text string, args ...any) (rows, error) {
	return send(ctx, p.pool, []stmt{reachStmt(p.reach)}, stmt{text, args})
}

func (postgresRead) exec(context.Context, string, ...any) (int64, error) {
	return 0, errors.New("a read cannot write")
}

func (postgresRead) enter(context.Context, uuid.UUID) error {
	return errors.New("a read stays in its workspace")
}

// postgresWrite is one transaction.
type postgresWrite struct {
	c     *pgx.Conn
	reach reach
	begun bool
	done  bool
}

func (w *postgresWrite) begin() []stmt {
	if w.begun {
		return nil
	}
	w.begun = true
	return []stmt{{sql: "begin"}, reachStmt(w.reach)}
}

func (w *postgresWrite) query(ctx context.Context, text string, args ...any) (rows, error) {
	return send(ctx, w.c, w.begin(), stmt{text, args})
}

func (w *postgresWrite) exec(ctx context.Context, text string, args ...any) (int64, error) {
	r, err := w.query(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	for r.Next() {
	}
	r.Close()
	return r.(*postgresRows).CommandTag().RowsAffected(), r.Err()
}

func (w *postgresWrite) enter(ctx context.Context, workspace uuid.UUID) error {
	w.reach.workspace = workspace
	if !w.begun {
		return nil
	}
	s := reachStmt(w.reach)
	_, err := w.exec(ctx, s.sql, s.args...)
	return err
}

func (w *postgresWrite) commit(ctx context.Context, last []stmt) error {
	if !w.begun && len(last) == 0 {
		return nil
	}
	r, err := send(ctx, w.c, append(w.begin(), last...), stmt{sql: "commit"})
	if err != nil {
		return err
	}
	r.Close()
	if err := r.Err(); err != nil {
		return err
	}
	w.done = true
	if tag := r.(*postgresRows).CommandTag().String(); tag != "COMMIT" {
		return fmt.Errorf("commit: the database answered %s", tag)
	}
	return nil
}

// rollback ends a transaction that was not committed, also when ctx is over.
func (w *postgresWrite) rollback(ctx context.Context) {
	if !w.begun || w.done || w.c.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if _, err := w.c.Exec(ctx, "rollback"); err != nil {
		_ = w.c.Close(ctx) // the pool throws a closed connection away
	}
}

// postgresArgs binds ids as 16 bytes.
func postgresArgs(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case uuid.UUID:
			out[i] = [16]byte(v)
		case *uuid.UUID:
			if v != nil {
				out[i] = [16]byte(*v)
			}
		default:
			out[i] = a
		}
	}
	return out
}

type postgresRows struct {
	pgx.Rows
	batch pgx.BatchResults
	err   error
}

func (r *postgresRows) Scan(dest ...any) error {
	for i, d := range dest {
		switch v := d.(type) {
		case *uuid.UUID:
			dest[i] = (*[16]byte)(v)
		case **uuid.UUID:
			dest[i] = pgUUID{v}
		}
	}
	return r.Rows.Scan(dest...)
}

func (r *postgresRows) Close() {
	r.Rows.Close()
	if r.batch != nil {
		r.err = r.batch.Close()
		r.batch = nil
	}
}

func (r *postgresRows) Err() error { return errors.Join(r.Rows.Err(), r.err) }

// pgUUID scans an id that may be null.
type pgUUID struct{ to **uuid.UUID }

// ScanUUID implements pgtype.UUIDScanner.
func (p pgUUID) ScanUUID(v pgtype.UUID) error {
	*p.to = nil
	if v.Valid {
		id := uuid.UUID(v.Bytes)
		*p.to = &id
	}
	return nil
}
