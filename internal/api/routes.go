package api

import (
	"net/http"

	"pazpaz/internal/model"
)

// register is the whole surface. Each line says who may call (public: nobody
// is signed in; member: a session opens a Scope), how, and what for.
func (a *API) register() {
	public(a, get("/setup", "setup", "Is the first workspace still to be made?"), a.setupState)
	public(a, post("/setup", "setup", "Make the first workspace and sign in").body(setupIn{}).status(http.StatusCreated), a.setUp)

	public(a, post("/auth/magic-link", "auth", "Ask for a sign-in mail").body(linkIn{}).status(http.StatusAccepted), a.requestLink)
	public(a, post("/auth/verify", "auth", "Sign in with a link's token").body(tokenIn{}), a.signInByLink)
	public(a, post("/auth/code", "auth", "Sign in with a mailed code").body(codeIn{}), a.signInByCode)
	public(a, post("/auth/logout", "auth", "Sign out").status(http.StatusNoContent), a.signOut)
	member(a, get("/auth/me", "auth", "Who is signed in, and for how long"), a.me)

	member(a, get("/workspace", "workspace", "The practice's settings").does(model.WorkspaceView), a.getWorkspace)
	member(a, put("/workspace", "workspace", "Change the practice's settings").body(workspaceIn{}).does(model.WorkspaceUpdate), a.updateWorkspace)

	member(a, get("/clients", "clients", "List and search clients").does(model.ClientList), a.listClients)
	member(a, post("/clients", "clients", "Create a client").body(clientIn{}).status(http.StatusCreated).does(model.ClientCreate), a.createClient)
	member(a, post("/clients/duplicates", "clients", "Find clients that may be the same person").body(duplicatesIn{}).does(model.ClientDuplicates), a.findDuplicates)
	member(a, post("/clients/import", "clients", "Import clients from a CSV file").file("text/csv").does(model.ClientImport), a.importClients)
	member(a, get("/clients/export", "clients", "Export all clients as CSV").sends("text/csv").does(model.ClientExport), a.exportClients)
	member(a, get("/clients/{id}", "clients", "Read a client").does(model.ClientView), a.getClient)
	member(a, put("/clients/{id}", "clients", "Change a client: absent fields stay, null clears").body(clientChange{}).does(model.ClientUpdate), a.updateClient)
	member(a, del("/clients/{id}", "clients", "Archive a client").status(http.StatusNoContent).does(model.ClientArchive), a.archiveClient)
	member(a, post("/clients/{id}/restore", "clients", "Bring an archived client back").does(model.ClientRestore), a.restoreClient)

	member(a, get("/clients/{id}/consents", "consents", "Read a client's consent ledger").does(model.ConsentList), a.listConsents)
	member(a, post("/clients/{id}/consents", "consents", "Add a consent").body(consentIn{}).status(http.StatusCreated).does(model.ConsentGive), a.giveConsent)
	member(a, post("/clients/{id}/consents/{consent_id}/withdraw", "consents", "Withdraw a consent").does(model.ConsentWithdraw), a.withdrawConsent)
}
