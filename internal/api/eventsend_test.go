package api_test

import (
	"context"
	"net/http"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// ends are the ways in which a session ends by another hand, on a process that
// is not the one that holds its stream.
var ends = map[string]func(k *testkit.Kit){
	"signed out everywhere else": func(k *testkit.Kit) {
		k.Do(http.MethodDelete, "/auth/sessions", k.CSRFHeaders(k.Assistant1), nil).Want(k, 204)
	},
	"one device signed out": func(k *testkit.Kit) {
		other := k.CSRFHeaders(k.Assistant1)
		for _, d := range k.Get("/auth/sessions", other).Want(k, 200).List(k) {
			if d["current"] == false {
				k.Do(http.MethodDelete, "/auth/sessions/"+d["id"].(string), other, nil).Want(k, 204)
			}
		}
	},
	"deactivated": func(k *testkit.Kit) {
		k.Do(http.MethodPost, "/members/"+k.Assistant1.ID.String()+"/deactivate", k.CSRFHeaders(k.User1), nil).Want(k, 200)
	},
	"another role": func(k *testkit.Kit) {
		k.Do(http.MethodPut, "/members/"+k.Assistant1.ID.String(), k.CSRFHeaders(k.User1), fields{"role": "practitioner"}).Want(k, 200)
	},
	"practice suspended": func(k *testkit.Kit) {
		k.Admin().Do(http.MethodPost, practicePath(k.Workspace1)+"/suspend", fields{"reason": "Unpaid"}).Want(k, 200)
	},
	"practice deleted": func(k *testkit.Kit) {
		k.Admin().Do(http.MethodDelete, practicePath(k.Workspace1), fields{"name": string(k.Workspace1.Name), "reason": "Asked to"}).Want(k, 200)
	},
	"address kept out": func(k *testkit.Kit) {
		k.Admin().Do(http.MethodPost, "/platform/blacklist", fields{"value": string(k.Assistant1.Email), "reason": "Abuse"}).Want(k, 201)
	},
	"by the operator's command": func(k *testkit.Kit) {
		testkit.NoErr(k.T, k.Platform.ResetFactor(k.T.Context(), k.Store.PlatformScope(uuid.Nil), string(k.Assistant1.Email)))
		changes := api.Changes{Publish: func(ctx context.Context, workspace uuid.UUID, noun string) error {
			return k.KV.Publish(ctx, workspace.String(), []byte(noun))
		}}
		testkit.NoErr(k.T, changes.SessionsEnded(k.T.Context()))
	},
}

// The streams of told look at their sessions by themselves only each hour.
func TestAStreamEndsAtOnceWhenItsSessionIsEndedElsewhere(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				one, two := told(k, nil), told(k, nil)
				gone, stays := listen(two, k.AuthHeaders(k.Assistant1)), listen(two, k.AuthHeaders(k.User2))
				gone.want("hello {}")
				stays.want("hello {}")
				end(one)
				gone.want("signed_out {}")
				if got := gone.next(); got != "" {
					t.Errorf("after the end: %q", got)
				}
				one.Do(http.MethodPut, "/workspace", k.CSRFHeaders(k.User2), fields{"name": "Other"}).Want(k, 200)
				stays.want(`change {"noun":"workspace"}`)
			})
		})
	}
}
