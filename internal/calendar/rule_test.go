package calendar_test

import (
	"strings"
	"testing"
	"time"

	"pazpaz/internal/calendar"
)

func rule(t testing.TB, text string) calendar.Rule {
	t.Helper()
	r, err := calendar.ParseRule(text, time.Sunday)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

func TestRuleText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"FREQ=WEEKLY;BYDAY=MO;COUNT=10":                                "FREQ=WEEKLY;COUNT=10;BYDAY=MO",
		"COUNT=1;BYDAY=su,fr,MO;freq=weekly;interval=1":                "FREQ=WEEKLY;COUNT=1;BYDAY=MO,FR,SU",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU;COUNT=520":                 "FREQ=WEEKLY;INTERVAL=2;COUNT=520;BYDAY=SA,SU;WKST=SU",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU;COUNT=520;WKST=MO":         "FREQ=WEEKLY;INTERVAL=2;COUNT=520;BYDAY=SA,SU;WKST=MO",
		"FREQ=WEEKLY;INTERVAL=52;BYDAY=TH;UNTIL=20280229;WKST=SA":      "FREQ=WEEKLY;INTERVAL=52;UNTIL=20280229;BYDAY=TH",
		"FREQ=WEEKLY;BYDAY=TH,WE;UNTIL=99991231":                       "FREQ=WEEKLY;UNTIL=99991231;BYDAY=WE,TH",
		"FREQ=MONTHLY;BYDAY=2TU;COUNT=12":                              "FREQ=MONTHLY;COUNT=12;BYDAY=2TU",
		"FREQ=MONTHLY;BYDAY=+5SA;COUNT=012;INTERVAL=024":               "FREQ=MONTHLY;INTERVAL=24;COUNT=12;BYDAY=5SA",
		"FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261231":                       "FREQ=MONTHLY;UNTIL=20261231;BYDAY=-1FR",
		"FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2;WKST=SU":                   "FREQ=MONTHLY;COUNT=2;BYMONTHDAY=31",
		"FREQ=MONTHLY;BYMONTHDAY=-1;INTERVAL=24;COUNT=2":               "FREQ=MONTHLY;INTERVAL=24;COUNT=2;BYMONTHDAY=-1",
		"FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=0520": "FREQ=WEEKLY;INTERVAL=3;COUNT=520;BYDAY=MO,TU,WE,TH,FR,SA,SU;WKST=SU",
	} {
		r := rule(t, text)
		if r.String() != want {
			t.Errorf("%s is written %s, want %s", text, r, want)
		}
		again, err := calendar.ParseRule(r.String(), time.Wednesday)
		if err != nil || again != r {
			t.Errorf("%s comes back as %s (%v)", r, again, err)
		}
	}
}

func TestRuleRefusals(t *testing.T) {
	t.Parallel()
	for code, texts := range map[string][]string{
		"rule": {
			"", ";", "=", "FREQ", "FREQ=", "FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=3", "FREQ=DAILY;COUNT=3", "FREQ=YEARLY;BYDAY=MO;COUNT=3", "BYDAY=MO;COUNT=3",
			"RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;BYDAY=MO;COUNT=3;", "FREQ=WEEKLY;BYDAY=MO\n;COUNT=3", " FREQ=WEEKLY;BYDAY=MO;COUNT=3",
			"FREQ=WEEKLY;FREQ=WEEKLY;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;BYDAY=MO;COUNT=3;COUNT=3", "FREQ=WEEKLY;BYDAY=MO;COUNT=3;BYHOUR=9",
			"FREQ=WEEKLY;BYDAY=MO;COUNT=3;BYSETPOS=1", "FREQ=WEEKLY;BYDAY=MO;COUNT=3;X=1", "FREQ=WEEKLY;BYDAY=;COUNT=3", "FREQ=WEEKLY;BYDAY=MO,;COUNT=3",
			"FREQ=WEEKLY;BYDAY=MO,MO;COUNT=3", "FREQ=WEEKLY;BYDAY=1MO;COUNT=3", "FREQ=WEEKLY;BYDAY=XX;COUNT=3", "FREQ=WEEKLY;BYDAY=MOTU;COUNT=3",
			"FREQ=WEEKLY;BYMONTHDAY=3;COUNT=3", "FREQ=WEEKLY;BYDAY=MO;BYMONTHDAY=3;COUNT=3", "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=3;COUNT=3",
			"FREQ=WEEKLY;INTERVAL=0;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;INTERVAL=53;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;INTERVAL=-1;BYDAY=MO;COUNT=3",
			"FREQ=WEEKLY;INTERVAL=;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;INTERVAL=1.5;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;INTERVAL=99999999999999999999;BYDAY=MO;COUNT=3",
			"FREQ=MONTHLY;COUNT=3", "FREQ=MONTHLY;BYDAY=MO;COUNT=3", "FREQ=MONTHLY;BYDAY=0MO;COUNT=3", "FREQ=MONTHLY;BYDAY=6MO;COUNT=3", "FREQ=MONTHLY;BYDAY=-6MO;COUNT=3",
			"FREQ=MONTHLY;BYDAY=1MO,3MO;COUNT=3", "FREQ=MONTHLY;BYDAY=1;COUNT=3", "FREQ=MONTHLY;BYDAY=M;COUNT=3", "FREQ=MONTHLY;BYDAY=;COUNT=3", "FREQ=MONTHLY;BYDAY=--1MO;COUNT=3",
			"FREQ=MONTHLY;BYDAY=-9223372036854775808MO;COUNT=3", "FREQ=MONTHLY;BYDAY=99999999999999999999MO;COUNT=3",
			"FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=-2;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=3",
			"FREQ=MONTHLY;BYMONTHDAY=;COUNT=3", "FREQ=MONTHLY;INTERVAL=25;BYMONTHDAY=1;COUNT=3", "FREQ=WEEKLY;BYDAY=MO;COUNT=3;WKST=XX", "FREQ=WEEKLY;BYDAY=MO;COUNT=3;WKST=",
			"FREQ=WEEKLY;BYDAY=\u017fU;COUNT=3", "FREQ=WEE\u212aLY;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;BYDAY=MO\x00;COUNT=3", "FREQ=WEEKLY=;BYDAY=MO;COUNT=3",
		},
		"end": {
			"FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO;COUNT=3;UNTIL=20261231", "FREQ=WEEKLY;BYDAY=MO;COUNT=0", "FREQ=WEEKLY;BYDAY=MO;COUNT=000", "FREQ=WEEKLY;BYDAY=MO;COUNT=-1",
			"FREQ=WEEKLY;BYDAY=MO;COUNT=", "FREQ=WEEKLY;BYDAY=MO;COUNT=ten", "FREQ=WEEKLY;BYDAY=MO;COUNT=+5", "FREQ=WEEKLY;BYDAY=MO;UNTIL=", "FREQ=WEEKLY;BYDAY=MO;UNTIL=2026-12-31",
			"FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231T000000Z", "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260230", "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261301", "FREQ=WEEKLY;BYDAY=MO;UNTIL=00000101",
			"FREQ=WEEKLY;BYDAY=MO;UNTIL=2026123", "FREQ=WEEKLY;BYDAY=MO;UNTIL=120261231", "FREQ=WEEKLY;BYDAY=MO;COUNT=\u0663", "FREQ=WEEKLY;BYDAY=MO;COUNT=3\n", "FREQ=WEEKLY;BYDAY=MO;COUNT=3\x00",
		},
		"too_many": {"FREQ=WEEKLY;BYDAY=MO;COUNT=521", "FREQ=MONTHLY;BYMONTHDAY=1;COUNT=9223372036854775808", "FREQ=WEEKLY;BYDAY=MO;COUNT=99999999999999999999999999"},
	} {
		for _, text := range texts {
			r, err := calendar.ParseRule(text, time.Monday)
			if err == nil {
				t.Errorf("%q is read as %s", text, r)
				continue
			}
			wantInvalid(t, err, "rule", code)
			if r != (calendar.Rule{}) {
				t.Errorf("%q is refused but leaves %s", text, r)
			}
		}
	}
}

func TestWalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, start, want string }{
		{"FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2026-02-02T10:00", "02-02 02-09 02-16"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20260216", "2026-02-02T23:59", "02-02 02-09 02-16"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20260215", "2026-02-02T00:00", "02-02 02-09"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20260202", "2026-02-02T10:00", "02-02"},
		{"FREQ=WEEKLY;BYDAY=SU,TU;COUNT=4", "2026-02-03T10:00", "02-03 02-08 02-10 02-15"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=4;WKST=MO", "2026-02-02T10:00", "02-02 02-08 02-16 02-22"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=4;WKST=SU", "2026-02-02T10:00", "02-02 02-15 02-16 03-01"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;COUNT=4;WKST=MO", "2026-02-08T10:00", "02-08 02-16 02-22 03-02"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU,FR;COUNT=4;WKST=SA", "2026-02-06T10:00", "02-06 02-14 02-15 02-20"},
		{"FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "2026-02-10T10:00", "02-10 03-10 04-14"},
		{"FREQ=MONTHLY;BYDAY=5MO;COUNT=3", "2026-03-30T10:00", "03-30 06-29 08-31"},
		{"FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", "2026-02-27T10:00", "02-27 03-27 04-24"},
		{"FREQ=MONTHLY;INTERVAL=2;BYDAY=-5FR;COUNT=2", "2026-01-02T10:00", "01-02 05-01"},
		{"FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4", "2026-01-31T10:00", "01-31 03-31 05-31 07-31"},
		{"FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4", "2026-01-31T10:00", "01-31 02-28 03-31 04-30"},
		{"FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29;COUNT=3", "2028-02-29T10:00", "02-29 02-29 02-29"},
	} {
		start := wall(t, c.start)
		got, err := rule(t, c.rule).Walls(start)
		if err != nil {
			t.Errorf("%s from %s: %v", c.rule, c.start, err)
			continue
		}
		var days []string
		for _, w := range got {
			days = append(days, w.Date()[5:])
			if w.String()[10:] != c.start[10:] {
				t.Errorf("%s from %s is at %s", c.rule, c.start, w)
			}
		}
		if strings.Join(days, " ") != c.want {
			t.Errorf("%s from %s: %v, want %s", c.rule, c.start, days, c.want)
		}
	}
}

func TestWallsRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, start, field, code string }{
		{"FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2026-02-03T10:00", "starts_at", "rule_start"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20260204", "2026-02-03T10:00", "starts_at", "rule_start"},
		{"FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "2026-02-03T10:00", "starts_at", "rule_start"},
		{"FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "2026-02-27T10:00", "starts_at", "rule_start"},
		{"FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20260301", "2026-02-27T10:00", "starts_at", "rule_start"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20260201", "2026-02-02T10:00", "rule", "end"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20360117", "2026-02-02T10:00", "", ""}, // 519 weeks and a few days
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20360121", "2026-02-02T10:00", "rule", "too_many"},
		{"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;UNTIL=99991231", "2026-02-02T10:00", "rule", "too_many"},
		{"FREQ=WEEKLY;INTERVAL=52;BYDAY=MO;COUNT=520", "9000-01-06T10:00", "", ""},
		{"FREQ=WEEKLY;INTERVAL=52;BYDAY=MO;COUNT=520", "9500-01-01T10:00", "rule", "end"},
		{"FREQ=WEEKLY;BYDAY=FR;COUNT=1", "9999-12-31T23:59", "", ""},
		{"FREQ=WEEKLY;BYDAY=FR;COUNT=2", "9999-12-31T23:59", "rule", "end"},
	} {
		walls, err := rule(t, c.rule).Walls(wall(t, c.start))
		switch {
		case c.code != "":
			wantInvalid(t, err, c.field, c.code)
		case err != nil || len(walls) == 0:
			t.Errorf("%s from %s: %d, %v", c.rule, c.start, len(walls), err)
		}
	}
}

// A series may last for centuries; nothing on the way may cut it short.
func TestLongSeries(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"FREQ=WEEKLY;INTERVAL=52;BYDAY=MO;COUNT=520":        "2543-04-29T10:00",
		"FREQ=WEEKLY;BYDAY=MO;COUNT=520":                    "2036-01-14T10:00",
		"FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=2;COUNT=520":   "3064-02-02T10:00",
		"FREQ=MONTHLY;BYDAY=1MO;COUNT=520":                  "2069-05-06T10:00",
		"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=520":  "2027-07-06T10:00",
		"FREQ=MONTHLY;INTERVAL=12;BYDAY=-4MO;COUNT=2":       "2027-02-01T10:00",
		"FREQ=WEEKLY;INTERVAL=52;BYDAY=MO;UNTIL=25430505":   "2543-04-29T10:00",
		"FREQ=MONTHLY;INTERVAL=24;BYDAY=1MO;UNTIL=30000101": "2998-02-05T10:00",
	} {
		walls, err := rule(t, text).Walls(wall(t, "2026-02-02T10:00"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if last := walls[len(walls)-1].String(); last != want {
			t.Errorf("%s: the last of %d is %s, want %s", text, len(walls), last, want)
		}
	}
}

func TestShiftedMonthly(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=3;UNTIL=20261231"} {
		r := rule(t, text)
		same, err := r.Shifted(0)
		if err != nil || same != r {
			t.Errorf("%s shifted by nothing: %s, %v", text, same, err)
		}
		for _, days := range []int{1, -1, 7, 28} {
			_, err = r.Shifted(days)
			wantInvalid(t, err, "rule", "monthly")
		}
	}
}

func TestRestRefusesOtherTimes(t *testing.T) {
	t.Parallel()
	r, start := rule(t, "FREQ=WEEKLY;BYDAY=MO;COUNT=3"), wall(t, "2026-02-02T10:00")
	for _, from := range []string{"2026-02-03T10:00", "2026-02-09T10:01", "2026-01-26T10:00", "2026-02-23T10:00"} {
		_, err := r.Rest(start, wall(t, from))
		wantInvalid(t, err, "starts_at", "rule_start")
	}
	_, err := rule(t, "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260101").Rest(start, start)
	wantInvalid(t, err, "rule", "end")
}

func TestEndBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, cut, want string }{
		{"FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2026-02-09T00:00", "FREQ=WEEKLY;COUNT=1;BYDAY=MO"},
		{"FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2026-02-09T23:59", "FREQ=WEEKLY;COUNT=1;BYDAY=MO"},
		{"FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2026-02-10T00:00", "FREQ=WEEKLY;COUNT=2;BYDAY=MO"},
		{"FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2036-02-10T00:00", "FREQ=WEEKLY;COUNT=3;BYDAY=MO"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20260216", "2026-02-16T12:00", "FREQ=WEEKLY;UNTIL=20260215;BYDAY=MO"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20260216", "2026-02-17T12:00", "FREQ=WEEKLY;UNTIL=20260216;BYDAY=MO"},
		{"FREQ=WEEKLY;BYDAY=MO;UNTIL=20260216", "2036-02-17T12:00", "FREQ=WEEKLY;UNTIL=20260216;BYDAY=MO"},
	} {
		got, err := rule(t, c.rule).EndBefore(wall(t, "2026-02-02T10:00"), wall(t, c.cut))
		if err != nil || got.String() != c.want {
			t.Errorf("%s before %s: %s (%v), want %s", c.rule, c.cut, got, err, c.want)
		}
	}
	_, err := rule(t, "FREQ=WEEKLY;BYDAY=MO;COUNT=3").EndBefore(wall(t, "2026-02-03T10:00"), wall(t, "2026-02-09T10:00"))
	wantInvalid(t, err, "starts_at", "rule_start")
	_, err = rule(t, "FREQ=WEEKLY;BYDAY=MO;COUNT=3").EndBefore(wall(t, "2026-02-02T10:00"), wall(t, "2026-02-02T23:00"))
	wantInvalid(t, err, "rule", "end")
}

func FuzzParseRule(f *testing.F) {
	for _, seed := range []string{
		"FREQ=WEEKLY;BYDAY=MO;COUNT=10", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU;UNTIL=20261231;WKST=SU", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=520", "freq=monthly;bymonthday=-1;count=1",
		"FREQ=MONTHLY;BYDAY=+5SA;INTERVAL=24;UNTIL=99991231", "FREQ=MONTHLY;BYDAY=M;COUNT=3", ";;;===", "FREQ=WEEKLY;BYDAY=MO;COUNT=99999999999999999999", "FREQ=WEEKLY;BYDAY=\u017fU;COUNT=3",
		"FREQ=WEEKLY;BYDAY=MO;UNTIL=00010101", "FREQ=MONTHLY;BYDAY=-9223372036854775808MO;COUNT=1", "RRULE:FREQ=WEEKLY", "\x00\xff",
	} {
		f.Add(seed, byte(len(seed)), int64(len(seed))*1e6)
	}
	f.Fuzz(func(t *testing.T, text string, day byte, minutes int64) {
		r, err := calendar.ParseRule(text, time.Weekday(day%7))
		if err != nil {
			if r != (calendar.Rule{}) || strings.Contains(err.Error(), text) && len(text) > 20 {
				t.Fatalf("%q is refused with %v and %s", text, err, r)
			}
			return
		}
		again, err := calendar.ParseRule(r.String(), time.Weekday(int(day+1)%7))
		if err != nil || again != r {
			t.Fatalf("%q is %s, which is read as %s (%v)", text, r, again, err)
		}
		start := calendar.WallOf(time.Unix(minutes%2e11, 0), time.UTC)
		walls, err := r.Walls(start)
		if err == nil && (len(walls) == 0 || len(walls) > calendar.MaxOccurrences || walls[0] != start) {
			t.Fatalf("%q from %s: %d times", text, start, len(walls))
		}
	})
}
