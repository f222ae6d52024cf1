package api_test

import (
	"net/http"
	"testing"

	"pazpaz/internal/testkit"
)

// A location that becomes a room is one for what is booked there already.
func TestALocationBecomesARoomForTheVisitsToCome(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		header := k.CSRFHeaders(k.User1)
		place := k.Do(http.MethodPost, "/locations", header, fields{"name": "Blue", "location_type": "clinic", "address": "Main 1"}).Want(k, 201).Map(k)["id"].(string)
		book := func(who string, from, to int, want int) fields {
			return k.Do(http.MethodPost, "/appointments", header, fields{
				"client_id": k.Client1.ID.String(), "practitioner_id": who, "location_id": place, "starts_at": soonAt(from), "ends_at": soonAt(to),
			}).Want(k, want).Map(k)
		}
		exclusive := func(yes bool) *testkit.Response {
			return k.Do(http.MethodPut, "/locations/"+place, header, fields{"exclusive": yes})
		}
		me, other := k.User1.ID.String(), k.Practitioner1.ID.String()
		mine := book(me, 2, 3, 201)
		exclusive(true).Want(k, 200)
		book(other, 2, 3, 409)
		later := book(other, 5, 6, 201)
		move := fields{"starts_at": soonAt(5), "ends_at": soonAt(6), "version": 2}
		k.Do(http.MethodPut, "/appointments/"+mine["id"].(string), header, move).WantCode(k, 409, "overlap")
		exclusive(false).Want(k, 200)
		k.Do(http.MethodPut, "/appointments/"+mine["id"].(string), header, fields{"starts_at": soonAt(5), "ends_at": soonAt(6), "version": 3}).Want(k, 200)
		exclusive(true).WantCode(k, 409, "room_taken")
		if n := k.DB.Count("select count(*) from appointments where room_id is not null"); n != 0 {
			t.Fatalf("%d visits hold a room that is none", n)
		}
		k.Do(http.MethodDelete, "/appointments/"+later["id"].(string), header, nil).Want(k, 204)
		exclusive(true).Want(k, 200)
		// A visit of before it was a room holds it when it is moved.
		if n := k.DB.Count("select count(*) from appointments where room_id is not null and deleted_at is null"); n != 1 {
			t.Fatalf("%d visits hold the room, want 1", n)
		}
	})
}
