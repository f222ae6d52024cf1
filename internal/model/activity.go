package model

// ActivityFilter chooses among the steps in the server's own chain.
type ActivityFilter struct {
	// Before is the number of a step that all are older than; 0: from the end.
	Before int64
	// Kind is a name of activityKinds; empty: any.
	Kind string
	// Changes leaves out those that only looked.
	Changes bool
	Limit   int
}

// activityKinds sort what an operator can do.
var activityKinds = map[string][]Action{
	"practice": {
		PlatformWorkspaces, PlatformSuspend, PlatformReactivate, PlatformDelete, PlatformShred, PlatformQuota, WorkspaceCreate,
	},
	"invitation": {PlatformInvitations, PlatformInvite, PlatformResend, PlatformRevoke},
	"blacklist":  {BlacklistList, BlacklistAdd, BlacklistRemove},
	"operator":   {PlatformUsers, PlatformResetFactor, AdminAdd, AdminRemove},
	"sign_in": {
		SignIn, SignInRequest, SignInCode, SignInFactor, SignInPlatform, SignInRevoke, SignOut, StepUp,
		FactorAdd, FactorRename, FactorRemove, RecoveryRenew,
	},
	"server": {PlatformActivity, PlatformMetrics, KeyRotate, AuditLoss},
}

// Actions are the names of the steps of the filter's kind; nil: all.
func (f ActivityFilter) Actions() []string { return namesOf(activityKinds[f.Kind]) }

// LeftOut are the names of the steps that the filter does not want.
func (f ActivityFilter) LeftOut() []string {
	if !f.Changes {
		return nil
	}
	return LookNames()
}
