package calendar_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
)

func feed(loc *time.Location, starts ...time.Time) calendar.Feed {
	f := calendar.Feed{Name: "Practice", Zone: loc, Stamp: date(2026, 2, 1)}
	for i, start := range starts {
		f.Events = append(f.Events, calendar.Event{
			UID: fmt.Sprintf("visit-%d@pazpaz", i), Modified: date(2026, 1, 31), Start: start, End: start.Add(50 * time.Minute), Summary: "Busy",
		})
	}
	return f
}

func TestFeedText(t *testing.T) {
	t.Parallel()
	f := feed(zone(t, "Asia/Jerusalem"), instant(t, "2026-03-26T08:00:00Z"), instant(t, "2026-03-29T08:00:00Z"), instant(t, "2026-10-24T22:30:00Z"))
	f.Events[1].Sequence, f.Events[1].Cancelled, f.Events[1].Location, f.Events[1].Description = 3, true, "Room 2; upstairs", "Ring, then wait"
	want := `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//PazPaz//Calendar//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Practice
X-WR-TIMEZONE:Asia/Jerusalem
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
BEGIN:VTIMEZONE
TZID:Asia/Jerusalem
BEGIN:STANDARD
DTSTART:20250326T100000
TZOFFSETFROM:+0200
TZOFFSETTO:+0200
TZNAME:IST
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20250328T020000
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
TZNAME:IDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20251026T020000
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
TZNAME:IST
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20260327T020000
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
TZNAME:IDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20261025T020000
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
TZNAME:IST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:visit-0@pazpaz
DTSTAMP:20260201T000000Z
LAST-MODIFIED:20260131T000000Z
SEQUENCE:0
DTSTART;TZID=Asia/Jerusalem:20260326T100000
DTEND;TZID=Asia/Jerusalem:20260326T105000
SUMMARY:Busy
STATUS:CONFIRMED
TRANSP:OPAQUE
CLASS:PRIVATE
END:VEVENT
BEGIN:VEVENT
UID:visit-1@pazpaz
DTSTAMP:20260201T000000Z
LAST-MODIFIED:20260131T000000Z
SEQUENCE:3
DTSTART;TZID=Asia/Jerusalem:20260329T110000
DTEND;TZID=Asia/Jerusalem:20260329T115000
SUMMARY:Busy
LOCATION:Room 2\; upstairs
DESCRIPTION:Ring\, then wait
STATUS:CANCELLED
TRANSP:TRANSPARENT
CLASS:PRIVATE
END:VEVENT
BEGIN:VEVENT
UID:visit-2@pazpaz
DTSTAMP:20260201T000000Z
LAST-MODIFIED:20260131T000000Z
SEQUENCE:0
DTSTART:20261024T223000Z
DTEND:20261024T232000Z
SUMMARY:Busy
STATUS:CONFIRMED
TRANSP:OPAQUE
CLASS:PRIVATE
END:VEVENT
END:VCALENDAR
`
	if got := strings.ReplaceAll(written(t, f), "\r\n", "\n"); got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFeedInUTC(t *testing.T) {
	t.Parallel()
	text := written(t, feed(time.UTC, instant(t, "2026-07-01T08:00:00Z")))
	if strings.Contains(text, "TZID") || strings.Contains(text, "VTIMEZONE") || !strings.Contains(text, "\r\nDTSTART:20260701T080000Z\r\nDTEND:20260701T085000Z\r\n") ||
		!strings.Contains(text, "\r\nX-WR-TIMEZONE:UTC\r\n") {
		t.Fatal(text)
	}
}

func TestFeedWithoutEvents(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Asia/Jerusalem", "Asia/Kathmandu", "UTC"} {
		cal := parsed(t, written(t, feed(zone(t, name))))
		if len(cal.Events()) != 0 || (len(zonesOf(t, cal)) == 0) != (name == "UTC") {
			t.Errorf("%s: %d events, %d zones", name, len(cal.Events()), len(zonesOf(t, cal)))
		}
	}
}

func TestFeedRefusesZonesWithoutName(t *testing.T) {
	t.Parallel()
	for _, loc := range []*time.Location{nil, time.Local, time.FixedZone("", 3600), time.FixedZone("a:b", 0), time.FixedZone("x\r\nATTACH:y", 0), time.FixedZone(`"`, 0), time.FixedZone("+03", 3)} {
		var b strings.Builder
		if err := feed(loc).WriteICS(&b); err == nil || b.Len() > 0 {
			t.Errorf("a feed in %q is written: %s", loc, b.String())
		}
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestFeedSaysWhenWritingFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the reader has gone")
	if err := feed(time.UTC).WriteICS(brokenWriter{broken}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
}

func TestFeedHidesItsTextsInLogs(t *testing.T) {
	t.Parallel()
	f := feed(time.UTC, date(2026, 2, 2))
	f.Name, f.Events[0].Summary, f.Events[0].Location, f.Events[0].Description = "Zz-name", "Zz-summary", "Zz-place", "Zz-words"
	if text := fmt.Sprintf("%v %+v", f, f.Events); strings.Contains(text, "Zz-") {
		t.Fatal(text)
	}
}

func TestTextsStayInTheirLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                "",
		"a,b;c\\d:e\"f":                   `a\,b\;c\\d:e"f`,
		"a\r\nb\rc\nd":                    `a\nb\nc\nd`,
		"a\r\n\r\nEND:VEVENT":             `a\n\nEND:VEVENT`,
		"a\v\f\u0085\u2028\u2029b":        `a\n\n\n\n\nb`,
		"a\x00\x07\x1b\x7f\u009fb\tc":     "ab\tc",
		"a\xffb\xc3":                      "a\uFFFDb\uFFFD",
		`\n`:                              `\\n`,
		"דנה, מטופלת":                     `דנה\, מטופלת`,
		strings.Repeat("ד", 100):          strings.Repeat("ד", 100),
		strings.Repeat("👩‍⚕️", 40):        strings.Repeat("👩‍⚕️", 40),
		strings.Repeat(" ", 200):          strings.Repeat(" ", 200),
		strings.Repeat(";", 100):          strings.Repeat(`\;`, 100),
		strings.Repeat("x", 75-8):         strings.Repeat("x", 75-8),
		strings.Repeat("x", 75-8+1):       strings.Repeat("x", 75-8+1),
		strings.Repeat("x", 75-8+74):      strings.Repeat("x", 75-8+74),
		strings.Repeat("x", 75-8+75):      strings.Repeat("x", 75-8+75),
		strings.Repeat("x", 75-8-1) + "ד": strings.Repeat("x", 75-8-1) + "ד",
	} {
		f := feed(time.UTC, date(2026, 2, 2))
		f.Events[0].Summary = model.Text(text)
		if lines := checkForm(t, written(t, f)); !slices.Contains(lines, "SUMMARY:"+want) {
			t.Errorf("%q is written\n%s", text, strings.Join(lines, "\n"))
		}
	}
}

func TestLinesAreFull(t *testing.T) {
	t.Parallel()
	f := feed(time.UTC, date(2026, 2, 2))
	f.Events[0].Summary = model.Text(strings.Repeat("x", 75-8+74+1))
	want := "\r\nSUMMARY:" + strings.Repeat("x", 67) + "\r\n " + strings.Repeat("x", 74) + "\r\n x\r\n"
	if text := written(t, f); !strings.Contains(text, want) {
		t.Fatal(text)
	}
}

// Whatever is in the texts, the feed has the same lines, and another parser
// reads the same back.
func TestAnyTextIsReadBack(t *testing.T) {
	t.Parallel()
	piece := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\r\n", "\n ", ",", ";", "\\", "\\n", ":", "\"", "END:VEVENT", "BEGIN:VALARM", "שלום", "\u202e", "\xff"}))
	rapid.Check(t, func(rt *rapid.T) {
		any := func(name string) string {
			return strings.Join(rapid.SliceOfN(piece, 1, 12).Draw(rt, name), "")
		}
		f := feed(time.UTC, date(2026, 2, 2), date(2026, 2, 3))
		e := &f.Events[0]
		f.Name, e.UID, e.Summary, e.Location, e.Description = model.Text(any("name")), any("uid"), model.Text(any("summary")), model.Text("L"+any("location")), model.Text("D"+any("description"))
		text := written(t, f)
		var names []string
		for _, line := range checkForm(t, text) {
			name, _, _ := strings.Cut(line, ":")
			names = append(names, name)
		}
		if strings.Join(names[:9], " ") != "BEGIN VERSION PRODID CALSCALE METHOD X-WR-CALNAME X-WR-TIMEZONE REFRESH-INTERVAL;VALUE=DURATION X-PUBLISHED-TTL" ||
			strings.Join(names[9:23], " ") != "BEGIN UID DTSTAMP LAST-MODIFIED SEQUENCE DTSTART DTEND SUMMARY LOCATION DESCRIPTION STATUS TRANSP CLASS END" || len(names) != 9+14+12+1 {
			rt.Fatalf("%q", names)
		}
		event := parsed(t, text).Events()[0]
		for name, want := range map[ics.ComponentProperty]string{ics.ComponentPropertySummary: string(e.Summary), ics.ComponentPropertyLocation: string(e.Location), ics.ComponentPropertyDescription: string(e.Description)} {
			if got := event.GetProperty(name).Value; got != plainText(want) {
				rt.Fatalf("%s is read back as %q, want %q", name, got, plainText(want))
			}
		}
	})
}

// plainText is what is left of a text: one kind of line break, no other
// control characters.
func plainText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(c rune) rune {
		if c < 0x20 && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0 {
			return -1
		}
		return c
	}, s)
}

// checkResolved writes the starts as a feed and reads them back through the
// VTIMEZONE in it.
func checkResolved(t *testing.T, loc *time.Location, starts []time.Time) {
	t.Helper()
	f := feed(loc, starts...)
	text := written(t, f)
	checkForm(t, text)
	cal := parsed(t, text)
	events := cal.Events()
	if len(events) != len(f.Events) {
		t.Fatalf("%s: %d of %d events", loc, len(events), len(f.Events))
	}
	zones := zonesOf(t, cal)
	if len(zones) > 1 || len(zones) == 0 && loc.String() != "UTC" {
		t.Fatalf("%s: %d zones", loc, len(zones))
	}
	for i, e := range events {
		for name, want := range map[ics.ComponentProperty]time.Time{ics.ComponentPropertyDtStart: f.Events[i].Start, ics.ComponentPropertyDtEnd: f.Events[i].End} {
			got := resolve(t, zones, e.GetProperty(name))
			if !got.Equal(want) {
				t.Errorf("%s in %s is read as %s: %v", want, loc, got, e.GetProperty(name))
			}
		}
	}
}

// aroundChanges are instants by the quarter of an hour around each change of
// the clock, and some in between.
func aroundChanges(loc *time.Location, from, to time.Time) []time.Time {
	var all []time.Time
	for _, change := range changes(loc, from, to, 24*time.Hour) {
		for m := -150; m <= 150; m += 15 {
			all = append(all, change.Add(time.Duration(m)*time.Minute))
		}
	}
	for at := from.Add(9 * time.Hour); at.Before(to); at = at.Add(83 * time.Hour) {
		all = append(all, at)
	}
	return all
}

func TestTimesAreReadBackThroughTheZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Asia/Jerusalem", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/Dublin", "Africa/Casablanca", "America/Sao_Paulo", "Europe/London", "Etc/GMT+5", "UTC"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			checkResolved(t, loc, aroundChanges(loc, date(2025, 1, 1), date(2030, 1, 1)))
			checkResolved(t, loc, aroundChanges(loc, date(2015, 1, 1), date(2020, 1, 1)))
			checkResolved(t, loc, aroundChanges(loc, date(2039, 1, 1), date(2041, 1, 1)))
			for _, one := range aroundChanges(loc, date(2026, 3, 1), date(2026, 11, 30)) { // a feed of one event
				checkResolved(t, loc, []time.Time{one})
			}
		})
	}
	parallelZones(t, func(t *testing.T, z namedZone) {
		checkResolved(t, z.loc, aroundChanges(z.loc, date(2026, 1, 1), date(2028, 1, 1)))
	})
	apia := zone(t, "Pacific/Apia")
	checkResolved(t, apia, aroundChanges(apia, date(2011, 6, 1), date(2012, 6, 1)))
	monrovia := zone(t, "Africa/Monrovia") // 44 minutes and 30 seconds behind
	checkResolved(t, monrovia, aroundChanges(monrovia, date(1971, 6, 1), date(1972, 6, 1)))
}

// A time that a clock shows twice is written in UTC, and only such a time.
func TestOnlyRepeatedTimesAreInUTC(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Europe/Dublin")
	for at, utc := range map[string]bool{
		"2026-10-24T23:00:00Z": false, "2026-10-24T23:15:00Z": true /* its end */, "2026-10-25T00:00:00Z": true, "2026-10-25T01:59:00Z": true,
		"2026-10-25T01:59:59Z": true, "2026-10-25T02:00:00Z": false, "2026-03-29T00:30:00Z": false, "2026-03-29T01:00:00Z": false,
	} {
		text := written(t, feed(loc, instant(t, at)))
		if strings.Contains(text, "DTSTART:"+strings.NewReplacer("-", "", ":", "").Replace(at)) != utc || strings.Contains(text, "DTSTART;TZID=Europe/Dublin:") == utc {
			t.Errorf("%s: %s", at, text)
		}
	}
}

// Daylight time is the one ahead, whatever the law calls it.
func TestDaylightIsAhead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Dublin", "Africa/Casablanca", "Asia/Jerusalem", "Australia/Lord_Howe", "America/Santiago"} {
		loc := zone(t, name)
		v := zonesOf(t, parsed(t, written(t, feed(loc, date(2026, 1, 1), date(2027, 12, 31)))))[0]
		if len(v.blocks) < 5 {
			t.Errorf("%s has %d blocks", name, len(v.blocks))
		}
		for _, b := range v.blocks[1:] {
			if b.daylight != (b.to > b.from) {
				t.Errorf("%s: %+v", name, b)
			}
		}
	}
}
