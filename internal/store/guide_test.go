package store_test

import (
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"
)

// Pattern 5 of docs/testing.md: the store alone, without HTTP.
func TestClientCreation(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		var c model.Client
		err := k.Store.Write(t.Context(), k.Scope(k.User1), model.ClientCreate, func(tx *store.Tx) (err error) {
			c, err = tx.InsertClient(model.Client{ID: testkit.ID(2, 9), Contact: model.Contact{FirstName: "Jane", LastName: "Smith"}})
			return err
		})
		testkit.NoErr(t, err)
		if c.WorkspaceID != k.Workspace1.ID || c.Version != 1 || !c.CreatedAt.Equal(k.Clock.Now()) {
			t.Fatalf("got %+v", c)
		}
		if n := k.DB.Count("select count(*) from clients where id = $1", c.ID.String()); n != 1 {
			t.Fatalf("%d rows were committed, want 1", n)
		}
	})
}
