package practice_test

import (
	"fmt"
	"testing"

	"pazpaz/internal/model"
)

// BenchmarkCreateClient adds clients one after the other, each with its audit
// entry, to a practice that has two thousand.
func BenchmarkCreateClient(b *testing.B) {
	p, sc := notesOf(b, noteTexts["english"], 0)
	create := func(i int) {
		_, _, err := p.CreateClient(b.Context(), sc, model.Client{Contact: model.Contact{
			FirstName: "Noa", LastName: model.Text(fmt.Sprint("Levi ", i)), Email: "noa@example.com", Phone: "+972 50-555-1234", Address: "Rothschild Boulevard 1, Tel Aviv",
		}}, model.OnceKey{})
		noErr(b, err)
	}
	for i := range 2000 {
		create(i)
	}
	before := used(b)
	for i := 0; b.Loop(); i++ {
		create(i)
	}
	b.ReportMetric((used(b)-before).Seconds()*1e6/float64(b.N), "cpu-µs/op")
}

// BenchmarkViewClient opens a client, with its audit entry.
func BenchmarkViewClient(b *testing.B) {
	p, sc := notesOf(b, noteTexts["english"], 0)
	c, _, err := p.CreateClient(b.Context(), sc, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}}, model.OnceKey{})
	noErr(b, err)
	before := used(b)
	for b.Loop() {
		_, err := p.GetClient(b.Context(), sc, c.ID)
		noErr(b, err)
	}
	b.ReportMetric((used(b)-before).Seconds()*1e6/float64(b.N), "cpu-µs/op")
}
