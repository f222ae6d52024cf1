package api_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// told is a process that tells its listeners what changes, through the kit's
// shared state; stop is closed when it is to end.
func told(k *testkit.Kit, stop <-chan struct{}) *testkit.Kit {
	k.T.Helper()
	return k.Process(nil, func(o *api.Options) {
		o.Stopping, o.Beat = stop, time.Hour // what is heard was told
		o.Platform = k.Platform
		o.Changes = api.Changes{
			Publish: func(ctx context.Context, workspace uuid.UUID, noun string) error {
				return k.KV.Publish(ctx, workspace.String(), []byte(noun))
			},
			Subscribe: func(ctx context.Context, workspace uuid.UUID) (<-chan []byte, error) {
				return k.KV.Subscribe(ctx, workspace.String())
			},
		}
	})
}

// listener is an open stream of events.
type listener struct {
	k    *testkit.Kit
	body *bufio.Reader
}

func listen(k *testkit.Kit, header http.Header) *listener {
	k.T.Helper()
	ctx, cancel := context.WithTimeout(k.T.Context(), 20*time.Second)
	k.T.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.Server.URL+"/api/v1/events", nil)
	testkit.NoErr(k.T, err)
	req.Header = header.Clone()
	res, err := k.Server.Client().Do(req)
	testkit.NoErr(k.T, err)
	k.T.Cleanup(func() { _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		k.T.Fatalf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	return &listener{k, bufio.NewReader(res.Body)}
}

// next is the next event as "name data"; empty when the stream has ended.
func (l *listener) next() string {
	l.k.T.Helper()
	name := ""
	for {
		line, err := l.body.ReadString('\n')
		if err != nil {
			return ""
		}
		line = strings.TrimSpace(line)
		if n, ok := strings.CutPrefix(line, "event: "); ok {
			name = n
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			return name + " " + data
		}
	}
}

func (l *listener) want(event string) {
	l.k.T.Helper()
	if got := l.next(); got != event {
		l.k.T.Fatalf("heard %q, want %q", got, event)
	}
}

func TestAChangeIsHeardByColleaguesOnAnotherProcessAndByNobodyElse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		stop := make(chan struct{})
		one, two := told(k, stop), told(k, stop)
		colleague, stranger := listen(two, k.AuthHeaders(k.Assistant1)), listen(two, k.AuthHeaders(k.User2))
		colleague.want("hello {}")
		stranger.want("hello {}")
		header := k.CSRFHeaders(k.User1)
		one.Do(http.MethodPost, "/appointments", header, fields{
			"client_id": k.Client1.ID.String(), "starts_at": soonAt(1), "ends_at": soonAt(2),
		}).Want(k, 201)
		colleague.want(`change {"noun":"appointments"}`)
		one.Get("/appointments", header).Want(k, 200)                                        // a look is no change
		one.Do(http.MethodPost, "/clients", header, fields{"first_name": ""}).Want(k, 422)   // nor is what was refused
		one.Do(http.MethodPut, "/workspace", header, fields{"name": "Renamed"}).Want(k, 200) // but this is
		colleague.want(`change {"noun":"workspace"}`)
		one.Do(http.MethodPut, "/workspace", k.CSRFHeaders(k.User2), fields{"name": "Other"}).Want(k, 200)
		stranger.want(`change {"noun":"workspace"}`) // the first that it hears
		close(stop)
		if got := colleague.next(); got != "" {
			t.Fatalf("after the end: %q", got)
		}
	})
}

func soonAt(hours int) string {
	return time.Date(2026, 2, 2, 9+hours, 0, 0, 0, time.UTC).Format(time.RFC3339)
}

// Who was signed out elsewhere is told, and hears no more.
func TestAStreamEndsWithItsSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := k.Process(nil, func(o *api.Options) {
			o.Beat = time.Millisecond
			o.Changes.Subscribe = func(ctx context.Context, _ uuid.UUID) (<-chan []byte, error) { return k.KV.Subscribe(ctx, "x") }
		})
		header := k.CSRFHeaders(k.User1)
		l := listen(p, header)
		l.want("hello {}")
		p.Do(http.MethodPost, "/auth/logout", header, nil).Want(k, 204)
		l.want("signed_out {}")
		if got := l.next(); got != "" {
			t.Errorf("after the end: %q", got)
		}
	})
}

// A stream that stays open must not keep somebody signed in who has left.
func TestListeningKeepsNoSessionAlive(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := told(k, nil)
		header := k.AuthHeaders(k.User1)
		k.Clock.Advance(20 * time.Minute)
		listen(p, header).want("hello {}")
		k.Clock.Advance(11 * time.Minute)
		p.Get("/events", header).WantCode(k, 401, "session_idle")
	})
}
