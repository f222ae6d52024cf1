package model_test

import (
	"fmt"
	"strings"
	"testing"

	"pazpaz/internal/model"

	"pgregory.net/rapid"
)

// What is found in a note passes its filter, whatever both are: the filter
// decides which notes are not read at all.
func TestNothingIsMissedByTrigrams(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Repeat(anyText().Draw(rt, "text"), rapid.IntRange(1, 40).Draw(rt, "times"))
		s := &model.Sections{Objective: model.Text(anyText().Draw(rt, "other")), Plan: model.Text(text)}
		folded := []rune(model.Fold(text))
		if len(folded) == 0 {
			return
		}
		from := rapid.IntRange(0, len(folded)-1).Draw(rt, "from")
		query := string(folded[from:min(len(folded), from+rapid.IntRange(1, 100).Draw(rt, "length"))])
		if model.Fold(query) == "" {
			return
		}
		f := finder(t, query)
		if len(f.In(s)) > 0 && !f.MayFind(model.TrigramsOf(s)) {
			rt.Fatalf("%q is in %q, and its filter says no", query, text)
		}
	})
}

func TestTrigramsTellWhatIsNotThere(t *testing.T) {
	t.Parallel()
	texts := map[string]string{
		"English": "Reports less pain in the lumbar region since the last visit; slept better, up to six hours. ",
		"Hebrew":  "כאב בכתף ימין בהרמה מעל גובה הראש, ללא הקרנה. ישן טוב יותר, עד שש שעות. ",
	}
	for language, text := range texts {
		filter := model.TrigramsOf(&model.Sections{Subjective: model.Text(text), Plan: model.Text(text)})
		for _, there := range []string{text, text[:len(text)/4], "x"} { // one letter says nothing
			if !finder(t, strings.ToValidUTF8(there, "")).MayFind(filter) {
				t.Errorf("%s: the filter does not know %q", language, there)
			}
		}
		passed := 0
		for n := range 10_000 {
			if finder(t, fmt.Sprintf("exercise %d", n)).MayFind(filter) {
				passed++
			}
		}
		if passed > 10 {
			t.Errorf("%s: %d of 10,000 words that are not there pass", language, passed)
		}
		if bytes := len(filter) * 8; bytes > 2*len(text) || bytes < 64 {
			t.Errorf("%s: a filter of %d bytes for %d", language, bytes, len(text))
		}
	}
}

// However long a note is, its filter has a bound, and an empty one costs next
// to nothing.
func TestTrigramsAreBounded(t *testing.T) {
	t.Parallel()
	var long strings.Builder
	for n := range 20_000 {
		fmt.Fprintf(&long, "%x ", n*n)
	}
	for name, c := range map[string]struct {
		text string
		most int
	}{"nothing": {"", 1}, "two letters": {"ab", 1}, "very long": {long.String(), 512}} {
		filter := model.TrigramsOf(&model.Sections{Plan: model.Text(c.text)})
		if len(filter) > c.most {
			t.Errorf("%s: %d words, want at most %d", name, len(filter), c.most)
		}
		if finder(t, "nowhere").MayFind(filter) {
			t.Errorf("%s: it knows a word that is not there", name)
		}
	}
}
