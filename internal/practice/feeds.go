package practice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

const (
	// feedBack and feedAhead are how far a feed reaches from now.
	feedBack  = 30 * 24 * time.Hour
	feedAhead = 370 * 24 * time.Hour
	// maxFeeds bounds how many feeds a person may have.
	maxFeeds = 10
)

var errTooManyFeeds = &model.Error{Kind: model.Conflict, Code: "too_many", Detail: "You have 10 calendar feeds. Revoke one first."}

// busyWords is what a feed says instead of a name.
var busyWords = map[string]model.Text{"en": "Busy", "he": "תפוס"}

// ListFeeds returns the caller's feeds, oldest first.
func (p *Practice) ListFeeds(ctx context.Context, sc store.Scope) (all []model.Feed, err error) {
	err = p.store.Read(ctx, sc, model.FeedList, func(tx *store.ReadTx) error {
		all, err = tx.Feeds()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list feeds: %w", err)
	}
	return all, nil
}

// CreateFeed makes a feed of the caller's appointments. The token is its
// secret, shown this once; only a hash of it is stored.
func (p *Practice) CreateFeed(ctx context.Context, sc store.Scope, f model.Feed) (made model.Feed, token string, err error) {
	if f, err = f.Normalize(); err != nil {
		return f, "", err
	}
	if f.ID, err = p.newID(); err != nil {
		return f, "", err
	}
	raw := make([]byte, 32)
	if _, err := io.ReadFull(p.random, raw); err != nil {
		return f, "", fmt.Errorf("feed token: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(raw)
	err = p.store.Write(ctx, sc, model.FeedCreate, func(tx *store.Tx) error {
		all, err := tx.Feeds()
		if err != nil {
			return err
		}
		if len(all) >= maxFeeds {
			return errTooManyFeeds
		}
		tx.About(f.ID, 0)
		f.UserID, f.CreatedAt = sc.User(), tx.Now()
		return tx.InsertFeed(f, hashToken(token))
	})
	if err != nil {
		return f, "", fmt.Errorf("create feed: %w", err)
	}
	return f, token, nil
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// RevokeFeed ends one of the caller's feeds at once.
func (p *Practice) RevokeFeed(ctx context.Context, sc store.Scope, id uuid.UUID) error {
	err := p.store.Write(ctx, sc, model.FeedRevoke, func(tx *store.Tx) error { return tx.RevokeFeed(id) })
	if err != nil {
		return fmt.Errorf("revoke feed: %w", err)
	}
	return nil
}

// ReadFeed returns the iCalendar text of the feed behind a token. It is the
// same text for as long as nothing changes. An unknown or revoked token is
// NotFound.
func (p *Practice) ReadFeed(ctx context.Context, token string, request uuid.UUID) ([]byte, error) {
	f, sc, err := p.store.LiveFeed(ctx, hashToken(token))
	if err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	var out bytes.Buffer
	err = p.store.Read(ctx, sc.InRequest(request), model.FeedRead, func(tx *store.ReadTx) error {
		w, err := tx.Workspace()
		if err != nil {
			return err
		}
		// Whole days, so that the window alone does not change the text.
		today := tx.Now().Truncate(24 * time.Hour)
		all, err := tx.FeedEntries(f, today.Add(-feedBack), today.Add(feedAhead))
		if err != nil {
			return err
		}
		cal, err := feedCalendar(w, f, all)
		if err != nil {
			return err
		}
		return cal.WriteICS(&out)
	})
	if err != nil {
		return nil, fmt.Errorf("read feed: %w", err)
	}
	return out.Bytes(), nil
}

func feedCalendar(w model.Workspace, f model.Feed, all []model.CalendarEntry) (calendar.Feed, error) {
	zone, err := time.LoadLocation(w.TimeZone)
	if err != nil {
		return calendar.Feed{}, fmt.Errorf("workspace zone: %w", err)
	}
	cal := calendar.Feed{Name: w.Name, Zone: zone, Stamp: f.CreatedAt}
	for i := range all {
		e := feedEvent(w, f, &all[i])
		cal.Events = append(cal.Events, e)
		if e.Modified.After(cal.Stamp) {
			cal.Stamp = e.Modified
		}
	}
	return cal, nil
}

// feedEvent says as much of a visit as the feed's privacy allows.
func feedEvent(w model.Workspace, f model.Feed, e *model.CalendarEntry) calendar.Event {
	ev := calendar.Event{
		UID: e.ID.String() + "@pazpaz", Sequence: int(e.Version), Modified: e.UpdatedAt, Start: e.StartsAt, End: e.EndsAt,
		Cancelled: e.Status == model.Cancelled || e.DeletedAt != nil,
	}
	switch f.Privacy {
	case "first_name":
		ev.Summary, ev.Location = e.ClientFirst, e.LocationName
	case "initials":
		ev.Summary, ev.Location = model.Contact{FirstName: e.ClientFirst, LastName: e.ClientLast}.Initials(), e.LocationName
	default:
		ev.Summary = busyWords[w.Locale]
	}
	return ev
}
