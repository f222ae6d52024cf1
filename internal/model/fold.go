package model

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// finals maps the Hebrew letters that change at the end of a word to their
// usual form, so that a name is found by any part of it.
var finals = map[rune]rune{'ך': 'כ', 'ם': 'מ', 'ן': 'נ', 'ף': 'פ', 'ץ': 'צ'}

// Fold returns s for comparing: lower case, without accents and niqqud, with
// Hebrew final letters as usual ones, punctuation as space, spaces single.
func Fold(s string) string { return string(FoldInto(make([]byte, 0, len(s)), s)) }

// FoldInto appends the folded s to dst, which saves searches of long texts a
// copy of each.
func FoldInto(dst []byte, s string) []byte {
	f := folder{out: dst, start: len(dst)}
	for i := 0; i < len(s); {
		if i = f.known(s, i, len(s)); i < len(s) {
			end := unknownEnd(s, i)
			f.slow(s[i:end])
			i = end
		}
	}
	return f.out
}

// folder is a text that is being folded.
type folder struct {
	out   []byte
	start int
	space bool // one is due before the next letter
}

func (f *folder) put(r rune) {
	switch {
	case r == dropped:
		return
	case r == ' ':
		f.space = len(f.out) > f.start
		return
	case f.space:
		f.out = append(f.out, ' ')
		f.space = false
	}
	f.out = utf8.AppendRune(f.out, r)
}

// known folds what the table knows between i and end, and returns where it
// stops.
func (f *folder) known(s string, i, end int) int {
	out, space := f.out, f.space
	for i < end {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = short(s[i:])
		}
		to := quick[r]
		if to == notHere {
			break
		}
		i += size
		switch {
		case to == dropped:
			continue
		case to == ' ':
			space = len(out) > f.start
			continue
		case space:
			out, space = append(out, ' '), false
		}
		if to < utf8.RuneSelf {
			out = append(out, byte(to)) //nolint:gosec // G115: it is ASCII
		} else {
			out = utf8.AppendRune(out, to)
		}
	}
	f.out, f.space = out, space
	return i
}

// unknownEnd is the end of what no table has, up to the next rune that could
// be in it.
func unknownEnd(s string, i int) int {
	for i++; i < len(s) && s[i] >= utf8.RuneSelf && !leadsShort(s[i]); {
		i++
	}
	return i
}

// slow folds by the tables of Unicode.
func (f *folder) slow(s string) {
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) { // norm gives up at a cut letter
		f.put(foldRune(r))
	}
}

const (
	dropped = rune(0)
	notHere = rune(-1)
)

// foldRune returns what a decomposed rune becomes: dropped for marks and for
// the apostrophes that people leave out, a space for what stands between
// words.
func foldRune(r rune) rune {
	switch {
	case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’' || r == '׳' || r == '״' || r == '"':
		return dropped
	case !unicode.IsLetter(r) && !unicode.IsNumber(r):
		return ' '
	}
	r = unicode.ToLower(r)
	if usual, ok := finals[r]; ok {
		return usual
	}
	return r
}

// quickEnd is the end of what two bytes can hold and quick knows: Latin, Greek,
// Cyrillic, Hebrew. The last place stands for all that it does not know.
const quickEnd = 0x600

// quick holds what each rune folds to; notHere where that is several.
var quick = func() (table [quickEnd + 1]rune) {
	for r := range rune(quickEnd) {
		to := dropped
		for _, part := range norm.NFKD.String(string(r)) {
			switch folded := foldRune(part); {
			case folded == dropped:
			case to == dropped:
				to = folded
			default:
				to = notHere
			}
		}
		table[r] = to
	}
	table[quickEnd] = notHere
	return table
}()

// short decodes a rune of two bytes that quick knows; any other is quickEnd.
func short(s string) (r rune, size int) {
	if len(s) < 2 || !leadsShort(s[0]) || s[1]&0xc0 != 0x80 {
		return quickEnd, 1
	}
	return rune(s[0]&0x1f)<<6 | rune(s[1]&0x3f), 2
}

func leadsShort(b byte) bool { return b >= 0xc2 && b < 0xc0+quickEnd>>6 }

// Digits returns the digits of s in ASCII, whatever script they are in, so
// that phone numbers compare without dashes and brackets.
func Digits(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		if unicode.IsDigit(r) {
			b.WriteByte(digit(r))
		}
	}
	return b.String()
}

// digit returns the ASCII form of a decimal digit. Unicode keeps the ten of
// each script in a row, so its distance from the row's start is its value.
func digit(r rune) byte {
	n := byte(0)
	for unicode.IsDigit(r - 1) {
		r--
		n++
	}
	return '0' + n
}
