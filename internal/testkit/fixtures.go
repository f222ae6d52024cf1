package testkit

import (
	"fmt"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// Fixtures are two practices that know nothing of each other. Their ids can
// be read at a glance: workspaces 00000000-…, users 10000000-…, clients
// 20000000-….
type Fixtures struct {
	Workspace1, Workspace2 model.Workspace
	// User1 owns Workspace1, User2 owns Workspace2.
	User1, User2 model.User
	// Practitioner1 and Assistant1 work in Workspace1.
	Practitioner1, Assistant1 model.User
	// Client1 and Client2 are clients of the two workspaces.
	Client1, Client2 model.Client
}

// ID returns the readable id of a kind: ID(1, 2) is 10000000-…-000000000002.
func ID(kind, n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("%d0000000-0000-0000-0000-%012d", kind, n))
}

func (k *Kit) fill() {
	k.T.Helper()
	k.Workspace1 = k.AddWorkspace(1)
	k.Workspace2 = k.AddWorkspace(2)
	k.User1 = k.AddUser(1, k.Workspace1.ID, model.Owner)
	k.User2 = k.AddUser(2, k.Workspace2.ID, model.Owner)
	k.Practitioner1 = k.AddUser(3, k.Workspace1.ID, model.Practitioner)
	k.Assistant1 = k.AddUser(4, k.Workspace1.ID, model.Assistant)
	k.Client1 = k.AddClient(k.Workspace1.ID, model.Client{ID: ID(2, 1), Contact: model.Contact{
		FirstName: "John", LastName: "Doe", Email: "john.doe@example.com", Phone: "+1234567890",
	}})
	k.Client2 = k.AddClient(k.Workspace2.ID, model.Client{ID: ID(2, 2), Contact: model.Contact{
		FirstName: "Jane", LastName: "Roe", Email: "jane.roe@example.com", Phone: "+1987654321",
	}})
}

// AddWorkspace makes "Test Workspace n".
func (k *Kit) AddWorkspace(n int) model.Workspace {
	k.T.Helper()
	w := model.Workspace{ID: ID(0, n), Name: model.Text(fmt.Sprintf("Test Workspace %d", n)), TimeZone: "Asia/Jerusalem", Currency: "USD", WeekStart: "monday"}
	w, err := w.Normalize()
	NoErr(k.T, err)
	k.platform(func(tx *store.PlatformTx) error { return tx.CreateWorkspace(w) })
	w.Version, w.Status = 1, "active"
	return w
}

// AddUser makes a member who signs in as user-n@example.com.
func (k *Kit) AddUser(n int, workspace uuid.UUID, role model.Role) model.User {
	k.T.Helper()
	u := model.User{
		ID: ID(1, n), WorkspaceID: workspace, Email: model.Text(fmt.Sprintf("user-%d@example.com", n)),
		FullName: model.Text(fmt.Sprintf("Test User %d", n)), Locale: "en", Role: role, Active: true,
	}
	k.platform(func(tx *store.PlatformTx) error { return tx.AddMember(u) })
	return u
}

func (k *Kit) platform(fn func(*store.PlatformTx) error) {
	k.T.Helper()
	err := k.Store.Platform(k.T.Context(), k.Store.PlatformScope(uuid.Nil), model.WorkspaceCreate, fn)
	if err != nil {
		k.T.Fatalf("fixture: %v", err)
	}
}

// AddClient stores a client; a zero id is filled in.
func (k *Kit) AddClient(workspace uuid.UUID, c model.Client) model.Client {
	k.T.Helper()
	if c.ID == uuid.Nil {
		c.ID = uuid.New()
	}
	err := k.Store.Write(k.T.Context(), k.Store.OperatorScope(workspace), model.ClientCreate, func(tx *store.Tx) (err error) {
		c, err = tx.InsertClient(c)
		return err
	})
	if err != nil {
		k.T.Fatalf("fixture client: %v", err)
	}
	return c
}

// Scope is what a member's session would open.
func (k *Kit) Scope(u model.User) store.Scope {
	k.T.Helper()
	live, err := k.Store.LiveSession(k.T.Context(), k.SignIn(u).Session.ID)
	if err != nil {
		k.T.Fatalf("scope: %v", err)
	}
	return live.Scope
}
