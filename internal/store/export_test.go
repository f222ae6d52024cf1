package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// What tests of the outer package need to see of the inside.

// Upgrade applies the migrations in files to a database.
func Upgrade(ctx context.Context, url string, files fs.FS, now time.Time) (n int, err error) {
	eng, err := openEngine(ctx, Options{URL: url})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, eng.close()) }()
	switch e := eng.(type) {
	case *sqliteEngine:
		all, err := steps(files, "sqlite")
		if err != nil {
			return 0, err
		}
		return e.upgrade(ctx, all, now)
	case *postgresEngine:
		all, err := steps(files, "postgres")
		if err != nil {
			return 0, err
		}
		return e.upgrade(ctx, all, now)
	}
	return 0, errors.New("no such engine")
}

// Released are the migrations that are built in.
func Released() fs.FS { return migrationFiles }

// Waiting returns how many audit entries of a workspace wait for the commit
// that is running, and whether one is running.
func (s *Store) Waiting(workspace uuid.UUID) (n int, running bool) {
	s.trail.mu.Lock()
	defer s.trail.mu.Unlock()
	p, running := s.trail.open[workspace]
	if p != nil {
		n = len(p.events)
	}
	return n, running
}

// QueuedWrites returns how many writes wait for the SQLite writer, and false
// on PostgreSQL, where each has a connection.
func (s *Store) QueuedWrites() (int, bool) {
	if e, ok := s.eng.(*sqliteEngine); ok {
		return len(e.writer.requests), true
	}
	return 0, false
}

// HeldNames returns how many names the search index counts, how many it
// really holds, and of how many workspaces.
func (s *Store) HeldNames() (counted, held, workspaces int) {
	s.names.mu.Lock()
	defer s.names.mu.Unlock()
	for el := s.names.uses.Front(); el != nil; el = el.Next() {
		held += len(el.Value.(*cached[nameIndex]).of.entries)
	}
	return s.names.size, held, len(s.names.held)
}

// HeldNotes returns of how many notes searches keep what they have read.
func (s *Store) HeldNotes() (n int) {
	s.trigrams.mu.Lock()
	defer s.trigrams.mu.Unlock()
	for el := s.trigrams.uses.Front(); el != nil; el = el.Next() {
		n += len(el.Value.(*cached[noteTrigrams]).of.of)
	}
	return n
}

// ForgetNames empties the search index; nobody may be using the store.
func (s *Store) ForgetNames() { s.names = newWorkspaceCache[nameIndex](s.names.max) }

// UnscopedQuery runs a statement inside Read the way the row methods do.
func (tx *ReadTx) UnscopedQuery(text string, args ...any) error {
	r, err := tx.query(text, args...)
	if err == nil {
		r.Close()
	}
	return err
}

// System is the owner of what belongs to no workspace.
var System = system

// TakeAppRole prepares a connection for serving.
var TakeAppRole = takeAppRole

// LimitPages lets the SQLite file grow by n pages at most; n < 0 lifts it.
func (s *Store) LimitPages(ctx context.Context, n int64) error {
	return s.eng.write(ctx, reach{}, func(c conn) ([]stmt, error) {
		var now, got int64
		r, err := c.query(ctx, "pragma page_count")
		if err := one(r, err, &now); err != nil {
			return nil, err
		}
		if n < 0 {
			now, n = 1<<30, 0
		}
		r, err = c.query(ctx, fmt.Sprintf("pragma max_page_count = %d", now+n))
		return nil, one(r, err, &got)
	})
}

// PooledSettings returns, for every idle PostgreSQL connection, what the last
// transaction left set: the role, the workspace and the identity reach.
func (s *Store) PooledSettings(ctx context.Context) (all []string, err error) {
	e, ok := s.eng.(*postgresEngine)
	if !ok {
		return nil, nil
	}
	const q = `select current_user || ' "' || coalesce(current_setting('app.workspace_id', true), '') || '" "' ||
		coalesce(current_setting('app.identity', true), '') || '"'`
	for _, c := range e.pool.AcquireAllIdle(ctx) {
		var set string
		err = errors.Join(err, c.QueryRow(ctx, q).Scan(&set))
		all = append(all, set)
		c.Release()
	}
	return all, err
}

// Prepared returns the texts of all statements that the idle PostgreSQL
// connections hold prepared: what was really run.
func (s *Store) Prepared(ctx context.Context) (all []string, err error) {
	e, ok := s.eng.(*postgresEngine)
	if !ok {
		return nil, nil
	}
	for _, c := range e.pool.AcquireAllIdle(ctx) {
		r, qerr := c.Query(ctx, "select statement from pg_prepared_statements")
		texts, qerr2 := pgx.CollectRows(r, pgx.RowTo[string])
		err = errors.Join(err, qerr, qerr2)
		all = append(all, texts...)
		c.Release()
	}
	return all, err
}
