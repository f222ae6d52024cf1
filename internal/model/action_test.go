package model_test

import (
	"strings"
	"testing"

	"pazpaz/internal/model"
)

// matrix is who may do what, written out once more: o owner, p practitioner,
// a assistant, s system, O operator,
// f subscriber of a feed. A change of the rules changes this too.
var matrix = map[string]string{
	"client.list":              "opa-O",
	"client.view":              "opa-O",
	"client.history":           "op--O",
	"client.create":            "opa-O",
	"client.update":            "opa-O",
	"client.archive":           "opa-O",
	"client.restore":           "opa-O",
	"client.import":            "o---O",
	"client.export":            "o---O",
	"client.duplicates":        "opa-O",
	"consent.list":             "opa-O",
	"consent.give":             "opa-O",
	"consent.withdraw":         "opa-O",
	"service.list":             "opa-O",
	"service.create":           "o---O",
	"service.update":           "o---O",
	"service.delete":           "o---O",
	"location.list":            "opa-O",
	"location.create":          "o---O",
	"location.update":          "o---O",
	"location.delete":          "o---O",
	"practitioner.list":        "opa-O",
	"appointment.list":         "opa-O",
	"appointment.view":         "opa-O",
	"appointment.conflicts":    "opa-O",
	"appointment.slots":        "opa-O",
	"appointment.book":         "opa-O",
	"appointment.override":     "opa-O",
	"appointment.update":       "opa-O",
	"appointment.pay":          "opa-O",
	"appointment.delete":       "opa-O",
	"appointment.restore":      "opa-O",
	"appointment.purge":        "---sO",
	"series.preview":           "opa-O",
	"series.book":              "opa-O",
	"series.view":              "opa-O",
	"timeline.view":            "opa-O",
	"work.list":                "opa-O",
	"session.list":             "op--O",
	"session.view":             "op--O",
	"session.search":           "op--O",
	"session.create":           "op--O",
	"session.save":             "op--O",
	"session.sign":             "op--O",
	"session.amend":            "op--O",
	"session.entered_in_error": "op--O",
	"session.delete":           "op--O",
	"session.restore":          "op--O",
	"session.purge":            "---sO",
	"template.list":            "op--O",
	"template.create":          "op--O",
	"template.update":          "op--O",
	"template.delete":          "op--O",
	"feed.list":                "op--O",
	"feed.create":              "op--O",
	"feed.revoke":              "op--O",
	"feed.read":                "f---O",
	"audit.list":               "o---O",
	"audit.access":             "o---O",
	"audit.export":             "o---O",
	"audit.checkpoints":        "o---O",
	"audit.checkpoints_lost":   "---sO",
	"keys.rotate":              "---sO",
	"workspace.view":           "opa-O",
	"workspace.update":         "o---O",
	"workspace.sharing":        "o---O",
	"workspace.create":         "---sO",
	"workspace.policy":         "o---O",
	"sign_in.factor":           "---sO",
	"sign_in.platform":         "---sO",
	"sign_in.revoke":           "opa-O",
	"step_up":                  "opa-O",
	"factor.add":               "opa-O",
	"factor.rename":            "opa-O",
	"factor.remove":            "opa-O",
	"factor.recovery":          "opa-O",
	"member.list":              "o---O",
	"member.role":              "o---O",
	"member.deactivate":        "o---O",
	"member.reactivate":        "o---O",
	"invitation.list":          "o---O",
	"invitation.create":        "o---O",
	"invitation.resend":        "o---O",
	"invitation.revoke":        "o---O",
	"profile.update":           "opa-O",
	"invitation.accept":        "---sO",
	"platform.workspaces":      "---sO",
	"platform.invitations":     "---sO",
	"platform.invite":          "---sO",
	"platform.resend":          "---sO",
	"platform.revoke":          "---sO",
	"platform.suspend":         "---sO",
	"platform.reactivate":      "---sO",
	"platform.delete":          "---sO",
	"platform.shred":           "---sO",
	"platform.quota":           "---sO",
	"platform.activity":        "---sO",
	"platform.metrics":         "---sO",
	"platform.users":           "---sO",
	"platform.reset_factor":    "---sO",
	"blacklist.list":           "---sO",
	"blacklist.add":            "---sO",
	"blacklist.remove":         "---sO",
	"admin.add":                "---sO",
	"admin.remove":             "---sO",
	"sign_in.request":          "---sO",
	"sign_in.code":             "---sO",
	"sign_in":                  "opa-O",
	"sign_out":                 "opa-O",
}

func TestPermissionMatrix(t *testing.T) {
	t.Parallel()
	roles := map[byte]model.Role{'o': model.Owner, 'p': model.Practitioner, 'a': model.Assistant, 's': model.System, 'O': model.Operator, 'f': model.Subscriber}
	seen := map[string]bool{}
	for _, action := range model.Actions() {
		row, ok := matrix[action.String()]
		if !ok {
			t.Errorf("action %d %q has no row: decide who may do it", action, action)
			continue
		}
		if seen[action.String()] {
			t.Errorf("two actions are called %q", action)
		}
		seen[action.String()] = true
		for letter, role := range roles {
			if want := strings.IndexByte(row, letter) >= 0; role.May(action) != want {
				t.Errorf("%s may %s: %v, want %v", role, action, !want, want)
			}
		}
	}
	if len(seen) != len(matrix) {
		t.Errorf("%d actions for %d rows", len(seen), len(matrix))
	}
}

func TestUnknownRolesAndActionsMayNothing(t *testing.T) {
	t.Parallel()
	for _, role := range []model.Role{0, model.Subscriber + 1, 8, 9, 64, 255} {
		for _, action := range model.Actions() {
			if role.May(action) {
				t.Errorf("role %d may %s", role, action)
			}
		}
		if role.String() != "" {
			t.Errorf("role %d is called %q", role, role)
		}
	}
	last := model.Actions()[len(model.Actions())-1]
	for _, action := range []model.Action{0, last + 1, 255} {
		if model.Owner.May(action) || model.Operator.May(action) {
			t.Errorf("somebody may do action %d", action)
		}
		if action.String() != "" {
			t.Errorf("action %d is called %q", action, action)
		}
	}
}

func TestOnlyMembersRolesCanBeParsed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]model.Role{
		"owner": model.Owner, "practitioner": model.Practitioner, "assistant": model.Assistant,
		"system": 0, "operator": 0, "subscriber": 0, "": 0, "Owner": 0, "owner ": 0, "admin": 0,
	} {
		got, ok := model.ParseRole(name)
		if got != want || ok != (want != 0) {
			t.Errorf("%q is read as %v %v", name, got, ok)
		}
		if ok && got.String() != name {
			t.Errorf("%q is written as %q", name, got)
		}
	}
}
