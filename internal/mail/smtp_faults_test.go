package mail

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// script plays a server: for each command, in order, the answer to give; the last is given again for as long as the client
// asks. An answer of "hang" waits for the client to go away, "close" hangs up.
func script(t *testing.T, answers ...string) string {
	t.Helper()
	l := listen(t)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go play(conn, answers)
		}
	}()
	return l.Addr().String()
}

func play(conn net.Conn, answers []string) {
	defer func() { _ = conn.Close() }()
	in, before := bufio.NewReader(conn), ""
	for i := 0; i == 0 || heard(in, before); i++ {
		before = answers[min(i, len(answers)-1)]
		switch before {
		case "close":
			return
		case "hang":
			_, _ = io.Copy(io.Discard, in)
			return
		}
		if _, err := io.WriteString(conn, before+"\r\n"); err != nil {
			return
		}
	}
}

// heard waits for the next command, or after 354 for the end of the content.
func heard(in *bufio.Reader, before string) bool {
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if !strings.HasPrefix(before, "354") || line == ".\r\n" {
			return true
		}
	}
}

func TestSMTPFaults(t *testing.T) {
	t.Parallel()
	const (
		greeting = "220 sink GOSSIP"
		hello    = "250-sink\r\n250 AUTH PLAIN"
		signedIn = "235 GOSSIP"
		ok       = "250 GOSSIP dana@example.org"
		goAhead  = "354 GOSSIP"
	)
	conversation := []string{greeting, hello, signedIn, ok, ok, goAhead, ok}
	steps := []string{"greeting", "hello", "sign in", "sender", "recipient", "data", "content"}
	faults := []struct {
		name, answer string
		want         func(step int) error
	}{
		{"hangs", "hang", func(step int) error { return context.DeadlineExceeded }},
		{"closes", "close", func(step int) error { return last(step, ErrUncertain) }},
		{"5xx", "550 5.1.1 <dana@example.org> GOSSIP p@ss:word", func(step int) error { return after(step, 3, ErrRejected) }},
		{"5xx in lines", "550-<dana@example.org>\r\n550 GOSSIP", func(step int) error { return after(step, 3, ErrRejected) }},
		{"4xx", "451 4.3.0 <dana@example.org> GOSSIP", func(step int) error { return nil }},
		{"nonsense", "GOSSIP dana@example.org p@ss:word", func(step int) error { return last(step, ErrUncertain) }},
		{"flood", "250-" + strings.Repeat("GOSSIP ", maxAnswer/7), func(step int) error { return last(step, ErrUncertain) }},
	}
	for _, f := range faults {
		for i, step := range steps {
			t.Run(f.name+" at "+step, func(t *testing.T) {
				t.Parallel()
				answers := append(append([]string(nil), conversation[:i]...), f.answer)
				timeout := 5 * time.Second
				if f.answer == "hang" {
					timeout = 100 * time.Millisecond
				}
				s := openTestSMTP(t, "smtp://"+login+script(t, answers...)+"?tls=none", Options{Timeout: timeout})
				judge(t, s.Send(t.Context(), sample()), step, f.want(i))
			})
		}
	}
}

func last(step int, err error) error { return after(step, 6, err) }

func after(step, from int, err error) error {
	if step >= from {
		return err
	}
	return nil
}

// judge checks the kind of an error: a permanent refusal or an uncertain end must be claimed exactly when it is one.
func judge(t *testing.T, err error, step string, want error) {
	t.Helper()
	if err == nil {
		t.Fatal("the message counts as sent")
	}
	silent(t, step, err)
	if !strings.HasPrefix(err.Error(), "mail: send: "+step+": ") {
		t.Errorf("got %q, want the step %q named", err, step)
	}
	for _, kind := range []error{ErrInvalid, ErrRejected, ErrUncertain, context.DeadlineExceeded} {
		is, should := errors.Is(err, kind), want != nil && errors.Is(want, kind)
		if kind == ErrUncertain && errors.Is(want, context.DeadlineExceeded) {
			should = step == "content"
		}
		if is != should {
			t.Errorf("%q: is %q: %v, want %v", err, kind, is, should)
		}
	}
}

// TestSMTPFarewellDoesNotMatter: once accepted, sending again would be a second mail.
func TestSMTPFarewellDoesNotMatter(t *testing.T) {
	t.Parallel()
	for _, farewell := range []string{"close", "421 bye", "554 no"} {
		at := script(t, "220 a", "250 a", "250 a", "250 a", "354 a", "250 accepted", farewell)
		if err := openTestSMTP(t, "smtp://"+at+"?tls=none", Options{}).Send(t.Context(), sample()); err != nil {
			t.Errorf("%s: %v", farewell, err)
		}
	}
}

func TestSMTPNobodyThere(t *testing.T) {
	t.Parallel()
	l := listen(t)
	at := l.Addr().String()
	_ = l.Close()
	err := openTestSMTP(t, "smtp://"+login+at+"?tls=none", Options{}).Send(t.Context(), sample())
	if err == nil || !strings.Contains(err.Error(), "connect") {
		t.Errorf("got %v", err)
	}
	silent(t, "nobody there", err)
}

func TestSMTPCallerGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	l := listen(t)
	go func() {
		if conn, err := l.Accept(); err == nil {
			cancel()
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	err := openTestSMTP(t, "smtp://"+l.Addr().String()+"?tls=none", Options{}).Send(ctx, sample())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
