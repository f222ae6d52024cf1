package store

import (
	"errors"
	"fmt"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const entryCols = `a.id, a.client_id, a.practitioner_id, a.service_id, a.location_id, a.room_id, a.starts_at, a.ends_at,
	a.blocks_from, a.blocks_to, a.location_type, a.status, a.status_at, a.details, a.overlap_allowed,
	a.price, a.currency, a.payment_status, a.payment_method, a.paid_at, a.series_id, a.series_wall, a.detached, a.noted,
	a.deleted_at, a.version, a.created_at, a.updated_at,
	s.details, l.details, n.id, n.author_id, n.status`

// entryJoins leave one row an appointment: its active note is at most one. The
// notes are not looked into for those that have none.
const entryJoins = `
	left join services s on s.workspace_id = a.workspace_id and s.id = a.service_id
	left join locations l on l.workspace_id = a.workspace_id and l.id = a.location_id
	left join sessions n on n.workspace_id = a.workspace_id and n.appointment_id = case when a.noted then a.id end
		and n.deleted_at is null and n.status <> 'entered_in_error'
	where a.workspace_id = $1`

const entriesSQL = `select c.contact, ` + entryCols + ` from appointments a
	join clients c on c.workspace_id = a.workspace_id and c.id = a.client_id` + entryJoins

// unnamedSQL has the number of the last change to the clients instead of
// their names.
const unnamedSQL = `select (select w.clients_rev from workspaces w where w.id = $1), ` + entryCols + ` from appointments a` + entryJoins

// entryRow is what a row holds besides what goes into the entry as it is.
type entryRow struct {
	blocksFrom, blocksTo               time.Time
	details, service, location         []byte
	currency, method, wall, noteStatus *string
	noteID, noteAuthor                 *uuid.UUID
}

// scanEntry scans a row of entriesSQL.
func (tx *ReadTx) scanEntry(r rows) (e model.CalendarEntry, err error) {
	var sealed []byte
	if err = tx.scanUnnamed(r, &sealed, &e); err != nil {
		return e, err
	}
	contact, err := openContact(tx.box, e.ClientID, sealed)
	e.ClientFirst, e.ClientLast = contact.FirstName, contact.LastName
	return e, err
}

// scanUnnamed scans what is behind the first column of a row.
func (tx *ReadTx) scanUnnamed(r rows, first any, e *model.CalendarEntry) error {
	var x entryRow
	err := r.Scan(first, &e.ID, &e.ClientID, &e.PractitionerID, &e.ServiceID, &e.LocationID, &e.RoomID, &e.StartsAt, &e.EndsAt,
		&x.blocksFrom, &x.blocksTo, &e.LocationType, &e.Status, &e.StatusAt, &x.details, &e.OverlapAllowed,
		&e.Price, &x.currency, &e.PaymentStatus, &x.method, &e.PaidAt, &e.SeriesID, &x.wall, &e.Detached, &e.Noted,
		&e.DeletedAt, &e.Version, &e.CreatedAt, &e.UpdatedAt,
		&x.service, &x.location, &x.noteID, &x.noteAuthor, &x.noteStatus)
	if err != nil {
		return fmt.Errorf("scan appointment: %w", err)
	}
	e.BufferBefore, e.BufferAfter = e.StartsAt.Sub(x.blocksFrom), x.blocksTo.Sub(e.EndsAt)
	e.Currency, e.PaymentMethod, e.SeriesWall = deref(x.currency), deref(x.method), deref(x.wall)
	if x.noteID != nil {
		e.Note = &model.NoteState{ID: *x.noteID, AuthorID: *x.noteAuthor, Status: deref(x.noteStatus)}
	}
	return tx.openEntry(e, x)
}

// openEntry opens what is sealed in a row.
func (tx *ReadTx) openEntry(e *model.CalendarEntry, x entryRow) error {
	var err error
	if x.details != nil {
		if e.AppointmentTexts, err = tx.openAppointment(e.ID, x.details); err != nil {
			return err
		}
	}
	if x.service != nil {
		if e.ServiceName, err = tx.openName("services", *e.ServiceID, x.service); err != nil {
			return err
		}
	}
	if x.location != nil {
		e.LocationName, err = tx.openName("locations", *e.LocationID, x.location)
	}
	return err
}

// openName opens the details of a service or location, whose first field is
// its name.
func (tx *ReadTx) openName(table string, id uuid.UUID, sealed []byte) (model.Text, error) {
	details, err := openPair(tx.box, place(table, "details", id), sealed)
	return details.first, err
}

// Field numbers of an appointment's texts.
const (
	textLocation byte = iota + 1
	textNotes
	textCancel
	textOverlap
	textDelete
	textPayment
)

func (tx *ReadTx) openAppointment(id uuid.UUID, sealed []byte) (t model.AppointmentTexts, err error) {
	raw, err := tx.box.Open(place("appointments", "details", id), sealed)
	if err != nil {
		return t, err
	}
	err = record(raw).each(func(field byte, v model.Text) {
		switch field {
		case textLocation:
			t.LocationDetails = v
		case textNotes:
			t.Notes = v
		case textCancel:
			t.CancelReason = v
		case textOverlap:
			t.OverlapReason = v
		case textDelete:
			t.DeleteReason = v
		case textPayment:
			t.PaymentNotes = v
		}
	})
	return t, err
}

// sealAppointment returns the sealed texts; nil when there are none.
func (tx *Tx) sealAppointment(a model.Appointment) ([]byte, error) {
	r := record{}
	r.put(textLocation, a.LocationDetails)
	r.put(textNotes, a.Notes)
	r.put(textCancel, a.CancelReason)
	r.put(textOverlap, a.OverlapReason)
	r.put(textDelete, a.DeleteReason)
	r.put(textPayment, a.PaymentNotes)
	if len(r) == 0 {
		return nil, nil
	}
	return tx.box.Seal(place("appointments", "details", a.ID), r)
}

const oneEntrySQL = entriesSQL + ` and a.id = $2 and a.deleted_at is null`

const deletedEntrySQL = entriesSQL + ` and a.id = $2 and a.deleted_at is not null`

// Appointment returns one appointment; NotFound when there is none here, or
// when it is in the trash.
func (tx *ReadTx) Appointment(id uuid.UUID) (model.CalendarEntry, error) {
	r, err := tx.query(oneEntrySQL, id)
	return tx.oneEntry(r, err)
}

// DeletedAppointment returns one appointment of the trash.
func (tx *ReadTx) DeletedAppointment(id uuid.UUID) (model.CalendarEntry, error) {
	r, err := tx.query(deletedEntrySQL, id)
	return tx.oneEntry(r, err)
}

func (tx *ReadTx) oneEntry(r rows, err error) (model.CalendarEntry, error) {
	found, err := collect(r, err, tx.scanEntry)
	if err != nil {
		return model.CalendarEntry{}, fmt.Errorf("appointment: %w", err)
	}
	if len(found) == 0 {
		return model.CalendarEntry{}, model.ErrNotFound
	}
	tx.subject, tx.count = found[0].ID, 1
	return found[0], nil
}

const hasAppointmentSQL = `select id from appointments where workspace_id = $1 and id = $2`

// HasAppointment fails with NotFound when the workspace has no such
// appointment; one in the trash is there.
func (tx *ReadTx) HasAppointment(id uuid.UUID) error {
	r, err := tx.query(hasAppointmentSQL, id)
	tx.subject = id
	return missing(one(r, err, &id))
}

const insertAppointmentSQL = `insert into appointments
	(workspace_id, id, client_id, practitioner_id, starts_at, ends_at, status, version, created_at, updated_at,
	service_id, location_id, room_id, location_type, blocks_from, blocks_to, overlap_allowed, price, currency,
	payment_status, payment_method, paid_at, details, series_id, series_wall, detached, noted, status_at, created_by)
	values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $8, $26)`

// InsertAppointment adds an appointment; one that does not say where it is and
// whether it is paid is at the clinic and not paid. A reference that does not
// exist here is NotFound, a time that is taken a Conflict.
func (tx *Tx) InsertAppointment(a model.Appointment) error {
	a = a.WithDefaults()
	details, err := tx.sealAppointment(a)
	if err != nil {
		return err
	}
	_, err = tx.exec(insertAppointmentSQL, a.ID, a.ClientID, a.PractitionerID, a.StartsAt, a.EndsAt, a.Status, tx.now,
		a.ServiceID, a.LocationID, a.RoomID, a.LocationType, a.BlocksFrom(), a.BlocksTo(), a.OverlapAllowed, a.Price, nullText(a.Currency),
		a.PaymentStatus, nullText(a.PaymentMethod), a.PaidAt, details, a.SeriesID, nullText(a.SeriesWall), a.Detached, a.Noted, tx.scope.actor)
	if err != nil {
		return fmt.Errorf("insert appointment: %w", tx.store.refusal(err))
	}
	tx.about(a.ID)
	return nil
}

// refusal turns what the database itself refuses into what a caller is told.
func (s *Store) refusal(err error) error {
	switch s.eng.class(err) {
	case referenceError:
		return model.ErrNotFound
	case overlapError:
		return model.ErrOverlap(nil)
	}
	return err
}

const updateAppointmentSQL = `update appointments set client_id = $3, practitioner_id = $4, starts_at = $5, ends_at = $6, status = $7,
	updated_at = $8, service_id = $9, location_id = $10, room_id = $11, location_type = $12, blocks_from = $13, blocks_to = $14,
	overlap_allowed = $15, price = $16, currency = $17, payment_status = $18, payment_method = $19, paid_at = $20, details = $21,
	series_id = $22, series_wall = $23, detached = $24, status_at = $25, deleted_at = $26, deleted_by = $27, version = version + 1
	where workspace_id = $1 and id = $2 and version = $28 returning version`

// UpdateAppointment stores the fields over the version they carry. A time that
// is taken is a Conflict.
func (tx *Tx) UpdateAppointment(a model.Appointment) error {
	details, err := tx.sealAppointment(a)
	if err != nil {
		return err
	}
	var deletedBy *uuid.UUID
	if a.DeletedAt != nil {
		deletedBy = &tx.scope.actor
	}
	r, err := tx.query(updateAppointmentSQL, a.ID, a.ClientID, a.PractitionerID, a.StartsAt, a.EndsAt, a.Status, tx.now,
		a.ServiceID, a.LocationID, a.RoomID, a.LocationType, a.BlocksFrom(), a.BlocksTo(), a.OverlapAllowed, a.Price, nullText(a.Currency),
		a.PaymentStatus, nullText(a.PaymentMethod), a.PaidAt, details, a.SeriesID, nullText(a.SeriesWall), a.Detached,
		a.StatusAt, a.DeletedAt, deletedBy, a.Version)
	err = one(r, err, &a.Version)
	if errors.Is(err, errNoRow) {
		return fmt.Errorf("update appointment: %w", model.Stale(nil))
	}
	if err != nil {
		return fmt.Errorf("update appointment: %w", tx.store.refusal(err))
	}
	tx.subject, tx.count = a.ID, 1 // it was read before
	return nil
}

// Overrode leaves in the audit chain that an appointment was put over another
// one on purpose.
func (tx *Tx) Overrode(id uuid.UUID) { tx.also(model.AppointmentOverride, id, 1) }

// SetAppointmentStatus stores a status that model.Appointment.To allowed.
func (tx *Tx) SetAppointmentStatus(a model.Appointment) error {
	subject, count := tx.subject, tx.count
	err := tx.UpdateAppointment(a)
	tx.subject, tx.count = subject, count // the write is about something else
	tx.also(model.AppointmentUpdate, a.ID, 1)
	return err
}

const setNotedSQL = `update appointments set noted = $3 where workspace_id = $1 and id = $2`

// SetNoted tells the calendar whether an active note is linked to the
// appointment. Its version stays: nobody edited it.
func (tx *Tx) SetNoted(appointment uuid.UUID, noted bool) error {
	if _, err := tx.exec(setNotedSQL, appointment, noted); err != nil {
		return fmt.Errorf("mark appointment as noted: %w", err)
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func nullText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
