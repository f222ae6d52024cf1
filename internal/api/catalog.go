package api

import (
	"context"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"

	"github.com/google/uuid"
)

// EntryPath is the part of an address that names a service or a location.
type EntryPath struct {
	ID string `path:"id" format:"uuid"`
}

func (p EntryPath) id() uuid.UUID { return idOf(p.ID) }

type updateEntryIn struct {
	EntryPath

	IfMatch string `header:"If-Match" maxLength:"40" doc:"The version you saw, in quotes, instead of the version field."`
}

// ListEntriesIn is the query of lists of services and of locations.
type ListEntriesIn struct {
	Status string `query:"status" enum:"active,archived,all" default:"active"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor string `query:"cursor" maxLength:"64" doc:"From the Link header of the page before."`
}

func (in ListEntriesIn) filter() (model.EntryFilter, error) {
	f := model.EntryFilter{Status: in.Status, Limit: in.Limit}
	if in.Cursor == "" {
		return f, nil
	}
	id, err := uuid.Parse(in.Cursor)
	if err != nil || id == uuid.Nil {
		return f, model.ErrBadCursor
	}
	f.After = id
	return f, nil
}

type listEntriesOut[T any] struct {
	Link  string `header:"Link" doc:"rel=next when there are more."`
	Total int    `header:"X-Total-Count" doc:"How many match on all pages."`
	Body  []T
}

// entriesOf is the answer of a list; of translates one of its items.
func entriesOf[M model.Listed, T any](ctx context.Context, page practice.Page[M], of func(M) T) *listEntriesOut[T] {
	out := &listEntriesOut[T]{Total: page.Total, Body: make([]T, len(page.Items))}
	for i, one := range page.Items {
		out.Body[i] = of(one)
	}
	if page.More {
		last := page.Items[len(page.Items)-1].Entry()
		out.Link = nextPage(requestOf(ctx).r.URL, last.ID.String())
	}
	return out
}

// notNull refuses null for a switch: it could only be guessed what it means.
func notNull(name string, v optional[*bool]) error {
	if v.Set && v.Value == nil {
		return model.InvalidFields([]model.Field{{Name: name, Code: "required", Message: "Must be true or false."}})
	}
	return nil
}
