// Package platform is what the operator of a server does: inviting practices,
// suspending and deleting them, keeping addresses out, counting. What it works
// with has no way to a client, a visit or a note, and it must not get one.
package platform

import (
	"fmt"
	"io"

	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// Platform is what an admin can do. It is safe for concurrent use.
type Platform struct {
	store  *store.Store
	random io.Reader
}

// New returns the platform over a store; random makes ids.
func New(s *store.Store, random io.Reader) *Platform {
	return &Platform{store: s, random: random}
}

// newID returns an id that sorts by time.
func (p *Platform) newID() (uuid.UUID, error) {
	id, err := uuid.NewV7FromReader(p.random)
	if err != nil {
		return id, fmt.Errorf("new id: %w", err)
	}
	return id, nil
}
