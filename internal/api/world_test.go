package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// A noun is a kind of record that paths, bodies and queries name by id. The
// tests of this package walk all routes with records of the own practice, of
// another one and of none. To add a noun:
//
//  1. Write a maker beside the noun's own tests, func makeThing(w *world)
//     string: it makes one record over HTTP (w.post), with w.word at the
//     beginning of every text that a person could write, and returns its id.
//     Other records that it needs are w.id("client") and so on; a time at which
//     nobody is busy is soon(0). w.owner may do all; w.member is the one who
//     calls, and the author of notes where he may write them.
//  2. Add it to makers, and the first segment of its paths to segments.
//  3. Add a row to calls (routes_test.go) for each route. A body or query names
//     a record as ref("client") and a free time as soon(time.Hour). Where {id}
//     is not just any record of the noun (a signed note, a deleted one), write a
//     maker for that as well and name it in the row: of: "signed_note". Every
//     field and query parameter that ends in _id must be there.
func makers() map[string]func(w *world) string {
	return map[string]func(w *world) string{
		"client":       makeClient,
		"consent":      makeConsent,
		"practitioner": makePractitioner,
		"member":       makeMember,
		"invitation":   makeInvitation,

		"service":  makeService,
		"location": makeLocation,

		"appointment":         makeAppointment,
		"deleted_appointment": makeDeletedAppointment,

		"session":      makeSession,
		"signed_note":  makeSignedNote,
		"deleted_note": makeDeletedNote,
		"noted_client": makeNotedClient,
		"template":     makeTemplate,

		"feed": makeFeed,

		"series":                makeSeries,
		"recurring_appointment": makeRecurringAppointment,
	}
}

// segments say which noun {id} is in paths that begin so.
var segments = map[string]string{
	"clients": "client", "services": "service", "locations": "location", "appointments": "appointment", "sessions": "session",
	"note-templates": "template", "feeds": "feed", "series": "series",
	"members": "member", "invitations": "invitation",
}

// world makes records in the practice of a member.
type world struct {
	*testkit.Kit
	user          model.User
	owner, member http.Header
	// word begins every text.
	word string
	made ids
}

// ids are records, one of each noun.
type ids map[string]string

// but is the same with another record of one noun.
func (with ids) but(noun, id string) ids {
	other := ids{noun: id}
	for n, id := range with {
		if n != noun {
			other[n] = id
		}
	}
	return other
}

// newWorld signs the member in, and the owner of the practice.
func newWorld(k *testkit.Kit, u model.User, word string) *world {
	k.T.Helper()
	owner := k.User1
	if u.WorkspaceID == k.Workspace2.ID {
		owner = k.User2
	}
	w := &world{Kit: k, user: u, word: word, member: k.CSRFHeaders(u)}
	if w.owner = w.member; u.ID != owner.ID {
		w.owner = k.CSRFHeaders(owner)
	}
	return w
}

// own makes a record of each noun in the member's practice.
func own(k *testkit.Kit, u model.User) ids {
	k.T.Helper()
	return newWorld(k, u, "Own").all()
}

// all makes a fresh record of each noun.
func (w *world) all() ids {
	w.T.Helper()
	w.made = ids{}
	for noun := range makers() {
		w.id(noun)
	}
	return w.made
}

// fresh makes the records that a use of the route needs, all new.
func (w *world) fresh(r api.Route) ids {
	w.T.Helper()
	w.made = ids{}
	for _, noun := range append(pathNouns(r), calls[name(r)].refs()...) {
		w.id(noun)
	}
	return w.made
}

// id is the record of a noun; it is made when it is asked for first.
func (w *world) id(noun string) string {
	w.T.Helper()
	if w.made[noun] == "" {
		make := makers()[noun]
		if make == nil {
			w.T.Fatalf("the noun %q has no maker", noun)
		}
		w.made[noun] = make(w)
	}
	return w.made[noun]
}

// post sends a change that must work, and returns what is answered.
func (w *world) post(header http.Header, path string, body any) map[string]any {
	w.T.Helper()
	res := w.Do(http.MethodPost, path, header, resolve(w.Kit, body, w.made))
	if res.Status/100 != 2 {
		w.T.Fatalf("making a record: POST %s: %d %s", path, res.Status, res.Body)
	}
	return res.Map(w.Kit)
}

// random is a record of each noun that nobody has.
func random() ids {
	with := ids{}
	for noun := range makers() {
		with[noun] = uuid.NewString()
	}
	return with
}

func makeClient(w *world) string {
	phone := "+972500111123"
	if w.word == canary {
		phone = "+972500987123"
	}
	return w.AddClient(w.user.WorkspaceID, model.Client{
		Contact: model.Contact{
			FirstName: model.Text(w.word), LastName: model.Text(w.word + " last"), Email: model.Text(strings.ToLower(w.word) + "@example.com"),
			Address: model.Text(w.word + " street"), EmergencyName: model.Text(w.word + " kin"), Tags: []model.Text{model.Text(w.word)},
			Phone: model.Text(phone), EmergencyPhone: model.Text(phone + "4"), DateOfBirth: "1971-07-17",
		},
		History: model.History{MedicalHistory: model.Text(w.word + " history"), Notes: model.Text(w.word + " notes")},
	}).ID.String()
}

func makeConsent(w *world) string {
	return w.post(w.owner, "/clients/"+w.id("client")+"/consents", fields{
		"kind": "data", "text_version": w.word, "text": w.word + " consent",
	})["id"].(string)
}

// makePractitioner is the member, or the owner when he sees no clients.
func makePractitioner(w *world) string {
	if w.user.Role == model.Assistant {
		return w.User1.ID.String()
	}
	return w.user.ID.String()
}

func makeService(w *world) string {
	return w.AddService(w.user.WorkspaceID, model.Service{
		Name: model.Text(w.word + " " + uuid.NewString()), Description: model.Text(w.word + " description"), Minutes: 60, BufferAfter: 10,
	}).ID.String()
}

func makeLocation(w *world) string {
	return w.AddLocation(w.user.WorkspaceID, model.Location{
		Name: model.Text(w.word + " " + uuid.NewString()), Address: model.Text(w.word + " road"), Details: model.Text(w.word + " door"),
		Type: "clinic", Exclusive: true,
	}).ID.String()
}

func makeAppointment(w *world) string {
	return w.post(w.owner, "/appointments", fields{
		"client_id": w.id("client"), "practitioner_id": w.id("practitioner"), "service_id": w.id("service"), "location_id": w.id("location"),
		"starts_at": soon(0), "location_details": w.word + " room", "notes": w.word + " booking", "payment_notes": w.word + " payment",
	})["id"].(string)
}

func makeDeletedAppointment(w *world) string {
	id := makeAppointment(w)
	w.Do(http.MethodDelete, "/appointments/"+id, w.owner, fields{"reason": w.word + " deleted"}).Want(w.Kit, 204)
	return id
}

// ref stands in bodies and queries for the id of a record of that noun.
type ref string

// soon stands for a time at which nobody is busy yet, so long after its begin.
type soon time.Duration

// resolve puts ids and times into a body.
func resolve(k *testkit.Kit, body any, with ids) any {
	k.T.Helper()
	switch v := body.(type) {
	case ref:
		return with[string(v)]
	case soon:
		return free(k).Add(time.Duration(v)).Format(time.RFC3339)
	case fields:
		out := fields{}
		for n, inner := range v {
			out[n] = resolve(k, inner, with)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = resolve(k, out[i], with)
		}
		return out
	}
	return body
}

// free is a day after the last appointment that there is, or after now.
func free(k *testkit.Kit) time.Time {
	k.T.Helper()
	q := "select coalesce(max(extract(epoch from blocks_to))::bigint, 0) from appointments"
	if k.Engine == "sqlite" {
		q = "select coalesce(max(blocks_to) / 1000000, 0) from appointments"
	}
	last := time.Unix(int64(k.DB.Count(q)), 0).UTC()
	if now := k.Clock.Now().Truncate(time.Second); last.Before(now) {
		last = now
	}
	return last.Add(24 * time.Hour)
}

// refsIn lists the nouns that a body or query names, and in which fields.
func refsIn(body any) map[string]string {
	found := map[string]string{}
	for field, v := range asFields(body) {
		switch v := v.(type) {
		case ref:
			found[field] = string(v)
		case fields:
			for inner, noun := range refsIn(v) {
				found[inner] = noun
			}
		}
	}
	return found
}

func asFields(v any) fields {
	f, _ := v.(fields)
	return f
}

// refs are the nouns that the body and the query of a call name.
func (c call) refs() (all []string) {
	for _, v := range []fields{asFields(c.body), c.query} {
		for _, noun := range refsIn(v) {
			all = append(all, noun)
		}
	}
	return all
}

// pathNouns are the nouns of a path's parameters, in their order.
func pathNouns(r api.Route) (all []string) {
	for _, m := range parameter.FindAllStringSubmatch(r.Path, -1) {
		all = append(all, nounOf(r, m[1]))
	}
	return all
}

// nounOf is the noun that a parameter of a path stands for.
func nounOf(r api.Route, param string) string {
	if param != "id" {
		return strings.TrimSuffix(param, "_id")
	}
	if of := calls[name(r)].of; of != "" {
		return of
	}
	segment, _, _ := strings.Cut(strings.TrimPrefix(r.Path, api.Base+"/"), "/")
	return segments[segment]
}

// fill puts ids into the path of a route.
func fill(r api.Route, with ids) string {
	return parameter.ReplaceAllStringFunc(r.Path, func(p string) string { return with[nounOf(r, strings.Trim(p, "{}"))] })
}

// search is the query of a call.
func search(k *testkit.Kit, c call, with ids) string {
	k.T.Helper()
	if len(c.query) == 0 {
		return ""
	}
	q := url.Values{}
	for n, v := range resolve(k, c.query, with).(fields) {
		switch v := v.(type) {
		case string:
			q.Set(n, v)
		case int:
			q.Set(n, strconv.Itoa(v))
		default:
			k.T.Fatalf("query parameter %s is %T", n, v)
		}
	}
	return "?" + q.Encode()
}

// Every id that a body or a query can name is in the row of its route, or the
// test of foreign ids would overlook it.
func TestEveryIDThatARouteReadsIsInItsCall(t *testing.T) {
	t.Parallel()
	k := testkit.Bare(t, "sqlite")
	c := k.Contract()
	for _, r := range members(k) {
		row := calls[name(r)]
		for field := range properties(c, r) {
			if strings.HasSuffix(field, "_id") && refsIn(row.body)[field] == "" {
				t.Errorf("%s reads %s, which its row in calls does not name", name(r), field)
			}
		}
		for _, p := range asList(c.At("paths", r.Path, strings.ToLower(r.Method))["parameters"]) {
			p := p.(fields)
			if field := p["name"].(string); p["in"] == "query" && strings.HasSuffix(field, "_id") && refsIn(row.query)[field] == "" {
				t.Errorf("%s reads the query parameter %s, which its row in calls does not name", name(r), field)
			}
		}
	}
}

// properties are the documented fields of the JSON that a route reads.
func properties(c *testkit.Contract, r api.Route) fields {
	schema := c.At("paths", r.Path, strings.ToLower(r.Method), "requestBody", "content", "application/json", "schema")
	to, _ := schema["$ref"].(string)
	return c.At("components", "schemas", strings.TrimPrefix(to, "#/components/schemas/"), "properties")
}
