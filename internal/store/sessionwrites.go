package store

import (
	"errors"
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const insertNoteSQL = `insert into sessions
	(workspace_id, id, client_id, appointment_id, author_id, status, session_date, duration_minutes, draft, facts, versions, saved_at, version, created_at, updated_at)
	values ($1, $2, $3, $4, $5, 'draft', $6, $7, $8, $9, 0, $10, 1, $10, $10)`

// InsertSession adds a draft. A second note about an appointment is a
// Conflict.
func (tx *Tx) InsertSession(s model.Session) error {
	draft, err := sealDraft(tx.box, s.ID, s.SessionContent)
	if err != nil {
		return err
	}
	facts, err := tx.sealFacts(s)
	if err != nil {
		return err
	}
	_, err = tx.exec(insertNoteSQL, s.ID, s.ClientID, s.AppointmentID, s.AuthorID, s.SessionDate, int64Of(s.Minutes), draft, facts, tx.now)
	if err != nil {
		return fmt.Errorf("insert session: %w", tx.sessionRefusal(err))
	}
	tx.subject, tx.count = s.ID, 1
	return nil
}

// sessionRefusal turns what the database itself refuses into what a caller is
// told.
func (tx *Tx) sessionRefusal(err error) error {
	switch tx.store.eng.class(err) {
	case referenceError:
		return model.ErrNotFound
	case uniqueError:
		return model.ErrNoteThere(nil)
	}
	return err
}

func int64Of(n *int) *int64 {
	if n == nil {
		return nil
	}
	i := int64(*n)
	return &i
}

const saveDraftSQL = `update sessions set session_date = $3, duration_minutes = $4, draft = $5, saved_at = $6, updated_at = $6, version = version + 1
	where workspace_id = $1 and id = $2 and version = $7 and status = 'draft' and deleted_at is null returning version`

// SaveDraft stores what a draft says over the version it carries, and returns
// it as stored.
func (tx *Tx) SaveDraft(s model.Session) (model.Session, error) {
	draft, err := sealDraft(tx.box, s.ID, s.SessionContent)
	if err != nil {
		return s, err
	}
	r, err := tx.query(saveDraftSQL, s.ID, s.SessionDate, int64Of(s.Minutes), draft, tx.now, s.Version)
	if err := tx.changed("save draft", s.ID, r, err); err != nil {
		return s, err
	}
	s.Version++
	s.SavedAt, s.UpdatedAt = tx.now, tx.now
	return s, nil
}

// changed ends an update of one note that returns its new version.
func (tx *Tx) changed(what string, id uuid.UUID, r rows, err error) error {
	var version int64
	switch err := one(r, err, &version); {
	case errors.Is(err, errNoRow):
		return fmt.Errorf("%s: %w", what, model.Stale(nil))
	case err != nil:
		return fmt.Errorf("%s: %w", what, tx.sessionRefusal(err))
	}
	tx.subject, tx.count = id, 1
	return nil
}

const insertVersionSQL = `insert into session_versions (workspace_id, session_id, number, id, content, hash, author_id, signed_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8)`

const signSessionSQL = `update sessions set status = 'signed', session_date = $3, duration_minutes = $4, draft = null, facts = $5, versions = $6,
	signed_at = coalesce(signed_at, $7), updated_at = $7, version = version + 1
	where workspace_id = $1 and id = $2 and version = $8 and deleted_at is null returning version`

// SignSession stores a version of a note, the first one or an amendment, over
// the version that the note carries. id is the row's. The hash goes into the
// audit entry of this write.
func (tx *Tx) SignSession(s model.Session, v model.SessionVersion, id uuid.UUID) error {
	content, err := tx.box.Seal(place("session_versions", "content", id), packVersion(v))
	if err != nil {
		return err
	}
	facts, err := tx.sealFacts(s)
	if err != nil {
		return err
	}
	r, err := tx.query(signSessionSQL, s.ID, v.SessionDate, int64Of(v.Minutes), facts, int64(v.Number), v.SignedAt, s.Version)
	if err := tx.changed("sign session", s.ID, r, err); err != nil {
		return err
	}
	_, err = tx.exec(insertVersionSQL, v.SessionID, int64(v.Number), id, content, v.Hash, v.AuthorID, v.SignedAt)
	if err != nil {
		return fmt.Errorf("store signed version: %w", err)
	}
	tx.proves(v.Hash)
	return nil
}

const sessionStateSQL = `update sessions set status = $3, facts = $4, deleted_at = $5, deleted_by = $6, updated_at = $7, version = version + 1
	where workspace_id = $1 and id = $2 and version = $8 returning version`

// SetSessionState stores that a note was deleted, brought back, or marked as
// entered in error, with the reason, over the version it carries. A note that
// would be the second one of its appointment is a Conflict.
func (tx *Tx) SetSessionState(s model.Session) error {
	facts, err := tx.sealFacts(s)
	if err != nil {
		return err
	}
	var deletedBy *uuid.UUID
	if s.DeletedAt != nil {
		deletedBy = &tx.scope.actor
	}
	r, err := tx.query(sessionStateSQL, s.ID, s.Status, facts, s.DeletedAt, deletedBy, tx.now, s.Version)
	return tx.changed("change session", s.ID, r, err)
}
