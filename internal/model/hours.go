package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const (
	// DayMinutes is the end of a day, in minutes since midnight.
	DayMinutes = 24 * 60
	// MaxHourSpans is how many working spans a day may have.
	MaxHourSpans = 6
)

// HourSpan is a time of work within one day, in minutes since midnight by the
// clock on the wall: From is 0 to 1439, To is after From and at most 1440.
type HourSpan struct{ From, To int }

// Hours are the working hours of a week, indexed by time.Weekday. A day
// without spans is a day off.
type Hours [7][]HourSpan

var dayNames = [7]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// WeekStartDay is the weekday of a Workspace's WeekStart: Saturday, Sunday, or
// else Monday.
func WeekStartDay(weekStart string) time.Weekday {
	switch weekStart {
	case "saturday":
		return time.Saturday
	case "sunday":
		return time.Sunday
	}
	return time.Monday
}

// DefaultHours is nine to five: Sunday to Thursday where the week starts on
// Sunday, Monday to Friday elsewhere.
func DefaultHours(weekStart string) Hours {
	first := time.Monday
	if weekStart == "sunday" {
		first = time.Sunday
	}
	var h Hours
	for day := first; day < first+5; day++ {
		h[day] = []HourSpan{{From: 9 * 60, To: 17 * 60}}
	}
	return h
}

// Normalize returns the hours with each day's spans in order. The error is
// Invalid and names working_hours; its code is hours (a time that is none, or
// an end that is not after its start), overlap or too_many. Spans may touch.
func (h Hours) Normalize() (Hours, error) {
	for day, spans := range h {
		sorted := append([]HourSpan(nil), spans...)
		slices.SortFunc(sorted, func(a, b HourSpan) int { return cmp.Compare(a.From, b.From) })
		if err := checkSpans(sorted); err != nil {
			return h, err
		}
		h[day] = sorted
	}
	return h, nil
}

func checkSpans(sorted []HourSpan) error {
	if len(sorted) > MaxHourSpans {
		return badHours("too_many", fmt.Sprintf("A day must have at most %d spans.", MaxHourSpans))
	}
	for i, s := range sorted {
		switch {
		case s.From < 0 || s.To > DayMinutes || s.From >= s.To:
			return badHours("hours", "Each span must start before it ends, between 00:00 and 24:00.")
		case i > 0 && s.From < sorted[i-1].To:
			return badHours("overlap", "The spans of a day must not overlap.")
		}
	}
	return nil
}

func badHours(code, message string) error {
	return InvalidFields([]Field{{"working_hours", code, message}})
}

// ParseHours reads what String writes, an object such as
// {"sunday":[["09:00","17:00"]]}; a day that is left out is a day off. Its
// errors are those of Normalize.
func ParseHours(text string) (Hours, error) {
	var days map[string][][]string
	if err := json.Unmarshal([]byte(text), &days); err != nil {
		return Hours{}, badHours("hours", "Must name days with spans such as 09:00 to 17:00.")
	}
	return HoursOf(days)
}

// HoursOf makes Hours of spans ("09:00" to "17:00", at the latest "24:00") by
// the day's English name in lower case. Its errors are those of Normalize.
func HoursOf(days map[string][][]string) (Hours, error) {
	var h Hours
	for name, spans := range days {
		day := slices.Index(dayNames[:], name)
		if day < 0 {
			return Hours{}, badHours("hours", "Must name days from sunday to saturday.")
		}
		for _, span := range spans {
			s, ok := parseSpan(span)
			if !ok {
				return Hours{}, badHours("hours", "Must have spans of two times such as 09:00 and 17:00.")
			}
			h[day] = append(h[day], s)
		}
	}
	return h.Normalize()
}

func parseSpan(span []string) (HourSpan, bool) {
	if len(span) != 2 {
		return HourSpan{}, false
	}
	from, ok := parseClock(span[0])
	to, ok2 := parseClock(span[1])
	return HourSpan{from, to}, ok && ok2
}

var clock = regexp.MustCompile(`^(?:[01][0-9]|2[0-3]):[0-5][0-9]$`)

func parseClock(s string) (minutes int, ok bool) {
	if s == "24:00" {
		return DayMinutes, true
	}
	if !clock.MatchString(s) {
		return 0, false
	}
	hour, _ := strconv.Atoi(s[:2]) // the expression has seen the digits
	minute, _ := strconv.Atoi(s[3:])
	return hour*60 + minute, true
}

// Days is what HoursOf reads, with all seven days.
func (h Hours) Days() map[string][][]string {
	days := make(map[string][][]string, len(h))
	for day, spans := range h {
		out := make([][]string, 0, len(spans))
		for _, s := range spans {
			out = append(out, []string{formatClock(s.From), formatClock(s.To)})
		}
		days[dayNames[day]] = out
	}
	return days
}

func formatClock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// String is the text that is stored; equal hours have equal texts.
func (h Hours) String() string {
	text, err := json.Marshal(h.Days())
	if err != nil {
		return "" // a map of plain strings can always be written
	}
	return string(text)
}
