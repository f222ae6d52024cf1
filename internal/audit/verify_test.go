package audit_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/audit"

	"github.com/google/uuid"
)

func TestGoodChainsVerify(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 7, 2500} {
		all := chain(n)
		wantGood(t, all, nil)
		wantGood(t, all, []audit.Head{headOf(all, n), headOf(all, n/2), headOf(all, 0)})
	}
}

// edits change one field each. The workspace is told apart by its own test.
var edits = map[string]func(*audit.Event){
	"time, later":       func(e *audit.Event) { e.At = e.At.Add(time.Microsecond) },
	"time, earlier":     func(e *audit.Event) { e.At = e.At.Add(-time.Hour) },
	"actor kind":        func(e *audit.Event) { e.ActorKind = audit.Operator },
	"actor":             func(e *audit.Event) { e.ActorID = id(1, 9) },
	"action":            func(e *audit.Event) { e.Action = "client.export" },
	"outcome":           func(e *audit.Event) { e.Outcome = audit.Refused },
	"subject":           func(e *audit.Event) { e.SubjectID = uuid.Nil },
	"count":             func(e *audit.Event) { e.Count++ },
	"session":           func(e *audit.Event) { e.SessionID = id(3, 99) },
	"request":           func(e *audit.Event) { e.RequestID = id(4, 999) },
	"hash, first bit":   func(e *audit.Event) { e.Hash = flipped(e.Hash, 0) },
	"hash, last bit":    func(e *audit.Event) { e.Hash = flipped(e.Hash, 255) },
	"hash, cut":         func(e *audit.Event) { e.Hash = e.Hash[:31] },
	"hash, none":        func(e *audit.Event) { e.Hash = nil },
	"hash, longer":      func(e *audit.Event) { e.Hash = append(slices.Clone(e.Hash), 0) },
	"word moved across": func(e *audit.Event) { e.ActorKind, e.Action = e.ActorKind+e.Action[:1], e.Action[1:] },
}

func flipped(b []byte, bit int) []byte {
	b = slices.Clone(b)
	b[bit/8] ^= 1 << (bit % 8)
	return b
}

func TestEditOfEveryFieldIsFound(t *testing.T) {
	t.Parallel()
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, at := range []int{0, 3, 9} {
				all := chain(10)
				edit(&all[at])
				wantBad(t, all, nil, int64(at+1))
			}
		})
	}
}

func TestEntryOfAnotherWorkspaceIsFound(t *testing.T) {
	t.Parallel()
	all := chain(5)
	all[2].WorkspaceID = id(0, 2)
	wantBad(t, rechain(all, 2), nil, 3)
	if _, err := audit.Verify(id(0, 2), stream(chain(5)), nil); err == nil {
		t.Fatal("a whole chain of another workspace verified")
	}
}

func TestTamperingWithTheOrderIsFound(t *testing.T) {
	t.Parallel()
	forged := chain(10)[4]
	forged.Action, forged.Count = "client.export", 9
	for name, c := range map[string]struct {
		change func([]audit.Event) []audit.Event
		bad    int64
	}{
		"delete the first":         {func(a []audit.Event) []audit.Event { return slices.Delete(a, 0, 1) }, 1},
		"delete one":               {func(a []audit.Event) []audit.Event { return slices.Delete(a, 4, 5) }, 5},
		"delete several":           {func(a []audit.Event) []audit.Event { return slices.Delete(a, 2, 6) }, 3},
		"delete and renumber":      {func(a []audit.Event) []audit.Event { return renumber(slices.Delete(a, 4, 5)) }, 5},
		"insert a forged one":      {func(a []audit.Event) []audit.Event { return slices.Insert(a, 4, forged) }, 5},
		"insert and renumber":      {func(a []audit.Event) []audit.Event { return renumber(slices.Insert(a, 4, forged)) }, 5},
		"swap neighbours":          {func(a []audit.Event) []audit.Event { a[3], a[4] = a[4], a[3]; return a }, 4},
		"swap and renumber":        {func(a []audit.Event) []audit.Event { a[3], a[4] = a[4], a[3]; return renumber(a) }, 4},
		"swap the ends":            {func(a []audit.Event) []audit.Event { a[0], a[9] = a[9], a[0]; return a }, 1},
		"duplicate":                {func(a []audit.Event) []audit.Event { return slices.Insert(a, 5, a[4]) }, 5},
		"duplicate and renumber":   {func(a []audit.Event) []audit.Event { return renumber(slices.Insert(a, 5, a[4])) }, 6},
		"duplicate at the end":     {func(a []audit.Event) []audit.Event { return append(a, a[9]) }, 10},
		"turn around":              {func(a []audit.Event) []audit.Event { slices.Reverse(a); return a }, 1},
		"start at zero":            {func(a []audit.Event) []audit.Event { a[0].Seq = 0; return a }, 0},
		"edit and fix its hash":    {func(a []audit.Event) []audit.Event { a[4].Count++; a[4].Hash = a[4].Sum(a[3].Hash); return a }, 6},
		"edit the last and fix it": {func(a []audit.Event) []audit.Event { a[8].Count++; a[8].Hash = a[8].Sum(a[7].Hash); return a }, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantBad(t, c.change(chain(10)), nil, c.bad)
		})
	}
}

func renumber(all []audit.Event) []audit.Event {
	for i := range all {
		all[i].Seq = int64(i + 1)
	}
	return all
}

func TestCutTailIsFoundByWhatIsKnown(t *testing.T) {
	t.Parallel()
	all := chain(10)
	for _, left := range []int{0, 1, 6, 9} {
		wantGood(t, all[:left], nil) // the chain alone cannot tell
		wantBad(t, all[:left], []audit.Head{headOf(all, 10)}, int64(left+1))
		wantBad(t, all[:left], []audit.Head{headOf(all, 0), headOf(all, left), headOf(all, 10)}, int64(left+1))
	}
	wantGood(t, all, []audit.Head{headOf(all, 3), headOf(all, 6)}) // growing on is fine
}

func TestRewrittenSuffixIsFoundByACheckpoint(t *testing.T) {
	t.Parallel()
	genuine := chain(10)
	all := chain(10)
	all[6].Action = "client.list"
	rechain(all, 6)
	wantGood(t, all, nil) // the chain alone cannot tell
	wantGood(t, all, []audit.Head{headOf(genuine, 6)})
	for _, at := range []int{7, 8, 10} {
		wantBad(t, all, []audit.Head{headOf(genuine, 3), headOf(genuine, at)}, int64(at))
	}
	wantBad(t, all, []audit.Head{headOf(genuine, 9), headOf(genuine, 8)}, 8) // the first one, in whatever order they are given
}

func TestEmptiedChainIsFound(t *testing.T) {
	t.Parallel()
	wantBad(t, nil, []audit.Head{headOf(chain(3), 3)}, 1)
}

func TestVerifyPassesOnWhatTheStreamFailedWith(t *testing.T) {
	t.Parallel()
	all := chain(3)
	broken := func(yield func(audit.Event, error) bool) {
		_ = yield(all[0], nil) && yield(audit.Event{}, io.ErrUnexpectedEOF)
	}
	head, err := audit.Verify(workspace, broken, nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) || head.Seq != 1 {
		t.Fatalf("got head %d, %v", head.Seq, err)
	}
	if _, ok := errors.AsType[*audit.BadEntry](err); ok {
		t.Fatal("a chain that could not be read is called bad")
	}
}

func TestVerifyStopsAtTheFirstBadEntry(t *testing.T) {
	t.Parallel()
	all := chain(6)
	all[2].Count++
	read := 0
	_, err := audit.Verify(workspace, func(yield func(audit.Event, error) bool) {
		for _, e := range all {
			read++
			if !yield(e, nil) {
				return
			}
		}
	}, nil)
	if err == nil || read != 3 {
		t.Fatalf("read %d entries, %v", read, err)
	}
}

func TestBadEntryNamesTheEntryAndTheWorkspace(t *testing.T) {
	t.Parallel()
	all := chain(4)
	all[3].Count++
	head, err := audit.Verify(workspace, stream(all), nil)
	want := "audit chain of " + workspace.String() + " breaks at entry 4: its content does not match its hash"
	if err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	if head.Seq != 3 || !bytes.Equal(head.Hash, all[2].Hash) {
		t.Fatalf("the head is %d, want the last good entry 3", head.Seq)
	}
	for reason, change := range map[string]func([]audit.Event) ([]audit.Event, []audit.Head){
		"it is missing":                              func(a []audit.Event) ([]audit.Event, []audit.Head) { return a[1:], nil },
		"it is there twice or out":                   func(a []audit.Event) ([]audit.Event, []audit.Head) { return append(a, a[0]), nil },
		"the tail is missing: a checkpoint proves 4": func(a []audit.Event) ([]audit.Event, []audit.Head) { return a[:2], []audit.Head{headOf(a, 4)} },
	} {
		events, known := change(chain(4))
		if _, err := audit.Verify(workspace, stream(events), known); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("got %v, want that %s", err, reason)
		}
	}
}
