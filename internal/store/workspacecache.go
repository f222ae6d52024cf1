package store

import (
	"container/list"
	"sync"
	"time"

	"github.com/google/uuid"
)

// workspaceCache keeps one T of each workspace in memory, bounded by the sum of
// their sizes; the one used longest ago goes first. It is safe for concurrent
// use; what it keeps has a lock of its own.
type workspaceCache[T any] struct {
	max  int
	mu   sync.Mutex
	held map[uuid.UUID]*list.Element
	uses *list.List // of *cached[T], latest first
	size int
}

type cached[T any] struct {
	workspace uuid.UUID
	of        *T
	size      int
	used      time.Time // last
}

func newWorkspaceCache[T any](limit int) *workspaceCache[T] {
	return &workspaceCache[T]{max: limit, held: map[uuid.UUID]*list.Element{}, uses: list.New()}
}

// of returns what is kept of a workspace, a zero T the first time.
func (c *workspaceCache[T]) of(workspace uuid.UUID, now time.Time) *T {
	if x := c.kept(workspace, now); x != nil {
		return x
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.held[workspace]; ok { // another one was quicker
		return el.Value.(*cached[T]).of
	}
	h := &cached[T]{workspace: workspace, of: new(T), used: now}
	c.held[workspace] = c.uses.PushFront(h)
	return h.of
}

// kept returns what is kept of a workspace, nil when nothing is.
func (c *workspaceCache[T]) kept(workspace uuid.UUID, now time.Time) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.held[workspace]
	if !ok {
		return nil
	}
	c.uses.MoveToFront(el)
	h := el.Value.(*cached[T])
	h.used = now
	return h.of
}

// grown tells how large a workspace's part now is, and lets others go until
// all fit. The newest one stays even when it alone is over the bound.
func (c *workspaceCache[T]) grown(workspace uuid.UUID, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.held[workspace]; ok {
		h := el.Value.(*cached[T])
		c.size += size - h.size
		h.size = size
	}
	for c.size > c.max && c.uses.Len() > 1 {
		c.drop(c.uses.Back())
	}
}

// drop lets a workspace's part go; c is locked.
func (c *workspaceCache[T]) drop(el *list.Element) {
	h := c.uses.Remove(el).(*cached[T])
	delete(c.held, h.workspace)
	c.size -= h.size
}

func (c *workspaceCache[T]) forget(workspace uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.held[workspace]; ok {
		c.drop(el)
	}
}

func (c *workspaceCache[T]) forgetAll() { c.forgetIf(func(*cached[T]) bool { return true }) }

// forgetUnused forgets what nobody has asked for since then.
func (c *workspaceCache[T]) forgetUnused(since time.Time) {
	c.forgetIf(func(h *cached[T]) bool { return !h.used.After(since) })
}

func (c *workspaceCache[T]) forgetIf(so func(*cached[T]) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, el := range c.held {
		if so(el.Value.(*cached[T])) {
			c.drop(el)
		}
	}
}
