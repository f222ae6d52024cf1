package cli

import (
	"context"
	"fmt"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// demoRoom is the demo practice while it is furnished.
type demoRoom struct {
	a         *app
	ctx       context.Context //nolint:containedctx // it lives for one call
	sc        store.Scope
	zone      *time.Location
	now       time.Time
	people    []uuid.UUID // practitioners, the owner first
	clients   []uuid.UUID
	services  []model.Service
	locations []model.Location
}

// furnish fills the demo practice: people, services, rooms, three weeks of
// visits around today in every state, and notes.
func (a *app) furnish(env Env, w model.Workspace, owner model.User) error {
	zone, err := time.LoadLocation(w.TimeZone)
	if err != nil {
		return fmt.Errorf("demo zone: %w", err)
	}
	d := &demoRoom{a: a, ctx: env.Ctx, sc: a.store.OperatorScope(w.ID), zone: zone, now: env.Now(), people: []uuid.UUID{owner.ID}}
	for _, step := range []func() error{
		func() error { return d.addColleague(w.ID) }, d.addClients, d.addServices, d.addLocations, d.addTemplates, d.addVisits, d.addSeries, d.addOvernight,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (d *demoRoom) addColleague(workspace uuid.UUID) error {
	u := model.User{
		ID: uuid.New(), WorkspaceID: workspace, Email: "colleague@example.com", FullName: "Yoav Cohen", Locale: "he", Role: model.Practitioner,
	}
	d.people = append(d.people, u.ID)
	err := d.a.store.Platform(d.ctx, d.a.store.PlatformScope(uuid.Nil), model.WorkspaceCreate, func(tx *store.PlatformTx) error {
		return tx.AddMember(u)
	})
	if err != nil {
		return fmt.Errorf("demo colleague: %w", err)
	}
	return nil
}

func (d *demoRoom) addClients() error {
	for _, c := range demoClients() {
		made, _, err := d.a.practice.CreateClient(d.ctx, d.sc, c.client(), model.OnceKey{})
		if err != nil {
			return err
		}
		d.clients = append(d.clients, made.ID)
	}
	return nil
}

func (d *demoRoom) addServices() error {
	price := func(shekels int64) *int64 { agorot := shekels * 100; return &agorot }
	for _, s := range []model.Service{
		{Name: "Physiotherapy", Description: "Assessment and treatment", Minutes: 50, Price: price(320), BufferAfter: 10},
		{Name: "עיסוי רפואי", Description: "עיסוי רקמות עמוק", Minutes: 60, Price: price(380), BufferAfter: 15},
		{Name: "Psychotherapy", Minutes: 50, Price: price(450)},
		{Name: "First visit", Description: "History, examination, plan", Minutes: 80, Price: price(480), BufferAfter: 10},
	} {
		made, err := d.a.practice.CreateService(d.ctx, d.sc, s, model.OnceKey{})
		if err != nil {
			return err
		}
		d.services = append(d.services, made)
	}
	return nil
}

func (d *demoRoom) addLocations() error {
	for _, l := range []model.Location{
		{Name: "חדר טיפולים 1", Type: "clinic", Address: "רוטשילד 12, תל אביב", Exclusive: true},
		{Name: "Room 2", Type: "clinic", Address: "12 Rothschild Blvd, Tel Aviv", Details: "Second floor, ring twice", Exclusive: true},
		{Name: "Video", Type: "online", Details: "The link is mailed an hour before"},
	} {
		made, err := d.a.practice.CreateLocation(d.ctx, d.sc, l, model.OnceKey{})
		if err != nil {
			return err
		}
		d.locations = append(d.locations, made)
	}
	return nil
}

// at is a time of day, some days from today, by the practice's clock.
func (d *demoRoom) at(days, hour, minute int) time.Time {
	today := d.now.In(d.zone)
	return time.Date(today.Year(), today.Month(), today.Day()+days, hour, minute, 0, 0, d.zone)
}

// addVisits fills the working days of three weeks for both practitioners. What
// it picks follows from the visit's number, so that every demo looks alike.
func (d *demoRoom) addVisits() error {
	n := 0
	for days := -9; days <= 10; days++ {
		if wd := d.at(days, 12, 0).Weekday(); wd == time.Friday || wd == time.Saturday {
			continue
		}
		for who := range d.people {
			if err := d.day(&n, who, days); err != nil {
				return err
			}
		}
	}
	return nil
}

// day fills a day of one practitioner; nobody is busy all of it.
func (d *demoRoom) day(n *int, who, days int) error {
	for slot := range 5 {
		*n++
		if *n%3 == 0 || (who == 1 && slot > 2) {
			continue
		}
		if err := d.visit(*n, who, d.at(days, 9+slot*3/2+slot/3, slot%2*30)); err != nil {
			return err
		}
	}
	return nil
}

func (d *demoRoom) visit(n, who int, start time.Time) error {
	service := d.services[n%3]
	place := d.locations[who]
	if service.Name == "Psychotherapy" && n%2 == 0 {
		place = d.locations[2]
	}
	b := practice.Booking{Appointment: model.Appointment{
		ClientID: d.clients[n*11%len(d.clients)], PractitionerID: d.people[who], ServiceID: &service.ID, LocationID: &place.ID,
		StartsAt: start, Status: d.status(n, start),
	}}
	if n%9 == 0 {
		b.Notes = "Bring the MRI · להביא צילום"
	}
	if b.Status == model.Attended && n%4 != 0 {
		b.PaymentStatus, b.PaymentMethod = "paid", []string{"card", "bit", "cash"}[n%3]
	}
	e, err := d.a.practice.BookAppointment(d.ctx, d.sc, b, model.OnceKey{})
	if err != nil || e.Status != model.Attended || n%5 == 0 {
		return err
	}
	return d.note(n, e)
}

// status is that of most visits: past ones were attended, but for a few.
func (d *demoRoom) status(n int, start time.Time) string {
	switch {
	case n%13 == 0:
		return model.Cancelled
	case start.After(d.now):
		return model.Scheduled
	case n%11 == 0:
		return model.NoShow
	case n%17 == 0:
		return model.Scheduled // nobody said whether the client came
	}
	return model.Attended
}

// note writes the note of a visit; most are signed.
func (d *demoRoom) note(n int, e model.CalendarEntry) error {
	sections := demoNotes()[n%len(demoNotes())]
	s, err := d.a.practice.CreateSession(d.ctx, d.sc, model.NewSession{AppointmentID: e.ID, AuthorID: e.PractitionerID, Sections: sections}, model.OnceKey{})
	if err != nil || n%6 == 0 {
		return err
	}
	_, err = d.a.practice.SignSession(d.ctx, d.sc, s.ID, s.Version)
	return err
}

func demoNotes() []model.Sections {
	return []model.Sections{
		{
			Subjective: "Less pain since the last visit, 4/10. Sleeps through the night again.",
			Objective:  "Lumbar flexion 60°, pain at end of range. Left hip abduction 4/5.",
			Assessment: "Improving mechanical low back pain.",
			Plan:       "Continue core exercises twice a day. Next visit in a week.",
		},
		{
			Subjective: "מדווחת על ירידה בכאב בכתף ימין, בעיקר בלילה.",
			Objective:  "טווח תנועה בהרמה 140°, רגישות במישוש הגיד הסופרה-ספינטוס.",
			Assessment: "שיפור בתסמונת הצביטה.",
			Plan:       "תרגול עם גומייה, שלוש סדרות ביום. ביקורת בעוד שבוע.",
		},
		{
			Subjective: "A tense week at work; two headaches, none with aura.",
			Objective:  "Upper trapezius firm on both sides, trigger points at C5–C6.",
			Assessment: "Tension-type headache, stress-related.",
			Plan:       "Deep tissue work on neck and shoulders; breathing exercise before sleep.",
		},
		{Subjective: "Talked about returning to work after leave.", Plan: "Keep a diary until the next meeting."},
	}
}

func (d *demoRoom) addTemplates() error {
	for _, t := range []model.Template{
		{Kind: "template", Name: "Physio follow-up", AuthorID: d.people[0], Sections: model.Sections{
			Subjective: "Pain: /10. Since the last visit:", Objective: "Range of motion: \nStrength:", Plan: "Home exercises: \nNext visit:",
		}},
		{Kind: "snippet", Name: "Home exercises", Shortcut: "hep", Text: "Home exercise programme reviewed; performs all exercises correctly.", AuthorID: d.people[0]},
		{Kind: "snippet", Name: "ללא שינוי", Shortcut: "ls", Text: "ללא שינוי מאז הביקור הקודם.", AuthorID: d.people[0]},
	} {
		if _, err := d.a.practice.CreateTemplate(d.ctx, d.sc, t, model.OnceKey{}); err != nil {
			return err
		}
	}
	return nil
}

// addSeries books ten weeks of Thursdays at an hour that the visits leave free.
func (d *demoRoom) addSeries() error {
	first := d.at(1, 18, 0)
	for first.Weekday() != time.Thursday {
		first = first.AddDate(0, 0, 1)
	}
	_, _, err := d.a.practice.BookSeries(d.ctx, d.sc, practice.SeriesBooking{
		Booking: practice.Booking{Appointment: model.Appointment{
			ClientID: d.clients[5], PractitionerID: d.people[0], ServiceID: &d.services[2].ID, LocationID: &d.locations[2].ID,
		}},
		LocalStart: first.Format("2006-01-02T15:04"), Rule: "FREQ=WEEKLY;COUNT=10;BYDAY=TH",
		SeriesChoices: practice.SeriesChoices{Conflicts: "skip"},
	}, model.OnceKey{})
	return err
}

// addOvernight books a visit at a client's home that ends the next morning.
func (d *demoRoom) addOvernight() error {
	start := d.at(2, 22, 0)
	_, err := d.a.practice.BookAppointment(d.ctx, d.sc, practice.Booking{Appointment: model.Appointment{
		ClientID: d.clients[0], PractitionerID: d.people[0], LocationType: "home",
		StartsAt: start, EndsAt: start.Add(4 * time.Hour), AppointmentTexts: model.AppointmentTexts{Notes: "Birth support at home"},
	}}, model.OnceKey{})
	return err
}
