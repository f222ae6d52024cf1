package store

import (
	"maps"
	"sync"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// maxTrigrams bounds what is kept for searches inside notes, in bytes over all
// workspaces: about 30,000 notes of 1.5 kB.
const maxTrigrams = 32 << 20

// trigramCost is what a note takes beside its filter.
const trigramCost = 80

// noteTrigrams are the filters of the signed notes of a workspace that a search
// has read in this process. A signed version never changes, so a filter that is
// there is right; an amended note has a new one. Like the opened key, they are
// forgotten when the key is destroyed, and when nobody searches.
type noteTrigrams struct {
	mu   sync.Mutex
	of   map[uuid.UUID]versionTrigrams // by session
	size int
}

type versionTrigrams struct {
	number   int64
	trigrams model.Trigrams
}

func (v versionTrigrams) size() int { return trigramCost + 8*len(v.trigrams) }

// mayFind returns the places of the notes that have to be read, in their order.
func (n *noteTrigrams) mayFind(f *model.Finder, notes []weighed) []int {
	n.mu.Lock()
	defer n.mu.Unlock()
	var places []int
	for i, note := range notes {
		if v, known := n.of[note.id]; !known || v.number != note.versions || f.MayFind(v.trigrams) {
			places = append(places, i)
		}
	}
	return places
}

// knows is whether the filter of this version is kept.
func (n *noteTrigrams) knows(session uuid.UUID, version int64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	v, known := n.of[session]
	return known && v.number == version
}

// keep returns the size with what was learned.
func (n *noteTrigrams) keep(learned map[uuid.UUID]versionTrigrams) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.of == nil {
		n.of = make(map[uuid.UUID]versionTrigrams, len(learned))
	}
	for id, v := range learned {
		if before, known := n.of[id]; known {
			n.size -= before.size()
		}
		n.size += v.size()
	}
	maps.Copy(n.of, learned)
	return n.size
}

// keepTrigrams keeps what is committed: a write may take back what it sees.
func (tx *ReadTx) keepTrigrams(learned map[uuid.UUID]versionTrigrams) {
	if tx.writes || len(learned) == 0 {
		return
	}
	workspace := tx.scope.workspace
	size := tx.store.trigrams.of(workspace, tx.now).keep(learned)
	tx.store.trigrams.grown(workspace, size)
}
