package store

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const insertHeadSQL = `insert into audit_heads (workspace_id, seq, hash) values ($1, $2, $3)`

// lockChainSQL makes the writers of one workspace queue, on both engines.
const lockChainSQL = `update audit_heads set seq = seq where workspace_id = $1 returning seq, hash`

const moveHeadSQL = `update audit_heads set seq = $2, hash = $3 where workspace_id = $1`

const insertEventSQL = `insert into audit_events
	(workspace_id, seq, at, actor_kind, actor_id, action, outcome, subject_id, records, session_id, request_id, content, hash)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`

// chainHead is a locked chain: the entries to come follow it.
type chainHead struct {
	workspace uuid.UUID
	seq       int64
	hash      []byte
}

// lockChain locks the chain for new entries.
func lockChain(ctx context.Context, c conn, workspace uuid.UUID) (chainHead, error) {
	h := chainHead{workspace: workspace}
	r, err := c.query(ctx, lockChainSQL, workspace)
	if err := one(r, err, &h.seq, &h.hash); err != nil {
		return h, fmt.Errorf("lock audit chain: %w", err)
	}
	return h, nil
}

// extend returns the statements that add the events behind the head. It fills
// in their sequence numbers and hashes.
func (h chainHead) extend(events []audit.Event) []stmt {
	all := make([]stmt, 0, len(events)+1)
	for _, e := range events {
		h.seq++
		e.WorkspaceID, e.Seq = h.workspace, h.seq
		e.Hash = e.Sum(h.hash)
		h.hash = e.Hash
		all = append(all, stmt{insertEventSQL, []any{
			e.WorkspaceID, e.Seq, e.At, e.ActorKind, e.ActorID, e.Action, e.Outcome,
			e.SubjectID, e.Count, e.SessionID, e.RequestID, e.Content, e.Hash,
		}})
	}
	return append(all, stmt{moveHeadSQL, []any{h.workspace, h.seq, h.hash}})
}

// eventsPage is how many entries are read at a time when a chain is walked.
const eventsPage = 1000

const eventsSQL = `select seq, at, actor_kind, actor_id, action, outcome, subject_id, records, session_id, request_id, content, hash
	from audit_events where workspace_id = $1 and seq > $2 order by seq limit $3`

// Events yields a workspace's audit entries in order, page by page. It is for
// the operator's verifier and export; the zero id is the system's chain.
func (s *Store) Events(ctx context.Context, workspace uuid.UUID) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) {
		var last int64
		for {
			page, err := s.eventsAfter(ctx, workspace, last)
			if err != nil {
				yield(audit.Event{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				last = e.Seq
			}
			if len(page) < eventsPage {
				return
			}
		}
	}
}

func (s *Store) eventsAfter(ctx context.Context, workspace uuid.UUID, last int64) (page []audit.Event, err error) {
	err = s.eng.read(ctx, reach{workspace: workspace}, func(c conn) error {
		r, err := c.query(ctx, eventsSQL, workspace, last, int64(eventsPage))
		page, err = collect(r, err, func(r rows) (audit.Event, error) { return scanEvent(r, workspace) })
		return err
	})
	return page, s.public(err)
}

func scanEvent(r rows, workspace uuid.UUID) (audit.Event, error) {
	e := audit.Event{WorkspaceID: workspace}
	err := r.Scan(&e.Seq, &e.At, &e.ActorKind, &e.ActorID, &e.Action, &e.Outcome,
		&e.SubjectID, &e.Count, &e.SessionID, &e.RequestID, &e.Content, &e.Hash)
	return e, err
}

const headSQL = `select seq, hash from audit_heads where workspace_id = $1`

// ChainHead returns the end of a chain as the database claims it.
func (s *Store) ChainHead(ctx context.Context, workspace uuid.UUID) (audit.Head, error) {
	h := audit.Head{WorkspaceID: workspace}
	err := s.eng.read(ctx, reach{workspace: workspace}, func(c conn) error {
		r, err := c.query(ctx, headSQL, workspace)
		return one(r, err, &h.Seq, &h.Hash)
	})
	return h, s.public(err)
}

const chainsSQL = `select id from workspaces order by id`

// Chains returns the ids of all audit chains: the system's, then every
// workspace's.
func (s *Store) Chains(ctx context.Context) ([]uuid.UUID, error) {
	all := []uuid.UUID{system}
	err := s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, chainsSQL)
		ids, err := collect(r, err, func(r rows) (id uuid.UUID, err error) { return id, r.Scan(&id) })
		all = append(all, ids...)
		return err
	})
	return all, err
}

// unaudited refuses an action that could not be put into the chain.
func (s *Store) unaudited(err error) error {
	if err = s.public(err); model.KindOf(err) != 0 {
		return fmt.Errorf("audit: %w", err)
	}
	return fmt.Errorf("audit: %w", errors.Join(unavailable, err))
}
