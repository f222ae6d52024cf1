package store

import (
	"context"
	"errors"
	"fmt"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// CheckpointEvery is after how many entries a chain is to be signed again.
const CheckpointEvery = 1000

// waitingMilestones bounds the chains that wait to be signed.
const waitingMilestones = 1024

// Milestones tells the chains that have passed another CheckpointEvery
// entries in this process. What nobody takes is dropped: a chain is signed at
// the next checkpoint anyway.
func (s *Store) Milestones() <-chan uuid.UUID { return s.milestones }

// grew is told when entries were committed behind a head.
func (s *Store) grew(head chainHead, entries int) {
	if head.seq/CheckpointEvery == (head.seq+int64(entries))/CheckpointEvery {
		return
	}
	select {
	case s.milestones <- head.workspace:
	default:
	}
}

// CheckpointFile is what the database knows of a file of signed checkpoints
// outside of it.
type CheckpointFile struct {
	ID   uuid.UUID
	Size int64  // bytes that it had when it was last written
	Tail []byte // SHA-256 of the last of them
}

const checkpointFileSQL = `select size, tail from audit_checkpoint_files where id = $1`

// CheckpointFile returns what is known of a file; its size is 0 when it was
// never written.
func (s *Store) CheckpointFile(ctx context.Context, id uuid.UUID) (CheckpointFile, error) {
	f := CheckpointFile{ID: id}
	err := s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, checkpointFileSQL, id)
		return one(r, err, &f.Size, &f.Tail)
	})
	if err != nil && !errors.Is(err, errNoRow) {
		return f, fmt.Errorf("checkpoint file: %w", err)
	}
	return f, nil
}

const keepCheckpointFileSQL = `insert into audit_checkpoint_files (id, size, tail) values ($1, $2, $3)
	on conflict (id) do update set size = excluded.size, tail = excluded.tail`

// CheckpointsWritten remembers a file as it is after it was written.
func (s *Store) CheckpointsWritten(ctx context.Context, f CheckpointFile) error {
	err := s.identityWrite(ctx, func(conn) ([]stmt, error) {
		return []stmt{{keepCheckpointFileSQL, []any{f.ID, f.Size, f.Tail}}}, nil
	})
	if err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	return nil
}

// CheckpointsLost leaves in the system's chain that a file was lost, cut or
// changed, and remembers it as it is now.
func (s *Store) CheckpointsLost(ctx context.Context, f CheckpointFile) error {
	return s.Identity(ctx, func(tx *IdentityTx) error {
		if _, err := tx.c.exec(tx.ctx, keepCheckpointFileSQL, f.ID, f.Size, f.Tail); err != nil {
			return fmt.Errorf("checkpoint file: %w", err)
		}
		return tx.record(system, audit.Event{ActorKind: audit.System, Action: model.AuditLoss.String(), Outcome: audit.OK, SubjectID: f.ID})
	})
}

const insertJobOnceSQL = insertJobSQL + ` on conflict (id) do nothing`

// EnqueueOnce puts a job into the queue unless one with its id was there
// before.
func (tx *IdentityTx) EnqueueOnce(j Job) error {
	sealed, err := tx.box.Seal(payloadAt(j.ID), j.Payload)
	if err != nil {
		return err
	}
	if _, err := tx.c.exec(tx.ctx, insertJobOnceSQL, j.ID, j.Kind, sealed, tx.now, orNobody(j.Workspace)); err != nil {
		return fmt.Errorf("enqueue job: %w", err)
	}
	return nil
}
