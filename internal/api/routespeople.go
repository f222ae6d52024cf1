package api

import (
	"net/http"

	"pazpaz/internal/model"
)

// Who belongs to the practice, and how people come into it.
func (a *API) registerPeople() {
	member(a, put("/auth/me", "auth", "Change your name or language: absent fields stay").body(profileIn{}).changes("members", "practitioners").does(model.ProfileUpdate), a.updateProfile)

	member(a, get("/members", "members", "List the members of the practice").does(model.MemberList), a.listMembers)
	member(a, put("/members/{id}", "members", "Give a member another role").body(roleIn{}).changes("practitioners").fresh().does(model.MemberRole), a.changeRole)
	member(a, post("/members/{id}/deactivate", "members", "Keep a member from signing in").refuses(http.StatusConflict).changes("practitioners").fresh().does(model.MemberDeactivate), a.deactivateMember)
	member(a, post("/members/{id}/reactivate", "members", "Let a member sign in again").changes("practitioners").fresh().does(model.MemberReactivate), a.reactivateMember)

	member(a, get("/invitations", "invitations", "List the open invitations").does(model.InvitationList), a.listInvitations)
	member(a, post("/invitations", "invitations", "Invite somebody into the practice").body(invitationIn{}).status(http.StatusCreated).refuses(http.StatusConflict).fresh().does(model.InvitationCreate), a.invite)
	member(a, post("/invitations/{id}/resend", "invitations", "Send an invitation again; the link from before ends").does(model.InvitationResend), a.resendInvitation)
	member(a, del("/invitations/{id}", "invitations", "Take an invitation back").status(http.StatusNoContent).does(model.InvitationRevoke), a.revokeInvitation)

	public(a, post("/auth/invitation", "auth", "Look at an invitation by its link's token").body(tokenIn{}).refuses(http.StatusNotFound, http.StatusGone), a.land)
	public(a, post("/auth/invitation/accept", "auth", "Accept an invitation and sign in").body(acceptIn{}).refuses(http.StatusNotFound, http.StatusGone, http.StatusConflict), a.accept)
}

// What the operator does: no health data is in reach of these.
func (a *API) registerPlatform() {
	admin(a, get("/platform/workspaces", "platform", "List and search practices").does(model.PlatformWorkspaces), a.listPractices)
	admin(a, get("/platform/workspaces/{id}", "platform", "Read what the operator knows of a practice").does(model.PlatformWorkspaces), a.getPractice)
	admin(a, post("/platform/workspaces/{id}/suspend", "platform", "Close a practice until it is reactivated").body(reasonIn{}).refuses(http.StatusConflict, http.StatusGone).fresh().does(model.PlatformSuspend), a.suspendPractice)
	admin(a, post("/platform/workspaces/{id}/reactivate", "platform", "Open a practice again").refuses(http.StatusConflict, http.StatusGone).fresh().does(model.PlatformReactivate), a.reactivatePractice)
	admin(a, del("/platform/workspaces/{id}", "platform", "Delete a practice; its data key is destroyed after 30 days").body(deletePracticeIn{}).refuses(http.StatusConflict, http.StatusGone).fresh().does(model.PlatformDelete), a.deletePractice)
	admin(a, put("/platform/workspaces/{id}/quota", "platform", "Change how much of files a practice may keep").body(quotaIn{}).does(model.PlatformQuota), a.setQuota)

	admin(a, get("/platform/invitations", "platform", "List the practices that wait for their owner").does(model.PlatformInvitations), a.listPlatformInvitations)
	admin(a, post("/platform/invitations", "platform", "Make a practice and invite its owner").body(invitePracticeIn{}).status(http.StatusCreated).refuses(http.StatusConflict).does(model.PlatformInvite), a.invitePractice)
	admin(a, post("/platform/invitations/{id}/resend", "platform", "Send an invitation again; the link from before ends").does(model.PlatformResend), a.resendPlatformInvitation)
	admin(a, del("/platform/invitations/{id}", "platform", "Take an invitation back, and the practice that nobody has joined").status(http.StatusNoContent).refuses(http.StatusConflict).does(model.PlatformRevoke), a.revokePlatformInvitation)

	admin(a, get("/platform/activity", "platform", "List what admins did, the latest first").does(model.PlatformActivity), a.listActivity)
	admin(a, get("/platform/metrics", "platform", "Count practices, people and sign-ins").does(model.PlatformMetrics), a.serverMetrics)

	admin(a, get("/platform/blacklist", "platform", "List the addresses that may not sign in").does(model.BlacklistList), a.listBlacklist)
	admin(a, post("/platform/blacklist", "platform", "Keep an address or a domain out").body(blacklistIn{}).status(http.StatusCreated).refuses(http.StatusConflict).fresh().does(model.BlacklistAdd), a.addToBlacklist)
	admin(a, del("/platform/blacklist/{id}", "platform", "Take an entry off the blacklist").status(http.StatusNoContent).does(model.BlacklistRemove), a.removeFromBlacklist)
}
