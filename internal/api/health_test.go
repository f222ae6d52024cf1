package api_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"
)

func TestHealthOfARunningServer(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for path, body := range map[string]string{"/healthz": `{"status":"ok"}`, "/readyz": `{"status":"ready"}`} {
			res := k.Get(path, nil).Want(k, http.StatusOK)
			if strings.TrimSpace(string(res.Body)) != body || res.Header.Get("Content-Type") != "application/json" || res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %s %s", path, res.Header.Get("Content-Type"), res.Body)
			}
			if head := k.Do(http.MethodHead, path, nil, nil).Want(k, http.StatusOK); len(head.Body) != 0 {
				t.Errorf("HEAD %s has a body", path)
			}
			refused := k.Do(http.MethodPost, path, nil, "{}").WantCode(k, http.StatusMethodNotAllowed, "method_not_allowed")
			if refused.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("POST %s: allowed is %q", path, refused.Header.Get("Allow"))
			}
		}
	})
}

// The database goes away under a running server: it lives on and says that
// it cannot serve.
func TestReadinessFollowsTheDatabase(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		s, err := store.Open(t.Context(), store.Options{URL: k.URL, Masters: k.Masters, Now: k.Clock.Now, Random: rand.Reader, Conns: 2})
		testkit.NoErr(t, err)
		served := k.Process(nil, func(o *api.Options) { o.Ready = func(r *http.Request) error { return s.Check(r.Context()) } })
		served.Get("/readyz", nil).Want(served, http.StatusOK)
		testkit.NoErr(t, s.Close())
		res := served.Get("/readyz", nil).WantCode(served, http.StatusServiceUnavailable, "unavailable")
		if res.Header.Get("Retry-After") != "2" || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("retry after %q, %s", res.Header.Get("Retry-After"), res.Header.Get("Content-Type"))
		}
		for _, fault := range k.Contract().Matches("Problem", res.Map(k)) {
			t.Errorf("the answer is no Problem: %s", fault)
		}
		served.Get("/healthz", nil).Want(served, http.StatusOK)
	})
}

func TestReadinessKeepsTheReasonInside(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	served := k.Process(nil, func(o *api.Options) {
		o.Ready = func(*http.Request) error { return errors.New("host Zipporah is down") }
	})
	w := httptest.NewRecorder()
	served.API.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "Zipporah") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if !strings.Contains(k.Log.String(), "Zipporah") {
		t.Error("the log does not say why")
	}
}
