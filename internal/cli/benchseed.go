package cli

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// seedPart is how many records are stored in one transaction.
const seedPart = 500

// seed fills the database and returns the token of a sign-in link for the
// owner of each practice; the last practice is the large one.
func (p *benchPlan) seed(env Env) (tokens []string, err error) {
	a, err := openData(env)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	if used, err := a.store.HasWorkspace(env.Ctx); err != nil || used {
		return nil, errors.Join(err, errors.New("the database is in use: give the benchmark an empty one"))
	}
	for i := range p.workspaces + 1 {
		clients, appointments := p.clients, p.appointments
		if i == p.workspaces {
			clients, appointments = p.search, 0
		}
		token, err := a.seedPractice(env, i, clients, appointments)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, token)
	}
	return tokens, nil
}

func (a *app) seedPractice(env Env, n, clients, appointments int) (string, error) {
	w := model.Workspace{ID: uuid.New(), Name: model.Text(fmt.Sprintf("Practice %d", n)), TimeZone: "Asia/Jerusalem"}
	w, err := w.Normalize()
	if err != nil {
		return "", err
	}
	owner := model.User{
		ID: uuid.New(), WorkspaceID: w.ID, Email: model.Text(fmt.Sprintf("bench-%s@example.com", w.ID)),
		FullName: "Bench Owner", Locale: "en", Role: model.Owner,
	}
	raw := make([]byte, 32)
	if _, err := io.ReadFull(env.Random, raw); err != nil {
		return "", fmt.Errorf("random token: %w", err)
	}
	token := base64.RawURLEncoding.EncodeToString(raw)
	sum := sha256.Sum256([]byte(token))
	err = a.store.Platform(env.Ctx, a.store.PlatformScope(uuid.Nil), model.WorkspaceCreate, func(tx *store.PlatformTx) error {
		if err := tx.CreateWorkspace(w); err != nil {
			return err
		}
		if err := tx.AddMember(owner); err != nil {
			return err
		}
		return tx.InsertLink(store.SignInLink{ID: uuid.New(), UserID: owner.ID, TokenHash: sum[:], ExpiresAt: tx.Now().Add(time.Hour)})
	})
	if err != nil {
		return "", err
	}
	return token, a.seedRecords(env, w.ID, owner.ID, clients, appointments)
}

func (a *app) seedRecords(env Env, workspace, owner uuid.UUID, clients, appointments int) error {
	sc := a.store.OperatorScope(workspace)
	ids := make([]uuid.UUID, 0, clients)
	err := a.inParts(env, sc, model.ClientImport, clients, func(tx *store.Tx, i int) error {
		c, err := tx.InsertClient(benchClient(i))
		ids = append(ids, c.ID)
		return err
	})
	if err != nil || clients == 0 {
		return err
	}
	first := env.Now().UTC().Truncate(time.Hour).AddDate(0, 0, -appointments/16)
	return a.inParts(env, sc, model.AppointmentBook, appointments, func(tx *store.Tx, i int) error {
		return tx.InsertAppointment(benchAppointment(i, first, ids[i%len(ids)], owner, env.Now()))
	})
}

// inParts calls one for 0 to n-1, seedPart of them in a transaction.
func (a *app) inParts(env Env, sc store.Scope, act model.Action, n int, one func(tx *store.Tx, i int) error) error {
	for from := 0; from < n; from += seedPart {
		err := a.store.Write(env.Ctx, sc, act, func(tx *store.Tx) error {
			for i := from; i < min(from+seedPart, n); i++ {
				if err := one(tx, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func benchClient(i int) model.Client {
	firsts := []string{"נועה", "Daniel", "מאיה", "Emma", "יונתן", "Sofia", "תמר", "James", "איתן", "Chloé", "Maria", "עומר"}
	lasts := []string{"לוי", "Cohen", "פרץ", "Clarke", "Müller", "מזרחי", "Martínez", "Johnson", "כץ", "Dubois", "Adler", "ביטון", "Okafor"}
	return model.Client{
		ID: uuid.Must(uuid.NewV7()), // as the product makes them: what is made together lies together
		Contact: model.Contact{
			FirstName: model.Text(firsts[i%len(firsts)]), LastName: model.Text(fmt.Sprintf("%s %d", lasts[i/7%len(lasts)], i)),
			Email: model.Text(fmt.Sprintf("client-%d@example.com", i)), Phone: model.Text(fmt.Sprintf("+972 50-555-%04d", i%10000)),
			DateOfBirth: model.Text(fmt.Sprintf("19%02d-%02d-%02d", 40+i%60, 1+i%12, 1+i%28)),
			Address:     "Rothschild Boulevard 1, Tel Aviv", EmergencyName: "Next of kin", EmergencyPhone: "+972 50-555-9999",
			Tags: []model.Text{"physio"},
		},
		History: model.History{MedicalHistory: "Chronic lower back pain since 2019, worse after sitting.", Notes: "Prefers mornings."},
	}
}

// benchAppointment puts eight visits on a day, past ones attended.
func benchAppointment(i int, first time.Time, client, owner uuid.UUID, now time.Time) model.Appointment {
	start := first.AddDate(0, 0, i/8).Add(time.Duration(i%8) * time.Hour)
	a := model.Appointment{
		ID: uuid.Must(uuid.NewV7()), ClientID: client, PractitionerID: owner, Status: model.Scheduled,
		StartsAt: start, EndsAt: start.Add(50 * time.Minute), AppointmentTexts: model.AppointmentTexts{Notes: "Prefers the warm room."},
	}
	if start.Before(now) {
		a.Status = model.Attended
	}
	if start.Before(now.AddDate(0, -1, 0)) { // what is older was dealt with
		a.Noted, a.PaymentStatus, a.PaidAt = true, "paid", &start
	}
	return a
}
