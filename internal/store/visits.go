package store

import (
	"fmt"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

// ClientVisits returns what the calendar knows of each of the clients, in one
// grouped query. Clients without appointments are left out.
func (tx *ReadTx) ClientVisits(ids []uuid.UUID) (map[uuid.UUID]model.ClientVisits, error) {
	if len(ids) == 0 {
		return map[uuid.UUID]model.ClientVisits{}, nil
	}
	args := []any{tx.now}
	for _, id := range ids {
		args = append(args, id)
	}
	text := `select client_id,
		min(starts_at) filter (where status = 'scheduled' and starts_at > $2),
		max(starts_at) filter (where status = 'attended' and starts_at <= $2),
		count(*) filter (where status <> 'cancelled')
		from appointments where workspace_id = $1 and client_id in (` + placeholders(3, len(ids)) + `) group by client_id`
	r, err := tx.query(text, args...)
	all := map[uuid.UUID]model.ClientVisits{}
	_, err = collect(r, err, func(r rows) (id uuid.UUID, err error) {
		var v model.ClientVisits
		var n int64
		err = r.Scan(&id, &v.Next, &v.Last, &n)
		v.Count = int(n)
		all[id] = v
		return id, err
	})
	if err != nil {
		return nil, fmt.Errorf("client visits: %w", err)
	}
	return all, nil
}

const insertAppointmentSQL = `insert into appointments
	(workspace_id, id, client_id, practitioner_id, starts_at, ends_at, status, version, created_at, updated_at)
	values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)`

// InsertAppointment adds an appointment. A client or practitioner of another
// workspace is NotFound, like one that does not exist.
func (tx *Tx) InsertAppointment(a model.Appointment) error {
	_, err := tx.exec(insertAppointmentSQL, a.ID, a.ClientID, a.PractitionerID, a.StartsAt, a.EndsAt, a.Status, tx.now)
	if err != nil && tx.store.eng.class(err) == referenceError {
		return model.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("insert appointment: %w", err)
	}
	tx.about(a.ID)
	return nil
}
