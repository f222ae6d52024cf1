package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// entry is an audit entry as the second connection sees it.
type entry struct{ ActorKind, Actor, Action, Outcome, Subject, Count, Session, Request string }

func entries(k *testkit.Kit, workspace uuid.UUID) []entry {
	k.T.Helper()
	const q = `select actor_kind, actor_id, action, outcome, subject_id, records, session_id, request_id
		from audit_events where workspace_id = $1 order by seq`
	var all []entry
	for _, r := range k.DB.Rows(q, workspace.String()) {
		all = append(all, entry{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]})
	}
	return all
}

// during returns the entries that fn added to a workspace's chain.
func during(k *testkit.Kit, workspace uuid.UUID, fn func()) []entry {
	k.T.Helper()
	before := len(entries(k, workspace))
	fn()
	return entries(k, workspace)[before:]
}

// wantIntact verifies a workspace's chain against its claimed head, and that
// there is nothing behind that head.
func wantIntact(k *testkit.Kit, workspace uuid.UUID) audit.Head {
	k.T.Helper()
	claimed, err := k.Store.ChainHead(k.T.Context(), workspace)
	testkit.NoErr(k.T, err)
	head, err := audit.Verify(workspace, k.Store.Events(k.T.Context(), workspace), []audit.Head{claimed})
	testkit.NoErr(k.T, err)
	if head.Seq != claimed.Seq {
		k.T.Fatalf("the chain has %d entries, its head says %d", head.Seq, claimed.Seq)
	}
	return head
}

// hold keeps every other connection from committing to the workspace's chain
// until release is called.
func hold(k *testkit.Kit, workspace uuid.UUID) (release func()) {
	k.T.Helper()
	ctx := context.Background()
	if path, ok := strings.CutPrefix(k.URL, "sqlite:"); ok {
		db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
		testkit.NoErr(k.T, err)
		c, err := db.Conn(ctx)
		testkit.NoErr(k.T, err)
		_, err = c.ExecContext(ctx, "begin immediate")
		testkit.NoErr(k.T, err)
		return once(func() {
			_, err := c.ExecContext(ctx, "rollback")
			testkit.NoErr(k.T, errors.Join(err, c.Close(), db.Close()))
		})
	}
	c := asOwner(k)
	tx, err := c.Begin(ctx)
	testkit.NoErr(k.T, err)
	_, err = tx.Exec(ctx, "select set_config('app.workspace_id', $1, true)", workspace.String())
	testkit.NoErr(k.T, err)
	tag, err := tx.Exec(ctx, "select 1 from audit_heads where workspace_id = $1 for update", workspace)
	testkit.NoErr(k.T, err)
	if tag.RowsAffected() != 1 {
		k.T.Fatalf("held %d chains, want 1", tag.RowsAffected())
	}
	return once(func() { testkit.NoErr(k.T, tx.Rollback(ctx)) })
}

func once(fn func()) func() {
	done := false
	return func() {
		if !done {
			done = true
			fn()
		}
	}
}

// asOwner is a connection in the role that owns the tables.
func asOwner(k *testkit.Kit) *pgx.Conn {
	k.T.Helper()
	c, err := pgx.Connect(k.T.Context(), k.URL)
	testkit.NoErr(k.T, err)
	k.T.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

// asApp is a connection in the role that the product serves with.
func asApp(k *testkit.Kit) *pgx.Conn {
	k.T.Helper()
	c := asOwner(k)
	_, err := c.Exec(k.T.Context(), "set role pazpaz_app")
	testkit.NoErr(k.T, err)
	return c
}

// eachPostgres runs fn on PostgreSQL, where there is one.
func eachPostgres(t *testing.T, fn func(t *testing.T, k *testkit.Kit)) {
	t.Helper()
	t.Parallel()
	for _, engine := range testkit.Engines(t) {
		if engine == "postgres" {
			fn(t, testkit.New(t, engine))
		}
	}
}

// eachSQLite runs fn on SQLite.
func eachSQLite(t *testing.T, fn func(t *testing.T, k *testkit.Kit)) {
	t.Helper()
	t.Parallel()
	fn(t, testkit.New(t, "sqlite"))
}

func wantKind(t *testing.T, err error, kind model.Kind, code string) {
	t.Helper()
	if model.KindOf(err) != kind || model.CodeOf(err) != code {
		t.Fatalf("got kind %d, code %q (%v), want %d, %q", model.KindOf(err), model.CodeOf(err), err, kind, code)
	}
}

func person(first, last string) model.Client {
	return model.Client{ID: uuid.New(), Contact: model.Contact{FirstName: model.Text(first), LastName: model.Text(last)}}
}

func insert(ctx context.Context, s *store.Store, sc store.Scope, c model.Client) (model.Client, error) {
	err := s.Write(ctx, sc, model.ClientCreate, func(tx *store.Tx) (err error) {
		c, err = tx.InsertClient(c)
		return err
	})
	return c, err
}

// view reads one client as the product does.
func view(ctx context.Context, s *store.Store, sc store.Scope, id uuid.UUID) (c model.Client, err error) {
	err = s.Read(ctx, sc, model.ClientView, func(tx *store.ReadTx) error {
		c, err = tx.Client(id)
		return err
	})
	return c, err
}

func write(k *testkit.Kit, sc store.Scope, act model.Action, fn func(*store.Tx) error) error {
	return k.Store.Write(k.T.Context(), sc, act, fn)
}

func read(k *testkit.Kit, sc store.Scope, act model.Action, fn func(*store.ReadTx) error) error {
	return k.Store.Read(k.T.Context(), sc, act, fn)
}

// superURLOf is the address of the kit's database for the server's superuser.
func superURLOf(k *testkit.Kit) string {
	k.T.Helper()
	super, err := url.Parse(os.Getenv("TEST_POSTGRES_SUPER_URL"))
	testkit.NoErr(k.T, err)
	own, err := url.Parse(k.URL)
	testkit.NoErr(k.T, err)
	super.Path = own.Path
	return super.String()
}

// randomness is the real one.
type randomness struct{}

func (randomness) Read(p []byte) (int, error) { return rand.Read(p) }
