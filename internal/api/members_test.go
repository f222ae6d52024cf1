package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// makeMember adds a practitioner to the practice.
func makeMember(w *world) string {
	id := uuid.New()
	return w.AddMember(model.User{
		ID: id, WorkspaceID: w.user.WorkspaceID, Email: model.Text(strings.ToLower(w.word) + "." + id.String() + "@example.com"),
		FullName: model.Text(w.word + " member"), Locale: "en", Role: model.Practitioner,
	}).ID.String()
}

// makeInvitation invites somebody; the mail was asked for a while ago.
func makeInvitation(w *world) string {
	id := w.post(w.owner, "/invitations", fields{
		"email": strings.ToLower(w.word) + "." + uuid.NewString() + "@example.com", "full_name": w.word + " guest", "role": "assistant",
	})["id"].(string)
	past := map[string]string{"sqlite": "sent_at - 120000000", "postgres": "sent_at - interval '2 minutes'"}[w.Engine]
	testkit.NoErr(w.T, w.DB.Exec("update invitations set sent_at = "+past+" where id = '"+id+"'"))
	return id
}

func memberPath(u model.User) string { return "/members/" + u.ID.String() }

func TestOwnerSeesTheMembers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		k.Do(http.MethodPost, memberPath(k.Practitioner1)+"/deactivate", owner, nil).Want(k, 200)
		all := k.Ask(http.MethodGet, "/members", owner, nil).Want(k, 200).List(k)
		var got []string
		for _, m := range all {
			got = append(got, fmt.Sprint(m["full_name"], " ", m["email"], " ", m["role"], " ", m["is_active"], " ", m["is_me"], " ", m["second_factor"]))
		}
		want := []string{
			"Test User 1 user-1@example.com owner true true false", "Test User 4 user-4@example.com assistant true false false",
			"Test User 3 user-3@example.com practitioner false false false",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s", strings.Join(got, "\n"))
		}
		if all[0]["last_seen_at"] == nil || all[1]["last_seen_at"] != nil {
			t.Errorf("last seen %v and %v", all[0]["last_seen_at"], all[1]["last_seen_at"])
		}
	})
}

func TestRoleChangeTakesEffectWithTheNextRequest(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, member := k.CSRFHeaders(k.User1), k.AuthHeaders(k.Assistant1)
		k.Get("/sessions", member).WantCode(k, 403, "denied")
		sent := len(k.Outbox.Sent())
		res := k.Ask(http.MethodPut, memberPath(k.Assistant1), owner, fields{"role": "practitioner"}).Want(k, 200).Map(k)
		if res["role"] != "practitioner" {
			t.Errorf("answered %v", res)
		}
		k.Get("/auth/me", member).WantCode(k, 401, "unauthenticated")
		m := k.Mailed(sent, 1)[0]
		k.Get("/sessions", k.AuthHeaders(k.Assistant1)).Want(k, 200)
		if m.To != string(k.Assistant1.Email) || !strings.Contains(m.Text, "practitioner") || strings.Contains(m.Text, "Workspace") {
			t.Errorf("mailed to %s: %s", m.To, m.Text)
		}
		events := k.Audited(k.Workspace1.ID, model.MemberRole)
		if len(events) != 1 {
			t.Fatalf("%d events", len(events))
		}
		n := k.DB.Count("select count(*) from audit_events where action = 'member.role' and outcome = 'ok' and actor_id = $1 and subject_id = $2", k.User1.ID.String(), k.Assistant1.ID.String())
		if n != 1 {
			t.Error("the trail does not say who changed whose role")
		}
	})
}

func TestSameRoleAgainChangesNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, member, sent := k.CSRFHeaders(k.User1), k.AuthHeaders(k.Assistant1), len(k.Outbox.Sent())
		k.Do(http.MethodPut, memberPath(k.Assistant1), owner, fields{"role": "assistant"}).Want(k, 200)
		k.Do(http.MethodPut, memberPath(k.User1), owner, fields{"role": "owner"}).Want(k, 200)
		k.Get("/auth/me", member).Want(k, 200)
		k.Mailed(sent, 0)
	})
}

func TestDeactivatedMemberIsOutAndTheirPastIsKept_ASVS_7_4_5(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, member := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.Practitioner1)
		visit := k.AddAppointment(k.Workspace1.ID, model.Appointment{ClientID: k.Client1.ID, PractitionerID: k.Practitioner1.ID})
		feed := k.Do(http.MethodPost, "/feeds", member, fields{"privacy": "busy"}).Want(k, 201).Map(k)["path"].(string)
		k.Get(feed, nil).Want(k, 200)
		sent := len(k.Outbox.Sent())
		k.Ask(http.MethodPost, memberPath(k.Practitioner1)+"/deactivate", owner, nil).Want(k, 200)
		k.Get("/auth/me", member).WantCode(k, 401, "unauthenticated")
		k.Get(feed, nil).Want(k, 404)
		if m := k.Mailed(sent, 1)[0]; m.To != string(k.Practitioner1.Email) {
			t.Errorf("mailed to %s", m.To)
		}
		k.Get("/appointments/"+visit.ID.String(), owner).Want(k, 200)
		book := fields{"client_id": k.Client1.ID, "practitioner_id": k.Practitioner1.ID, "starts_at": "2026-03-02T10:00:00Z", "ends_at": "2026-03-02T11:00:00Z"}
		k.Do(http.MethodPost, "/appointments", owner, book).WantCode(k, 422, "invalid")
		b := k.NewBrowser()
		b.Do(http.MethodPost, "/auth/magic-link", fields{"email": string(k.Practitioner1.Email)}).Want(k, 202)
		k.Mailed(sent+1, 0)
		k.Do(http.MethodPost, memberPath(k.Practitioner1)+"/reactivate", owner, nil).Want(k, 200)
		k.Get("/auth/me", member).WantCode(k, 401, "unauthenticated") // the session from before stays ended
		k.Get("/auth/me", k.AuthHeaders(k.Practitioner1)).Want(k, 200)
		k.Do(http.MethodPost, "/appointments", owner, book).Want(k, 201)
	})
}

func TestLinkFromBeforeTheDeactivationOpensNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		b := k.NewBrowser()
		m := b.AskLink(string(k.Practitioner1.Email))
		k.Do(http.MethodPost, memberPath(k.Practitioner1)+"/deactivate", k.CSRFHeaders(k.User1), nil).Want(k, 200)
		b.Do(http.MethodPost, "/auth/verify", fields{"token": k.LinkToken(m)}).WantCode(k, 401, "link_invalid")
	})
}

func TestLastOwnerStays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		k.Do(http.MethodPut, memberPath(k.User1), owner, fields{"role": "assistant"}).WantCode(k, 409, "last_owner")
		k.Do(http.MethodPost, memberPath(k.User1)+"/deactivate", owner, nil).WantCode(k, 409, "last_owner")
		// An owner who cannot sign in does not count.
		k.Do(http.MethodPut, memberPath(k.Practitioner1), owner, fields{"role": "owner"}).Want(k, 200)
		k.Do(http.MethodPost, memberPath(k.Practitioner1)+"/deactivate", owner, nil).Want(k, 200)
		k.Do(http.MethodPut, memberPath(k.User1), owner, fields{"role": "practitioner"}).WantCode(k, 409, "last_owner")
		k.Do(http.MethodPost, memberPath(k.Practitioner1)+"/reactivate", owner, nil).Want(k, 200)
		k.Do(http.MethodPut, memberPath(k.User1), owner, fields{"role": "practitioner"}).Want(k, 200)
		if n := k.DB.Count("select count(*) from audit_events where action in ('member.role', 'member.deactivate') and outcome = 'refused'"); n != 3 {
			t.Errorf("%d refusals are in the trail, want 3", n)
		}
	})
}

// However many owners leave at once, one is kept.
func TestOfManyOwnersWhoLeaveAtOnceOneStays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const clients = 64
		headers := make([]http.Header, clients)
		owners := make([]model.User, clients)
		for i := range owners {
			owners[i] = k.AddUser(100+i, k.Workspace1.ID, model.Owner)
			headers[i] = k.CSRFHeaders(owners[i])
		}
		k.Do(http.MethodPut, memberPath(k.User1), k.CSRFHeaders(k.User1), fields{"role": "assistant"}).Want(k, 200)
		answers := make([]int, clients)
		var all sync.WaitGroup
		for i := range owners {
			all.Go(func() {
				if i%2 == 0 {
					answers[i] = k.Do(http.MethodPut, memberPath(owners[i]), headers[i], fields{"role": "assistant"}).Status
				} else {
					answers[i] = k.Do(http.MethodPost, memberPath(owners[i])+"/deactivate", headers[i], nil).Status
				}
			})
		}
		all.Wait()
		count := map[int]int{}
		for _, status := range answers {
			count[status]++
		}
		if count[200] != clients-1 || count[409] != 1 {
			t.Errorf("answers %v, want 63 times 200 and once 409", count)
		}
		if n := k.DB.Count("select count(*) from members where workspace_id = $1 and role = 'owner' and active", k.Workspace1.ID.String()); n != 1 {
			t.Errorf("%d owners are left", n)
		}
	})
}

func TestRolesThatDoNotExistAreRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner := k.CSRFHeaders(k.User1)
		for _, role := range []string{"", "admin", "operator", "system", "subscriber", "Owner"} {
			res := k.Do(http.MethodPut, memberPath(k.Assistant1), owner, fields{"role": role}).WantCode(k, 422, "invalid")
			if !strings.Contains(string(res.Body), "body.role") {
				t.Errorf("%q: %s", role, res.Body)
			}
		}
	})
}

func TestPersonChangesTheirOwnNameAndLanguage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, u := range []model.User{k.User1, k.Practitioner1, k.Assistant1} {
			h := k.CSRFHeaders(u)
			me := k.Ask(http.MethodPut, "/auth/me", h, fields{"full_name": "  Noa Levi ", "locale": "he"}).Want(k, 200).Map(k)["user"].(fields)
			if me["full_name"] != "Noa Levi" || me["locale"] != "he" || me["email"] != string(u.Email) {
				t.Errorf("answered %v", me)
			}
			k.Do(http.MethodPut, "/auth/me", h, fields{"locale": nil}).Want(k, 200)
			for field, body := range map[string]fields{
				"full_name": {"full_name": " "}, "locale": {"locale": "fr"}, "unknown": {"email": "other@example.com"},
			} {
				res := k.Do(http.MethodPut, "/auth/me", h, body).WantCode(k, 422, "invalid")
				if !strings.Contains(string(res.Body), "body."+field) {
					t.Errorf("%v: %s", body, res.Body)
				}
			}
			got := k.Get("/auth/me", h).Map(k)["user"].(fields)
			if got["full_name"] != "Noa Levi" || got["locale"] != "en" || got["role"] != u.Role.String() {
				t.Errorf("stored %v", got)
			}
		}
	})
}

// A session that somebody has left open is not enough to change who belongs to
// the practice.
func TestChangesOfMembersNeedAFreshProof(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, admin := k.CSRFHeaders(k.User1), k.Admin()
		k.Clock.Advance(5*time.Minute + time.Second)
		for _, path := range []string{"/deactivate", "/reactivate"} {
			k.Do(http.MethodPost, memberPath(k.Assistant1)+path, owner, nil).WantCode(k, 403, "step_up_required")
		}
		k.Do(http.MethodPut, memberPath(k.Assistant1), owner, fields{"role": "owner"}).WantCode(k, 403, "step_up_required")
		k.Do(http.MethodPost, "/invitations", owner, fields{"email": guest, "full_name": "G", "role": "owner"}).WantCode(k, 403, "step_up_required")
		admin.Do(http.MethodPost, practicePath(k.Workspace1)+"/suspend", fields{"reason": "x"}).WantCode(k, 403, "step_up_required")
		admin.Do(http.MethodDelete, practicePath(k.Workspace1), fields{"name": "Test Workspace 1", "reason": "x"}).WantCode(k, 403, "step_up_required")
		admin.Do(http.MethodPost, "/platform/blacklist", fields{"value": guest, "reason": "x"}).WantCode(k, 403, "step_up_required")
		for what, want := range map[string]int{
			"members where active and role = 'assistant'": 1, "members where active": 4, "invitations": 0, "blacklist": 0, "workspaces where status = 'active'": 2,
		} {
			if n := k.DB.Count("select count(*) from " + what); n != want {
				t.Errorf("%d %s, want %d", n, what, want)
			}
		}
	})
}
