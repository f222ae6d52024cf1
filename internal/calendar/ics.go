package calendar

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"pazpaz/internal/model"
)

// Event is one visit as another calendar shows it. How much its texts say is
// the caller's choice.
type Event struct {
	UID      string // the same for as long as the visit lives, unlike any other's
	Sequence int    // grows whenever the time changes
	// Modified is when the visit last changed.
	Modified time.Time
	Start    time.Time // to the second
	End      time.Time // after Start
	Summary  model.Text
	// Location and Description are left out when empty.
	Location    model.Text
	Description model.Text
	// Cancelled events stay in the feed for a while so that copies go too.
	Cancelled bool
}

// Feed is a calendar to subscribe to.
type Feed struct {
	Name   model.Text
	Zone   *time.Location // of the tz database
	Events []Event
	// Stamp is when the feed was made.
	Stamp time.Time
}

// refresh tells readers how often to look again.
const refresh = "PT1H"

const (
	icsLocal = "20060102T150405"
	icsUTC   = icsLocal + "Z"
)

// zoneName is what may stand in a TZID as it is.
var zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]*$`)

// WriteICS writes the feed as iCalendar text (RFC 5545, UTF-8). Times are
// local to the zone, which is described for as long as the events last; those
// that a clock shows twice, and all in UTC, are written in UTC. It fails when
// the zone has no name that can be published, or as w does.
func (f Feed) WriteICS(w io.Writer) error {
	if f.Zone == nil || f.Zone == time.Local || !zoneName.MatchString(f.Zone.String()) {
		return fmt.Errorf("write calendar: the zone has no name of the tz database")
	}
	var l lines
	l.put("BEGIN", "VCALENDAR")
	l.put("VERSION", "2.0")
	l.put("PRODID", "-//PazPaz//Calendar//EN")
	l.put("CALSCALE", "GREGORIAN")
	l.put("METHOD", "PUBLISH")
	l.text("X-WR-CALNAME", string(f.Name))
	l.put("X-WR-TIMEZONE", f.Zone.String())
	l.put("REFRESH-INTERVAL;VALUE=DURATION", refresh)
	l.put("X-PUBLISHED-TTL", refresh)
	if !isUTC(f.Zone) {
		first, last := f.extent()
		l.zone(f.Zone, first, last)
	}
	for _, e := range f.Events {
		l.event(e, f.Zone, f.Stamp)
	}
	l.put("END", "VCALENDAR")
	if _, err := w.Write(l.buf.Bytes()); err != nil {
		return fmt.Errorf("write calendar: %w", err)
	}
	return nil
}

func isUTC(loc *time.Location) bool { return loc.String() == "UTC" }

// extent is the time from the first to the last instant of the events.
func (f Feed) extent() (first, last time.Time) {
	first, last = f.Stamp, f.Stamp
	for i, e := range f.Events {
		if i == 0 || e.Start.Before(first) {
			first = e.Start
		}
		if i == 0 || e.End.After(last) {
			last = e.End
		}
	}
	return first, last
}

func (l *lines) event(e Event, loc *time.Location, stamp time.Time) {
	status, transparency := "CONFIRMED", "OPAQUE"
	if e.Cancelled {
		status, transparency = "CANCELLED", "TRANSPARENT"
	}
	l.put("BEGIN", "VEVENT")
	l.text("UID", e.UID)
	l.put("DTSTAMP", stamp.UTC().Format(icsUTC))
	l.put("LAST-MODIFIED", e.Modified.UTC().Format(icsUTC))
	l.put("SEQUENCE", strconv.Itoa(e.Sequence))
	utc := isUTC(loc) || repeated(e.Start, loc) || repeated(e.End, loc)
	l.when("DTSTART", e.Start, loc, utc)
	l.when("DTEND", e.End, loc, utc)
	l.text("SUMMARY", string(e.Summary))
	if e.Location != "" {
		l.text("LOCATION", string(e.Location))
	}
	if e.Description != "" {
		l.text("DESCRIPTION", string(e.Description))
	}
	l.put("STATUS", status)
	l.put("TRANSP", transparency)
	l.put("CLASS", "PRIVATE")
	l.put("END", "VEVENT")
}

func (l *lines) when(name string, t time.Time, loc *time.Location, utc bool) {
	if utc {
		l.put(name, t.UTC().Format(icsUTC))
		return
	}
	l.put(name+";TZID="+loc.String(), t.In(loc).Format(icsLocal))
}

// repeated reports whether a wall in the zone shows the time of t twice.
func repeated(t time.Time, loc *time.Location) bool {
	return instants(t.Unix()+offsetAt(t.Unix(), loc), loc).Existence == Repeated
}
