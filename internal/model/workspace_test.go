package model_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
)

func TestWorkspaceDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want model.Workspace }{
		{model.Workspace{Name: "nothing said"}, model.Workspace{}, model.Workspace{TimeZone: "UTC", Locale: "en", Currency: "USD", WeekStart: "monday"}},
		{model.Workspace{Name: "Hebrew"}, model.Workspace{Locale: "he"}, model.Workspace{TimeZone: "UTC", Locale: "he", Currency: "ILS", WeekStart: "sunday"}},
		{model.Workspace{Name: "English in Israel"}, model.Workspace{TimeZone: "Asia/Jerusalem", Locale: "en"}, model.Workspace{TimeZone: "Asia/Jerusalem", Locale: "en", Currency: "ILS", WeekStart: "sunday"}},
		{model.Workspace{Name: "Hebrew in London"}, model.Workspace{TimeZone: "Europe/London", Locale: "he"}, model.Workspace{TimeZone: "Europe/London", Locale: "he", Currency: "GBP", WeekStart: "monday"}},
		{model.Workspace{Name: "New York"}, model.Workspace{TimeZone: "America/New_York", Locale: "en"}, model.Workspace{TimeZone: "America/New_York", Locale: "en", Currency: "USD", WeekStart: "sunday"}},
		{model.Workspace{Name: "where nothing is known"}, model.Workspace{TimeZone: "Asia/Kathmandu", Locale: "en"}, model.Workspace{TimeZone: "Asia/Kathmandu", Locale: "en", Currency: "USD", WeekStart: "monday"}},
		{
			model.Workspace{Name: "all said"},
			model.Workspace{TimeZone: "Asia/Jerusalem", Locale: "he", Currency: "EUR", WeekStart: "saturday"},
			model.Workspace{TimeZone: "Asia/Jerusalem", Locale: "he", Currency: "EUR", WeekStart: "saturday"},
		},
	} {
		c.in.Name, c.want.Name = "Clinic", "Clinic"
		if got, err := c.in.Normalize(); err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v", string(c.name.Name), got, err)
		}
	}
}

func TestZonesThatBrowsersKnowAreTaken(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"UTC", "Etc/UTC", "Etc/GMT-2", "Asia/Jerusalem", "Israel", "America/Argentina/Buenos_Aires", "US/Pacific", "GB", "EST5EDT", "Pacific/Apia"} {
		if w, err := (model.Workspace{Name: "Clinic", TimeZone: zone}).Normalize(); err != nil || w.TimeZone != zone {
			t.Errorf("%s: %q, %v", zone, w.TimeZone, err)
		}
	}
}

// The table of what is usual where names only zones that exist and what a
// practice can be set to.
func TestCustomsOfZonesAreGood(t *testing.T) {
	t.Parallel()
	for zone := range model.Customs {
		if _, err := (model.Workspace{Name: "Clinic", TimeZone: zone}).Normalize(); err != nil {
			t.Errorf("%s: %v", zone, err)
		}
	}
}

func TestWorkspaceRules(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("ק", 255)
	for _, c := range []struct {
		name   string
		change func(*model.Workspace)
		wrong  string
	}{
		{"longest name", func(w *model.Workspace) { w.Name = model.Text(name) }, ""},
		{"longer name", func(w *model.Workspace) { w.Name = model.Text(name + "ק") }, "name too_long"},
		{"no name", func(w *model.Workspace) { w.Name = "" }, "name required"},
		{"blank name", func(w *model.Workspace) { w.Name = "\u00a0 \t" }, "name required"},
		{"name with NUL", func(w *model.Workspace) { w.Name = "a\x00" }, "name characters"},
		{"name of two lines", func(w *model.Workspace) { w.Name = "a\nb" }, "name characters"},
		{"Jerusalem", func(w *model.Workspace) { w.TimeZone = "Asia/Jerusalem" }, ""},
		{"UTC", func(w *model.Workspace) { w.TimeZone = "UTC" }, ""},
		{"unknown zone", func(w *model.Workspace) { w.TimeZone = "Asia/Tel_Aviv_North" }, "time_zone time_zone"},
		{"the server's zone", func(w *model.Workspace) { w.TimeZone = "Local" }, "time_zone time_zone"},
		{"a zone of the machine", func(w *model.Workspace) { w.TimeZone = "localtime" }, "time_zone time_zone"},
		{"a zone of rules", func(w *model.Workspace) { w.TimeZone = "posixrules" }, "time_zone time_zone"},
		{"no zone at all", func(w *model.Workspace) { w.TimeZone = "Factory" }, "time_zone time_zone"},
		{"a zone without leap seconds", func(w *model.Workspace) { w.TimeZone = "posix/Asia/Jerusalem" }, "time_zone time_zone"},
		{"a zone with leap seconds", func(w *model.Workspace) { w.TimeZone = "right/Asia/Jerusalem" }, "time_zone time_zone"},
		{"a zone with a space", func(w *model.Workspace) { w.TimeZone = " UTC" }, "time_zone time_zone"},
		{"an offset", func(w *model.Workspace) { w.TimeZone = "+02:00" }, "time_zone time_zone"},
		{"a path as zone", func(w *model.Workspace) { w.TimeZone = "../../etc/passwd" }, "time_zone time_zone"},
		{"a zone with NUL", func(w *model.Workspace) { w.TimeZone = "UTC\x00" }, "time_zone time_zone"},
		{"unknown language", func(w *model.Workspace) { w.Locale = "fr" }, "locale choice"},
		{"language with a country", func(w *model.Workspace) { w.Locale = "en-US" }, "locale choice"},
		{"three capitals", func(w *model.Workspace) { w.Currency = "JPY" }, ""},
		{"small letters", func(w *model.Workspace) { w.Currency = "ils" }, "currency currency"},
		{"two letters", func(w *model.Workspace) { w.Currency = "IL" }, "currency currency"},
		{"four letters", func(w *model.Workspace) { w.Currency = "ILSS" }, "currency currency"},
		{"a sign", func(w *model.Workspace) { w.Currency = "₪" }, "currency currency"},
		{"a line behind it", func(w *model.Workspace) { w.Currency = "ILS\n" }, "currency currency"},
		{"Saturday", func(w *model.Workspace) { w.WeekStart = "saturday" }, ""},
		{"Tuesday", func(w *model.Workspace) { w.WeekStart = "tuesday" }, "week_start choice"},
		{"Sunday in capitals", func(w *model.Workspace) { w.WeekStart = "Sunday" }, "week_start choice"},
		{"seven years", func(w *model.Workspace) { w.Retention = price(7) }, ""},
		{"a hundred years", func(w *model.Workspace) { w.Retention = price(100) }, ""},
		{"six years", func(w *model.Workspace) { w.Retention = price(6) }, "retention_years range"},
		{"a hundred and one years", func(w *model.Workspace) { w.Retention = price(101) }, "retention_years range"},
		{"years ago", func(w *model.Workspace) { w.Retention = price(-7) }, "retention_years range"},
	} {
		w := model.Workspace{Name: "Clinic"}
		c.change(&w)
		_, err := w.Normalize()
		if got := strings.Join(fields(err), ", "); got != c.wrong {
			t.Errorf("%s: %q, want %q", c.name, got, c.wrong)
		}
	}
}

func TestWorkspaceNameIsTrimmed(t *testing.T) {
	t.Parallel()
	w, err := model.Workspace{Name: "  Cafe\u0301 Clinic "}.Normalize()
	if err != nil || w.Name != "Café Clinic" {
		t.Fatalf("kept as %q, %v", string(w.Name), err)
	}
}

func TestWhatWasNotSetIsTheUsual(t *testing.T) {
	t.Parallel()
	w := model.Workspace{WeekStart: "sunday"}
	if w.RetentionYears() != 7 || w.SharedNotes || w.WorkingHours().String() != model.DefaultHours("sunday").String() {
		t.Errorf("nothing set: %d years, %v", w.RetentionYears(), w.WorkingHours())
	}
	w.WeekStart = "monday"
	if w.WorkingHours().String() != model.DefaultHours("monday").String() {
		t.Errorf("the usual hours do not follow the start of the week: %v", w.WorkingHours())
	}
	w.Hours, w.Retention = &model.Hours{}, price(10)
	if w.RetentionYears() != 10 || w.WorkingHours().String() != (model.Hours{}).String() {
		t.Errorf("set to ten years and no work: %d, %v", w.RetentionYears(), w.WorkingHours())
	}
}

func TestTodayRefusesAnUnknownZone(t *testing.T) {
	t.Parallel()
	if _, err := (model.Workspace{TimeZone: "Mars/Olympus"}).Today(today); err == nil {
		t.Fatal("there is a day on Mars")
	}
	day, err := model.Workspace{TimeZone: "Asia/Jerusalem"}.Today(time.Date(2026, 2, 2, 23, 0, 0, 0, time.UTC))
	if err != nil || day.Format(time.DateOnly) != "2026-02-03" {
		t.Fatalf("got %v, %v", day, err)
	}
}

func TestUserRules(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("ק", 255)
	for _, c := range []struct {
		name   string
		change func(*model.User)
		wrong  []string
	}{
		{"as it is", func(*model.User) {}, nil},
		{"longest name", func(u *model.User) { u.FullName = model.Text(name) }, nil},
		{"longer name", func(u *model.User) { u.FullName = model.Text(name + "ק") }, []string{"full_name too_long"}},
		{"blank name", func(u *model.User) { u.FullName = " \u2003" }, []string{"full_name required"}},
		{"control character", func(u *model.User) { u.FullName = "a\x1bb" }, []string{"full_name characters"}},
		{"no address", func(u *model.User) { u.Email = " " }, []string{"email required"}},
		{"no address and no name", func(u *model.User) { u.Email, u.FullName = "", "" }, []string{"email required", "full_name required"}},
		{"Hebrew", func(u *model.User) { u.Locale = "he" }, nil},
		{"another language", func(u *model.User) { u.Locale = "EN" }, []string{"locale choice"}},
	} {
		u := model.User{Email: "dana@example.com", FullName: "Dana"}
		c.change(&u)
		_, err := u.Normalize()
		if got := fields(err); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: %v, want %v", c.name, got, c.wrong)
		}
	}
}

func TestUserIsStoredInOneForm(t *testing.T) {
	t.Parallel()
	u, err := model.User{Email: " Dana.LEVI@Example.COM ", FullName: "  Jose\u0301 "}.Normalize()
	if err != nil || u.Email != "dana.levi@example.com" || u.FullName != "José" || u.Locale != "en" {
		t.Fatalf("kept as %q %q %q, %v", string(u.Email), string(u.FullName), u.Locale, err)
	}
}

func TestConsentRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		kind          string
		version, text string
		wrong         []string
	}{
		{"treatment", "treatment", "2026-11", "I agree.", nil},
		{"data", "data", "2026-11", "I agree.\r\n\tTo all of it.", nil},
		{"reminders", "reminders", strings.Repeat("ג", 100), strings.Repeat("ט", 10_000), nil},
		{"no kind", "", "1", "text", []string{"kind choice"}},
		{"unknown kind", "Treatment", "1", "text", []string{"kind choice"}},
		{"no wording", "data", " ", "\n", []string{"text_version required", "text required"}},
		{"too long", "data", strings.Repeat("ג", 101), strings.Repeat("ט", 10_001), []string{"text_version too_long", "text too_long"}},
		{"a version of two lines", "data", "a\nb", "text", []string{"text_version characters"}},
		{"NUL", "data", "1", "a\x00", []string{"text characters"}},
	} {
		_, err := model.Consent{Kind: c.kind, TextVersion: model.Text(c.version), Text: model.Text(c.text)}.Normalize()
		if got := fields(err); !slices.Equal(got, c.wrong) {
			t.Errorf("%s: %v, want %v", c.name, got, c.wrong)
		}
	}
	got, err := model.Consent{Kind: "data", TextVersion: " 2 ", Text: "\nJose\u0301\n"}.Normalize()
	if err != nil || got.TextVersion != "2" || got.Text != "José" {
		t.Errorf("kept as %q %q, %v", string(got.TextVersion), string(got.Text), err)
	}
}
