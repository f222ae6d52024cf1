package cli_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"pazpaz/internal/cli"
	"pazpaz/internal/testkit"
)

// cramped names the data folder of a run that may write only small files,
// which is what a full disk looks like to a program. The bound is the whole
// process's, so it runs in one of its own: TestCrampedProcess.
const cramped = "CRAMPED_DATA_DIR"

func TestCrampedProcess(t *testing.T) {
	dir := os.Getenv(cramped)
	if dir == "" {
		return // it is no test by itself
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 60_000, Max: 60_000}
	testkit.NoErr(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	env := cli.Env{
		Ctx: context.Background(), Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now, Random: rand.Reader,
		Environ: []string{"PAZPAZ_DATA_DIR=" + dir, "PAZPAZ_ADDR=127.0.0.1:0"},
	}
	os.Exit(cli.Main([]string{"serve", "--demo"}, env))
}

func TestFullDiskStopsTheStart(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	testkit.NoErr(t, err)
	b := newBox(t)
	run := func() (status int, errs string) {
		cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestCrampedProcess$")
		cmd.Env = append(os.Environ(), cramped+"="+b.dir)
		var out, e strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &e
		if err := cmd.Run(); err != nil {
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok {
				t.Fatal(err)
			}
			status = exit.ExitCode()
		}
		return status, e.String()
	}
	for range 2 {
		status, errs := run()
		if status != 1 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "cannot store anything") {
			t.Fatalf("status %d, want 1 and one line that nothing can be stored; got %q", status, errs)
		}
	}
	// With room again it starts, with the keys it made.
	_, stop := b.serve("--demo")
	if status := stop(); status != 0 {
		t.Errorf("status %d", status)
	}
}
