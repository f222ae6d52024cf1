package practice

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// ListLocations returns a page of the locations that match the filter, sorted by
// name. They are settings, not records: only refusals are audited.
func (p *Practice) ListLocations(ctx context.Context, sc store.Scope, f model.EntryFilter) (page Page[model.Location], err error) {
	err = p.store.Peek(ctx, sc, model.LocationList, func(tx *store.ReadTx) error {
		all, err := tx.Locations()
		if err != nil {
			return err
		}
		page, err = pageOf(all, f)
		return err
	})
	if err != nil {
		return page, fmt.Errorf("list locations: %w", err)
	}
	return page, nil
}

// GetLocation returns one location, archived or not.
func (p *Practice) GetLocation(ctx context.Context, sc store.Scope, id uuid.UUID) (l model.Location, err error) {
	err = p.store.Peek(ctx, sc, model.LocationList, func(tx *store.ReadTx) error {
		l, err = tx.Location(id)
		return err
	})
	if err != nil {
		return l, fmt.Errorf("get location: %w", err)
	}
	return l, nil
}

// CheckLocation fails with NotFound when the workspace has no such location. A
// route asks before it judges a body.
func (p *Practice) CheckLocation(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID) error {
	return p.store.Peek(ctx, sc, act, func(tx *store.ReadTx) error {
		_, err := tx.Location(id)
		return err
	})
}

// CreateLocation adds a location. With a key, sending the same again answers
// with the location that the first request made.
func (p *Practice) CreateLocation(ctx context.Context, sc store.Scope, in model.Location, once model.OnceKey) (l model.Location, err error) {
	if in.ID, err = p.newID(); err != nil {
		return l, err
	}
	err = p.store.Write(ctx, sc, model.LocationCreate, func(tx *store.Tx) error {
		id, again, err := tx.Once(once, func() (uuid.UUID, error) {
			l, err = addLocation(tx, in)
			return in.ID, err
		})
		if err == nil && again {
			l, err = tx.Location(id)
		}
		return err
	})
	if err != nil {
		return l, fmt.Errorf("create location: %w", err)
	}
	return l, nil
}

func addLocation(tx *store.Tx, in model.Location) (model.Location, error) {
	in, all, err := judgedLocation(tx, in)
	if err != nil {
		return in, err
	}
	if len(all) >= model.MaxLocations {
		return in, model.ErrManyLocations
	}
	return tx.InsertLocation(in)
}

// judgedLocation returns the location as it may be stored, and all locations
// that there are.
func judgedLocation(tx *store.Tx, l model.Location) (model.Location, []model.Location, error) {
	l, err := l.Normalize()
	if err != nil {
		return l, nil, err
	}
	all, err := tx.Locations()
	if err != nil {
		return l, nil, err
	}
	return l, all, model.FreeName(l, all)
}

// UpdateLocation changes a location with change, which gets it as it is now, and
// the time. When version is not 0 it must be the current one, or the error is a
// Conflict that carries the location as it is now.
func (p *Practice) UpdateLocation(ctx context.Context, sc store.Scope, id uuid.UUID, version int64, change func(*model.Location, time.Time)) (l model.Location, err error) {
	err = p.store.Write(ctx, sc, model.LocationUpdate, func(tx *store.Tx) error {
		l, err = tx.Location(id)
		if err != nil {
			return err
		}
		if version != 0 && version != l.Version {
			return model.Stale(l)
		}
		next := l
		change(&next, tx.Now())
		if next, _, err = judgedLocation(tx, next); err != nil {
			return err
		}
		if next.Exclusive != l.Exclusive {
			if err := tx.HoldRoom(next); err != nil {
				return err
			}
		}
		l, err = tx.UpdateLocation(next)
		return err
	})
	if err != nil {
		return l, fmt.Errorf("update location: %w", err)
	}
	return l, nil
}

// DeleteLocation removes a location, or archives it when an appointment is
// at it, a deleted one too. Doing it again to an archived one is fine.
func (p *Practice) DeleteLocation(ctx context.Context, sc store.Scope, id uuid.UUID) error {
	err := p.store.Write(ctx, sc, model.LocationDelete, func(tx *store.Tx) error {
		l, err := tx.Location(id)
		if err != nil {
			return err
		}
		used, err := tx.LocationUsed(id)
		switch {
		case err != nil || (used && l.ArchivedAt != nil):
			return err
		case !used:
			return tx.DeleteLocation(id)
		}
		l.ArchivedAt = model.Shelved(nil, false, tx.Now())
		_, err = tx.UpdateLocation(l)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete location: %w", err)
	}
	return nil
}
