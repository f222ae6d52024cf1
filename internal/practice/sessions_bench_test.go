package practice_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pazpaz/internal/crypt"
	"pazpaz/internal/model"
	"pazpaz/internal/practice"
	"pazpaz/internal/store"

	"github.com/google/uuid"
)

// noteTexts are as long as notes are: about 1.5 kB over four sections.
var noteTexts = map[string]string{
	"english": "The client reports dull pain in the lower back, 6/10, worse when sitting and better after a walk. Sleep is fair. ",
	"hebrew":  "המטופלת מדווחת על כאב עמום בגב התחתון, 6 מתוך 10, יותר בישיבה ופחות אחרי הליכה. ",
}

// notesOf fills a practice with signed notes, and returns how to search them.
func notesOf(b *testing.B, text string, n int) (p *practice.Practice, sc store.Scope) {
	b.Helper()
	key := make([]byte, crypt.KeySize)
	_, err := rand.Read(key)
	noErr(b, err)
	masters, err := crypt.ParseMasters("v1:" + base64.StdEncoding.EncodeToString(key))
	noErr(b, err)
	s, err := store.Open(b.Context(), store.Options{
		URL: "sqlite:" + filepath.Join(b.TempDir(), "pazpaz.db"), Masters: masters, Now: time.Now, Random: rand.Reader,
	})
	noErr(b, err)
	b.Cleanup(func() { _ = s.Close() })
	w := model.Workspace{ID: uuid.New(), Name: "Practice"}
	w, err = w.Normalize()
	noErr(b, err)
	owner := model.User{ID: uuid.New(), WorkspaceID: w.ID, Email: "owner@example.com", FullName: "Owner", Locale: "en", Role: model.Owner, Active: true}
	noErr(b, s.Platform(b.Context(), s.PlatformScope(uuid.Nil), model.WorkspaceCreate, func(tx *store.PlatformTx) error {
		if err := tx.CreateWorkspace(w); err != nil {
			return err
		}
		return tx.AddMember(owner)
	}))
	sc, p = s.OperatorScope(w.ID), practice.New(s, rand.Reader)
	c, _, err := p.CreateClient(b.Context(), sc, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}}, model.OnceKey{})
	noErr(b, err)
	long := strings.Repeat(text, 1+1500/4/len(text))
	for i := range n {
		in := model.NewSession{ClientID: c.ID, AuthorID: owner.ID, Sections: model.Sections{
			Subjective: model.Text(fmt.Sprintf("Visit %dx. %s", i, long)), Objective: model.Text(long), Assessment: model.Text(long), Plan: model.Text(long),
		}}
		note, err := p.CreateSession(b.Context(), sc, in, model.OnceKey{})
		noErr(b, err)
		_, err = p.SignSession(b.Context(), sc, note.ID, note.Version)
		noErr(b, err)
	}
	return p, sc
}

func noErr(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// used is the processor time that the program has taken, which says more than
// the clock on a machine that is busy with other things.
func used(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	noErr(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkSearchNotes looks into 500 signed notes that do not match, but one:
// alone, and with eight people at once.
func BenchmarkSearchNotes(b *testing.B) {
	for language, text := range noteTexts {
		p, sc := notesOf(b, text, 500)
		search := func() time.Duration {
			start := time.Now()
			found, err := p.SearchNotes(b.Context(), sc, model.NoteSearch{Query: "Visit 7x"})
			if err != nil || found.Scanned != 500 || len(found.Matches) != 1 {
				b.Errorf("%d scanned, %d matches, %v", found.Scanned, len(found.Matches), err)
			}
			return time.Since(start)
		}
		b.Run(language, func(b *testing.B) {
			before := used(b)
			for b.Loop() {
				search()
			}
			b.ReportMetric((used(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
		})
		b.Run(language+"-eight", func(b *testing.B) {
			each := make([][]time.Duration, 8)
			var all sync.WaitGroup
			for i := range each {
				all.Go(func() {
					for range 1 + b.N/8 {
						each[i] = append(each[i], search())
					}
				})
			}
			all.Wait()
			took := slices.Sorted(slices.Values(slices.Concat(each...)))
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
