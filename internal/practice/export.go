package practice

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// exportPage is how many clients are in memory at a time.
const exportPage = 200

// byteOrderMark makes spreadsheets read the file as UTF-8.
const byteOrderMark = "\ufeff"

// ExportPage is the first part of an export; its look is in the audit chain.
type ExportPage []model.Client

// StartExport reads the first part, so that a refusal comes before any byte.
func (p *Practice) StartExport(ctx context.Context, sc store.Scope) (ExportPage, error) {
	page, err := p.exportPage(ctx, sc, uuid.Nil)
	if err != nil {
		return nil, fmt.Errorf("export clients: %w", err)
	}
	return page, nil
}

// ExportClients writes every client of the workspace as CSV, archived ones
// included: the first part, then the others, each in the audit chain before
// it is written. No cell can be taken for a formula.
func (p *Practice) ExportClients(ctx context.Context, sc store.Scope, page ExportPage, w io.Writer) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return fmt.Errorf("export clients: %w", err)
	}
	out := csv.NewWriter(w)
	if err := writeHeader(out); err != nil {
		return fmt.Errorf("export clients: %w", err)
	}
	for {
		for i := range page {
			if err := writeClient(out, &page[i]); err != nil {
				return fmt.Errorf("export clients: %w", err)
			}
		}
		if len(page) < exportPage {
			out.Flush()
			return out.Error()
		}
		var err error
		if page, err = p.exportPage(ctx, sc, page[len(page)-1].ID); err != nil {
			return fmt.Errorf("export clients: %w", err)
		}
	}
}

func (p *Practice) exportPage(ctx context.Context, sc store.Scope, after uuid.UUID) (page ExportPage, err error) {
	err = p.store.Read(ctx, sc, model.ClientExport, func(tx *store.ReadTx) error {
		page, err = tx.ClientsAfter(after, exportPage)
		return err
	})
	return page, err
}
