package store_test

import (
	"strings"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"
	"pazpaz/internal/testkit"

	"github.com/google/uuid"
)

// onCalendar returns the clients' names of a page of the calendar.
func onCalendar(k *testkit.Kit, s *store.Store, sc store.Scope) (string, error) {
	k.T.Helper()
	var all []string
	err := s.Read(k.T.Context(), sc, model.AppointmentList, func(tx *store.ReadTx) error {
		page, _, err := tx.Appointments(model.AppointmentFilter{Limit: 10})
		for _, e := range page {
			all = append(all, string(e.ClientFirst+" "+e.ClientLast))
		}
		return err
	})
	return strings.Join(all, ", "), err
}

// The calendar names clients out of memory where the names are kept, and is
// right all the same when another process wrote.
func TestCalendarNamesAreThoseOfNow(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		other, sc := k.OpenStore(), k.Store.OperatorScope(k.Workspace1.ID)
		k.AddAppointment(k.Workspace1.ID, model.Appointment{ClientID: k.Client1.ID, PractitionerID: k.User1.ID})
		want := func(after, names string) {
			t.Helper()
			for i, s := range []*store.Store{k.Store, other} {
				if got, err := onCalendar(k, s, sc); err != nil || got != names {
					t.Errorf("after %s process %d shows %q, want %q (%v)", after, i, got, names, err)
				}
			}
		}
		want("nothing", "John Doe")
		for _, s := range []*store.Store{k.Store, other} { // from here on the names are kept
			_, _, _, err := find(k, s, sc, model.ClientFilter{})
			testkit.NoErr(t, err)
		}
		want("a search", "John Doe")
		c := k.Client1
		c.FirstName, c.LastName = "Jon", "Dough"
		err := other.Write(t.Context(), sc, model.ClientUpdate, func(tx *store.Tx) (err error) { c, err = tx.UpdateClient(c); return err })
		testkit.NoErr(t, err)
		want("a change of name", "Jon Dough")
		anna := k.AddClient(k.Workspace1.ID, person("Anna", "Adams"))
		k.AddAppointment(k.Workspace1.ID, model.Appointment{ClientID: anna.ID, PractitionerID: k.User1.ID, StartsAt: k.Clock.Now().Add(2 * time.Hour)})
		want("a new client", "Jon Dough, Anna Adams")
		err = other.Write(t.Context(), sc, model.ClientArchive, func(tx *store.Tx) error { now := tx.Now(); return tx.SetClientArchived(anna.ID, &now) })
		testkit.NoErr(t, err)
		want("archiving", "Jon Dough, Anna Adams")
		// A write sees its own, uncommitted names, and leaves them to itself.
		err = k.Store.Write(t.Context(), sc, model.ClientUpdate, func(tx *store.Tx) error {
			own := c
			own.FirstName = "Lost"
			if _, err := tx.UpdateClient(own); err != nil {
				return err
			}
			page, _, err := tx.Appointments(model.AppointmentFilter{Limit: 1})
			if err == nil && (len(page) != 1 || page[0].ClientFirst != "Lost") {
				t.Errorf("inside of a write: %v", page)
			}
			return model.ErrDenied
		})
		if model.KindOf(err) != model.Denied {
			t.Fatal(err)
		}
		want("a write that failed", "Jon Dough, Anna Adams")
		if got, want := k.DB.Rows("select records from audit_events where action = 'appointment.list' order by seq desc limit 1"), "2"; got[0][0] != want {
			t.Errorf("the trail counts %v shown, want %s", got, want)
		}
	})
}

// A name that cannot be opened is not replaced by what was kept.
func TestDamagedNameIsNotShownOutOfMemory(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		sc := k.Store.OperatorScope(k.Workspace1.ID)
		k.AddAppointment(k.Workspace1.ID, model.Appointment{ClientID: k.Client1.ID, PractitionerID: k.User1.ID})
		_, _, _, err := find(k, k.Store, sc, model.ClientFilter{})
		testkit.NoErr(t, err)
		other := k.AddClient(k.Workspace1.ID, person("Anna", "Adams"))
		testkit.NoErr(t, k.DB.Exec("update workspaces set clients_rev = 900 where id = $1", k.Workspace1.ID.String()))
		testkit.NoErr(t, k.DB.Exec("update clients set rev = 900, contact = (select contact from clients where id = $2) where id = $1",
			k.Client1.ID.String(), other.ID.String()))
		if names, err := onCalendar(k, k.Store, sc); err == nil {
			t.Errorf("a damaged name is shown as %q", names)
		}
	})
}

// A practice's names never get onto the calendar of another.
func TestKeptNamesStayInTheirWorkspace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		for _, w := range []uuid.UUID{k.Workspace1.ID, k.Workspace2.ID} {
			_, _, _, err := find(k, k.Store, k.Store.OperatorScope(w), model.ClientFilter{})
			testkit.NoErr(t, err)
		}
		k.AddAppointment(k.Workspace1.ID, model.Appointment{ClientID: k.Client1.ID, PractitionerID: k.User1.ID})
		k.AddAppointment(k.Workspace2.ID, model.Appointment{ClientID: k.Client2.ID, PractitionerID: k.User2.ID})
		for w, want := range map[uuid.UUID]string{k.Workspace1.ID: "John Doe", k.Workspace2.ID: "Jane Roe"} {
			if got, err := onCalendar(k, k.Store, k.Store.OperatorScope(w)); err != nil || got != want {
				t.Errorf("got %q, want %q (%v)", got, want, err)
			}
		}
	})
}
