package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// booth is what the calendar's and the notes' routes need besides a browser:
// drafts to write on, and times that nobody has booked.
type booth struct {
	now    func() time.Time
	booked atomic.Int64
	mu     sync.Mutex
	drafts map[string][]*benchDraft // by cookies
	at     map[string]int
}

// benchDraft is a note that is being written.
type benchDraft struct {
	id      string
	version int
}

// calendarRoutes are those of the calendar. Weeks are chosen within a year.
func (b *booth) calendarRoutes() []benchRoute {
	window := func(path string, days int) func(browser, int) string {
		return func(who browser, n int) string {
			from := b.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 7*(n%52-26))
			q := url.Values{"from": {from.Format(time.RFC3339)}, "to": {from.AddDate(0, 0, days).Format(time.RFC3339)}, "limit": {"1000"}}
			return who.get(path + "?" + q.Encode())
		}
	}
	return []benchRoute{
		{name: "week view (56)", request: window("/api/v1/appointments", 7)},
		{name: "month view (248)", request: window("/api/v1/appointments", 31)},
		{name: "client timeline", request: func(who browser, _ int) string { return who.get("/api/v1/clients/" + who.client + "/timeline") }},
		{name: "conflict check", request: b.conflict},
		{name: "create appointment", request: b.book},
		{name: "work counts", request: func(who browser, _ int) string { return who.get("/api/v1/work") }},
	}
}

func (b *booth) conflict(who browser, n int) string {
	from := b.now().UTC().Truncate(time.Hour).Add(time.Duration(n%8000-4000) * time.Hour)
	q := url.Values{"starts_at": {from.Format(time.RFC3339)}, "ends_at": {from.Add(time.Hour).Format(time.RFC3339)}}
	return who.get("/api/v1/appointments/conflicts?" + q.Encode())
}

// book takes five minutes of the next century that nobody has.
func (b *booth) book(who browser, _ int) string {
	start := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(b.booked.Add(1)) * 5 * time.Minute)
	return who.post("/api/v1/appointments", fmt.Sprintf(`{"client_id":%q,"starts_at":%q,"ends_at":%q,"notes":"Asked for a quiet room."}`,
		who.client, start.Format(time.RFC3339), start.Add(5*time.Minute).Format(time.RFC3339)))
}

// noteRoutes are those of the notes. The search comes first, because the others
// need drafts, which would be searched too.
func (b *booth) noteRoutes(p *benchPlan) []benchRoute {
	return []benchRoute{
		{name: "search 500 notes", prepare: func(l load) error { return l.writeNotes(b, p.notes, 0) }, request: func(who browser, n int) string {
			words := []string{"lumbar", "zzzz", "כתף", "tension", "exercise 31", "sleep"}
			return who.post("/api/v1/sessions/search", fmt.Sprintf(`{"query":%q}`, words[n%len(words)]))
		}},
		{name: "autosave a note", prepare: func(l load) error { return l.writeNotes(b, 0, p.drafts) }, request: b.save},
		{name: "sign a note", request: b.sign},
	}
}

func (b *booth) save(who browser, n int) string {
	d := b.next(who, false)
	if d == nil {
		return ""
	}
	body := fmt.Sprintf(`{"version":%d,"subjective":%q}`, d.version, benchText(n))
	d.version++
	return who.patch("/api/v1/sessions/"+d.id+"/draft", body)
}

func (b *booth) sign(who browser, _ int) string {
	d := b.next(who, true)
	if d == nil {
		return ""
	}
	return who.post("/api/v1/sessions/"+d.id+"/finalize", fmt.Sprintf(`{"version":%d}`, d.version))
}

// next is a draft of the person: each in turn, or one that is not used again;
// nil when there is none left.
func (b *booth) next(who browser, last bool) *benchDraft {
	b.mu.Lock()
	defer b.mu.Unlock()
	mine := b.drafts[who.cookies]
	if len(mine) == 0 {
		return nil
	}
	if last {
		b.drafts[who.cookies] = mine[1:]
		return mine[0]
	}
	b.at[who.cookies]++
	return mine[b.at[who.cookies]%len(mine)]
}

// benchText is about 1.5 kB of what therapists write.
func benchText(n int) string {
	const text = "Reports less pain in the lumbar region since the last visit; slept better, up to six hours. כאב בכתף ימין בהרמה. " +
		"Tension in the upper trapezius, worse in the evening after work at the desk. "
	return strings.Repeat(text, 7) + fmt.Sprintf("exercise %d, twice a day.", n)
}

// writeNotes gives everybody signed notes to be searched, and drafts.
func (l load) writeNotes(b *booth, signed, drafts int) error {
	var wg sync.WaitGroup
	failed := make([]error, len(l.people))
	for i, who := range l.people {
		wg.Go(func() {
			made, err := l.draftsOf(who, signed+drafts)
			if err != nil {
				failed[i] = err
				return
			}
			b.mu.Lock()
			b.drafts[who.cookies] = append(b.drafts[who.cookies], made[signed:]...)
			b.mu.Unlock()
			failed[i] = l.signAll(who, made[:signed])
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

func (l load) draftsOf(who browser, n int) ([]*benchDraft, error) {
	line, err := dialLine(l.addr)
	if err != nil {
		return nil, err
	}
	defer line.c.Close() //nolint:errcheck // the notes are written
	made := make([]*benchDraft, 0, n)
	for i := range n {
		body := fmt.Sprintf(`{"client_id":%q,"subjective":%q,"plan":"Stretching."}`, who.client, benchText(i))
		var answer strings.Builder
		status, err := line.exchange(who.post("/api/v1/sessions", body), &answer)
		if err != nil || status != http.StatusCreated {
			return nil, errors.Join(err, fmt.Errorf("write note answered %d", status))
		}
		var note struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(answer.String()), &note); err != nil {
			return nil, fmt.Errorf("write note: %w", err)
		}
		made = append(made, &benchDraft{note.ID, 1})
	}
	return made, nil
}

func (l load) signAll(who browser, notes []*benchDraft) error {
	line, err := dialLine(l.addr)
	if err != nil {
		return err
	}
	defer line.c.Close() //nolint:errcheck // the notes are signed
	for _, d := range notes {
		status, err := line.exchange(who.post("/api/v1/sessions/"+d.id+"/finalize", `{"version":1}`), nil)
		if err != nil || status != http.StatusOK {
			return errors.Join(err, fmt.Errorf("sign note answered %d", status))
		}
	}
	return nil
}
