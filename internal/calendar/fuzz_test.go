package calendar_test

import (
	"strings"
	"testing"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
)

// FuzzWall checks that a local time is refused or written as it was read, and
// that the moments it stands for in a zone show that time.
func FuzzWall(f *testing.F) {
	for _, seed := range []string{
		"2026-03-27T02:30", "2026-10-25T01:30", "2026-02-29T10:00", "0000-01-01T00:00", "9999-12-31T23:59", "2026-03-02T24:00", "2026-03-02 10:00", "2026-3-2T10:00",
		"", "2026-03-02T10:00:00Z", "\x00", "-001-01-01T00:00",
	} {
		f.Add(seed, "Asia/Jerusalem")
		f.Add(seed, "Australia/Lord_Howe")
	}
	f.Fuzz(func(t *testing.T, text, zone string) {
		w, err := calendar.ParseWall(text)
		if err != nil {
			if model.KindOf(err) != model.Invalid {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if w.String() != text {
			t.Fatalf("%q is written %q", text, w)
		}
		loc, err := time.LoadLocation(zone)
		if err != nil || zone == "Local" {
			return
		}
		at := w.In(loc)
		for _, moment := range []time.Time{at.Earlier, at.Later} {
			if got := calendar.WallOf(moment, loc); at.Existence != calendar.Missing && got.Compare(w) != 0 {
				t.Fatalf("%q in %s is %v, which shows %v", text, zone, moment, got)
			}
		}
	})
}

// FuzzICS checks that a stranger reads in a feed what we wrote into it.
func FuzzICS(f *testing.F) {
	for _, seed := range []string{
		"Massage", "a;b,c\\d\nSUMMARY:e", "שלום עולם " + strings.Repeat("ש", 80), "\r\nEND:VCALENDAR\r\n", "\x00\x07\u2028\u0085", "\xff\xfe", strings.Repeat("\U0001f469\u200d\u2695\ufe0f", 30), "",
	} {
		f.Add(seed, seed, int64(1_770_000_000), uint16(60))
	}
	jerusalem, err := time.LoadLocation("Asia/Jerusalem")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, summary, details string, unix int64, minutes uint16) {
		start := time.Unix(946_684_800+(unix%3_000_000_000+3_000_000_000)%3_000_000_000, 0)
		feed := calendar.Feed{Name: model.Text(summary), Zone: jerusalem, Stamp: start, Events: []calendar.Event{{
			UID: "visit-1@pazpaz", Modified: start, Start: start, End: start.Add(time.Duration(int(minutes)+1) * time.Minute),
			Summary: model.Text(summary), Description: model.Text(details), Location: model.Text(details),
		}}}
		text := written(t, feed)
		lines := checkForm(t, text)
		count := 0
		for _, line := range lines {
			if line == "BEGIN:VEVENT" || line == "END:VCALENDAR" {
				count++
			}
		}
		if count != 2 || len(parsed(t, text).Events()) != 1 {
			t.Fatalf("it is not one event:\n%s", text)
		}
	})
}
