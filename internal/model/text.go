package model

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const redacted = "[redacted]"

// Text is personal or health data. It prints as [redacted] in every fmt verb
// and in slog, so a log line cannot leak it by accident; convert it to string
// on purpose where it is meant to be seen.
type Text string

// Format writes [redacted] whatever the verb.
func (Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue makes slog print [redacted].
func (Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText fails: a JSON log writes a record that it is given as JSON, and
// looks for LogValue on the record alone, not on what is in it.
func (Text) MarshalText() ([]byte, error) {
	return nil, errors.New("personal data is converted to string before it is written as text")
}

// rule is how one text field is judged.
type rule struct {
	name     string
	max      int // in runes
	required bool
	lines    bool // line breaks and tabs are allowed
}

const unstorable = "Holds characters that cannot be stored."

// clean returns the value as it is stored: NFC, with surrounding space
// removed. It appends to bad what is wrong with it.
func (r rule) clean(v Text, bad []Field) (Text, []Field) {
	s := string(v)
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return v, append(bad, Field{r.name, "characters", unstorable})
	}
	s = strings.TrimSpace(norm.NFC.String(strings.Map(r.plainMark, s)))
	switch {
	case r.required && !strings.ContainsFunc(s, visible):
		bad = append(bad, Field{r.name, "required", "Must not be empty."})
	case utf8.RuneCountInString(s) > r.max:
		bad = append(bad, Field{r.name, "too_long", fmt.Sprintf("Must have at most %d characters.", r.max)})
	case strings.ContainsFunc(s, r.forbidden):
		bad = append(bad, Field{r.name, "characters", "Holds control characters."})
	}
	return Text(s), bad
}

// visible reports runes that leave a mark on paper; a name of zero-width and
// direction characters would be a line in a list that nobody can see.
func visible(c rune) bool { return unicode.IsGraphic(c) && !unicode.IsSpace(c) }

// forbidden reports control characters; some fields may hold line breaks.
func (r rule) forbidden(c rune) bool {
	if r.lines && (c == '\n' || c == '\r' || c == '\t') {
		return false
	}
	return unicode.IsControl(c)
}

// plainMark drops the marks that turn the direction of text. Address books put
// them around numbers that people copy, and they can make a name read as
// something else than it is. Texts of several lines keep isolates, which end
// with their line: without them a number inside Hebrew reads in another order.
func (r rule) plainMark(c rune) rune {
	isolate := c >= '\u2066' && c <= '\u2069'
	if (c >= '\u202a' && c <= '\u202e') || (isolate && !r.lines) {
		return -1
	}
	return c
}
