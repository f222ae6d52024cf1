package api_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// overlapsSQL finds every pair of appointments that may not stand beside each
// other, as the second connection sees them.
const overlapsSQL = `select a.id, b.id from appointments a join appointments b on b.workspace_id = a.workspace_id and b.id > a.id
	and a.blocks_from < b.blocks_to and b.blocks_from < a.blocks_to and (a.practitioner_id = b.practitioner_id or a.room_id = b.room_id)
	where a.status in ('scheduled', 'attended') and b.status in ('scheduled', 'attended') and a.deleted_at is null and b.deleted_at is null
	and not a.overlap_allowed and not b.overlap_allowed`

func wantNoOverlaps(k *testkit.Kit) {
	k.T.Helper()
	if found := k.DB.Rows(overlapsSQL); len(found) != 0 {
		k.T.Fatalf("%d pairs of appointments overlap: %v", len(found), found)
	}
}

// send is a request without the document at hand: races are about answers.
func (d *desk) send(method, path string, body any) *testkit.Response {
	d.T.Helper()
	return d.Do(method, path, d.header, body)
}

// atOnce does n calls at the same moment.
func atOnce(n int, call func(i int) *testkit.Response) []*testkit.Response {
	answers := make([]*testkit.Response, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			answers[i] = call(i)
		})
	}
	close(start)
	all.Wait()
	return answers
}

// winner wants exactly one of the answers to be the good one, and all others
// to say that the time is taken.
func winner(k *testkit.Kit, answers []*testkit.Response, good int) int {
	k.T.Helper()
	won := -1
	for i, res := range answers {
		switch {
		case res.Status == good && won < 0:
			won = i
		case res.Status == good:
			k.T.Errorf("%d and %d both got the time", won, i)
		default:
			res.WantCode(k, http.StatusConflict, "overlap")
		}
	}
	if won < 0 {
		k.T.Fatal("nobody got the time")
	}
	wantNoOverlaps(k)
	return won
}

// desks are sessions of all who may book, for n clients.
func desks(k *testkit.Kit, n int) []*desk {
	k.T.Helper()
	all := []*desk{deskOf(k, k.User1), deskOf(k, k.Practitioner1), deskOf(k, k.Assistant1)}
	for i := len(all); i < n; i++ {
		all = append(all, all[i%3])
	}
	return all
}

// Sixty-four clients want four slots at the same moment, again and again:
// each slot goes to exactly one of them.
func TestRaceForASlot_ASVS_2_3_4(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const clients, slots, rounds = 64, 4, 10
		all, taken := desks(k, clients), map[string]bool{}
		for round := range rounds {
			answers := atOnce(clients, func(i int) *testkit.Response {
				// Those who want the same slot differ by minutes, and all overlap.
				start := time.Duration(24*(round+1)+2*(i%slots))*time.Hour + time.Duration(i/slots)*time.Minute
				return all[i].send(http.MethodPost, "/appointments", plus(all[i].visit(start, time.Hour), obj{"practitioner_id": k.User1.ID.String()}))
			})
			for slot := range slots {
				var rivals []*testkit.Response
				for i := slot; i < clients; i += slots {
					rivals = append(rivals, answers[i])
				}
				won := rivals[winner(k, rivals, http.StatusCreated)].Map(k)
				taken[idIn(won)] = true
				if read := all[0].get(won); fmt.Sprint(read) != fmt.Sprint(won) {
					t.Errorf("acknowledged is\n%v, stored is\n%v", won, read)
				}
			}
		}
		if n := k.DB.Count("select count(*) from appointments"); n != slots*rounds || len(taken) != n {
			t.Errorf("%d are stored, %d were acknowledged, want %d", n, len(taken), slots*rounds)
		}
	})
}

func TestRaceForARoom(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d := deskOf(k, k.User1)
		_, places := catalog(d)
		people := crew(k, 16)
		for round := range 10 {
			visit := plus(d.visit(time.Duration(24*(round+1))*time.Hour, time.Hour), obj{"location_id": places["room"]})
			answers := atOnce(len(people), func(i int) *testkit.Response {
				return d.send(http.MethodPost, "/appointments", plus(visit, obj{"practitioner_id": people[i]}))
			})
			winner(k, answers, http.StatusCreated)
		}
	})
}

// crew adds practitioners.
func crew(k *testkit.Kit, n int) (ids []string) {
	k.T.Helper()
	for i := range n {
		ids = append(ids, k.AddUser(100+i, k.Workspace1.ID, model.Practitioner).ID.String())
	}
	return ids
}

// rivals makes n appointments that cannot be told apart but for what more
// gives to each.
func rivals(d *desk, n int, more func(i int) obj) (all []obj) {
	d.T.Helper()
	for i := range n {
		all = append(all, d.book(more(i)))
	}
	return all
}

// Every way to take a time that is not booking, each for itself: many try at
// the same moment, and exactly one gets it.
func TestRacesOfEveryOtherWay(t *testing.T) {
	const n, rounds = 16, 10
	change := func(d *desk, a obj, change obj) *testkit.Response {
		return d.send(http.MethodPut, pathOf(a), plus(obj{"version": a["version"]}, change))
	}
	for way, c := range map[string]struct {
		// make puts rivals beside each other, on a day of their own.
		make func(d *desk, visit obj, people []string) []obj
		try  func(d *desk, a, visit obj, people, rooms []string) *testkit.Response
	}{
		"moving": {
			func(d *desk, visit obj, _ []string) []obj {
				return rivals(d, n, func(i int) obj {
					start := at(visit["starts_at"].(string)).Add(time.Duration(2+i) * time.Hour)
					return plus(visit, obj{"starts_at": start, "ends_at": start.Add(time.Hour)})
				})
			},
			func(d *desk, a, visit obj, _, _ []string) *testkit.Response {
				return change(d, a, obj{"starts_at": visit["starts_at"]})
			},
		},
		"restoring": {
			func(d *desk, visit obj, _ []string) (all []obj) {
				for range n {
					a := d.book(visit)
					d.del(a)
					all = append(all, a)
				}
				return all
			},
			func(d *desk, a, _ obj, _, _ []string) *testkit.Response {
				return d.send(http.MethodPost, pathOf(a)+"/restore", nil)
			},
		},
		"taking back a cancellation": {
			func(d *desk, visit obj, _ []string) []obj {
				return rivals(d, n, func(int) obj { return plus(visit, obj{"status": "cancelled"}) })
			},
			func(d *desk, a, _ obj, _, _ []string) *testkit.Response {
				return change(d, a, obj{"status": "scheduled"})
			},
		},
		"changing the practitioner": {
			func(d *desk, visit obj, people []string) []obj {
				return rivals(d, n, func(i int) obj { return plus(visit, obj{"practitioner_id": people[i]}) })
			},
			func(d *desk, a, _ obj, people, _ []string) *testkit.Response {
				return change(d, a, obj{"practitioner_id": people[n]})
			},
		},
		"changing the room": {
			func(d *desk, visit obj, people []string) []obj {
				return rivals(d, n, func(i int) obj { return plus(visit, obj{"practitioner_id": people[i]}) })
			},
			func(d *desk, a, _ obj, _, rooms []string) *testkit.Response {
				return change(d, a, obj{"location_id": rooms[0]})
			},
		},
	} {
		t.Run(way, func(t *testing.T) {
			testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
				d, people := deskOf(k, k.User1), crew(k, n+1)
				rooms := []string{d.location(model.Location{Type: "clinic", Exclusive: true}).ID.String()}
				for round := range rounds {
					visit := d.visit(time.Duration(48*(round+1))*time.Hour, time.Hour)
					all := c.make(d, visit, people)
					answers := atOnce(n, func(i int) *testkit.Response { return c.try(d, all[i], visit, people, rooms) })
					won := winner(k, answers, http.StatusOK)
					if got := answers[won].Map(k); got["id"] != all[won]["id"] || fmt.Sprint(d.get(got)) != fmt.Sprint(got) {
						t.Errorf("acknowledged is %v, stored is %v", got, d.get(got))
					}
				}
			})
		})
	}
}

// All ways at once for one time.
func TestRaceOfAllWaysForOneTime(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		d, people := deskOf(k, k.User1), crew(k, 10)
		for round := range 10 {
			visit := d.visit(time.Duration(48*(round+1))*time.Hour, time.Hour)
			start := at(visit["starts_at"].(string))
			var tries []func() *testkit.Response
			put := func(a, change obj) {
				tries = append(tries, func() *testkit.Response {
					return d.send(http.MethodPut, pathOf(a), plus(obj{"version": a["version"]}, change))
				})
			}
			for i := range 5 {
				tries = append(tries, func() *testkit.Response { return d.send(http.MethodPost, "/appointments", visit) })
				later := start.Add(time.Duration(2*i+2) * time.Hour)
				put(d.book(plus(visit, obj{"starts_at": later, "ends_at": later.Add(time.Hour)})), obj{"starts_at": start})
				put(d.book(plus(visit, obj{"practitioner_id": people[i]})), obj{"practitioner_id": k.User1.ID.String()})
				put(d.book(plus(visit, obj{"status": "no_show"})), obj{"status": "scheduled"})
				gone := d.book(visit)
				d.del(gone)
				tries = append(tries, func() *testkit.Response { return d.send(http.MethodPost, pathOf(gone)+"/restore", nil) })
			}
			won := 0
			for _, res := range atOnce(len(tries), func(i int) *testkit.Response { return tries[i]() }) {
				if res.Status/100 == 2 {
					won++
				} else {
					res.WantCode(k, http.StatusConflict, "overlap")
				}
			}
			if wantNoOverlaps(k); won != 1 {
				t.Fatalf("round %d: %d got the time", round, won)
			}
			testkit.NoErr(t, k.DB.Exec("update appointments set status = 'cancelled'"))
		}
	})
}

// Two processes on one database are as careful as one.
func TestTwoProcessesNeverGiveAwayOneTimeTwice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Scope(k.User1)
		offices := []*practice.Practice{k.Practice, practice.New(k.OpenStore(), rand.Reader), practice.New(k.OpenStore(), rand.Reader)}
		for round := range 10 {
			start := k.Clock.Now().Add(time.Duration(24*(round+1)) * time.Hour)
			errs := make([]error, 18)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() { errs[i] = bookAt(t, offices[i%len(offices)], sc, k.Client1.ID, start) })
			}
			all.Wait()
			if n := slices.Index(errs, nil); n < 0 || slices.Index(errs[n+1:], nil) >= 0 {
				t.Fatalf("round %d: %v", round, errs)
			}
			for _, err := range errs {
				if err != nil && model.CodeOf(err) != "overlap" {
					t.Errorf("round %d: %v", round, err)
				}
			}
		}
		wantNoOverlaps(k)
	})
}

func bookAt(t *testing.T, p *practice.Practice, sc store.Scope, client uuid.UUID, start time.Time) error {
	t.Helper()
	_, err := p.BookAppointment(t.Context(), sc, practice.Booking{
		Appointment: model.Appointment{ClientID: client, StartsAt: start, EndsAt: start.Add(time.Hour)},
	}, model.OnceKey{})
	return err
}
