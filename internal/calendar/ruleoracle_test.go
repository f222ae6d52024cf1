package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pazpaz/internal/calendar"
)

// plain is a rule as the oracle knows it. It looks at one day after the other
// and shares nothing with the package but the text.
type plain struct {
	monthly   bool
	interval  int
	days      [7]bool // weekly
	nth       int
	day       time.Weekday
	monthDay  int
	weekStart time.Weekday
	count     int
	until     time.Time // zero: count
}

var codes = [7]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// chance draws numbers from 0 to n-1; it is either rand's or rapid's.
type chance func(n int) int

// randomRule makes a rule that recurs at start's date, or nearly always so.
func randomRule(draw chance, start time.Time) plain {
	p := plain{interval: 1, weekStart: time.Weekday(draw(7))}
	if draw(3) > 0 {
		p.interval = 1 + draw(6)
	}
	if draw(20) == 0 {
		p.interval = 1 + draw(24)
	}
	switch draw(5) {
	case 0:
		p.monthly, p.monthDay = true, start.Day()
		if start.AddDate(0, 0, 1).Day() == 1 && draw(2) == 0 {
			p.monthDay = -1
		}
	case 1:
		p.monthly, p.day, p.nth = true, start.Weekday(), (start.Day()+6)/7
		if draw(2) == 0 {
			last := time.Date(start.Year(), start.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
			p.nth = -((last-start.Day())/7 + 1)
		}
	default:
		p.days[start.Weekday()] = draw(20) > 0
		for range draw(4) {
			p.days[draw(7)] = true
		}
		if p.days == [7]bool{} {
			p.days[(start.Weekday()+1)%7] = true
		}
	}
	p.count = 1 + draw(25)
	if draw(30) == 0 {
		p.count = 1 + draw(120)
	}
	if draw(3) == 0 {
		p.count, p.until = 0, start.AddDate(0, draw(14), draw(31)-2)
	}
	return p
}

func (p plain) text() string {
	parts := []string{"FREQ=WEEKLY", fmt.Sprint("INTERVAL=", p.interval), "WKST=" + codes[p.weekStart]}
	if p.monthly {
		parts[0] = "FREQ=MONTHLY"
	}
	var days []string
	for day, on := range p.days {
		if on {
			days = append(days, codes[day])
		}
	}
	switch {
	case p.monthDay != 0:
		parts = append(parts, fmt.Sprint("BYMONTHDAY=", p.monthDay))
	case p.monthly:
		parts = append(parts, fmt.Sprintf("BYDAY=%d%s", p.nth, codes[p.day]))
	default:
		parts = append(parts, "BYDAY="+strings.Join(days, ","))
	}
	if p.until.IsZero() {
		return strings.Join(append(parts, fmt.Sprint("COUNT=", p.count)), ";")
	}
	return strings.Join(append(parts, p.until.Format("UNTIL=20060102")), ";")
}

// recurs says whether a series that begins on start has a time on a day.
func (p plain) recurs(start, day time.Time) bool {
	if !p.monthly {
		monday := func(t time.Time) int64 { // days to the start of t's week
			return t.Unix()/86400 - int64((t.Weekday()-p.weekStart+7)%7)
		}
		return p.days[day.Weekday()] && (monday(day)-monday(start))/7%int64(p.interval) == 0
	}
	months := (day.Year()-start.Year())*12 + int(day.Month()) - int(start.Month())
	last := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	switch {
	case months%p.interval != 0:
		return false
	case p.monthDay > 0:
		return day.Day() == p.monthDay
	case p.monthDay < 0:
		return day.Day() == last
	case p.nth > 0:
		return day.Weekday() == p.day && (day.Day()-1)/7+1 == p.nth
	}
	return day.Weekday() == p.day && (last-day.Day())/7+1 == -p.nth
}

// times are the dates of the series; nil when start itself is none.
func (p plain) times(start time.Time) []string {
	if !p.recurs(start, start) {
		return nil
	}
	var all []string
	for day := start; p.until.IsZero() || !day.After(p.until); day = day.AddDate(0, 0, 1) {
		if p.recurs(start, day) {
			all = append(all, day.Format(time.DateOnly))
		}
		if p.until.IsZero() && len(all) == p.count {
			break
		}
	}
	return all
}

func datesOf(walls []calendar.Wall) []string {
	var all []string
	for _, w := range walls {
		all = append(all, w.Date())
	}
	return all
}

func TestRulesAgreeWithEveryDay(t *testing.T) {
	t.Parallel()
	const workers, each = 4, 3000
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(20260202, uint64(worker)))
			for range each {
				checkRandomRule(t, random)
			}
		})
	}
	group.Wait()
}

func checkRandomRule(t *testing.T, random *rand.Rand) {
	start := date(2024+random.IntN(6), 1, 1).AddDate(0, 0, random.IntN(366))
	p := randomRule(random.IntN, start)
	clock := fmt.Sprintf("T%02d:%02d", random.IntN(24), random.IntN(60))
	r, err := calendar.ParseRule(p.text(), time.Monday)
	if err != nil {
		t.Errorf("%s: %v", p.text(), err)
		return
	}
	got, err := r.Walls(wall(t, start.Format(time.DateOnly)+clock))
	want := p.times(start)
	if (err != nil) != (len(want) == 0) || !slices.Equal(datesOf(got), want) {
		t.Errorf("%s from %s: %v %v, want %v", p.text(), start.Format(time.DateOnly), got, err, want)
	}
	for _, w := range got {
		if w.String()[10:] != clock {
			t.Errorf("%s from %s is at %s", p.text(), clock, w)
		}
	}
}

// drawSeries draws a rule, its start and its times; evenly, as rapid's own
// numbers are mostly small and a series of one time has few properties.
func drawSeries(t *rapid.T) (calendar.Rule, []calendar.Wall) {
	draw := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).IntN
	start := date(2020, 1, 1).AddDate(0, 0, draw(365*20))
	first, err := calendar.ParseWall(fmt.Sprintf("%sT%02d:%02d", start.Format(time.DateOnly), draw(24), draw(60)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := calendar.ParseRule(randomRule(draw, start).text(), time.Sunday)
	if err != nil {
		t.Fatal(err)
	}
	walls, err := r.Walls(first)
	if err != nil {
		t.Skip(err)
	}
	return r, walls
}

func TestSplitSeries(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, walls := drawSeries(t)
		at := rapid.IntRange(0, len(walls)-1).Draw(t, "at")
		rest, err := r.Rest(walls[0], walls[at])
		if err != nil {
			t.Fatalf("%s: %v", r, err)
		}
		second, err := rest.Walls(walls[at])
		if err != nil || !slices.Equal(second, walls[at:]) {
			t.Fatalf("%s goes on as %s: %v (%v), want %v", r, rest, second, err, walls[at:])
		}
		short, err := r.EndBefore(walls[0], walls[at])
		if at == 0 {
			if err == nil || !strings.Contains(err.Error(), "[rule end]") {
				t.Fatalf("nothing is left of %s, and the error is %v", r, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		first, err := short.Walls(walls[0])
		if err != nil || !slices.Equal(first, walls[:at]) {
			t.Fatalf("%s before %s: %v (%v), want %v", r, walls[at], first, err, walls[:at])
		}
	})
}

func TestShiftedSeries(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, walls := drawSeries(t)
		days := rapid.IntRange(-20, 20).Draw(t, "days")
		moved, err := r.Shifted(days)
		if strings.Contains(r.String(), "MONTHLY") {
			if (err != nil) != (days != 0) {
				t.Fatalf("%s by %d: %v", r, days, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := moved.Walls(walls[0].AddDays(days))
		for i := range walls {
			walls[i] = walls[i].AddDays(days)
		}
		if err != nil || !slices.Equal(got, walls) {
			t.Fatalf("%s by %d is %s: %v (%v), want %v", r, days, moved, got, err, walls)
		}
		if back, err := moved.Shifted(-days); err != nil || back != r {
			t.Fatalf("%s there and back is %s (%v)", r, back, err)
		}
	})
}

// The clock on the wall shows the same at every time of a series that exists.
func TestSeriesKeepsItsTimeOnTheWall(t *testing.T) {
	t.Parallel()
	all := allZones(t)
	rapid.Check(t, func(t *rapid.T) {
		_, walls := drawSeries(t)
		loc := all[rapid.IntRange(0, len(all)-1).Draw(t, "zone")].loc
		for _, w := range walls {
			at := w.In(loc)
			if at.Existence == calendar.Missing {
				continue
			}
			for _, one := range []time.Time{at.Earlier, at.Later} {
				if one.In(loc).Format("2006-01-02T15:04:05") != w.Date()+walls[0].String()[10:]+":00" {
					t.Fatalf("%s in %s is %s", w, loc, one.In(loc))
				}
			}
		}
	})
}

func BenchmarkWalls(b *testing.B) {
	r, start := rule(b, "FREQ=WEEKLY;BYDAY=MO;COUNT=520"), wall(b, "2026-02-02T10:00")
	for b.Loop() {
		if _, err := r.Walls(start); err != nil {
			b.Fatal(err)
		}
	}
}
