package audit_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"pazpaz/internal/audit"

	"github.com/google/uuid"
)

var (
	workspace = uuid.MustParse("00000000-0000-0000-0000-000000000001")
	start     = time.Date(2026, 2, 2, 9, 0, 0, 123456000, time.UTC)
)

// id is a readable id of a kind.
func id(kind, n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("%d0000000-0000-0000-0000-%012d", kind, n))
}

// chain returns n events as the store would have written them.
func chain(n int) []audit.Event {
	actions := []string{"client.list", "client.view", "client.update", "consent.give"}
	outcomes := []string{audit.OK, audit.OK, audit.Denied, audit.Missing}
	all := make([]audit.Event, n)
	for i := range all {
		all[i] = audit.Event{
			WorkspaceID: workspace, Seq: int64(i + 1), At: start.Add(time.Duration(i) * time.Second),
			ActorKind: audit.Person, ActorID: id(1, i%3+1), Action: actions[i%4], Outcome: outcomes[i/2%4],
			SubjectID: id(2, i+1), Count: int64(i % 5), SessionID: id(3, i/4+1), RequestID: id(4, i+1),
		}
	}
	return rechain(all, 0)
}

// rechain gives the events from index on the hashes that fit: what somebody
// does who can write to the database but holds no key.
func rechain(all []audit.Event, from int) []audit.Event {
	previous := audit.Genesis()
	for i := range all {
		if i >= from {
			all[i].Hash = all[i].Sum(previous)
		}
		previous = all[i].Hash
	}
	return all
}

func stream(all []audit.Event) iter.Seq2[audit.Event, error] {
	return func(yield func(audit.Event, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func headOf(all []audit.Event, n int) audit.Head {
	if n == 0 {
		return audit.Head{WorkspaceID: workspace, Hash: audit.Genesis()}
	}
	return audit.Head{WorkspaceID: workspace, Seq: int64(n), Hash: slices.Clone(all[n-1].Hash)}
}

// wantBad fails unless verifying names exactly this entry.
func wantBad(t *testing.T, all []audit.Event, known []audit.Head, seq int64) {
	t.Helper()
	_, err := audit.Verify(workspace, stream(all), known)
	bad, ok := errors.AsType[*audit.BadEntry](err)
	if !ok {
		t.Fatalf("got %v, want that entry %d is named", err, seq)
	}
	if bad.Seq != seq || bad.WorkspaceID != workspace || bad.Reason == "" {
		t.Fatalf("got entry %d of %s (%s), want %d of %s", bad.Seq, bad.WorkspaceID, bad.Reason, seq, workspace)
	}
}

func wantGood(t *testing.T, all []audit.Event, known []audit.Head) {
	t.Helper()
	head, err := audit.Verify(workspace, stream(all), known)
	if err != nil {
		t.Fatal(err)
	}
	want := headOf(all, len(all))
	if head.Seq != want.Seq || head.WorkspaceID != workspace || !slices.Equal(head.Hash, want.Hash) {
		t.Fatalf("head is %d %x, want %d %x", head.Seq, head.Hash, want.Seq, want.Hash)
	}
}

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }
