package api

import (
	"context"
	"io"
	"time"

	"pazpaz/internal/practice"
	"pazpaz/internal/store"

	"github.com/danielgtaylor/huma/v2"
)

type importIn struct {
	DryRun     bool   `query:"dry_run" doc:"Judge everything, store nothing."`
	Duplicates string `query:"duplicates" enum:"skip,create" default:"skip" doc:"What to do with rows that may be clients already."`
}

type rowError struct {
	Row     int    `json:"row" doc:"The line of the table, the header being 1."`
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type importReport struct {
	DryRun  bool       `json:"dry_run"`
	Rows    int        `json:"rows" doc:"Rows with content."`
	Created int        `json:"created" doc:"Stored, or would be."`
	Skipped int        `json:"skipped" doc:"May be clients already."`
	Twins   []int      `json:"skipped_rows" doc:"Which rows were skipped; at most 200."`
	Errors  []rowError `json:"errors" doc:"At most 200; rows with errors are not stored."`
	Ignored []int      `json:"ignored_columns" doc:"Columns that are not known, from 1."`
}

type importOut struct{ Body importReport }

func (a *API) importClients(ctx context.Context, sc store.Scope, in *importIn) (*importOut, error) {
	file, err := readBody(ctx)
	if err != nil {
		return nil, err
	}
	rep, err := a.o.Practice.ImportClients(ctx, sc, file, practice.ImportOptions{
		DryRun: in.DryRun, CreateDuplicates: in.Duplicates == "create",
	})
	if err != nil {
		return nil, err
	}
	out := importReport{DryRun: rep.DryRun, Rows: rep.Rows, Created: rep.Created, Skipped: rep.Skipped, Twins: append([]int{}, rep.Twins...), Errors: []rowError{}, Ignored: append([]int{}, rep.Ignored...)}
	for _, e := range rep.Errors {
		out.Errors = append(out.Errors, rowError{e.Row, e.Name, e.Code, e.Message})
	}
	return &importOut{out}, nil
}

type exportOut struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        func(huma.Context)
}

// exportClients answers 200 only once the first rows are read and audited.
func (a *API) exportClients(ctx context.Context, sc store.Scope, _ *none) (*exportOut, error) {
	first, err := a.o.Practice.StartExport(ctx, sc)
	if err != nil {
		return nil, err
	}
	return a.file(ctx, "text/csv; charset=utf-8", "clients", "csv", func(ctx context.Context, w io.Writer) error {
		return a.o.Practice.ExportClients(ctx, sc, first, w)
	}), nil
}

// finish is how long a large answer may take to be read.
const finish = 5 * time.Minute
