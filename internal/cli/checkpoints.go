package cli

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// checkpointEvery bounds how much of a chain's tail could be cut unseen.
const checkpointEvery = time.Minute

// checkpointFile holds the checkpoints outside of the database.
func (a *app) checkpointFile() string { return filepath.Join(a.cfg.DataDir, "audit-checkpoints.jsonl") }

// keepCheckpoints signs the heads of the chains that have grown, every
// minute and once more at the end.
func (a *app) keepCheckpoints(ctx context.Context, now func() time.Time) {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	last := map[uuid.UUID]int64{}
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			a.checkpoint(ctx, now(), last)
			return
		case <-tick.C:
			a.checkpoint(ctx, now(), last)
		}
	}
}

func (a *app) checkpoint(ctx context.Context, at time.Time, last map[uuid.UUID]int64) {
	grown, err := heads(ctx, a.store, last)
	if err == nil && len(grown) > 0 {
		err = appendCheckpoints(a.checkpointFile(), grown, a.signing, at)
	}
	if err != nil {
		a.log.Error("audit checkpoint", "error", err)
		return
	}
	for _, h := range grown {
		last[h.WorkspaceID] = h.Seq
	}
}

// heads returns the ends of the chains that have grown since last.
func heads(ctx context.Context, s *store.Store, last map[uuid.UUID]int64) ([]audit.Head, error) {
	chains, err := s.Chains(ctx)
	if err != nil {
		return nil, err
	}
	var grown []audit.Head
	for _, id := range chains {
		h, err := s.ChainHead(ctx, id)
		if err != nil {
			return nil, err
		}
		if h.Seq > last[id] {
			grown = append(grown, h)
		}
	}
	return grown, nil
}

// appendCheckpoints writes whole lines: each begins behind a line break, so
// that one which a crash has cut spoils no other.
func appendCheckpoints(path string, heads []audit.Head, key ed25519.PrivateKey, at time.Time) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600) //nolint:gosec // G304: inside the data folder
	if err != nil {
		return fmt.Errorf("open checkpoints: %w", err)
	}
	lines := []byte("\n")
	for _, h := range heads {
		line, err := json.Marshal(h.Sign(key, at))
		if err != nil {
			return errors.Join(fmt.Errorf("write checkpoint: %w", err), f.Close())
		}
		lines = append(append(lines, line...), '\n')
	}
	_, werr := f.Write(lines)
	if err := errors.Join(werr, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

func publicKey(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }
