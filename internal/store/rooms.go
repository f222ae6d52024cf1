package store

import (
	"fmt"

	"pazpaz/internal/model"
)

const holdRoomSQL = `update appointments set room_id = $2, updated_at = $3, version = version + 1
	where workspace_id = $1 and location_id = $2 and ends_at > $3 and room_id is null and deleted_at is null`

const freeRoomSQL = `update appointments set room_id = null, updated_at = $3, version = version + 1
	where workspace_id = $1 and location_id = $2 and ends_at > $3 and room_id is not null and deleted_at is null`

// errRoomTaken answers a location that is to be a room while visits that are
// still to come would share it.
var errRoomTaken = &model.Error{Kind: model.Conflict, Code: "room_taken", Detail: "Visits at this location overlap. Move them first, then make it a room."}

// HoldRoom makes the visits to come at a location hold it as their room, when it
// is exclusive, or share it. Visits that would share a room are a Conflict.
func (tx *Tx) HoldRoom(l model.Location) error {
	text := freeRoomSQL
	if l.Exclusive {
		text = holdRoomSQL
	}
	n, err := tx.exec(text, l.ID, tx.now)
	if err != nil && tx.store.eng.class(err) == overlapError {
		return errRoomTaken
	}
	if err != nil {
		return fmt.Errorf("hold room: %w", err)
	}
	if n > 0 {
		tx.also(model.AppointmentUpdate, l.ID, n)
	}
	return nil
}
