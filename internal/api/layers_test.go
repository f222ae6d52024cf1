package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// wantProblem fails the test unless the answer is a problem of our form, with
// no member more than it has.
func wantProblem(k *testkit.Kit, res *testkit.Response, status int, code string) {
	k.T.Helper()
	res.WantCode(k, status, code)
	m := res.Map(k)
	want := fields{
		"type": "urn:pazpaz:problem:" + code, "title": http.StatusText(status), "status": float64(status), "code": code,
		"request_id": res.Header.Get("X-Request-ID"),
	}
	for n, v := range want {
		if m[n] != v {
			k.T.Errorf("%d %s: %s is %v, want %v", status, code, n, m[n], v)
		}
	}
	if detail, _ := m["detail"].(string); len(detail) < 10 || !strings.HasSuffix(detail, ".") {
		k.T.Errorf("%d %s: detail %q is no sentence", status, code, m["detail"])
	}
	for n := range m {
		if _, ok := want[n]; !ok && n != "detail" && n != "errors" && n != "current" && n != "conflicting_appointments" {
			k.T.Errorf("%d %s: unexpected member %s", status, code, n)
		}
	}
	if id, err := uuid.Parse(res.Header.Get("X-Request-ID")); err != nil || id.Version() != 7 {
		k.T.Errorf("%d %s: request id %s", status, code, id)
	}
	if ctype := res.Header.Get("Content-Type"); ctype != "application/problem+json" {
		k.T.Errorf("%d %s: content type %s", status, code, ctype)
	}
}

func TestAPanicIsOne500AndTheHandlerRunsOnce_ASVS_16_5_4(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		var ready, woken atomic.Int32
		p := k.Process(nil, func(o *api.Options) {
			o.Ready = func(*http.Request) error { ready.Add(1); panic(marker) }
			o.Wake = func() { woken.Add(1); panic(errors.New(marker)) }
		})
		res := p.Get("/readyz", nil)
		wantProblem(p, res, 500, "internal")
		res2 := p.Do(http.MethodPost, "/auth/magic-link", nil, askFor("user-1@example.com"))
		wantProblem(p, res2, 500, "internal")
		p.Declared(http.MethodPost, "/auth/magic-link", 500)
		if ready.Load() != 1 || woken.Load() != 1 || k.DB.Count("select count(*) from jobs") != 1 {
			t.Errorf("the handlers ran %d and %d times", ready.Load(), woken.Load())
		}
		log := p.Log.String()
		for _, r := range []*testkit.Response{res, res2} {
			if !strings.Contains(log, `"msg":"panic","request":"`+r.Header.Get("X-Request-ID")) {
				t.Errorf("the panic is not in the log: %s", log)
			}
			wantNoneOf(t, "the answer", r.Body, []string{marker, "goroutine", ".go", "panic"})
		}
		wantNoneOf(t, "the log", []byte(log), []string{marker, "user-1@"})
		p.Get("/healthz", nil).Want(k, 200)
	})
}

// An answer that a panic cuts must not look whole.
func TestAPanicInTheMiddleCutsTheConnection(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) {
			o.Page = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "half")
				_ = http.NewResponseController(w).Flush()
				panic(marker)
			})
		})
		res, err := http.Get(p.Server.URL + "/page")
		testkit.NoErr(t, err)
		defer res.Body.Close()
		if body, err := io.ReadAll(res.Body); err == nil {
			t.Fatalf("the answer %q looks whole", body)
		}
		p.Get("/healthz", nil).Want(k, 200)
	})
}

func TestErrorsOfAPartThatIsDown_ASVS_16_5_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for what, c := range map[string]struct {
			err    error
			status int
			code   string
			wait   string
		}{
			"unavailable":    {&model.Error{Kind: model.Unavailable, Code: "unavailable", Detail: "The database does not answer.", RetryAfter: 1500 * time.Millisecond}, 503, "unavailable", "2"},
			"wrapped":        {fmt.Errorf("check: %w", &model.Error{Kind: model.Unavailable, Code: "unavailable", Detail: "The database does not answer.", RetryAfter: time.Minute}), 503, "unavailable", "60"},
			"too slow":       {fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "stopped", "2"},
			"hung up":        {fmt.Errorf("query: %w", context.Canceled), 503, "stopped", "2"},
			"anything else":  {errors.New("secret " + marker), 500, "internal", ""},
			"no known kind":  {&model.Error{Kind: 99, Code: "strange", Detail: "This has a kind that is not known."}, 500, "strange", ""},
			"gone":           {&model.Error{Kind: model.Gone, Code: "gone", Detail: "It was here and has gone."}, 410, "gone", ""},
			"ready says not": {model.ErrNotFound, 404, "not_found", ""},
		} {
			p := k.Process(nil, func(o *api.Options) { o.Ready = func(*http.Request) error { return c.err } })
			res := p.Get("/readyz", nil)
			wantProblem(p, res, c.status, c.code)
			if got := res.Header.Get("Retry-After"); got != c.wait {
				t.Errorf("%s: Retry-After %q, want %q", what, got, c.wait)
			}
			wantNoneOf(t, what, res.Body, []string{marker})
		}
		k.Get("/readyz", nil).Want(k, 200)
	})
}

func TestACallerWhoHangsUpIsNoFailureOfOurs(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequest(http.MethodGet, "/api/v1/clients", nil).WithContext(ctx)
		r.Header = k.AuthHeaders(k.User1)
		w := httptest.NewRecorder()
		k.API.Handler().ServeHTTP(w, r)
		if w.Code != 503 || strings.Contains(k.Log.String(), `"level":"ERROR"`) {
			t.Fatalf("%d: %s", w.Code, k.Log.String())
		}
	})
}

func TestMethodsThatAnAddressDoesNotHave_ASVS_4_1_4(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := newWorld(k, k.User1, "Own")
		has, example := map[string][]string{"/healthz": {"GET"}, "/readyz": {"GET"}, "/openapi.json": {"GET"}}, map[string]string{}
		for path := range has {
			example[path] = path
		}
		for _, r := range k.API.Routes() {
			has[r.Path], example[r.Path] = append(has[r.Path], r.Method), parameter.ReplaceAllString(r.Path, "x")
			if r.Member && !r.Either {
				example[r.Path] = fill(r, w.fresh(r))
			}
		}
		for path, methods := range has {
			if slices.ContainsFunc(slices.Collect(maps.Keys(has)), func(other string) bool { return other != path && shaped(other, path) }) {
				continue // "search" is no id, but it is where one would be
			}
			var allowed, refused []string
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
				if slices.Contains(methods, method) || (method == "HEAD" && slices.Contains(methods, "GET")) {
					allowed = append(allowed, method)
				} else {
					refused = append(refused, method)
				}
			}
			for _, method := range refused {
				res := k.Do(method, example[path], w.member, nil)
				if res.Status != 405 || res.Header.Get("Allow") != strings.Join(allowed, ", ") {
					t.Errorf("%s %s: %d, Allow %s, want %v", method, path, res.Status, res.Header.Get("Allow"), allowed)
				} else if method != "HEAD" {
					wantProblem(k, res, 405, "method_not_allowed")
				}
			}
		}
		if len(has) < 20 {
			t.Errorf("only %d addresses", len(has))
		}
	})
}

// shaped reports whether a path with parameters fits another one.
func shaped(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || strings.HasPrefix(w, "{") })
}

func TestHEADIsGETWithoutItsBody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.AuthHeaders(k.User1)
		for _, path := range []string{"/clients", "/workspace", "/clients/" + k.Client1.ID.String(), "/healthz", "/openapi.json", "/setup", "/clients/" + uuid.NewString()} {
			got, head := k.Get(path, header), k.Do(http.MethodHead, path, header, nil)
			if head.Status != got.Status || len(head.Body) != 0 || head.Header.Get("Content-Type") != got.Header.Get("Content-Type") {
				t.Errorf("%s: GET %d, HEAD %d with %d bytes", path, got.Status, head.Status, len(head.Body))
			}
		}
		if res := k.Do(http.MethodHead, "/clients", nil, nil); res.Status != 401 {
			t.Errorf("HEAD without a session: %d", res.Status)
		}
	})
}

func TestRequestsOfOneAddressAreBounded(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) { o.Limit = auth.RequestLimit(k.KV, 20) })
		header := p.CSRFHeaders(k.User1)
		spoofed := func(n int) http.Header {
			h := header.Clone()
			from := fmt.Sprintf("198.51.100.%d", n)
			h["X-Forwarded-For"] = []string{from, from + ", 203.0.113.1"}
			h.Set("X-Real-Ip", from)
			h.Set("Forwarded", "for="+from)
			return h
		}
		for n := range 20 {
			p.Get("/clients", spoofed(n)).Want(k, 200)
		}
		for n, c := range []struct{ method, path string }{
			{"GET", "/clients"}, {"POST", "/auth/magic-link"}, {"PUT", "/workspace"}, {"GET", "/api/none"}, {"GET", "/healthz"}, {"DELETE", "/clients"},
		} {
			res := p.Do(c.method, c.path, spoofed(n+20), fields{"name": "X"})
			wantProblem(p, res, 429, "too_many")
			p.Declared(c.method, c.path, 429)
			if res.Header.Get("Retry-After") != "3" {
				t.Errorf("Retry-After %s, want 3", res.Header.Get("Retry-After"))
			}
		}
		if got := k.Get("/workspace", header).Map(k)["name"]; got != "Test Workspace 1" {
			t.Errorf("a refused request changed the name to %v", got)
		}
		k.Clock.Advance(3 * time.Second)
		p.Get("/clients", header).Want(k, 200)
		p.Get("/clients", header).Want(k, 429)
	})
}

func TestAddressesBehindATrustedProxyAreBoundedEach_ASVS_4_1_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) {
			o.Limit = auth.RequestLimit(k.KV, 2)
			o.Proxies = k.Loopback()
		})
		from := func(chain string) int { return p.Get("/setup", http.Header{"X-Forwarded-For": {chain}}).Status }
		for _, c := range []struct {
			chain string
			want  int
		}{
			{"198.51.100.1", 200}, {"198.51.100.1", 200}, {"198.51.100.1", 429}, {"198.51.100.2", 200},
			{"203.0.113.9, 198.51.100.1", 429}, // what a client claims of itself is left of what our proxy saw
			{"198.51.100.1, 198.51.100.3", 200}, {"2001:db8::1", 200}, {"2001:db8::2", 200}, {"2001:db8::3", 429},
		} {
			if got := from(c.chain); got != c.want {
				t.Errorf("%s: %d, want %d", c.chain, got, c.want)
			}
		}
	})
}

func TestEachRequestIsOneLineInTheLog_ASVS_16_2_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		header.Set("X-Request-ID", "11111111-1111-7111-8111-111111111111")
		var answers []*testkit.Response
		for _, c := range []struct{ method, path string }{
			{"GET", "/clients?q=" + marker}, {"GET", "/clients/" + k.Client2.ID.String()}, {"POST", "/clients"}, {"GET", "/api/none"}, {"PATCH", "/clients"}, {"BREW", "/clients"},
		} {
			answers = append(answers, k.Do(c.method, c.path, header, nil))
		}
		k.Do(http.MethodPost, "/auth/logout", nil, nil)
		var lines []map[string]any
		for line := range bytes.Lines([]byte(k.Log.String())) {
			var l map[string]any
			testkit.NoErr(t, json.Unmarshal(line, &l))
			lines = append(lines, l)
		}
		if len(lines) != len(answers)+1 {
			t.Fatalf("%d lines for %d requests: %s", len(lines), len(answers)+1, k.Log)
		}
		want := []string{
			"GET GET /api/v1/clients 200 <nil>", "GET GET /api/v1/clients/{id} 404 not_found", "POST POST /api/v1/clients 415 content_type",
			"GET /api/ 404 not_found", "PATCH /api/ 405 method_not_allowed", "other /api/ 405 method_not_allowed", "POST POST /api/v1/auth/logout 204 <nil>",
		}
		for i, l := range lines {
			if got := fmt.Sprint(l["method"], " ", l["route"], " ", l["status"], " ", l["refusal"]); got != want[i] {
				t.Errorf("line %d: %s, want %s", i, got, want[i])
			}
			if i < len(answers) && l["request"] != answers[i].Header.Get("X-Request-ID") {
				t.Errorf("line %d: request %v, answered %s", i, l["request"], answers[i].Header.Get("X-Request-ID"))
			}
		}
		if lines[0]["user"] != k.User1.ID.String() || lines[0]["workspace"] != k.Workspace1.ID.String() || lines[6]["user"] != nil {
			t.Errorf("who: %v, %v", lines[0], lines[6])
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{marker, k.Client2.ID.String(), "11111111-1111", header.Get("X-CSRF-Token")})
	})
}

// The trail, the log and the answer know a request by the same id.
func TestTheTrailNamesTheRequest(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		for _, c := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/clients", nil}, {"PUT", "/clients/" + k.Client1.ID.String(), fields{"notes": "x"}}, {"GET", "/clients/" + k.Client2.ID.String(), nil},
			{"POST", "/auth/logout", nil},
		} {
			id := k.Do(c.method, c.path, header, c.body).Header.Get("X-Request-ID")
			if n := k.DB.Count("select count(*) from audit_events where request_id = $1 and actor_id = $2", id, k.User1.ID.String()); n != 1 {
				t.Errorf("%s %s: %d entries with the request's id", c.method, c.path, n)
			}
		}
	})
}

func TestAddressesOfThePageAreThePages(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) {
			o.Page = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "page") })
		})
		page := func(path string) string {
			res, err := http.Get(p.Server.URL + path)
			testkit.NoErr(t, err)
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			testkit.NoErr(t, err)
			return string(body)
		}
		for _, path := range []string{"/", "/clients", "/sign-in/link", "/apiary", "/assets/app.js", "/setup/"} {
			if got := page(path); got != "page" {
				t.Errorf("%s: %s", path, got)
			}
		}
		for _, path := range []string{"/api/none", "/api", "/api/v1", "/api/v1/", "/api/v2/clients"} {
			wantProblem(p, p.Get(path, nil), 404, "not_found")
		}
		for _, path := range []string{"//x", "/x//y", "/../page", "/a/./b"} {
			if got := page(path); got == "page" {
				t.Errorf("%s is the page", path)
			}
		}
	})
}
