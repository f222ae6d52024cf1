package practice

import (
	"bytes"
	"cmp"
	"slices"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Total is how many match on all pages.
	Total int
	// More tells that there is a page behind this one.
	More bool
}

// pageOf returns the page of the filter, in the order of the names. It is not
// the database that sorts: names are sealed, and a practice has few. The cursor
// may be one that the filter does not select any more.
func pageOf[T model.Listed](all []T, f model.EntryFilter) (page Page[T], err error) {
	sortByName(all)
	start := 0
	if f.After != uuid.Nil {
		start = 1 + slices.IndexFunc(all, func(one T) bool { return one.Entry().ID == f.After })
		if start == 0 {
			return page, model.ErrBadCursor
		}
	}
	for i, one := range all {
		if !f.Has(one.Entry()) {
			continue
		}
		page.Total++
		switch {
		case i < start:
		case len(page.Items) < f.Limit:
			page.Items = append(page.Items, one)
		default:
			page.More = true
		}
	}
	return page, nil
}

func sortByName[T model.Listed](all []T) {
	keys := make(map[uuid.UUID]string, len(all))
	for _, one := range all {
		e := one.Entry()
		keys[e.ID] = model.NameKey(e.Name)
	}
	slices.SortFunc(all, func(a, b T) int {
		x, y := a.Entry().ID, b.Entry().ID
		return cmp.Or(cmp.Compare(keys[x], keys[y]), bytes.Compare(x[:], y[:]))
	})
}
