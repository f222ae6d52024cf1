package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

func consentBody(kind string) obj {
	return obj{"kind": kind, "text_version": "2026-11", "text": "I agree to be treated."}
}

func give(k *testkit.Kit, h http.Header, kind string) obj {
	k.T.Helper()
	return k.Ask(http.MethodPost, consentsOf(k), h, consentBody(kind)).Want(k, http.StatusCreated).Map(k)
}

func consentsOf(k *testkit.Kit) string { return "/clients/" + k.Client1.ID.String() + "/consents" }

func ledger(k *testkit.Kit, h http.Header) []obj {
	k.T.Helper()
	return k.Ask(http.MethodGet, consentsOf(k), h, nil).Want(k, http.StatusOK).List(k)
}

// consented reads the client's flag, and holds it against what is stored.
func consented(k *testkit.Kit, h http.Header) bool {
	k.T.Helper()
	flag := k.Ask(http.MethodGet, "/clients/"+k.Client1.ID.String(), h, nil).Want(k, http.StatusOK).Map(k)["consent_status"] == true
	if stored := k.DB.Count("select count(*) from clients where id = $1 and consented", k.Client1.ID.String()) == 1; stored != flag {
		k.T.Errorf("consent_status is shown as %v and stored as %v", flag, stored)
	}
	return flag
}

func TestConsentIsGivenAndListed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, assistant := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.Assistant1)
		if got := ledger(k, owner); len(got) != 0 {
			t.Fatalf("consent is opt-in, and there is %v", got)
		}
		first := give(k, owner, "treatment")
		want := consentBody("treatment")
		want["given_at"], want["given_by"], want["withdrawn_at"], want["withdrawn_by"] = "2026-02-02T09:00:00Z", k.User1.ID.String(), nil, nil
		same(k, first, want)
		k.Clock.Advance(time.Minute)
		second := give(k, assistant, "reminders")
		same(k, second, obj{"given_at": "2026-02-02T09:01:00Z", "given_by": k.Assistant1.ID.String(), "kind": "reminders"})
		third := give(k, owner, "treatment") // a new wording does not replace the old one
		var ids []string
		for _, c := range ledger(k, k.AuthHeaders(k.Practitioner1)) {
			ids = append(ids, fmt.Sprint(c["id"]))
		}
		if want := []string{fmt.Sprint(first["id"]), fmt.Sprint(second["id"]), fmt.Sprint(third["id"])}; !slices.Equal(ids, want) {
			t.Errorf("listed %q, want %q, oldest first", ids, want)
		}
		if n := k.DB.Count("select count(*) from consents where client_id = $1 and withdrawn_at is null", k.Client1.ID.String()); n != 3 {
			t.Errorf("%d lines are stored, want 3", n)
		}
	})
}

func TestWithdrawnConsentStaysReadable(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		line := give(k, owner, "data")
		path := fmt.Sprint(consentsOf(k), "/", line["id"], "/withdraw")
		k.Clock.Advance(time.Minute)
		line["withdrawn_at"], line["withdrawn_by"] = "2026-02-02T09:01:00Z", k.Assistant1.ID.String()
		same(k, k.Ask(http.MethodPost, path, k.CSRFHeaders(k.Assistant1), nil).Want(k, http.StatusOK).Map(k), line)
		k.Clock.Advance(time.Minute)
		k.Ask(http.MethodPost, path, owner, nil).WantCode(k, http.StatusConflict, "withdrawn")
		all := ledger(k, owner)
		if len(all) != 1 {
			t.Fatalf("the ledger has %d lines, want 1", len(all))
		}
		same(k, all[0], line)
	})
}

func TestConsentFlagFollowsTheLedger(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		if consented(k, h) {
			t.Error("consented before anything was given")
		}
		withdraw := func(line obj) {
			k.Ask(http.MethodPost, fmt.Sprint(consentsOf(k), "/", line["id"], "/withdraw"), h, nil).Want(k, http.StatusOK)
		}
		first := give(k, h, "treatment")
		if !consented(k, h) {
			t.Error("not consented after one was given")
		}
		second := give(k, h, "data")
		withdraw(first)
		if !consented(k, h) {
			t.Error("not consented while one stands")
		}
		withdraw(second)
		if consented(k, h) {
			t.Error("consented after all were withdrawn")
		}
		k.Clock.Advance(time.Minute)
		give(k, h, "treatment")
		client := k.Ask(http.MethodGet, "/clients", h, nil).Want(k, http.StatusOK).List(k)[0]
		same(k, client, obj{"consent_status": true, "version": 6, "updated_at": "2026-02-02T09:01:00Z"})
		k.Ask(http.MethodPut, "/clients/"+k.Client1.ID.String(), h, obj{"phone": "1"}).Want(k, http.StatusOK)
		if !consented(k, h) {
			t.Error("a change of the client took the consent away")
		}
	})
}

func TestConsentRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		for _, c := range []struct {
			field string
			value any
			code  string
		}{
			{"kind", "everything", "choice"}, {"kind", "", "choice"}, {"kind", nil, "choice"}, {"kind", 1, "type"},
			{"text_version", "", "required"}, {"text_version", strings.Repeat("v", 101), "too_long"}, {"text_version", "a\nb", "characters"},
			{"text", " \n", "required"}, {"text", strings.Repeat("ש", 10_001), "too_long"}, {"text", "\x00", "characters"},
			{"unknown", 1, "unknown_field"},
		} {
			body := consentBody("data")
			body[c.field] = c.value
			if got := wrong(k, k.Ask(http.MethodPost, consentsOf(k), h, body)); !slices.Equal(got, []string{"body." + c.field + " " + c.code}) {
				t.Errorf("%s %.20v: refused as %q, want %s", c.field, c.value, got, c.code)
			}
		}
		if got := wrong(k, k.Ask(http.MethodPost, consentsOf(k), h, obj{})); len(got) != 3 {
			t.Errorf("nothing: refused as %q", got)
		}
		body := consentBody("data")
		body["text_version"], body["text"] = strings.Repeat("v", 100), strings.Repeat("ש", 10_000)
		k.Ask(http.MethodPost, consentsOf(k), h, body).Want(k, http.StatusCreated)
		if n := k.DB.Count("select count(*) from consents"); n != 1 {
			t.Errorf("%d lines are stored, want the one that was good", n)
		}
	})
}

func TestConsentsThatAreNotThere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, foreign := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User2)
		mine := fmt.Sprint(give(k, h, "data")["id"])
		theirs := fmt.Sprint(k.Ask(http.MethodPost, "/clients/"+k.Client2.ID.String()+"/consents", foreign, consentBody("data")).Want(k, http.StatusCreated).Map(k)["id"])
		other := fmt.Sprint(newClient(k, h, obj{"first_name": "Noa", "last_name": "Levi"})["id"])
		client1, client2, unknown := k.Client1.ID.String(), k.Client2.ID.String(), "20000000-0000-0000-0000-00000000ffff"
		for _, c := range []struct {
			name, method, path string
			body               any
		}{
			{"a foreign client's ledger", http.MethodGet, client2 + "/consents", nil},
			{"an unknown client's ledger", http.MethodGet, unknown + "/consents", nil},
			{"giving for a foreign client", http.MethodPost, client2 + "/consents", consentBody("data")},
			{"giving for an unknown client", http.MethodPost, unknown + "/consents", consentBody("data")},
			{"giving for a foreign client with a bad body", http.MethodPost, client2 + "/consents", `{`},
			{"withdrawing a foreign one", http.MethodPost, client2 + "/consents/" + theirs + "/withdraw", nil},
			{"withdrawing a foreign one of one's own client", http.MethodPost, client1 + "/consents/" + theirs + "/withdraw", nil},
			{"withdrawing one of another client", http.MethodPost, other + "/consents/" + mine + "/withdraw", nil},
			{"withdrawing an unknown one", http.MethodPost, client1 + "/consents/" + unknown + "/withdraw", nil},
		} {
			t.Log(c.name)
			k.Ask(c.method, "/clients/"+c.path, h, c.body).WantCode(k, http.StatusNotFound, "not_found")
		}
		k.Ask(http.MethodPost, "/clients/"+client1+"/consents/x/withdraw", h, nil).Want(k, http.StatusUnprocessableEntity)
		if n := k.DB.Count("select count(*) from consents where withdrawn_at is null"); n != 2 {
			t.Errorf("%d lines stand, want 2", n)
		}
	})
}

func TestConsentsAreAudited(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		line := give(k, h, "data")
		path := fmt.Sprint(consentsOf(k), "/", line["id"], "/withdraw")
		k.Ask(http.MethodPost, path, h, nil).Want(k, http.StatusOK)
		k.Ask(http.MethodPost, path, h, nil).Want(k, http.StatusConflict)
		ledger(k, h)
		for action, want := range map[model.Action][]string{
			model.ConsentGive: {"ok 1"}, model.ConsentWithdraw: {"ok 1", "refused 0"}, model.ConsentList: {"ok 1"},
		} {
			var got []string
			for _, e := range k.Audited(k.Workspace1.ID, action) {
				got = append(got, e.Outcome+" "+e.Records)
				if e.Outcome == "ok" && (e.Subject != k.Client1.ID.String() || e.Actor != k.User1.ID.String()) {
					t.Errorf("%s: about %s, by %s", action, e.Subject, e.Actor)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: the trail says %q, want %q", action, got, want)
			}
		}
	})
}
