package store

import (
	"fmt"
	"strconv"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// scanPart is how many notes a search reads at a time, so that one that finds
// enough early does not make the database send the rest.
const scanPart = 500

// A note says either a draft or its newest version.
const scanSQL = `select s.id, s.session_date, v.id, coalesce(v.content, s.draft) from sessions s
	left join session_versions v on v.workspace_id = s.workspace_id and v.session_id = s.id and v.number = s.versions
	where s.workspace_id = $1 and s.deleted_at is null`

// EachNote calls fn with the sections of the notes that the scope may see, the
// newest visit first, until fn returns false or limit notes were looked at. It
// returns how many were, and whether there are more. A zero client means all.
func (tx *ReadTx) EachNote(client uuid.UUID, limit int, fn func(id uuid.UUID, s *model.Sections) bool) (scanned int, more bool, err error) {
	q := &clauses{}
	if client != uuid.Nil {
		q.and("s.client_id = ?", client)
	}
	if err := tx.onlyVisible(q); err != nil {
		return 0, false, err
	}
	var last *model.Place
	for scanned < limit {
		part := min(scanPart, limit-scanned)
		n, stopped, place, err := tx.notesAfter(q, last, part, fn)
		if scanned += n; err != nil {
			return scanned, false, fmt.Errorf("look into notes: %w", err)
		}
		if stopped {
			return scanned, true, nil
		}
		if n < part {
			return scanned, false, nil
		}
		last = &place
	}
	n, _, _, err := tx.notesAfter(q, last, 1, func(uuid.UUID, *model.Sections) bool { return true })
	return scanned, n > 0, err
}

// notesAfter calls fn with up to limit notes behind a place.
func (tx *ReadTx) notesAfter(q *clauses, after *model.Place, limit int, fn func(uuid.UUID, *model.Sections) bool) (n int, stopped bool, last model.Place, err error) {
	text := scanSQL + q.text.String()
	args := q.args
	if after != nil {
		text += " and (s.session_date, s.id) < ($" + strconv.Itoa(len(args)+2) + ", $" + strconv.Itoa(len(args)+3) + ")"
		args = append(args[:len(args):len(args)], after.At, after.ID)
	}
	r, err := tx.query(text+" order by s.session_date desc, s.id desc limit "+strconv.Itoa(limit), args...)
	if err != nil {
		return 0, false, last, err
	}
	defer r.Close()
	for r.Next() {
		var version *uuid.UUID
		var at time.Time
		var sealed []byte
		if err := r.Scan(&last.ID, &at, &version, &sealed); err != nil {
			return n, false, last, err
		}
		last.At = at
		s, err := tx.openSections(last.ID, version, sealed)
		if err != nil {
			return n, false, last, err
		}
		n++
		if !fn(last.ID, &s) {
			return n, true, last, nil
		}
	}
	return n, false, last, r.Err()
}

func (tx *ReadTx) openSections(session uuid.UUID, version *uuid.UUID, sealed []byte) (s model.Sections, err error) {
	at := place("sessions", "draft", session)
	if version != nil {
		at = place("session_versions", "content", *version)
	}
	if sealed == nil {
		return s, nil
	}
	raw, err := tx.box.Open(at, sealed)
	if err != nil {
		return s, err
	}
	err = record(raw).each(func(field byte, v model.Text) {
		if int(field) <= len(model.SectionNames) {
			*s.Section(model.SectionNames[field-1]) = v
		}
	})
	return s, err
}

// SessionsByID returns the notes with these ids. The caller has made sure that
// the scope may see them.
func (tx *ReadTx) SessionsByID(ids []uuid.UUID) (map[uuid.UUID]model.Session, error) {
	all := make(map[uuid.UUID]model.Session, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	r, err := tx.query(sessionsSQL+` and s.id in (`+placeholders(2, len(ids))+`)`, args...)
	_, err = collect(r, err, func(r rows) (s model.Session, err error) {
		s, err = tx.scanSession(r)
		all[s.ID] = s
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("sessions by id: %w", err)
	}
	return all, nil
}

// Searched puts what a search was about into its audit entry.
func (tx *ReadTx) Searched(client uuid.UUID, matches int) {
	tx.subject, tx.count = client, int64(matches)
}
