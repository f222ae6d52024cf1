package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"
	"pazpaz/internal/web"
)

// unread are requests that the standard library refuses before any handler.
var unread = map[string]struct {
	request string
	want    int
}{
	"no HTTP":            {"nonsense\r\n\r\n", 400},
	"no host":            {"GET / HTTP/1.1\r\n\r\n", 400},
	"bad host":           {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
	"bad header":         {"GET / HTTP/1.1\r\nHost: x\r\nBad Name: x\r\n\r\n", 400},
	"bad value":          {"GET / HTTP/1.1\r\nHost: x\r\nX-A: \x00\r\n\r\n", 400},
	"bad length":         {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n", 400},
	"bad version":        {"GET / HTTP/3.7\r\nHost: x\r\n\r\n", 505},
	"unknown coding":     {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
	"long headers":       {"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 2<<20) + "\r\n\r\n", 431},
	"other expectations": {"GET / HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\n\r\n", 417},
	"the same, old":      {"GET / HTTP/1.0\r\nHost: x\r\nExpect: a miracle\r\n\r\n", 417},
}

func TestAnswersOfTheLibraryHaveTheGuards(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	for what, c := range unread {
		res := k.Raw(c.request)
		if res.Status != c.want {
			t.Errorf("%s: %d, want %d", what, res.Status, c.want)
		}
		wantHeaders(k, what, res)
	}
	res := k.Raw("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	wantGuards(k, "OPTIONS *", res)
	if res.Status != 404 {
		t.Errorf("OPTIONS *: %d", res.Status)
	}
}

// What a handler writes goes out as it is, also when it looks like an answer
// of the library.
func TestGuardsAreAddedToNothingElse(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, "sqlite")
	header := k.CSRFHeaders(k.User1)
	trap := "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request"
	notes := strings.TrimSuffix(strings.Repeat(trap+"\n", 60), "\n")
	made := k.Do(http.MethodPost, "/clients", header, fields{"first_name": "a", "last_name": "b", "notes": notes}).Want(k, 201).Map(k)
	got := k.Get("/clients/"+made["id"].(string), header).Want(k, 200)
	if got.Map(k)["notes"] != notes || strings.Count(fmt.Sprint(got.Header), "nosniff") != 1 {
		t.Errorf("the answer was changed: %v", got.Header)
	}
	if csv := k.Get("/clients/export", header).Want(k, 200); strings.Count(string(csv.Body), trap) != 60 {
		t.Errorf("the export holds it %d times", strings.Count(string(csv.Body), trap))
	}
}

// wantHeaders is wantGuards without the request's id, which there is none of.
func wantHeaders(k *testkit.Kit, what string, res *testkit.Response) {
	k.T.Helper()
	for n, v := range guards {
		if got := strings.Join(res.Header.Values(n), "|"); got != v {
			k.T.Errorf("%s: %s is %q, want %q", what, n, got, v)
		}
	}
}

// Every method on every address, with nobody signed in and with somebody.
func TestEveryAddressHasTheGuardsForEveryMethod_ASVS_3_4_2_ASVS_3_4_8_ASVS_13_4_6_ASVS_14_3_2(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, "sqlite")
	header := k.CSRFHeaders(k.User1)
	paths := map[string]bool{"/healthz": true, "/readyz": true, "/openapi.json": true, "/api": true, "/api/v1/": true, "/api//x": true}
	for _, r := range k.API.Routes() {
		paths[fill(api.Route{Method: r.Method, Path: r.Path}, random())] = true
	}
	for path := range paths {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			for _, h := range []http.Header{nil, header} {
				if strings.HasSuffix(path, "/logout") {
					h = nil // the session is needed later
				}
				res := k.Do(method, path, h, nil)
				if !strings.HasSuffix(path, ".json") || res.Status >= 400 {
					wantGuards(k, method+" "+path, res)
				}
			}
		}
	}
}

// The page, its files and what it does not have; its content policy is its own.
func TestThePageHasTheGuards(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	page, err := web.New(fstest.MapFS{
		"index.html": {Data: []byte("<p>page")}, "assets/app-1.js": {Data: []byte("1")}, "docs/index.html": {Data: []byte("<p>docs")},
	})
	testkit.NoErr(t, err)
	p := k.Process(nil, func(o *api.Options) { o.Page, o.HTTPS = page, true })
	head := "Connection: close"
	for line, want := range map[string]int{
		"GET /": 200, "GET /clients": 200, "GET /assets/app-1.js": 200, "GET /docs": 200, "GET /redoc": 200, "HEAD /": 200,
		"GET /assets/gone.js": 404, "GET /docs/gone": 404, "GET /metrics": 404, "GET //x": 404, "POST /": 405, "TRACE /": 405, "DELETE /assets/app-1.js": 405,
	} {
		res := p.Raw(wire(p, line, nil, head))
		if res.Status != want {
			t.Errorf("%s: %d, want %d", line, res.Status, want)
		}
		for n, v := range guards {
			got := res.Header.Get(n)
			switch n {
			case "Content-Security-Policy":
				if !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "frame-ancestors 'none'") || strings.Contains(got, "script-src 'self' '") {
					t.Errorf("%s: policy %q", line, got)
				}
			case "Cache-Control": // of files it is theirs
			case "Strict-Transport-Security":
				if got != "max-age=63072000" {
					t.Errorf("%s: %s is %q", line, n, got)
				}
			default:
				if got != v {
					t.Errorf("%s: %s is %q, want %q", line, n, got, v)
				}
			}
		}
	}
}
