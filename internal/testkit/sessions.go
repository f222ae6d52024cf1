package testkit

import (
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// AddNotes stores drafts of an author about a client, all at once; the first
// is of now, each further one a minute older.
func (k *Kit) AddNotes(author model.User, client uuid.UUID, n int, say func(i int) model.Sections) {
	k.T.Helper()
	err := k.Store.Write(k.T.Context(), k.Store.OperatorScope(author.WorkspaceID), model.SessionCreate, func(tx *store.Tx) error {
		for i := range n {
			s := model.Session{ID: uuid.New(), ClientID: client, AuthorID: author.ID}
			s.Sections, s.SessionDate = say(i), tx.Now().Add(-time.Duration(i)*time.Minute)
			if err := tx.InsertSession(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		k.T.Fatalf("fixture notes: %v", err)
	}
}
