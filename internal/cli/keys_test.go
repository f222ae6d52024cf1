package cli_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pazpaz/internal/crypt"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// onBoth runs fn with a box on each engine, that has a demo practice, and a
// second connection to its database.
func onBoth(t *testing.T, fn func(t *testing.T, b *box, db *testkit.DB)) {
	t.Helper()
	t.Parallel()
	for _, engine := range testkit.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			address := "sqlite:" + filepath.Join(b.dir, "pazpaz.db")
			if engine == "postgres" {
				address = testkit.FreshDatabase(t, engine)
			}
			b.more = []string{"PAZPAZ_DATABASE_URL=" + address}
			_, stop := b.serve("--demo")
			stop()
			fn(t, b, testkit.Outside(t, engine, address))
		})
	}
}

// practices makes keys of practices that have nothing else.
func practices(t *testing.T, b *box, db *testkit.DB, n int) {
	t.Helper()
	m, err := crypt.ParseMasters(readKey(t, b))
	testkit.NoErr(t, err)
	for range n {
		owner := uuid.New()
		wrapped, err := m.NewDataKey(rand.Reader, owner, 1)
		testkit.NoErr(t, err)
		at := "(select created_at from data_keys limit 1)"
		testkit.NoErr(t, db.Exec("insert into data_keys (owner_id, version, wrapped, created_at) values ($1, 1, $2, "+at+")", owner.String(), wrapped))
	}
}

func (b *box) ok(want string, args ...string) string {
	b.t.Helper()
	status, out, errs := b.run(args...)
	if status != 0 || !strings.Contains(out, want) {
		b.t.Fatalf("%v: status %d, want %q: %q %q", args, status, want, out, errs)
	}
	return out
}

// The master key is changed while the product is in use, by a verb that is
// killed in the middle and called again.
func TestMasterKeyIsRotated(t *testing.T) {
	onBoth(t, func(t *testing.T, b *box, db *testkit.DB) {
		practices(t, b, db, 1500)
		b.ok("v1: 1502 data keys, current", "keys", "status")
		b.ok("Master key v2 is in", "keys", "add")
		out, stop := b.serve("--demo")
		b.killed(t, "data keys sealed anew", "keys", "rotate")
		half := b.ok("current", "keys", "status")
		if strings.Contains(half, "v1: ") {
			whole := readKey(t, b)
			b.keepMaster(t, "v2")
			b.refused("sealed with master key v1, which is not given", "keys", "status")
			testkit.NoErr(t, os.WriteFile(filepath.Join(b.dir, "keys", "master.keys"), []byte(whole), 0o600))
		}
		b.ok("All data keys are sealed with master key v2", "keys", "rotate")
		if n := strings.Count(signedIn(t, b.addr, link(t, out)), `"full_name"`); n != 30 {
			t.Errorf("%d clients were listed during the rotation, want 30", n)
		}
		stop()
		if !strings.Contains(half, "v1: ") || !strings.Contains(half, "v2: ") {
			t.Logf("the verb was not killed in the middle: %s", half)
		}
		b.ok("v1: not needed any more", "keys", "status")
		b.keepMaster(t, "v2")
		b.ok("intact", "audit", "verify")
		if n := db.Count("select count(*) from audit_events where action = 'keys.rotate'"); n < 2 {
			t.Errorf("%d entries of the rotation", n)
		}
		out, stop = b.serve("--demo")
		defer stop()
		signedIn(t, b.addr, link(t, out))
	})
}

// killed runs a verb in a process of its own, which dies when it has printed
// that once.
func (b *box) killed(t *testing.T, after string, args ...string) {
	t.Helper()
	self, err := os.Executable()
	testkit.NoErr(t, err)
	var out, errs testkit.Buffer
	c := exec.CommandContext(t.Context(), self, args...)
	c.Env = append([]string{asProduct + "=yes"}, b.env(context.Background(), nil, nil).Environ...)
	c.Stdout, c.Stderr = &out, &errs
	stdin, err := c.StdinPipe()
	testkit.NoErr(t, err)
	defer stdin.Close()
	testkit.NoErr(t, c.Start())
	eventually(t, after, func() bool { return strings.Contains(out.String(), after) || errs.String() != "" })
	_ = c.Process.Kill()
	_ = c.Wait()
	if errs.String() != "" {
		t.Fatal(errs.String())
	}
}

// keepMaster takes all other versions out of the key file.
func (b *box) keepMaster(t *testing.T, version string) {
	t.Helper()
	for line := range strings.Lines(readKey(t, b)) {
		if strings.HasPrefix(line, version+":") {
			testkit.NoErr(t, os.WriteFile(filepath.Join(b.dir, "keys", "master.keys"), []byte(line), 0o600))
		}
	}
}

// A version that is still needed cannot be taken away unseen.
func TestStartWithoutANeededMasterKeySaysHowManyNeedIt(t *testing.T) {
	onBoth(t, func(t *testing.T, b *box, _ *testkit.DB) {
		b.ok("Master key v2", "keys", "add")
		whole := readKey(t, b)
		b.keepMaster(t, "v2")
		b.refused("2 data keys of this database are sealed with master key v1, which is not given", "serve")
		testkit.NoErr(t, os.WriteFile(filepath.Join(b.dir, "keys", "master.keys"), []byte(whole), 0o600))
		_, stop := b.serve()
		stop()
	})
}

func TestMasterKeyOfTheEnvironmentIsNotWritten(t *testing.T) {
	t.Parallel()
	b := newBox(t, "ENCRYPTION_MASTER_KEY="+base64.StdEncoding.EncodeToString(testkit.RandomBytes(t, 32)))
	b.refused("add a line v2:BASE64 there", "keys", "add")
}

func TestKeyFileThatEverybodyCanReadStopsTheStart(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	_, stop := b.serve()
	stop()
	path := filepath.Join(b.dir, "keys", "master.keys")
	testkit.NoErr(t, os.Chmod(path, 0o604))
	b.refused("chmod 600", "serve")
	testkit.NoErr(t, os.Chmod(path, 0o600))
	b.ok("v1: 1 data keys, current", "keys")
}
