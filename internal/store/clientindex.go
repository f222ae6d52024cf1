package store

import (
	"fmt"
	"slices"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// keptNames returns the index of the workspace when it is there already: to
// make one for a page of the calendar would open every client for a few. A
// write does without, because it sees what is not committed.
func (tx *ReadTx) keptNames() *nameIndex {
	if tx.writes {
		return nil
	}
	index := tx.store.names.kept(tx.scope.workspace, tx.now)
	if index == nil || index.empty() {
		return nil
	}
	return index
}

// catchUp brings the index up to a change that is committed.
func (tx *ReadTx) catchUp(index *nameIndex, rev int64) error {
	index.mu.Lock()
	defer index.mu.Unlock()
	if index.rev >= rev {
		return nil
	}
	changed, err := changedNames(tx.ctx, tx.c, tx.box, tx.scope.workspace, index.rev)
	if err != nil {
		return fmt.Errorf("client names: %w", err)
	}
	index.take(changed)
	tx.store.names.grown(tx.scope.workspace, len(index.entries))
	return nil
}

// empty tells that nothing was put in yet.
func (x *nameIndex) empty() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.rev == 0
}

// name puts names into entries; false when it does not know all of them.
func (x *nameIndex) name(entries []model.CalendarEntry) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range entries {
		e := x.byID[entries[i].ClientID]
		if e == nil || !e.opened {
			return false
		}
		entries[i].ClientFirst, entries[i].ClientLast = e.first, e.last
	}
	return true
}

// take puts changed entries in; x is locked.
func (x *nameIndex) take(changed []*nameEntry) {
	if x.byID == nil {
		x.byID = make(map[uuid.UUID]*nameEntry, len(changed))
	}
	x.entries = merged(x.entries, changed)
	for _, e := range changed {
		x.byID[e.id] = e
		x.rev = max(x.rev, e.rev)
	}
}

// fewChanges are put into their places one by one; more are sorted in.
const fewChanges = 16

// merged returns entries with the changed ones instead of what they were, in
// their order, in a new slice.
func merged(entries, changed []*nameEntry) []*nameEntry {
	all := make([]*nameEntry, 0, len(entries)+len(changed))
	if len(changed) > fewChanges {
		fresh := make(map[uuid.UUID]bool, len(changed))
		for _, e := range changed {
			fresh[e.id] = true
		}
		for _, e := range entries {
			if !fresh[e.id] {
				all = append(all, e)
			}
		}
		all = append(all, changed...)
		slices.SortFunc(all, (*nameEntry).compare)
		return all
	}
	all = append(all, entries...)
	for _, e := range changed {
		if at := slices.IndexFunc(all, func(o *nameEntry) bool { return o.id == e.id }); at >= 0 {
			all = slices.Delete(all, at, at+1)
		}
		at, _ := slices.BinarySearchFunc(all, e, (*nameEntry).compare)
		all = slices.Insert(all, at, e)
	}
	return all
}
