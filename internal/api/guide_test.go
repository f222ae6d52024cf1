package api_test

import (
	"net/http"
	"testing"

	"pazpaz/internal/testkit"
)

// The five patterns of docs/testing.md, as real tests.

// Pattern 1: a request without a session is refused.
func TestCannotListClientsWithoutJWT(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		res := k.Get("/clients", nil).Want(k, http.StatusUnauthorized)
		if res.Map(k)["detail"] == nil {
			t.Fatalf("no detail: %s", res.Body)
		}
	})
}

// Pattern 2: a signed-in GET.
func TestListClients(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		clients := k.Get("/clients", k.AuthHeaders(k.User1)).Want(k, http.StatusOK).List(k)
		if len(clients) != 1 || clients[0]["id"] != k.Client1.ID.String() {
			t.Fatalf("got %v, want only the sample client", clients)
		}
	})
}

// Pattern 3: a signed-in POST with its CSRF token.
func TestCreateClient(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		body := map[string]any{"first_name": "John", "last_name": "Doe", "email": "john@example.com"}
		created := k.Do(http.MethodPost, "/clients", k.CSRFHeaders(k.User1), body).Want(k, http.StatusCreated).Map(k)
		if created["first_name"] != "John" {
			t.Fatalf("got %v", created)
		}
		if n := k.DB.Count("select count(*) from clients where workspace_id = $1", k.Workspace1.ID.String()); n != 2 {
			t.Fatalf("%d clients were committed, want 2", n)
		}
	})
}

func TestCreateClientWithoutCSRF(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		body := map[string]any{"first_name": "John", "last_name": "Doe"}
		k.Do(http.MethodPost, "/clients", k.AuthHeaders(k.User1), body).WantCode(k, http.StatusForbidden, "csrf")
	})
}

// Pattern 4: another workspace's client does not exist, whatever the method.
func TestCannotAccessOtherWorkspaceClient(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		path := "/clients/" + k.Client2.ID.String()
		k.Get(path, k.AuthHeaders(k.User1)).WantCode(k, http.StatusNotFound, "not_found")
		k.Do(http.MethodPut, path, k.CSRFHeaders(k.User1), map[string]any{"first_name": "Hacked"}).WantCode(k, http.StatusNotFound, "not_found")
		k.Do(http.MethodDelete, path, k.CSRFHeaders(k.User1), nil).WantCode(k, http.StatusNotFound, "not_found")
		mine := k.Get(path, k.AuthHeaders(k.User2)).Want(k, http.StatusOK).Map(k)
		if mine["first_name"] != "Jane" || mine["is_active"] != true {
			t.Fatalf("the client was changed: %v", mine)
		}
	})
}
