package crypt_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"testing"

	"pazpaz/internal/crypt"
)

func FuzzOpen(f *testing.F) {
	b := box(f)
	value := []byte("Noa Levi")
	sealed := seal(f, b, home, value)
	f.Add([]byte(nil))
	f.Add(sealed)
	f.Add(sealed[:len(sealed)-1])
	f.Add(append([]byte{2}, sealed[1:]...))
	f.Add(bytes.Repeat([]byte{1}, crypt.Overhead))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := b.Open(home, in)
		switch {
		case bytes.Equal(in, sealed):
			if err != nil || !bytes.Equal(got, value) {
				t.Fatalf("a good value did not open: %v", err)
			}
		case got != nil || (!errors.Is(err, crypt.ErrTampered) && !errors.Is(err, crypt.ErrWrongKey)):
			t.Fatalf("%x opened to %q, %v", in, got, err)
		}
	})
}

func FuzzParseMasters(f *testing.F) {
	line := base64.StdEncoding.EncodeToString(randomKey(f))
	for _, seed := range []string{"", line, "v1:" + line, "# c\nv2:" + line + "\n", "v1:" + line + "\nv1:" + line, "v0:" + line, ":::", "v1:\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := crypt.ParseMasters(text)
		if (m == nil) != (err != nil) {
			t.Fatalf("both or neither: %v", err)
		}
		if m == nil {
			return
		}
		// What was accepted must be of use.
		w, err := m.NewDataKey(rand.Reader, owner, 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.OpenBox(rand.Reader, owner, []crypt.WrappedKey{{Version: 1, Wrapped: w}}); err != nil {
			t.Fatal(err)
		}
	})
}
