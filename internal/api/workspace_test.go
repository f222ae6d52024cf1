package api_test

import (
	"fmt"
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
			{obj{"currency": nil, "week_start": nil}, obj{"currency": "USD", "week_start": "sunday"}}, // of the zone, not of the language
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
		if got := k.DB.Rows("select time_zone, locale, currency, week_start, version from workspaces where id = $1", id); !slices.Equal(got[0], []string{"UTC", "en", "USD", "sunday", "8"}) {
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

// week is the working hours with those of the days that are named.
func week(days obj) obj {
	all := obj{}
	for _, day := range []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"} {
		all[day] = []any{}
	}
	for day, spans := range days {
		all[day] = spans
	}
	return all
}

func nineToFive(days ...string) obj {
	all := obj{}
	for _, day := range days {
		all[day] = []any{[]any{"09:00", "17:00"}}
	}
	return week(all)
}

func TestWorkspaceHasTheUsualUntilItIsSet(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		usual := obj{"working_hours": nineToFive("monday", "tuesday", "wednesday", "thursday", "friday"), "retention_years": 7, "shared_notes": false}
		for _, u := range []model.User{k.User1, k.Practitioner1, k.Assistant1, k.User2} {
			h := k.AuthHeaders(u)
			same(k, k.Ask(http.MethodGet, "/workspace", h, nil).Want(k, http.StatusOK).Map(k), usual)
			same(k, k.Ask(http.MethodGet, "/auth/me", h, nil).Want(k, http.StatusOK).Map(k)["workspace"].(obj), usual)
		}
		sunday := k.Ask(http.MethodPut, "/workspace", k.CSRFHeaders(k.User1), obj{"week_start": "sunday"}).Want(k, http.StatusOK).Map(k)
		same(k, sunday, obj{"working_hours": nineToFive("sunday", "monday", "tuesday", "wednesday", "thursday")})
	})
}

func TestWorkspaceHoursRetentionAndSharing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		usual := nineToFive("monday", "tuesday", "wednesday", "thursday", "friday")
		want := obj{"working_hours": usual, "retention_years": 7, "shared_notes": false}
		split := obj{"sunday": []any{[]any{"14:00", "24:00"}, []any{"00:00", "08:30"}, []any{"08:30", "12:00"}}}
		for _, step := range []struct{ sent, changed obj }{
			{obj{"working_hours": split}, obj{"working_hours": week(obj{"sunday": []any{[]any{"00:00", "08:30"}, []any{"08:30", "12:00"}, []any{"14:00", "24:00"}}})}},
			{obj{"week_start": "sunday"}, obj{"week_start": "sunday"}},
			{obj{"retention_years": 100, "shared_notes": true}, obj{"retention_years": 100, "shared_notes": true}},
			{obj{"working_hours": obj{}}, obj{"working_hours": week(nil)}},
			{obj{"name": "Same"}, obj{"name": "Same"}},
			{obj{"retention_years": 8, "working_hours": obj{"monday": nil, "friday": []any{}}}, obj{"retention_years": 8}},
			{obj{"week_start": "monday", "working_hours": nil}, obj{"week_start": "monday", "working_hours": usual}},
			{obj{"retention_years": nil, "shared_notes": nil}, obj{"retention_years": 7, "shared_notes": false}},
		} {
			for name, v := range step.changed {
				want[name] = v
			}
			same(k, k.Ask(http.MethodPut, "/workspace", h, step.sent).Want(k, http.StatusOK).Map(k), want)
			after := k.Process(nil, nil)
			same(k, after.Ask(http.MethodGet, "/workspace", h, nil).Want(after, http.StatusOK).Map(after), want)
		}
		row := k.DB.Rows("select count(*) from workspaces where id = $1 and working_hours is null and retention_years is null", k.Workspace1.ID.String())
		if row[0][0] != "1" {
			t.Error("the usual is stored as if it had been chosen")
		}
		if n := k.DB.Count("select version from workspaces where id = $1", k.Workspace2.ID.String()); n != 1 {
			t.Error("the other workspace was changed")
		}
	})
}

func TestWorkspaceRefusesBadHours_ASVS_2_2_3(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := k.CSRFHeaders(k.User1)
		span := func(from, to string) obj { return obj{"sunday": []any{[]any{from, to}}} }
		many := []any{}
		for hour := range 7 {
			many = append(many, []any{fmt.Sprintf("%02d:00", hour), fmt.Sprintf("%02d:30", hour)})
		}
		for _, c := range []struct {
			field string
			value any
			code  string
		}{
			{"working_hours", span("17:00", "09:00"), "hours"}, {"working_hours", span("09:00", "09:00"), "hours"}, {"working_hours", span("9:00", "17:00"), "hours"},
			{"working_hours", span("09:00", "24:01"), "hours"}, {"working_hours", span("", ""), "hours"}, {"working_hours", obj{"funday": []any{}}, "hours"},
			{"working_hours", obj{"Sunday": []any{}}, "hours"}, {"working_hours", obj{"sunday": []any{[]any{"09:00"}}}, "hours"}, {"working_hours", obj{"sunday": []any{nil}}, "hours"},
			{"working_hours", obj{"sunday": []any{[]any{"09:00", "12:00"}, []any{"11:59", "13:00"}}}, "overlap"}, {"working_hours", obj{"sunday": many}, "too_many"},
			{"working_hours", "always", "type"}, {"working_hours", obj{"sunday": "always"}, "type"}, {"working_hours", []any{}, "type"}, {"working_hours", obj{"sunday": []any{[]any{9, 17}}}, "type"},
			{"retention_years", 0, "range"}, {"retention_years", 6, "range"}, {"retention_years", 101, "range"}, {"retention_years", -7, "range"}, {"retention_years", 7.5, "type"}, {"retention_years", "7", "type"},
			{"shared_notes", "yes", "type"}, {"shared_notes", 1, "type"},
		} {
			if got := wrong(k, k.Ask(http.MethodPut, "/workspace", h, obj{"name": "New", c.field: c.value})); !slices.Equal(got, []string{"body." + c.field + " " + c.code}) {
				t.Errorf("%s %.40v: refused as %q, want %s", c.field, c.value, got, c.code)
			}
		}
		same(k, k.Ask(http.MethodGet, "/workspace", h, nil).Want(k, http.StatusOK).Map(k), obj{"name": "Test Workspace 1", "version": 1, "retention_years": 7})
	})
}

func TestOnlyOwnersShareNotes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, u := range []model.User{k.Practitioner1, k.Assistant1} {
			for field, v := range (obj{"shared_notes": true, "retention_years": 10, "working_hours": nil}) {
				k.Ask(http.MethodPut, "/workspace", k.CSRFHeaders(u), obj{field: v}).WantCode(k, http.StatusForbidden, "denied")
			}
		}
		if n := k.DB.Count("select count(*) from workspaces where shared_notes is null and retention_years is null"); n != 2 {
			t.Error("something was stored")
		}
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
