package cli_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/testkit"
)

// metricsOf reads a page of the metrics listener; host is what the request says
// that it asks.
func metricsOf(t *testing.T, addr, path, host string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+path, nil)
	testkit.NoErr(t, err)
	req.Host = host
	res, err := http.DefaultClient.Do(req)
	testkit.NoErr(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	testkit.NoErr(t, err)
	return res.StatusCode, string(body)
}

func TestMetricsHaveTheirOwnListener_ASVS_13_4_5(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	addr := freeAddr(t)
	b.more = append(b.more, "PAZPAZ_METRICS_ADDR="+addr)
	_, stop := b.serve("--demo")
	for _, path := range []string{"/api/v1/clients", "/api/v1/clients/20000000-0000-0000-0000-00000000000a?q=Zzmarker", "/Zzmarker", "/api/v1/Zzmarker"} {
		status(t, b.addr, path)
	}
	code, text := metricsOf(t, addr, "/metrics", addr)
	if code != 200 {
		t.Fatalf("%d %s", code, text)
	}
	for _, want := range []string{
		`pazpaz_http_requests_total{route="/api/v1/clients",method="GET",status="401"} 1`,
		`pazpaz_http_requests_total{route="/api/v1/clients/{id}",method="GET",status="401"} 1`,
		`pazpaz_http_request_seconds_count{route="/api/v1/clients"} 1`,
		"pazpaz_http_running 0", "pazpaz_http_waiting 0", "pazpaz_live_streams 0", `pazpaz_jobs{state="ready"} 0`, `pazpaz_jobs{state="dead"} 0`,
		"pazpaz_db_connections ", "pazpaz_db_commits_total ", "pazpaz_db_writes_total ", "pazpaz_open_data_keys ", "go_goroutines ", "process_resident_memory_bytes ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	for _, not := range []string{"Zzmarker", "20000000", "pazpaz-demo", "@"} {
		if strings.Contains(text, not) {
			t.Errorf("the metrics hold %q", not)
		}
	}
	if code, _ := metricsOf(t, addr, "/debug/pprof/goroutine?debug=1", addr); code != 200 {
		t.Errorf("profiles: %d", code)
	}
	if code, _ := metricsOf(t, addr, "/metrics", "evil.example"); code != 403 {
		t.Errorf("under another name: %d", code)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/vars"} {
		if code, body := metricsOf(t, b.addr, path, b.addr); strings.Contains(body, "pazpaz_http") || strings.Contains(body, "goroutine") {
			t.Errorf("the public listener answers %d to %s", code, path)
		}
	}
	if got := stop(); got != 0 {
		t.Errorf("status %d", got)
	}
}
