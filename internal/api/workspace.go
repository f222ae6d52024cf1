package api

import (
	"context"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/danielgtaylor/huma/v2"
)

type workspace struct {
	ID        string `json:"id" format:"uuid"`
	Name      string `json:"name"`
	TimeZone  string `json:"time_zone" example:"Asia/Jerusalem"`
	Locale    string `json:"locale" enum:"en,he"`
	Currency  string `json:"currency" example:"ILS"`
	WeekStart string `json:"week_start" enum:"sunday,monday,saturday"`

	Hours          weekHours `json:"working_hours" doc:"All seven days; a day off has no spans."`
	RetentionYears int64     `json:"retention_years" doc:"How long signed notes are kept after the last visit."`
	SharedNotes    bool      `json:"shared_notes" doc:"Practitioners may read each other's notes."`
	FactorRequired bool      `json:"second_factor_required" doc:"Everybody here must have a second factor; see PUT /workspace/second-factor."`
	Version        int64     `json:"version"`
}

// weekHours are spans such as 09:00 to 17:00 by the day's English name.
type weekHours map[string][][]string

// Schema implements huma.SchemaProvider: no other days are known.
func (weekHours) Schema(huma.Registry) *huma.Schema {
	span := &huma.Schema{Type: "array", Items: &huma.Schema{Type: "string", Examples: []any{"09:00"}}}
	spans := &huma.Schema{Type: "array", Items: span}
	s := &huma.Schema{Type: "object", Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	for day := range (model.Hours{}).Days() {
		s.Properties[day] = spans
	}
	return s
}

func workspaceOf(w model.Workspace) workspace {
	return workspace{
		ID: w.ID.String(), Name: string(w.Name), TimeZone: w.TimeZone, Locale: w.Locale, Currency: w.Currency, WeekStart: w.WeekStart,
		Hours: w.WorkingHours().Days(), RetentionYears: w.RetentionYears(), SharedNotes: w.SharedNotes, FactorRequired: w.SecondFactorRequired, Version: w.Version,
	}
}

type workspaceOut struct{ Body workspace }

func (a *API) getWorkspace(ctx context.Context, sc store.Scope, _ *none) (*workspaceOut, error) {
	w, err := a.o.Practice.GetWorkspace(ctx, sc)
	return &workspaceOut{workspaceOf(w)}, err
}

type workspaceIn struct {
	Name      optional[string] `json:"name,omitempty" nullable:"false" minLength:"1" maxLength:"255"`
	TimeZone  optional[string] `json:"time_zone,omitempty" example:"Asia/Jerusalem" doc:"An IANA name; null: UTC."`
	Locale    optional[string] `json:"locale,omitempty" doc:"en or he; null: en."`
	Currency  optional[string] `json:"currency,omitempty" pattern:"^[A-Z]{3}$" doc:"ISO 4217; null: what is usual in the time zone, else for the locale."`
	WeekStart optional[string] `json:"week_start,omitempty" doc:"sunday, monday or saturday; null: what is usual in the time zone, else for the locale."`

	Hours          optional[weekHours] `json:"working_hours,omitempty" doc:"Spans from 00:00 to 24:00 by day, at most six a day; a day left out is a day off; null: nine to five, five days."`
	RetentionYears optional[*int64]    `json:"retention_years,omitempty" minimum:"7" maximum:"100" doc:"How long signed notes are kept after the last visit; null: 7."`
	SharedNotes    optional[bool]      `json:"shared_notes,omitempty" doc:"Practitioners may read each other's notes; null: false."`
	Version        int64               `json:"version,omitempty" doc:"The version you saw; a stale one answers 409."`
}

// hours returns the hours that were sent; nil for null and when none were.
func (in workspaceIn) hours() (*model.Hours, error) {
	if in.Hours.Value == nil {
		return nil, nil //nolint:nilnil // none were sent
	}
	h, err := model.HoursOf(in.Hours.Value)
	return &h, err
}

func (in workspaceIn) apply(w *model.Workspace) {
	w.Name = model.Text(in.Name.or(string(w.Name)))
	w.TimeZone = in.TimeZone.or(w.TimeZone)
	w.Locale = in.Locale.or(w.Locale)
	w.Currency = in.Currency.or(w.Currency)
	w.WeekStart = in.WeekStart.or(w.WeekStart)
	w.Retention = in.RetentionYears.or(w.Retention)
	w.SharedNotes = in.SharedNotes.or(w.SharedNotes)
}

func (a *API) updateWorkspace(ctx context.Context, sc store.Scope, _ *none) (*workspaceOut, error) {
	var in workspaceIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	hours, err := in.hours()
	if err != nil {
		return nil, err
	}
	w, err := a.o.Practice.UpdateWorkspace(ctx, sc, in.Version, func(w *model.Workspace) {
		in.apply(w)
		if in.Hours.Set {
			w.Hours = hours
		}
	})
	return &workspaceOut{workspaceOf(w)}, err
}
