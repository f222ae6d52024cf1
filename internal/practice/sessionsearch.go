package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// NoteMatch is a note in which something was found.
type NoteMatch struct {
	Session model.Session
	// Excerpts has one for each section with a hit, in their order.
	Excerpts []model.Excerpt
}

// NoteMatches is what a search inside notes found, the newest visit first.
type NoteMatches struct {
	Matches []NoteMatch
	// Scanned is how many notes were looked into.
	Scanned int
	// Truncated says that there may be more.
	Truncated bool
}

// SearchNotes looks inside the notes that the caller may see: drafts, signed
// ones and those entered in error.
func (p *Practice) SearchNotes(ctx context.Context, sc store.Scope, s model.NoteSearch) (found NoteMatches, err error) {
	err = p.store.Read(ctx, sc, model.SessionSearch, func(tx *store.ReadTx) error {
		if s, err = s.Normalize(); err != nil {
			return err
		}
		if s.ClientID != uuid.Nil {
			if err := tx.HasClient(s.ClientID); err != nil {
				return err
			}
		}
		found, err = lookInto(tx, s)
		tx.Searched(s.ClientID, len(found.Matches))
		return err
	})
	if err != nil {
		return NoteMatches{}, fmt.Errorf("search notes: %w", err)
	}
	return found, nil
}

func lookInto(tx *store.ReadTx, s model.NoteSearch) (found NoteMatches, err error) {
	var ids []uuid.UUID
	hits := map[uuid.UUID][]model.Excerpt{}
	found.Scanned, found.Truncated, err = tx.EachNote(s.ClientID, model.MaxScanned, model.NewFinder(s), func(id uuid.UUID, excerpts []model.Excerpt) bool {
		if len(ids) == s.Limit {
			return false
		}
		ids, hits[id] = append(ids, id), excerpts
		return true
	})
	if err != nil {
		return found, err
	}
	notes, err := tx.SessionsByID(ids)
	for _, id := range ids {
		if s, there := notes[id]; there {
			found.Matches = append(found.Matches, NoteMatch{s, hits[id]})
			tx.Looked(model.SessionView, id)
		}
	}
	return found, err
}
