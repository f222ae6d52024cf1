package auth_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// wantTooMany fails the test unless err refuses with that time to wait.
func wantTooMany(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	wantCode(t, err, model.TooMany, "too_many")
	var e *model.Error
	if !errors.As(err, &e) || e.RetryAfter != wait {
		t.Fatalf("wait %v, want %v", e.RetryAfter, wait)
	}
}

func TestThirtyLinksAnHourOfOneAddress(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		asking := func(from netip.Addr) error {
			return k.Auth.RequestLink(t.Context(), "nobody@example.com", "", browserA, from, auth.Device{Request: uuid.New()})
		}
		for range 30 {
			testkit.NoErr(t, asking(home))
		}
		wantTooMany(t, asking(home), 2*time.Minute)
		testkit.NoErr(t, asking(netip.MustParseAddr("192.0.2.2")))
		k.Clock.Advance(2*time.Minute - time.Second)
		wantTooMany(t, asking(home), time.Second)
		k.Clock.Advance(time.Second)
		testkit.NoErr(t, asking(home))
		wantTooMany(t, asking(home), 2*time.Minute)
		if n := k.DB.Count("select count(*) from jobs"); n != 32 {
			t.Fatalf("%d requests were queued, want 32", n)
		}
	})
}

// A household can change its address within its /64 at will.
func TestNetworksOfIPv6CountAsOneAddress(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		asking := func(from string) error {
			return k.Auth.RequestLink(t.Context(), "nobody@example.com", "", browserA, netip.MustParseAddr(from), auth.Device{Request: uuid.New()})
		}
		for range 15 {
			testkit.NoErr(t, asking("2001:db8::1"))
			testkit.NoErr(t, asking("2001:db8::ffff:ffff"))
		}
		wantTooMany(t, asking("2001:db8::2"), 2*time.Minute)
		testkit.NoErr(t, asking("2001:db8:0:1::1"))
	})
}

// Nobody may learn from the answer that the address exists, so this limit
// shows only in that no more mails come.
func TestFiveMailsAnHourToOnePerson(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		forms := []string{"user-1@example.com", "USER-1@example.com", " user-1@Example.Com "}
		mails := 0
		for i := range 9 {
			mails += len(ask(k, forms[i%3], browserA, address(i)))
		}
		if mails != 5 {
			t.Fatalf("%d mails were sent, want 5", mails)
		}
		if sent := ask(k, "user-2@example.com", browserA, home); len(sent) != 1 {
			t.Fatal("the limit of one person must not hold for another")
		}
		k.Clock.Advance(12 * time.Minute)
		if sent := ask(k, "user-1@example.com", browserA, home); len(sent) != 1 {
			t.Fatal("after a fifth of the hour one more mail must go out")
		}
		if sent := ask(k, "user-1@example.com", browserA, home); len(sent) != 0 {
			t.Fatal("only one")
		}
	})
}

// Who knows an address must not be able to keep its owner out of the browser
// that they work with; and a browser that is known has a limit of its own.
func TestStrangersDoNotUseUpTheMailsOfAKnownBrowser(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		known := func(u model.User) string { return k.Auth.KnownDevice(request(k.SignIn(u))) }
		from := func(cookie, email string) int {
			before := len(k.Outbox.Sent())
			testkit.NoErr(t, k.Auth.RequestLink(t.Context(), email, "", browserA, home, auth.Device{Known: cookie, Request: uuid.New()}))
			k.RunJobs()
			return len(k.Outbox.Sent()) - before
		}
		own, others := known(k.User1), known(k.User2)
		if own == "" || others == "" {
			t.Fatal("a sign-in leaves no cookie")
		}
		for i := range 5 {
			ask(k, "user-1@example.com", browserB, address(i))
		}
		device, _, _ := strings.Cut(own, ".")
		for what, cookie := range map[string]string{"a stranger": "", "somebody else's browser": others, "a made-up seal": device + "." + strings.Repeat("A", 22), "noise": strings.Repeat("x", 5000)} {
			if n := from(cookie, "user-1@example.com"); n != 0 {
				t.Errorf("%s: %d mails after the limit", what, n)
			}
		}
		mails := 0
		for range 7 {
			mails += from(own, " User-1@example.com")
		}
		if mails != 5 {
			t.Errorf("the known browser got %d mails, want 5", mails)
		}
		if n := from(own, "nobody@example.com"); n != 0 {
			t.Errorf("%d mails to nobody", n)
		}
	})
}

func TestThirtyProofsInFiveMinutesOfOneAddress(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		m := askOne(k, k.User1, browserA)
		for i := range 30 {
			try := byLink
			if i%2 == 0 {
				try = byCode
			}
			if err := try(k, "wrong", browserB, home); model.KindOf(err) != model.Unauthenticated {
				t.Fatalf("try %d: %v", i+1, err)
			}
		}
		wantTooMany(t, byLink(k, k.LinkToken(m), browserA, home), 10*time.Second)
		wantTooMany(t, byCode(k, k.LinkCode(m), browserA, home), 10*time.Second)
		_, err := k.Auth.Setup(t.Context(), "wrong", model.Workspace{}, model.User{}, home, auth.Device{})
		wantTooMany(t, err, 10*time.Second)
		testkit.NoErr(t, byLink(k, k.LinkToken(m), browserA, address(1)))
		k.Clock.Advance(10 * time.Second)
		wantCode(t, byLink(k, "wrong", browserA, home), model.Unauthenticated, "link_invalid")
	})
}

func TestRequestLimit(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		if auth.RequestLimit(k.KV, 0) != nil {
			t.Fatal("0 means no limit")
		}
		limit := auth.RequestLimit(k.KV, 60)
		for range 60 {
			testkit.NoErr(t, limit(t.Context(), home))
		}
		wantTooMany(t, limit(t.Context(), home), time.Second)
		testkit.NoErr(t, limit(t.Context(), address(1)))
		k.Clock.Advance(time.Second)
		testkit.NoErr(t, limit(t.Context(), home))
	})
}
