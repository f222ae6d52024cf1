package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// secretOf is the token in the address of a feed.
func secretOf(feed obj) string {
	return strings.TrimSuffix(feed["path"].(string)[len("/api/v1/calendar/"):], ".ics")
}

func TestAFeedThatIsNotThereAnswersTheSameWhateverTheReason(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d, other, foreign := deskOf(k, k.User1), deskOf(k, k.Practitioner1), deskOf(k, k.User2)
		unknown := k.Get("/calendar/"+strings.Repeat("A", 43)+".ics", nil).WantCode(k, 404, "not_found")
		gone := func(what, path string) {
			t.Helper()
			if res := k.Get(path, nil); !res.SameBut(unknown) {
				t.Errorf("%s answers %d %s", what, res.Status, res.Body)
			}
		}
		revoked := d.feed("busy")
		left, demoted, suspended := other.feed("busy"), d.feed("busy"), foreign.feed("busy")
		for _, f := range []obj{revoked, left, demoted, suspended} {
			k.Get(f["path"].(string), nil).Want(k, 200)
		}
		d.Ask(http.MethodDelete, "/feeds/"+idIn(revoked), d.header, nil).Want(k, 204)
		gone("revoked", revoked["path"].(string))
		testkit.NoErr(t, k.DB.Exec("update members set active = false where user_id = $1", k.Practitioner1.ID.String()))
		gone("of somebody who left", left["path"].(string))
		testkit.NoErr(t, k.DB.Exec("update members set role = 'assistant' where user_id = $1", k.User1.ID.String()))
		gone("of somebody who treats nobody now", demoted["path"].(string))
		testkit.NoErr(t, k.DB.Exec("update workspaces set status = 'suspended' where id = $1", k.Workspace2.ID.String()))
		gone("of a practice that is suspended", suspended["path"].(string))
		for what, token := range map[string]string{
			"empty": ".ics", "cut": secretOf(demoted)[:42], "its id": idIn(demoted), "its hash": hashOf(secretOf(demoted)), "long": strings.Repeat("A", 300),
		} {
			gone(what, "/calendar/"+token)
		}
	})
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func TestOnlyCliniciansHaveFeedsAndEachOnlyTheirOwn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d, other, assistant, foreign := deskOf(k, k.User1), deskOf(k, k.Practitioner1), deskOf(k, k.Assistant1), deskOf(k, k.User2)
		feed := d.feed("initials")
		assistant.Ask(http.MethodPost, "/feeds", assistant.header, obj{"privacy": "busy"}).WantCode(k, 403, "denied")
		assistant.Ask(http.MethodGet, "/feeds", assistant.header, nil).WantCode(k, 403, "denied")
		for _, who := range []*desk{other, foreign} {
			if all := who.Ask(http.MethodGet, "/feeds", who.header, nil).Want(k, 200).List(k); len(all) != 0 {
				t.Errorf("somebody else sees %v", all)
			}
			who.Ask(http.MethodDelete, "/feeds/"+idIn(feed), who.header, nil).WantCode(k, 404, "not_found")
		}
		k.Get(feed["path"].(string), nil).Want(k, 200)
		if got := wrong(k, d.Ask(http.MethodPost, "/feeds", d.header, obj{"privacy": "full"})); !slices.Equal(got, []string{"body.privacy choice"}) {
			t.Errorf("unknown privacy: %v", got)
		}
		all := d.Ask(http.MethodGet, "/feeds", d.header, nil).Want(k, 200).List(k)
		if len(all) != 1 || all[0]["id"] != feed["id"] || all[0]["privacy"] != "initials" || all[0]["path"] != nil {
			t.Errorf("listed are %v", all)
		}
	})
}

func TestNobodyHasMoreThanTenFeeds_ASVS_2_3_2(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		var last obj
		for range 10 {
			last = d.feed("busy")
		}
		d.Ask(http.MethodPost, "/feeds", d.header, obj{"privacy": "busy"}).WantCode(k, 409, "too_many")
		deskOf(k, k.Practitioner1).feed("busy") // others have ten of their own
		d.Ask(http.MethodDelete, "/feeds/"+idIn(last), d.header, nil).Want(k, 204)
		d.Ask(http.MethodDelete, "/feeds/"+idIn(last), d.header, nil).WantCode(k, 404, "not_found")
		d.feed("busy")
	})
}

func TestEachLookThroughAFeedIsAudited(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		feed := d.feed("busy")
		path := feed["path"].(string)
		d.book(d.visit(24*time.Hour, time.Hour))
		d.book(d.visit(48*time.Hour, time.Hour))
		tag := k.Get(path, nil).Want(k, 200).Header.Get("ETag")
		k.Get(path, http.Header{"If-None-Match": {tag}}).Want(k, 304)
		k.Get("/calendar/"+strings.Repeat("A", 43)+".ics", nil).Want(k, 404)
		want := testkit.AuditedEvent{Outcome: "ok", Subject: idIn(feed), Records: "2", Actor: k.User1.ID.String()}
		if got := k.Audited(k.Workspace1.ID, model.FeedRead); !slices.Equal(got, []testkit.AuditedEvent{want, want}) {
			t.Errorf("the trail says %+v", got)
		}
		d.Ask(http.MethodDelete, "/feeds/"+idIn(feed), d.header, nil).Want(k, 204)
		for act, want := range map[model.Action]testkit.AuditedEvent{
			model.FeedCreate: {Outcome: "ok", Subject: idIn(feed), Records: "1", Actor: k.User1.ID.String()},
			model.FeedRevoke: {Outcome: "ok", Subject: idIn(feed), Records: "1", Actor: k.User1.ID.String()},
		} {
			if got := k.Audited(k.Workspace1.ID, act); !slices.Equal(got, []testkit.AuditedEvent{want}) {
				t.Errorf("%s: the trail says %+v", act, got)
			}
		}
	})
}

func TestTheSecretOfAFeedIsKeptNowhere(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		feed := d.feed("busy")
		token := secretOf(feed)
		if len(token) != 43 || secretOf(d.feed("busy")) == token {
			t.Errorf("the token %q has not the strength of 32 random bytes", token)
		}
		k.Get(feed["path"].(string), nil).Want(k, 200)
		k.Get("/calendar/"+token[:42]+"_.ics", nil).Want(k, 404)
		stored := k.Snapshot(k.Workspace1.ID)
		if !strings.Contains(stored, idIn(feed)) || strings.Contains(stored, token) {
			t.Error("the token is stored")
		}
		if log := k.Log.String(); !strings.Contains(log, "/calendar/") || strings.Contains(log, token[:42]) {
			t.Errorf("the log has the token, or nothing of the request:\n%s", log)
		}
	})
}

// changingWeeks are Fridays before clocks change, and one where they never do.
var changingWeeks = []struct{ file, zone, friday string }{
	{"jerusalem", "Asia/Jerusalem", "2026-10-23"},
	{"new_york", "America/New_York", "2026-03-06"},
	{"lord_howe", "Australia/Lord_Howe", "2026-04-03"},
	{"kathmandu", "Asia/Kathmandu", "2026-10-23"},
}

// The weeks in which clocks change, as other calendars get them. Look at the
// files when they change; make golden writes them anew.
func TestGoldenFeedsOfTheWeekInWhichClocksChange(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for i, w := range changingWeeks {
			deskOf(k, k.User1).setting(obj{"time_zone": w.zone})
			d := deskOf(k, k.AddUser(10+i, k.Workspace1.ID, model.Practitioner))
			want := d.changingWeek(10+i, w.zone, w.friday)
			feed := d.feed("first_name")
			for id, e := range d.subscribed(feed) {
				if !e.start.Equal(want[id]) || e.end.Sub(e.start) != 30*time.Minute {
					t.Errorf("%s: %s is at %s, want %s", w.zone, id, e.start, want[id])
				}
				delete(want, id)
			}
			if len(want) != 0 {
				t.Errorf("%s: not there are %v", w.zone, want)
			}
			golden(t, "feed_"+w.file+".ics", k.Get(feed["path"].(string), nil).Body)
		}
	})
}

// changingWeek books ten o'clock from Friday to Monday, and each half hour of
// the night in which clocks change.
func (d *desk) changingWeek(person int, zone, friday string) map[string]time.Time {
	d.T.Helper()
	at, err := time.LoadLocation(zone)
	testkit.NoErr(d.T, err)
	first, err := time.ParseInLocation(time.DateOnly, friday, at)
	testkit.NoErr(d.T, err)
	var starts []time.Time
	for day := range 4 {
		starts = append(starts, time.Date(first.Year(), first.Month(), first.Day()+day, 10, 0, 0, 0, at))
	}
	for half := range 6 {
		starts = append(starts, time.Date(first.Year(), first.Month(), first.Day()+2, 0, 30, 0, 0, at).Add(time.Duration(half)*30*time.Minute))
	}
	want := map[string]time.Time{}
	for i, start := range starts {
		a := d.AddAppointment(d.Workspace1.ID, model.Appointment{
			ID: testkit.ID(5, 100*person+i), ClientID: d.Client1.ID, PractitionerID: testkit.ID(1, person), StartsAt: start, EndsAt: start.Add(30 * time.Minute),
		})
		want[a.ID.String()] = start
	}
	return want
}

// golden compares with a file under testdata.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if os.Getenv("UPDATE") == "1" {
		testkit.NoErr(t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	testkit.NoErr(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s: the feed has changed:\n%s", path, got)
	}
}
