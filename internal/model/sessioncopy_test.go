package model_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pazpaz/internal/model"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

var sourceA, sourceB = uuid.MustParse("30000000-0000-0000-0000-00000000000a"), uuid.MustParse("30000000-0000-0000-0000-00000000000b")

// marksOf writes marks as "plan a[1 2]".
func marksOf(c model.SessionContent) string {
	var all []string
	for _, m := range c.Copied {
		from := m.From.String()
		all = append(all, fmt.Sprint(m.Section, " ", from[len(from)-1:], m.Lines))
	}
	return strings.Join(all, " ")
}

func planOf(text string) model.SessionContent {
	return model.SessionContent{Sections: model.Sections{Plan: model.Text(text)}}
}

func TestCopyFrom(t *testing.T) {
	t.Parallel()
	a := model.Session{ID: sourceA, SessionContent: model.SessionContent{Sections: model.Sections{Subjective: "s", Plan: "p1\n\np2"}}}
	b := model.Session{ID: sourceB, SessionContent: planOf("q")}
	all := model.SectionNames
	for _, c := range []struct {
		name  string
		got   model.SessionContent
		plan  string
		marks string
	}{
		{"into nothing", planOf("").CopyFrom(a, all), "p1\n\np2", "subjective a[1] plan a[1 3]"},
		{"behind words", planOf("mine").CopyFrom(a, all), "mine\n\np1\n\np2", "subjective a[1] plan a[3 5]"},
		{"one section", planOf("mine").CopyFrom(a, []string{"plan"}), "mine\n\np1\n\np2", "plan a[3 5]"},
		{"a section that is empty there", planOf("mine").CopyFrom(a, []string{"objective"}), "mine", ""},
		{"from two", planOf("").CopyFrom(a, []string{"plan"}).CopyFrom(b, all), "p1\n\np2\n\nq", "plan a[1 3] plan b[5]"},
		{"twice", planOf("").CopyFrom(b, all).CopyFrom(b, all), "q\n\nq", "plan b[1 3]"},
		{"in turns", planOf("").CopyFrom(b, all).CopyFrom(a, []string{"plan"}).CopyFrom(b, all), "q\n\np1\n\np2\n\nq", "plan b[1 7] plan a[3 5]"},
	} {
		if string(c.got.Plan) != c.plan || marksOf(c.got) != c.marks {
			t.Errorf("%s: %q marked %s, want %q marked %s", c.name, string(c.got.Plan), marksOf(c.got), c.plan, c.marks)
		}
	}
}

func TestMarksFollowTheirLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		before, now string
		marked      []int
		want        string
	}{
		{"nothing changed", "a\nb", "a\nb", []int{1, 2}, "plan a[1 2]"},
		{"a line before", "a\nb", "new\na\nb", []int{1, 2}, "plan a[2 3]"},
		{"a line between", "a\nb", "a\nnew\nb", []int{1, 2}, "plan a[1 3]"},
		{"a line behind", "a\nb", "a\nb\nnew", []int{1, 2}, "plan a[1 2]"},
		{"a line changed", "a\nb\nc", "a\nB\nc", []int{1, 2, 3}, "plan a[1 3]"},
		{"a line gone", "a\nb\nc", "a\nc", []int{1, 2, 3}, "plan a[1 2]"},
		{"a letter more", "a", "ax", []int{1}, ""},
		{"turned round", "a\nb\nc", "c\nb\na", []int{1, 3}, "plan a[1 3]"},
		{"all gone", "a\nb", "", []int{1, 2}, ""},
		{"typed twice", "a", "a\na", []int{1}, "plan a[1]"},
		{"the typed one of two equal lines goes", "x\nmine\nx", "mine\nx", []int{3}, "plan a[2]"},
		{"the copied one of two equal lines goes", "x\nmine\nx", "x\nmine", []int{3}, ""},
		{"equal lines apart", "x\na\nx\nb", "new\na\nx\nnew", []int{3}, ""},
		{"joined", "a\nb", "a b", []int{1, 2}, ""},
	} {
		before := planOf(c.before)
		before.Copied = []model.CopiedLines{{Section: "plan", From: sourceA, Lines: c.marked}}
		if got := marksOf(planOf(c.now).Carry(before)); got != c.want {
			t.Errorf("%s: marked %q, want %q", c.name, got, c.want)
		}
	}
}

// However a text is edited: a mark is only on a line that was marked before
// with the same words, no line is marked twice, and what nobody touched keeps
// its mark.
func TestMarksAreNeverMadeUp(t *testing.T) {
	t.Parallel()
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), 1, 8)
	rapid.Check(t, func(t *rapid.T) {
		old, now := lines.Draw(t, "old"), lines.Draw(t, "now")
		marked := slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.IntRange(1, len(old)), 1, 8).Draw(t, "marked"))))
		before := planOf(strings.Join(old, "\n"))
		before.Copied = []model.CopiedLines{{Section: "plan", From: sourceA, Lines: marked}}
		left := map[string]int{}
		for _, n := range marked {
			left[old[n-1]]++
		}
		for _, m := range planOf(strings.Join(now, "\n")).Carry(before).Copied {
			if !slices.IsSorted(m.Lines) || len(slices.Compact(slices.Clone(m.Lines))) != len(m.Lines) {
				t.Fatalf("lines %v", m.Lines)
			}
			for _, n := range m.Lines {
				if left[now[n-1]]--; left[now[n-1]] < 0 {
					t.Fatalf("line %d of %q is marked, before were %v of %q", n, now, marked, old)
				}
			}
		}
		if same := before.Carry(before); !slices.Equal(same.Copied[0].Lines, marked) {
			t.Fatalf("untouched, %v became %v", marked, same.Copied[0].Lines)
		}
	})
}
