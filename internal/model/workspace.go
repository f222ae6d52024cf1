package model

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Workspace is one practice; nothing in it is visible to another.
type Workspace struct {
	ID   uuid.UUID
	Name Text
	// TimeZone is an IANA name, for example "Asia/Jerusalem".
	TimeZone string
	// Locale is "en" or "he".
	Locale string
	// Currency is an ISO 4217 code.
	Currency string
	// WeekStart is "sunday", "monday" or "saturday".
	WeekStart string
	// Hours are the working hours; nil: those that are usual with WeekStart.
	Hours *Hours
	// Retention is for how many years signed notes are kept after the last
	// visit; nil: DefaultRetentionYears.
	Retention *int64
	// SharedNotes lets practitioners read each other's notes.
	SharedNotes bool
	// SecondFactorRequired lets nobody work here without a second factor.
	SecondFactorRequired bool
	Status               string
	Version              int64
	CreatedAt            time.Time
}

// Limits of the years for which notes are kept.
const (
	DefaultRetentionYears = 7
	// MinRetentionYears is the default: what must not be lost by a slip of the
	// keyboard can only be kept for longer.
	MinRetentionYears = DefaultRetentionYears
	MaxRetentionYears = 100
)

// Locales are the languages the product speaks.
var Locales = []string{"en", "he"}

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

// Normalize fills what was left out, trims and judges the rest.
func (w Workspace) Normalize() (Workspace, error) {
	w.TimeZone = orDefault(w.TimeZone, "UTC")
	w.Locale = orDefault(w.Locale, "en")
	usual := customOf(w.TimeZone, w.Locale)
	w.Currency = orDefault(w.Currency, usual.currency)
	w.WeekStart = orDefault(w.WeekStart, usual.weekStart)
	var bad []Field
	w.Name, bad = rule{name: "name", max: MaxName, required: true}.clean(w.Name, bad)
	if !validZone(w.TimeZone) {
		bad = append(bad, Field{"time_zone", "time_zone", "Must be an IANA time zone such as Asia/Jerusalem."})
	}
	if !slices.Contains(Locales, w.Locale) {
		bad = append(bad, Field{"locale", "choice", "Must be en or he."})
	}
	if !currency.MatchString(w.Currency) {
		bad = append(bad, Field{"currency", "currency", "Must be a currency code of three capital letters."})
	}
	if !slices.Contains([]string{"sunday", "monday", "saturday"}, w.WeekStart) {
		bad = append(bad, Field{"week_start", "choice", "Must be sunday, monday or saturday."})
	}
	if years := w.RetentionYears(); years < MinRetentionYears || years > MaxRetentionYears {
		bad = append(bad, Field{"retention_years", "range", fmt.Sprintf("Must be from %d to %d.", MinRetentionYears, MaxRetentionYears)})
	}
	return w, InvalidFields(bad)
}

// WorkingHours are the hours that were set, or those that are usual.
func (w Workspace) WorkingHours() Hours {
	if w.Hours == nil {
		return DefaultHours(w.WeekStart)
	}
	return *w.Hours
}

// RetentionYears are the years that were set, or DefaultRetentionYears.
func (w Workspace) RetentionYears() int64 {
	if w.Retention == nil {
		return DefaultRetentionYears
	}
	return *w.Retention
}

// Today is the calendar date in the workspace's zone.
func (w Workspace) Today(now time.Time) (time.Time, error) {
	zone, err := time.LoadLocation(w.TimeZone)
	if err != nil {
		return time.Time{}, fmt.Errorf("workspace zone: %w", err)
	}
	return now.In(zone), nil
}

func orDefault(v, d string) string {
	if v == "" {
		return d
	}
	return v
}
