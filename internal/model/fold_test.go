package model_test

import (
	"strings"
	"testing"
	"unicode"

	"pazpaz/internal/model"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"only punctuation", " -.,!? ", ""},
		{"case", "McDONALD", "mcdonald"},
		{"accents", "José Müller Čapek", "jose muller capek"},
		{"accents that are written apart", "Jose\u0301 Mu\u0308ller", "jose muller"},
		{"letters that are no accents", "Øre Łódź Straße", "øre łodz straße"},
		{"ligatures", "ﬁona", "fiona"},
		{"Turkish capital", "İpek", "ipek"},
		{"Greek", "ΆΛΦΑ", "αλφα"},
		{"Cyrillic", "ЁЖ Йод", "еж иод"},
		{"full-width letters", "Ｊｏｈｎ", "john"},
		{"full-width digits", "１２３", "123"},
		{"niqqud", "שָׁלוֹם", "שלומ"},
		{"cantillation marks", "בְּרֵאשִׁ֖ית", "בראשית"},
		{"presentation forms", "\ufb2a\ufb31\ufb4b", "שבו"},
		{"final letters", "ברוך אלון כץ יוסף מרים", "ברוכ אלונ כצ יוספ מרימ"},
		{"final letters inside a word", "אםא", "אמא"},
		{"maqaf", "בן־דוד", "בנ דוד"},
		{"hyphens and dashes", "Anne-Marie Saint–Clair", "anne marie saint clair"},
		{"geresh", "ג׳ורג׳", "גורג"},
		{"gershayim", "צה״ל", "צהל"},
		{"typewriter geresh and gershayim", `ג'ורג' ד"ר`, "גורג דר"},
		{"apostrophes", "O'Connor O’Connor", "oconnor oconnor"},
		{"spaces of all kinds", "\t a\u00a0b\u2003 c \n", "a b c"},
		{"direction marks", "\u200fדן\u200e כהן", "דנ כהנ"},
		{"symbols", "a+b=c₪", "a b c"},
		{"emoji", "Dana 🙂 Levi", "dana levi"},
		{"Chinese", "李小龍", "李小龍"},
		{"broken UTF-8", "a\xffb", "a b"},
		{"a letter that is cut", strings.Repeat("0", 168) + "\xf0Ǌ", strings.Repeat("0", 168) + " nj"},
		{"NUL", "a\x00b", "a b"},
	} {
		if got := model.Fold(c.in); got != c.want {
			t.Errorf("%s: %q folds to %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"no digit", "ext. abc", ""},
		{"plain", "0501234567", "0501234567"},
		{"dashes and brackets", "(050) 123-45.67", "0501234567"},
		{"country code", "+972 50 123 4567", "972501234567"},
		{"full-width", "０５０－１２３", "050123"},
		{"Arabic", "٠٥٠١٢٣٤٥٦٧٨٩", "050123456789"},
		{"Persian", "۰۹۱۲", "0912"},
		{"Devanagari", "०९", "09"},
		{"mathematical", "𝟎𝟗𝟘𝟡", "0909"},
		{"superscript", "x²", "2"},
		{"direction marks", "\u202a050\u202c", "050"},
		{"broken UTF-8", "1\xff2", "12"},
		{"Roman numerals are letters", "Ⅻ", ""},
	} {
		if got := model.Digits(c.in); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

// anyText leans on what folding is about: marks, forms and odd spaces.
func anyText() *rapid.Generator[string] {
	odd := []rune("aAéÉßİıǅﬁ½①Ⅷ²ªΣςσϲϴẞKÅΩ'’\"׳״־-– \u00a0\u200f\u2028אםםןףץךשׁשַּﭏ٠۵０\u0301\u0307\u05b8\u05c1가각ᄀ🙂\x00")
	return rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom(odd)))
}

func TestFoldProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { checkFold(t, anyText().Draw(t, "s")) })
}

type failer interface {
	Fatalf(format string, args ...any)
}

// checkFold holds for every string.
func checkFold(t failer, s string) {
	folded := model.Fold(s)
	if again := model.Fold(folded); again != folded {
		t.Fatalf("%q folds to %q, and that to %q", s, folded, again)
	}
	if other := model.Fold(norm.NFD.String(s)); other != folded {
		t.Fatalf("%q folds to %q, written apart to %q", s, folded, other)
	}
	if strings.TrimSpace(folded) != folded || strings.Contains(folded, "  ") {
		t.Fatalf("%q folds to %q, with loose spaces", s, folded)
	}
	for _, r := range folded {
		if r != ' ' && !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			t.Fatalf("%q folds to %q, which holds %U", s, folded, r)
		}
	}
	digits := model.Digits(s)
	if strings.Trim(digits, "0123456789") != "" || model.Digits(digits) != digits {
		t.Fatalf("%q has the digits %q", s, digits)
	}
}

// plainFold is the rule alone, without tables.
func plainFold(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) {
		switch {
		case unicode.Is(unicode.Mn, r) || strings.ContainsRune(`'"’׳״`, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		r = unicode.ToLower(r)
		if i := strings.IndexRune("ךםןףץ", r); i >= 0 {
			r = []rune("כמנפצ")[i/2]
		}
		b.WriteRune(r)
	}
	return b.String()
}

func TestFoldIsThePlainRule(t *testing.T) {
	t.Parallel()
	for r := rune(0); r < 0x3000; r++ {
		for _, s := range []string{string(r), "a" + string(r) + "b", string(r) + "\u0301" + string(r)} {
			if got, want := model.Fold(s), plainFold(s); got != want {
				t.Fatalf("%U in %q folds to %q, by the rule to %q", r, s, got, want)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := anyText().Draw(t, "s") + string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		if got, want := model.Fold(s), plainFold(s); got != want {
			t.Fatalf("%q folds to %q, by the rule to %q", s, got, want)
		}
		if got := string(model.FoldInto([]byte("x "), s)); got != "x "+model.Fold(s) {
			t.Fatalf("%q appended is %q", s, got)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for name, text := range map[string]string{
		"english": "The client reports pain in the lower back, 6/10, worse when sitting. ", "hebrew": "המטופלת מדווחת על כאב בגב התחתון, 6 מתוך 10, בישיבה. ",
		"french": "La patiente décrit une gêne à l'épaule, surtout après l'effort. ",
	} {
		text = strings.Repeat(text, 20)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var buf []byte
			for b.Loop() {
				buf = model.FoldInto(buf[:0], text)
			}
		})
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "José", "שָׁלוֹם בן־דוד", "O'Connor", "+972 50-123", "٠٥٠", "ϲΣς", "\xff\x00", "0\xf0Ǌ", "ﷺ", "각ᄀ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkFold(t, s) })
}
