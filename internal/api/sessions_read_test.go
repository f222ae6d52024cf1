package api_test

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

// list asks for notes and returns their ids and the answer.
func (p *pen) list(query string) ([]string, *testkit.Response) {
	p.T.Helper()
	res := p.Ask(http.MethodGet, "/sessions"+query, p.h, nil).Want(p.Kit, 200)
	ids := []string{}
	for _, n := range res.List(p.Kit) {
		ids = append(ids, n["id"].(string))
	}
	return ids, res
}

func (p *pen) wantList(query string, want ...any) {
	p.T.Helper()
	got, res := p.list(query)
	if fmt.Sprintf("%v", got) != fmt.Sprintf("%v", want) {
		p.T.Errorf("%s lists %v, want %v", query, got, want)
	}
	if total := res.Header.Get("X-Total-Count"); total != fmt.Sprint(len(want)) {
		p.T.Errorf("%s: total %s, want %d", query, total, len(want))
	}
}

func TestNoteListNewestVisitFirst(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		p.wantList("")
		old := p.note(obj{"session_date": p.ago(3 * time.Hour), "plan": "Old"})
		recent := p.signed(obj{"session_date": p.ago(time.Hour), "plan": "New"})
		middle := p.note(obj{"session_date": p.ago(2 * time.Hour)})
		p.wantList("", recent["id"], middle["id"], old["id"])
		_, res := p.list("")
		for i, n := range []obj{recent, middle, old} {
			same(k, res.List(k)[i], n) // with what they say
		}
	})
}

func TestNoteListPagesWithEqualDates(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		var want []string
		for i := range 7 {
			want = append(want, p.note(obj{"session_date": p.ago(time.Duration(i/3) * time.Hour)})["id"].(string))
		}
		all, _ := p.list("")
		if len(all) != 7 || !slices.Equal(slices.Sorted(slices.Values(all)), slices.Sorted(slices.Values(want))) {
			t.Fatalf("all are %v", all)
		}
		var walked []string
		for query := "?limit=2"; query != ""; {
			page, res := p.list(query)
			walked = append(walked, page...)
			link := res.Header.Get("Link")
			if query = ""; link != "" {
				query = link[strings.Index(link, "?"):strings.Index(link, ">")]
			}
			if len(walked) == 2 {
				p.note(nil) // what comes before does not move the pages
			}
		}
		if !slices.Equal(walked, all) {
			t.Errorf("walked %v, listed %v", walked, all)
		}
	})
}

func TestNoteListFilters(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p, colleague := writes(k), as(k, k.Practitioner1)
		other := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}}).ID.String()
		v := p.visit(-8*time.Hour, nil)
		draft := p.note(obj{"session_date": p.ago(time.Hour)})
		signed := p.signed(obj{"session_date": p.ago(2 * time.Hour), "plan": "Rest"})
		wrong := p.void(p.signed(obj{"session_date": p.ago(3 * time.Hour), "plan": "Rest"}))
		gone := p.note(obj{"session_date": p.ago(4 * time.Hour)})
		p.remove(gone, nil).Want(k, 204)
		hers := colleague.note(obj{"client_id": other, "session_date": p.ago(5 * time.Hour)})
		about := p.about(v)
		p.wantList("", draft["id"], signed["id"], wrong["id"], hers["id"], about["id"])
		p.wantList("?status=draft", draft["id"], hers["id"], about["id"])
		p.wantList("?status=signed", signed["id"])
		p.wantList("?status=entered_in_error", wrong["id"])
		p.wantList("?deleted=true", gone["id"])
		p.wantList("?deleted=true&status=signed")
		p.wantList("?client_id="+other, hers["id"])
		p.wantList("?client_id="+k.Client1.ID.String()+"&status=draft", draft["id"], about["id"])
		p.wantList("?author_id="+k.Practitioner1.ID.String(), hers["id"])
		p.wantList("?appointment_id="+v["id"].(string), about["id"])
		p.wantList("?appointment_id=" + v["id"].(string) + "&client_id=" + other)
		p.wantList("?client_id=" + k.Client2.ID.String())
		p.wantList("?client_id=20000000-0000-0000-0000-00000000ffff")
	})
}

func TestNoteListRefusesBadQueries(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		for _, query := range []string{"limit=0", "limit=101", "limit=x", "cursor=nonsense", "cursor=MQ", "status=other", "client_id=1", "deleted=perhaps"} {
			k.Ask(http.MethodGet, "/sessions?"+query, p.h, nil).WantCode(k, 422, "invalid")
		}
	})
}

func TestNotesThatAreNotThere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		gone := p.note(obj{"plan": "Rest"})
		p.remove(gone, nil).Want(k, 204)
		theirs := as(k, k.User2).note(obj{"client_id": k.Client2.ID.String(), "plan": "Rest"})
		bodies := map[string]bool{}
		for _, id := range []any{"20000000-0000-0000-0000-00000000ffff", theirs["id"], gone["id"], "00000000-0000-0000-0000-000000000000"} {
			for _, c := range []struct{ method, path string }{
				{"GET", ""}, {"PUT", ""}, {"DELETE", ""}, {"PATCH", "/draft"}, {"POST", "/finalize"}, {"POST", "/amend"}, {"POST", "/copy"},
				{"GET", "/versions"}, {"POST", "/entered-in-error"},
			} {
				for _, body := range []any{obj{"version": 2, "reason": "x", "from_session_id": gone["id"]}, "{", obj{"unknown": 1}, obj{}} {
					res := k.Ask(c.method, fmt.Sprint("/sessions/", id, c.path), p.h, body).WantCode(k, 404, "not_found").Map(k)
					delete(res, "request_id")
					bodies[fmt.Sprint(res)] = true
				}
			}
		}
		k.Ask("POST", fmt.Sprint("/sessions/", theirs["id"], "/restore"), p.h, nil).WantCode(k, 404, "not_found")
		if len(bodies) != 1 {
			t.Errorf("the answers differ: %v", bodies)
		}
	})
}

func TestLatestNote(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		latest := func() *testkit.Response {
			return k.Ask(http.MethodGet, "/clients/"+k.Client1.ID.String()+"/sessions/latest", p.h, nil)
		}
		seen := len(k.Audited(k.Workspace1.ID, model.SessionView))
		latest().WantCode(k, 404, "not_found")
		if got := len(k.Audited(k.Workspace1.ID, model.SessionView)); got != seen {
			t.Errorf("that there is none left %d entries in the trail", got-seen)
		}
		p.note(obj{"plan": "Draft"})
		p.void(p.signed(obj{"plan": "Wrong"}))
		latest().WantCode(k, 404, "not_found")
		newest := p.signed(obj{"session_date": p.ago(time.Hour), "plan": "Newest visit"})
		same(k, latest().Want(k, 200).Map(k), newest)
		if all := k.Audited(k.Workspace1.ID, model.SessionView); all[len(all)-1].Subject != newest["id"] {
			t.Errorf("the look at it left %+v", all[len(all)-1])
		}
		p.signed(obj{"session_date": p.ago(2 * time.Hour), "plan": "Written last"})
		same(k, latest().Want(k, 200).Map(k), newest)
		same(k, latest().Want(k, 200).Map(k), p.read(newest))
		amended := p.amend(newest, obj{"plan": "Amended"})
		same(k, latest().Want(k, 200).Map(k), obj{"plan": "Amended", "version": amended["version"]})
		for _, id := range []string{k.Client2.ID.String(), "20000000-0000-0000-0000-00000000ffff"} {
			k.Ask(http.MethodGet, "/clients/"+id+"/sessions/latest", p.h, nil).WantCode(k, 404, "not_found")
		}
	})
}

func TestNoteKeepsTheFactsOfItsAppointment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		service := k.AddService(k.Workspace1.ID, model.Service{Name: "Massage", Minutes: 50})
		other := k.AddService(k.Workspace1.ID, model.Service{Name: "Physio", Minutes: 50})
		v := p.visit(-3*time.Hour, obj{"service_id": service.ID.String()})
		n := p.note(obj{"appointment_id": v["id"], "plan": "Rest"})
		path, moved := "/appointments/"+v["id"].(string), p.ago(2*time.Hour)
		change := func(body obj) {
			body["version"] = p.calendar(v)["version"]
			k.Ask(http.MethodPut, path, p.h, body).Want(k, 200)
		}
		change(obj{"starts_at": moved, "service_id": other.ID.String()})
		same(k, p.read(n)["appointment"].(obj), obj{"service_name": "Massage", "starts_at": v["starts_at"]})
		n = p.sign(n)
		facts := obj{"service_name": "Physio", "starts_at": moved, "deleted": false, "id": v["id"]}
		same(k, n["appointment"].(obj), facts)
		change(obj{"service_id": service.ID.String()})
		same(k, p.read(n)["appointment"].(obj), facts)
		k.Ask(http.MethodDelete, path, p.h, nil).Want(k, 204)
		facts["deleted"] = true
		same(k, p.read(n)["appointment"].(obj), facts)
		n = p.amend(n, obj{"plan": "More rest"}) // also without its appointment
		same(k, n["appointment"].(obj), facts)
	})
}
