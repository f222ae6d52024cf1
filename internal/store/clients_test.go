package store_test

import (
	"slices"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

var full = model.Client{
	Contact: model.Contact{
		FirstName: "נועה", LastName: "לוי-כהן", Email: "noa@example.com", Phone: "050-555-0101", DateOfBirth: "1988-03-14",
		Address: "רחוב הרצל 1\nתל אביב", EmergencyName: "Dan 🧘", EmergencyPhone: "03-555", Tags: []model.Text{"vip", "פיזיותרפיה", "b"},
	},
	History: model.History{MedicalHistory: "כאבי גב\tתחתון", Notes: "mornings"},
}

func TestClientIsStoredWhole(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		archived := k.Clock.Now().Add(-time.Hour)
		for name, c := range map[string]model.Client{
			"everything":     full,
			"names only":     {Contact: model.Contact{FirstName: "A", LastName: "B"}},
			"notes only":     {Contact: model.Contact{FirstName: "A", LastName: "B"}, History: model.History{Notes: "n"}},
			"archived":       {Contact: model.Contact{FirstName: "A", LastName: "B"}, ArchivedAt: &archived, Consented: true},
			"empty contact":  {},
			"long and mixed": {Contact: model.Contact{FirstName: model.Text(slices.Repeat([]byte("é "), 300)), LastName: "\x00"}},
		} {
			c.ID = uuid.New()
			made, err := insert(t.Context(), k.Store, k.Scope(k.User1), c)
			testkit.NoErr(t, err)
			got, err := view(t.Context(), k.OpenStore(), k.Scope(k.User1), c.ID)
			testkit.NoErr(t, err)
			c.WorkspaceID, c.Version, c.CreatedAt, c.UpdatedAt = k.Workspace1.ID, 1, k.Clock.Now(), k.Clock.Now()
			wantClient(t, name+", as read", got, c)
			wantClient(t, name+", as made", made, c)
		}
	})
}

func wantClient(t *testing.T, what string, got, want model.Client) {
	t.Helper()
	same := got.ID == want.ID && got.WorkspaceID == want.WorkspaceID && got.FirstName == want.FirstName && got.LastName == want.LastName &&
		got.Email == want.Email && got.Phone == want.Phone && got.DateOfBirth == want.DateOfBirth && got.Address == want.Address &&
		got.EmergencyName == want.EmergencyName && got.EmergencyPhone == want.EmergencyPhone && slices.Equal(got.Tags, want.Tags) &&
		got.History == want.History && got.Consented == want.Consented && got.Version == want.Version &&
		got.CreatedAt.Equal(want.CreatedAt) && got.UpdatedAt.Equal(want.UpdatedAt) && (got.ArchivedAt == nil) == (want.ArchivedAt == nil)
	if same && want.ArchivedAt != nil {
		same = got.ArchivedAt.Equal(*want.ArchivedAt)
	}
	if !same {
		t.Errorf("%s:\ngot  %v\nwant %v", what, shown(got), shown(want))
	}
}

// shown is a client whose texts a print does not hide.
func shown(c model.Client) []any {
	tags := []string{}
	for _, tag := range c.Tags {
		tags = append(tags, string(tag))
	}
	return []any{
		c.ID, c.WorkspaceID, string(c.FirstName), string(c.LastName), string(c.Email), string(c.Phone), string(c.DateOfBirth), string(c.Address),
		string(c.EmergencyName), string(c.EmergencyPhone), tags, string(c.MedicalHistory), string(c.Notes), c.Consented, c.ArchivedAt, c.Version, c.CreatedAt, c.UpdatedAt,
	}
}

func update(k *testkit.Kit, sc store.Scope, c model.Client) (model.Client, error) {
	err := k.Store.Write(k.T.Context(), sc, model.ClientUpdate, func(tx *store.Tx) (err error) {
		c, err = tx.UpdateClient(c)
		return err
	})
	return c, err
}

func TestUpdateStoresOverTheVersionItSaw(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		c := full
		c.ID = uuid.New()
		c, err := insert(t.Context(), k.Store, k.Scope(k.User1), c)
		testkit.NoErr(t, err)
		k.Clock.Advance(time.Minute)
		next := c
		next.FirstName, next.Tags, next.Notes = "Noa", nil, ""
		next, err = update(k, k.Scope(k.User1), next)
		testkit.NoErr(t, err)
		if next.Version != 2 || !next.UpdatedAt.Equal(k.Clock.Now()) {
			t.Errorf("version %d of %v", next.Version, next.UpdatedAt)
		}
		got, err := view(t.Context(), k.Store, k.Scope(k.User1), c.ID)
		testkit.NoErr(t, err)
		wantClient(t, "after the update", got, next)
		for _, version := range []int64{0, 1, 3, -1} {
			stale := c
			stale.Version, stale.FirstName = version, "Lost"
			if _, err := update(k, k.Scope(k.User1), stale); err == nil {
				t.Errorf("an update over version %d was taken, the client has 2", version)
			}
		}
		got, err = view(t.Context(), k.Store, k.Scope(k.User1), c.ID)
		testkit.NoErr(t, err)
		wantClient(t, "after stale updates", got, next)
		foreign := k.Client2
		if _, err := update(k, k.Scope(k.User1), foreign); err == nil {
			t.Error("another workspace's client was updated")
		}
	})
}

// Of writers that saw the same version exactly one wins; nothing is lost
// without a word.
func TestOfManyUpdatesOverOneVersionOneWins_ASVS_15_4_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		won := make(chan model.Text, 16)
		inParallel(t, 16, func(i int) {
			c := k.Client1
			c.FirstName = model.Text(rune('a' + i))
			if _, err := update(k, sc, c); err == nil {
				won <- c.FirstName
			}
		})
		got, err := view(t.Context(), k.Store, sc, k.Client1.ID)
		testkit.NoErr(t, err)
		if len(won) != 1 || got.FirstName != <-won || got.Version != 2 {
			t.Errorf("%d won, version is %d", len(won)+1, got.Version)
		}
	})
}

func TestStaleUpdateShowsTheCurrentClient(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		change := func(version int64, name model.Text) error {
			_, err := k.Practice.UpdateClient(t.Context(), sc, k.Client1.ID, version, func(c *model.Client) { c.FirstName = name })
			return err
		}
		testkit.NoErr(t, change(1, "Second"))
		got := during(k, k.Workspace1.ID, func() { wantKind(t, change(1, "Lost"), model.Conflict, "stale") })
		if len(got) != 1 || got[0].Outcome != "refused" || got[0].Subject != k.Client1.ID.String() {
			t.Errorf("left %v", got)
		}
	})
}

func TestAssistantNeitherReadsNorErasesTheHistory_ASVS_8_2_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		c := full
		c.ID = uuid.New()
		_, err := insert(t.Context(), k.Store, k.Scope(k.User1), c)
		testkit.NoErr(t, err)
		assistant := k.Scope(k.Assistant1)
		seen, err := view(t.Context(), k.Store, assistant, c.ID)
		testkit.NoErr(t, err)
		if seen.History != (model.History{}) || seen.FirstName != c.FirstName {
			t.Errorf("an assistant read a history of %d characters", len(seen.MedicalHistory))
		}
		seen.Phone = "1"
		_, err = update(k, assistant, seen)
		testkit.NoErr(t, err)
		got, err := view(t.Context(), k.Store, k.Scope(k.Practitioner1), c.ID)
		testkit.NoErr(t, err)
		if got.History != c.History || got.Phone != "1" || got.Version != 2 {
			t.Errorf("after an assistant's update: %v", shown(got))
		}
		err = read(k, k.Scope(k.User1), model.ClientExport, func(tx *store.ReadTx) error {
			all, err := tx.ClientsAfter(uuid.Nil, 10)
			if err == nil && !slices.ContainsFunc(all, func(o model.Client) bool { return o.ID == c.ID && o.History == c.History }) {
				t.Error("the owner's export lacks the history")
			}
			return err
		})
		testkit.NoErr(t, err)
		// A method that returns many histories must look at the role as well.
		err = read(k, assistant, model.ClientList, func(tx *store.ReadTx) error {
			all, err := tx.ClientsAfter(uuid.Nil, 10)
			for _, o := range all {
				if o.History != (model.History{}) {
					t.Error("an assistant read a history through the export")
				}
			}
			return err
		})
		testkit.NoErr(t, err)
	})
}

func TestArchivingAndRestoring(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc, at := k.Scope(k.User1), k.Clock.Now().Add(-time.Minute)
		set := func(id uuid.UUID, at *time.Time) error {
			return write(k, sc, model.ClientArchive, func(tx *store.Tx) error { return tx.SetClientArchived(id, at) })
		}
		k.Clock.Advance(time.Minute)
		testkit.NoErr(t, set(k.Client1.ID, &at))
		c, err := view(t.Context(), k.Store, sc, k.Client1.ID)
		testkit.NoErr(t, err)
		if c.ArchivedAt == nil || !c.ArchivedAt.Equal(at) || c.Version != 2 || !c.UpdatedAt.Equal(k.Clock.Now()) {
			t.Errorf("archived: %v", shown(c))
		}
		testkit.NoErr(t, set(k.Client1.ID, nil))
		c, err = view(t.Context(), k.Store, sc, k.Client1.ID)
		testkit.NoErr(t, err)
		if c.ArchivedAt != nil || c.Version != 3 {
			t.Errorf("restored: %v", shown(c))
		}
		for _, id := range []uuid.UUID{k.Client2.ID, uuid.New()} {
			wantKind(t, set(id, &at), model.NotFound, "not_found")
		}
		if n := k.DB.Count("select count(*) from clients where archived_at is not null"); n != 0 {
			t.Errorf("%d clients are archived", n)
		}
	})
}

func TestForeignAndMissingClientsAreTheSame(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		for _, id := range []uuid.UUID{k.Client2.ID, uuid.New(), uuid.Nil} {
			_, err := view(t.Context(), k.Store, sc, id)
			wantKind(t, err, model.NotFound, "not_found")
			err = read(k, sc, model.ClientList, func(tx *store.ReadTx) error {
				if err := tx.HasClient(id); model.KindOf(err) != model.NotFound {
					t.Errorf("HasClient: %v", err)
				}
				if _, err := tx.Consents(id); model.KindOf(err) != model.NotFound {
					t.Errorf("Consents: %v", err)
				}
				if all, err := tx.Clients([]uuid.UUID{id, k.Client1.ID}); err != nil || len(all) != 1 || all[0].ID != k.Client1.ID {
					t.Errorf("Clients: %d, %v", len(all), err)
				}
				visits, err := tx.ClientVisits([]uuid.UUID{id})
				if len(visits) != 0 {
					t.Errorf("ClientVisits: %v", visits)
				}
				return err
			})
			testkit.NoErr(t, err)
		}
	})
}

func TestClientsComeInTheOrderAskedFor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		var ids []uuid.UUID
		for range 9 {
			ids = append(ids, k.AddClient(k.Workspace1.ID, person("A", "B")).ID)
		}
		ids[0], ids[4], ids[8] = ids[8], ids[0], ids[4]
		err := read(k, k.Scope(k.User1), model.ClientList, func(tx *store.ReadTx) error {
			all, err := tx.Clients(ids)
			var got []uuid.UUID
			for _, c := range all {
				got = append(got, c.ID)
			}
			if !slices.Equal(got, ids) {
				t.Errorf("got %v, want %v", got, ids)
			}
			none, nerr := tx.Clients(nil)
			if nerr != nil || len(none) != 0 {
				t.Errorf("none: %d, %v", len(none), nerr)
			}
			return err
		})
		testkit.NoErr(t, err)
	})
}

func TestExportWalksAllClientsOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		want := map[uuid.UUID]bool{k.Client1.ID: true}
		for range 20 {
			want[k.AddClient(k.Workspace1.ID, person("A", "B")).ID] = true
		}
		err := read(k, k.Scope(k.User1), model.ClientExport, func(tx *store.ReadTx) error {
			last := uuid.Nil
			for {
				page, err := tx.ClientsAfter(last, 6)
				if err != nil || len(page) == 0 {
					return err
				}
				if len(page) > 6 {
					t.Errorf("a page of %d", len(page))
				}
				for _, c := range page {
					if !want[c.ID] || slices.Compare(c.ID[:], last[:]) <= 0 {
						t.Errorf("client %s came twice, out of order, or from elsewhere", c.ID)
					}
					delete(want, c.ID)
					last = c.ID
				}
			}
		})
		testkit.NoErr(t, err)
		if len(want) != 0 {
			t.Errorf("%d clients were left out", len(want))
		}
	})
}

func TestTamperedOrMovedColumnIsNotShown(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		other := full
		other.ID = uuid.New()
		_, err := insert(t.Context(), k.Store, k.Scope(k.User1), other)
		testkit.NoErr(t, err)
		for name, q := range map[string]string{
			"from another row":       "update clients set contact = (select contact from clients where id = '" + other.ID.String() + "')",
			"from another column":    "update clients set contact = (select history from clients where id = '" + other.ID.String() + "')",
			"from another workspace": "update clients set contact = (select contact from clients where id = '" + k.Client2.ID.String() + "')",
			"nothing":                "update clients set contact = " + map[string]string{"sqlite": "x''", "postgres": `'\x'`}[k.Engine],
		} {
			testkit.NoErr(t, k.DB.Exec(q+" where id = $1", k.Client1.ID.String()))
			c, err := view(t.Context(), k.Store, k.Scope(k.User1), k.Client1.ID)
			if err == nil || c.FirstName != "" || model.KindOf(err) != 0 {
				t.Errorf("%s: showed %q, %v", name, string(c.FirstName), err)
			}
			if _, err := k.Practice.ListClients(t.Context(), k.Scope(k.User1), model.ClientFilter{Limit: 10}, false); err == nil {
				t.Errorf("%s: the list showed it", name)
			}
		}
	})
}
