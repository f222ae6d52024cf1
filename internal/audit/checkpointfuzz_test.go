package audit

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/google/uuid"
)

// FuzzReadCheckpoints checks that nothing is read as a checkpoint but what was
// signed.
func FuzzReadCheckpoints(f *testing.F) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	at := time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)
	ours := Head{WorkspaceID: uuid.MustParse("00000000-0000-0000-0000-000000000001"), Seq: 3}.Sign(key, at)
	var file bytes.Buffer
	if err := WriteCheckpoints(&file, []Checkpoint{ours}); err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{
		file.Bytes(), file.Bytes()[:20], bytes.ToUpper(file.Bytes()), append(file.Bytes(), file.Bytes()...), []byte("{}"), []byte("null"), []byte("[]\n"), nil, {0}, []byte("\n\n"),
		bytes.Replace(file.Bytes(), []byte(`3`), []byte(`4`), 1), bytes.Replace(file.Bytes(), []byte(`{`), []byte(`{ `), 1),
	} {
		f.Add(seed)
	}
	own, _ := key.Public().(ed25519.PublicKey)
	f.Fuzz(func(t *testing.T, b []byte) {
		all, _, err := ReadCheckpoints(bytes.NewReader(b), own)
		if err != nil {
			return
		}
		for _, c := range all {
			if !bytes.Equal(c.Signature, ours.Signature) || !bytes.Equal(c.canonical(), ours.canonical()) {
				t.Fatalf("%q was read as %+v", b, c)
			}
		}
	})
}
