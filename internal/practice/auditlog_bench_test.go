package practice_test

import (
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"path/filepath"
	"testing"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // fills the trail quicker than the program would
)

// A trail of a million entries of 2,000 clients by three members, of which one
// has done a single thing; every 997th was denied.
const fillTrail = `insert into audit_events
	(workspace_id, seq, at, actor_kind, actor_id, action, outcome, subject_id, records, session_id, request_id, hash)
	with recursive s(i) as (select 100 union all select i + 1 from s where i < 1000000)
	select $1, i, 1770000000000000 + i * 1000, 'person',
		printf('10000000-0000-0000-0000-%012d', case when i = 500 then 9 else i % 2 end),
		case when i = 700 then 'workspace.update' else (case i % 4 when 0 then 'client.view' when 1 then 'client.list' when 2 then 'session.view' else 'appointment.list' end) end,
		case when i % 997 = 0 then 'denied' else 'ok' end,
		printf('20000000-0000-0000-0000-%012d', i % 2000), 1, $1, $1, zeroblob(32) from s`

func aMillionEntries(b *testing.B) (*practice.Practice, store.Scope) {
	b.Helper()
	key := make([]byte, crypt.KeySize)
	_, err := rand.Read(key)
	noErr(b, err)
	masters, err := crypt.ParseMasters("v1:" + base64.StdEncoding.EncodeToString(key))
	noErr(b, err)
	path := filepath.Join(b.TempDir(), "pazpaz.db")
	s, err := store.Open(b.Context(), store.Options{URL: "sqlite:" + path, Masters: masters, Now: time.Now, Random: rand.Reader})
	noErr(b, err)
	b.Cleanup(func() { _ = s.Close() })
	w, err := model.Workspace{ID: uuid.New(), Name: "Practice"}.Normalize()
	noErr(b, err)
	noErr(b, s.Platform(b.Context(), s.PlatformScope(uuid.Nil), model.WorkspaceCreate, func(tx *store.PlatformTx) error { return tx.CreateWorkspace(w) }))
	db, err := sql.Open("sqlite", path+"?_pragma=synchronous(off)&_pragma=cache_size(-200000)")
	noErr(b, err)
	for _, q := range []string{fillTrail, "update audit_heads set seq = 1000000 where workspace_id = $1"} {
		_, err = db.ExecContext(b.Context(), q, w.ID.String())
		noErr(b, err)
	}
	noErr(b, db.Close())
	return practice.New(s, rand.Reader), s.OperatorScope(w.ID)
}

// BenchmarkAuditPage is a page of a long trail, its own audit entry included.
func BenchmarkAuditPage(b *testing.B) {
	p, sc := aMillionEntries(b)
	id := func(s string) uuid.UUID { return uuid.MustParse(s) }
	for name, f := range map[string]model.AuditFilter{
		"all":            {},
		"in the middle":  {After: &model.AuditPlace{At: time.UnixMicro(1770000500000000), Seq: 1}},
		"member":         {ActorID: id("10000000-0000-0000-0000-000000000001")},
		"member of one":  {ActorID: id("10000000-0000-0000-0000-000000000009")},
		"record":         {SubjectID: id("20000000-0000-0000-0000-000000000007")},
		"action":         {Action: "session.view"},
		"rare action":    {Action: "workspace.update"},
		"family":         {Action: "session"},
		"denied":         {Outcome: "denied"},
		"refused, none":  {Outcome: "refused"},
		"first day":      {To: time.UnixMicro(1770000001000000)},
		"rare in family": {Action: "workspace", Outcome: "ok"},
	} {
		f.Limit = 50
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := p.ListAudit(b.Context(), sc, f, model.Days{})
				noErr(b, err)
			}
		})
	}
}
