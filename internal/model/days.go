package model

import "time"

// Days are whole days of a calendar, both ends included, written YYYY-MM-DD;
// empty means open.
type Days struct{ First, Last string }

// In returns when the days begin and end in a zone; a zero time is an open end.
// The error is Invalid and names start_date or end_date.
func (d Days) In(zone *time.Location) (from, to time.Time, err error) {
	var bad []Field
	from, bad = dayStart("start_date", d.First, 0, zone, bad)
	to, bad = dayStart("end_date", d.Last, 1, zone, bad)
	if len(bad) == 0 && d.Last != "" && d.Last < d.First {
		bad = append(bad, Field{"end_date", "order", "Must not be before the start date."})
	}
	return from, to, InvalidFields(bad)
}

// dayStart is the first moment of the day that is add days after the date.
func dayStart(name, date string, add int, zone *time.Location, bad []Field) (time.Time, []Field) {
	if date == "" {
		return time.Time{}, bad
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return time.Time{}, append(bad, Field{name, "date", "Must be a date written YYYY-MM-DD, or a time with its offset."})
	}
	return firstMoment(day.AddDate(0, 0, add), zone), bad
}

// firstMoment is when a date begins in a zone. Where clocks change at night,
// midnight may be missing or come twice, so it is looked for in steps of a
// quarter of an hour, which no change of clocks falls between.
func firstMoment(day time.Time, zone *time.Location) time.Time {
	const step = 15 * time.Minute
	date := day.Format(time.DateOnly)
	at := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone).Add(-3 * time.Hour)
	for at.Format(time.DateOnly) < date {
		at = at.Add(step)
	}
	return at
}
