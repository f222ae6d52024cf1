package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func credential(answer any) fields { return fields{"credential": answer} }

// signInWith signs in with a passkey and no mail.
func signInWith(k *testkit.Kit, b *testkit.Browser, device *testkit.Authenticator) *testkit.Response {
	k.T.Helper()
	question := b.Do(http.MethodPost, "/auth/passkey/begin", nil).Want(k, 200)
	return b.Do(http.MethodPost, "/auth/passkey/finish", credential(device.Get(question)))
}

func TestAPasskeySignsInWithoutAMail(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		device, id := mailedIn(k, "user-1@example.com").AddPasskey("  Phone  ")
		b := k.NewBrowser()
		k.RunJobs()
		mails := len(k.Outbox.Sent())
		in := signInWith(k, b, device).Want(k, 200).Map(k)
		if in["state"] != "signed_in" || in["user"].(fields)["email"] != "user-1@example.com" || len(k.Outbox.Sent()) != mails {
			t.Fatalf("answered %v", in)
		}
		list := b.Do(http.MethodGet, "/auth/factors", nil).Want(k, 200).Map(k)
		p := list["passkeys"].([]any)[0].(fields)
		if p["id"] != id || p["name"] != "Phone" || p["last_used_at"] == nil || list["recovery_codes_left"] != 10.0 || list["totp_since"] != nil {
			t.Fatalf("factors %v", list)
		}
		b.Do(http.MethodGet, "/clients/export", nil).Want(k, 200)
		renamed := b.Do(http.MethodPut, "/auth/passkeys/"+id, fields{"name": "Old phone"}).Want(k, 200).Map(k)
		if renamed["name"] != "Old phone" {
			t.Errorf("renamed %v", renamed)
		}
		signInWith(k, k.NewBrowser(), device).Want(k, 200) // its name is not its key
		b.Do(http.MethodDelete, "/auth/passkeys/"+id, nil).Want(k, 204)
		signInWith(k, k.NewBrowser(), device).WantCode(k, 401, "passkey_invalid")
	})
}

func TestAPasskeyIsASecondFactor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		device, _ := mailedIn(k, "user-1@example.com").AddPasskey("Phone")
		b := k.NewBrowser()
		if got := strings.Join(testkit.Strings(b.SignInByMail("user-1@example.com").Map(k)["methods"]), " "); got != "passkey recovery" {
			t.Fatalf("offered are %q", got)
		}
		question := b.Do(http.MethodPost, "/auth/second-factor/passkey/begin", nil).Want(k, 200)
		answer := device.Get(question)
		if got := b.Do(http.MethodPost, "/auth/second-factor/passkey/finish", credential(answer)).Want(k, 200).Map(k)["state"]; got != "signed_in" {
			t.Fatalf("leads to %v", got)
		}
		b.Do(http.MethodPost, "/auth/second-factor/passkey/finish", credential(answer)).WantCode(k, 401, "challenge_over")
	})
}

func TestAPasskeyConfirmsWhoItIs(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := mailedIn(k, "user-1@example.com")
		b.Do(http.MethodPost, "/auth/step-up/passkey/begin", nil).WantCode(k, 422, "invalid")
		device, _ := b.AddPasskey("Phone")
		k.Clock.Advance(6 * time.Minute)
		b.Do(http.MethodGet, "/clients/export", nil).WantCode(k, 403, "step_up_required")
		question := b.Do(http.MethodPost, "/auth/step-up/passkey/begin", nil).Want(k, 200)
		answer := device.Get(question)
		b.Do(http.MethodPost, "/auth/step-up/passkey/finish", credential(answer)).Want(k, 200)
		b.Do(http.MethodGet, "/clients/export", nil).Want(k, 200)
		b.Do(http.MethodPost, "/auth/step-up/passkey/finish", credential(answer)).WantCode(k, 422, "passkey_invalid")
	})
}

// Each way to be false is refused alike.
func TestFalsePasskeysAreRefused_ASVS_6_7_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		device, _ := mailedIn(k, "user-1@example.com").AddPasskey("Phone")
		theirs, _ := mailedIn(k, "user-2@example.com").AddPasskey("Tablet")
		signInWith(k, k.NewBrowser(), device).Want(k, 200)
		question := func(b *testkit.Browser) *testkit.Response {
			return b.Do(http.MethodPost, "/auth/passkey/begin", nil).Want(k, 200)
		}
		for what, falsify := range map[string]func(a *testkit.Authenticator){
			"another page":    func(a *testkit.Authenticator) { a.Origin = "https://localhost.evil.example" },
			"another port":    func(a *testkit.Authenticator) { a.Origin = "http://localhost:9999" },
			"another server":  func(a *testkit.Authenticator) { a.RPID = "evil.example" },
			"not verified":    func(a *testkit.Authenticator) { a.Verified = false },
			"another person":  func(a *testkit.Authenticator) { a.UserHandle = theirs.UserHandle },
			"nobody":          func(a *testkit.Authenticator) { a.UserHandle = nil },
			"no such person":  func(a *testkit.Authenticator) { a.UserHandle = []byte("0123456789abcdef") },
			"a count too low": func(a *testkit.Authenticator) { a.Counts = false },
		} {
			b, forged := k.NewBrowser(), device.Clone()
			falsify(forged)
			res := b.Do(http.MethodPost, "/auth/passkey/finish", credential(forged.Get(question(b))))
			if res.Status != 401 || res.Map(k)["code"] != "passkey_invalid" || b.Cookie("access_token") != "" {
				t.Errorf("%s: %d %s", what, res.Status, res.Body)
			}
			k.Clock.Advance(5 * time.Minute)
		}
		a, b := k.NewBrowser(), k.NewBrowser()
		question(b)
		b.Do(http.MethodPost, "/auth/passkey/finish", credential(device.Get(question(a)))).WantCode(k, 401, "passkey_invalid") // another browser's question
		b.Do(http.MethodPost, "/auth/passkey/finish", credential(fields{"id": "x"})).WantCode(k, 401, "passkey_invalid")
		k.NewBrowser().Do(http.MethodPost, "/auth/passkey/finish", credential(device.Get(question(a)))).WantCode(k, 401, "passkey_invalid")
		q := question(a)
		k.Clock.Advance(5 * time.Minute)
		a.Do(http.MethodPost, "/auth/passkey/finish", credential(device.Get(q))).WantCode(k, 401, "passkey_invalid") // too late
		answer := device.Get(question(a))
		a.Do(http.MethodPost, "/auth/passkey/finish", credential(answer)).Want(k, 200)
		b.Do(http.MethodPost, "/auth/passkey/finish", credential(answer)).WantCode(k, 401, "passkey_invalid") // sent twice
	})
}

func TestACopiedAuthenticatorIsFoundOut(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		device, _ := mailedIn(k, "user-1@example.com").AddPasskey("Key")
		signInWith(k, k.NewBrowser(), device).Want(k, 200)
		thief := device.Clone()
		signInWith(k, k.NewBrowser(), device).Want(k, 200)
		signInWith(k, k.NewBrowser(), thief).WantCode(k, 401, "passkey_invalid") // the same count once more
		if events(k, "sign_in.factor", "denied") != 1 {
			t.Error("it is not in the trail")
		}
		phone, _ := mailedIn(k, "user-2@example.com").AddPasskey("Phone that does not count")
		phone.Counts = false
		signInWith(k, k.NewBrowser(), phone).Want(k, 200)
		signInWith(k, k.NewBrowser(), phone).Want(k, 200)
	})
}

// A challenge is met only by its own person's passkey, for its own purpose.
func TestAnotherPersonsPasskeyMeetsNoChallenge(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		device, _ := mailedIn(k, "user-1@example.com").AddPasskey("Phone")
		theirs, _ := mailedIn(k, "user-2@example.com").AddPasskey("Tablet")
		b := k.NewBrowser()
		b.SignInByMail("user-1@example.com")
		const begin, finish = "/auth/second-factor/passkey/begin", "/auth/second-factor/passkey/finish"
		b.Do(http.MethodPost, finish, credential(theirs.Get(b.Do(http.MethodPost, begin, nil).Want(k, 200)))).WantCode(k, 401, "passkey_invalid")
		question := b.Do(http.MethodPost, begin, nil).Want(k, 200)
		b.Do(http.MethodPost, "/auth/passkey/begin", nil).Want(k, 200)
		b.Do(http.MethodPost, "/auth/passkey/finish", credential(device.Get(question))).WantCode(k, 401, "passkey_invalid")
		b.Do(http.MethodPost, finish, credential(device.Get(question))).Want(k, 200)
	})
}

func TestPasskeysAreTheirOwnersAlone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b, colleague := mailedIn(k, "user-1@example.com"), mailedIn(k, "user-3@example.com")
		_, id := b.AddPasskey("Phone")
		for _, body := range []any{fields{"name": "Mine"}, "{", nil} {
			colleague.Do(http.MethodPut, "/auth/passkeys/"+id, body).Want(k, map[bool]int{true: 404, false: 415}[body != nil])
		}
		colleague.Do(http.MethodDelete, "/auth/passkeys/"+id, nil).WantCode(k, 404, "not_found")
		if got := len(colleague.Do(http.MethodGet, "/auth/factors", nil).Map(k)["passkeys"].([]any)); got != 0 {
			t.Errorf("a colleague sees %d passkeys", got)
		}
		b.Do(http.MethodPut, "/auth/passkeys/"+id, fields{"name": " "}).WantCode(k, 422, "invalid")
		b.Do(http.MethodPut, "/auth/passkeys/"+id, fields{"name": strings.Repeat("x", 101)}).WantCode(k, 422, "invalid")
	})
}

func TestAPasskeyIsRegisteredForOneQuestionAndOnePerson(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b, other := mailedIn(k, "user-1@example.com"), mailedIn(k, "user-2@example.com")
		device := k.NewAuthenticator()
		answer := fields{"name": "Phone", "credential": device.Create(b.Do(http.MethodPost, "/auth/passkeys/begin", nil).Want(k, 200))}
		other.Do(http.MethodPost, "/auth/passkeys", answer).WantCode(k, 422, "passkey_invalid")
		other.Do(http.MethodPost, "/auth/passkeys/begin", nil).Want(k, 200)
		other.Do(http.MethodPost, "/auth/passkeys", answer).WantCode(k, 422, "passkey_invalid")
		b.Do(http.MethodPost, "/auth/passkeys", answer).Want(k, 201)
		b.Do(http.MethodPost, "/auth/passkeys", answer).WantCode(k, 422, "passkey_invalid")
		again := fields{"name": "Again", "credential": device.Create(b.Do(http.MethodPost, "/auth/passkeys/begin", nil).Want(k, 200))}
		b.Do(http.MethodPost, "/auth/passkeys", again).WantCode(k, 409, "passkey_taken")
		unverified := k.NewAuthenticator()
		unverified.Verified = false
		b.Do(http.MethodPost, "/auth/passkeys", fields{"name": "X", "credential": unverified.Create(b.Do(http.MethodPost, "/auth/passkeys/begin", nil).Want(k, 200))}).WantCode(k, 422, "passkey_invalid")
		for _, row := range k.DB.Rows("select * from passkeys") {
			if strings.Contains(strings.Join(row, " "), "Phone") {
				t.Error("a passkey's name is in the database as it is")
			}
		}
	})
}

func TestNobodyHasMoreThanTwentyPasskeys(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := mailedIn(k, "user-1@example.com")
		b.AddPasskey("The first")
		for n := range 19 {
			b.Do(http.MethodPost, "/auth/passkeys/begin", nil).Want(k, 200)
			testkit.NoErr(t, k.Store.Identity(t.Context(), func(tx *store.IdentityTx) error {
				return tx.InsertPasskey(store.Passkey{ID: uuid.New(), UserID: testkit.ID(1, 1), Name: "Another", Handle: []byte{byte(n)}, Credential: "{}"})
			}))
		}
		b.Do(http.MethodPost, "/auth/passkeys/begin", nil).WantCode(k, 409, "too_many_passkeys")
	})
}
