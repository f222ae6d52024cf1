package platform

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// ListUsers returns everybody who signs in.
func (p *Platform) ListUsers(ctx context.Context, sc store.PlatformScope) ([]model.User, error) {
	all, err := p.store.Users(ctx, sc)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return all, nil
}

// AddAdmin lets somebody run the server. A new person is called by the address
// until they say their name.
func (p *Platform) AddAdmin(ctx context.Context, sc store.PlatformScope, email string) error {
	u, err := model.User{Email: model.Text(email), FullName: model.Text(email)}.Normalize()
	if err != nil {
		return err
	}
	if u.ID, err = p.newID(); err != nil {
		return err
	}
	err = p.store.Platform(ctx, sc, model.AdminAdd, func(tx *store.PlatformTx) error { return tx.AddAdmin(u) })
	if err != nil {
		return fmt.Errorf("add admin: %w", err)
	}
	return nil
}

// RemoveAdmin takes the right to run the server away.
func (p *Platform) RemoveAdmin(ctx context.Context, sc store.PlatformScope, email string) error {
	err := p.store.Platform(ctx, sc, model.AdminRemove, func(tx *store.PlatformTx) error { return tx.RemoveAdmin(email) })
	if err != nil {
		return fmt.Errorf("remove admin: %w", err)
	}
	return nil
}

// ResetFactor takes all second factors of somebody who has lost them away.
func (p *Platform) ResetFactor(ctx context.Context, sc store.PlatformScope, email string) error {
	job, err := p.newID()
	if err != nil {
		return err
	}
	err = p.store.Platform(ctx, sc, model.PlatformResetFactor, func(tx *store.PlatformTx) error { return tx.ResetFactor(job, email) })
	if err != nil {
		return fmt.Errorf("reset factor: %w", err)
	}
	return nil
}
