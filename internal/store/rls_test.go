package store_test

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// guarded are all tables and the column by which row-level security tells
// whose a row is; "" means that only the identity reach opens them.
var guarded = map[string]string{
	"clients": "workspace_id", "consents": "workspace_id", "appointments": "workspace_id", "audit_events": "workspace_id",
	"audit_heads": "workspace_id", "idempotency_keys": "workspace_id", "members": "workspace_id", "auth_sessions": "workspace_id",
	"workspaces": "id", "data_keys": "owner_id", "users": "", "sign_in_links": "", "jobs": "",
	"platform_admins": "", "totp_secrets": "", "recovery_codes": "", "passkeys": "", "sign_in_challenges": "", "passkey_ceremonies": "", "step_up_codes": "",
	"services": "workspace_id", "locations": "workspace_id", "appointment_series": "workspace_id", "sessions": "workspace_id",
	"session_versions": "workspace_id", "note_templates": "workspace_id", "calendar_feeds": "workspace_id",
	"invitations": "workspace_id", "blacklist": "", "audit_checkpoint_files": "",
}

// everyTable puts a row of each workspace into every table.
func everyTable(t *testing.T, k *testkit.Kit) {
	t.Helper()
	for _, w := range []struct {
		user   model.User
		client uuid.UUID
	}{{k.User1, k.Client1.ID}, {k.User2, k.Client2.ID}} {
		err := write(k, k.Scope(w.user), model.ClientUpdate, func(tx *store.Tx) error {
			_, _, err := tx.Once(model.OnceKey{Route: "r", Key: "k"}, func() (uuid.UUID, error) { return w.client, nil })
			if err != nil {
				return err
			}
			if _, err := tx.InsertConsent(model.Consent{ID: uuid.New(), ClientID: w.client, Kind: "data", TextVersion: "1", Text: "yes"}); err != nil {
				return err
			}
			now := tx.Now()
			return tx.InsertAppointment(model.Appointment{
				ID: uuid.New(), ClientID: w.client, PractitionerID: w.user.ID, Status: "scheduled", StartsAt: now, EndsAt: now.Add(time.Hour),
			})
		})
		testkit.NoErr(t, err)
		err = k.Store.Members(t.Context(), k.Scope(w.user), model.InvitationCreate, func(tx *store.MemberTx) error {
			_, err := tx.InsertInvitation(model.Invitation{ID: uuid.New(), Email: "guest@example.com", FullName: "Guest", Role: model.Assistant, Locale: "en"})
			return err
		})
		testkit.NoErr(t, err)
	}
	h := hand{k, "", outside(t, k)}
	for _, r := range practiceRows(k) {
		testkit.NoErr(t, h.insert(r.table, r.row))
	}
	for _, r := range practiceRows(k) {
		testkit.NoErr(t, h.insert(r.table, r.row.theirs(k)))
	}
	for _, r := range identityRows(k) {
		testkit.NoErr(t, h.insert(r.table, r.row))
	}
	err := k.Store.Identity(t.Context(), func(tx *store.IdentityTx) error {
		return tx.Enqueue(store.Job{ID: uuid.New(), Kind: "k", Payload: []byte("p")})
	})
	testkit.NoErr(t, err)
}

// reach sets what row-level security lets through, for one transaction.
func reach(t *testing.T, tx pgx.Tx, workspace, identity string) {
	t.Helper()
	_, err := tx.Exec(t.Context(), "select set_config('app.workspace_id', $1, true), set_config('app.identity', $2, true)", workspace, identity)
	testkit.NoErr(t, err)
}

func begin(t *testing.T, c *pgx.Conn) pgx.Tx {
	t.Helper()
	tx, err := c.Begin(t.Context())
	testkit.NoErr(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

func count(t *testing.T, tx pgx.Tx, q string, args ...any) (n int) {
	t.Helper()
	testkit.NoErr(t, tx.QueryRow(t.Context(), q, args...).Scan(&n))
	return n
}

func TestSelectWithoutWhereReturnsOnlyTheOwnWorkspace_ASVS_8_4_1(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		everyTable(t, k)
		for role, c := range map[string]*pgx.Conn{"application": asApp(k), "owner of the tables": asOwner(k)} {
			for table, column := range guarded {
				if k.DB.Count("select count(*) from "+table) == 0 {
					t.Fatalf("%s has no rows; the test proves nothing", table)
				}
				tx := begin(t, c)
				reach(t, tx, k.Workspace1.ID.String(), "off")
				all := count(t, tx, "select count(*) from "+table)
				switch {
				case column == "" && all != 0:
					t.Errorf("%s sees %d rows of %s inside a workspace", role, all, table)
				case column == "":
				case all == 0 || all != count(t, tx, "select count(*) from "+table+" where "+column+" = $1", k.Workspace1.ID):
					t.Errorf("%s sees %d rows of %s, which are not the workspace's", role, all, table)
				}
				testkit.NoErr(t, tx.Rollback(t.Context()))
			}
		}
	})
}

func TestNothingIsVisibleWithoutAWorkspace(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		everyTable(t, k)
		c := asApp(k)
		for table := range guarded {
			var n int
			testkit.NoErr(t, c.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n))
			if n != 0 {
				t.Errorf("a fresh connection sees %d rows of %s", n, table)
			}
			for _, identity := range []string{"", "off", "true", "1", "ON"} {
				tx := begin(t, c)
				reach(t, tx, "", identity)
				if n := count(t, tx, "select count(*) from "+table); n != 0 {
					t.Errorf("with identity %q one sees %d rows of %s", identity, n, table)
				}
				testkit.NoErr(t, tx.Rollback(t.Context()))
			}
			// What a transaction has set does not outlive it.
			tx := begin(t, c)
			reach(t, tx, k.Workspace1.ID.String(), "on")
			testkit.NoErr(t, tx.Commit(t.Context()))
			testkit.NoErr(t, c.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n))
			if n != 0 {
				t.Errorf("after a transaction its connection still sees %d rows of %s", n, table)
			}
		}
		tx := begin(t, c)
		reach(t, tx, "no id", "off")
		if _, err := tx.Exec(t.Context(), "select * from clients"); err == nil {
			t.Error("a workspace that is no id opens the clients")
		}
	})
}

// The identity reach signs people in; it must not open a single record.
func TestIdentityReachOpensNoRecords(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		everyTable(t, k)
		tx := begin(t, asApp(k))
		reach(t, tx, uuid.Nil.String(), "on")
		for _, table := range tenantTables {
			n := count(t, tx, "select count(*) from "+table)
			own := count(t, tx, "select count(*) from "+table+" where workspace_id = $1", uuid.Nil)
			if n != own {
				t.Errorf("%d rows of %s are open to sign-in", n-own, table)
			}
		}
		if count(t, tx, "select count(*) from users") != 4 {
			t.Error("sign-in does not see the users")
		}
	})
}

func TestEveryTableIsGuarded(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		for _, r := range k.DB.Rows(`select c.relname, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner),
			(select count(*) from pg_policy p where p.polrelid = c.oid)
			from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace`) {
			table := r[0]
			_, known := guarded[table]
			if known && (r[1] != "true" || r[2] != "true" || r[4] == "0") {
				t.Errorf("%s: security %s, forced %s, %s policies", table, r[1], r[2], r[4])
			}
			if !known && table != "schema_migrations" {
				t.Errorf("%s is in no list: which rows may a workspace see?", table)
			}
			if r[3] == "pazpaz_app" {
				t.Errorf("%s belongs to the application", table)
			}
		}
	})
}

// arguments makes values that a statement accepts: the other workspace's ids
// wherever an id is asked for, as an attacker would choose them.
func arguments(t *testing.T, c *pgx.Conn, name string, workspace, id uuid.UUID) []any {
	t.Helper()
	d, err := c.Prepare(t.Context(), name, name)
	if err != nil {
		t.Fatalf("%v:\n%s", err, name)
	}
	args := make([]any, len(d.ParamOIDs))
	for i, oid := range d.ParamOIDs {
		switch oid {
		case pgtype.UUIDOID:
			args[i] = [16]byte(id)
		case pgtype.Int8OID, pgtype.Int4OID:
			args[i] = int64(1)
		case pgtype.TimestamptzOID:
			args[i] = time.Unix(0, 0)
		case pgtype.ByteaOID:
			args[i] = make([]byte, 32)
		case pgtype.BoolOID:
			args[i] = false
		case pgtype.TextOID:
			args[i] = "ok"
		default:
			t.Fatalf("%s: parameter %d has type %d", name, i+1, oid)
		}
	}
	args[0] = [16]byte(workspace)
	return args
}

// unfiltered takes the workspace out of a statement's conditions.
func unfiltered(text string) string { return filter.ReplaceAllString(text, "$$1::uuid is not null") }

var filter = regexp.MustCompile(`(\w+\.)?workspace_id = \$1`)

// With each statement's own filter taken out, or pointed at another
// workspace, the database itself still lets no row of that workspace through.
func TestDatabaseHoldsTheWallWithoutTheProgramsFilter(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		everyTable(t, k)
		before := k.Snapshot(k.Workspace2.ID)
		c := asApp(k)
		removed := 0
		for _, s := range tenantStatements(t) {
			open := unfiltered(s.text)
			if open != s.text {
				removed++
			}
			for _, text := range []string{s.text, open} {
				args := arguments(t, c, text, k.Workspace2.ID, k.Client2.ID)
				tx := begin(t, c)
				reach(t, tx, k.Workspace1.ID.String(), "off")
				wantNoneOf(t, k, tx, s.at, text, args)
				_ = tx.Commit(t.Context())
			}
		}
		if removed < 12 {
			t.Fatalf("only %d filters were taken out", removed)
		}
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Fatal("the other workspace was changed")
		}
	})
}

// wantNoneOf runs a statement and looks for the other workspace in its rows.
func wantNoneOf(t *testing.T, k *testkit.Kit, tx pgx.Tx, at, text string, args []any) {
	t.Helper()
	rows, err := tx.Query(t.Context(), text, args...)
	if err == nil {
		for rows.Next() {
			values, verr := rows.Values()
			testkit.NoErr(t, verr)
			for _, v := range values {
				if id, ok := v.([16]byte); ok && (uuid.UUID(id) == k.Client2.ID || uuid.UUID(id) == k.Workspace2.ID) {
					t.Errorf("%s returned a row of the other workspace:\n%s", at, text)
				}
			}
		}
		rows.Close()
		err = rows.Err()
	}
	insert := strings.HasPrefix(strings.TrimSpace(text), "insert")
	pe, _ := errors.AsType[*pgconn.PgError](err)
	switch {
	case insert && (pe == nil || pe.Code != "42501"):
		t.Errorf("%s: an insert into the other workspace was not refused: %v", at, err)
	case !insert && pe != nil && pe.Code[:2] != "23": // a constraint may stop a change of the own rows
		t.Errorf("%s: %v", at, err)
	}
}

func TestApplicationRoleIsWeak_ASVS_13_2_2(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		r := k.DB.Rows(`select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin, rolreplication from pg_roles where rolname = 'pazpaz_app'`)
		if len(r) != 1 || strings.Join(r[0], " ") != "false false false false false false" {
			t.Fatalf("super, bypass, create db, create role, login, replication: %v", r)
		}
		if n := k.DB.Count("select count(*) from pg_auth_members where member = 'pazpaz_app'::regrole"); n != 0 {
			t.Errorf("the role is a member of %d others", n)
		}
	})
}

func TestApplicationMayNotDoThis(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		everyTable(t, k)
		c := asApp(k)
		for _, q := range []string{
			"update audit_events set records = 0", "update audit_events set hash = hash where false", "delete from audit_events",
			"delete from audit_events where false", "truncate audit_events", "delete from audit_heads", "truncate audit_heads",
			"delete from clients", "truncate clients", "delete from consents", "truncate appointments cascade", "delete from members",
			"delete from appointment_series", "delete from calendar_feeds", "update session_versions set number = 2", "truncate session_versions",
			"update session_versions set content = '' where false", "truncate sessions cascade", "truncate services cascade",
			"drop trigger session_versions_no_change on session_versions", "drop trigger session_versions_no_truncate on session_versions",
			"drop trigger sessions_signed on sessions", "drop trigger appointments_no_delete on appointments", "drop index sessions_one_active",
			"alter table session_versions disable trigger all", "alter table sessions disable trigger user", "alter table appointments disable trigger user",
			"alter table appointments drop constraint appointments_practitioner_busy", "alter table appointments drop constraint appointments_room_busy",
			"create or replace function session_versions_append_only() returns trigger language plpgsql as 'begin return old; end'",
			"create or replace function sessions_stay_signed() returns trigger language plpgsql as 'begin return new; end'",
			"create or replace function appointments_keep_payments() returns trigger language plpgsql as 'begin return old; end'",
			"set session_replication_role = 'replica'",
			"delete from users", "delete from workspaces", "truncate workspaces cascade", "delete from data_keys", "update data_keys set wrapped = ''",
			"truncate data_keys", "truncate jobs", "drop table clients", "drop table audit_events cascade", "drop schema public cascade",
			"drop policy own_workspace on clients", "drop trigger audit_events_no_change on audit_events", "drop function app_workspace()",
			"alter table clients disable row level security", "alter table clients no force row level security",
			"alter table audit_events disable trigger all", "alter table audit_events disable trigger audit_events_no_change",
			"alter table clients add column x text", "alter table clients owner to pazpaz_app", "alter policy own_workspace on clients using (true)",
			"create policy all_rows on clients using (true)", "create table mine (x text)", "create function mine() returns int language sql as 'select 1'",
			"create or replace function app_workspace() returns uuid language sql as 'select null::uuid'", "create view v as select * from clients",
			"create trigger t before insert on clients for each row execute function audit_events_append_only()",
			"create schema mine", "create extension dblink", "create role mine", "alter role pazpaz_app bypassrls", "alter role pazpaz_app superuser",
			"set session_replication_role = replica",
			"select * from schema_migrations", "delete from schema_migrations", "select * from pg_authid", "select pg_read_file('PG_VERSION')",
			"copy clients to program 'cat'", "copy audit_events from '/dev/null'", "set role postgres", "lock table audit_events in access exclusive mode",
		} {
			tx := begin(t, c)
			reach(t, tx, k.Workspace1.ID.String(), "on")
			_, err := tx.Exec(t.Context(), q)
			pe, _ := errors.AsType[*pgconn.PgError](err)
			if pe == nil || pe.Code != "42501" {
				t.Errorf("%s: got %v, want that it is not permitted", q, err)
			}
			_ = tx.Rollback(t.Context())
		}
	})
}

// What the application may do to each table, and nothing else. A grant by
// somebody without the right is only a warning, so what counts is what the
// role may do afterwards.
func TestApplicationHasTheseRightsAndCannotGrantItselfMore(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		const add, change, remove = "INSERT SELECT", "INSERT SELECT UPDATE", "DELETE INSERT SELECT UPDATE"
		want := map[string]string{
			"appointments": remove, "services": remove, "locations": remove, "sessions": remove, "note_templates": remove,
			"appointment_series": change, "calendar_feeds": change, "session_versions": "DELETE INSERT SELECT", "audit_events": add, "audit_heads": change, "audit_checkpoint_files": change, "auth_sessions": remove, "clients": change, "consents": change,
			"data_keys": "DELETE INSERT SELECT", "invitations": change, "blacklist": "DELETE INSERT SELECT", "idempotency_keys": remove, "jobs": remove, "members": change,
			"platform_admins": remove, "totp_secrets": remove, "recovery_codes": remove, "passkeys": remove, "sign_in_challenges": remove,
			"passkey_ceremonies": remove, "step_up_codes": remove,
			"sign_in_links": remove, "users": change, "workspaces": change,
		}
		c := asApp(k)
		for _, q := range []string{"", "grant delete on clients to pazpaz_app", "grant all on audit_events to public", "grant all on schema public to pazpaz_app"} {
			if q != "" {
				_, _ = c.Exec(t.Context(), q)
			}
			got := map[string]string{}
			for _, r := range k.DB.Rows(`select table_name, string_agg(privilege_type, ' ' order by privilege_type)
				from information_schema.role_table_grants where grantee in ('pazpaz_app', 'PUBLIC') and table_schema = 'public' group by 1`) {
				got[r[0]] = r[1]
			}
			if !maps.Equal(got, want) {
				t.Errorf("after %q the rights are %v, want %v", q, got, want)
			}
		}
	})
}

// Rights that a role came to have by mistake do not open the trail: the
// trigger holds for the owner of the tables too.
func TestTrailIsAppendOnlyForTheOwnerToo_ASVS_16_4_2(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		c := asOwner(k)
		for _, q := range []string{
			"update audit_events set records = 0", "update audit_events set content = hash", "delete from audit_events", "truncate audit_events",
			"insert into audit_events select * from audit_events on conflict (workspace_id, seq) do update set records = 9",
		} {
			tx := begin(t, c)
			reach(t, tx, k.Workspace1.ID.String(), "off")
			if _, err := tx.Exec(t.Context(), q); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: got %v, want that the trail is append-only", q, err)
			}
			testkit.NoErr(t, tx.Rollback(t.Context()))
		}
	})
}

func TestSQLiteTrailIsAppendOnly(t *testing.T) {
	eachSQLite(t, func(t *testing.T, k *testkit.Kit) {
		before := entries(k, k.Workspace1.ID)
		for _, q := range []string{
			"update audit_events set records = 0", "update audit_events set hash = x'00' where seq = 1", "update audit_events set content = hash", "delete from audit_events",
			"delete from audit_events where seq = 1", "update or replace audit_events set seq = 1 where seq = 2",
			"insert or replace into audit_events select * from audit_events where seq = 1",
			"replace into audit_events select workspace_id, seq, at, 'nobody', actor_id, action, outcome, subject_id, records, session_id, request_id, hash, content from audit_events",
			"insert into audit_events select * from audit_events where true on conflict do update set records = 9",
		} {
			if err := k.DB.Exec(q); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: got %v, want that the trail is append-only", q, err)
			}
		}
		if after := entries(k, k.Workspace1.ID); len(after) != len(before) || after[0] != before[0] {
			t.Error("the trail was changed")
		}
		wantIntact(k, k.Workspace1.ID)
	})
}
