package cli_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/cli"
	"pazpaz/internal/testkit"
)

// serveLogging is serve with what it writes to the standard error kept.
func (b *box) serveLogging(errs *testkit.Buffer, args ...string) (out *testkit.Buffer, stop func() int) {
	b.t.Helper()
	out = &testkit.Buffer{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	env := b.env(ctx, out, errs)
	env.Environ = append(slices.Clone(b.more), env.Environ...) // of two values the first counts
	go func() { done <- cli.Main(append([]string{"serve"}, args...), env) }()
	stop = func() int { cancel(); return <-done }
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

func status(t *testing.T, addr, path string) int {
	t.Helper()
	res, err := http.Get("http://" + addr + path)
	testkit.NoErr(t, err)
	defer res.Body.Close()
	return res.StatusCode
}

func TestServeAnswersUntilItIsStopped(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	out, stop := b.serve("--demo")
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/openapi.json": 200, "/api/v1/clients": 401, "/api/v1/none": 404} {
		if got := status(t, b.addr, path); got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
	link(t, out)
	_, port, err := net.SplitHostPort(b.addr)
	testkit.NoErr(t, err)
	if !strings.Contains(out.String(), "PazPaz is ready at http://localhost:"+port+"\n") {
		t.Errorf("printed %q", out.String())
	}
	if got := stop(); got != 0 {
		t.Errorf("status %d", got)
	}
	if _, err := net.DialTimeout("tcp", b.addr, time.Second); err == nil {
		t.Error("something still listens")
	}
	if again, err := filepath.Glob(filepath.Join(b.dir, "pazpaz.db*")); err != nil || len(again) != 1 {
		t.Errorf("the database was not folded up: %v", again)
	}
}

// A request that is being answered when the program is told to stop gets its
// answer.
func TestStopLetsRunningRequestsEnd(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	_, stop := b.serve()
	conn, err := net.Dial("tcp", b.addr)
	testkit.NoErr(t, err)
	defer func() { _ = conn.Close() }()
	const body = `{"email":"somebody@example.com"}`
	half := len(body) / 2
	_, err = fmt.Fprintf(conn, "POST /api/v1/auth/magic-link HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", b.addr, len(body))
	testkit.NoErr(t, err)
	answers := bufio.NewReader(conn)
	line, err := answers.ReadString('\n') // the handler has begun to read
	if err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q, %v", line, err)
	}
	_, _ = answers.ReadString('\n')
	_, err = io.WriteString(conn, body[:half])
	testkit.NoErr(t, err)
	stopped := make(chan int, 1)
	go func() { stopped <- stop() }()
	for range 1000 { // until nobody else is let in
		c, err := net.Dial("tcp", b.addr)
		if err != nil {
			break
		}
		_ = c.Close()
		<-time.After(2 * time.Millisecond)
	}
	_, err = io.WriteString(conn, body[half:])
	testkit.NoErr(t, err)
	res, err := http.ReadResponse(answers, nil)
	testkit.NoErr(t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		t.Errorf("the running request was answered with %d", res.StatusCode)
	}
	if got := <-stopped; got != 0 {
		t.Errorf("status %d", got)
	}
}

func TestSessionOutlivesARestart(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	out, stop := b.serve("--demo")
	res, err := http.Post("http://"+b.addr+"/api/v1/auth/verify", "application/json", strings.NewReader(`{"token":"`+link(t, out)+`"}`))
	testkit.NoErr(t, err)
	res.Body.Close()
	stop()
	_, stop = b.serve()
	defer stop()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+b.addr+"/api/v1/auth/me", nil)
	testkit.NoErr(t, err)
	for _, c := range res.Cookies() {
		req.AddCookie(c)
	}
	me, err := http.DefaultClient.Do(req)
	testkit.NoErr(t, err)
	me.Body.Close()
	if me.StatusCode != http.StatusOK {
		t.Errorf("after a restart the session answers %d", me.StatusCode)
	}
}

func TestFilesOfARunningServerArePrivate(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	_, stop := b.serve("--demo")
	defer stop()
	res, err := http.Post("http://"+b.addr+"/api/v1/auth/magic-link", "application/json", strings.NewReader(`{"email":"demo@example.com"}`))
	testkit.NoErr(t, err)
	res.Body.Close()
	var mails []string
	for range 1000 {
		if mails, _ = filepath.Glob(filepath.Join(b.dir, "mail", "*.eml")); len(mails) == 1 {
			break
		}
		<-time.After(5 * time.Millisecond)
	}
	if len(mails) != 1 {
		t.Fatalf("%d mails were kept", len(mails))
	}
	err = filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may use %s: mode %o", strings.TrimPrefix(path, b.dir), info.Mode().Perm())
		}
		return err
	})
	testkit.NoErr(t, err)
}

func TestStopLeavesACheckpoint(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	_, stop := b.serve("--demo")
	stop()
	info, err := os.Stat(filepath.Join(b.dir, "audit-checkpoints.jsonl"))
	if err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
}
