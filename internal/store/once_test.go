package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// createOnce makes a client under a key, or finds the one made before.
func createOnce(s *store.Store, t *testing.T, sc store.Scope, k model.OnceKey) (id uuid.UUID, again bool, err error) {
	t.Helper()
	c := person("Noa", "Levi")
	err = s.Write(t.Context(), sc, model.ClientCreate, func(tx *store.Tx) (err error) {
		id, again, err = tx.Once(k, func() (uuid.UUID, error) {
			_, err := tx.InsertClient(c)
			return c.ID, err
		})
		return err
	})
	return id, again, err
}

func key1(body string) model.OnceKey {
	return model.OnceKey{Route: "POST /clients", Key: "abc-123", Body: []byte(body)}
}

func clientsOf(k *testkit.Kit, workspace uuid.UUID) int {
	return k.DB.Count("select count(*) from clients where workspace_id = $1", workspace.String())
}

func TestSameKeyAndBodyMakeOneRecord(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc, before := k.Scope(k.User1), clientsOf(k, k.Workspace1.ID)
		first, again, err := createOnce(k.Store, t, sc, key1("{}"))
		if err != nil || again {
			t.Fatalf("the first: again is %v, %v", again, err)
		}
		for range 3 {
			id, again, err := createOnce(k.OpenStore(), t, k.Scope(k.User1), key1("{}"))
			if err != nil || !again || id != first {
				t.Fatalf("again is %v, id %s, want %s, %v", again, id, first, err)
			}
		}
		if n := clientsOf(k, k.Workspace1.ID); n != before+1 {
			t.Errorf("%d clients were made", n-before)
		}
	})
}

func TestSameKeyWithAnotherBodyIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		_, _, err := createOnce(k.Store, t, sc, key1("{}"))
		testkit.NoErr(t, err)
		before := clientsOf(k, k.Workspace1.ID)
		for _, body := range []string{"", "{} ", "{\"a\":1}"} {
			_, again, err := createOnce(k.Store, t, sc, key1(body))
			wantKind(t, err, model.Invalid, "invalid")
			e, _ := errors.AsType[*model.Error](err)
			if again || len(e.Fields) != 1 || e.Fields[0].Name != "Idempotency-Key" || e.Fields[0].Code != "reused" {
				t.Errorf("body %q: again is %v, fields %v", body, again, e.Fields)
			}
		}
		if n := clientsOf(k, k.Workspace1.ID); n != before {
			t.Errorf("%d clients were made", n-before)
		}
	})
}

func TestKeysAreApart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		first, _, err := createOnce(k.Store, t, k.Scope(k.User1), key1("{}"))
		testkit.NoErr(t, err)
		other := key1("{}")
		other.Key = "abc-124"
		route := key1("{}")
		route.Route = "POST /appointments"
		glued := model.OnceKey{Route: "POST /clientsabc", Key: "-123", Body: []byte("{}")}
		for name, c := range map[string]struct {
			sc  store.Scope
			key model.OnceKey
		}{
			"another user":      {k.Scope(k.Practitioner1), key1("{}")},
			"another workspace": {k.Scope(k.User2), key1("{}")},
			"another key":       {k.Scope(k.User1), other},
			"another route":     {k.Scope(k.User1), route},
			"glued":             {k.Scope(k.User1), glued},
		} {
			id, again, err := createOnce(k.Store, t, c.sc, c.key)
			if err != nil || again || id == first {
				t.Errorf("%s: again is %v, same id is %v, %v", name, again, id == first, err)
			}
		}
		for range 2 { // without a key nothing is remembered
			id, again, err := createOnce(k.Store, t, k.Scope(k.User1), model.OnceKey{Route: "POST /clients", Body: []byte("{}")})
			if err != nil || again || id == first {
				t.Errorf("no key: again is %v, %v", again, err)
			}
		}
		if n := k.DB.Count("select count(*) from idempotency_keys"); n != 6 {
			t.Errorf("%d keys are remembered, want 6", n)
		}
	})
}

func TestKeyIsForgottenAfterTwoDays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		first, _, err := createOnce(k.Store, t, sc, key1("{}"))
		testkit.NoErr(t, err)
		_, _, err = createOnce(k.Store, t, k.Scope(k.User2), key1("{}"))
		testkit.NoErr(t, err)
		k.Clock.Advance(48*time.Hour - time.Microsecond)
		if id, again, err := createOnce(k.Store, t, sc, key1("{}")); err != nil || !again || id != first {
			t.Fatalf("just before: again is %v, %v", again, err)
		}
		k.Clock.Advance(time.Microsecond)
		id, again, err := createOnce(k.Store, t, sc, key1("another body"))
		if err != nil || again || id == first {
			t.Fatalf("after two days: again is %v, %v", again, err)
		}
		// The old row is gone, the other workspace's is not ours to drop.
		if n := k.DB.Count("select count(*) from idempotency_keys where workspace_id = $1", k.Workspace1.ID.String()); n != 1 {
			t.Errorf("%d keys of the workspace are kept, want 1", n)
		}
		if n := k.DB.Count("select count(*) from idempotency_keys where workspace_id = $1", k.Workspace2.ID.String()); n != 1 {
			t.Errorf("%d keys of the other workspace are kept, want 1", n)
		}
	})
}

func TestFailedRequestDoesNotUseUpItsKey(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc, fault := k.Scope(k.User1), errors.New("a fault")
		err := write(k, sc, model.ClientCreate, func(tx *store.Tx) error {
			_, _, err := tx.Once(key1("{}"), func() (uuid.UUID, error) { return uuid.Nil, fault })
			return err
		})
		if !errors.Is(err, fault) {
			t.Fatal(err)
		}
		err = write(k, sc, model.ClientCreate, func(tx *store.Tx) error {
			if _, _, err := tx.Once(key1("{}"), func() (uuid.UUID, error) { return uuid.New(), nil }); err != nil {
				return err
			}
			return fault // the transaction fails after the key was remembered
		})
		if !errors.Is(err, fault) {
			t.Fatal(err)
		}
		if _, again, err := createOnce(k.Store, t, sc, key1("{}")); err != nil || again {
			t.Fatalf("again is %v, %v", again, err)
		}
	})
}

func TestManyAtOnceMakeOneRecord(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		before := clientsOf(k, k.Workspace1.ID)
		stores, sc := []*store.Store{k.Store, k.OpenStore()}, k.Scope(k.User1)
		ids := make(chan uuid.UUID, 32)
		made := make(chan struct{}, 32)
		inParallel(t, 32, func(i int) {
			id, again, err := createOnce(stores[i%2], t, sc, key1("{}"))
			if err != nil {
				t.Error(err)
			}
			if !again {
				made <- struct{}{}
			}
			ids <- id
		})
		close(ids)
		first := <-ids
		for id := range ids {
			if id != first {
				t.Errorf("two answers: %s and %s", first, id)
			}
		}
		if n := clientsOf(k, k.Workspace1.ID); n != before+1 || len(made) != 1 {
			t.Errorf("%d clients were made, %d said so", n-before, len(made))
		}
	})
}

// The key itself may be a name or a number of the caller's; only its hash is
// stored.
func TestKeyIsStoredAsAHash(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		_, _, err := createOnce(k.Store, t, k.Scope(k.User1), key1("the body"))
		testkit.NoErr(t, err)
		for _, r := range k.DB.Rows("select key_hash, body_hash from idempotency_keys") {
			for _, v := range r {
				if len(v) != 32 || strings.Contains(v, "abc-123") || strings.Contains(v, "the body") {
					t.Errorf("stored %q", v)
				}
			}
		}
	})
}
