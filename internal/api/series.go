package api

import (
	"context"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// seriesIn is what a series can be booked with.
type seriesIn struct {
	ClientID        string           `json:"client_id" format:"uuid"`
	PractitionerID  *string          `json:"practitioner_id,omitempty" format:"uuid" doc:"Left out: you, or the only practitioner."`
	ServiceID       *string          `json:"service_id,omitempty" format:"uuid"`
	LocationID      *string          `json:"location_id,omitempty" format:"uuid"`
	LocalStart      string           `json:"local_start" example:"2026-02-02T10:00" doc:"The first one, in the workspace's time zone, without an offset."`
	Minutes         int              `json:"duration_minutes,omitempty" minimum:"1" maximum:"1440" doc:"Left out: as long as the service."`
	Rule            string           `json:"rule" maxLength:"200" example:"FREQ=WEEKLY;COUNT=10;BYDAY=MO" doc:"RFC 5545: weekly or monthly, by COUNT up to 520 or UNTIL."`
	LocationType    string           `json:"location_type,omitempty" enum:"clinic,home,online"`
	LocationDetails *string          `json:"location_details,omitempty" maxLength:"2000"`
	Notes           *string          `json:"notes,omitempty" maxLength:"10000"`
	Price           optional[*int64] `json:"price,omitempty" doc:"Of each; left out: the service's; null: none."`
	SeriesChoicesIn
	Reason *string `json:"reason,omitempty" maxLength:"500" doc:"Why they may overlap; required with conflicts: override."`
}

// SeriesChoicesIn is what to do where one of a series cannot be had.
type SeriesChoicesIn struct {
	Missing   string `json:"missing,omitempty" enum:"refuse,skip" doc:"Local times that the clocks jump over. Left out: refuse."`
	Repeated  string `json:"repeated,omitempty" enum:"refuse,earlier,later" doc:"Local times that come twice. Left out: refuse."`
	Conflicts string `json:"conflicts,omitempty" enum:"refuse,skip,override" doc:"Times that are taken. Left out: refuse."`
}

// choices judges the words; huma does not read bodies.
func (in SeriesChoicesIn) choices() (practice.SeriesChoices, error) {
	var bad []model.Field
	for _, w := range []struct {
		name, value string
		known       []string
	}{
		{"missing", in.Missing, []string{"", "refuse", "skip"}},
		{"repeated", in.Repeated, []string{"", "refuse", "earlier", "later"}},
		{"conflicts", in.Conflicts, []string{"", "refuse", "skip", "override"}},
	} {
		bad = oneOf(w.name, w.value, w.known, bad)
	}
	return practice.SeriesChoices{Missing: in.Missing, Repeated: in.Repeated, Conflicts: in.Conflicts}, model.InvalidFields(bad)
}

func (in seriesIn) booking() (practice.SeriesBooking, error) {
	single := appointmentIn{
		ClientID: in.ClientID, PractitionerID: in.PractitionerID, ServiceID: in.ServiceID, LocationID: in.LocationID,
		LocationType: in.LocationType, LocationDetails: in.LocationDetails, Notes: in.Notes, Reason: in.Reason,
		PaymentIn: PaymentIn{Price: in.Price},
	}
	b, err := single.booking()
	choices, cerr := in.choices()
	return practice.SeriesBooking{
		Booking: b, LocalStart: in.LocalStart, Rule: in.Rule, Minutes: in.Minutes, SeriesChoices: choices,
	}, model.JoinInvalid(err, cerr)
}

// Occurrence is one of a series that was worked out.
type Occurrence struct {
	LocalStart   string     `json:"local_start" example:"2026-02-02T10:00"`
	StartsAt     *time.Time `json:"starts_at" doc:"Null when the clocks jump over the local time."`
	EndsAt       *time.Time `json:"ends_at"`
	Problem      *string    `json:"problem" enum:"missing_time,repeated_time"`
	ClockChanged bool       `json:"clock_changed" doc:"The offset from UTC is another than that of the one before."`
	Conflicts    []Clash    `json:"conflicting_appointments"`
}

// Series is what made appointments that recur.
type Series struct {
	ID         *string `json:"id" format:"uuid" doc:"Null in a preview."`
	Rule       string  `json:"rule"`
	LocalStart string  `json:"local_start"`
	TimeZone   string  `json:"time_zone"`
	Minutes    int     `json:"duration_minutes"`
}

func seriesOf(s model.Series) Series {
	out := Series{Rule: s.Rule, LocalStart: s.StartsWall, TimeZone: s.TimeZone, Minutes: s.Minutes}
	if s.ID != uuid.Nil {
		out.ID = idOrNull(&s.ID)
	}
	return out
}

type previewOut struct {
	Body struct {
		Series
		Occurrences []Occurrence `json:"occurrences"`
	}
}

func (a *API) previewSeries(ctx context.Context, sc store.Scope, _ *none) (*previewOut, error) {
	var b seriesIn
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	booking, err := b.booking()
	if err != nil {
		return nil, err
	}
	s, all, err := a.o.Practice.PreviewSeries(ctx, sc, booking)
	if err != nil {
		return nil, err
	}
	out := &previewOut{}
	out.Body.Series, out.Body.Occurrences = seriesOf(s), make([]Occurrence, len(all))
	for i, o := range all {
		out.Body.Occurrences[i] = occurrenceOf(o)
	}
	return out, nil
}

func occurrenceOf(o practice.Occurrence) Occurrence {
	out := Occurrence{
		LocalStart: o.Wall.String(), Problem: nullable(model.Text(o.Problem)),
		ClockChanged: o.ClockChanged, Conflicts: clashesOf(o.Clashes),
	}
	if !o.Start.IsZero() {
		out.StartsAt, out.EndsAt = &o.Start, &o.End
	}
	return out
}

// SeriesInFull is a series with its appointments.
type SeriesInFull struct {
	Series
	Appointments []Appointment `json:"appointments"`
}

type seriesOut struct {
	Location string `header:"Location"`
	Body     SeriesInFull
}

func sentSeries(sc store.Scope, s model.Series, all []model.CalendarEntry) *seriesOut {
	return &seriesOut{Base + "/series/" + s.ID.String(), SeriesInFull{seriesOf(s), appointmentsOf(sc, all)}}
}

func appointmentsOf(sc store.Scope, all []model.CalendarEntry) []Appointment {
	out := make([]Appointment, len(all))
	for i := range all {
		out[i] = appointmentOf(sc.Workspace(), &all[i])
	}
	return out
}

type bookSeriesIn struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key and body again answer with the series made first."`
}

func (a *API) bookSeries(ctx context.Context, sc store.Scope, in *bookSeriesIn) (*seriesOut, error) {
	var b seriesIn
	raw, err := decode(ctx, &b)
	if err != nil {
		return nil, err
	}
	booking, err := b.booking()
	if err != nil {
		return nil, err
	}
	s, all, err := a.o.Practice.BookSeries(ctx, sc, booking, model.OnceKey{Route: "POST /series", Key: in.Key, Body: raw})
	if err != nil {
		return nil, err
	}
	return sentSeries(sc, s, all), nil
}

// SeriesPath is the part of an address that names a series.
type SeriesPath struct {
	ID string `path:"id" format:"uuid"`
}

func (a *API) getSeries(ctx context.Context, sc store.Scope, in *SeriesPath) (*seriesOut, error) {
	s, all, err := a.o.Practice.GetSeries(ctx, sc, idOf(in.ID))
	if err != nil {
		return nil, err
	}
	return sentSeries(sc, s, all), nil
}

type seriesChangeIn struct {
	AppointmentChange
	SeriesChoicesIn
	Scope string `json:"scope" enum:"following,all" doc:"This appointment and those after it, or the whole series. What is past, has ended or has a note stays."`
}

type seriesChangedOut struct {
	Body struct {
		Series
		Changed []Appointment `json:"changed" doc:"As they are now."`
		Kept    []string      `json:"kept" doc:"Ids of those that stay as they were."`
	}
}

func sentChange(sc store.Scope, r practice.SeriesResult) *seriesChangedOut {
	out := &seriesChangedOut{}
	out.Body.Series, out.Body.Changed, out.Body.Kept = seriesOf(r.Series), appointmentsOf(sc, r.Changed), make([]string, len(r.Kept))
	for i, id := range r.Kept {
		out.Body.Kept[i] = id.String()
	}
	return out
}

func (a *API) updateSeries(ctx context.Context, sc store.Scope, in *updateAppointmentIn) (*seriesChangedOut, error) {
	if err := a.o.Practice.CheckAppointment(ctx, sc, model.AppointmentUpdate, in.id()); err != nil {
		return nil, err
	}
	var b seriesChangeIn
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	version, err := seenVersion(in.IfMatch, b.Version)
	if err != nil {
		return nil, err
	}
	ch, err := b.change(version)
	choices, cerr := b.choices()
	if err := model.JoinInvalid(err, cerr, scopeError(b.Scope)); err != nil {
		return nil, err
	}
	if b.Override {
		choices.Conflicts = "override"
	}
	r, err := a.o.Practice.UpdateSeries(ctx, sc, in.id(), practice.SeriesChange{AppointmentChange: ch, All: b.Scope == "all", SeriesChoices: choices})
	if err != nil {
		return nil, err
	}
	return sentChange(sc, r), nil
}

func scopeError(scope string) error {
	return model.InvalidFields(oneOf("scope", scope, []string{"following", "all"}, nil))
}

type deleteSeriesIn struct {
	Scope  string `json:"scope" enum:"following,all"`
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

func (a *API) deleteSeries(ctx context.Context, sc store.Scope, in *AppointmentPath) (*seriesChangedOut, error) {
	if err := a.o.Practice.CheckAppointment(ctx, sc, model.AppointmentDelete, in.id()); err != nil {
		return nil, err
	}
	var b deleteSeriesIn
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	if err := scopeError(b.Scope); err != nil {
		return nil, err
	}
	r, err := a.o.Practice.DeleteSeries(ctx, sc, in.id(), b.Scope == "all", model.Text(b.Reason))
	if err != nil {
		return nil, err
	}
	return sentChange(sc, r), nil
}

type slotsIn struct {
	ServiceID      string    `query:"service_id" format:"uuid" doc:"Gives the length and the buffers."`
	Minutes        int       `query:"duration_minutes" minimum:"1" maximum:"1440" doc:"Needed without a service."`
	PractitionerID string    `query:"practitioner_id" format:"uuid" doc:"Left out: you, or the only practitioner."`
	LocationID     string    `query:"location_id" format:"uuid" doc:"The room must be free as well, when it is one."`
	Except         string    `query:"exclude_appointment_id" format:"uuid" doc:"The appointment that is to be moved."`
	From           time.Time `query:"from" doc:"Left out: now."`
	To             time.Time `query:"to" doc:"Left out: two weeks after from. At most 62 days after it."`
	Limit          int       `query:"limit" minimum:"1" maximum:"200" default:"20"`
}

// Slot is a time at which an appointment could be.
type Slot struct {
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
}

type slotsOut struct{ Body []Slot }

func (a *API) freeSlots(ctx context.Context, sc store.Scope, in *slotsIn) (*slotsOut, error) {
	free, err := a.o.Practice.FreeSlots(ctx, sc, practice.SlotQuery{
		Appointment: model.Appointment{
			ID: idOf(in.Except), PractitionerID: idOf(in.PractitionerID),
			ServiceID: idOrNil(in.ServiceID), LocationID: idOrNil(in.LocationID),
		},
		Minutes: in.Minutes, From: in.From, To: in.To, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &slotsOut{make([]Slot, len(free))}
	for i, s := range free {
		out.Body[i] = Slot{s.Start, s.End}
	}
	return out, nil
}
