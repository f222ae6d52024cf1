package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/mail"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

const guest = "guest@example.com"

// invited invites guest into the first practice and returns the invitation,
// its mail and the secret of its link.
func invited(k *testkit.Kit, owner http.Header, role string) (i fields, m mail.Message, token string) {
	k.T.Helper()
	sent := len(k.Outbox.Sent())
	i = k.Ask(http.MethodPost, "/invitations", owner, fields{"email": " Guest@Example.com", "full_name": "Gil Guest", "role": role}).Want(k, 201).Map(k)
	m = k.Mailed(sent, 1)[0]
	return i, m, k.InvitationToken(m)
}

func land(b *testkit.Browser, token string) *testkit.Response {
	return b.Do(http.MethodPost, "/auth/invitation", fields{"token": token})
}

func accept(b *testkit.Browser, token string) *testkit.Response {
	return b.Do(http.MethodPost, "/auth/invitation/accept", fields{"token": token})
}

func TestInvitedPersonJoins(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		i, m, token := invited(k, owner, "practitioner")
		if m.To != guest || i["email"] != guest || i["role"] != "practitioner" || i["invited_by"] != k.User1.ID.String() || i["is_expired"] != false {
			t.Errorf("invitation %v, mailed to %s", i, m.To)
		}
		if pending := k.Ask(http.MethodGet, "/invitations", owner, nil).Want(k, 200).List(k); len(pending) != 1 {
			t.Errorf("pending %v", pending)
		}
		b := k.NewBrowser()
		shown := land(b, token).Want(k, 200).Map(k)
		if shown["invited_by"] != string(k.User1.FullName) || shown["practice_name"] != "Test Workspace 1" || shown["role"] != "practitioner" || shown["full_name"] != "Gil Guest" || shown["email"] != guest {
			t.Errorf("landing %v", shown)
		}
		res := b.Do(http.MethodPost, "/auth/invitation/accept", fields{"token": token, "full_name": "Gil G.", "locale": "he"}).Want(k, 200)
		if res.Map(k)["state"] != "signed_in" {
			t.Errorf("answered %s", res.Body)
		}
		for _, c := range res.Cookies() {
			if c.Name == "access_token" && (!c.HttpOnly || c.SameSite != http.SameSiteLaxMode) {
				t.Errorf("cookie %v", c)
			}
		}
		me := b.Do(http.MethodGet, "/auth/me", nil).Want(k, 200).Map(k)["user"].(fields)
		if me["role"] != "practitioner" || me["full_name"] != "Gil G." || me["locale"] != "he" || me["email"] != guest {
			t.Errorf("joined as %v", me)
		}
		b.Do(http.MethodGet, "/sessions", nil).Want(k, 200)
		if pending := k.Get("/invitations", owner).List(k); len(pending) != 0 {
			t.Errorf("still pending: %v", pending)
		}
		for _, action := range []model.Action{model.InvitationCreate, model.InvitationAccept} {
			if len(k.Audited(k.Workspace1.ID, action)) != 1 {
				t.Errorf("%s is not in the trail once", action)
			}
		}
		b2 := k.NewBrowser()
		b2.SignInByMail(guest)
		land(k.NewBrowser(), token).WantCode(k, 410, "invitation_used")
	})
}

func TestScannerOfMailsUsesNoInvitationUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		_, _, token := invited(k, k.CSRFHeaders(k.User1), "assistant")
		before := k.DB.Rows("select * from invitations")
		for range 3 {
			scanner := k.NewBrowser()
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
				for _, path := range []string{"/auth/invitation", "/auth/invitation/accept"} {
					if res := scanner.Do(method, path+"?token="+token, nil); res.Status/100 == 2 {
						t.Errorf("%s %s: %d", method, path, res.Status)
					}
				}
			}
			land(scanner, token).Want(k, 200)
			// One that posts to all it finds has not opened the page.
			accept(k.NewBrowser(), token).WantCode(k, 403, "other_browser")
		}
		if after := k.DB.Rows("select * from invitations"); len(before) != 1 || strings.Join(before[0], "|") != strings.Join(after[0], "|") {
			t.Errorf("changed from %v to %v", before, after)
		}
		b := k.NewBrowser()
		land(b, token).Want(k, 200)
		accept(b, token).Want(k, 200)
	})
}

func TestLandingOfOneInvitationAcceptsNoOther(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		_, _, first := invited(k, owner, "assistant")
		sent := len(k.Outbox.Sent())
		k.Do(http.MethodPost, "/invitations", owner, fields{"email": "other@example.com", "full_name": "Other", "role": "owner"}).Want(k, 201)
		second := k.InvitationToken(k.Mailed(sent, 1)[0])
		b := k.NewBrowser()
		land(b, first).Want(k, 200)
		accept(b, second).WantCode(k, 403, "other_browser")
	})
}

func TestInvitationEndsAfterSevenDays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		_, _, token := invited(k, owner, "assistant")
		k.Clock.Advance(7*24*time.Hour - time.Second)
		b := k.NewBrowser()
		land(b, token).Want(k, 200)
		k.Clock.Advance(time.Second)
		land(b, token).WantCode(k, 410, "invitation_expired")
		accept(b, token).WantCode(k, 410, "invitation_expired")
		pending := k.Get("/invitations", k.AuthHeaders(k.User1)).List(k)
		if len(pending) != 1 || pending[0]["is_expired"] != true {
			t.Errorf("pending %v", pending)
		}
		if k.DB.Count("select count(*) from members") != 4 {
			t.Error("somebody joined")
		}
	})
}

func TestInvitationSentAgainEndsTheLinkFromBefore(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		i, _, old := invited(k, owner, "assistant")
		path := "/invitations/" + i["id"].(string) + "/resend"
		res := k.Do(http.MethodPost, path, owner, nil).WantCode(k, 429, "too_many")
		if res.Header.Get("Retry-After") != "60" {
			t.Errorf("retry after %q", res.Header.Get("Retry-After"))
		}
		k.Clock.Advance(time.Minute)
		sent := len(k.Outbox.Sent())
		again := k.Ask(http.MethodPost, path, owner, nil).Want(k, 200).Map(k)
		if again["expires_at"] == i["expires_at"] {
			t.Error("it ends as before")
		}
		land(k.NewBrowser(), old).WantCode(k, 404, "invitation_invalid") // already before the mail is made
		token := k.InvitationToken(k.Mailed(sent, 1)[0])
		land(k.NewBrowser(), old).WantCode(k, 404, "invitation_invalid")
		land(k.NewBrowser(), token).Want(k, 200)
	})
}

func TestInvitationTakenBackOpensNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		i, _, token := invited(k, owner, "assistant")
		b := k.NewBrowser()
		land(b, token).Want(k, 200)
		k.Do(http.MethodDelete, "/invitations/"+i["id"].(string), owner, nil).Want(k, 204)
		never := land(b, "x"+token[1:]).WantCode(k, 404, "invitation_invalid")
		if res := land(b, token); !res.SameBut(never) {
			t.Errorf("%d %s", res.Status, res.Body)
		}
		if strings.Contains(string(never.Body), string(k.User1.FullName)) {
			t.Errorf("whoever has no secret is told who invites: %s", never.Body)
		}
		accept(b, token).WantCode(k, 404, "invitation_invalid")
		k.Do(http.MethodDelete, "/invitations/"+i["id"].(string), owner, nil).Want(k, 404)
		k.Do(http.MethodPost, "/invitations/"+i["id"].(string)+"/resend", owner, nil).Want(k, 404)
		invited(k, owner, "practitioner") // the address is free again
	})
}

// The one who invites cannot tell whether the address belongs to another
// practice, or may not sign in.
func TestInvitationTellsNothingOfOtherPractices(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		_, err := k.Platform.Blacklist(t.Context(), k.Store.PlatformScope(uuid.Nil), model.BlacklistEntry{Value: "listed@example.com", Reason: "Abuse"})
		testkit.NoErr(t, err)
		body := func(email string) fields { return fields{"email": email, "full_name": "Some One", "role": "assistant"} }
		shape := func(res *testkit.Response) string {
			m := res.Want(k, 201).Map(k)
			delete(m, "id")
			delete(m, "email")
			return strings.Join(sortedKeysAndValues(m), " ")
		}
		free := shape(k.Do(http.MethodPost, "/invitations", owner, body("nobody@example.com")))
		sent := len(k.Outbox.Sent())
		k.Mailed(sent, 1)
		for _, email := range []string{"user-2@example.com", "listed@example.com"} {
			if got := shape(k.Do(http.MethodPost, "/invitations", owner, body(email))); got != free {
				t.Errorf("%s: %s, want %s", email, got, free)
			}
		}
		k.RunJobs()
		mails := k.Outbox.Sent()[sent+1:]
		if len(mails) != 1 || mails[0].To != "user-2@example.com" {
			t.Fatalf("%d mails; nobody on the blacklist is mailed", len(mails))
		}
		b := k.NewBrowser()
		token := k.InvitationToken(mails[0])
		land(b, token).Want(k, 200)
		accept(b, token).WantCode(k, 409, "member_elsewhere")
		if k.DB.Count("select count(*) from invitations where accepted_at is not null") != 0 || k.DB.Count("select count(*) from members") != 4 {
			t.Error("a refused acceptance was stored")
		}
	})
}

func TestOnePersonIsInvitedOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		invited(k, owner, "assistant")
		again := fields{"email": "GUEST@example.com", "full_name": "G", "role": "owner"}
		k.Do(http.MethodPost, "/invitations", owner, again).WantCode(k, 409, "already_invited")
		again["email"] = "User-3@example.com"
		k.Do(http.MethodPost, "/invitations", owner, again).WantCode(k, 409, "already_member")
		k.Do(http.MethodPost, memberPath(k.Practitioner1)+"/deactivate", owner, nil).Want(k, 200)
		k.Do(http.MethodPost, "/invitations", owner, again).WantCode(k, 409, "already_member") // reactivation is another act
	})
}

func TestOfManyAcceptancesAtOnceOneCounts(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		_, _, token := invited(k, k.CSRFHeaders(k.User1), "assistant")
		const clients = 20
		browsers := make([]*testkit.Browser, clients)
		for i := range browsers {
			browsers[i] = k.NewBrowser()
			land(browsers[i], token).Want(k, 200)
		}
		k.Clock.Advance(6 * time.Minute) // the limit on tries has its own tests
		answers := make([]int, clients)
		var all sync.WaitGroup
		for i, b := range browsers {
			all.Go(func() { answers[i] = accept(b, token).Status })
		}
		all.Wait()
		won := 0
		for _, status := range answers {
			switch status {
			case 200:
				won++
			case 410:
			default:
				t.Errorf("answered %d", status)
			}
		}
		if won != 1 || k.DB.Count("select count(*) from members") != 5 || k.DB.Count("select count(*) from users") != 5 {
			t.Errorf("%d joined", won)
		}
	})
}

// Somebody known by a second factor has to prove it here as well.
func TestInvitationSkipsNoSecondFactor_ASVS_6_4_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.Admin()
		owner := k.CSRFHeaders(k.User1)
		k.RunJobs()
		sent := len(k.Outbox.Sent())
		k.Do(http.MethodPost, "/invitations", owner, fields{"email": testkit.AdminEmail, "full_name": "Ada Admin", "role": "practitioner"}).Want(k, 201)
		token := k.InvitationToken(k.Mailed(sent, 1)[0])
		b := k.NewBrowser()
		land(b, token).Want(k, 200)
		res := accept(b, token).Want(k, 200)
		if res.Map(k)["state"] != "second_factor" || b.Cookie("access_token") != "" {
			t.Errorf("answered %s", res.Body)
		}
		b.Do(http.MethodGet, "/auth/me", nil).Want(k, 401)
	})
}

func TestInvitationsFieldsAreJudged(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		for field, body := range map[string]fields{
			"email":     {"email": "no address", "full_name": "A", "role": "owner"},
			"full_name": {"email": guest, "full_name": " ", "role": "owner"},
			"role":      {"email": guest, "full_name": "A", "role": "admin"},
			"locale":    {"email": guest, "full_name": "A", "role": "owner", "locale": "fr"},
		} {
			res := k.Do(http.MethodPost, "/invitations", owner, body).WantCode(k, 422, "invalid")
			if !strings.Contains(string(res.Body), "body."+field) || strings.Contains(string(res.Body), "no address") {
				t.Errorf("%s: %s", field, res.Body)
			}
		}
		if k.DB.Count("select count(*) from invitations") != 0 {
			t.Error("something was stored")
		}
	})
}

func TestInvitationMailIsEscapedAndInItsLanguage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		k.Do(http.MethodPut, "/workspace", owner, fields{"name": `Dana & <b>Co</b> "Clinic"`, "locale": "he"}).Want(k, 200)
		_, m, token := invited(k, owner, "assistant")
		if m.Lang != "he" || !strings.Contains(m.HTML, `dir="rtl"`) || !strings.Contains(m.HTML, "Dana &amp; &lt;b&gt;Co&lt;/b&gt;") || strings.Contains(m.HTML, "<b>") {
			t.Errorf("%s: %s", m.Lang, m.HTML)
		}
		if strings.Contains(m.Subject, "Dana") || !strings.Contains(m.Text, "/invitation#token="+token) {
			t.Errorf("subject %s, text %s", m.Subject, m.Text)
		}
		if strings.Contains(k.Log.String(), token) || k.DB.Count("select count(*) from jobs where state = 'done'") == 0 {
			t.Error("the secret is in the log, or no job was done")
		}
	})
}

func TestInvitationIntoAClosedPracticeIsInvalid(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		_, _, token := invited(k, k.CSRFHeaders(k.User1), "assistant")
		b := k.NewBrowser()
		land(b, token).Want(k, 200)
		_, err := k.Platform.Suspend(t.Context(), k.Store.PlatformScope(uuid.Nil), k.Workspace1.ID, "Unpaid")
		testkit.NoErr(t, err)
		land(b, token).WantCode(k, 404, "invitation_invalid")
		accept(b, token).WantCode(k, 404, "invitation_invalid")
		if k.DB.Count("select count(*) from members") != 4 {
			t.Error("somebody joined")
		}
	})
}

// Whoever is kept out after the mail was sent does not get in by it.
func TestBlacklistHoldsAtEachStepOfAnInvitation(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		_, _, token := invited(k, k.CSRFHeaders(k.User1), "assistant")
		b := k.NewBrowser()
		land(b, token).Want(k, 200)
		_, err := k.Platform.Blacklist(t.Context(), k.Store.PlatformScope(uuid.Nil), model.BlacklistEntry{Value: "EXAMPLE.com ", Reason: "Abuse"})
		testkit.NoErr(t, err)
		land(b, token).WantCode(k, 404, "invitation_invalid")
		accept(b, token).WantCode(k, 404, "invitation_invalid")
		if pending := k.DB.Count("select count(*) from invitations where revoked_at is null"); pending != 0 {
			t.Errorf("%d invitations are open", pending)
		}
	})
}

// sortedKeysAndValues writes an object in one order.
func sortedKeysAndValues(m fields) (all []string) {
	for k, v := range m {
		all = append(all, fmt.Sprint(k, "=", v))
	}
	slices.Sort(all)
	return all
}
