package store

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// sessionCols and sessionsSQL have one row a note, with what it says now: its
// draft, or its newest version.
const sessionCols = `s.id, s.client_id, c.contact, s.appointment_id, a.deleted_at, s.author_id, s.status, s.session_date, s.duration_minutes,
	s.draft, s.facts, s.versions, s.saved_at, s.signed_at, v.id, v.content, v.signed_at, s.deleted_at, s.version, s.created_at, s.updated_at`

const sessionsSQL = `select ` + sessionCols + ` from sessions s
	join clients c on c.workspace_id = s.workspace_id and c.id = s.client_id
	left join appointments a on a.workspace_id = s.workspace_id and a.id = s.appointment_id
	left join session_versions v on v.workspace_id = s.workspace_id and v.session_id = s.id and v.number = s.versions
	where s.workspace_id = $1`

// sessionRow is what a row holds besides what goes into the note as it is.
type sessionRow struct {
	contact, draft, facts, content []byte
	appointmentDeleted, lastSigned *time.Time
	version                        *uuid.UUID
	minutes                        *int64
	versions                       int64
}

func (tx *ReadTx) scanSession(r rows) (model.Session, error) {
	s := model.Session{WorkspaceID: tx.scope.workspace}
	var x sessionRow
	err := r.Scan(&s.ID, &s.ClientID, &x.contact, &s.AppointmentID, &x.appointmentDeleted, &s.AuthorID, &s.Status, &s.SessionDate, &x.minutes,
		&x.draft, &x.facts, &x.versions, &s.SavedAt, &s.SignedAt, &x.version, &x.content, &x.lastSigned, &s.DeletedAt, &s.Version, &s.CreatedAt, &s.UpdatedAt)
	if err != nil {
		return s, fmt.Errorf("scan session: %w", err)
	}
	s.Minutes, s.Versions, s.AppointmentDeleted = intOf(x.minutes), int(x.versions), x.appointmentDeleted != nil
	if s.Versions > 1 {
		s.AmendedAt = x.lastSigned
	}
	return s, tx.openSession(&s, x)
}

// openSession opens what is sealed in a row.
func (tx *ReadTx) openSession(s *model.Session, x sessionRow) error {
	contact, err := openContact(tx.box, s.ClientID, x.contact)
	if err != nil {
		return err
	}
	s.ClientName = contact.FullName()
	if err := tx.openFacts(s, x.facts); err != nil {
		return err
	}
	if s.Status == model.SessionDraft {
		return tx.openDraft(s, x.draft)
	}
	return tx.openSigned(s, x)
}

func (tx *ReadTx) openDraft(s *model.Session, sealed []byte) error {
	if sealed == nil {
		return nil
	}
	raw, err := tx.box.Open(place("sessions", "draft", s.ID), sealed)
	if err != nil {
		return err
	}
	c, err := unpackContent(raw)
	s.Sections, s.Copied = c.Sections, c.Copied
	return err
}

// openSigned takes everything that is signed out of the version, not out of the
// columns beside it.
func (tx *ReadTx) openSigned(s *model.Session, x sessionRow) error {
	if x.version == nil {
		return fmt.Errorf("session %s: its newest version is missing", s.ID)
	}
	raw, err := tx.box.Open(place("session_versions", "content", *x.version), x.content)
	if err != nil {
		return err
	}
	c, err := unpackContent(raw)
	s.SessionContent = c.SessionContent
	return err
}

func intOf(n *int64) *int {
	if n == nil {
		return nil
	}
	i := int(*n)
	return &i
}

const oneSessionSQL = sessionsSQL + ` and s.id = $2`

// Session returns one note, also a deleted one, that the scope may see. The
// error is NotFound when there is none.
func (tx *ReadTx) Session(id uuid.UUID) (model.Session, error) {
	tx.subject = id
	r, err := tx.query(oneSessionSQL, id)
	s, err := tx.oneSession(r, err)
	if err != nil {
		return s, fmt.Errorf("session: %w", err)
	}
	return s, tx.visible(s.AuthorID)
}

// oneSession scans the only note of a query and counts it as shown.
func (tx *ReadTx) oneSession(r rows, err error) (model.Session, error) {
	found, err := collect(r, err, tx.scanSession)
	if err != nil {
		return model.Session{}, err
	}
	if len(found) == 0 {
		return model.Session{}, model.ErrNotFound
	}
	tx.subject, tx.count = found[0].ID, 1
	return found[0], nil
}

const sessionAuthorSQL = `select author_id, deleted_at from sessions where workspace_id = $1 and id = $2`

// HasSession fails with NotFound when the scope sees no such note, or when it
// is in the trash.
func (tx *ReadTx) HasSession(id uuid.UUID) error {
	tx.subject = id
	var author uuid.UUID
	var deleted *time.Time
	r, err := tx.query(sessionAuthorSQL, id)
	if err := one(r, err, &author, &deleted); err != nil {
		return missing(err)
	}
	if deleted != nil {
		return model.ErrNotFound
	}
	return tx.visible(author)
}

const sharedNotesSQL = `select shared_notes from workspaces where id = $1`

// seesAllNotes reports whether the scope may read the notes of others: an owner
// and the operator may, a practitioner where the practice shares its notes.
func (tx *ReadTx) seesAllNotes() (bool, error) {
	if tx.scope.role != model.Practitioner {
		return true, nil // the action was allowed
	}
	var shared *bool
	r, err := tx.query(sharedNotesSQL)
	if err := one(r, err, &shared); err != nil {
		return false, fmt.Errorf("are notes shared: %w", err)
	}
	return shared != nil && *shared, nil
}

// visible fails with NotFound for a note that the scope may not see.
func (tx *ReadTx) visible(author uuid.UUID) error {
	if author == tx.scope.actor {
		return nil
	}
	all, err := tx.seesAllNotes()
	if err == nil && !all {
		tx.count = 0
		return model.ErrNotFound
	}
	return err
}

const countSessionsSQL = `select count(*) from sessions s where s.workspace_id = $1`

// CountSessions returns how many match the filter on all pages.
func (tx *ReadTx) CountSessions(f model.SessionFilter) (int, error) {
	q, err := tx.sessionClauses(f)
	if err != nil {
		return 0, err
	}
	var n int64
	r, err := tx.query(countSessionsSQL+q.text.String(), q.args...)
	if err := one(r, err, &n); err != nil {
		return 0, fmt.Errorf("count sessions: %w", err)
	}
	return int(n), nil
}

// Sessions returns a page of the notes that the scope may see, the newest
// visit first, and whether there is a page behind.
func (tx *ReadTx) Sessions(f model.SessionFilter) (page []model.Session, more bool, err error) {
	q, err := tx.sessionClauses(f)
	if err != nil {
		return nil, false, err
	}
	if f.After != nil {
		q.and("(s.session_date, s.id) < (?, ?)", f.After.At, f.After.ID)
	}
	order := " order by s.session_date desc, s.id desc limit " + strconv.Itoa(f.Limit+1)
	r, err := tx.query(sessionsSQL+q.text.String()+order, q.args...)
	page, err = collect(r, err, tx.scanSession)
	if err != nil {
		return nil, false, fmt.Errorf("list sessions: %w", err)
	}
	if more = len(page) > f.Limit; more {
		page = page[:f.Limit]
	}
	tx.count += int64(len(page))
	return page, more, nil
}

func (tx *ReadTx) sessionClauses(f model.SessionFilter) (*clauses, error) {
	q := &clauses{}
	if f.ClientID != uuid.Nil {
		q.and("s.client_id = ?", f.ClientID)
	}
	if f.AppointmentID != uuid.Nil {
		q.and("s.appointment_id = ?", f.AppointmentID)
	}
	if f.AuthorID != uuid.Nil {
		q.and("s.author_id = ?", f.AuthorID)
	}
	if f.Status != "" {
		q.and("s.status = ?", f.Status)
	}
	if f.Deleted {
		q.and("s.deleted_at is not null")
	} else {
		q.and("s.deleted_at is null")
	}
	return q, tx.onlyVisible(q)
}

// onlyVisible adds the condition that leaves out what the scope may not see.
func (tx *ReadTx) onlyVisible(q *clauses) error {
	all, err := tx.seesAllNotes()
	if err == nil && !all {
		q.and("s.author_id = ?", tx.scope.actor)
	}
	return err
}

// LatestSigned returns the id of the newest signed note about a client that the
// scope may see, by the time of the visit; the zero id when there is none.
func (tx *ReadTx) LatestSigned(client uuid.UUID) (id uuid.UUID, err error) {
	q := &clauses{}
	q.and("s.client_id = ?", client)
	q.and("s.status = 'signed'")
	if err := tx.onlyVisible(q); err != nil {
		return id, err
	}
	r, err := tx.query("select s.id from sessions s where s.workspace_id = $1"+q.text.String()+
		" order by s.session_date desc, s.id desc limit 1", q.args...)
	if err := one(r, err, &id); err != nil && !errors.Is(err, errNoRow) {
		return id, fmt.Errorf("latest session: %w", err)
	}
	return id, nil
}

const activeSessionSQL = `select id, author_id, status, version from sessions
	where workspace_id = $1 and appointment_id = $2 and deleted_at is null and status <> 'entered_in_error'`

// ActiveSession returns the note of an appointment without what it says, nil
// when it has none. The second result tells whether there is one, also when
// the scope may not see it.
func (tx *ReadTx) ActiveSession(appointment uuid.UUID) (*model.SessionRef, bool, error) {
	n := model.SessionRef{AppointmentID: appointment}
	r, err := tx.query(activeSessionSQL, appointment)
	switch err := one(r, err, &n.ID, &n.AuthorID, &n.Status, &n.Version); {
	case errors.Is(err, errNoRow):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("active session: %w", err)
	}
	count := tx.count
	defer func() { tx.count = count }()
	switch err := tx.visible(n.AuthorID); model.KindOf(err) {
	case model.NotFound:
		return nil, true, nil
	default:
		return &n, true, err
	}
}

const sessionDeletedWithSQL = `select id from sessions where workspace_id = $1 and appointment_id = $2 and deleted_at = $3 limit 1`

// SessionDeletedWith returns the id of the note about an appointment of the
// trash that went there in the same moment; the zero id when there is none.
func (tx *ReadTx) SessionDeletedWith(a model.Appointment) (id uuid.UUID, err error) {
	r, err := tx.query(sessionDeletedWithSQL, a.ID, *a.DeletedAt)
	if err := one(r, err, &id); err != nil && !errors.Is(err, errNoRow) {
		return id, fmt.Errorf("session deleted with its appointment: %w", err)
	}
	return id, nil
}

const anySessionSQL = `select id from sessions where workspace_id = $1 and appointment_id = $2 limit 1`

// HasAnySession reports whether any note names the appointment, also one in
// the trash or in error.
func (tx *ReadTx) HasAnySession(appointment uuid.UUID) (bool, error) {
	var id uuid.UUID
	r, err := tx.query(anySessionSQL, appointment)
	switch err := one(r, err, &id); {
	case errors.Is(err, errNoRow):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("any session of an appointment: %w", err)
	}
	return true, nil
}
