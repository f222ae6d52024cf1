package store

import (
	"context"
	"sync"
	"time"

	"pazpaz/internal/audit"

	"github.com/google/uuid"
)

// trailTimeout bounds how long a look at a record waits for its audit entry.
const trailTimeout = 5 * time.Second

// trail adds the audit entries of reads and refusals. Entries of one
// workspace that arrive while others of it are being committed share the
// next commit, so that many readers cost few syncs.
type trail struct {
	store *Store
	mu    sync.Mutex
	open  map[uuid.UUID]*pendingEvents // collecting; present while a flush runs
}

type pendingEvents struct {
	events []audit.Event
	done   chan struct{}
	err    error
}

func newTrail(s *Store) *trail {
	return &trail{store: s, open: map[uuid.UUID]*pendingEvents{}}
}

// add returns when the event and those besides it, of the same workspace, are
// durable. The error is Unavailable.
func (t *trail) add(ctx context.Context, e audit.Event, besides ...audit.Event) error {
	now := t.store.now()
	t.mu.Lock()
	p, running := t.open[e.WorkspaceID]
	if p == nil {
		p = &pendingEvents{done: make(chan struct{})}
		t.open[e.WorkspaceID] = p
	}
	e.At = now
	p.events = append(p.events, e)
	for _, b := range besides {
		b.At = now
		p.events = append(p.events, b)
	}
	t.mu.Unlock()
	if !running {
		go t.flush(context.WithoutCancel(ctx), e.WorkspaceID)
	}
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return t.store.unaudited(ctx.Err())
	}
}

// flush commits what has gathered until nothing more comes.
func (t *trail) flush(ctx context.Context, workspace uuid.UUID) {
	for {
		t.mu.Lock()
		p := t.open[workspace]
		if p == nil {
			delete(t.open, workspace)
			t.mu.Unlock()
			return
		}
		t.open[workspace] = nil
		t.mu.Unlock()
		if err := t.commit(ctx, workspace, p.events); err != nil {
			p.err = t.store.unaudited(err)
		}
		close(p.done)
	}
}

func (t *trail) commit(ctx context.Context, workspace uuid.UUID, events []audit.Event) error {
	ctx, cancel := context.WithTimeout(ctx, trailTimeout)
	defer cancel()
	var head chainHead
	err := t.store.eng.write(ctx, reach{workspace: workspace}, func(c conn) (_ []stmt, err error) {
		if head, err = lockChain(ctx, c, workspace); err != nil {
			return nil, err
		}
		return head.extend(events), nil
	})
	if err == nil {
		t.store.grew(head, len(events))
	}
	return err
}
