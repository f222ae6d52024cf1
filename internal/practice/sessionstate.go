package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// VoidSession marks a signed note as entered in error. It stays readable, and
// is no longer the note of its appointment. The author may, and the owner.
func (p *Practice) VoidSession(ctx context.Context, sc store.Scope, id uuid.UUID, reason model.Text, version int64) (model.Session, error) {
	return p.onSession(ctx, sc, model.SessionVoid, id, func(tx *store.Tx, s model.Session) (model.Session, error) {
		if err := mayVoid(tx, s, version); err != nil {
			return s, err
		}
		reason, err := model.CleanReason(reason, true)
		if err != nil {
			return s, err
		}
		s.Status = model.SessionEnteredInError
		s.Voided = &model.Voiding{Reason: reason, By: tx.Scope().User(), At: tx.Now()}
		return restated(tx, s)
	})
}

func mayVoid(tx *store.Tx, s model.Session, version int64) error {
	if tx.Scope().Role() != model.Owner {
		return mayChange(tx, s, version, model.Session.IsSigned)
	}
	if version == 0 {
		return errNoVersion
	}
	if err := s.IsSigned(); err != nil {
		return err
	}
	return s.Seen(version)
}

// DeleteSession puts a draft into the trash for 30 days. What is signed is
// kept. The author may, and the owner, or the draft of somebody who left would
// hold its appointment for ever. A version that is not 0 must be the stored one.
func (p *Practice) DeleteSession(ctx context.Context, sc store.Scope, id uuid.UUID, version int64, reason model.Text) error {
	_, err := p.onSession(ctx, sc, model.SessionDelete, id, func(tx *store.Tx, s model.Session) (model.Session, error) {
		if err := mayDelete(tx, s); err != nil {
			return s, err
		}
		if version != 0 && version != s.Version {
			return s, model.Stale(s)
		}
		return trashSession(tx, s, reason)
	})
	return err
}

func trashSession(tx *store.Tx, s model.Session, reason model.Text) (model.Session, error) {
	reason, err := model.CleanReason(reason, false)
	if err != nil {
		return s, err
	}
	now := tx.Now()
	s.DeletedAt, s.DeleteReason = &now, reason
	return restated(tx, s)
}

func mayDelete(tx *store.Tx, s model.Session) error {
	if tx.Scope().Role() != model.Owner {
		if err := mayWrite(tx, s); err != nil {
			return err
		}
	}
	return s.IsDraft()
}

// RestoreSession takes a draft out of the trash, unless it is there for more
// than 30 days or its appointment has another note by now.
func (p *Practice) RestoreSession(ctx context.Context, sc store.Scope, id uuid.UUID) (s model.Session, err error) {
	err = p.store.Write(ctx, sc, model.SessionRestore, func(tx *store.Tx) error {
		if s, err = tx.Session(id); err != nil {
			return err
		}
		if err := restorable(tx, s); err != nil {
			return err
		}
		s, err = untrashSession(tx, s)
		return err
	})
	if err != nil {
		return model.Session{}, fmt.Errorf("restore session: %w", err)
	}
	return s, nil
}

func untrashSession(tx *store.Tx, s model.Session) (model.Session, error) {
	s.DeletedAt, s.DeleteReason = nil, ""
	return restated(tx, s)
}

func restorable(tx *store.Tx, s model.Session) error {
	if err := mayWrite(tx, s); err != nil {
		return err
	}
	if err := s.Restorable(tx.Now()); err != nil || s.AppointmentID == nil {
		return err
	}
	if s.AppointmentDeleted {
		return freeOfNotes(&tx.ReadTx, *s.AppointmentID)
	}
	e, err := tx.Appointment(*s.AppointmentID)
	tx.About(s.ID, 1)
	switch {
	case err != nil:
		return err
	case e.ClientID != s.ClientID:
		return model.ErrOtherClient
	}
	return takesNote(&tx.ReadTx, e)
}

// restated stores the state of a note, and tells its appointment.
func restated(tx *store.Tx, s model.Session) (model.Session, error) {
	if err := tx.SetSessionState(s); err != nil {
		return s, err
	}
	if s.AppointmentID != nil {
		if err := tx.SetNoted(*s.AppointmentID, s.Active()); err != nil {
			return s, err
		}
	}
	return tx.Session(s.ID)
}
