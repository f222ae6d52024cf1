package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// A practice sees that somebody came with a link that opens nothing any more.
func TestRefusedInvitationsAreInThePracticesTrail(t *testing.T) {
	for what, spoil := range map[string]struct {
		code string
		do   func(k *testkit.Kit, id, token string)
	}{
		"used": {"invitation_used", func(k *testkit.Kit, _, token string) {
			b := k.NewBrowser()
			land(b, token).Want(k, 200)
			accept(b, token).Want(k, 200)
		}},
		"expired": {"invitation_expired", func(k *testkit.Kit, _, _ string) { k.Clock.Advance(model.InvitationLife) }},
		"revoked": {"invitation_invalid", func(k *testkit.Kit, id, _ string) {
			k.Do(http.MethodDelete, "/invitations/"+id, k.CSRFHeaders(k.User1), nil).Want(k, 204)
		}},
	} {
		t.Run(what, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				i, _, token := invited(k, k.CSRFHeaders(k.User1), "assistant")
				b := k.NewBrowser()
				land(b, token).Want(k, 200)
				spoil.do(k, i["id"].(string), token)
				k.Clock.Advance(time.Second)
				refused := accept(b, token)
				if refused.Map(k)["code"] != spoil.code {
					t.Errorf("answered %s", refused.Body)
				}
				if never := accept(b, strings.Repeat("x", len(token))); spoil.code == "invitation_invalid" && !refused.SameBut(never) {
					t.Errorf("a link that was revoked answers otherwise than one that never was: %s", refused.Body)
				}
				land(b, token) // a look leaves nothing
				var denied []testkit.AuditedEvent
				for _, e := range k.Audited(k.Workspace1.ID, model.InvitationAccept) {
					if e.Outcome == "denied" {
						denied = append(denied, e)
					}
				}
				if len(denied) != 1 || denied[0].Subject != i["id"] {
					t.Errorf("in the trail: %v", denied)
				}
				if n := len(k.Audited(k.Workspace2.ID, model.InvitationAccept)); n != 0 {
					t.Errorf("%d entries in another practice", n)
				}
			})
		})
	}
}
