package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

func makeFeed(w *world) string {
	header := w.member
	if w.user.ID == w.Assistant1.ID {
		header = w.owner
	}
	return w.post(header, "/feeds", fields{"privacy": "first_name"})["id"].(string)
}

// feed makes a feed and returns it; its path is the secret.
func (d *desk) feed(privacy string) obj {
	d.T.Helper()
	return d.Ask(http.MethodPost, "/feeds", d.header, obj{"privacy": privacy}).Want(d.Kit, 201).Map(d.Kit)
}

// event is what another calendar understands of an event.
type event struct {
	summary, location, status string
	sequence                  int
	start, end                time.Time
}

// subscribed reads a feed as another calendar does: by its address alone, with
// a parser that is not ours. The events are by the id of their appointment.
func (d *desk) subscribed(feed obj) map[string]event {
	d.T.Helper()
	res := d.Get(feed["path"].(string), nil).Want(d.Kit, 200)
	cal, err := ics.ParseCalendar(strings.NewReader(string(res.Body)))
	testkit.NoErr(d.T, err)
	all := map[string]event{}
	for _, e := range cal.Events() {
		id, ours := strings.CutSuffix(e.Id(), "@pazpaz")
		if _, twice := all[id]; twice || !ours {
			d.T.Fatalf("the event %q is no good or there twice in\n%s", e.Id(), res.Body)
		}
		all[id] = d.parsed(e)
	}
	return all
}

func (d *desk) parsed(e *ics.VEvent) (out event) {
	d.T.Helper()
	value := func(name ics.ComponentProperty) string {
		if p := e.GetProperty(name); p != nil {
			return p.Value
		}
		return ""
	}
	var err error
	out.summary, out.location, out.status = value(ics.ComponentPropertySummary), value(ics.ComponentPropertyLocation), value(ics.ComponentPropertyStatus)
	out.sequence, err = strconv.Atoi(value(ics.ComponentPropertySequence))
	testkit.NoErr(d.T, err)
	start, err := e.GetStartAt()
	testkit.NoErr(d.T, err)
	end, err := e.GetEndAt()
	testkit.NoErr(d.T, err)
	out.start, out.end = start.UTC(), end.UTC()
	return out
}

// starts fails the test unless the event is at the time of the appointment.
func (e event) starts(t *testing.T, what string, a obj) {
	t.Helper()
	if got := e.start.Format(time.RFC3339); got != a["starts_at"] || e.end.Format(time.RFC3339) != a["ends_at"] {
		t.Errorf("%s: the event is at %s to %s, the appointment %v to %v", what, got, e.end, a["starts_at"], a["ends_at"])
	}
}

func TestAMovedVisitIsOneEventWhoseSequenceGrows(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		feed := d.feed("busy")
		a := d.book(d.visit(24*time.Hour, time.Hour))
		last := -1
		for i := range 4 {
			all := d.subscribed(feed)
			e, there := all[idIn(a)]
			if !there || len(all) != 1 || e.status != "CONFIRMED" {
				t.Fatalf("after %d moves: %+v", i, all)
			}
			e.starts(t, fmt.Sprintf("after %d moves", i), a)
			if e.sequence <= last {
				t.Errorf("after %d moves the sequence is %d, it was %d", i, e.sequence, last)
			}
			last = e.sequence
			a = d.change(a, obj{"starts_at": d.in(time.Duration(30+i) * time.Hour), "ends_at": d.in(time.Duration(32+i) * time.Hour)})
		}
	})
}

func TestWhatIsGoneIsShownAsCancelled(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		feed := d.feed("first_name")
		cancelled, deleted, stays := d.book(d.visit(24*time.Hour, time.Hour)), d.book(d.visit(48*time.Hour, time.Hour)), d.book(d.visit(72*time.Hour, time.Hour))
		before := d.subscribed(feed)
		cancelled = d.change(cancelled, obj{"status": "cancelled", "cancel_reason": "Ill"})
		d.del(deleted)
		after := d.subscribed(feed)
		for what, a := range map[string]obj{"cancelled": cancelled, "deleted": deleted} {
			e := after[idIn(a)]
			if e.status != "CANCELLED" || e.sequence <= before[idIn(a)].sequence {
				t.Errorf("%s: %+v, was %+v", what, e, before[idIn(a)])
			}
			e.starts(t, what, a)
		}
		if after[idIn(stays)] != before[idIn(stays)] || after[idIn(stays)].status != "CONFIRMED" {
			t.Errorf("the one that stays: %+v", after[idIn(stays)])
		}
		d.restore(deleted, nil).Want(k, 200)
		d.change(cancelled, obj{"status": "scheduled"})
		for id, e := range d.subscribed(feed) {
			if e.status != "CONFIRMED" || (id != idIn(stays) && e.sequence <= after[id].sequence) {
				t.Errorf("%s came back: %+v, was %+v", id, e, after[id])
			}
		}
	})
}

// secretive are texts that no feed may show, in every field that takes one.
func secretive(d *desk) (place model.Location, visit obj) {
	client := d.AddClient(d.Workspace1.ID, model.Client{
		Contact: model.Contact{
			FirstName: "Oded", LastName: "Canary-last", Email: "canary@example.com", Phone: "+972500111123", Address: "Canary street",
			EmergencyName: "Canary kin", Tags: []model.Text{"Canary"},
		},
		History: model.History{MedicalHistory: "Canary history", Notes: "Canary notes"},
	})
	service := d.AddService(d.Workspace1.ID, model.Service{Name: "Canary service", Description: "Canary description", Minutes: 60})
	place = d.AddLocation(d.Workspace1.ID, model.Location{Name: "North room", Address: "Canary road", Details: "Canary door", Type: "clinic"})
	return place, d.book(plus(d.visit(24*time.Hour, time.Hour), obj{
		"client_id": client.ID.String(), "service_id": service.ID.String(), "location_id": place.ID.String(),
		"location_details": "Canary floor", "notes": "Canary booking", "payment_notes": "Canary payment", "price": 31_415,
	}))
}

func TestAFeedShowsNoMoreThanItsPrivacyAllows(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		_, a := secretive(d)
		d.Ask(http.MethodPost, "/sessions", d.header, obj{"appointment_id": idIn(a), "plan": "Canary plan"}).Want(k, 201)
		cancelled := d.book(plus(d.visit(48*time.Hour, time.Hour), obj{"client_id": a["client_id"]}))
		d.change(cancelled, obj{"status": "cancelled", "cancel_reason": "Canary reason"})
		for _, locale := range []string{"en", "he"} {
			d.setting(obj{"locale": locale})
			for privacy, want := range map[string][2]string{
				"busy":       {map[string]string{"en": "Busy", "he": "תפוס"}[locale], ""},
				"initials":   {"O.C.", "North room"},
				"first_name": {"Oded", "North room"},
			} {
				feed := d.feed(privacy)
				e := d.subscribed(feed)[idIn(a)]
				if e.summary != want[0] || e.location != want[1] {
					t.Errorf("%s in %s: %q at %q", privacy, locale, e.summary, e.location)
				}
				text := strings.ReplaceAll(string(d.Get(feed["path"].(string), nil).Body), "\r\n ", "")
				for _, secret := range []string{"anary", "31415", "314.15", "500111123", k.User1.ID.String(), fmt.Sprint(a["client_id"])} {
					if strings.Contains(text, secret) {
						t.Errorf("%s in %s shows %q in\n%s", privacy, locale, secret, text)
					}
				}
				if privacy == "busy" && (strings.Contains(text, "Oded") || strings.Contains(text, "North")) {
					t.Errorf("busy shows who or where in\n%s", text)
				}
				d.Ask(http.MethodDelete, "/feeds/"+idIn(feed), d.header, nil).Want(k, 204)
			}
		}
	})
}

func TestAFeedHoldsItsOwnersVisitsAMonthBackAndAYearAhead(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		day := 24 * time.Hour
		book := func(k *testkit.Kit, who model.User, client model.Client, days int) string {
			return k.AddAppointment(who.WorkspaceID, model.Appointment{
				ClientID: client.ID, PractitionerID: who.ID, StartsAt: k.Clock.Now().Add(time.Duration(days) * day),
			}).ID.String()
		}
		in := []string{book(k, k.User1, k.Client1, -29), book(k, k.User1, k.Client1, 1), book(k, k.User1, k.Client1, 369)}
		book(k, k.User1, k.Client1, -31)
		book(k, k.User1, k.Client1, 371)
		book(k, k.Practitioner1, k.Client1, 2)
		book(k, k.User2, k.Client2, 3)
		all := d.subscribed(d.feed("busy"))
		for _, id := range in {
			if _, there := all[id]; !there {
				t.Errorf("%s is not in the feed", id)
			}
		}
		if len(all) != len(in) {
			t.Errorf("the feed has %d events, want %d", len(all), len(in))
		}
	})
}

func TestAFeedIsSentAgainOnlyWhenItHasChanged(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		a := d.book(d.visit(24*time.Hour, time.Hour))
		path := d.feed("initials")["path"].(string)
		first := k.Get(path, nil).Want(k, 200)
		tag := first.Header.Get("ETag")
		if got := first.Header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
			t.Errorf("it is %q", got)
		}
		if got := first.Header.Get("Cache-Control"); got != "private, no-cache" {
			t.Errorf("caches may do %q", got)
		}
		k.Clock.Advance(time.Hour)
		for _, held := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			if res := k.Get(path, http.Header{"If-None-Match": {held}}).Want(k, 304); len(res.Body) != 0 || res.Header.Get("ETag") != tag {
				t.Errorf("%s: %d bytes, tag %s", held, len(res.Body), res.Header.Get("ETag"))
			}
		}
		head := k.Do(http.MethodHead, path, nil, nil).Want(k, 200)
		if len(head.Body) != 0 || head.Header.Get("ETag") != tag {
			t.Errorf("HEAD: %d bytes, tag %s", len(head.Body), head.Header.Get("ETag"))
		}
		deskOf(k, k.User1).change(a, obj{"starts_at": d.in(30 * time.Hour)})
		again := k.Get(path, http.Header{"If-None-Match": {tag, `"other"`}}).Want(k, 200)
		if again.Header.Get("ETag") == tag || slices.Equal(again.Body, first.Body) {
			t.Error("the change is not in the feed")
		}
	})
}
