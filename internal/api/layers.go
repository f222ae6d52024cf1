package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path"
	"runtime/debug"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// The layers around every request, from the outside in: request id and log
// line, panic recovery, security headers, client address, rate limit, form of
// the address. Those that depend on the route are in routes.go.

// requestDeadline bounds everything that a request may wait for.
const requestDeadline = 30 * time.Second

// identified gives the request an id of ours, a deadline, and one log line.
func (a *API) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := a.o.Now()
		ctx, cancel := context.WithTimeout(r.Context(), requestDeadline)
		defer cancel()
		rec := &recorder{ResponseWriter: w}
		q := &request{w: rec, whole: r.Context()}
		if id, err := uuid.NewV7FromReader(a.o.Random); err == nil {
			q.id = id
		}
		q.r = r.WithContext(context.WithValue(ctx, requestKey{}, q))
		rec.Header().Set("X-Request-ID", q.id.String())
		defer func() {
			took := a.o.Now().Sub(start)
			a.log(q, rec, took)
			a.answered(q, rec, took)
		}()
		next.ServeHTTP(rec, q.r)
	})
}

// log writes the request's line. It names the route, not the address, because
// an address can hold what a person typed.
func (a *API) log(q *request, rec *recorder, took time.Duration) {
	attrs := []any{
		"request", q.id, "method", known(q.r.Method), "route", q.r.Pattern, "status", rec.status,
		"bytes", rec.bytes, "ms", float64(took.Microseconds()) / 1000,
	}
	if q.session.ID != uuid.Nil {
		attrs = append(attrs, "workspace", q.session.Scope.Workspace(), "user", q.session.User())
	}
	if q.refusal != "" {
		attrs = append(attrs, "refusal", q.refusal)
	}
	a.o.Log.Info("request", attrs...)
}

func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// recovered turns a panic into one 500. The handler is not run again.
func (a *API) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			q := requestOf(r.Context())
			if err, ok := p.(error); ok && a.undelivered(q, err) {
				panic(http.ErrAbortHandler)
			}
			a.o.Log.Error("panic", "request", q.id, "type", fmt.Sprintf("%T", p), "stack", string(stackOf(p)))
			if rec, ok := w.(*recorder); ok && rec.status != 0 {
				panic(http.ErrAbortHandler) // half an answer must not look like a whole one
			}
			a.write(q, errInternal)
		}()
		next.ServeHTTP(w, r)
	})
}

// undelivered reports whether an answer broke off because the caller hung up,
// or was made to: huma panics where it cannot write.
func (a *API) undelivered(q *request, err error) bool {
	if errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	_, gone := errors.AsType[*net.OpError](err)
	if gone {
		a.o.Log.Debug("answer not delivered", "request", q.id, "error", err)
	}
	return gone
}

// stackOf returns where a panic happened; its value could hold health data.
func stackOf(p any) []byte {
	if inner, ok := p.(interface{ Stack() []byte }); ok {
		return inner.Stack()
	}
	return debug.Stack()
}

// secured guards every answer, also those that never reach a route.
func secured(https bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			guard(w.Header(), https)
			next.ServeHTTP(w, r)
		})
	}
}

// addressed finds the client's address behind the trusted proxies.
func (a *API) addressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requestOf(r.Context()).addr = a.o.Proxies.ClientAddr(r)
		next.ServeHTTP(w, r)
	})
}

// rateLimited bounds the requests of one address, so that nobody can keep
// the server busy alone.
func (a *API) rateLimited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := requestOf(r.Context())
		if a.o.Limit != nil {
			if err := a.o.Limit(r.Context(), q.addr); err != nil {
				a.write(q, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// exact answers 404 to addresses that are not written as ours are. The mux
// would send the caller on and repeat in its answer what was typed.
func (a *API) exact(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p, clean := r.URL.Path, path.Clean(r.URL.Path); p != clean && p != clean+"/" || p == "*" {
			a.write(requestOf(r.Context()), model.ErrNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// recorder remembers what was answered, for the log.
type recorder struct {
	http.ResponseWriter

	status int
	bytes  int64
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
