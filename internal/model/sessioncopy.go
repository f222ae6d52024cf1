package model

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// CopiedLines says which lines of a section came from another note and still
// stand as they came.
type CopiedLines struct {
	// Section is one of SectionNames.
	Section string
	// From is the note that they were taken from.
	From uuid.UUID
	// Lines are counted from 1, in ascending order, never empty.
	Lines []int
}

// CopyFrom takes sections over from another note: into an empty section as
// they are, behind others after a blank line. The lines are marked as copied.
func (c SessionContent) CopyFrom(other Session, sections []string) SessionContent {
	marks := slices.Clone(c.Copied)
	for _, name := range SectionNames {
		text, to := *other.Section(name), c.Section(name)
		if text == "" || !slices.Contains(sections, name) {
			continue
		}
		first := 1
		if *to != "" {
			*to += "\n\n"
			first = len(linesOf(*to))
		}
		*to += text
		m := CopiedLines{Section: name, From: other.ID}
		for i, line := range linesOf(text) {
			if strings.ContainsFunc(line, visible) {
				m.Lines = append(m.Lines, first+i)
			}
		}
		marks = append(marks, m)
	}
	c.Copied = tidy(marks)
	return c
}

// Carry gives c the marks of the content before, where the marked lines still
// stand.
func (c SessionContent) Carry(before SessionContent) SessionContent {
	var marks []CopiedLines
	for _, name := range SectionNames {
		var moved []int
		for _, m := range before.Copied {
			if m.Section != name {
				continue
			}
			if moved == nil {
				moved = follow(linesOf(*before.Section(name)), linesOf(*c.Section(name)))
			}
			m.Lines = at(moved, m.Lines)
			marks = append(marks, m)
		}
	}
	c.Copied = tidy(marks)
	return c
}

func linesOf(v Text) []string { return strings.Split(string(v), "\n") }

// follow returns for each old line the number of the new line that it has
// become, 0 when it is gone. Lines around the changed part keep their place;
// inside it the first line of a text becomes the first one of the same text,
// the second the second, and so on.
func follow(old, now []string) []int {
	moved := make([]int, len(old))
	head := 0
	for head < min(len(old), len(now)) && old[head] == now[head] {
		head++
		moved[head-1] = head
	}
	tail := 0
	for tail < min(len(old), len(now))-head && old[len(old)-1-tail] == now[len(now)-1-tail] {
		moved[len(old)-1-tail] = len(now) - tail
		tail++
	}
	places := map[string][]int{}
	for i := head; i < len(now)-tail; i++ {
		places[now[i]] = append(places[now[i]], i+1)
	}
	for i := head; i < len(old)-tail; i++ {
		if left := places[old[i]]; len(left) > 0 {
			moved[i], places[old[i]] = left[0], left[1:]
		}
	}
	return moved
}

func at(moved, lines []int) []int {
	var all []int
	for _, n := range lines {
		if to := moved[n-1]; to > 0 {
			all = append(all, to)
		}
	}
	return all
}

// tidy puts the marks in the order of the sections, joins those of one source
// and drops those without lines. The order of sources within a section is the
// order of copying.
func tidy(marks []CopiedLines) []CopiedLines {
	var all []CopiedLines
	for _, m := range marks {
		same := slices.IndexFunc(all, func(o CopiedLines) bool { return o.Section == m.Section && o.From == m.From })
		if same < 0 {
			all = append(all, CopiedLines{m.Section, m.From, slices.Clone(m.Lines)})
		} else {
			all[same].Lines = append(all[same].Lines, m.Lines...)
		}
	}
	for i := range all {
		slices.Sort(all[i].Lines)
		all[i].Lines = slices.Compact(all[i].Lines)
	}
	all = slices.DeleteFunc(all, func(m CopiedLines) bool { return len(m.Lines) == 0 })
	slices.SortStableFunc(all, func(a, b CopiedLines) int {
		return cmp.Compare(slices.Index(SectionNames, a.Section), slices.Index(SectionNames, b.Section))
	})
	return all
}
