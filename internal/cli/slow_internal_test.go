package cli

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/api"
)

// hasty are time-outs short enough to be waited for.
var hasty = timeouts{header: 50 * time.Millisecond, read: 100 * time.Millisecond, write: 100 * time.Millisecond, idle: 50 * time.Millisecond}

// slowly serves h with those time-outs and opens a connection to it.
func slowly(t *testing.T, h http.HandlerFunc) (net.Conn, *bufio.Reader) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{handler: h, log: slog.New(slog.DiscardHandler)}
	server := a.server(hasty)
	go func() { _ = server.Serve(api.Guarded(l, false)) }()
	t.Cleanup(func() { _ = server.Close() })
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, bufio.NewReader(conn)
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// wantEnd waits for the server to hang up, and fails the test when it does not.
func wantEnd(t *testing.T, conn net.Conn, from io.Reader) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(from)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Fatal("the connection is still open")
	}
	return string(rest)
}

func TestWhoNeverEndsHisHeadersIsHungUpOn(t *testing.T) {
	t.Parallel()
	conn, in := slowly(t, func(http.ResponseWriter, *http.Request) { t.Error("it is no request yet") })
	write(t, conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	wantEnd(t, conn, in)
}

func TestWhoSaysNothingIsHungUpOn(t *testing.T) {
	t.Parallel()
	conn, in := slowly(t, func(http.ResponseWriter, *http.Request) { t.Error("there is no request") })
	wantEnd(t, conn, in)
}

func TestWhoNeverEndsHisBodyIsHungUpOn(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	conn, in := slowly(t, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		failed <- err
	})
	write(t, conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nslow")
	if err := <-failed; err == nil {
		t.Error("half a body was taken for a whole one")
	}
	wantEnd(t, conn, in)
}

func TestWhoNeverReadsHisAnswerIsHungUpOn(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	conn, in := slowly(t, func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, strings.Repeat("a page that nobody reads ", 1<<20))
		failed <- err
	})
	write(t, conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-failed; err == nil {
		t.Error("all was written, though nobody read it")
	}
	wantEnd(t, conn, in)
}

func TestWhoKeepsAConnectionForNothingIsHungUpOn(t *testing.T) {
	t.Parallel()
	conn, in := slowly(t, func(http.ResponseWriter, *http.Request) {})
	write(t, conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if rest := wantEnd(t, conn, in); !strings.HasPrefix(rest, "HTTP/1.1 200 OK") {
		t.Errorf("answered %q", rest)
	}
}

func TestEveryTimeoutIsSet(t *testing.T) {
	t.Parallel()
	s := (&app{log: slog.New(slog.DiscardHandler)}).server(usual)
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes != 16<<10 {
		t.Errorf("%+v", usual)
	}
}
