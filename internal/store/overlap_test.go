package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

// isOverlap reports whether the database said that a time is taken.
func isOverlap(err error) bool {
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pe.Code == "23P01" && strings.HasSuffix(pe.ConstraintName, "_busy")
	}
	return err != nil && strings.Contains(err.Error(), "appointments overlap")
}

// calendar hands out days of their own, so that no case meets another.
type calendar struct {
	h    hand
	days int
}

func (c *calendar) day() time.Time {
	c.days++
	return c.h.k.Clock.Now().Truncate(24*time.Hour).AddDate(0, 0, 7*c.days)
}

// add inserts a visit that must be let through, and returns its id.
func (c *calendar) add(r row) any {
	c.h.k.T.Helper()
	if err := c.h.insert("appointments", r); err != nil {
		c.h.k.T.Fatalf("%s: %v", c.h.name, err)
	}
	return r["id"]
}

// wantTaken fails the test unless err says that the time is taken, or that all
// is well when it is not.
func (c *calendar) wantTaken(what string, err error, taken bool) {
	c.h.k.T.Helper()
	if taken != isOverlap(err) || (!taken && err != nil) {
		c.h.k.T.Errorf("%s, %s: got %v, want taken: %v", c.h.name, what, err, taken)
	}
}

// eachCalendar runs fn for each way to reach each engine.
func eachCalendar(t *testing.T, fn func(t *testing.T, k *testkit.Kit, c *calendar)) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		c := &calendar{}
		for _, h := range hands(k) {
			c.h = h
			fn(t, k, c)
		}
	})
}

func room(k *testkit.Kit, h hand) uuid.UUID {
	k.T.Helper()
	r := locationRow(k)
	testkit.NoErr(k.T, h.insert("locations", r))
	return r["id"].(uuid.UUID)
}

func blocks(status string) bool { return status == model.Scheduled || status == model.Attended }

// Every pair of statuses, of the same practitioner and of the same room.
func TestDatabaseRefusesOverlapsOfBlockingStatuses(t *testing.T) {
	eachCalendar(t, func(t *testing.T, k *testkit.Kit, c *calendar) {
		place := room(k, c.h)
		for _, first := range model.AppointmentStatuses {
			for _, second := range model.AppointmentStatuses {
				for what, change := range map[string]row{
					"practitioner": {"status": second},
					"room":         {"status": second, "practitioner_id": k.Practitioner1.ID},
				} {
					at := c.day()
					c.add(visitRow(k, at, at.Add(time.Hour)).with(row{"status": first, "room_id": place}))
					again := visitRow(k, at.Add(30*time.Minute), at.Add(90*time.Minute)).with(row{"room_id": place}).with(change)
					c.wantTaken(fmt.Sprint(what, ", ", second, " over ", first), c.h.insert("appointments", again), blocks(first) && blocks(second))
				}
			}
		}
	})
}

func TestDatabaseComparesHalfOpenTimes(t *testing.T) {
	eachCalendar(t, func(t *testing.T, k *testkit.Kit, c *calendar) {
		const tick = time.Microsecond
		place := room(k, c.h)
		for _, other := range []row{{}, {"practitioner_id": k.Practitioner1.ID, "room_id": place}} {
			for _, v := range []struct {
				what     string
				from, to time.Duration
				taken    bool
			}{
				{"before", -2 * time.Hour, -time.Hour, false}, {"until its start", -time.Hour, 0, false}, {"from its end", time.Hour, 2 * time.Hour, false},
				{"after", 2 * time.Hour, 3 * time.Hour, false}, {"a moment into it", -time.Hour, tick, true}, {"its last moment", time.Hour - tick, 2 * time.Hour, true},
				{"equal", 0, time.Hour, true}, {"inside", 20 * time.Minute, 40 * time.Minute, true}, {"around", -time.Hour, 2 * time.Hour, true},
				{"one moment inside", 10 * time.Minute, 10*time.Minute + tick, true}, {"same start", 0, 10 * time.Minute, true}, {"same end", 50 * time.Minute, time.Hour, true},
				{"a day and a night around", -12 * time.Hour, 20 * time.Hour, true}, {"32 hours until its last moment", time.Hour - tick - 32*time.Hour, time.Hour - tick, true},
			} {
				at := c.day()
				c.add(visitRow(k, at, at.Add(time.Hour)).with(row{"room_id": place}))
				c.wantTaken(v.what, c.h.insert("appointments", visitRow(k, at.Add(v.from), at.Add(v.to)).with(other)), v.taken)
			}
		}
		// The longest block that there can be is seen from its last moment.
		at := c.day()
		c.add(visitRow(k, at, at.Add(model.MaxBlock)))
		c.wantTaken("end of the longest", c.h.insert("appointments", visitRow(k, at.Add(model.MaxBlock-tick), at.Add(model.MaxBlock+time.Hour))), true)
		c.wantTaken("after the longest", c.h.insert("appointments", visitRow(k, at.Add(model.MaxBlock), at.Add(model.MaxBlock+time.Hour))), false)
	})
}

func TestBuffersKeepOthersOut(t *testing.T) {
	eachCalendar(t, func(t *testing.T, k *testkit.Kit, c *calendar) {
		at := c.day()
		buffered := func(from, to time.Time) row {
			return visitRow(k, from, to).with(row{"blocks_from": from.Add(-15 * time.Minute), "blocks_to": to.Add(10 * time.Minute)})
		}
		c.add(buffered(at, at.Add(time.Hour)))
		for _, v := range []struct {
			what  string
			r     row
			taken bool
		}{
			{"in the pause before", visitRow(k, at.Add(-time.Hour), at.Add(-5*time.Minute)), true},
			{"up to the pause before", visitRow(k, at.Add(-time.Hour), at.Add(-15*time.Minute)), false},
			{"in the pause after", visitRow(k, at.Add(65*time.Minute), at.Add(90*time.Minute)), true},
			{"pauses that meet", buffered(at.Add(84*time.Minute), at.Add(90*time.Minute)), true},
			{"pauses that touch", buffered(at.Add(85*time.Minute), at.Add(90*time.Minute)), false},
		} {
			c.wantTaken(v.what, c.h.insert("appointments", v.r), v.taken)
		}
	})
}

func TestOthersHaveTimesOfTheirOwn(t *testing.T) {
	eachCalendar(t, func(t *testing.T, k *testkit.Kit, c *calendar) {
		at, first, second := c.day(), room(k, c.h), room(k, c.h)
		visit := func(more row) row { return visitRow(k, at, at.Add(time.Hour)).with(more) }
		c.add(visit(row{"room_id": first}))
		colleague := row{"practitioner_id": k.Practitioner1.ID}
		for _, v := range []struct {
			what  string
			r     row
			taken bool
		}{
			{"a colleague without a room", visit(colleague), false},
			{"the colleague again", visit(colleague), true},
			{"the assistant in the room", visit(row{"practitioner_id": k.Assistant1.ID, "room_id": first}), true},
			{"the assistant in another room", visit(row{"practitioner_id": k.Assistant1.ID, "room_id": second}), false},
			{"the colleague in a free room", visit(colleague).with(row{"room_id": second}), true},
			{"the same client", visit(row{"client_id": k.Client1.ID, "practitioner_id": k.User1.ID}), true},
		} {
			c.wantTaken(v.what, c.h.insert("appointments", v.r), v.taken)
		}
	})
}

// Ids that two practices share do not make their calendars one.
func TestPracticesDoNotShareACalendar(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		h := hand{k, "", outside(t, k)}
		place := locationRow(k)
		testkit.NoErr(t, h.insert("locations", place))
		testkit.NoErr(t, h.insert("locations", place.theirs(k)))
		at := k.Clock.Now()
		visit := visitRow(k, at, at.Add(time.Hour)).with(row{"room_id": place["id"]})
		testkit.NoErr(t, h.insert("appointments", visit))
		testkit.NoErr(t, h.insert("appointments", visit.theirs(k)))
		if n := k.DB.Count("select count(*) from appointments"); n != 2 {
			t.Fatalf("%d appointments, want 2", n)
		}
	})
}

func TestAllowedOverlapsAreLetThrough(t *testing.T) {
	eachCalendar(t, func(t *testing.T, k *testkit.Kit, c *calendar) {
		place := room(k, c.h)
		for _, first := range []bool{false, true} {
			for _, second := range []bool{false, true} {
				at := c.day()
				visit := visitRow(k, at, at.Add(time.Hour)).with(row{"room_id": place})
				c.add(visit.with(row{"id": uuid.New(), "overlap_allowed": first}))
				over := visit.with(row{"id": uuid.New(), "overlap_allowed": second})
				c.wantTaken(fmt.Sprint("allowed: ", first, ", ", second), c.h.insert("appointments", over), !first && !second)
			}
		}
	})
}

func TestDatabaseRefusesToMakeOverlapsByChange(t *testing.T) {
	eachCalendar(t, func(t *testing.T, k *testkit.Kit, c *calendar) {
		place, other := room(k, c.h), room(k, c.h)
		gone := k.Clock.Now()
		for _, v := range []struct {
			what   string
			before row // the second visit, otherwise the hour after the first
			change func(at time.Time) row
			taken  bool
		}{
			{"moved into it", nil, func(at time.Time) row {
				return row{"starts_at": at.Add(30 * time.Minute), "ends_at": at.Add(90 * time.Minute), "blocks_from": at.Add(30 * time.Minute), "blocks_to": at.Add(90 * time.Minute)}
			}, true},
			{"a longer pause before", nil, func(at time.Time) row { return row{"blocks_from": at.Add(50 * time.Minute)} }, true},
			{"moved away", nil, func(at time.Time) row {
				return row{"starts_at": at.Add(2 * time.Hour), "ends_at": at.Add(3 * time.Hour), "blocks_from": at.Add(2 * time.Hour), "blocks_to": at.Add(3 * time.Hour)}
			}, false},
			{"moved within its own time", nil, func(at time.Time) row {
				return row{"starts_at": at.Add(70 * time.Minute), "blocks_from": at.Add(70 * time.Minute)}
			}, false},
			{"attended", nil, func(time.Time) row { return row{"status": "attended"} }, false},
			{"given to the practitioner", row{"practitioner_id": k.Practitioner1.ID, "early": true, "room_id": other}, func(time.Time) row { return row{"practitioner_id": k.User1.ID} }, true},
			{"taken into the room", row{"practitioner_id": k.Practitioner1.ID, "early": true}, func(time.Time) row { return row{"room_id": place} }, true},
			{"taken into another room", row{"practitioner_id": k.Practitioner1.ID, "early": true}, func(time.Time) row { return row{"room_id": other} }, false},
			{"scheduled again after a cancellation", row{"status": "cancelled", "early": true}, func(time.Time) row { return row{"status": "scheduled"} }, true},
			{"attended after a cancellation", row{"status": "cancelled", "early": true}, func(time.Time) row { return row{"status": "attended"} }, true},
			{"scheduled again after nobody came", row{"status": "no_show", "early": true}, func(time.Time) row { return row{"status": "scheduled"} }, true},
			{"nobody came, after a cancellation", row{"status": "cancelled", "early": true}, func(time.Time) row { return row{"status": "no_show"} }, false},
			{"brought back", row{"deleted_at": gone, "early": true}, func(time.Time) row { return row{"deleted_at": nil} }, true},
			{"brought back and attended", row{"deleted_at": gone, "status": "no_show", "early": true}, func(time.Time) row { return row{"deleted_at": nil, "status": "attended"} }, true},
			{"brought back and cancelled", row{"deleted_at": gone, "early": true}, func(time.Time) row { return row{"deleted_at": nil, "status": "cancelled"} }, false},
			{"no longer allowed", row{"overlap_allowed": true, "early": true}, func(time.Time) row { return row{"overlap_allowed": false} }, true},
			{"cancelled, no longer allowed", row{"overlap_allowed": true, "early": true}, func(time.Time) row { return row{"overlap_allowed": false, "status": "cancelled"} }, false},
			{"edited while it is allowed", row{"overlap_allowed": true, "early": true}, func(time.Time) row { return row{"version": 2, "details": []byte{1}} }, false},
			{"scheduled again, allowed", row{"status": "cancelled", "early": true}, func(time.Time) row { return row{"status": "scheduled", "overlap_allowed": true} }, false},
		} {
			at := c.day()
			c.add(visitRow(k, at, at.Add(time.Hour)).with(row{"room_id": place}))
			second := visitRow(k, at.Add(time.Hour), at.Add(2*time.Hour))
			if v.before["early"] == true { // at the same time as the first
				second = visitRow(k, at, at.Add(time.Hour))
			}
			second = second.with(v.before)
			delete(second, "early")
			c.wantTaken(v.what, c.h.update("appointments", c.add(second), v.change(at)), v.taken)
		}
	})
}

// oracle knows a calendar as a list, and compares each new visit with all.
type oracle map[any]row

func (o oracle) taken(r row) bool {
	for id, other := range o {
		if id == r["id"] || !busy(r) || !busy(other) || r["workspace_id"] != other["workspace_id"] {
			continue
		}
		same := r["practitioner_id"] == other["practitioner_id"] || (r["room_id"] != nil && r["room_id"] == other["room_id"])
		if same && r["blocks_from"].(time.Time).Before(other["blocks_to"].(time.Time)) && other["blocks_from"].(time.Time).Before(r["blocks_to"].(time.Time)) {
			return true
		}
	}
	return false
}

func busy(r row) bool {
	return blocks(r["status"].(string)) && r["deleted_at"] == nil && r["overlap_allowed"] == false
}

// Random visits, booked and changed, are refused by both engines exactly when
// the oracle says so.
func TestOverlapsAgreeWithAnOracle(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		seed := rand.Uint64()
		dice := rand.New(rand.NewPCG(seed, 1))
		h := hand{k, "", outside(t, k)}
		rooms := []any{nil, room(k, h), room(k, h)}
		people := []any{k.User1.ID, k.Practitioner1.ID, k.Assistant1.ID}
		var placed []any
		known, start, refused := oracle{}, k.Clock.Now(), 0
		moment := func() time.Time { return start.Add(time.Duration(dice.IntN(60)) * 10 * time.Minute) }
		throw := func(r row) row {
			from := moment()
			to := from.Add(time.Duration(1+dice.IntN(12)) * 10 * time.Minute)
			all := row{
				"starts_at": from, "ends_at": to, "blocks_from": from.Add(-time.Duration(dice.IntN(3)) * 5 * time.Minute),
				"blocks_to": to.Add(time.Duration(dice.IntN(3)) * 5 * time.Minute), "status": model.AppointmentStatuses[dice.IntN(4)],
				"practitioner_id": people[dice.IntN(3)], "room_id": rooms[dice.IntN(3)], "overlap_allowed": dice.IntN(8) == 0, "deleted_at": nil,
			}
			if dice.IntN(5) == 0 {
				all["deleted_at"] = start
			}
			for column := range all { // most changes leave most as it is
				if r != nil && dice.IntN(3) > 0 && !strings.HasSuffix(column, "s_at") && !strings.HasPrefix(column, "blocks") {
					delete(all, column)
				}
			}
			if r != nil && dice.IntN(2) == 0 {
				for _, column := range []string{"starts_at", "ends_at", "blocks_from", "blocks_to"} {
					delete(all, column)
				}
			}
			return all
		}
		for n := range 500 {
			var r row
			var err error
			if len(placed) < 20 || dice.IntN(2) == 0 {
				r = visitRow(k, start, start).with(throw(nil))
				err = h.insert("appointments", r)
			} else {
				id := placed[dice.IntN(len(placed))]
				change := throw(known[id])
				r = known[id].with(change)
				err = h.update("appointments", id, change.with(row{"version": n}))
			}
			want := known.taken(r)
			if want != isOverlap(err) || (!want && err != nil) {
				t.Fatalf("seed %d, step %d: got %v, the oracle says taken: %v\n%v", seed, n, err, want, r)
			}
			if want {
				refused++
				continue
			}
			if known[r["id"]] == nil {
				placed = append(placed, r["id"])
			}
			known[r["id"]] = r
		}
		if refused < 50 || len(placed) < 50 {
			t.Errorf("seed %d: %d refused, %d placed: the dice are loaded", seed, refused, len(placed))
		}
		if n := k.DB.Count("select count(*) from appointments"); n != len(placed) {
			t.Errorf("%d appointments, want %d", n, len(placed))
		}
	})
}
