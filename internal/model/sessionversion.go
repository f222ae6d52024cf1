package model

import (
	"bytes"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// SessionVersion is a note as it was signed. It is never changed.
type SessionVersion struct {
	SessionID uuid.UUID
	ClientID  uuid.UUID
	// Number counts from 1, the version of the first signing.
	Number int
	SessionContent
	// Reason says why the version before was amended; empty for the first.
	Reason   Text
	AuthorID uuid.UUID
	SignedAt time.Time
	// Hash is the SHA-256 of Canonical as it was stored with the version. The
	// audit entry of the signing carries the same.
	Hash []byte
}

// Canonical returns the bytes that are hashed. They are the fields below, each
// written as the number of its bytes in UTF-8, a colon, the bytes, and a line
// feed:
//
//	pazpaz note v1
//	session_id, number, client_id, author_id
//	signed_at, session_date    as in the JSON answer
//	duration_minutes           empty for null
//	subjective, objective, assessment, plan, reason    empty for null
//	for each section in that order and each of its marks in "copied":
//	  section name, space, from_session_id, space, line numbers with commas
//
// All of it is in an item of GET /sessions/{id}/versions, so that anybody who
// can read the note can compute its hash anew.
func (v SessionVersion) Canonical() []byte {
	minutes := ""
	if v.Minutes != nil {
		minutes = strconv.Itoa(*v.Minutes)
	}
	fields := []string{
		"pazpaz note v1", v.SessionID.String(), strconv.Itoa(v.Number), v.ClientID.String(), v.AuthorID.String(),
		v.SignedAt.UTC().Format(time.RFC3339Nano), v.SessionDate.UTC().Format(time.RFC3339Nano), minutes,
		string(v.Subjective), string(v.Objective), string(v.Assessment), string(v.Plan), string(v.Reason),
	}
	for _, c := range v.Copied {
		fields = append(fields, c.Section+" "+c.From.String()+" "+numbers(c.Lines))
	}
	var b bytes.Buffer
	for _, f := range fields {
		b.WriteString(strconv.Itoa(len(f)))
		b.WriteByte(':')
		b.WriteString(f)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func numbers(all []int) string {
	words := make([]string, len(all))
	for i, n := range all {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}

// Sum is the SHA-256 of Canonical.
func (v SessionVersion) Sum() []byte {
	sum := sha256.Sum256(v.Canonical())
	return sum[:]
}

// Intact reports whether the content still has the hash it was signed with.
func (v SessionVersion) Intact() bool { return bytes.Equal(v.Hash, v.Sum()) }

// Sign makes the next version of a note out of what it says now.
func (s Session) Sign(by uuid.UUID, reason Text, now time.Time) SessionVersion {
	v := SessionVersion{
		SessionID: s.ID, ClientID: s.ClientID, Number: s.Versions + 1,
		SessionContent: s.SessionContent, Reason: reason, AuthorID: by, SignedAt: now,
	}
	v.Hash = v.Sum()
	return v
}
