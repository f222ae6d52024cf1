package practice

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// ListPractitioners returns the members of the workspace who treat clients:
// the active ones first, each part sorted by name.
func (p *Practice) ListPractitioners(ctx context.Context, sc store.Scope) ([]model.User, error) {
	all, err := p.store.Practitioners(ctx, sc)
	if err != nil {
		return nil, fmt.Errorf("list practitioners: %w", err)
	}
	slices.SortFunc(all, activeFirst)
	return all, nil
}

// activeFirst is the order of people in a list: the active ones first, each
// part sorted by name.
func activeFirst(a, b model.User) int {
	if a.Active != b.Active {
		if a.Active {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(model.NameKey(a.FullName), model.NameKey(b.FullName)), bytes.Compare(a.ID[:], b.ID[:]))
}
