package api_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"
)

// Which routes want a fresh proof is written down here a second time.
func TestFreshRoutesAreAtLeastThese(t *testing.T) {
	t.Parallel()
	fresh := map[string]bool{}
	for _, r := range testkit.Bare(t, "sqlite").API.Routes() {
		fresh[name(r)] = r.Fresh
	}
	for _, n := range []string{
		"GET /clients/export", "POST /auth/totp", "DELETE /auth/totp", "POST /auth/recovery-codes", "POST /auth/passkeys/begin",
		"DELETE /auth/passkeys/{id}", "PUT /workspace/second-factor", "POST /auth/platform", "POST /auth/practice",
	} {
		if !fresh[n] {
			t.Errorf("%s wants no fresh proof", n)
		}
	}
	if fresh["POST /feeds"] {
		t.Error("making a feed wants a fresh proof")
	}
}

// fresh lists the routes that want a fresh proof and are open to an owner.
func fresh(k *testkit.Kit) (all []api.Route) {
	for _, r := range k.API.Routes() {
		if r.Fresh && r.Member {
			all = append(all, r)
		}
	}
	return all
}

func TestFreshRoutesWantAProofOfTheLastFiveMinutes_ASVS_7_5_1_ASVS_7_5_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := mailedIn(k, "user-1@example.com")
		b.Do(http.MethodGet, "/clients/export", nil).Want(k, 200)
		k.Clock.Advance(5*time.Minute - time.Second)
		b.Do(http.MethodGet, "/clients/export", nil).Want(k, 200)
		k.Clock.Advance(time.Second)
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		for _, r := range fresh(k) {
			res := reach(b, r).WantCode(k, 403, "step_up_required")
			if got := strings.Join(testkit.Strings(res.Map(k)["methods"]), " "); got != "mail" {
				t.Errorf("%s offers %q", name(r), got)
			}
			k.Declared(r.Method, r.Path, 403)
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Fatal("something was changed")
		}
		if left := b.Do(http.MethodGet, "/auth/me", nil).Map(k)["security"].(fields)["fresh_seconds_left"]; left != 0.0 {
			t.Errorf("%v seconds are said to be left", left)
		}
	})
}

// Whoever may not do it at all is told so, not asked for a proof.
func TestTheRoleIsJudgedBeforeTheProof(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := mailedIn(k, "user-4@example.com")
		k.Clock.Advance(6 * time.Minute)
		b.Do(http.MethodGet, "/clients/export", nil).WantCode(k, 403, "denied")
		b.Do(http.MethodPut, "/workspace/second-factor", fields{"required": true}).WantCode(k, 403, "denied")
	})
}

var mailedCode = regexp.MustCompile(`(?m)^ +([A-Z0-9]{4}) ([A-Z0-9]{4})$`)

// mailed is the code in the last mail.
func mailed(k *testkit.Kit) string {
	k.T.Helper()
	k.RunJobs()
	sent := k.Outbox.Sent()
	found := mailedCode.FindStringSubmatch(sent[len(sent)-1].Text)
	if found == nil {
		k.T.Fatalf("no code in %q", sent[len(sent)-1].Text)
	}
	return found[1] + found[2]
}

func TestWhoHasNoFactorConfirmsByMail(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b, other := mailedIn(k, "user-1@example.com"), mailedIn(k, "user-1@example.com")
		k.RunJobs()
		k.Clock.Advance(6 * time.Minute)
		b.Do(http.MethodPost, "/auth/step-up", code("mail", "AAAAAAAA")).WantCode(k, 422, "code_invalid")
		b.Do(http.MethodPost, "/auth/step-up/mail", nil).Want(k, 202)
		sent := mailed(k)
		other.Do(http.MethodPost, "/auth/step-up", code("mail", sent)).WantCode(k, 422, "code_invalid") // of another session
		if left := b.Do(http.MethodPost, "/auth/step-up", code("mail", sent)).Want(k, 200).Map(k)["fresh_seconds_left"]; left != 300.0 {
			t.Errorf("%v seconds are left", left)
		}
		b.Do(http.MethodGet, "/clients/export", nil).Want(k, 200)
		other.Do(http.MethodGet, "/clients/export", nil).WantCode(k, 403, "step_up_required")
		b.Do(http.MethodPost, "/auth/step-up", code("mail", sent)).WantCode(k, 422, "code_invalid") // used up
		if events(k, "step_up", "ok") != 1 || events(k, "step_up", "denied") != 3 {
			t.Errorf("in the trail: %d, %d", events(k, "step_up", "ok"), events(k, "step_up", "denied"))
		}
		other.Do(http.MethodPost, "/auth/step-up/mail", nil).Want(k, 202)
		late := mailed(k)
		k.Clock.Advance(10 * time.Minute)
		other.Do(http.MethodPost, "/auth/step-up", code("mail", late)).WantCode(k, 422, "code_invalid")
	})
}

func TestAMailedCodeIsTriedFiveTimes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := mailedIn(k, "user-1@example.com")
		b.Do(http.MethodPost, "/auth/step-up/mail", nil).Want(k, 202)
		sent := mailed(k)
		for range 5 {
			b.Do(http.MethodPost, "/auth/step-up", code("mail", "AAAAAAAA")).WantCode(k, 422, "code_invalid")
		}
		b.Do(http.MethodPost, "/auth/step-up", code("mail", sent)).WantCode(k, 422, "code_invalid")
		for range 4 {
			b.Do(http.MethodPost, "/auth/step-up/mail", nil).Want(k, 202)
		}
		b.Do(http.MethodPost, "/auth/step-up/mail", nil).WantCode(k, 429, "too_many")
	})
}

func TestWhoHasAFactorConfirmsWithIt(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := mailedIn(k, "user-1@example.com")
		b.Do(http.MethodPost, "/auth/step-up/mail", nil).Want(k, 202)
		early := mailed(k)
		secret, codes := b.EnrolTOTP()
		k.Clock.Advance(6 * time.Minute)
		res := b.Do(http.MethodPost, "/auth/step-up/mail", nil).WantCode(k, 403, "step_up_required")
		if got := strings.Join(testkit.Strings(res.Map(k)["methods"]), " "); got != "totp recovery" {
			t.Errorf("offered are %q", got)
		}
		b.Do(http.MethodPost, "/auth/step-up", code("mail", early)).WantCode(k, 422, "invalid")
		b.Do(http.MethodPost, "/auth/step-up", code("nonsense", early)).WantCode(k, 422, "invalid")
		b.Do(http.MethodGet, "/clients/export", nil).WantCode(k, 403, "step_up_required")
		now := k.TOTP(secret, k.Clock.Now())
		b.Do(http.MethodPost, "/auth/step-up", code("totp", now)).Want(k, 200)
		b.Do(http.MethodGet, "/clients/export", nil).Want(k, 200)
		b.Do(http.MethodPost, "/auth/step-up", code("totp", now)).WantCode(k, 422, "code_invalid")
		k.Clock.Advance(6 * time.Minute)
		b.Do(http.MethodPost, "/auth/step-up", code("recovery", codes[2])).Want(k, 200)
		b.Do(http.MethodGet, "/clients/export", nil).Want(k, 200)
		b.Do(http.MethodGet, "/auth/me", nil).Want(k, 200) // no wrong code has ended the session
	})
}

// A mailed proof is worth nothing from the moment at which a factor is there.
func TestAMailedProofEndsWithTheFirstFactor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := mailedIn(k, "user-1@example.com")
		b.EnrolTOTP()
		testkit.NoErr(t, k.DB.Exec("update auth_sessions set factor = 'mail' where user_id = $1", k.User1.ID.String()))
		b.Do(http.MethodDelete, "/auth/totp", nil).WantCode(k, 403, "step_up_required")
	})
}

func TestAPracticeMayAskASecondFactorOfAll(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, member, other := mailedIn(k, "user-1@example.com"), mailedIn(k, "user-3@example.com"), mailedIn(k, "user-2@example.com")
		owner.Do(http.MethodPut, "/workspace/second-factor", fields{"required": true}).WantCode(k, 409, "own_factor_first")
		owner.EnrolTOTP()
		owner.Do(http.MethodPut, "/workspace/second-factor", fields{"required": true}).Want(k, 200)
		for _, nothing := range []any{fields{}, fields{"required": nil}} {
			owner.Do(http.MethodPut, "/workspace/second-factor", nothing).WantCode(k, 422, "invalid")
		}
		if owner.Do(http.MethodGet, "/workspace", nil).Want(k, 200).Map(k)["second_factor_required"] != true {
			t.Error("the settings do not say it")
		}
		other.Do(http.MethodGet, "/clients", nil).Want(k, 200)
		for _, r := range members(k) {
			if !strings.HasPrefix(r.Path, api.Base+"/auth/") {
				reach(member, r).WantCode(k, 403, "factor_required")
			}
		}
		safety := member.Do(http.MethodGet, "/auth/me", nil).Want(k, 200).Map(k)["security"].(fields)
		if safety["must_enrol"] != true || safety["has_factor"] != false {
			t.Errorf("security is %v", safety)
		}
		member.EnrolTOTP()
		member.Do(http.MethodGet, "/clients", nil).Want(k, 200)
		owner.Do(http.MethodPut, "/workspace/second-factor", fields{"required": false}).Want(k, 200)
		mailedIn(k, "user-4@example.com").Do(http.MethodGet, "/clients", nil).Want(k, 200)
		if events(k, "workspace.policy", "ok") != 2 {
			t.Errorf("%d changes are in the trail", events(k, "workspace.policy", "ok"))
		}
	})
}
