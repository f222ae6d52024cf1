package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/cli"
	"pazpaz/internal/testkit"
)

// examined runs the doctor and returns its lines and exit status.
func (b *box) examined(args ...string) (status int, lines string) {
	b.t.Helper()
	status, lines, _ = b.run(append([]string{"doctor"}, args...)...)
	return status, lines
}

// finds demands a line of that grade and part, and the exit status that
// belongs to it.
func (b *box) finds(grade, part, want string) {
	b.t.Helper()
	status, lines := b.examined()
	line := regexp.MustCompile(`(?m)^` + grade + ` +` + part + ` +.*` + regexp.QuoteMeta(want))
	if !line.MatchString(lines) || status != map[bool]int{true: 1, false: 0}[strings.Contains(lines, "\nproblem ")] || (grade == "problem" && status != 1) {
		b.t.Errorf("status %d, want %s of %s with %q:\n%s", status, grade, part, want, lines)
	}
}

func TestDoctorFindsNothingWrongWithADemo(t *testing.T) {
	onBoth(t, func(t *testing.T, b *box, _ *testkit.DB) {
		status, stopped := b.examined()
		if status != 0 || strings.Contains(stopped, "problem  ") || !strings.Contains(stopped, "PAZPAZ_DATA_DIR") {
			t.Errorf("status %d:\n%s", status, stopped)
		}
		_, stop := b.serve()
		defer stop()
		if status, running := b.examined(); status != 0 || !strings.Contains(running, " chains, the last checkpoint is ") {
			t.Errorf("beside a running process: status %d:\n%s", status, running)
		}
		secret, err := os.ReadFile(filepath.Join(b.dir, "keys", "secret.key"))
		testkit.NoErr(t, err)
		key := strings.TrimSpace(readKey(t, b))
		for _, s := range []string{string(secret), key[len(key)-40:]} {
			if strings.Contains(stopped, s) {
				t.Error("the doctor shows a secret")
			}
		}
	})
}

func TestDoctorOfNothingMakesNothing(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.finds("warning", "database", "the first start makes it")
	if _, err := os.Stat(b.dir); !os.IsNotExist(err) {
		t.Errorf("the data folder was made: %v", err)
	}
}

func TestDoctorNamesEveryBadSetting(t *testing.T) {
	t.Parallel()
	b := newBox(t, "PAZPAZ_ADR=x", "PAZPAZ_LOG_LEVEL=loud")
	b.more = append(b.more, "SECRET_KEY="+password)
	b.finds("problem", "settings", "PAZPAZ_ADR: unknown setting")
	b.finds("problem", "settings", "SECRET_KEY: must be at least")
	if _, lines := b.examined(); strings.Contains(lines, password) {
		t.Error("the doctor shows a secret")
	}
}

func TestDoctorFindsWhatIsBroken(t *testing.T) {
	onBoth(t, func(t *testing.T, b *box, db *testkit.DB) {
		keys := filepath.Join(b.dir, "keys", "master.keys")
		testkit.NoErr(t, os.Chmod(keys, 0o604))
		b.finds("problem", "master key", "chmod 600")
		testkit.NoErr(t, os.Chmod(keys, 0o600))

		testkit.NoErr(t, os.Chmod(b.dir, 0o755))
		b.finds("warning", "data folder", "chmod 700")
		testkit.NoErr(t, os.Chmod(b.dir, 0o700))

		testkit.NoErr(t, db.Exec(`insert into jobs (id, kind, payload, run_at, attempts, state, lease_until, failure, created_at)
			select '00000000-0000-0000-0000-00000000dead', 'x', name, created_at, 10, 'dead', created_at, 'given_up', created_at from workspaces`))
		b.finds("warning", "jobs", "1 were given up")
		testkit.NoErr(t, db.Exec("update jobs set state = 'ready', run_at = (select created_at from members limit 1) where kind = 'x'"))
		b.later(t, time.Hour, "jobs", "1 wait, the first for 1h")

		checkpoints := filepath.Join(b.dir, "audit-checkpoints.jsonl")
		testkit.NoErr(t, os.Rename(checkpoints, checkpoints+".gone"))
		b.finds("problem", "audit", "the checkpoints are missing")
		testkit.NoErr(t, os.Rename(checkpoints+".gone", checkpoints))

		b.later(t, -time.Hour, "audit", "behind the last audit entry")

		whole := readKey(t, b)
		b.ok("v2", "keys", "add")
		b.finds("warning", "master key", "2 data keys still need v1: run pazpaz keys rotate")
		b.keepMaster(t, "v2")
		b.finds("problem", "master key", "sealed with master key v1, which is not given")
		testkit.NoErr(t, os.WriteFile(keys, []byte(whole), 0o600))

		testkit.NoErr(t, db.Exec("insert into schema_migrations (number, name, sha256, applied_at) select 9999, 'later', 'x', applied_at from schema_migrations where number = 1"))
		b.finds("problem", "schema", "it belongs to a newer version")
		b.refused("it belongs to a newer version", "serve")
	})
}

// later demands a finding of a doctor whose clock is that far ahead.
func (b *box) later(t *testing.T, ahead time.Duration, part, want string) {
	t.Helper()
	var out, errs testkit.Buffer
	env := b.env(t.Context(), &out, &errs)
	env.Now = func() time.Time { return time.Now().Add(ahead) }
	cli.Main([]string{"doctor"}, env)
	if !regexp.MustCompile(`(?m)^(warning|problem) +` + part + ` +.*` + regexp.QuoteMeta(want)).MatchString(out.String()) {
		t.Errorf("want %q of %s:\n%s", want, part, out.String())
	}
}

func TestDoctorFindsServersThatAreAway(t *testing.T) {
	t.Parallel()
	nobody := freeAddr(t)
	b := newBox(t, "PAZPAZ_MAIL_URL=smtp://"+nobody+"?tls=none", "PAZPAZ_REDIS_URL=redis://:"+password+"@"+nobody,
		"PAZPAZ_DATABASE_URL=postgres://u:"+password+"@"+nobody+"/d?sslmode=disable")
	b.finds("problem", "mail", "connect")
	b.finds("problem", "redis", "each process counts tries for itself")
	b.finds("problem", "database", "nothing can be read or saved")
	if _, lines := b.examined(); strings.Contains(lines, password) {
		t.Error("the doctor shows a password")
	}
	b.more = []string{"PAZPAZ_CHECKPOINTS_URL=file:///proc/nowhere", "PAZPAZ_PUBLIC_URL=https://" + nobody}
	b.finds("problem", "checkpoints", "cannot be written")
	b.finds("warning", "address", "PAZPAZ_TRUSTED_PROXIES is empty")
	b.finds("warning", "address", "does not answer from here")
}

func TestDoctorSendsAMailWhenAsked(t *testing.T) {
	t.Parallel()
	server := testkit.NewMailServer(t)
	b := newBox(t, "PAZPAZ_MAIL_URL="+server.URL)
	b.finds("ok", "mail", "takes the sign-in")
	if n := len(server.Counts()); n != 0 {
		t.Fatalf("%d mails were sent unasked", n)
	}
	if status, lines := b.examined("--mail", "somebody@example.com"); status != 0 || len(server.Counts()) != 1 {
		t.Errorf("status %d, %d mails:\n%s", status, len(server.Counts()), lines)
	}
}

func TestDoctorFindsMissingWallsInPostgres(t *testing.T) {
	onPostgres(t, func(t *testing.T, b *box, db *testkit.DB) {
		_, stop := b.serve("--demo")
		stop()
		b.finds("warning", "database", "owns")
		b.finds("warning", "address", "right for one process only")
		testkit.NoErr(t, db.Exec("alter table clients no force row level security"))
		b.finds("problem", "database", "row-level security is off for clients")
		b.later(t, time.Hour, "database", "its clock is")
		b.more = append(b.more, "PAZPAZ_REDIS_URL="+os.Getenv("TEST_REDIS_URL"))
		b.later(t, time.Hour, "redis", "its clock is")
	})
}
