package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/jobs"
	"pazpaz/internal/store"

	"github.com/VictoriaMetrics/metrics"
)

// The metrics have a listener of their own, so that the public one cannot show
// them by mistake. They name routes, never people, practices or records.

// meter counts what the product does. The zero meter counts nothing.
type meter struct{ set *metrics.Set }

func newMeter() meter { return meter{metrics.NewSet()} }

// took are the bounds of the durations, in seconds.
var took = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// observe is what the API tells the meter.
func (m meter) observe() api.Observe {
	return api.Observe{
		Answer: func(route, method string, status int, d time.Duration) {
			_, path, _ := strings.Cut(route, " ")
			if path == "" {
				path = route // the page, and addresses that nobody has
			}
			m.set.GetOrCreateCounter(fmt.Sprintf(`pazpaz_http_requests_total{route=%q,method=%q,status="%d"}`, path, method, status)).Inc()
			m.set.GetOrCreatePrometheusHistogramExt(fmt.Sprintf(`pazpaz_http_request_seconds{route=%q}`, path), took).Update(d.Seconds())
		},
		Refused: func(why string, c api.Class) {
			m.set.GetOrCreateCounter(fmt.Sprintf(`pazpaz_http_refused_total{why=%q,class=%q}`, why, string(c))).Inc()
		},
	}
}

// watch adds what the parts can tell when they are asked.
func (m meter) watch(surface *api.API, s *store.Store) {
	for name, value := range map[string]func() float64{
		"pazpaz_http_running":         func() float64 { return float64(surface.Busy().Running) },
		"pazpaz_http_waiting":         func() float64 { return float64(surface.Busy().Waiting) },
		"pazpaz_http_heavy":           func() float64 { return float64(surface.Busy().Heavy) },
		"pazpaz_live_streams":         func() float64 { return float64(surface.Busy().Streams) },
		"pazpaz_db_connections":       func() float64 { return float64(s.Stats().Open) },
		"pazpaz_db_connections_used":  func() float64 { return float64(s.Stats().Used) },
		"pazpaz_db_connections_limit": func() float64 { return float64(s.Stats().Most) },
		"pazpaz_db_waits_total":       func() float64 { return float64(s.Stats().Waits) },
		"pazpaz_db_commits_total":     func() float64 { return float64(s.Stats().Commits) },
		"pazpaz_db_writes_total":      func() float64 { return float64(s.Stats().Writes) },
		"pazpaz_open_data_keys":       func() float64 { return float64(s.Stats().Keys) },
	} {
		m.set.NewGauge(name, value)
	}
}

// write writes all metrics in the text form of Prometheus. What is in the job
// queue is asked of the database, which may be away.
func (m meter) write(ctx context.Context, w io.Writer, runner *jobs.Runner) {
	m.set.WritePrometheus(w)
	if counts, err := runner.Count(ctx); err == nil {
		for _, state := range []string{"ready", "running", "dead"} {
			fmt.Fprintf(w, "pazpaz_jobs{state=%q} %d\n", state, counts[state])
		}
	}
	metrics.WriteProcessMetrics(w)
}

// metricsHandler serves /metrics and /debug/pprof/.
func (a *app) metricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		ctx, cancel := context.WithTimeout(r.Context(), metricsTime)
		defer cancel()
		a.meter.write(ctx, w, a.runner)
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return a.forThisMachine(mux)
}

const (
	// metricsTime is how long the queue may be counted.
	metricsTime = 2 * time.Second
	// profileTime is how long the longest profile may take.
	profileTime = 2 * time.Minute
)

// forThisMachine refuses requests that a page of another site makes a browser
// on this machine send, under a name of its own that leads here.
func (a *app) forThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		if !a.cfg.MetricsRemote && !loopback(r.Host) {
			http.Error(w, "not for this host", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopback says whether a Host header names this machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// serveMetrics serves them until ctx ends, where an address is set.
func (a *app) serveMetrics(ctx context.Context) (stop func() error, err error) {
	if a.cfg.MetricsAddr == "" {
		return func() error { return nil }, nil
	}
	l, err := listen(ctx, a.cfg.MetricsAddr, "PAZPAZ_METRICS_ADDR")
	if err != nil {
		return nil, err
	}
	server := &http.Server{
		Handler: a.metricsHandler(), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: profileTime,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	a.log.Info("metrics", "at", "http://"+a.cfg.MetricsAddr+"/metrics")
	return func() error {
		err := server.Close()
		if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, nil
}
