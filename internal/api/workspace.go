package api

import (
	"context"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

type workspace struct {
	ID        string `json:"id" format:"uuid"`
	Name      string `json:"name"`
	TimeZone  string `json:"time_zone" example:"Asia/Jerusalem"`
	Locale    string `json:"locale" enum:"en,he"`
	Currency  string `json:"currency" example:"ILS"`
	WeekStart string `json:"week_start" enum:"sunday,monday,saturday"`
	Version   int64  `json:"version"`
}

func workspaceOf(w model.Workspace) workspace {
	return workspace{w.ID.String(), string(w.Name), w.TimeZone, w.Locale, w.Currency, w.WeekStart, w.Version}
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
	Currency  optional[string] `json:"currency,omitempty" pattern:"^[A-Z]{3}$" doc:"ISO 4217; null: the locale's."`
	WeekStart optional[string] `json:"week_start,omitempty" doc:"sunday, monday or saturday; null: the locale's."`
	Version   int64            `json:"version,omitempty" doc:"The version you saw; a stale one answers 409."`
}

func (in workspaceIn) apply(w *model.Workspace) {
	w.Name = model.Text(in.Name.or(string(w.Name)))
	w.TimeZone = in.TimeZone.or(w.TimeZone)
	w.Locale = in.Locale.or(w.Locale)
	w.Currency = in.Currency.or(w.Currency)
	w.WeekStart = in.WeekStart.or(w.WeekStart)
}

func (a *API) updateWorkspace(ctx context.Context, sc store.Scope, _ *none) (*workspaceOut, error) {
	var in workspaceIn
	if _, err := decode(ctx, &in); err != nil {
		return nil, err
	}
	w, err := a.o.Practice.UpdateWorkspace(ctx, sc, in.Version, in.apply)
	return &workspaceOut{workspaceOf(w)}, err
}
