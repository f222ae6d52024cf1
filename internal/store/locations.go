package store

import (
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const locationCols = `id, details, location_type, exclusive, archived_at, version, created_at, updated_at`

func (tx *ReadTx) scanLocation(r rows) (l model.Location, err error) {
	var details []byte
	err = r.Scan(&l.ID, &details, &l.Type, &l.Exclusive, &l.ArchivedAt, &l.Version, &l.CreatedAt, &l.UpdatedAt)
	if err != nil {
		return l, fmt.Errorf("scan location: %w", err)
	}
	raw, err := tx.box.Open(place("locations", "details", l.ID), details)
	if err != nil {
		return l, fmt.Errorf("open location: %w", err)
	}
	return l, unpackLocation(raw, &l)
}

const locationSQL = `select ` + locationCols + ` from locations where workspace_id = $1 and id = $2`

// Location returns one location, archived or not. The error is NotFound when
// there is none here.
func (tx *ReadTx) Location(id uuid.UUID) (model.Location, error) {
	tx.regarding(id)
	r, err := tx.query(locationSQL, id)
	found, err := collect(r, err, tx.scanLocation)
	if err != nil {
		return model.Location{}, fmt.Errorf("location: %w", err)
	}
	if len(found) == 0 {
		return model.Location{}, model.ErrNotFound
	}
	return found[0], nil
}

const locationsSQL = `select ` + locationCols + ` from locations where workspace_id = $1 order by id`

// Locations returns all locations of the workspace, archived ones too; there
// are at most model.MaxLocations.
func (tx *ReadTx) Locations() ([]model.Location, error) {
	r, err := tx.query(locationsSQL)
	all, err := collect(r, err, tx.scanLocation)
	if err != nil {
		return nil, fmt.Errorf("locations: %w", err)
	}
	return all, nil
}

const insertLocationSQL = `insert into locations (workspace_id, id, details, location_type, exclusive, version, created_at, updated_at)
	values ($1, $2, $3, $4, $5, 1, $6, $6)`

// InsertLocation adds a location and returns it as stored, with version 1.
func (tx *Tx) InsertLocation(l model.Location) (model.Location, error) {
	details, err := tx.sealLocation(l)
	if err != nil {
		return l, err
	}
	if _, err := tx.exec(insertLocationSQL, l.ID, details, l.Type, l.Exclusive, tx.now); err != nil {
		return l, fmt.Errorf("insert location: %w", err)
	}
	l.Version, l.CreatedAt, l.UpdatedAt = 1, tx.now, tx.now
	tx.about(l.ID)
	return l, nil
}

const updateLocationSQL = `update locations set details = $3, location_type = $4, exclusive = $5, archived_at = $6,
	version = version + 1, updated_at = $7 where workspace_id = $1 and id = $2 and version = $8 returning version`

// UpdateLocation stores the location over the version it carries and returns
// it with the new one.
func (tx *Tx) UpdateLocation(l model.Location) (model.Location, error) {
	details, err := tx.sealLocation(l)
	if err != nil {
		return l, err
	}
	r, err := tx.query(updateLocationSQL, l.ID, details, l.Type, l.Exclusive, l.ArchivedAt, tx.now, l.Version)
	if err := one(r, err, &l.Version); err != nil {
		return l, fmt.Errorf("update location: %w", err)
	}
	l.UpdatedAt = tx.now
	tx.about(l.ID)
	return l, nil
}

// Field numbers of a location's details.
const (
	locationName byte = iota + 1
	locationAddress
	locationDetails
)

func (tx *Tx) sealLocation(l model.Location) ([]byte, error) {
	r := record{}
	r.put(locationName, l.Name)
	r.put(locationAddress, l.Address)
	r.put(locationDetails, l.Details)
	return tx.box.Seal(place("locations", "details", l.ID), r)
}

func unpackLocation(r record, l *model.Location) error {
	return r.each(func(field byte, v model.Text) {
		switch field {
		case locationName:
			l.Name = v
		case locationAddress:
			l.Address = v
		case locationDetails:
			l.Details = v
		}
	})
}

const locationUsedSQL = `select
	(select count(*) from (select id from appointments where workspace_id = $1 and location_id = $2 limit 1) used) +
	(select count(*) from (select id from appointments where workspace_id = $1 and room_id = $2 limit 1) used)`

// LocationUsed reports whether any appointment, deleted ones too, is at the
// location.
func (tx *ReadTx) LocationUsed(id uuid.UUID) (bool, error) {
	var n int64
	r, err := tx.query(locationUsedSQL, id)
	if err := one(r, err, &n); err != nil {
		return false, fmt.Errorf("location used: %w", err)
	}
	return n > 0, nil
}

const deleteLocationSQL = `delete from locations where workspace_id = $1 and id = $2`

// DeleteLocation removes a location at which no appointment is.
func (tx *Tx) DeleteLocation(id uuid.UUID) error {
	if _, err := tx.exec(deleteLocationSQL, id); err != nil {
		return fmt.Errorf("delete location: %w", err)
	}
	tx.about(id)
	return nil
}
