package calendar_test

import (
	"strings"
	"testing"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
)

func wall(t testing.TB, text string) calendar.Wall {
	t.Helper()
	w, err := calendar.ParseWall(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return w
}

// wantInvalid checks that an error names one field and its code.
func wantInvalid(t testing.TB, err error, field, code string) {
	t.Helper()
	want := "[" + field + " " + code + "]"
	if model.KindOf(err) != model.Invalid || !strings.HasSuffix(err.Error(), want) || strings.Count(err.Error(), "[") != 1 {
		t.Fatalf("got %v, want %s", err, want)
	}
}

func TestWallText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2026-02-02T10:00", "0001-01-01T00:00", "9999-12-31T23:59", "2028-02-29T00:01", "1969-12-31T23:59", "1582-10-10T12:00"} {
		w := wall(t, text)
		if w.String() != text || w.Date() != text[:10] {
			t.Errorf("%s is read as %s on %s", text, w, w.Date())
		}
		parsed, err := time.Parse("2006-01-02T15:04", text)
		if err != nil || w.Weekday() != parsed.Weekday() {
			t.Errorf("%s is a %s, want %s (%v)", text, w.Weekday(), parsed.Weekday(), err)
		}
	}
	for _, text := range []string{
		"", "2026-02-02", "2026-02-02T10", "2026-02-02T9:00", "2026-2-02T10:00", "2026-02-02T10:00:00", "2026-02-02T10:00Z", "2026-02-02T10:00+02:00",
		"2026-02-30T10:00", "2027-02-29T10:00", "2026-02-02T24:00", "2026-02-02T23:60", "2026-13-01T10:00", "2026-00-01T10:00", "0000-01-01T00:00",
		" 2026-02-02T10:00", "2026-02-02T10:00 ", "2026-02-02 10:00", "12026-02-02T10:00", "-001-02-02T10:00", "2026-02-02t10:00", "２０２６-02-02T10:00",
	} {
		_, err := calendar.ParseWall(text)
		wantInvalid(t, err, "starts_at", "wall")
	}
}

func TestWallArithmetic(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		days int
		want string
	}{
		{"2026-02-28T10:15", 1, "2026-03-01T10:15"}, {"2028-02-28T23:59", 1, "2028-02-29T23:59"}, {"2026-01-01T00:00", -1, "2025-12-31T00:00"},
		{"2026-03-27T02:30", 0, "2026-03-27T02:30"}, {"1970-01-01T00:00", -365, "1969-01-01T00:00"}, {"2026-06-01T08:00", 365 * 4, "2030-05-31T08:00"},
	} {
		from, want := wall(t, c.from), wall(t, c.want)
		if got := from.AddDays(c.days); got != want {
			t.Errorf("%s and %d days: %s, want %s", c.from, c.days, got, want)
		}
		if want.AddDays(-c.days) != from || from.Before(want) != (c.days > 0) || want.Before(from) != (c.days < 0) {
			t.Errorf("%s and %s are in the wrong order", c.from, c.want)
		}
		if (from.Compare(want) < 0) != (c.days > 0) || (from.Compare(want) == 0) != (c.days == 0) || from.Compare(want) != -want.Compare(from) {
			t.Errorf("%s compared to %s: %d", c.from, c.want, from.Compare(want))
		}
	}
	for _, c := range []struct {
		from, to string
		days     int
	}{
		{"2026-02-02T23:59", "2026-02-03T00:00", 1}, {"2026-02-02T00:00", "2026-02-02T23:59", 0}, {"2026-03-01T08:00", "2026-02-28T23:00", -1},
		{"2027-03-01T23:00", "2028-03-01T00:00", 366}, {"1970-01-01T00:00", "1969-12-31T23:59", -1},
	} {
		from, to := wall(t, c.from), wall(t, c.to)
		if got := from.DaysTo(to); got != c.days {
			t.Errorf("from %s to %s: %d days, want %d", from, to, got, c.days)
		}
		if got := from.AddDays(c.days).At(to.TimeOfDay()); got != to {
			t.Errorf("%s moved by %d days to %s is %s, want %s", from, c.days, to.TimeOfDay(), got, to)
		}
	}
	if got := wall(t, "1969-12-31T23:59").TimeOfDay(); got != 23*time.Hour+59*time.Minute {
		t.Errorf("the time of day is %s", got)
	}
	if (calendar.Wall{}).String() != "0001-01-01T00:00" {
		t.Errorf("the zero Wall is %s", calendar.Wall{})
	}
}

func TestWallOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, instant, want string }{
		{"UTC", "2026-02-02T10:00:59Z", "2026-02-02T10:00"},
		{"Asia/Jerusalem", "2026-02-02T10:00:00Z", "2026-02-02T12:00"},
		{"Asia/Jerusalem", "2026-07-02T22:30:00Z", "2026-07-03T01:30"},
		{"Asia/Kathmandu", "2026-02-02T10:00:00Z", "2026-02-02T15:45"},
		{"Africa/Monrovia", "1970-06-01T00:00:00Z", "1970-05-31T23:15"}, // 44 minutes and 30 seconds behind: a quarter past, and a half
		{"America/New_York", "1969-12-31T23:59:59Z", "1969-12-31T18:59"},
		{"Asia/Jerusalem", "0001-01-01T00:00:00Z", "0001-01-01T02:20"},
	} {
		if got := calendar.WallOf(instant(t, c.instant), zone(t, c.zone)); got != wall(t, c.want) {
			t.Errorf("%s in %s: %s, want %s", c.instant, c.zone, got, c.want)
		}
	}
}

// The zero time of Go, west of Greenwich, is a wall before the zero Wall.
func TestWallsBeforeTheFirst(t *testing.T) {
	t.Parallel()
	w := calendar.WallOf(time.Time{}, time.FixedZone("", -90))
	if w.String() != "0000-12-31T23:58" || w.In(time.FixedZone("", -90)).Earlier != (time.Time{}).Add(-30*time.Second) {
		t.Fatalf("%s, %+v", w, w.In(time.FixedZone("", -90)))
	}
}

func TestWallIn(t *testing.T) {
	t.Parallel()
	const once, missing, repeated = calendar.Once, calendar.Missing, calendar.Repeated
	for _, c := range []struct {
		zone, wall     string
		existence      calendar.Existence
		earlier, later string
	}{
		{"Asia/Jerusalem", "2026-02-02T10:00", once, "2026-02-02T08:00:00Z", "2026-02-02T08:00:00Z"},
		{"Asia/Jerusalem", "2026-03-27T01:59", once, "2026-03-26T23:59:00Z", "2026-03-26T23:59:00Z"},
		{"Asia/Jerusalem", "2026-03-27T02:00", missing, "2026-03-26T23:00:00Z", "2026-03-27T00:00:00Z"},
		{"Asia/Jerusalem", "2026-03-27T02:59", missing, "2026-03-26T23:59:00Z", "2026-03-27T00:59:00Z"},
		{"Asia/Jerusalem", "2026-03-27T03:00", once, "2026-03-27T00:00:00Z", "2026-03-27T00:00:00Z"},
		{"Asia/Jerusalem", "2026-10-25T00:59", once, "2026-10-24T21:59:00Z", "2026-10-24T21:59:00Z"},
		{"Asia/Jerusalem", "2026-10-25T01:00", repeated, "2026-10-24T22:00:00Z", "2026-10-24T23:00:00Z"},
		{"Asia/Jerusalem", "2026-10-25T01:59", repeated, "2026-10-24T22:59:00Z", "2026-10-24T23:59:00Z"},
		{"Asia/Jerusalem", "2026-10-25T02:00", once, "2026-10-25T00:00:00Z", "2026-10-25T00:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-05T01:30", repeated, "2026-04-04T14:30:00Z", "2026-04-04T15:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-05T01:29", once, "2026-04-04T14:29:00Z", "2026-04-04T14:29:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:15", missing, "2026-10-03T15:15:00Z", "2026-10-03T15:45:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:30", once, "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z"},
		{"Antarctica/Troll", "2026-03-29T02:30", missing, "2026-03-29T00:30:00Z", "2026-03-29T02:30:00Z"},
		{"Antarctica/Troll", "2026-10-25T01:00", repeated, "2026-10-24T23:00:00Z", "2026-10-25T01:00:00Z"},
		{"Pacific/Apia", "2011-12-30T12:00", missing, "2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"},
		{"Pacific/Apia", "2011-12-29T23:59", once, "2011-12-30T09:59:00Z", "2011-12-30T09:59:00Z"},
		{"Pacific/Apia", "2011-12-31T00:00", once, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"Pacific/Kiritimati", "1994-12-31T23:59", missing, "1994-12-31T09:59:00Z", "1995-01-01T09:59:00Z"},
		{"Pacific/Kwajalein", "1993-08-21T12:00", missing, "1993-08-21T00:00:00Z", "1993-08-22T00:00:00Z"},
		{"Asia/Manila", "1844-12-31T12:00", missing, "1844-12-31T03:56:08Z", "1845-01-01T03:56:08Z"},
		{"America/Juneau", "1867-10-19T12:00", repeated, "1867-10-18T20:57:41Z", "1867-10-19T20:57:41Z"},
		{"Asia/Beirut", "2026-03-29T00:00", missing, "2026-03-28T21:00:00Z", "2026-03-28T22:00:00Z"},
		{"Asia/Beirut", "2026-10-24T23:30", repeated, "2026-10-24T20:30:00Z", "2026-10-24T21:30:00Z"},
		{"Africa/Cairo", "2026-04-24T00:30", missing, "2026-04-23T21:30:00Z", "2026-04-23T22:30:00Z"},
		{"Africa/Cairo", "2026-10-29T23:00", repeated, "2026-10-29T20:00:00Z", "2026-10-29T21:00:00Z"},
		{"America/Asuncion", "2023-10-01T00:00", missing, "2023-10-01T03:00:00Z", "2023-10-01T04:00:00Z"},
		{"America/Santiago", "2026-09-06T00:15", missing, "2026-09-06T03:15:00Z", "2026-09-06T04:15:00Z"},
		{"America/Santiago", "2026-04-04T23:15", repeated, "2026-04-05T02:15:00Z", "2026-04-05T03:15:00Z"},
		{"America/Sao_Paulo", "2018-11-04T00:00", missing, "2018-11-04T02:00:00Z", "2018-11-04T03:00:00Z"},
		{"Europe/Dublin", "2026-03-29T01:30", missing, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
		{"Europe/Dublin", "2026-10-25T01:30", repeated, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"Africa/Casablanca", "2026-02-15T02:30", repeated, "2026-02-15T01:30:00Z", "2026-02-15T02:30:00Z"},
		{"Africa/Casablanca", "2026-03-22T02:30", missing, "2026-03-22T01:30:00Z", "2026-03-22T02:30:00Z"},
		{"Africa/Monrovia", "1972-01-07T00:30", missing, "1972-01-07T00:30:00Z", "1972-01-07T01:14:30Z"},
		{"Asia/Kathmandu", "2026-02-02T10:00", once, "2026-02-02T04:15:00Z", "2026-02-02T04:15:00Z"},
		{"America/St_Johns", "2010-11-06T23:30", repeated, "2010-11-07T02:00:00Z", "2010-11-07T03:00:00Z"},
		{"America/St_Johns", "2010-11-07T00:00", repeated, "2010-11-07T02:30:00Z", "2010-11-07T03:30:00Z"},
		{"Pacific/Chatham", "2026-09-27T03:00", missing, "2026-09-26T13:15:00Z", "2026-09-26T14:15:00Z"},
		{"UTC", "2028-12-31T12:00", once, "2028-12-31T12:00:00Z", "2028-12-31T12:00:00Z"},
		{"America/New_York", "2028-12-31T12:00", once, "2028-12-31T17:00:00Z", "2028-12-31T17:00:00Z"}, // a leap year's last day
		{"Pacific/Auckland", "2029-01-01T12:00", once, "2028-12-31T23:00:00Z", "2028-12-31T23:00:00Z"},
	} {
		got := wall(t, c.wall).In(zone(t, c.zone))
		if got.Existence != c.existence {
			t.Errorf("%s in %s: %+v", c.wall, c.zone, got)
		}
		if got.Earlier != instant(t, c.earlier) || got.Later != instant(t, c.later) {
			t.Errorf("%s in %s: %+v, want %s and %s", c.wall, c.zone, got, c.earlier, c.later)
		}
	}
	fixed := wall(t, "2026-02-02T10:00").In(time.FixedZone("far", 14*3600))
	if fixed.Existence != once || fixed.Earlier != instant(t, "2026-02-01T20:00:00Z") {
		t.Errorf("with a fixed offset: %+v", fixed)
	}
}
