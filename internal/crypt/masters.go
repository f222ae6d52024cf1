package crypt

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// KeySize is the length of master and data keys in bytes (AES-256).
const KeySize = 32

var (
	// ErrKeyNotFound means that no master key was given where one is needed.
	ErrKeyNotFound = errors.New("Encryption key not found") //nolint:staticcheck // ST1005: this exact wording is the product's documented message
	// ErrWeakKey means that a key has too little entropy to be random.
	ErrWeakKey = errors.New("encryption key is too weak")
	// ErrWrongKey means that a value was sealed under a key that is not here.
	ErrWrongKey = errors.New("no key of that version")
	// ErrTampered means that a sealed value was changed, moved or cut.
	ErrTampered = errors.New("sealed value does not open in this place")
)

// Masters are the versions of the master key. The highest version wraps new
// data keys; the others only unwrap.
type Masters struct {
	keys    map[uint16][]byte
	current uint16
}

// ParseMasters reads master keys, one a line as "v2:BASE64", or a single bare
// base64 key, which is version 1. Keys are 32 random bytes; the error is
// ErrKeyNotFound when there is none, or one that cannot be used.
func ParseMasters(text string) (*Masters, error) {
	m := &Masters{keys: map[uint16][]byte{}}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := m.add(line); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKeyNotFound, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read master keys: %w", err)
	}
	if len(m.keys) == 0 {
		return nil, ErrKeyNotFound
	}
	return m, nil
}

func (m *Masters) add(line string) error {
	version, encoded := uint64(1), line
	if head, rest, ok := strings.Cut(line, ":"); ok {
		v, err := strconv.ParseUint(strings.TrimPrefix(head, "v"), 10, 16)
		if err != nil || v == 0 || !strings.HasPrefix(head, "v") {
			return errors.New("master key: the version must be written v1, v2 and so on")
		}
		version, encoded = v, rest
	}
	key, err := decodeKey(strings.TrimSpace(encoded))
	if err != nil {
		return fmt.Errorf("master key v%d: %w", version, err)
	}
	if _, dup := m.keys[uint16(version)]; dup {
		return fmt.Errorf("master key v%d: given twice", version)
	}
	m.keys[uint16(version)] = key
	m.current = max(m.current, uint16(version))
	return nil
}

func decodeKey(s string) ([]byte, error) {
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if key, err := enc.DecodeString(s); err == nil {
			return key, CheckEntropy(key)
		}
	}
	return nil, errors.New("not base64") // the cause would echo the key
}

// LoadMasters reads the key file at path. A missing file is ErrKeyNotFound.
func LoadMasters(path string) (*Masters, error) {
	text, err := os.ReadFile(path) //nolint:gosec // G304: the operator names the file
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: no file at %s", ErrKeyNotFound, path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	m, err := ParseMasters(string(text))
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return m, nil
}

// CreateMasters writes a new key file with one random key and mode 0600. It
// never overwrites: a file that is already there is an error.
func CreateMasters(path string, random io.Reader) error {
	key, err := newKey(random)
	if err != nil {
		return err
	}
	line := "# PazPaz master key. Without this file nobody can read the records: keep a copy offline.\nv1:" +
		base64.StdEncoding.EncodeToString(key) + "\n"
	return WriteSecret(path, []byte(line))
}

// WriteSecret writes a new file of mode 0600 that survives a power cut. It
// never overwrites.
func WriteSecret(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make key folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // G304: the operator names the file
	if err != nil {
		return fmt.Errorf("create key file: %w", err)
	}
	_, werr := f.Write(content)
	if err := errors.Join(werr, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // G304: the folder of the file just written
	if err != nil {
		return fmt.Errorf("open key folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync key folder: %w", err)
	}
	return nil
}

func newKey(random io.Reader) ([]byte, error) {
	for range 3 {
		key := make([]byte, KeySize)
		if _, err := io.ReadFull(random, key); err != nil {
			return nil, fmt.Errorf("random key: %w", err)
		}
		if CheckEntropy(key) == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("random key: %w", ErrWeakKey)
}

// wrapAAD binds a wrapped data key to its owner and version.
func wrapAAD(owner uuid.UUID, version uint16) []byte {
	aad := append([]byte("pazpaz data key\x00"), owner[:]...)
	return binary.BigEndian.AppendUint16(aad, version)
}

// NewDataKey makes a data key of the given version for owner and returns it
// wrapped under the current master key, as it is stored.
func (m *Masters) NewDataKey(random io.Reader, owner uuid.UUID, version uint16) ([]byte, error) {
	key, err := newKey(random)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(m.keys[m.current])
	if err != nil {
		return nil, err
	}
	return seal(aead, random, m.current, key, wrapAAD(owner, version))
}

func (m *Masters) unwrap(owner uuid.UUID, version uint16, wrapped []byte) ([]byte, error) {
	master, err := keyVersion(wrapped)
	if err != nil {
		return nil, err
	}
	key, ok := m.keys[master]
	if !ok {
		return nil, fmt.Errorf("master key v%d: %w", master, ErrWrongKey)
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return open(aead, wrapped, wrapAAD(owner, version), nil)
}

// Versions returns the versions that are here, the lowest first.
func (m *Masters) Versions() []uint16 { return slices.Sorted(maps.Keys(m.keys)) }

// Current returns the version that wraps.
func (m *Masters) Current() uint16 { return m.current }

// Rewrap returns an owner's data key wrapped under the current master key.
func (m *Masters) Rewrap(random io.Reader, owner uuid.UUID, k WrappedKey) ([]byte, error) {
	key, err := m.unwrap(owner, k.Version, k.Wrapped)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(m.keys[m.current])
	if err != nil {
		return nil, err
	}
	return seal(aead, random, m.current, key, wrapAAD(owner, k.Version))
}

// Format hides the keys from every print, whatever the verb.
func (Masters) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("new cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("new cipher mode: %w", err)
	}
	return aead, nil
}
