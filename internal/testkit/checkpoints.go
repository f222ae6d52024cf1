package testkit

import (
	"bytes"
	"context"
	"crypto/ed25519"

	"pazpaz/internal/api"

	"github.com/google/uuid"
)

// CheckpointKey signs the checkpoints of this kit's API.
func CheckpointKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
}

// checkpoints signs the end of a chain as it is now.
func (k *Kit) checkpoints(ctx context.Context, workspace uuid.UUID) (api.Checkpoints, error) {
	key := CheckpointKey()
	out := api.Checkpoints{PublicKey: key.Public().(ed25519.PublicKey)}
	head, err := k.Store.ChainHead(ctx, workspace)
	if err != nil {
		return out, err
	}
	c := head.Sign(key, k.Clock.Now())
	out.Checkpoints = []api.Checkpoint{{WorkspaceID: workspace.String(), Seq: c.Seq, Hash: c.Hash, At: c.At, Signature: c.Signature}}
	return out, nil
}
