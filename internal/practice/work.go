package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// CountWork counts what is left to do of a practitioner, or of everybody when
// the id is zero. Unsigned notes are counted for those who may read them. The
// page asks with each step; four numbers are a look at nobody, so that only
// refusals are audited.
func (p *Practice) CountWork(ctx context.Context, sc store.Scope, practitioner uuid.UUID) (w model.Work, err error) {
	err = p.store.Peek(ctx, sc, model.WorkList, func(tx *store.ReadTx) error {
		for need, n := range map[string]*int{
			model.NeedsStatus: &w.NeedsStatus, model.NeedsNote: &w.NeedsNote, model.NeedsPayment: &w.NeedsPayment,
		} {
			if *n, err = tx.CountAppointments(model.AppointmentFilter{PractitionerID: practitioner, Needs: need}); err != nil {
				return err
			}
		}
		if !sc.Role().May(model.SessionList) {
			return nil
		}
		w.UnsignedNotes, err = tx.CountSessions(model.SessionFilter{AuthorID: practitioner, Status: model.SessionDraft})
		return err
	})
	if err != nil {
		return w, fmt.Errorf("count work: %w", err)
	}
	return w, nil
}
