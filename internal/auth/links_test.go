package auth_test

import (
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func TestLinkIsGoodForTenMinutes(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		code  string
	}{
		"just before the end": {10*time.Minute - time.Microsecond, ""},
		"at the end":          {10 * time.Minute, "link_invalid"},
		"a day later":         {24 * time.Hour, "link_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				token := k.LinkToken(askOne(k, k.User1, browserA))
				k.Clock.Advance(c.after)
				err := byLink(k, token, browserA, home)
				if c.code == "" {
					testkit.NoErr(t, err)
					return
				}
				wantCode(t, err, model.Unauthenticated, c.code)
				if n := k.DB.Count("select count(*) from auth_sessions"); n != 0 {
					t.Fatalf("%d sessions were opened", n)
				}
			})
		})
	}
}

func TestLinkWorksOnce_ASVS_6_5_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		m := askOne(k, k.User1, browserA)
		testkit.NoErr(t, byLink(k, k.LinkToken(m), browserA, home))
		wantCode(t, byLink(k, k.LinkToken(m), browserA, home), model.Unauthenticated, "link_invalid")
		wantCode(t, byLink(k, k.LinkToken(m), browserB, home), model.Unauthenticated, "link_invalid")
		wantCode(t, byCode(k, k.LinkCode(m), browserA, home), model.Unauthenticated, "code_invalid")
	})
}

func TestCodeUsesTheLinkUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		m := askOne(k, k.User1, browserA)
		testkit.NoErr(t, byCode(k, k.LinkCode(m), browserA, home))
		wantCode(t, byLink(k, k.LinkToken(m), browserA, home), model.Unauthenticated, "link_invalid")
		wantCode(t, byCode(k, k.LinkCode(m), browserA, home), model.Unauthenticated, "code_invalid")
	})
}

func TestOfFiftyUsesOfALinkOneWins(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		token := k.LinkToken(askOne(k, k.User1, browserA))
		other := k.Process(nil, nil)
		got := race(50, func(i int) error {
			if i%2 == 0 {
				return byLink(other, token, browserA, address(i))
			}
			return byLink(k, token, browserA, address(i))
		})
		wantOutcomes(t, got, map[string]int{"ok": 1, "link_invalid": 49})
		if n := k.DB.Count("select count(*) from auth_sessions"); n != 1 {
			t.Fatalf("%d sessions were opened, want 1", n)
		}
	})
}

func TestOfFiveUsesOfACodeOneWins(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		code := k.LinkCode(askOne(k, k.User1, browserA))
		got := race(5, func(i int) error { return byCode(k, code, browserA, address(i)) })
		wantOutcomes(t, got, map[string]int{"ok": 1, "code_invalid": 4})
	})
}

func TestAGoodLinkOfAnotherBrowserStaysGood(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		m := askOne(k, k.User1, browserA)
		for _, other := range []string{browserB, "", browserA[1:], browserA + "a"} {
			wantCode(t, byLink(k, k.LinkToken(m), other, home), model.Denied, "other_browser")
			wantCode(t, byCode(k, k.LinkCode(m), other, home), model.Unauthenticated, "code_invalid")
		}
		testkit.NoErr(t, byLink(k, k.LinkToken(m), browserA, home))
	})
}

func TestUnknownTokens(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		token := k.LinkToken(askOne(k, k.User1, browserA))
		hash := k.DB.Rows("select token_hash from sign_in_links")[0][0]
		for _, wrong := range []string{
			"", " ", token + "=", token + " ", " " + token, strings.ToUpper(token), token[:42], token + "A", hash,
			strings.Repeat("A", 43), strings.Repeat("x", 100_000), "\x00", "\xff\xfe", "' or 1=1 --", "%",
		} {
			wantCode(t, byLink(k, wrong, browserA, home), model.Unauthenticated, "link_invalid")
		}
		testkit.NoErr(t, byLink(k, token, browserA, home))
	})
}

func TestEachOfSeveralMailsWorks(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		first, second, third := askOne(k, k.User1, browserA), askOne(k, k.User1, browserA), askOne(k, k.User1, browserA)
		if k.LinkToken(first) == k.LinkToken(second) || first.ID == second.ID {
			t.Fatal("two mails are alike")
		}
		testkit.NoErr(t, byLink(k, k.LinkToken(second), browserA, home))
		testkit.NoErr(t, byCode(k, k.LinkCode(first), browserA, home))
		testkit.NoErr(t, byLink(k, k.LinkToken(third), browserA, home))
	})
}

func TestLinkOfSomebodyWhoMayNoLongerSignIn(t *testing.T) {
	for name, update := range map[string]string{
		"member deactivated":  "update members set active = false where user_id = $1",
		"workspace suspended": "update workspaces set status = 'suspended' where id = (select workspace_id from members where user_id = $1)",
		"workspace deleted":   "update workspaces set status = 'deleted' where id = (select workspace_id from members where user_id = $1)",
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				m := askOne(k, k.User1, browserA)
				testkit.NoErr(t, k.DB.Exec(update, k.User1.ID.String()))
				if err := byLink(k, k.LinkToken(m), browserA, home); model.KindOf(err) != model.Unauthenticated {
					t.Fatalf("link: got %v", err)
				}
				if err := byCode(k, k.LinkCode(m), browserA, home); model.KindOf(err) != model.Unauthenticated {
					t.Fatalf("code: got %v", err)
				}
				if n := k.DB.Count("select count(*) from auth_sessions"); n != 0 {
					t.Fatalf("%d sessions were opened", n)
				}
				if sent := ask(k, string(k.User1.Email), browserA, home); len(sent) != 0 {
					t.Fatalf("a mail went to %s", sent[0].To)
				}
			})
		})
	}
}

// A copy of the database, or a look into it, must not sign anybody in.
func TestProofsAreStoredHashed_ASVS_6_5_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		m := askOne(k, k.User1, browserA)
		token, code := k.LinkToken(m), k.LinkCode(m)
		sum, browserSum, codeSum := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(browserA)), sha256.Sum256([]byte(code))
		row := k.DB.Rows("select token_hash, browser_hash, code_hash from sign_in_links")[0]
		if row[0] != string(sum[:]) || row[1] != string(browserSum[:]) {
			t.Fatal("token and browser are not stored as their SHA-256")
		}
		if row[2] == string(codeSum[:]) || len(row[2]) < 16 {
			t.Fatal("a short code needs a keyed hash")
		}
		testkit.NoErr(t, byLink(k, token, browserA, home))
		for _, table := range []string{"sign_in_links", "jobs", "auth_sessions", "audit_events", "users"} {
			for _, row := range k.DB.Rows("select * from " + table) {
				for _, secret := range []string{token, code, browserA, string(k.User1.Email)} {
					if strings.Contains(strings.Join(row, "\n"), secret) {
						t.Errorf("table %s holds %q", table, secret)
					}
				}
			}
		}
	})
}

func TestQueuedRequestsHideTheAddress(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		testkit.NoErr(t, k.Auth.RequestLink(t.Context(), "user-1@example.com", "", browserA, home, auth.Device{Request: uuid.New()}))
		rows := k.DB.Rows("select payload from jobs where state = 'ready'")
		if len(rows) != 1 || rows[0][0] == "" || strings.Contains(rows[0][0], "example.com") {
			t.Fatalf("queued: %q", rows)
		}
	})
}

func TestPrintedLink(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		good  bool
	}{"at once": {0, true}, "within a day": {24*time.Hour - time.Second, true}, "after a day": {24 * time.Hour, false}} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				link, err := k.Auth.PrintedLink(t.Context(), string(k.User1.Email))
				testkit.NoErr(t, err)
				token, ok := strings.CutPrefix(link, testkit.PublicURL+"/sign-in/link#token=")
				if !ok {
					t.Fatalf("link %s", link)
				}
				k.Clock.Advance(c.after)
				in, err := k.Auth.SignInByLink(t.Context(), token, browserB, home, auth.Device{})
				if !c.good {
					wantCode(t, err, model.Unauthenticated, "link_invalid")
					return
				}
				testkit.NoErr(t, err)
				if in.Session.Scope.User() != k.User1.ID || in.Session.Scope.Role() != model.Owner {
					t.Fatal("it must sign that person in")
				}
				wantCode(t, byLink(k, token, browserB, home), model.Unauthenticated, "link_invalid")
			})
		})
	}
}

func TestPrintedLinkNeedsThatPerson(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		if _, err := k.Auth.PrintedLink(t.Context(), "nobody@example.com"); model.KindOf(err) != model.NotFound {
			t.Fatalf("got %v, want NotFound", err)
		}
	})
}

func TestStepsOfSigningInAreAudited_ASVS_16_3_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		m := askOne(k, k.User1, browserA)
		ask(k, "nobody@example.com", browserA, home)
		// What fails is recorded where it belongs: with the practice of whom the
		// browser had asked for, or with nobody's.
		_ = byLink(k, "wrong", browserA, home)
		_ = byCode(k, "wrong", browserA, home)
		_ = byLink(k, "wrong", browserB, home)
		_ = byCode(k, "wrong", browserB, home)
		in, err := k.Auth.SignInByLink(t.Context(), k.LinkToken(m), browserA, home, auth.Device{})
		testkit.NoErr(t, err)
		testkit.NoErr(t, k.Auth.SignOut(t.Context(), in.Session, uuid.New()))
		const q = "select count(*) from audit_events where workspace_id = $1 and action = $2 and outcome = $3"
		for _, want := range []struct {
			chain           uuid.UUID
			action, outcome string
		}{
			{k.Workspace1.ID, "sign_in.request", "ok"}, {uuid.Nil, "sign_in.request", "missing"},
			{uuid.Nil, "sign_in", "denied"}, {uuid.Nil, "sign_in.code", "denied"},
			{k.Workspace1.ID, "sign_in", "denied"}, {k.Workspace1.ID, "sign_in.code", "denied"},
			{k.Workspace1.ID, "sign_in", "ok"}, {k.Workspace1.ID, "sign_out", "ok"},
		} {
			if n := k.DB.Count(q, want.chain.String(), want.action, want.outcome); n != 1 {
				t.Errorf("%d entries %s %s in chain %s, want 1", n, want.action, want.outcome, want.chain)
			}
		}
		// Nobody has proved who they are before they are signed in.
		who := k.DB.Rows("select distinct actor_kind from audit_events where action = 'sign_in.request' or outcome = 'denied'")
		if len(who) != 1 || who[0][0] != "nobody" {
			t.Errorf("asked and refused as %v, want nobody", who)
		}
	})
}
