package cli_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// whole is how long the product may take to be as before once a part that was
// away answers again.
const whole = 10 * time.Second

// again waits until is, and fails the test when that took longer than whole.
func again(t *testing.T, since time.Time, what string, is func() bool) {
	t.Helper()
	eventually(t, what, is)
	took := time.Since(since)
	t.Logf("%s after %v", what, took.Round(time.Millisecond))
	if took > whole {
		t.Errorf("%s only after %v", what, took)
	}
}

// limit is how many requests a minute a process says that it permits.
func (p *person) limit(n *node) int {
	p.t.Helper()
	a := p.do(201, http.MethodPost, n.addr, "/api/v1/clients", oneMore)
	limit, _ := strconv.Atoi(a.header.Get("RateLimit-Limit"))
	return limit
}

// Without Redis people work on: each process counts for itself, and permits
// half, and tells its own listeners what changes. Afterwards all is as before.
func TestRedisGoesAndComesBack(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) { redisAway(t, f, f.redis.Shut) })
}

// A Redis that takes everything and never answers holds nobody up.
func TestRedisStopsAnsweringAndAnswersAgain(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) { redisAway(t, f, f.redis.Mute) })
}

func redisAway(t *testing.T, f *fleet, leave func()) {
	one := f.start("--demo")
	two := f.start()
	p := newPerson(t)
	p.signIn(one, two.addr)
	all := p.limit(one)
	before := p.hears(two.addr)
	heard(t, before, "hello")

	leave()
	for i := range 20 {
		start := time.Now()
		if got := p.limit(one); got != all/2 {
			t.Fatalf("without Redis a process permits %d, want %d", got, all/2)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("request %d took %v", i, took)
		}
	}
	during := p.hears(one.addr)
	heard(t, during, "hello")
	p.limit(one)
	heard(t, during, "change")
	p.do(200, http.MethodGet, one.addr, "/readyz", "")
	if n := strings.Count(one.errs.String(), "the shared counts of requests are away"); n != 1 {
		t.Errorf("the log says %d times that Redis is away", n)
	}

	f.redis.Open()
	start := time.Now()
	again(t, start, "the limit is whole again", func() bool { return p.limit(one) == all })
	ended(t, before) // so that the page comes again and looks at everything
	again(t, start, "changes are heard elsewhere", func() bool { return p.told(one, two) })
}

// told says whether a change at one is heard at the other within a second.
func (p *person) told(one, other *node) bool {
	p.t.Helper()
	events := p.hears(other.addr)
	heard(p.t, events, "hello")
	p.limit(one)
	select {
	case name := <-events:
		return name == "change"
	case <-time.After(time.Second):
		return false
	}
}

// Without PostgreSQL the answer is 503 with a time to ask again; when it is
// back, the same processes serve again.
func TestPostgresGoesAndComesBack(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) { postgresAway(t, f, f.postgres.Shut) })
}

// A PostgreSQL that takes everything and never answers is found out within
// seconds; from then on nobody waits for it.
func TestPostgresStopsAnsweringAndAnswersAgain(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) { postgresAway(t, f, f.postgres.Mute) })
}

func postgresAway(t *testing.T, f *fleet, leave func()) {
	one := f.start("--demo")
	f.start()
	p := newPerson(t)
	p.signIn(one, f.url())
	p.do(200, http.MethodGet, f.url(), "/api/v1/clients", "")

	leave()
	for _, n := range f.nodes { // each finds out by itself
		start := time.Now()
		p.refusedAway(n.addr, "/api/v1/clients", "")
		took := time.Since(start)
		t.Logf("refused after %v", took.Round(time.Millisecond))
		if took > 8*time.Second {
			t.Errorf("the first request was refused only after %v", took)
		}
	}
	start := time.Now()
	for path, body := range map[string]string{"/api/v1/clients?limit=1": "", "/api/v1/clients": oneMore, "/readyz": "", "/api/v1/auth/magic-link": `{"email":"a@example.com"}`} {
		p.refusedAway(f.url(), path, body)
	}
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("four requests were refused only after %v", took)
	}
	p.do(200, http.MethodGet, f.url(), "/healthz", "")

	f.postgres.Open()
	start = time.Now()
	for _, n := range f.nodes {
		again(t, start, "a process serves", func() bool {
			a, err := p.try(http.MethodGet, n.addr, "/api/v1/clients", "")
			return err == nil && a.status == http.StatusOK
		})
		p.do(201, http.MethodPost, n.addr, "/api/v1/clients", oneMore)
	}
	f.enqueue(0, 1)
	again(t, start, "a mail is sent", func() bool { return len(f.mails.Counts()) == 1 })
	if n := f.db.Count("select count(*) from clients"); n != 32 {
		t.Errorf("%d clients, want 32", n)
	}
}

// refusedAway asks for what needs the database.
func (p *person) refusedAway(addr, path, body string) {
	p.t.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	a := p.do(503, method, addr, path, body)
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 2 {
		p.t.Errorf("%s: Retry-After is %q", path, a.header.Get("Retry-After"))
	}
	if !strings.Contains(a.body, `"unavailable"`) {
		p.t.Errorf("%s answered %s", path, a.body)
	}
}
