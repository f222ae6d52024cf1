package crypt_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pazpaz/internal/crypt"

	"github.com/google/uuid"
)

var (
	owner = uuid.MustParse("00000000-0000-0000-0000-000000000001")
	row   = uuid.MustParse("20000000-0000-0000-0000-000000000001")
	home  = crypt.Place{Table: "clients", Column: "contact", Row: row}
)

func randomKey(t testing.TB) []byte {
	t.Helper()
	key := make([]byte, crypt.KeySize)
	if _, err := rand.Read(key); err != nil {
		t.Fatal(err)
	}
	return key
}

// keyLine is a key as the key file holds it.
func keyLine(version int, key []byte) string {
	return fmt.Sprintf("v%d:%s\n", version, base64.StdEncoding.EncodeToString(key))
}

func parse(t testing.TB, lines ...string) *crypt.Masters {
	t.Helper()
	m, err := crypt.ParseMasters(strings.Join(lines, ""))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func masters(t testing.TB) *crypt.Masters {
	t.Helper()
	return parse(t, keyLine(1, randomKey(t)))
}

func newDataKey(t testing.TB, m *crypt.Masters, of uuid.UUID, version uint16) crypt.WrappedKey {
	t.Helper()
	wrapped, err := m.NewDataKey(rand.Reader, of, version)
	if err != nil {
		t.Fatal(err)
	}
	return crypt.WrappedKey{Version: version, Wrapped: wrapped}
}

func open(t testing.TB, m *crypt.Masters, of uuid.UUID, keys ...crypt.WrappedKey) *crypt.Box {
	t.Helper()
	b, err := m.OpenBox(rand.Reader, of, keys)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func box(t testing.TB) *crypt.Box {
	t.Helper()
	m := masters(t)
	return open(t, m, owner, newDataKey(t, m, owner, 1))
}

func seal(t testing.TB, b *crypt.Box, p crypt.Place, value []byte) []byte {
	t.Helper()
	sealed, err := b.Seal(p, value)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func wantOpens(t testing.TB, b *crypt.Box, p crypt.Place, sealed, value []byte) {
	t.Helper()
	got, err := b.Open(p, sealed)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	if !bytes.Equal(got, value) {
		t.Fatalf("opened to another value of %d bytes, want %d", len(got), len(value))
	}
}

func wantRefused(t testing.TB, b *crypt.Box, p crypt.Place, sealed []byte, want error) {
	t.Helper()
	got, err := b.Open(p, sealed)
	if !errors.Is(err, want) || got != nil {
		t.Fatalf("got %d bytes and error %v, want none and %v", len(got), err, want)
	}
}
