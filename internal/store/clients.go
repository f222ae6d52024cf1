package store

import (
	"fmt"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const clientCols = `id, contact, consented, archived_at, version, created_at, updated_at`

// scanClient opens a client without its history.
func (tx *ReadTx) scanClient(r rows, more ...any) (model.Client, error) {
	c := model.Client{WorkspaceID: tx.scope.workspace}
	var contact []byte
	dest := append([]any{&c.ID, &contact, &c.Consented, &c.ArchivedAt, &c.Version, &c.CreatedAt, &c.UpdatedAt}, more...)
	if err := r.Scan(dest...); err != nil {
		return c, fmt.Errorf("scan client: %w", err)
	}
	var err error
	c.Contact, err = openContact(tx.box, c.ID, contact)
	return c, err
}

func openContact(box *crypt.Box, id uuid.UUID, sealed []byte) (model.Contact, error) {
	raw, err := box.Open(place("clients", "contact", id), sealed)
	if err != nil {
		return model.Contact{}, err
	}
	return unpackContact(raw)
}

const clientSQL = `select ` + clientCols + `, history from clients where workspace_id = $1 and id = $2`

// Client returns one client, archived or not. History is empty for a role
// that may not read it. The error is NotFound when there is none here.
func (tx *ReadTx) Client(id uuid.UUID) (model.Client, error) {
	again := tx.subject == id && tx.count > 0
	tx.subject = id
	r, err := tx.query(clientSQL, id)
	if err != nil {
		return model.Client{}, err
	}
	defer r.Close()
	if !r.Next() {
		return model.Client{}, missing(noRow(r))
	}
	var history []byte
	c, err := tx.scanClient(r, &history)
	if err != nil {
		return c, err
	}
	if !again { // one record, however often it is read
		tx.count++
	}
	if history != nil && tx.scope.role.May(model.ClientHistory) {
		h, err := openPair(tx.box, place("clients", "history", id), history)
		c.History = model.History{MedicalHistory: h.first, Notes: h.second}
		return c, err
	}
	return c, nil
}

const clientExistsSQL = `select version from clients where workspace_id = $1 and id = $2`

// HasClient fails with NotFound when there is no such client here.
func (tx *ReadTx) HasClient(id uuid.UUID) error {
	tx.subject = id
	var version int64
	r, err := tx.query(clientExistsSQL, id)
	return missing(one(r, err, &version))
}

// Clients returns the clients with these ids, in their order, without
// history. Ids that are not here are left out.
func (tx *ReadTx) Clients(ids []uuid.UUID) ([]model.Client, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	text := `select ` + clientCols + ` from clients where workspace_id = $1 and id in (` + placeholders(2, len(ids)) + `)`
	r, err := tx.query(text, args...)
	found, err := collect(r, err, func(r rows) (model.Client, error) { return tx.scanClient(r) })
	if err != nil {
		return nil, err
	}
	tx.count += int64(len(found))
	return inOrder(ids, found), nil
}

func inOrder(ids []uuid.UUID, found []model.Client) []model.Client {
	at := make(map[uuid.UUID]int, len(found))
	for i, c := range found {
		at[c.ID] = i
	}
	all := make([]model.Client, 0, len(found))
	for _, id := range ids {
		if i, ok := at[id]; ok {
			all = append(all, found[i])
		}
	}
	return all
}

const bumpClientsSQL = `update workspaces set clients_rev = clients_rev + 1 where id = $1 returning clients_rev`

// nextRev counts a change to the workspace's clients, one for all that a
// transaction changes; the search index knows by it what it has not seen.
func (tx *Tx) nextRev() (int64, error) {
	tx.changedClients = true
	if tx.rev != 0 {
		return tx.rev, nil
	}
	r, err := tx.query(bumpClientsSQL)
	if err := one(r, err, &tx.rev); err != nil {
		return 0, fmt.Errorf("count client change: %w", err)
	}
	return tx.rev, nil
}

const insertClientSQL = `insert into clients
	(workspace_id, id, contact, history, consented, archived_at, rev, version, created_at, updated_at)
	values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)`

// InsertClient adds a client and returns it as stored, with version 1.
func (tx *Tx) InsertClient(c model.Client) (model.Client, error) {
	another := tx.rev != 0
	rev, err := tx.nextRev()
	if err != nil {
		return c, err
	}
	c.WorkspaceID, c.Version, c.CreatedAt, c.UpdatedAt = tx.scope.workspace, 1, tx.now, tx.now
	contact, history, err := tx.sealClient(c)
	if err != nil {
		return c, err
	}
	_, err = tx.exec(insertClientSQL, c.ID, contact, history, c.Consented, c.ArchivedAt, rev, tx.now)
	if err != nil {
		return c, fmt.Errorf("insert client: %w", err)
	}
	tx.about(c.ID)
	if another {
		tx.subject = uuid.Nil // an import is about many
	}
	return c, nil
}

// sealClient returns the client's two sealed columns; a history that is empty
// is stored as null.
func (tx *Tx) sealClient(c model.Client) (contact, history []byte, err error) {
	contact, err = tx.box.Seal(place("clients", "contact", c.ID), packContact(c.Contact))
	if err != nil || c.History == (model.History{}) {
		return contact, nil, err
	}
	history, err = pair{c.MedicalHistory, c.Notes}.seal(tx.box, place("clients", "history", c.ID))
	return contact, history, err
}

const updateClientSQL = `update clients set contact = $3, history = $4, rev = $5, version = version + 1, updated_at = $6
	where workspace_id = $1 and id = $2 and version = $7 returning version`

// updateContactSQL is for roles that cannot read the history: it stays.
const updateContactSQL = `update clients set contact = $3, rev = $4, version = version + 1, updated_at = $5
	where workspace_id = $1 and id = $2 and version = $6 returning version`

// UpdateClient stores the client's fields over the version it carries and
// returns it with the new one.
func (tx *Tx) UpdateClient(c model.Client) (model.Client, error) {
	rev, err := tx.nextRev()
	if err != nil {
		return c, err
	}
	contact, history, err := tx.sealClient(c)
	if err != nil {
		return c, err
	}
	var r rows
	if tx.scope.role.May(model.ClientHistory) {
		r, err = tx.query(updateClientSQL, c.ID, contact, history, rev, tx.now, c.Version)
	} else {
		r, err = tx.query(updateContactSQL, c.ID, contact, rev, tx.now, c.Version)
	}
	if err := one(r, err, &c.Version); err != nil {
		return c, fmt.Errorf("update client: %w", err)
	}
	c.UpdatedAt = tx.now
	tx.subject, tx.count = c.ID, 1
	return c, nil
}

const archiveClientSQL = `update clients set archived_at = $3, rev = $4, version = version + 1, updated_at = $5
	where workspace_id = $1 and id = $2`

// SetClientArchived archives the client at the given time, or restores it
// when at is nil.
func (tx *Tx) SetClientArchived(id uuid.UUID, at *time.Time) error {
	rev, err := tx.nextRev()
	if err != nil {
		return err
	}
	n, err := tx.exec(archiveClientSQL, id, at, rev, tx.now)
	if err != nil {
		return fmt.Errorf("archive client: %w", err)
	}
	if n == 0 {
		return model.ErrNotFound
	}
	tx.subject, tx.count = id, 1
	return nil
}

const exportClientsSQL = `select ` + clientCols + `, history from clients where workspace_id = $1 and id > $2 order by id limit $3`

// ClientsAfter returns up to limit clients with their history in the order of
// their ids, after the given one; it is how an export walks all of them.
func (tx *ReadTx) ClientsAfter(id uuid.UUID, limit int) ([]model.Client, error) {
	r, err := tx.query(exportClientsSQL, id, int64(limit))
	all, err := collect(r, err, func(r rows) (model.Client, error) {
		var history []byte
		c, err := tx.scanClient(r, &history)
		if err != nil || history == nil || !tx.scope.role.May(model.ClientHistory) {
			return c, err
		}
		h, err := openPair(tx.box, place("clients", "history", c.ID), history)
		c.History = model.History{MedicalHistory: h.first, Notes: h.second}
		return c, err
	})
	tx.count += int64(len(all))
	return all, err
}
