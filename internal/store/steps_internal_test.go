package store

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func folder(names ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, name := range names {
		files["migrations/sqlite/"+name] = &fstest.MapFile{Data: []byte("-- " + name)}
	}
	return files
}

func TestStepsAreReadInOrder(t *testing.T) {
	t.Parallel()
	all, err := steps(folder("0002_second_one.sql", "0001_first.sql", "0003_third3.sql"), "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all {
		got = append(got, fmt.Sprintf("%d %s %s", s.number, s.name, s.text))
	}
	want := "1 first -- 0001_first.sql|2 second_one -- 0002_second_one.sql|3 third3 -- 0003_third3.sql"
	if strings.Join(got, "|") != want {
		t.Fatalf("got %v", got)
	}
	if len(all[0].sum) != 64 || all[0].sum == all[1].sum {
		t.Fatalf("checksum %q", all[0].sum)
	}
	if other, _ := steps(folder("0001_first.sql"), "postgres"); len(other) != 0 {
		t.Fatalf("another engine's steps were read: %v", other)
	}
}

func TestStepFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"gap":            folder("0001_a.sql", "0003_c.sql"),
		"starts at two":  folder("0002_b.sql"),
		"starts at zero": folder("0000_a.sql"),
		"number twice":   folder("0001_a.sql", "0001_b.sql"),
		"short number":   folder("001_a.sql"),
		"long number":    folder("00001_a.sql"),
		"no words":       folder("0001.sql"),
		"capitals":       folder("0001_First.sql"),
		"dash":           folder("0001_first-step.sql"),
	} {
		if all, err := steps(files, "sqlite"); err == nil {
			t.Errorf("%s: read as %v", name, all)
		}
	}
}

func TestPendingComparesWithWhatWasApplied(t *testing.T) {
	t.Parallel()
	all, err := steps(folder("0001_a.sql", "0002_b.sql", "0003_c.sql"), "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	applied := func(n int) []appliedStep {
		var done []appliedStep
		for _, s := range all[:n] {
			done = append(done, appliedStep{s.number, s.sum})
		}
		return done
	}
	for n := range 4 {
		todo, err := pending(all, applied(n))
		if err != nil || len(todo) != 3-n || (n < 3 && todo[0].number != int64(n+1)) {
			t.Errorf("after %d steps: %d to do, %v", n, len(todo), err)
		}
	}
	changed := applied(2)
	changed[0].sum = strings.Repeat("0", 64)
	for want, done := range map[string][]appliedStep{
		"migration 0001_a was changed after it ran":                          changed,
		"migration 2 was never applied, but a later one was":                 {applied(3)[0], applied(3)[2]},
		"migration 4, which this program does not know: it belongs to a new": append(applied(3), appliedStep{4, "x"}),
	} {
		todo, err := pending(all, done)
		if err == nil || todo != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want: %s", err, want)
		}
	}
}

func TestBothEnginesHaveTheSameSteps(t *testing.T) {
	t.Parallel()
	lite, err := steps(migrationFiles, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	pg, err := steps(migrationFiles, "postgres")
	if err != nil {
		t.Fatal(err)
	}
	if len(lite) == 0 || !slices.EqualFunc(lite, pg, func(a, b step) bool { return a.number == b.number && a.name == b.name }) {
		t.Fatalf("SQLite has %d steps, PostgreSQL %d, and not of the same names", len(lite), len(pg))
	}
}

const releasedFile = "testdata/released_migrations.txt"

// A migration that was released has run somewhere and must never change. The
// file is written anew with UPDATE=1, which is right only for a migration that
// no release has.
func TestReleasedMigrationsNeverChange(t *testing.T) {
	t.Parallel()
	now := map[string]string{}
	for _, engine := range []string{"sqlite", "postgres"} {
		all, err := steps(migrationFiles, engine)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			now[fmt.Sprintf("%s/%04d_%s", engine, s.number, s.name)] = s.sum
		}
	}
	if os.Getenv("UPDATE") != "" {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(now)) {
			fmt.Fprintln(&b, name, now[name])
		}
		if err := os.WriteFile(releasedFile, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(releasedFile)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		name, sum, ok := strings.Cut(strings.TrimSpace(line), " ")
		if n++; !ok || now[name] != sum {
			t.Errorf("%s was changed; put the change into a new step (or, before its first release, run with UPDATE=1)", name)
		}
	}
	if n == 0 {
		t.Errorf("%s is empty", releasedFile)
	}
}

func TestSchemaSumChangesWithTheMigrations(t *testing.T) {
	t.Parallel()
	a, b := SchemaSum("sqlite"), SchemaSum("postgres")
	if len(a) != 64 || len(b) != 64 || a == b || a != SchemaSum("sqlite") {
		t.Fatalf("got %q and %q", a, b)
	}
}
