package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Options say how to open a store.
type Options struct {
	// URL is "sqlite:PATH" or "postgres://...".
	URL string
	// OwnerURL is who migrates PostgreSQL; empty means: the same as URL.
	OwnerURL string
	// Masters wrap the data keys.
	Masters *crypt.Masters
	// Now and Random are the program's clock and randomness.
	Now    func() time.Time
	Random io.Reader
	// Conns bounds the PostgreSQL connections; 0 leaves it to the URL's
	// pool_max_conns, or to the driver.
	Conns int32
	// SearchClients bounds how many opened names the search keeps in memory,
	// over all workspaces; 0 means 200,000.
	SearchClients int
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	eng      engine
	masters  *crypt.Masters
	now      func() time.Time
	random   io.Reader
	boxes    boxes
	trail    *trail
	names    *workspaceCache[nameIndex]
	trigrams *workspaceCache[noteTrigrams]
	// milestones are chains that are to be signed again.
	milestones chan uuid.UUID
	// destroyed are workspaces of which others hold an opened key.
	destroyed chan uuid.UUID
}

// Open opens the database of o, migrates it, and proves that the master key
// opens what is in it.
func Open(ctx context.Context, o Options) (*Store, error) {
	eng, err := openEngine(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Store{eng: eng, masters: o.Masters, now: micros(o.Now), random: o.Random}
	s.milestones, s.destroyed = make(chan uuid.UUID, waitingMilestones), make(chan uuid.UUID, waitingMilestones)
	s.trail = newTrail(s)
	s.names = newWorkspaceCache[nameIndex](orInt(o.SearchClients, 200_000))
	s.trigrams = newWorkspaceCache[noteTrigrams](maxTrigrams)
	if _, err := eng.migrate(ctx, s.now()); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate: %w", s.public(err)), eng.close())
	}
	if err := s.openSystemBox(ctx); err != nil {
		return nil, errors.Join(err, eng.close())
	}
	if err := s.needMasters(ctx); err != nil {
		return nil, errors.Join(err, eng.close())
	}
	return s, nil
}

func openEngine(ctx context.Context, o Options) (engine, error) {
	scheme, rest, _ := strings.Cut(o.URL, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest)
	case "postgres", "postgresql":
		owner := o.OwnerURL
		if owner == "" {
			owner = o.URL
		}
		return openPostgres(ctx, o.URL, owner, o.Conns)
	}
	return nil, errors.New("open database: the address must start with sqlite: or postgres://")
}

// micros cuts the clock to what both engines store, in UTC.
func micros(now func() time.Time) func() time.Time {
	return func() time.Time { return now().UTC().Truncate(time.Microsecond) }
}

func orInt(v, d int) int {
	if v == 0 {
		return d
	}
	return v
}

// Close waits for running writes and closes the database.
func (s *Store) Close() error { return s.eng.close() }

// Check asks whether the database answers; the error is Unavailable.
func (s *Store) Check(ctx context.Context) error {
	if err := s.eng.check(ctx); err != nil {
		return fmt.Errorf("check database: %w", unavailable)
	}
	return nil
}

var unavailable = &model.Error{
	Kind: model.Unavailable, Code: "unavailable", RetryAfter: 2 * time.Second,
	Detail: "The database does not answer. Nothing was lost; try again in a moment.",
}

var storageFull = &model.Error{
	Kind: model.Unavailable, Code: "storage_full", RetryAfter: time.Minute,
	Detail: "The server cannot store anything just now. Nothing was saved.",
}

// public turns an engine's error into one that may be shown, where there is
// one: a database that is down, or a disk that is full.
func (s *Store) public(err error) error {
	if err == nil || model.KindOf(err) != 0 {
		return err
	}
	switch s.eng.class(err) {
	case downError:
		return fmt.Errorf("%w (%w)", unavailable, err)
	case fullError:
		return fmt.Errorf("%w (%w)", storageFull, err)
	}
	return err
}

// Read runs fn with the rows of the scope's workspace. The look is in the
// audit chain, durably, before Read returns; when it cannot be, Read fails
// and the caller must show nothing.
func (s *Store) Read(ctx context.Context, sc Scope, act model.Action, fn func(*ReadTx) error) error {
	tx, err := s.begin(ctx, sc, act)
	if err != nil {
		return err
	}
	err = s.eng.read(ctx, reach{workspace: sc.workspace}, func(c conn) error {
		tx.c = c
		return fn(tx)
	})
	if err = s.public(err); err != nil && outcomeOf(err) == "" {
		return err
	}
	e := sc.event(act, outcomeOf(err))
	e.SubjectID, e.Count = tx.subject, tx.count
	if err != nil {
		tx.besides = nil // nothing is shown
	}
	if terr := s.trail.add(ctx, e, tx.besides...); terr != nil {
		return terr
	}
	return err
}

// Peek is Read for what is no health data: settings, and whether a record
// exists. Only refusals are put into the audit chain.
func (s *Store) Peek(ctx context.Context, sc Scope, act model.Action, fn func(*ReadTx) error) error {
	tx, err := s.begin(ctx, sc, act)
	if err != nil {
		return err
	}
	err = s.eng.read(ctx, reach{workspace: sc.workspace}, func(c conn) error {
		tx.c = c
		return fn(tx)
	})
	return s.refused(ctx, sc, act, tx.subject, s.public(err))
}

// Write runs fn in one transaction inside the scope's workspace, as a named
// action. It refuses an action the role may not do, holds the workspace's
// audit row so that writers queue, and commits only together with the audit
// entry. What fn refuses is in the chain too. fn must not call the Store.
func (s *Store) Write(ctx context.Context, sc Scope, act model.Action, fn func(*Tx) error) error {
	begun, err := s.begin(ctx, sc, act)
	if err != nil {
		return err
	}
	tx := &Tx{ReadTx: *begun}
	tx.writes = true
	var head chainHead
	err = s.eng.write(ctx, reach{workspace: sc.workspace}, func(c conn) (_ []stmt, err error) {
		if head, err = lockChain(ctx, c, sc.workspace); err != nil {
			return nil, err
		}
		tx.c = c
		if err := fn(tx); err != nil {
			return nil, err
		}
		e := sc.event(act, audit.OK)
		e.SubjectID, e.Count, e.At, e.Content = tx.subject, tx.count, tx.now, tx.proof
		return head.extend(append([]audit.Event{e}, tx.besides...)), nil
	})
	if err == nil {
		s.grew(head, 1+len(tx.besides))
	}
	return s.refused(ctx, sc, act, tx.subject, s.public(err))
}

// refused leaves a refusal in the chain and returns it.
func (s *Store) refused(ctx context.Context, sc Scope, act model.Action, subject uuid.UUID, err error) error {
	outcome := outcomeOf(err)
	if err == nil || outcome == "" {
		return err
	}
	e := sc.event(act, outcome)
	e.SubjectID = subject
	if terr := s.trail.add(ctx, e); terr != nil {
		return terr
	}
	return err
}

// begin makes the transaction of a scope that may do the action; it has no
// connection yet.
func (s *Store) begin(ctx context.Context, sc Scope, act model.Action) (*ReadTx, error) {
	if err := s.admit(ctx, sc, act); err != nil {
		return nil, err
	}
	box, err := s.box(ctx, sc.workspace)
	if err != nil {
		return nil, err
	}
	return &ReadTx{ctx: ctx, scope: sc, act: act, store: s, box: box, now: s.now()}, nil
}

// admit refuses an empty scope and an action that the role may not do.
func (s *Store) admit(ctx context.Context, sc Scope, act model.Action) error {
	if sc.workspace == uuid.Nil {
		return errors.New("store: the scope is empty")
	}
	if sc.role.May(act) {
		return nil
	}
	return s.refused(ctx, sc, act, uuid.Nil, fmt.Errorf("%s: %w", act, model.ErrDenied))
}

// outcomeOf says how the chain calls the end of an action; "" means that it
// failed for no reason of the caller's and is not recorded.
func outcomeOf(err error) string {
	if err == nil {
		return audit.OK
	}
	switch model.KindOf(err) {
	case model.Denied, model.Unauthenticated, model.TooMany:
		return audit.Denied
	case model.NotFound:
		return audit.Missing
	case model.Conflict, model.Gone:
		return audit.Refused
	}
	return ""
}
