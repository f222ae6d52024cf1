package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// SessionChange is a change of what a note says, as somebody asked for it.
type SessionChange struct {
	// Version is the one that the caller saw; 0: none was sent.
	Version int64
	// Apply gets the content as it is now and changes it.
	Apply func(*model.SessionContent)
}

// SaveSession changes a draft. A version that is not the current one is a
// Conflict that carries the note as it is now. A change that changes nothing
// leaves the version as it is.
func (p *Practice) SaveSession(ctx context.Context, sc store.Scope, id uuid.UUID, ch SessionChange) (model.Session, error) {
	return p.onDraft(ctx, sc, model.SessionSave, id, ch.Version, func(tx *store.Tx, s model.Session) (model.Session, error) {
		next, err := edited(tx, s, ch.Apply)
		if err != nil {
			return s, err
		}
		return saved(tx, s, next)
	})
}

// CopySession takes sections over from another note about the same client.
func (p *Practice) CopySession(ctx context.Context, sc store.Scope, id, from uuid.UUID, sections []string, version int64) (model.Session, error) {
	return p.onDraft(ctx, sc, model.SessionSave, id, version, func(tx *store.Tx, s model.Session) (model.Session, error) {
		sections, err := model.ChooseSections(sections)
		if err != nil {
			return s, err
		}
		other, err := copied(tx, s, from)
		if err != nil {
			return s, err
		}
		tx.Looked(model.SessionView, other.ID)
		next, err := s.CopyFrom(other, sections).Normalize(tx.Now())
		if err != nil {
			return s, err
		}
		return saved(tx, s, next)
	})
}

// copied is the note to copy from. It is none that is in error: that must not
// spread.
func copied(tx *store.Tx, s model.Session, from uuid.UUID) (model.Session, error) {
	const field = "from_session_id"
	other, err := presentSession(&tx.ReadTx, from)
	switch {
	case model.KindOf(err) == model.NotFound || (err == nil && other.ID == s.ID):
		return other, unknownID(field)
	case err != nil:
		return other, err
	case other.ClientID != s.ClientID:
		return other, model.InvalidFields([]model.Field{{Name: field, Code: "other_client", Message: "Is about another client."}})
	case other.Status == model.SessionEnteredInError:
		return other, model.InvalidFields([]model.Field{{Name: field, Code: "entered_in_error", Message: "Was marked as entered in error."}})
	}
	return other, nil
}

// SignSession makes a draft the first version of a signed note. Its visit, if
// it has one, becomes attended when it is planned; one that has not begun is a
// Conflict.
func (p *Practice) SignSession(ctx context.Context, sc store.Scope, id uuid.UUID, version int64) (model.Session, error) {
	return p.onDraft(ctx, sc, model.SessionSign, id, version, func(tx *store.Tx, s model.Session) (model.Session, error) {
		if err := s.Signable(); err != nil {
			return s, err
		}
		if err := closeVisit(tx, &s); err != nil {
			return s, err
		}
		return p.sign(tx, s, "")
	})
}

// closeVisit takes over what the appointment says now, and marks it attended.
// One in the trash says nothing; what was taken before stays.
func closeVisit(tx *store.Tx, s *model.Session) error {
	if s.AppointmentID == nil || s.AppointmentDeleted {
		return nil
	}
	e, err := tx.Appointment(*s.AppointmentID)
	if err != nil {
		return err
	}
	if !e.CanBeAttended(tx.Now()) {
		return model.ErrTooEarly
	}
	s.Facts = factsOf(e)
	return attend(tx, e.Appointment)
}

// sign stores what the note says as its next version.
func (p *Practice) sign(tx *store.Tx, s model.Session, reason model.Text) (model.Session, error) {
	row, err := p.newID()
	if err != nil {
		return s, err
	}
	if err := tx.SignSession(s, s.Sign(s.AuthorID, reason, tx.Now()), row); err != nil {
		return s, err
	}
	return tx.Session(s.ID)
}

// AmendSession adds a version to a signed note, with the reason for it. The
// versions before stay as they are.
func (p *Practice) AmendSession(ctx context.Context, sc store.Scope, id uuid.UUID, ch SessionChange, reason model.Text) (model.Session, error) {
	return p.onSession(ctx, sc, model.SessionAmend, id, func(tx *store.Tx, s model.Session) (model.Session, error) {
		if err := mayChange(tx, s, ch.Version, model.Session.IsSigned); err != nil {
			return s, err
		}
		next, err := edited(tx, s, ch.Apply)
		reason, bad := model.CleanReason(reason, true)
		if err := model.JoinInvalid(err, bad); err != nil {
			return s, err
		}
		if err := next.Amends(s.SessionContent); err != nil {
			return s, err
		}
		s.SessionContent = next
		return p.sign(tx, s, reason)
	})
}

// edited is what the note says after the change; the marks of copied lines
// follow the lines.
func edited(tx *store.Tx, s model.Session, change func(*model.SessionContent)) (model.SessionContent, error) {
	next := s.SessionContent
	change(&next)
	next, err := next.Normalize(tx.Now())
	return next.Carry(s.SessionContent), err
}

// saved stores what a draft says now, if that is anything new.
func saved(tx *store.Tx, s model.Session, next model.SessionContent) (model.Session, error) {
	if len(next.Changed(s.SessionContent)) == 0 {
		return s, nil
	}
	s.SessionContent = next
	return tx.SaveDraft(s)
}

// onDraft is onSession for what only the author of a draft may do.
func (p *Practice) onDraft(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID, version int64, fn func(*store.Tx, model.Session) (model.Session, error)) (model.Session, error) {
	return p.onSession(ctx, sc, act, id, func(tx *store.Tx, s model.Session) (model.Session, error) {
		if err := mayChange(tx, s, version, model.Session.IsDraft); err != nil {
			return s, err
		}
		return fn(tx, s)
	})
}

// onSession runs a change of a note that is not in the trash.
func (p *Practice) onSession(ctx context.Context, sc store.Scope, act model.Action, id uuid.UUID, fn func(*store.Tx, model.Session) (model.Session, error)) (s model.Session, err error) {
	err = p.store.Write(ctx, sc, act, func(tx *store.Tx) error {
		before, err := presentSession(&tx.ReadTx, id)
		if err != nil {
			return err
		}
		s, err = fn(tx, before)
		return err
	})
	if err != nil {
		return model.Session{}, fmt.Errorf("%s: %w", act, err)
	}
	return s, nil
}

// mayChange refuses everybody but the author, a note in another state, and a
// version that is not the current one.
func mayChange(tx *store.Tx, s model.Session, version int64, state func(model.Session) error) error {
	if err := mayWrite(tx, s); err != nil {
		return err
	}
	if version == 0 {
		return errNoVersion
	}
	if err := state(s); err != nil {
		return err
	}
	return s.Seen(version)
}

func mayWrite(tx *store.Tx, s model.Session) error {
	if tx.Scope().Role() == model.Operator {
		return nil
	}
	return s.WrittenBy(tx.Scope().User())
}
