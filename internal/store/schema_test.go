package store_test

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"pazpaz/internal/store"
	"pazpaz/internal/testkit"
)

// schema is a set of facts about a database, one line each, in words that
// both engines share: "column clients.contact blob not null".
type schema map[string]bool

func (s schema) add(format string, a ...any) { s[fmt.Sprintf(format, a...)] = true }

// differences lists what one schema has and the other has not.
func differences(a, b schema, nameA, nameB string) []string {
	var all []string
	for line := range a {
		if !b[line] {
			all = append(all, "only "+nameA+": "+line)
		}
	}
	for line := range b {
		if !a[line] {
			all = append(all, "only "+nameB+": "+line)
		}
	}
	sort.Strings(all)
	return all
}

// classes are the kinds of value that a type of PostgreSQL holds in SQLite.
var classes = map[string]string{
	"uuid": "text", "text": "text", "bytea": "blob", "bigint": "integer", "boolean": "integer", "timestamp with time zone": "integer",
}

func postgresSchema(k *testkit.Kit) schema {
	k.T.Helper()
	s := schema{}
	for _, r := range k.DB.Rows(`select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`) {
		s.add("table %s", r[0])
	}
	for _, r := range k.DB.Rows(`select table_name, column_name, data_type, is_nullable, ordinal_position, coalesce(column_default, '')
		from information_schema.columns where table_schema = 'public'`) {
		class, ok := classes[r[2]]
		if !ok {
			k.T.Errorf("%s.%s has type %s, which SQLite has no counterpart for", r[0], r[1], r[2])
		}
		s.add("column %s.%s is number %s, %s%s, default %q", r[0], r[1], r[4], class, map[string]string{"NO": " not null"}[r[3]], r[5])
	}
	for _, r := range k.DB.Rows(`select t.relname, i.relname, x.indisunique, x.indisprimary, string_agg(a.attname, ' ' order by n.ord), coalesce(pg_get_expr(x.indpred, x.indrelid), '')
		from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
		cross join unnest(x.indkey) with ordinality n(att, ord) join pg_attribute a on a.attrelid = t.oid and a.attnum = n.att
		where t.relnamespace = 'public'::regnamespace and not x.indisexclusion group by 1, 2, 3, 4, x.indpred, x.indrelid`) {
		if r[3] == "true" {
			s.add("primary key of %s (%s)", r[0], r[4])
		} else {
			s.add("index %s on %s (%s) unique %s where %q", r[1], r[0], r[4], r[2], plainRule(r[5]))
		}
	}
	for _, r := range k.DB.Rows(`select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint
		where contype = 'c' and connamespace = 'public'::regnamespace`) {
		s.add("rule of %s: %s", r[0], plainRule(strings.TrimPrefix(r[1], "CHECK ")))
	}
	for _, r := range k.DB.Rows(`select c.conrelid::regclass::text, c.confrelid::regclass::text, c.confdeltype, c.confupdtype,
		(select string_agg(a.attname, ' ' order by n.ord) from unnest(c.conkey) with ordinality n(att, ord) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = n.att),
		(select string_agg(a.attname, ' ' order by n.ord) from unnest(c.confkey) with ordinality n(att, ord) join pg_attribute a on a.attrelid = c.confrelid and a.attnum = n.att)
		from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace`) {
		if r[2] != "97" || r[3] != "97" {
			k.T.Errorf("the reference %s -> %s acts by itself on change", r[0], r[1])
		}
		s.add("reference %s (%s) -> %s (%s)", r[0], r[4], r[1], r[5])
	}
	return s
}

func sqliteSchema(k *testkit.Kit) schema {
	k.T.Helper()
	s := schema{}
	for _, r := range k.DB.Rows(`select name, wr, strict from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'`) {
		table := r[0]
		s.add("table %s", table)
		if r[2] != "1" {
			k.T.Errorf("table %s is not strict", table)
		}
		var pk []string
		for _, c := range k.DB.Rows(`select name, lower(type), "notnull", pk, cid + 1, coalesce(dflt_value, '') from pragma_table_xinfo('` + table + `') order by pk, cid`) {
			notNull := map[bool]string{true: " not null"}[c[2] == "1" || c[3] != "0"]
			s.add("column %s.%s is number %s, %s%s, default %q", table, c[0], c[4], c[1], notNull, c[5])
			if c[3] != "0" {
				pk = append(pk, c[0])
			}
		}
		s.add("primary key of %s (%s)", table, strings.Join(pk, " "))
		for _, i := range k.DB.Rows(`select name, "unique", origin, partial from pragma_index_list('` + table + `') where origin <> 'pk'`) {
			var columns []string
			for _, c := range k.DB.Rows(`select name from pragma_index_info('` + i[0] + `') order by seqno`) {
				columns = append(columns, c[0])
			}
			_, where, partial := strings.Cut(k.DB.Rows("select sql from sqlite_master where name = $1", i[0])[0][0], " where ")
			if partial != (i[3] == "1") {
				_, where, _ = strings.Cut(k.DB.Rows("select sql from sqlite_master where name = $1", i[0])[0][0], "\twhere ")
			}
			s.add("index %s on %s (%s) unique %v where %q", i[0], table, strings.Join(columns, " "), i[1] == "1", plainRule(where))
		}
		for _, rule := range rulesIn(k.DB.Rows("select sql from sqlite_master where type = 'table' and name = $1", table)[0][0]) {
			s.add("rule of %s: %s", table, plainRule(rule))
		}
		s.addSQLiteReferences(k, table)
	}
	return s
}

// rulesIn are the conditions of a table's checks.
func rulesIn(text string) (all []string) {
	for {
		_, rest, found := strings.Cut(text, "check (")
		if !found {
			return all
		}
		depth, end := 1, 0
		for ; depth > 0; end++ {
			depth += strings.Count(rest[end:end+1], "(") - strings.Count(rest[end:end+1], ")")
		}
		all, text = append(all, rest[:end-1]), rest[end:]
	}
}

var (
	between = regexp.MustCompile(`(\w+) between (\S+) and (\S+)`)
	cast    = regexp.MustCompile(`::[a-z]+(\[\])?`)
	anyOf   = regexp.MustCompile(`= any array\[([^\]]*)\]`)
)

// plainRule writes a condition so that both engines' ways to print it are the
// same: without brackets, casts and the spaces between the words.
func plainRule(rule string) string {
	rule = cast.ReplaceAllString(strings.ToLower(rule), "")
	rule = between.ReplaceAllString(rule, "$1 >= $2 and $1 <= $3")
	rule = strings.NewReplacer("(", " ", ")", " ", ",", ", ").Replace(rule)
	rule = strings.Join(strings.Fields(rule), " ")
	rule = anyOf.ReplaceAllString(rule, "in $1")
	return strings.ReplaceAll(rule, "'32:00:00'", "115200000000") // microseconds
}

func (s schema) addSQLiteReferences(k *testkit.Kit, table string) {
	k.T.Helper()
	type reference struct {
		to       string
		from, at []string
	}
	all := map[string]*reference{}
	for _, f := range k.DB.Rows(`select id, "table", "from", "to", on_update, on_delete from pragma_foreign_key_list('` + table + `') order by id, seq`) {
		if f[4] != "NO ACTION" || f[5] != "NO ACTION" {
			k.T.Errorf("the reference %s -> %s acts by itself on change", table, f[1])
		}
		if all[f[0]] == nil {
			all[f[0]] = &reference{to: f[1]}
		}
		all[f[0]].from, all[f[0]].at = append(all[f[0]].from, f[2]), append(all[f[0]].at, f[3])
	}
	for _, r := range all {
		s.add("reference %s (%s) -> %s (%s)", table, strings.Join(r.from, " "), r.to, strings.Join(r.at, " "))
	}
}

func schemaOf(k *testkit.Kit) schema {
	k.T.Helper()
	if k.Engine == "postgres" {
		return postgresSchema(k)
	}
	return sqliteSchema(k)
}

func TestBothEnginesHaveTheSameSchema(t *testing.T) {
	t.Parallel()
	engines := testkit.Engines(t)
	if len(engines) < 2 {
		return // Engines has said what is missing
	}
	lite, pg := sqliteSchema(testkit.New(t, "sqlite")), postgresSchema(testkit.New(t, "postgres"))
	for _, d := range differences(lite, pg, "SQLite", "PostgreSQL") {
		t.Error(d)
	}
	if len(lite) < 100 {
		t.Fatalf("only %d facts were read: %v", len(lite), lite)
	}
	for _, fact := range []string{
		"table schema_migrations", "primary key of clients (workspace_id id)", "column clients.history is number 4, blob, default \"\"",
		"column clients.contact is number 3, blob not null, default \"\"", "index users_email_key on users (email_key) unique true where \"\"",
		"index clients_rev on clients (workspace_id rev) unique false where \"\"",
		"index sessions_one_active on sessions (workspace_id appointment_id) unique true where \"appointment_id is not null and deleted_at is null and status <> 'entered_in_error'\"",
		"rule of appointments: ends_at > starts_at", "rule of members: role in 'owner', 'practitioner', 'assistant'",
		"rule of appointments: payment_status in 'not_paid', 'payment_sent', 'paid', 'waived'", "rule of workspaces: retention_years >= 7 and retention_years <= 100", "reference consents (workspace_id client_id) -> clients (workspace_id id)",
	} {
		if !lite[fact] || !pg[fact] {
			t.Errorf("not read: %s (SQLite %v, PostgreSQL %v)", fact, lite[fact], pg[fact])
		}
	}
}

// The comparison must notice a difference of each sort.
func TestSchemaComparisonFindsPlantedDifferences(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		whole := schemaOf(k)
		if d := differences(whole, schemaOf(k), "a", "b"); len(d) != 0 {
			t.Fatalf("a schema differs from itself: %v", d)
		}
		id, blob, strict := "text", "blob", " strict, without rowid"
		if k.Engine == "postgres" {
			id, blob, strict = "uuid", "bytea", ""
		}
		for _, c := range []struct{ change, fact string }{
			{"create table planted (id " + id + " primary key, a " + blob + " not null)" + strict, "table planted"},
			{"alter table planted add column b " + blob, "column planted.b is number 3, blob, default"},
			{"alter table planted add column c bigint not null default 7", ""},
			{"create index planted_b on planted (b)", "index planted_b on planted (b) unique false"},
			{"create unique index planted_ba on planted (b, a)", "index planted_ba on planted (b a) unique true"},
			{"create index planted_some on planted (b) where b is not null", "index planted_some on planted (b) unique false where \"b is not null\""},
			{"alter table planted add column d bigint check (d > 7)", "rule of planted: d > 7"},
			{"drop index clients_rev", "index clients_rev on clients"},
			{"create table pointing (id " + id + " primary key references users (id))" + strict, "reference pointing (id) -> users (id)"},
			{"alter table users rename column locale to language", "column users.language"},
		} {
			change := c.change
			if k.Engine == "sqlite" {
				change = strings.ReplaceAll(change, "bigint", "integer")
			}
			before := schemaOf(k)
			testkit.NoErr(t, k.DB.Exec(change))
			found := differences(before, schemaOf(k), "before", "after")
			if !slices.ContainsFunc(found, func(d string) bool { return strings.Contains(d, c.fact) }) {
				t.Errorf("%s: found only %v", change, found)
			}
		}
	})
}

// Rules that look like one another must not be taken for the same.
func TestRulesAreComparedByWhatTheySay(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"status in ('a', 'b')", "(status = ANY (ARRAY['a'::text, 'b'::text]))"},
		{"retention_years between 7 and 100", "((retention_years >= 7) AND (retention_years <= 100))"},
		{"(status = 'draft') = (versions = 0)", "((status = 'draft'::text) = (versions = 0))"},
		{"status = 'attended' and not noted and deleted_at is null", "((status = 'attended'::text) AND (NOT noted) AND (deleted_at IS NULL))"},
	} {
		if a, b := plainRule(c[0]), plainRule(c[1]); a != b {
			t.Errorf("%s is not %s", a, b)
		}
	}
	for _, c := range [][2]string{
		{"status in ('a', 'b')", "status in ('a')"}, {"price > 0", "price >= 0"}, {"deleted_at is null", "deleted_at is not null"},
		{"a between 1 and 100", "a between 1 and 10"}, {"status <> 'x'", "status = 'x'"},
	} {
		if plainRule(c[0]) == plainRule(c[1]) {
			t.Errorf("%s counts as %s", c[0], c[1])
		}
	}
}

// A reference between rows of workspaces carries the workspace, so that it
// cannot lead out of it; and every key of such a table begins with it.
func TestReferencesAndKeysCarryTheWorkspace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		all, n := schemaOf(k), 0
		for _, table := range append([]string{"members", "calendar_feeds", "invitations"}, tenantTables...) {
			for line := range all {
				if rest, ok := strings.CutPrefix(line, "primary key of "+table+" ("); ok {
					if n++; !strings.HasPrefix(rest, "workspace_id") {
						t.Errorf("%s", line)
					}
				}
				if strings.HasPrefix(line, "reference "+table+" (") && !strings.Contains(line, "-> users (id)") && !strings.HasPrefix(line, "reference "+table+" (workspace_id") {
					t.Errorf("%s", line)
				}
				if strings.HasPrefix(line, "index ") && strings.Contains(line, " on "+table+" (") && !strings.Contains(line, "(workspace_id") &&
					!slices.Contains(acrossWorkspaces, strings.Fields(line)[1]) {
					t.Errorf("%s", line)
				}
			}
		}
		if n != len(tenantTables)+3 {
			t.Errorf("%d primary keys were looked at", n)
		}
	})
}

// acrossWorkspaces are indexes that find a row before its workspace is known.
var acrossWorkspaces = []string{"members_user_id", "calendar_feeds_token_hash", "invitations_token_hash", "invitations_email_key"}

// unreferenced are columns with ids that no foreign key holds, and why.
var unreferenced = map[string]string{
	"audit_events.actor_id": "kept for good", "audit_events.subject_id": "kept for good", "audit_events.session_id": "kept for good",
	"audit_events.request_id": "kept for good", "audit_events.workspace_id": "kept for good", "audit_heads.workspace_id": "the system has a chain too",
	"idempotency_keys.workspace_id": "gone after a day", "idempotency_keys.user_id": "gone after a day", "idempotency_keys.record_id": "of any kind",
	"consents.given_by": "the operator is nobody's member", "consents.withdrawn_by": "the operator is nobody's member",
	"appointments.created_by": "the operator is nobody's member", "appointments.deleted_by": "the operator is nobody's member",
	"appointment_series.created_by": "the operator is nobody's member", "sessions.deleted_by": "the operator is nobody's member",
	"data_keys.owner_id": "the system has keys too",
}

// An id in a row is held to exist in the same workspace, or it is written down
// why not.
func TestEveryIDIsAReference(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		held, ids := map[string]bool{}, map[string]bool{}
		column := regexp.MustCompile(`^column (\w+\.\w+_(?:id|by)) is number`)
		for line := range schemaOf(k) {
			if m := reference.FindStringSubmatch(line); m != nil {
				for _, name := range strings.Fields(m[2]) {
					held[m[1]+"."+name] = true
				}
			}
			if m := column.FindStringSubmatch(line); m != nil {
				ids[m[1]] = true
			}
		}
		for id := range ids {
			if _, excused := unreferenced[id]; held[id] == excused {
				t.Errorf("%s: referenced %v, excused %v", id, held[id], excused)
			}
		}
		for id := range unreferenced {
			if !ids[id] {
				t.Errorf("%s is excused and not there", id)
			}
		}
		if len(ids) < 40 {
			t.Errorf("only %d ids were found", len(ids))
		}
	})
}

// hashes are the binary columns that are no ciphertext.
var hashes = []string{
	"data_keys.wrapped", "audit_heads.hash", "audit_events.hash", "audit_checkpoint_files.tail", "users.email_key", "sign_in_links.token_hash", "sign_in_links.code_hash",
	"sign_in_links.browser_hash", "idempotency_keys.key_hash", "idempotency_keys.body_hash", "audit_events.content", "session_versions.hash",
	"calendar_feeds.token_hash", "invitations.email_key", "invitations.token_hash", "blacklist.entry_key", "recovery_codes.code_hash", "passkeys.credential_hash", "sign_in_challenges.token_hash",
	"passkey_ceremonies.holder_hash", "step_up_codes.code_hash",
}

// words are the text columns, which hold fixed words and settings only.
var plainWords = []string{
	"workspaces.time_zone", "workspaces.locale", "workspaces.currency", "workspaces.week_start", "workspaces.status", "users.locale", "members.role",
	"audit_events.actor_kind", "audit_events.action", "audit_events.outcome", "consents.kind", "appointments.status", "jobs.kind", "jobs.state",
	"jobs.failure", "schema_migrations.name", "schema_migrations.sha256", "workspaces.working_hours", "services.currency", "locations.location_type",
	"appointments.location_type", "appointments.currency", "appointments.payment_status", "appointments.payment_method", "appointments.series_wall",
	"appointment_series.rule", "appointment_series.starts_wall", "appointment_series.time_zone", "sessions.status", "note_templates.kind", "calendar_feeds.privacy",
	"invitations.role", "invitations.locale", "blacklist.kind",
	"auth_sessions.factor", "passkey_ceremonies.purpose",
}

func TestEveryBinaryColumnIsSealedOrAKnownHash(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sealed := slices.Clone(hashes)
		for _, p := range store.SealedColumns {
			sealed = append(sealed, p.Table+"."+p.Column)
		}
		column := regexp.MustCompile(`^column (\S+) is number \d+, (blob|text)`)
		var blobs, texts []string
		for line := range schemaOf(k) {
			m := column.FindStringSubmatch(line)
			switch {
			case m == nil:
			case m[2] == "blob":
				blobs = append(blobs, m[1])
			case m[1] != "id" && !strings.HasSuffix(m[1], "id") && !strings.HasSuffix(m[1], "_by"): // SQLite keeps ids as text
				texts = append(texts, m[1])
			}
		}
		wantSame(t, "binary columns, and the lists of sealed ones and of hashes", blobs, sealed)
		wantSame(t, "text columns, and the list of harmless ones", texts, plainWords)
	})
}

func wantSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s differ:\ngot  %v\nwant %v", what, got, want)
	}
}
