package cli

import (
	"context"
	"time"

	"github.com/google/uuid"
)

const (
	// destroyedChannel carries the ids of workspaces whose data key is gone.
	destroyedChannel = "destroyed-keys"
	// forgetEvery is how often opened keys are looked through for old ones.
	forgetEvery = time.Minute
)

// keepKeysShort keeps opened data keys in memory for a short time, and tells
// the other processes of those that this one has destroyed.
func (a *app) keepKeysShort(ctx context.Context) {
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			a.store.ForgetOld()
		case workspace := <-a.store.Destroyed():
			if err := a.shared.Publish(ctx, destroyedChannel, workspace[:]); err != nil {
				a.log.Warn("other processes were not told of a destroyed data key; they forget it within minutes", "error", err)
			}
		}
	}
}

// hearDestroyed forgets the data keys that other processes have destroyed.
// When it may have missed one, it forgets all: those still there are opened
// again when they are needed.
func (a *app) hearDestroyed(ctx context.Context) {
	for ctx.Err() == nil {
		heard, err := a.shared.Subscribe(ctx, destroyedChannel)
		if err != nil {
			return // the program ends
		}
		a.store.ForgetAll()
		for raw := range heard {
			if workspace, err := uuid.FromBytes(raw); err == nil {
				a.store.Forget(workspace)
			}
		}
	}
}
