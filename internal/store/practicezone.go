package store

import (
	"fmt"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Zone returns the time zone of a practice, by whose clock its people are told
// of times; UTC for whoever belongs to none.
func (tx *IdentityTx) Zone(practice uuid.UUID) (*time.Location, error) {
	if practice == uuid.Nil {
		return time.UTC, nil
	}
	var w model.Workspace
	r, err := tx.c.query(tx.ctx, zoneSQL, practice)
	if err := one(r, err, &w.TimeZone); err != nil {
		return nil, fmt.Errorf("practice's zone: %w", err)
	}
	today, err := w.Today(tx.now)
	return today.Location(), err
}
