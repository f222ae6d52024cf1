package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Outcomes of an event.
const (
	OK      = "ok"      // it was done
	Denied  = "denied"  // the role or the proof did not allow it
	Missing = "missing" // no such record in this workspace
	Refused = "refused" // a rule of the record did not allow it
)

// Kinds of actor.
const (
	Person   = "person"
	System   = "system"
	Operator = "operator"
	Nobody   = "nobody" // somebody who is not signed in
)

// HashSize is the length of an event's hash in bytes (SHA-256).
const HashSize = sha256.Size

// Event is one step. It holds ids and fixed words only: no names and no free
// text, so that the trail is never a second record.
type Event struct {
	WorkspaceID uuid.UUID `json:"workspace_id"`
	// Seq counts from 1 in each workspace, without gaps.
	Seq int64 `json:"seq"`
	// At is UTC in microseconds.
	At        time.Time `json:"at"`
	ActorKind string    `json:"actor_kind"`
	ActorID   uuid.UUID `json:"actor_id"`
	// Action is the name of a model.Action, for example "client.view".
	Action  string `json:"action"`
	Outcome string `json:"outcome"`
	// SubjectID is the record it was about; zero for a list.
	SubjectID uuid.UUID `json:"subject_id"`
	// Count is how many records were shown or changed.
	Count int64 `json:"count"`
	// SessionID is the sign-in behind it, RequestID the request; zero if none.
	SessionID uuid.UUID `json:"session_id"`
	RequestID uuid.UUID `json:"request_id"`
	// Content is the SHA-256 of what was signed; nil when nothing was.
	Content []byte `json:"content,omitempty"`
	Hash    []byte `json:"hash"`
}

// The format leads the canonical bytes, so that formats cannot collide. Only
// an event with content is of the second one.
const (
	formatV1 = "pazpaz audit v1\x00"
	formatV2 = "pazpaz audit v2\x00"
)

// Canonical returns the bytes that are hashed, after the previous hash:
// the format, then every field in the order of Event, integers as 8 bytes big
// endian, ids as 16 bytes, words and the content with a 2-byte length before
// them. Without content the format is v1, and ends before it.
func (e Event) Canonical() []byte {
	b := make([]byte, 0, 256)
	if len(e.Content) > 0 {
		b = append(b, formatV2...)
	} else {
		b = append(b, formatV1...)
	}
	b = append(b, e.WorkspaceID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Seq)) //nolint:gosec // G115: two's complement is the format
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro()))
	b = word(b, e.ActorKind)
	b = append(b, e.ActorID[:]...)
	b = word(b, e.Action)
	b = word(b, e.Outcome)
	b = append(b, e.SubjectID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Count)) //nolint:gosec // G115: two's complement is the format
	b = append(b, e.SessionID[:]...)
	b = append(b, e.RequestID[:]...)
	if len(e.Content) > 0 {
		b = word(b, string(e.Content))
	}
	return b
}

func word(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(s))) //nolint:gosec // G115: words are a few letters long
	return append(b, s...)
}

// Sum is the event's hash over the hash of the event before it; the first
// event has a previous hash of 32 zero bytes.
func (e Event) Sum(previous []byte) []byte {
	h := sha256.New()
	h.Write(previous)
	h.Write(e.Canonical())
	return h.Sum(nil)
}

// Genesis is the previous hash of a workspace's first event.
func Genesis() []byte { return make([]byte, HashSize) }
