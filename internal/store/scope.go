package store

import (
	"pazpaz/internal/audit"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Scope proves who acts and in which workspace. Only this package makes one:
// from a live session, or for a named command of the operator. The zero Scope
// opens nothing.
type Scope struct {
	workspace uuid.UUID
	actor     uuid.UUID
	session   uuid.UUID
	request   uuid.UUID
	role      model.Role
}

// Workspace returns the id of the workspace that the scope opens.
func (sc Scope) Workspace() uuid.UUID { return sc.workspace }

// User returns the id of the person who acts; zero for an operator's command.
func (sc Scope) User() uuid.UUID { return sc.actor }

// Role returns what the actor is in the workspace.
func (sc Scope) Role() model.Role { return sc.role }

// InRequest returns the scope with the id of the request it serves, which the
// audit trail keeps.
func (sc Scope) InRequest(id uuid.UUID) Scope {
	sc.request = id
	return sc
}

// PlatformSessionScope proves that a platform admin acts, who is signed in for
// it. Only this package makes one, from a live session. It opens no workspace's
// records; the zero scope opens nothing.
type PlatformSessionScope struct {
	actor   uuid.UUID
	session uuid.UUID
	request uuid.UUID
}

// User returns the id of the platform admin; zero for the zero scope.
func (sc PlatformSessionScope) User() uuid.UUID { return sc.actor }

// InRequest returns the scope with the id of the request it serves.
func (sc PlatformSessionScope) InRequest(id uuid.UUID) PlatformSessionScope {
	sc.request = id
	return sc
}

// OperatorScope is the scope of a command that the operator runs on the
// server, such as filling a demo practice. The audit trail names the operator.
func (s *Store) OperatorScope(workspace uuid.UUID) Scope {
	return Scope{workspace: workspace, role: model.Operator}
}

// SystemScope is the scope of background work in a workspace, such as the
// purge of what need not be kept. Its role may do only such work.
func (s *Store) SystemScope(workspace uuid.UUID) Scope {
	return Scope{workspace: workspace, role: model.System}
}

// event starts the audit entry of something the scope's actor did.
func (sc Scope) event(act model.Action, outcome string) audit.Event {
	e := audit.Event{
		WorkspaceID: sc.workspace, ActorKind: audit.Person, ActorID: sc.actor,
		Action: act.String(), Outcome: outcome, SessionID: sc.session, RequestID: sc.request,
	}
	switch sc.role {
	case model.System:
		e.ActorKind = audit.System
	case model.Operator:
		e.ActorKind = audit.Operator
	}
	return e
}
