package store_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// naive is a list of clients that is searched by looking at each of them.
type naive map[uuid.UUID]model.Client

func sortKey(c model.Client) string {
	return model.Fold(string(c.LastName)) + "\x00" + model.Fold(string(c.FirstName)) + "\x00" + c.ID.String()
}

func (n naive) find(f model.ClientFilter) (page []uuid.UUID, total int, more bool) {
	var all []model.Client
	for _, c := range n {
		archived := c.ArchivedAt != nil
		if (f.Status == model.AllClients || archived == (f.Status == model.ArchivedClients)) && matches(c, string(f.Query)) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b model.Client) int { return cmp.Compare(sortKey(a), sortKey(b)) })
	total = len(all)
	if after, ok := n[f.After]; ok {
		all = slices.DeleteFunc(all, func(c model.Client) bool { return sortKey(c) <= sortKey(after) })
	}
	if more = len(all) > f.Limit; more {
		all = all[:f.Limit]
	}
	for _, c := range all {
		page = append(page, c.ID)
	}
	return page, total, more
}

// matches is the rule in its plainest form: every word is part of the name, of
// the e-mail address or, when it is a number, of the phone's digits.
func matches(c model.Client, query string) bool {
	name := model.Fold(string(c.FirstName)) + " " + model.Fold(string(c.LastName))
	digits := strings.ReplaceAll(string(c.Phone), "-", "")
	for _, w := range strings.Fields(query) {
		number := len(w) >= 3 && strings.Trim(w, "0123456789") == "" && strings.Contains(digits, strings.TrimPrefix(w, "0"))
		if !number && !strings.Contains(name, model.Fold(w)) && !strings.Contains(strings.ToLower(string(c.Email)), strings.ToLower(w)) {
			return false
		}
	}
	return true
}

var (
	someNames  = rapid.SampledFrom([]string{"Anna", "anna", "Ann", "Bar", "José", "Jose", "נועה", "לוי", "שָׁלוֹם", "שלום", "כהן", "Müller", "O'Connor", "Zed"})
	someEmails = rapid.SampledFrom([]string{"", "", "anna@example.com", "bar@Example.org", "ann.zed@example.com"})
	somePhones = rapid.SampledFrom([]string{"", "50-555-0101", "52-555-0102", "5550103", "1234567"})
	someWords  = rapid.SampledFrom([]string{"", "", "an", "ANNA", "jose", "שלומ", "לוי", "כהנ", "oconnor", "zed anna", "example.com", "555", "0101", "0102", "12", "e", "nobody", "anna 555", "0101 bar"})
)

func somebody(rt *rapid.T) model.Contact {
	return model.Contact{
		FirstName: model.Text(someNames.Draw(rt, "first")), LastName: model.Text(someNames.Draw(rt, "last")),
		Email: model.Text(someEmails.Draw(rt, "email")), Phone: model.Text(somePhones.Draw(rt, "phone")),
	}
}

// world is one workspace under test, written to by two processes.
type world struct {
	k      *testkit.Kit
	stores []*store.Store
	sc     store.Scope
	model  naive
	order  []uuid.UUID // of the clients, for drawing one
}

func (w *world) step(rt *rapid.T) {
	s := rapid.SampledFrom(w.stores).Draw(rt, "process")
	ops := []string{"insert", "update", "archive", "restore", "find", "walk"}
	if len(w.order) == 0 {
		ops = []string{"insert", "find"}
	}
	op := rapid.SampledFrom(ops).Draw(rt, "operation")
	var c model.Client
	if len(w.order) > 0 {
		c = w.model[rapid.SampledFrom(w.order).Draw(rt, "client")]
	}
	err := error(nil)
	switch op {
	case "insert":
		c = model.Client{ID: uuid.New(), Contact: somebody(rt)}
		if c, err = insert(w.k.T.Context(), s, w.sc, c); err == nil {
			w.order = append(w.order, c.ID)
		}
	case "update":
		c.Contact = somebody(rt)
		err = s.Write(w.k.T.Context(), w.sc, model.ClientUpdate, func(tx *store.Tx) (err error) { c, err = tx.UpdateClient(c); return err })
	case "archive", "restore":
		c.ArchivedAt = nil
		if at := w.k.Clock.Now(); op == "archive" {
			c.ArchivedAt = &at
		}
		err = s.Write(w.k.T.Context(), w.sc, model.ClientArchive, func(tx *store.Tx) error { return tx.SetClientArchived(c.ID, c.ArchivedAt) })
		c.Version++
	case "find":
		w.compare(rt, s, w.filter(rt))
		return
	case "walk":
		w.walk(rt, s)
		return
	}
	if err != nil {
		rt.Fatalf("%s: %v", op, err)
	}
	w.model[c.ID] = c
}

func (w *world) filter(rt *rapid.T) model.ClientFilter {
	f := model.ClientFilter{
		Query: model.Text(someWords.Draw(rt, "query")), Limit: rapid.IntRange(1, 8).Draw(rt, "limit"),
		Status: rapid.SampledFrom([]model.ClientStatus{model.ActiveClients, model.ArchivedClients, model.AllClients}).Draw(rt, "status"),
	}
	if len(w.order) > 0 && rapid.Bool().Draw(rt, "paged") {
		f.After = rapid.SampledFrom(w.order).Draw(rt, "after")
	}
	return f
}

func (w *world) find(rt *rapid.T, s *store.Store, f model.ClientFilter) (ids []uuid.UUID, total int, more bool) {
	err := s.Read(w.k.T.Context(), w.sc, model.ClientList, func(tx *store.ReadTx) error {
		page, n, m, err := tx.FindClients(f)
		for _, c := range page {
			ids = append(ids, c.ID)
			if c.Contact.FirstName != w.model[c.ID].FirstName || c.Email != w.model[c.ID].Email || c.Version != w.model[c.ID].Version {
				rt.Errorf("client %s is %v, want %v", c.ID, shown(c), shown(w.model[c.ID]))
			}
		}
		total, more = n, m
		return err
	})
	if err != nil {
		rt.Fatal(err)
	}
	return ids, total, more
}

func (w *world) compare(rt *rapid.T, s *store.Store, f model.ClientFilter) {
	ids, total, more := w.find(rt, s, f)
	wantIDs, wantTotal, wantMore := w.model.find(f)
	if !slices.Equal(ids, wantIDs) || total != wantTotal || more != wantMore {
		rt.Fatalf("%q status %d limit %d after %s of %d clients:\ngot  %v %d %v\nwant %v %d %v",
			string(f.Query), f.Status, f.Limit, f.After, len(w.model), ids, total, more, wantIDs, wantTotal, wantMore)
	}
}

// walk follows the cursor to the end: every match comes once, in order.
func (w *world) walk(rt *rapid.T, s *store.Store) {
	f := w.filter(rt)
	f.After = uuid.Nil
	var all []uuid.UUID
	for {
		page, _, more := w.find(rt, s, f)
		all = append(all, page...)
		if !more {
			break
		}
		f.After = page[len(page)-1]
	}
	f.After, f.Limit = uuid.Nil, 1000
	if want, _, _ := w.model.find(f); !slices.Equal(all, want) {
		rt.Fatalf("walking %q: got %v, want %v", string(f.Query), all, want)
	}
}

// 5,000 operations on each engine: 100 workspaces of 50.
func TestSearchAgreesWithANaiveModel(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		stores := []*store.Store{k.Store, k.OpenStore()}
		n := 100
		operations := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			w := &world{k: k, stores: stores, sc: k.Store.OperatorScope(k.AddWorkspace(n).ID), model: naive{}}
			for range 50 {
				w.step(rt)
				operations++
			}
			for _, s := range stores {
				w.compare(rt, s, model.ClientFilter{Status: model.AllClients, Limit: 100})
			}
		})
		if operations < 5000 {
			t.Errorf("only %d operations were tried", operations)
		}
	})
}
