package crypt

import (
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
)

// A sealed value is: format byte 1, key version (2 bytes, big endian), nonce
// (12 bytes), ciphertext, tag (16 bytes).
const (
	formatV1   = 1
	headerSize = 3
	nonceSize  = 12
	tagSize    = 16
	// Overhead is how many bytes longer a sealed value is than its content.
	Overhead = headerSize + nonceSize + tagSize
)

// Place is where a sealed value lives. It is authenticated with the value, so
// that a ciphertext moved anywhere else does not open.
type Place struct {
	Table, Column string
	Row           uuid.UUID
}

// Box seals and opens the values of one owner: a workspace, or the system for
// rows that belong to none. It is safe for concurrent use.
type Box struct {
	owner   uuid.UUID
	keys    map[uint16]dataKey
	current uint16
	random  io.Reader
}

type dataKey struct {
	aead   cipher.AEAD
	lookup []byte // for keyed hashes
}

// WrappedKey is a data key as the database stores it.
type WrappedKey struct {
	Version uint16
	Wrapped []byte
}

// OpenBox unwraps the owner's data keys; the highest version seals.
func (m *Masters) OpenBox(random io.Reader, owner uuid.UUID, wrapped []WrappedKey) (*Box, error) {
	b := &Box{owner: owner, keys: map[uint16]dataKey{}, random: random}
	for _, w := range wrapped {
		raw, err := m.unwrap(owner, w.Version, w.Wrapped)
		if err != nil {
			return nil, fmt.Errorf("data key v%d: %w", w.Version, err)
		}
		key, err := deriveDataKey(raw)
		if err != nil {
			return nil, fmt.Errorf("data key v%d: %w", w.Version, err)
		}
		b.keys[w.Version] = key
		b.current = max(b.current, w.Version)
	}
	if len(b.keys) == 0 {
		return nil, fmt.Errorf("data key: %w", ErrKeyNotFound)
	}
	return b, nil
}

func deriveDataKey(raw []byte) (dataKey, error) {
	lookup, err := hkdf.Key(sha256.New, raw, nil, "pazpaz lookup", KeySize)
	if err != nil {
		return dataKey{}, fmt.Errorf("derive lookup key: %w", err)
	}
	aead, err := newAEAD(raw)
	return dataKey{aead: aead, lookup: lookup}, err
}

func (b *Box) aad(p Place) []byte {
	aad := make([]byte, 0, 34+len(p.Table)+len(p.Column))
	aad = append(aad, b.owner[:]...)
	aad = append(append(aad, p.Table...), 0)
	aad = append(append(aad, p.Column...), 0)
	return append(aad, p.Row[:]...)
}

// Seal encrypts value for its place under the newest key.
func (b *Box) Seal(p Place, value []byte) ([]byte, error) {
	return seal(b.keys[b.current].aead, b.random, b.current, value, b.aad(p))
}

// Open decrypts a value sealed for that place. The error is ErrTampered when
// it was changed or moved, ErrWrongKey when its key version is not here.
func (b *Box) Open(p Place, sealed []byte) ([]byte, error) {
	version, err := keyVersion(sealed)
	if err != nil {
		return nil, fmt.Errorf("open %s.%s: %w", p.Table, p.Column, err)
	}
	key, ok := b.keys[version]
	if !ok {
		return nil, fmt.Errorf("open %s.%s: data key v%d: %w", p.Table, p.Column, version, ErrWrongKey)
	}
	value, err := open(key.aead, sealed, b.aad(p), nil)
	if err != nil {
		return nil, fmt.Errorf("open %s.%s: %w", p.Table, p.Column, err)
	}
	return value, nil
}

// Lookup returns a keyed hash of value for an equality search; purpose keeps
// hashes of different things apart. It uses the oldest key, so it stays the
// same when a newer one is added.
func (b *Box) Lookup(purpose string, value []byte) []byte {
	oldest := b.current
	for v := range b.keys {
		oldest = min(oldest, v)
	}
	mac := hmac.New(sha256.New, b.keys[oldest].lookup)
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write(value)
	return mac.Sum(nil)
}

// CheckpointKey derives the Ed25519 key that signs audit checkpoints from the
// oldest data key, so that whoever holds only the database cannot sign, and
// that a new master key changes nothing.
func (b *Box) CheckpointKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(b.Lookup("audit checkpoint", nil))
}

// Format hides the keys from every print, whatever the verb.
func (Box) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

func seal(aead cipher.AEAD, random io.Reader, version uint16, value, aad []byte) ([]byte, error) {
	out := make([]byte, headerSize+nonceSize, Overhead+len(value))
	out[0] = formatV1
	binary.BigEndian.PutUint16(out[1:], version)
	nonce := out[headerSize : headerSize+nonceSize]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("random nonce: %w", err)
	}
	return aead.Seal(out, nonce, value, aad), nil
}

func open(aead cipher.AEAD, sealed, aad, dst []byte) ([]byte, error) {
	nonce := sealed[headerSize : headerSize+nonceSize]
	value, err := aead.Open(dst, nonce, sealed[headerSize+nonceSize:], aad)
	if err != nil {
		return nil, ErrTampered // the cause says nothing more
	}
	return value, nil
}

func keyVersion(sealed []byte) (uint16, error) {
	if len(sealed) < Overhead || sealed[0] != formatV1 {
		return 0, ErrTampered
	}
	return binary.BigEndian.Uint16(sealed[1:]), nil
}

// selfTestAnswer is the start of the SHA-256 of the self-test ciphertext.
const selfTestAnswer = "2b2e02bfcc5153fb"

// SelfTest proves on a known answer that AES-256-GCM works in this process
// and that a value does not open in another place. Run it at start.
func SelfTest() error { return selfTest(selfTestAnswer) }

func selfTest(answer string) error {
	key := sha256.Sum256([]byte("pazpaz self-test key"))
	aead, err := newAEAD(key[:])
	if err != nil {
		return fmt.Errorf("crypt self-test: %w", err)
	}
	got := aead.Seal(nil, make([]byte, nonceSize), []byte("pazpaz"), []byte("place"))
	want := sha256.Sum256(got)
	if fmt.Sprintf("%x", want[:8]) != answer {
		return errors.New("crypt self-test: wrong ciphertext")
	}
	if _, err := aead.Open(nil, make([]byte, nonceSize), got, []byte("other")); err == nil {
		return errors.New("crypt self-test: a moved value opened")
	}
	return nil
}
