package calendar_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pazpaz/internal/calendar"
)

// shown is what Go itself says a wall shows, to the minute, and whether the
// seconds are none.
func shown(t testing.TB, at time.Time, loc *time.Location) (calendar.Wall, bool) {
	local := at.In(loc)
	return wall(t, local.Format("2006-01-02T15:04")), local.Second() == 0
}

// checkAround looks at every minute around a change of the clock. The oracle
// knows nothing but what each instant shows: it has passed over all of them.
func checkAround(t *testing.T, z namedZone, change time.Time) (walls int) {
	t.Helper()
	before, after := offset(change.Add(-time.Second), z.loc), offset(change, z.loc)
	jump := time.Duration(max(after-before, before-after)) * time.Second
	margin := jump.Truncate(time.Minute) + 20*time.Minute
	start := change.Truncate(time.Minute)
	seen := map[calendar.Wall][]time.Time{}
	for at := start.Add(-2 * margin); !at.After(start.Add(2 * margin)); at = at.Add(time.Minute) {
		for _, odd := range oddSeconds(before, after) {
			if w, whole := shown(t, at.Add(odd), z.loc); whole {
				seen[w] = append(seen[w], at.Add(odd))
			}
		}
	}
	low, _ := shown(t, start.Add(-margin), z.loc)
	high, _ := shown(t, start.Add(margin), z.loc)
	ends := []calendar.Wall{low, high} // a day may be lived twice
	for w := slices.MinFunc(ends, calendar.Wall.Compare); w.Compare(slices.MaxFunc(ends, calendar.Wall.Compare)) <= 0; w = nextMinute(w) {
		walls++
		checkWall(t, z, w, seen[w], jump)
	}
	return walls
}

// oddSeconds are the places within a UTC minute where a wall minute begins.
func oddSeconds(before, after int) []time.Duration {
	a, b := time.Duration((60-before%60)%60)*time.Second, time.Duration((60-after%60)%60)*time.Second
	if a == b {
		return []time.Duration{a}
	}
	return []time.Duration{a, b}
}

func nextMinute(w calendar.Wall) calendar.Wall {
	return calendar.WallOf(w.In(time.UTC).Later.Add(time.Minute), time.UTC)
}

func checkWall(t *testing.T, z namedZone, w calendar.Wall, want []time.Time, jump time.Duration) {
	t.Helper()
	got := w.In(z.loc)
	ok := false
	switch len(want) {
	case 0:
		ok = got.Existence == calendar.Missing && got.Later.Sub(got.Earlier) == jump
		early, _ := shown(t, got.Earlier, z.loc)
		late, _ := shown(t, got.Later, z.loc)
		ok = ok && early.Before(w) && w.Before(late)
	case 1:
		ok = got == calendar.Instants{Existence: calendar.Once, Earlier: want[0], Later: want[0]}
	case 2:
		slices.SortFunc(want, time.Time.Compare)
		ok = got == calendar.Instants{Existence: calendar.Repeated, Earlier: want[0], Later: want[1]}
	}
	if !ok {
		t.Errorf("%s in %s: got %+v, want %v", w, z.name, got, want)
	}
}

// Every zone, every change from 2020 to 2040, every minute around it.
func TestEveryChangeOfEveryZone(t *testing.T) {
	t.Parallel()
	var found, walls atomic.Int64
	parallelZones(t, func(t *testing.T, z namedZone) {
		for _, change := range changes(z.loc, date(2020, 1, 1), date(2041, 1, 1), 24*time.Hour) {
			found.Add(1)
			walls.Add(int64(checkAround(t, z, change)))
		}
	})
	if found.Load() < 3000 {
		t.Fatalf("only %d changes were found", found.Load())
	}
	t.Logf("%d changes, %d wall times", found.Load(), walls.Load())
}

// The wildest zones through all of their history: days that were skipped or
// lived twice, offsets with seconds, changes at midnight.
func TestHistoryOfWildZones(t *testing.T) {
	t.Parallel()
	wild := map[string]bool{
		"Pacific/Apia": true, "Pacific/Fakaofo": true, "Pacific/Kiritimati": true, "Pacific/Kanton": true, "Pacific/Kwajalein": true,
		"Africa/Monrovia": true, "Australia/Lord_Howe": true, "Antarctica/Troll": true, "Antarctica/Casey": true,
	}
	found := 0
	all, err := zones()
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range all {
		if !wild[z.name] {
			continue
		}
		found++
		for _, change := range changes(z.loc, date(1880, 1, 1), date(2020, 1, 1), 36*time.Hour) {
			checkAround(t, z, change)
		}
	}
	if found != len(wild) {
		t.Fatalf("%d of %d zones were found", found, len(wild))
	}
}

// Every hour of New Year's days, where the library's own idea of when an
// offset ends is wrong, and every zone's way there and back.
func TestInstantsComeBack(t *testing.T) {
	t.Parallel()
	parallelZones(t, func(t *testing.T, z namedZone) {
		for year := 2024; year <= 2041; year++ {
			for at := date(year, 12, 30); at.Before(date(year+1, 1, 3)); at = at.Add(time.Hour) {
				back := calendar.WallOf(at, z.loc).In(z.loc)
				if back.Existence == calendar.Missing || (!back.Earlier.Equal(at) && !back.Later.Equal(at)) {
					t.Errorf("%s in %s comes back as %+v", at, z.name, back)
				}
			}
		}
	})
}

func BenchmarkWallIn(b *testing.B) {
	loc := zone(b, "Asia/Jerusalem")
	w := wall(b, "2036-02-02T10:00")
	for b.Loop() {
		w.In(loc)
	}
}
