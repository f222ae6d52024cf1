package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations
var migrationFiles embed.FS

// step is one migration file. Steps are forward only and never change once
// released; the same numbers exist for both engines.
type step struct {
	number int64
	name   string
	sum    string
	text   string
}

var stepName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)

// steps reads the migrations of an engine, in order.
func steps(files fs.FS, engine string) ([]step, error) {
	names, err := fs.Glob(files, "migrations/"+engine+"/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	all := make([]step, 0, len(names))
	for i, name := range names {
		m := stepName.FindStringSubmatch(path.Base(name))
		if m == nil {
			return nil, fmt.Errorf("migration %s: the name must be NNNN_words.sql", name)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		sum := sha256.Sum256(text)
		s := step{name: m[2], sum: hex.EncodeToString(sum[:]), text: string(text)}
		if s.number, _ = strconv.ParseInt(m[1], 10, 64); s.number != int64(i+1) {
			return nil, fmt.Errorf("migration %s: the numbers must have no gap", name)
		}
		all = append(all, s)
	}
	return all, nil
}

// appliedStep is a migration that a database has had.
type appliedStep struct {
	number int64
	sum    string
}

// pending returns the steps that are still to run. A step that was changed
// after it ran, and a database newer than the program, are errors.
func pending(all []step, applied []appliedStep) ([]step, error) {
	for i, a := range applied {
		switch {
		case i >= len(all):
			return nil, fmt.Errorf("the database has migration %d, which this program does not know: it belongs to a newer version", a.number)
		case a.number != all[i].number:
			return nil, fmt.Errorf("migration %d was never applied, but a later one was", all[i].number)
		case a.sum != all[i].sum:
			return nil, fmt.Errorf("migration %04d_%s was changed after it ran", all[i].number, all[i].name)
		}
	}
	return all[len(applied):], nil
}

const appliedSQL = `select number, sha256 from schema_migrations order by number`

const recordStepSQL = `insert into schema_migrations (number, name, sha256, applied_at) values ($1, $2, $3, $4)`

func (e *sqliteEngine) migrate(ctx context.Context, now time.Time) (int, error) {
	all, err := steps(migrationFiles, "sqlite")
	if err != nil {
		return 0, err
	}
	return e.upgrade(ctx, all, now)
}

func (e *sqliteEngine) upgrade(ctx context.Context, all []step, now time.Time) (int, error) {
	var todo []step
	err := e.writer.do(ctx, func(c conn) ([]stmt, error) {
		raw := c.(sqliteWrite).w.c
		const table = `create table if not exists schema_migrations (
			number integer primary key, name text not null, sha256 text not null, applied_at integer not null) strict`
		if _, err := raw.ExecContext(ctx, table); err != nil {
			return nil, fmt.Errorf("migrations table: %w", err)
		}
		applied, err := appliedSteps(ctx, c)
		if err != nil {
			return nil, err
		}
		todo, err = pending(all, applied)
		return nil, err
	})
	if err != nil {
		return 0, err
	}
	for i, s := range todo {
		if err := e.apply(ctx, s, now, i == 0); err != nil {
			return i, fmt.Errorf("migration %04d_%s: %w", s.number, s.name, err)
		}
	}
	return len(todo), nil
}

// copyBefore keeps the database as it was before an upgrade. It needs a
// connection of its own: the readers may not write a file, and the writer is
// always inside a transaction.
func (e *sqliteEngine) copyBefore(ctx context.Context, now time.Time) error {
	to := e.path + ".before-" + now.UTC().Format("20060102T150405")
	if info, err := os.Stat(to); err == nil && info.Size() > 0 {
		return nil // another process has begun this upgrade, and copied what was before
	}
	if err := touchPrivate(to); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(e.path, ""))
	if err != nil {
		return fmt.Errorf("copy the database before the upgrade: %w", err)
	}
	if _, err := db.ExecContext(ctx, "vacuum into $1", to); err != nil {
		return errors.Join(fmt.Errorf("copy the database before the upgrade: %w", err), db.Close())
	}
	return db.Close()
}

// apply runs a step. The first one of an upgrade copies the database before,
// in the same lock: of several processes one makes the copy.
func (e *sqliteEngine) apply(ctx context.Context, s step, now time.Time, first bool) error {
	return e.writer.do(ctx, func(c conn) ([]stmt, error) {
		applied, err := appliedSteps(ctx, c)
		if err != nil || int64(len(applied)) >= s.number {
			return nil, err // another process was first
		}
		if first && len(applied) > 0 {
			if err := e.copyBefore(ctx, now); err != nil {
				return nil, err
			}
		}
		if _, err := c.(sqliteWrite).w.c.ExecContext(ctx, s.text); err != nil {
			return nil, err
		}
		return []stmt{{recordStepSQL, []any{s.number, s.name, s.sum, now}}}, nil
	})
}

func appliedSteps(ctx context.Context, c conn) ([]appliedStep, error) {
	r, err := c.query(ctx, appliedSQL)
	return collect(r, err, func(r rows) (a appliedStep, err error) {
		return a, r.Scan(&a.number, &a.sum)
	})
}

// migrationLock is an arbitrary number that no other program uses for an
// advisory lock: only one process migrates at a time.
const migrationLock = 0x70617a70617a

func (e *postgresEngine) migrate(ctx context.Context, now time.Time) (int, error) {
	all, err := steps(migrationFiles, "postgres")
	if err != nil {
		return 0, err
	}
	return e.upgrade(ctx, all, now)
}

func (e *postgresEngine) upgrade(ctx context.Context, all []step, now time.Time) (n int, err error) {
	c, err := e.asOwner(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.Close(context.WithoutCancel(ctx))) }()
	if _, err := c.Exec(ctx, `select pg_advisory_lock($1)`, int64(migrationLock)); err != nil {
		return 0, fmt.Errorf("migration lock: %w", err)
	}
	todo, err := postgresPending(ctx, c, all)
	if err != nil {
		return 0, err
	}
	for i, s := range todo {
		if err := applyPostgres(ctx, c, s, now); err != nil {
			return i, fmt.Errorf("migration %04d_%s: %w", s.number, s.name, err)
		}
	}
	return len(todo), e.letServe(ctx, c)
}

// letServe lets the user who serves take the application's role, when it is
// another one than the owner who migrates.
func (e *postgresEngine) letServe(ctx context.Context, c *pgx.Conn) error {
	if e.pool == nil || e.pool.Config().ConnConfig.User == c.Config().User {
		return nil
	}
	user := pgx.Identifier{e.pool.Config().ConnConfig.User}.Sanitize()
	if _, err := c.Exec(ctx, "grant "+appRole+" to "+user); err != nil {
		return fmt.Errorf("let the serving user take the role %s: %w", appRole, err)
	}
	return nil
}

func postgresPending(ctx context.Context, c *pgx.Conn, all []step) ([]step, error) {
	const table = `create table if not exists schema_migrations (
		number bigint primary key, name text collate "C" not null, sha256 text collate "C" not null, applied_at timestamptz not null)`
	if _, err := c.Exec(ctx, table); err != nil {
		return nil, fmt.Errorf("migrations table: %w", err)
	}
	r, err := c.Query(ctx, appliedSQL)
	if err != nil {
		return nil, fmt.Errorf("applied migrations: %w", err)
	}
	applied, err := pgx.CollectRows(r, func(row pgx.CollectableRow) (a appliedStep, err error) {
		return a, row.Scan(&a.number, &a.sum)
	})
	if err != nil {
		return nil, fmt.Errorf("applied migrations: %w", err)
	}
	return pending(all, applied)
}

func applyPostgres(ctx context.Context, c *pgx.Conn, s step, now time.Time) error {
	return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, s.text); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, recordStepSQL, s.number, s.name, s.sum, now)
		return err
	})
}

// SchemaSum is a hash over an engine's migrations; it changes when any does.
func SchemaSum(engine string) string {
	all, err := steps(migrationFiles, engine)
	if err != nil {
		return ""
	}
	h := sha256.New()
	for _, s := range all {
		h.Write([]byte(s.sum))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Migrate brings the schema of a PostgreSQL database up to date as its owner.
func Migrate(ctx context.Context, ownerURL string, now time.Time) error {
	_, err := (&postgresEngine{owner: ownerURL}).migrate(ctx, now)
	return err
}
