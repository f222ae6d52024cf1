package platform

import (
	"context"
	"errors"
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// ListWorkspaces returns a page of practices, the newest first, and whether
// there are more.
func (p *Platform) ListWorkspaces(ctx context.Context, sc store.PlatformScope, f model.WorkspaceFilter) ([]model.ManagedWorkspace, bool, error) {
	all, err := p.store.ManagedWorkspaces(ctx, sc, f)
	if err != nil {
		return nil, false, fmt.Errorf("list workspaces: %w", err)
	}
	if len(all) > f.Limit {
		return all[:f.Limit], true, nil
	}
	return all, false, nil
}

// GetWorkspace returns a practice; the error is NotFound.
func (p *Platform) GetWorkspace(ctx context.Context, sc store.PlatformScope, id uuid.UUID) (model.ManagedWorkspace, error) {
	w, err := p.store.ManagedWorkspace(ctx, sc, id)
	if err != nil {
		return w, fmt.Errorf("get workspace: %w", err)
	}
	return w, nil
}

// Suspend signs everybody of a practice out until it is reactivated. Its owners
// are told by mail, without the reason.
func (p *Platform) Suspend(ctx context.Context, sc store.PlatformScope, id uuid.UUID, reason model.Text) (w model.ManagedWorkspace, err error) {
	to := store.Status{Name: "suspended", From: []string{"active"}}
	if to.Reason, err = model.CleanReason(reason, true); err != nil {
		return w, err
	}
	return p.change(ctx, sc, model.PlatformSuspend, id, func(tx *store.PlatformTx) error {
		return p.setAndTell(tx, model.PlatformSuspend, id, to, store.NoticeSuspended)
	})
}

// Reactivate brings a practice back that was suspended, or deleted not long
// ago. Its owners are told by mail.
func (p *Platform) Reactivate(ctx context.Context, sc store.PlatformScope, id uuid.UUID) (model.ManagedWorkspace, error) {
	to := store.Status{Name: "active", From: []string{"suspended", "deleted"}}
	return p.change(ctx, sc, model.PlatformReactivate, id, func(tx *store.PlatformTx) error {
		return p.setAndTell(tx, model.PlatformReactivate, id, to, store.NoticeReactivated)
	})
}

// setAndTell has the owners of a practice told what becomes of it.
func (p *Platform) setAndTell(tx *store.PlatformTx, act model.Action, id uuid.UUID, to store.Status, what string) error {
	if err := tx.SetStatus(id, act, to); err != nil {
		return err
	}
	owners, err := tx.Owners(id)
	if err != nil {
		return err
	}
	for _, owner := range owners {
		job, err := p.newID()
		if err != nil {
			return err
		}
		if err := tx.QueueOwnerNotice(job, owner, what); err != nil {
			return err
		}
	}
	return nil
}

// Delete closes a practice for good. Its data key is destroyed 30 days later,
// or at once with shred. The name must be typed as it is.
func (p *Platform) Delete(ctx context.Context, sc store.PlatformScope, id uuid.UUID, name, reason model.Text, shred bool) (model.ManagedWorkspace, error) {
	w, err := p.GetWorkspace(ctx, sc, id)
	if err != nil {
		return w, err
	}
	if w.ShreddedAt == nil && name != w.Name {
		return w, model.ErrOtherName
	}
	from := []string{"active", "suspended"}
	if shred {
		from = append(from, "deleted")
	}
	to := store.Status{Name: "deleted", From: from, Shred: shred}
	if to.Reason, err = model.CleanReason(reason, true); err != nil {
		return w, err
	}
	return p.change(ctx, sc, model.PlatformDelete, id, func(tx *store.PlatformTx) error { return tx.SetStatus(id, model.PlatformDelete, to) })
}

// SetQuota changes how many bytes of files a practice may keep.
func (p *Platform) SetQuota(ctx context.Context, sc store.PlatformScope, id uuid.UUID, bytes int64) (w model.ManagedWorkspace, err error) {
	if err := model.CheckQuota(bytes); err != nil {
		return w, err
	}
	return p.change(ctx, sc, model.PlatformQuota, id, func(tx *store.PlatformTx) error { return tx.SetQuota(id, bytes) })
}

// change does something to a practice and returns it as it is then.
func (p *Platform) change(ctx context.Context, sc store.PlatformScope, act model.Action, id uuid.UUID, fn func(*store.PlatformTx) error) (w model.ManagedWorkspace, err error) {
	if err := p.store.Platform(ctx, sc, act, fn); err != nil {
		return w, fmt.Errorf("%s: %w", act, err)
	}
	return p.GetWorkspace(ctx, sc, id)
}

// Shred destroys the data keys of the practices that were deleted 30 days ago,
// and returns of how many.
func (p *Platform) Shred(ctx context.Context) (n int, err error) {
	due, err := p.store.DueToShred(ctx)
	if err != nil {
		return 0, fmt.Errorf("shred: %w", err)
	}
	var errs []error
	for _, id := range due {
		err := p.store.Platform(ctx, p.store.PlatformScope(uuid.Nil), model.PlatformShred, func(tx *store.PlatformTx) error { return tx.Shred(id) })
		if err == nil {
			n++
		}
		errs = append(errs, err)
	}
	return n, errors.Join(errs...)
}
