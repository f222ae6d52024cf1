package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pazpaz/internal/testkit"

	"github.com/jackc/pgx/v5"
)

// fillers are SQL that fills the tenant tables so far that a planner which weighs
// costs has reason to use an index: 40 workspaces (w) with 250 rows (i) each.
var fillers = []string{
	"insert into workspaces (id, name, time_zone, locale, currency, week_start, status, clients_rev, version, created_at) " +
		"select {W}, {BLOB}, 'UTC', 'en', 'USD', 'monday', 'active', 0, 1, {START} from {EACH W}",
	"insert into users (id, email_key, profile, locale, created_at) select {U}, {KEY OF W}, {BLOB}, 'en', {START} from {EACH W}",
	"insert into members select {W}, {U}, 'owner', {YES}, {START} from {EACH W}",
	"insert into audit_heads select {E}, 250, {BLOB} from {EACH W}, {EACH I}", // one row each would fit on a page
	"insert into audit_events select {W}, i, {AT}, 'person', {U}, 'client.view', 'ok', {C}, 1, {C}, {C}, {BLOB}, null from {EACH W}, {EACH I}",
	"insert into clients select {W}, {C}, {BLOB}, null, {YES}, null, i, 1, {AT}, {AT} from {EACH W}, {EACH I}",
	"insert into consents select {W}, {E}, {C}, 'data', {BLOB}, {AT}, {U}, null, null from {EACH W}, {EACH I}",
	"insert into services select {W}, {E}, {BLOB}, 60, null, null, 0, 0, null, 1, {AT}, {AT} from {EACH W}, {EACH I}",
	"insert into locations select {W}, {E}, {BLOB}, 'clinic', {YES}, null, 1, {AT}, {AT} from {EACH W}, {EACH I}",
	"insert into appointment_series select {W}, {E}, 'FREQ=WEEKLY', '2026-02-02T10:00:00', 'UTC', 60, 1, {U}, {AT} from {EACH W}, {EACH I}",
	// Of each workspace's visits some are attended, in a series, deleted, unpaid.
	"insert into appointments (workspace_id, id, client_id, practitioner_id, starts_at, ends_at, status, version, created_at, updated_at, " +
		"service_id, location_id, room_id, location_type, blocks_from, blocks_to, overlap_allowed, price, currency, payment_status, " +
		"series_id, detached, noted, status_at, created_by, deleted_at) " +
		"select {W}, {E}, {C}, {U}, {AT}, {AT} + {HOUR}, case when i % 5 = 0 then 'attended' else 'scheduled' end, 1, {AT}, {AT}, " +
		"case when i % 3 = 0 then {E} end, {E}, {E}, 'clinic', {AT}, {AT} + {HOUR}, {NO}, 100, 'USD', 'not_paid', " +
		"case when i % 7 = 0 then {E} end, {NO}, {NO}, {AT}, {U}, case when i % 20 = 0 then {AT} end from {EACH W}, {EACH I}",
	"insert into sessions select {W}, {E}, {C}, {E}, {U}, case when i % 10 = 0 then 'draft' else 'signed' end, {AT}, 60, null, null, " +
		"case when i % 10 = 0 then 0 else 1 end, {AT}, case when i % 10 = 0 then null else {AT} end, case when i % 20 = 0 then {AT} end, null, 1, {AT}, {AT} " +
		"from {EACH W}, {EACH I}",
	"insert into session_versions select {W}, {E}, 1, {E}, {BLOB}, {BLOB}, {U}, {AT} from {EACH W}, {EACH I} where i % 10 <> 0",
	"insert into note_templates select {W}, {E}, 'template', {BLOB}, {U}, 1, {AT}, {AT} from {EACH W}, {EACH I}",
	"insert into calendar_feeds select {W}, {E}, {U}, {KEY OF WI}, 'busy', {AT}, null from {EACH W}, {EACH I}",
	"insert into idempotency_keys select {W}, {U}, {KEY OF I}, {BLOB}, {C}, {AT} from {EACH W}, {EACH I}",
}

var fillersOf = map[string]*strings.Replacer{
	"sqlite": strings.NewReplacer(
		"{W}", "printf('00000000-0000-0000-0000-%012d', w)", "{U}", "printf('10000000-0000-0000-0000-%012d', w)",
		"{C}", "printf('20000000-0000-0000-%04d-%012d', w, i)", "{E}", "printf('40000000-0000-0000-%04d-%012d', w, i)",
		"{KEY OF W}", "cast(printf('%032d', w) as blob)", "{KEY OF I}", "cast(printf('%032d', i) as blob)",
		"{KEY OF WI}", "cast(printf('%016d%016d', w, i) as blob)",
		"{BLOB}", "x'00'", "{YES}", "1", "{NO}", "0", "{START}", "1770000000000000", "{AT}", "(1770000000000000 + i * 3600000000)", "{HOUR}", "3600000000",
		"{EACH W}", "(with recursive s(w) as (select 100 union all select w + 1 from s where w < 139) select w from s)",
		"{EACH I}", "(with recursive s(i) as (select 1 union all select i + 1 from s where i < 250) select i from s)",
	),
	"postgres": strings.NewReplacer(
		"{W}", "('00000000-0000-0000-0000-' || to_char(w, 'FM000000000000'))::uuid", "{U}", "('10000000-0000-0000-0000-' || to_char(w, 'FM000000000000'))::uuid",
		"{C}", "('20000000-0000-0000-' || to_char(w, 'FM0000') || '-' || to_char(i, 'FM000000000000'))::uuid",
		"{E}", "('40000000-0000-0000-' || to_char(w, 'FM0000') || '-' || to_char(i, 'FM000000000000'))::uuid",
		"{KEY OF W}", "sha256(w::text::bytea)", "{KEY OF I}", "sha256(i::text::bytea)", "{KEY OF WI}", "sha256((w || ' ' || i)::bytea)",
		"{BLOB}", `'\x00'::bytea`, "{YES}", "true", "{NO}", "false", "{START}", "to_timestamp(1770000000)", "{AT}", "to_timestamp(1770000000 + i * 3600)",
		"{HOUR}", "interval '1 hour'", "{EACH W}", "generate_series(100, 139) w", "{EACH I}", "generate_series(1, 250) i",
	),
}

func crowded(t *testing.T, k *testkit.Kit) {
	t.Helper()
	for _, q := range fillers {
		q = fillersOf[k.Engine].Replace(q)
		if err := k.DB.Exec(q); err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
	}
	if k.Engine == "postgres" { // SQLite goes by what the schema tells it
		testkit.NoErr(t, k.DB.Exec("analyze"))
	}
}

func TestSQLiteNeverScansATenantTable(t *testing.T) {
	eachSQLite(t, func(t *testing.T, k *testkit.Kit) {
		crowded(t, k)
		for _, s := range tenantStatements(t) {
			for _, wrong := range sqliteScans(k, s.text) {
				t.Errorf("%s: %s:\n%s", s.at, wrong, s.text)
			}
		}
		for _, bad := range []string{
			"select id from clients where id = $1", "select id from clients where workspace_id <> $1", "select count(*) from audit_events",
			"select seq from audit_events where $1 = '' and action = 'ok'", "update clients set rev = 1 where archived_at is null and $1 = ''",
			"select c.id from clients c join consents k on k.client_id = c.id where c.workspace_id = $1",
		} {
			if len(sqliteScans(k, bad)) == 0 {
				t.Errorf("passed: %s", bad)
			}
		}
	})
}

var parameter = regexp.MustCompile(`\$(\d+)`)

// sqliteScans returns the steps of a statement's plan that walk a tenant table
// other than through an index that begins with the workspace.
func sqliteScans(k *testkit.Kit, text string) []string {
	k.T.Helper()
	aliases := map[string]bool{}
	for _, u := range uses(words(text)) {
		if isTenant(u.table) && u.verb != "insert" {
			aliases[u.alias], aliases[u.table] = true, true
		}
	}
	var wrong []string
	steps := 0
	for _, line := range sqlitePlan(k, text) {
		step := strings.Fields(line)
		if len(step) < 2 || !aliases[step[1]] {
			continue
		}
		steps++
		if step[0] != "SEARCH" || !strings.Contains(line, "(workspace_id=?") {
			wrong = append(wrong, line)
		}
	}
	if steps == 0 && len(aliases) > 0 {
		wrong = append(wrong, "its plan names none of its tables; the check is broken")
	}
	return wrong
}

// sqlitePlan returns the steps of a statement's plan.
func sqlitePlan(k *testkit.Kit, text string) (steps []string) {
	k.T.Helper()
	args := []any{}
	for _, m := range parameter.FindAllStringSubmatch(text, -1) {
		var n int
		_, err := fmt.Sscan(m[1], &n)
		testkit.NoErr(k.T, err)
		for len(args) < n {
			args = append(args, "x")
		}
	}
	for _, r := range k.DB.Rows("explain query plan "+text, args...) {
		steps = append(steps, r[3])
	}
	return steps
}

func TestPostgresNeverScansATenantTable(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		crowded(t, k)
		c := asApp(k)
		// The plan of the prepared statement that serves every workspace alike.
		_, err := c.Exec(t.Context(), "set plan_cache_mode = force_generic_plan")
		testkit.NoErr(t, err)
		for _, s := range tenantStatements(t) {
			for _, wrong := range postgresScans(t, k, c, s.text) {
				t.Errorf("%s: %s:\n%s", s.at, wrong, s.text)
			}
		}
		super := asSuper(k)
		_, err = super.Exec(t.Context(), "set plan_cache_mode = force_generic_plan")
		testkit.NoErr(t, err)
		for _, bad := range []string{
			"select id from clients where id = $1", "select id from clients where workspace_id <> $1",
			"select count(*) from audit_events where $1::uuid is not null", "select seq from audit_events where action = 'ok' and $1::uuid is not null",
			"update clients set rev = 1 where archived_at is null and $1::uuid is not null",
			"select c.id from clients c join consents k on k.client_id = c.id where c.workspace_id = $1",
		} {
			if len(postgresScans(t, k, super, bad)) == 0 {
				t.Errorf("passed: %s", bad)
			}
		}
	})
}

// asSuper is a connection past row-level security, which leaves the filter of
// the statement alone to be planned for.
func asSuper(k *testkit.Kit) *pgx.Conn {
	k.T.Helper()
	c, err := pgx.Connect(k.T.Context(), superURLOf(k))
	testkit.NoErr(k.T, err)
	k.T.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// plan is a node of EXPLAIN's tree.
type plan struct {
	Type     string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Cond     string `json:"Index Cond"`
	Plans    []plan `json:"Plans"`
}

// postgresScans returns the nodes of a statement's generic plan that walk a
// tenant table other than through an index on the workspace.
func postgresScans(t *testing.T, k *testkit.Kit, c *pgx.Conn, text string) []string {
	t.Helper()
	tx := begin(t, c)
	defer func() { testkit.NoErr(t, tx.Rollback(t.Context())) }()
	reach(t, tx, testkit.ID(0, 120).String(), "off")
	_, err := tx.Exec(t.Context(), "prepare planned as "+text)
	testkit.NoErr(t, err)
	defer func() { _, _ = tx.Exec(t.Context(), "deallocate planned") }()
	var params int
	testkit.NoErr(t, tx.QueryRow(t.Context(), "select cardinality(parameter_types) from pg_prepared_statements where name = 'planned'").Scan(&params))
	nulls := strings.TrimSuffix(strings.Repeat("null, ", params), ", ")
	var raw []byte
	testkit.NoErr(t, tx.QueryRow(t.Context(), "explain (format json) execute planned("+nulls+")").Scan(&raw))
	var tree []struct{ Plan plan }
	testkit.NoErr(t, json.Unmarshal(raw, &tree))
	var wrong []string
	scans := 0
	var walk func(p plan)
	walk = func(p plan) {
		cond := p.Cond
		if strings.HasSuffix(p.Type, "Scan") && isTenant(p.Relation) {
			scans++
			if p.Type == "Bitmap Heap Scan" {
				cond = bitmapCond(p)
			}
			if p.Type == "Seq Scan" || !strings.Contains(cond, "(workspace_id = ") {
				wrong = append(wrong, fmt.Sprintf("%s on %s, index condition %q", p.Type, p.Relation, cond))
			}
		}
		for _, child := range p.Plans {
			walk(child)
		}
	}
	walk(tree[0].Plan)
	if scans == 0 && !strings.HasPrefix(strings.TrimSpace(text), "insert") {
		wrong = append(wrong, "its plan names none of its tables; the check is broken")
	}
	return wrong
}

// bitmapCond is the condition of the index scan below a bitmap heap scan.
func bitmapCond(p plan) string {
	for _, child := range p.Plans {
		if child.Cond != "" {
			return child.Cond
		}
		if cond := bitmapCond(child); cond != "" {
			return cond
		}
	}
	return ""
}
