package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// shelf is what is tested alike of services and of locations.
type shelf struct {
	path, table, column           string
	create, update, remove, reads model.Action
	rest                          obj // what a body needs besides the name
}

var shelves = []shelf{
	{"/services", "services", "service_id", model.ServiceCreate, model.ServiceUpdate, model.ServiceDelete, model.ServiceList, obj{"default_duration_minutes": 60}},
	{"/locations", "locations", "location_id", model.LocationCreate, model.LocationUpdate, model.LocationDelete, model.LocationList, obj{"location_type": "clinic", "address": "1 Main St"}},
}

// eachShelf runs fn for both on every engine, each in a world of its own.
func eachShelf(t *testing.T, fn func(t *testing.T, k *testkit.Kit, s shelf)) {
	t.Helper()
	t.Parallel()
	for _, engine := range testkit.Engines(t) {
		for _, s := range shelves {
			t.Run(engine+s.path, func(t *testing.T) {
				t.Parallel()
				fn(t, testkit.New(t, engine), s)
			})
		}
	}
}

func (s shelf) named(name any) obj {
	body := obj{"name": name}
	for n, v := range s.rest {
		body[n] = v
	}
	return body
}

// add creates one with that name.
func (s shelf) add(k *testkit.Kit, h http.Header, name string) obj {
	k.T.Helper()
	return k.Ask(http.MethodPost, s.path, h, s.named(name)).Want(k, http.StatusCreated).Map(k)
}

func (s shelf) at(one obj) string { return fmt.Sprint(s.path, "/", one["id"]) }

// names lists the names that a query answers with.
func (s shelf) names(k *testkit.Kit, h http.Header, query string) string {
	k.T.Helper()
	var all []string
	for _, one := range k.Ask(http.MethodGet, s.path+query, h, nil).Want(k, http.StatusOK).List(k) {
		all = append(all, fmt.Sprint(one["name"]))
	}
	return strings.Join(all, " ")
}

// use books an appointment of the service or at the location.
func (s shelf) use(k *testkit.Kit, one obj) model.Appointment {
	k.T.Helper()
	id := uuid.MustParse(fmt.Sprint(one["id"]))
	a := model.Appointment{ClientID: k.Client1.ID, PractitionerID: k.User1.ID}
	if s.table == "services" {
		a.ServiceID = &id
	} else {
		a.LocationID = &id
	}
	return k.AddAppointment(k.Workspace1.ID, a)
}

func (s shelf) stored(k *testkit.Kit) int {
	k.T.Helper()
	return k.DB.Count("select count(*) from "+s.table+" where workspace_id = $1", k.Workspace1.ID.String())
}

func TestCatalogIsSortedByFoldedName(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		for _, name := range []string{"beta", "עיסוי", "Alpha", "Émile", "delta", "אבן", "ALPHABET"} {
			s.add(k, h, name)
		}
		if got, want := s.names(k, h, ""), "Alpha ALPHABET beta delta Émile אבן עיסוי"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

func TestCatalogFiltersByStatus(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		if res := k.Ask(http.MethodGet, s.path, h, nil).Want(k, http.StatusOK); string(res.Body) != "[]\n" || res.Header.Get("X-Total-Count") != "0" {
			t.Errorf("empty: %s of %s", res.Body, res.Header.Get("X-Total-Count"))
		}
		for _, name := range []string{"A", "B", "C", "D"} {
			one := s.add(k, h, name)
			if name == "B" || name == "D" {
				k.Ask(http.MethodPut, s.at(one), h, obj{"is_active": false}).Want(k, http.StatusOK)
			}
		}
		for query, want := range map[string]string{"": "A C", "?status=active": "A C", "?status=archived": "B D", "?status=all": "A B C D"} {
			if got := s.names(k, h, query); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		for _, query := range []string{"?status=ACTIVE", "?status=none", "?limit=0", "?limit=101", "?limit=x", "?cursor=x", "?cursor=" + uuid.Nil.String(), "?cursor=" + uuid.NewString()} {
			k.Ask(http.MethodGet, s.path+query, h, nil).WantCode(k, http.StatusUnprocessableEntity, "invalid")
		}
	})
}

func TestCatalogIsPaged(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		made := map[string]obj{}
		for _, name := range []string{"E", "C", "A", "D", "B"} {
			made[name] = s.add(k, h, name)
		}
		next, pages := s.path+"?limit=2", []string{}
		for next != "" {
			res := k.Ask(http.MethodGet, next, h, nil).Want(k, http.StatusOK)
			if got := res.Header.Get("X-Total-Count"); got != "5" {
				t.Errorf("%s: a total of %s", next, got)
			}
			for _, one := range res.List(k) {
				pages = append(pages, fmt.Sprint(one["name"]))
			}
			next, _, _ = strings.Cut(strings.TrimPrefix(res.Header.Get("Link"), "<"), ">")
		}
		if got := strings.Join(pages, " "); got != "A B C D E" {
			t.Errorf("walked %s", got)
		}
		// The last one of a page may be archived before the next is asked for.
		k.Ask(http.MethodPut, s.at(made["B"]), h, obj{"is_active": false}).Want(k, http.StatusOK)
		if got := s.names(k, h, fmt.Sprint("?limit=2&cursor=", made["B"]["id"])); got != "C D" {
			t.Errorf("behind an archived one: %s", got)
		}
		foreign := s.add(k, k.CSRFHeaders(k.User2), "A")
		if got := wrong(k, k.Ask(http.MethodGet, fmt.Sprint(s.path, "?cursor=", foreign["id"]), h, nil)); !slices.Equal(got, []string{"query.cursor cursor"}) {
			t.Errorf("another practice's cursor: %q", got)
		}
	})
}

func TestCatalogNamesAreUnique(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		first := s.add(k, h, "Café עיסוי")
		other := s.add(k, h, "Other")
		for _, name := range []string{"Café עיסוי", "  CAFE   עִיסּוּי ", "cafe\u0301\u00a0עיסוי\u200f"} {
			made := k.Ask(http.MethodPost, s.path, h, s.named(name)).WantCode(k, http.StatusConflict, "name_taken").Map(k)
			same(k, made["current"].(obj), obj{"id": first["id"], "name": "Café עיסוי"})
			k.Ask(http.MethodPut, s.at(other), h, obj{"name": name}).WantCode(k, http.StatusConflict, "name_taken")
		}
		same(k, k.Ask(http.MethodGet, s.at(other), h, nil).Want(k, http.StatusOK).Map(k), obj{"name": "Other", "version": 1})
		s.add(k, h, "Café עיסוי +")
		if n := s.stored(k); n != 3 {
			t.Errorf("%d are stored, want 3", n)
		}
		s.add(k, k.CSRFHeaders(k.User2), "Café עיסוי") // another practice may have it
	})
}

func TestNameOfAnArchivedOneStaysTaken(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		old, other := s.add(k, h, "Reiki"), s.add(k, h, "Other")
		k.Ask(http.MethodPut, s.at(old), h, obj{"is_active": false}).Want(k, http.StatusOK)
		for _, refused := range []*testkit.Response{
			k.Ask(http.MethodPost, s.path, h, s.named("REIKI ")), k.Ask(http.MethodPut, s.at(other), h, obj{"name": "reiki"}),
		} {
			p := refused.WantCode(k, http.StatusConflict, "name_archived").Map(k)
			same(k, p["current"].(obj), obj{"id": old["id"], "is_active": false})
			if detail := fmt.Sprint(p["detail"]); !strings.Contains(detail, "Bring it back") || strings.Contains(strings.ToLower(detail), "reiki") {
				t.Errorf("detail %q", detail)
			}
		}
		back := k.Ask(http.MethodPut, s.at(old), h, obj{"is_active": true}).Want(k, http.StatusOK).Map(k)
		same(k, back, obj{"name": "Reiki", "is_active": true, "version": 3})
		if got := s.names(k, h, ""); got != "Other Reiki" {
			t.Errorf("listed are %s", got)
		}
	})
}

func TestRenamingToItself(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		one := s.add(k, h, "massage")
		same(k, k.Ask(http.MethodPut, s.at(one), h, obj{"name": "massage"}).Want(k, http.StatusOK).Map(k), obj{"name": "massage"})
		same(k, k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Massage"}).Want(k, http.StatusOK).Map(k), obj{"name": "Massage"})
		k.Ask(http.MethodPut, s.at(one), h, obj{"is_active": false}).Want(k, http.StatusOK)
		same(k, k.Ask(http.MethodPut, s.at(one), h, obj{"name": "MASSAGE"}).Want(k, http.StatusOK).Map(k), obj{"name": "MASSAGE", "is_active": false, "version": 5})
		s.add(k, h, "Free")
		k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Reiki"}).Want(k, http.StatusOK)
		s.add(k, h, "Massage") // given up, so it is free again
	})
}

func TestConcurrentCreatesOfOneName(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		var all sync.WaitGroup
		answers := make([]*testkit.Response, 12)
		for i := range answers {
			name := []string{"Massage", " MASSAGE", "massage\u200f"}[i%3]
			all.Go(func() { answers[i] = k.Do(http.MethodPost, s.path, h, s.named(name)) })
		}
		all.Wait()
		made := 0
		for _, res := range answers {
			if res.Status == http.StatusCreated {
				made++
			} else {
				res.WantCode(k, http.StatusConflict, "name_taken")
			}
		}
		if made != 1 || s.stored(k) != 1 {
			t.Fatalf("%d were made, %d are stored", made, s.stored(k))
		}
	})
}

func TestConcurrentRenamesToOneName(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		var all sync.WaitGroup
		statuses := make([]int, 6)
		for i := range statuses {
			one := s.add(k, h, fmt.Sprint("Room ", i))
			all.Go(func() { statuses[i] = k.Do(http.MethodPut, s.at(one), h, obj{"name": "Quiet room"}).Status })
		}
		all.Wait()
		slices.Sort(statuses)
		if !slices.Equal(statuses, []int{200, 409, 409, 409, 409, 409}) {
			t.Fatalf("statuses %v", statuses)
		}
		if got := s.names(k, h, ""); strings.Count(got, "Quiet") != 1 {
			t.Fatalf("listed are %s", got)
		}
	})
}

func TestUnusedOnesAreRemoved(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		one, gone := s.add(k, h, "One"), s.add(k, h, "Gone")
		k.Ask(http.MethodPut, s.at(gone), h, obj{"is_active": false}).Want(k, http.StatusOK)
		k.Ask(http.MethodDelete, s.at(one), h, nil).Want(k, http.StatusNoContent)
		k.Ask(http.MethodDelete, s.at(gone), h, nil).Want(k, http.StatusNoContent)
		for _, path := range []string{s.at(one), s.at(gone)} {
			k.Ask(http.MethodGet, path, h, nil).WantCode(k, http.StatusNotFound, "not_found")
			k.Ask(http.MethodPut, path, h, obj{"is_active": true}).WantCode(k, http.StatusNotFound, "not_found")
			k.Ask(http.MethodDelete, path, h, nil).WantCode(k, http.StatusNotFound, "not_found")
		}
		if n := s.stored(k); n != 0 {
			t.Errorf("%d are stored", n)
		}
		s.add(k, h, "One") // and the name is free
	})
}

func TestUsedOnesAreArchived(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		one := s.add(k, h, "Massage")
		booked := s.use(k, one)
		k.Clock.Advance(time.Minute)
		k.Ask(http.MethodDelete, s.at(one), h, nil).Want(k, http.StatusNoContent)
		same(k, k.Ask(http.MethodGet, s.at(one), h, nil).Want(k, http.StatusOK).Map(k), obj{
			"is_active": false, "version": 2, "updated_at": k.Clock.Now().Format(time.RFC3339), "created_at": one["created_at"],
		})
		k.Clock.Advance(time.Minute)
		k.Ask(http.MethodDelete, s.at(one), h, nil).Want(k, http.StatusNoContent)
		same(k, k.Ask(http.MethodGet, s.at(one), h, nil).Want(k, http.StatusOK).Map(k), obj{"is_active": false, "version": 2})
		k.Ask(http.MethodPost, s.path, h, s.named("massage")).WantCode(k, http.StatusConflict, "name_archived")
		same(k, k.Ask(http.MethodPut, s.at(one), h, obj{"is_active": true}).Want(k, http.StatusOK).Map(k), obj{"is_active": true, "version": 3})
		q := "select count(*) from appointments where workspace_id = $1 and id = $2 and " + s.column + " = $3"
		if n := k.DB.Count(q, k.Workspace1.ID.String(), booked.ID.String(), fmt.Sprint(one["id"])); n != 1 {
			t.Error("the appointment does not name it any more")
		}
	})
}

// An appointment in the trash may be brought back, so what it names stays.
func TestUsedByADeletedAppointmentAlone(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		one := s.add(k, h, "Massage")
		booked := s.use(k, one)
		k.Do(http.MethodDelete, "/appointments/"+booked.ID.String(), h, nil).Want(k, http.StatusNoContent)
		k.Ask(http.MethodDelete, s.at(one), h, nil).Want(k, http.StatusNoContent)
		same(k, k.Ask(http.MethodGet, s.at(one), h, nil).Want(k, http.StatusOK).Map(k), obj{"is_active": false})
		k.Do(http.MethodPost, "/appointments/"+booked.ID.String()+"/restore", h, nil).Want(k, http.StatusOK)
	})
}

// Ids are a practice's own, so the same one can be another practice's too.
func TestOnlyOwnUseCounts(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h, id := k.CSRFHeaders(k.User1), testkit.ID(7, 1)
		theirs := model.Appointment{ClientID: k.Client2.ID, PractitionerID: k.User2.ID}
		for _, w := range []uuid.UUID{k.Workspace1.ID, k.Workspace2.ID} {
			if s.table == "services" {
				k.AddService(w, model.Service{ID: id, Name: "Same", Minutes: 60})
				theirs.ServiceID = &id
			} else {
				k.AddLocation(w, model.Location{ID: id, Name: "Same", Type: "online"})
				theirs.LocationID = &id
			}
		}
		k.AddAppointment(k.Workspace2.ID, theirs)
		s.use(k, s.add(k, h, "Other"))
		k.Ask(http.MethodDelete, s.path+"/"+id.String(), h, nil).Want(k, http.StatusNoContent)
		if n := s.stored(k); n != 1 {
			t.Errorf("%d are stored: another one's use counted", n)
		}
		same(k, k.Ask(http.MethodGet, s.path+"/"+id.String(), k.AuthHeaders(k.User2), nil).Want(k, http.StatusOK).Map(k), obj{"is_active": true})
	})
}
