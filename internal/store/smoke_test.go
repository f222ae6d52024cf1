package store

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"

	"github.com/google/uuid"
)

func TestSmoke(t *testing.T) {
	urls := []string{"sqlite:" + filepath.Join(t.TempDir(), "x.db")}
	if u := os.Getenv("TEST_POSTGRES_URL"); u != "" {
		urls = append(urls, u)
	}
	for _, u := range urls {
		t.Run(u[:6], func(t *testing.T) {
			kp := filepath.Join(t.TempDir(), "k")
			if err := crypt.CreateMasters(kp, rand.Reader); err != nil {
				t.Fatal(err)
			}
			m, err := crypt.LoadMasters(kp)
			if err != nil {
				t.Fatal(err)
			}
			ctx := context.Background()
			s, err := Open(ctx, Options{URL: u, Masters: m, Now: time.Now, Random: rand.Reader})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			ws, us := uuid.New(), uuid.New()
			err = s.Platform(ctx, s.PlatformScope(uuid.New()), model.WorkspaceCreate, func(tx *PlatformTx) error {
				if err := tx.RequireEmpty(); err != nil {
					return err
				}
				if err := tx.CreateWorkspace(model.Workspace{ID: ws, Name: "P", TimeZone: "UTC", Locale: "en", Currency: "USD", WeekStart: "monday"}); err != nil {
					return err
				}
				return tx.AddMember(model.User{ID: us, WorkspaceID: ws, Email: "a@b.co", FullName: "A B", Locale: "en", Role: model.Owner})
			})
			if err != nil {
				t.Fatal(err)
			}
			sc := s.OperatorScope(ws)
			for i := range 3 {
				err = s.Write(ctx, sc, model.ClientCreate, func(tx *Tx) error {
					c, err := tx.InsertClient(model.Client{ID: uuid.New(), Contact: model.Contact{FirstName: "נועה", LastName: model.Text(rune('c' - i)), Phone: "050-1234567"}})
					if err != nil {
						return err
					}
					return tx.InsertAppointment(model.Appointment{ID: uuid.New(), ClientID: c.ID, PractitionerID: us, StartsAt: time.Now().Add(time.Hour), EndsAt: time.Now().Add(2 * time.Hour), Status: "scheduled"})
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			err = s.Read(ctx, sc, model.ClientList, func(tx *ReadTx) error {
				cs, n, more, err := tx.FindClients(model.ClientFilter{Query: "נועה", Limit: 2})
				if err != nil {
					return err
				}
				v, err := tx.ClientVisits([]uuid.UUID{cs[0].ID})
				t.Log(len(cs), n, more, string(cs[0].LastName), v[cs[0].ID], v[cs[0].ID].Next)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			err = s.Write(ctx, sc, model.ClientCreate, func(tx *Tx) error {
				return tx.InsertAppointment(model.Appointment{ID: uuid.New(), ClientID: uuid.New(), PractitionerID: us, StartsAt: time.Now().Add(time.Hour), EndsAt: time.Now().Add(2 * time.Hour), Status: "scheduled"})
			})
			t.Log(err)
			for e, err := range s.Events(ctx, ws) {
				t.Log(e.Seq, e.Action, e.Outcome, e.Count, err)
			}
		})
	}
}
