package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// SessionPage is one page of a list of notes.
type SessionPage struct {
	Sessions []model.Session
	// Total is how many match on all pages.
	Total int
	// More tells that there is a page behind this one.
	More bool
}

// ListSessions returns a page of the notes that match the filter and that the
// caller may see, the newest visit first.
func (p *Practice) ListSessions(ctx context.Context, sc store.Scope, f model.SessionFilter) (page SessionPage, err error) {
	err = p.store.Read(ctx, sc, model.SessionList, func(tx *store.ReadTx) error {
		if page.Sessions, page.More, err = tx.Sessions(f); err != nil {
			return err
		}
		if page.Total = len(page.Sessions); f.After != nil || page.More {
			page.Total, err = tx.CountSessions(f)
		}
		for i := range page.Sessions {
			tx.Looked(model.SessionView, page.Sessions[i].ID)
		}
		tx.About(f.ClientID, len(page.Sessions))
		return err
	})
	if err != nil {
		return SessionPage{}, fmt.Errorf("list sessions: %w", err)
	}
	return page, nil
}

// GetSession returns one note that is not in the trash. A note that the caller
// may not see is NotFound.
func (p *Practice) GetSession(ctx context.Context, sc store.Scope, id uuid.UUID) (s model.Session, err error) {
	err = p.store.Read(ctx, sc, model.SessionView, func(tx *store.ReadTx) error {
		s, err = presentSession(tx, id)
		return err
	})
	if err != nil {
		return model.Session{}, fmt.Errorf("get session: %w", err)
	}
	return s, nil
}

// presentSession is a note that is not in the trash.
func presentSession(tx *store.ReadTx, id uuid.UUID) (model.Session, error) {
	s, err := tx.Session(id)
	if err == nil && s.DeletedAt != nil {
		return s, model.ErrNotFound
	}
	return s, err
}

// LatestSession returns the newest signed note about a client by the time of
// the visit: what was planned last time. The error is NotFound when there is
// none; of that the trail says nothing, since nobody was kept from anything.
func (p *Practice) LatestSession(ctx context.Context, sc store.Scope, client uuid.UUID) (model.Session, error) {
	var id uuid.UUID
	err := p.store.Peek(ctx, sc, model.SessionView, func(tx *store.ReadTx) (err error) {
		if err := tx.HasClient(client); err != nil {
			return err
		}
		id, err = tx.LatestSigned(client)
		return err
	})
	if err != nil {
		return model.Session{}, fmt.Errorf("latest session: %w", err)
	}
	if id == uuid.Nil {
		return model.Session{}, model.ErrNotFound
	}
	return p.GetSession(ctx, sc, id)
}

// ListVersions returns the signed versions of a note, the newest first; none
// for a draft.
func (p *Practice) ListVersions(ctx context.Context, sc store.Scope, id uuid.UUID) (all []model.SessionVersion, err error) {
	err = p.store.Read(ctx, sc, model.SessionView, func(tx *store.ReadTx) error {
		if err := tx.HasSession(id); err != nil {
			return err
		}
		all, err = tx.SessionVersions(id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	return all, nil
}

// CheckSession fails with NotFound when the caller sees no such note, so that
// a foreign id answers the same whatever the body is.
func (p *Practice) CheckSession(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID) error {
	return p.store.Peek(ctx, sc, act, func(tx *store.ReadTx) error { return tx.HasSession(id) })
}
