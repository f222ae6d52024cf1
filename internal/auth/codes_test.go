package auth_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// badCode is well formed and wrong: it has a letter that no code has.
const badCode = "00000000"

func TestCodeAsPeopleTypeIt(t *testing.T) {
	for name, typed := range map[string]func(code string) string{
		"as it is":      func(c string) string { return c },
		"as in mail":    func(c string) string { return c[:4] + " " + c[4:] },
		"lower case":    strings.ToLower,
		"with a dash":   func(c string) string { return c[:4] + "-" + c[4:] },
		"many dashes":   func(c string) string { return "-" + strings.Join(strings.Split(c, ""), "--") + "-" },
		"spaces around": func(c string) string { return "  " + c + " " },
		"mixed":         func(c string) string { return " " + strings.ToLower(c[:3]) + " - " + c[3:] },
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				code := k.LinkCode(askOne(k, k.User1, browserA))
				testkit.NoErr(t, byCode(k, typed(code), browserA, home))
			})
		})
	}
}

func TestCodeHasFortyBitsOfEasyLetters_ASVS_6_5_4(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		form := regexp.MustCompile(`^[2-9A-HJKMNP-Z]{8}$`)
		seen := map[string]bool{}
		letters := map[rune]bool{}
		for range 5 {
			for _, u := range []model.User{k.User1, k.User2, k.Practitioner1, k.Assistant1} {
				code := k.LinkCode(askOne(k, u, browserA))
				if !form.MatchString(code) {
					t.Fatalf("code %s has letters that are read wrongly", code)
				}
				seen[code] = true
				for _, c := range code {
					letters[c] = true
				}
			}
		}
		if len(seen) != 20 || len(letters) < 20 {
			t.Fatalf("%d codes of 20 differ, in %d letters", len(seen), len(letters))
		}
	})
}

func TestCodeIsDeadAfterFiveWrongTries_ASVS_6_6_3(t *testing.T) {
	for name, c := range map[string]struct {
		wrong int
		good  bool
	}{"one wrong": {1, true}, "four wrong": {4, true}, "five wrong": {5, false}, "nine wrong": {9, false}} {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				m := askOne(k, k.User1, browserA)
				for range c.wrong {
					wantCode(t, byCode(k, badCode, browserA, home), model.Unauthenticated, "code_invalid")
				}
				err := byCode(k, k.LinkCode(m), browserA, home)
				if c.good {
					testkit.NoErr(t, err)
					return
				}
				wantCode(t, err, model.Unauthenticated, "code_invalid")
				testkit.NoErr(t, byLink(k, k.LinkToken(m), browserA, home)) // the link is no secret that can be guessed
			})
		})
	}
}

// Tries that arrive together must not share one count.
func TestTriesAtOnceAreAllCounted(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		code := k.LinkCode(askOne(k, k.User1, browserA))
		got := race(20, func(i int) error { return byCode(k, badCode, browserA, address(i)) })
		wantOutcomes(t, got, map[string]int{"code_invalid": 20})
		wantCode(t, byCode(k, code, browserA, home), model.Unauthenticated, "code_invalid")
	})
}

func TestTriesOfAnotherBrowserDoNotCount(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		m := askOne(k, k.User1, browserA)
		for range 8 {
			wantCode(t, byCode(k, k.LinkCode(m), browserB, home), model.Unauthenticated, "code_invalid")
		}
		testkit.NoErr(t, byCode(k, k.LinkCode(m), browserA, home))
	})
}

func TestANewMailHasNewTries(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		first := askOne(k, k.User1, browserA)
		for range 5 {
			wantCode(t, byCode(k, badCode, browserA, home), model.Unauthenticated, "code_invalid")
		}
		second := askOne(k, k.User1, browserA)
		wantCode(t, byCode(k, k.LinkCode(first), browserA, home), model.Unauthenticated, "code_invalid")
		testkit.NoErr(t, byCode(k, k.LinkCode(second), browserA, home))
	})
}

// One browser's tries count against every open mail of its own.
func TestOneTryCountsAgainstAllOpenMails(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		all := []string{
			k.LinkCode(askOne(k, k.User1, browserA)), k.LinkCode(askOne(k, k.User1, browserA)), k.LinkCode(askOne(k, k.User2, browserA)),
		}
		for range 5 {
			wantCode(t, byCode(k, badCode, browserA, home), model.Unauthenticated, "code_invalid")
		}
		for _, code := range all {
			wantCode(t, byCode(k, code, browserA, home), model.Unauthenticated, "code_invalid")
		}
	})
}

func TestCodeIsGoodForTenMinutes_ASVS_6_5_5(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		first, second := askOne(k, k.User1, browserA), askOne(k, k.User1, browserA)
		k.Clock.Advance(10*time.Minute - time.Microsecond)
		testkit.NoErr(t, byCode(k, k.LinkCode(first), browserA, home))
		k.Clock.Advance(time.Microsecond)
		wantCode(t, byCode(k, k.LinkCode(second), browserA, home), model.Unauthenticated, "code_invalid")
	})
}

func TestCodeSignsInWhoItWasMailedTo(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mine, theirs := askOne(k, k.User1, browserA), askOne(k, k.User2, browserA)
		for _, c := range []struct {
			code string
			want model.User
		}{{k.LinkCode(theirs), k.User2}, {k.LinkCode(mine), k.User1}} {
			testkit.NoErr(t, byCode(k, c.code, browserA, home))
			if n := k.DB.Count("select count(*) from auth_sessions where user_id = $1", c.want.ID.String()); n != 1 {
				t.Fatalf("%d sessions of %s, want 1", n, c.want.ID)
			}
		}
	})
}
