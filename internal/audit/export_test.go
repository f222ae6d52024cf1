package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pazpaz/internal/audit"
)

func newKeyFromSeed(seed []byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(seed) }

func export(t *testing.T, all []audit.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := audit.WriteExport(&b, stream(all)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read returns what an export holds up to its first error.
func read(r io.Reader) (all []audit.Event, err error) {
	for e, err := range audit.ReadExport(r) {
		if err != nil {
			return all, err
		}
		all = append(all, e)
	}
	return all, nil
}

func same(a, b audit.Event) bool {
	return bytes.Equal(a.Canonical(), b.Canonical()) && bytes.Equal(a.Hash, b.Hash) && a.At.Equal(b.At)
}

func TestExportIsReadBackWhole(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 25} {
		all := chain(n)
		file := export(t, all)
		if lines := bytes.Count(file, []byte("\n")); lines != n {
			t.Fatalf("%d lines for %d events", lines, n)
		}
		got, err := read(bytes.NewReader(file))
		if err != nil || !slices.EqualFunc(got, all, same) {
			t.Fatalf("%d events: read back %d others, %v", n, len(got), err)
		}
		if _, err := audit.Verify(workspace, audit.ReadExport(bytes.NewReader(file)), []audit.Head{headOf(all, n)}); err != nil {
			t.Fatal(err)
		}
	}
}

// The names in an export are what other people's verifiers read.
func TestExportNamesItsFields(t *testing.T) {
	t.Parallel()
	var fields map[string]any
	if err := json.Unmarshal(export(t, chain(1)), &fields); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	want := "action actor_id actor_kind at count hash outcome request_id seq session_id subject_id workspace_id"
	if got := strings.Join(names, " "); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestChangedExportNeverVerifiesAsAnotherChain(t *testing.T) {
	t.Parallel()
	all := chain(4)
	file := export(t, all)
	known := []audit.Head{headOf(all, 4)}
	refused := 0
	for i := range file {
		for _, b := range []byte{'0', '9', 'a', '"', ' ', '\n', file[i] ^ 0x20} {
			changed := bytes.Clone(file)
			changed[i] = b
			if _, err := audit.Verify(workspace, audit.ReadExport(bytes.NewReader(changed)), known); err != nil {
				refused++
				continue
			}
			// What passes must say the very same, for example with a space more.
			if got, err := read(bytes.NewReader(changed)); err != nil || !slices.EqualFunc(got, all, same) {
				t.Fatalf("byte %d as %q changes what is read and verifies", i, b)
			}
		}
	}
	if refused < len(file)*4 {
		t.Fatalf("only %d changes of %d bytes were refused; the test proves little", refused, len(file))
	}
}

// The hash covers microseconds: a finer time could be changed unseen.
func TestExportWithAFinerTimeIsRefused(t *testing.T) {
	t.Parallel()
	all := chain(3)
	all[1].At = all[1].At.Add(time.Nanosecond)
	if got, err := read(bytes.NewReader(export(t, all))); err == nil || len(got) != 1 {
		t.Fatalf("read %d events, %v", len(got), err)
	}
}

func TestCutExportIsFound(t *testing.T) {
	t.Parallel()
	all := chain(4)
	file := export(t, all)
	for n := range len(file) - 1 {
		if _, err := audit.Verify(workspace, audit.ReadExport(bytes.NewReader(file[:n])), []audit.Head{headOf(all, 4)}); err == nil {
			t.Fatalf("the first %d of %d bytes verified", n, len(file))
		}
	}
}

func TestExportPassesOnFailures(t *testing.T) {
	t.Parallel()
	failing := func(yield func(audit.Event, error) bool) { yield(audit.Event{}, io.ErrClosedPipe) }
	if err := audit.WriteExport(io.Discard, failing); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("reading failed, export said %v", err)
	}
	full, w := io.Pipe()
	full.CloseWithError(io.ErrShortWrite)
	if err := audit.WriteExport(w, stream(chain(1))); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("writing failed, export said %v", err)
	}
	if _, err := read(iotest.ErrReader(io.ErrNoProgress)); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("the file failed, reading said %v", err)
	}
	n := 0
	for _, err := range audit.ReadExport(bytes.NewReader(export(t, chain(5)))) {
		if n++; n == 2 || err != nil {
			break
		}
	}
	if n != 2 {
		t.Errorf("read on after the reader stopped")
	}
}

func FuzzReadExport(f *testing.F) {
	all := chain(3)
	var b bytes.Buffer
	if err := audit.WriteExport(&b, stream(all)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(nil))
	f.Add([]byte(`{"seq":1}`))
	f.Add(b.Bytes()[:b.Len()/2])
	known := []audit.Head{headOf(all, 3)}
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := audit.Verify(workspace, audit.ReadExport(bytes.NewReader(file)), known); err != nil {
			return
		}
		got, err := read(bytes.NewReader(file))
		if err != nil || len(got) < 3 {
			t.Fatalf("%d events verified against a head at 3: %v", len(got), err)
		}
		for i, e := range all {
			if !bytes.Equal(e.Canonical(), got[i].Canonical()) {
				t.Fatalf("event %d was changed and verified", i+1)
			}
		}
	})
}
