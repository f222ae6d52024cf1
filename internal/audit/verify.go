package audit

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"
)

// Head is the end of a chain: its last sequence number and hash.
type Head struct {
	WorkspaceID uuid.UUID
	Seq         int64
	Hash        []byte
}

// BadEntry says where a chain first breaks, and how.
type BadEntry struct {
	WorkspaceID uuid.UUID
	Seq         int64
	Reason      string
}

// Error names the entry.
func (b *BadEntry) Error() string {
	return fmt.Sprintf("audit chain of %s breaks at entry %d: %s", b.WorkspaceID, b.Seq, b.Reason)
}

// Verify walks one workspace's events in the order of their sequence numbers
// and returns the head it computed itself. The error is a *BadEntry for the
// first entry that was edited, deleted, inserted or swapped, or what the
// stream failed with. known are heads that must lie on the chain: checkpoints
// from outside, and the head the database claims; a chain that ends before one
// was cut.
func Verify(workspace uuid.UUID, events iter.Seq2[Event, error], known []Head) (Head, error) {
	head := Head{WorkspaceID: workspace, Hash: Genesis()}
	known = slices.SortedFunc(slices.Values(known), func(a, b Head) int { return cmp.Compare(a.Seq, b.Seq) })
	for e, err := range events {
		if err != nil {
			return head, fmt.Errorf("read audit chain: %w", err)
		}
		if err := head.follow(e); err != nil {
			return head, err
		}
		if known, err = head.agree(known); err != nil {
			return head, err
		}
	}
	if n := len(known); n > 0 && known[n-1].Seq > head.Seq {
		return head, &BadEntry{workspace, head.Seq + 1, fmt.Sprintf("the tail is missing: a checkpoint proves %d entries", known[n-1].Seq)}
	}
	return head, nil
}

func (h *Head) follow(e Event) error {
	want := h.Seq + 1
	switch {
	case e.WorkspaceID != h.WorkspaceID:
		return &BadEntry{h.WorkspaceID, want, "it belongs to another workspace"}
	case e.Seq > want:
		return &BadEntry{h.WorkspaceID, want, "it is missing"}
	case e.Seq < want:
		return &BadEntry{h.WorkspaceID, e.Seq, "it is there twice or out of order"}
	}
	sum := e.Sum(h.Hash)
	if !bytes.Equal(sum, e.Hash) {
		return &BadEntry{h.WorkspaceID, e.Seq, "its content does not match its hash"}
	}
	h.Seq, h.Hash = e.Seq, sum
	return nil
}

// agree compares the head with the known ones up to it, which are sorted, and
// returns those that are still ahead.
func (h *Head) agree(known []Head) ([]Head, error) {
	for len(known) > 0 && known[0].Seq <= h.Seq {
		if known[0].Seq == h.Seq && !bytes.Equal(known[0].Hash, h.Hash) {
			return known, &BadEntry{h.WorkspaceID, h.Seq, "it differs from a checkpoint, so the chain was rewritten up to here"}
		}
		known = known[1:]
	}
	return known, nil
}
