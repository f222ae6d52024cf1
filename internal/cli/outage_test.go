package cli_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Without Redis people work on: each process counts for itself, and permits
// half, and tells its own listeners what changes. Afterwards all is as before.
func TestRedisGoesAndComesBack(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) {
		one := f.start("--demo")
		two := f.start()
		p := newPerson(t)
		p.signIn(one, two.addr)
		limit := func() int {
			a := p.do(201, http.MethodPost, one.addr, "/api/v1/clients", oneMore)
			n, _ := strconv.Atoi(a.header.Get("RateLimit-Limit"))
			return n
		}
		whole := limit()
		before := p.hears(two.addr)
		heard(t, before, "hello")

		f.redis.Shut()
		for range 20 {
			if got := limit(); got != whole/2 {
				t.Fatalf("without Redis a process permits %d, want %d", got, whole/2)
			}
		}
		during := p.hears(one.addr)
		heard(t, during, "hello")
		limit()
		heard(t, during, "change")
		p.do(200, http.MethodGet, one.addr, "/readyz", "")
		if n := strings.Count(one.errs.String(), "the shared counts of requests are away"); n != 1 {
			t.Errorf("the log says %d times that Redis is away", n)
		}

		f.redis.Open()
		eventually(t, "the limit is whole again", func() bool { return limit() == whole })
		ended(t, before) // so that the page comes again and looks at everything
		eventually(t, "changes are heard elsewhere", func() bool {
			events := p.hears(two.addr)
			heard(t, events, "hello")
			limit()
			select {
			case name := <-events:
				return name == "change"
			case <-time.After(2 * time.Second):
				return false
			}
		})
	})
}

// Without PostgreSQL the answer is 503 with a time to ask again; when it is
// back, the same processes serve again.
func TestPostgresGoesAndComesBack(t *testing.T) {
	onFleet(t, func(t *testing.T, f *fleet) {
		one := f.start("--demo")
		f.start()
		p := newPerson(t)
		p.signIn(one, f.url())
		p.do(200, http.MethodGet, f.url(), "/api/v1/clients", "")

		f.postgres.Shut()
		for path, body := range map[string]string{"/api/v1/clients?limit=1": "", "/api/v1/clients": oneMore, "/readyz": "", "/api/v1/auth/magic-link": `{"email":"a@example.com"}`} {
			method := http.MethodGet
			if body != "" {
				method = http.MethodPost
			}
			a := p.do(503, method, f.url(), path, body)
			if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 2 {
				t.Errorf("%s: Retry-After is %q", path, a.header.Get("Retry-After"))
			}
			if !strings.Contains(a.body, `"unavailable"`) {
				t.Errorf("%s answered %s", path, a.body)
			}
		}
		p.do(200, http.MethodGet, f.url(), "/healthz", "")

		f.postgres.Open()
		for _, n := range f.nodes {
			eventually(t, "a process serves again", func() bool {
				a, err := p.try(http.MethodGet, n.addr, "/api/v1/clients", "")
				return err == nil && a.status == http.StatusOK
			})
			p.do(201, http.MethodPost, n.addr, "/api/v1/clients", oneMore)
		}
		if n := f.db.Count("select count(*) from clients"); n != 32 {
			t.Errorf("%d clients, want 32", n)
		}
	})
}
