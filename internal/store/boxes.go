package store

import (
	"sync"
	"time"

	"pazpaz/internal/crypt"

	"github.com/google/uuid"
)

// keepOpened is how long an opened data key stays in memory, and the opened
// names of a practice that nobody searches: after it, the key of a practice
// that another process has shredded is nowhere any more.
const keepOpened = 5 * time.Minute

// boxes are the opened data keys of this process. They are safe for concurrent
// use.
type boxes struct {
	all sync.Map // owner id -> openedBox
}

type openedBox struct {
	*crypt.Box

	at time.Time
}

// usable is whether the key may still be used without asking the database for
// it. Nobody can destroy the system's.
func (b openedBox) usable(owner uuid.UUID, now time.Time) bool {
	return owner == system || now.Sub(b.at) < keepOpened
}

func (b *boxes) get(owner uuid.UUID, now time.Time) *crypt.Box {
	v, ok := b.all.Load(owner)
	if !ok || !v.(openedBox).usable(owner, now) {
		return nil
	}
	return v.(openedBox).Box
}

func (b *boxes) put(owner uuid.UUID, box *crypt.Box, now time.Time) {
	b.all.Store(owner, openedBox{box, now})
}

func (b *boxes) forget(owner uuid.UUID) { b.all.Delete(owner) }

// forgetIf forgets all but the system's that are so.
func (b *boxes) forgetIf(so func(openedBox) bool) {
	b.all.Range(func(owner, v any) bool {
		if owner != system && so(v.(openedBox)) {
			b.all.Delete(owner)
		}
		return true
	})
}

func (b *boxes) len() (n int) {
	b.all.Range(func(any, any) bool { n++; return true })
	return n
}

// Forget forgets what this process has opened of a workspace: its data key, the
// names of its clients, and the trigrams of its notes. Who asks for them again has them opened again, if
// the key still exists.
func (s *Store) Forget(workspace uuid.UUID) {
	if workspace == system {
		return
	}
	s.boxes.forget(workspace)
	s.names.forget(workspace)
	s.trigrams.forget(workspace)
}

// ForgetAll forgets what this process has opened of all workspaces.
func (s *Store) ForgetAll() {
	s.boxes.forgetIf(func(openedBox) bool { return true })
	s.names.forgetAll()
	s.trigrams.forgetAll()
}

// ForgetOld forgets the keys that were opened five minutes ago, and the names
// and trigrams that nobody has asked for since then. It is to be called every minute.
func (s *Store) ForgetOld() {
	before := s.now().Add(-keepOpened)
	s.boxes.forgetIf(func(b openedBox) bool { return !b.at.After(before) })
	s.names.forgetUnused(before)
	s.trigrams.forgetUnused(before)
}

// Destroyed tells the workspaces whose data keys were destroyed in this
// process. What nobody takes is dropped: others forget them by the time.
func (s *Store) Destroyed() <-chan uuid.UUID { return s.destroyed }

// destroyedKeys is called when it is committed that the keys are gone.
func (s *Store) destroyedKeys(all []uuid.UUID) {
	for _, workspace := range all {
		s.Forget(workspace)
		select {
		case s.destroyed <- workspace:
		default:
		}
	}
}
