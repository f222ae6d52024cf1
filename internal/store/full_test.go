package store_test

import (
	"errors"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// On a full disk nothing is acknowledged that was not stored, nothing is shown
// whose entry could not be stored, and with room again all goes on.
func TestFullDiskLosesNothing(t *testing.T) {
	eachSQLite(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		testkit.NoErr(t, k.Store.LimitPages(t.Context(), 4))
		var acknowledged, refused []uuid.UUID
		for range 100 {
			c := person("Noa", strings.Repeat("x", 200))
			_, err := insert(t.Context(), k.Store, sc, c)
			if err == nil {
				acknowledged = append(acknowledged, c.ID)
				continue
			}
			wantKind(t, err, model.Unavailable, "storage_full")
			if e, _ := errors.AsType[*model.Error](err); e.RetryAfter == 0 {
				t.Error("the refusal does not say when to try again")
			}
			if refused = append(refused, c.ID); len(refused) == 3 {
				break
			}
		}
		if len(refused) != 3 {
			t.Fatal("the disk was never full; the test proves nothing")
		}
		until(t, "a look cannot be audited either", func() bool {
			_, err := view(t.Context(), k.Store, sc, k.Client1.ID)
			if err == nil {
				return false // small entries may still have found room
			}
			wantKind(t, err, model.Unavailable, "storage_full")
			page, err := k.Practice.ListClients(t.Context(), sc, model.ClientFilter{Limit: 5}, false)
			if err == nil || len(page.Clients) != 0 {
				t.Errorf("the list showed %d clients without an entry (%v)", len(page.Clients), err)
			}
			return true
		})
		testkit.NoErr(t, k.Store.LimitPages(t.Context(), -1))
		wantStored(k, acknowledged, 1)
		wantStored(k, refused, 0)
		wantIntact(k, k.Workspace1.ID)
		_, err := insert(t.Context(), k.Store, sc, person("Noa", "Levi"))
		testkit.NoErr(t, err)
	})
}
