package calendar_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"pazpaz/internal/calendar"
)

// This file reads feeds as a stranger would: golang-ical takes the text apart,
// and times are resolved with nothing but the VTIMEZONE in it.

func written(t testing.TB, f calendar.Feed) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteICS(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// checkForm checks what holds for every iCalendar text, and returns its lines
// unfolded.
func checkForm(t testing.TB, text string) []string {
	t.Helper()
	if !utf8.ValidString(text) || !strings.HasSuffix(text, "\r\n") {
		t.Fatalf("not UTF-8, or not ended: %q", text)
	}
	for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || strings.ContainsAny(line, "\r\n\v\f\x00\u0085\u2028\u2029") || !utf8.ValidString(line) {
			t.Fatalf("a bad line of %d octets: %q", len(line), line)
		}
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n")
}

func parsed(t testing.TB, text string) *ics.Calendar {
	t.Helper()
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return cal
}

// block is one STANDARD or DAYLIGHT of a VTIMEZONE.
type block struct {
	onset    string // local, as written
	from, to time.Duration
	daylight bool
}

type vtimezone struct {
	id     string
	blocks []block
}

func zonesOf(t testing.TB, cal *ics.Calendar) []vtimezone {
	t.Helper()
	var all []vtimezone
	for _, c := range cal.Components {
		z, ok := c.(*ics.VTimezone)
		if !ok {
			continue
		}
		v := vtimezone{id: z.GetProperty(ics.ComponentPropertyTzid).Value}
		for _, sub := range z.SubComponents() {
			switch part := sub.(type) {
			case *ics.Standard:
				v.blocks = append(v.blocks, blockOf(t, &part.ComponentBase, false))
			case *ics.Daylight:
				v.blocks = append(v.blocks, blockOf(t, &part.ComponentBase, true))
			default:
				t.Fatalf("a %T in a zone", sub)
			}
		}
		all = append(all, v)
	}
	return all
}

func blockOf(t testing.TB, c *ics.ComponentBase, daylight bool) block {
	t.Helper()
	value := func(name string) string { return c.GetProperty(ics.ComponentProperty(name)).Value }
	return block{value("DTSTART"), utcOffset(t, value("TZOFFSETFROM")), utcOffset(t, value("TZOFFSETTO")), daylight}
}

func utcOffset(t testing.TB, text string) time.Duration {
	t.Helper()
	padded := (text + "00")[:7]
	if len(text) != 5 && len(text) != 7 {
		t.Fatalf("an offset of %q", text)
	}
	clock, err := time.Parse("150405", padded[1:])
	if err != nil {
		t.Fatal(err)
	}
	d := clock.Sub(date(0, 1, 1))
	if text[0] == '-' {
		return -d
	}
	if text[0] != '+' {
		t.Fatalf("an offset of %q", text)
	}
	return d
}

// at reads a local time as RFC 5545, 3.6.5 says: by the block that began last.
// Its onset is local by the offset before, so texts of one form compare.
func (v vtimezone) at(t testing.TB, local string) time.Time {
	t.Helper()
	var last *block
	for i, b := range v.blocks {
		if b.onset <= local && (last == nil || b.onset > last.onset) {
			last = &v.blocks[i]
		}
	}
	if last == nil {
		t.Fatalf("%s is before everything in %s", local, v.id)
	}
	plain, err := time.Parse("20060102T150405", local)
	if err != nil {
		t.Fatal(err)
	}
	return plain.Add(-last.to)
}

// resolve reads a DTSTART or DTEND.
func resolve(t testing.TB, zones []vtimezone, p *ics.IANAProperty) time.Time {
	t.Helper()
	id, local := p.ICalParameters["TZID"]
	if !local {
		return instant(t, p.Value[:4]+"-"+p.Value[4:6]+"-"+p.Value[6:11]+":"+p.Value[11:13]+":"+p.Value[13:])
	}
	for _, z := range zones {
		if z.id == id[0] {
			return z.at(t, p.Value)
		}
	}
	t.Fatalf("no zone %s", id)
	return time.Time{}
}
