package crypt

import (
	"fmt"
	"math"
)

// CheckEntropy refuses keys that cannot have come from a random source: a
// wrong length, few distinct bytes, one byte too often, a run up or down, or
// less than 4 bits of Shannon entropy a byte. A random 32-byte key has about
// 4.9; the chance that one is refused is below one in a million.
func CheckEntropy(key []byte) error {
	if len(key) != KeySize {
		return fmt.Errorf("%w: it has %d bytes, not %d", ErrWeakKey, len(key), KeySize)
	}
	var count [256]int
	up, down := 0, 0
	for i, b := range key {
		count[b]++
		if i > 0 && b == key[i-1]+1 {
			up++
		}
		if i > 0 && b == key[i-1]-1 {
			down++
		}
	}
	distinct, most, bits := spread(count[:])
	if distinct < 10 || most > 6 || bits < 4 || max(up, down) > KeySize/2 {
		return fmt.Errorf("%w: it does not look random", ErrWeakKey)
	}
	return nil
}

func spread(count []int) (distinct, most int, bits float64) {
	for _, n := range count {
		if n == 0 {
			continue
		}
		distinct++
		most = max(most, n)
		p := float64(n) / KeySize
		bits -= p * math.Log2(p)
	}
	return distinct, most, bits
}
