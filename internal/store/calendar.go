package store

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// clauses are the conditions of a list that depend on what was asked for. Each
// "?" of a condition becomes the next parameter.
type clauses struct {
	text strings.Builder
	args []any
}

func (q *clauses) and(condition string, values ...any) {
	q.text.WriteString(" and ")
	for _, part := range strings.SplitAfter(condition, "?") {
		if head, ok := strings.CutSuffix(part, "?"); ok {
			q.args = append(q.args, values[0])
			values = values[1:]
			part = head + "$" + strconv.Itoa(len(q.args)+1) // $1 is the workspace
		}
		q.text.WriteString(part)
	}
}

const countEntriesSQL = `select count(*) from appointments a where a.workspace_id = $1`

// Appointments returns a page of the calendar in the order of start and id, and
// whether there is a page behind.
func (tx *ReadTx) Appointments(f model.AppointmentFilter) (page []model.CalendarEntry, more bool, err error) {
	q := entryClauses(f, tx.now)
	if f.After != nil {
		q.and("(a.starts_at, a.id) "+after(f.Latest)+" (?, ?)", f.After.At, f.After.ID)
	}
	order := " order by a.starts_at" + direction(f.Latest) + ", a.id" + direction(f.Latest) + " limit " + strconv.Itoa(f.Limit+1)
	page, err = tx.entries(q.text.String()+order, q.args)
	if err != nil {
		return nil, false, fmt.Errorf("list appointments: %w", err)
	}
	if more = len(page) > f.Limit; more {
		page = page[:f.Limit]
	}
	tx.count += int64(len(page))
	return page, more, nil
}

// entries are those that match a condition, in its order. Their clients' names
// come out of the index where it is kept already.
func (tx *ReadTx) entries(where string, args []any) ([]model.CalendarEntry, error) {
	if index := tx.keptNames(); index != nil {
		if all, named, err := tx.entriesNamedBy(index, where, args); named || err != nil {
			return all, err
		}
	}
	r, err := tx.query(entriesSQL+where, args...)
	return collect(r, err, tx.scanEntry)
}

// entriesNamedBy is not named when the index does not know everybody, as it is
// with a damaged record.
func (tx *ReadTx) entriesNamedBy(index *nameIndex, where string, args []any) (all []model.CalendarEntry, named bool, err error) {
	var rev int64
	r, err := tx.query(unnamedSQL+where, args...)
	all, err = collect(r, err, func(r rows) (e model.CalendarEntry, err error) {
		err = tx.scanUnnamed(r, &rev, &e)
		return e, err
	})
	if err != nil {
		return nil, false, err
	}
	if err := tx.catchUp(index, rev); err != nil {
		return nil, false, err
	}
	return all, index.name(all), nil
}

// CountAppointments returns how many match the filter on all pages.
func (tx *ReadTx) CountAppointments(f model.AppointmentFilter) (int, error) {
	var n int64
	q := entryClauses(f, tx.now)
	r, err := tx.query(countEntriesSQL+q.text.String(), q.args...)
	if err := one(r, err, &n); err != nil {
		return 0, fmt.Errorf("count appointments: %w", err)
	}
	return int(n), nil
}

// needs are the conditions of what is left to do; each is that of an index.
var needs = map[string]string{
	model.NeedsStatus:  "a.status = 'scheduled'",
	model.NeedsNote:    "a.status = 'attended' and not a.noted",
	model.NeedsPayment: "a.status = 'attended' and a.payment_status in ('not_paid', 'payment_sent') and a.price > 0",
}

func entryClauses(f model.AppointmentFilter, now time.Time) *clauses {
	q := &clauses{}
	if !f.To.IsZero() {
		q.and("a.starts_at < ?", f.To)
	}
	if !f.From.IsZero() {
		// The second line bounds the index: nothing longer can reach in.
		q.and("a.ends_at > ?", f.From)
		q.and("a.starts_at > ?", f.From.Add(-model.MaxAppointment))
	}
	if f.ClientID != uuid.Nil {
		q.and("a.client_id = ?", f.ClientID)
	}
	if f.PractitionerID != uuid.Nil {
		q.and("a.practitioner_id = ?", f.PractitionerID)
	}
	if f.Status != "" {
		q.and("a.status = ?", f.Status)
	}
	if f.Needs != "" {
		q.and(needs[f.Needs])
		q.and("a.ends_at < ?", now)
		q.and("a.starts_at < ?", now) // for the index
	}
	if f.Deleted {
		q.and("a.deleted_at is not null")
	} else {
		q.and("a.deleted_at is null")
	}
	return q
}

func after(latest bool) string {
	if latest {
		return "<"
	}
	return ">"
}

func direction(latest bool) string {
	if latest {
		return " desc"
	}
	return ""
}

const clashesFrom = `select a.id, a.practitioner_id, a.starts_at, a.ends_at, a.status, a.location_type, a.client_id, c.contact
	from appointments a join clients c on c.workspace_id = a.workspace_id and c.id = a.client_id
	where a.workspace_id = $1`

const clashesWhere = ` and a.blocks_from < $3 and a.blocks_from > $4 and a.blocks_to > $5 and a.id <> $6
	and a.status in ('scheduled', 'attended') and a.deleted_at is null order by a.starts_at, a.id limit 20`

const practitionerClashesSQL = clashesFrom + ` and a.practitioner_id = $2` + clashesWhere

const roomClashesSQL = clashesFrom + ` and a.room_id = $2` + clashesWhere

// Clashes returns the appointments that stand in the way of a, earliest first:
// those of its practitioner and those in its room.
func (tx *ReadTx) Clashes(a model.Appointment) ([]model.Clash, error) {
	all, err := tx.clashes(practitionerClashesSQL, a.PractitionerID, a, false)
	if err != nil || a.RoomID == nil {
		return all, err
	}
	inRoom, err := tx.clashes(roomClashesSQL, *a.RoomID, a, true)
	for _, c := range inRoom {
		if c.PractitionerID != a.PractitionerID { // the others are in the list already
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b model.Clash) int {
		return cmp.Or(a.StartsAt.Compare(b.StartsAt), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return all, err
}

func (tx *ReadTx) clashes(text string, of uuid.UUID, a model.Appointment, room bool) ([]model.Clash, error) {
	r, err := tx.query(text, of, a.BlocksTo(), a.BlocksFrom().Add(-model.MaxBlock), a.BlocksFrom(), a.ID)
	all, err := collect(r, err, func(r rows) (model.Clash, error) {
		c := model.Clash{Room: room}
		var client uuid.UUID
		var sealed []byte
		err := r.Scan(&c.ID, &c.PractitionerID, &c.StartsAt, &c.EndsAt, &c.Status, &c.LocationType, &client, &sealed)
		if err != nil {
			return c, err
		}
		contact, err := openContact(tx.box, client, sealed)
		c.Initials = contact.Initials()
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("look for clashes: %w", err)
	}
	return all, nil
}

const busyWhere = ` and blocks_from < $3 and blocks_from > $4 and blocks_to > $5 and id <> $6
	and status in ('scheduled', 'attended') and deleted_at is null order by blocks_from`

const busySQL = `select blocks_from, blocks_to from appointments where workspace_id = $1 and practitioner_id = $2` + busyWhere

const roomBusySQL = `select blocks_from, blocks_to from appointments where workspace_id = $1 and room_id = $2` + busyWhere

// Busy returns the times between from and to that a's practitioner has no time
// for others, and those at which its room is taken when it has one; a itself
// is left out.
func (tx *ReadTx) Busy(a model.Appointment, from, to time.Time) ([][2]time.Time, error) {
	all, err := tx.busy(busySQL, a.PractitionerID, a.ID, from, to)
	if err != nil || a.RoomID == nil {
		return all, err
	}
	room, err := tx.busy(roomBusySQL, *a.RoomID, a.ID, from, to)
	return append(all, room...), err
}

func (tx *ReadTx) busy(text string, of, except uuid.UUID, from, to time.Time) ([][2]time.Time, error) {
	r, err := tx.query(text, of, to, from.Add(-model.MaxBlock), from, except)
	all, err := collect(r, err, func(r rows) (t [2]time.Time, err error) { return t, r.Scan(&t[0], &t[1]) })
	if err != nil {
		return nil, fmt.Errorf("busy times: %w", err)
	}
	return all, nil
}
