package store

import (
	"fmt"
	"strconv"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const (
	// scanPart is how many notes a search weighs at a time, but for the first
	// time: many searches find enough among the newest.
	scanPart = 500
	// readPart is how many notes it reads at a time, so that one that finds
	// enough early does not make the database send the rest.
	readPart = 64
)

const weighSQL = `select s.id, s.session_date, s.versions from sessions s where s.workspace_id = $1 and s.deleted_at is null`

// A note says either a draft or its newest version.
const scanSQL = `select s.id, s.versions, v.id, coalesce(v.content, s.draft) from sessions s
	left join session_versions v on v.workspace_id = s.workspace_id and v.session_id = s.id and v.number = s.versions
	where s.workspace_id = $1 and s.deleted_at is null and s.id in (`

// weighed is a note that a search may look into.
type weighed struct {
	id       uuid.UUID
	at       time.Time
	versions int64 // 0 is a draft
}

// EachNote calls fn with the hits in the notes that the scope may see, the
// newest visit first, until fn returns false or limit notes were looked at. It
// returns how many were, and whether there are more. A zero client means all.
func (tx *ReadTx) EachNote(client uuid.UUID, limit int, f *model.Finder, fn func(id uuid.UUID, hits []model.Excerpt) bool) (scanned int, more bool, err error) {
	q := &clauses{}
	if client != uuid.Nil {
		q.and("s.client_id = ?", client)
	}
	if err := tx.onlyVisible(q); err != nil {
		return 0, false, err
	}
	var last *model.Place
	for part := min(readPart, limit); scanned < limit; part = min(scanPart, limit-scanned) {
		notes, err := tx.notesAfter(q, last, part)
		if err != nil {
			return scanned, false, err
		}
		n, stopped, err := tx.lookInto(notes, f, fn)
		if scanned += n; err != nil || stopped || len(notes) < part {
			return scanned, stopped, err
		}
		last = &model.Place{At: notes[part-1].at, ID: notes[part-1].id}
	}
	notes, err := tx.notesAfter(q, last, 1)
	return scanned, len(notes) > 0, err
}

// notesAfter returns up to limit notes behind a place.
func (tx *ReadTx) notesAfter(q *clauses, after *model.Place, limit int) ([]weighed, error) {
	text, args := weighSQL+q.text.String(), q.args
	if after != nil {
		text += " and (s.session_date, s.id) < ($" + strconv.Itoa(len(args)+2) + ", $" + strconv.Itoa(len(args)+3) + ")"
		args = append(args[:len(args):len(args)], after.At, after.ID)
	}
	r, err := tx.query(text+" order by s.session_date desc, s.id desc limit "+strconv.Itoa(limit), args...)
	notes, err := collect(r, err, func(r rows) (n weighed, err error) {
		err = r.Scan(&n.id, &n.at, &n.versions)
		return n, err
	})
	if err != nil {
		return nil, fmt.Errorf("notes to look into: %w", err)
	}
	return notes, nil
}

// lookInto calls fn with the hits in those of the notes that have some, and
// returns how many notes it went through, and whether fn stopped it.
func (tx *ReadTx) lookInto(notes []weighed, f *model.Finder, fn func(uuid.UUID, []model.Excerpt) bool) (n int, stopped bool, err error) {
	toRead := tx.store.trigrams.of(tx.scope.workspace, tx.now).mayFind(f, notes)
	for len(toRead) > 0 {
		part := toRead[:min(readPart, len(toRead))]
		toRead = toRead[len(part):]
		hits, err := tx.hitsIn(notes, part, f)
		if err != nil {
			return part[0], false, fmt.Errorf("look into notes: %w", err)
		}
		for _, i := range part {
			if found := hits[notes[i].id]; len(found) > 0 && !fn(notes[i].id, found) {
				return i + 1, true, nil
			}
		}
	}
	return len(notes), false, nil
}

// hitsIn reads those of the notes that have these places, and keeps what it
// learns of them for the next search.
func (tx *ReadTx) hitsIn(notes []weighed, places []int, f *model.Finder) (map[uuid.UUID][]model.Excerpt, error) {
	var args [readPart]any // always as many, so that it is always the same statement
	for i := range args {
		args[i] = notes[places[min(i, len(places)-1)]].id
	}
	r, err := tx.query(scanSQL+placeholders(2, len(args))+")", args[:]...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	hits := make(map[uuid.UUID][]model.Excerpt, len(places))
	kept := tx.store.trigrams.of(tx.scope.workspace, tx.now)
	learned := map[uuid.UUID]versionTrigrams{}
	for r.Next() {
		id, versions, s, err := tx.scanSections(r)
		if err != nil {
			return nil, err
		}
		if versions > 0 && !kept.knows(id, versions) {
			learned[id] = versionTrigrams{versions, model.TrigramsOf(&s)}
		}
		hits[id] = f.In(&s)
	}
	tx.keepTrigrams(learned)
	return hits, r.Err()
}

func (tx *ReadTx) scanSections(r rows) (id uuid.UUID, versions int64, s model.Sections, err error) {
	var version *uuid.UUID
	var sealed []byte
	if err := r.Scan(&id, &versions, &version, &sealed); err != nil {
		return id, 0, s, err
	}
	s, err = tx.openSections(id, version, sealed)
	return id, versions, s, err
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
