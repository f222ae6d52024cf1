package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pazpaz/internal/api"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// canary is in every text of the other practice's client.
const canary = "Qkanaryz"

// otherPractice fills workspace 2 with canaries.
func otherPractice(k *testkit.Kit) ids {
	k.T.Helper()
	c := k.AddClient(k.Workspace2.ID, model.Client{
		Contact: model.Contact{
			FirstName: canary, LastName: canary + " last", Email: model.Text(strings.ToLower(canary) + "@example.com"),
			Phone: "+972500987123", DateOfBirth: "1971-07-17", Address: canary + " street", EmergencyName: canary + " kin",
			EmergencyPhone: "+972500987124", Tags: []model.Text{canary},
		},
		History: model.History{MedicalHistory: canary + " history", Notes: canary + " notes"},
	})
	header := k.CSRFHeaders(k.User2)
	k.Do(http.MethodPut, "/workspace", header, fields{"name": canary + " practice"}).Want(k, 200)
	consent := k.Do(http.MethodPost, "/clients/"+c.ID.String()+"/consents", header, fields{
		"kind": "data", "text_version": canary, "text": canary + " consent",
	}).Want(k, 201).Map(k)
	return ids{"id": c.ID.String(), "consent_id": consent["id"].(string)}
}

// telling are the words that only the other practice's people may read.
func telling(k *testkit.Kit, theirs ids) []string {
	return []string{
		canary, strings.ToLower(canary), "0987123", "0987124", "1971-07-17", "user-2@example.com", "Test User 2", "Jane", "Roe",
		k.Workspace2.ID.String(), theirs["consent_id"],
	}
}

func wantNoneOf(t *testing.T, where string, text []byte, words []string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(string(text), w) {
			t.Errorf("%s holds %q", where, w)
		}
	}
}

func TestForeignRecordsAreMissingRecords(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		theirs, mine := otherPractice(k), own(k, k.User1)
		header := k.CSRFHeaders(k.User1)
		before := k.Snapshot(k.Workspace2.ID)
		cases := []ids{theirs, {"id": theirs["id"], "consent_id": mine["consent_id"]}, {"id": theirs["id"], "consent_id": uuid.NewString()}}
		withConsent := []ids{{"id": mine["id"], "consent_id": theirs["consent_id"]}, {"id": mine["id"], "consent_id": uuid.NewString()}}
		tried := 0
		for _, r := range members(k) {
			if !strings.Contains(r.Path, "{id}") {
				continue
			}
			missing := send(k, r, random(), header, calls[name(r)].body).WantCode(k, 404, "not_found")
			all := cases
			if strings.Contains(r.Path, "{consent_id}") {
				all = append(all[:len(all):len(all)], withConsent...)
			}
			for _, with := range all {
				for _, body := range bodiesFor(calls[name(r)]) {
					tried++
					if res := send(k, r, with, header, body); !res.SameBut(missing) {
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

// bodiesFor are a good body and bad ones: the id is judged before the body.
func bodiesFor(c call) []any {
	if c.body == nil {
		return []any{nil}
	}
	return []any{c.body, "{", `{"unknown_member":1}`, "[]"}
}

func TestNoWordOfAnotherPracticeIsAnswered(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		theirs := otherPractice(k)
		words := telling(k, theirs)
		k.Get("/clients/"+theirs["id"], k.AuthHeaders(k.User2)).Want(k, 200) // they can be read at all
		header := k.CSRFHeaders(k.User1)
		before := k.Snapshot(k.Workspace2.ID)
		for _, r := range members(k) {
			for _, with := range []ids{theirs, own(k, k.User1)} {
				res := send(k, r, with, header, calls[name(r)].body)
				wantNoneOf(t, name(r), res.Body, words)
				for n, v := range res.Header {
					wantNoneOf(t, name(r)+" header "+n, []byte(strings.Join(v, "\n")), words)
				}
			}
		}
		for _, q := range []string{
			"q=" + canary, "q=0987123", "q=" + url.QueryEscape(strings.ToLower(canary)+"@example.com"), "status=all", "status=archived",
			"cursor=" + theirs["id"], "include=appointments", "limit=100&cursor=" + theirs["id"], "workspace_id=" + k.Workspace2.ID.String(),
		} {
			wantNoneOf(t, "/clients?"+q, k.Get("/clients?"+q, header).Body, words)
		}
		like := k.Do(http.MethodPost, "/clients/duplicates", header, fields{
			"first_name": canary, "last_name": canary + " last", "phone": "+972500987123", "date_of_birth": "1971-07-17",
			"email": strings.ToLower(canary) + "@example.com", "except": theirs["id"],
		}).Want(k, 200)
		if string(like.Body) != "[]\n" {
			t.Errorf("duplicates: %s", like.Body)
		}
		wantNoneOf(t, "the log", []byte(k.Log.String()), words[:len(words)-2]) // ids may be logged
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Fatal("the other practice was changed")
		}
	})
}

func TestWorkspaceCannotBeChosenByTheCaller(t *testing.T) {
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
		for _, r := range members(k) {
			c := calls[name(r)]
			good, ok := c.body.(fields)
			if !ok {
				continue
			}
			for _, n := range []string{"workspace_id", "workspace", "id", "user_id", "role"} {
				body := fields{n: foreign}
				for f, v := range good {
					body[f] = v
				}
				res := send(k, r, own(k, k.User1), plain, body).WantCode(k, 422, "invalid")
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

// Two practices may have clients with the same id, and neither sees the
// other's.
func TestTheSameIDInTwoPractices(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		id := uuid.New()
		k.AddClient(k.Workspace1.ID, model.Client{ID: id, Contact: model.Contact{FirstName: "Mine", LastName: "One"}})
		k.AddClient(k.Workspace2.ID, model.Client{ID: id, Contact: model.Contact{FirstName: "Theirs", LastName: "Two"}})
		before := k.Snapshot(k.Workspace2.ID)
		header := k.CSRFHeaders(k.User1)
		for _, r := range members(k) {
			if strings.HasSuffix(r.Path, "/{id}") || strings.HasSuffix(r.Path, "/restore") {
				res := send(k, r, ids{"id": id.String()}, header, calls[name(r)].body).Want(k, calls[name(r)].want)
				wantNoneOf(t, name(r), res.Body, []string{"Theirs", "Two"})
			}
		}
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Fatal("the other practice was changed")
		}
	})
}

func TestTheSameConsentIDInTwoPractices(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		mine := own(k, k.User1)
		testkit.NoErr(t, k.DB.Exec(`insert into consents select $1, id, $2, kind, wording, given_at, given_by, withdrawn_at, withdrawn_by
			from consents where id = $3`, k.Workspace2.ID.String(), k.Client2.ID.String(), mine["consent_id"]))
		before := k.Snapshot(k.Workspace2.ID)
		header := k.CSRFHeaders(k.User1)
		for range 2 {
			k.Do(http.MethodPost, "/clients/"+mine["id"]+"/consents/"+mine["consent_id"]+"/withdraw", header, nil)
		}
		if n := k.DB.Count("select count(*) from consents where withdrawn_at is not null"); n != 1 {
			t.Fatalf("%d consents are withdrawn, want mine alone", n)
		}
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Fatal("the other practice was changed")
		}
	})
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
