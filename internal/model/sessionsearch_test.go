package model_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pazpaz/internal/model"

	"pgregory.net/rapid"
)

func TestSearchesAreJudged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   model.NoteSearch
		want []string
	}{
		{"a word", model.NoteSearch{Query: "pain"}, nil},
		{"all there is", model.NoteSearch{Query: model.Text(strings.Repeat("ש", 200)), Sections: []string{"plan"}, Limit: 50}, nil},
		{"nothing", model.NoteSearch{}, []string{"query required"}},
		{"signs", model.NoteSearch{Query: " %'\" "}, []string{"query required"}},
		{"too long", model.NoteSearch{Query: model.Text(strings.Repeat("ש", 201))}, []string{"query too_long"}},
		{"no such section", model.NoteSearch{Query: "x", Sections: []string{"plan", "nose"}}, []string{"sections choice"}},
		{"no section", model.NoteSearch{Query: "x", Sections: []string{}}, []string{"sections required"}},
		{"too many", model.NoteSearch{Query: "x", Limit: 51}, []string{"limit range"}},
		{"everything wrong", model.NoteSearch{Sections: []string{"nose"}, Limit: -1}, []string{"query required", "sections choice", "limit range"}},
	} {
		got, err := c.in.Normalize()
		if !slices.Equal(fieldsOf(err), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err == nil && (got.Limit < 1 || len(got.Sections) == 0) {
			t.Errorf("%s: filled as %+v", c.name, got)
		}
	}
}

func finder(t *testing.T, query string, sections ...string) *model.Finder {
	t.Helper()
	s, err := model.NoteSearch{Query: model.Text(query), Sections: sections}.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	return model.NewFinder(s)
}

func TestHitsAreThePlaceInTheText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, query, hit string }{
		{"plain", "plain", "plain"},
		{"a plain text", "PLAIN", "plain"},
		{"Décrit une gêne", "gene", "gêne"},
		{"De\u0301crit", "decrit", "De\u0301crit"},
		{"כאב בַּגַּב.", "בגב", "בַּגַּב"},
		{"שלוֹם", "שלום", "שלוֹם"},
		{"neck -- pain", "neck pain", "neck -- pain"},
		{"l'épaule", "lepaule", "l'épaule"},
		{"ﬁbre", "ibre", "ﬁbre"}, // half of a ligature
		{"½ cup", "12 cup", ""},
		{"aaa", "aa", "aa"},
		{"x", "y", ""},
	} {
		hits := finder(t, c.query).In(&model.Sections{Assessment: model.Text(c.text)})
		if c.hit == "" {
			if len(hits) != 0 {
				t.Errorf("%q in %q: %q", c.query, c.text, string(hits[0].Hit))
			}
			continue
		}
		if len(hits) != 1 || string(hits[0].Hit) != c.hit || hits[0].Section != "assessment" || string(hits[0].Text) != c.text {
			t.Errorf("%q in %q: %d hits", c.query, c.text, len(hits))
		}
	}
}

func TestHitsSectionBySection(t *testing.T) {
	t.Parallel()
	s := &model.Sections{Subjective: "pain", Objective: "no", Assessment: "Pain and pain", Plan: "ain"}
	for want, f := range map[string]*model.Finder{
		"subjective assessment": finder(t, "pain"), "assessment": finder(t, "pain", "assessment", "plan"), "": finder(t, "pain no"),
	} {
		var got []string
		for _, h := range f.In(s) {
			got = append(got, h.Section)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("found in %q, want %q", got, want)
		}
	}
}

// Whatever the text: an excerpt is short, holds the hit, and the hit folds to
// what was looked for.
func TestExcerptsOfAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		before, word, after := anyText().Draw(rt, "before"), anyText().Draw(rt, "word"), anyText().Draw(rt, "after")
		before = strings.Repeat(before, rapid.IntRange(1, 40).Draw(rt, "times"))
		text := strings.ToValidUTF8(before+" "+word+" "+after, "")
		query := model.Fold(word)
		if query == "" || utf8.RuneCountInString(query) > 100 {
			return
		}
		hits := finder(t, query).In(&model.Sections{Plan: model.Text(text)})
		if len(hits) != 1 {
			rt.Fatalf("%q is not found in %q", query, text)
		}
		h := hits[0]
		if utf8.RuneCountInString(string(h.Text)) > model.MaxExcerpt || !strings.Contains(string(h.Text), string(h.Hit)) || !utf8.ValidString(string(h.Text)) {
			rt.Fatalf("%q: excerpt %q, hit %q", query, string(h.Text), string(h.Hit))
		}
		if utf8.RuneCountInString(string(h.Hit)) < model.MaxExcerpt-2 && !strings.Contains(model.Fold(string(h.Hit)), query) {
			rt.Fatalf("the hit %q folds to %q, not to %q", string(h.Hit), model.Fold(string(h.Hit)), query)
		}
		if !strings.Contains(text, strings.TrimSuffix(strings.TrimPrefix(string(h.Text), "…"), "…")) && !strings.Contains(text, "…") {
			rt.Fatalf("the excerpt %q is not of the text", string(h.Text))
		}
	})
}
