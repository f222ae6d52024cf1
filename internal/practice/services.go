package practice

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// ListServices returns a page of the services that match the filter, sorted by
// name. They are settings, not records: only refusals are audited.
func (p *Practice) ListServices(ctx context.Context, sc store.Scope, f model.EntryFilter) (page Page[model.Service], err error) {
	err = p.store.Peek(ctx, sc, model.ServiceList, func(tx *store.ReadTx) error {
		all, err := tx.Services()
		if err != nil {
			return err
		}
		page, err = pageOf(all, f)
		return err
	})
	if err != nil {
		return page, fmt.Errorf("list services: %w", err)
	}
	return page, nil
}

// GetService returns one service, archived or not.
func (p *Practice) GetService(ctx context.Context, sc store.Scope, id uuid.UUID) (s model.Service, err error) {
	err = p.store.Peek(ctx, sc, model.ServiceList, func(tx *store.ReadTx) error {
		s, err = tx.Service(id)
		return err
	})
	if err != nil {
		return s, fmt.Errorf("get service: %w", err)
	}
	return s, nil
}

// CheckService fails with NotFound when the workspace has no such service. A
// route asks before it judges a body.
func (p *Practice) CheckService(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID) error {
	return p.store.Peek(ctx, sc, act, func(tx *store.ReadTx) error {
		_, err := tx.Service(id)
		return err
	})
}

// CreateService adds a service. With a key, sending the same again answers
// with the service that the first request made.
func (p *Practice) CreateService(ctx context.Context, sc store.Scope, in model.Service, once model.OnceKey) (s model.Service, err error) {
	if in.ID, err = p.newID(); err != nil {
		return s, err
	}
	err = p.store.Write(ctx, sc, model.ServiceCreate, func(tx *store.Tx) error {
		id, again, err := tx.Once(once, func() (uuid.UUID, error) {
			s, err = addService(tx, in)
			return in.ID, err
		})
		if err == nil && again {
			s, err = tx.Service(id)
		}
		return err
	})
	if err != nil {
		return s, fmt.Errorf("create service: %w", err)
	}
	return s, nil
}

func addService(tx *store.Tx, in model.Service) (model.Service, error) {
	in, all, err := judgedService(tx, in, nil)
	if err != nil {
		return in, err
	}
	if len(all) >= model.MaxServices {
		return in, model.ErrManyServices
	}
	return tx.InsertService(in)
}

// judgedService returns the service as it may be stored, its price in the
// workspace's currency unless it is the one before, and all services that
// there are.
func judgedService(tx *store.Tx, s model.Service, before *int64) (model.Service, []model.Service, error) {
	s, err := s.Normalize()
	if err != nil {
		return s, nil, err
	}
	all, err := tx.Services()
	if err != nil {
		return s, nil, err
	}
	if err := model.FreeName(s, all); err != nil {
		return s, nil, err
	}
	currency, err := tx.Currency()
	return s.Priced(before, currency), all, err
}

// UpdateService changes a service with change, which gets it as it is now, and
// the time. When version is not 0 it must be the current one, or the error is a
// Conflict that carries the service as it is now.
func (p *Practice) UpdateService(ctx context.Context, sc store.Scope, id uuid.UUID, version int64, change func(*model.Service, time.Time)) (s model.Service, err error) {
	err = p.store.Write(ctx, sc, model.ServiceUpdate, func(tx *store.Tx) error {
		s, err = tx.Service(id)
		if err != nil {
			return err
		}
		if version != 0 && version != s.Version {
			return model.Stale(s)
		}
		next := s
		change(&next, tx.Now())
		if next, _, err = judgedService(tx, next, s.Price); err != nil {
			return err
		}
		s, err = tx.UpdateService(next)
		return err
	})
	if err != nil {
		return s, fmt.Errorf("update service: %w", err)
	}
	return s, nil
}

// DeleteService removes a service, or archives it when an appointment is of
// it, a deleted one too. Doing it again to an archived one is fine.
func (p *Practice) DeleteService(ctx context.Context, sc store.Scope, id uuid.UUID) error {
	err := p.store.Write(ctx, sc, model.ServiceDelete, func(tx *store.Tx) error {
		s, err := tx.Service(id)
		if err != nil {
			return err
		}
		used, err := tx.ServiceUsed(id)
		switch {
		case err != nil || (used && s.ArchivedAt != nil):
			return err
		case !used:
			return tx.DeleteService(id)
		}
		s.ArchivedAt = model.Shelved(nil, false, tx.Now())
		_, err = tx.UpdateService(s)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete service: %w", err)
	}
	return nil
}
