package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/auth"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// setupToken prints a setup link and returns its token.
func setupToken(k *testkit.Kit) string {
	k.T.Helper()
	link, err := k.Auth.SetupLink()
	testkit.NoErr(k.T, err)
	token, ok := strings.CutPrefix(link, testkit.PublicURL+"/setup#token=")
	if !ok || len(token) != 43 {
		k.T.Fatalf("link %s", link)
	}
	return token
}

var (
	firstPractice = model.Workspace{Name: "First Practice", TimeZone: "Asia/Jerusalem", Locale: "he", Currency: "ILS"}
	firstOwner    = model.User{Email: " Owner@Example.com ", FullName: "First Owner"}
)

func setUp(k *testkit.Kit, token string, n int) (auth.SignedIn, error) {
	return k.Auth.Setup(k.T.Context(), token, firstPractice, firstOwner, address(n), auth.Device{})
}

// wantRows fails the test when the first workspace was not made n times.
func wantRows(k *testkit.Kit, n int) {
	k.T.Helper()
	for _, table := range []string{"workspaces", "users", "members", "auth_sessions"} {
		if got := k.DB.Count("select count(*) from " + table); got != n {
			k.T.Fatalf("%d rows in %s, want %d", got, table, n)
		}
	}
}

func TestSetupMakesTheFirstPracticeOnce_ASVS_6_3_2(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		token := setupToken(k)
		open, err := k.Auth.SetupOpen(t.Context())
		testkit.NoErr(t, err)
		if !open {
			t.Fatal("setup must be open before")
		}
		in, err := setUp(k, token, 1)
		testkit.NoErr(t, err)
		_, err = use(k.Auth, in)
		testkit.NoErr(t, err)
		wantRows(k, 1)
		if in.Session.Scope.Role() != model.Owner {
			t.Fatalf("role %v", in.Session.Scope.Role())
		}
		open, err = k.Auth.SetupOpen(t.Context())
		testkit.NoErr(t, err)
		if open {
			t.Fatal("setup must be closed afterwards")
		}
		for _, again := range []string{token, "wrong", "", setupToken(k), setupToken(k.Process(nil, nil))} {
			_, err = setUp(k, again, 2)
			wantCode(t, err, model.Conflict, "setup_done")
		}
		wantRows(k, 1)
		if sent := ask(k, "owner@example.com", browserA, home); len(sent) != 1 || sent[0].Lang != "he" {
			t.Fatal("the owner cannot sign in again, in the practice's language")
		}
	})
}

func TestSetupNeedsTheLatestLinkOfThisProcess_ASVS_6_4_1(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		_, err := setUp(k, "", 1) // none was printed yet
		wantCode(t, err, model.Unauthenticated, "link_invalid")
		old := setupToken(k)
		latest := setupToken(k)
		restarted := k.Process(nil, nil)
		other := setupToken(restarted)
		for _, wrong := range []string{old, other, "", latest[:42], latest + "=", strings.ToLower(latest), strings.Repeat("A", 43), strings.Repeat("x", 1<<16)} {
			_, err := setUp(k, wrong, 1)
			wantCode(t, err, model.Unauthenticated, "link_invalid")
		}
		_, err = setUp(restarted, latest, 1)
		wantCode(t, err, model.Unauthenticated, "link_invalid")
		wantRows(k, 0)
		_, err = setUp(k, latest, 1)
		testkit.NoErr(t, err)
	})
}

func TestOfTwentySetupsAtOnceOneWins(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		other := k.Process(nil, nil)
		tokens := []string{setupToken(k), setupToken(other)}
		got := race(20, func(i int) error {
			_, err := setUp([]*testkit.Kit{k, other}[i%2], tokens[i%2], i)
			return err
		})
		wantOutcomes(t, got, map[string]int{"ok": 1, "setup_done": 19})
		wantRows(k, 1)
	})
}

func TestSetupJudgesEveryField(t *testing.T) {
	type form struct {
		w model.Workspace
		u model.User
	}
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		token := setupToken(k)
		for want, change := range map[string]func(*form){
			"practice_name required":             func(f *form) { f.w.Name = "" },
			"practice_name required ":            func(f *form) { f.w.Name = " \t\u00a0\n" },
			"practice_name too_long":             func(f *form) { f.w.Name = model.Text(strings.Repeat("x", 256)) },
			"practice_name characters":           func(f *form) { f.w.Name = "a\x00b" },
			"full_name required":                 func(f *form) { f.u.FullName = "\u2003" },
			"full_name characters":               func(f *form) { f.u.FullName = "a\u0007b" },
			"email required":                     func(f *form) { f.u.Email = "  " },
			"email email":                        func(f *form) { f.u.Email = "no address" },
			"time_zone time_zone":                func(f *form) { f.w.TimeZone = "Mars/Phobos" },
			"time_zone time_zone ":               func(f *form) { f.w.TimeZone = "Local" },
			"time_zone time_zone  ":              func(f *form) { f.w.TimeZone = "../../etc/passwd" },
			"locale choice":                      func(f *form) { f.w.Locale = "fr"; f.u.Locale = "fr" },
			"currency currency":                  func(f *form) { f.w.Currency = "shekel" },
			"practice_name required email email": func(f *form) { f.w.Name = ""; f.u.Email = "@" },
			"practice_name required full_name required email required": func(f *form) { *f = form{} },
		} {
			f := form{firstPractice, firstOwner}
			change(&f)
			_, err := k.Auth.Setup(t.Context(), token, f.w, f.u, address(len(want)), auth.Device{})
			wantFields(t, err, strings.TrimSpace(want))
		}
		wantRows(k, 0)
		_, err := setUp(k, token, 1) // what was wrong did not use the link up
		testkit.NoErr(t, err)
	})
}

func wantFields(t *testing.T, err error, want string) {
	t.Helper()
	wantCode(t, err, model.Invalid, "invalid")
	var e *model.Error
	errors.As(err, &e)
	got := map[string]bool{}
	for _, f := range e.Fields {
		got[f.Name+" "+f.Code] = true
	}
	words := strings.Fields(want)
	for i := 0; i < len(words); i += 2 {
		if !got[words[i]+" "+words[i+1]] {
			t.Errorf("wrong are %v, want %s", got, want)
		}
		delete(got, words[i]+" "+words[i+1])
	}
	if len(got) > 0 {
		t.Errorf("wrong are also %v, want only %s", got, want)
	}
}

func TestSetupFillsInWhatIsLeftOut(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		in, err := k.Auth.Setup(t.Context(), setupToken(k), model.Workspace{Name: " Practice "}, model.User{Email: "a@b.example", FullName: " Anna "}, home, auth.Device{})
		testkit.NoErr(t, err)
		u, w, err := k.Practice.WhoAmI(t.Context(), in.Session.Scope)
		testkit.NoErr(t, err)
		got := fmt.Sprint(string(w.Name), w.TimeZone, w.Locale, w.Currency, w.WeekStart, string(u.FullName), u.Locale, u.Role)
		if got != fmt.Sprint("Practice", "UTC", "en", "USD", "monday", "Anna", "en", model.Owner) {
			t.Fatalf("got %s", got)
		}
		wantLeft(t, in.Session, 30*time.Minute, 12*time.Hour)
	})
}

func TestCreateFirstForADemoSignsNobodyIn(t *testing.T) {
	testkit.EachBare(t, func(t *testing.T, k *testkit.Kit) {
		w, u, err := k.Auth.CreateFirst(t.Context(), firstPractice, firstOwner)
		testkit.NoErr(t, err)
		if u.WorkspaceID != w.ID || u.Role != model.Owner || u.Email != "owner@example.com" {
			t.Fatalf("owner of %s, role %v", u.WorkspaceID, u.Role)
		}
		if n := k.DB.Count("select count(*) from auth_sessions"); n != 0 {
			t.Fatalf("%d sessions", n)
		}
		_, _, err = k.Auth.CreateFirst(t.Context(), firstPractice, firstOwner)
		wantCode(t, err, model.Conflict, "setup_done")
		if n := k.DB.Count("select count(*) from workspaces"); n != 1 {
			t.Fatalf("%d workspaces", n)
		}
	})
}
