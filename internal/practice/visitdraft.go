package practice

import (
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

var errNoteKept = &model.Error{Kind: model.Conflict, Code: "signed", Detail: "The note about this appointment is signed, and is kept. Delete the appointment alone."}

// discardDraft puts the note about an appointment into the trash in the moment
// in which the appointment goes there, by which a restore knows it.
func discardDraft(tx *store.Tx, appointment uuid.UUID, reason model.Text) error {
	defer tx.About(appointment, 1)
	note, there, err := tx.ActiveSession(appointment)
	switch {
	case err != nil || !there:
		return err
	case note == nil || !tx.Scope().Role().May(model.SessionDelete):
		return model.ErrDenied
	case note.Status != model.SessionDraft:
		return errNoteKept
	}
	s, err := tx.Session(note.ID)
	if err != nil {
		return err
	}
	if err := mayDelete(tx, s); err != nil {
		return err
	}
	if _, err := trashSession(tx, s, reason); err != nil {
		return err
	}
	tx.Did(model.SessionDelete, s.ID)
	return nil
}

// regainDraft brings back the draft that was deleted with an appointment. It
// stays in the trash when another note has taken its place, and for whom may not
// delete it either.
func regainDraft(tx *store.Tx, deleted model.Appointment) error {
	if !tx.Scope().Role().May(model.SessionRestore) {
		return nil
	}
	id, err := tx.SessionDeletedWith(deleted)
	if err != nil || id == uuid.Nil {
		return err
	}
	if _, there, err := tx.ActiveSession(deleted.ID); err != nil || there {
		return err
	}
	s, err := tx.Session(id)
	if err == nil {
		err = mayDelete(tx, s)
	}
	if kind := model.KindOf(err); kind == model.NotFound || kind == model.Denied {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := untrashSession(tx, s); err != nil {
		return err
	}
	tx.Did(model.SessionRestore, id)
	return nil
}
