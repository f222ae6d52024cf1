package store

import (
	"context"
	"fmt"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// PlatformScope proves that the operator acts: an admin in a session of the
// platform, or a command on the server. It opens no workspace's records.
type PlatformScope struct {
	actor   uuid.UUID
	session uuid.UUID
	request uuid.UUID
	valid   bool
}

// PlatformScope makes the scope of an operator's command on the server, such
// as the first start's setup.
func (s *Store) PlatformScope(request uuid.UUID) PlatformScope {
	return PlatformScope{request: request, valid: true}
}

// User returns the admin who acts; zero for a command on the server.
func (sc PlatformScope) User() uuid.UUID { return sc.actor }

// event starts the audit entry of something the operator did.
func (sc PlatformScope) event(act model.Action, outcome string) audit.Event {
	return audit.Event{
		ActorKind: audit.Operator, ActorID: sc.actor, Action: act.String(), Outcome: outcome,
		SessionID: sc.session, RequestID: sc.request,
	}
}

// PlatformTx reaches workspaces, their members and invitations, never a
// record: it has no method for clients, appointments or notes.
type PlatformTx struct {
	IdentityTx

	scope   PlatformScope
	subject uuid.UUID
	count   int64

	destroyed []uuid.UUID // workspaces whose data key this takes away
}

// about names what the audit entry is about.
func (tx *PlatformTx) about(id uuid.UUID) {
	tx.subject = id
	tx.count++
}

// Platform runs fn in one transaction as the operator. The act is in the
// system's audit chain, also when fn refuses it.
func (s *Store) Platform(ctx context.Context, sc PlatformScope, act model.Action, fn func(*PlatformTx) error) error {
	tx := &PlatformTx{scope: sc}
	err := sc.admit(act)
	if err == nil {
		err = s.Identity(ctx, func(id *IdentityTx) error {
			tx.IdentityTx, tx.count, tx.destroyed = *id, 0, nil
			if err := fn(tx); err != nil {
				return err
			}
			e := sc.event(act, audit.OK)
			e.SubjectID, e.Count = tx.subject, tx.count
			return tx.record(system, e)
		})
	}
	if err == nil {
		s.destroyedKeys(tx.destroyed)
		return nil
	}
	outcome := outcomeOf(err)
	if outcome == "" {
		return err
	}
	e := sc.event(act, outcome)
	e.WorkspaceID, e.SubjectID = system, tx.subject
	if terr := s.trail.add(ctx, e); terr != nil {
		return terr
	}
	return err
}

func (sc PlatformScope) admit(act model.Action) error {
	if !sc.valid || !model.Operator.May(act) {
		return fmt.Errorf("%s: %w", act, model.ErrDenied)
	}
	return nil
}

// look runs fn over identity rows, once it is in the system's audit chain that
// the operator looks.
func (s *Store) look(ctx context.Context, sc PlatformScope, act model.Action, subject uuid.UUID, fn func(conn) error) error {
	err := sc.admit(act)
	e := sc.event(act, outcomeOf(err))
	e.WorkspaceID, e.SubjectID = system, subject
	if terr := s.trail.add(ctx, e); terr != nil {
		return terr
	}
	if err != nil {
		return err
	}
	return s.identityRead(ctx, fn)
}

// witness leaves in the chain of a workspace what the operator did to it, and
// makes its writers queue until then.
func (tx *PlatformTx) witness(workspace uuid.UUID, act model.Action) error {
	e := tx.scope.event(act, audit.OK)
	e.SubjectID, e.Count = workspace, 1
	return tx.record(workspace, e)
}

// Operator returns what a platform admin's session opens; the zero session
// opens nothing.
func (sc PlatformSessionScope) Operator() PlatformScope {
	return PlatformScope{actor: sc.actor, session: sc.session, request: sc.request, valid: sc.actor != uuid.Nil}
}
