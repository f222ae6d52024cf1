package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// eachHand runs fn for each way to reach each engine, each time in a world of
// its own.
func eachHand(t *testing.T, fn func(t *testing.T, k *testkit.Kit, h hand)) {
	t.Helper()
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		fn(t, k, hands(k)[0])
		if k.Engine == "postgres" {
			k = testkit.New(t, k.Engine)
			fn(t, k, hands(k)[1])
		}
	})
}

// wantRefused fails the test unless the error says so in those words.
func (h hand) wantRefused(what string, err error, words string) {
	h.k.T.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		h.k.T.Errorf("%s, %s: got %v, want %q", h.name, what, err, words)
	}
}

func (h hand) wantDone(what string, err error) {
	h.k.T.Helper()
	if err != nil {
		h.k.T.Errorf("%s, %s: %v", h.name, what, err)
	}
}

// never is a time at which no other test row is.
func never(k *testkit.Kit, n int) time.Time { return k.Clock.Now().AddDate(1, 0, n) }

func TestAppointmentsWithPaymentsAreKept(t *testing.T) {
	eachHand(t, func(t *testing.T, k *testkit.Kit, h hand) {
		gone := k.Clock.Now()
		n := 0
		for _, payment := range model.PaymentStatuses {
			for _, deleted := range []any{nil, gone} {
				n++
				visit := visitRow(k, never(k, n), never(k, n).Add(time.Hour)).with(row{"payment_status": payment, "deleted_at": deleted})
				if payment == "paid" {
					visit["paid_at"] = gone
				}
				h.wantDone("booking", h.insert("appointments", visit))
				what := fmt.Sprintf("removing one that is %s, deleted %v", payment, deleted != nil)
				err := h.remove("appointments", visit["id"])
				if deleted != nil && (payment == "not_paid" || payment == "waived") {
					h.wantDone(what, err)
				} else {
					h.wantRefused(what, err, "this appointment is kept")
				}
			}
		}
		if n := k.DB.Count("select count(*) from appointments"); n != 6 {
			t.Errorf("%s: %d appointments are left, want 6", h.name, n)
		}
		h.wantRefused("removing all", h.exec("delete from appointments"), "this appointment is kept")
		testkit.NoErr(t, k.DB.Exec("update appointments set payment_status = 'waived', deleted_at = created_at"))
		testkit.NoErr(t, k.DB.Exec("delete from appointments"))
	})
}

// A note, even a deleted draft, keeps the visit it is about.
func TestAppointmentsWithNotesAreKept(t *testing.T) {
	eachHand(t, func(t *testing.T, k *testkit.Kit, h hand) {
		visit := visitRow(k, never(k, 1), never(k, 1).Add(time.Hour)).with(row{"deleted_at": k.Clock.Now()})
		h.wantDone("booking", h.insert("appointments", visit))
		note := draftRow(k).with(row{"appointment_id": visit["id"], "deleted_at": k.Clock.Now()})
		h.wantDone("noting", h.insert("sessions", note))
		if err := h.remove("appointments", visit["id"]); !isReference(err) {
			t.Errorf("%s: got %v, want that the note keeps it", h.name, err)
		}
		h.wantDone("removing the draft", h.remove("sessions", note["id"]))
		h.wantDone("removing the visit", h.remove("appointments", visit["id"]))
	})
}

// What is used stays: services, locations and series of a visit.
func TestWhatAVisitNamesIsKept(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		everyTable(t, k)
		exec := outside(t, k)
		for _, table := range []string{"services", "locations", "appointment_series", "clients", "members", "users"} {
			if err := exec("delete from " + table); !isReference(err) {
				t.Errorf("%s: got %v, want that they are referenced", table, err)
			}
		}
	})
}

// rule is a check of the database and a row that breaks it.
type broken struct {
	table string
	r     row
	rule  string // as schemaOf names it
}

// brokenRows break each check of the practice's tables.
func brokenRows(k *testkit.Kit) []broken {
	now := k.Clock.Now()
	at := func(more row) row { return visitRow(k, never(k, 1), never(k, 1).Add(time.Hour)).with(more) }
	const deletedDraft = "status = 'draft' or draft is null and deleted_at is null"
	return []broken{
		{"appointments", at(row{"ends_at": never(k, 1), "blocks_to": never(k, 1)}), "ends_at > starts_at"},
		{"appointments", at(row{"ends_at": never(k, 0)}), "ends_at > starts_at"},
		{"appointments", at(row{"blocks_from": never(k, 1).Add(time.Second)}), "blocks_from <= starts_at and blocks_to >= ends_at"},
		{"appointments", at(row{"blocks_to": never(k, 1).Add(59 * time.Minute)}), "blocks_from <= starts_at and blocks_to >= ends_at"},
		{"appointments", at(row{"blocks_to": never(k, 1).Add(model.MaxBlock + time.Second)}), "overlap_allowed or blocks_to - blocks_from <= 115200000000"},
		{"appointments", at(row{"status": "maybe"}), "status in 'scheduled', 'attended', 'cancelled', 'no_show'"},
		{"appointments", at(row{"location_type": "moon"}), "location_type in 'clinic', 'home', 'online'"},
		{"appointments", at(row{"payment_status": "owed"}), "payment_status in 'not_paid', 'payment_sent', 'paid', 'waived'"},
		{"appointments", at(row{"payment_method": "gold"}), "payment_method in 'cash', 'card', 'bank_transfer', 'bit', 'paybox', 'other'"},
		{"appointments", at(row{"payment_status": "paid"}), "payment_status <> 'paid' or paid_at is not null"},
		{"appointments", at(row{"price": 100}), "price is null or currency is not null"},
		{"appointments", at(row{"price": -1, "currency": "USD"}), "price >= 0"},
		{"services", serviceRow(k).with(row{"price": -1}), "price >= 0"},
		{"locations", locationRow(k).with(row{"location_type": ""}), "location_type in 'clinic', 'home', 'online'"},
		{"sessions", draftRow(k).with(row{"status": "open", "versions": 1, "signed_at": now, "draft": nil}), "status in 'draft', 'signed', 'entered_in_error'"},
		{"sessions", draftRow(k).with(row{"versions": 1}), "status = 'draft' = versions = 0"},
		{"sessions", signedRow(k).with(row{"versions": 0}), "status = 'draft' = versions = 0"},
		{"sessions", draftRow(k).with(row{"signed_at": now}), "status = 'draft' = signed_at is null"},
		{"sessions", signedRow(k).with(row{"signed_at": nil}), "status = 'draft' = signed_at is null"},
		{"sessions", signedRow(k).with(row{"draft": []byte{0}}), deletedDraft},
		{"sessions", signedRow(k).with(row{"deleted_at": now}), deletedDraft},
		{"sessions", signedRow(k).with(row{"status": "entered_in_error", "deleted_at": now}), deletedDraft},
		{"sessions", errorRow(k).with(row{"facts": nil}), "status <> 'entered_in_error' or facts is not null"},
		{"note_templates", templateRow(k).with(row{"kind": "letter"}), "kind in 'template', 'snippet'"},
		{"calendar_feeds", feedRow(k).with(row{"privacy": "full"}), "privacy in 'busy', 'initials', 'first_name'"},
	}
}

func TestDatabaseChecksEachRule(t *testing.T) {
	eachHand(t, func(t *testing.T, k *testkit.Kit, h hand) {
		covered := map[string]bool{}
		for _, b := range brokenRows(k) {
			covered["rule of "+b.table+": "+b.rule] = true
			if err := h.insert(b.table, b.r); err == nil || !strings.Contains(strings.ToLower(err.Error()), "check constraint") {
				t.Errorf("%s: %s breaks %q: got %v", h.name, b.table, b.rule, err)
			}
		}
		for _, years := range []int{0, -1, 6, 101} {
			covered["rule of workspaces: retention_years >= 7 and retention_years <= 100"] = true
			err := h.exec("update workspaces set retention_years = $1", years)
			h.wantRefused(fmt.Sprint("keeping for years: ", years), err, "retention_years")
		}
		for line := range schemaOf(k) {
			table, _, _ := strings.Cut(strings.TrimPrefix(line, "rule of "), ":")
			earlier := map[string]bool{
				"members": true, "jobs": true, "workspaces": true, "auth_sessions": true, "invitations": true, "blacklist": true, "passkey_ceremonies": true,
			} // TestEnginesRefuseValuesThatMeanNothing
			if strings.HasPrefix(line, "rule of ") && !covered[line] && !earlier[table] {
				t.Errorf("no row breaks the %s", line)
			}
			delete(covered, line)
		}
		for line := range covered {
			t.Errorf("there is no %s", line)
		}
	})
}

func TestEachVisitHasOneActiveNote(t *testing.T) {
	eachHand(t, func(t *testing.T, k *testkit.Kit, h hand) {
		unique := map[string]string{"sqlite": "UNIQUE constraint failed", "postgres": "sessions_one_active"}[k.Engine]
		n := 0
		for what, c := range map[string]struct {
			first, second row
			refused       bool
		}{
			"two drafts":                        {draftRow(k), draftRow(k), true},
			"a draft beside a signed one":       {signedRow(k), draftRow(k), true},
			"two signed ones":                   {signedRow(k), signedRow(k), true},
			"a draft after a deleted one":       {draftRow(k).with(row{"deleted_at": k.Clock.Now()}), draftRow(k), false},
			"a signed one after an error":       {errorRow(k), signedRow(k), false},
			"two errors":                        {errorRow(k), errorRow(k), false},
			"a deleted one beside a signed one": {signedRow(k), draftRow(k).with(row{"deleted_at": k.Clock.Now()}), false},
		} {
			n++
			visit := visitRow(k, never(k, n), never(k, n).Add(time.Hour))
			h.wantDone("booking", h.insert("appointments", visit))
			about := row{"appointment_id": visit["id"]}
			h.wantDone(what+": the first", h.insert("sessions", c.first.with(about)))
			err := h.insert("sessions", c.second.with(about).with(row{"id": uuid.New()}))
			if c.refused {
				h.wantRefused(what, err, unique)
			} else {
				h.wantDone(what, err)
			}
		}
		// Notes of no visit are not counted.
		for range 2 {
			h.wantDone("a note of no visit", h.insert("sessions", draftRow(k)))
		}
		// A deleted draft does not come back beside another one.
		visit := visitRow(k, never(k, 99), never(k, 99).Add(time.Hour))
		h.wantDone("booking", h.insert("appointments", visit))
		gone := draftRow(k).with(row{"appointment_id": visit["id"], "deleted_at": k.Clock.Now()})
		h.wantDone("the deleted draft", h.insert("sessions", gone))
		other := draftRow(k).with(row{"appointment_id": visit["id"]})
		h.wantDone("the other draft", h.insert("sessions", other))
		h.wantRefused("bringing the draft back", h.update("sessions", gone["id"], row{"deleted_at": nil}), unique)
		h.wantDone("deleting the other", h.update("sessions", other["id"], row{"deleted_at": k.Clock.Now()}))
		h.wantDone("bringing the draft back", h.update("sessions", gone["id"], row{"deleted_at": nil}))
	})
}
