package cli_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pazpaz/internal/cli"
	"pazpaz/internal/testkit"
)

// box is a place where the program runs: a data folder and a free port.
type box struct {
	t    *testing.T
	dir  string
	addr string
	more []string
}

func newBox(t *testing.T, more ...string) *box {
	t.Helper()
	return &box{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t), more: more}
}

// lastPort is the port that was given out last. They lie below those that the
// system gives to connections, or one of them could take it before its server.
var lastPort atomic.Int32

func freeAddr(t *testing.T) string {
	t.Helper()
	for range 1000 {
		n := int(lastPort.Add(1)) + os.Getpid()*37
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 11000+n%9000))
		if err != nil {
			continue // somebody has it
		}
		defer func() { _ = l.Close() }()
		return l.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}

func (b *box) env(ctx context.Context, out, errs *testkit.Buffer) cli.Env {
	environ := []string{"PAZPAZ_DATA_DIR=" + b.dir, "PAZPAZ_ADDR=" + b.addr, "PAZPAZ_LOG_LEVEL=error"}
	return cli.Env{Ctx: ctx, Stdout: out, Stderr: errs, Environ: append(environ, b.more...), Now: time.Now, Random: rand.Reader}
}

// run calls the program and waits for its end.
func (b *box) run(args ...string) (status int, out, errs string) {
	b.t.Helper()
	var o, e testkit.Buffer
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer cancel()
	status = cli.Main(args, b.env(ctx, &o, &e))
	return status, o.String(), e.String()
}

// serve starts the program and returns once it answers. stop ends it and
// returns its exit status.
func (b *box) serve(args ...string) (out *testkit.Buffer, stop func() int) {
	b.t.Helper()
	out = &testkit.Buffer{}
	var errs testkit.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() { done <- cli.Main(append([]string{"serve"}, args...), b.env(ctx, out, &errs)) }()
	stop = func() int {
		cancel()
		return <-done
	}
	for range 2000 {
		if res, err := http.Get("http://" + b.addr + "/readyz"); err == nil {
			res.Body.Close()
			return out, stop
		}
		select {
		case status := <-done:
			b.t.Fatalf("serve ended with %d: %s", status, errs.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
	b.t.Fatal("serve did not answer")
	return nil, nil
}

// refused runs the program and demands one clear line and status 1.
func (b *box) refused(want string, args ...string) {
	b.t.Helper()
	status, _, errs := b.run(args...)
	lines := strings.Split(strings.TrimSuffix(errs, "\n"), "\n")
	if status != 1 || len(lines) != 1 || !strings.Contains(lines[0], want) {
		b.t.Fatalf("status %d, want 1 and one line with %q; got %q", status, want, errs)
	}
}

func TestHelpListsTheVerbs(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"help"}, {"--help"}} {
		status, out, _ := newBox(t).run(args...)
		if status != 0 || !strings.Contains(out, "pazpaz serve") || !strings.Contains(out, "pazpaz audit") {
			t.Errorf("%v: status %d, %q", args, status, out)
		}
	}
}

func TestWrongCallsAnswerTwo(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"dance"}, {"serve", "--loud"}, {"serve", "now"}, {"audit", "repair"}} {
		if status, _, errs := newBox(t).run(args...); status != 2 || errs == "" {
			t.Errorf("%v: status %d, %q", args, status, errs)
		}
	}
}

func TestFirstStartMakesPrivateFiles(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	out, stop := b.serve()
	tokenIn(t, out, "setup")
	if !regexp.MustCompile(`Set up your practice \(works once\): http://[^ ]+/setup#token=[\w-]{43}\n`).MatchString(out.String()) {
		t.Errorf("no setup link: %q", out.String())
	}
	if status := stop(); status != 0 {
		t.Fatalf("status %d after a stop", status)
	}
	for name, mode := range map[string]os.FileMode{
		"": 0o700, "keys": 0o700, "keys/master.keys": 0o600, "keys/secret.key": 0o600, "pazpaz.db": 0o600,
	} {
		info, err := os.Stat(filepath.Join(b.dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q: %v, want mode %o", name, info, mode)
		}
	}
}

func TestSecondStartKeepsEverything(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	out, stop := b.serve("--demo")
	first := link(t, out)
	stop()
	out, stop = b.serve("--demo")
	defer stop()
	second := link(t, out)
	if first == second {
		t.Fatal("the second start printed the link of the first")
	}
	clients := signedIn(t, b.addr, second)
	if n := strings.Count(clients, `"full_name"`); n != 30 {
		t.Fatalf("the demo practice has %d clients, want 30", n)
	}
	// The first link was not used, so it is still good, once.
	signedIn(t, b.addr, first)
}

// link is the token of the sign-in link that was printed.
func link(t *testing.T, out *testkit.Buffer) string {
	t.Helper()
	return tokenIn(t, out, "sign-in/link")
}

// tokenIn waits for a link to a page and returns its token.
func tokenIn(t *testing.T, out *testkit.Buffer, page string) string {
	t.Helper()
	for range 1000 {
		if m := regexp.MustCompile(page + `#token=([\w-]{43})`).FindStringSubmatch(out.String()); m != nil {
			return m[1]
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatalf("no link: %q", out.String())
	return ""
}

// signedIn uses the link's token up and returns the list of clients.
func signedIn(t *testing.T, addr, token string) string {
	t.Helper()
	res, err := http.Post("http://"+addr+"/api/v1/auth/verify", "application/json", strings.NewReader(`{"token":"`+token+`"}`))
	testkit.NoErr(t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("sign in answered %d", res.StatusCode)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/api/v1/clients?limit=100", nil)
	testkit.NoErr(t, err)
	for _, c := range res.Cookies() {
		req.AddCookie(c)
	}
	list, err := http.DefaultClient.Do(req)
	testkit.NoErr(t, err)
	defer list.Body.Close()
	var body strings.Builder
	_, err = copyAll(&body, list.Body)
	testkit.NoErr(t, err)
	return body.String()
}

func TestRefusesToStart(t *testing.T) {
	t.Parallel()
	otherKey := "ENCRYPTION_MASTER_KEY=" + base64.StdEncoding.EncodeToString(testkit.RandomBytes(t, 32))
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	testkit.NoErr(t, err)
	t.Cleanup(func() { _ = busy.Close() })
	for name, c := range map[string]struct {
		more   []string
		before func(*box)
		want   string
	}{
		"unknown setting":      {more: []string{"PAZPAZ_COLOUR=red"}, want: "PAZPAZ_COLOUR"},
		"busy port":            {before: func(b *box) { b.addr = busy.Addr().String() }, want: "another program uses that port"},
		"folder is a file":     {before: func(b *box) { testkit.NoErr(b.t, os.WriteFile(b.dir, nil, 0o600)) }, want: "data folder"},
		"unreachable database": {more: []string{"PAZPAZ_DATABASE_URL=postgres://u:s3cret-word@127.0.0.1:1/x"}, want: "migrate"},
		"weak key":             {more: []string{"ENCRYPTION_MASTER_KEY=" + base64.StdEncoding.EncodeToString(make([]byte, 32))}, want: "ENCRYPTION_MASTER_KEY"},
		"wrong key":            {before: started, more: []string{otherKey}, want: "master key does not open this database"},
		"lost key": {before: func(b *box) {
			started(b)
			testkit.NoErr(b.t, os.Remove(filepath.Join(b.dir, "keys", "master.keys")))
		}, want: "Encryption key not found"},
		"database is no database": {before: func(b *box) {
			started(b)
			testkit.NoErr(b.t, os.WriteFile(filepath.Join(b.dir, "pazpaz.db"), []byte(strings.Repeat("nonsense ", 1000)), 0o600))
		}, want: "open database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			if c.before != nil {
				c.before(b)
			}
			b.more = c.more
			b.t = t
			b.refused(c.want, "serve")
			if _, _, errs := b.run("serve"); strings.Contains(errs, "s3cret-word") {
				t.Error("the line shows a password")
			}
		})
	}
}

func started(b *box) {
	b.t.Helper()
	status, _, errs := b.run("migrate")
	if status != 0 {
		b.t.Fatalf("migrate: %s", errs)
	}
}
