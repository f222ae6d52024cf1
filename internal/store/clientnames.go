package store

import (
	"cmp"
	"container/list"
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
	birth    string
	archived bool
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
}

// nameIndexes bounds the snapshots of all workspaces by the number of names;
// the one used longest ago goes first.
type nameIndexes struct {
	max  int
	mu   sync.Mutex
	held map[uuid.UUID]*list.Element
	uses *list.List // of *heldIndex, latest first
	size int
}

type heldIndex struct {
	workspace uuid.UUID
	index     *nameIndex
	size      int
}

func newNameIndexes(limit int) *nameIndexes {
	return &nameIndexes{max: limit, held: map[uuid.UUID]*list.Element{}, uses: list.New()}
}

func (n *nameIndexes) of(workspace uuid.UUID) *nameIndex {
	n.mu.Lock()
	defer n.mu.Unlock()
	if el, ok := n.held[workspace]; ok {
		n.uses.MoveToFront(el)
		return el.Value.(*heldIndex).index
	}
	h := &heldIndex{workspace: workspace, index: &nameIndex{}}
	n.held[workspace] = n.uses.PushFront(h)
	return h.index
}

// grown tells how large a workspace's index now is, and lets others go until
// all fit. The newest one stays even when it alone is over the bound.
func (n *nameIndexes) grown(workspace uuid.UUID, size int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if el, ok := n.held[workspace]; ok {
		h := el.Value.(*heldIndex)
		n.size += size - h.size
		h.size = size
	}
	for n.size > n.max && n.uses.Len() > 1 {
		h := n.uses.Remove(n.uses.Back()).(*heldIndex)
		delete(n.held, h.workspace)
		n.size -= h.size
	}
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
	index := tx.store.names.of(tx.scope.workspace)
	index.mu.Lock()
	defer index.mu.Unlock()
	if index.rev >= rev {
		return index.entries, nil
	}
	changed, err := changedNames(tx.ctx, tx.c, tx.box, tx.scope.workspace, index.rev)
	if err != nil {
		return nil, fmt.Errorf("client names: %w", err)
	}
	if tx.writes {
		// What is seen here may not be committed yet, so it stays here.
		own := nameIndex{rev: index.rev, entries: index.entries}
		own.merge(changed)
		return own.entries, nil
	}
	index.merge(changed)
	tx.store.names.grown(tx.scope.workspace, len(index.entries))
	return index.entries, nil
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
	first, last := model.Fold(string(c.FirstName)), model.Fold(string(c.LastName))
	e.sort = last + "\x00" + first
	e.name = first + " " + last
	e.email = strings.ToLower(string(c.Email))
	e.digits = model.Digits(string(c.Phone))
	e.birth = string(c.DateOfBirth)
}

// merge takes the changed entries in, in a new slice.
func (x *nameIndex) merge(changed []*nameEntry) {
	if len(changed) == 0 {
		return
	}
	fresh := make(map[uuid.UUID]bool, len(changed))
	for _, e := range changed {
		fresh[e.id] = true
		x.rev = max(x.rev, e.rev)
	}
	slices.SortFunc(changed, (*nameEntry).compare)
	all := make([]*nameEntry, 0, len(x.entries)+len(changed))
	for _, e := range x.entries {
		if fresh[e.id] {
			continue
		}
		for len(changed) > 0 && changed[0].compare(e) < 0 {
			all, changed = append(all, changed[0]), changed[1:]
		}
		all = append(all, e)
	}
	all = append(all, changed...)
	x.entries = all
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
