package store

import (
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

const insertSeriesSQL = `insert into appointment_series
	(workspace_id, id, rule, starts_wall, time_zone, duration_minutes, version, created_by, created_at)
	values ($1, $2, $3, $4, $5, $6, 1, $7, $8)`

// InsertSeries adds the row that appointments of a series refer to.
func (tx *Tx) InsertSeries(s model.Series) error {
	_, err := tx.exec(insertSeriesSQL, s.ID, s.Rule, s.StartsWall, s.TimeZone, int64(s.Minutes), tx.scope.actor, tx.now)
	if err != nil {
		return fmt.Errorf("insert series: %w", err)
	}
	return nil
}

const updateSeriesSQL = `update appointment_series set rule = $3, starts_wall = $4, duration_minutes = $5, version = version + 1
	where workspace_id = $1 and id = $2`

// UpdateSeries stores a changed rule.
func (tx *Tx) UpdateSeries(s model.Series) error {
	if _, err := tx.exec(updateSeriesSQL, s.ID, s.Rule, s.StartsWall, int64(s.Minutes)); err != nil {
		return fmt.Errorf("update series: %w", err)
	}
	return nil
}

const seriesSQL = `select id, rule, starts_wall, time_zone, duration_minutes, version, created_by, created_at
	from appointment_series where workspace_id = $1 and id = $2`

// Series returns one series; NotFound when there is none here.
func (tx *ReadTx) Series(id uuid.UUID) (s model.Series, err error) {
	var minutes int64
	r, err := tx.query(seriesSQL, id)
	err = one(r, err, &s.ID, &s.Rule, &s.StartsWall, &s.TimeZone, &minutes, &s.Version, &s.CreatedBy, &s.CreatedAt)
	if err != nil {
		return s, fmt.Errorf("series: %w", missing(err))
	}
	s.Minutes = int(minutes)
	return s, nil
}

const seriesEntriesSQL = entriesSQL + ` and a.series_id = $2 and a.deleted_at is null order by a.starts_at, a.id`

// SeriesEntries returns the appointments of a series, those in the trash left
// out, in the order of their starts.
func (tx *ReadTx) SeriesEntries(id uuid.UUID) ([]model.CalendarEntry, error) {
	r, err := tx.query(seriesEntriesSQL, id)
	all, err := collect(r, err, tx.scanEntry)
	if err != nil {
		return nil, fmt.Errorf("appointments of series: %w", err)
	}
	return all, nil
}

const deletedSeriesSQL = entriesSQL + ` and a.series_id = $2 and a.deleted_at = $3 order by a.starts_at, a.id`

// DeletedTogether returns the appointments of the trash that belong to the
// series of e and went there in the same moment.
func (tx *ReadTx) DeletedTogether(e model.CalendarEntry) ([]model.CalendarEntry, error) {
	if e.SeriesID == nil {
		return []model.CalendarEntry{e}, nil
	}
	r, err := tx.query(deletedSeriesSQL, *e.SeriesID, *e.DeletedAt)
	all, err := collect(r, err, tx.scanEntry)
	if err != nil {
		return nil, fmt.Errorf("deleted appointments of series: %w", err)
	}
	return all, nil
}

// About says what the audit entry of this transaction is about, when it is
// about many: the record that stands for them, and how many.
func (tx *ReadTx) About(subject uuid.UUID, count int) {
	tx.subject, tx.count = subject, int64(count)
}
