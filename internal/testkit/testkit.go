// Package testkit is what every test stands on: both engines, a clock that
// tests move, two practices with people and clients, an HTTP client, and a
// second connection that sees only what was committed. It is imported by
// tests alone.
package testkit

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/auth"
	"pazpaz/internal/crypt"
	"pazpaz/internal/jobs"
	"pazpaz/internal/kv"
	"pazpaz/internal/platform"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"
)

// PublicURL is the origin that links in test mails point to.
const PublicURL = "http://localhost:8080"

// Kit is one test's world on one engine. Nothing in it is shared with another
// test.
type Kit struct {
	T *testing.T
	// Engine is "sqlite" or "postgres".
	Engine string
	// URL is the address of the test's own database.
	URL      string
	Masters  *crypt.Masters
	Clock    *Clock
	Store    *store.Store
	KV       kv.Store
	Auth     *auth.Service
	Practice *practice.Practice
	Platform *platform.Platform
	API      *api.API
	Runner   *jobs.Runner
	Outbox   *Outbox
	// Log holds every line that the product logged.
	Log *Buffer
	// Server listens on a real socket.
	Server *httptest.Server
	// DB is a second connection, past row-level security.
	DB *DB

	Fixtures

	csrf     *sync.Map // access token -> CSRF token
	contract *atomic.Pointer[Contract]
}

// Each runs fn on every engine, each time in a world of its own, in parallel.
// Without TEST_POSTGRES_URL the PostgreSQL half is not run, and says so; in
// CI that is a failure.
func Each(t *testing.T, fn func(t *testing.T, k *Kit)) {
	t.Helper()
	t.Parallel()
	for _, engine := range Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			fn(t, New(t, engine))
		})
	}
}

// Engines lists the engines that can be tested here.
func Engines(t *testing.T) []string {
	t.Helper()
	if os.Getenv("TEST_POSTGRES_URL") != "" {
		return []string{"sqlite", "postgres"}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("TEST_POSTGRES_URL is not set: in CI every engine must be tested")
	}
	sayOnce.Do(func() {
		fmt.Fprintln(os.Stderr, "not run: postgres (TEST_POSTGRES_URL is not set; make test starts one)")
	})
	return []string{"sqlite"}
}

var sayOnce sync.Once

// New makes a world with the fixtures in it.
func New(t *testing.T, engine string) *Kit {
	t.Helper()
	k := Bare(t, engine)
	k.fill()
	return k
}

// Bare makes a world with an empty database.
func Bare(t *testing.T, engine string) *Kit {
	t.Helper()
	return WithMasters(t, engine, NewMasters(t))
}

// WithMasters is Bare with a master key that the test knows.
func WithMasters(t *testing.T, engine string, m *crypt.Masters) *Kit {
	t.Helper()
	k := &Kit{T: t, Engine: engine, URL: database(t, engine), Masters: m, Clock: NewClock(), Outbox: &Outbox{}, Log: &Buffer{}, csrf: &sync.Map{}, contract: &atomic.Pointer[Contract]{}}
	k.Store = k.OpenStore()
	k.DB = openDB(t, k)
	k.wire()
	return k
}

// NewMasters makes a fresh master key.
func NewMasters(t *testing.T) *crypt.Masters {
	t.Helper()
	m, err := crypt.ParseMasters("v1:" + base64.StdEncoding.EncodeToString(RandomBytes(t, crypt.KeySize)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// RandomBytes returns n random bytes.
func RandomBytes(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

// OpenStore opens one more store on the test's database, as a second process
// would. It is closed at the end of the test.
func (k *Kit) OpenStore() *store.Store {
	k.T.Helper()
	s, err := store.Open(k.T.Context(), store.Options{
		URL: k.URL, Masters: k.Masters, Now: k.Clock.Now, Random: rand.Reader, Conns: 8,
	})
	if err != nil {
		k.T.Fatalf("open store: %v", err)
	}
	k.T.Cleanup(func() { _ = s.Close() })
	return s
}

func (k *Kit) wire() {
	k.T.Helper()
	log := slog.New(slog.NewJSONHandler(k.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	k.KV = openKV(k.T, k.Engine, k.Clock)
	var err error
	k.Auth, err = auth.New(auth.Options{
		Store: k.Store, KV: k.KV, Secret: []byte(strings.Repeat("test secret ", 4)), PublicURL: PublicURL,
		Idle: 30 * time.Minute, Absolute: 12 * time.Hour, Now: k.Clock.Now, Random: rand.Reader,
	})
	if err != nil {
		k.T.Fatal(err)
	}
	k.Practice = practice.New(k.Store, rand.Reader)
	k.Platform = platform.New(k.Store, rand.Reader)
	k.Runner = jobs.New(k.Store, k.Clock.Now, log, map[string]jobs.Handler{
		auth.JobLink: k.Auth.DeliverLink, auth.JobMail: jobs.SendMail(k.Outbox, k.Clock.Now),
		store.JobInvitation: k.Auth.DeliverInvitation, store.JobNotice: k.Auth.DeliverNotice,
	})
	k.API = api.New(api.Options{
		Auth: k.Auth, Practice: k.Practice, Platform: k.Platform, Ready: func(r *http.Request) error { return k.Store.Check(r.Context()) },
		Checkpoints: k.checkpoints,
		Version:     "test", Log: log, Now: k.Clock.Now, Random: rand.Reader,
	})
	k.Server = serving(k.T, k.API.Handler())
}

// RunJobs does all background work that is due.
func (k *Kit) RunJobs() {
	k.T.Helper()
	if err := k.Runner.Drain(k.T.Context()); err != nil {
		k.T.Fatalf("run jobs: %v", err)
	}
}

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts on a Monday morning in winter, UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)} }

// Now is what the product is told.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock; a negative d moves it back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Buffer is a writer that many goroutines may write to.
type Buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String returns what was written.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TempFile returns a path in a folder of the test's own.
func TempFile(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(t.TempDir(), name)
}

// NoErr fails the test on an error.
func NoErr(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
