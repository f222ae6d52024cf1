package audit

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
)

// Checkpoint is a chain's head at a moment, signed by a key that is not in
// the database. Kept elsewhere, it shows when a chain was cut or rewritten.
type Checkpoint struct {
	WorkspaceID uuid.UUID `json:"workspace_id"`
	Seq         int64     `json:"seq"`
	Hash        []byte    `json:"hash"`
	At          time.Time `json:"at"`
	Signature   []byte    `json:"signature"`
}

func (c Checkpoint) canonical() []byte {
	b := append([]byte("pazpaz checkpoint v1\x00"), c.WorkspaceID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Seq)) //nolint:gosec // G115: two's complement is the format
	b = binary.BigEndian.AppendUint64(b, uint64(c.At.UnixMicro()))
	return append(b, c.Hash...)
}

// Sign makes the checkpoint of a head.
func (h Head) Sign(key ed25519.PrivateKey, at time.Time) Checkpoint {
	c := Checkpoint{WorkspaceID: h.WorkspaceID, Seq: h.Seq, Hash: h.Hash, At: at.UTC().Truncate(time.Microsecond)}
	c.Signature = ed25519.Sign(key, c.canonical())
	return c
}

// ReadCheckpoints reads checkpoints, one JSON object a line, and refuses the
// file when one is not signed by key or not written as WriteCheckpoints writes
// it. A line that is no JSON was cut by a crash while it was written; such
// lines are counted and left out.
func ReadCheckpoints(r io.Reader, key ed25519.PublicKey) (all []Checkpoint, cut int, err error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		if !json.Valid(lines.Bytes()) {
			cut++
			continue
		}
		c, ok := readCheckpoint(lines.Bytes(), key)
		if !ok {
			return nil, cut, fmt.Errorf("checkpoint %d: the signature is not ours", len(all)+1)
		}
		all = append(all, c)
	}
	if err := lines.Err(); err != nil {
		return nil, cut, fmt.Errorf("read checkpoints: %w", err)
	}
	return all, cut, nil
}

func readCheckpoint(line []byte, key ed25519.PublicKey) (c Checkpoint, ok bool) {
	if err := json.Unmarshal(line, &c); err != nil {
		return c, false
	}
	own, err := json.Marshal(c)
	return c, err == nil && bytes.Equal(own, line) && c.SignedBy(key)
}

// SignedBy reports whether the checkpoint was signed with key's private half
// and nothing in it was changed since.
func (c Checkpoint) SignedBy(key ed25519.PublicKey) bool {
	return inMicros(c.At) && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, c.canonical(), c.Signature)
}

// WriteCheckpoints writes checkpoints as JSON, one object a line.
func WriteCheckpoints(w io.Writer, all []Checkpoint) error {
	enc := json.NewEncoder(w)
	for _, c := range all {
		if err := enc.Encode(c); err != nil {
			return fmt.Errorf("write checkpoint: %w", err)
		}
	}
	return nil
}

// Heads returns the heads of one workspace's checkpoints.
func Heads(all []Checkpoint, workspace uuid.UUID) []Head {
	var heads []Head
	for _, c := range all {
		if c.WorkspaceID == workspace {
			heads = append(heads, Head{WorkspaceID: workspace, Seq: c.Seq, Hash: c.Hash})
		}
	}
	return heads
}
