package store

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// listener takes connections and hands them to the test.
func listener(t *testing.T) (address string, taken <-chan net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	all := make(chan net.Conn, 8)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all <- c
		}
	}()
	return l.Addr().String(), all
}

// watched is a pulse whose beats and answers the test makes.
type watched struct {
	*pulse

	t       *testing.T
	address string
	taken   <-chan net.Conn
	asked   atomic.Int64
	answer  func() error // of the server when it is asked
}

func newWatched(t *testing.T) *watched {
	w := &watched{t: t, answer: func() error { return nil }}
	w.pulse = newPulse(func(context.Context) error { w.asked.Add(1); return w.answer() })
	w.address, w.taken = listener(t)
	return w
}

// beat lets time pass.
func (w *watched) beat(n int) {
	w.t.Helper()
	for range n {
		w.look(w.t.Context())
		w.over.Wait()
	}
}

// open connects and returns both ends.
func (w *watched) open() (here, there net.Conn) {
	w.t.Helper()
	here, err := w.dial(w.t.Context(), "tcp", w.address)
	if err != nil {
		w.t.Fatal(err)
	}
	there = <-w.taken
	w.t.Cleanup(func() { _, _ = here.Close(), there.Close() })
	return here, there
}

// say sends something to the other end.
func (w *watched) say(to net.Conn) {
	w.t.Helper()
	if _, err := to.Write([]byte("x")); err != nil {
		w.t.Fatal(err)
	}
}

// hear reads what the other end said.
func (w *watched) hear(from net.Conn) {
	w.t.Helper()
	if _, err := io.ReadFull(from, make([]byte, 1)); err != nil {
		w.t.Fatal(err)
	}
}

// alive is whether what the server says still arrives.
func (w *watched) alive(here, there net.Conn) bool {
	w.t.Helper()
	_, _ = there.Write([]byte("x"))
	_, err := io.ReadFull(here, make([]byte, 1))
	return err == nil
}

var errNobody = errors.New("nobody answers")

func TestServerIsAskedOnlyWhileSomebodyWaits(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	here, there := w.open()
	w.beat(20)
	w.say(here)
	w.say(there)
	w.hear(here)
	w.beat(20)
	if n := w.asked.Load(); n != 0 {
		t.Errorf("it was asked %d times while nobody waited", n)
	}
	w.say(here)
	w.beat(quietBeats)
	if n := w.asked.Load(); n != 1 {
		t.Errorf("it was asked %d times in a second, want once", n)
	}
}

func TestSlowServerIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]error{"answers": nil, "refuses": &pgconn.PgError{Code: "53300"}} {
		w := newWatched(t)
		w.answer = func() error { return answer }
		here, there := w.open()
		w.say(here)
		w.beat(longestBeats)
		if n := w.asked.Load(); n < 10 || !w.alive(here, there) {
			t.Errorf("%s: it was asked %d times, and then given up", name, n)
		}
	}
}

// What another one is answered meanwhile shows that the server lives.
func TestServerThatAnswersAnotherIsNotSilent(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	slow, server := w.open()
	quick, quickServer := w.open()
	w.answer = func() error {
		w.beats.Add(1)
		w.say(quickServer)
		w.hear(quick)
		return errNobody
	}
	w.say(slow)
	w.beat(quietBeats)
	if w.asked.Load() != 1 || !w.alive(slow, server) {
		t.Error("it was given up")
	}
}

func TestSilentServerHoldsNobodyUntilItAnswers(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.answer = func() error { return errNobody }
	here, there := w.open()
	idle, idleServer := w.open()
	w.say(here)
	w.beat(quietBeats)
	if w.alive(here, there) || w.alive(idle, idleServer) {
		t.Error("a connection to a silent server is still open")
	}
	_, err := w.dial(t.Context(), "tcp", w.address)
	if !errors.Is(err, errSilent) || (&postgresEngine{}).class(err) != downError {
		t.Fatalf("connecting: %v", err)
	}
	w.answer = func() error { return nil }
	w.beat(1)
	if here, there = w.open(); !w.alive(here, there) {
		t.Error("it answers again, and is not heard")
	}
}

// One connection may be dead while the server lives.
func TestLineThatIsSilentForTooLongIsClosed(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	here, there := w.open()
	other, otherServer := w.open()
	w.say(here)
	w.beat(longestBeats + 1)
	if w.alive(here, there) {
		t.Error("it is still waited for")
	}
	if !w.alive(other, otherServer) {
		t.Error("the other one was closed too")
	}
}
