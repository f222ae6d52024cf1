package model

import "slices"

// looks are the actions that change nothing, in the order of the table.
var looks = []Action{
	ClientList, ClientView, ClientHistory, ClientExport, ClientDuplicates, ConsentList, ServiceList, LocationList, PractitionerList,
	AppointmentList, AppointmentView, AppointmentConflicts, AppointmentSlots, SeriesPreview, SeriesView, TimelineView, WorkList,
	SessionList, SessionView, SessionSearch, TemplateList, FeedList, FeedRead,
	AuditList, AuditAccess, AuditExport, AuditCheckpoints, WorkspaceView, MemberList, InvitationList,
	PlatformWorkspaces, PlatformInvitations, PlatformActivity, PlatformMetrics, PlatformUsers, BlacklistList,
}

// LookNames are the names in the audit trail of what changes nothing.
func LookNames() []string { return namesOf(looks) }

func namesOf(actions []Action) (names []string) {
	for _, a := range actions {
		names = append(names, a.String())
	}
	slices.Sort(names)
	return names
}
