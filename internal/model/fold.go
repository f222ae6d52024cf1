package model

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// finals maps the Hebrew letters that change at the end of a word to their
// usual form, so that a name is found by any part of it.
var finals = map[rune]rune{'ך': 'כ', 'ם': 'מ', 'ן': 'נ', 'ף': 'פ', 'ץ': 'צ'}

// Fold returns s for comparing: lower case, without accents and niqqud, with
// Hebrew final letters as usual ones, punctuation as space, spaces single.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) { // norm gives up at a cut letter
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’' || r == '׳' || r == '״' || r == '"':
			continue // marks and the apostrophes that people leave out
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		r = unicode.ToLower(r)
		if f, ok := finals[r]; ok {
			r = f
		}
		b.WriteRune(r)
	}
	return b.String()
}

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
