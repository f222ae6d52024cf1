package store

import (
	"context"
	"fmt"
	"io"
	"iter"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"
)

// ChainExport is the audit chain of one workspace up to an entry.
type ChainExport struct {
	store *Store
	sc    Scope
	end   audit.Head
}

// ExportChain opens the chain of the scope's workspace for its export, which
// is its last entry.
func (s *Store) ExportChain(ctx context.Context, sc Scope) (*ChainExport, error) {
	err := s.Read(ctx, sc, model.AuditExport, func(*ReadTx) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("export audit chain: %w", err)
	}
	end, err := s.ChainHead(ctx, sc.workspace)
	if err != nil {
		return nil, fmt.Errorf("export audit chain: %w", err)
	}
	return &ChainExport{store: s, sc: sc, end: end}, nil
}

// Write writes the chain as "pazpaz audit verify --file" reads it.
func (x *ChainExport) Write(ctx context.Context, w io.Writer) error {
	return audit.WriteExport(w, upTo(x.end.Seq, x.store.Events(ctx, x.sc.workspace)))
}

// upTo ends a chain behind the entry of that number.
func upTo(seq int64, events iter.Seq2[audit.Event, error]) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) {
		for e, err := range events {
			if !yield(e, err) || err != nil || e.Seq >= seq {
				return
			}
		}
	}
}
