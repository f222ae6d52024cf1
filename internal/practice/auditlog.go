package practice

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// AuditPage is a page of the audit chain, the latest first.
type AuditPage struct {
	Entries []model.AuditEntry
	More    bool
}

// ListAudit returns a page of what happened in the workspace. days narrow it
// down further, as days of the workspace's zone.
func (p *Practice) ListAudit(ctx context.Context, sc store.Scope, f model.AuditFilter, days model.Days) (page AuditPage, err error) {
	err = p.store.Read(ctx, sc, model.AuditList, func(tx *store.ReadTx) error {
		if err := within(tx, days, &f); err != nil {
			return err
		}
		if page.Entries, page.More, err = tx.AuditEntries(f); err != nil {
			return err
		}
		return tx.NameClients(page.Entries)
	})
	if err != nil {
		return AuditPage{}, fmt.Errorf("list audit: %w", err)
	}
	return page, p.nameActors(ctx, sc, model.AuditList, page.Entries)
}

func within(tx *store.ReadTx, days model.Days, f *model.AuditFilter) error {
	zone, err := tx.Zone()
	if err != nil {
		return err
	}
	from, to, err := days.In(zone)
	if !from.IsZero() {
		f.From = from
	}
	if !to.IsZero() {
		f.To = to
	}
	return err
}

// ListAccess returns a page of who opened or changed a client's record.
func (p *Practice) ListAccess(ctx context.Context, sc store.Scope, client uuid.UUID, limit int, after *model.AuditPlace) (page AuditPage, err error) {
	err = p.store.Read(ctx, sc, model.AuditAccess, func(tx *store.ReadTx) error {
		page.Entries, page.More, err = tx.AccessEntries(client, limit, after)
		return err
	})
	if err != nil {
		return AuditPage{}, fmt.Errorf("access receipt: %w", err)
	}
	return page, p.nameActors(ctx, sc, model.AuditAccess, page.Entries)
}

// nameActors puts into entries who the members are that acted, and those that
// it was about.
func (p *Practice) nameActors(ctx context.Context, sc store.Scope, act model.Action, entries []model.AuditEntry) error {
	names, err := p.store.MemberNames(ctx, sc, act)
	if err != nil {
		return fmt.Errorf("names in the audit chain: %w", err)
	}
	for i := range entries {
		entries[i].Actor = names[entries[i].ActorID]
		entries[i].Member = names[entries[i].SubjectID]
	}
	return nil
}

// maxReceipt bounds the entries of a receipt that is a file.
const maxReceipt = 100_000

// AccessReceipt is all that ListAccess pages through, for a file.
func (p *Practice) AccessReceipt(ctx context.Context, sc store.Scope, client uuid.UUID) ([]model.AuditEntry, error) {
	page, err := p.ListAccess(ctx, sc, client, maxReceipt, nil)
	return page.Entries, err
}

// WriteAccessReceipt writes entries as CSV, times in UTC. No cell can be taken
// for a formula.
func WriteAccessReceipt(w io.Writer, entries []model.AuditEntry) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return fmt.Errorf("write access receipt: %w", err)
	}
	out := csv.NewWriter(w)
	rows := [][]string{{"number", "at", "name", "actor_kind", "actor_id", "action", "outcome", "subject_id", "request_id"}}
	for i := range entries {
		e := &entries[i]
		rows = append(rows, []string{
			strconv.FormatInt(e.Seq, 10), e.At.UTC().Format(time.RFC3339Nano), guard(string(e.Actor)), e.ActorKind, idOrNone(e.ActorID),
			e.Action, e.Outcome, idOrNone(e.SubjectID), idOrNone(e.RequestID),
		})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write access receipt: %w", err)
	}
	return nil
}

func idOrNone(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

// ExportAudit opens the whole chain of the workspace for its export.
func (p *Practice) ExportAudit(ctx context.Context, sc store.Scope) (*store.ChainExport, error) {
	return p.store.ExportChain(ctx, sc)
}

// OpenCheckpoints is asked before somebody sees the signed ends of the
// workspace's audit chain.
func (p *Practice) OpenCheckpoints(ctx context.Context, sc store.Scope) error {
	if err := p.store.Read(ctx, sc, model.AuditCheckpoints, func(*store.ReadTx) error { return nil }); err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	return nil
}
