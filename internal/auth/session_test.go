package auth_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func TestSessionEndsWhenIdleForThirtyMinutes_ASVS_7_3_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.User1)
		for range 4 { // use keeps it alive
			k.Clock.Advance(30 * time.Minute)
			s, err := use(k.Auth, in)
			testkit.NoErr(t, err)
			if s.IdleLeft != 30*time.Minute || s.Scope.User() != k.User1.ID || s.Scope.Workspace() != k.Workspace1.ID {
				t.Fatalf("got %+v", s)
			}
		}
		k.Clock.Advance(30*time.Minute + time.Microsecond)
		for range 2 { // a refused request is no use
			_, err := use(k.Auth, in)
			wantCode(t, err, model.Unauthenticated, "session_idle")
		}
		_, err := use(k.Process(nil, nil).Auth, in)
		wantCode(t, err, model.Unauthenticated, "session_idle")
	})
}

func TestSessionEndsAfterTwelveHoursOfUse_ASVS_7_3_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.User1)
		var s auth.Session
		var err error
		for range 12*4 - 1 {
			k.Clock.Advance(15 * time.Minute)
			s, err = use(k.Auth, in)
			testkit.NoErr(t, err)
		}
		wantLeft(t, s, 30*time.Minute, 15*time.Minute)
		k.Clock.Advance(15*time.Minute - time.Second)
		s, err = use(k.Auth, in)
		testkit.NoErr(t, err)
		wantLeft(t, s, 30*time.Minute, time.Second)
		k.Clock.Advance(time.Second)
		_, err = use(k.Auth, in)
		wantCode(t, err, model.Unauthenticated, "unauthenticated")
	})
}

func TestBackgroundRequestsDoNotKeepASessionAlive(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.User1)
		for minute := 1; minute <= 30; minute++ {
			k.Clock.Advance(time.Minute)
			s, err := k.Auth.Authenticate(t.Context(), request(in), true)
			testkit.NoErr(t, err)
			wantLeft(t, s, time.Duration(30-minute)*time.Minute, 12*time.Hour-time.Duration(minute)*time.Minute)
		}
		k.Clock.Advance(time.Second)
		_, err := k.Auth.Authenticate(t.Context(), request(in), true)
		wantCode(t, err, model.Unauthenticated, "session_idle")
	})
}

// The last use is written at most every 15 seconds; another process may see
// it that much later and never forgives more.
func TestUseInOneProcessCountsInAnother(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in, other := k.SignIn(k.User1), k.Process(nil, nil).Auth
		for range 4 {
			k.Clock.Advance(20 * time.Minute)
			_, err := use(k.Auth, in)
			testkit.NoErr(t, err)
			k.Clock.Advance(20 * time.Minute)
			_, err = use(other, in)
			testkit.NoErr(t, err)
		}
		k.Clock.Advance(14 * time.Second)
		_, err := use(other, in)
		testkit.NoErr(t, err)
		k.Clock.Advance(29*time.Minute + 46*time.Second)
		s, err := k.Auth.Authenticate(t.Context(), request(in), true)
		testkit.NoErr(t, err)
		if s.IdleLeft > 14*time.Second {
			t.Fatalf("%v left, more than the real 14 seconds", s.IdleLeft)
		}
	})
}

// Uses that follow each other closely are not all written, and all count.
func TestEveryUseCountsInItsProcess(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.User1)
		k.Clock.Advance(14 * time.Second)
		_, err := use(k.Auth, in)
		testkit.NoErr(t, err)
		if n := k.DB.Count("select count(*) from auth_sessions where last_seen_at > created_at"); n != 0 {
			t.Fatal("a use after 14 seconds was written")
		}
		k.Clock.Advance(30 * time.Minute)
		s, err := k.Auth.Authenticate(t.Context(), request(in), true)
		testkit.NoErr(t, err)
		wantLeft(t, s, 0, 11*time.Hour+29*time.Minute+46*time.Second)
	})
}

func TestSettingsOfTheLimitsHold(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		short := k.Process(func(o *auth.Options) { o.Idle, o.Absolute = 5*time.Minute, time.Hour }, nil)
		in := short.SignIn(k.User1)
		wantLeft(t, in.Session, 5*time.Minute, time.Hour)
		k.Clock.Advance(5 * time.Minute)
		s, err := use(short.Auth, in)
		testkit.NoErr(t, err)
		wantLeft(t, s, 5*time.Minute, 55*time.Minute)
		k.Clock.Advance(5*time.Minute + time.Second)
		_, err = use(short.Auth, in)
		wantCode(t, err, model.Unauthenticated, "session_idle")
	})
}

func TestRevocationWorksOnTheNextRequestEverywhere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		ended, kept, other := k.SignIn(k.User1), k.SignIn(k.User1), k.Process(nil, nil)
		for _, s := range []*auth.Service{k.Auth, other.Auth} {
			for _, in := range []auth.SignedIn{ended, kept} {
				_, err := use(s, in)
				testkit.NoErr(t, err)
			}
		}
		testkit.NoErr(t, other.Auth.SignOut(t.Context(), ended.Session, uuid.New()))
		testkit.NoErr(t, other.Auth.SignOut(t.Context(), ended.Session, uuid.New())) // again
		for _, s := range []*auth.Service{k.Auth, other.Auth} {
			_, err := use(s, ended)
			wantCode(t, err, model.Unauthenticated, "unauthenticated")
			_, err = use(s, kept)
			testkit.NoErr(t, err)
		}
	})
}

func TestSessionEndsWithTheMembership_ASVS_7_4_2(t *testing.T) {
	const ws = " where id = (select workspace_id from members where user_id = $1)"
	for name, update := range map[string]string{
		"member deactivated":  "update members set active = false where user_id = $1",
		"workspace suspended": "update workspaces set status = 'suspended'" + ws,
		"workspace deleted":   "update workspaces set status = 'deleted'" + ws,
		"session revoked":     "update auth_sessions set revoked_at = created_at where user_id = $1",
		"session deleted":     "delete from auth_sessions where user_id = $1",
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				in, stranger := k.SignIn(k.User1), k.SignIn(k.User2)
				_, err := use(k.Auth, in)
				testkit.NoErr(t, err)
				testkit.NoErr(t, k.DB.Exec(update, k.User1.ID.String()))
				_, err = use(k.Auth, in)
				wantCode(t, err, model.Unauthenticated, "unauthenticated")
				_, err = use(k.Auth, stranger)
				testkit.NoErr(t, err)
			})
		})
	}
}

func TestAChangedRoleCountsOnTheNextRequest_ASVS_8_3_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.User1)
		testkit.NoErr(t, k.DB.Exec("update members set role = 'assistant' where user_id = $1", k.User1.ID.String()))
		s, err := use(k.Auth, in)
		testkit.NoErr(t, err)
		if s.Scope.Role() != model.Assistant {
			t.Fatalf("role %v", s.Scope.Role())
		}
	})
}

func TestClockThatJumps(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.User1)
		k.Clock.Advance(31 * time.Minute) // forward, as after a computer's sleep
		_, err := use(k.Auth, in)
		wantCode(t, err, model.Unauthenticated, "session_idle")
		k.Clock.Advance(-31 * time.Minute) // and put right
		s, err := use(k.Auth, in)
		testkit.NoErr(t, err)
		wantLeft(t, s, 30*time.Minute, 12*time.Hour)

		k.Clock.Advance(20 * time.Minute)
		_, err = use(k.Auth, in)
		testkit.NoErr(t, err)
		k.Clock.Advance(-15 * time.Minute) // back, behind the last use
		s, err = k.Auth.Authenticate(t.Context(), request(in), true)
		testkit.NoErr(t, err)
		wantLeft(t, s, 30*time.Minute, 12*time.Hour-5*time.Minute)
		s, err = use(k.Auth, in)
		testkit.NoErr(t, err)
		wantLeft(t, s, 30*time.Minute, 12*time.Hour-5*time.Minute)
		k.Clock.Advance(12*time.Hour - 5*time.Minute) // no way of going around lives past the end
		_, err = use(k.Auth, in)
		wantCode(t, err, model.Unauthenticated, "unauthenticated")
	})
}

// A token from the future means that a clock is wrong by more than the 30
// seconds that several servers may differ.
func TestATokenFromTheFutureWaits(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.User1)
		k.Clock.Advance(-30 * time.Second)
		_, err := use(k.Auth, in)
		testkit.NoErr(t, err)
		k.Clock.Advance(-time.Second)
		_, err = use(k.Auth, in)
		wantCode(t, err, model.Unauthenticated, "unauthenticated")
		k.Clock.Advance(time.Second)
		_, err = use(k.Auth, in)
		testkit.NoErr(t, err)
	})
}

func TestDevicesAreSealedAndCut(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		m := askOne(k, k.User1, browserA)
		long := "Canary Browser " + string(make([]byte, 5000)) + "\xff"
		_, err := k.Auth.SignInByLink(t.Context(), k.LinkToken(m), browserA, home, auth.Device{Browser: long, Address: "192.0.2.77"})
		testkit.NoErr(t, err)
		device := k.DB.Rows("select device from auth_sessions")[0][0]
		if len(device) < 100 || len(device) > 500 {
			t.Fatalf("%d bytes are stored", len(device))
		}
		for _, clear := range []string{"Canary", "192.0.2.77"} {
			if strings.Contains(device, clear) {
				t.Errorf("the device is stored with %q in clear", clear)
			}
		}
	})
}

// Two processes note uses in any order; the later one holds.
func TestAnOlderUseDoesNotTakeTheNewerBack(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in, now := k.SignIn(k.User1), k.Clock.Now()
		testkit.NoErr(t, k.Store.TouchSession(t.Context(), in.Session.ID, now.Add(20*time.Minute)))
		testkit.NoErr(t, k.Store.TouchSession(t.Context(), in.Session.ID, now.Add(10*time.Minute)))
		k.Clock.Advance(50 * time.Minute)
		_, err := use(k.Auth, in)
		testkit.NoErr(t, err)
	})
}

// When the database cannot tell, nobody is let in and nobody is signed out.
func TestNoAnswerOfTheDatabaseIsNoSession_ASVS_16_5_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.User1)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := k.Auth.Authenticate(ctx, request(in), false)
		if err == nil || model.KindOf(err) == model.Unauthenticated {
			t.Fatalf("got %v, want a failure that is no sign-out", err)
		}
		_, err = use(k.Auth, in)
		testkit.NoErr(t, err)
	})
}

func TestRequestsWithoutOneAccessCookie(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.User1)
		token := in.Cookies[0].Value
		for name, cookies := range map[string][]string{
			"none": {}, "empty": {"access_token="}, "another name": {"token=" + token}, "the https name": {"__Host-access_token=" + token},
			"twice": {"access_token=" + token, "access_token=" + token}, "twice in a line": {"access_token=" + token + "; access_token=" + token},
			"good and bad": {"access_token=" + token + "; access_token=x"}, "bad and good": {"access_token=x; access_token=" + token},
			"not ASCII": {"access_token=\xff\xfe" + token}, "other case": {"Access_Token=" + token},
		} {
			r := request(auth.SignedIn{})
			r.Header["Cookie"] = cookies
			if _, err := k.Auth.Authenticate(t.Context(), r, false); model.CodeOf(err) != "unauthenticated" {
				t.Errorf("%s: got %v", name, err)
			}
		}
		r := request(auth.SignedIn{})
		r.Header = http.Header{"Cookie": {"other=1; access_token=" + token + "; more=\"2\""}}
		_, err := k.Auth.Authenticate(t.Context(), r, false)
		testkit.NoErr(t, err)
	})
}
