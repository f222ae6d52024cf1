package auth

import (
	"fmt"
	"strings"
	"time"
)

// hebrewMonths are the months as they follow the day.
var hebrewMonths = [...]string{"ינואר", "פברואר", "מרץ", "אפריל", "מאי", "יוני", "יולי", "אוגוסט", "ספטמבר", "אוקטובר", "נובמבר", "דצמבר"}

// mailTime writes a time by the clock of a zone, as people write it, with whose
// clock it is.
func mailTime(locale string, at time.Time, zone *time.Location) string {
	at = at.In(zone)
	clock := zone.String()
	if i := strings.LastIndexByte(clock, '/'); i >= 0 {
		clock = strings.ReplaceAll(clock[i+1:], "_", " ")
	}
	if locale != "he" {
		return fmt.Sprintf("%s (%s)", at.Format("2 January 2006, 15:04"), clock)
	}
	if clock == "Jerusalem" || clock == "Tel Aviv" {
		clock = "שעון ישראל"
	}
	return fmt.Sprintf("%d ב%s %d, %s (%s)", at.Day(), hebrewMonths[at.Month()-1], at.Year(), at.Format("15:04"), clock)
}
