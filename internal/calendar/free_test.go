package calendar_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
)

// weekHours are the same hours on each day, "09:00-12:00 13:00-17:00".
func weekHours(t testing.TB, text string) model.Hours {
	t.Helper()
	days := map[string][][]string{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		var spans [][]string
		for _, span := range strings.Fields(text) {
			spans = append(spans, strings.Split(span, "-"))
		}
		days[strings.ToLower(day.String())] = spans
	}
	h, err := model.HoursOf(days)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func spanOf(t testing.TB, text string) calendar.Span {
	t.Helper()
	from, to, _ := strings.Cut(text, "/")
	return calendar.Span{Start: instant(t, from), End: instant(t, to)}
}

func TestFree(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	day := func(zone, date, hours string) calendar.Query {
		loc := time.UTC
		if zone != "" {
			loc, _ = time.LoadLocation(zone)
		}
		midnight := wall(t, date+"T00:00")
		from, to := midnight.In(loc).Later, midnight.AddDays(1).In(loc).Later
		return calendar.Query{Hours: weekHours(t, hours), Zone: loc, From: from, To: to, Duration: hour, Step: 60, Limit: 100}
	}
	with := func(q calendar.Query, change func(*calendar.Query)) calendar.Query {
		change(&q)
		return q
	}
	plainDay := day("", "2026-02-02", "09:00-12:00")
	for what, c := range map[string]struct {
		q    calendar.Query
		want string // starts, hour and minute in the zone
	}{
		"a free morning":           {plainDay, "09:00 10:00 11:00"},
		"quarter hours by default": {with(plainDay, func(q *calendar.Query) { q.Step = 0; q.Limit = 3 }), "09:00 09:15 09:30"},
		"half hours": {with(plainDay, func(q *calendar.Query) { q.Step, q.Duration = 30, 90*time.Minute }),
			"09:00 09:30 10:00 10:30"},
		"no limit, nothing":       {with(plainDay, func(q *calendar.Query) { q.Limit = 0 }), ""},
		"no length, nothing":      {with(plainDay, func(q *calendar.Query) { q.Duration = 0 }), ""},
		"longer than the morning": {with(plainDay, func(q *calendar.Query) { q.Duration = 3*hour + 1 }), ""},
		"as long as the morning":  {with(plainDay, func(q *calendar.Query) { q.Duration = 3 * hour }), "09:00"},
		"not before":              {with(plainDay, func(q *calendar.Query) { q.NotBefore = instant(t, "2026-02-02T10:00:01Z") }), "11:00"},
		"not before, exactly":     {with(plainDay, func(q *calendar.Query) { q.NotBefore = instant(t, "2026-02-02T10:00:00Z") }), "10:00 11:00"},
		"a nanosecond too late":   {with(plainDay, func(q *calendar.Query) { q.From = instant(t, "2026-02-02T10:00:00.000000001Z") }), "11:00"},
		"window ends in a visit":  {with(plainDay, func(q *calendar.Query) { q.To = instant(t, "2026-02-02T11:59:00Z") }), "09:00 10:00"},
		"window ends with one":    {with(plainDay, func(q *calendar.Query) { q.To = instant(t, "2026-02-02T11:00:00Z") }), "09:00 10:00"},
		"empty window":            {with(plainDay, func(q *calendar.Query) { q.To = q.From }), ""},
		"lunch is not worked":     {day("", "2026-02-02", "09:00-12:30 13:30-15:00"), "09:00 10:00 11:00 14:00"},
		"spans that touch":        {with(day("", "2026-02-02", "09:00-10:30 10:30-12:00"), func(q *calendar.Query) { q.Step = 30 }), "09:00 09:30 10:30 11:00"},
		"to midnight, not beyond": {with(day("", "2026-02-02", "00:00-01:00 22:00-24:00"), func(q *calendar.Query) { q.To = q.To.Add(24 * hour) }), "00:00 22:00 23:00 00:00 22:00 23:00"},
		"busy": {with(plainDay, func(q *calendar.Query) {
			q.Busy = []calendar.Span{spanOf(t, "2026-02-02T10:00:00Z/2026-02-02T11:00:00Z")}
		}), "09:00 11:00"},
		"busy for a moment": {with(plainDay, func(q *calendar.Query) {
			q.Busy = []calendar.Span{spanOf(t, "2026-02-02T10:59:59Z/2026-02-02T11:00:01Z")}
		}), "09:00"},
		"busy for no time": {with(plainDay, func(q *calendar.Query) {
			q.Busy = []calendar.Span{spanOf(t, "2026-02-02T10:30:00Z/2026-02-02T10:30:00Z")}
		}), "09:00 10:00 11:00"},
		"busy from before to after": {with(plainDay, func(q *calendar.Query) {
			q.Busy = []calendar.Span{spanOf(t, "2026-02-01T00:00:00Z/2026-02-04T00:00:00Z")}
		}), ""},
		"busy, one inside another": {with(plainDay, func(q *calendar.Query) {
			q.Busy = []calendar.Span{spanOf(t, "2026-02-02T09:10:00Z/2026-02-02T09:20:00Z"), spanOf(t, "2026-02-02T08:00:00Z/2026-02-02T10:30:00Z")}
		}), "11:00"},
		"buffers touch": {with(plainDay, func(q *calendar.Query) {
			q.Busy, q.Before, q.After = []calendar.Span{spanOf(t, "2026-02-02T08:00:00Z/2026-02-02T08:50:00Z"), spanOf(t, "2026-02-02T11:05:00Z/2026-02-02T12:00:00Z")}, 10*time.Minute, 5*time.Minute
		}), "09:00 10:00"},
		"buffers overlap": {with(plainDay, func(q *calendar.Query) {
			q.Busy, q.Before, q.After = []calendar.Span{spanOf(t, "2026-02-02T08:00:00Z/2026-02-02T08:50:01Z"), spanOf(t, "2026-02-02T11:04:59Z/2026-02-02T12:00:00Z")}, 10*time.Minute, 5*time.Minute
		}), ""},
		"spring in Jerusalem":       {day("Asia/Jerusalem", "2026-03-27", "00:00-05:00"), "00:00 01:00 03:00 04:00"},
		"autumn in Jerusalem":       {day("Asia/Jerusalem", "2026-10-25", "00:00-04:00"), "00:00 01:00 01:00 02:00 03:00"},
		"three hours across spring": {with(day("Asia/Jerusalem", "2026-03-27", "00:00-04:00"), func(q *calendar.Query) { q.Duration = 3 * hour }), "00:00"},
		"hours that end within what comes twice": {with(day("Asia/Jerusalem", "2026-10-25", "00:00-01:30"), func(q *calendar.Query) { q.Step, q.Duration = 15, 30*time.Minute }),
			"00:00 00:15 00:30 00:45 01:00 01:00"},
		"midnight is missing in Beirut": {day("Asia/Beirut", "2026-03-29", "00:00-03:00"), "01:00 02:00"},
		"midnight comes twice in Cairo": {day("Africa/Cairo", "2026-10-29", "22:00-24:00"), "22:00 23:00 23:00"},
		"half an hour in Lord Howe":     {with(day("Australia/Lord_Howe", "2026-10-04", "01:00-04:00"), func(q *calendar.Query) { q.Step = 30 }), "01:00 01:30 02:30 03:00"},
		"quarter hours of Kathmandu":    {with(day("Asia/Kathmandu", "2026-02-02", "09:00-10:15"), func(q *calendar.Query) { q.Step = 15 }), "09:00 09:15"},
		"a step that fits no day":       {with(day("", "2026-02-02", "00:00-24:00"), func(q *calendar.Query) { q.Step, q.To = 700, q.To.Add(24*hour) }), "00:00 11:40 00:00 11:40"},
	} {
		var got []string
		for _, s := range calendar.Free(c.q) {
			if s.End.Sub(s.Start) != c.q.Duration || s.Start.Location() != time.UTC {
				t.Errorf("%s: %v", what, s)
			}
			got = append(got, s.Start.In(c.q.Zone).Format("15:04"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", what, got, c.want)
		}
	}
}

func TestFreeFollowsTheWeek(t *testing.T) {
	t.Parallel()
	loc := zone(t, "Pacific/Auckland") // its Monday begins on Sunday in UTC
	q := calendar.Query{Hours: model.DefaultHours("monday"), Zone: loc, Duration: 8 * time.Hour, Limit: 4,
		From: instant(t, "2026-02-05T11:00:00Z"), To: instant(t, "2026-02-28T00:00:00Z")}
	var got []string
	for _, s := range calendar.Free(q) {
		got = append(got, s.Start.In(loc).Format("Mon 2 15:04"))
	}
	if strings.Join(got, ", ") != "Fri 6 09:00, Mon 9 09:00, Tue 10 09:00, Wed 11 09:00" {
		t.Fatal(got)
	}
	q.Hours = model.Hours{}
	if got := calendar.Free(q); got != nil {
		t.Fatalf("without hours: %v", got)
	}
}

func TestFreeKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	busy := []calendar.Span{spanOf(t, "2026-02-02T11:00:00Z/2026-02-02T11:00:00Z"), spanOf(t, "2026-02-02T10:00:00Z/2026-02-02T11:00:00Z"), spanOf(t, "2026-02-02T08:00:00Z/2026-02-02T10:00:00Z")}
	before := slices.Clone(busy)
	calendar.Free(calendar.Query{Hours: weekHours(t, "09:00-12:00"), Zone: time.UTC, Busy: busy, From: date(2026, 2, 2), To: date(2026, 2, 3), Duration: time.Hour, Limit: 9})
	if !slices.Equal(busy, before) {
		t.Fatalf("the caller's spans are now %v", busy)
	}
}

// slowFree looks at every minute of every visit.
func slowFree(q calendar.Query) []calendar.Span {
	var free []calendar.Span
	for at := q.From; len(free) < q.Limit && !at.Add(q.Duration).After(q.To); at = at.Add(time.Minute) {
		local := at.In(q.Zone)
		if (local.Hour()*60+local.Minute())%q.Step == 0 && !at.Before(q.NotBefore) && slowWorks(q, at) && slowIdle(q, at) {
			free = append(free, calendar.Span{Start: at, End: at.Add(q.Duration)})
		}
	}
	return free
}

func slowWorks(q calendar.Query, at time.Time) bool {
	first := at.In(q.Zone)
	return slices.ContainsFunc(q.Hours[first.Weekday()], func(h model.HourSpan) bool {
		for m := at; m.Before(at.Add(q.Duration)); m = m.Add(time.Minute) {
			local := m.In(q.Zone)
			minute := local.Hour()*60 + local.Minute()
			if local.Format(time.DateOnly) != first.Format(time.DateOnly) || minute < h.From || minute >= h.To {
				return false
			}
		}
		return true
	})
}

func slowIdle(q calendar.Query, at time.Time) bool {
	for m := at.Add(-q.Before); m.Before(at.Add(q.Duration + q.After)); m = m.Add(time.Minute) {
		for _, b := range q.Busy {
			if !m.Before(b.Start) && m.Before(b.End) {
				return false
			}
		}
	}
	return true
}

func TestFreeAgreesWithEveryMinute(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	names := []string{"Asia/Jerusalem", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Asia/Beirut", "Africa/Cairo", "America/Santiago",
		"Asia/Kathmandu", "Europe/Dublin", "Africa/Casablanca", "Pacific/Chatham", "UTC"}
	found := 0
	for round := range 1200 {
		loc := zone(t, names[round%len(names)])
		middle := date(2026, 1, 1).AddDate(0, 0, random.IntN(700))
		if all := changes(loc, date(2026, 1, 1), date(2027, 12, 1), 24*time.Hour); len(all) > 0 && random.IntN(4) > 0 {
			middle = all[random.IntN(len(all))]
		}
		q := randomQuery(random, loc, middle)
		got, want := calendar.Free(q), slowFree(q)
		if !slices.Equal(got, want) {
			t.Fatalf("%s, %+v:\n got %v\nwant %v", loc, q, got, want)
		}
		found += len(got)
	}
	if found < 5000 {
		t.Fatalf("only %d free times were compared", found)
	}
}

func randomQuery(random *rand.Rand, loc *time.Location, middle time.Time) calendar.Query {
	minutes := func(n int) time.Duration { return time.Duration(random.IntN(n)) * time.Minute }
	q := calendar.Query{
		Zone: loc, From: middle.Add(-minutes(1500)), To: middle.Add(minutes(1500)), NotBefore: middle.Add(minutes(2000) - 2000*time.Minute),
		Duration: 5*time.Minute + minutes(100), Before: minutes(30), After: minutes(30), Step: []int{15, 30, 60, 10, 45}[random.IntN(5)], Limit: 1 + random.IntN(200),
	}
	for day := range q.Hours {
		for from := random.IntN(300); from < 1440; from += random.IntN(400) {
			to := min(from+30+random.IntN(600), model.DayMinutes)
			if from < to {
				q.Hours[day] = append(q.Hours[day], model.HourSpan{From: from, To: to})
			}
			from = to
		}
	}
	for range random.IntN(5) {
		start := middle.Add(minutes(3000) - 1500*time.Minute)
		q.Busy = append(q.Busy, calendar.Span{Start: start, End: start.Add(minutes(200))})
	}
	return q
}

func BenchmarkFree(b *testing.B) {
	loc, _ := time.LoadLocation("Asia/Jerusalem")
	q := calendar.Query{Hours: model.DefaultHours("sunday"), Zone: loc, From: date(2026, 2, 1), To: date(2026, 5, 1), Duration: 50 * time.Minute, Limit: 1 << 20}
	for i := range 400 {
		start := date(2026, 2, 1).Add(time.Duration(i*5) * time.Hour)
		q.Busy = append(q.Busy, calendar.Span{Start: start, End: start.Add(time.Hour)})
	}
	for b.Loop() {
		if len(calendar.Free(q)) == 0 {
			b.Fatal("nothing is free")
		}
	}
}
