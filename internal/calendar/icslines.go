package calendar

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lineOctets is the longest line without its end.
const lineOctets = 75

// lines are the content lines of iCalendar.
type lines struct{ buf bytes.Buffer }

// text writes a property with any text in it.
func (l *lines) text(name, value string) { l.put(name, escape(value)) }

// put writes a property whose value is as the format wants it, folded so that
// no character is cut.
func (l *lines) put(name, value string) {
	rest, room := name+":"+value, lineOctets
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		l.buf.WriteString(rest[:cut] + "\r\n ")
		rest, room = rest[cut:], lineOctets-1
	}
	l.buf.WriteString(rest + "\r\n")
}

// escape makes TEXT of any string: line breaks of every kind become \n, other
// control characters go, bytes that are no UTF-8 become replacement
// characters. Nothing in it can end the line.
func escape(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == '\\' || c == ';' || c == ',':
			b.WriteRune('\\')
			b.WriteRune(c)
		case strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", c):
			b.WriteString(`\n`)
		case c == '\t' || !unicode.IsControl(c):
			b.WriteRune(c)
		}
	}
	return b.String()
}
