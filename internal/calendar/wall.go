package calendar

import (
	"cmp"
	"time"

	"pazpaz/internal/model"
)

// wallLayout is how a wall time is written.
const wallLayout = "2006-01-02T15:04"

// Wall is a date and time to the minute as a clock on the wall shows it,
// wherever the wall is. Walls compare with ==; the zero Wall is midnight of
// 0001-01-01.
type Wall struct{ minutes int64 } // since the zero Wall

// secondsToUnix is the zero Wall in Unix seconds, were its zone UTC.
const secondsToUnix = -62135596800

// ParseWall reads "2026-02-02T10:00", years 0001 to 9999. The error is Invalid
// and names the field "starts_at" (see model.RenameField), code "wall".
func ParseWall(text string) (Wall, error) {
	t, err := time.Parse(wallLayout, text)
	if err != nil || t.Year() < 1 || t.Format(wallLayout) != text {
		return Wall{}, invalid("starts_at", "wall", "Must be a local date and time written YYYY-MM-DDTHH:MM.")
	}
	return wallAt(t.Unix()), nil
}

func invalid(field, code, message string) error {
	return model.InvalidFields([]model.Field{{Name: field, Code: code, Message: message}})
}

// WallOf is what a wall in the zone shows at an instant; seconds are dropped.
func WallOf(t time.Time, loc *time.Location) Wall {
	_, offset := t.In(loc).Zone()
	return wallAt(t.Unix() + int64(offset))
}

// wallAt makes a Wall of Unix seconds as if its zone were UTC.
func wallAt(local int64) Wall { return Wall{floorDiv(local-secondsToUnix, 60)} }

// unix is the reverse of wallAt.
func (w Wall) unix() int64 { return w.minutes*60 + secondsToUnix }

// fake is the wall time with UTC as its zone, for the calendar's arithmetic.
func (w Wall) fake() time.Time { return time.Unix(w.unix(), 0).UTC() }

// String writes what ParseWall reads.
func (w Wall) String() string { return w.fake().Format(wallLayout) }

// Date is the date part, "2026-02-02".
func (w Wall) Date() string { return w.fake().Format(time.DateOnly) }

// Weekday is the day of the week of the date.
func (w Wall) Weekday() time.Weekday { return w.fake().Weekday() }

// AddDays is the same time on a date so many days later; days may be negative.
func (w Wall) AddDays(days int) Wall { return Wall{w.minutes + int64(days)*model.DayMinutes} }

// Compare is -1, 0 or 1 as w is before, equal to or after v on one wall.
func (w Wall) Compare(v Wall) int { return cmp.Compare(w.minutes, v.minutes) }

// Before reports whether w comes before v on one wall.
func (w Wall) Before(v Wall) bool { return w.minutes < v.minutes }

// midnight is the start of the date.
func (w Wall) midnight() Wall { return Wall{w.minutes - w.minuteOfDay()} }

func (w Wall) minuteOfDay() int64 {
	return w.minutes - floorDiv(w.minutes, model.DayMinutes)*model.DayMinutes
}

// floorDiv divides towards minus infinity; b is positive.
func floorDiv(a, b int64) int64 {
	if a < 0 {
		return (a - b + 1) / b
	}
	return a / b
}

// DaysTo is how many days v's date is after w's.
func (w Wall) DaysTo(v Wall) int {
	return int((v.midnight().minutes - w.midnight().minutes) / model.DayMinutes)
}

// TimeOfDay is how long after midnight the clock shows w.
func (w Wall) TimeOfDay() time.Duration { return time.Duration(w.minuteOfDay()) * time.Minute }

// At is w's date at another time of day, to the minute.
func (w Wall) At(timeOfDay time.Duration) Wall {
	return Wall{w.midnight().minutes + int64(timeOfDay/time.Minute)}
}
