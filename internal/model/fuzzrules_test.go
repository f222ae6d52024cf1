package model

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzHours checks that working hours are refused, or written as they are read.
func FuzzHours(f *testing.F) {
	for _, seed := range []string{
		`{"sunday":[["09:00","17:00"]]}`, `{}`, `{"sunday":[["00:00","24:00"]]}`, `{"sunday":[["09:00","17:00"],["16:00","18:00"]]}`, `{"Sunday":[]}`, `{"sunday":[["9:00","x"]]}`,
		`{"sunday":null}`, `null`, `[]`, `{"sunday":[["17:00","09:00"]]}`, "\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseHours(text)
		if err != nil {
			if KindOf(err) != Invalid {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if again, err := ParseHours(h.String()); err != nil || again.String() != h.String() {
			t.Fatalf("%q is %s, and read again %s (%v)", text, h, again, err)
		}
	})
}

// FuzzDays checks that days are refused, or begin before they end, on the date
// that was asked for.
func FuzzDays(f *testing.F) {
	for _, seed := range []string{"2026-03-27", "2026-02-30", "0001-01-01", "9999-12-31", "", "2026-3-1", "2026-03-27T00:00:00Z", "-001-01-01"} {
		f.Add(seed, "2026-10-25", "Asia/Jerusalem")
		f.Add("2026-01-01", seed, "America/Sao_Paulo")
	}
	f.Fuzz(func(t *testing.T, from, to, zone string) {
		loc, err := time.LoadLocation(zone)
		if err != nil || zone == "Local" {
			return
		}
		begin, end, err := Days{from, to}.In(loc)
		if err != nil {
			if KindOf(err) != Invalid {
				t.Fatal(err)
			}
			return
		}
		if from != "" && to != "" && !begin.Before(end) {
			t.Fatalf("%s to %s in %s: %v to %v", from, to, zone, begin, end)
		}
	})
}

// FuzzFinder checks that what is found inside a note is a piece of it, and is
// not hidden by the note's trigrams.
func FuzzFinder(f *testing.F) {
	for _, seed := range []string{"knee", "\u05e9\u05b8\u05dc\u05d5\u05b9\u05dd", "e\u0301", "\u00e9", "\u0130", "\ufb01", "a\x00b", "\xff", strings.Repeat("\u05e9", 300), "\u1e9e", "\U0001f469\u200d\u2695\ufe0f"} {
		f.Add("the left "+seed+" hurts", seed)
	}
	f.Fuzz(func(t *testing.T, text, query string) {
		s, err := NoteSearch{Query: Text(query)}.Normalize()
		if err != nil || !utf8.ValidString(text) { // which no body is let in with
			return
		}
		finder, note := NewFinder(s), &Sections{Subjective: Text(text)}
		hits := finder.In(note)
		if len(hits) > 0 && !finder.MayFind(TrigramsOf(note)) {
			t.Fatalf("%q in %q: its trigrams say no", query, text)
		}
		for _, e := range hits {
			piece := strings.TrimSuffix(strings.TrimPrefix(string(e.Text), "\u2026"), "\u2026")
			if !strings.Contains(text, string(e.Hit)) || !strings.Contains(string(e.Text), string(e.Hit)) || !strings.Contains(text, piece) && !strings.Contains(text, string(e.Text)) {
				t.Fatalf("%q in %q: %q of %q", query, text, string(e.Hit), string(e.Text))
			}
			if !utf8.ValidString(string(e.Text)) || !slices.Contains(SectionNames, e.Section) {
				t.Fatalf("%q in %q: %q", query, text, string(e.Text))
			}
		}
	})
}
