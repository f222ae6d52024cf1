package web

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// built is a small build: one hashed script in all three forms, one picture in one form, the pages.
func built() fstest.MapFS {
	return fstest.MapFS{
		"index.html":             {Data: []byte("<!doctype html><title>app</title>")},
		"index.html.br":          {Data: []byte("br-index")},
		"index.html.gz":          {Data: []byte("gz-index")},
		"favicon.svg":            {Data: []byte("<svg/>")},
		"manifest.webmanifest":   {Data: []byte("{}")},
		"odd.bin":                {Data: []byte{0, 1}},
		".keep":                  {Data: []byte("")},
		"assets/app-1a2b.js":     {Data: []byte("console.log('plain')")},
		"assets/app-1a2b.js.br":  {Data: []byte("br-js")},
		"assets/app-1a2b.js.gz":  {Data: []byte("gz-js")},
		"assets/app-1a2b.js.map": {Data: []byte("the source")},
		"assets/f-77.woff2":      {Data: []byte("font")},
		"docs/index.html":        {Data: []byte("swagger page")},
		"docs/redoc.html":        {Data: []byte("redoc page")},
		"docs/swagger-init.js":   {Data: []byte("init")},
	}
}

func handler(t *testing.T, files fs.FS) http.Handler {
	t.Helper()
	h, err := New(files)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(h http.Handler, method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, res *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestServesEachPathOnce_ASVS_13_4_1_ASVS_13_4_3(t *testing.T) {
	t.Parallel()
	h := handler(t, built())
	for _, c := range []struct {
		path, body, contentType, cache string
		status                         int
	}{
		{"/", "<!doctype html><title>app</title>", "text/html; charset=utf-8", "no-cache", 200},
		{"/clients/0190-abc", "<!doctype html><title>app</title>", "text/html; charset=utf-8", "no-cache", 200},
		{"/index.html", "<!doctype html><title>app</title>", "text/html; charset=utf-8", "no-cache", 200},
		{"/assets/app-1a2b.js", "console.log('plain')", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", 200},
		{"/assets/f-77.woff2", "font", "font/woff2", "public, max-age=31536000, immutable", 200},
		{"/favicon.svg", "<svg/>", "image/svg+xml", "no-cache", 200},
		{"/manifest.webmanifest", "{}", "application/manifest+json", "no-cache", 200},
		{"/odd.bin", "\x00\x01", "application/octet-stream", "no-cache", 200},
		{"/docs", "swagger page", "text/html; charset=utf-8", "no-cache", 200},
		{"/docs/", "swagger page", "text/html; charset=utf-8", "no-cache", 200},
		{"/redoc", "redoc page", "text/html; charset=utf-8", "no-cache", 200},
		{"/docs/swagger-init.js", "init", "text/javascript; charset=utf-8", "no-cache", 200},
		{"/assets/gone-ffff.js", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/assets/app-1a2b.js.br", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/assets/app-1a2b.js.map", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/docs/redoc.html", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/docs/nothing.js", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/api/v1/clients", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/api", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/openapi.json", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/healthz", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/readyz", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
	} {
		res := ask(h, "GET", c.path)
		if res.StatusCode != c.status || res.Header.Get("Content-Type") != c.contentType || res.Header.Get("Cache-Control") != c.cache {
			t.Errorf("GET %s: %d %q %q", c.path, res.StatusCode, res.Header.Get("Content-Type"), res.Header.Get("Cache-Control"))
		}
		if got := text(t, res); got != c.body {
			t.Errorf("GET %s: body %q, want %q", c.path, got, c.body)
		}
	}
}

func TestOtherMethodsAreRefused_ASVS_13_4_4(t *testing.T) {
	t.Parallel()
	h := handler(t, built())
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
		for _, path := range []string{"/", "/clients", "/docs", "/assets/app-1a2b.js"} {
			res := ask(h, method, path)
			if res.StatusCode != 405 || res.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, Allow %q", method, path, res.StatusCode, res.Header.Get("Allow"))
			}
		}
	}
	if res := ask(h, "POST", "/assets/gone.js"); res.StatusCode != 404 {
		t.Errorf("POST of an unknown asset: %d", res.StatusCode)
	}
}

func TestHeadSaysTheSameWithoutTheBody(t *testing.T) {
	t.Parallel()
	h := handler(t, built())
	for _, path := range []string{"/", "/assets/app-1a2b.js", "/redoc"} {
		get, head := ask(h, "GET", path, "Accept-Encoding", "br"), ask(h, "HEAD", path, "Accept-Encoding", "br")
		for _, name := range []string{"Content-Length", "Content-Type", "Content-Encoding", "ETag", "Vary", "Cache-Control"} {
			if get.Header.Get(name) != head.Header.Get(name) {
				t.Errorf("%s: %s differs: %q and %q", path, name, get.Header.Get(name), head.Header.Get(name))
			}
		}
		if n := len(text(t, head)); n != 0 {
			t.Errorf("HEAD %s has %d bytes of body", path, n)
		}
		if body := text(t, get); get.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
			t.Errorf("GET %s: Content-Length %s for %d bytes", path, get.Header.Get("Content-Length"), len(body))
		}
	}
}

func TestChoosesTheEncodingTheBrowserAsksFor(t *testing.T) {
	t.Parallel()
	h := handler(t, built())
	for _, c := range []struct{ accept, encoding, body string }{
		{"", "", "console.log('plain')"},
		{"gzip, deflate, br, zstd", "br", "br-js"},
		{"gzip", "gzip", "gz-js"},
		{"br;q=0, gzip", "gzip", "gz-js"},
		{"deflate", "", "console.log('plain')"},
	} {
		res := ask(h, "GET", "/assets/app-1a2b.js", "Accept-Encoding", c.accept)
		if res.Header.Get("Content-Encoding") != c.encoding || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: encoding %q, Vary %q", c.accept, res.Header.Get("Content-Encoding"), res.Header.Get("Vary"))
		}
		if got := text(t, res); got != c.body {
			t.Errorf("%q: body %q", c.accept, got)
		}
	}
	res := ask(h, "GET", "/assets/f-77.woff2", "Accept-Encoding", "br, gzip")
	if res.Header.Get("Content-Encoding") != "" || res.Header.Get("Vary") != "" {
		t.Errorf("a file with one form negotiated: %v", res.Header)
	}
}

func TestUnchangedFilesAreNotSentAgain(t *testing.T) {
	t.Parallel()
	h := handler(t, built())
	tags := map[string]bool{}
	for _, accept := range []string{"", "br", "gzip"} {
		first := ask(h, "GET", "/", "Accept-Encoding", accept)
		tag := first.Header.Get("ETag")
		if tag == "" || tags[tag] {
			t.Errorf("%q: tag %q is empty or shared with another form", accept, tag)
		}
		tags[tag] = true
		for _, held := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			res := ask(h, "GET", "/", "Accept-Encoding", accept, "If-None-Match", held)
			if res.StatusCode != 304 || len(text(t, res)) != 0 || res.Header.Get("ETag") != tag {
				t.Errorf("%q If-None-Match %s: %d", accept, held, res.StatusCode)
			}
			if res.Header.Get("Content-Security-Policy") == "" {
				t.Errorf("304 without the policy")
			}
		}
		if res := ask(h, "GET", "/", "Accept-Encoding", accept, "If-None-Match", `"other"`); res.StatusCode != 200 {
			t.Errorf("another tag: %d", res.StatusCode)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	h := handler(t, built())
	for path, policy := range map[string]string{
		"/": pagePolicy, "/clients": pagePolicy, "/assets/app-1a2b.js": pagePolicy, "/assets/gone.js": pagePolicy,
		"/docs": docsPolicy, "/redoc": docsPolicy, "/docs/swagger-init.js": docsPolicy,
	} {
		header := ask(h, "GET", path).Header
		if got := header.Get("Content-Security-Policy"); got != policy {
			t.Errorf("%s: policy %q", path, got)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Permissions-Policy":         "camera=(), geolocation=(), microphone=()",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	for _, policy := range []string{pagePolicy, docsPolicy} {
		script := policy[strings.Index(policy, "script-src"):]
		if script, _, _ = strings.Cut(script, ";"); script != "script-src 'self'" {
			t.Errorf("scripts may come from elsewhere: %q", script)
		}
	}
}

func TestSaysThatThePageIsNotBuilt(t *testing.T) {
	t.Parallel()
	h := handler(t, fstest.MapFS{".keep": {}})
	for _, path := range []string{"/", "/clients", "/docs", "/redoc"} {
		res := ask(h, "GET", path, "If-None-Match", "*")
		body := text(t, res)
		if res.StatusCode != 200 || !strings.Contains(body, "make page build") || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s: %d %q", path, res.StatusCode, body)
		}
		if strings.Contains(body, "style") || strings.Contains(body, "<script") {
			t.Errorf("GET %s: the policy would block part of it", path)
		}
	}
	if res := ask(h, "GET", "/assets/app.js"); res.StatusCode != 404 {
		t.Errorf("asset of an unbuilt page: %d", res.StatusCode)
	}
}

func TestEmbeddedBuildLoads(t *testing.T) {
	t.Parallel()
	if res := ask(Handler(), "GET", "/"); res.StatusCode != 200 {
		t.Errorf("GET /: %d", res.StatusCode)
	}
}

// broken fails on one name, and lists fine otherwise.
type broken struct {
	fstest.MapFS
	name string
}

func (b broken) Open(name string) (fs.File, error) {
	if name == b.name {
		return nil, errors.New("disk on fire")
	}
	return b.MapFS.Open(name)
}

func (b broken) ReadFile(name string) ([]byte, error) {
	if name == b.name {
		return nil, errors.New("disk on fire")
	}
	return b.MapFS.ReadFile(name)
}

func (b broken) Stat(name string) (fs.FileInfo, error) {
	if name == b.name {
		return nil, errors.New("disk on fire")
	}
	return b.MapFS.Stat(name)
}

func TestReadErrorsAreNamed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{".", "index.html", "index.html.br", "index.html.gz"} {
		_, err := New(broken{built(), name})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "disk on fire") {
			t.Errorf("broken %s: %v", name, err)
		}
	}
	res := ask(unreadable(errors.New("disk on fire")), "GET", "/")
	if res.StatusCode != 500 || !strings.Contains(text(t, res), "disk on fire") {
		t.Errorf("unreadable: %d", res.StatusCode)
	}
}

// TestBuiltPageKeepsItsPolicy looks at the real build, when there is one.
func TestBuiltPageKeepsItsPolicy(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/docs", "/redoc"} {
		body := text(t, ask(Handler(), "GET", path))
		if strings.Contains(body, "make page build") {
			t.Skip("the page is not built")
		}
		if strings.Contains(body, "<style") || strings.Contains(body, " style=") || strings.Contains(body, "<script>") {
			t.Errorf("%s holds something inline, which its policy blocks", path)
		}
		for _, part := range strings.Split(body, `"`) {
			if !strings.HasPrefix(part, "/") {
				continue
			}
			if res := ask(Handler(), "GET", part); res.StatusCode != 200 || strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s asks for %s, which is not there", path, part)
			}
			compressed := strings.HasSuffix(part, ".js") || strings.HasSuffix(part, ".css")
			if res := ask(Handler(), "GET", part, "Accept-Encoding", "br"); compressed && res.Header.Get("Content-Encoding") != "br" {
				t.Errorf("%s is not compressed beforehand", part)
			}
		}
	}
}
