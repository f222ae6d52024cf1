package api_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// acknowledged keeps what was acknowledged of each appointment.
type acknowledged struct {
	mu      sync.Mutex
	answers map[string]map[int]obj // by id and version
	deletes map[string]int
	faults  []string
}

// seen notes an answer. Two changes that both were given one version would
// mean that one of them is lost.
func (l *acknowledged) seen(a obj) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, version := idIn(a), int(a["version"].(float64))
	if l.answers[id] == nil {
		l.answers[id] = map[int]obj{}
	}
	if before := l.answers[id][version]; before != nil && fmt.Sprint(before) != fmt.Sprint(a) {
		l.faults = append(l.faults, fmt.Sprintf("version %d was\n%v and\n%v", version, before, a))
	}
	l.answers[id][version] = a
}

func (l *acknowledged) deleted(a obj) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deletes[idIn(a)]++
}

func (l *acknowledged) fault(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// any is an appointment as somebody saw it last, mostly.
func (l *acknowledged) any(r *rand.Rand) obj {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.answers) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(l.answers))
	all := l.answers[ids[r.IntN(len(ids))]]
	versions := slices.Sorted(maps.Keys(all))
	if r.IntN(8) == 0 {
		return all[versions[0]]
	}
	return all[versions[len(versions)-1]]
}

// storm is one worker of many at the same calendar.
type storm struct {
	*desk
	r      *rand.Rand
	ledger *acknowledged
	people []string
	rooms  []any
}

// times are few and long, so that most of them clash.
func (s *storm) times() obj {
	start := time.Duration(-200*24)*time.Hour + time.Duration(s.r.IntN(40))*30*time.Minute
	return obj{"starts_at": s.in(start), "ends_at": s.in(start + time.Duration(1+s.r.IntN(4))*30*time.Minute)}
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// step does one thing and notes what was answered.
func (s *storm) step() {
	over := obj{}
	if s.r.IntN(12) == 0 {
		over = squeezed
	}
	a := s.ledger.any(s.r)
	if a == nil || s.r.IntN(3) == 0 {
		s.try(http.MethodPost, "/appointments", plus(s.visit(0, 0), s.times(), over, obj{
			"practitioner_id": pick(s.r, s.people...), "location_id": pick(s.r, s.rooms...), "price": s.r.IntN(1000),
		}))
		return
	}
	put := func(change obj) {
		s.try(http.MethodPut, pathOf(a), plus(obj{"version": a["version"]}, change, over))
	}
	switch s.r.IntN(9) {
	case 0, 1:
		put(s.times())
	case 2:
		put(obj{"practitioner_id": pick(s.r, s.people...)})
	case 3:
		put(obj{"location_id": pick(s.r, s.rooms...)})
	case 4, 5:
		put(obj{"status": pick(s.r, model.AppointmentStatuses...)})
	case 6:
		s.try(http.MethodPatch, pathOf(a)+"/payment", obj{"payment_status": pick(s.r, model.PaymentStatuses...), "payment_notes": strconv.Itoa(s.r.IntN(1000))})
	case 7:
		if res := s.send(http.MethodDelete, pathOf(a), nil); res.Status == http.StatusNoContent {
			s.ledger.deleted(a)
		}
	case 8:
		s.try(http.MethodPost, pathOf(a)+"/restore", over)
	}
}

// try sends a change. It may be refused because of others, never fail.
func (s *storm) try(method, path string, body obj) {
	res := s.send(method, path, body)
	switch res.Status {
	case http.StatusOK, http.StatusCreated:
		s.ledger.seen(res.Map(s.Kit))
	case http.StatusConflict:
		if code := res.Map(s.Kit)["code"]; code != "overlap" && code != "stale" {
			s.ledger.fault("%s %s %v: %s", method, path, body, res.Body)
		}
	case http.StatusNotFound: // somebody deleted or restored it before
	default:
		s.ledger.fault("%s %s %v: %d %s", method, path, body, res.Status, res.Body)
	}
}

// Sixteen people do everything at once. In the end nothing overlaps that was
// not meant to, and every appointment is as its last answer said.
func TestStormOnTheCalendar(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		const workers, steps = 16, 40
		l := &acknowledged{answers: map[string]map[int]obj{}, deletes: map[string]int{}}
		all := desks(k, workers)
		people := append(crew(k, 2), k.User1.ID.String())
		rooms := []any{nil, nil}
		for range 2 {
			rooms = append(rooms, all[0].location(model.Location{Type: "clinic", Exclusive: true}).ID.String())
		}
		var group sync.WaitGroup
		for w := range workers {
			s := &storm{all[w], rand.New(rand.NewPCG(2026, uint64(w))), l, people, rooms}
			group.Go(func() {
				for range steps {
					s.step()
				}
			})
		}
		group.Wait()
		for _, f := range l.faults {
			t.Error(f)
		}
		wantNoOverlaps(k)
		wantAcknowledged(all[0], l)
	})
}

// wantAcknowledged compares each stored row with the answers that it got: each
// version was answered once, and the last one is what is there.
func wantAcknowledged(d *desk, l *acknowledged) {
	d.T.Helper()
	now := map[string]obj{}
	for _, query := range []string{"limit=1000&start_date=2025-07-10&end_date=2025-08-10", "limit=1000&deleted=true&start_date=2025-07-10&end_date=2025-08-10"} {
		for _, a := range d.page(query).Want(d.Kit, 200).List(d.Kit) {
			now[idIn(a)] = a
		}
	}
	if n := d.DB.Count("select count(*) from appointments"); n != len(l.answers) || n != len(now) || n < 20 {
		d.T.Fatalf("%d are stored, %d listed, %d were acknowledged", n, len(now), len(l.answers))
	}
	deletes := 0
	for id, answers := range l.answers {
		version := int(now[id]["version"].(float64))
		if len(answers)+l.deletes[id] != version {
			d.T.Errorf("%s has version %d after %d changes and %d deletions", id, version, len(answers), l.deletes[id])
		}
		if last := answers[version]; last != nil && fmt.Sprint(last) != fmt.Sprint(now[id]) {
			d.T.Errorf("acknowledged is\n%v, stored is\n%v", last, now[id])
		} else if last == nil && now[id]["deleted_at"] == nil {
			d.T.Errorf("%s was changed by nobody", id)
		}
		deletes += l.deletes[id]
	}
	if deletes == 0 {
		d.T.Error("nobody deleted anything: the storm is none")
	}
}
