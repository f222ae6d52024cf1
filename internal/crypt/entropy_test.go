package crypt_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"pazpaz/internal/crypt"
)

func sha(t testing.TB, s string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// series returns 32 bytes, the i-th made by f.
func series(f func(i int) int) []byte {
	key := make([]byte, crypt.KeySize)
	for i := range key {
		key[i] = byte(f(i))
	}
	return key
}

// counts returns a shuffled key in which the i-th value occurs n[i] times.
func counts(n ...int) []byte {
	var sorted []byte
	for i, times := range n {
		sorted = append(sorted, bytes.Repeat([]byte{byte(i * 41)}, times)...)
	}
	return series(func(i int) int { return int(sorted[i*13%len(sorted)]) })
}

func TestEntropyRules_ASVS_11_5_1(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key    []byte
		accept bool
	}{
		"zeros":               {make([]byte, 32), false},
		"one byte repeated":   {bytes.Repeat([]byte{0xab}, 32), false},
		"ascending":           {series(func(i int) int { return i }), false},
		"ascending, wrapping": {series(func(i int) int { return i + 240 }), false},
		"descending":          {series(func(i int) int { return 255 - i }), false},
		"17 steps up":         {series(func(i int) int { return min(i, 17) + max(0, i-17)*29 }), false},
		"16 steps up":         {series(func(i int) int { return min(i, 16) + max(0, i-16)*29 }), true},
		"17 steps down":       {series(func(i int) int { return 200 - min(i, 17) - max(0, i-17)*29 }), false},
		"16 steps down":       {series(func(i int) int { return 200 - min(i, 16) - max(0, i-16)*29 }), true},
		"two bytes":           {bytes.Repeat([]byte{0xa5, 0x3c}, 16), false},
		"pattern of 8":        {bytes.Repeat(sha(t, "p")[:8], 4), false},
		"pattern of 16":       {bytes.Repeat([]byte("\x00\x29\x52\x7b\xa4\xcd\xf6\x1f\x48\x71\x9a\xc3\xec\x15\x3e\x67"), 2), true},
		"nine distinct":       {counts(4, 4, 4, 4, 4, 4, 4, 2, 2), false},
		"seven of one":        {counts(7, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), false},
		"six of one":          {counts(6, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), true},
		"under 4 bits":        {counts(5, 5, 5, 4, 3, 2, 2, 2, 1, 1, 1, 1), false},
		"hash":                {sha(t, "pazpaz"), true},
		"31 bytes":            {sha(t, "pazpaz")[:31], false},
		"33 bytes":            {append(sha(t, "pazpaz"), 9), false},
		"16 bytes":            {sha(t, "pazpaz")[:16], false},
		"empty":               {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := crypt.CheckEntropy(c.key)
			if c.accept && err != nil || !c.accept && !errors.Is(err, crypt.ErrWeakKey) {
				t.Fatalf("accept is %v, got %v", c.accept, err)
			}
		})
	}
}

func TestRandomKeysAreAccepted(t *testing.T) {
	t.Parallel()
	for range 10_000 {
		if err := crypt.CheckEntropy(randomKey(t)); err != nil {
			t.Fatal(err)
		}
	}
}
