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

	"github.com/google/uuid"
)

func TestOnlyOwnersChangeTheCatalog(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		one := s.add(k, k.CSRFHeaders(k.User1), "Massage")
		members := map[model.Role]http.Header{}
		for _, u := range []model.User{k.Practitioner1, k.Assistant1} {
			members[u.Role] = k.CSRFHeaders(u)
		}
		before := k.SnapshotWithoutTrail(k.Workspace1.ID)
		for role, h := range members {
			if got := s.names(k, h, "?status=all"); got != "Massage" {
				t.Errorf("%v lists %q", role, got)
			}
			same(k, k.Ask(http.MethodGet, s.at(one), h, nil).Want(k, http.StatusOK).Map(k), one)
			k.Ask(http.MethodPost, s.path, h, s.named("Mine")).WantCode(k, http.StatusForbidden, "denied")
			k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Mine"}).WantCode(k, http.StatusForbidden, "denied")
			k.Ask(http.MethodDelete, s.at(one), h, nil).WantCode(k, http.StatusForbidden, "denied")
		}
		if k.SnapshotWithoutTrail(k.Workspace1.ID) != before {
			t.Error("a refused change changed something")
		}
		for _, act := range []model.Action{s.create, s.update, s.remove} {
			if got := k.Audited(k.Workspace1.ID, act); len(got) < 2 || got[len(got)-1].Outcome != "denied" || got[len(got)-2].Outcome != "denied" {
				t.Errorf("%v: the trail says %+v", act, got)
			}
		}
	})
}

func TestStaleEntryIsShownAsItIs(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		one := s.add(k, h, "First")
		same(k, k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Second", "version": 1}).Want(k, http.StatusOK).Map(k), obj{"version": 2})
		for _, version := range []int{1, 3, -1} {
			stale := k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Third", "version": version}).WantCode(k, http.StatusConflict, "stale").Map(k)
			same(k, stale["current"].(obj), obj{"id": one["id"], "name": "Second", "version": 2})
		}
		match := h.Clone()
		match.Set("If-Match", `"1"`)
		k.Ask(http.MethodPut, s.at(one), match, obj{"name": "Third"}).WantCode(k, http.StatusConflict, "stale")
		if got := wrong(k, k.Ask(http.MethodPut, s.at(one), match, obj{"version": 2})); !slices.Equal(got, []string{"header.If-Match version"}) {
			t.Errorf("two versions: %q", got)
		}
		match.Set("If-Match", `"2"`)
		same(k, k.Ask(http.MethodPut, s.at(one), match, obj{"name": "Third"}).Want(k, http.StatusOK).Map(k), obj{"name": "Third", "version": 3})
		same(k, k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Fourth"}).Want(k, http.StatusOK).Map(k), obj{"version": 4})
	})
}

func TestStaleIsToldBeforeTheName(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		one := s.add(k, h, "One")
		s.add(k, h, "Two")
		k.Ask(http.MethodPut, s.at(one), h, obj{}).Want(k, http.StatusOK)
		k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Two", "version": 1}).WantCode(k, http.StatusConflict, "stale")
	})
}

func TestSwitchesCannotBeNull(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		one := s.add(k, h, "One")
		if got := wrong(k, k.Ask(http.MethodPut, s.at(one), h, obj{"is_active": nil})); !slices.Equal(got, []string{"body.is_active required"}) {
			t.Errorf("null: %q", got)
		}
		if got := wrong(k, k.Ask(http.MethodPut, s.at(one), h, obj{"is_active": "no"})); !slices.Equal(got, []string{"body.is_active type"}) {
			t.Errorf("text: %q", got)
		}
		for _, field := range []string{"id", "workspace_id", "archived_at", "created_at", "currency"} {
			if got := wrong(k, k.Ask(http.MethodPut, s.at(one), h, obj{field: "x"})); !slices.Equal(got, []string{"body.unknown unknown_field"}) {
				t.Errorf("%s: %q", field, got)
			}
			body := s.named("Two")
			body[field] = "x"
			if got := wrong(k, k.Ask(http.MethodPost, s.path, h, body)); !slices.Equal(got, []string{"body.unknown unknown_field"}) {
				t.Errorf("create with %s: %q", field, got)
			}
		}
		same(k, k.Ask(http.MethodGet, s.at(one), h, nil).Want(k, http.StatusOK).Map(k), one)
	})
}

func TestForeignEntriesAnswerLikeMissingOnes(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		theirs := s.add(k, k.CSRFHeaders(k.User2), "Theirs")
		before := k.Snapshot(k.Workspace2.ID)
		if got := s.names(k, h, "?status=all"); got != "" {
			t.Errorf("lists %s", got)
		}
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
			for _, body := range []any{obj{"name": "Mine"}, "{", obj{"unknown": 1}, obj{"version": 7}} {
				missing := k.Do(method, s.path+"/"+uuid.NewString(), h, body).WantCode(k, http.StatusNotFound, "not_found")
				if foreign := k.Do(method, s.at(theirs), h, body); !foreign.SameBut(missing) {
					t.Errorf("%s %v: %s", method, body, foreign.Body)
				}
			}
		}
		k.Ask(http.MethodGet, s.path+"/x", h, nil).WantCode(k, http.StatusUnprocessableEntity, "invalid")
		if k.Snapshot(k.Workspace2.ID) != before {
			t.Error("the other practice was changed")
		}
	})
}

func TestCatalogOutlivesARestart(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		one, old := s.add(k, h, "עיסוי 60"), s.add(k, h, "Old")
		k.Ask(http.MethodPut, s.at(old), h, obj{"is_active": false}).Want(k, http.StatusOK)
		after := k.Process(nil, nil)
		same(after, after.Ask(http.MethodGet, s.at(one), h, nil).Want(after, http.StatusOK).Map(after), one)
		if got := s.names(after, h, "?status=all"); got != "Old עיסוי 60" {
			t.Errorf("lists %s", got)
		}
		after.Ask(http.MethodPost, s.path, h, s.named("OLD")).WantCode(after, http.StatusConflict, "name_archived")
	})
}

func TestCatalogCreatesOnce(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := withKey(k.CSRFHeaders(k.User1), "key-1")
		first := k.Ask(http.MethodPost, s.path, h, s.named("Massage")).Want(k, http.StatusCreated)
		again := k.Ask(http.MethodPost, s.path, h, s.named("Massage")).Want(k, http.StatusCreated)
		if string(first.Body) != string(again.Body) || first.Header.Get("Location") != "/api/v1"+s.at(first.Map(k)) {
			t.Errorf("answered %s at %s, then %s", first.Body, first.Header.Get("Location"), again.Body)
		}
		if got := wrong(k, k.Ask(http.MethodPost, s.path, h, s.named("Other"))); !slices.Equal(got, []string{"header.Idempotency-Key reused"}) {
			t.Errorf("another body: %q", got)
		}
		k.Ask(http.MethodPost, s.path, withKey(h, "key-2"), s.named("Massage")).WantCode(k, http.StatusConflict, "name_taken")
		if n := s.stored(k); n != 1 {
			t.Errorf("%d are stored", n)
		}
		// A name that was taken is no answer to keep: once it is free the same request works.
		k.Ask(http.MethodPut, s.at(first.Map(k)), h, obj{"name": "Reiki"}).Want(k, http.StatusOK)
		k.Ask(http.MethodPost, s.path, withKey(h, "key-2"), s.named("Massage")).Want(k, http.StatusCreated)
	})
}

func TestCatalogHasAnEnd(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		first := s.add(k, h, "Number 0")
		now := k.Clock.Now()
		for i := 1; i < 200; i++ { // archived ones count too
			if name := model.Text(fmt.Sprint("Number ", i)); s.table == "services" {
				k.AddService(k.Workspace1.ID, model.Service{Name: name, Minutes: 60, ArchivedAt: &now})
			} else {
				k.AddLocation(k.Workspace1.ID, model.Location{Name: name, Type: "online"})
			}
		}
		k.Ask(http.MethodPost, s.path, h, s.named("One more")).WantCode(k, http.StatusUnprocessableEntity, "too_many")
		k.Ask(http.MethodPut, s.at(first), h, obj{"name": "Renamed"}).Want(k, http.StatusOK)
		k.Ask(http.MethodDelete, s.at(first), h, nil).Want(k, http.StatusNoContent)
		s.add(k, h, "One more")
		s.add(k, k.CSRFHeaders(k.User2), "One more")
		if n := s.stored(k); n != 200 {
			t.Errorf("%d are stored", n)
		}
	})
}

func TestCatalogIsAudited(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		one := s.add(k, h, "One")
		k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Two"}).Want(k, http.StatusOK)
		k.Ask(http.MethodPost, s.path, h, s.named("two")).WantCode(k, http.StatusConflict, "name_taken")
		s.use(k, one)
		k.Ask(http.MethodDelete, s.at(one), h, nil).Want(k, http.StatusNoContent)
		id, owner := fmt.Sprint(one["id"]), k.User1.ID.String()
		ok := testkit.AuditedEvent{Outcome: "ok", Subject: id, Records: "1", Actor: owner}
		for act, want := range map[model.Action][]testkit.AuditedEvent{
			s.create: {ok, {Outcome: "refused", Subject: uuid.Nil.String(), Records: "0", Actor: owner}}, s.update: {ok}, s.remove: {ok},
		} {
			if got := k.Audited(k.Workspace1.ID, act); !slices.Equal(got, want) {
				t.Errorf("%v: %+v, want %+v", act, got, want)
			}
		}
		s.names(k, h, "")
		if got := k.Audited(k.Workspace1.ID, s.reads); len(got) != 0 {
			t.Errorf("settings are no records, yet a look at them is in the trail: %+v", got)
		}
	})
}

func TestCatalogTextsAreSealed(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h := k.CSRFHeaders(k.User1)
		body := s.named("Zipporah")
		for _, field := range []string{"description", "address", "details"} {
			if s.table == "services" == (field == "description") {
				body[field] = "Zipporah " + field
			}
		}
		one := k.Ask(http.MethodPost, s.path, h, body).Want(k, http.StatusCreated).Map(k)
		k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Zipporah 2"}).Want(k, http.StatusOK)
		for _, row := range k.DB.Rows("select * from "+s.table+" where workspace_id = $1", k.Workspace1.ID.String()) {
			if strings.Contains(strings.Join(row, " "), "Zipporah") {
				t.Error("a text is stored in the open")
			}
		}
		if strings.Contains(k.Log.String(), "Zipporah") {
			t.Error("a text is in the log")
		}
	})
}

func TestCatalogTimes(t *testing.T) {
	eachShelf(t, func(t *testing.T, k *testkit.Kit, s shelf) {
		h, start := k.CSRFHeaders(k.User1), k.Clock.Now().Format(time.RFC3339)
		one := s.add(k, h, "One")
		same(k, one, obj{"created_at": start, "updated_at": start, "version": 1, "is_active": true})
		k.Clock.Advance(time.Minute)
		later := k.Clock.Now().Format(time.RFC3339)
		same(k, k.Ask(http.MethodPut, s.at(one), h, obj{"name": "Two"}).Want(k, http.StatusOK).Map(k), obj{"created_at": start, "updated_at": later})
	})
}
