package model

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The place in a text is that of the shortest beginning which folds to so much.
func TestReachesIsTheShortestBeginning(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune("ab .'-éאםַךﬁ½한\u0301\u200d🧘İ")), rapid.Rune()), 0, 30, -1).Draw(t, "text")
		f := &Finder{}
		for n := 1; n <= len(Fold(text)); n++ {
			want := 0
			for i := range text {
				want = i
				_, size := utf8.DecodeRuneInString(text[i:])
				if len(Fold(text[:i+size])) >= n {
					break
				}
			}
			if got := f.reaches(text, n); got != want {
				t.Fatalf("%q reaches %d bytes at %d, want %d", text, n, got, want)
			}
		}
	})
}
