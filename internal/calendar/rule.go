package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// MaxOccurrences is how often a series may recur, its first time included.
const MaxOccurrences = 520

// Rule says when a series recurs: every so many weeks on some weekdays, or
// every so many months on a weekday counted from either end of the month or on
// a day of the month. It is a subset of the RRULE of RFC 5545 and has an end.
// Rules that mean the same compare with ==. Only ParseRule makes one.
type Rule struct {
	monthly  bool
	interval int          // weeks or months
	days     weekdays     // weekly
	nth      int          // monthly by weekday: 1 to 5 from the start, -1 to -5 from the end
	day      time.Weekday // monthly by weekday
	monthDay int          // monthly by day: 1 to 31, or -1 for the last

	// weekStart is Monday where it makes no difference.
	weekStart time.Weekday
	count     int  // 0: ends by until
	until     Wall // midnight of the last date
}

// weekdays has the bit of each time.Weekday that is in it.
type weekdays uint8

func (w weekdays) has(day time.Weekday) bool { return w>>day&1 == 1 }

func (w weekdays) with(day time.Weekday) weekdays { return w | 1<<day }

// several reports whether there is more than one day.
func (w weekdays) several() bool { return w&(w-1) != 0 }

// mondayFirst is the order in which RRULE texts name the days.
var mondayFirst = [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// dayCodes are the names of RFC 5545, by time.Weekday.
var dayCodes = [7]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// String is the canonical RRULE text. ParseRule reads it back to an equal
// Rule whatever week start it is given, because the text says WKST where it
// makes a difference.
func (r Rule) String() string {
	var b strings.Builder
	b.WriteString("FREQ=" + map[bool]string{false: "WEEKLY", true: "MONTHLY"}[r.monthly])
	if r.interval > 1 {
		b.WriteString(";INTERVAL=" + strconv.Itoa(r.interval))
	}
	if r.count > 0 {
		b.WriteString(";COUNT=" + strconv.Itoa(r.count))
	} else {
		b.WriteString(";UNTIL=" + r.until.fake().Format("20060102"))
	}
	b.WriteString(r.byPart())
	if r.weekStartMatters() {
		b.WriteString(";WKST=" + dayCodes[r.weekStart])
	}
	return b.String()
}

func (r Rule) byPart() string {
	switch {
	case r.monthDay != 0:
		return ";BYMONTHDAY=" + strconv.Itoa(r.monthDay)
	case r.monthly:
		return ";BYDAY=" + strconv.Itoa(r.nth) + dayCodes[r.day]
	}
	var codes []string
	for _, day := range mondayFirst {
		if r.days.has(day) {
			codes = append(codes, dayCodes[day])
		}
	}
	return ";BYDAY=" + strings.Join(codes, ",")
}

// weekStartMatters: only then can two days of one week fall into two.
func (r Rule) weekStartMatters() bool { return !r.monthly && r.interval > 1 && r.days.several() }

// Walls lists the times of a series that starts at start, in order, start
// first and at the same time of day throughout; which of them exist in a zone
// is a question for Wall.In. Months that lack the day are left out. The error
// is Invalid: field "starts_at" code "rule_start" when start itself does not
// match the rule; field "rule" code "end" when the rule ends before start or
// after the year 9999, and "too_many" above MaxOccurrences.
func (r Rule) Walls(start Wall) ([]Wall, error) {
	if r.count == 0 && r.until.Before(start.midnight()) {
		return nil, invalid("rule", "end", "Must not end before it starts.")
	}
	series, err := rrule.NewRRule(r.options(start))
	if err != nil {
		return nil, fmt.Errorf("expand rule: %w", err)
	}
	var walls []Wall
	next := series.Iterator()
	for t, ok := next(); ok; t, ok = next() {
		walls = append(walls, wallAt(t.Unix()))
		if len(walls) > MaxOccurrences {
			return nil, tooMany()
		}
	}
	switch {
	case len(walls) == 0 || walls[0] != start:
		return nil, invalid("starts_at", "rule_start", "Must be a time at which the series recurs.")
	case len(walls) < r.count:
		return nil, invalid("rule", "end", "Must end before the year 10000.")
	}
	return walls, nil
}

func tooMany() error {
	return invalid("rule", "too_many", fmt.Sprintf("Must recur at most %d times.", MaxOccurrences))
}

// options puts the series into UTC, where each wall time exists once. Without
// an Until the library would stop after 290 years and say nothing.
func (r Rule) options(start Wall) rrule.ROption {
	codes := [7]rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}
	o := rrule.ROption{
		Freq: rrule.WEEKLY, Dtstart: start.fake(), Interval: r.interval, Count: r.count, Wkst: codes[r.weekStart],
		Until: time.Date(9999, time.December, 31, 23, 59, 0, 0, time.UTC),
	}
	if r.count == 0 {
		o.Until = r.until.AddDays(1).fake().Add(-time.Minute)
	}
	if r.monthly {
		o.Freq = rrule.MONTHLY
	}
	switch {
	case r.monthDay != 0:
		o.Bymonthday = []int{r.monthDay}
	case r.monthly:
		o.Byweekday = []rrule.Weekday{codes[r.day].Nth(r.nth)}
	default:
		for _, day := range mondayFirst {
			if r.days.has(day) {
				o.Byweekday = append(o.Byweekday, codes[day])
			}
		}
	}
	return o
}
