package store

import (
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const serviceCols = `id, details, duration_minutes, price, currency, buffer_before, buffer_after,
	archived_at, version, created_at, updated_at`

func (tx *ReadTx) scanService(r rows) (s model.Service, err error) {
	var details []byte
	var minutes, before, after int64
	var currency *string
	err = r.Scan(&s.ID, &details, &minutes, &s.Price, &currency, &before, &after,
		&s.ArchivedAt, &s.Version, &s.CreatedAt, &s.UpdatedAt)
	if err != nil {
		return s, fmt.Errorf("scan service: %w", err)
	}
	s.Minutes, s.BufferBefore, s.BufferAfter = int(minutes), int(before), int(after)
	if currency != nil {
		s.Currency = *currency
	}
	d, err := openPair(tx.box, place("services", "details", s.ID), details)
	s.Name, s.Description = d.first, d.second
	return s, err
}

const serviceSQL = `select ` + serviceCols + ` from services where workspace_id = $1 and id = $2`

// Service returns one service, archived or not. The error is NotFound when
// there is none here.
func (tx *ReadTx) Service(id uuid.UUID) (model.Service, error) {
	tx.regarding(id)
	r, err := tx.query(serviceSQL, id)
	found, err := collect(r, err, tx.scanService)
	if err != nil {
		return model.Service{}, fmt.Errorf("service: %w", err)
	}
	if len(found) == 0 {
		return model.Service{}, model.ErrNotFound
	}
	return found[0], nil
}

const servicesSQL = `select ` + serviceCols + ` from services where workspace_id = $1 order by id`

// Services returns all services of the workspace, archived ones too; there
// are at most model.MaxServices.
func (tx *ReadTx) Services() ([]model.Service, error) {
	r, err := tx.query(servicesSQL)
	all, err := collect(r, err, tx.scanService)
	if err != nil {
		return nil, fmt.Errorf("services: %w", err)
	}
	return all, nil
}

const insertServiceSQL = `insert into services (workspace_id, id, details, duration_minutes, price, currency,
	buffer_before, buffer_after, version, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)`

// InsertService adds a service and returns it as stored, with version 1.
func (tx *Tx) InsertService(s model.Service) (model.Service, error) {
	details, err := tx.sealService(s)
	if err != nil {
		return s, err
	}
	_, err = tx.exec(insertServiceSQL, s.ID, details, int64(s.Minutes), s.Price, orNull(s.Currency),
		int64(s.BufferBefore), int64(s.BufferAfter), tx.now)
	if err != nil {
		return s, fmt.Errorf("insert service: %w", err)
	}
	s.Version, s.CreatedAt, s.UpdatedAt = 1, tx.now, tx.now
	tx.about(s.ID)
	return s, nil
}

const updateServiceSQL = `update services set details = $3, duration_minutes = $4, price = $5, currency = $6,
	buffer_before = $7, buffer_after = $8, archived_at = $9, version = version + 1, updated_at = $10
	where workspace_id = $1 and id = $2 and version = $11 returning version`

// UpdateService stores the service over the version it carries and returns it
// with the new one.
func (tx *Tx) UpdateService(s model.Service) (model.Service, error) {
	details, err := tx.sealService(s)
	if err != nil {
		return s, err
	}
	r, err := tx.query(updateServiceSQL, s.ID, details, int64(s.Minutes), s.Price, orNull(s.Currency),
		int64(s.BufferBefore), int64(s.BufferAfter), s.ArchivedAt, tx.now, s.Version)
	if err := one(r, err, &s.Version); err != nil {
		return s, fmt.Errorf("update service: %w", err)
	}
	s.UpdatedAt = tx.now
	tx.about(s.ID)
	return s, nil
}

func (tx *Tx) sealService(s model.Service) ([]byte, error) {
	return pair{s.Name, s.Description}.seal(tx.box, place("services", "details", s.ID))
}

const serviceUsedSQL = `select count(*) from (select id from appointments where workspace_id = $1 and service_id = $2 limit 1) used`

// ServiceUsed reports whether any appointment, deleted ones too, is of the
// service.
func (tx *ReadTx) ServiceUsed(id uuid.UUID) (bool, error) {
	var n int64
	r, err := tx.query(serviceUsedSQL, id)
	if err := one(r, err, &n); err != nil {
		return false, fmt.Errorf("service used: %w", err)
	}
	return n > 0, nil
}

const deleteServiceSQL = `delete from services where workspace_id = $1 and id = $2`

// DeleteService removes a service that no appointment is of.
func (tx *Tx) DeleteService(id uuid.UUID) error {
	if _, err := tx.exec(deleteServiceSQL, id); err != nil {
		return fmt.Errorf("delete service: %w", err)
	}
	tx.about(id)
	return nil
}
