package kv

import (
	"context"
	"sync"
)

// backlog is how many payloads a slow reader may leave unread.
const backlog = 64

// hub hands payloads to the readers in this process.
type hub struct {
	mu      sync.Mutex
	readers map[string]map[chan []byte]struct{} // by channel name; nil once closed
}

func newHub() *hub {
	return &hub{readers: make(map[string]map[chan []byte]struct{})}
}

// join adds a reader that leaves when ctx ends.
func (h *hub) join(ctx context.Context, name string) (<-chan []byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers == nil {
		return nil, ErrClosed
	}
	if h.readers[name] == nil {
		h.readers[name] = make(map[chan []byte]struct{})
	}
	c := make(chan []byte, backlog)
	h.readers[name][c] = struct{}{}
	context.AfterFunc(ctx, func() { h.leave(name, c) })
	return c, nil
}

// leave closes c unless close did so before.
func (h *hub) leave(name string, c chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, here := h.readers[name][c]; !here {
		return
	}
	delete(h.readers[name], c)
	if len(h.readers[name]) == 0 {
		delete(h.readers, name)
	}
	close(c)
}

// send never waits: a reader whose backlog is full misses the payload.
func (h *hub) send(name string, payload []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers == nil {
		return ErrClosed
	}
	for c := range h.readers[name] {
		select {
		case c <- append([]byte(nil), payload...):
		default:
		}
	}
	return nil
}

func (h *hub) closed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.readers == nil
}

// close ends all readers and reports whether it was the first to do so.
func (h *hub) close() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers == nil {
		return false
	}
	h.sendAway()
	h.readers = nil
	return true
}

// restart ends the readers of this moment; others may join.
func (h *hub) restart() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers != nil {
		h.sendAway()
		h.readers = make(map[string]map[chan []byte]struct{})
	}
}

func (h *hub) sendAway() {
	for _, readers := range h.readers {
		for c := range readers {
			close(c)
		}
	}
}
