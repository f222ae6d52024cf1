// Package jobs does the work that a request leaves behind: it takes due jobs
// from the queue in the database, runs them with a deadline, and tries again
// what failed, later and later, until it gives up. Each job runs once or, when
// a process dies in the middle, once more: handlers must bear that. The work
// itself is handed in; this package knows no nouns.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"pazpaz/internal/mail"
	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

const (
	// lease is how long a job may run; after it, another process takes it.
	lease = 2 * time.Minute
	// deadline ends a handler before its lease does.
	deadline = 90 * time.Second
	// maxAttempts is when the runner gives a job up, about 43 minutes on.
	maxAttempts = 10
	// keepEnded is how long ended jobs can be looked at.
	keepEnded = 7 * 24 * time.Hour
)

// Handler does one kind of work.
type Handler func(ctx context.Context, payload []byte) error

// Runner runs jobs until its context ends.
type Runner struct {
	queue    *store.Store
	handlers map[string]Handler
	now      func() time.Time
	log      *slog.Logger
	// wake ends a wait early; poll is how often the queue is looked at when
	// nobody wakes the runner, because another process may have filled it.
	wake chan struct{}
	poll time.Duration
}

// New returns a runner of the given kinds of work.
func New(s *store.Store, now func() time.Time, log *slog.Logger, handlers map[string]Handler) *Runner {
	return &Runner{
		queue: s, handlers: handlers, now: now, log: log,
		wake: make(chan struct{}, 1), poll: 500 * time.Millisecond,
	}
}

// Wake makes the runner look at the queue now.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends; a job that is running then is finished first.
func (r *Runner) Run(ctx context.Context) {
	tick := time.NewTicker(r.poll)
	defer tick.Stop()
	for {
		if err := r.Drain(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("job queue", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-tick.C:
		}
	}
}

// Drain runs what is due now and returns when nothing is.
func (r *Runner) Drain(ctx context.Context) error {
	for ctx.Err() == nil {
		due, err := r.queue.JobDue(ctx)
		if err != nil || !due {
			return err
		}
		j, err := r.queue.ClaimJob(ctx, lease)
		if model.KindOf(err) == model.NotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("claim job: %w", err)
		}
		if err := r.run(context.WithoutCancel(ctx), j); err != nil {
			return fmt.Errorf("settle job: %w", err)
		}
	}
	return nil
}

// run does one job and settles it. What the handler failed with is logged,
// never stored: it could hold an address.
func (r *Runner) run(ctx context.Context, j store.Job) error {
	log := r.log.With("job", j.ID, "kind", j.Kind, "attempt", j.Attempts)
	err := j.Damaged
	if err == nil && j.Idle {
		log.Info("job not done: the practice is not active")
		return r.queue.FinishJob(ctx, j, "idle_workspace")
	}
	if err == nil && j.Attempts <= maxAttempts { // more: it has killed its process again and again
		err = r.do(ctx, j)
	}
	switch {
	case err == nil && j.Attempts <= maxAttempts:
		return r.queue.FinishJob(ctx, j, "")
	case j.Damaged != nil || j.Attempts >= maxAttempts || errors.Is(err, errUnknownKind) || errors.Is(err, mail.ErrInvalid) || errors.Is(err, mail.ErrRejected):
		log.Error("job given up", "error", err)
		return r.queue.FinishJob(ctx, j, "given_up")
	default:
		log.Warn("job failed", "error", err)
		return r.queue.RetryJob(ctx, j, r.now().Add(backoff(j.Attempts)), "failed")
	}
}

var errUnknownKind = errors.New("no handler for this kind of job")

func (r *Runner) do(ctx context.Context, j store.Job) (err error) {
	h, ok := r.handlers[j.Kind]
	if !ok {
		return errUnknownKind
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("job panicked: %v", p)
		}
	}()
	return h(ctx, j.Payload)
}

// backoff is how long to wait after the n-th try: 5 s, doubled each time, at
// most an hour.
func backoff(n int) time.Duration {
	return min(5*time.Second<<min(n-1, 20), time.Hour)
}

// Count counts the jobs by their state: ready, running, dead.
func (r *Runner) Count(ctx context.Context) (map[string]int64, error) { return r.queue.CountJobs(ctx) }

// Tidy forgets jobs that ended long ago.
func (r *Runner) Tidy(ctx context.Context) error {
	return r.queue.DropJobs(ctx, r.now().Add(-keepEnded))
}
