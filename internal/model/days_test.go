package model_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pazpaz/internal/model"

	"pgregory.net/rapid"
)

func TestDaysBeginAndEndByTheClocksOfTheirZone(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ zone, first, last, from, to string }{
		"UTC":                          {"UTC", "2026-02-02", "2026-02-02", "2026-02-02T00:00:00Z", "2026-02-03T00:00:00Z"},
		"a week":                       {"UTC", "2026-02-02", "2026-02-08", "2026-02-02T00:00:00Z", "2026-02-09T00:00:00Z"},
		"open end":                     {"Asia/Jerusalem", "2026-02-02", "", "2026-02-01T22:00:00Z", ""},
		"open begin":                   {"Asia/Jerusalem", "", "2026-02-02", "", "2026-02-02T22:00:00Z"},
		"a short day":                  {"Asia/Jerusalem", "2026-03-27", "2026-03-27", "2026-03-26T22:00:00Z", "2026-03-27T21:00:00Z"},
		"a long day":                   {"Asia/Jerusalem", "2026-10-25", "2026-10-25", "2026-10-24T21:00:00Z", "2026-10-25T22:00:00Z"},
		"half an hour":                 {"Asia/Kolkata", "2026-02-02", "2026-02-02", "2026-02-01T18:30:00Z", "2026-02-02T18:30:00Z"},
		"three quarters":               {"Asia/Kathmandu", "2026-02-02", "2026-02-02", "2026-02-01T18:15:00Z", "2026-02-02T18:15:00Z"},
		"half an hour of summer":       {"Australia/Lord_Howe", "2026-10-04", "2026-10-04", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"},
		"far east":                     {"Pacific/Kiritimati", "2026-02-02", "2026-02-02", "2026-02-01T10:00:00Z", "2026-02-02T10:00:00Z"},
		"far west":                     {"Pacific/Pago_Pago", "2026-02-02", "2026-02-02", "2026-02-02T11:00:00Z", "2026-02-03T11:00:00Z"},
		"midnight is missing, Beirut":  {"Asia/Beirut", "2026-03-29", "2026-03-29", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"},
		"midnight is missing, Cairo":   {"Africa/Cairo", "2026-04-24", "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"},
		"the day before, Cairo":        {"Africa/Cairo", "2026-04-23", "2026-04-23", "2026-04-22T22:00:00Z", "2026-04-23T22:00:00Z"},
		"midnight is missing, Havana":  {"America/Havana", "2026-03-08", "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
		"midnight comes twice, Havana": {"America/Havana", "2026-11-01", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
		"the hour before comes twice":  {"America/Sao_Paulo", "2018-02-17", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z"},
		"midnight is missing, Brazil":  {"America/Sao_Paulo", "2018-11-04", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"},
		"the day that Samoa left out":  {"Pacific/Apia", "2011-12-29", "2011-12-31", "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z"},
		"leap day":                     {"UTC", "2028-02-29", "2028-02-29", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"},
		"no days at all":               {"UTC", "", "", "", ""},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		from, to, err := model.Days{First: c.first, Last: c.last}.In(zone)
		if err != nil || written(from) != c.from || written(to) != c.to {
			t.Errorf("%s: %v, from %s to %s, want %s to %s", what, err, written(from), written(to), c.from, c.to)
		}
	}
}

// written is a time in UTC; nothing for an open end.
func written(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func TestDaysThatAreNone(t *testing.T) {
	t.Parallel()
	for _, date := range []string{"2026-02-30", "2026-13-01", "2026-2-3", "02/03/2026", "today", "2026-02-03T10:00:00", " 2026-02-03", "20260203"} {
		_, _, err := model.Days{First: date}.In(time.UTC)
		if got := strings.Join(fields(err), ","); got != "start_date date" {
			t.Errorf("%q: %s", date, got)
		}
		_, _, err = model.Days{First: date, Last: date}.In(time.UTC)
		if got := strings.Join(fields(err), ","); got != "start_date date,end_date date" {
			t.Errorf("%q: %s", date, got)
		}
	}
}

func TestDaysBackwards(t *testing.T) {
	t.Parallel()
	for d, want := range map[model.Days]string{
		{First: "2026-02-03", Last: "2026-02-02"}: "end_date order", {First: "2026-02-03", Last: "1999-12-31"}: "end_date order",
		{First: "2026-02-03", Last: "2026-02-03"}: "", {First: "9999-01-01"}: "", {Last: "0001-01-01"}: "",
		{First: "2026-02-03", Last: "never"}: "end_date date",
	} {
		if _, _, err := d.In(time.UTC); strings.Join(fields(err), ",") != want {
			t.Errorf("%+v: %v, want %q", d, err, want)
		}
	}
}

// Whatever the zone: the days follow each other without a gap, and every
// moment between two beginnings carries the date.
func TestDaysCoverTimeWithoutGapsProperties(t *testing.T) {
	t.Parallel()
	names := []string{"Asia/Jerusalem", "America/Havana", "Africa/Cairo", "Asia/Beirut", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "America/Nuuk"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(-8000, 8000).Draw(t, "day"))
		date, next := day.Format(time.DateOnly), day.AddDate(0, 0, 1).Format(time.DateOnly)
		from, to, err := model.Days{First: date, Last: date}.In(zone)
		if err != nil {
			t.Fatal(err)
		}
		if after, _, _ := (model.Days{First: next}).In(zone); !after.Equal(to) {
			t.Fatalf("%s ends at %v, %s begins at %v", date, to, next, after)
		}
		if before := from.Add(-time.Second).In(zone).Format(time.DateOnly); before >= date {
			t.Fatalf("a second before it begins, %s is %s already", date, before)
		}
		for at := from; at.Before(to); at = at.Add(17 * time.Minute) {
			if got := at.In(zone).Format(time.DateOnly); got != date {
				t.Fatalf("%v is in %s", at, date)
			}
		}
	})
}
