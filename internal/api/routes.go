package api

import (
	"net/http"

	"pazpaz/internal/model"
)

// register is the whole surface. Each line says who may call (public: nobody
// is signed in; member: a session opens a Scope), how, and what for.
func (a *API) register() {
	a.registerIdentity()
	a.registerFactors()
	a.registerPractice()
	a.registerPeople()
	a.registerClients()
	a.registerCalendar()
	a.registerNotes()
	a.registerAudit()
	a.registerPlatform()
}

// First start and signing in.
func (a *API) registerIdentity() {
	public(a, get("/setup", "setup", "Is the first workspace still to be made?"), a.setupState)
	public(a, post("/setup", "setup", "Make the first workspace and sign in").body(setupIn{}).status(http.StatusCreated), a.setUp)

	public(a, post("/auth/magic-link", "auth", "Ask for a sign-in mail").body(linkIn{}).status(http.StatusAccepted), a.requestLink)
	public(a, post("/auth/verify", "auth", "Sign in with a link's token").body(tokenIn{}), a.signInByLink)
	public(a, post("/auth/code", "auth", "Sign in with a mailed code").body(codeIn{}), a.signInByCode)
	public(a, post("/auth/logout", "auth", "Sign out").status(http.StatusNoContent), a.signOut)
	member(a, get("/events", "events", "A stream of what changes in the practice").sends("text/event-stream").in(LiveClass).quietly(), a.events)
	member(a, get("/auth/me", "auth", "Who is signed in, and for how long"), a.me)
	member(a, get("/auth/draft-key", "auth", "The server's half of the key that seals your unsaved text").quietly(), a.draftKey)
}

// Second factors, fresh proofs of them, and the devices of a person.
func (a *API) registerFactors() {
	public(a, post("/auth/second-factor", "auth", "Finish signing in with a code").body(factorCodeIn{}), a.secondFactor)
	public(a, post("/auth/second-factor/passkey/begin", "auth", "Ask for a passkey to finish signing in").refuses(http.StatusUnauthorized, http.StatusConflict, http.StatusUnprocessableEntity), a.beginSecondFactor)
	public(a, post("/auth/second-factor/passkey/finish", "auth", "Finish signing in with a passkey").body(passkeyAnswer{}).refuses(http.StatusConflict), a.finishSecondFactor)
	public(a, post("/auth/passkey/begin", "auth", "Ask for a passkey to sign in without a mail").refuses(http.StatusConflict), a.beginPasskeySignIn)
	public(a, post("/auth/passkey/finish", "auth", "Sign in with a passkey").body(passkeyAnswer{}).refuses(http.StatusConflict), a.signInByPasskey)

	person(a, get("/auth/session", "auth", "Who is signed in, in a practice or to run the server"), a.currentSession)
	person(a, post("/auth/step-up", "auth", "Confirm with a code that it is you").body(factorCodeIn{}), a.stepUp)
	person(a, post("/auth/step-up/mail", "auth", "Ask for a mailed code to confirm that it is you").status(http.StatusAccepted), a.mailStepUp)
	person(a, post("/auth/step-up/passkey/begin", "auth", "Ask for a passkey to confirm that it is you").refuses(http.StatusConflict, http.StatusUnprocessableEntity), a.beginStepUp)
	person(a, post("/auth/step-up/passkey/finish", "auth", "Confirm with a passkey that it is you").body(passkeyAnswer{}).refuses(http.StatusConflict), a.finishStepUp)

	person(a, get("/auth/factors", "auth", "Your second factors"), a.listFactors)
	person(a, post("/auth/totp", "auth", "Begin to set up an authenticator app").refuses(http.StatusConflict).fresh(), a.startTOTP)
	person(a, post("/auth/totp/confirm", "auth", "Put the authenticator app into use with its first code").body(confirmIn{}).refuses(http.StatusConflict), a.confirmTOTP)
	person(a, del("/auth/totp", "auth", "Take the authenticator app out of use").status(http.StatusNoContent).fresh(), a.removeTOTP)
	person(a, post("/auth/recovery-codes", "auth", "Make new recovery codes; they are shown once").refuses(http.StatusConflict).fresh(), a.renewRecoveryCodes)
	person(a, post("/auth/passkeys/begin", "auth", "Ask for a new passkey").refuses(http.StatusConflict).fresh(), a.beginPasskey)
	person(a, post("/auth/passkeys", "auth", "Keep a new passkey").body(newPasskeyIn{}).status(http.StatusCreated).refuses(http.StatusConflict), a.finishPasskey)
	person(a, put("/auth/passkeys/{id}", "auth", "Rename a passkey").body(passkeyNameIn{}), a.renamePasskey)
	person(a, del("/auth/passkeys/{id}", "auth", "Take a passkey out of use").status(http.StatusNoContent).fresh(), a.removePasskey)

	person(a, get("/auth/sessions", "auth", "Where you are signed in"), a.listDevices)
	person(a, del("/auth/sessions", "auth", "Sign out everywhere else").status(http.StatusNoContent), a.revokeOthers)
	person(a, del("/auth/sessions/{id}", "auth", "Sign out one device").status(http.StatusNoContent), a.revokeDevice)
	person(a, post("/auth/platform", "auth", "Exchange the session for one that runs the server").fresh(), a.toPlatform)
	person(a, post("/auth/practice", "auth", "Exchange the session for one in your practice").fresh(), a.toPractice)
}

// What a practice is and offers, and what is left to do in it.
func (a *API) registerPractice() {
	member(a, get("/workspace", "workspace", "The practice's settings").does(model.WorkspaceView), a.getWorkspace)
	member(a, put("/workspace", "workspace", "Change the practice's settings").body(workspaceIn{}).does(model.WorkspaceUpdate), a.updateWorkspace)
	member(a, put("/workspace/second-factor", "workspace", "Say whether everybody here must have a second factor").body(policyIn{}).fresh().does(model.WorkspacePolicy), a.setPolicy)

	member(a, get("/practitioners", "practitioners", "The members who treat clients").does(model.PractitionerList), a.listPractitioners)

	member(a, get("/services", "services", "List services").does(model.ServiceList), a.listServices)
	member(a, post("/services", "services", "Create a service").body(serviceIn{}).status(http.StatusCreated).refuses(http.StatusConflict, http.StatusNotFound).does(model.ServiceCreate), a.createService)
	member(a, get("/services/{id}", "services", "Read a service").does(model.ServiceList), a.getService)
	member(a, put("/services/{id}", "services", "Change a service: absent fields stay, null clears").body(serviceChange{}).does(model.ServiceUpdate), a.updateService)
	member(a, del("/services/{id}", "services", "Remove a service, or archive it when appointments are of it").status(http.StatusNoContent).does(model.ServiceDelete), a.deleteService)

	member(a, get("/locations", "locations", "List locations").does(model.LocationList), a.listLocations)
	member(a, post("/locations", "locations", "Create a location").body(locationIn{}).status(http.StatusCreated).refuses(http.StatusConflict, http.StatusNotFound).does(model.LocationCreate), a.createLocation)
	member(a, get("/locations/{id}", "locations", "Read a location").does(model.LocationList), a.getLocation)
	member(a, put("/locations/{id}", "locations", "Change a location: absent fields stay, null clears").body(locationChange{}).changes("appointments").does(model.LocationUpdate), a.updateLocation)
	member(a, del("/locations/{id}", "locations", "Remove a location, or archive it when appointments are there").status(http.StatusNoContent).does(model.LocationDelete), a.deleteLocation)

	member(a, get("/work", "work", "Count what is left to do").does(model.WorkList), a.countWork)

	member(a, get("/feeds", "feeds", "Your calendar feeds").does(model.FeedList), a.listFeeds)
	member(a, post("/feeds", "feeds", "Make a calendar feed").body(feedIn{}).status(http.StatusCreated).refuses(http.StatusConflict).does(model.FeedCreate), a.createFeed)
	member(a, del("/feeds/{id}", "feeds", "Revoke a calendar feed").status(http.StatusNoContent).does(model.FeedRevoke), a.revokeFeed)
	public(a, get("/calendar/{token}", "feeds", "Read a calendar feed by its secret address").sends("text/calendar").in(FeedClass).refuses(http.StatusNotModified), a.readFeed)
}

// Clients, what they agreed to, and what happened with them.
func (a *API) registerClients() {
	member(a, get("/clients", "clients", "List and search clients").does(model.ClientList), a.listClients)
	member(a, post("/clients", "clients", "Create a client").body(clientIn{}).status(http.StatusCreated).does(model.ClientCreate), a.createClient)
	member(a, post("/clients/duplicates", "clients", "Find clients that may be the same person").body(duplicatesIn{}).unheard().does(model.ClientDuplicates), a.findDuplicates)
	member(a, post("/clients/import", "clients", "Import clients from a CSV file").file("text/csv").in(HeavyClass).does(model.ClientImport), a.importClients)
	member(a, get("/clients/export", "clients", "Export all clients as CSV").sends("text/csv").in(HeavyClass).fresh().does(model.ClientExport), a.exportClients)
	member(a, get("/clients/{id}", "clients", "Read a client").does(model.ClientView), a.getClient)
	member(a, put("/clients/{id}", "clients", "Change a client: absent fields stay, null clears").body(clientChange{}).does(model.ClientUpdate), a.updateClient)
	member(a, del("/clients/{id}", "clients", "Archive a client").status(http.StatusNoContent).does(model.ClientArchive), a.archiveClient)

	member(a, post("/clients/{id}/restore", "clients", "Bring an archived client back").does(model.ClientRestore), a.restoreClient)

	member(a, get("/clients/{id}/timeline", "clients", "All that happened with a client, the latest first").does(model.TimelineView), a.timeline)

	member(a, get("/clients/{id}/consents", "consents", "Read a client's consent ledger").does(model.ConsentList), a.listConsents)
	member(a, post("/clients/{id}/consents", "consents", "Add a consent").body(consentIn{}).status(http.StatusCreated).does(model.ConsentGive), a.giveConsent)
	member(a, post("/clients/{id}/consents/{consent_id}/withdraw", "consents", "Withdraw a consent").does(model.ConsentWithdraw), a.withdrawConsent)
}

// Appointments and series.
func (a *API) registerCalendar() {
	member(a, get("/appointments", "appointments", "List appointments").does(model.AppointmentList), a.listAppointments)
	member(a, post("/appointments", "appointments", "Book an appointment").body(appointmentIn{}).status(http.StatusCreated).refuses(http.StatusConflict, http.StatusNotFound).does(model.AppointmentBook), a.bookAppointment)
	member(a, get("/appointments/conflicts", "appointments", "What stands in the way of an appointment").refuses(http.StatusUnprocessableEntity).does(model.AppointmentConflicts), a.findClashes)
	member(a, get("/appointments/slots", "appointments", "Find free times").refuses(http.StatusUnprocessableEntity, http.StatusConflict).does(model.AppointmentSlots), a.freeSlots)
	member(a, get("/appointments/{id}", "appointments", "Read an appointment").does(model.AppointmentView), a.getAppointment)
	member(a, put("/appointments/{id}", "appointments", "Change an appointment: absent fields stay, null clears").body(AppointmentChange{}).does(model.AppointmentUpdate), a.updateAppointment)
	member(a, patch("/appointments/{id}/payment", "appointments", "Change what is known of the payment").body(paymentChange{}).refuses(http.StatusConflict).does(model.AppointmentPay), a.payAppointment)
	member(a, del("/appointments/{id}", "appointments", "Delete an appointment; it can be restored for 30 days").mayRead(deleteAppointmentIn{}).changes("sessions").status(http.StatusNoContent).refuses(http.StatusConflict).does(model.AppointmentDelete), a.deleteAppointment)
	member(a, post("/appointments/{id}/restore", "appointments", "Bring a deleted appointment back").mayRead(restoreAppointmentIn{}).changes("sessions").refuses(http.StatusConflict, http.StatusGone).does(model.AppointmentRestore), a.restoreAppointment)

	member(a, put("/appointments/{id}/series", "series", "Change an appointment and others of its series").body(seriesChangeIn{}).does(model.AppointmentUpdate), a.updateSeries)
	member(a, del("/appointments/{id}/series", "series", "Delete an appointment and others of its series").body(deleteSeriesIn{}).refuses(http.StatusConflict).does(model.AppointmentDelete), a.deleteSeries)
	member(a, post("/series/preview", "series", "Work a series out without booking it").body(seriesIn{}).refuses(http.StatusConflict, http.StatusNotFound).unheard().does(model.SeriesPreview), a.previewSeries)
	member(a, post("/series", "series", "Book a series").body(seriesIn{}).status(http.StatusCreated).refuses(http.StatusConflict, http.StatusNotFound).does(model.SeriesBook), a.bookSeries)
	member(a, get("/series/{id}", "series", "Read a series").does(model.SeriesView), a.getSeries)
}

// Session notes, templates and snippets.
func (a *API) registerNotes() {
	member(a, get("/sessions", "sessions", "List session notes").does(model.SessionList), a.listSessions)
	member(a, post("/sessions", "sessions", "Begin a session note").body(sessionIn{}).urgently().status(http.StatusCreated).refuses(http.StatusConflict, http.StatusNotFound).changes("appointments").does(model.SessionCreate), a.createSession)
	member(a, post("/sessions/search", "sessions", "Search inside session notes").body(searchIn{}).in(HeavyClass).refuses(http.StatusNotFound).unheard().does(model.SessionSearch), a.searchSessions)
	member(a, get("/sessions/{id}", "sessions", "Read a session note").does(model.SessionView), a.getSession)
	member(a, put("/sessions/{id}", "sessions", "Change a draft: absent fields stay, null clears").body(sessionChange{}).urgently().does(model.SessionSave), a.updateSession)
	member(a, patch("/sessions/{id}/draft", "sessions", "Save a draft while it is written").body(sessionChange{}).urgently().refuses(http.StatusConflict).unheard().does(model.SessionSave), a.saveDraft)
	member(a, post("/sessions/{id}/copy", "sessions", "Copy sections of another note into a draft").body(copyIn{}).refuses(http.StatusConflict).does(model.SessionSave), a.copySession)
	member(a, post("/sessions/{id}/finalize", "sessions", "Sign a draft").body(versionIn{}).urgently().refuses(http.StatusConflict).changes("appointments").does(model.SessionSign), a.signSession)
	member(a, post("/sessions/{id}/amend", "sessions", "Amend a signed note: a new version").body(amendIn{}).refuses(http.StatusConflict).does(model.SessionAmend), a.amendSession)
	member(a, get("/sessions/{id}/versions", "sessions", "List the signed versions of a note").does(model.SessionView), a.listVersions)
	member(a, post("/sessions/{id}/entered-in-error", "sessions", "Mark a signed note as entered in error").body(voidIn{}).refuses(http.StatusConflict).changes("appointments").does(model.SessionVoid), a.voidSession)
	member(a, del("/sessions/{id}", "sessions", "Delete a draft; it can be restored for 30 days").mayRead(deleteSessionIn{}).status(http.StatusNoContent).refuses(http.StatusConflict).changes("appointments").does(model.SessionDelete), a.deleteSession)
	member(a, post("/sessions/{id}/restore", "sessions", "Bring a deleted draft back").refuses(http.StatusConflict, http.StatusGone).changes("appointments").does(model.SessionRestore), a.restoreSession)

	member(a, get("/clients/{id}/sessions/latest", "sessions", "Read the newest signed note of a client").does(model.SessionView), a.latestSession)

	member(a, get("/note-templates", "templates", "List templates and snippets").does(model.TemplateList), a.listTemplates)
	member(a, post("/note-templates", "templates", "Create a template or a snippet").body(templateIn{}).status(http.StatusCreated).refuses(http.StatusConflict, http.StatusNotFound).does(model.TemplateCreate), a.createTemplate)
	member(a, put("/note-templates/{id}", "templates", "Change a template or a snippet: absent fields stay, null clears").body(templateChange{}).does(model.TemplateUpdate), a.updateTemplate)
	member(a, del("/note-templates/{id}", "templates", "Delete a template or a snippet").status(http.StatusNoContent).does(model.TemplateDelete), a.deleteTemplate)
}

// The audit trail, and what proves it.
func (a *API) registerAudit() {
	member(a, get("/audit", "audit", "List the audit trail, the latest first").does(model.AuditList), a.listAudit)
	member(a, get("/audit/export", "audit", "Export the audit chain, one entry a line").sends("application/x-ndjson").in(HeavyClass).fresh().does(model.AuditExport), a.exportAudit)
	member(a, get("/audit/checkpoints", "audit", "The signed ends of the audit chain").fresh().does(model.AuditCheckpoints), a.listCheckpoints)
	member(a, get("/clients/{id}/access", "audit", "List who opened a client's record, the latest first").does(model.AuditAccess), a.listAccess)
	member(a, get("/clients/{id}/access/export", "audit", "Export who opened a client's record as CSV").sends("text/csv").in(HeavyClass).does(model.AuditAccess), a.exportAccess)
}
