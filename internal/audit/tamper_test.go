package audit_test

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"testing"

	"pazpaz/internal/audit"

	"pgregory.net/rapid"
)

// firstDifference is the sequence number at which two chains part, by
// comparing them; 0 when they do not.
func firstDifference(genuine, other []audit.Event) int64 {
	for i := range max(len(genuine), len(other)) {
		if i >= len(genuine) || i >= len(other) || other[i].Seq != genuine[i].Seq || !same(genuine[i], other[i]) {
			return int64(i + 1)
		}
	}
	return 0
}

// tamper changes a copy of the chain at random, as somebody could who writes
// to the database by hand.
func tamper(rt *rapid.T, genuine []audit.Event) []audit.Event {
	all := slices.Clone(genuine)
	index := rapid.IntRange(0, len(all)-1)
	i, j := index.Draw(rt, "i"), index.Draw(rt, "j")
	switch rapid.SampledFrom([]string{"edit", "delete", "insert", "swap", "cut", "edit and fix hash", "renumber"}).Draw(rt, "how") {
	case "edit":
		edits[rapid.SampledFrom(slices.Sorted(maps.Keys(edits))).Draw(rt, "field")](&all[i])
	case "delete":
		all = slices.Delete(all, min(i, j), max(i, j)+1)
	case "insert":
		all = slices.Insert(all, i, all[j])
	case "swap":
		all[i], all[j] = all[j], all[i]
	case "cut":
		all = all[:i]
	case "edit and fix hash":
		all[i].Count += 7
		previous := audit.Genesis()
		if i > 0 {
			previous = all[i-1].Hash
		}
		all[i].Hash = all[i].Sum(previous)
	case "renumber":
		all = renumber(slices.Delete(all, i, i+1))
	}
	return all
}

func TestAnyTamperingIsFoundAtItsPlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		genuine := chain(rapid.IntRange(1, 30).Draw(rt, "length"))
		changed := tamper(rt, genuine)
		known := []audit.Head{headOf(genuine, len(genuine))}
		head, err := audit.Verify(workspace, stream(changed), known)
		where := firstDifference(genuine, changed)
		if where == 0 {
			if err != nil || !bytes.Equal(head.Hash, known[0].Hash) {
				rt.Fatalf("nothing was changed, and: %v", err)
			}
			return
		}
		bad, ok := errors.AsType[*audit.BadEntry](err)
		if !ok {
			rt.Fatalf("changed from entry %d on, and: %v", where, err)
		}
		// An entry whose own hash was made to fit shows in the next one, or
		// against the known head. A stray copy is named by its own number.
		if bad.Seq != where && bad.Seq != where+1 && !strayCopy(genuine, changed, where, bad.Seq) {
			rt.Fatalf("changed from entry %d on, but %d is named: %s", where, bad.Seq, bad.Reason)
		}
	})
}

func strayCopy(genuine, changed []audit.Event, where, named int64) bool {
	i := int(where - 1)
	return i < len(changed) && changed[i].Seq == named && named < where && same(genuine[named-1], changed[i])
}

func TestTenThousandTamperingsAreAllFound(t *testing.T) {
	t.Parallel()
	genuine := chain(50)
	known := []audit.Head{headOf(genuine, 50)}
	fields := slices.Sorted(maps.Keys(edits))
	for n := range 10_000 {
		at := n * 7919 % 50
		all := slices.Clone(genuine)
		edits[fields[n%len(fields)]](&all[at])
		if n%3 == 0 {
			rechain(all, at)
		}
		where := firstDifference(genuine, all)
		if where == 0 {
			continue // an edited hash that was made to fit again
		}
		_, err := audit.Verify(workspace, stream(all), known)
		bad, ok := errors.AsType[*audit.BadEntry](err)
		if !ok || bad.Seq < where {
			t.Fatalf("edit %d at entry %d: %v", n, where, err)
		}
		if n%3 != 0 && bad.Seq != where {
			t.Fatalf("edit %d at entry %d, but %d is named", n, where, bad.Seq)
		}
	}
}
