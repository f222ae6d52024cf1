package calendar

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of a rule's interval.
const (
	maxWeeks  = 52
	maxMonths = 24
)

// ParseRule reads the value of an RRULE, in capitals or not:
//
//	FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10                     INTERVAL 1 to 52
//	FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU;UNTIL=20261231     1 to 24; also -1FR
//	FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=12                  1 to 31, or -1
//
// It ends by COUNT, 1 to MaxOccurrences, or with UNTIL, a date of the wall
// that is itself included. weekStart holds where the text has no WKST. The
// error is Invalid and names the field "rule"; its code is "too_many" (COUNT),
// "end" (neither COUNT nor UNTIL, both, or one of them is not right) or "rule".
func ParseRule(text string, weekStart time.Weekday) (Rule, error) {
	parts, ok := splitRule(text)
	if !ok {
		return Rule{}, badRule()
	}
	r := Rule{weekStart: weekStart}
	for _, read := range []func(*Rule, map[string]string) bool{readInterval, readDays, readWeekStart} {
		if !read(&r, parts) {
			return Rule{}, badRule()
		}
	}
	if err := readEnd(&r, parts); err != nil {
		return Rule{}, err
	}
	if !r.weekStartMatters() {
		r.weekStart = time.Monday
	}
	return r, nil
}

func badRule() error {
	return invalid("rule", "rule", "Must be a weekly or monthly RRULE such as FREQ=WEEKLY;BYDAY=MO;COUNT=10.")
}

// splitRule makes a map of NAME=VALUE;NAME=VALUE, each name once.
func splitRule(text string) (map[string]string, bool) {
	known := []string{"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL", "WKST"}
	parts := map[string]string{}
	for part := range strings.SplitSeq(upper(text), ";") {
		name, value, ok := strings.Cut(part, "=")
		if _, twice := parts[name]; twice || !ok || !slices.Contains(known, name) {
			return nil, false
		}
		parts[name] = value
	}
	return parts, true
}

// upper knows ASCII only: other letters must not become plain ones.
func upper(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' {
			return c - 'a' + 'A'
		}
		return c
	}, s)
}

// readInterval reads FREQ too, because the limit depends on it.
func readInterval(r *Rule, parts map[string]string) bool {
	limit := maxWeeks
	switch parts["FREQ"] {
	case "WEEKLY":
	case "MONTHLY":
		r.monthly, limit = true, maxMonths
	default:
		return false
	}
	r.interval = 1
	text, given := parts["INTERVAL"]
	if !given {
		return true
	}
	n, ok := digits(text)
	r.interval = n
	return ok && n >= 1 && n <= limit
}

func readDays(r *Rule, parts map[string]string) bool {
	byDay, hasDay := parts["BYDAY"]
	byMonthDay, hasMonthDay := parts["BYMONTHDAY"]
	switch {
	case hasDay == hasMonthDay:
		return false
	case hasMonthDay:
		n, ok := signed(byMonthDay)
		r.monthDay = n
		return ok && r.monthly && (n == -1 || n >= 1 && n <= 31)
	case r.monthly:
		return readNth(r, byDay)
	}
	for code := range strings.SplitSeq(byDay, ",") {
		day := slices.Index(dayCodes[:], code)
		if day < 0 || r.days.has(time.Weekday(day)) {
			return false
		}
		r.days = r.days.with(time.Weekday(day))
	}
	return true
}

func readNth(r *Rule, text string) bool {
	cut := max(len(text)-2, 0)
	n, ok := signed(text[:cut])
	day := slices.Index(dayCodes[:], text[cut:])
	r.nth, r.day = n, time.Weekday(max(day, 0))
	return ok && day >= 0 && n != 0 && n >= -5 && n <= 5
}

func readWeekStart(r *Rule, parts map[string]string) bool {
	code, given := parts["WKST"]
	if !given {
		return true
	}
	day := slices.Index(dayCodes[:], code)
	r.weekStart = time.Weekday(max(day, 0))
	return day >= 0
}

func readEnd(r *Rule, parts map[string]string) error {
	count, hasCount := parts["COUNT"]
	until, hasUntil := parts["UNTIL"]
	if hasCount == hasUntil {
		return badEnd()
	}
	if hasUntil {
		t, err := time.Parse("20060102", until)
		if err != nil || t.Year() < 1 {
			return badEnd()
		}
		r.until = wallAt(t.Unix())
		return nil
	}
	n, ok := digits(count)
	switch {
	case !ok || n == 0:
		return badEnd()
	case n > MaxOccurrences:
		return tooMany()
	}
	r.count = n
	return nil
}

func badEnd() error {
	return invalid("rule", "end", "Must end either by COUNT or by UNTIL, a date written YYYYMMDD.")
}

// digits reads a number without a sign; one that is too large for an int is
// the largest.
func digits(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return int(^uint(0) >> 1), true
	}
	return n, true
}

func signed(s string) (int, bool) {
	if rest, negative := strings.CutPrefix(s, "-"); negative {
		n, ok := digits(rest)
		return -n, ok
	}
	return digits(strings.TrimPrefix(s, "+"))
}
