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
		from appointments where workspace_id = $1 and client_id in (` + placeholders(3, len(ids)) + `) and deleted_at is null group by client_id`
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
