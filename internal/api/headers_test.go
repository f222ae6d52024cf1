package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// guards are the headers of every answer.
var guards = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
	"Strict-Transport-Security":    "",
	"Access-Control-Allow-Origin":  "",
	"Server":                       "",
	"X-Powered-By":                 "",
}

func wantGuards(k *testkit.Kit, what string, res *testkit.Response) {
	k.T.Helper()
	for n, v := range guards {
		if got := strings.Join(res.Header.Values(n), "|"); got != v {
			k.T.Errorf("%s: %s is %q, want %q", what, n, got, v)
		}
	}
	if _, err := uuid.Parse(res.Header.Get("X-Request-ID")); err != nil {
		k.T.Errorf("%s: request id %q", what, res.Header.Get("X-Request-ID"))
	}
}

// answers is one answer of each kind that there is.
func answers(k *testkit.Kit) map[string]*testkit.Response {
	k.T.Helper()
	down := &model.Error{Kind: model.Unavailable, Code: "unavailable", Detail: "The database does not answer."}
	broken := k.Process(nil, func(o *api.Options) {
		o.Ready = func(*http.Request) error { return down }
		o.Wake = func() { panic("broken") }
	})
	full := k.Process(nil, func(o *api.Options) { o.Limit = auth.RequestLimit(k.KV, 1) })
	full.Get("/healthz", nil).Want(k, 200)
	header, client := k.CSRFHeaders(k.User1), "/clients/"+k.Client1.ID.String()
	post := func(body any) *testkit.Response { return k.Do(http.MethodPost, "/clients", header, body) }
	text := header.Clone()
	text.Set("Content-Type", "text/plain")
	cross := header.Clone()
	cross.Set("Sec-Fetch-Site", "cross-site")
	return map[string]*testkit.Response{
		"200":              k.Get("/clients", header),
		"200 of a file":    k.Get("/clients/export", header),
		"200 of health":    k.Get("/healthz", nil),
		"201":              post(fields{"first_name": "a", "last_name": "b"}),
		"202":              k.Do(http.MethodPost, "/auth/magic-link", nil, askFor("a@b.example")),
		"204":              k.Do(http.MethodPost, "/auth/logout", nil, nil),
		"400":              post("{"),
		"401":              k.Get("/clients", nil),
		"403 csrf":         k.Do(http.MethodPut, "/workspace", k.AuthHeaders(k.User1), fields{}),
		"403 cross_origin": k.Do(http.MethodPut, "/workspace", cross, fields{}),
		"403 denied":       k.Get("/clients/export", k.AuthHeaders(k.Assistant1)),
		"404 not_found":    k.Get("/clients/"+uuid.NewString(), header),
		"404 of addresses": k.Get("/api/v1/none", header),
		"404 of forms":     k.Get("/api/v1//clients", header),
		"405":              k.Do(http.MethodPatch, "/clients", header, nil),
		"405 of health":    k.Do(http.MethodPost, "/healthz", nil, nil),
		"409":              k.Do(http.MethodPut, client, header, fields{"version": 7}),
		"413":              k.Raw(wire(k, "POST /api/v1/clients", header, jsonType, "Content-Length: 524289")),
		"415":              k.Do(http.MethodPost, "/clients", text, fields{}),
		"422 of a body":    post(fields{}),
		"422 of a query":   k.Get("/clients?limit=0", header),
		"422 of a path":    k.Get("/clients/none", header),
		"429":              full.Get("/clients", header),
		"500":              broken.Do(http.MethodPost, "/auth/magic-link", nil, askFor("a@b.example")),
		"503":              broken.Get("/readyz", nil),
	}
}

func TestEveryAnswerHasItsGuards_ASVS_3_4_3_ASVS_3_4_4_ASVS_3_4_5_ASVS_3_4_6(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		ids := map[string]bool{}
		for what, res := range answers(k) {
			if got := fmt.Sprint(res.Status); got != what[:3] {
				t.Errorf("%s: %d %s", what, res.Status, res.Body)
			}
			wantGuards(k, what, res)
			ids[res.Header.Get("X-Request-ID")] = true
			if res.Status >= 400 {
				wantProblem(k, res, res.Status, res.Map(k)["code"].(string))
			}
			if strings.Contains(string(res.Body), "$schema") || res.Header.Get("Link") != "" {
				t.Errorf("%s: a link to a schema that nobody can open: %s", what, res.Body)
			}
		}
		if len(ids) != 25 {
			t.Errorf("%d ids for 25 requests", len(ids))
		}
	})
}

func TestHEADAndStrangeMethodsHaveTheGuards(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, method := range []string{"HEAD", "OPTIONS", "TRACE", "BREW"} {
			for _, path := range []string{"/clients", "/healthz", "/api/none", "/auth/verify"} {
				h := http.Header{"Origin": {"https://other.example"}, "Access-Control-Request-Method": {"PUT"}}
				wantGuards(k, method+" "+path, k.Do(method, path, h, nil))
			}
		}
	})
}

func TestHTTPSAsksForHTTPSOnly_ASVS_3_4_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) { o.HTTPS = true })
		for _, path := range []string{"/healthz", "/clients", "/api/none", "/api//none"} {
			if got := p.Get(path, nil).Header.Get("Strict-Transport-Security"); got != "max-age=63072000" {
				t.Errorf("%s: Strict-Transport-Security %q", path, got)
			}
		}
	})
}

func TestTheDocumentIsServed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		res := k.Get("/openapi.json", nil).Want(k, 200)
		if string(res.Body) != string(k.API.OpenAPI()) || res.Header.Get("Content-Type") != "application/json" || res.Header.Get("Cache-Control") != "no-cache" {
			t.Fatalf("%v", res.Header)
		}
		if res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Map(k)["openapi"] != "3.1.0" {
			t.Fatalf("%v, version %v", res.Header, res.Map(k)["openapi"])
		}
	})
}

// The document says of each route who may call it, what it reads, and how it
// refuses; these follow from the route itself.
func TestTheDocumentNamesEveryRefusal(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	for _, r := range k.API.Routes() {
		path := strings.TrimPrefix(r.Path, api.Base)
		want := []int{429, 500, 503}
		if r.Member {
			want = append(want, 401, 403)
		}
		if c := rowOf(r); c.body != nil || publicBodies[name(r)] != nil {
			want = append(want, 400, 413, 415, 422)
		}
		if strings.Contains(path, "{") {
			want = append(want, 404, 422)
		}
		if !safe(r.Method) {
			want = append(want, 403)
		}
		for _, status := range want {
			k.Declared(r.Method, r.Path, status)
		}
	}
}
