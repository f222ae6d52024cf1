package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// row is a row of a table as raw SQL writes it: ids, texts, times, booleans,
// numbers, bytes and nil.
type row map[string]any

// with is the same row with other values.
func (r row) with(more row) row {
	out := maps.Clone(r)
	maps.Copy(out, more)
	return out
}

// hand writes past the store. There is one for each way to reach a database
// with the rights of somebody who could go wrong.
type hand struct {
	k    *testkit.Kit
	name string
	exec func(text string, args ...any) error
}

// hands are SQLite's file, or PostgreSQL's superuser and application.
func hands(k *testkit.Kit) []hand {
	k.T.Helper()
	if k.Engine == "sqlite" {
		return []hand{{k, "file", outside(k.T, k)}}
	}
	c := asApp(k)
	app := func(text string, args ...any) error {
		tx := begin(k.T, c)
		defer func() { _ = tx.Rollback(k.T.Context()) }()
		reach(k.T, tx, k.Workspace1.ID.String(), "off")
		if _, err := tx.Exec(k.T.Context(), text, args...); err != nil {
			return err
		}
		return tx.Commit(k.T.Context())
	}
	return []hand{{k, "superuser", outside(k.T, k)}, {k, "application", app}}
}

// insert adds a row.
func (h hand) insert(table string, r row) error {
	var columns, places []string
	var args []any
	for _, column := range slices.Sorted(maps.Keys(r)) {
		columns = append(columns, column)
		places = append(places, fmt.Sprintf("$%d", len(columns)))
		args = append(args, h.value(r[column]))
	}
	return h.exec("insert into "+table+" ("+strings.Join(columns, ", ")+") values ("+strings.Join(places, ", ")+")", args...)
}

// update changes columns of the rows of a workspace that have the id.
func (h hand) update(table string, id any, change row) error {
	args := []any{h.k.Workspace1.ID.String(), h.value(id)}
	var sets []string
	for _, column := range slices.Sorted(maps.Keys(change)) {
		args = append(args, h.value(change[column]))
		sets = append(sets, fmt.Sprintf("%s = $%d", column, len(args)))
	}
	return h.exec("update "+table+" set "+strings.Join(sets, ", ")+" where workspace_id = $1 and id = $2", args...)
}

// remove deletes the rows of a workspace that have the id.
func (h hand) remove(table string, id any) error {
	return h.exec("delete from "+table+" where workspace_id = $1 and id = $2", h.k.Workspace1.ID.String(), h.value(id))
}

// value writes a value as the engine keeps it.
func (h hand) value(v any) any {
	switch v := v.(type) {
	case uuid.UUID:
		return v.String()
	case time.Time:
		if h.k.Engine == "sqlite" {
			return v.UnixMicro()
		}
	}
	return v
}

// The rows below hold in workspace 1; with changes what a test is about.

func serviceRow(k *testkit.Kit) row {
	now := k.Clock.Now()
	return row{
		"workspace_id": k.Workspace1.ID, "id": uuid.New(), "details": []byte{0}, "duration_minutes": 60, "price": nil, "currency": nil,
		"buffer_before": 0, "buffer_after": 0, "version": 1, "created_at": now, "updated_at": now,
	}
}

func locationRow(k *testkit.Kit) row {
	now := k.Clock.Now()
	return row{
		"workspace_id": k.Workspace1.ID, "id": uuid.New(), "details": []byte{0}, "location_type": "clinic", "exclusive": true,
		"version": 1, "created_at": now, "updated_at": now,
	}
}

func seriesRow(k *testkit.Kit) row {
	return row{
		"workspace_id": k.Workspace1.ID, "id": uuid.New(), "rule": "FREQ=WEEKLY;COUNT=3", "starts_wall": "2026-02-02T10:00:00", "time_zone": "UTC",
		"duration_minutes": 60, "version": 1, "created_by": k.User1.ID, "created_at": k.Clock.Now(),
	}
}

// visitRow is an appointment from one time to another one.
func visitRow(k *testkit.Kit, from, to time.Time) row {
	now := k.Clock.Now()
	return row{
		"workspace_id": k.Workspace1.ID, "id": uuid.New(), "client_id": k.Client1.ID, "practitioner_id": k.User1.ID, "starts_at": from, "ends_at": to,
		"blocks_from": from, "blocks_to": to, "status": "scheduled", "version": 1, "created_at": now, "updated_at": now, "status_at": now,
		"location_type": "clinic", "overlap_allowed": false, "payment_status": "not_paid", "detached": false, "noted": false, "created_by": k.User1.ID,
		"service_id": nil, "location_id": nil, "room_id": nil, "series_id": nil, "deleted_at": nil, "price": nil, "currency": nil, "paid_at": nil,
		"payment_method": nil,
	}
}

func draftRow(k *testkit.Kit) row {
	now := k.Clock.Now()
	return row{
		"workspace_id": k.Workspace1.ID, "id": uuid.New(), "client_id": k.Client1.ID, "appointment_id": nil, "author_id": k.User1.ID, "status": "draft",
		"session_date": now, "draft": []byte{0}, "versions": 0, "saved_at": now, "signed_at": nil, "deleted_at": nil, "version": 1,
		"created_at": now, "updated_at": now,
	}
}

func signedRow(k *testkit.Kit) row {
	return draftRow(k).with(row{"status": "signed", "draft": nil, "versions": 1, "signed_at": k.Clock.Now()})
}

// errorRow is a signed note that was taken back.
func errorRow(k *testkit.Kit) row {
	return signedRow(k).with(row{"status": "entered_in_error", "facts": []byte{0}})
}

func versionRow(k *testkit.Kit, session any) row {
	return row{
		"workspace_id": k.Workspace1.ID, "session_id": session, "number": 1, "id": uuid.New(), "content": []byte{0}, "hash": []byte{0},
		"author_id": k.User1.ID, "signed_at": k.Clock.Now(),
	}
}

func templateRow(k *testkit.Kit) row {
	now := k.Clock.Now()
	return row{
		"workspace_id": k.Workspace1.ID, "id": uuid.New(), "kind": "template", "content": []byte{0}, "author_id": k.User1.ID,
		"version": 1, "created_at": now, "updated_at": now,
	}
}

func feedRow(k *testkit.Kit) row {
	return row{
		"workspace_id": k.Workspace1.ID, "id": uuid.New(), "user_id": k.User1.ID, "token_hash": []byte(uuid.NewString()), "privacy": "busy",
		"created_at": k.Clock.Now(),
	}
}

// theirs moves a row into workspace 2, with that workspace's people.
func (r row) theirs(k *testkit.Kit) row {
	out := r.with(row{"workspace_id": k.Workspace2.ID})
	people := row{"client_id": k.Client2.ID, "practitioner_id": k.User2.ID, "author_id": k.User2.ID, "user_id": k.User2.ID, "created_by": k.User2.ID}
	for column, id := range people {
		if _, ok := r[column]; ok {
			out[column] = id
		}
	}
	return out
}

// practiceRows are one row of each table of a practice's work, in an order in
// which they can be inserted; they name each other.
func practiceRows(k *testkit.Kit) []struct {
	table string
	row   row
} {
	service, location, series := serviceRow(k), locationRow(k), seriesRow(k)
	at := k.Clock.Now().Add(time.Hour)
	visit := visitRow(k, at, at.Add(time.Hour)).with(row{
		"service_id": service["id"], "location_id": location["id"], "room_id": location["id"], "series_id": series["id"],
	})
	draft, signed := draftRow(k).with(row{"appointment_id": visit["id"]}), signedRow(k)
	return []struct {
		table string
		row   row
	}{
		{"services", service}, {"locations", location}, {"appointment_series", series}, {"appointments", visit}, {"sessions", draft},
		{"sessions", signed}, {"session_versions", versionRow(k, signed["id"])}, {"note_templates", templateRow(k)}, {"calendar_feeds", feedRow(k)},
	}
}
