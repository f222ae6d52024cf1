package auth

import (
	"context"
	"fmt"

	"pazpaz/internal/store"
)

// DraftKey returns the server's half of the key under which a browser seals
// text that has not been saved yet: 32 bytes that belong to this user in this
// workspace. They are the same after each sign-in, so that a copy left behind
// by a session that ran out opens for its author, and for nobody else. They
// come of the workspace's own key, so a rotation of the secret key leaves them
// as they are, and they are gone when that key is destroyed.
func (s *Service) DraftKey(ctx context.Context, sc store.Scope) ([]byte, error) {
	key, err := s.o.Store.DraftKey(ctx, sc)
	if err != nil {
		return nil, fmt.Errorf("draft key: %w", err)
	}
	return key, nil
}
