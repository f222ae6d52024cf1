package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/testkit"
)

// withKey returns headers that name the request.
func withKey(h http.Header, key string) http.Header {
	h = h.Clone()
	h.Set("Idempotency-Key", key)
	return h
}

// clientsOf counts the stored clients of the first workspace.
func clientsOf(k *testkit.Kit) int {
	k.T.Helper()
	return k.DB.Count("select count(*) from clients where workspace_id = $1", k.Workspace1.ID.String())
}

func TestSameKeyAndBodyMakeOneClient(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := withKey(k.CSRFHeaders(k.User1), "key-1")
		first := k.Ask(http.MethodPost, "/clients", h, fullBody()).Want(k, http.StatusCreated)
		k.Clock.Advance(time.Minute)
		again := k.Ask(http.MethodPost, "/clients", h, fullBody()).Want(k, http.StatusCreated)
		if first.Header.Get("Location") != again.Header.Get("Location") || string(first.Body) != string(again.Body) {
			t.Errorf("answered\n%s\nand then\n%s", first.Body, again.Body)
		}
		if n := clientsOf(k); n != 2 {
			t.Errorf("%d clients are stored, want 2", n)
		}
	})
}

func TestRepeatedRequestAnswersWithTheClientAsItIs(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := withKey(k.CSRFHeaders(k.User1), "key-1")
		path := fmt.Sprint("/clients/", newClient(k, h, fullBody())["id"])
		k.Ask(http.MethodPut, path, h, obj{"phone": "7654321"}).Want(k, http.StatusOK)
		same(k, newClient(k, h, fullBody()), obj{"phone": "7654321", "version": 2, "medical_history": "Asthma"})
	})
}

func TestSameKeyWithAnotherBodyIsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := withKey(k.CSRFHeaders(k.User1), "key-1")
		newClient(k, h, fullBody())
		body := fullBody()
		body["phone"] = "7654321"
		if got := wrong(k, k.Ask(http.MethodPost, "/clients", h, body)); !slices.Equal(got, []string{"header.Idempotency-Key reused"}) {
			t.Errorf("refused as %q", got)
		}
		if n := clientsOf(k); n != 2 {
			t.Errorf("%d clients are stored, want 2", n)
		}
	})
}

func TestKeysBelongToOnePerson(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		body := obj{"first_name": "Noa", "last_name": "Levi"}
		ids := map[string]bool{}
		for _, h := range []http.Header{k.CSRFHeaders(k.User1), k.CSRFHeaders(k.Assistant1), k.CSRFHeaders(k.User2)} {
			ids[fmt.Sprint(newClient(k, withKey(h, "key-1"), body)["id"])] = true
			ids[fmt.Sprint(newClient(k, withKey(h, "key-2"), body)["id"])] = true
		}
		if len(ids) != 6 {
			t.Errorf("%d clients were made, want one for each person and key", len(ids))
		}
	})
}

func TestWithoutAKeyEveryRequestCounts(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		for _, h := range []http.Header{h, h, withKey(h, "")} {
			newClient(k, h, obj{"first_name": "Noa", "last_name": "Levi"})
		}
		if n := clientsOf(k); n != 4 {
			t.Errorf("%d clients are stored, want 4", n)
		}
	})
}

func TestRefusedRequestDoesNotUseItsKeyUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := withKey(k.CSRFHeaders(k.User1), "key-1")
		k.Ask(http.MethodPost, "/clients", h, obj{"first_name": "Noa"}).Want(k, http.StatusUnprocessableEntity)
		newClient(k, h, obj{"first_name": "Noa", "last_name": "Levi"})
		assistant := withKey(k.CSRFHeaders(k.Assistant1), "key-1")
		k.Ask(http.MethodPost, "/clients", assistant, fullBody()).Want(k, http.StatusForbidden)
		newClient(k, assistant, obj{"first_name": "Dana", "last_name": "Levi"})
		if n := clientsOf(k); n != 3 {
			t.Errorf("%d clients are stored, want 3", n)
		}
	})
}

func TestKeysAreForgottenAfterTwoDays(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		body := obj{"first_name": "Noa", "last_name": "Levi"}
		create := func() string { return fmt.Sprint(newClient(k, withKey(k.CSRFHeaders(k.User1), "key-1"), body)["id"]) }
		first := create()
		k.Clock.Advance(48*time.Hour - time.Second)
		if again := create(); again != first {
			t.Error("forgotten before two days were over")
		}
		k.Clock.Advance(time.Second)
		second := create()
		if second == first || clientsOf(k) != 3 {
			t.Errorf("not forgotten after two days: %d clients", clientsOf(k))
		}
		if again := create(); again != second {
			t.Error("the key is not used anew")
		}
		if n := k.DB.Count("select count(*) from idempotency_keys"); n != 1 {
			t.Errorf("%d keys are kept, want 1", n)
		}
	})
}

func TestLongKeysAreRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h, body := k.CSRFHeaders(k.User1), obj{"first_name": "Noa", "last_name": "Levi"}
		newClient(k, withKey(h, strings.Repeat("k", 200)), body)
		res := k.Ask(http.MethodPost, "/clients", withKey(h, strings.Repeat("k", 201)), body).WantCode(k, http.StatusUnprocessableEntity, "invalid")
		if strings.Contains(string(res.Body), "kkk") {
			t.Errorf("the answer repeats the key: %s", res.Body)
		}
	})
}

func TestKeysAreNotStoredThemselves(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		newClient(k, withKey(k.CSRFHeaders(k.User1), "Zipporah-4711"), fullBody())
		for _, row := range k.DB.Rows("select key_hash, body_hash from idempotency_keys") {
			if len(row[0]) != 32 || len(row[1]) != 32 || strings.Contains(row[0]+row[1], "Zipporah") {
				t.Errorf("stored %q", row)
			}
		}
	})
}

// A client with a bad line sends the same request many times at once.
func TestSameKeyAtOnceMakesOneClient(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := withKey(k.CSRFHeaders(k.User1), "key-1")
		answers := make([]*testkit.Response, 6)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = k.Ask(http.MethodPost, "/clients", h, fullBody()) })
		}
		all.Wait()
		for _, a := range answers {
			if id := a.Want(k, http.StatusCreated).Map(k)["id"]; id != answers[0].Map(k)["id"] {
				t.Errorf("two clients were answered: %v", id)
			}
		}
		if n := clientsOf(k); n != 2 {
			t.Errorf("%d clients are stored, want 2", n)
		}
	})
}
