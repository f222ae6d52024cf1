package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func practicePath(w model.Workspace) string { return "/platform/workspaces/" + w.ID.String() }

func names(list []map[string]any, field string) string {
	var all []string
	for _, one := range list {
		all = append(all, one[field].(string))
	}
	return strings.Join(all, ", ")
}

func TestAdminInvitesAPractice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		k.RunJobs()
		sent := len(k.Outbox.Sent())
		made := admin.Do(http.MethodPost, "/platform/invitations", fields{
			"practice_name": "Quiet Hands", "email": " New.Owner@example.com ", "full_name": "Nora New", "locale": "he", "time_zone": "Asia/Jerusalem",
		}).Want(k, 201).Map(k)
		m := k.Mailed(sent, 1)[0]
		if m.To != "new.owner@example.com" || m.Lang != "he" || made["role"] != "owner" || made["practice_name"] != "Quiet Hands" {
			t.Errorf("made %v, mailed to %s in %s", made, m.To, m.Lang)
		}
		if pending := admin.Do(http.MethodGet, "/platform/invitations", nil).Want(k, 200).List(k); names(pending, "email") != "new.owner@example.com" {
			t.Errorf("pending %v", pending)
		}
		b, token := k.NewBrowser(), k.InvitationToken(m)
		if shown := land(b, token).Want(k, 200).Map(k); shown["practice_name"] != "Quiet Hands" || shown["invited_by"] != nil {
			t.Errorf("landing %v", shown)
		}
		accept(b, token).Want(k, 200)
		me := b.Do(http.MethodGet, "/auth/me", nil).Want(k, 200).Map(k)
		if w := me["workspace"].(fields); w["name"] != "Quiet Hands" || w["time_zone"] != "Asia/Jerusalem" || w["locale"] != "he" || me["user"].(fields)["role"] != "owner" {
			t.Errorf("joined %v", me)
		}
		b.Do(http.MethodPost, "/clients", fields{"first_name": "A", "last_name": "B"}).Want(k, 201)
		if pending := admin.Do(http.MethodGet, "/platform/invitations", nil).List(k); len(pending) != 0 {
			t.Errorf("still pending: %v", pending)
		}
	})
}

func TestInvitationOfAPracticeIsRefusedForKnownAndListedAddresses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		admin.Do(http.MethodPost, "/platform/blacklist", fields{"value": "bad.example", "reason": "Abuse"}).Want(k, 201)
		before := k.DB.Count("select count(*) from workspaces")
		for email, code := range map[string]string{"USER-1@example.com": "email_taken", "who@sub.bad.example": "blacklisted"} {
			admin.Do(http.MethodPost, "/platform/invitations", fields{"practice_name": "P", "email": email, "full_name": "F"}).WantCode(k, 409, code)
		}
		admin.Do(http.MethodPost, "/platform/invitations", fields{"practice_name": " ", "email": "x", "full_name": " "}).WantCode(k, 422, "invalid")
		if k.DB.Count("select count(*) from workspaces") != before || k.DB.Count("select count(*) from invitations") != 0 {
			t.Error("something was stored")
		}
	})
}

func TestAdminResendsAndRevokesInvitations(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		k.RunJobs()
		sent := len(k.Outbox.Sent())
		made := admin.Do(http.MethodPost, "/platform/invitations", fields{"practice_name": "P", "email": guest, "full_name": "F"}).Want(k, 201).Map(k)
		old := k.InvitationToken(k.Mailed(sent, 1)[0])
		path := "/platform/invitations/" + made["id"].(string)
		admin.Do(http.MethodPost, path+"/resend", nil).WantCode(k, 429, "too_many")
		k.Clock.Advance(time.Minute)
		admin.Do(http.MethodPost, path+"/resend", nil).Want(k, 200)
		token := k.InvitationToken(k.Mailed(sent+1, 1)[0])
		land(k.NewBrowser(), old).WantCode(k, 404, "invitation_invalid")
		land(k.NewBrowser(), token).Want(k, 200)
		admin.Do(http.MethodDelete, path, nil).Want(k, 204)
		land(k.NewBrowser(), token).WantCode(k, 404, "invitation_invalid")
		admin.Do(http.MethodDelete, path, nil).Want(k, 404)
		if n := k.DB.Count("select count(*) from data_keys where owner_id = $1", made["workspace_id"]); n != 0 {
			t.Error("the empty practice has kept its key")
		}
		if status := k.DB.Rows("select status from workspaces where id = $1", made["workspace_id"])[0][0]; status != "deleted" {
			t.Errorf("the empty practice is %s", status)
		}
		// A practice's own invitations are not the operator's to touch.
		i, _, _ := invited(k, k.CSRFHeaders(k.User1), "assistant")
		admin.Do(http.MethodDelete, "/platform/invitations/"+i["id"].(string), nil).Want(k, 404)
	})
}

func TestAdminFindsPractices(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		get := func(query string) *testkit.Response {
			return admin.Do(http.MethodGet, "/platform/workspaces"+query, nil).Want(k, 200)
		}
		if got := names(get("").List(k), "name"); got != "Test Workspace 2, Test Workspace 1" {
			t.Errorf("all: %s", got)
		}
		for query, want := range map[string]string{
			"?q=workspace+2": "Test Workspace 2", "?q=USER-1%40": "Test Workspace 1", "?q=%25": "", "?q=_": "", "?q=user+2": "Test Workspace 2",
			"?status=suspended": "", "?status=active&q=test": "Test Workspace 2, Test Workspace 1", "?q=John": "", "?q=Doe": "",
		} {
			if got := names(get(query).List(k), "name"); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		first := get("?limit=1")
		next, _, _ := strings.Cut(strings.TrimPrefix(first.Header.Get("Link"), "<"), ">")
		second := admin.Do(http.MethodGet, next, nil).Want(k, 200)
		if names(first.List(k), "name") != "Test Workspace 2" || names(second.List(k), "name") != "Test Workspace 1" || second.Header.Get("Link") != "" {
			t.Errorf("pages %s, %s", first.Body, second.Body)
		}
		one := admin.Do(http.MethodGet, practicePath(k.Workspace1), nil).Want(k, 200).Map(k)
		if one["members"] != 3.0 || one["status"] != "active" || one["quota_bytes"] != float64(10<<30) || names(asList2(one["owners"]), "email") != "user-1@example.com" {
			t.Errorf("one: %v", one)
		}
		admin.Do(http.MethodGet, "/platform/workspaces?cursor=x", nil).Want(k, 422)
	})
}

func asList2(v any) (all []map[string]any) {
	for _, one := range v.([]any) {
		all = append(all, one.(map[string]any))
	}
	return all
}

func TestSuspendedPracticeIsClosedEverywhere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin, member := k.Admin(), k.CSRFHeaders(k.User1)
		feed := k.Do(http.MethodPost, "/feeds", member, fields{"privacy": "busy"}).Want(k, 201).Map(k)["path"].(string)
		b := k.NewBrowser()
		link := k.LinkToken(b.AskLink(string(k.User1.Email)))
		k.RunJobs()
		sent := len(k.Outbox.Sent())
		k.Do(http.MethodPut, memberPath(k.Assistant1), member, fields{"role": "practitioner"}).Want(k, 200) // its mail waits
		got := admin.Do(http.MethodPost, practicePath(k.Workspace1)+"/suspend", fields{"reason": " Unpaid for long "}).Want(k, 200).Map(k)
		if got["status"] != "suspended" || got["reason"] != "Unpaid for long" {
			t.Errorf("answered %v", got)
		}
		k.Get("/auth/me", member).WantCode(k, 401, "unauthenticated")
		k.Get(feed, nil).Want(k, 404)
		b.Do(http.MethodPost, "/auth/verify", fields{"token": link}).WantCode(k, 401, "link_invalid")
		known := k.NewBrowser().Do(http.MethodPost, "/auth/magic-link", fields{"email": string(k.User1.Email)}).Want(k, 202)
		nobody := k.NewBrowser().Do(http.MethodPost, "/auth/magic-link", fields{"email": "nobody@example.com"}).Want(k, 202)
		if string(known.Body) != string(nobody.Body) {
			t.Errorf("%s and %s", known.Body, nobody.Body)
		}
		k.Mailed(sent, 1) // to the owner, who is told
		k.Get("/auth/me", k.AuthHeaders(k.User2)).Want(k, 200)
		admin.Do(http.MethodPost, practicePath(k.Workspace1)+"/suspend", fields{"reason": "Again"}).WantCode(k, 409, "wrong_status")
		admin.Do(http.MethodPost, practicePath(k.Workspace1)+"/reactivate", nil).Want(k, 200)
		admin.Do(http.MethodPost, practicePath(k.Workspace1)+"/reactivate", nil).WantCode(k, 409, "wrong_status")
		k.Get("/auth/me", member).WantCode(k, 401, "unauthenticated")
		k.Get("/auth/me", k.AuthHeaders(k.User1)).Want(k, 200)
		k.Get(feed, nil).Want(k, 200)
		for _, workspace := range []uuid.UUID{uuid.Nil, k.Workspace1.ID} {
			if n := k.DB.Count("select count(*) from audit_events where workspace_id = $1 and action = 'platform.suspend' and outcome = 'ok' and actor_kind = 'operator' and subject_id = $2", workspace.String(), k.Workspace1.ID.String()); n != 1 {
				t.Errorf("%d events in the chain of %s", n, workspace)
			}
		}
	})
}

func TestDeletedPracticeComesBackUntilItsKeyIsDestroyed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin, member := k.Admin(), k.CSRFHeaders(k.User1)
		path := practicePath(k.Workspace1)
		for _, name := range []string{"", "Test Workspace", "test workspace 1", "Test Workspace 2"} {
			res := admin.Do(http.MethodDelete, path, fields{"name": name, "reason": "Asked for"}).WantCode(k, 422, "invalid")
			if !strings.Contains(string(res.Body), "other_name") {
				t.Errorf("%q: %s", name, res.Body)
			}
		}
		closing := fields{"name": "Test Workspace 1", "reason": "Asked for"}
		admin.Do(http.MethodDelete, path, closing).Want(k, 200)
		k.Get("/auth/me", member).Want(k, 401)
		admin.Do(http.MethodDelete, path, closing).WantCode(k, 409, "wrong_status")
		admin.Do(http.MethodPost, path+"/suspend", fields{"reason": "x"}).WantCode(k, 409, "wrong_status")
		k.Clock.Advance(30*24*time.Hour - time.Second)
		shred(k, 0)
		admin = again(k)
		admin.Do(http.MethodPost, path+"/reactivate", nil).Want(k, 200)
		if got := k.Get("/clients/"+k.Client1.ID.String(), k.AuthHeaders(k.User1)).Want(k, 200).Map(k); got["first_name"] != "John" {
			t.Errorf("read %v", got)
		}
		admin.Do(http.MethodDelete, path, closing).Want(k, 200)
		k.Clock.Advance(30 * 24 * time.Hour)
		shred(k, 1)
		shred(k, 0)
		admin = again(k)
		wantShredded(k, admin)
	})
}

// shred runs the job that destroys keys.
func shred(k *testkit.Kit, want int) {
	k.T.Helper()
	n, err := k.Platform.Shred(k.T.Context())
	if err != nil || n != want {
		k.T.Errorf("%d keys were destroyed (%v), want %d", n, err, want)
	}
}

// again signs the admin in once more, after a long time.
func again(k *testkit.Kit) *testkit.Browser {
	k.T.Helper()
	testkit.NoErr(k.T, k.Platform.ResetFactor(k.T.Context(), k.Store.PlatformScope(uuid.Nil), testkit.AdminEmail))
	k.RunJobs()
	return k.Admin()
}

func wantShredded(k *testkit.Kit, admin *testkit.Browser) {
	k.T.Helper()
	path := practicePath(k.Workspace1)
	if n := k.DB.Count("select count(*) from data_keys where owner_id = $1", k.Workspace1.ID.String()); n != 0 {
		k.T.Error("the key is still there")
	}
	got := admin.Do(http.MethodGet, path, nil).Want(k, 200).Map(k)
	if got["name"] != "" || got["shredded_at"] == nil {
		k.T.Errorf("shown as %v", got)
	}
	admin.Do(http.MethodPost, path+"/reactivate", nil).WantCode(k, 410, "shredded")
	fresh := k.OpenStore() // a process that has never seen the key
	err := fresh.Read(k.T.Context(), fresh.OperatorScope(k.Workspace1.ID), model.ClientView, func(*store.ReadTx) error { return nil })
	if err == nil {
		k.T.Error("the records can still be opened")
	}
	k.Get("/clients/"+k.Client2.ID.String(), k.AuthHeaders(k.User2)).Want(k, 200)
}

func TestPracticeIsShreddedAtOnceWhenAskedFor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		admin.Do(http.MethodDelete, practicePath(k.Workspace1), fields{"name": "Test Workspace 1", "reason": "Asked for", "shred": true}).Want(k, 200)
		wantShredded(k, admin)
	})
}

// The database itself keeps the keys of living practices, and lets no shredded
// one come back.
func TestKeysOfLivingPracticesCannotBeDestroyed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		if err := k.DB.Exec("delete from data_keys where owner_id = $1", k.Workspace1.ID.String()); err == nil {
			t.Error("the key of an active practice was destroyed")
		}
		if err := k.DB.Exec("delete from data_keys where owner_id = $1", uuid.Nil.String()); err == nil {
			t.Error("the system's key was destroyed")
		}
		k.Admin().Do(http.MethodDelete, practicePath(k.Workspace1), fields{"name": "Test Workspace 1", "reason": "Asked for", "shred": true}).Want(k, 200)
		if err := k.DB.Exec("update workspaces set status = 'active' where id = $1", k.Workspace1.ID.String()); err == nil {
			t.Error("a shredded practice came back")
		}
	})
}

func TestAdminDoesNothingToTheOwnPractice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		id := k.DB.Rows("select user_id from platform_admins")[0][0]
		testkit.NoErr(t, k.DB.Exec("insert into members (workspace_id, user_id, role, active, created_at) select workspace_id, '"+id+"', 'assistant', active, created_at from members where user_id = $1", k.User1.ID.String()))
		admin.Do(http.MethodPost, practicePath(k.Workspace1)+"/suspend", fields{"reason": "x"}).WantCode(k, 409, "own_workspace")
		admin.Do(http.MethodPost, practicePath(k.Workspace2)+"/suspend", fields{"reason": "x"}).Want(k, 200)
	})
}

func TestQuotaIsTheOperators(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		path := practicePath(k.Workspace1) + "/quota"
		for _, bytes := range []int64{0, 1, model.MaxQuota} {
			if got := admin.Do(http.MethodPut, path, fields{"bytes": bytes}).Want(k, 200).Map(k); got["quota_bytes"] != float64(bytes) {
				t.Errorf("%d: %v", bytes, got["quota_bytes"])
			}
		}
		for _, bytes := range []int64{-1, model.MaxQuota + 1} {
			admin.Do(http.MethodPut, path, fields{"bytes": bytes}).WantCode(k, 422, "invalid")
		}
		k.Do(http.MethodPut, path, k.CSRFHeaders(k.User1), fields{"bytes": 1}).WantCode(k, 403, "platform_only")
	})
}

func TestActivityIsFilteredByKindAndChanges(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		path := practicePath(k.Workspace2)
		admin.Do(http.MethodPost, path+"/suspend", fields{"reason": "Unpaid"}).Want(k, 200)
		admin.Do(http.MethodPost, "/platform/blacklist", fields{"value": "bad.example", "reason": "Abuse"}).Want(k, 201)
		admin.Do(http.MethodGet, "/platform/workspaces", nil).Want(k, 200)
		admin.Do(http.MethodPost, path+"/reactivate", nil).Want(k, 200)
		list := func(query string) string {
			return names(admin.Do(http.MethodGet, "/platform/activity?"+query, nil).Want(k, 200).List(k), "action")
		}
		for query, want := range map[string]string{
			"kind=practice&limit=2":              "platform.workspaces, platform.reactivate", // a change is answered with how it is now
			"kind=practice&changes=true&limit=3": "platform.reactivate, platform.suspend, workspace.create",
			"changes=true&limit=3":               "platform.reactivate, blacklist.add, platform.suspend",
			"kind=blacklist":                     "blacklist.add",
			"kind=invitation":                    "",
		} {
			if got := list(query); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		first := admin.Do(http.MethodGet, "/platform/activity?kind=practice&changes=true&limit=1", nil).Want(k, 200)
		next, _, _ := strings.Cut(strings.TrimPrefix(first.Header.Get("Link"), "<"), ">")
		if older := list(next[strings.Index(next, "?")+1:]); older != "platform.suspend" {
			t.Errorf("the next page: %s", older)
		}
		for _, wrong := range []string{"kind=zzcanary", "changes=zzcanary"} {
			if res := admin.Do(http.MethodGet, "/platform/activity?"+wrong, nil).WantCode(k, 422, "invalid"); strings.Contains(string(res.Body), "zzcanary") {
				t.Errorf("%s: %s", wrong, res.Body)
			}
		}
	})
}

func TestActivityAndMetrics(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		admin.Do(http.MethodPost, practicePath(k.Workspace2)+"/suspend", fields{"reason": "Unpaid"}).Want(k, 200)
		page := admin.Do(http.MethodGet, "/platform/activity?limit=2", nil).Want(k, 200)
		list := page.List(k)
		if names(list, "action") != "platform.activity, platform.workspaces" || list[0]["actor_email"] != testkit.AdminEmail {
			t.Errorf("activity %v", list)
		}
		next, _, _ := strings.Cut(strings.TrimPrefix(page.Header.Get("Link"), "<"), ">")
		if older := admin.Do(http.MethodGet, next, nil).Want(k, 200).List(k); older[0]["action"] != "platform.suspend" || older[0]["subject_id"] != k.Workspace2.ID.String() {
			t.Errorf("older %v", older)
		}
		admin.Do(http.MethodGet, "/platform/activity?cursor=x", nil).Want(k, 422)
		m := admin.Do(http.MethodGet, "/platform/metrics?days=3", nil).Want(k, 200).Map(k)
		days := asList2(m["days"])
		if m["active"] != 1.0 || m["suspended"] != 1.0 || m["deleted"] != 0.0 || m["members"] != 4.0 || len(days) != 3 {
			t.Errorf("metrics %v", m)
		}
		if days[2]["date"] != "2026-02-02" || days[2]["workspaces"] != 2.0 || days[2]["members"] != 4.0 || days[2]["sign_ins"] != 1.0 || days[1]["members"] != 0.0 {
			t.Errorf("days %v", days)
		}
	})
}
