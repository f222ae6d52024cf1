package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/testkit"
)

// mailedIn is somebody in a browser, signed in by mail.
func mailedIn(k *testkit.Kit, email string) *testkit.Browser {
	k.T.Helper()
	b := k.NewBrowser()
	b.SignInByMail(email)
	return b
}

func code(method, code string) fields { return fields{"method": method, "code": code} }

func events(k *testkit.Kit, action, outcome string) int {
	return k.DB.Count("select count(*) from audit_events where action = $1 and outcome = $2", action, outcome)
}

func TestASecondFactorIsAskedForBeforeAnySessionOpens_ASVS_6_3_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		secret, codes := mailedIn(k, "user-1@example.com").EnrolTOTP()
		if len(codes) != 10 {
			t.Fatalf("%d recovery codes", len(codes))
		}
		sessions := k.DB.Count("select count(*) from auth_sessions")
		b := k.NewBrowser()
		first := b.SignInByMail("user-1@example.com").Map(k)
		if first["state"] != "second_factor" || strings.Join(testkit.Strings(first["methods"]), " ") != "totp recovery" || first["user"] != nil {
			t.Fatalf("answered %v", first)
		}
		if b.Cookie("access_token") != "" || b.Cookie("csrf_token") != "" || k.DB.Count("select count(*) from auth_sessions") != sessions {
			t.Fatal("a session is open before the second factor")
		}
		b.Do(http.MethodGet, "/auth/me", nil).WantCode(k, 401, "unauthenticated")
		done := b.Do(http.MethodPost, "/auth/second-factor", code("totp", k.TOTP(secret, k.Clock.Now()))).Want(k, 200).Map(k)
		if done["state"] != "signed_in" || done["user"].(fields)["email"] != "user-1@example.com" || b.Cookie("sign_in_challenge") != "" {
			t.Fatalf("answered %v", done)
		}
		if safety := b.Do(http.MethodGet, "/auth/me", nil).Want(k, 200).Map(k)["security"].(fields); safety["has_factor"] != true || safety["fresh_seconds_left"] != 300.0 {
			t.Fatalf("security is %v", safety)
		}
		if events(k, "sign_in.factor", "ok") != 1 || events(k, "factor.add", "ok") != 1 {
			t.Fatal("it is not in the trail")
		}
	})
}

func TestACodeIsAcceptedOnce_ASVS_6_5_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		secret, _ := mailedIn(k, "user-1@example.com").EnrolTOTP()
		now := k.TOTP(secret, k.Clock.Now())
		a, b := k.NewBrowser(), k.NewBrowser()
		a.SignInByMail("user-1@example.com")
		b.SignInByMail("user-1@example.com")
		a.Do(http.MethodPost, "/auth/second-factor", code("totp", now)).Want(k, 200)
		b.Do(http.MethodPost, "/auth/second-factor", code("totp", now)).WantCode(k, 401, "code_invalid")
		b.Do(http.MethodPost, "/auth/second-factor", code("totp", k.TOTP(secret, k.Clock.Now().Add(-30*time.Second)))).WantCode(k, 401, "code_invalid")
		b.Do(http.MethodPost, "/auth/second-factor", code("totp", k.TOTP(secret, k.Clock.Now().Add(30*time.Second)))).WantCode(k, 401, "code_invalid")
		k.Clock.Advance(30 * time.Second)
		b.Do(http.MethodPost, "/auth/second-factor", code("totp", k.TOTP(secret, k.Clock.Now()))).Want(k, 200)
	})
}

// The code that confirmed the app is used up by that.
func TestTheConfirmingCodeSignsNobodyIn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		secret, _ := mailedIn(k, "user-1@example.com").EnrolTOTP()
		b := k.NewBrowser()
		b.SignInByMail("user-1@example.com")
		b.Do(http.MethodPost, "/auth/second-factor", code("totp", k.TOTP(secret, k.Clock.Now().Add(-30*time.Second)))).WantCode(k, 401, "code_invalid")
	})
}

func TestOfManyAtOnceOneCodeOpensOneSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		secret, codes := mailedIn(k, "user-1@example.com").EnrolTOTP()
		for _, body := range []fields{code("totp", k.TOTP(secret, k.Clock.Now())), code("recovery", codes[3])} {
			var browsers []*testkit.Browser
			for range 4 {
				b := k.NewBrowser()
				b.SignInByMail("user-1@example.com")
				browsers = append(browsers, b)
			}
			var won sync.Map
			var all sync.WaitGroup
			for i, b := range browsers {
				all.Go(func() {
					if b.Do(http.MethodPost, "/auth/second-factor", body).Status == 200 {
						won.Store(i, true)
					}
				})
			}
			all.Wait()
			n := 0
			won.Range(func(any, any) bool { n++; return true })
			if n != 1 {
				t.Errorf("%s: %d of 4 got in", body["method"], n)
			}
			k.Clock.Advance(time.Hour)
		}
	})
}

func TestAChallengeEndsAfterFiveTries(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		secret, _ := mailedIn(k, "user-1@example.com").EnrolTOTP()
		good := k.TOTP(secret, k.Clock.Now())
		b := k.NewBrowser()
		b.SignInByMail("user-1@example.com")
		for range 5 {
			b.Do(http.MethodPost, "/auth/second-factor", code("recovery", "AAAA-AAAA-AAAA-AAAA")).WantCode(k, 401, "code_invalid")
		}
		b.Do(http.MethodPost, "/auth/second-factor", code("totp", good)).WantCode(k, 401, "challenge_over")
		b.Do(http.MethodPost, "/auth/second-factor/passkey/begin", nil).WantCode(k, 401, "challenge_over")
		if events(k, "sign_in.factor", "denied") != 5 {
			t.Errorf("%d refusals are in the trail", events(k, "sign_in.factor", "denied"))
		}
		late := k.NewBrowser()
		late.SignInByMail("user-1@example.com")
		k.Clock.Advance(5 * time.Minute)
		late.Do(http.MethodPost, "/auth/second-factor", code("totp", k.TOTP(secret, k.Clock.Now()))).WantCode(k, 401, "challenge_over")
	})
}

// Over all challenges a person's codes can be tried fifteen times at once.
func TestOnePersonsCodesAreGuessedAtSlowly(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		secret, _ := mailedIn(k, "user-1@example.com").EnrolTOTP()
		refused := 0
		for range 4 {
			b := k.NewBrowser()
			b.SignInByMail("user-1@example.com")
			for range 5 {
				if b.Do(http.MethodPost, "/auth/second-factor", code("totp", "000000")).Status == 429 {
					refused++
				}
			}
		}
		if refused != 6 { // of the fifteen that are permitted, one confirmed the app
			t.Errorf("%d of 20 tries were refused as too many", refused)
		}
		k.Clock.Advance(time.Hour)
		b := k.NewBrowser()
		b.SignInByMail("user-1@example.com")
		b.Do(http.MethodPost, "/auth/second-factor", code("totp", k.TOTP(secret, k.Clock.Now()))).Want(k, 200)
	})
}

// A try that cannot be counted is not judged: the answer would be a free one.
func TestATryThatIsNotKeptIsNotAnswered(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		if k.Engine != "sqlite" {
			return // a database of its own is cheap there, and what is tested is above it
		}
		mailedIn(k, "user-1@example.com").EnrolTOTP()
		b := mailedIn(k, "user-1@example.com")
		for _, text := range []string{
			"create table elsewhere (id integer primary key)",
			"create table uncommitted (id integer references elsewhere (id) deferrable initially deferred)",
			"create trigger uncommitted after update on sign_in_challenges begin insert into uncommitted values (1); end",
		} {
			testkit.NoErr(t, k.DB.Exec(text))
		}
		b.Do(http.MethodPost, "/auth/second-factor", code("totp", "000000")).WantCode(k, 500, "internal")
		testkit.NoErr(t, k.DB.Exec("drop trigger uncommitted"))
		b.Do(http.MethodPost, "/auth/second-factor", code("totp", "000000")).WantCode(k, 401, "code_invalid")
	})
}

func TestAChallengeBelongsToOneBrowserAndIsMetOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		secret, codes := mailedIn(k, "user-1@example.com").EnrolTOTP()
		b, thief := k.NewBrowser(), k.NewBrowser()
		b.SignInByMail("user-1@example.com")
		good := code("totp", k.TOTP(secret, k.Clock.Now()))
		thief.Do(http.MethodPost, "/auth/second-factor", good).WantCode(k, 401, "challenge_over")
		thief.SetCookie("sign_in_challenge", strings.Repeat("a", 43))
		thief.Do(http.MethodPost, "/auth/second-factor", good).WantCode(k, 401, "challenge_over")
		held := b.Cookie("sign_in_challenge")
		b.Do(http.MethodPost, "/auth/second-factor", good).Want(k, 200)
		thief.SetCookie("sign_in_challenge", held)
		thief.Do(http.MethodPost, "/auth/second-factor", code("recovery", codes[0])).WantCode(k, 401, "challenge_over")
	})
}

// The challenge alone opens nothing, wherever it is put.
func TestTheSecondFactorCannotBeSkipped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mailedIn(k, "user-1@example.com").EnrolTOTP()
		b := k.NewBrowser()
		m := b.AskLink("user-1@example.com")
		b.Do(http.MethodPost, "/auth/verify", fields{"token": k.LinkToken(m)}).Want(k, 200)
		challenge := b.Cookie("sign_in_challenge")
		b.Do(http.MethodPost, "/auth/verify", fields{"token": k.LinkToken(m)}).WantCode(k, 401, "link_invalid")
		b.Do(http.MethodPost, "/auth/code", fields{"code": k.LinkCode(m)}).WantCode(k, 401, "code_invalid")
		for _, name := range []string{"access_token", "csrf_token"} {
			b.SetCookie(name, challenge)
		}
		for _, r := range k.API.Routes() {
			if r.Member {
				reach(b, r).WantCode(k, 401, "unauthenticated")
			}
		}
		second := k.NewBrowser() // another link, by its code
		m = second.AskLink("user-1@example.com")
		if got := second.Do(http.MethodPost, "/auth/code", fields{"code": k.LinkCode(m)}).Want(k, 200).Map(k)["state"]; got != "second_factor" {
			t.Errorf("a code alone leads to %v", got)
		}
		link, err := k.Auth.PrintedLink(t.Context(), "user-1@example.com")
		testkit.NoErr(t, err)
		_, token, _ := strings.Cut(link, "#token=")
		if got := k.NewBrowser().Do(http.MethodPost, "/auth/verify", fields{"token": token}).Want(k, 200).Map(k)["state"]; got != "second_factor" {
			t.Errorf("a printed link leads to %v", got)
		}
	})
}

func TestARecoveryCodeCountsOnceAndTellsByMail(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		_, codes := mailedIn(k, "user-1@example.com").EnrolTOTP()
		b := k.NewBrowser()
		b.SignInByMail("user-1@example.com")
		before := len(k.Outbox.Sent())
		b.Do(http.MethodPost, "/auth/second-factor", code("recovery", strings.ToLower(strings.ReplaceAll(codes[0], "-", " ")))).Want(k, 200)
		k.RunJobs()
		told := ""
		for _, m := range k.Outbox.Sent()[before:] {
			told += m.Subject + m.Text
		}
		if !strings.Contains(told, "Codes left: 9") {
			t.Errorf("the mails say %q", told)
		}
		again := k.NewBrowser()
		again.SignInByMail("user-1@example.com")
		again.Do(http.MethodPost, "/auth/second-factor", code("recovery", codes[0])).WantCode(k, 401, "code_invalid")
		renewed := testkit.Strings(b.Do(http.MethodPost, "/auth/recovery-codes", nil).Want(k, 200).Map(k)["recovery_codes"])
		again.Do(http.MethodPost, "/auth/second-factor", code("recovery", codes[1])).WantCode(k, 401, "code_invalid")
		again.Do(http.MethodPost, "/auth/second-factor", code("recovery", renewed[9])).Want(k, 200)
		if left := again.Do(http.MethodGet, "/auth/factors", nil).Map(k)["recovery_codes_left"]; left != 9.0 {
			t.Errorf("%v codes are left", left)
		}
		other := mailedIn(k, "user-3@example.com")
		other.EnrolTOTP()
		theirs := k.NewBrowser()
		theirs.SignInByMail("user-3@example.com")
		theirs.Do(http.MethodPost, "/auth/second-factor", code("recovery", renewed[5])).WantCode(k, 401, "code_invalid")
	})
}

func TestAnAppThatIsNotConfirmedCountsForNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := mailedIn(k, "user-1@example.com")
		b.Do(http.MethodPost, "/auth/totp/confirm", fields{"code": "123456"}).WantCode(k, 409, "no_enrolment")
		e := b.Do(http.MethodPost, "/auth/totp", nil).Want(k, 200).Map(k)
		secret := e["secret"].(string)
		if len(secret) != 32 || !strings.Contains(e["uri"].(string), secret) || !strings.HasPrefix(e["qr_svg"].(string), "<svg") {
			t.Fatalf("enrolment %v", e)
		}
		b.Do(http.MethodPost, "/auth/totp/confirm", fields{"code": "000000"}).WantCode(k, 422, "code_invalid")
		if got := k.NewBrowser().SignInByMail("user-1@example.com").Map(k)["state"]; got != "signed_in" {
			t.Fatalf("before it is confirmed a sign-in leads to %v", got)
		}
		later := b.Do(http.MethodPost, "/auth/totp", nil).Want(k, 200).Map(k)["secret"].(string)
		b.Do(http.MethodPost, "/auth/totp/confirm", fields{"code": k.TOTP(secret, k.Clock.Now())}).WantCode(k, 422, "code_invalid")
		k.Clock.Advance(16 * time.Minute)
		b.Do(http.MethodPost, "/auth/totp/confirm", fields{"code": k.TOTP(later, k.Clock.Now())}).WantCode(k, 409, "no_enrolment")
		if k.DB.Count("select count(*) from totp_secrets where confirmed_at is not null") != 0 {
			t.Fatal("it is confirmed")
		}
	})
}

func TestFactorChangesEndOtherSessionsAndAreMailed_ASVS_6_3_7_ASVS_7_4_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b, other := mailedIn(k, "user-1@example.com"), mailedIn(k, "user-1@example.com")
		colleague := mailedIn(k, "user-3@example.com")
		b.EnrolTOTP()
		other.Do(http.MethodGet, "/auth/me", nil).WantCode(k, 401, "unauthenticated")
		b.Do(http.MethodGet, "/auth/me", nil).Want(k, 200)
		colleague.Do(http.MethodGet, "/auth/me", nil).Want(k, 200)
		b.Do(http.MethodPost, "/auth/totp", nil).WantCode(k, 409, "totp_on")
		k.RunJobs()
		before := len(k.Outbox.Sent())
		b.Do(http.MethodDelete, "/auth/totp", nil).Want(k, 204)
		b.Do(http.MethodDelete, "/auth/totp", nil).Want(k, 204) // there is none: nothing to tell
		k.RunJobs()
		sent := k.Outbox.Sent()[before:]
		if len(sent) != 1 || !strings.Contains(sent[0].Text, "removed") || sent[0].To != "user-1@example.com" {
			t.Errorf("mails %v", sent)
		}
		if got := k.NewBrowser().SignInByMail("user-1@example.com").Map(k)["state"]; got != "signed_in" {
			t.Errorf("without a factor a sign-in leads to %v", got)
		}
		if k.DB.Count("select count(*) from recovery_codes") != 0 {
			t.Error("recovery codes stand in for nothing")
		}
	})
}

// What is in the database signs nobody in, and what is in the log tells nothing.
func TestSecretsAreNeitherInTheDatabaseNorInTheLog(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := mailedIn(k, "user-1@example.com")
		secret, codes := b.EnrolTOTP()
		second := k.NewBrowser()
		second.SignInByMail("user-1@example.com")
		challenge := second.Cookie("sign_in_challenge")
		typed := k.TOTP(secret, k.Clock.Now())
		second.Do(http.MethodPost, "/auth/second-factor", code("totp", typed)).Want(k, 200)
		for _, table := range []string{"totp_secrets", "recovery_codes", "sign_in_challenges", "auth_sessions"} {
			for _, row := range k.DB.Rows("select * from " + table) {
				line := strings.Join(row, " ")
				for _, secret := range append(codes, secret, challenge, strings.ReplaceAll(codes[0], "-", "")) {
					if strings.Contains(line, secret) {
						t.Errorf("%s holds a secret", table)
					}
				}
			}
		}
		for _, secret := range append(codes, secret, challenge, typed) {
			if strings.Contains(k.Log.String(), secret) {
				t.Error("the log holds a secret")
			}
		}
	})
}
