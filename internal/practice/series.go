package practice

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"pazpaz/internal/calendar"
	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// SeriesBooking asks for appointments that recur by the clock on the wall.
type SeriesBooking struct {
	// Booking is what all of them have in common; its times are not used.
	Booking
	// LocalStart is the first one in the workspace's zone, "2026-02-02T10:00".
	LocalStart string
	// Rule is RRULE text, see calendar.ParseRule.
	Rule string
	// Minutes is how long each lasts; 0: as long as the service.
	Minutes int
	SeriesChoices
}

// SeriesChoices say what to do where one of a series cannot be had. Empty
// means refuse all.
type SeriesChoices struct {
	// Missing is what to do with a local time that the clocks jump over:
	// "refuse" or "skip".
	Missing string
	// Repeated is what to do with a local time that comes twice: "refuse", or
	// take the "earlier" or "later" one.
	Repeated string
	// Conflicts is what to do with a time that is taken: "refuse", "skip", or
	// "override" for the reason in OverlapReason.
	Conflicts string
}

// Occurrence is one of a series.
type Occurrence struct {
	Wall calendar.Wall
	// Span is when it is; zero when its local time is missing.
	calendar.Span
	// Problem is "missing_time" or "repeated_time", or empty.
	Problem string
	// ClockChanged says that its offset from UTC is another than the one
	// before it had: the local time is the same, the instant is not.
	ClockChanged bool
	Clashes      []model.Clash
}

// Refusals of a series.
var (
	errMissingTime  = model.InvalidFields([]model.Field{{Name: "local_start", Code: "missing_time", Message: "On some of the days the clocks jump over this time. Choose another, or skip those days."}})
	errRepeatedTime = model.InvalidFields([]model.Field{{Name: "local_start", Code: "repeated_time", Message: "On some of the days this time comes twice. Say which one you mean: the earlier or the later."}})
	errNothingFree  = &model.Error{Kind: model.Conflict, Code: "nothing_free", Detail: "Every time of this series is taken."}
	errTooDense     = model.InvalidFields([]model.Field{{Name: "duration_minutes", Code: "too_long", Message: "Each would overlap the next one of the series."}})
	errBadLength    = model.InvalidFields([]model.Field{{Name: "duration_minutes", Code: "range", Message: "Must be from 1 to 1440 minutes."}})
	errNoLength     = model.InvalidFields([]model.Field{{Name: "duration_minutes", Code: "required", Message: "Say how long it lasts, or choose a service."}})
)

// plan is a series that was worked out: what it is, the appointment that all
// are copies of, and when they are.
type plan struct {
	series model.Series
	base   model.Appointment
	all    []Occurrence
}

// PreviewSeries works a series out without booking it, with what stands in its
// way.
func (p *Practice) PreviewSeries(ctx context.Context, sc store.Scope, b SeriesBooking) (s model.Series, all []Occurrence, err error) {
	err = p.store.Read(ctx, sc, model.SeriesPreview, func(tx *store.ReadTx) error {
		pl, err := workOut(tx, b)
		if err != nil {
			return err
		}
		for i := range pl.all {
			if pl.all[i].Clashes, err = tx.Clashes(pl.copy(pl.all[i])); err != nil {
				return err
			}
			tx.Shown(len(pl.all[i].Clashes))
		}
		s, all = pl.series, pl.all
		return nil
	})
	if err != nil {
		return s, nil, fmt.Errorf("preview series: %w", err)
	}
	return s, all, nil
}

// BookSeries books all of a series, or nothing. With a key, sending the same
// again answers with the series made first.
func (p *Practice) BookSeries(ctx context.Context, sc store.Scope, b SeriesBooking, once model.OnceKey) (s model.Series, all []model.CalendarEntry, err error) {
	err = p.store.Write(ctx, sc, model.SeriesBook, func(tx *store.Tx) error {
		id, _, err := tx.Once(once, func() (uuid.UUID, error) { return p.bookSeries(tx, b) })
		if err != nil {
			return err
		}
		if s, err = tx.Series(id); err != nil {
			return err
		}
		all, err = tx.SeriesEntries(id)
		tx.About(id, len(all))
		return err
	})
	if err != nil {
		return s, nil, fmt.Errorf("book series: %w", err)
	}
	return s, all, nil
}

func (p *Practice) bookSeries(tx *store.Tx, b SeriesBooking) (id uuid.UUID, err error) {
	pl, err := workOut(&tx.ReadTx, b)
	if err != nil {
		return id, err
	}
	if pl.series.ID, err = p.newID(); err != nil {
		return id, err
	}
	if pl.all, err = b.wanted(pl.all); err != nil {
		return id, err
	}
	if err := tx.InsertSeries(pl.series); err != nil {
		return id, err
	}
	return pl.series.ID, p.bookAll(tx, pl, b)
}

// wanted leaves out what is to be skipped because of the clock, and refuses
// what nobody decided.
func (c SeriesChoices) wanted(all []Occurrence) ([]Occurrence, error) {
	var out []Occurrence
	for _, o := range all {
		switch {
		case o.Problem == "missing_time" && c.Missing != "skip":
			return nil, errMissingTime
		case o.Problem == "repeated_time" && c.Repeated != "earlier" && c.Repeated != "later":
			return nil, errRepeatedTime
		case o.Problem != "missing_time":
			out = append(out, o)
		}
	}
	return out, nil
}

// bookAll inserts the appointments. What is taken is collected first, so that
// a refusal names all of it.
func (p *Practice) bookAll(tx *store.Tx, pl plan, b SeriesBooking) error {
	var taken []model.Clash
	booked := 0
	for _, o := range pl.all {
		clashes, err := p.bookOne(tx, pl, o, b)
		if err != nil {
			return err
		}
		taken = append(taken, clashes...)
		if clashes == nil {
			booked++
		}
	}
	switch {
	case len(taken) > 0 && b.Conflicts != "skip":
		return model.ErrOverlap(inOrder(taken))
	case booked == 0:
		return errNothingFree
	}
	return nil
}

// inOrder lists each once, the earliest first.
func inOrder(taken []model.Clash) []model.Clash {
	slices.SortFunc(taken, func(a, b model.Clash) int {
		return cmp.Or(a.StartsAt.Compare(b.StartsAt), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return slices.CompactFunc(taken, func(a, b model.Clash) bool { return a.ID == b.ID })
}

// bookOne inserts one appointment, or returns what is in its way.
func (p *Practice) bookOne(tx *store.Tx, pl plan, o Occurrence, b SeriesBooking) ([]model.Clash, error) {
	a := pl.copy(o)
	var err error
	if a.ID, err = p.newID(); err != nil {
		return nil, err
	}
	a, err = settle(&tx.ReadTx, a, b.Conflicts == "override")
	if clashes := clashesIn(err); clashes != nil {
		return clashes, nil
	}
	if err != nil {
		return nil, err
	}
	if err := tx.InsertAppointment(a); err != nil {
		return nil, err
	}
	if a.OverlapAllowed {
		tx.Overrode(a.ID)
	}
	return nil, nil
}

// copy is the appointment of one occurrence, without an id.
func (pl plan) copy(o Occurrence) model.Appointment {
	a := pl.base
	a.StartsAt, a.EndsAt = o.Start, o.End
	a.SeriesWall = o.Wall.String()
	if id := pl.series.ID; id != uuid.Nil {
		a.SeriesID = &id
	}
	return a
}

// workOut expands the rule in the workspace's zone and judges what all of the
// appointments have in common.
func workOut(tx *store.ReadTx, b SeriesBooking) (pl plan, err error) {
	w, err := tx.Workspace()
	if err != nil {
		return pl, err
	}
	zone, err := time.LoadLocation(w.TimeZone)
	if err != nil {
		return pl, fmt.Errorf("workspace zone: %w", err)
	}
	rule, start, walls, err := expand(b.Rule, b.LocalStart, model.WeekStartDay(w.WeekStart))
	if err != nil {
		return pl, err
	}
	if pl.base, err = common(tx, b, start.In(zone).Later); err != nil {
		return pl, err
	}
	length := pl.base.EndsAt.Sub(pl.base.StartsAt)
	pl.all = occurrences(walls, zone, length, b.Repeated)
	if err := apart(pl); err != nil {
		return pl, err
	}
	pl.series = model.Series{Rule: rule.String(), StartsWall: start.String(), TimeZone: w.TimeZone, Minutes: int(length / time.Minute)}
	return pl, nil
}

// apart refuses a series whose appointments stand in each other's way, or go
// on for longer than appointments can be booked.
func apart(pl plan) error {
	var before *Occurrence
	for i := range pl.all {
		o := &pl.all[i]
		if o.Problem == "missing_time" {
			continue
		}
		a := pl.copy(*o)
		if _, err := a.Normalize(); err != nil {
			return model.RenameField(err, "starts_at", "rule")
		}
		if before != nil && a.BlocksFrom().Before(pl.copy(*before).BlocksTo()) {
			return errTooDense
		}
		before = o
	}
	return nil
}

// expand reads a rule and its start, and lists the local times.
func expand(text, local string, weekStart time.Weekday) (rule calendar.Rule, start calendar.Wall, walls []calendar.Wall, err error) {
	start, startErr := calendar.ParseWall(local)
	rule, err = calendar.ParseRule(text, weekStart)
	if err := model.JoinInvalid(startErr, err); err != nil {
		return rule, start, nil, model.RenameField(err, "starts_at", "local_start")
	}
	walls, err = rule.Walls(start)
	return rule, start, walls, model.RenameField(err, "starts_at", "local_start")
}

// common is the appointment that all of the series are copies of, at its first
// time.
func common(tx *store.ReadTx, b SeriesBooking, first time.Time) (model.Appointment, error) {
	b.StartsAt, b.EndsAt, b.Status = first, time.Time{}, model.Scheduled
	if b.Minutes < 0 || b.Minutes > int(model.MaxAppointment/time.Minute) {
		return b.Appointment, errBadLength
	}
	if b.Minutes != 0 {
		b.EndsAt = first.Add(time.Duration(b.Minutes) * time.Minute)
	}
	if b.Minutes == 0 && b.ServiceID == nil {
		return b.Appointment, errNoLength
	}
	a, err := prepare(tx, b.Booking)
	return a, model.RenameField(model.RenameField(err, "starts_at", "local_start"), "ends_at", "duration_minutes")
}

func occurrences(walls []calendar.Wall, zone *time.Location, length time.Duration, repeated string) []Occurrence {
	all := make([]Occurrence, len(walls))
	offset := 0
	for i, w := range walls {
		all[i] = occurrence(w, zone, length, repeated)
		_, now := all[i].Start.In(zone).Zone()
		all[i].ClockChanged = i > 0 && now != offset && all[i].Problem != "missing_time"
		if all[i].Problem != "missing_time" {
			offset = now
		}
	}
	return all
}

// occurrence finds when a local time is.
func occurrence(w calendar.Wall, zone *time.Location, length time.Duration, repeated string) Occurrence {
	at := w.In(zone)
	o := Occurrence{Wall: w}
	start := at.Earlier
	switch at.Existence {
	case calendar.Missing:
		o.Problem = "missing_time"
		return o
	case calendar.Repeated:
		o.Problem = "repeated_time"
		if repeated == "later" {
			start = at.Later
		}
	case calendar.Once:
	}
	o.Span = calendar.Span{Start: start, End: start.Add(length)}
	return o
}

// GetSeries returns a series with its appointments.
func (p *Practice) GetSeries(ctx context.Context, sc store.Scope, id uuid.UUID) (s model.Series, all []model.CalendarEntry, err error) {
	err = p.store.Read(ctx, sc, model.SeriesView, func(tx *store.ReadTx) error {
		if s, err = tx.Series(id); err != nil {
			return err
		}
		all, err = tx.SeriesEntries(id)
		tx.About(id, len(all))
		return err
	})
	if err != nil {
		return s, nil, fmt.Errorf("get series: %w", err)
	}
	return s, all, nil
}
