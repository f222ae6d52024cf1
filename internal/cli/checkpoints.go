package cli

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/audit"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// checkpointEvery bounds how much of a chain's tail could be cut unseen; a
// chain that grows fast is signed sooner (store.CheckpointEvery).
const checkpointEvery = time.Minute

// keepCheckpoints signs the heads of the chains that have grown, every
// minute, when a chain has grown much, and once more at the end.
func (a *app) keepCheckpoints(ctx context.Context, now func() time.Time) {
	k := a.checkpointKeeper()
	k.reportLoss(ctx)
	k.copyDaily(ctx, now())
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := toTheEnd(ctx)
			defer cancel()
			k.sign(ctx, now())
			return
		case chain := <-a.store.Milestones():
			k.sign(ctx, now(), chain)
		case <-tick.C:
			k.sign(ctx, now())
			k.copyDaily(ctx, now())
		}
	}
}

// toTheEnd is a context for what a stop of the program must not leave half done.
func toTheEnd(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}

// checkpointKeeper signs chains and keeps what it signed outside of the
// database.
type checkpointKeeper struct {
	*app
	file checkpointFile
	copy checkpointCopy
	last map[uuid.UUID]int64 // what was signed last of each chain
	// mailed is the last daily mail that is in the queue.
	mailed uuid.UUID
}

func (a *app) checkpointKeeper() *checkpointKeeper {
	return &checkpointKeeper{app: a, file: a.checkpointFile(), copy: a.checkpointCopy(), last: map[uuid.UUID]int64{}}
}

// reportLoss says loudly that checkpoints which were signed are gone, and
// leaves it in the system's chain. From then on the file counts as it is.
func (k *checkpointKeeper) reportLoss(ctx context.Context) {
	ctx, cancel := toTheEnd(ctx)
	defer cancel()
	loss, err := k.checkpointLoss(ctx)
	if err == nil && loss == nil {
		return
	}
	if err == nil {
		k.log.Error("audit checkpoints were lost", "error", loss, "do", "look who could write there, and verify the chains with the copies kept elsewhere")
		is, serr := k.file.state(0)
		if err = serr; err == nil {
			err = k.store.CheckpointsLost(ctx, is)
		}
	}
	if err != nil {
		k.log.Error("audit checkpoint", "error", err)
	}
}

// sign appends the signed heads of those chains, or of all, that have grown.
func (k *checkpointKeeper) sign(ctx context.Context, at time.Time, only ...uuid.UUID) {
	grown, err := heads(ctx, k.store, k.last, only...)
	if err == nil && len(grown) > 0 {
		k.reportLoss(ctx) // before the file is written anew
		err = k.keep(ctx, signed(grown, k.signing, at))
	}
	if err != nil {
		k.log.Error("audit checkpoint", "error", err)
		return
	}
	for _, h := range grown {
		k.last[h.WorkspaceID] = h.Seq
	}
}

// keep writes checkpoints to the file, tells the database how long it is now,
// and copies them elsewhere. A copy that fails is made up for next time.
func (k *checkpointKeeper) keep(ctx context.Context, all []audit.Checkpoint) error {
	var lines bytes.Buffer
	if err := audit.WriteCheckpoints(&lines, all); err != nil {
		return err
	}
	is, err := k.file.append(lines.Bytes())
	if err != nil {
		return err
	}
	if err := k.copy.add(lines.Bytes()); err != nil {
		k.log.Error("audit checkpoints could not be copied", "error", err)
	}
	return k.store.CheckpointsWritten(ctx, is)
}

func signed(heads []audit.Head, key ed25519.PrivateKey, at time.Time) []audit.Checkpoint {
	all := make([]audit.Checkpoint, len(heads))
	for i, h := range heads {
		all[i] = h.Sign(key, at)
	}
	return all
}

// heads returns the ends of the chains that have grown since last, of all or
// only of some.
func heads(ctx context.Context, s *store.Store, last map[uuid.UUID]int64, only ...uuid.UUID) ([]audit.Head, error) {
	if len(only) == 0 {
		var err error
		if only, err = s.Chains(ctx); err != nil {
			return nil, err
		}
	}
	var grown []audit.Head
	for _, id := range only {
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

// checkpointsOf returns the latest checkpoints of a workspace from the file,
// and one of now.
func (a *app) checkpointsOf(now func() time.Time) func(context.Context, uuid.UUID) (api.Checkpoints, error) {
	key := publicKey(a.signing)
	return func(ctx context.Context, workspace uuid.UUID) (api.Checkpoints, error) {
		out := api.Checkpoints{PublicKey: key}
		head, err := a.store.ChainHead(ctx, workspace)
		if err != nil {
			return out, fmt.Errorf("checkpoints: %w", err)
		}
		kept, err := a.checkpointFile().latest(workspace, key)
		if err != nil {
			return out, err
		}
		for _, c := range append(kept, head.Sign(a.signing, now())) {
			out.Checkpoints = append(out.Checkpoints, api.Checkpoint{
				WorkspaceID: c.WorkspaceID.String(), Seq: c.Seq, Hash: c.Hash, At: c.At, Signature: c.Signature,
			})
		}
		return out, nil
	}
}

func publicKey(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }
