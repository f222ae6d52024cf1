package store_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"slices"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"
)

// The set-up that the settings recommend: one user owns the tables and
// migrates, another one, who owns nothing, serves.
func TestServesAsAUserWhoOwnsNothing(t *testing.T) {
	t.Parallel()
	if !slices.Contains(testkit.Engines(t), "postgres") {
		return // Engines has said so; SQLite has no users
	}
	k := testkit.New(t, "postgres")
	name, password := "serving_"+hex.EncodeToString(testkit.RandomBytes(t, 6)), hex.EncodeToString(testkit.RandomBytes(t, 12))
	testkit.NoErr(t, k.DB.Exec("create role "+name+" login password '"+password+"'"))
	t.Cleanup(func() { _ = k.DB.Exec("drop role " + name) })
	serving, err := url.Parse(k.URL)
	testkit.NoErr(t, err)
	serving.User = url.UserPassword(name, password)
	open := func(ownerURL string) (*store.Store, error) {
		return store.Open(context.Background(), store.Options{
			URL: serving.String(), OwnerURL: ownerURL, Masters: k.Masters, Now: k.Clock.Now, Random: rand.Reader,
		})
	}
	if s, err := open(""); err == nil {
		_ = s.Close()
		t.Fatal("a user who may not take the role served")
	}
	s, err := open(k.URL)
	testkit.NoErr(t, err)
	defer func() { _ = s.Close() }()
	err = s.Read(t.Context(), s.OperatorScope(k.Workspace1.ID), model.ClientView, func(tx *store.ReadTx) error {
		_, err := tx.Client(k.Client1.ID)
		return err
	})
	testkit.NoErr(t, err)
}
