package practice_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
	"pazpaz/internal/practice"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// This file is what can happen to a book; see TestASeriesKeepsItsPromises.

// clockTimes are such that some are missing, and some come twice, on the days
// on which clocks change.
var clockTimes = []time.Duration{90 * time.Minute, 105 * time.Minute, 135 * time.Minute, 10 * time.Hour, 10*time.Hour + 30*time.Minute, 23*time.Hour + 30*time.Minute}

func (b *book) clockTime() time.Duration { return rapid.SampledFrom(clockTimes).Draw(b.T, "time") }

var dayCodes = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// rule draws one that has a time on the day of start.
func (b *book) rule(start calendar.Wall) string {
	day := dayCodes[start.Weekday()]
	end := fmt.Sprintf(";COUNT=%d", rapid.IntRange(1, 6).Draw(b.T, "count"))
	if rapid.Bool().Draw(b.T, "until") {
		end = ";UNTIL=" + strings.ReplaceAll(start.AddDays(rapid.IntRange(0, 40).Draw(b.T, "days")).Date(), "-", "")
	}
	if rapid.IntRange(0, 4).Draw(b.T, "monthly") == 0 {
		return "FREQ=MONTHLY;BYMONTHDAY=" + strings.TrimPrefix(start.Date()[8:], "0") + end
	}
	if other := rapid.SampledFrom(dayCodes).Draw(b.T, "other day"); other != day {
		day += "," + other
	}
	return fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s%s", rapid.IntRange(1, 2).Draw(b.T, "interval"), day, end)
}

func (b *book) bookSeries() error {
	start := calendar.WallOf(b.Clock.Now(), b.zone).AddDays(rapid.IntRange(1, 21).Draw(b.T, "in days")).At(b.clockTime())
	asked := practice.SeriesBooking{
		Booking:    practice.Booking{Appointment: model.Appointment{ClientID: b.Client1.ID, PractitionerID: b.who}},
		LocalStart: start.String(), Rule: b.rule(start), Minutes: rapid.SampledFrom([]int{30, 50, 90}).Draw(b.T, "minutes"), SeriesChoices: b.choices(),
	}
	asked.OverlapReason = "Both asked for it"
	_, preview, err := b.Practice.PreviewSeries(b.Context(), b.sc, asked)
	if err != nil {
		return err
	}
	_, made, err := b.Practice.BookSeries(b.Context(), b.sc, asked, model.OnceKey{})
	if err == nil {
		b.asPreviewed(asked, preview, made)
	}
	return err
}

// asPreviewed: what is booked is what was shown, but for what is to be skipped.
func (b *book) asPreviewed(asked practice.SeriesBooking, preview []practice.Occurrence, made []model.CalendarEntry) {
	var want, got []string
	for _, o := range preview {
		if o.Problem != "missing_time" && (len(o.Clashes) == 0 || asked.Conflicts == "override") {
			want = append(want, o.Wall.String()+o.Start.String()+o.End.String())
		}
	}
	for _, m := range made {
		got = append(got, m.SeriesWall+m.StartsAt.String()+m.EndsAt.String())
	}
	if !slices.Equal(want, got) {
		b.Fatalf("booked %v, previewed %v", got, want)
	}
}

func (b *book) moveOne() error {
	id := b.one()
	if id == nil {
		return model.ErrNotFound
	}
	start := time.UnixMicro(b.seen[id.String()].start).Add(time.Duration(rapid.IntRange(-48, 96).Draw(b.T, "half hours")) * 30 * time.Minute)
	_, err := b.Practice.UpdateAppointment(b.Context(), b.sc, *id, practice.AppointmentChange{
		Version: int64(b.seen[id.String()].version), Override: rapid.Bool().Draw(b.T, "override"),
		Apply: func(a *model.Appointment) {
			a.StartsAt, a.EndsAt, a.OverlapReason = start, start.Add(a.EndsAt.Sub(a.StartsAt)), "On purpose"
		},
	})
	return err
}

// edit changes times or length, or only what is written, of several.
func (b *book) edit(all bool) error {
	id := b.one()
	if id == nil {
		return model.ErrNotFound
	}
	by := b.seen[id.String()]
	days := rapid.SampledFrom([]int{0, 0, 1, -1, 3, 7, -7, 14}).Draw(b.T, "days")
	to := b.wall(by).AddDays(days).At(b.clockTime())
	length := time.Duration(rapid.SampledFrom([]int{30, 50, 90}).Draw(b.T, "minutes")) * time.Minute
	moves := rapid.IntRange(0, 4).Draw(b.T, "moves") > 0
	start := to.In(b.zone).Later
	ch := practice.SeriesChange{All: all, SeriesChoices: b.choices()}
	ch.Version = int64(by.version)
	ch.Apply = func(a *model.Appointment) {
		a.Notes, a.OverlapReason = "Bring the papers", "On purpose"
		if moves {
			a.StartsAt, a.EndsAt = start, start.Add(length)
		}
	}
	r, err := b.Practice.UpdateSeries(b.Context(), b.sc, *id, ch)
	if err == nil {
		// To be where the one is already moves nobody.
		moves = moves && (start.UnixMicro() != by.start || length.Microseconds() != by.end-by.start)
		shown := calendar.WallOf(start, b.zone) // of a missing time it is another
		b.edited(*id, all, moves, b.wall(by).DaysTo(shown), shown.TimeOfDay(), length, r)
	}
	return err
}

// edited: those that were changed moved as the one did, all others stay.
func (b *book) edited(id uuid.UUID, all, moves bool, days int, minute, length time.Duration, r practice.SeriesResult) {
	now, by := b.stored(), b.seen[id.String()]
	changed := map[string]bool{}
	for _, c := range r.Changed {
		changed[c.ID.String()] = true
	}
	for id, before := range b.seen {
		after := now[id]
		asked := !before.deleted && before.series == by.series && (all || before.wall >= by.wall)
		kept := slices.ContainsFunc(r.Kept, func(k uuid.UUID) bool { return k.String() == id })
		switch {
		case changed[id] && (kept || !asked || before.status != model.Scheduled || before.noted || before.start <= b.Clock.Now().UnixMicro() || (moves && before.detached)):
			b.Fatalf("%s should not have been changed: %+v", id, before)
		case !changed[id] && (after.start != before.start || after.end != before.end || after.status != before.status):
			b.Fatalf("%s moved, and nobody was told: %+v -> %+v", id, before, after)
		case asked && !kept && !changed[id] && (moves && !before.stays(b.Clock.Now())):
			// It may be there already.
			if after.start != before.start || b.wall(after) != b.wall(before).AddDays(days).At(minute) {
				b.Fatalf("%s was forgotten: %+v", id, after)
			}
		case changed[id] && moves && (b.wall(after) != b.wall(before).AddDays(days).At(minute) || after.end-after.start != length.Microseconds()):
			b.Fatalf("%s went elsewhere: %+v -> %+v", id, before, after)
		}
	}
}

func (b *book) cancel() error {
	id := b.one()
	if id == nil {
		return model.ErrNotFound
	}
	ch := practice.SeriesChange{All: rapid.Bool().Draw(b.T, "all")}
	ch.Version = int64(b.seen[id.String()].version)
	ch.Apply = func(a *model.Appointment) { a.Status, a.CancelReason = model.Cancelled, "Away" }
	if rapid.Bool().Draw(b.T, "alone") {
		_, err := b.Practice.UpdateAppointment(b.Context(), b.sc, *id, ch.AppointmentChange)
		return err
	}
	_, err := b.Practice.UpdateSeries(b.Context(), b.sc, *id, ch)
	return err
}

func (b *book) attend() error {
	id := b.such(func(v visit) bool {
		return !v.deleted && v.status == model.Scheduled && v.start <= b.Clock.Now().UnixMicro()
	})
	if id == nil {
		return model.ErrNotFound
	}
	_, err := b.Practice.UpdateAppointment(b.Context(), b.sc, *id, practice.AppointmentChange{
		Version: int64(b.seen[id.String()].version), Apply: func(a *model.Appointment) { a.Status = model.Attended },
	})
	return err
}

func (b *book) note() error {
	id := b.one()
	if id == nil {
		return model.ErrNotFound
	}
	_, err := b.Practice.CreateSession(b.Context(), b.sc, model.NewSession{AppointmentID: *id, Sections: model.Sections{Subjective: "Better"}}, model.OnceKey{})
	return err
}

func (b *book) remove(all bool) error {
	id := b.one()
	if id == nil {
		return model.ErrNotFound
	}
	r, err := b.Practice.DeleteSeries(b.Context(), b.sc, *id, all, "Moves away")
	if err != nil {
		return err
	}
	now, by := b.stored(), b.seen[id.String()]
	for id, before := range b.seen {
		asked := before.series == by.series && (all || before.wall >= by.wall) &&
			before.status == model.Scheduled && !before.noted && before.start > b.Clock.Now().UnixMicro()
		if now[id].deleted != (before.deleted || asked) {
			b.Fatalf("%s: deleted %v: %+v", id, now[id].deleted, before)
		}
	}
	for _, c := range r.Changed {
		if now[c.ID.String()].version != int(c.Version) {
			b.Fatalf("%s is answered in version %d, stored is %d", c.ID, c.Version, now[c.ID.String()].version)
		}
	}
	return nil
}

func (b *book) restore() error {
	id := b.such(func(v visit) bool { return v.deleted })
	if id == nil {
		return model.ErrNotFound
	}
	together := rapid.Bool().Draw(b.T, "series")
	_, err := b.Practice.RestoreAppointment(b.Context(), b.sc, *id, practice.Restoring{
		Series: together, Override: rapid.Bool().Draw(b.T, "override"), Reason: "Came back",
	})
	if err == nil && b.stored()[id.String()].deleted {
		b.Fatalf("%s was restored and is in the trash", id)
	}
	return err
}

func (b *book) pass() error {
	b.Clock.Advance(time.Duration(rapid.IntRange(1, 12*24).Draw(b.T, "hours")) * time.Hour)
	return nil
}
