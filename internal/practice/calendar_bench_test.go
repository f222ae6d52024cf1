package practice_test

import (
	"fmt"
	"testing"
	"time"

	"pazpaz/internal/model"
	"pazpaz/internal/practice"
)

// BenchmarkWeek reads a week of 56 appointments, each of another client.
func BenchmarkWeek(b *testing.B) {
	p, sc := notesOf(b, noteTexts["english"], 0)
	treating, err := p.ListPractitioners(b.Context(), sc)
	noErr(b, err)
	from := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for i := range 56 {
		c, _, err := p.CreateClient(b.Context(), sc, model.Client{Contact: model.Contact{
			FirstName: "Noa", LastName: model.Text(fmt.Sprint("Levi ", i)), Email: "noa@example.com", Phone: "+972 50-555-1234", Address: "Rothschild Boulevard 1, Tel Aviv",
		}}, model.OnceKey{})
		noErr(b, err)
		start := from.AddDate(0, 0, i/8).Add(time.Duration(8+i%8) * time.Hour)
		_, err = p.BookAppointment(b.Context(), sc, practice.Booking{Appointment: model.Appointment{
			ClientID: c.ID, PractitionerID: treating[0].ID, StartsAt: start, EndsAt: start.Add(50 * time.Minute),
			AppointmentTexts: model.AppointmentTexts{Notes: "Prefers the warm room."},
		}}, model.OnceKey{})
		noErr(b, err)
	}
	before := used(b)
	for b.Loop() {
		page, err := p.ListAppointments(b.Context(), sc, model.AppointmentFilter{From: from, To: from.AddDate(0, 0, 7), Limit: 100}, model.Days{})
		noErr(b, err)
		if len(page.Entries) != 56 {
			b.Fatal(len(page.Entries))
		}
	}
	b.ReportMetric((used(b)-before).Seconds()*1e6/float64(b.N), "cpu-µs/op")
}
