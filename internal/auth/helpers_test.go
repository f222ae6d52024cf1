package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/mail"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// browserA and browserB have the form of pre-session cookies.
var (
	browserA = strings.Repeat("a", 43)
	browserB = strings.Repeat("b", 43)
)

// home is the address most tests come from.
var home = netip.MustParseAddr("192.0.2.1")

// address is the n-th of many.
func address(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}) }

// ask asks for a link, runs the jobs and returns the mails that this sent.
func ask(k *testkit.Kit, email, browser string, from netip.Addr) []mail.Message {
	k.T.Helper()
	before := len(k.Outbox.Sent())
	testkit.NoErr(k.T, k.Auth.RequestLink(k.T.Context(), email, "", browser, from, auth.Device{Request: uuid.New()}))
	k.RunJobs()
	return k.Outbox.Sent()[before:]
}

// askOne is ask when exactly one mail must come.
func askOne(k *testkit.Kit, u model.User, browser string) mail.Message {
	k.T.Helper()
	sent := ask(k, string(u.Email), browser, home)
	if len(sent) != 1 {
		k.T.Fatalf("%d mails were sent, want 1", len(sent))
	}
	return sent[0]
}

func byLink(k *testkit.Kit, token, browser string, from netip.Addr) error {
	_, err := k.Auth.SignInByLink(k.T.Context(), token, browser, from, auth.Device{})
	return err
}

func byCode(k *testkit.Kit, code, browser string, from netip.Addr) error {
	_, err := k.Auth.SignInByCode(k.T.Context(), code, browser, from, auth.Device{})
	return err
}

// wantCode fails the test unless err is the refusal with that kind and code.
func wantCode(t *testing.T, err error, kind model.Kind, code string) {
	t.Helper()
	if model.KindOf(err) != kind || model.CodeOf(err) != code {
		t.Fatalf("got %v, want the refusal %s", err, code)
	}
}

// request carries the cookies of a sign-in.
func request(in auth.SignedIn) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range in.Cookies {
		if c.MaxAge > 0 {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	return r
}

// use authenticates a request of the session.
func use(s *auth.Service, in auth.SignedIn) (auth.Session, error) {
	return s.Authenticate(context.Background(), request(in), false)
}

// race runs fn n times at once and returns how often each outcome came: "ok"
// or the code of the refusal.
func race(n int, fn func(i int) error) map[string]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	start := make(chan struct{})
	outcomes := map[string]int{}
	for i := range n {
		all.Go(func() {
			<-start
			outcome := "ok"
			if err := fn(i); err != nil {
				if outcome = model.CodeOf(err); outcome == "" {
					outcome = err.Error()
				}
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[outcome]++
		})
	}
	close(start)
	all.Wait()
	return outcomes
}

func wantOutcomes(t *testing.T, got, want map[string]int) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("outcomes %v, want %v", got, want)
	}
}

func wantLeft(t *testing.T, s auth.Session, idle, absolute time.Duration) {
	t.Helper()
	if s.IdleLeft != idle || s.AbsoluteLeft != absolute {
		t.Fatalf("left %v idle and %v in any case, want %v and %v", s.IdleLeft, s.AbsoluteLeft, idle, absolute)
	}
}
