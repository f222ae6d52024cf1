package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

func TestWorkspaceIsReadByEveryRole(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, u := range []model.User{k.User1, k.Practitioner1, k.Assistant1} {
			same(k, k.Ask(http.MethodGet, "/workspace", k.AuthHeaders(u), nil).Want(k, http.StatusOK).Map(k), obj{
				"id": k.Workspace1.ID.String(), "name": "Test Workspace 1", "time_zone": "Asia/Jerusalem", "locale": "en", "currency": "USD", "week_start": "monday", "version": 1,
			})
		}
		same(k, k.Ask(http.MethodGet, "/workspace", k.AuthHeaders(k.User2), nil).Want(k, http.StatusOK).Map(k), obj{"id": k.Workspace2.ID.String()})
	})
}

func TestOwnersChangeTheWorkspace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		want := obj{"name": "Test Workspace 1", "time_zone": "Asia/Jerusalem", "locale": "en", "currency": "USD", "week_start": "monday"}
		version := 1
		for _, step := range []struct{ sent, changed obj }{
			{obj{}, obj{}},
			{obj{"name": "  Cafe\u0301 קליניקה "}, obj{"name": "Café קליניקה"}},
			{obj{"time_zone": "America/New_York"}, obj{"time_zone": "America/New_York"}},
			{obj{"locale": "he"}, obj{"locale": "he"}},
			{obj{"currency": "EUR", "week_start": "saturday"}, obj{"currency": "EUR", "week_start": "saturday"}},
			{obj{"currency": nil, "week_start": nil}, obj{"currency": "ILS", "week_start": "sunday"}},
			{obj{"time_zone": nil, "locale": nil}, obj{"time_zone": "UTC", "locale": "en"}},
		} {
			for name, v := range step.changed {
				want[name] = v
			}
			version++
			want["version"] = version
			same(k, k.Ask(http.MethodPut, "/workspace", h, step.sent).Want(k, http.StatusOK).Map(k), want)
			same(k, k.Ask(http.MethodGet, "/workspace", h, nil).Want(k, http.StatusOK).Map(k), want)
		}
		id := k.Workspace1.ID.String()
		if got := k.DB.Rows("select time_zone, locale, currency, week_start, version from workspaces where id = $1", id); !slices.Equal(got[0], []string{"UTC", "en", "ILS", "sunday", "8"}) {
			t.Errorf("stored %q", got)
		}
		if got := k.DB.Rows("select time_zone, version from workspaces where id = $1", k.Workspace2.ID.String()); !slices.Equal(got[0], []string{"Asia/Jerusalem", "1"}) {
			t.Errorf("the other workspace was changed: %q", got)
		}
	})
}

func TestOnlyOwnersChangeTheWorkspace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, u := range []model.User{k.Practitioner1, k.Assistant1} {
			k.Ask(http.MethodPut, "/workspace", k.CSRFHeaders(u), obj{"name": "Mine"}).WantCode(k, http.StatusForbidden, "denied")
		}
		if n := k.DB.Count("select version from workspaces where id = $1", k.Workspace1.ID.String()); n != 1 {
			t.Errorf("version %d is stored", n)
		}
		if got := k.Audited(k.Workspace1.ID, model.WorkspaceUpdate); len(got) != 2 || got[0].Outcome != "denied" || got[1].Actor != k.Assistant1.ID.String() {
			t.Errorf("the trail says %+v", got)
		}
	})
}

func TestWorkspaceRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		for _, c := range []struct {
			field string
			value any
			code  string
		}{
			{"name", "", "required"}, {"name", nil, "required"}, {"name", " \u00a0", "required"}, {"name", strings.Repeat("ק", 256), "too_long"},
			{"name", "a\x00", "characters"}, {"name", 1, "type"},
			{"time_zone", "Asia/Nowhere", "time_zone"}, {"time_zone", "Local", "time_zone"}, {"time_zone", "+02:00", "time_zone"}, {"time_zone", "../etc/passwd", "time_zone"},
			{"locale", "fr", "choice"}, {"locale", "HE", "choice"}, {"currency", "ils", "currency"}, {"currency", "SHEKEL", "currency"},
			{"week_start", "friday", "choice"}, {"week_start", 1, "type"}, {"unknown", 1, "unknown_field"},
		} {
			body := obj{"name": "New"}
			body[c.field] = c.value
			if got := wrong(k, k.Ask(http.MethodPut, "/workspace", h, body)); !slices.Equal(got, []string{"body." + c.field + " " + c.code}) {
				t.Errorf("%s %.20v: refused as %q, want %s", c.field, c.value, got, c.code)
			}
		}
		same(k, k.Ask(http.MethodGet, "/workspace", h, nil).Want(k, http.StatusOK).Map(k), obj{"name": "Test Workspace 1", "version": 1})
		same(k, k.Ask(http.MethodPut, "/workspace", h, obj{"name": strings.Repeat("ק", 255)}).Want(k, http.StatusOK).Map(k), obj{"version": 2})
	})
}

func TestStaleWorkspaceIsShownAsItIs(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		same(k, k.Ask(http.MethodPut, "/workspace", h, obj{"name": "Second", "version": 1}).Want(k, http.StatusOK).Map(k), obj{"version": 2})
		for _, version := range []int{1, 3, -1} {
			stale := k.Ask(http.MethodPut, "/workspace", h, obj{"name": "Third", "version": version}).WantCode(k, http.StatusConflict, "stale").Map(k)
			current, _ := stale["current"].(obj)
			same(k, current, obj{"name": "Second", "version": 2, "id": k.Workspace1.ID.String()})
			for _, fault := range k.Contract().Matches("Workspace", current) {
				t.Errorf("the current workspace is no Workspace: %s", fault)
			}
		}
		same(k, k.Ask(http.MethodPut, "/workspace", h, obj{"name": "Third", "version": 2}).Want(k, http.StatusOK).Map(k), obj{"name": "Third", "version": 3})
	})
}

func TestWorkspaceNameIsSealed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		k.Ask(http.MethodPut, "/workspace", k.CSRFHeaders(k.User1), obj{"name": "Zipporah Clinic"}).Want(k, http.StatusOK)
		for _, row := range k.DB.Rows("select name from workspaces") {
			if strings.Contains(row[0], "Zipporah") {
				t.Error("the name is stored in the open")
			}
		}
	})
}
