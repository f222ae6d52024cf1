package store_test

import (
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

func TestConsentLedger(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc, client := k.Scope(k.Practitioner1), k.Client1.ID
		give := func(kind string) (c model.Consent) {
			err := write(k, sc, model.ConsentGive, func(tx *store.Tx) (err error) {
				c, err = tx.InsertConsent(model.Consent{ID: uuid.New(), ClientID: client, Kind: kind, TextVersion: "2026-11", Text: "אני מסכימה"})
				return err
			})
			testkit.NoErr(t, err)
			return c
		}
		withdraw := func(client, id uuid.UUID) error {
			return write(k, k.Scope(k.User1), model.ConsentWithdraw, func(tx *store.Tx) error { return tx.WithdrawConsent(client, id) })
		}
		consented := func() bool {
			c, err := view(t.Context(), k.Store, sc, client)
			testkit.NoErr(t, err)
			return c.Consented
		}
		if consented() {
			t.Error("consented without a line")
		}
		first := give("treatment")
		k.Clock.Advance(time.Minute)
		second := give("data")
		if first.GivenBy != k.Practitioner1.ID || !second.GivenAt.Equal(k.Clock.Now()) || !consented() {
			t.Errorf("given by %s at %v", first.GivenBy, second.GivenAt)
		}
		k.Clock.Advance(time.Minute)
		testkit.NoErr(t, withdraw(client, first.ID))
		if !consented() {
			t.Error("one withdrawn line ends the other")
		}
		wantKind(t, withdraw(client, first.ID), model.Conflict, "withdrawn")
		wantKind(t, withdraw(k.Client2.ID, second.ID), model.Conflict, "withdrawn")
		wantKind(t, withdraw(client, uuid.New()), model.Conflict, "withdrawn")
		wantLedger(t, k, first, second)
		testkit.NoErr(t, withdraw(client, second.ID))
		if consented() {
			t.Error("consented although all is withdrawn")
		}
		err := read(k, sc, model.ConsentList, func(tx *store.ReadTx) error {
			if _, err := tx.Consent(k.Client2.ID, first.ID); model.KindOf(err) != model.NotFound {
				t.Errorf("another client's consent: %v", err)
			}
			c, err := tx.Consent(client, first.ID)
			if c.Text != "אני מסכימה" || c.TextVersion != "2026-11" {
				t.Errorf("the text reads %q, version %q", string(c.Text), string(c.TextVersion))
			}
			return err
		})
		testkit.NoErr(t, err)
		c, err := view(t.Context(), k.Store, sc, client)
		testkit.NoErr(t, err)
		if c.Version != 5 || !c.UpdatedAt.Equal(k.Clock.Now()) {
			t.Errorf("four changes of the ledger left version %d of %v", c.Version, c.UpdatedAt)
		}
	})
}

// wantLedger reads the two lines, of which the first is withdrawn.
func wantLedger(t *testing.T, k *testkit.Kit, first, second model.Consent) {
	t.Helper()
	sc := k.Scope(k.Assistant1)
	got := during(k, k.Workspace1.ID, func() {
		err := read(k, sc, model.ConsentList, func(tx *store.ReadTx) error {
			all, err := tx.Consents(k.Client1.ID)
			if err != nil {
				return err
			}
			if len(all) != 2 || all[0].ID != first.ID || all[1].ID != second.ID {
				t.Errorf("the ledger is %v", all)
				return nil
			}
			if w := all[0]; w.WithdrawnAt == nil || !w.WithdrawnAt.Equal(k.Clock.Now()) || w.WithdrawnBy == nil || *w.WithdrawnBy != k.User1.ID || w.Text != first.Text {
				t.Errorf("the withdrawn line is %v by %v", w.WithdrawnAt, w.WithdrawnBy)
			}
			if s := all[1]; s.WithdrawnAt != nil || s.WithdrawnBy != nil || s.Kind != "data" || s.ClientID != k.Client1.ID || !s.GivenAt.Equal(second.GivenAt) {
				t.Errorf("the other line is %+v", s)
			}
			return nil
		})
		testkit.NoErr(t, err)
	})
	if len(got) != 1 || got[0].Count != "2" {
		t.Errorf("left %v", got)
	}
}

func TestVisitsOfManyClients(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		now := k.Clock.Now()
		busy := k.Client1.ID
		future, none := k.AddClient(k.Workspace1.ID, person("F", "F")).ID, k.AddClient(k.Workspace1.ID, person("N", "N")).ID
		err := write(k, k.Scope(k.User1), model.AppointmentBook, func(tx *store.Tx) error {
			for _, a := range []struct {
				client uuid.UUID
				hours  float64
				status string
			}{
				{busy, -50, "attended"}, {busy, -2, "attended"}, {busy, -1, "no_show"}, {busy, -0.5, "scheduled"}, {busy, 0, "attended"},
				{busy, 3, "cancelled"}, {busy, 5, "scheduled"}, {busy, 4, "scheduled"}, {busy, 6, "attended"}, {future, 0, "scheduled"}, {future, 1, "scheduled"},
			} {
				at := now.Add(time.Duration(a.hours * float64(time.Hour)))
				err := tx.InsertAppointment(model.Appointment{
					ID: uuid.New(), ClientID: a.client, PractitionerID: k.User1.ID, Status: a.status, StartsAt: at, EndsAt: at.Add(time.Minute), OverlapAllowed: true,
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		testkit.NoErr(t, err)
		gone := k.AddAppointment(k.Workspace1.ID, model.Appointment{ClientID: busy, PractitionerID: k.User1.ID, StartsAt: now.Add(2 * time.Hour)})
		testkit.NoErr(t, k.DB.Exec("update appointments set deleted_at = created_at where id = $1", gone.ID.String()))
		err = read(k, k.Scope(k.User1), model.ClientList, func(tx *store.ReadTx) error {
			visits, err := tx.ClientVisits([]uuid.UUID{none, busy, future, k.Client2.ID})
			if len(visits) != 2 {
				t.Errorf("visits of %d clients, want 2", len(visits))
			}
			wantVisits(t, "busy", visits[busy], now.Add(4*time.Hour), now, 8)
			wantVisits(t, "future", visits[future], now.Add(time.Hour), time.Time{}, 2)
			empty, eerr := tx.ClientVisits(nil)
			if eerr != nil || len(empty) != 0 || empty == nil {
				t.Errorf("of none: %v, %v", empty, eerr)
			}
			return err
		})
		testkit.NoErr(t, err)
	})
}

func wantVisits(t *testing.T, what string, v model.ClientVisits, next, last time.Time, count int) {
	t.Helper()
	same := func(got *time.Time, want time.Time) bool {
		return (got == nil && want.IsZero()) || (got != nil && got.Equal(want))
	}
	if !same(v.Next, next) || !same(v.Last, last) || v.Count != count {
		t.Errorf("%s: next %v, last %v, %d in all; want %v, %v, %d", what, v.Next, v.Last, v.Count, next, last, count)
	}
}

func TestWorkspaceSettings(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		w := k.Workspace1
		w.Name, w.TimeZone, w.Locale, w.Currency, w.WeekStart = "מרפאת השלום", "Europe/London", "he", "ILS", "sunday"
		save := func(w model.Workspace) (model.Workspace, error) {
			err := write(k, k.Scope(k.User1), model.WorkspaceUpdate, func(tx *store.Tx) (err error) {
				w, err = tx.UpdateWorkspace(w)
				return err
			})
			return w, err
		}
		saved, err := save(w)
		if err != nil || saved.Version != 2 {
			t.Fatalf("version %d, %v", saved.Version, err)
		}
		if _, err := save(w); err == nil {
			t.Error("a stale version was taken")
		}
		k.Clock.Advance(14*time.Hour + 30*time.Minute) // 23:30 UTC of the same day
		err = k.OpenStore().Peek(t.Context(), k.Scope(k.User1), model.WorkspaceView, func(tx *store.ReadTx) error {
			got, err := tx.Workspace()
			if got.CreatedAt.IsZero() || got.Status != "active" {
				t.Errorf("got %+v", got)
			}
			got.CreatedAt, saved.CreatedAt = time.Time{}, time.Time{}
			if got != saved {
				t.Errorf("got %+v, want %+v", got, saved)
			}
			today, terr := tx.Today()
			if terr != nil || today.Format(time.DateTime) != "2026-02-02 23:30:00" {
				t.Errorf("today is %v, %v", today, terr)
			}
			return err
		})
		testkit.NoErr(t, err)
		other, err := k.Practice.GetWorkspace(t.Context(), k.Scope(k.User2))
		if err != nil || other.Name != k.Workspace2.Name || other.Version != 1 {
			t.Errorf("the other workspace is %+v, %v", other, err)
		}
	})
}
