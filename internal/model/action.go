package model

// Action is one thing that can be done to a record. It is the unit of
// permission and the word that the audit trail uses.
type Action uint8

// The actions. Their rules are in the table below; the number is never stored.
const (
	ClientList Action = iota + 1
	ClientView
	ClientHistory
	ClientCreate
	ClientUpdate
	ClientArchive
	ClientRestore
	ClientImport
	ClientExport
	ClientDuplicates
	ConsentList
	ConsentGive
	ConsentWithdraw
	ServiceList
	ServiceCreate
	ServiceUpdate
	ServiceDelete
	LocationList
	LocationCreate
	LocationUpdate
	LocationDelete
	PractitionerList
	AppointmentList
	AppointmentView
	AppointmentConflicts
	AppointmentSlots
	AppointmentBook
	AppointmentUpdate
	AppointmentOverride
	AppointmentPay
	AppointmentDelete
	AppointmentRestore
	AppointmentPurge
	SeriesPreview
	SeriesBook
	SeriesView
	TimelineView
	WorkList
	SessionList
	SessionView
	SessionSearch
	SessionCreate
	SessionSave
	SessionSign
	SessionAmend
	SessionVoid
	SessionDelete
	SessionRestore
	SessionPurge
	TemplateList
	TemplateCreate
	TemplateUpdate
	TemplateDelete
	FeedList
	FeedCreate
	FeedRevoke
	FeedRead
	AuditList
	AuditAccess
	AuditExport
	AuditCheckpoints
	AuditLoss
	KeyRotate
	WorkspaceView
	WorkspaceUpdate
	WorkspaceSharing
	WorkspaceCreate
	MemberList
	MemberRole
	MemberDeactivate
	MemberReactivate
	InvitationList
	InvitationCreate
	InvitationResend
	InvitationRevoke
	InvitationAccept
	ProfileUpdate
	PlatformWorkspaces
	PlatformInvitations
	PlatformInvite
	PlatformResend
	PlatformRevoke
	PlatformSuspend
	PlatformReactivate
	PlatformDelete
	PlatformShred
	PlatformQuota
	PlatformActivity
	PlatformMetrics
	PlatformUsers
	PlatformResetFactor
	BlacklistList
	BlacklistAdd
	BlacklistRemove
	AdminAdd
	AdminRemove
	SignInRequest
	SignInCode
	SignIn
	SignOut
	SignInFactor
	SignInPlatform
	SignInRevoke
	StepUp
	FactorAdd
	FactorRename
	FactorRemove
	RecoveryRenew
	WorkspacePolicy
	actionEnd
)

type actionRule struct {
	name string
	may  roles
}

var (
	everyone   = of(Owner, Practitioner, Assistant, Operator)
	clinicians = of(Owner, Practitioner, Operator)
	owners     = of(Owner, Operator)
	nobody     = of(Operator, System)
)

// actions is the whole permission matrix of a workspace: an action that is
// not here is refused to every role.
var actions = [actionEnd]actionRule{
	ClientList:       {"client.list", everyone},
	ClientView:       {"client.view", everyone},
	ClientHistory:    {"client.history", clinicians},
	ClientCreate:     {"client.create", everyone},
	ClientUpdate:     {"client.update", everyone},
	ClientArchive:    {"client.archive", everyone},
	ClientRestore:    {"client.restore", everyone},
	ClientImport:     {"client.import", owners},
	ClientExport:     {"client.export", owners},
	ClientDuplicates: {"client.duplicates", everyone},
	ConsentList:      {"consent.list", everyone},
	ConsentGive:      {"consent.give", everyone},
	ConsentWithdraw:  {"consent.withdraw", everyone},

	ServiceList:      {"service.list", everyone},
	ServiceCreate:    {"service.create", owners},
	ServiceUpdate:    {"service.update", owners},
	ServiceDelete:    {"service.delete", owners},
	LocationList:     {"location.list", everyone},
	LocationCreate:   {"location.create", owners},
	LocationUpdate:   {"location.update", owners},
	LocationDelete:   {"location.delete", owners},
	PractitionerList: {"practitioner.list", everyone},

	AppointmentList:      {"appointment.list", everyone},
	AppointmentView:      {"appointment.view", everyone},
	AppointmentConflicts: {"appointment.conflicts", everyone},
	AppointmentSlots:     {"appointment.slots", everyone},
	AppointmentBook:      {"appointment.book", everyone},
	AppointmentUpdate:    {"appointment.update", everyone},
	AppointmentOverride:  {"appointment.override", everyone},
	AppointmentPay:       {"appointment.pay", everyone},
	AppointmentDelete:    {"appointment.delete", everyone},
	AppointmentRestore:   {"appointment.restore", everyone},
	AppointmentPurge:     {"appointment.purge", nobody},
	SeriesPreview:        {"series.preview", everyone},
	SeriesBook:           {"series.book", everyone},
	SeriesView:           {"series.view", everyone},
	TimelineView:         {"timeline.view", everyone},
	WorkList:             {"work.list", everyone},

	SessionList:    {"session.list", clinicians},
	SessionView:    {"session.view", clinicians},
	SessionSearch:  {"session.search", clinicians},
	SessionCreate:  {"session.create", clinicians},
	SessionSave:    {"session.save", clinicians},
	SessionSign:    {"session.sign", clinicians},
	SessionAmend:   {"session.amend", clinicians},
	SessionVoid:    {"session.entered_in_error", clinicians},
	SessionDelete:  {"session.delete", clinicians},
	SessionRestore: {"session.restore", clinicians},
	SessionPurge:   {"session.purge", nobody},
	TemplateList:   {"template.list", clinicians},
	TemplateCreate: {"template.create", clinicians},
	TemplateUpdate: {"template.update", clinicians},
	TemplateDelete: {"template.delete", clinicians},

	FeedList:   {"feed.list", clinicians},
	FeedCreate: {"feed.create", clinicians},
	FeedRevoke: {"feed.revoke", clinicians},
	FeedRead:   {"feed.read", of(Subscriber, Operator)},

	AuditList:        {"audit.list", owners},
	AuditAccess:      {"audit.access", owners},
	AuditExport:      {"audit.export", owners},
	AuditCheckpoints: {"audit.checkpoints", owners},
	AuditLoss:        {"audit.checkpoints_lost", nobody},
	KeyRotate:        {"keys.rotate", nobody},

	WorkspaceView:    {"workspace.view", everyone},
	WorkspaceUpdate:  {"workspace.update", owners},
	WorkspaceSharing: {"workspace.sharing", owners},
	WorkspaceCreate:  {"workspace.create", nobody},

	MemberList:       {"member.list", owners},
	MemberRole:       {"member.role", owners},
	MemberDeactivate: {"member.deactivate", owners},
	MemberReactivate: {"member.reactivate", owners},
	InvitationList:   {"invitation.list", owners},
	InvitationCreate: {"invitation.create", owners},
	InvitationResend: {"invitation.resend", owners},
	InvitationRevoke: {"invitation.revoke", owners},
	InvitationAccept: {"invitation.accept", nobody},
	ProfileUpdate:    {"profile.update", everyone},

	PlatformWorkspaces:  {"platform.workspaces", nobody},
	PlatformInvitations: {"platform.invitations", nobody},
	PlatformInvite:      {"platform.invite", nobody},
	PlatformResend:      {"platform.resend", nobody},
	PlatformRevoke:      {"platform.revoke", nobody},
	PlatformSuspend:     {"platform.suspend", nobody},
	PlatformReactivate:  {"platform.reactivate", nobody},
	PlatformDelete:      {"platform.delete", nobody},
	PlatformShred:       {"platform.shred", nobody},
	PlatformQuota:       {"platform.quota", nobody},
	PlatformActivity:    {"platform.activity", nobody},
	PlatformMetrics:     {"platform.metrics", nobody},
	PlatformUsers:       {"platform.users", nobody},
	PlatformResetFactor: {"platform.reset_factor", nobody},
	BlacklistList:       {"blacklist.list", nobody},
	BlacklistAdd:        {"blacklist.add", nobody},
	BlacklistRemove:     {"blacklist.remove", nobody},
	AdminAdd:            {"admin.add", nobody},
	AdminRemove:         {"admin.remove", nobody},

	SignInRequest: {"sign_in.request", nobody},
	SignInCode:    {"sign_in.code", nobody},
	SignIn:        {"sign_in", everyone},
	SignOut:       {"sign_out", everyone},

	SignInFactor:    {"sign_in.factor", nobody},
	SignInPlatform:  {"sign_in.platform", nobody},
	SignInRevoke:    {"sign_in.revoke", everyone},
	StepUp:          {"step_up", everyone},
	FactorAdd:       {"factor.add", everyone},
	FactorRename:    {"factor.rename", everyone},
	FactorRemove:    {"factor.remove", everyone},
	RecoveryRenew:   {"factor.recovery", everyone},
	WorkspacePolicy: {"workspace.policy", owners},
}

// String returns the action's name in the audit trail, such as "client.view".
func (a Action) String() string {
	if a < actionEnd {
		return actions[a].name
	}
	return ""
}

// May reports whether the role may do the action.
func (r Role) May(a Action) bool {
	return a < actionEnd && actions[a].may.has(r)
}

// Actions returns every action, in the order of the table.
func Actions() []Action {
	all := make([]Action, 0, actionEnd-1)
	for a := Action(1); a < actionEnd; a++ {
		all = append(all, a)
	}
	return all
}
