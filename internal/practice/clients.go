package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// ClientWithVisits is a client and what the calendar knows of it.
type ClientWithVisits struct {
	model.Client
	model.ClientVisits
}

// ClientPage is one page of a list of clients.
type ClientPage struct {
	// Clients have no history. Visits are filled when they were asked for.
	Clients []ClientWithVisits
	// Total is how many match on all pages.
	Total int
	// More tells that there is a page behind this one.
	More bool
}

// ListClients returns a page of the clients that match the filter.
func (p *Practice) ListClients(ctx context.Context, sc store.Scope, f model.ClientFilter, visits bool) (page ClientPage, err error) {
	err = p.store.Read(ctx, sc, model.ClientList, func(tx *store.ReadTx) error {
		found, total, more, err := tx.FindClients(f)
		if err != nil {
			return err
		}
		page.Total, page.More = total, more
		page.Clients, err = withVisits(tx, found, visits)
		return err
	})
	if err != nil {
		return ClientPage{}, fmt.Errorf("list clients: %w", err)
	}
	return page, nil
}

func withVisits(tx *store.ReadTx, found []model.Client, wanted bool) ([]ClientWithVisits, error) {
	all := make([]ClientWithVisits, len(found))
	ids := make([]uuid.UUID, len(found))
	for i, c := range found {
		all[i].Client, ids[i] = c, c.ID
	}
	if !wanted {
		return all, nil
	}
	visits, err := tx.ClientVisits(ids)
	for i := range all {
		all[i].ClientVisits = visits[all[i].ID]
	}
	return all, err
}

// GetClient returns one client, archived or not, with its visits.
func (p *Practice) GetClient(ctx context.Context, sc store.Scope, id uuid.UUID) (c ClientWithVisits, err error) {
	err = p.store.Read(ctx, sc, model.ClientView, func(tx *store.ReadTx) error {
		c, err = clientNow(tx, id)
		return err
	})
	if err != nil {
		return ClientWithVisits{}, fmt.Errorf("get client: %w", err)
	}
	return c, nil
}

func clientNow(tx *store.ReadTx, id uuid.UUID) (ClientWithVisits, error) {
	c, err := tx.Client(id)
	if err != nil {
		return ClientWithVisits{}, err
	}
	all, err := withVisits(tx, []model.Client{c}, true)
	return all[0], err
}

// CreateClient adds a client. With a key, sending the same again answers with
// the client that the first request made. It also returns clients that may
// be the same person.
func (p *Practice) CreateClient(ctx context.Context, sc store.Scope, in model.Client, once model.OnceKey) (c ClientWithVisits, like []model.Duplicate, err error) {
	if in.ID, err = p.newID(); err != nil {
		return c, nil, err
	}
	if err = p.store.RefreshNames(ctx, sc); err != nil {
		return c, nil, fmt.Errorf("create client: %w", err)
	}
	err = p.store.Write(ctx, sc, model.ClientCreate, func(tx *store.Tx) error {
		in, err := judged(&tx.ReadTx, in)
		if err != nil {
			return err
		}
		id, again, err := tx.Once(once, func() (uuid.UUID, error) {
			if like, err = twins(&tx.ReadTx, in.Contact, in.ID); err != nil {
				return in.ID, err
			}
			c.Client, err = tx.InsertClient(in)
			return in.ID, err
		})
		if err != nil || !again {
			return err
		}
		if like, err = twins(&tx.ReadTx, in.Contact, id); err != nil {
			return err
		}
		c, err = clientNow(&tx.ReadTx, id)
		return err
	})
	if err != nil {
		return c, nil, fmt.Errorf("create client: %w", err)
	}
	return c, like, nil
}

// twins returns the clients that may be the same person, for a person of whom
// enough is known.
func twins(tx *store.ReadTx, c model.Contact, except uuid.UUID) ([]model.Duplicate, error) {
	if c.Phone == "" && c.Email == "" && c.DateOfBirth == "" {
		return nil, nil
	}
	return tx.FindDuplicates(c, except)
}

// judged returns the client as it may be stored, judged by the workspace's
// date, and refuses a history from a role that may not write one.
func judged(tx *store.ReadTx, c model.Client) (model.Client, error) {
	if c.History != (model.History{}) && !tx.Scope().Role().May(model.ClientHistory) {
		return c, model.ErrDenied
	}
	today, err := tx.Today()
	if err != nil {
		return c, err
	}
	return c.Normalize(today)
}

// FindDuplicates returns clients that may be the same person as c, other than
// the one with the id except.
func (p *Practice) FindDuplicates(ctx context.Context, sc store.Scope, c model.Contact, except uuid.UUID) (like []model.Duplicate, err error) {
	err = p.store.Read(ctx, sc, model.ClientDuplicates, func(tx *store.ReadTx) error {
		if err := c.CheckLike(); err != nil {
			return err
		}
		like, err = twins(tx, c, except)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find duplicates: %w", err)
	}
	return like, nil
}

// CheckClient fails with NotFound when the workspace has no such client. A
// route asks before it judges a body, so that a foreign id answers the same
// whatever the body is.
func (p *Practice) CheckClient(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID) error {
	return p.store.Peek(ctx, sc, act, func(tx *store.ReadTx) error { return tx.HasClient(id) })
}

// UpdateClient changes a client with change, which gets it as it is now. When
// version is not 0 it must be the current one, or the error is a Conflict
// that carries the client as it is now.
func (p *Practice) UpdateClient(ctx context.Context, sc store.Scope, id uuid.UUID, version int64, change func(*model.Client)) (c ClientWithVisits, err error) {
	err = p.store.Write(ctx, sc, model.ClientUpdate, func(tx *store.Tx) error {
		c, err = clientNow(&tx.ReadTx, id)
		if err != nil {
			return err
		}
		if version != 0 && version != c.Version {
			return model.Stale(c)
		}
		next := c.Client
		change(&next)
		if next, err = judged(&tx.ReadTx, next); err != nil {
			return err
		}
		c.Client, err = tx.UpdateClient(next)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("update client: %w", err)
	}
	return c, nil
}

// ArchiveClient hides a client from lists and bookings. Doing it again is
// fine.
func (p *Practice) ArchiveClient(ctx context.Context, sc store.Scope, id uuid.UUID) error {
	err := p.store.Write(ctx, sc, model.ClientArchive, func(tx *store.Tx) error {
		c, err := tx.Client(id)
		if err != nil || c.ArchivedAt != nil {
			return err
		}
		now := tx.Now()
		return tx.SetClientArchived(id, &now)
	})
	if err != nil {
		return fmt.Errorf("archive client: %w", err)
	}
	return nil
}

// RestoreClient brings an archived client back. Doing it again is fine.
func (p *Practice) RestoreClient(ctx context.Context, sc store.Scope, id uuid.UUID) (c ClientWithVisits, err error) {
	err = p.store.Write(ctx, sc, model.ClientRestore, func(tx *store.Tx) error {
		c, err = clientNow(&tx.ReadTx, id)
		if err != nil || c.ArchivedAt == nil {
			return err
		}
		if err := tx.SetClientArchived(id, nil); err != nil {
			return err
		}
		c, err = clientNow(&tx.ReadTx, id)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("restore client: %w", err)
	}
	return c, nil
}
