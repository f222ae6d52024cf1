package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

var none = uuid.Nil.String()

func TestEveryWriteLeavesExactlyOneEntry(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		client, consent, appointment := k.Client1.ID, uuid.New(), uuid.New()
		now := k.Clock.Now()
		for _, c := range []struct {
			act     model.Action
			subject uuid.UUID
			count   string
			fn      func(tx *store.Tx) error
		}{
			{model.ClientCreate, testkit.ID(2, 50), "1", func(tx *store.Tx) error {
				c := person("Noa", "Levi")
				c.ID = testkit.ID(2, 50)
				_, err := tx.InsertClient(c)
				return err
			}},
			{model.ClientImport, uuid.Nil, "3", func(tx *store.Tx) error {
				for range 3 {
					if _, err := tx.InsertClient(person("Noa", "Levi")); err != nil {
						return err
					}
				}
				return nil
			}},
			{model.ClientUpdate, client, "1", func(tx *store.Tx) error {
				c, err := tx.Client(client)
				if err == nil {
					_, err = tx.UpdateClient(c)
				}
				return err
			}},
			{model.ClientArchive, client, "1", func(tx *store.Tx) error { return tx.SetClientArchived(client, &now) }},
			{model.ClientRestore, client, "1", func(tx *store.Tx) error { return tx.SetClientArchived(client, nil) }},
			{model.ConsentGive, client, "1", func(tx *store.Tx) error {
				_, err := tx.InsertConsent(model.Consent{ID: consent, ClientID: client, Kind: "data", TextVersion: "1", Text: "yes"})
				return err
			}},
			{model.ConsentWithdraw, client, "1", func(tx *store.Tx) error { return tx.WithdrawConsent(client, consent) }},
			{model.AppointmentBook, appointment, "1", func(tx *store.Tx) error {
				return tx.InsertAppointment(model.Appointment{
					ID: appointment, ClientID: client, PractitionerID: k.User1.ID, Status: "scheduled", StartsAt: now, EndsAt: now.Add(time.Hour),
				})
			}},
			{model.WorkspaceUpdate, k.Workspace1.ID, "1", func(tx *store.Tx) error { _, err := tx.UpdateWorkspace(k.Workspace1); return err }},
			{model.ClientUpdate, uuid.Nil, "0", func(*store.Tx) error { return nil }},
		} {
			sc := k.Scope(k.User1).InRequest(testkit.ID(9, 7))
			got := during(k, k.Workspace1.ID, func() { testkit.NoErr(t, write(k, sc, c.act, c.fn)) })
			want := entry{"person", k.User1.ID.String(), c.act.String(), "ok", c.subject.String(), c.count, "", testkit.ID(9, 7).String()}
			wantEntry(t, got, want)
		}
		wantIntact(k, k.Workspace1.ID)
	})
}

// wantEntry compares all but the session, which must be there.
func wantEntry(t *testing.T, got []entry, want entry) {
	t.Helper()
	if len(got) != 1 {
		t.Errorf("%s: %d entries, want 1: %v", want.Action, len(got), got)
		return
	}
	if want.Session == "" && got[0].Session != none {
		want.Session = got[0].Session
	}
	if got[0] != want {
		t.Errorf("%s:\ngot  %v\nwant %v", want.Action, got[0], want)
	}
}

func TestEveryReadLeavesExactlyOneEntry(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		second := k.AddClient(k.Workspace1.ID, person("Jack", "Doe"))
		client := k.Client1.ID
		for _, c := range []struct {
			act     model.Action
			subject uuid.UUID
			count   string
			fn      func(tx *store.ReadTx) error
		}{
			{model.ClientView, client, "1", func(tx *store.ReadTx) error { _, err := tx.Client(client); return err }},
			{model.ClientList, uuid.Nil, "2", func(tx *store.ReadTx) error {
				_, _, _, err := tx.FindClients(model.ClientFilter{Limit: 10})
				return err
			}},
			{model.ClientList, uuid.Nil, "1", func(tx *store.ReadTx) error {
				_, _, _, err := tx.FindClients(model.ClientFilter{Limit: 1, Query: "doe"})
				return err
			}},
			{model.ClientList, uuid.Nil, "0", func(tx *store.ReadTx) error {
				_, _, _, err := tx.FindClients(model.ClientFilter{Limit: 10, Query: "nobody"})
				return err
			}},
			{model.ClientList, uuid.Nil, "2", func(tx *store.ReadTx) error {
				_, err := tx.Clients([]uuid.UUID{second.ID, client, k.Client2.ID})
				return err
			}},
			{model.ClientExport, uuid.Nil, "2", func(tx *store.ReadTx) error { _, err := tx.ClientsAfter(uuid.Nil, 10); return err }},
			{model.ClientDuplicates, uuid.Nil, "1", func(tx *store.ReadTx) error {
				_, err := tx.FindDuplicates(model.Contact{Phone: k.Client1.Phone}, uuid.Nil)
				return err
			}},
			{model.ConsentList, client, "0", func(tx *store.ReadTx) error { _, err := tx.Consents(client); return err }},
		} {
			sc := k.Scope(k.User1).InRequest(testkit.ID(9, 8))
			var seen int
			got := during(k, k.Workspace1.ID, func() {
				before := len(entries(k, k.Workspace1.ID))
				testkit.NoErr(t, read(k, sc, c.act, c.fn))
				seen = len(entries(k, k.Workspace1.ID)) - before // committed before Read has answered
			})
			if seen != 1 {
				t.Errorf("%s: %d entries were there when the answer came", c.act, seen)
			}
			wantEntry(t, got, entry{"person", k.User1.ID.String(), c.act.String(), "ok", c.subject.String(), c.count, "", testkit.ID(9, 8).String()})
		}
		wantIntact(k, k.Workspace1.ID)
	})
}

func TestEntrySaysWhoWhenAndInWhichSession_ASVS_16_2_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		in := k.SignIn(k.Practitioner1)
		k.Clock.Advance(90*time.Second + 1500*time.Nanosecond)
		at := k.Clock.Now().UTC().Truncate(time.Microsecond)
		for name, c := range map[string]struct {
			sc   store.Scope
			want entry
		}{
			"person": {in.Session.Scope, entry{
				"person", k.Practitioner1.ID.String(), "client.view", "ok", k.Client1.ID.String(), "1", in.Session.ID.String(), none,
			}},
			"operator": {k.Store.OperatorScope(k.Workspace1.ID).InRequest(testkit.ID(9, 1)), entry{
				"operator", none, "client.view", "ok", k.Client1.ID.String(), "1", none, testkit.ID(9, 1).String(),
			}},
		} {
			got := during(k, k.Workspace1.ID, func() {
				_, err := view(t.Context(), k.Store, c.sc, k.Client1.ID)
				testkit.NoErr(t, err)
			})
			if len(got) != 1 || got[0] != c.want {
				t.Errorf("%s:\ngot  %v\nwant %v", name, got, c.want)
			}
		}
		var last time.Time
		for e, err := range k.Store.Events(t.Context(), k.Workspace1.ID) {
			testkit.NoErr(t, err)
			last = e.At
		}
		if !last.Equal(at) || last.Location() != time.UTC {
			t.Errorf("the entry is of %v, want %v", last, at)
		}
	})
}

func TestPeekLeavesOnlyRefusals(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		peek := func(id uuid.UUID) error {
			return k.Store.Peek(t.Context(), sc, model.ClientView, func(tx *store.ReadTx) error { return tx.HasClient(id) })
		}
		if got := during(k, k.Workspace1.ID, func() { testkit.NoErr(t, peek(k.Client1.ID)) }); len(got) != 0 {
			t.Errorf("a look at no health data left %v", got)
		}
		got := during(k, k.Workspace1.ID, func() { wantKind(t, peek(k.Client2.ID), model.NotFound, "not_found") })
		wantEntry(t, got, entry{"person", k.User1.ID.String(), "client.view", "missing", k.Client2.ID.String(), "0", "", none})
	})
}

func TestRefusalsAreRecordedWithTheirOutcome_ASVS_16_3_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		for _, c := range []struct {
			kind    model.Kind
			outcome string
		}{
			{model.Denied, "denied"}, {model.Unauthenticated, "denied"}, {model.TooMany, "denied"},
			{model.NotFound, "missing"}, {model.Conflict, "refused"}, {model.Gone, "refused"},
			{model.Invalid, ""}, {model.Malformed, ""}, {model.TooLarge, ""}, {model.Unsupported, ""}, {model.Unavailable, ""}, {0, ""},
		} {
			refusal := error(&model.Error{Kind: c.kind, Code: "x"})
			if c.kind == 0 {
				refusal = errors.New("a fault")
			}
			for way, act := range map[string]func() error{
				"write": func() error {
					return write(k, sc, model.ClientUpdate, func(tx *store.Tx) error {
						_, err := tx.Client(k.Client1.ID)
						return errors.Join(err, refusal)
					})
				},
				"read": func() error {
					return read(k, sc, model.ClientUpdate, func(tx *store.ReadTx) error { return errors.Join(tx.HasClient(k.Client1.ID), refusal) })
				},
				"peek": func() error {
					return k.Store.Peek(t.Context(), sc, model.ClientUpdate, func(tx *store.ReadTx) error {
						return errors.Join(tx.HasClient(k.Client1.ID), refusal)
					})
				},
			} {
				got := during(k, k.Workspace1.ID, func() {
					if err := act(); !errors.Is(err, refusal) {
						t.Errorf("%s of kind %d: the refusal became %v", way, c.kind, err)
					}
				})
				if c.outcome == "" {
					if len(got) != 0 {
						t.Errorf("%s of kind %d is no refusal, but left %v", way, c.kind, got)
					}
					continue
				}
				if len(got) != 1 || got[0].Outcome != c.outcome || got[0].Subject != k.Client1.ID.String() || got[0].Action != "client.update" {
					t.Errorf("%s of kind %d: got %v, want one that is %s", way, c.kind, got, c.outcome)
				}
			}
		}
	})
}

func TestRoleThatMayNotIsRefusedBeforeAnythingRuns_ASVS_8_3_1(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.Assistant1)
		for _, c := range []struct {
			name string
			do   func(ran *bool) error
		}{
			{"read", func(ran *bool) error {
				return read(k, sc, model.ClientExport, func(*store.ReadTx) error { *ran = true; return nil })
			}},
			{"peek", func(ran *bool) error {
				return k.Store.Peek(t.Context(), sc, model.ClientExport, func(*store.ReadTx) error { *ran = true; return nil })
			}},
			{"write", func(ran *bool) error {
				return write(k, sc, model.ClientExport, func(*store.Tx) error { *ran = true; return nil })
			}},
		} {
			ran := false
			got := during(k, k.Workspace1.ID, func() { wantKind(t, c.do(&ran), model.Denied, "denied") })
			wantEntry(t, got, entry{"person", k.Assistant1.ID.String(), "client.export", "denied", none, "0", "", none})
			if ran {
				t.Errorf("%s: the function ran all the same", c.name)
			}
		}
	})
}

func TestEmptyScopeOpensNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		var sc store.Scope
		system := len(entries(k, store.System))
		fn := func() error { t.Error("the function ran"); return nil }
		for name, err := range map[string]error{
			"read":                   read(k, sc, model.ClientList, func(*store.ReadTx) error { return fn() }),
			"peek":                   k.Store.Peek(t.Context(), sc, model.ClientList, func(*store.ReadTx) error { return fn() }),
			"write":                  write(k, sc, model.ClientList, func(*store.Tx) error { return fn() }),
			"operator of the system": write(k, k.Store.OperatorScope(uuid.Nil), model.ClientList, func(*store.Tx) error { return fn() }),
		} {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		if n := len(entries(k, store.System)); n != system {
			t.Errorf("the system's chain grew by %d", n-system)
		}
	})
}

func TestChainsAreApart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		_, err := view(t.Context(), k.Store, k.Scope(k.User1), k.Client1.ID)
		testkit.NoErr(t, err)
		got := during(k, k.Workspace2.ID, func() {
			_, err := view(t.Context(), k.Store, k.Scope(k.User1), k.Client2.ID)
			wantKind(t, err, model.NotFound, "not_found")
		})
		if len(got) != 0 {
			t.Errorf("what user 1 did is in the chain of workspace 2: %v", got)
		}
		chains, err := k.Store.Chains(t.Context())
		testkit.NoErr(t, err)
		if want := []uuid.UUID{store.System, k.Workspace1.ID, k.Workspace2.ID}; !slices.Equal(chains, want) {
			t.Errorf("chains %v, want %v", chains, want)
		}
		for _, id := range chains {
			wantIntact(k, id)
		}
	})
}

// Chains are walked in pages of a thousand; nothing may be lost between them.
func TestLongChainIsReadWhole(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		grow(k, 2000)
		head := wantIntact(k, k.Workspace1.ID)
		if n := len(entries(k, k.Workspace1.ID)); int64(n) != head.Seq || n < 2000 {
			t.Fatalf("walked %d entries of %d", head.Seq, n)
		}
		n := 0
		for _, err := range k.Store.Events(t.Context(), k.Workspace1.ID) {
			testkit.NoErr(t, err)
			if n++; n == 1500 {
				break
			}
		}
		if n != 1500 {
			t.Fatalf("stopped at %d, want 1500", n)
		}
	})
}

// grow adds n entries to the chain of the first workspace.
func grow(k *testkit.Kit, n int) {
	k.T.Helper()
	sc := k.Store.OperatorScope(k.Workspace1.ID)
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	inParallel(k.T, 32, func(int) {
		for range work {
			if err := read(k, sc, model.ClientList, func(*store.ReadTx) error { return nil }); err != nil {
				k.T.Error(err)
			}
		}
	})
}
