package model_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// booking is an appointment that every rule allows.
func booking() model.Appointment {
	return model.Appointment{StartsAt: today, EndsAt: today.Add(time.Hour)}.WithDefaults()
}

func TestAppointmentDefaults(t *testing.T) {
	t.Parallel()
	a := model.Appointment{}.WithDefaults()
	if a.LocationType != "clinic" || a.Status != "scheduled" || a.PaymentStatus != "not_paid" {
		t.Errorf("%+v", a)
	}
	said := model.Appointment{LocationType: "home", Status: "attended", Payment: model.Payment{PaymentStatus: "paid"}}
	if got := said.WithDefaults(); !reflect.DeepEqual(got, said) {
		t.Errorf("what was said became %+v", got)
	}
}

func TestTimesOfAnAppointment(t *testing.T) {
	t.Parallel()
	at := func(year int) time.Time { return time.Date(year, 6, 1, 12, 0, 0, 0, time.UTC) }
	for what, c := range map[string]struct {
		start, end time.Time
		want       string
	}{
		"no start":                 {time.Time{}, today, "starts_at required"},
		"no end":                   {today, time.Time{}, "ends_at required"},
		"neither":                  {time.Time{}, time.Time{}, "starts_at required"},
		"a minute":                 {today, today.Add(time.Minute), ""},
		"less than a minute":       {today, today.Add(time.Minute - time.Microsecond), "ends_at order"},
		"less than a microsecond":  {today, today.Add(time.Nanosecond), "ends_at order"},
		"no length":                {today, today, "ends_at order"},
		"ends before it starts":    {today, today.Add(-time.Hour), "ends_at order"},
		"24 hours":                 {today, today.Add(24 * time.Hour), ""},
		"more than 24 hours":       {today, today.Add(24*time.Hour + time.Microsecond), "ends_at too_long"},
		"a year":                   {today, today.AddDate(1, 0, 0), "ends_at too_long"},
		"first year":               {at(1970), at(1970).Add(time.Hour), ""},
		"before the first year":    {at(1969), at(1969).Add(time.Hour), "starts_at range"},
		"last year":                {at(2200), at(2200).Add(time.Hour), ""},
		"behind the last year":     {at(2201), at(2201).Add(time.Hour), "starts_at range"},
		"over the turn of a year":  {time.Date(2200, 12, 31, 23, 0, 0, 0, time.UTC), time.Date(2201, 1, 1, 1, 0, 0, 0, time.UTC), ""},
		"the same moment in zones": {today.In(time.FixedZone("", 3600)), today.In(time.FixedZone("", -3600)), "ends_at order"},
	} {
		a := booking()
		a.StartsAt, a.EndsAt = c.start, c.end
		if _, err := a.Normalize(); strings.Join(fields(err), ",") != c.want {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
}

func TestTimesAreStoredInUTCAndMicroseconds(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 7200)
	a := booking()
	paid := today.Add(1234567 * time.Nanosecond).In(zone)
	a.StartsAt, a.EndsAt, a.PaidAt = paid, paid.Add(time.Hour), &paid
	got, err := a.Normalize()
	want := today.Add(1234 * time.Microsecond)
	if err != nil || got.StartsAt != want || got.EndsAt != want.Add(time.Hour) || *got.PaidAt != want {
		t.Errorf("%v: from %v to %v, paid %v", err, got.StartsAt, got.EndsAt, got.PaidAt)
	}
	if paid.Location() != zone {
		t.Error("the caller's own time was changed")
	}
}

func TestPlaceOfAnAppointment(t *testing.T) {
	t.Parallel()
	for place, want := range map[string]string{
		"clinic": "", "home": "", "online": "", "": "location_type choice", "office": "location_type choice", "Clinic": "location_type choice",
	} {
		a := booking()
		a.LocationType = place
		if _, err := a.Normalize(); strings.Join(fields(err), ",") != want {
			t.Errorf("%q: %v, want %q", place, err, want)
		}
	}
}

func TestTextsOfAnAppointment(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]struct {
		max int
		of  func(*model.Appointment) *model.Text
	}{
		"location_details": {2000, func(a *model.Appointment) *model.Text { return &a.LocationDetails }},
		"notes":            {10_000, func(a *model.Appointment) *model.Text { return &a.Notes }},
		"cancel_reason":    {500, func(a *model.Appointment) *model.Text { return &a.CancelReason }},
		"payment_notes":    {2000, func(a *model.Appointment) *model.Text { return &a.PaymentNotes }},
		"reason":           {500, func(a *model.Appointment) *model.Text { return &a.OverlapReason }},
		"reason ":          {500, func(a *model.Appointment) *model.Text { return &a.DeleteReason }},
	} {
		name = strings.TrimSpace(name)
		for in, want := range map[string]string{
			strings.Repeat("ש", f.max): "", strings.Repeat("ש", f.max+1): name + " too_long",
			"a\nb": "", "a\x00b": name + " characters", "a\x07b": name + " characters",
		} {
			a := booking()
			*f.of(&a) = model.Text(in)
			if _, err := a.Normalize(); strings.Join(fields(err), ",") != want {
				t.Errorf("%s of %d bytes: %v, want %q", name, len(in), err, want)
			}
		}
		a := booking()
		*f.of(&a) = " Cafe\u0301 \n"
		if a, err := a.Normalize(); err != nil || *f.of(&a) != "Café" {
			t.Errorf("%s: %v, stored as %q", name, err, string(*f.of(&a)))
		}
	}
}

func TestEveryFaultOfAnAppointmentIsNamed(t *testing.T) {
	t.Parallel()
	price := int64(-1)
	a := model.Appointment{
		LocationType: "moon", AppointmentTexts: model.AppointmentTexts{Notes: "a\x00"},
		Payment: model.Payment{Price: &price, PaymentStatus: "x", PaymentMethod: "y"},
	}
	_, err := a.Normalize()
	want := "starts_at required,location_type choice,notes characters,payment_status choice,payment_method choice,price range"
	if got := strings.Join(fields(err), ","); got != want {
		t.Errorf("named %s, want %s", got, want)
	}
}

func TestWhichAppointmentsBlock(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]bool{"scheduled": true, "attended": true, "cancelled": false, "no_show": false} {
		a := model.Appointment{Status: status}
		if a.Blocks() != want {
			t.Errorf("%s blocks: %v", status, !want)
		}
		if a.DeletedAt = &today; a.Blocks() {
			t.Errorf("%s and deleted blocks", status)
		}
	}
}

func TestBuffersAreKeptFreeAround(t *testing.T) {
	t.Parallel()
	a := booking()
	if a.BlocksFrom() != a.StartsAt || a.BlocksTo() != a.EndsAt {
		t.Error("without buffers it blocks more than its time")
	}
	a.BufferBefore, a.BufferAfter = 10*time.Minute, 15*time.Minute
	if a.BlocksFrom() != a.StartsAt.Add(-10*time.Minute) || a.BlocksTo() != a.EndsAt.Add(15*time.Minute) {
		t.Errorf("blocks from %v to %v", a.BlocksFrom(), a.BlocksTo())
	}
	if model.MaxBlock != 32*time.Hour {
		t.Errorf("the longest block is %v; the schema looks back 32 hours", model.MaxBlock)
	}
}

func TestOverlapCarriesWhoHasTheTime(t *testing.T) {
	t.Parallel()
	clashes := []model.Clash{{ID: uuid.UUID{1}, Initials: "J.D."}}
	err := model.ErrOverlap(clashes)
	e, ok := err.(*model.Error)
	if !ok || e.Kind != model.Conflict || e.Code != "overlap" || !reflect.DeepEqual(e.Current, clashes) {
		t.Errorf("%#v", err)
	}
}
