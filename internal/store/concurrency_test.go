package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func TestManyWritersAndReadersKeepTheChainsGapless(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const each = 6
		stores := []*store.Store{k.Store, k.OpenStore()}
		places := []uuid.UUID{k.Workspace1.ID, k.Workspace2.ID}
		before := map[uuid.UUID]int{}
		for _, id := range places {
			before[id] = len(entries(k, id))
		}
		inParallel(t, 64, func(i int) {
			s, sc := stores[i/2%2], k.Store.OperatorScope(places[i%2])
			client := []uuid.UUID{k.Client1.ID, k.Client2.ID}[i%2]
			for n := range each {
				var err error
				switch i / 4 % 4 {
				case 0:
					_, err = insert(t.Context(), s, sc, person("Noa", fmt.Sprint("Levi", i, n)))
				case 1:
					_, err = view(t.Context(), s, sc, client)
				case 2:
					err = s.Read(t.Context(), sc, model.ClientList, func(tx *store.ReadTx) error {
						_, _, _, err := tx.FindClients(model.ClientFilter{Limit: 5})
						return err
					})
				case 3:
					_, err = view(t.Context(), s, sc, uuid.New())
					if model.KindOf(err) == model.NotFound {
						err = nil
					}
				}
				if err != nil {
					t.Errorf("worker %d: %v", i, err)
				}
			}
		})
		for _, id := range places {
			head := wantIntact(k, id)
			if want := before[id] + 32*each; int(head.Seq) != want || len(entries(k, id)) != want {
				t.Errorf("%d entries, want %d", head.Seq, want)
			}
		}
	})
}

func TestPanicReachesTheCallerAndHarmsNobody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		lost := person("Noa", "Levi")
		panicked := func(fn func()) (v any) {
			defer func() { v = recover() }()
			fn()
			return nil
		}
		for range 20 { // more often than there are connections
			got := panicked(func() {
				_ = write(k, sc, model.ClientCreate, func(tx *store.Tx) error {
					if _, err := tx.InsertClient(lost); err != nil {
						return err
					}
					panic("in the middle")
				})
			})
			if !strings.HasPrefix(fmt.Sprint(got), "in the middle") {
				t.Fatalf("the caller got %v", got)
			}
			if got := panicked(func() { _ = read(k, sc, model.ClientView, func(*store.ReadTx) error { panic("reading") }) }); got != "reading" {
				t.Fatalf("the reader got %v", got)
			}
		}
		kept, err := insert(t.Context(), k.Store, sc, person("Noa", "Levi"))
		testkit.NoErr(t, err)
		wantStored(k, []uuid.UUID{lost.ID}, 0)
		wantStored(k, []uuid.UUID{kept.ID}, 1)
		wantIntact(k, k.Workspace1.ID)
	})
}

func TestFailedWriteLeavesNothing_ASVS_2_3_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		before, chain := k.Snapshot(k.Workspace1.ID), len(entries(k, k.Workspace1.ID))
		fault := errors.New("a fault")
		err := write(k, sc, model.ClientCreate, func(tx *store.Tx) error {
			if _, err := tx.InsertClient(person("Noa", "Levi")); err != nil {
				return err
			}
			if _, err := tx.InsertConsent(model.Consent{ID: uuid.New(), ClientID: k.Client1.ID, Kind: "data", TextVersion: "1", Text: "x"}); err != nil {
				return err
			}
			return fault
		})
		if !errors.Is(err, fault) || k.Snapshot(k.Workspace1.ID) != before || len(entries(k, k.Workspace1.ID)) != chain {
			t.Fatalf("a failed write left something behind (%v)", err)
		}
	})
}

func TestEndedContext(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		lost := person("Noa", "Levi")
		ended, end := context.WithCancel(t.Context())
		end()
		_, err := insert(ended, k.Store, sc, lost)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("before the write: %v", err)
		}
		if c, err := view(ended, k.Store, sc, k.Client1.ID); err == nil {
			t.Errorf("an ended context read %d", c.Version)
		}
		ctx, end := context.WithCancel(t.Context())
		err = k.Store.Write(ctx, sc, model.ClientCreate, func(tx *store.Tx) error {
			_, err := tx.InsertClient(lost)
			end()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("in the middle of the write: %v", err)
		}
		wantStored(k, []uuid.UUID{lost.ID}, 0)
		kept, err := insert(t.Context(), k.Store, sc, person("Noa", "Levi"))
		testkit.NoErr(t, err)
		wantStored(k, []uuid.UUID{kept.ID}, 1)
		wantIntact(k, k.Workspace1.ID)
	})
}

func TestClosedStoreRefusesWithoutHanging(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		s := k.OpenStore()
		sc := k.Scope(k.User1)
		_, err := view(t.Context(), s, sc, k.Client1.ID)
		testkit.NoErr(t, err)
		testkit.NoErr(t, s.Close())
		lost := person("Noa", "Levi")
		_, werr := insert(t.Context(), s, sc, lost)
		_, rerr := view(t.Context(), s, sc, k.Client1.ID)
		_, serr := s.LiveSession(t.Context(), uuid.New())
		for name, err := range map[string]error{"write": werr, "read": rerr, "session": serr, "check": s.Check(t.Context())} {
			if err == nil {
				t.Errorf("%s: a closed store answered", name)
			}
		}
		wantKind(t, s.Check(t.Context()), model.Unavailable, "unavailable")
		if err := s.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
		wantStored(k, []uuid.UUID{lost.ID}, 0)
		_, err = view(t.Context(), k.Store, sc, k.Client1.ID)
		testkit.NoErr(t, err)
	})
}

// Writers that are still running when the store closes get their answer: done
// and durable, or not done.
func TestCloseUnderLoadTellsTheTruth(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		s, sc := k.OpenStore(), k.Store.OperatorScope(k.Workspace1.ID)
		acknowledged := make(chan uuid.UUID, 10_000)
		var done atomic.Int32
		closed := make(chan error, 1)
		inParallel(t, 17, func(i int) {
			if i == 16 {
				until(t, "some are written", func() bool { return done.Load() > 20 })
				closed <- s.Close()
				return
			}
			for range 200 {
				c := person("Noa", "Levi")
				if _, err := insert(t.Context(), s, sc, c); err != nil {
					return
				}
				done.Add(1)
				acknowledged <- c.ID
			}
		})
		testkit.NoErr(t, <-closed)
		close(acknowledged)
		stored := map[string]bool{}
		for _, row := range k.DB.Rows("select id from clients") {
			stored[row[0]] = true
		}
		for id := range acknowledged {
			if !stored[id.String()] {
				t.Errorf("client %s was acknowledged and is not there", id)
			}
		}
		wantIntact(k, k.Workspace1.ID)
	})
}

func TestTamperedChainIsFoundInTheDatabase(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		grow(k, 10)
		head := wantIntact(k, k.Workspace1.ID)
		off, on := "drop trigger audit_events_no_update", ""
		if k.Engine == "postgres" {
			off, on = "alter table audit_events disable trigger user", "alter table audit_events enable trigger user"
		}
		testkit.NoErr(t, k.DB.Exec(off))
		testkit.NoErr(t, k.DB.Exec("update audit_events set records = records + 1 where workspace_id = $1 and seq = 5", k.Workspace1.ID.String()))
		if on != "" {
			testkit.NoErr(t, k.DB.Exec(on))
		}
		_, err := audit.Verify(k.Workspace1.ID, k.Store.Events(t.Context(), k.Workspace1.ID), []audit.Head{head})
		bad, ok := errors.AsType[*audit.BadEntry](err)
		if !ok || bad.Seq != 5 || !strings.Contains(bad.Reason, "hash") {
			t.Fatalf("got %v, want that entry 5 is named", err)
		}
	})
}
