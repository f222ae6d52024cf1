package model

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Bounds of a search inside notes.
const (
	// MaxScanned is how many notes a search looks into, the newest first.
	MaxScanned = 5000
	// MaxMatches is the most notes that a search answers with.
	MaxMatches = 50
	// MaxExcerpt bounds the words around a hit, in characters.
	MaxExcerpt = 160
	// MaxQuery bounds what is looked for, in characters.
	MaxQuery = 200
)

// NoteSearch is what to look for inside notes.
type NoteSearch struct {
	Query Text
	// ClientID is zero for all clients.
	ClientID uuid.UUID
	// Sections are some of SectionNames; none means all.
	Sections []string
	// Limit is 1 to MaxMatches.
	Limit int
}

// Normalize judges the search and fills what was left out.
func (s NoteSearch) Normalize() (NoteSearch, error) {
	var bad []Field
	switch {
	case strings.ContainsRune(string(s.Query), 0):
		bad = append(bad, Field{"query", "characters", unstorable})
	case Fold(string(s.Query)) == "":
		bad = append(bad, Field{"query", "required", "Must hold a letter or a digit."})
	case utf8.RuneCountInString(string(s.Query)) > MaxQuery:
		bad = append(bad, Field{"query", "too_long", "Must have at most 200 characters."})
	}
	if s.Sections, bad = chosen(s.Sections, bad); s.Limit == 0 {
		s.Limit = MaxMatches
	}
	bad = within("limit", s.Limit, 1, MaxMatches, bad)
	return s, InvalidFields(bad)
}

// ChooseSections judges a choice of sections; nil chooses all.
func ChooseSections(names []string) ([]string, error) {
	names, bad := chosen(names, nil)
	return names, InvalidFields(bad)
}

func chosen(names []string, bad []Field) ([]string, []Field) {
	if names == nil {
		return SectionNames, bad
	}
	if len(names) == 0 {
		bad = append(bad, Field{"sections", "required", "Must name a section."})
	}
	for _, name := range names {
		if !slices.Contains(SectionNames, name) {
			return nil, append(bad, Field{"sections", "choice", "Must be of subjective, objective, assessment and plan."})
		}
	}
	return names, bad
}

// Excerpt is a hit in a section, with the words around it.
type Excerpt struct {
	Section string
	// Text is a piece of the section as it was written, at most MaxExcerpt
	// characters; an ellipsis stands for what was left out.
	Text Text
	// Hit is the part of Text that was found.
	Hit Text
}

// Finder looks for one query in many notes. It is for one goroutine.
type Finder struct {
	query    []byte   // folded
	trigrams []uint32 // of the query, by their hash
	sections []string
	buf      []byte
}

// NewFinder returns the Finder of a search that Normalize has passed.
func NewFinder(s NoteSearch) *Finder {
	query := FoldInto(nil, string(s.Query))
	return &Finder{query: query, trigrams: slices.Collect(trigramsIn(query)), sections: s.Sections}
}

// In returns the first hit in each section that has one.
func (f *Finder) In(s *Sections) []Excerpt {
	var hits []Excerpt
	for _, name := range SectionNames {
		text := string(*s.Section(name))
		if len(text) == 0 || !slices.Contains(f.sections, name) {
			continue
		}
		f.buf = FoldInto(f.buf[:0], text)
		if at := bytes.Index(f.buf, f.query); at >= 0 {
			from, to := f.place(text, at)
			hits = append(hits, excerpt(name, text, from, to))
		}
	}
	return hits
}

// place returns where in text the hit is that starts at a byte of the folded
// text. Folding goes from left to right, so a longer beginning of the text
// never folds to less.
func (f *Finder) place(text string, at int) (from, to int) {
	from = f.reaches(text, at+1)
	to = f.reaches(text, at+len(f.query))
	_, size := utf8.DecodeRuneInString(text[to:])
	to += size
	for to < len(text) { // the marks of the last letter belong to it
		r, size := utf8.DecodeRuneInString(text[to:])
		if !unicode.Is(unicode.Mn, r) {
			break
		}
		to += size
	}
	return from, to
}

// reaches returns the start of the first rune with which the beginning of the
// text folds to n bytes.
func (f *Finder) reaches(text string, n int) int {
	fold := folder{out: f.buf[:0]}
	for i := 0; i < len(text); {
		_, size := utf8.DecodeRuneInString(text[i:])
		next := fold.known(text, i, i+size)
		known := next > i
		if !known {
			next = unknownEnd(text, i)
			fold.slow(text[i:next])
		}
		f.buf = fold.out
		switch {
		case len(fold.out) < n:
			i = next
		case known:
			return i
		default:
			return f.reachesWithin(text, n, i, next)
		}
	}
	return len(text)
}

// reachesWithin is reaches for a rune that is between two places.
func (f *Finder) reachesWithin(text string, n, low, high int) int {
	for low < high {
		middle := low + (high-low)/2
		for middle > low && !utf8.RuneStart(text[middle]) {
			middle--
		}
		_, size := utf8.DecodeRuneInString(text[middle:])
		f.buf = FoldInto(f.buf[:0], text[:middle+size])
		if len(f.buf) >= n {
			high = middle
		} else {
			low = middle + size
		}
	}
	return low
}

// excerpt cuts out the hit with as much around it as there is room for, at
// spaces where there are some.
func excerpt(section, text string, from, to int) Excerpt {
	hit := text[from:to]
	if short := beginning(hit, MaxExcerpt-2); short < len(hit) {
		hit = hit[:short]
		to = from + len(hit)
	}
	room := (MaxExcerpt - 2 - utf8.RuneCountInString(hit)) / 2
	before, after := lastRunes(text[:from], room), firstRunes(text[to:], room)
	return Excerpt{section, Text(before + hit + after), Text(hit)}
}

func firstRunes(s string, n int) string {
	end := beginning(s, n)
	if end == len(s) {
		return s
	}
	s = s[:end]
	if i := strings.LastIndexFunc(s, unicode.IsSpace); i > len(s)/2 {
		s = s[:i]
	}
	return s + "…"
}

func lastRunes(s string, n int) string {
	start := ending(s, n)
	if start == 0 {
		return s
	}
	s = s[start:]
	if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 && i < len(s)/2 {
		s = strings.TrimLeftFunc(s[i:], unicode.IsSpace)
	}
	return "…" + s
}

// beginning is where the first n runes end; a text may be long, so no more of
// it is looked at.
func beginning(s string, n int) (end int) {
	for ; n > 0 && end < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return end
}

// ending is where the last n runes start.
func ending(s string, n int) (start int) {
	for start = len(s); n > 0 && start > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:start])
		start -= size
	}
	return start
}
