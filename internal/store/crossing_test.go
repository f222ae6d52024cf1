package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// practice is one of many workspaces; its clients bear its name.
type practice struct {
	sc     store.Scope
	name   string
	client uuid.UUID
}

func practices(k *testkit.Kit, n int) []practice {
	k.T.Helper()
	var all []practice
	for i := range n {
		w := k.AddWorkspace(50 + i)
		p := practice{sc: k.Store.OperatorScope(w.ID), name: "Practice" + string(rune('A'+i))}
		p.client = k.AddClient(w.ID, person("Client", p.name)).ID
		all = append(all, p)
	}
	return all
}

// act does one thing in a practice, as badly as a caller can, and returns what
// it got to see of others.
func (p practice) act(ctx context.Context, s *store.Store, other practice, how int) (foreign string) {
	defer func() { _ = recover() }() // the store hands a panic on; here it is meant
	see := func(c model.Client, err error) {
		if err == nil && string(c.LastName) != p.name {
			foreign = string(c.LastName)
		}
	}
	switch how {
	case 0:
		see(view(ctx, s, p.sc, p.client))
	case 1:
		see(view(ctx, s, p.sc, other.client))
	case 2:
		_ = s.Read(ctx, p.sc, model.ClientList, func(tx *store.ReadTx) error {
			page, _, _, err := tx.FindClients(model.ClientFilter{Limit: 50})
			for _, c := range page {
				see(c, err)
			}
			return err
		})
	case 3:
		see(insert(ctx, s, p.sc, person("Client", p.name)))
	case 4:
		ctx, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(1500))*time.Microsecond)
		defer cancel()
		see(insert(ctx, s, p.sc, person("Client", p.name)))
	case 5:
		_ = s.Write(ctx, p.sc, model.ClientUpdate, func(tx *store.Tx) error {
			see(tx.Client(p.client))
			panic("in the middle")
		})
	case 6:
		_ = s.Identity(ctx, func(tx *store.IdentityTx) error {
			return tx.Enqueue(store.Job{ID: uuid.New(), Kind: "k", Payload: []byte("p")})
		})
	}
	return foreign
}

func TestWorkspacesNeverCrossOnSharedConnections(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		all := practices(k, 8)
		s, err := store.Open(t.Context(), store.Options{URL: k.URL, Masters: k.Masters, Now: k.Clock.Now, Random: randomness{}, Conns: 3})
		testkit.NoErr(t, err)
		t.Cleanup(func() { _ = s.Close() })
		inParallel(t, 16, func(i int) {
			p := all[i%len(all)]
			for range 60 {
				other := all[rand.IntN(len(all))]
				if foreign := p.act(t.Context(), s, other, rand.IntN(7)); foreign != "" && foreign != p.name {
					t.Errorf("%s saw a client of %s", p.name, foreign)
				}
			}
		})
		for _, p := range all {
			wantIntact(k, p.sc.Workspace())
			if names, _, _, err := find(k, s, p.sc, model.ClientFilter{}); err != nil || strings.Trim(names, "Client ") != "" {
				t.Errorf("%s ends with %q, %v", p.name, names, err)
			}
		}
		settings, err := s.PooledSettings(t.Context())
		testkit.NoErr(t, err)
		for _, set := range settings {
			if set != `pazpaz_app "" ""` {
				t.Errorf("a connection went back to the pool with %s", set)
			}
		}
		if k.Engine == "postgres" && len(settings) == 0 {
			t.Error("no connection was looked at")
		}
	})
}

// A statement that failed has undone the whole transaction on PostgreSQL. A
// function that passes over the failure must not be told that all is stored.
func TestSwallowedFailureIsNotReportedAsStored(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		job := store.Job{ID: uuid.New(), Kind: "k", Payload: []byte("p")}
		err := k.Store.Identity(t.Context(), func(tx *store.IdentityTx) error {
			if err := tx.Enqueue(job); err != nil {
				return err
			}
			if err := tx.Enqueue(job); err == nil {
				return errors.New("the same id was stored twice")
			}
			return nil
		})
		if n := k.DB.Count("select count(*) from jobs"); (n == 1) != (err == nil) {
			t.Errorf("%d jobs are stored, and the caller was told: %v", n, err)
		}
	})
}

func TestManyProcessesMigrateOneDatabaseAtOnce(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		testkit.NoErr(t, k.Store.Close())
		c := asOwner(k)
		for _, q := range []string{"drop schema public cascade", "create schema public"} {
			_, err := c.Exec(t.Context(), q)
			testkit.NoErr(t, err)
		}
		inParallel(t, 6, func(int) {
			s, err := store.Open(t.Context(), store.Options{URL: k.URL, Masters: k.Masters, Now: k.Clock.Now, Random: randomness{}, Conns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		if n := k.DB.Count("select count(*) from schema_migrations"); n == 0 || n != k.DB.Count("select max(number) from schema_migrations") {
			t.Errorf("%d migrations are recorded", n)
		}
		if n := k.DB.Count("select count(*) from data_keys"); n != 1 {
			t.Errorf("%d system keys, want 1", n)
		}
	})
}
