package store

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const insertFeedSQL = `insert into calendar_feeds (workspace_id, id, user_id, token_hash, privacy, created_at) values ($1, $2, $3, $4, $5, $6)`

// InsertFeed adds a feed of whoever acts. Only the hash of its secret is kept.
func (tx *Tx) InsertFeed(f model.Feed, tokenHash []byte) error {
	if _, err := tx.exec(insertFeedSQL, f.ID, tx.scope.actor, tokenHash, f.Privacy, tx.now); err != nil {
		return fmt.Errorf("insert feed: %w", err)
	}
	tx.about(f.ID)
	return nil
}

const feedsSQL = `select id, user_id, privacy, created_at from calendar_feeds
	where workspace_id = $1 and user_id = $2 and revoked_at is null order by created_at, id`

// Feeds returns the live feeds of whoever acts, oldest first.
func (tx *ReadTx) Feeds() ([]model.Feed, error) {
	r, err := tx.query(feedsSQL, tx.scope.actor)
	all, err := collect(r, err, func(r rows) (f model.Feed, err error) {
		return f, r.Scan(&f.ID, &f.UserID, &f.Privacy, &f.CreatedAt)
	})
	if err != nil {
		return nil, fmt.Errorf("feeds: %w", err)
	}
	tx.count += int64(len(all))
	return all, nil
}

const revokeFeedSQL = `update calendar_feeds set revoked_at = $4
	where workspace_id = $1 and user_id = $2 and id = $3 and revoked_at is null`

// RevokeFeed ends a feed of whoever acts; NotFound when there is none that
// lives.
func (tx *Tx) RevokeFeed(id uuid.UUID) error {
	n, err := tx.exec(revokeFeedSQL, tx.scope.actor, id, tx.now)
	if err != nil {
		return fmt.Errorf("revoke feed: %w", err)
	}
	tx.about(id)
	if n == 0 {
		return model.ErrNotFound
	}
	return nil
}

const liveFeedSQL = `select f.workspace_id, f.id, f.user_id, f.privacy, f.created_at
	from calendar_feeds f
	join members m on m.workspace_id = f.workspace_id and m.user_id = f.user_id and m.active = true and m.role <> 'assistant'
	join workspaces w on w.id = f.workspace_id and w.status = 'active'
	where f.token_hash = $1 and f.revoked_at is null`

// LiveFeed returns the feed behind a secret, of an active clinician of an
// active workspace, with a scope that may read it and nothing else. The error
// is NotFound.
func (s *Store) LiveFeed(ctx context.Context, tokenHash []byte) (f model.Feed, sc Scope, err error) {
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, liveFeedSQL, tokenHash)
		return one(r, err, &sc.workspace, &f.ID, &f.UserID, &f.Privacy, &f.CreatedAt)
	})
	if err != nil {
		return f, Scope{}, fmt.Errorf("live feed: %w", missing(err))
	}
	sc.actor, sc.role = f.UserID, model.Subscriber
	return f, sc, nil
}

const feedEntriesSQL = entriesSQL + ` and a.practitioner_id = $2 and a.starts_at > $3 and a.starts_at < $4 order by a.starts_at, a.id limit 5000`

// FeedEntries returns the appointments of a feed between two times, those in
// the trash as well, so that copies elsewhere learn that they are gone.
func (tx *ReadTx) FeedEntries(f model.Feed, from, to time.Time) ([]model.CalendarEntry, error) {
	r, err := tx.query(feedEntriesSQL, f.UserID, from, to)
	all, err := collect(r, err, tx.scanEntry)
	if err != nil {
		return nil, fmt.Errorf("appointments of feed: %w", err)
	}
	tx.About(f.ID, len(all))
	return all, nil
}
