package practice_test

import (
	"crypto/rand"
	"errors"
	"sync"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func TestConsentOfAnotherPracticesClient(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, id := range []uuid.UUID{k.Client2.ID, uuid.Max} {
			_, err := k.Practice.GiveConsent(t.Context(), k.Scope(k.User1), model.Consent{ClientID: id, Kind: "data", TextVersion: "1", Text: "I agree."})
			if model.KindOf(err) != model.NotFound {
				t.Errorf("got %v, want not found", err)
			}
		}
		if n := k.DB.Count("select count(*) from consents"); n != 0 {
			t.Errorf("%d lines are stored", n)
		}
	})
}

// Eight savers read version 1 and save at once: one saves, the others see
// what it has saved.
func TestOfManySaversWithOneVersionOneWins(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const savers = 8
		sc := k.Scope(k.User1)
		errs := make([]error, savers)
		var all sync.WaitGroup
		for i := range savers {
			all.Go(func() {
				_, errs[i] = k.Practice.UpdateClient(t.Context(), sc, k.Client1.ID, 1, func(c *model.Client) { c.Notes += "+" })
			})
		}
		all.Wait()
		saved := 0
		for _, err := range errs {
			if err == nil {
				saved++
				continue
			}
			e, ok := errors.AsType[*model.Error](err)
			if !ok || e.Code != "stale" {
				t.Fatalf("got %v, want stale", err)
			}
			if now, ok := e.Current.(practice.ClientWithVisits); !ok || now.Version != 2 || now.Notes != "+" {
				t.Errorf("the current client is %T", e.Current)
			}
		}
		stored := k.StoredClient(k.Client1.ID.String())
		if saved != 1 || stored.Version != 2 || stored.Notes != "+" {
			t.Fatalf("%d saved; version %d is stored with %q", saved, stored.Version, string(stored.Notes))
		}
	})
}

func TestWithoutAVersionNoSaveIsLost(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, err := k.Practice.UpdateClient(t.Context(), sc, k.Client1.ID, 0, func(c *model.Client) { c.Notes += "+" })
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if stored := k.StoredClient(k.Client1.ID.String()); stored.Version != 9 || stored.Notes != "++++++++" {
			t.Fatalf("version %d is stored with %q", stored.Version, string(stored.Notes))
		}
	})
}

// A refused change must not reach the search, which reads names from memory.
func TestRefusedChangesAreNotFound(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		zelda := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Zelda", LastName: "Quick"}})
		found := func(q model.Text) int {
			page, err := k.Practice.ListClients(t.Context(), sc, model.ClientFilter{Query: q, Limit: 10}, false)
			testkit.NoErr(t, err)
			return page.Total
		}
		if found("Zelda") != 1 {
			t.Fatal("the fixture is not found")
		}
		_, err := k.Practice.UpdateClient(t.Context(), sc, zelda.ID, 0, func(c *model.Client) { c.FirstName, c.Email = "Renamed", "no address" })
		if model.KindOf(err) != model.Invalid || found("Renamed") != 0 || found("Zelda") != 1 {
			t.Errorf("after a refused change: %v", err)
		}
		_, err = k.Practice.UpdateClient(t.Context(), sc, zelda.ID, 0, func(c *model.Client) { c.FirstName = "Renamed" })
		if err != nil || found("Renamed") != 1 || found("Zelda") != 0 {
			t.Errorf("after a change: %v", err)
		}
	})
}

// Another process changes names; the search of this one must know.
func TestSearchKnowsWhatAnotherProcessStored(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		here, elsewhere := k.Scope(k.User1), practice.New(k.OpenStore(), rand.Reader)
		find := func(q model.Text) []practice.ClientWithVisits {
			page, err := k.Practice.ListClients(t.Context(), here, model.ClientFilter{Query: q, Limit: 10}, false)
			testkit.NoErr(t, err)
			return page.Clients
		}
		if len(find("Zoe")) != 0 {
			t.Fatal("Zoe is there")
		}
		_, _, err := elsewhere.CreateClient(t.Context(), here, model.Client{Contact: model.Contact{FirstName: "Zoe", LastName: "Far"}}, model.OnceKey{})
		testkit.NoErr(t, err)
		if len(find("zoe")) != 1 {
			t.Error("the new client is not found")
		}
		_, err = elsewhere.UpdateClient(t.Context(), here, k.Client1.ID, 0, func(c *model.Client) { c.LastName, c.Email = "Elsewhere", "" })
		testkit.NoErr(t, err)
		if len(find("elsewhere")) != 1 || len(find("doe")) != 0 {
			t.Error("the renamed client is found by its old name")
		}
		testkit.NoErr(t, elsewhere.ArchiveClient(t.Context(), here, k.Client1.ID))
		if len(find("elsewhere")) != 0 {
			t.Error("the archived client is listed")
		}
	})
}

func TestNobodyActsWithoutAScope(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for name, err := range map[string]error{
			"get":     second(k.Practice.GetClient(t.Context(), store.Scope{}, k.Client1.ID)),
			"update":  second(k.Practice.UpdateClient(t.Context(), store.Scope{}, k.Client1.ID, 0, func(c *model.Client) { c.FirstName = "x" })),
			"export":  second(k.Practice.StartExport(t.Context(), store.Scope{})),
			"import":  second(k.Practice.ImportClients(t.Context(), store.Scope{}, []byte("first_name,last_name\na,b\n"), practice.ImportOptions{})),
			"archive": k.Practice.ArchiveClient(t.Context(), store.Scope{}, k.Client1.ID),
			"consent": second(k.Practice.ListConsents(t.Context(), store.Scope{}, k.Client1.ID)),
		} {
			if err == nil {
				t.Errorf("%s: done", name)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }
