package api_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/audit"
	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// chainOf is the whole chain of a practice, from the database.
func chainOf(k *testkit.Kit, u model.User) (all []audit.Event) {
	k.T.Helper()
	for e, err := range k.Store.Events(k.T.Context(), u.WorkspaceID) {
		testkit.NoErr(k.T, err)
		all = append(all, e)
	}
	return all
}

// lived is a practice in which some things happened, on several days.
func lived(k *testkit.Kit) *world {
	k.T.Helper()
	w := newWorld(k, k.User1, "Own")
	w.made = ids{}
	note := w.id("signed_note")
	w.id("appointment")
	for range 3 {
		k.Clock.Advance(13 * time.Hour)
		w.member, w.owner = k.CSRFHeaders(k.User1), k.CSRFHeaders(k.User1)
		assistant, colleague := k.AuthHeaders(k.Assistant1), k.AuthHeaders(k.Practitioner1)
		k.Get("/clients/"+w.id("client"), assistant).Want(k, 200)
		k.Get("/sessions/"+note, assistant).Want(k, 403)
		k.Get("/clients/"+testkit.ID(2, 999).String(), colleague).Want(k, 404)
		k.Get("/clients", colleague).Want(k, 200)
		k.Do(http.MethodDelete, "/sessions/"+note, w.member, fields{"reason": "A slip"}).Want(k, 409)
	}
	return w
}

// pages reads a list to its end.
func pages(k *testkit.Kit, path string, header http.Header) (all []map[string]any, n int) {
	k.T.Helper()
	for path != "" {
		res := k.Get(path, header).Want(k, 200)
		all = append(all, res.List(k)...)
		n++
		link, _, _ := strings.Cut(strings.TrimPrefix(res.Header.Get("Link"), "<"), ">")
		path = strings.TrimPrefix(link, "/api/v1")
	}
	return all, n
}

func numbers(all []map[string]any) (got []int64) {
	for _, e := range all {
		got = append(got, int64(e["number"].(float64)))
	}
	return got
}

func TestAuditTrailIsShownTheLatestFirst(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := lived(k)
		chain := chainOf(k, k.User1)
		all, n := pages(k, "/audit?limit=7", w.owner)
		got := numbers(all)
		if !slices.IsSortedFunc(got, func(a, b int64) int { return int(b - a) }) || len(got) != len(chain) || got[len(got)-1] != 1 {
			t.Fatalf("%d entries of %d: %v", len(got), len(chain), got)
		}
		if again := chainOf(k, k.User1)[len(chain):]; len(again) != n || slices.ContainsFunc(again, func(e audit.Event) bool { return e.Action != "audit.list" || e.Outcome != "ok" }) {
			t.Errorf("%d pages left %v in the trail", n, again)
		}
		for i, e := range all {
			is := chain[len(chain)-1-i]
			if e["action"] != is.Action || e["outcome"] != is.Outcome || e["at"] != is.At.Format(time.RFC3339Nano) || int64(e["records"].(float64)) != is.Count {
				t.Errorf("%v is shown as %v", is, e)
			}
		}
	})
}

func TestAuditTrailNamesPeopleAsTheyAreCalledToday(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := lived(k)
		seen := map[string]bool{}
		all, _ := pages(k, "/audit", w.owner)
		for _, e := range all {
			actor, _ := e["actor"].(map[string]any)
			client, _ := e["client"].(map[string]any)
			seen[fmt.Sprint(e["action"], " ", e["outcome"], " by ", actor["name"], " of ", client["name"])] = true
		}
		for _, want := range []string{
			"client.view ok by " + string(k.Assistant1.FullName) + " of Own Own last",
			"session.sign ok by " + string(k.User1.FullName) + " of Own Own last",
			"appointment.book ok by " + string(k.User1.FullName) + " of Own Own last",
			"client.view missing by " + string(k.Practitioner1.FullName) + " of <nil>",
			"client.list ok by " + string(k.Practitioner1.FullName) + " of <nil>",
			"workspace.create ok by <nil> of <nil>",
		} {
			if !seen[want] {
				t.Errorf("nothing says %q", want)
			}
		}
		for _, r := range k.DB.Rows("select action, actor_kind, outcome from audit_events") {
			if strings.Contains(strings.Join(r, " "), "Own") {
				t.Errorf("a name is in the chain: %v", r)
			}
		}
	})
}

// The filters are compared with a plain loop over the chain.
func TestAuditFiltersShowExactlyWhatTheyName(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := lived(k)
		chain := chainOf(k, k.User1)
		mid := chain[len(chain)/2].At
		day := k.Clock.Now().In(time.FixedZone("", 2*60*60)).Format(time.DateOnly)
		midnight, err := time.Parse(time.RFC3339, day+"T00:00:00+02:00")
		testkit.NoErr(t, err)
		family := func(e audit.Event) bool { return strings.HasPrefix(e.Action, "session.") }
		looked := func(e audit.Event) bool { return slices.Contains(model.LookNames(), e.Action) }
		for query, keep := range map[string]func(audit.Event) bool{
			"actor_id=" + k.Assistant1.ID.String(): func(e audit.Event) bool { return e.ActorID == k.Assistant1.ID },
			"actor_kind=operator":                  func(e audit.Event) bool { return e.ActorKind == audit.Operator },
			"actor_kind=system":                    func(e audit.Event) bool { return e.ActorKind == audit.System },
			"action=client.view":                   func(e audit.Event) bool { return e.Action == "client.view" },
			"action=session":                       family,
			"action=sign_in":                       func(e audit.Event) bool { return e.Action == "sign_in" || strings.HasPrefix(e.Action, "sign_in.") },
			"kind=changes":                         func(e audit.Event) bool { return !looked(e) },
			"kind=looks":                           looked,
			"kind=looks&limit=2":                   looked,
			"kind=changes&action=session&limit=2":  func(e audit.Event) bool { return family(e) && !looked(e) },
			"kind=looks&action=session.sign":       func(audit.Event) bool { return false },
			"kind=changes&outcome=not_ok&actor_id=" + k.Practitioner1.ID.String(): func(e audit.Event) bool {
				return !looked(e) && e.Outcome != audit.OK && e.ActorID == k.Practitioner1.ID
			},
			"action=nothing.like_it": func(audit.Event) bool { return false },
			"subject_id=" + w.made["client"]: func(e audit.Event) bool {
				return e.SubjectID.String() == w.made["client"] && (e.Outcome != audit.OK || e.Count > 0)
			},
			"subject_id=" + testkit.ID(2, 999).String(): func(audit.Event) bool { return false }, // asked for, but never here
			"outcome=ok":                             func(e audit.Event) bool { return e.Outcome == audit.OK },
			"outcome=not_ok":                         func(e audit.Event) bool { return e.Outcome != audit.OK },
			"outcome=denied":                         func(e audit.Event) bool { return e.Outcome == audit.Denied },
			"outcome=missing":                        func(e audit.Event) bool { return e.Outcome == audit.Missing },
			"outcome=refused":                        func(e audit.Event) bool { return e.Outcome == audit.Refused },
			"from=" + mid.Format(time.RFC3339Nano):   func(e audit.Event) bool { return !e.At.Before(mid) },
			"to=" + mid.Format(time.RFC3339Nano):     func(e audit.Event) bool { return e.At.Before(mid) },
			"start_date=" + day + "&end_date=" + day: func(e audit.Event) bool { return !e.At.Before(midnight) && e.At.Before(midnight.AddDate(0, 0, 1)) },
			"action=session&outcome=not_ok":          func(e audit.Event) bool { return family(e) && e.Outcome != audit.OK },
			"action=session&limit=2":                 family,
			"outcome=denied&limit=1&actor_id=" + k.Assistant1.ID.String(): func(e audit.Event) bool { return e.Outcome == audit.Denied && e.ActorID == k.Assistant1.ID },
			"action=client&limit=3&to=" + mid.Format(time.RFC3339Nano):    func(e audit.Event) bool { return strings.HasPrefix(e.Action, "client.") && e.At.Before(mid) },
			"outcome=refused&limit=1&subject_id=" + w.made["signed_note"]: func(e audit.Event) bool {
				return e.Outcome == audit.Refused && e.SubjectID.String() == w.made["signed_note"]
			},
			"actor_id=" + k.User2.ID.String() + "&outcome=not_ok&action=client": func(audit.Event) bool { return false },
		} {
			var want []int64
			for _, e := range slices.Backward(chain) {
				if keep(e) {
					want = append(want, e.Seq)
				}
			}
			all, _ := pages(k, "/audit?"+query, w.owner)
			got := slices.DeleteFunc(numbers(all), func(n int64) bool { return n > int64(len(chain)) }) // the looks of this test
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", query, got, want)
			}
		}
	})
}

func TestAuditFiltersThatAreWrongAreNamed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.AuthHeaders(k.User1)
		for query, want := range map[string]string{
			"actor_id=Zq7": "actor_id", "actor_kind=person": "actor_kind", "action=Zq7": "action", "action=a'b": "action", "subject_id=Zq7": "subject_id",
			"outcome=Zq7": "outcome", "from=Zq7": "from", "end_date=Zq7": "end_date", "start_date=2026-02-03&end_date=2026-02-01": "end_date", "limit=0": "limit", "limit=101": "limit",
			"cursor=Zq7": "cursor", "cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": "cursor",
			"cursor=f_________8AAAAAAAAAAQ": "cursor", "cursor=gAAAAAAAAAAAAAAAAAAAAQ": "cursor", // in the years 294247 and -290308
		} {
			res := k.Get("/audit?"+query, h)
			if res.Status != 422 && res.Status != 400 || !bytes.Contains(res.Body, []byte(want)) || bytes.Contains(res.Body, []byte("Zq7")) {
				t.Errorf("%s: %d %s", query, res.Status, res.Body)
			}
		}
	})
}

func TestAccessReceiptTellsWhoOpenedARecord(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := lived(k)
		client := w.made["client"]
		k.Get("/clients/"+client+"/timeline", k.AuthHeaders(k.Practitioner1)).Want(k, 200)
		k.Get("/sessions/"+w.made["signed_note"], w.owner).Want(k, 200)
		k.Get("/appointments/"+w.id("appointment"), k.AuthHeaders(k.Assistant1)).Want(k, 200)
		k.Get("/clients/export", w.owner).Want(k, 200)
		k.Get("/clients/"+k.Client1.ID.String(), k.AuthHeaders(k.Assistant1)).Want(k, 200)
		about := map[string]bool{client: true}
		for _, q := range []string{"select id from appointments where client_id = $1", "select id from sessions where client_id = $1"} {
			for _, r := range k.DB.Rows(q, client) {
				about[r[0]] = true
			}
		}
		var want []int64
		for _, e := range slices.Backward(chainOf(k, k.User1)) {
			if about[e.SubjectID.String()] || e.Action == "client.export" {
				want = append(want, e.Seq)
			}
		}
		all, n := pages(k, "/clients/"+client+"/access?limit=4", w.owner)
		last := chainOf(k, k.User1)
		got := slices.DeleteFunc(numbers(all), func(s int64) bool { return last[s-1].Action == "audit.access" })
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		looks := k.DB.Count("select count(*) from audit_events where action = 'audit.access' and subject_id = $1", client)
		if looks != n {
			t.Errorf("%d pages, %d of them in the trail", n, looks)
		}
		seen := map[string]bool{}
		for _, e := range all {
			seen[fmt.Sprint(e["action"], " ", e["outcome"])] = true
		}
		for _, action := range []string{"timeline.view ok", "session.view ok", "appointment.view ok", "client.view ok", "client.export ok", "session.delete refused"} {
			if !seen[action] {
				t.Errorf("%s is not in the receipt", action)
			}
		}
	})
}

func TestAccessReceiptIsAFileWithoutFormulas_ASVS_1_2_10(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		spy := k.Assistant1
		k.Do(http.MethodPut, "/auth/me", k.CSRFHeaders(spy), fields{"full_name": "=cmd|calc"}).Want(k, 200)
		path := "/clients/" + k.Client1.ID.String()
		k.Get(path, k.AuthHeaders(spy)).Want(k, 200)
		res := k.Get(path+"/access/export", k.AuthHeaders(k.User1)).Want(k, 200)
		text := string(res.Body)
		if ct := res.Header.Get("Content-Type"); ct != "text/csv; charset=utf-8" || !strings.HasPrefix(text, "\ufeffnumber,at,name,") {
			t.Errorf("%s %q", ct, text)
		}
		if !strings.Contains(text, ",'=cmd|calc,person,"+spy.ID.String()+",client.view,ok,"+k.Client1.ID.String()) {
			t.Errorf("the receipt is %s", text)
		}
		k.Get("/clients/"+k.Client2.ID.String()+"/access/export", k.AuthHeaders(k.User1)).WantCode(k, 404, "not_found")
	})
}

func TestAuditExportIsTheChainThatVerifies(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := lived(k)
		res := k.Get("/audit/export", w.owner).Want(k, 200)
		if ct, as := res.Header.Get("Content-Type"), res.Header.Get("Content-Disposition"); ct != "application/x-ndjson" || !strings.HasPrefix(as, `attachment; filename="audit-chain-2026-02-0`) {
			t.Errorf("%s %s", ct, as)
		}
		chain := chainOf(k, k.User1)
		if last := chain[len(chain)-1]; last.Action != "audit.export" || last.ActorID != k.User1.ID {
			t.Errorf("the export is not its own last entry: %+v", last)
		}
		var want bytes.Buffer
		testkit.NoErr(t, audit.WriteExport(&want, k.Store.Events(t.Context(), k.Workspace1.ID)))
		if !bytes.Equal(res.Body, want.Bytes()) {
			t.Errorf("%d bytes, the operator's export has %d", len(res.Body), want.Len())
		}
		var signed struct {
			PublicKey   []byte            `json:"public_key"`
			Checkpoints []json.RawMessage `json:"checkpoints"`
		}
		testkit.NoErr(t, json.Unmarshal(k.Get("/audit/checkpoints", w.owner).Want(k, 200).Body, &signed))
		lines := bytes.Join(asBytes(signed.Checkpoints), []byte("\n"))
		again := k.Get("/audit/export", w.owner).Want(k, 200).Body
		head, proved, err := audit.VerifyExport(bytes.NewReader(again), bytes.NewReader(lines), ed25519.PublicKey(signed.PublicKey))
		if err != nil || head.WorkspaceID != k.Workspace1.ID || head.Seq != int64(len(chain))+2 || proved != head.Seq-1 {
			t.Errorf("%+v, %d proved: %v", head, proved, err)
		}
	})
}

func asBytes(all []json.RawMessage) (out [][]byte) {
	for _, m := range all {
		out = append(out, m)
	}
	return out
}

// A look that cannot be written down shows nothing.
func TestAuditIsNotShownWhenTheLookCannotBeAudited(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := lived(k)
		client := w.made["client"]
		testkit.NoErr(t, k.DB.Exec("alter table audit_heads rename to gone"))
		for _, path := range []string{"/audit", "/audit/export", "/audit/checkpoints", "/clients/" + client + "/access", "/clients/" + client + "/access/export"} {
			if res := k.Get(path, w.owner); res.Status != 503 || bytes.Contains(res.Body, []byte("client.view")) {
				t.Errorf("%s: %d %s", path, res.Status, res.Body)
			}
		}
	})
}
