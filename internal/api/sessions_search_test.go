package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pazpaz/internal/model"
	"pazpaz/internal/testkit"
)

// found is the answer of a search.
type found struct {
	Matches []struct {
		Session  obj
		Client   obj
		Sections []string
		Excerpts []struct{ Section, Text, Hit string }
	}
	Scanned   int
	Truncated bool
}

func (p *pen) search(query string, more obj) (f found) {
	p.T.Helper()
	body := obj{"query": query}
	for n, v := range more {
		body[n] = v
	}
	p.Ask(http.MethodPost, "/sessions/search", p.h, body).Want(p.Kit, 200).Decode(p.Kit, &f)
	return f
}

// wantFound fails when a search finds other notes.
func (p *pen) wantFound(query string, more obj, want ...obj) found {
	p.T.Helper()
	f := p.search(query, more)
	got, ids := []any{}, []any{}
	for _, m := range f.Matches {
		got = append(got, m.Session["id"])
	}
	for _, n := range want {
		ids = append(ids, n["id"])
	}
	if !slices.Equal(got, ids) {
		p.T.Errorf("%q finds %v, want %v", query, got, ids)
	}
	return f
}

func TestSearchLooksIntoEverySection(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.signed(obj{"subjective": "Alpha pain", "objective": "Beta", "assessment": "Gamma pain", "plan": "Delta"})
		p.note(obj{"plan": "Epsilon"})
		for query, sections := range map[string][]string{
			"alpha": {"subjective"}, "BETA": {"objective"}, "amm": {"assessment"}, "delta": {"plan"}, "pain": {"subjective", "assessment"},
		} {
			f := p.wantFound(query, nil, n)
			m := f.Matches[0]
			if !slices.Equal(m.Sections, sections) || len(m.Excerpts) != len(sections) || f.Scanned != 2 || f.Truncated {
				t.Errorf("%q: %+v", query, f)
			}
			same(k, m.Client, obj{"id": k.Client1.ID.String(), "full_name": "John Doe"})
			same(k, m.Session, obj{"status": "signed", "session_date": n["session_date"], "version": n["version"]})
			if m.Session["plan"] != nil {
				t.Error("the summary holds sections")
			}
		}
		p.wantFound("pain beta", nil) // not across sections
		p.wantFound("nothing", nil)
	})
}

func TestSearchFolds(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		for _, c := range []struct {
			text    string
			queries []string
		}{
			{"כאב בַּגַּב התחתון", []string{"בגב", "תחתונ", "כאב בגב", "הַתַּחְתּוֹן"}},
			{"Décrit une gêne à l'épaule", []string{"decrit", "GENE", "epaule", "lepaule", "gêne a"}},
			{"Ｆull-width ﬁbre", []string{"full width", "fibre"}},
			{"neck\npain, 6/10", []string{"neck pain", "pain 6", "6/10", "6 10"}},
			{"צה״ל ד\"ר ג׳ורג׳", []string{"צהל", "דר", "גורג"}},
			{"100% better & <b>well</b>", []string{"100%", "better & <b>", "well"}},
		} {
			n := p.note(obj{"assessment": c.text})
			for _, q := range c.queries {
				p.wantFound(q, nil, n)
			}
			p.remove(n, nil).Want(k, 204)
			p.wantFound(c.queries[0], nil) // what is in the trash is not found
		}
	})
}

func TestSearchFindsWhatTheNoteSaysNow(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		n := p.note(obj{"plan": "first words"})
		n = p.save(n, obj{"plan": "second words"})
		p.wantFound("first", nil)
		p.wantFound("second", nil, n)
		n = p.sign(n)
		p.wantFound("second", nil, n)
		n = p.amend(n, obj{"plan": "third words"})
		p.wantFound("second", nil)
		f := p.wantFound("third", nil, p.void(n))
		same(k, f.Matches[0].Session, obj{"status": "entered_in_error"})
	})
}

func TestSearchNewestFirstAndFiltered(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		other := k.AddClient(k.Workspace1.ID, model.Client{Contact: model.Contact{FirstName: "Noa", LastName: "Levi"}}).ID.String()
		old := p.note(obj{"plan": "pain", "session_date": p.ago(3 * time.Hour)})
		recent := p.signed(obj{"subjective": "pain", "session_date": p.ago(time.Hour)})
		hers := p.note(obj{"client_id": other, "plan": "pain", "session_date": p.ago(2 * time.Hour)})
		p.wantFound("pain", nil, recent, hers, old)
		p.wantFound("pain", obj{"client_id": other}, hers)
		p.wantFound("pain", obj{"client_id": k.Client1.ID.String()}, recent, old)
		p.wantFound("pain", obj{"sections": []any{"plan"}}, hers, old)
		p.wantFound("pain", obj{"sections": []any{"objective", "assessment"}})
		f := p.wantFound("pain", obj{"limit": 2}, recent, hers)
		if !f.Truncated {
			t.Error("it does not say that there is more")
		}
		if f := p.wantFound("pain", obj{"limit": 3}, recent, hers, old); f.Truncated || f.Scanned != 3 {
			t.Errorf("%+v", f)
		}
		as(k, k.User2).wantFound("pain", nil)
	})
}

func TestSearchRefuses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		for _, c := range []struct {
			body obj
			want string
		}{
			{obj{}, "body.query required"}, {obj{"query": ""}, "body.query required"}, {obj{"query": " \n"}, "body.query required"},
			{obj{"query": "%"}, "body.query required"}, {obj{"query": strings.Repeat("ש", 201)}, "body.query too_long"},
			{obj{"query": 7}, "body.query type"}, {obj{"query": "x", "limit": 51}, "body.limit range"}, {obj{"query": "x", "limit": -1}, "body.limit range"},
			{obj{"query": "x", "sections": []any{}}, "body.sections required"}, {obj{"query": "x", "sections": []any{"nose"}}, "body.sections choice"},
			{obj{"query": "x", "client_id": "nonsense"}, "body.client_id uuid"}, {obj{"query": "x", "page": 1}, "body.unknown unknown_field"},
		} {
			got := wrong(k, k.Ask(http.MethodPost, "/sessions/search", p.h, c.body))
			if !slices.Equal(got, []string{c.want}) && !slices.Equal(got, []string{strings.Replace(c.want, "body.", "query.", 1)}) {
				t.Errorf("%v: %q, want %s", c.body, got, c.want)
			}
		}
		p.search(strings.Repeat("ש", 200), nil)
		for _, id := range []string{k.Client2.ID.String(), "20000000-0000-0000-0000-00000000ffff"} {
			k.Ask(http.MethodPost, "/sessions/search", p.h, obj{"query": "x", "client_id": id}).WantCode(k, 404, "not_found")
		}
	})
}

func TestSearchExcerpts(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		filler := strings.Repeat("שלום עולם ", 60)
		for _, c := range []struct{ text, query, hit string }{
			{"short", "short", "short"},
			{filler + "כאבֵי ראשׁ" + filler, "כאבי ראש", "כאבֵי ראשׁ"},
			{"needle " + filler, "needle", "needle"},
			{filler + "needle", "NEEDLE", "needle"},
			{strings.Repeat("x", 5000) + "needle" + strings.Repeat("y", 4000), "needle", "needle"},
			{filler + "l'é-\n\nPaule" + filler, "le paule", "l'é-\n\nPaule"},
			{strings.Repeat("ab ", 3000), strings.Repeat("ab ", 60), ""},
		} {
			n := p.note(obj{"objective": c.text})
			e := p.wantFound(c.query, nil, n).Matches[0].Excerpts[0]
			if n := utf8.RuneCountInString(e.Text); n > 160 || !strings.Contains(e.Text, e.Hit) || (c.hit != "" && e.Hit != c.hit) {
				t.Errorf("%q: %d characters %q, hit %q", c.query, n, e.Text, e.Hit)
			}
			if plain := strings.Trim(e.Text, "…"); !strings.Contains(c.text, plain) {
				t.Errorf("%q: the excerpt is not of the text: %q", c.query, e.Text)
			}
			if cut := strings.HasPrefix(e.Text, "…"); cut == strings.HasPrefix(c.text, strings.Trim(e.Text, "…")) && !strings.HasPrefix(c.text, "ab") {
				t.Errorf("%q: the beginning is not told: %q", c.query, e.Text)
			}
			p.remove(n, nil).Want(k, 204)
		}
	})
}

// Fifty notes at most are answered, however many match.
func TestSearchAnswersFifty(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		k.AddNotes(k.User1, k.Client1.ID, 60, func(i int) model.Sections { return model.Sections{Plan: model.Text(fmt.Sprint("pain ", i))} })
		if f := p.search("pain", nil); len(f.Matches) != 50 || !f.Truncated || f.Scanned != 51 {
			t.Errorf("%d matches, %d scanned, truncated %v", len(f.Matches), f.Scanned, f.Truncated)
		}
		if f := p.search("pain 59", nil); len(f.Matches) != 1 || f.Truncated || f.Scanned != 60 {
			t.Errorf("%d matches, %d scanned, truncated %v", len(f.Matches), f.Scanned, f.Truncated)
		}
	})
}

// The scan stops at the newest five thousand, and says so.
func TestSearchScansFiveThousand(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		k.AddNotes(k.User1, k.Client1.ID, 5001, func(i int) model.Sections { return model.Sections{Plan: model.Text(fmt.Sprint("note ", i, "."))} })
		// The first one made is the newest.
		if f := p.search("note 0", nil); len(f.Matches) != 1 || !f.Truncated || f.Scanned != 5000 {
			t.Errorf("%d matches, %d scanned, truncated %v", len(f.Matches), f.Scanned, f.Truncated)
		}
		if f := p.search("note 5000", nil); len(f.Matches) != 0 || !f.Truncated {
			t.Errorf("%d matches, truncated %v", len(f.Matches), f.Truncated)
		}
	})
}

// Words about health are in no log and in no audit entry.
func TestSearchLeavesNoWords(t *testing.T) {
	testkit.Each(t, func(t *testing.T, k *testkit.Kit) {
		p := writes(k)
		p.note(obj{"plan": "Zipporah-4711 again"})
		p.search("zipporah-4711", nil)
		k.Ask(http.MethodPost, "/sessions/search", p.h, obj{"query": "zipporah-4711", "limit": 99}).Want(k, 422)
		if log := strings.ToLower(k.Log.String()); strings.Contains(log, "zipporah") || strings.Contains(log, "4711") {
			t.Error("the log holds the query")
		}
		rows := strings.ToLower(fmt.Sprint(k.DB.Rows("select * from audit_events"), k.DB.Rows("select * from sessions")))
		if strings.Contains(rows, "zipporah") {
			t.Error("the database holds the query")
		}
	})
}
