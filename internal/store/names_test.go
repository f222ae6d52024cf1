package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// find returns the first names of a page, and the rest of the answer.
func find(k *testkit.Kit, s *store.Store, sc store.Scope, f model.ClientFilter) (names string, total int, more bool, err error) {
	k.T.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	err = s.Read(k.T.Context(), sc, model.ClientList, func(tx *store.ReadTx) error {
		page, n, m, err := tx.FindClients(f)
		var all []string
		for _, c := range page {
			all = append(all, string(c.FirstName))
		}
		names, total, more = strings.Join(all, " "), n, m
		return err
	})
	return names, total, more, err
}

func TestSearchFindsPeopleTheWayTheyAreWritten(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User2)
		err := write(k, sc, model.ClientArchive, func(tx *store.Tx) error { now := tx.Now(); return tx.SetClientArchived(k.Client2.ID, &now) })
		testkit.NoErr(t, err)
		for _, c := range []struct{ first, last, email, phone string }{
			{"נועה", "לוי", "noa.levi@example.com", "050-555-0101"},
			{"שָׁלוֹם", "כהן", "", "+972 52-555-0102"},
			{"José", "Müller", "jose@example.org", "(030) 555 0103"},
			{"Sinéad", "O'Connor", "", ""},
			{"Anna", "van den Berg", "anna@Example.com", "03-555-0104"},
			{"Bar", "Ben-David", "", "02-5550105"},
			{"ANNA", "Smith", "", "1234567"},
		} {
			p := person(c.first, c.last)
			p.Email, p.Phone = model.Text(c.email), model.Text(c.phone)
			k.AddClient(k.Workspace2.ID, p)
		}
		for query, want := range map[string]string{
			"":                          "Bar José Sinéad ANNA Anna שָׁלוֹם נועה",
			"anna":                      "ANNA Anna",
			"ANNA berg":                 "Anna",
			"berg anna":                 "Anna",
			"jose":                      "José",
			"JOSÉ muller":               "José",
			"mull":                      "José",
			"oconnor":                   "Sinéad",
			"o'connor":                  "Sinéad",
			"o’connor sinead":           "Sinéad",
			"ben david":                 "Bar",
			"ben-david":                 "Bar",
			"נועה לוי":                  "נועה",
			"לוי":                       "נועה",
			"נֹעָה":                     "",
			"שלום":                      "שָׁלוֹם",
			"שלומ":                      "שָׁלוֹם",
			"כהנ":                       "שָׁלוֹם",
			"example.com":               "Anna נועה",
			"NOA.LEVI@":                 "נועה",
			"noa.levi@example.com לוי":  "נועה",
			"0505550101":                "נועה",
			"050-555-01":                "נועה",
			"+972 50 555 0101":          "נועה",
			"052-555-0102":              "שָׁלוֹם",
			"5550103":                   "José",
			"٠٣٠٥٥٥٠١٠٣":                "José",
			"555":                       "Bar José Anna שָׁלוֹם נועה",
			"55":                        "",
			"nobody":                    "",
			"anna -":                    "ANNA Anna",
			"anna 5550104":              "Anna",
			"anna nobody":               "",
			"jane":                      "",
			"'; drop table clients; --": "",
			"%":                         "",
			"_":                         "",
			"@":                         "José Anna נועה",
		} {
			got, total, more, err := find(k, k.Store, sc, model.ClientFilter{Query: model.Text(query)})
			if err != nil || got != want || total != len(strings.Fields(want)) || more {
				t.Errorf("%q: got %q (%d, %v, %v), want %q", query, got, total, more, err, want)
			}
		}
		if got, _, _, err := find(k, k.Store, k.Scope(k.User1), model.ClientFilter{Query: "נועה"}); err != nil || got != "" {
			t.Errorf("another workspace found %q, %v", got, err)
		}
	})
}

func TestSearchByStatusAndPage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Store.OperatorScope(k.Workspace1.ID)
		at := k.Clock.Now()
		ids := map[string]uuid.UUID{"John": k.Client1.ID}
		for i, name := range []string{"E", "D", "C", "B", "A"} {
			p := person(name, "Zed")
			if i%2 == 0 {
				p.ArchivedAt = &at
			}
			ids[name] = k.AddClient(k.Workspace1.ID, p).ID
		}
		for _, c := range []struct {
			filter model.ClientFilter
			want   string
			total  int
			more   bool
		}{
			{model.ClientFilter{}, "John B D", 3, false},
			{model.ClientFilter{Status: model.ArchivedClients}, "A C E", 3, false},
			{model.ClientFilter{Status: model.AllClients}, "John A B C D E", 6, false},
			{model.ClientFilter{Status: model.AllClients, Limit: 2}, "John A", 6, true},
			{model.ClientFilter{Status: model.AllClients, Limit: 2, After: ids["A"]}, "B C", 6, true},
			{model.ClientFilter{Status: model.AllClients, Limit: 2, After: ids["C"]}, "D E", 6, false},
			{model.ClientFilter{Status: model.AllClients, Limit: 2, After: ids["E"]}, "", 6, false},
			{model.ClientFilter{Status: model.AllClients, Limit: 6}, "John A B C D E", 6, false},
			{model.ClientFilter{Limit: 1, After: ids["C"]}, "D", 3, false}, // the cursor need not match the filter any more
			{model.ClientFilter{Query: "zed", Limit: 1}, "B", 2, true},
			{model.ClientFilter{Query: "zed", Limit: 1, After: ids["B"]}, "D", 2, false},
		} {
			got, total, more, err := find(k, k.Store, sc, c.filter)
			if err != nil || got != c.want || total != c.total || more != c.more {
				t.Errorf("%+v: got %q, %d, %v, %v; want %q, %d, %v", c.filter, got, total, more, err, c.want, c.total, c.more)
			}
		}
		for _, after := range []uuid.UUID{k.Client2.ID, uuid.New()} {
			_, _, _, err := find(k, k.Store, sc, model.ClientFilter{After: after})
			wantKind(t, err, model.Invalid, "invalid")
		}
	})
}

func TestSearchSeesWhatAnotherProcessWrote(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		other, sc := k.OpenStore(), k.Store.OperatorScope(k.Workspace1.ID)
		want := func(after, names string) {
			t.Helper()
			for i, s := range []*store.Store{k.Store, other} {
				if got, _, _, err := find(k, s, sc, model.ClientFilter{}); err != nil || got != names {
					t.Errorf("after %s process %d finds %q, want %q (%v)", after, i, got, names, err)
				}
			}
		}
		want("nothing", "John")
		c, err := insert(t.Context(), other, sc, person("Anna", "Adams"))
		testkit.NoErr(t, err)
		want("an insert", "Anna John")
		c.LastName = "Zimmer"
		err = other.Write(t.Context(), sc, model.ClientUpdate, func(tx *store.Tx) error { _, err := tx.UpdateClient(c); return err })
		testkit.NoErr(t, err)
		want("a change of name", "John Anna")
		err = other.Write(t.Context(), sc, model.ClientArchive, func(tx *store.Tx) error { now := tx.Now(); return tx.SetClientArchived(c.ID, &now) })
		testkit.NoErr(t, err)
		want("archiving", "John")
		err = k.Store.Write(t.Context(), sc, model.ClientRestore, func(tx *store.Tx) error { return tx.SetClientArchived(c.ID, nil) })
		testkit.NoErr(t, err)
		want("restoring", "John Anna")
		lost := fmt.Errorf("a fault")
		_ = other.Write(t.Context(), sc, model.ClientCreate, func(tx *store.Tx) error {
			_, _ = tx.InsertClient(person("Lost", "Lost"))
			return lost
		})
		want("a write that failed", "John Anna")
		var before, after int
		var page []model.Client
		err = k.Store.Write(t.Context(), sc, model.ClientImport, func(tx *store.Tx) error {
			_, n, _, err := tx.FindClients(model.ClientFilter{Limit: 10})
			before = n
			if err != nil {
				return err
			}
			if _, err := tx.InsertClient(person("Own", "Own")); err != nil {
				return err
			}
			// Uncommitted names must stay out of what other requests share.
			page, after, _, err = tx.FindClients(model.ClientFilter{Limit: 10})
			if err == nil {
				t.Error("names were read after they were changed in the same transaction")
			}
			return nil
		})
		if err != nil || before != 2 || after != 0 || page != nil {
			t.Errorf("%d before, %d after, %v", before, after, err)
		}
		want("its own change", "John Own Anna")
	})
}

func TestDuplicatesAreFound(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		p := full
		p.ID, p.LastName = uuid.New(), "לוי"
		k.AddClient(k.Workspace1.ID, p)
		for name, c := range map[string]struct {
			contact model.Contact
			except  uuid.UUID
			want    string
		}{
			"phone, written otherwise": {model.Contact{Phone: "+972 50 5550101"}, uuid.Nil, "[phone]"},
			"e-mail in capitals":       {model.Contact{Email: "NOA@example.com"}, uuid.Nil, "[email]"},
			"name and birth":           {model.Contact{FirstName: "נועה", LastName: "לוי", DateOfBirth: "1988-03-14"}, uuid.Nil, "[name_and_birth_date]"},
			"all":                      {p.Contact, uuid.Nil, "[phone email name_and_birth_date]"},
			"itself":                   {p.Contact, p.ID, ""},
			"short number":             {model.Contact{Phone: "550101"}, uuid.Nil, ""},
			"name alone":               {model.Contact{FirstName: "נועה", LastName: "לוי"}, uuid.Nil, ""},
			"birth alone":              {model.Contact{FirstName: "Dan", LastName: "לוי", DateOfBirth: "1988-03-14"}, uuid.Nil, ""},
			"nothing given":            {model.Contact{}, uuid.Nil, ""},
			"the other workspace's":    {k.Client2.Contact, uuid.Nil, ""},
		} {
			err := read(k, sc, model.ClientDuplicates, func(tx *store.ReadTx) error {
				found, err := tx.FindDuplicates(c.contact, c.except)
				got := ""
				for _, d := range found {
					if d.ID != p.ID || d.FullName != "נועה לוי" {
						t.Errorf("%s: found %s", name, d.ID)
					}
					got = fmt.Sprint(d.Reasons)
				}
				if got != c.want || len(found) > 1 {
					t.Errorf("%s: got %s, want %s", name, got, c.want)
				}
				f, ferr := tx.DuplicateFinder()
				if ferr != nil {
					return ferr
				}
				if c.except == uuid.Nil && f.Seen(c.contact) != (c.want != "") {
					t.Errorf("%s: the finder says otherwise", name)
				}
				return err
			})
			testkit.NoErr(t, err)
		}
	})
}

func TestDuplicateListIsBounded(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for i := range 25 {
			p := person("A", fmt.Sprintf("B%02d", i))
			p.Phone = "050-555-9999"
			k.AddClient(k.Workspace1.ID, p)
		}
		err := read(k, k.Scope(k.User1), model.ClientDuplicates, func(tx *store.ReadTx) error {
			found, err := tx.FindDuplicates(model.Contact{Phone: "0505559999"}, uuid.Nil)
			names := []string{}
			for _, d := range found {
				names = append(names, string(d.FullName))
			}
			if len(found) != 20 || !slices.IsSorted(names) || names[0] != "A B00" {
				t.Errorf("%d were found: %v", len(found), names)
			}
			return err
		})
		testkit.NoErr(t, err)
	})
}

func TestSearchKeepsManyWorkspacesByDefault(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, u := range []model.User{k.User1, k.User2} {
			_, _, _, err := find(k, k.Store, k.Scope(u), model.ClientFilter{})
			testkit.NoErr(t, err)
		}
		if counted, held, workspaces := k.Store.HeldNames(); counted != 2 || held != 2 || workspaces != 2 {
			t.Errorf("%d names of %d workspaces are held, counted as %d; want both clients", held, workspaces, counted)
		}
	})
}

// An index that was let go is built again, and is right then.
func TestSearchMemoryIsBounded(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		small, err := store.Open(t.Context(), store.Options{URL: k.URL, Masters: k.Masters, Now: k.Clock.Now, Random: randomness{}, SearchClients: 7})
		testkit.NoErr(t, err)
		t.Cleanup(func() { _ = small.Close() })
		var scopes []store.Scope
		for i := range 4 {
			w := k.AddWorkspace(10 + i)
			scopes = append(scopes, k.Store.OperatorScope(w.ID))
			for n := range 3 {
				k.AddClient(w.ID, person(fmt.Sprintf("C%d", n), fmt.Sprintf("W%d", i)))
			}
		}
		for round := range 3 {
			for i, sc := range scopes {
				if got, _, _, err := find(k, small, sc, model.ClientFilter{}); err != nil || got != "C0 C1 C2" {
					t.Errorf("round %d, workspace %d: %q, %v", round, i, got, err)
				}
				counted, held, workspaces := small.HeldNames()
				if counted != held || held > 7 || workspaces > 2 {
					t.Fatalf("%d names of %d workspaces are held, counted as %d; want at most 7", held, workspaces, counted)
				}
			}
		}
		_, _, _, err = find(k, small, scopes[2], model.ClientFilter{}) // used last but one, now last
		testkit.NoErr(t, err)
		for n := range 6 {
			k.AddClient(scopes[0].Workspace(), person(fmt.Sprintf("D%d", n), "W0"))
		}
		got, _, _, err := find(k, small, scopes[0], model.ClientFilter{})
		if err != nil || got != "C0 C1 C2 D0 D1 D2 D3 D4 D5" {
			t.Errorf("a workspace larger than the bound: %q, %v", got, err)
		}
		if counted, held, workspaces := small.HeldNames(); counted != 9 || held != 9 || workspaces != 1 {
			t.Errorf("%d names of %d workspaces are held, counted as %d; want the one that is in use", held, workspaces, counted)
		}
	})
}
