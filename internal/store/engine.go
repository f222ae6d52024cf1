package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// engine is the seam between the two databases. Everything else in this
// package is the same text for both.
type engine interface {
	// read runs fn with a connection on which statements see what is
	// committed when each of them starts. It cannot write.
	read(ctx context.Context, r reach, fn func(conn) error) error
	// write runs fn in one transaction. The statements that fn returns are
	// run last, in one round trip with the commit. When write returns nil,
	// the transaction is durable. fn must not call the store again.
	write(ctx context.Context, r reach, fn func(conn) ([]stmt, error)) error
	// owned is write with the rights of who owns the tables, over the rows
	// that belong to no workspace.
	owned(ctx context.Context, fn func(conn) ([]stmt, error)) error
	// migrate brings the schema up to date and returns how many steps ran.
	migrate(ctx context.Context, now time.Time) (int, error)
	// class says what a database error means.
	class(err error) errorClass
	// check asks whether the database answers.
	check(ctx context.Context) error
	// stats counts the connections and what was written.
	stats() Stats
	close() error
}

// conn runs statements. Parameters are $1, $2 and so on; times, ids and
// booleans are bound as the engine stores them.
type conn interface {
	query(ctx context.Context, sql string, args ...any) (rows, error)
	exec(ctx context.Context, sql string, args ...any) (int64, error)
	// enter changes the workspace that row-level security lets through, for
	// the transactions that write into more than one chain.
	enter(ctx context.Context, workspace uuid.UUID) error
}

// rows is the result of a query. Scan fills *time.Time, **time.Time,
// *uuid.UUID, **uuid.UUID, *bool, *string, *int64 and *[]byte.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// reach is what a transaction may touch: the rows of one workspace, or the
// rows that sign-in and the operator need, which hold no health data.
type reach struct {
	workspace uuid.UUID
	identity  bool
}

// stmt is a statement with its parameters.
type stmt struct {
	sql  string
	args []any
}

// errorClass is what a database error means to us, whatever engine it is of.
type errorClass uint8

const (
	otherError errorClass = iota
	uniqueError
	referenceError
	overlapError // two appointments would have one time, or a trigger refused
	downError    // not reachable, too slow or locked for too long
	fullError    // no space, or not writable
)

var errNoRow = errors.New("no row")

// one scans the only row of a query; errNoRow when there is none.
func one(r rows, err error, dest ...any) error {
	if err != nil {
		return err
	}
	defer r.Close()
	if !r.Next() {
		return noRow(r)
	}
	if err := r.Scan(dest...); err != nil {
		return err
	}
	return r.Err()
}

// noRow is what a query without a next row failed with, or errNoRow.
func noRow(r rows) error {
	if err := r.Err(); err != nil {
		return err
	}
	return errNoRow
}

// collect scans every row of a query.
func collect[T any](r rows, err error, scan func(rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []T
	for r.Next() {
		v, err := scan(r)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, r.Err()
}
