package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/kv"
	"pazpaz/internal/testkit"
)

// counting counts uses in a shared state, as the product does.
func counting(in kv.Store) api.CountFunc {
	return func(ctx context.Context, key string, perMinute int) (api.Use, error) {
		v, err := in.Allow(ctx, key, kv.Limit{Count: perMinute, Per: time.Minute})
		return api.Use{Allowed: v.Allowed, Limit: v.Limit, Remaining: v.Remaining, RetryAfter: v.RetryAfter}, err
	}
}

// counted is a process that counts, in this process: what is shared over Redis
// goes by the real time as well, and the test's clock stands still.
func counted(k *testkit.Kit) *testkit.Kit {
	k.T.Helper()
	in, err := kv.Open(k.T.Context(), "memory:", k.Clock.Now)
	testkit.NoErr(k.T, err)
	k.T.Cleanup(func() { _ = in.Close() })
	return k.Process(nil, func(o *api.Options) { o.Count, o.Proxies = counting(in), k.Loopback() })
}

// wantUses fails the test unless the headers tell of those uses.
func wantUses(k *testkit.Kit, what string, res *testkit.Response, want map[string]string) {
	k.T.Helper()
	for n, v := range want {
		if got := res.Header.Get(n); got != v {
			k.T.Errorf("%s: %s is %q, want %q", what, n, got, v)
		}
	}
}

func TestAnswersTellHowManyUsesAreLeft(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := counted(k)
		header := p.CSRFHeaders(k.User1)
		wantUses(k, "a look", p.Get("/clients", header).Want(k, 200), map[string]string{
			"RateLimit-Policy": `"read-address";q=6000;w=60, "read-person";q=1200;w=60`,
			"RateLimit":        `"read-address";r=5999;t=1, "read-person";r=1199;t=1`,
			"RateLimit-Limit":  "1200", "RateLimit-Remaining": "1199", "RateLimit-Reset": "1",
		})
		wantUses(k, "a refused change", p.Do(http.MethodPost, "/clients", header, "{").Want(k, 400), map[string]string{
			"RateLimit": `"write-address";r=2999;t=1, "write-person";r=599;t=1`, "Retry-After": "",
		})
		wantUses(k, "nobody", p.Get("/clients", nil).Want(k, 401), map[string]string{"RateLimit": `"read-address";r=5998;t=1`})
		wantUses(k, "the setup", p.Get("/setup", nil).Want(k, 200), map[string]string{
			"RateLimit-Policy": `"sign-in-address";q=300;w=60`, "RateLimit-Limit": "300", "RateLimit-Remaining": "299",
		})
		wantUses(k, "health", p.Get("/healthz", nil).Want(k, 200), map[string]string{"RateLimit": "", "RateLimit-Policy": ""})
	})
}

func TestEveryClassHasItsLimitByPersonAndByAddress_ASVS_2_4_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := counted(k)
		mine, colleague := p.CSRFHeaders(k.User1), p.CSRFHeaders(k.Practitioner1)
		from := func(h http.Header, addr string) http.Header {
			out := http.Header{"X-Forwarded-For": {addr}}
			for n, v := range h {
				out[n] = v
			}
			return out
		}
		search := func(h http.Header, addr string) *testkit.Response {
			return p.Do(http.MethodPost, "/sessions/search", from(h, addr), fields{"query": "x"})
		}
		for n := range 60 { // one person, wherever he is
			search(mine, fmt.Sprintf("198.51.100.%d", n%7)).Want(k, 200)
		}
		res := search(mine, "198.51.100.99")
		wantProblem(p, res, 429, "too_many")
		p.Declared(http.MethodPost, "/sessions/search", 429)
		wantUses(k, "one too many", res, map[string]string{
			"Retry-After": "1", "RateLimit-Remaining": "0", "RateLimit-Reset": "60", "RateLimit": `"heavy-address";r=239;t=1, "heavy-person";r=0;t=60`,
		})
		search(colleague, "198.51.100.1").Want(k, 200)
		p.Get("/clients", from(mine, "198.51.100.1")).Want(k, 200) // other work goes on
		k.Clock.Advance(time.Second)
		search(mine, "198.51.100.1").Want(k, 200)
		search(mine, "198.51.100.1").Want(k, 429)

		for range 300 { // one address, whoever is there
			p.Get("/setup", from(nil, "203.0.113.1")).Want(k, 200)
		}
		wantProblem(p, p.Get("/setup", from(nil, "203.0.113.1")), 429, "too_many")
		wantProblem(p, p.Do(http.MethodPost, "/auth/magic-link", from(nil, "203.0.113.1"), askFor("a@b.example")), 429, "too_many")
		p.Get("/setup", from(nil, "203.0.113.2")).Want(k, 200)
	})
}

// When the shared state is away, work goes on with half of what is permitted,
// and the log says so once a minute.
func TestWorkGoesOnWithoutTheSharedState(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, "sqlite")
	away, err := kv.Open(t.Context(), "redis://127.0.0.1:1/0", k.Clock.Now)
	testkit.NoErr(t, err)
	t.Cleanup(func() { _ = away.Close() })
	p := k.Process(nil, func(o *api.Options) { o.Count = counting(away) })
	header := k.CSRFHeaders(k.User1)
	for range 30 {
		p.Do(http.MethodPost, "/sessions/search", header, fields{"query": "x"}).Want(k, 200)
	}
	res := p.Do(http.MethodPost, "/sessions/search", header, fields{"query": "x"}).WantCode(k, 429, "too_many")
	wantUses(k, "half", res, map[string]string{"RateLimit-Limit": "30", "RateLimit-Policy": `"heavy-address";q=120;w=60, "heavy-person";q=30;w=60`})
	p.Do(http.MethodPost, "/clients", header, fields{"first_name": "a", "last_name": "b"}).Want(k, 201)
	said := func() int { return strings.Count(k.Log.String(), "the shared counts of requests are away") }
	if said() != 1 {
		t.Errorf("the log says it %d times", said())
	}
	k.Clock.Advance(time.Minute)
	p.Get("/clients", header).Want(k, 200)
	p.Get("/clients", header).Want(k, 200)
	if said() != 2 {
		t.Errorf("a minute later the log has said it %d times", said())
	}
}
