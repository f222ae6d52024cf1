package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/audit"
)

// proof is what a verifier gets: an exported chain and its checkpoints.
type proof struct {
	How         string `json:"how"`
	Chain       string `json:"chain"`
	Checkpoints string `json:"checkpoints"`
	Key         string `json:"key"`
}

// tampering makes proofs that are not genuine, at random from a seed.
type tampering struct {
	*rand.Rand
	t       *testing.T
	key     ed25519.PrivateKey
	genuine []audit.Event
	foreign []audit.Event // of another workspace, with checkpoints too
	signed  []audit.Checkpoint
}

func newTampering(t *testing.T, seed uint64) *tampering {
	t.Helper()
	tm := &tampering{Rand: rand.New(rand.NewPCG(seed, 5)), t: t, key: newKeyFromSeed(bytes.Repeat([]byte{3}, 32)), genuine: chain(20)}
	for i := 12; i < 16; i++ {
		tm.genuine[i].Content = bytes.Repeat([]byte{byte(i)}, 32)
	}
	rechain(tm.genuine, 0)
	for _, e := range chain(20) {
		e.WorkspaceID, e.Count = id(0, 2), e.Count+1
		tm.foreign = append(tm.foreign, e)
	}
	rechain(tm.foreign, 0)
	for _, n := range []int{5, 10, 15, 20} {
		tm.signed = append(tm.signed, headOf(tm.genuine, n).Sign(tm.key, start.Add(time.Duration(n)*time.Minute)))
	}
	return tm
}

func (tm *tampering) proof(how string, chain []audit.Event, signed []audit.Checkpoint) proof {
	return proof{how, string(export(tm.t, chain)), encode(tm.t, signed...), base64.StdEncoding.EncodeToString(public(tm.key))}
}

// renamed are events as if they were of that workspace, in a chain that fits.
func renamed(all []audit.Event, as audit.Event) []audit.Event {
	all = slices.Clone(all)
	for i := range all {
		all[i].WorkspaceID, all[i].Seq = as.WorkspaceID, int64(i+1)
	}
	return rechain(all, 0)
}

// ways are what somebody can do who holds the files but not the key.
var ways = map[string]func(tm *tampering, all []audit.Event, i, j int) []audit.Event{
	"edit a field": func(tm *tampering, all []audit.Event, i, _ int) []audit.Event {
		names := slices.Sorted(func(yield func(string) bool) {
			for name := range edits {
				if !yield(name) {
					return
				}
			}
		})
		edits[names[tm.IntN(len(names))]](&all[i])
		return all
	},
	"edit the content": func(_ *tampering, all []audit.Event, i, j int) []audit.Event {
		all[i].Content = bytes.Repeat([]byte{byte(100 + j)}, 32)
		return all
	},
	"edit and fix the hash": func(_ *tampering, all []audit.Event, i, j int) []audit.Event {
		all[i].Count += int64(j + 1)
		previous := audit.Genesis()
		if i > 0 {
			previous = all[i-1].Hash
		}
		all[i].Hash = all[i].Sum(previous)
		return all
	},
	"drop": func(_ *tampering, all []audit.Event, i, j int) []audit.Event {
		return slices.Delete(all, min(i, j), max(i, j)+1)
	},
	"drop and renumber": func(_ *tampering, all []audit.Event, i, _ int) []audit.Event {
		return rechain(renumber(slices.Delete(all, i, i+1)), i)
	},
	"swap": func(_ *tampering, all []audit.Event, i, j int) []audit.Event {
		all[i], all[j] = all[j], all[i]
		return all
	},
	"insert": func(_ *tampering, all []audit.Event, i, j int) []audit.Event { return slices.Insert(all, i, all[j]) },
	"insert and renumber": func(_ *tampering, all []audit.Event, i, j int) []audit.Event {
		return rechain(renumber(slices.Insert(all, i, all[j])), i)
	},
	"cut the tail": func(_ *tampering, all []audit.Event, i, _ int) []audit.Event { return all[:i] },
	"rewrite": func(_ *tampering, all []audit.Event, i, j int) []audit.Event {
		all[i].ActorID = id(1, 70+j)
		return rechain(all, i)
	},
	"mix in an entry": func(tm *tampering, all []audit.Event, i, _ int) []audit.Event {
		all[i] = tm.foreign[i]
		return all
	},
	"mix in a tail": func(tm *tampering, all []audit.Event, i, _ int) []audit.Event {
		return append(all[:i], tm.foreign[i:]...)
	},
	"another chain": func(tm *tampering, _ []audit.Event, _, _ int) []audit.Event { return tm.foreign },
	"another chain, renamed": func(tm *tampering, all []audit.Event, _, _ int) []audit.Event {
		return renamed(tm.foreign, all[0])
	},
}

// forgeries of a checkpoint come with a chain that fits them.
var forgeries = map[string]func(tm *tampering, c audit.Checkpoint, h audit.Head) audit.Checkpoint{
	"another key": func(_ *tampering, c audit.Checkpoint, h audit.Head) audit.Checkpoint {
		return h.Sign(newKeyFromSeed(bytes.Repeat([]byte{4}, 32)), c.At)
	},
	"unsigned": func(_ *tampering, c audit.Checkpoint, h audit.Head) audit.Checkpoint {
		c.Hash, c.Signature = h.Hash, nil
		return c
	},
	"an old signature": func(_ *tampering, c audit.Checkpoint, h audit.Head) audit.Checkpoint {
		c.Hash = h.Hash
		return c
	},
	"a flipped bit": func(tm *tampering, c audit.Checkpoint, _ audit.Head) audit.Checkpoint {
		c.Signature = flipped(c.Signature, tm.IntN(512))
		return c
	},
	"another time": func(_ *tampering, c audit.Checkpoint, _ audit.Head) audit.Checkpoint {
		c.At = c.At.Add(time.Microsecond)
		return c
	},
}

func pick[V any](tm *tampering, from map[string]V) (string, V) {
	names := make([]string, 0, len(from))
	for name := range from {
		names = append(names, name)
	}
	slices.Sort(names)
	name := names[tm.IntN(len(names))]
	return name, from[name]
}

// next is one more proof that is not genuine.
func (tm *tampering) next() proof {
	i, j := tm.IntN(20), tm.IntN(20)
	switch tm.IntN(10) {
	case 0: // a byte of the file
		p := tm.proof("a byte", tm.genuine, tm.signed)
		file, at := []byte(p.Chain), tm.IntN(len(p.Chain)-1)
		file[at] = " 09az\"{}\\,:\n"[tm.IntN(12)]
		p.Chain = string(file)
		return p
	case 1:
		name, forge := pick(tm, forgeries)
		all, signed := slices.Clone(tm.genuine), slices.Clone(tm.signed)
		all[i].ActorID = id(1, 70+j)
		rechain(all, i)
		for n, c := range signed {
			signed[n] = forge(tm, c, headOf(all, int(c.Seq)))
		}
		return tm.proof("checkpoints: "+name, all, signed)
	}
	name, way := pick(tm, ways)
	return tm.proof(name, way(tm, slices.Clone(tm.genuine), i, j), tm.signed)
}

func verdict(p proof) string {
	key, err := base64.StdEncoding.DecodeString(p.Key)
	if err != nil {
		return err.Error()
	}
	head, proved, err := audit.VerifyExport(strings.NewReader(p.Chain), strings.NewReader(p.Checkpoints), key)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s: %d entries, intact, %d of them proved by checkpoints", head.WorkspaceID, head.Seq, proved)
}

// genuineVerdict is what is said of the genuine proof. What is put behind the
// last checkpoint shows in the two numbers.
const genuineVerdict = "00000000-0000-0000-0000-000000000001: 20 entries, intact, 20 of them proved by checkpoints"

func TestTenThousandTamperedExportsAreAllFound(t *testing.T) {
	t.Parallel()
	tm := newTampering(t, 1)
	genuine := tm.proof("genuine", tm.genuine, tm.signed)
	if got := verdict(genuine); got != genuineVerdict {
		t.Fatalf("genuine: %s", got)
	}
	found := map[string]int{}
	for n := 0; n < 10_000; {
		p := tm.next()
		if p.Chain == genuine.Chain && p.Checkpoints == genuine.Checkpoints {
			continue // such as a swap of an entry with itself
		}
		if got := verdict(p); got == genuineVerdict {
			t.Fatalf("tampering %d (%s) was not found: %s", n, p.How, got)
		}
		found[p.How]++
		n++
	}
	if want := len(ways) + len(forgeries) + 1; len(found) != want {
		t.Errorf("only %d of %d ways were tried: %v", len(found), want, found)
	}
}

// driver gives the verifier of docs proofs, and prints what it says of each.
const driver = `import { readFileSync } from 'node:fs';
const { verify } = await import(process.env.VERIFIER);
const say = (p) => { try { return verify(p.chain, p.checkpoints, p.key); } catch (err) { return err.message; } };
console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(say)));`

// secondOpinion asks the verifier in docs, which is written in JavaScript from
// the description of the format alone.
func secondOpinion(t *testing.T, all []proof) (says []string) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("node is not there: in CI the second verifier must be tested")
		}
		t.Skip("not run: the second verifier (node is not there)")
	}
	path, err := filepath.Abs(filepath.Join("..", "..", "docs", "verify-audit.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	in, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "--input-type=module", "-e", driver)
	cmd.Env = append(os.Environ(), "VERIFIER=file://"+path)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := json.Unmarshal(out, &says); err != nil || len(says) != len(all) {
		t.Fatalf("%d answers for %d proofs: %v", len(says), len(all), err)
	}
	return says
}

var placeNamed = regexp.MustCompile(`(entry|line|checkpoint) \d+|no checkpoint is about it|holds no events|intact.*`)

func TestBothVerifiersAgree(t *testing.T) {
	t.Parallel()
	tm := newTampering(t, 2)
	all := []proof{tm.proof("genuine", tm.genuine, tm.signed), tm.proof("no checkpoints", tm.genuine, nil), tm.proof("empty", nil, tm.signed)}
	for range 700 {
		all = append(all, tm.next())
	}
	disagree := 0
	for i, theirs := range secondOpinion(t, all) {
		ours := verdict(all[i])
		if i == 0 && theirs != genuineVerdict {
			t.Errorf("genuine: the second verifier says %s", theirs)
		}
		if a, b := placeNamed.FindString(ours), placeNamed.FindString(theirs); a != b || a == "" {
			if disagree++; disagree < 10 {
				t.Errorf("%s:\nfirst:  %s\nsecond: %s", all[i].How, ours, theirs)
			}
		}
	}
}
