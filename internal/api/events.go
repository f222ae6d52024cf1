package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

// Changes carries the news that something in a workspace has changed to every
// instance. Both are nil where there is nobody to tell.
type Changes struct {
	// Publish says that records of a noun, such as "appointments", changed.
	Publish func(ctx context.Context, workspace uuid.UUID, noun string) error
	// Subscribe returns the nouns that change from now on; the channel is
	// closed when ctx ends.
	Subscribe func(ctx context.Context, workspace uuid.UUID) (<-chan []byte, error)
}

const (
	// beat is how often a stream shows that it lives, and whether its session
	// still does.
	beat = 15 * time.Second
	// announceTime is how long a change may take to be announced.
	announceTime = 250 * time.Millisecond
	// sendTime is how long a listener may leave what is sent unread.
	sendTime = 20 * time.Second
	// streamLife ends a stream, so that none is forgotten; browsers connect
	// again by themselves.
	streamLife = 15 * time.Minute
)

// announce tells the workspace what kind of record a request changed. It is a
// hint to look again: when it cannot be sent, the change stands all the same.
func (a *API) announce(ctx context.Context, q *request, r Route) {
	if a.o.Changes.Publish == nil || !r.Member || safe(r.Method) || r.looks {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, announceTime)
	defer cancel()
	for _, noun := range append([]string{r.tag}, r.besides...) {
		if err := a.o.Changes.Publish(ctx, q.session.Scope.Workspace(), noun); err != nil {
			if a.unheard.due(a.o.Now()) {
				a.o.Log.Warn("changes are not announced", "request", q.id, "error", err)
			}
			return
		}
	}
}

type eventsOut struct {
	ContentType string `header:"Content-Type"`
	Body        func(huma.Context)
}

// events is a stream of server-sent events: "hello" at the start, then a
// "change" with the noun for every change in the workspace, and "signed_out"
// when the session has ended. It is background work and keeps no session alive.
func (a *API) events(ctx context.Context, sc store.Scope, _ *none) (*eventsOut, error) {
	q := requestOf(ctx)
	leave, err := a.listeners.enter(sc.User())
	if err != nil {
		return nil, err
	}
	live, cancel := context.WithTimeout(q.whole, streamLife)
	nouns, err := a.subscribe(live, sc)
	if err != nil {
		cancel()
		leave()
		return nil, err
	}
	return &eventsOut{"text/event-stream", func(hc huma.Context) {
		defer leave()
		defer cancel()
		s := stream{w: hc.BodyWriter(), control: http.NewResponseController(q.w)}
		if err := a.stream(live, q, s, nouns); err != nil {
			a.o.Log.Debug("stream ended", "request", q.id, "error", err)
		}
	}}, nil
}

func (a *API) subscribe(ctx context.Context, sc store.Scope) (<-chan []byte, error) {
	if a.o.Changes.Subscribe == nil {
		return nil, nil //nolint:nilnil // nothing ever comes of it
	}
	nouns, err := a.o.Changes.Subscribe(ctx, sc.Workspace())
	if err != nil {
		return nil, fmt.Errorf("subscribe to changes: %w", err)
	}
	return nouns, nil
}

// maxStreams is how many streams one person may have open, on all devices.
const maxStreams = 16

var errTooManyStreams = &model.Error{
	Kind: model.TooMany, Code: "too_many_streams", RetryAfter: time.Minute, Detail: "Too many pages are listening for changes. Close some.",
}

// listeners counts the open streams of each person on this instance.
type listeners struct {
	mu   sync.Mutex
	open map[uuid.UUID]int
}

// enter counts one more stream; leave ends it.
func (l *listeners) enter(user uuid.UUID) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[user] >= maxStreams {
		return nil, errTooManyStreams
	}
	if l.open == nil {
		l.open = map[uuid.UUID]int{}
	}
	l.open[user]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.open[user]--; l.open[user] == 0 {
			delete(l.open, user)
		}
	}, nil
}

// stream is the connection of one listener.
type stream struct {
	w       io.Writer
	control *http.ResponseController
}

func (a *API) stream(ctx context.Context, q *request, s stream, nouns <-chan []byte) error {
	if err := s.control.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	if err := s.send("retry: 1000\nevent: hello\ndata: {}\n\n"); err != nil || nouns == nil {
		return err
	}
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for open := true; open; {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-a.o.Stopping:
			return nil
		case noun, more := <-nouns:
			open, err = more, s.change(noun)
		case <-tick.C:
			open, err = a.beat(ctx, q, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// beat shows that the stream lives, or says that its session has ended.
func (a *API) beat(ctx context.Context, q *request, s stream) (open bool, err error) {
	if _, err := a.o.Auth.Authenticate(ctx, q.r, true); model.KindOf(err) == model.Unauthenticated {
		return false, s.send("event: signed_out\ndata: {}\n\n")
	}
	return true, s.send(": beat\n\n")
}

// change tells what kind of record changed; nothing at the end of the news.
func (s stream) change(noun []byte) error {
	if noun == nil {
		return nil
	}
	return s.send(changeText(noun))
}

// changeText is the event of a change. JSON has no line breaks, so that none of
// what is told ends it.
func changeText(noun []byte) string {
	data, err := json.Marshal(map[string]string{"noun": string(noun)})
	if err != nil { // a text always has a form
		return ": " + err.Error() + "\n\n"
	}
	return "event: change\ndata: " + string(data) + "\n\n"
}

// send writes to a listener, and gives one up who does not read.
func (s stream) send(text string) error {
	stuck := time.AfterFunc(sendTime, func() { _ = s.control.SetWriteDeadline(time.Unix(1, 0)) })
	defer stuck.Stop()
	if _, err := io.WriteString(s.w, text); err != nil {
		return err
	}
	return s.control.Flush()
}
