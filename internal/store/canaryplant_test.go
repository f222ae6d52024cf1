package store_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"pazpaz/internal/testkit"
)

// plantPractice puts canaries into the texts of the daily work with a client:
// what is offered where, visits, notes and their templates, calendar feeds.
func (c *canaries) plantPractice(b *testkit.Browser, client string) {
	k := c.k
	k.T.Helper()
	service := c.plantCatalog(b, "/services", map[string]any{"default_duration_minutes": 60, "description": c.text("offer")})
	location := c.plantCatalog(b, "/locations", map[string]any{"location_type": "clinic", "address": c.text("road"), "details": c.text("door")})
	visit := map[string]any{
		"client_id": client, "service_id": service, "location_id": location, "starts_at": c.at(-1), "ends_at": c.at(0),
		"location_details": c.text("parking"), "notes": c.text("booking"), "payment_notes": c.text("invoice"), "price": 100,
	}
	id := c.post(b, "/appointments", visit)
	visit["notes"] = c.text("refused")
	b.Do(http.MethodPost, "/appointments", visit).Want(k, 409)
	visit["override"], visit["reason"] = true, c.text("squeezed")
	over := c.post(b, "/appointments", visit)
	at := "/appointments/" + over
	b.Do(http.MethodPut, at, map[string]any{"status": "cancelled", "cancel_reason": c.text("flu"), "version": 1}).Want(k, 200)
	b.Do(http.MethodPut, at, map[string]any{"notes": c.text("stalebooking"), "version": 1}).Want(k, 409)
	b.Do(http.MethodPatch, at+"/payment", map[string]any{"payment_notes": c.text("cheque"), "payment_status": "waived"}).Want(k, 200)
	b.Do(http.MethodDelete, at, map[string]any{"reason": c.text("deleted")}).Want(k, 204)
	b.Do(http.MethodPost, "/series", map[string]any{
		"client_id": client, "local_start": "2026-06-01T10:00", "duration_minutes": 30, "rule": "FREQ=WEEKLY;COUNT=3;BYDAY=MO",
		"location_details": c.text("stairs"), "notes": c.text("weekly"),
	}).Want(k, 201)
	b.Do(http.MethodPost, "/series/preview", map[string]any{"client_id": client, "local_start": c.text("start"), "rule": c.text("rule")}).Want(k, 422)
	c.plantNotes(b, client, id)
	made := b.Do(http.MethodPost, "/feeds", map[string]any{"privacy": "first_name"}).Want(k, 201).Map(k)
	path := made["path"].(string)
	c.secret(path[strings.LastIndex(path, "/")+1:])
	b.Do(http.MethodGet, path, nil).Want(k, 200)
	b.Do(http.MethodGet, "/calendar/"+c.text("feed"), nil).Want(k, 404)
	b.Do(http.MethodGet, "/clients/"+client+"/timeline", nil).Want(k, 200)
	b.Do(http.MethodGet, "/appointments?cursor="+c.text("cursor"), nil).Want(k, 422)
}

// plantCatalog makes a service or location, names it anew and fails to make
// another one of that name.
func (c *canaries) plantCatalog(b *testkit.Browser, path string, body map[string]any) (id string) {
	c.k.T.Helper()
	body["name"] = c.text("first" + path[1:])
	id = c.post(b, path, body)
	body["name"] = c.text(path[1:])
	b.Do(http.MethodPut, path+"/"+id, body).Want(c.k, 200)
	b.Do(http.MethodPost, path, body).Want(c.k, 409)
	return id
}

func (c *canaries) plantNotes(b *testkit.Browser, client, appointment string) {
	k := c.k
	k.T.Helper()
	c.post(b, "/note-templates", map[string]any{"kind": "snippet", "name": c.text("snippet"), "shortcut": c.text("s"), "text": c.text("phrase")})
	template := c.post(b, "/note-templates", map[string]any{
		"kind": "template", "name": c.text("template"), "subjective": c.text("asked"), "objective": c.text("looked"), "assessment": c.text("thinks"), "plan": c.text("will"),
	})
	note := map[string]any{
		"client_id": client, "appointment_id": appointment, "template_id": template, "subjective": c.text("feels"), "objective": c.text("sees"), "assessment": c.text("finds"),
	}
	b.Header.Set("Idempotency-Key", c.text("notekey"))
	first := "/sessions/" + c.post(b, "/sessions", note)
	b.Header.Del("Idempotency-Key")
	b.Do(http.MethodPatch, first+"/draft", map[string]any{"plan": c.text("autosaved"), "version": 1}).Want(k, 200)
	b.Do(http.MethodPatch, first+"/draft", map[string]any{"plan": c.text("othertab"), "version": 1}).Want(k, 409)
	b.Do(http.MethodPost, first+"/finalize", map[string]any{"version": 2}).Want(k, 200)
	b.Do(http.MethodPost, first+"/amend", map[string]any{"plan": c.text("amended"), "reason": c.text("slip"), "version": 3}).Want(k, 200)
	b.Do(http.MethodPost, first+"/amend", map[string]any{"plan": c.text("toolate"), "reason": c.text("toolatereason"), "version": 3}).Want(k, 409)
	draft := "/sessions/" + c.post(b, "/sessions", map[string]any{"client_id": client, "plan": c.text("thrown")})
	b.Do(http.MethodPost, draft+"/copy", map[string]any{"from_session_id": strings.TrimPrefix(first, "/sessions/"), "version": 1}).Want(k, 200)
	b.Do(http.MethodDelete, draft, map[string]any{"reason": c.text("begun twice")}).Want(k, 204)
	for _, query := range []string{c.text("amended"), c.text("nowhere"), c.root} {
		b.Do(http.MethodPost, "/sessions/search", map[string]any{"query": query}).Want(k, 200)
	}
	b.Do(http.MethodPost, first+"/entered-in-error", map[string]any{"reason": c.text("mixed up"), "version": 4}).Want(k, 200)
	b.Do(http.MethodGet, first+"/versions", nil).Want(k, 200)
}

// post makes a record and returns its id.
func (c *canaries) post(b *testkit.Browser, path string, body any) string {
	c.k.T.Helper()
	return fmt.Sprint(b.Do(http.MethodPost, path, body).Want(c.k, 201).Map(c.k)["id"])
}

// at is a time so many hours from now.
func (c *canaries) at(hours int) string {
	return c.k.Clock.Now().Add(time.Duration(hours) * time.Hour).Format(time.RFC3339)
}

// plantPeople puts canaries into what is known of people who are invited, kept
// out, or told why their practice is closed.
func (c *canaries) plantPeople(b *testkit.Browser) {
	k := c.k
	k.T.Helper()
	b.Do(http.MethodPost, "/invitations", map[string]any{"email": c.text("guest") + "@example.com", "full_name": c.text("guestname"), "role": "assistant"}).Want(k, 201)
	k.RunJobs()
	sent := k.Outbox.Sent()
	token := c.secret(k.InvitationToken(sent[len(sent)-1]))
	guest := k.NewBrowser()
	guest.Do(http.MethodPost, "/auth/invitation", map[string]any{"token": token}).Want(k, 200)
	guest.Do(http.MethodPost, "/auth/invitation", map[string]any{"token": c.text("guess")}).Want(k, 404)
	guest.Do(http.MethodPost, "/auth/invitation/accept", map[string]any{"token": token, "full_name": c.text("joined")}).Want(k, 200)
	admin := k.Admin()
	admin.Do(http.MethodPost, "/platform/blacklist", map[string]any{"value": c.text("listed") + ".example", "reason": c.text("why")}).Want(k, 201)
	admin.Do(http.MethodPost, "/platform/workspaces/"+k.Workspace2.ID.String()+"/suspend", map[string]any{"reason": c.text("closed")}).Want(k, 200)
	admin.Do(http.MethodGet, "/platform/workspaces?q="+c.text("practicesearch"), nil).Want(k, 200)
	admin.Do(http.MethodPost, "/platform/invitations", map[string]any{
		"practice_name": c.text("newpractice"), "email": c.text("newowner") + "@example.com", "full_name": c.text("ownername"),
	}).Want(k, 201)
}
