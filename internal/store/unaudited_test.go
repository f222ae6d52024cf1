package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// breakChain makes it impossible to add to a workspace's chain.
func breakChain(k *testkit.Kit, workspace uuid.UUID) {
	k.T.Helper()
	testkit.NoErr(k.T, k.DB.Exec("delete from audit_heads where workspace_id = $1", workspace.String()))
}

func TestReadThatCannotBeAuditedFails(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		breakChain(k, k.Workspace1.ID)
		before := len(entries(k, k.Workspace1.ID))
		_, err := view(t.Context(), k.Store, sc, k.Client1.ID)
		wantKind(t, err, model.Unavailable, "unavailable")
		if e, ok := errors.AsType[*model.Error](err); !ok || e.RetryAfter == 0 {
			t.Error("the refusal does not say when to try again")
		}
		// What the rooms above show is nothing.
		page, err := k.Practice.ListClients(t.Context(), sc, model.ClientFilter{Limit: 10}, true)
		wantKind(t, err, model.Unavailable, "unavailable")
		if len(page.Clients) != 0 || page.Total != 0 {
			t.Errorf("a list that could not be audited showed %d clients", len(page.Clients))
		}
		c, err := k.Practice.GetClient(t.Context(), sc, k.Client1.ID)
		wantKind(t, err, model.Unavailable, "unavailable")
		if c.ID != uuid.Nil || c.FirstName != "" {
			t.Error("a client that could not be audited was shown")
		}
		if n := len(entries(k, k.Workspace1.ID)); n != before {
			t.Errorf("the chain grew by %d without a head", n-before)
		}
		if _, err := view(t.Context(), k.Store, k.Scope(k.User2), k.Client2.ID); err != nil {
			t.Errorf("another workspace suffers: %v", err)
		}
	})
}

func TestWriteThatCannotBeAuditedChangesNothing_ASVS_16_5_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		breakChain(k, k.Workspace1.ID)
		c, err := insert(t.Context(), k.Store, sc, person("Noa", "Levi"))
		if err == nil {
			t.Error("the write was reported as done")
		}
		if n := k.DB.Count("select count(*) from clients where id = $1", c.ID.String()); n != 0 {
			t.Error("the client was stored without an entry")
		}
	})
}

func TestRefusalThatCannotBeAuditedIsUnavailable(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, assistant := k.Scope(k.User1), k.Scope(k.Assistant1)
		breakChain(k, k.Workspace1.ID)
		fine := func(*store.ReadTx) error { return nil }
		gone := func(*store.ReadTx) error { return model.ErrNotFound }
		for name, err := range map[string]error{
			"denied":         read(k, assistant, model.ClientExport, fine),
			"missing":        read(k, owner, model.ClientView, gone),
			"missing, peek":  k.Store.Peek(t.Context(), owner, model.ClientView, gone),
			"denied, peek":   k.Store.Peek(t.Context(), assistant, model.ClientExport, fine),
			"denied, write":  write(k, assistant, model.ClientExport, func(*store.Tx) error { return nil }),
			"nothing to see": read(k, owner, model.ClientView, fine),
		} {
			if model.KindOf(err) != model.Unavailable {
				t.Errorf("%s: %v, want Unavailable", name, err)
			}
		}
		if err := k.Store.Peek(t.Context(), owner, model.WorkspaceView, fine); err != nil {
			t.Errorf("what is not audited needs no chain: %v", err)
		}
	})
}

// While the entry of a look cannot be committed, the look has no answer, not
// even for a caller who gives up.
func TestReadWaitsForItsEntry(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		_, err := view(t.Context(), k.Store, sc, k.Client1.ID) // keys and statements are warm
		testkit.NoErr(t, err)
		before := len(entries(k, k.Workspace1.ID))
		release := hold(k, k.Workspace1.ID)
		ctx, giveUp := context.WithCancel(t.Context())
		err = k.Store.Read(ctx, sc, model.ClientView, func(tx *store.ReadTx) error {
			_, err := tx.Client(k.Client1.ID)
			time.AfterFunc(20*time.Millisecond, giveUp)
			return err
		})
		wantKind(t, err, model.Unavailable, "unavailable")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the cause is lost: %v", err)
		}
		release()
		_, err = view(t.Context(), k.Store, sc, k.Client1.ID)
		testkit.NoErr(t, err)
		// The look was had, so its entry is kept although nobody waited.
		if n := len(entries(k, k.Workspace1.ID)); n != before+2 {
			t.Errorf("%d entries, want %d", n, before+2)
		}
		wantIntact(k, k.Workspace1.ID)
	})
}
