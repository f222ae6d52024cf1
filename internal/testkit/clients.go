package testkit

import (
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// StoredClients returns every client of a workspace as a second process reads
// them: with their history, archived ones included, in the order of their ids.
func (k *Kit) StoredClients(workspace uuid.UUID) (all []model.Client) {
	k.T.Helper()
	other := k.OpenStore()
	err := other.Read(k.T.Context(), other.OperatorScope(workspace), model.ClientExport, func(tx *store.ReadTx) (err error) {
		all, err = tx.ClientsAfter(uuid.Nil, 100_000)
		return err
	})
	if err != nil {
		k.T.Fatalf("stored clients: %v", err)
	}
	return all
}

// StoredClient returns one client of Workspace1 as a second process reads it.
func (k *Kit) StoredClient(id string) model.Client {
	k.T.Helper()
	for _, c := range k.StoredClients(k.Workspace1.ID) {
		if c.ID.String() == id {
			return c
		}
	}
	k.T.Fatalf("client %s is not stored", id)
	return model.Client{}
}

// AddClients stores many clients at once.
func (k *Kit) AddClients(workspace uuid.UUID, all []model.Client) {
	k.T.Helper()
	err := k.Store.Write(k.T.Context(), k.Store.OperatorScope(workspace), model.ClientImport, func(tx *store.Tx) error {
		for _, c := range all {
			if c.ID == uuid.Nil {
				c.ID = uuid.New()
			}
			if _, err := tx.InsertClient(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		k.T.Fatalf("fixture clients: %v", err)
	}
}

// Audited returns what a workspace's audit trail says of an action, oldest
// first, as the second connection reads it.
func (k *Kit) Audited(workspace uuid.UUID, action model.Action) []AuditedEvent {
	k.T.Helper()
	rows := k.DB.Rows(`select outcome, subject_id, records, actor_id from audit_events
		where workspace_id = $1 and action = $2 and actor_kind <> 'operator' order by seq`, workspace.String(), action.String())
	all := make([]AuditedEvent, len(rows))
	for i, r := range rows {
		all[i] = AuditedEvent{Outcome: r[0], Subject: r[1], Records: r[2], Actor: r[3]}
	}
	return all
}

// AuditedEvent is one line of the audit trail, as text.
type AuditedEvent struct{ Outcome, Subject, Records, Actor string }
