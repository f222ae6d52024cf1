package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// deactivate ends a membership.
func deactivate(k *testkit.Kit, u model.User) {
	k.T.Helper()
	testkit.NoErr(k.T, k.DB.Exec("update members set active = false where user_id = $1", u.ID.String()))
}

func practitionerIDs(k *testkit.Kit, h http.Header) string {
	k.T.Helper()
	var all []string
	for _, p := range k.Ask(http.MethodGet, "/practitioners", h, nil).Want(k, http.StatusOK).List(k) {
		all = append(all, fmt.Sprint(p["full_name"], " ", p["role"], " ", p["is_active"]))
	}
	return strings.Join(all, ", ")
}

func TestPractitionersAreThoseWhoTreat(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.AddUser(5, k.Workspace1.ID, model.Practitioner)
		want := "Test User 1 owner true, Test User 3 practitioner true, Test User 5 practitioner true"
		for _, u := range []model.User{k.User1, k.Practitioner1, k.Assistant1} {
			if got := practitionerIDs(k, k.AuthHeaders(u)); got != want {
				t.Errorf("%v reads %s, want %s", u.Role, got, want)
			}
		}
		if got := practitionerIDs(k, k.AuthHeaders(k.User2)); got != "Test User 2 owner true" {
			t.Errorf("the other practice reads %s", got)
		}
		first := k.Ask(http.MethodGet, "/practitioners", k.AuthHeaders(k.User1), nil).List(k)[0]
		same(k, first, obj{"id": k.User1.ID.String()})
		if len(first) != 4 {
			t.Errorf("more than what a calendar needs: %v", first)
		}
	})
}

func TestPractitionersWhoLeftComeLast(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.AuthHeaders(k.User1)
		k.AddUser(5, k.Workspace1.ID, model.Practitioner)
		deactivate(k, k.Practitioner1)
		want := "Test User 1 owner true, Test User 5 practitioner true, Test User 3 practitioner false"
		if got := practitionerIDs(k, h); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestOnlyActivePractitionersCanBeBooked(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		left := k.AddUser(5, k.Workspace1.ID, model.Practitioner)
		deactivate(k, left)
		for what, c := range map[string]struct {
			id   uuid.UUID
			want error
		}{
			"owner": {k.User1.ID, nil}, "practitioner": {k.Practitioner1.ID, nil}, "assistant": {k.Assistant1.ID, model.ErrNotFound},
			"one who left": {left.ID, model.ErrNotFound}, "another practice's": {k.User2.ID, model.ErrNotFound}, "nobody": {uuid.New(), model.ErrNotFound},
		} {
			err := k.Store.Peek(t.Context(), k.Scope(k.User1), model.PractitionerList, func(tx *store.ReadTx) error { return tx.Practitioner(c.id) })
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", what, err, c.want)
			}
		}
	})
}
