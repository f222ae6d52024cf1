package calendar

import (
	"fmt"
	"time"
)

// observance is a change of a zone's offset, as RFC 5545 calls what it begins.
type observance struct {
	at       int64 // Unix seconds
	from, to int64 // offsets before and after, in seconds
	name     string
	daylight bool
}

// zone describes a zone so that every instant from first to last is read
// right. It begins a year before, with one block for the offset at that time,
// and has a block of its own for each change, because a rule for all years
// would be wrong wherever clocks are changed by decree.
func (l *lines) zone(loc *time.Location, first, last time.Time) {
	begin := first.AddDate(-1, 0, 0).Unix()
	offset := offsetAt(begin, loc)
	name, _ := time.Unix(begin, 0).In(loc).Zone()
	l.put("BEGIN", "VTIMEZONE")
	l.put("TZID", loc.String())
	l.observance(observance{at: begin, from: offset, to: offset, name: name})
	for _, o := range observances(begin, last.Unix(), loc) {
		l.observance(o)
	}
	l.put("END", "VTIMEZONE")
}

// observances are the changes of offset after begin, up to and including last.
func observances(begin, last int64, loc *time.Location) []observance {
	var all []observance
	offset, end := stretch(begin, loc)
	for end <= last {
		at := end
		var next int64
		if next, end = stretch(at, loc); next != offset {
			all = append(all, observanceAt(at, offset, next, loc))
			offset = next
		}
	}
	return all
}

func observanceAt(at, from, to int64, loc *time.Location) observance {
	after := time.Unix(at, 0).In(loc)
	name, _ := after.Zone()
	daylight := after.IsDST()
	if daylight != time.Unix(at-1, 0).In(loc).IsDST() {
		// Irish and Moroccan law call winter time the exception. Readers take
		// it that daylight time is the one ahead.
		daylight = to > from
	}
	return observance{at: at, from: from, to: to, name: name, daylight: daylight}
}

func (l *lines) observance(o observance) {
	kind := "STANDARD"
	if o.daylight {
		kind = "DAYLIGHT"
	}
	l.put("BEGIN", kind)
	l.put("DTSTART", time.Unix(o.at+o.from, 0).UTC().Format(icsLocal))
	l.put("TZOFFSETFROM", icsOffset(o.from))
	l.put("TZOFFSETTO", icsOffset(o.to))
	l.text("TZNAME", o.name)
	l.put("END", kind)
}

// icsOffset writes +hhmm, or +hhmmss where a zone once had seconds.
func icsOffset(seconds int64) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	text := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}
