package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/crypt"

	"github.com/google/uuid"
)

// Job is a piece of work to be done after the transaction that caused it.
type Job struct {
	ID   uuid.UUID
	Kind string
	// Workspace is the practice that the work is for; zero: for none. While
	// the practice is suspended or deleted, it is not done.
	Workspace uuid.UUID
	// Payload is what the work needs; it is sealed in the database and wiped
	// when the work is done.
	Payload []byte
	// Attempts counts the tries, this one included.
	Attempts int
	// Damaged is why the payload did not open; the job can only be given up.
	Damaged error
	// Idle says that the practice is not active.
	Idle bool
}

const insertJobSQL = `insert into jobs (id, kind, payload, run_at, attempts, state, lease_until, failure, created_at, workspace_id)
	values ($1, $2, $3, $4, 0, 'ready', $4, '', $4, $5)`

// Enqueue puts a job into the queue; it is there if the transaction commits.
func (tx *IdentityTx) Enqueue(j Job) error {
	sealed, err := tx.box.Seal(payloadAt(j.ID), j.Payload)
	if err != nil {
		return err
	}
	if _, err := tx.c.exec(tx.ctx, insertJobSQL, j.ID, j.Kind, sealed, tx.now, orNobody(j.Workspace)); err != nil {
		return fmt.Errorf("enqueue job: %w", err)
	}
	return nil
}

// orNobody stores the zero id as null.
func orNobody(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func payloadAt(id uuid.UUID) crypt.Place { return place("jobs", "payload", id) }

// claimJobSQL takes the job that is due longest. A running job whose lease is
// over belongs to a process that died, and is due again.
const claimJobSQL = `update jobs set state = 'running', attempts = attempts + 1, lease_until = $2
	where id = (select id from jobs where state in ('ready', 'running') and run_at <= $1 and lease_until <= $1
		order by run_at, id limit 1)
	and state in ('ready', 'running') and lease_until <= $1
	returning id, kind, payload, attempts, workspace_id`

const idleWorkspaceSQL = `select status <> 'active' from workspaces where id = $1`

// ClaimJob takes one due job for the length of the lease; NotFound when none
// is due. Of many claimers at once each job goes to one.
func (s *Store) ClaimJob(ctx context.Context, lease time.Duration) (Job, error) {
	var j Job
	box, err := s.box(ctx, system)
	if err != nil {
		return j, err
	}
	var sealed []byte
	var attempts int64
	var workspace *uuid.UUID
	err = s.identityWrite(ctx, func(c conn) ([]stmt, error) {
		now := s.now()
		r, err := c.query(ctx, claimJobSQL, now, now.Add(lease))
		if err := one(r, err, &j.ID, &j.Kind, &sealed, &attempts, &workspace); err != nil || workspace == nil {
			return nil, err
		}
		j.Workspace = *workspace
		r, err = c.query(ctx, idleWorkspaceSQL, j.Workspace)
		return nil, one(r, err, &j.Idle)
	})
	if err != nil {
		return j, missing(err)
	}
	j.Attempts = int(attempts)
	j.Payload, j.Damaged = box.Open(payloadAt(j.ID), sealed)
	return j, nil
}

const jobDueSQL = `select 1 from jobs where state in ('ready', 'running') and run_at <= $1 and lease_until <= $1 limit 1`

// JobDue reports whether a job waits, without taking it; it is what the
// runner asks when it has nothing to do.
func (s *Store) JobDue(ctx context.Context) (bool, error) {
	var n int64
	err := s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, jobDueSQL, s.now())
		return one(r, err, &n)
	})
	if errors.Is(err, errNoRow) {
		return false, nil
	}
	return err == nil, err
}

const finishJobSQL = `update jobs set state = $2, payload = $3, failure = $4 where id = $1 and state = 'running' and attempts = $5`

const retryJobSQL = `update jobs set state = 'ready', run_at = $2, lease_until = $2, failure = $3
	where id = $1 and state = 'running' and attempts = $4`

// FinishJob ends a job and wipes its payload. failure is a fixed word, empty
// when the work was done.
func (s *Store) FinishJob(ctx context.Context, j Job, failure string) error {
	state := "done"
	if failure != "" {
		state = "dead"
	}
	return s.identityWrite(ctx, func(conn) ([]stmt, error) {
		return []stmt{{finishJobSQL, []any{j.ID, state, []byte{}, failure, int64(j.Attempts)}}}, nil
	})
}

// RetryJob gives a job back to be run at t. failure is a fixed word.
func (s *Store) RetryJob(ctx context.Context, j Job, t time.Time, failure string) error {
	return s.identityWrite(ctx, func(conn) ([]stmt, error) {
		return []stmt{{retryJobSQL, []any{j.ID, t, failure, int64(j.Attempts)}}}, nil
	})
}

const dropJobsSQL = `delete from jobs where state in ('done', 'dead') and run_at < $1`

// DropJobs forgets ended jobs that were due before t.
func (s *Store) DropJobs(ctx context.Context, t time.Time) error {
	return s.identityWrite(ctx, func(conn) ([]stmt, error) {
		return []stmt{{dropJobsSQL, []any{t}}}, nil
	})
}
