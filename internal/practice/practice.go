package practice

import (
	"fmt"
	"io"

	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// Practice is what people in a workspace can do. It is safe for concurrent
// use.
type Practice struct {
	store  *store.Store
	random io.Reader
}

// New returns the practice over a store; random makes ids.
func New(s *store.Store, random io.Reader) *Practice {
	return &Practice{store: s, random: random}
}

// newID returns an id that sorts by time.
func (p *Practice) newID() (uuid.UUID, error) {
	id, err := uuid.NewV7FromReader(p.random)
	if err != nil {
		return id, fmt.Errorf("new id: %w", err)
	}
	return id, nil
}
