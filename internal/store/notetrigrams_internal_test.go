package store

import (
	"slices"
	"testing"
	"time"

	"pazpaz/internal/model"

	"github.com/google/uuid"
)

func learnedOf(id uuid.UUID, number int64, text model.Text) map[uuid.UUID]versionTrigrams {
	return map[uuid.UUID]versionTrigrams{id: {number, model.TrigramsOf(&model.Sections{Plan: text})}}
}

// Only a note of which this version is known not to hold the words is left out.
func TestNotesThatMustBeRead(t *testing.T) {
	t.Parallel()
	signed, amended, unknown, draft, without := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	var n noteTrigrams
	n.keep(learnedOf(signed, 1, "the left knee"))
	n.keep(learnedOf(amended, 1, "elbow"))
	n.keep(learnedOf(without, 2, "elbow"))
	notes := []weighed{{without, time.Time{}, 2}, {draft, time.Time{}, 0}, {signed, time.Time{}, 1}, {amended, time.Time{}, 2}, {unknown, time.Time{}, 1}}
	if got := n.mayFind(model.NewFinder(model.NoteSearch{Query: "KNEE"}), notes); !slices.Equal(got, []int{1, 2, 3, 4}) {
		t.Errorf("it reads %v", got)
	}
}

// What the cache is told is what it keeps, also when a note is learned again.
func TestTrigramsAreCountedOnce(t *testing.T) {
	t.Parallel()
	one, two := uuid.New(), uuid.New()
	var n noteTrigrams
	n.keep(learnedOf(one, 1, "a text that is a good deal longer than the next one, so that its filter is larger as well"))
	n.keep(learnedOf(one, 2, "short"))
	got := n.keep(learnedOf(two, 1, "short"))
	if small := learnedOf(two, 1, "short")[two].size(); got != 2*small || n.size != got {
		t.Errorf("%d bytes, want twice %d", got, small)
	}
}
