package api

import (
	"context"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// Service is what a practice offers.
type Service struct {
	ID           string    `json:"id" format:"uuid"`
	Name         string    `json:"name"`
	Description  *string   `json:"description"`
	Minutes      int       `json:"default_duration_minutes" doc:"How long a visit usually lasts."`
	Price        *int64    `json:"price" doc:"In minor units of the currency." example:"35000"`
	Currency     *string   `json:"currency" doc:"ISO 4217, the workspace's when the price was set; null without a price." example:"ILS"`
	BufferBefore int       `json:"buffer_before_minutes" doc:"Kept free before a visit."`
	BufferAfter  int       `json:"buffer_after_minutes" doc:"Kept free after a visit."`
	Active       bool      `json:"is_active" doc:"False: archived, and not offered for new appointments."`
	Version      int64     `json:"version"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
}

func serviceOf(s model.Service) Service {
	return Service{
		ID: s.ID.String(), Name: string(s.Name), Description: nullable(s.Description), Minutes: s.Minutes,
		Price: s.Price, Currency: nullable(model.Text(s.Currency)), BufferBefore: s.BufferBefore, BufferAfter: s.BufferAfter,
		Active: s.ArchivedAt == nil, Version: s.Version, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
	}
}

func (a *API) listServices(ctx context.Context, sc store.Scope, in *ListEntriesIn) (*listEntriesOut[Service], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	page, err := a.o.Practice.ListServices(ctx, sc, f)
	if err != nil {
		return nil, err
	}
	return entriesOf(ctx, page, serviceOf), nil
}

type serviceOut struct{ Body Service }

func (a *API) getService(ctx context.Context, sc store.Scope, in *EntryPath) (*serviceOut, error) {
	s, err := a.o.Practice.GetService(ctx, sc, in.id())
	return &serviceOut{serviceOf(s)}, err
}

// serviceIn is what a service can be created with.
type serviceIn struct {
	Name         string  `json:"name" minLength:"1" maxLength:"255" doc:"No other service has it, whatever its case, spaces, accents or niqqud."`
	Description  *string `json:"description,omitempty" maxLength:"2000"`
	Minutes      int     `json:"default_duration_minutes" minimum:"1" maximum:"1440"`
	Price        *int64  `json:"price,omitempty" minimum:"0" maximum:"100000000000" doc:"In minor units of the workspace's currency." example:"35000"`
	BufferBefore int     `json:"buffer_before_minutes,omitempty" minimum:"0" maximum:"240"`
	BufferAfter  int     `json:"buffer_after_minutes,omitempty" minimum:"0" maximum:"240"`
}

type createServiceIn struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key and body again answer with the service made first."`
}

type createServiceOut struct {
	Location string `header:"Location"`
	Body     Service
}

func (a *API) createService(ctx context.Context, sc store.Scope, in *createServiceIn) (*createServiceOut, error) {
	var b serviceIn
	raw, err := decode(ctx, &b)
	if err != nil {
		return nil, err
	}
	s, err := a.o.Practice.CreateService(ctx, sc, model.Service{
		Name: model.Text(b.Name), Description: text(b.Description), Minutes: b.Minutes, Price: b.Price,
		BufferBefore: b.BufferBefore, BufferAfter: b.BufferAfter,
	}, model.OnceKey{Route: "POST /services", Key: in.Key, Body: raw})
	if err != nil {
		return nil, err
	}
	return &createServiceOut{Base + "/services/" + s.ID.String(), serviceOf(s)}, nil
}

// serviceChange is a partial update.
type serviceChange struct {
	Name         optional[string] `json:"name,omitempty" nullable:"false" minLength:"1" maxLength:"255"`
	Description  optional[string] `json:"description,omitempty" maxLength:"2000"`
	Minutes      optional[int]    `json:"default_duration_minutes,omitempty" nullable:"false" minimum:"1" maximum:"1440"`
	Price        optional[*int64] `json:"price,omitempty" minimum:"0" maximum:"100000000000" doc:"In minor units. Another price than before is in the workspace's currency of now."`
	BufferBefore optional[int]    `json:"buffer_before_minutes,omitempty" minimum:"0" maximum:"240"`
	BufferAfter  optional[int]    `json:"buffer_after_minutes,omitempty" minimum:"0" maximum:"240"`
	Active       optional[*bool]  `json:"is_active,omitempty" nullable:"false" doc:"false archives, true brings back."`
	Version      int64            `json:"version,omitempty" doc:"The version you saw; a stale one answers 409 with the current service."`
}

func (in serviceChange) apply(s *model.Service, now time.Time) {
	set(in.Name, &s.Name)
	set(in.Description, &s.Description)
	s.Minutes = in.Minutes.or(s.Minutes)
	s.Price = in.Price.or(s.Price)
	s.BufferBefore = in.BufferBefore.or(s.BufferBefore)
	s.BufferAfter = in.BufferAfter.or(s.BufferAfter)
	if in.Active.Set {
		s.ArchivedAt = model.Shelved(s.ArchivedAt, *in.Active.Value, now)
	}
}

func (a *API) updateService(ctx context.Context, sc store.Scope, in *updateEntryIn) (*serviceOut, error) {
	if err := a.o.Practice.CheckService(ctx, sc, model.ServiceUpdate, in.id()); err != nil {
		return nil, err
	}
	var b serviceChange
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	version, err := seenVersion(in.IfMatch, b.Version)
	if err := model.JoinInvalid(err, notNull("is_active", b.Active)); err != nil {
		return nil, err
	}
	s, err := a.o.Practice.UpdateService(ctx, sc, in.id(), version, b.apply)
	return &serviceOut{serviceOf(s)}, err
}

func (a *API) deleteService(ctx context.Context, sc store.Scope, in *EntryPath) (*none, error) {
	return nil, a.o.Practice.DeleteService(ctx, sc, in.id())
}
