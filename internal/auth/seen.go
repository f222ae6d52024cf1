package auth

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

// touchEvery is how old the stored last use of a session may grow before it
// is written again; in between, this process remembers.
const touchEvery = 15 * time.Second

// lastSeen remembers when sessions were used, so that a request does not
// have to write to keep its session alive.
type lastSeen struct {
	mu sync.Mutex
	at map[uuid.UUID]time.Time
}

// maxSeen bounds the memory.
const maxSeen = 50_000

func newLastSeen() *lastSeen { return &lastSeen{at: map[uuid.UUID]time.Time{}} }

// latest is the later of what is stored and what this process saw.
func (l *lastSeen) latest(id uuid.UUID, stored time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.at[id]; at.After(stored) {
		return at
	}
	return stored
}

func (l *lastSeen) note(id uuid.UUID, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.at) >= maxSeen {
		clear(l.at) // what was stored counts again, at most touchEvery older
	}
	l.at[id] = now
}

func (l *lastSeen) forget(id uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.at, id)
}
