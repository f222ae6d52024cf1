package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// timeline reads all that happened with the first client, page by page.
func (d *desk) timeline(query string, limit int) (all []obj) {
	d.T.Helper()
	path := fmt.Sprintf("/clients/%s/timeline?limit=%d%s", d.Client1.ID, limit, query)
	for range 100 {
		res := d.Ask(http.MethodGet, path, d.header, nil).Want(d.Kit, 200)
		page := res.List(d.Kit)
		if all = append(all, page...); len(page) > limit {
			d.T.Fatalf("a page of %d has %d", limit, len(page))
		}
		next := regexp.MustCompile(`^<([^>]+)>; rel="next"$`).FindStringSubmatch(res.Header.Get("Link"))
		if next == nil {
			return all
		}
		if len(page) != limit {
			d.T.Fatalf("a page of %d has %d, and says there are more", limit, len(page))
		}
		path = next[1]
	}
	d.T.Fatal("the pages never end")
	return nil
}

// life makes visits and notes of the first client, several at the same moment,
// and returns what is to be seen of them: "session <id>", the latest first.
func life(d *desk) []string {
	d.T.Helper()
	type thing struct {
		at   time.Time
		id   uuid.UUID
		kind string
	}
	var all []thing
	for i := range 7 {
		at := d.Clock.Now().Add(-time.Duration(i/2) * 24 * time.Hour)
		who := []model.User{d.User1, d.Practitioner1}[i%2]
		a := d.AddAppointment(d.Workspace1.ID, model.Appointment{ClientID: d.Client1.ID, PractitionerID: who.ID, StartsAt: at})
		all = append(all, thing{at, a.ID, "appointment"})
		made := d.Ask(http.MethodPost, "/sessions", d.header, obj{"client_id": d.Client1.ID.String(), "session_date": at.Format(time.RFC3339), "plan": "Walk"}).Want(d.Kit, 201).Map(d.Kit)
		all = append(all, thing{at, uuid.MustParse(idIn(made)), "session"})
	}
	slices.SortFunc(all, func(a, b thing) int {
		if c := b.at.Compare(a.at); c != 0 {
			return c
		}
		return bytes.Compare(b.id[:], a.id[:])
	})
	var want []string
	for _, t := range all {
		want = append(want, t.kind+" "+t.id.String())
	}
	return want
}

func seen(all []obj) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = fmt.Sprint(one["kind"], " ", one["id"])
	}
	return out
}

// of are those of one kind.
func of(kind string, all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s[:len(kind)] != kind })
}

func TestATimelineIsWalkedOnceHoweverItIsPaged(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		want := life(d)
		for _, limit := range []int{1, 2, 3, 5, 13, 14, 100} {
			if got := seen(d.timeline("", limit)); !slices.Equal(got, want) {
				t.Errorf("%d at a time:\n%v, want\n%v", limit, got, want)
			}
			for _, kind := range []string{"appointment", "session"} {
				if got := seen(d.timeline("&kinds="+kind, limit)); !slices.Equal(got, of(kind, want)) {
					t.Errorf("%s, %d at a time: %v", kind, limit, got)
				}
			}
		}
		if got := seen(d.timeline("&kinds=appointment,session", 50)); !slices.Equal(got, want) {
			t.Errorf("both kinds: %v", got)
		}
		for _, one := range d.timeline("", 50) {
			record, other := one["appointment"], one["session"]
			if one["kind"] == "session" {
				record, other = other, record
			}
			if other != nil || record.(obj)["id"] != one["id"] || record.(obj)["client_id"] != k.Client1.ID.String() {
				t.Errorf("%v holds %v and %v", one["kind"], record, other)
			}
		}
	})
}

func TestATimelineLeavesOutWhatIsDeletedAndOthersClients(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		other := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Someone", LastName: "Else"}})
		d.book(plus(d.visit(time.Hour, time.Hour), obj{"client_id": other.ID.String()}))
		d.Ask(http.MethodPost, "/sessions", d.header, obj{"client_id": other.ID.String()}).Want(k, 201)
		visit, gone := d.book(d.visit(48*time.Hour, time.Hour)), d.book(d.visit(72*time.Hour, time.Hour))
		p := &pen{k, k.User1, d.header}
		draft, trashed, mistaken := p.note(nil), p.note(nil), p.signed(obj{"plan": "Walk"})
		p.void(mistaken)
		d.del(gone)
		p.remove(trashed, nil).Want(k, 204)
		got := seen(d.timeline("", 50))
		slices.Sort(got)
		want := []string{"appointment " + idIn(visit), "session " + idIn(draft), "session " + idIn(mistaken)}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("seen are %v, want %v", got, want)
		}
	})
}

func TestATimelineShowsTheNotesThatOneMayRead(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		owner, assistant, practitioner := deskOf(k, k.User1), deskOf(k, k.Assistant1), deskOf(k, k.Practitioner1)
		want := life(owner)
		own := practitioner.Ask(http.MethodPost, "/sessions", practitioner.header, obj{"client_id": k.Client1.ID.String(), "session_date": "2020-01-01T10:00:00Z"}).Want(k, 201).Map(k)
		all := append(slices.Clone(want), "session "+idIn(own)) // it is the oldest
		visits := of("appointment", want)
		for what, c := range map[string]struct {
			who         *desk
			query       string
			shared, not []string
		}{
			"owner":                      {owner, "", all, all},
			"assistant":                  {assistant, "", visits, visits},
			"assistant who asks for it":  {assistant, "&kinds=session", nil, nil},
			"practitioner":               {practitioner, "", all, append(slices.Clone(visits), "session "+idIn(own))},
			"practitioner's notes alone": {practitioner, "&kinds=session", of("session", all), []string{"session " + idIn(own)}},
		} {
			for shared, want := range map[bool][]string{false: c.not, true: c.shared} {
				owner.setting(obj{"shared_notes": shared})
				if got := seen(c.who.timeline(c.query, 4)); !slices.Equal(got, want) {
					t.Errorf("%s, notes shared %v: %v, want %v", what, shared, got, want)
				}
			}
		}
	})
}

func TestATimelineIsOfOnesOwnClientAndAudited(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		life(d)
		for _, id := range []string{k.Client2.ID.String(), uuid.NewString()} {
			d.Ask(http.MethodGet, "/clients/"+id+"/timeline", d.header, nil).WantCode(k, 404, "not_found")
		}
		path := "/clients/" + k.Client1.ID.String() + "/timeline"
		for query, want := range map[string]string{
			"limit=0": "query.limit invalid", "limit=101": "query.limit invalid", "kinds=file": "query.kinds[0] invalid",
		} {
			if got := wrong(k, d.Ask(http.MethodGet, path+"?"+query, d.header, nil)); !slices.Equal(got, []string{want}) {
				t.Errorf("%s: %v, want %s", query, got, want)
			}
		}
		if res := d.Ask(http.MethodGet, path+"?cursor=AAAA", d.header, nil); res.Status/100 != 4 {
			t.Errorf("a bad cursor answers %d", res.Status)
		}
		d.Ask(http.MethodGet, path+"?limit=3", d.header, nil).Want(k, 200)
		trail := k.Audited(k.Workspace1.ID, model.TimelineView)
		want := testkit.AuditedEvent{Outcome: "ok", Subject: k.Client1.ID.String(), Records: "3", Actor: k.User1.ID.String()}
		if last := trail[len(trail)-1]; last != want {
			t.Errorf("the trail says %+v", last)
		}
	})
}
