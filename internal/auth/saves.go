package auth

import (
	"context"
	"time"

	"pazpaz/internal/kv"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// limitSave is far above what a page sends that saves while somebody types.
var limitSave = kv.Limit{Count: 120, Per: time.Minute}

// AllowSave bounds how often a person saves a note. The error is TooMany. When
// it cannot be counted, the save is allowed: words must not be lost.
func (s *Service) AllowSave(ctx context.Context, user, note uuid.UUID) error {
	err := limit(ctx, s.o.KV, "save:"+user.String()+":"+note.String(), limitSave)
	if model.KindOf(err) == model.TooMany {
		return err
	}
	return nil
}
