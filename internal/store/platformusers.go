package store

import (
	"context"
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const usersSQL = `select ` + userCols + userFrom + ` order by u.id`

// Users returns everybody who signs in, for the operator on the server.
func (s *Store) Users(ctx context.Context, sc PlatformScope) (all []model.User, err error) {
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	err = s.look(ctx, sc, model.PlatformUsers, uuid.Nil, func(c conn) error {
		r, err := c.query(ctx, usersSQL)
		all, err = collect(r, err, func(r rows) (model.User, error) { return scanUser(r, box) })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("users: %w", err)
	}
	return all, nil
}

// AddAdmin lets the person with u's address run the server; somebody who does
// not sign in yet becomes u, a member of no practice.
func (tx *PlatformTx) AddAdmin(u model.User) error {
	listed, err := tx.Blacklisted(string(u.Email))
	if err != nil {
		return err
	}
	if listed {
		return model.ErrBlacklisted
	}
	known, err := tx.UserByEmail(string(u.Email))
	switch {
	case err == nil:
		u.ID = known.ID
	case model.KindOf(err) != model.NotFound:
		return err
	default:
		if err := tx.addUser(u); err != nil {
			return err
		}
	}
	tx.about(u.ID)
	return tx.AddPlatformAdmin(u.ID)
}

// admin finds an admin of the platform by address; the error is NotFound.
func (tx *PlatformTx) admin(email string) (model.User, error) {
	u, err := tx.UserByEmail(email)
	if err == nil && !u.Admin {
		err = model.ErrNotFound
	}
	return u, err
}

// RemoveAdmin takes the right to run the server away; all of the person's
// sessions end. The error is NotFound when nobody with that address has it.
func (tx *PlatformTx) RemoveAdmin(email string) error {
	u, err := tx.admin(email)
	if err != nil {
		return err
	}
	tx.about(u.ID)
	if err := tx.RemovePlatformAdmin(u.ID); err != nil {
		return err
	}
	return tx.RaiseEpoch(u.ID)
}

// ResetFactor takes all second factors of somebody who has lost them away, and
// has the person told by mail. All of the person's sessions end. The error is
// NotFound.
func (tx *PlatformTx) ResetFactor(job uuid.UUID, email string) error {
	u, err := tx.UserByEmail(email)
	if err != nil {
		return err
	}
	tx.about(u.ID)
	if err := tx.ForgetFactors(u.ID); err != nil {
		return err
	}
	if err := tx.RaiseEpoch(u.ID); err != nil {
		return err
	}
	if err := tx.queue(job, JobNotice, u.WorkspaceID, MemberNotice{User: u.ID, What: "factor_reset"}); err != nil {
		return err
	}
	if u.WorkspaceID == uuid.Nil {
		return nil
	}
	return tx.witnessOf(u, model.PlatformResetFactor)
}

// witnessOf leaves in the chain of a person's practice what the operator did to
// the person.
func (tx *PlatformTx) witnessOf(u model.User, act model.Action) error {
	e := tx.scope.event(act, SignInOK)
	e.SubjectID, e.Count = u.ID, 1
	return tx.record(u.WorkspaceID, e)
}
