package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Names are sealed, so the database can neither sort nor search them. The
// index holds them opened and folded in memory, one snapshot a workspace,
// brought up to date by the workspace's change counter before every use: it
// is right also when another process wrote.

// nameEntry is what the list needs to know of a client.
type nameEntry struct {
	id       uuid.UUID
	rev      int64
	sort     string // folded last name, NUL, folded first name
	name     string // folded first and last name
	email    string // lower case
	digits   string // of the phone
	phone    string // what the forms of the number have in common
	birth    string
	archived bool

	opened      bool // false for a damaged record, which has no name here
	first, last model.Text
}

func (e *nameEntry) compare(o *nameEntry) int {
	return cmp.Or(strings.Compare(e.sort, o.sort), slices.Compare(e.id[:], o.id[:]))
}

// nameIndex is one workspace's snapshot; entries are sorted and never change
// in place, so a reader keeps what it holds.
type nameIndex struct {
	mu      sync.Mutex // held while it is brought up to date
	rev     int64
	entries []*nameEntry
	byID    map[uuid.UUID]*nameEntry // used under mu only
}

const clientsRevSQL = `select clients_rev from workspaces where id = $1`

const changedClientsSQL = `select id, rev, contact, archived_at is not null from clients where workspace_id = $1 and rev > $2 order by rev`

// clientNames returns the workspace's names as they are now, sorted by last
// name, first name and id.
func (tx *ReadTx) clientNames() ([]*nameEntry, error) {
	if tx.changedClients {
		return nil, errors.New("store: client names are read before they are changed, not after")
	}
	var rev int64
	r, err := tx.query(clientsRevSQL)
	if err := one(r, err, &rev); err != nil {
		return nil, fmt.Errorf("client changes: %w", err)
	}
	index := tx.store.names.of(tx.scope.workspace, tx.now)
	if !tx.writes {
		if err := tx.catchUp(index, rev); err != nil {
			return nil, err
		}
	}
	index.mu.Lock()
	entries, since := index.entries, index.rev
	index.mu.Unlock()
	if since >= rev {
		return entries, nil
	}
	// What a write sees may not be committed yet, so it stays here.
	changed, err := changedNames(tx.ctx, tx.c, tx.box, tx.scope.workspace, since)
	if err != nil {
		return nil, fmt.Errorf("client names: %w", err)
	}
	return merged(entries, changed), nil
}

// RefreshNames brings the index up to what is committed. Nothing is shown, so
// nothing is audited. A Write that looks for duplicates is quicker after it,
// because what a Write sees is not kept.
func (s *Store) RefreshNames(ctx context.Context, sc Scope) error {
	box, err := s.box(ctx, sc.workspace)
	if err != nil {
		return err
	}
	return s.public(s.eng.read(ctx, reach{workspace: sc.workspace}, func(c conn) error {
		tx := &ReadTx{ctx: ctx, c: c, scope: sc, store: s, box: box, now: s.now()}
		_, err := tx.clientNames()
		return err
	}))
}

func changedNames(ctx context.Context, c conn, box *crypt.Box, workspace uuid.UUID, after int64) ([]*nameEntry, error) {
	r, err := c.query(ctx, changedClientsSQL, workspace, after)
	return collect(r, err, func(r rows) (*nameEntry, error) {
		e := &nameEntry{}
		var sealed []byte
		if err := r.Scan(&e.id, &e.rev, &sealed, &e.archived); err != nil {
			return nil, err
		}
		// A damaged record has no name here; reading it tells, and the others
		// stay reachable.
		if contact, err := openContact(box, e.id, sealed); err == nil {
			e.fill(contact)
		}
		return e, nil
	})
}

func (e *nameEntry) fill(c model.Contact) {
	e.opened, e.first, e.last = true, c.FirstName, c.LastName
	first, last := model.Fold(string(c.FirstName)), model.Fold(string(c.LastName))
	e.sort = last + "\x00" + first
	e.name = first + " " + last
	e.email = strings.ToLower(string(c.Email))
	e.digits = model.Digits(string(c.Phone))
	e.phone = phoneKey(e.digits)
	e.birth = string(c.DateOfBirth)
}

// FindClients returns one page of the clients that match, sorted by last
// name, first name and id, without history; how many match in all; and
// whether there are more behind the page.
func (tx *ReadTx) FindClients(f model.ClientFilter) (page []model.Client, total int, more bool, err error) {
	names, err := tx.clientNames()
	if err != nil {
		return nil, 0, false, err
	}
	ids, total, more, err := pageOf(names, f)
	if err != nil {
		return nil, 0, false, err
	}
	page, err = tx.Clients(ids)
	return page, total, more, err
}

func pageOf(names []*nameEntry, f model.ClientFilter) (ids []uuid.UUID, total int, more bool, err error) {
	var after *nameEntry
	if f.After != uuid.Nil {
		i := slices.IndexFunc(names, func(e *nameEntry) bool { return e.id == f.After })
		if i < 0 {
			return nil, 0, false, model.ErrBadCursor
		}
		after = names[i]
	}
	match := matcher(f)
	ids = make([]uuid.UUID, 0, f.Limit)
	for _, e := range names {
		if !match(e) {
			continue
		}
		total++
		switch {
		case after != nil && e.compare(after) <= 0:
		case len(ids) < f.Limit:
			ids = append(ids, e.id)
		default:
			more = true
		}
	}
	return ids, total, more, nil
}

// matcher returns the test of a filter: the whole query is part of the phone
// number, or every word of it is part of the name, the e-mail address or the
// phone's digits.
func matcher(f model.ClientFilter) func(*nameEntry) bool {
	words := queryWords(string(f.Query))
	digits := phoneQuery(string(f.Query))
	return func(e *nameEntry) bool {
		switch {
		case f.Status == model.ActiveClients && e.archived, f.Status == model.ArchivedClients && !e.archived:
			return false
		case digits != "" && strings.Contains(e.digits, digits):
			return true
		}
		for _, w := range words {
			if !w.in(e) {
				return false
			}
		}
		return true
	}
}

// queryWord is a word in the forms in which it is looked for.
type queryWord struct{ folded, plain, digits string }

func (w queryWord) in(e *nameEntry) bool {
	if w.digits != "" && strings.Contains(e.digits, w.digits) {
		return true
	}
	for part := range strings.FieldsSeq(w.folded) {
		if !strings.Contains(e.name, part) {
			return e.email != "" && strings.Contains(e.email, w.plain)
		}
	}
	return w.folded != "" || strings.Contains(e.email, w.plain)
}

// queryWords splits a query; a word without a letter or digit, such as a lone
// dash, asks for nothing, unless it could be part of an address.
func queryWords(q string) []queryWord {
	var words []queryWord
	for w := range strings.FieldsSeq(q) {
		word := queryWord{model.Fold(w), strings.ToLower(w), phoneQuery(w)}
		if word.folded != "" || strings.ContainsAny(w, "@._%+") {
			words = append(words, word)
		}
	}
	return words
}

// phoneQuery returns the digits of a query that is a phone number or a part
// of one, and "" for any other. The national form of a number also matches
// the international one, and the other way round.
func phoneQuery(q string) string {
	digits := model.Digits(q)
	other := func(r rune) bool { return !unicode.IsDigit(r) && !strings.ContainsRune("+-(). /", r) }
	if len(digits) < 3 || strings.ContainsFunc(q, other) {
		return ""
	}
	return phoneKey(digits)
}
