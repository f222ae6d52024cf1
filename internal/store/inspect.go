package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Look is what an operator wants to know of a database. Taking it changes
// nothing, and needs no key.
type Look struct {
	Engine, Version string
	// Exists is false for a SQLite file that the first start will make.
	Exists bool
	// Steps of Known migrations have run.
	Steps, Known int
	// Schema says why this program cannot work with the schema: it is newer, or
	// was changed.
	Schema error
	// At is the database's clock; zero for SQLite, which has none.
	At time.Time

	// What follows is of PostgreSQL.

	// User serves; Strong says that row-level security does not hold for it,
	// Owns how many tables it could change, Member that it may take the
	// application's role.
	User           string
	Strong, Member bool
	Owns           int
	// Unguarded are tables without forced row-level security.
	Unguarded []string
	// Encrypted says that the connection is.
	Encrypted bool
}

// Inspect looks at the database of o.
func Inspect(ctx context.Context, o Options) (Look, error) {
	if path, ok := strings.CutPrefix(o.URL, "sqlite:"); ok {
		return inspectSQLite(ctx, path)
	}
	return inspectPostgres(ctx, o)
}

func inspectSQLite(ctx context.Context, path string) (l Look, err error) {
	l = Look{Engine: "SQLite"}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return l, fmt.Errorf("look at database: %w", err)
		}
		return l, nil
	}
	l.Exists = true
	db, err := sql.Open("sqlite", dsn(path, "&mode=ro&_pragma=query_only(1)"))
	if err != nil {
		return l, fmt.Errorf("look at database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.QueryRowContext(ctx, "select sqlite_version()").Scan(&l.Version); err != nil {
		return l, fmt.Errorf("look at database: %w", err)
	}
	r, err := db.QueryContext(ctx, appliedSQL) //nolint:rowserrcheck // collect does
	if err != nil {
		return l, fmt.Errorf("look at schema: %w", err)
	}
	applied, err := collect(sqliteRows{r}, nil, scanStep)
	if err != nil {
		return l, fmt.Errorf("look at schema: %w", err)
	}
	return l, l.compare("sqlite", applied)
}

func scanStep(r rows) (a appliedStep, err error) { return a, r.Scan(&a.number, &a.sum) }

// compare tells how the schema stands to this program's.
func (l *Look) compare(engine string, applied []appliedStep) error {
	all, err := steps(migrationFiles, engine)
	if err != nil {
		return err
	}
	l.Steps, l.Known = len(applied), len(all)
	_, l.Schema = pending(all, applied)
	return nil
}

const aboutPostgresSQL = `select current_setting('server_version'), clock_timestamp(), current_user::text,
	(select rolsuper or rolbypassrls from pg_roles where rolname = current_user),
	exists (select 1 from pg_roles where rolname = 'pazpaz_app' and pg_has_role(current_user, oid, 'member')),
	(select count(*) from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace and relowner = current_user::regrole),
	coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false)`

const unguardedSQL = `select relname::text from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace
	and relname <> 'schema_migrations' and not (relrowsecurity and relforcerowsecurity) order by relname`

func inspectPostgres(ctx context.Context, o Options) (l Look, err error) {
	l = Look{Engine: "PostgreSQL", Exists: true}
	err = asPostgres(ctx, o.URL, func(c *pgx.Conn) error {
		var owns int64
		err := c.QueryRow(ctx, aboutPostgresSQL).Scan(&l.Version, &l.At, &l.User, &l.Strong, &l.Member, &owns, &l.Encrypted)
		l.Owns = int(owns)
		return err
	})
	if err != nil {
		return l, fmt.Errorf("look at database: %w", err)
	}
	owner := o.OwnerURL
	if owner == "" {
		owner = o.URL
	}
	err = asPostgres(ctx, owner, func(c *pgx.Conn) error { return l.schema(ctx, c) })
	if err != nil {
		return l, fmt.Errorf("look at schema as the owner: %w", err)
	}
	return l, nil
}

// schema looks at the tables, as who owns them.
func (l *Look) schema(ctx context.Context, c *pgx.Conn) error {
	var there bool
	if err := c.QueryRow(ctx, "select to_regclass('schema_migrations') is not null").Scan(&there); err != nil {
		return err
	}
	if !there {
		return l.compare("postgres", nil)
	}
	r, err := c.Query(ctx, appliedSQL)
	if err != nil {
		return err
	}
	applied, err := pgx.CollectRows(r, func(row pgx.CollectableRow) (a appliedStep, err error) {
		return a, row.Scan(&a.number, &a.sum)
	})
	if err != nil {
		return err
	}
	if r, err = c.Query(ctx, unguardedSQL); err != nil {
		return err
	}
	if l.Unguarded, err = pgx.CollectRows(r, pgx.RowTo[string]); err != nil {
		return err
	}
	return l.compare("postgres", applied)
}

// asPostgres runs fn on a connection of its own.
func asPostgres(ctx context.Context, url string, fn func(*pgx.Conn) error) (err error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return errors.New("the PostgreSQL address cannot be read") // the cause would echo the password
	}
	cfg.ConnectTimeout = 5 * time.Second
	c, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, c.Close(context.WithoutCancel(ctx))) }()
	return fn(c)
}

const oldestJobSQL = `select run_at from jobs where state = 'ready' order by run_at limit 1`

// OldestJob tells since when the job that waits longest is due; zero when none
// waits.
func (s *Store) OldestJob(ctx context.Context) (since time.Time, err error) {
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, oldestJobSQL)
		return one(r, err, &since)
	})
	if err != nil && !errors.Is(err, errNoRow) {
		return since, fmt.Errorf("oldest job: %w", err)
	}
	return since, nil
}

const latestEntrySQL = `select at from audit_events where workspace_id = $1 order by at desc, seq desc limit 1`

// LastEvent tells when the last entry of a chain was made; zero for none.
func (s *Store) LastEvent(ctx context.Context, chain uuid.UUID) (at time.Time, err error) {
	err = s.eng.read(ctx, reach{workspace: chain}, func(c conn) error {
		r, err := c.query(ctx, latestEntrySQL, chain)
		return one(r, err, &at)
	})
	if err != nil && !errors.Is(err, errNoRow) {
		return at, fmt.Errorf("last audit entry: %w", s.public(err))
	}
	return at, nil
}
