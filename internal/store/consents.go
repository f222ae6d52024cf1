package store

import (
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const consentsSQL = `select id, client_id, kind, wording, given_at, given_by, withdrawn_at, withdrawn_by
	from consents where workspace_id = $1 and client_id = $2 order by given_at, id`

// Consents returns a client's ledger, oldest first.
func (tx *ReadTx) Consents(client uuid.UUID) ([]model.Consent, error) {
	if err := tx.HasClient(client); err != nil {
		return nil, err
	}
	r, err := tx.query(consentsSQL, client)
	all, err := collect(r, err, tx.scanConsent)
	tx.count += int64(len(all))
	return all, err
}

func (tx *ReadTx) scanConsent(r rows) (c model.Consent, err error) {
	var wording []byte
	err = r.Scan(&c.ID, &c.ClientID, &c.Kind, &wording, &c.GivenAt, &c.GivenBy, &c.WithdrawnAt, &c.WithdrawnBy)
	if err != nil {
		return c, fmt.Errorf("scan consent: %w", err)
	}
	w, err := openPair(tx.box, place("consents", "wording", c.ID), wording)
	c.TextVersion, c.Text = w.first, w.second
	return c, err
}

const insertConsentSQL = `insert into consents
	(workspace_id, id, client_id, kind, wording, given_at, given_by) values ($1, $2, $3, $4, $5, $6, $7)`

// InsertConsent adds a line to the client's ledger.
func (tx *Tx) InsertConsent(c model.Consent) (model.Consent, error) {
	c.GivenAt, c.GivenBy = tx.now, tx.scope.actor
	wording, err := pair{c.TextVersion, c.Text}.seal(tx.box, place("consents", "wording", c.ID))
	if err != nil {
		return c, err
	}
	_, err = tx.exec(insertConsentSQL, c.ID, c.ClientID, c.Kind, wording, c.GivenAt, c.GivenBy)
	if err != nil {
		return c, fmt.Errorf("insert consent: %w", err)
	}
	return c, tx.markConsented(c.ClientID)
}

const withdrawConsentSQL = `update consents set withdrawn_at = $4, withdrawn_by = $5
	where workspace_id = $1 and client_id = $2 and id = $3 and withdrawn_at is null`

// WithdrawConsent ends a line of the ledger. One that ended before is a
// Conflict.
func (tx *Tx) WithdrawConsent(client, id uuid.UUID) error {
	n, err := tx.exec(withdrawConsentSQL, client, id, tx.now, tx.scope.actor)
	if err != nil {
		return fmt.Errorf("withdraw consent: %w", err)
	}
	if n == 0 {
		return &model.Error{Kind: model.Conflict, Code: "withdrawn", Detail: "This consent was withdrawn before."}
	}
	return tx.markConsented(client)
}

const consentSQL = `select id, client_id, kind, wording, given_at, given_by, withdrawn_at, withdrawn_by
	from consents where workspace_id = $1 and client_id = $2 and id = $3`

// Consent returns one line of a client's ledger.
func (tx *ReadTx) Consent(client, id uuid.UUID) (model.Consent, error) {
	r, err := tx.query(consentSQL, client, id)
	found, err := collect(r, err, tx.scanConsent)
	if err != nil {
		return model.Consent{}, err
	}
	if len(found) == 0 {
		return model.Consent{}, model.ErrNotFound
	}
	return found[0], nil
}

const markConsentedSQL = `update clients set rev = $3, version = version + 1, updated_at = $4, consented = exists (
		select 1 from consents where consents.workspace_id = $1 and consents.client_id = $2 and withdrawn_at is null)
	where workspace_id = $1 and id = $2`

// markConsented keeps the client's flag equal to its ledger.
func (tx *Tx) markConsented(client uuid.UUID) error {
	rev, err := tx.nextRev()
	if err != nil {
		return err
	}
	if _, err := tx.exec(markConsentedSQL, client, rev, tx.now); err != nil {
		return fmt.Errorf("mark consent: %w", err)
	}
	tx.subject, tx.count = client, 1
	return nil
}
