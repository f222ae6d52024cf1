package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// ListConsents returns a client's consent ledger, oldest first.
func (p *Practice) ListConsents(ctx context.Context, sc store.Scope, client uuid.UUID) (all []model.Consent, err error) {
	err = p.store.Read(ctx, sc, model.ConsentList, func(tx *store.ReadTx) error {
		all, err = tx.Consents(client)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list consents: %w", err)
	}
	return all, nil
}

// GiveConsent adds a line to a client's ledger.
func (p *Practice) GiveConsent(ctx context.Context, sc store.Scope, c model.Consent) (model.Consent, error) {
	c, err := c.Normalize()
	if err != nil {
		return c, err
	}
	if c.ID, err = p.newID(); err != nil {
		return c, err
	}
	err = p.store.Write(ctx, sc, model.ConsentGive, func(tx *store.Tx) error {
		if err := tx.HasClient(c.ClientID); err != nil {
			return err
		}
		c, err = tx.InsertConsent(c)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("give consent: %w", err)
	}
	return c, nil
}

// WithdrawConsent ends a line of a client's ledger; the line stays readable.
func (p *Practice) WithdrawConsent(ctx context.Context, sc store.Scope, client, id uuid.UUID) (c model.Consent, err error) {
	err = p.store.Write(ctx, sc, model.ConsentWithdraw, func(tx *store.Tx) error {
		if _, err := tx.Consent(client, id); err != nil {
			return err
		}
		if err := tx.WithdrawConsent(client, id); err != nil {
			return err
		}
		c, err = tx.Consent(client, id)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("withdraw consent: %w", err)
	}
	return c, nil
}
