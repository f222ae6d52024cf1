package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/api"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// canary is in every text of the other practice's client.
const canary = "Qkanaryz"

// otherPractice makes a record of each noun in workspace 2, with the canary in
// every text.
func otherPractice(k *testkit.Kit) ids {
	k.T.Helper()
	w := newWorld(k, k.User2, canary)
	k.Do(http.MethodPut, "/workspace", w.owner, fields{"name": canary + " practice"}).Want(k, 200)
	theirs := w.all()
	again := fields{
		"client_id": theirs["client"], "starts_at": soon(-24 * time.Hour), "ends_at": soon(-23 * time.Hour), "override": true, "reason": canary + " squeezed in",
	}
	w.post(w.owner, "/appointments", again)
	over := w.post(w.owner, "/appointments", again)["id"].(string)
	k.Do(http.MethodPut, "/appointments/"+over, w.owner, fields{"status": "cancelled", "cancel_reason": canary + " flu", "version": 1}).Want(k, 200)
	return theirs
}

// telling are the words that only the other practice's people may read, and
// the ids of its records.
func telling(k *testkit.Kit, theirs ids) (words, records []string) {
	words = []string{canary, strings.ToLower(canary), "0987123", "user-2@example.com", "Test User 2", "Jane", "Roe"}
	records = []string{k.Workspace2.ID.String(), k.User2.ID.String(), k.Client2.ID.String()}
	for _, id := range theirs {
		records = append(records, id)
	}
	return words, records
}

func wantNoneOf(t *testing.T, where string, text []byte, words []string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(string(text), w) {
			t.Errorf("%s holds %q", where, w)
		}
	}
}

func TestForeignRecordsAreMissingRecords_ASVS_8_2_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		theirs, w := otherPractice(k), newWorld(k, k.User1, "Own")
		before := k.Snapshot(k.Workspace2.ID)
		tried := 0
		for _, r := range members(k) {
			nouns := pathNouns(r)
			if len(nouns) == 0 {
				continue
			}
			mine := w.fresh(r)
			c := calls[name(r)]
			missing := send(k, r, random(), w.member, resolve(k, c.body, mine)).WantCode(k, 404, "not_found")
			for _, with := range mixtures(nouns, mine, theirs) {
				for _, body := range bodiesFor(c) {
					tried++
					if res := send(k, r, with, w.member, resolve(k, body, mine)); !res.SameBut(missing) {
						t.Errorf("%s with %v and %v: %d %s, a random id: %d %s", name(r), with, body, res.Status, res.Body, missing.Status, missing.Body)
					}
				}
			}
		}
		if tried < 20 {
			t.Fatalf("only %d requests", tried)
		}
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Fatal("the other practice was changed")
		}
	})
}

// mixtures are all ways to choose a record for each noun of which at least one
// is not mine.
func mixtures(nouns []string, mine, theirs ids) []ids {
	all := []ids{mine}
	for _, noun := range nouns {
		for _, with := range all {
			all = append(all, with.but(noun, theirs[noun]), with.but(noun, uuid.NewString()))
		}
	}
	return all[1:]
}

// bodiesFor are a good body and bad ones: the id is judged before the body.
func bodiesFor(c call) []any {
	if c.body == nil {
		return []any{nil}
	}
	return []any{c.body, "{", `{"unknown_member":1}`, "[]"}
}

// An id of another practice in a body or a query is answered exactly as an id
// that nobody has.
func TestForeignIDsInBodiesAreMissingIDs(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		theirs, w := otherPractice(k), newWorld(k, k.User1, "Own")
		words, records := telling(k, theirs)
		before := k.Snapshot(k.Workspace2.ID)
		for _, r := range members(k) {
			c := calls[name(r)]
			for field, noun := range refsIn(c.body) {
				mine := w.fresh(r)
				body := resolve(k, c.body, mine)
				kept := k.SnapshotWithoutTrail(k.Workspace1.ID)
				missing := send(k, r, mine, w.member, replaced(body, field, uuid.NewString()))
				foreign := send(k, r, mine, w.member, replaced(body, field, theirs[noun]))
				if missing.Status/100 != 4 || !foreign.SameBut(missing) {
					t.Errorf("%s with a foreign %s: %d %s, a random one: %d %s", name(r), field, foreign.Status, foreign.Body, missing.Status, missing.Body)
				}
				wantNoneOf(t, name(r), foreign.Body, append(words, records...))
				if k.SnapshotWithoutTrail(k.Workspace1.ID) != kept {
					t.Errorf("%s with a foreign %s changed something", name(r), field)
				}
			}
			for field, noun := range refsIn(c.query) {
				mine := w.fresh(r)
				missing := send(k, r, mine.but(noun, uuid.NewString()), w.member, c.body)
				if foreign := send(k, r, mine.but(noun, theirs[noun]), w.member, c.body); !foreign.SameBut(missing) {
					t.Errorf("%s?%s: foreign: %d %s, random: %d %s", name(r), field, foreign.Status, foreign.Body, missing.Status, missing.Body)
				}
			}
		}
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Fatal("the other practice was changed")
		}
	})
}

// replaced is a body with another value of one field.
func replaced(body any, field string, value any) any {
	out := fields{}
	for n, v := range asFields(body) {
		if inner, ok := v.(fields); ok {
			v = replaced(inner, field, value)
		}
		if n == field {
			v = value
		}
		out[n] = v
	}
	return out
}

// wantReadable fails the test unless the other practice itself reads its words
// wherever there are any: what is not there could not leak.
func wantReadable(k *testkit.Kit, theirs ids) {
	k.T.Helper()
	header, holding := k.AuthHeaders(k.User2), 0
	for _, r := range members(k) {
		if r.Method == http.MethodGet && strings.Contains(string(send(k, r, theirs, header, nil).Body), canary) {
			holding++
		}
	}
	if holding < 15 {
		k.T.Fatalf("only %d answers hold the other practice's words", holding)
	}
}

func TestNoWordOfAnotherPracticeIsAnswered(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		theirs := otherPractice(k)
		words, records := telling(k, theirs)
		all := append(words, records...)
		wantReadable(k, theirs)
		w := newWorld(k, k.User1, "Own")
		header := w.member
		before := k.Snapshot(k.Workspace2.ID)
		for _, r := range members(k) {
			for _, with := range []ids{theirs, w.fresh(r)} {
				res := send(k, r, with, header, calls[name(r)].body)
				if strings.HasPrefix(r.Path, api.Base+"/audit") {
					// The own trail names what was asked for in vain, and a short word may stand in a hash.
					wantNoneOf(t, name(r), res.Body, slices.DeleteFunc(slices.Clone(words), func(w string) bool { return len(w) < 6 }))
					continue
				}
				wantNoneOf(t, name(r), res.Body, all)
				for n, v := range res.Header {
					wantNoneOf(t, name(r)+" header "+n, []byte(strings.Join(v, "\n")), all)
				}
			}
		}
		for _, q := range []string{
			"q=" + canary, "q=0987123", "q=" + url.QueryEscape(strings.ToLower(canary)+"@example.com"), "status=all", "status=archived",
			"cursor=" + theirs["client"], "include=appointments", "limit=100&cursor=" + theirs["client"], "workspace_id=" + k.Workspace2.ID.String(),
		} {
			wantNoneOf(t, "/clients?"+q, k.Get("/clients?"+q, header).Body, all)
		}
		like := k.Do(http.MethodPost, "/clients/duplicates", header, fields{
			"first_name": canary, "last_name": canary + " last", "email": strings.ToLower(canary) + "@example.com", "except": theirs["client"],
		}).Want(k, 200)
		if string(like.Body) != "[]\n" {
			t.Errorf("duplicates: %s", like.Body)
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), words) // ids may be logged
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Fatal("the other practice was changed")
		}
	})
}

func TestWorkspaceCannotBeChosenByTheCaller_ASVS_15_3_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		otherPractice(k)
		plain, foreign := k.CSRFHeaders(k.User1), k.Workspace2.ID.String()
		before := k.Snapshot(k.Workspace2.ID)
		chosen := plain.Clone()
		for _, h := range []string{"X-Workspace-Id", "X-Workspace", "X-Tenant-Id", "Workspace-Id"} {
			chosen.Set(h, foreign)
		}
		for _, path := range []string{"/workspace", "/clients", "/clients/" + k.Client1.ID.String()} {
			want := k.Get(path, plain).Want(k, 200)
			for _, got := range []*testkit.Response{
				k.Get(path, chosen), k.Get(path+"?workspace_id="+foreign+"&workspace="+foreign, plain),
			} {
				if !got.SameBut(want) {
					t.Errorf("%s: %d %s", path, got.Status, got.Body)
				}
			}
		}
		made := k.Do(http.MethodPost, "/clients?workspace_id="+foreign, chosen, fields{"first_name": "A", "last_name": "B"}).Want(k, 201).Map(k)
		if made["workspace_id"] != k.Workspace1.ID.String() {
			t.Errorf("made in %v", made["workspace_id"])
		}
		w := newWorld(k, k.User1, "Own")
		for _, r := range members(k) {
			good, ok := calls[name(r)].body.(fields)
			if !ok {
				continue
			}
			mine := w.fresh(r)
			for _, n := range []string{"workspace_id", "workspace", "id", "user_id", "role"} {
				if _, known := good[n]; known {
					continue // such as the role that an invitation gives
				}
				body := fields{n: foreign}
				for f, v := range good {
					body[f] = v
				}
				res := send(k, r, mine, w.member, body).WantCode(k, 422, "invalid")
				if !strings.Contains(string(res.Body), "unknown_field") {
					t.Errorf("%s with %s: %s", name(r), n, res.Body)
				}
			}
		}
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Fatal("the other practice was changed")
		}
	})
}

// Two practices may have records with the same id, and neither reaches the
// other's.
func TestTheSameIDInTwoPractices(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := newWorld(k, k.User1, "Own")
		for _, r := range members(k) {
			if len(pathNouns(r)) == 0 || pathNouns(r)[0] == "member" { // a person is in one practice: TestOnePersonIsInOneWorkspaceUnderOneAddress
				continue
			}
			mine := w.fresh(r)
			twins := 0
			for _, noun := range pathNouns(r) {
				twins += double(k, tableOf(noun), mine[noun])
			}
			if twins == 0 {
				t.Fatalf("%s: no record of the other practice has the same id", name(r))
			}
			before := k.Snapshot(k.Workspace2.ID)
			send(k, r, mine, w.member, calls[name(r)].body).Want(k, calls[name(r)].want)
			if k.Snapshot(k.Workspace2.ID) != before {
				t.Errorf("%s changed the record of the other practice", name(r))
			}
		}
	})
}

// tables hold the records of the nouns, by the last word of their names.
var tables = map[string]string{
	"client": "clients", "consent": "consents", "service": "services", "location": "locations", "appointment": "appointments",
	"session": "sessions", "note": "sessions", "template": "note_templates", "feed": "calendar_feeds", "series": "appointment_series",
	"invitation": "invitations",
}

func tableOf(noun string) string { return tables[noun[strings.LastIndex(noun, "_")+1:]] }

// double puts a copy of a record of workspace 1 into workspace 2, under the same
// id; it returns how many it put there.
func double(k *testkit.Kit, table, id string) int {
	k.T.Helper()
	q := "select column_name from information_schema.columns where table_name = $1 and table_schema = current_schema()"
	if k.Engine == "sqlite" {
		q = "select name from pragma_table_info($1)"
	}
	values := map[string]string{
		"workspace_id": k.Workspace2.ID.String(), "client_id": k.Client2.ID.String(), "practitioner_id": k.User2.ID.String(),
		"author_id": k.User2.ID.String(), "user_id": k.User2.ID.String(), "created_by": k.User2.ID.String(), "invited_by": k.User2.ID.String(),
	}
	var into, from []string
	for _, row := range k.DB.Rows(q, table) {
		column := row[0]
		into = append(into, column)
		switch value := values[column]; {
		case value != "":
			from = append(from, "'"+value+"'")
		case column != "id" && strings.HasSuffix(column, "_id"):
			from = append(from, "null")
		case column == "token_hash": // nobody else may have the same secret
			from = append(from, map[string]string{"sqlite": "randomblob(32)", "postgres": "sha256(token_hash)"}[k.Engine])
		case column == "noted":
			from = append(from, "false")
		default:
			from = append(from, column)
		}
	}
	if len(into) == 0 {
		k.T.Fatalf("the noun has no table %q", table)
	}
	n := k.DB.Count("select count(*) from "+table+" where id = $1", id)
	testkit.NoErr(k.T, k.DB.Exec("insert into "+table+" ("+strings.Join(into, ", ")+") select "+strings.Join(from, ", ")+
		" from "+table+" where workspace_id = '"+k.Workspace1.ID.String()+"' and id = '"+id+"'"))
	return k.DB.Count("select count(*) from "+table+" where id = $1", id) - n
}

// A cursor is an id, and must not tell whether another practice has it.
func TestForeignCursorIsARandomCursor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.AuthHeaders(k.User1)
		theirs, none := k.Get("/clients?cursor="+k.Client2.ID.String(), header), k.Get("/clients?cursor="+uuid.NewString(), header)
		if !theirs.SameBut(none) {
			t.Fatalf("%d %s and %d %s", theirs.Status, theirs.Body, none.Status, none.Body)
		}
	})
}

func TestASpoiledTokenOpensNoOtherPractice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mine, theirs := k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User2)
		mixed := mine.Clone() // my session, their pair
		mixed.Set("X-CSRF-Token", theirs.Get("X-CSRF-Token"))
		r := api.Route{Method: http.MethodPut, Path: api.Base + "/workspace"}
		before := k.Snapshot(k.Workspace2.ID)
		send(k, r, nil, mixed, fields{"name": "Taken"}).WantCode(k, 403, "csrf")
		mixed.Set("Cookie", mine.Get("Cookie")+"; "+theirs.Get("Cookie"))
		send(k, r, nil, mixed, fields{"name": "Taken"}).WantCode(k, 401, "unauthenticated")
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Fatal("the other practice was changed")
		}
	})
}
