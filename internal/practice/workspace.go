package practice

import (
	"context"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// GetWorkspace returns the scope's workspace.
func (p *Practice) GetWorkspace(ctx context.Context, sc store.Scope) (w model.Workspace, err error) {
	err = p.store.Peek(ctx, sc, model.WorkspaceView, func(tx *store.ReadTx) error {
		w, err = tx.Workspace()
		return err
	})
	if err != nil {
		return w, fmt.Errorf("get workspace: %w", err)
	}
	return w, nil
}

// UpdateWorkspace changes the settings with change, which gets them as they
// are now. When version is not 0 it must be the current one.
func (p *Practice) UpdateWorkspace(ctx context.Context, sc store.Scope, version int64, change func(*model.Workspace)) (w model.Workspace, err error) {
	err = p.store.Write(ctx, sc, model.WorkspaceUpdate, func(tx *store.Tx) error {
		w, err = tx.Workspace()
		if err != nil {
			return err
		}
		if version != 0 && version != w.Version {
			return model.Stale(w)
		}
		shared := w.SharedNotes
		change(&w)
		if w, err = w.Normalize(); err != nil {
			return err
		}
		if w.SharedNotes != shared {
			tx.SwitchedSharing()
		}
		w, err = tx.UpdateWorkspace(w)
		return err
	})
	if err != nil {
		return w, fmt.Errorf("update workspace: %w", err)
	}
	return w, nil
}

// RequireSecondFactor says whether everybody in the workspace must have a
// second factor. It holds with the next request of each.
func (p *Practice) RequireSecondFactor(ctx context.Context, sc store.Scope, required bool) error {
	err := p.store.Write(ctx, sc, model.WorkspacePolicy, func(tx *store.Tx) error { return tx.RequireSecondFactor(required) })
	if err != nil {
		return fmt.Errorf("require second factor: %w", err)
	}
	return nil
}

// WhoAmI returns the person behind the scope and their workspace.
func (p *Practice) WhoAmI(ctx context.Context, sc store.Scope) (u model.User, w model.Workspace, err error) {
	if w, err = p.GetWorkspace(ctx, sc); err != nil {
		return u, w, err
	}
	if u, err = p.store.UserByID(ctx, sc.User()); err != nil {
		return u, w, fmt.Errorf("who am I: %w", err)
	}
	return u, w, nil
}
