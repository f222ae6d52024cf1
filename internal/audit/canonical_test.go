package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pazpaz/internal/audit"

	"pgregory.net/rapid"
)

// goldenEvent uses every field, and a time that is not UTC.
var goldenEvent = audit.Event{
	WorkspaceID: workspace, Seq: 258, At: start.In(time.FixedZone("IST", 2*60*60)), ActorKind: audit.Person, ActorID: id(1, 1),
	Action: "client.view", Outcome: audit.OK, SubjectID: id(2, 1), Count: 3, SessionID: id(3, 1), RequestID: id(4, 1),
}

// goldenVector reads a file of testdata: the canonical bytes, then the hash
// over 32 bytes of 0x11 and them. It must never change: chains that exist
// would no longer verify.
func goldenVector(t *testing.T, file string) (canonical, sum []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var values [][]byte
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		value, err := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	return bytes.Join(values[:len(values)-1], nil), values[len(values)-1]
}

func TestCanonicalBytesAndHashNeverChange(t *testing.T) {
	t.Parallel()
	signed := goldenEvent
	note := sha256.Sum256([]byte("note"))
	signed.Content = note[:]
	for file, e := range map[string]audit.Event{"event_v1.txt": goldenEvent, "event_v2.txt": signed} {
		canonical, sum := goldenVector(t, file)
		if got := e.Canonical(); !bytes.Equal(got, canonical) {
			t.Errorf("%s: canonical bytes\ngot  %x\nwant %x", file, got, canonical)
		}
		if got := e.Sum(bytes.Repeat([]byte{0x11}, audit.HashSize)); !bytes.Equal(got, sum) {
			t.Errorf("%s: hash\ngot  %x\nwant %x", file, got, sum)
		}
	}
	if !bytes.Equal(audit.Genesis(), make([]byte, 32)) {
		t.Errorf("a chain starts after %x, want 32 zero bytes", audit.Genesis())
	}
}

// independent is the format written a second time, from its description.
func independent(e audit.Event) []byte {
	var b bytes.Buffer
	version, content := "v1", []any{}
	if len(e.Content) > 0 {
		version, content = "v2", []any{uint16(len(e.Content)), e.Content}
	}
	b.WriteString("pazpaz audit " + version + "\x00")
	for _, v := range append([]any{
		e.WorkspaceID, e.Seq, e.At.UnixMicro(), uint16(len(e.ActorKind)), []byte(e.ActorKind), e.ActorID,
		uint16(len(e.Action)), []byte(e.Action), uint16(len(e.Outcome)), []byte(e.Outcome), e.SubjectID, e.Count, e.SessionID, e.RequestID,
	}, content...) {
		if err := binary.Write(&b, binary.BigEndian, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func drawEvent(rt *rapid.T) audit.Event {
	word := rapid.SampledFrom([]string{"", "ok", "client.view", "client.viewok", "person", "p"})
	n := rapid.IntRange(0, 999_999)
	return audit.Event{
		WorkspaceID: id(0, n.Draw(rt, "workspace")), Seq: rapid.Int64().Draw(rt, "seq"),
		At:        time.UnixMicro(rapid.Int64Range(-1<<50, 1<<55).Draw(rt, "at")),
		ActorKind: word.Draw(rt, "kind"), ActorID: id(1, n.Draw(rt, "actor")), Action: word.Draw(rt, "action"),
		Outcome: word.Draw(rt, "outcome"), SubjectID: id(2, n.Draw(rt, "subject")), Count: rapid.Int64().Draw(rt, "count"),
		SessionID: id(3, n.Draw(rt, "session")), RequestID: id(4, n.Draw(rt, "request")),
		Content: rapid.SampledFrom([][]byte{nil, {}, {0}, bytes.Repeat([]byte{7}, 32)}).Draw(rt, "content"),
	}
}

func TestCanonicalBytesAgreeWithTheirDescription(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		e := drawEvent(rt)
		want := independent(e)
		if got := e.Canonical(); !bytes.Equal(got, want) {
			rt.Fatalf("got %x, want %x", got, want)
		}
		previous := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "previous")
		if sum := sha256.Sum256(append(previous, want...)); !bytes.Equal(e.Sum(previous), sum[:]) {
			rt.Fatal("the hash is not over the previous hash and the canonical bytes")
		}
	})
}

// Words have their length in front, so moving a letter from one to the next
// makes another event.
func TestWordsDoNotRunTogether(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, w := range [][3]string{{"ab", "c", "d"}, {"a", "bc", "d"}, {"ab", "", "cd"}, {"", "abc", "d"}, {"", "", "abcd"}, {"abcd", "", ""}} {
		e := goldenEvent
		e.ActorKind, e.Action, e.Outcome = w[0], w[1], w[2]
		key := string(e.Canonical())
		if other, twice := seen[key]; twice {
			t.Errorf("%q and %s have the same bytes", w, other)
		}
		seen[key] = strings.Join(w[:], "|")
	}
}

// The words are in stored chains; renaming one would split the trail.
func TestWordsNeverChange(t *testing.T) {
	t.Parallel()
	got := strings.Join([]string{audit.OK, audit.Denied, audit.Missing, audit.Refused, audit.Person, audit.System, audit.Operator, audit.Nobody}, " ")
	if got != "ok denied missing refused person system operator nobody" {
		t.Fatal(got)
	}
}
