package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// blacklistKey is the keyed hash by which an entry is found: for an address the
// same as a user's.
func blacklistKey(box *crypt.Box, kind, value string) []byte {
	if kind == "email" {
		return emailKey(box, value)
	}
	return box.Lookup("blacklisted domain", []byte(value))
}

// Blacklisted reports whether an address may not sign in: it is on the list,
// or its domain is, or one above that.
func (tx *IdentityTx) Blacklisted(email string) (bool, error) {
	keys := []any{emailKey(tx.box, email)}
	for _, domain := range model.MailDomains(model.CanonicalEmail(email)) {
		keys = append(keys, blacklistKey(tx.box, "domain", domain))
	}
	var n int64
	r, err := tx.c.query(tx.ctx, `select 1 from blacklist where entry_key in (`+placeholders(1, len(keys))+`) limit 1`, keys...)
	switch err := one(r, err, &n); {
	case err == nil:
		return true, nil
	case errors.Is(err, errNoRow):
		return false, nil
	default:
		return true, fmt.Errorf("blacklist: %w", err)
	}
}

const insertBlacklistSQL = `insert into blacklist (id, kind, entry_key, details, added_by, created_at) values ($1, $2, $3, $4, $5, $6)`

// InsertBlacklist keeps an address or a domain out: sessions, links and
// invitations of whoever it matches end in the same transaction. An admin of
// the platform is not kept out.
func (tx *PlatformTx) InsertBlacklist(b model.BlacklistEntry) (model.BlacklistEntry, error) {
	tx.about(b.ID)
	b.CreatedAt, b.AddedBy = tx.now, tx.scope.actor
	details, err := pair{b.Value, b.Reason}.seal(tx.box, place("blacklist", "details", b.ID))
	if err != nil {
		return b, err
	}
	key := blacklistKey(tx.box, b.Kind, string(b.Value))
	_, err = tx.c.exec(tx.ctx, insertBlacklistSQL, b.ID, b.Kind, key, details, orNobody(b.AddedBy), tx.now)
	if err != nil && tx.store.eng.class(err) == uniqueError {
		return b, model.ErrOnBlacklist
	}
	if err != nil {
		return b, fmt.Errorf("insert into blacklist: %w", err)
	}
	return b, tx.eachListed(b, tx.block)
}

const (
	blockSQL       = `update users set blocked_at = $2, epoch = epoch + 1 where email_key = $1 and blocked_at is null`
	dropLinksSQL   = `delete from sign_in_links where user_id in (select id from users where email_key = $1)`
	uninviteSQL    = `update invitations set revoked_at = $2 where email_key = $1 and accepted_at is null and revoked_at is null`
	unblockSQL     = `update users set blocked_at = null where email_key = $1`
	adminByMailSQL = `select 1 from platform_admins p join users u on u.id = p.user_id where u.email_key = $1`
)

// block ends all that somebody with the address has begun.
func (tx *PlatformTx) block(email string) error {
	key := emailKey(tx.box, email)
	var n int64
	r, err := tx.c.query(tx.ctx, adminByMailSQL, key)
	if err := one(r, err, &n); err == nil {
		return model.ErrAdminListed
	} else if !errors.Is(err, errNoRow) {
		return fmt.Errorf("admin by address: %w", err)
	}
	for _, s := range []stmt{{blockSQL, []any{key, tx.now}}, {dropLinksSQL, []any{key}}, {uninviteSQL, []any{key, tx.now}}} {
		if _, err := tx.c.exec(tx.ctx, s.sql, s.args...); err != nil {
			return fmt.Errorf("block: %w", err)
		}
	}
	return nil
}

// unblock lets somebody sign in again, unless another entry keeps them out.
func (tx *PlatformTx) unblock(email string) error {
	listed, err := tx.Blacklisted(email)
	if err != nil || listed {
		return err
	}
	if _, err := tx.c.exec(tx.ctx, unblockSQL, emailKey(tx.box, email)); err != nil {
		return fmt.Errorf("unblock: %w", err)
	}
	return nil
}

const (
	profilesSQL = `select id, profile from users`
	invitedSQL  = `select id, details from invitations where accepted_at is null and revoked_at is null`
)

// eachListed runs fn for each known address that an entry matches. Addresses
// are sealed, so those of a domain are found by opening them all.
func (tx *PlatformTx) eachListed(b model.BlacklistEntry, fn func(email string) error) error {
	if b.Kind == "email" {
		return fn(string(b.Value))
	}
	known, err := tx.addresses(profilesSQL, "users", "profile")
	if err != nil {
		return err
	}
	invited, err := tx.addresses(invitedSQL, "invitations", "details")
	if err != nil {
		return err
	}
	for _, email := range append(known, invited...) {
		if _, domain, _ := strings.Cut(email, "@"); domain != string(b.Value) && !strings.HasSuffix(domain, "."+string(b.Value)) {
			continue
		}
		if err := fn(email); err != nil {
			return err
		}
	}
	return nil
}

func (tx *PlatformTx) addresses(query, table, column string) ([]string, error) {
	r, err := tx.c.query(tx.ctx, query)
	all, err := collect(r, err, func(r rows) (string, error) {
		var id uuid.UUID
		var sealed []byte
		if err := r.Scan(&id, &sealed); err != nil {
			return "", err
		}
		p, err := openPair(tx.box, place(table, column, id), sealed)
		return string(p.first), err
	})
	if err != nil {
		return nil, fmt.Errorf("addresses: %w", err)
	}
	return all, nil
}

const (
	blacklistSQL = `select id, kind, details, added_by, created_at from blacklist`
	// The ids begin with the time, so their order is that of the entries.
	blacklistPageSQL  = blacklistSQL + ` where id < $1 order by id desc limit $2`
	blacklistEntrySQL = blacklistSQL + ` where id = $1`
)

func scanBlacklist(r rows, box *crypt.Box) (b model.BlacklistEntry, err error) {
	var details []byte
	var by *uuid.UUID
	if err := r.Scan(&b.ID, &b.Kind, &details, &by, &b.CreatedAt); err != nil {
		return b, fmt.Errorf("scan blacklist: %w", err)
	}
	if by != nil {
		b.AddedBy = *by
	}
	p, err := openPair(box, place("blacklist", "details", b.ID), details)
	b.Value, b.Reason = p.first, p.second
	return b, err
}

// Blacklist returns entries older than the one called after, the newest first.
func (s *Store) Blacklist(ctx context.Context, sc PlatformScope, after uuid.UUID, limit int) (all []model.BlacklistEntry, err error) {
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	err = s.look(ctx, sc, model.BlacklistList, uuid.Nil, func(c conn) error {
		r, err := c.query(ctx, blacklistPageSQL, orLast(after), int64(limit))
		all, err = collect(r, err, func(r rows) (model.BlacklistEntry, error) { return scanBlacklist(r, box) })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("blacklist: %w", err)
	}
	return all, nil
}

// orLast is an id behind all others for the zero id, where lists begin.
func orLast(id uuid.UUID) uuid.UUID {
	if id == uuid.Nil {
		return uuid.Max
	}
	return id
}

const deleteBlacklistSQL = `delete from blacklist where id = $1`

// DeleteBlacklist takes an entry off; whoever no other entry matches may sign
// in again.
func (tx *PlatformTx) DeleteBlacklist(id uuid.UUID) error {
	tx.about(id)
	r, err := tx.c.query(tx.ctx, blacklistEntrySQL, id)
	found, err := collect(r, err, func(r rows) (model.BlacklistEntry, error) { return scanBlacklist(r, tx.box) })
	if err != nil {
		return fmt.Errorf("blacklist entry: %w", err)
	}
	if len(found) == 0 {
		return model.ErrNotFound
	}
	if _, err := tx.c.exec(tx.ctx, deleteBlacklistSQL, id); err != nil {
		return fmt.Errorf("delete from blacklist: %w", err)
	}
	return tx.eachListed(found[0], tx.unblock)
}
