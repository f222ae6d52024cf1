package api

import (
	"context"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
)

// Location is a place of the practice.
type Location struct {
	ID        string    `json:"id" format:"uuid"`
	Name      string    `json:"name"`
	Type      string    `json:"location_type" enum:"clinic,home,online"`
	Address   *string   `json:"address"`
	Details   *string   `json:"details"`
	Exclusive bool      `json:"exclusive" doc:"One appointment at a time, as in a room."`
	Active    bool      `json:"is_active" doc:"False: archived, and not offered for new appointments."`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func locationOf(l model.Location) Location {
	return Location{
		ID: l.ID.String(), Name: string(l.Name), Type: l.Type, Address: nullable(l.Address), Details: nullable(l.Details),
		Exclusive: l.Exclusive, Active: l.ArchivedAt == nil, Version: l.Version, CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt,
	}
}

type listLocationsIn struct {
	ListEntriesIn

	Type string `query:"location_type" enum:"clinic,home,online" doc:"Every type when left out."`
}

func (a *API) listLocations(ctx context.Context, sc store.Scope, in *listLocationsIn) (*listEntriesOut[Location], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	f.Type = in.Type
	page, err := a.o.Practice.ListLocations(ctx, sc, f)
	if err != nil {
		return nil, err
	}
	return entriesOf(ctx, page, locationOf), nil
}

type locationOut struct{ Body Location }

func (a *API) getLocation(ctx context.Context, sc store.Scope, in *EntryPath) (*locationOut, error) {
	l, err := a.o.Practice.GetLocation(ctx, sc, in.id())
	return &locationOut{locationOf(l)}, err
}

// locationIn is what a location can be created with.
type locationIn struct {
	Name      string  `json:"name" minLength:"1" maxLength:"255" doc:"No other location has it, whatever its case, spaces, accents or niqqud."`
	Type      string  `json:"location_type" enum:"clinic,home,online"`
	Address   *string `json:"address,omitempty" maxLength:"1000" doc:"Required unless the type is online."`
	Details   *string `json:"details,omitempty" maxLength:"2000"`
	Exclusive bool    `json:"exclusive,omitempty" doc:"One appointment at a time, as in a room."`
}

type createLocationIn struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key and body again answer with the location made first."`
}

type createLocationOut struct {
	Location string `header:"Location"`
	Body     Location
}

func (a *API) createLocation(ctx context.Context, sc store.Scope, in *createLocationIn) (*createLocationOut, error) {
	var b locationIn
	raw, err := decode(ctx, &b)
	if err != nil {
		return nil, err
	}
	l, err := a.o.Practice.CreateLocation(ctx, sc, model.Location{
		Name: model.Text(b.Name), Type: b.Type, Address: text(b.Address), Details: text(b.Details), Exclusive: b.Exclusive,
	}, model.OnceKey{Route: "POST /locations", Key: in.Key, Body: raw})
	if err != nil {
		return nil, err
	}
	return &createLocationOut{Base + "/locations/" + l.ID.String(), locationOf(l)}, nil
}

// locationChange is a partial update.
type locationChange struct {
	Name      optional[string] `json:"name,omitempty" nullable:"false" minLength:"1" maxLength:"255"`
	Type      optional[string] `json:"location_type,omitempty" nullable:"false" doc:"clinic, home or online."`
	Address   optional[string] `json:"address,omitempty" maxLength:"1000" doc:"Required unless the type is online."`
	Details   optional[string] `json:"details,omitempty" maxLength:"2000"`
	Exclusive optional[*bool]  `json:"exclusive,omitempty" nullable:"false" doc:"Holds for appointments that are booked or changed from now on."`
	Active    optional[*bool]  `json:"is_active,omitempty" nullable:"false" doc:"false archives, true brings back."`
	Version   int64            `json:"version,omitempty" doc:"The version you saw; a stale one answers 409 with the current location."`
}

func (in locationChange) apply(l *model.Location, now time.Time) {
	set(in.Name, &l.Name)
	l.Type = in.Type.or(l.Type)
	set(in.Address, &l.Address)
	set(in.Details, &l.Details)
	l.Exclusive = *in.Exclusive.or(&l.Exclusive)
	if in.Active.Set {
		l.ArchivedAt = model.Shelved(l.ArchivedAt, *in.Active.Value, now)
	}
}

func (a *API) updateLocation(ctx context.Context, sc store.Scope, in *updateEntryIn) (*locationOut, error) {
	if err := a.o.Practice.CheckLocation(ctx, sc, model.LocationUpdate, in.id()); err != nil {
		return nil, err
	}
	var b locationChange
	if _, err := decode(ctx, &b); err != nil {
		return nil, err
	}
	version, err := seenVersion(in.IfMatch, b.Version)
	if err := model.JoinInvalid(err, notNull("exclusive", b.Exclusive), notNull("is_active", b.Active)); err != nil {
		return nil, err
	}
	l, err := a.o.Practice.UpdateLocation(ctx, sc, in.id(), version, b.apply)
	return &locationOut{locationOf(l)}, err
}

func (a *API) deleteLocation(ctx context.Context, sc store.Scope, in *EntryPath) (*none, error) {
	return nil, a.o.Practice.DeleteLocation(ctx, sc, in.id())
}
