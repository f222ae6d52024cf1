package practice_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// visit is a row of the calendar as the second connection reads it.
type visit struct {
	start, end, from, to                int64 // microseconds
	status, series, wall                string
	detached, noted, deleted, overrides bool
	version                             int
}

func (v visit) blocks() bool {
	return !v.deleted && !v.overrides && (v.status == model.Scheduled || v.status == model.Attended)
}

// stays reports whether no change of a series may move the visit.
func (v visit) stays(now time.Time) bool {
	return v.status != model.Scheduled || v.noted || v.detached || v.start <= now.UnixMicro()
}

// book is one practitioner's calendar on which anything may happen.
type book struct {
	*testkit.Kit
	*rapid.T
	sc    store.Scope
	zone  *time.Location
	who   uuid.UUID
	seen  map[string]visit // before the step
	moves map[string]int   // how often each kind of step worked
}

// TestASeriesKeepsItsPromises does random things to series and looks after each
// at what is stored. There are 100 sequences in each of the zones by default;
// -rapid.checks and -rapid.seed make them more, or the same again.
func TestASeriesKeepsItsPromises(t *testing.T) {
	t.Parallel()
	for _, engine := range testkit.Engines(t) {
		for _, name := range []string{"Asia/Jerusalem", "Australia/Lord_Howe"} {
			t.Run(engine+" "+name, func(t *testing.T) {
				t.Parallel()
				keepsPromises(t, testkit.New(t, engine), name)
			})
		}
	}
}

func keepsPromises(t *testing.T, k *testkit.Kit, name string) {
	t.Helper()
	sc := k.Scope(k.User1)
	zone, err := time.LoadLocation(name)
	testkit.NoErr(t, err)
	_, err = k.Practice.UpdateWorkspace(t.Context(), sc, 0, func(w *model.Workspace) { w.TimeZone = name })
	testkit.NoErr(t, err)
	people, moves := 100, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		people++
		b := &book{Kit: k, T: rt, sc: sc, zone: zone, who: k.AddUser(people, k.Workspace1.ID, model.Practitioner).ID, seen: map[string]visit{}, moves: moves}
		// Weeks before clocks change in both zones.
		base := rapid.SampledFrom([]time.Time{time.Date(2026, 3, 16, 9, 0, 0, 0, time.UTC), time.Date(2026, 9, 21, 9, 0, 0, 0, time.UTC)}).Draw(rt, "base")
		k.Clock.Advance(base.Sub(k.Clock.Now()))
		b.step("book", b.bookSeries)
		for range rapid.IntRange(5, 10).Draw(rt, "steps") {
			steps := b.steps()
			name := rapid.SampledFrom(append(slices.Sorted(maps.Keys(steps)), together...)).Draw(rt, "step")
			for _, name := range strings.Split(name, ", ") {
				b.step(name, steps[name])
			}
		}
	})
	for _, name := range slices.Sorted(maps.Keys((&book{}).steps())) {
		if moves[name] == 0 {
			t.Errorf("%q never worked", name)
		}
	}
}

// together are steps whose meeting chance alone brings about too seldom.
var together = []string{"delete following, edit all, restore", "time passes, attend, edit all"}

func (b *book) steps() map[string]func() error {
	return map[string]func() error{
		"book": b.bookSeries, "move one": b.moveOne, "edit following": func() error { return b.edit(false) },
		"edit all": func() error { return b.edit(true) }, "cancel": b.cancel, "attend": b.attend, "note": b.note,
		"delete following": func() error { return b.remove(false) }, "delete all": func() error { return b.remove(true) },
		"restore": b.restore, "time passes": b.pass,
	}
}

// step does one thing and checks what may never be. What is refused must leave
// all as it was.
func (b *book) step(name string, do func() error) {
	b.Clock.Advance(time.Second) // no two steps are in the same moment
	b.seen = b.stored()
	err := do()
	now := b.stored()
	switch {
	case err == nil:
		b.moves[name]++
	case model.KindOf(err) == 0:
		b.Fatalf("%s: %v", name, err)
	case !maps.Equal(b.seen, now):
		b.Fatalf("%s was refused (%v), and yet: %v", name, err, differences(b.seen, now))
	}
	b.nothingIsLost(name, now)
	b.nobodyIsTwoPlaces(name, now)
	b.theClockHolds(name, now)
	b.Clock.Advance(time.Second)
}

func differences(before, after map[string]visit) (all []string) {
	for id, v := range after {
		if before[id] != v {
			all = append(all, fmt.Sprintf("%s %+v -> %+v", id, before[id], v))
		}
	}
	return all
}

func (b *book) stored() map[string]visit {
	micros := func(column string) string {
		if b.Engine == "sqlite" {
			return column
		}
		return "(extract(epoch from " + column + ") * 1000000)::bigint"
	}
	all := map[string]visit{}
	for _, r := range b.DB.Rows("select id, "+micros("starts_at")+", "+micros("ends_at")+", "+micros("blocks_from")+", "+micros("blocks_to")+
		", status, series_id, series_wall, detached, noted, deleted_at is not null, overlap_allowed, version"+
		" from appointments where workspace_id = $1 and practitioner_id = $2", b.Workspace1.ID.String(), b.who.String()) {
		v := visit{status: r[5], series: r[6], wall: r[7], detached: yes(r[8]), noted: yes(r[9]), deleted: yes(r[10]), overrides: yes(r[11])}
		for i, n := range []*int64{&v.start, &v.end, &v.from, &v.to} {
			*n = number(b.T, r[i+1])
		}
		v.version = int(number(b.T, r[12]))
		all[r[0]] = v
	}
	return all
}

func yes(s string) bool { return s == "1" || s == "true" }

func number(t *rapid.T, s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// nothingIsLost: rows stay, only a deletion puts them into the trash, and only
// what moves them moves them.
func (b *book) nothingIsLost(step string, now map[string]visit) {
	moves := step == "move one" || strings.HasPrefix(step, "edit ")
	for id, before := range b.seen {
		if v := now[id]; !moves && (v.start != before.start || v.end != before.end) {
			b.Fatalf("%s moved %s: %+v -> %+v", step, id, before, v)
		}
		after, there := now[id]
		if !there || (after.deleted && !before.deleted && step != "delete following" && step != "delete all") {
			b.Fatalf("%s: %s is gone: %+v", step, id, before)
		}
	}
}

func (b *book) nobodyIsTwoPlaces(step string, now map[string]visit) {
	for id, v := range now {
		for other, w := range now {
			if id < other && v.blocks() && w.blocks() && v.from < w.to && w.from < v.to {
				b.Fatalf("%s: %s %+v and %s %+v overlap", step, id, v, other, w)
			}
		}
	}
}

// theClockHolds: what was not moved alone is where the rule of its series has
// it, by the clock on the wall.
func (b *book) theClockHolds(step string, now map[string]visit) {
	places := b.places()
	for id, v := range now {
		if v.deleted || v.series == "" {
			continue
		}
		walls, known := places[v.series]
		if !known {
			b.Fatalf("%s: %s is of a series that is not there", step, id)
		}
		if v.detached {
			continue
		}
		if wall := b.wall(v).String(); wall != v.wall || !slices.Contains(walls, wall) {
			b.Fatalf("%s: %s is at %s, its place is %s, its series has %v", step, id, wall, v.wall, walls)
		}
	}
}

// wall is the local time at which a visit starts.
func (b *book) wall(v visit) calendar.Wall {
	return calendar.WallOf(time.UnixMicro(v.start), b.zone)
}

// places are the local times of each series.
func (b *book) places() map[string][]string {
	all := map[string][]string{}
	for _, r := range b.DB.Rows(`select id, rule, starts_wall from appointment_series s where workspace_id = $1 and exists (select 1 from appointments a
		where a.workspace_id = s.workspace_id and a.series_id = s.id and a.practitioner_id = $2)`, b.Workspace1.ID.String(), b.who.String()) {
		rule, err := calendar.ParseRule(r[1], time.Monday)
		if err != nil {
			b.Fatalf("the rule %q of a series cannot be read: %v", r[1], err)
		}
		start, err := calendar.ParseWall(r[2])
		if err != nil {
			b.Fatal(err)
		}
		walls, err := rule.Walls(start)
		if err != nil {
			b.Fatalf("the rule %q from %s has no times: %v", r[1], r[2], err)
		}
		for _, w := range walls {
			all[r[0]] = append(all[r[0]], w.String())
		}
	}
	return all
}

// one draws a visit that is not deleted, or nil when there is none.
func (b *book) one() *uuid.UUID { return b.such(func(v visit) bool { return !v.deleted }) }

func (b *book) such(is func(visit) bool) *uuid.UUID {
	var ids []string
	for id, v := range b.seen {
		if is(v) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.SortFunc(ids, func(x, y string) int { return int(b.seen[x].start - b.seen[y].start) })
	id := uuid.MustParse(ids[rapid.IntRange(0, len(ids)-1).Draw(b.T, "which")])
	return &id
}

func (b *book) choices() practice.SeriesChoices {
	return practice.SeriesChoices{
		Missing:   rapid.SampledFrom([]string{"skip", "refuse", "skip"}).Draw(b.T, "missing"),
		Repeated:  rapid.SampledFrom([]string{"earlier", "later", "refuse"}).Draw(b.T, "repeated"),
		Conflicts: rapid.SampledFrom([]string{"skip", "refuse", "override"}).Draw(b.T, "conflicts"),
	}
}
