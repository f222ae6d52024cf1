package kv

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func subscribe(t *testing.T, ctx context.Context, s Store, channel string) <-chan []byte {
	t.Helper()
	c, err := s.Subscribe(ctx, channel)
	if err != nil {
		t.Fatalf("subscribe: %v", err)
	}
	return c
}

func publish(t *testing.T, s Store, channel, payload string) {
	t.Helper()
	if err := s.Publish(t.Context(), channel, []byte(payload)); err != nil {
		t.Fatalf("publish: %v", err)
	}
}

// read waits for one payload; ok is false when the channel was closed.
func read(t *testing.T, c <-chan []byte) (payload string, ok bool) {
	t.Helper()
	select {
	case b, ok := <-c:
		return string(b), ok
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came within ten seconds")
		return "", false
	}
}

func delivery(t *testing.T, r *rig) {
	other := r.again(t)
	readers := []<-chan []byte{
		subscribe(t, t.Context(), r, r.name("c")),
		subscribe(t, t.Context(), r, r.name("c")),
		subscribe(t, t.Context(), other, r.name("c")),
	}
	payloads := []string{"one", "", "שלום\x00\n", string(make([]byte, 100_000))}
	for i, p := range payloads {
		publish(t, []Store{r, other}[i%2], r.name("c"), p)
		for _, c := range readers {
			if got, ok := read(t, c); !ok || got != p {
				t.Fatalf("got %d bytes, want %d", len(got), len(p))
			}
		}
	}
}

func ownChannel(t *testing.T, r *rig) {
	a, b := subscribe(t, t.Context(), r, r.name("a")), subscribe(t, t.Context(), r, r.name("b"))
	publish(t, r, r.name("b"), "for b")
	publish(t, r, r.name("a"), "for a")
	if got, _ := read(t, a); got != "for a" {
		t.Errorf("a received %q", got)
	}
	if got, _ := read(t, b); got != "for b" {
		t.Errorf("b received %q", got)
	}
}

func contextEnd(t *testing.T, r *rig) {
	ctx, cancel := context.WithCancel(t.Context())
	ending, staying := subscribe(t, ctx, r, r.name("c")), subscribe(t, t.Context(), r, r.name("c"))
	cancel()
	if p, ok := read(t, ending); ok {
		t.Fatalf("got %q, want a closed channel", p)
	}
	publish(t, r, r.name("c"), "still here")
	if got, _ := read(t, staying); got != "still here" {
		t.Errorf("the other reader got %q", got)
	}
	if _, err := r.Subscribe(ctx, r.name("c")); !errors.Is(err, context.Canceled) {
		t.Errorf("subscribing with an ended context: %v", err)
	}
}

func slowReader(t *testing.T, r *rig) {
	slow, quick := subscribe(t, t.Context(), r, r.name("c")), subscribe(t, t.Context(), r, r.name("c"))
	for i := range 3 * backlog {
		publish(t, r, r.name("c"), fmt.Sprint(i))
		if got, _ := read(t, quick); got != fmt.Sprint(i) {
			t.Fatalf("got %q, want %d", got, i)
		}
	}
	for i := range backlog {
		if got, _ := read(t, slow); got != fmt.Sprint(i) {
			t.Fatalf("the slow reader got %q, want %d", got, i)
		}
	}
}

func nobodyThere(t *testing.T, r *rig) {
	publish(t, r, r.name("c"), "lost")
	c := subscribe(t, t.Context(), r, r.name("c"))
	publish(t, r, r.name("c"), "heard")
	if got, _ := read(t, c); got != "heard" {
		t.Errorf("got %q: nothing is kept for later readers", got)
	}
}

func copies(t *testing.T, r *rig) {
	a, b := subscribe(t, t.Context(), r, r.name("c")), subscribe(t, t.Context(), r, r.name("c"))
	payload := []byte("sent")
	if err := r.Publish(t.Context(), r.name("c"), payload); err != nil {
		t.Fatal(err)
	}
	copy(payload, "XXXX")
	first := <-a
	copy(first, "YYYY")
	if got, _ := read(t, b); got != "sent" {
		t.Errorf("got %q", got)
	}
}

func closing(t *testing.T, r *rig) {
	c := subscribe(t, t.Context(), r, r.name("c"))
	if err := r.Ping(t.Context()); err != nil {
		t.Fatalf("ping: %v", err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	if p, ok := read(t, c); ok {
		t.Errorf("got %q, want a closed channel", p)
	}
	_, err := r.Subscribe(t.Context(), r.name("c"))
	for call, err := range map[string]error{"subscribe": err, "ping": r.Ping(t.Context()), "publish": r.Publish(t.Context(), "c", nil)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after close: %v", call, err)
		}
	}
	if !r.allow(t, "k", Limit{Count: 2, Per: time.Hour}).Allowed {
		t.Error("allow must go on answering, a request may still be on its way out")
	}
}
