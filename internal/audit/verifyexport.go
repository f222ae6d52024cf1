package audit

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"iter"
)

// VerifyExport checks an exported chain with nothing but its file and, when
// checkpoints is not nil, the signed checkpoints of its workspace. It returns
// the end of the chain and up to which entry checkpoints prove it: those
// behind could be made by anybody. The error names the first bad entry.
func VerifyExport(chain, checkpoints io.Reader, key ed25519.PublicKey) (end Head, proved int64, err error) {
	var signed []Checkpoint
	if checkpoints != nil {
		if signed, _, err = ReadCheckpoints(checkpoints, key); err != nil {
			return Head{}, 0, err
		}
	}
	next, stop := iter.Pull2(ReadExport(chain))
	defer stop()
	first, err, ok := next()
	if err != nil {
		return Head{}, 0, fmt.Errorf("read audit chain: %w", err)
	}
	if !ok {
		return Head{}, 0, errors.New("the export holds no events")
	}
	known := Heads(signed, first.WorkspaceID)
	if checkpoints != nil && len(known) == 0 {
		return Head{}, 0, fmt.Errorf("audit chain of %s: no checkpoint is about it", first.WorkspaceID)
	}
	for _, h := range known {
		proved = max(proved, h.Seq)
	}
	end, err = Verify(first.WorkspaceID, func(yield func(Event, error) bool) {
		for e, err, ok := first, error(nil), true; ok && yield(e, err); {
			e, err, ok = next()
		}
	}, known)
	return end, proved, err
}
