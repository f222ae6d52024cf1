package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// auditPageSQL is a page of the chain, the latest first. What is put in
// narrows it down, and each has an index of its own.
const auditPageSQL = `select seq, at, actor_kind, actor_id, action, outcome, subject_id, records, session_id, request_id, hash
	from audit_events where workspace_id = $1`

const auditOrderSQL = ` order by at desc, seq desc limit `

// endOfTime is after every entry, and a time that both engines can compare.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// AuditEntries returns a page of the workspace's audit chain, the latest
// first, and whether there are more behind it.
func (tx *ReadTx) AuditEntries(f model.AuditFilter) ([]model.AuditEntry, bool, error) {
	actions, outcomes := []string{""}, []string{f.Outcome}
	if f.Action != "" {
		actions = f.OfKind(model.ActionNames(f.Action))
	}
	if f.Outcome == "not_ok" {
		outcomes = []string{audit.Denied, audit.Missing, audit.Refused}
	}
	var all []model.AuditEntry
	for _, action := range actions {
		for _, outcome := range outcomes {
			f.Action, f.Outcome = action, outcome
			found, err := tx.auditEntries(f)
			if err != nil {
				return nil, false, fmt.Errorf("audit entries: %w", err)
			}
			all = append(all, found...)
		}
	}
	page, more := latestEntries(all, f.Limit)
	tx.count += int64(len(page))
	return page, more, nil
}

// auditEntries returns the entries of one action and one outcome, or of any,
// one more than the limit. They come in their order from one index; a lower
// end of the time in the statement would make SQLite choose another, so the
// entries before it are cut off here.
func (tx *ReadTx) auditEntries(f model.AuditFilter) ([]model.AuditEntry, error) {
	q := auditClauses(f)
	text := auditPageSQL + q.text.String() + auditOrderSQL + fmt.Sprintf("$%d", len(q.args)+2)
	r, err := tx.query(text, append(q.args, int64(f.Limit+1))...)
	found, err := collect(r, err, scanAuditEntry)
	for i := range found {
		if found[i].At.Before(f.From) {
			return found[:i], err
		}
	}
	return found, err
}

// auditClauses are the conditions of one action and one outcome, or of any.
func auditClauses(f model.AuditFilter) *clauses {
	q := &clauses{}
	before := auditBefore(f)
	q.and("(at, seq) < (?, ?)", before.At.UTC(), before.Seq)
	if f.ActorKind != "" {
		q.and("actor_kind = ?", f.ActorKind)
	}
	if f.ActorKind != "" || f.ActorID != uuid.Nil {
		q.and("actor_id = ?", f.ActorID)
	}
	if f.Action != "" {
		q.and("action = ?", f.Action)
	} else if f.Kind != "" {
		q.andKind(f.Kind)
	}
	if f.SubjectID != uuid.Nil {
		q.and("subject_id = ?", f.SubjectID)
		// What was not here has no history: neither misses nor looks that found nothing.
		q.and("outcome <> 'missing' and not (outcome = 'ok' and records = 0)")
	}
	if f.Outcome != "" {
		q.and("outcome = ?", f.Outcome)
	}
	if f.Outcome != "" && f.Outcome != audit.OK {
		q.and("outcome <> 'ok'") // as the index says
	}
	return q
}

// andKind leaves the looks or the changes.
func (q *clauses) andKind(kind string) {
	var names []any
	for _, name := range model.LookNames() {
		names = append(names, name)
	}
	in := map[string]string{"looks": "action in (", "changes": "action not in ("}[kind]
	q.and(in+"?"+strings.Repeat(", ?", len(names)-1)+")", names...)
}

// auditBefore is the place that a page is before.
func auditBefore(f model.AuditFilter) model.AuditPlace {
	before := model.AuditPlace{At: endOfTime}
	if !f.To.IsZero() && f.To.Before(endOfTime) {
		before.At = f.To
	}
	if f.After != nil && !f.After.At.After(before.At) {
		before = *f.After
	}
	return before
}

func scanAuditEntry(r rows) (e model.AuditEntry, err error) {
	err = r.Scan(&e.Seq, &e.At, &e.ActorKind, &e.ActorID, &e.Action, &e.Outcome,
		&e.SubjectID, &e.Count, &e.SessionID, &e.RequestID, &e.Hash)
	return e, err
}

// latestEntries merges lists and cuts them to a page.
func latestEntries(all []model.AuditEntry, limit int) (page []model.AuditEntry, more bool) {
	slices.SortFunc(all, func(a, b model.AuditEntry) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq))
	})
	return all[:min(len(all), limit)], len(all) > limit
}

// accessSQL is what happened to a client's record: the client, and the
// appointments, series and notes that are the client's. The cross join makes
// both engines begin with these few, not with the whole chain.
const accessSQL = `select e.seq, e.at, e.actor_kind, e.actor_id, e.action, e.outcome, e.subject_id, e.records, e.session_id, e.request_id, e.hash
	from (
		select c.id from clients c where c.workspace_id = $1 and c.id = $2
		union select a.id from appointments a where a.workspace_id = $1 and a.client_id = $2
		union select r.series_id from appointments r where r.workspace_id = $1 and r.client_id = $2 and r.series_id is not null
		union select n.id from sessions n where n.workspace_id = $1 and n.client_id = $2) s
	cross join audit_events e
	where e.workspace_id = $1 and e.subject_id = s.id and (e.at, e.seq) < ($3, $4) order by e.at desc, e.seq desc limit $5`

const clientSinceSQL = `select created_at from clients where workspace_id = $1 and id = $2`

// AccessEntries returns a page of who opened or changed a client's record, the
// latest first, exports of all clients included. Lists, in which a client is
// one of many, name nobody and are left out.
func (tx *ReadTx) AccessEntries(client uuid.UUID, limit int, after *model.AuditPlace) ([]model.AuditEntry, bool, error) {
	tx.regarding(client)
	var since time.Time
	r, err := tx.query(clientSinceSQL, client)
	if err := missing(one(r, err, &since)); err != nil {
		return nil, false, fmt.Errorf("access receipt: %w", err)
	}
	before := model.AuditPlace{At: endOfTime}
	if after != nil {
		before = *after
	}
	r, err = tx.query(accessSQL, client, before.At.UTC(), before.Seq, int64(limit+1))
	all, err := collect(r, err, scanAuditEntry)
	if err != nil {
		return nil, false, fmt.Errorf("access receipt: %w", err)
	}
	exports, err := tx.auditEntries(model.AuditFilter{From: since, Action: model.ClientExport.String(), Limit: limit, After: after})
	if err != nil {
		return nil, false, fmt.Errorf("access receipt: %w", err)
	}
	page, more := latestEntries(append(all, exports...), limit)
	tx.count += int64(len(page))
	return page, more, nil
}

// NameClients puts into entries the clients that their subjects are about.
func (tx *ReadTx) NameClients(entries []model.AuditEntry) error {
	of, err := tx.clientsOf(entries)
	if err != nil {
		return fmt.Errorf("clients of audit entries: %w", err)
	}
	counted := tx.count
	clients, err := tx.Clients(distinct(of))
	if err != nil {
		return fmt.Errorf("clients of audit entries: %w", err)
	}
	tx.count = counted // the entries are what is counted
	names := make(map[uuid.UUID]model.Text, len(clients))
	for _, c := range clients {
		names[c.ID] = model.Text(strings.TrimSpace(string(c.FirstName) + " " + string(c.LastName)))
	}
	for i := range entries {
		entries[i].Client = of[entries[i].SubjectID]
		entries[i].ClientName = names[entries[i].Client]
	}
	return nil
}

// clientsOf maps the subjects of entries to the clients they are about.
func (tx *ReadTx) clientsOf(entries []model.AuditEntry) (map[uuid.UUID]uuid.UUID, error) {
	subjects := map[uuid.UUID]bool{}
	var args []any
	for _, e := range entries {
		if e.SubjectID != uuid.Nil && !subjects[e.SubjectID] {
			subjects[e.SubjectID] = true
			args = append(args, e.SubjectID)
		}
	}
	of := map[uuid.UUID]uuid.UUID{}
	if len(args) == 0 {
		return of, nil
	}
	n := len(args)
	text := `select c.id, c.id from clients c where c.workspace_id = $1 and c.id in (` + placeholders(2, n) + `)
		union all select a.id, a.client_id from appointments a where a.workspace_id = $1 and a.id in (` + placeholders(2, n) + `)
		union all select r.series_id, r.client_id from appointments r where r.workspace_id = $1 and r.series_id in (` + placeholders(2, n) + `)
		union all select n.id, n.client_id from sessions n where n.workspace_id = $1 and n.id in (` + placeholders(2, n) + `)`
	r, err := tx.query(text, args...)
	_, err = collect(r, err, func(r rows) (struct{}, error) {
		var subject, client uuid.UUID
		err := r.Scan(&subject, &client)
		of[subject] = client
		return struct{}{}, err
	})
	return of, err
}

func distinct(of map[uuid.UUID]uuid.UUID) (all []uuid.UUID) {
	for _, id := range of {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(all)
}

const memberNamesSQL = `select u.id, u.profile from members m join users u on u.id = m.user_id where m.workspace_id = $1`

// MemberNames returns the names of all who are or were members of the scope's
// workspace. They are identity rows, which no transaction of a workspace
// reaches, so it has one of its own.
func (s *Store) MemberNames(ctx context.Context, sc Scope, act model.Action) (map[uuid.UUID]model.Text, error) {
	if err := s.admit(ctx, sc, act); err != nil {
		return nil, err
	}
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	names := map[uuid.UUID]model.Text{}
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, memberNamesSQL, sc.workspace)
		_, err = collect(r, err, func(r rows) (struct{}, error) {
			var id uuid.UUID
			var profile []byte
			if err := r.Scan(&id, &profile); err != nil {
				return struct{}{}, err
			}
			p, err := openPair(box, place("users", "profile", id), profile)
			names[id] = p.second
			return struct{}{}, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("member names: %w", err)
	}
	return names, nil
}
