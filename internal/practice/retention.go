package practice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// purgePart is how many rows go in one write, so that people's own writes do
// not wait long behind it.
const purgePart = 200

// Purged is how many records were removed for good.
type Purged struct{ Drafts, Notes, Appointments int }

// Purge removes what need not be kept any longer: drafts and free appointments
// that were deleted more than 30 days ago, and the notes of clients whose last
// visit is further back than the practice keeps them. Doing it again is fine.
func (p *Practice) Purge(ctx context.Context, workspace uuid.UUID) (done Purged, err error) {
	sc := p.store.SystemScope(workspace)
	if used, err := p.inUse(ctx, sc); err != nil || !used {
		return done, err
	}
	for _, step := range []struct {
		act   model.Action
		count *int
		find  func(*store.ReadTx) ([]uuid.UUID, error)
		purge func(*store.Tx, []uuid.UUID) error
	}{
		{model.SessionPurge, &done.Drafts, oldDrafts, (*store.Tx).PurgeSessions},
		{model.SessionPurge, &done.Notes, overdueNotes, (*store.Tx).PurgeSessions},
		{model.AppointmentPurge, &done.Appointments, oldAppointments, (*store.Tx).PurgeAppointments},
	} {
		n, failed := p.purge(ctx, sc, step.act, step.find, step.purge)
		if *step.count = n; failed != nil { // what one step cannot do, the others still can
			err = errors.Join(err, fmt.Errorf("purge: %w", failed))
		}
	}
	return done, err
}

// quiet is after how long without any event a practice is not purged. A clock
// that is wrong by years shows in the same way, and must not destroy anything.
const quiet = 180 * 24 * time.Hour

func (p *Practice) inUse(ctx context.Context, sc store.Scope) (used bool, err error) {
	err = p.store.Peek(ctx, sc, model.SessionPurge, func(tx *store.ReadTx) error {
		last, err := tx.LastEvent()
		used = tx.Now().Sub(last) < quiet
		return err
	})
	if err != nil {
		return false, fmt.Errorf("purge: %w", err)
	}
	return used, nil
}

// purge removes what find finds, part by part. What is to go is found again
// inside each write, because it may have been wanted back meanwhile.
func (p *Practice) purge(ctx context.Context, sc store.Scope, act model.Action, find func(*store.ReadTx) ([]uuid.UUID, error), remove func(*store.Tx, []uuid.UUID) error) (total int, err error) {
	for {
		var ids []uuid.UUID
		look := func(tx *store.ReadTx) error {
			ids, err = find(tx)
			return err
		}
		if err := p.store.Peek(ctx, sc, act, look); err != nil || len(ids) == 0 {
			return total, err
		}
		err := p.store.Write(ctx, sc, act, func(tx *store.Tx) error {
			if err := look(&tx.ReadTx); err != nil || len(ids) == 0 {
				return err
			}
			return remove(tx, ids)
		})
		if err != nil {
			return total, err
		}
		total += len(ids)
	}
}

func oldDrafts(tx *store.ReadTx) ([]uuid.UUID, error) {
	return tx.OldDrafts(tx.Now().Add(-model.RestoreWithin), purgePart)
}

func oldAppointments(tx *store.ReadTx) ([]uuid.UUID, error) {
	return tx.OldAppointments(tx.Now().Add(-model.RestoreWithin), purgePart)
}

// overdueNotes are notes of clients whose records need not be kept: nothing
// has happened for the years of the practice, and a child has been of age for
// as long.
func overdueNotes(tx *store.ReadTx) ([]uuid.UUID, error) {
	w, err := tx.Workspace()
	if err != nil {
		return nil, err
	}
	// A day more: the database itself counts years to another end of February.
	before := tx.Now().AddDate(-int(w.RetentionYears()), 0, -1)
	dormant, err := tx.DormantClients(before)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(dormant, purgePart) {
		clients, err := tx.Clients(part)
		if err != nil {
			return nil, err
		}
		ids, err := tx.SignedOf(grownUp(clients, before), purgePart)
		if err != nil || len(ids) > 0 {
			return ids, err
		}
	}
	return nil, nil
}

// grownUp are the clients who turned 18 before a time, or whose birth date is
// not known.
func grownUp(clients []model.Client, before time.Time) (ids []uuid.UUID) {
	for _, c := range clients {
		born, err := time.Parse(time.DateOnly, string(c.DateOfBirth))
		if err != nil || born.AddDate(model.AgeOfMajority, 0, 0).Before(before) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}
