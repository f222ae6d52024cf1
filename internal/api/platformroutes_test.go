package api_test

import (
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// adminCall is how a route of the operator is used well. {id} is what of makes.
type adminCall struct {
	body any
	of   func(k *testkit.Kit, admin *testkit.Browser) string
	want int
}

// adminCalls has a row for each route of the operator, or the build fails.
var adminCalls = map[string]adminCall{
	"GET /platform/workspaces":                  {want: 200},
	"GET /platform/workspaces/{id}":             {of: freshPractice, want: 200},
	"POST /platform/workspaces/{id}/suspend":    {body: fields{"reason": "Unpaid"}, of: freshPractice, want: 200},
	"POST /platform/workspaces/{id}/reactivate": {of: suspendedPractice, want: 200},
	"DELETE /platform/workspaces/{id}":          {body: fields{"name": "Fresh practice", "reason": "Asked for"}, of: freshPractice, want: 200},
	"PUT /platform/workspaces/{id}/quota":       {body: fields{"bytes": 1000}, of: freshPractice, want: 200},
	"GET /platform/invitations":                 {want: 200},
	"POST /platform/invitations":                {body: fields{"practice_name": "P", "email": "somebody@example.org", "full_name": "F"}, want: 201},
	"POST /platform/invitations/{id}/resend":    {of: freshInvitation, want: 200},
	"DELETE /platform/invitations/{id}":         {of: freshInvitation, want: 204},
	"GET /platform/activity":                    {want: 200},
	"GET /platform/metrics":                     {want: 200},
	"GET /platform/blacklist":                   {want: 200},
	"POST /platform/blacklist":                  {body: fields{"value": "bad.example", "reason": "Abuse"}, want: 201},
	"DELETE /platform/blacklist/{id}":           {of: freshEntry, want: 204},
}

func freshPractice(k *testkit.Kit, admin *testkit.Browser) string {
	return operatorInvites(k, admin)["workspace_id"].(string)
}

func operatorInvites(k *testkit.Kit, admin *testkit.Browser) fields {
	k.T.Helper()
	return admin.Do(http.MethodPost, "/platform/invitations", fields{
		"practice_name": "Fresh practice", "email": uuid.NewString() + "@example.org", "full_name": "F",
	}).Want(k, 201).Map(k)
}

func suspendedPractice(k *testkit.Kit, admin *testkit.Browser) string {
	k.T.Helper()
	id := freshPractice(k, admin)
	admin.Do(http.MethodPost, "/platform/workspaces/"+id+"/suspend", fields{"reason": "Unpaid"}).Want(k, 200)
	return id
}

func freshInvitation(k *testkit.Kit, admin *testkit.Browser) string {
	k.T.Helper()
	id := operatorInvites(k, admin)["id"].(string)
	past := map[string]string{"sqlite": "sent_at - 120000000", "postgres": "sent_at - interval '2 minutes'"}[k.Engine]
	testkit.NoErr(k.T, k.DB.Exec("update invitations set sent_at = "+past+" where id = '"+id+"'"))
	return id
}

func freshEntry(k *testkit.Kit, admin *testkit.Browser) string {
	k.T.Helper()
	return admin.Do(http.MethodPost, "/platform/blacklist", fields{"value": uuid.NewString() + ".example", "reason": "Abuse"}).Want(k, 201).Map(k)["id"].(string)
}

// operators lists the routes of the operator.
func operators(k *testkit.Kit) (all []api.Route) {
	for _, r := range k.API.Routes() {
		if r.Admin {
			all = append(all, r)
		}
	}
	return all
}

func filled(r api.Route, id string) string { return strings.Replace(r.Path, "{id}", id, 1) }

func TestEveryOperatorRouteHasACallThatWorks(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		left := len(adminCalls)
		for _, r := range operators(k) {
			c, ok := adminCalls[name(r)]
			if !ok || r.Member || r.Action == 0 {
				t.Errorf("%s has no row, no action, or is a member route", name(r))
				continue
			}
			left--
			id := ""
			if c.of != nil {
				id = c.of(k, admin)
			}
			before := k.DB.Count("select count(*) from audit_events where workspace_id = $1 and action = $2 and outcome = 'ok' and actor_kind = 'operator'", uuid.Nil.String(), r.Action.String())
			res := admin.Do(r.Method, filled(r, id), c.body)
			k.Declared(r.Method, filled(r, id), res.Status)
			if res.Status != c.want {
				t.Errorf("%s: %d, want %d: %s", name(r), res.Status, c.want, res.Body)
			}
			if faults := k.Contract().Answer(r.Method, filled(r, id), res); len(faults) > 0 {
				t.Errorf("%s: %v", name(r), faults)
			}
			after := k.DB.Count("select count(*) from audit_events where workspace_id = $1 and action = $2 and outcome = 'ok' and actor_kind = 'operator'", uuid.Nil.String(), r.Action.String())
			if after == before {
				t.Errorf("%s is not in the server's chain", name(r))
			}
		}
		if left != 0 {
			t.Errorf("%d rows are of no route", left)
		}
	})
}

// Nobody but an admin who is signed in to run the server does any of it.
func TestOperatorRoutesOpenToNobodyElse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		before := k.DB.Count("select count(*) from workspaces") + k.DB.Count("select count(*) from blacklist") + k.DB.Count("select count(*) from invitations")
		members := []http.Header{k.CSRFHeaders(k.User1), k.CSRFHeaders(k.Practitioner1), k.CSRFHeaders(k.Assistant1)}
		for _, r := range operators(k) {
			path := filled(r, k.Workspace2.ID.String())
			k.Do(r.Method, path, nil, adminCalls[name(r)].body).WantCode(k, 401, "unauthenticated")
			for _, h := range members {
				k.Do(r.Method, path, h, adminCalls[name(r)].body).WantCode(k, 403, "platform_only")
			}
			if r.Method == http.MethodGet {
				continue
			}
			forged := k.NewBrowser()
			forged.SetCookie("access_token", admin.Cookie("access_token"))
			forged.Do(r.Method, path, adminCalls[name(r)].body).WantCode(k, 403, "csrf")
		}
		if after := k.DB.Count("select count(*) from workspaces") + k.DB.Count("select count(*) from blacklist") + k.DB.Count("select count(*) from invitations"); after != before {
			t.Error("something was changed")
		}
	})
}

func TestOperatorRoutesJudgeIDsAndBodies(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		admin := k.Admin()
		for _, r := range operators(k) {
			c := adminCalls[name(r)]
			if c.of != nil {
				admin.Do(r.Method, filled(r, uuid.NewString()), c.body).WantCode(k, 404, "not_found")
				admin.Do(r.Method, filled(r, "no-id"), c.body).WantCode(k, 422, "invalid")
			}
			if c.body == nil {
				continue
			}
			id := ""
			if c.of != nil {
				admin.Do(r.Method, filled(r, uuid.NewString()), "{").WantCode(k, 404, "not_found") // the id is judged first
				id = c.of(k, admin)
			}
			admin.Do(r.Method, filled(r, id), "{").WantCode(k, 400, "malformed")
			admin.Do(r.Method, filled(r, id), `{"unknown_member":1}`).WantCode(k, 422, "invalid")
			admin.Do(r.Method, filled(r, id), fields{}).WantCode(k, 422, "invalid")
		}
	})
}

// No word of any client is within an admin's reach, by whichever route.
func TestAdminSeesNoHealthData(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		theirs := otherPractice(k)
		admin := k.Admin()
		k.Do(http.MethodPut, "/workspace", k.CSRFHeaders(k.User2), fields{"name": "Plain"}).Want(k, 200)
		testkit.NoErr(t, k.DB.Exec("delete from invitations"))
		words := []string{canary + " ", "0987123", "Jane", "Roe", "John", "Doe", strings.ToLower(canary) + "@"}
		seen := 0
		for _, r := range operators(k) {
			if r.Method == http.MethodGet {
				seen++
				wantNoneOf(t, name(r), admin.Do(r.Method, filled(r, k.Workspace2.ID.String()), nil).Want(k, 200).Body, words)
			}
		}
		for _, r := range members(k) {
			res := admin.Do(r.Method, fill(r, theirs)+search(k, calls[name(r)], theirs), resolve(k, calls[name(r)].body, theirs))
			if res.Status != 403 && res.Status != 415 {
				t.Errorf("%s: %d %s", name(r), res.Status, res.Body)
			}
		}
		if seen < 6 {
			t.Errorf("only %d answers were looked at", seen)
		}
	})
}
