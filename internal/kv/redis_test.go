package kv

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// server answers each connection on loopback with handle and returns its URL.
func server(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				handle(conn)
			}()
		}
	}()
	return "redis://user:hunter2@" + l.Addr().String() + "/0"
}

func hang(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
func drop(conn net.Conn) { _ = conn.Close() }
func noise(conn net.Conn) {
	_, _ = io.WriteString(conn, strings.Repeat("$-7\r\n\x00garbage\r\n", 1000))
}

func answer(line string) func(net.Conn) {
	return func(conn net.Conn) {
		buf := make([]byte, 4096)
		for {
			if _, err := conn.Read(buf); err != nil {
				return
			}
			if _, err := io.WriteString(conn, line+"\r\n"); err != nil {
				return
			}
		}
	}
}

// absent is an address where nobody listens.
func absent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "redis://user:hunter2@" + l.Addr().String() + "/0"
}

func TestOutage(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"nobody listens":   absent(t),
		"hangs":            server(t, hang),
		"hangs up":         server(t, drop),
		"talks nonsense":   server(t, noise),
		"is still loading": server(t, answer("-LOADING Redis is loading the dataset in memory")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outage(t, url)
		})
	}
}

// outage checks that work goes on, within half the limit, soon, and without an error.
func outage(t *testing.T, url string) {
	c := newClock()
	s := open(t, url, c)
	for _, limit := range []struct{ count, half int }{{10, 5}, {7, 3}, {1, 1}} {
		passed := 0
		for range 12 {
			start := time.Now()
			v, err := s.Allow(t.Context(), fmt.Sprint("k", limit.count), Limit{Count: limit.count, Per: time.Hour})
			if err != nil || v.Limit != limit.half {
				t.Fatalf("got %+v, %v; want a limit of %d", v, err, limit.half)
			}
			if wait := time.Since(start); wait > 10*callTime {
				t.Fatalf("one use took %v", wait)
			}
			if v.Allowed {
				passed++
			}
		}
		if passed != limit.half {
			t.Errorf("%d of %d uses passed, want %d", passed, limit.count, limit.half)
		}
		c.advance(restTime)
	}
	own, err := s.Subscribe(t.Context(), "c")
	if err != nil {
		t.Fatalf("subscribe: %v", err)
	}
	for call, err := range map[string]error{"publish": s.Publish(t.Context(), "c", []byte("x")), "ping": s.Ping(t.Context())} {
		if err == nil {
			t.Errorf("%s: want an error", call)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the password is in %q", call, err)
		}
	}
	if got, _ := read(t, own); got != "x" {
		t.Errorf("a reader in this process heard %q", got)
	}
}

// TestOutageCostsOneWait counts how often a server that hangs is asked.
func TestOutageCostsOneWait(t *testing.T) {
	t.Parallel()
	var dialled atomic.Int64
	c := newClock()
	s := open(t, server(t, func(conn net.Conn) { dialled.Add(1); hang(conn) }), c)
	use := func() {
		if _, err := s.Allow(t.Context(), "k", Limit{Count: 10, Per: time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	use()
	before := dialled.Load()
	for range 100 {
		use()
	}
	if after := dialled.Load(); after > before+1 {
		t.Errorf("Redis was asked again while it rests: %d connections, then %d", before, after)
	}
	rest := s.(*shared).rest.Load()
	c.advance(restTime)
	use()
	if s.(*shared).rest.Load() <= rest {
		t.Error("Redis was not asked again after the rest")
	}
}

func parse(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// wire is a line to a real Redis that can be cut, or fall silent.
type wire struct {
	url          *url.URL
	cut, silent  atomic.Bool // for connections to come
	lines        sync.Map    // of net.Conn to *atomic.Bool: whether what it carries is swallowed
	redisAddress string
}

func newWire(t *testing.T, target string) *wire {
	t.Helper()
	o, err := redis.ParseURL(target)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{url: parse(t, target), redisAddress: o.Addr}
	w.url.Host = parse(t, server(t, w.carry)).Host
	return w
}

func (w *wire) carry(conn net.Conn) {
	var swallowed atomic.Bool
	swallowed.Store(w.silent.Load())
	w.lines.Store(conn, &swallowed)
	if w.cut.Load() {
		return
	}
	up, err := net.Dial("tcp", w.redisAddress)
	if err != nil {
		return
	}
	defer func() { _ = up.Close() }()
	go func() { pump(conn, up, &swallowed); _ = conn.Close() }()
	pump(up, conn, &swallowed)
}

func pump(to, from net.Conn, swallowed *atomic.Bool) {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if !swallowed.Load() {
			_, _ = to.Write(buf[:n])
		}
	}
}

func (w *wire) cutAll() {
	w.cut.Store(true)
	w.lines.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
}

func (w *wire) silence() {
	w.silent.Store(true)
	w.lines.Range(func(_, swallowed any) bool { swallowed.(*atomic.Bool).Store(true); return true })
}

// TestRecovery takes the line to a real Redis away and gives it back.
func TestRecovery(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(*wire){"cut": (*wire).cutAll, "silent": (*wire).silence} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recovery(t, away)
		})
	}
}

func recovery(t *testing.T, away func(*wire)) {
	target := redisURL(t)
	c, w := newClock(), newWire(t, target)
	s := open(t, w.url.String(), c)
	before, err := s.Subscribe(t.Context(), "news")
	if err != nil {
		t.Fatal(err)
	}
	limit := func() int {
		v, err := s.Allow(t.Context(), t.Name()+w.url.Host, Limit{Count: 10, Per: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		return v.Limit
	}
	if limit() != 10 {
		t.Fatal("Redis does not answer through the line")
	}
	away(w)
	for range 2 {
		if limit() != 5 {
			t.Error("without the line the local limit must hold")
		}
	}
	w.cut.Store(false)
	w.silent.Store(false)
	c.advance(restTime)
	if limit() != 10 {
		t.Error("the shared limit must return with the line")
	}
	if _, open := read(t, before); open {
		t.Error("a reader who may have missed something was not told")
	}
	hearsAgain(t, s, open(t, target, newClock()))
}

// hearsAgain checks that what other publishes reaches a reader of s.
func hearsAgain(t *testing.T, s, other Store) {
	t.Helper()
	channel := fmt.Sprint("news", time.Now().UnixNano())
	c, err := s.Subscribe(t.Context(), channel)
	if err == nil {
		err = other.Publish(t.Context(), channel, []byte("again"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := read(t, c); got != "again" {
		t.Errorf("heard %q", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":       "must be memory:",
		"memory": "must be memory:", "memory:x": "must be memory:", "redis:x": "must be memory:",
		"hunter2":                            "must be memory:",
		"http://hunter2@host":                "must be memory:",
		"redis://:hunter2@host:port/0":       "cannot be read",
		"redis://:hunter2@host/0/1":          "cannot be read",
		"redis://:hunter2@host/x":            "cannot be read",
		"redis://:hunter2@host?unknown=1":    "cannot be read",
		"redis://:hunter2@host/%zz":          "cannot be read",
		"rediss://:hunter2@h?skip_verify=1":  "skip_verify",
		server(t, answer("-WRONGPASS no")):   "refuses",
		server(t, answer("-NOAUTH need it")): "refuses",
		server(t, answer("-NOPERM no ping")): "refuses",
	} {
		s, err := Open(t.Context(), url, newClock().now)
		if err == nil {
			_ = s.Close()
			t.Errorf("%q was accepted", url)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %q, want %q and no password", url, err, want)
		}
	}
}

// TestStrangersOnTheFeed checks that what others write to the same Redis channel does no harm.
func TestStrangersOnTheFeed(t *testing.T) {
	t.Parallel()
	for _, message := range []string{"", "\xff", "\x05abc", strings.Repeat("\xff", 20), "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"} {
		if channel, payload, ok := opened(message); ok {
			t.Errorf("%q was read as %q for %q", message, payload, channel)
		}
	}
	channel, payload, ok := opened(string(envelope("c", []byte("p"))))
	if !ok || channel != "c" || string(payload) != "p" {
		t.Errorf("got %q, %q, %v", channel, payload, ok)
	}
}

func TestKeysOnRedisAreHashedAndExpire(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, redisURL(t), c).(*shared)
	name := limitName(t.Name() + fmt.Sprint(c.now()))
	if strings.Contains(name, t.Name()) {
		t.Errorf("%q shows the key", name)
	}
	key := t.Name() + fmt.Sprint(time.Now().UnixNano())
	if _, err := s.Allow(t.Context(), key, Limit{Count: 4, Per: time.Minute}); err != nil {
		t.Fatal(err)
	}
	ttl, err := s.client.PTTL(context.Background(), limitName(key)).Result()
	if err != nil || ttl <= 0 || ttl > 15*time.Second {
		t.Errorf("the key lives for %v (%v), want at most the 15 seconds until it is full again", ttl, err)
	}
}
