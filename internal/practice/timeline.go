package practice

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// TimelineItem is one thing that happened with a client. Just one of its
// records is there.
type TimelineItem struct {
	At          time.Time
	ID          uuid.UUID
	Appointment *model.CalendarEntry
	Session     *model.Session
}

// TimelineQuery asks for a page of a client's timeline, the latest first.
type TimelineQuery struct {
	ClientID uuid.UUID
	// Appointments and Sessions say what to show. Sessions are left out for
	// those who may not read them.
	Appointments, Sessions bool
	Limit                  int
	After                  *model.Place
}

// Timeline returns a page of all that happened with a client, the latest
// first, and whether there is a page behind.
func (p *Practice) Timeline(ctx context.Context, sc store.Scope, q TimelineQuery) (items []TimelineItem, more bool, err error) {
	err = p.store.Read(ctx, sc, model.TimelineView, func(tx *store.ReadTx) error {
		if err := tx.HasClient(q.ClientID); err != nil {
			return err
		}
		visits, moreVisits, err := visitItems(tx, q)
		if err != nil {
			return err
		}
		notes, moreNotes, err := noteItems(tx, q)
		if err != nil {
			return err
		}
		items = slices.Concat(visits, notes)
		slices.SortFunc(items, latestFirst)
		more = moreVisits || moreNotes || len(items) > q.Limit
		items = items[:min(len(items), q.Limit)]
		for _, item := range items {
			if item.Session != nil {
				tx.Looked(model.SessionView, item.ID)
			}
		}
		tx.About(q.ClientID, len(items))
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("timeline: %w", err)
	}
	return items, more, nil
}

func latestFirst(a, b TimelineItem) int {
	return cmp.Or(b.At.Compare(a.At), bytes.Compare(b.ID[:], a.ID[:]))
}

func visitItems(tx *store.ReadTx, q TimelineQuery) ([]TimelineItem, bool, error) {
	if !q.Appointments {
		return nil, false, nil
	}
	found, more, err := tx.Appointments(model.AppointmentFilter{ClientID: q.ClientID, Latest: true, Limit: q.Limit, After: q.After})
	items := make([]TimelineItem, len(found))
	for i := range found {
		items[i] = TimelineItem{At: found[i].StartsAt, ID: found[i].ID, Appointment: &found[i]}
	}
	return items, more, err
}

func noteItems(tx *store.ReadTx, q TimelineQuery) ([]TimelineItem, bool, error) {
	if !q.Sessions || !tx.Scope().Role().May(model.SessionList) {
		return nil, false, nil
	}
	found, more, err := tx.Sessions(model.SessionFilter{ClientID: q.ClientID, Limit: q.Limit, After: q.After})
	items := make([]TimelineItem, len(found))
	for i := range found {
		items[i] = TimelineItem{At: found[i].SessionDate, ID: found[i].ID, Session: &found[i]}
	}
	return items, more, err
}
