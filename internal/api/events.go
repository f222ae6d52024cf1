package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

// Changes carries the news that something in a workspace has changed to every
// instance. Both are nil where there is nobody to tell. The zero workspace is
// that of the platform: what is told there concerns the sessions of everybody.
type Changes struct {
	// Publish says that records of a noun, such as "appointments", changed.
	Publish func(ctx context.Context, workspace uuid.UUID, noun string) error
	// Subscribe returns the nouns that change from now on; the channel is
	// closed when ctx ends.
	Subscribe func(ctx context.Context, workspace uuid.UUID) (<-chan []byte, error)
}

// identityNoun is told where sessions may have ended.
const identityNoun = "auth"

// SessionsEnded has every stream look whether its session still lives.
func (c Changes) SessionsEnded(ctx context.Context) error {
	return c.Publish(ctx, uuid.Nil, identityNoun)
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
	if !r.Member || safe(r.Method) || r.looks {
		return
	}
	a.tell(ctx, q, q.session.Scope.Workspace(), append([]string{r.tag}, r.besides...)...)
}

// tell announces nouns to a workspace, within announceTime.
func (a *API) tell(ctx context.Context, q *request, workspace uuid.UUID, nouns ...string) {
	if a.o.Changes.Publish == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, announceTime)
	defer cancel()
	for _, noun := range nouns {
		if err := a.o.Changes.Publish(ctx, workspace, noun); err != nil {
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
	leave, err := a.streams.enter(sc.User())
	if err != nil {
		return nil, err
	}
	live, cancel := context.WithTimeout(q.whole, streamLife)
	heard, err := a.subscribe(live, sc)
	if err != nil {
		cancel()
		leave()
		return nil, err
	}
	return &eventsOut{"text/event-stream", func(hc huma.Context) {
		defer leave()
		defer cancel()
		s := stream{w: hc.BodyWriter(), control: http.NewResponseController(q.w)}
		if err := a.stream(live, q, s, heard); err != nil {
			a.o.Log.Debug("stream ended", "request", q.id, "error", err)
		}
	}}, nil
}

// news is what a stream hears: the nouns of its workspace, and that sessions of
// the platform or by the operator's hand may have ended. Both are nil where
// nothing is ever told.
type news struct{ nouns, ended <-chan []byte }

func (a *API) subscribe(ctx context.Context, sc store.Scope) (n news, err error) {
	if a.o.Changes.Subscribe == nil {
		return n, nil
	}
	if n.nouns, err = a.o.Changes.Subscribe(ctx, sc.Workspace()); err != nil {
		return n, fmt.Errorf("subscribe to changes: %w", err)
	}
	if n.ended, err = a.o.Changes.Subscribe(ctx, uuid.Nil); err != nil {
		return n, fmt.Errorf("subscribe to ended sessions: %w", err)
	}
	return n, nil
}

// stream is the connection of one listener.
type stream struct {
	w       io.Writer
	control *http.ResponseController
}

func (a *API) stream(ctx context.Context, q *request, s stream, n news) error {
	if err := s.control.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	if err := s.send("retry: 1000\nevent: hello\ndata: {}\n\n"); err != nil || n.nouns == nil {
		return err
	}
	tick := time.NewTicker(cmp.Or(a.o.Beat, beat))
	defer tick.Stop()
	for open := true; open; {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case <-a.o.Stopping:
			return nil
		case noun, more := <-n.nouns:
			open, err = a.heard(ctx, q, s, noun)
			open = open && more
		case _, more := <-n.ended:
			open, err = a.look(ctx, q, s)
			open = open && more
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
	if open, err = a.look(ctx, q, s); err != nil || !open {
		return false, err
	}
	return true, s.send(": beat\n\n")
}

// look says that the session has ended, if it has.
func (a *API) look(ctx context.Context, q *request, s stream) (open bool, err error) {
	if _, err := a.o.Auth.Authenticate(ctx, q.r, true); model.KindOf(err) == model.Unauthenticated {
		return false, s.send("event: signed_out\ndata: {}\n\n")
	}
	return true, nil
}

// heard tells what changed, unless it ended the session.
func (a *API) heard(ctx context.Context, q *request, s stream, noun []byte) (open bool, err error) {
	if string(noun) == identityNoun || string(noun) == "members" {
		if open, err = a.look(ctx, q, s); err != nil || !open {
			return false, err
		}
	}
	return true, s.change(noun)
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
