package store_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// ran returns the texts of the tenant statements that a practice's requests
// run, with all that is put into them at run time.
func ran(t *testing.T, k *testkit.Kit) []string {
	t.Helper()
	visit := k.AddAppointment(k.Workspace1.ID, model.Appointment{ClientID: k.Client1.ID, PractitionerID: k.User1.ID})
	for i := range 3 { // enough for a second page
		k.AddAppointment(k.Workspace1.ID, model.Appointment{ClientID: k.Client1.ID, PractitionerID: k.User1.ID, StartsAt: k.Clock.Now().Add(time.Duration(i+2) * time.Hour)})
	}
	client, day := k.Client1.ID.String(), k.Clock.Now().Format(time.DateOnly)
	from := "from=" + day + "T00:00:00Z&to=" + day + "T23:00:00Z"
	for _, u := range []model.User{k.User1, k.Practitioner1} {
		h := k.CSRFHeaders(u)
		note := k.Do(http.MethodPost, "/sessions", h, map[string]any{"client_id": client, "plan": "Rest"}).Want(k, 201).Map(k)
		k.Do(http.MethodPost, fmt.Sprint("/sessions/", note["id"], "/finalize"), h, map[string]any{"version": 1}).Want(k, 200)
		k.Do(http.MethodPost, "/sessions", h, map[string]any{"client_id": client, "plan": "Rest"}).Want(k, 201)
		mine, who := "author_id="+u.ID.String(), "practitioner_id="+u.ID.String()
		for _, path := range []string{
			"/clients", "/clients?q=doe&status=all&include=appointments&limit=1", "/clients?status=archived", "/clients/" + client, "/clients/" + client + "/consents",
			"/services", "/services?status=all", "/locations?status=all&location_type=home", "/practitioners", "/note-templates", "/note-templates?kind=snippet",
			"/appointments", "/appointments?limit=1", "/appointments?order=desc&limit=1", "/appointments?deleted=true", "/appointments?status=scheduled",
			"/appointments?client_id=" + client, "/appointments?" + who, "/appointments?" + from, "/appointments?" + from + "&order=desc",
			"/appointments?" + from + "&" + who, "/appointments?" + from + "&" + who + "&client_id=" + client + "&status=scheduled",
			"/appointments?start_date=" + day + "&end_date=" + day + "&limit=1000", "/appointments?to=" + day + "T23:00:00Z", "/appointments?from=" + day + "T23:00:00Z",
			"/appointments?needs=status&" + who, "/appointments?needs=note&" + who, "/appointments?needs=payment&" + who, "/appointments?needs=note", "/work", "/work?" + who,
			"/appointments/" + visit.ID.String(), "/appointments/conflicts?starts_at=" + day + "T10:00:00Z&ends_at=" + day + "T11:00:00Z&" + who,
			"/appointments/slots?duration_minutes=50&" + who, "/clients/" + client + "/timeline", "/clients/" + client + "/timeline?limit=1", "/feeds",
			"/sessions", "/sessions?limit=1", "/sessions?client_id=" + client, "/sessions?" + mine, "/sessions?status=draft", "/sessions?status=signed&client_id=" + client,
			"/sessions?deleted=true", "/sessions?deleted=true&" + mine, "/sessions?appointment_id=" + visit.ID.String(), "/clients/" + client + "/sessions/latest",
			"/sessions?status=entered_in_error&" + mine + "&client_id=" + client, "/sessions/" + fmt.Sprint(note["id"]), "/sessions/" + fmt.Sprint(note["id"]) + "/versions",
		} {
			if u.ID == k.Practitioner1.ID { // once with the clients' names in memory, once without
				k.Store.ForgetNames()
			}
			res := k.Get(path, h).Want(k, 200)
			if next := res.Header.Get("Link"); next != "" { // the page behind has a condition more
				next, _, _ = strings.Cut(strings.TrimPrefix(next, "<"), ">")
				k.Get(next, h).Want(k, 200)
			}
		}
		k.Do(http.MethodPost, "/sessions/search", h, map[string]any{"query": "rest"}).Want(k, 200)
		k.Do(http.MethodPost, "/sessions/search", h, map[string]any{"query": "rest", "client_id": client}).Want(k, 200)
	}
	all, err := k.Store.Prepared(t.Context())
	testkit.NoErr(t, err)
	all = slices.DeleteFunc(all, func(text string) bool {
		return !slices.ContainsFunc(uses(words(text)), func(u use) bool { return isTenant(u.table) })
	})
	slices.Sort(all)
	return slices.Compact(all)
}

// What is put together at run time keeps to the workspace as well, and is found
// through an index by both engines.
func TestStatementsPutTogetherAtRunTimeNeverScan(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		texts := ran(t, k)
		if len(texts) < 60 {
			t.Fatalf("only %d statements were run", len(texts))
		}
		crowded(t, k)
		lite := testkit.New(t, "sqlite")
		crowded(t, lite)
		c := asApp(k)
		_, err := c.Exec(t.Context(), "set plan_cache_mode = force_generic_plan")
		testkit.NoErr(t, err)
		written := map[string]bool{}
		for _, s := range tenantStatements(t) {
			written[s.text] = true
		}
		joined := 0
		for _, text := range texts {
			if !written[text] {
				joined++
			}
			for _, wrong := range unbound(text) {
				t.Errorf("%s:\n%s", wrong, text)
			}
			for _, wrong := range postgresScans(t, k, c, text) {
				t.Errorf("PostgreSQL: %s:\n%s", wrong, text)
			}
			for _, wrong := range slices.Concat(sqliteScans(lite, text), wide(lite, text)) {
				t.Errorf("SQLite: %s:\n%s", wrong, text)
			}
		}
		if joined < 20 {
			t.Errorf("only %d statements were put together at run time", joined)
		}
	})
}

// narrowing are conditions that leave little of a large practice, and what the
// plan then says of the look-up.
var narrowing = []struct{ condition, lookup string }{
	{" and a.client_id = $", "client_id=?"}, {" and s.client_id = $", "client_id=?"}, {" and s.appointment_id = $", "appointment_id=?"},
	{" and a.status = 'attended' and not a.noted", "appointments_unnoted"}, {" and a.payment_status in ('not_paid', 'payment_sent')", "appointments_unpaid"},
	{" and s.deleted_at is not null", "sessions_deleted"}, {" and a.deleted_at is not null", "appointments_deleted"},
}

// wide returns the step of SQLite's plan that walks through a practice though
// the statement asks for a small part of it.
func wide(k *testkit.Kit, text string) []string {
	for _, n := range narrowing {
		if !strings.Contains(text, n.condition) {
			continue
		}
		if plan := sqlitePlan(k, text); !slices.ContainsFunc(plan, func(step string) bool { return strings.Contains(step, n.lookup) }) {
			return []string{fmt.Sprintf("no look-up by %s: %q", n.lookup, plan)}
		}
		return nil
	}
	return nil
}
