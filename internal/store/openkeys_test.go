package store_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"
	notes "pazpaz/internal/practice"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// destroyKey deletes a practice with its key, as the operator.
func destroyKey(k *testkit.Kit, s *store.Store, id uuid.UUID) {
	k.T.Helper()
	err := s.Platform(k.T.Context(), s.PlatformScope(uuid.Nil), model.PlatformDelete, func(tx *store.PlatformTx) error {
		return tx.SetStatus(id, model.PlatformDelete, store.Status{Name: "deleted", Reason: "Asked for", From: []string{"active"}, Shred: true})
	})
	testkit.NoErr(k.T, err)
}

// held is what a process has opened of practices.
type held struct{ keys, names, notes int }

func holds(s *store.Store) held {
	_, names, _ := s.HeldNames()
	return held{s.Stats().Keys - 1, names, s.HeldNotes()} // the system's key stays
}

// eachWithNotes runs a test in which both practices have a signed note.
func eachWithNotes(t *testing.T, fn func(t *testing.T, k *testkit.Kit)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		signedBy(k, k.User1, k.Client1)
		signedBy(k, k.User2, k.Client2)
		fn(t, k)
	})
}

// search has the names, the notes and the key of both practices opened.
func search(k *testkit.Kit, s *store.Store) (first, second error) {
	return searchOne(k, s, k.Workspace1.ID), searchOne(k, s, k.Workspace2.ID)
}

func searchOne(k *testkit.Kit, s *store.Store, workspace uuid.UUID) error {
	sc := k.Store.OperatorScope(workspace)
	_, _, _, clients := find(k, s, sc, model.ClientFilter{})
	_, inNotes := notes.New(s, rand.Reader).SearchNotes(k.T.Context(), sc, model.NoteSearch{Query: "walk"})
	return errors.Join(clients, inNotes)
}

func TestProcessThatDestroysAKeyForgetsIt(t *testing.T) {
	eachWithNotes(t, func(t *testing.T, k *testkit.Kit) {
		one, two := search(k, k.Store)
		testkit.NoErr(t, errors.Join(one, two))
		destroyKey(k, k.Store, k.Workspace1.ID)
		if got := holds(k.Store); got != (held{1, 1, 1}) {
			t.Errorf("it holds %+v, want what is of the other practice", got)
		}
		if id := <-k.Store.Destroyed(); id != k.Workspace1.ID {
			t.Errorf("told of %s", id)
		}
	})
}

// A key that was not destroyed after all is not told of.
func TestRefusedDestructionIsNotTold(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		err := k.Store.Platform(t.Context(), k.Store.PlatformScope(uuid.Nil), model.PlatformDelete, func(tx *store.PlatformTx) error {
			err := tx.SetStatus(k.Workspace1.ID, model.PlatformDelete, store.Status{Name: "deleted", Reason: "x", From: []string{"active"}, Shred: true})
			return errors.Join(err, errors.New("changed my mind"))
		})
		if err == nil {
			t.Fatal("it was committed")
		}
		select {
		case id := <-k.Store.Destroyed():
			t.Errorf("told of %s", id)
		default:
		}
	})
}

func TestOtherProcessForgetsADestroyedKeyWhenTold(t *testing.T) {
	eachWithNotes(t, func(t *testing.T, k *testkit.Kit) {
		other := k.OpenStore()
		one, two := search(k, other)
		testkit.NoErr(t, errors.Join(one, two))
		destroyKey(k, k.Store, k.Workspace1.ID)
		other.Forget(k.Workspace1.ID)
		if got := holds(other); got != (held{1, 1, 1}) {
			t.Errorf("it holds %+v", got)
		}
		if one, two = search(k, other); !errors.Is(one, crypt.ErrKeyNotFound) || two != nil {
			t.Errorf("the shredded practice: %v; the other: %v", one, two)
		}
	})
}

// A message that is lost does not matter: no key is used for longer than five
// minutes without asking whether it still exists, nor kept.
func TestOtherProcessForgetsADestroyedKeyByTheTime(t *testing.T) {
	eachWithNotes(t, func(t *testing.T, k *testkit.Kit) {
		other := k.OpenStore()
		one, two := search(k, other)
		testkit.NoErr(t, errors.Join(one, two))
		destroyKey(k, k.Store, k.Workspace1.ID)
		k.Clock.Advance(5*time.Minute - time.Microsecond)
		other.ForgetOld()
		if got := holds(other); got != (held{2, 2, 2}) {
			t.Errorf("before the time it holds %+v", got)
		}
		_, two = search(k, other) // the names of the second are in use
		testkit.NoErr(t, two)
		k.Clock.Advance(time.Microsecond)
		if one, two = search(k, other); !errors.Is(one, crypt.ErrKeyNotFound) || two != nil {
			t.Errorf("the shredded practice: %v; the other: %v", one, two)
		}
		other.ForgetOld()
		if got := holds(other); got.keys != 1 {
			t.Errorf("after the time it holds %+v", got)
		}
		k.Clock.Advance(5 * time.Minute)
		other.ForgetOld()
		if got := holds(other); got != (held{}) {
			t.Errorf("while nobody works it holds %+v", got)
		}
		if _, two = search(k, other); two != nil {
			t.Errorf("afterwards: %v", two)
		}
	})
}

func TestForgettingEverythingLosesNothing(t *testing.T) {
	eachWithNotes(t, func(t *testing.T, k *testkit.Kit) {
		one, two := search(k, k.Store)
		k.Store.ForgetAll()
		k.Store.Forget(store.System)
		if got := holds(k.Store); got != (held{}) {
			t.Errorf("it holds %+v", got)
		}
		again, more := search(k, k.Store)
		testkit.NoErr(t, errors.Join(one, two, again, more))
	})
}
