package store

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const oldDraftsSQL = `select id from sessions where workspace_id = $1 and deleted_at < $2 and status = 'draft' order by deleted_at limit $3`

// OldDrafts returns drafts that were deleted before a time.
func (tx *ReadTx) OldDrafts(before time.Time, limit int) ([]uuid.UUID, error) {
	return tx.idsOf("old drafts", oldDraftsSQL, before, int64(limit))
}

const oldAppointmentsSQL = `select a.id from appointments a
	where a.workspace_id = $1 and a.deleted_at < $2 and a.payment_status in ('not_paid', 'waived') and a.paid_at is null
	and not exists (select 1 from sessions s where s.workspace_id = $1 and s.appointment_id = a.id)
	order by a.deleted_at limit $3`

// OldAppointments returns appointments that were deleted before a time, were
// not paid for, and have no note.
func (tx *ReadTx) OldAppointments(before time.Time, limit int) ([]uuid.UUID, error) {
	return tx.idsOf("old appointments", oldAppointmentsSQL, before, int64(limit))
}

func (tx *ReadTx) idsOf(what, text string, args ...any) ([]uuid.UUID, error) {
	r, err := tx.query(text, args...)
	ids, err := collect(r, err, func(r rows) (id uuid.UUID, err error) { return id, r.Scan(&id) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return ids, nil
}

const deletePurgedAppointmentsSQL = `delete from appointments where workspace_id = $1 and id in (`

// PurgeAppointments removes appointments for good.
func (tx *Tx) PurgeAppointments(ids []uuid.UUID) error {
	tx.named(ids)
	return tx.purge(deletePurgedAppointmentsSQL+placeholders(2, len(ids))+`)`, ids)
}

const lastEventSQL = `select at from audit_events where workspace_id = $1 order by seq desc limit 1`

// LastEvent is when anything last happened in the workspace, by its audit
// chain; zero when nothing ever did.
func (tx *ReadTx) LastEvent() (at time.Time, err error) {
	r, err := tx.query(lastEventSQL)
	if err := one(r, err, &at); err != nil && !errors.Is(err, errNoRow) {
		return at, fmt.Errorf("last event: %w", err)
	}
	return at, nil
}

// named puts what is gone for good into the audit chain one by one, besides
// the entry of the purge itself.
func (tx *Tx) named(ids []uuid.UUID) {
	for _, id := range ids {
		tx.also(tx.act, id, 1)
	}
}

const deletePurgedSessionsSQL = `delete from sessions where workspace_id = $1 and id in (`

const deletePurgedVersionsSQL = `delete from session_versions where workspace_id = $1 and session_id in (`

// PurgeSessions removes notes with their versions for good. The database
// itself refuses versions that must still be kept.
func (tx *Tx) PurgeSessions(ids []uuid.UUID) error {
	tx.named(ids)
	err := tx.purge(deletePurgedVersionsSQL+placeholders(2, len(ids))+`)`, ids)
	if err != nil {
		return err
	}
	return tx.purge(deletePurgedSessionsSQL+placeholders(2, len(ids))+`)`, ids)
}

// purge runs a statement whose parameters are the ids, and counts the ids as
// what the write is about.
func (tx *Tx) purge(text string, ids []uuid.UUID) error {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	if _, err := tx.exec(text, args...); err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	tx.subject, tx.count = uuid.Nil, int64(len(ids))
	return nil
}

// dormantSQL finds clients by the oldest notes of the practice. Each line is a
// reason to keep a client's notes: a later visit, marked or not, or note, a later signing, a
// draft that somebody may still finish, an appointment to come.
const dormantSQL = `select distinct s.client_id from sessions s
	where s.workspace_id = $1 and s.session_date < $2 and s.status <> 'draft'
	and not exists (select 1 from sessions n where n.workspace_id = $1 and n.client_id = s.client_id and n.session_date >= $2)
	and not exists (select 1 from sessions v join session_versions x on x.workspace_id = v.workspace_id and x.session_id = v.id
		where v.workspace_id = $1 and v.client_id = s.client_id and x.signed_at >= $2)
	and not exists (select 1 from sessions d join members m on m.workspace_id = d.workspace_id and m.user_id = d.author_id
		where d.workspace_id = $1 and d.client_id = s.client_id and d.status = 'draft' and d.deleted_at is null and m.active)
	and not exists (select 1 from appointments a where a.workspace_id = $1 and a.client_id = s.client_id and a.starts_at > $3
		and a.ends_at >= $2 and a.status <> 'cancelled')
	and not exists (select 1 from appointments f where f.workspace_id = $1 and f.client_id = s.client_id and f.starts_at > $4
		and f.status = 'scheduled' and f.deleted_at is null)`

// DormantClients returns the clients with signed notes whose last visit, note
// and signing were before a time, and with whom nothing is begun or planned.
func (tx *ReadTx) DormantClients(before time.Time) ([]uuid.UUID, error) {
	return tx.idsOf("dormant clients", dormantSQL, before, before.Add(-model.MaxAppointment), tx.now)
}

const signedOfSQL = `select id from sessions where workspace_id = $1 and status <> 'draft' and client_id in (`

// SignedOf returns notes of the clients that are no drafts.
func (tx *ReadTx) SignedOf(clients []uuid.UUID, limit int) ([]uuid.UUID, error) {
	if len(clients) == 0 {
		return nil, nil
	}
	args := make([]any, len(clients))
	for i, id := range clients {
		args[i] = id
	}
	return tx.idsOf("signed notes", signedOfSQL+placeholders(2, len(clients))+`) limit `+strconv.Itoa(limit), args...)
}
