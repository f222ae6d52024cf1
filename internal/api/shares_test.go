package api_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"
)

// neglected is an answer that nobody reads until it is let go.
type neglected struct {
	*httptest.ResponseRecorder
	begun func()
	read  <-chan struct{}
}

func (u neglected) Write(b []byte) (int, error) {
	u.begun()
	<-u.read
	return u.ResponseRecorder.Write(b)
}

// unreadOf sends n requests and returns once all are being answered; read lets
// their callers read, and returns the statuses.
func unreadOf(p *testkit.Kit, n int, method, path string, header http.Header, body string) (read func() []int) {
	let := make(chan struct{})
	var begun, done sync.WaitGroup
	got := make([]int, n)
	begun.Add(n)
	for i := range n {
		done.Go(func() {
			req := httptest.NewRequestWithContext(p.T.Context(), method, "/api/v1"+path, strings.NewReader(body))
			req.Header = header.Clone()
			req.Header.Set("Content-Type", "application/json")
			w := neglected{httptest.NewRecorder(), sync.OnceFunc(begun.Done), let}
			p.API.Handler().ServeHTTP(w, req)
			got[i] = w.Code
		})
	}
	begun.Wait()
	return func() []int {
		close(let)
		done.Wait()
		return got
	}
}

func wantAll(t *testing.T, got []int, want int) {
	t.Helper()
	for _, status := range got {
		if status != want {
			t.Errorf("statuses %v, want %d", got, want)
			return
		}
	}
}

// An answer that is not read keeps nobody else out.
func TestWhoReadsSlowlyHasNoPlace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) { o.Room = api.Room{Running: 1, Waiting: 1, Patience: time.Millisecond} })
		read := unreadOf(p, 1, http.MethodGet, "/clients", k.AuthHeaders(k.User1), "")
		if b := p.API.Busy(); b != (api.Busy{}) {
			t.Errorf("busy with nothing: %+v", b)
		}
		p.Get("/clients", k.AuthHeaders(k.User2)).Want(k, 200)
		wantAll(t, read(), 200)
	})
}

// Of one practice, one person cannot take the room of the others.
func TestOnePersonHasAShareOfTheRoom(t *testing.T) {
	for _, c := range []struct {
		what, method, path, body string
		most                     int
	}{
		{"at once", http.MethodGet, "/clients", "", 32},
		{"heavy", http.MethodPost, "/sessions/search", `{"query":"pain"}`, 3},
	} {
		t.Run(c.what, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				p := k.Process(nil, nil)
				mine, others := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User2)
				var body any
				if c.body != "" {
					body = c.body
				}
				read := unreadOf(p, c.most, c.method, c.path, mine, c.body)
				res := p.Do(c.method, c.path, mine, body).WantCode(k, 429, "too_many_at_once")
				if res.Header.Get("Retry-After") != "1" {
					t.Errorf("Retry-After %q", res.Header.Get("Retry-After"))
				}
				p.Do(c.method, c.path, others, body).Want(k, 200)
				wantAll(t, read(), 200)
				p.Do(c.method, c.path, mine, body).Want(k, 200)
			})
		})
	}
}

// gone is the connection of a caller who has hung up.
type gone struct{ *httptest.ResponseRecorder }

func (gone) Write([]byte) (int, error) {
	return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
}

// Who hangs up has broken nothing: it is no panic in the log.
func TestHangingUpIsNoPanic(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/clients", nil)
		req.Header = k.AuthHeaders(k.User1)
		func() {
			defer func() {
				if p := recover(); p != http.ErrAbortHandler {
					t.Errorf("panic with %v", p)
				}
			}()
			k.API.Handler().ServeHTTP(gone{httptest.NewRecorder()}, req)
		}()
		wantNoneOf(t, "the log", []byte(k.Log.String()), []string{`"msg":"panic"`, "goroutine"})
	})
}
