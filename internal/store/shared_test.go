package store_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// commits counts the transactions that have been committed: on SQLite the
// commit frames of the write-ahead log, on PostgreSQL the distinct writers of
// the workspace's entries.
func commits(k *testkit.Kit, workspace uuid.UUID) int {
	k.T.Helper()
	if k.Engine == "postgres" {
		return k.DB.Count("select count(distinct xmin::text) from audit_events where workspace_id = $1", workspace.String())
	}
	wal, err := os.ReadFile(strings.TrimPrefix(k.URL, "sqlite:") + "-wal")
	testkit.NoErr(k.T, err)
	if len(wal) < 32 {
		return 0
	}
	const frameHeader = 24
	page, salt, n := int(binary.BigEndian.Uint32(wal[8:])), string(wal[16:24]), 0
	for frame := wal[32:]; len(frame) >= frameHeader+page && string(frame[8:16]) == salt; frame = frame[frameHeader+page:] {
		if binary.BigEndian.Uint32(frame[4:]) != 0 { // the size of the database after a commit
			n++
		}
	}
	return n
}

// until waits for what another goroutine of the test is about to do.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); runtime.Gosched() {
		if done() {
			return
		}
	}
	t.Fatalf("waited in vain: %s", what)
}

func TestConcurrentReadsShareACommit(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const readers = 40
		sc := k.Store.OperatorScope(k.Workspace1.ID)
		before, entriesBefore := commits(k, k.Workspace1.ID), len(entries(k, k.Workspace1.ID))
		release := hold(k, k.Workspace1.ID)
		failed := make(chan error, readers)
		look := func() {
			_, err := view(t.Context(), k.Store, sc, k.Client1.ID)
			failed <- err
		}
		go look()
		until(t, "the first entry is being committed", func() bool {
			n, running := k.Store.Waiting(k.Workspace1.ID)
			return running && n == 0
		})
		for range readers - 1 {
			go look()
		}
		until(t, "all others wait", func() bool {
			n, _ := k.Store.Waiting(k.Workspace1.ID)
			return n == readers-1
		})
		release()
		for range readers {
			testkit.NoErr(t, <-failed)
		}
		if n := commits(k, k.Workspace1.ID) - before; n != 2 {
			t.Errorf("%d reads cost %d commits, want 2", readers, n)
		}
		if n := len(entries(k, k.Workspace1.ID)) - entriesBefore; n != readers {
			t.Errorf("%d reads left %d entries", readers, n)
		}
		wantIntact(k, k.Workspace1.ID)
		if n, running := k.Store.Waiting(k.Workspace1.ID); n != 0 || running {
			t.Errorf("%d entries still wait, running is %v", n, running)
		}
	})
}

// crowd is a set of writes that run in one shared transaction.
type crowd struct {
	k       *testkit.Kit
	release func()
	n       int
	results chan func() // each checks one outcome
}

// gather lets writes queue behind one that cannot begin yet.
func gather(k *testkit.Kit) *crowd {
	k.T.Helper()
	return &crowd{k: k, release: hold(k, k.Workspace1.ID), results: make(chan func(), 100)}
}

// add starts a write and returns when it waits in the queue.
func (c *crowd) add(ctx context.Context, fn func(*store.Tx) error, check func(err error, panicked any)) {
	c.k.T.Helper()
	sc := c.k.Store.OperatorScope(c.k.Workspace1.ID)
	go func() {
		var err error
		var panicked any
		func() {
			defer func() { panicked = recover() }()
			err = c.k.Store.Write(ctx, sc, model.ClientCreate, fn)
		}()
		c.results <- func() { check(err, panicked) }
	}()
	c.n++
	until(c.k.T, "the write waits", func() bool {
		n, _ := c.k.Store.QueuedWrites()
		return n == c.n-1 // the first one is taken out and waits to begin
	})
}

func (c *crowd) settle() {
	c.k.T.Helper()
	c.release()
	for range c.n {
		(<-c.results)()
	}
}

func TestWaitingWritesShareACommitAndDoNotDisturbEachOther(t *testing.T) {
	eachSQLite(t, func(t *testing.T, k *testkit.Kit) {
		before := commits(k, k.Workspace1.ID)
		c := gather(k)
		var stored, lost []uuid.UUID
		add := func(ctx context.Context, end func() error, check func(err error, panicked any)) uuid.UUID {
			p := person("Noa", "Levi")
			c.add(ctx, func(tx *store.Tx) error {
				_, err := tx.InsertClient(p)
				return errors.Join(err, end())
			}, check)
			return p.ID
		}
		fine := func() error { return nil }
		wantFine := func(err error, panicked any) {
			if err != nil || panicked != nil {
				t.Errorf("a neighbour failed: %v, %v", err, panicked)
			}
		}
		fault := errors.New("a fault")
		for range 10 {
			stored = append(stored, add(t.Context(), fine, wantFine))
			lost = append(lost, add(t.Context(), func() error { return fault }, func(err error, _ any) {
				if !errors.Is(err, fault) {
					t.Errorf("got %v, want the fault", err)
				}
			}))
			lost = append(lost, add(t.Context(), func() error { panic("oh") }, func(err error, panicked any) {
				if !strings.HasPrefix(fmt.Sprint(panicked), "oh\n") || !strings.Contains(fmt.Sprint(panicked), "shared_test.go") {
					t.Errorf("got %v, %v, want the panic and where it was", err, panicked)
				}
			}))
			ctx, cancel := context.WithCancel(t.Context())
			lost = append(lost, add(ctx, fine, func(err error, _ any) {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want that it was cancelled", err)
				}
			}))
			cancel()
			ctx, cancel = context.WithCancel(t.Context())
			lost = append(lost, add(ctx, func() error { cancel(); return nil }, func(err error, _ any) {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want that it was cancelled midway", err)
				}
			}))
		}
		stored = append(stored, add(t.Context(), fine, wantFine))
		c.settle()
		wantStored(k, stored, 1)
		wantStored(k, lost, 0)
		if n := commits(k, k.Workspace1.ID) - before; n != 1 {
			t.Errorf("%d writes cost %d commits, want 1", c.n, n)
		}
		wantIntact(k, k.Workspace1.ID)
		_, err := insert(t.Context(), k.Store, k.Store.OperatorScope(k.Workspace1.ID), person("After", "Wards"))
		testkit.NoErr(t, err)
	})
}

func wantStored(k *testkit.Kit, ids []uuid.UUID, want int) {
	k.T.Helper()
	for i, id := range ids {
		if n := k.DB.Count("select count(*) from clients where id = $1", id.String()); n != want {
			k.T.Errorf("client %d of %d: %d rows, want %d", i, len(ids), n, want)
		}
	}
}

// More than 64 waiting writes must not make the first one wait for all.
func TestSharedCommitIsBounded(t *testing.T) {
	eachSQLite(t, func(t *testing.T, k *testkit.Kit) {
		const writes = 150
		sc := k.Store.OperatorScope(k.Workspace1.ID)
		before := commits(k, k.Workspace1.ID)
		release := hold(k, k.Workspace1.ID)
		failed := make(chan error, writes)
		for range writes {
			go func() { failed <- write(k, sc, model.ClientUpdate, func(*store.Tx) error { return nil }) }()
		}
		until(t, "the queue is full", func() bool { n, _ := k.Store.QueuedWrites(); return n == 64 })
		release()
		for range writes {
			testkit.NoErr(t, <-failed)
		}
		if n := commits(k, k.Workspace1.ID) - before; n < 3 {
			t.Errorf("%d writes shared %d commits; at most 64 may share one", writes, n)
		}
		wantIntact(k, k.Workspace1.ID)
	})
}
