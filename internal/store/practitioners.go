package store

import (
	"context"
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const practitionerSQL = `select user_id from members
	where workspace_id = $1 and user_id = $2 and active and role in ('owner', 'practitioner')`

// Practitioner fails with NotFound when the person is not an active member of
// the workspace who treats clients.
func (tx *ReadTx) Practitioner(id uuid.UUID) error {
	tx.regarding(id)
	r, err := tx.query(practitionerSQL, id)
	if err := missing(one(r, err, &id)); err != nil {
		return fmt.Errorf("practitioner: %w", err)
	}
	return nil
}

const practitionersSQL = `select ` + userCols + userFrom + ` where m.workspace_id = $1 and m.role in ('owner', 'practitioner') order by u.id`

// Practitioners returns the members of the scope's workspace who treat
// clients, those who left too. Their names are identity rows, which no
// transaction of a workspace reaches, so it has one of its own.
func (s *Store) Practitioners(ctx context.Context, sc Scope) (all []model.User, err error) {
	if err := s.admit(ctx, sc, model.PractitionerList); err != nil {
		return nil, err
	}
	box, err := s.box(ctx, system)
	if err != nil {
		return nil, err
	}
	err = s.identityRead(ctx, func(c conn) error {
		r, err := c.query(ctx, practitionersSQL, sc.workspace)
		all, err = collect(r, err, func(r rows) (model.User, error) { return scanUser(r, box) })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("practitioners: %w", err)
	}
	return all, nil
}
