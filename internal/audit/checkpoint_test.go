package audit_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/audit"

	"github.com/google/uuid"
)

func encode(t *testing.T, all ...audit.Checkpoint) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, c := range all {
		if err := enc.Encode(c); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestCheckpointsAreReadBackAndProveTheChain(t *testing.T) {
	t.Parallel()
	key, all := newKey(t), chain(8)
	other := headOf(chain(3), 3)
	other.WorkspaceID = id(0, 2)
	at := start.Add(1500 * time.Nanosecond).In(time.FixedZone("x", 3600))
	file := encode(t, headOf(all, 3).Sign(key, at), other.Sign(key, at), headOf(all, 8).Sign(key, at))
	read, _, err := audit.ReadCheckpoints(strings.NewReader(file), public(key))
	if err != nil || len(read) != 3 {
		t.Fatalf("read %d checkpoints, %v", len(read), err)
	}
	if got := read[0].At; !got.Equal(start.Add(time.Microsecond)) || got.Location() != time.UTC {
		t.Errorf("signed at %v, want UTC in microseconds", got)
	}
	known := audit.Heads(read, workspace)
	if len(known) != 2 || known[0].Seq != 3 || known[1].Seq != 8 || known[0].WorkspaceID != workspace {
		t.Fatalf("heads of the workspace: %+v", known)
	}
	wantGood(t, all, known)
	wantBad(t, all[:5], known, 6)
	all[4].Count++
	wantBad(t, rechain(all, 4), known, 8)
	if h := audit.Heads(read, id(0, 3)); len(h) != 0 {
		t.Errorf("a workspace without checkpoints has %d", len(h))
	}
}

func TestForgedCheckpointsAreRefused(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	genuine := headOf(chain(3), 3).Sign(key, start)
	for name, change := range map[string]func(*audit.Checkpoint){
		"another key":        func(c *audit.Checkpoint) { *c = headOf(chain(3), 3).Sign(newKey(t), start) },
		"sequence number":    func(c *audit.Checkpoint) { c.Seq = 2 },
		"hash":               func(c *audit.Checkpoint) { c.Hash = flipped(c.Hash, 7) },
		"hash, cut":          func(c *audit.Checkpoint) { c.Hash = c.Hash[:31] },
		"workspace":          func(c *audit.Checkpoint) { c.WorkspaceID = id(0, 2) },
		"time":               func(c *audit.Checkpoint) { c.At = c.At.Add(time.Microsecond) },
		"signature":          func(c *audit.Checkpoint) { c.Signature = flipped(c.Signature, 100) },
		"no signature":       func(c *audit.Checkpoint) { c.Signature = nil },
		"signature, cut":     func(c *audit.Checkpoint) { c.Signature = c.Signature[:63] },
		"signature, zeroed":  func(c *audit.Checkpoint) { c.Signature = make([]byte, 64) },
		"everything emptied": func(c *audit.Checkpoint) { *c = audit.Checkpoint{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forged := genuine
			change(&forged)
			read, _, err := audit.ReadCheckpoints(strings.NewReader(encode(t, genuine, forged)), public(key))
			if err == nil || read != nil || !strings.Contains(err.Error(), "checkpoint 2") {
				t.Fatalf("read %d, %v; want that checkpoint 2 is refused", len(read), err)
			}
		})
	}
}

// What says the same in other bytes was not written by us, whatever signs it.
func TestCheckpointsInOtherBytesAreRefused(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	genuine := encode(t, headOf(chain(3), 3).Sign(key, start))
	for how, line := range map[string]string{
		"a space":      strings.Replace(genuine, "{", "{ ", 1),
		"a word more":  strings.Replace(genuine, "{", `{"note":"",`, 1),
		"a name twice": strings.Replace(genuine, `{`, `{"seq":9,`, 1),
		"a capital":    strings.Replace(genuine, `"seq"`, `"Seq"`, 1),
	} {
		if read, _, err := audit.ReadCheckpoints(strings.NewReader(genuine+line), public(key)); err == nil || read != nil {
			t.Errorf("%s: read %d checkpoints", how, len(read))
		}
	}
}

// A crash can cut the line that is being written; what was whole still counts.
func TestCutCheckpointLinesAreLeftOutAndCounted(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	good := encode(t, headOf(chain(3), 3).Sign(key, start))
	for file, want := range map[string][2]int{
		"":                                 {0, 0},
		good[:len(good)/2]:                 {0, 1},
		good + good[:20]:                   {1, 1},
		good[:20] + "\n" + good:            {1, 1},
		good + "hello\n\n" + good + "\n\n": {2, 1},
	} {
		read, cut, err := audit.ReadCheckpoints(strings.NewReader(file), public(key))
		if err != nil || len(read) != want[0] || cut != want[1] {
			t.Errorf("%q: read %d, cut %d, %v; want %v", file, len(read), cut, err, want)
		}
	}
}

// What was signed by a released version must be accepted for ever.
func TestCheckpointFormatNeverChanges(t *testing.T) {
	t.Parallel()
	key := newKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	h := audit.Head{WorkspaceID: uuid.MustParse("00000000-0000-0000-0000-000000000001"), Seq: 258, Hash: bytes.Repeat([]byte{9}, 32)}
	c := h.Sign(key, start)
	const want = "79e7073758a3783b97b22117fc8fe551eca4c1e12f7900e35e3ee77b3444617aa33b1ddd1da7b4d4ef88872fa0c89bbe492d98367791c8f7658ce4c1f1b54f0c"
	if got := hex.EncodeToString(c.Signature); got != want {
		t.Errorf("signature\ngot  %s\nwant %s", got, want)
	}
	const text = `{"workspace_id":"00000000-0000-0000-0000-000000000001","seq":258,"hash":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=","at":"2026-02-02T09:00:00.123456Z","signature":`
	if got := encode(t, c); !strings.HasPrefix(got, text) {
		t.Errorf("got %s", got)
	}
}
