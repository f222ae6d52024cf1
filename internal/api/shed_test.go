package api_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// stuck is a process whose changes do not end until they are let go: what was
// stored, but not yet announced, keeps its place.
type stuck struct {
	*testkit.Kit
	begun chan string
	leave chan struct{}
}

func newStuck(k *testkit.Kit, room api.Room) *stuck {
	s := &stuck{begun: make(chan string, 100), leave: make(chan struct{})}
	s.Kit = k.Process(nil, func(o *api.Options) {
		o.Room = room
		o.Changes.Publish = func(_ context.Context, _ uuid.UUID, noun string) error {
			s.begun <- noun
			<-s.leave
			return nil
		}
	})
	return s
}

// later sends a request that is not answered soon.
func later(ask func() *testkit.Response) <-chan *testkit.Response {
	answer := make(chan *testkit.Response, 1)
	go func() { answer <- ask() }()
	return answer
}

// until waits for something that another goroutine does.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for t.Context().Err() == nil && !done() {
		runtime.Gosched()
	}
	if t.Context().Err() != nil {
		t.Fatal(what)
	}
}

// full is room for one change and one in line, both as patient as they must be.
var full = api.Room{Running: 1, Waiting: 1, Patience: time.Hour, Favoured: 2, FavouredPatience: time.Hour, Heavy: 1}

func TestWhoComesWhenAllIsFullIsSentAway_ASVS_15_2_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		s := newStuck(k, full)
		w := newWorld(k, k.User1, "Own")
		header, draft := w.member, makeSession(&world{Kit: k, user: k.User1, owner: w.owner, member: w.member, word: "Own", made: ids{}})
		first := later(func() *testkit.Response {
			return s.Do(http.MethodPost, "/clients", header, fields{"first_name": "a", "last_name": "b"})
		})
		<-s.begun
		second := later(func() *testkit.Response { return s.Get("/clients", header) })
		until(t, "nobody stands in line", func() bool { return s.API.Busy().Waiting == 1 })
		if b := s.API.Busy(); b != (api.Busy{Running: 1, Waiting: 1}) {
			t.Errorf("busy: %+v", b)
		}
		for _, c := range []struct{ method, path string }{{"GET", "/clients"}, {"POST", "/clients"}, {"GET", "/events"}, {"PUT", "/workspace"}} {
			res := s.Do(c.method, c.path, header, bodyOf(c.method))
			wantProblem(s.Kit, res, 503, "overloaded")
			wantGuards(s.Kit, c.path, res)
			s.Declared(c.method, c.path, 503)
			if res.Header.Get("Retry-After") != "1" {
				t.Errorf("%s: Retry-After %q", c.path, res.Header.Get("Retry-After"))
			}
		}
		// Signing in and saving notes have room of their own.
		s.Do(http.MethodPatch, "/sessions/"+draft+"/draft", header, fields{"plan": "Rest", "version": 1}).Want(k, 200)
		s.Do(http.MethodPost, "/auth/magic-link", nil, askFor("user-1@example.com")).Want(k, 202)
		signed := later(func() *testkit.Response {
			return s.Do(http.MethodPost, "/sessions/"+draft+"/finalize", header, fields{"version": 2})
		})
		<-s.begun // it is stored
		s.Get("/healthz", nil).Want(k, 200)
		s.Get("/readyz", nil).Want(k, 200)
		close(s.leave)
		(<-first).Want(k, 201)
		(<-second).Want(k, 200)
		(<-signed).Want(k, 200)
		until(t, "places are not given back", func() bool { return s.API.Busy() == api.Busy{} })
		if n := k.DB.Count("select count(*) from clients where workspace_id = $1", k.Workspace1.ID.String()); n != 3 {
			t.Errorf("%d clients: who was sent away left something behind", n)
		}
	})
}

func bodyOf(method string) any {
	if method == http.MethodGet {
		return nil
	}
	return fields{}
}

func TestExportsHaveTheirOwnRoomOnly(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		s := newStuck(k, api.Room{Heavy: 1, Patience: time.Millisecond})
		header := k.CSRFHeaders(k.User1)
		csv := header.Clone()
		csv.Set("Content-Type", "text/csv")
		first := later(func() *testkit.Response {
			return s.Do(http.MethodPost, "/clients/import", csv, "first_name,last_name\nDana,Cohen\n")
		})
		<-s.begun
		s.Get("/clients/export", header).WantCode(k, 503, "overloaded")
		s.Do(http.MethodPost, "/sessions/search", header, fields{"query": "x"}).WantCode(k, 503, "overloaded")
		s.Get("/clients", header).Want(k, 200)
		close(s.leave)
		(<-first).Want(k, 200)
		until(t, "the place is not given back", func() bool { return s.API.Busy() == api.Busy{} })
		s.Get("/clients/export", header).Want(k, 200)
	})
}

// dial opens a connection to a kit's server.
func dial(k *testkit.Kit) (net.Conn, *bufio.Reader) {
	k.T.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(k.Server.URL, "http://"))
	testkit.NoErr(k.T, err)
	k.T.Cleanup(func() { _ = conn.Close() })
	return conn, bufio.NewReader(conn)
}

// A body that does not come keeps nobody else out.
func TestWhoSendsSlowlyHasNoPlace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) { o.Room = api.Room{Running: 1, Waiting: 1, Patience: time.Millisecond} })
		header := k.CSRFHeaders(k.User1)
		const body = `{"first_name":"a","last_name":"b"}`
		conn, answers := dial(p)
		_, err := io.WriteString(conn, wire(p, "POST /api/v1/clients", header, jsonType, "Content-Length: 34", "Expect: 100-continue"))
		testkit.NoErr(t, err)
		line, err := answers.ReadString('\n') // now the body is being read
		if err != nil || !strings.HasPrefix(line, "HTTP/1.1 100 ") {
			t.Fatalf("%q, %v", line, err)
		}
		if b := p.API.Busy(); b != (api.Busy{}) {
			t.Errorf("busy with nothing: %+v", b)
		}
		p.Get("/clients", header).Want(k, 200)
		_, err = io.WriteString(conn, body)
		testkit.NoErr(t, err)
		_, _ = answers.ReadString('\n')
		res, err := http.ReadResponse(answers, nil)
		testkit.NoErr(t, err)
		defer res.Body.Close()
		if res.StatusCode != 201 {
			t.Errorf("status %d", res.StatusCode)
		}
	})
}

func TestStreamsAreCountedApart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) {
			o.Room = api.Room{Running: 1, Waiting: 1, Patience: time.Millisecond, Streams: 2}
			o.Changes.Subscribe = func(ctx context.Context, _ uuid.UUID) (<-chan []byte, error) { return k.KV.Subscribe(ctx, "x") }
		})
		open := func(header http.Header) *http.Response {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.Server.URL+"/api/v1/events", nil)
			testkit.NoErr(t, err)
			req.Header = header
			res, err := http.DefaultClient.Do(req)
			testkit.NoErr(t, err)
			return res
		}
		one, other := open(k.AuthHeaders(k.User1)), open(k.AuthHeaders(k.User2))
		header := k.AuthHeaders(k.Practitioner1)
		if one.StatusCode != 200 || other.StatusCode != 200 || p.API.Busy() != (api.Busy{Streams: 2}) {
			t.Errorf("%d, %d, busy %+v", one.StatusCode, other.StatusCode, p.API.Busy())
		}
		wantProblem(p, p.Get("/events", header), 503, "overloaded")
		p.Get("/clients", header).Want(k, 200)
		testkit.NoErr(t, one.Body.Close())
		until(t, "the stream keeps its place", func() bool { return p.API.Busy().Streams == 1 })
		if again := open(header); again.StatusCode != 200 {
			t.Errorf("status %d", again.StatusCode)
		} else {
			testkit.NoErr(t, again.Body.Close())
		}
		testkit.NoErr(t, other.Body.Close())
	})
}

// A place is given back however the request ends.
func TestAPanicGivesItsPlaceBack(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) {
			o.Room = api.Room{Running: 1, Waiting: 1, Favoured: 1, Patience: time.Millisecond, FavouredPatience: time.Millisecond}
			o.Wake = func() { panic("broken") }
			o.Changes.Publish = func(context.Context, uuid.UUID, string) error { panic("broken") }
		})
		header := k.CSRFHeaders(k.User1)
		for range 3 {
			p.Do(http.MethodPost, "/auth/magic-link", nil, askFor("a@b.example")).WantCode(k, 500, "internal")
			p.Do(http.MethodPost, "/clients", header, fields{"first_name": "a", "last_name": "b"}).WantCode(k, 500, "internal")
			p.Do(http.MethodPost, "/clients", header, "{").WantCode(k, 400, "malformed")
		}
		if b := p.API.Busy(); b != (api.Busy{}) {
			t.Errorf("busy: %+v", b)
		}
	})
}
