package model

import (
	"iter"
	"math/bits"
	"unicode/utf8"
)

// Trigrams are the runs of three letters of a folded text, as a Bloom filter
// with one hash. A text without all trigrams of a query does not hold it.
type Trigrams []uint64

// A filter has mostTrigramBits while it is made, and is folded in half as long
// as no more than one bit in sparse is set: chance lets a word of four trigrams
// pass one filter in four thousand.
const (
	mostTrigramBits = 1 << 15
	sparse          = 8
)

// TrigramsOf returns the filter of all sections. It takes one or two bytes for
// each different trigram, at most 4 kB.
func TrigramsOf(s *Sections) Trigrams {
	all := make(Trigrams, mostTrigramBits/64)
	var folded []byte
	for _, name := range SectionNames {
		folded = FoldInto(folded[:0], string(*s.Section(name)))
		for hash := range trigramsIn(folded) {
			all[hash%mostTrigramBits/64] |= 1 << (hash % 64)
		}
	}
	return all.folded()
}

// folded returns the filter no larger than it needs to be.
func (t Trigrams) folded() Trigrams {
	set := 0
	for _, word := range t {
		set += bits.OnesCount64(word)
	}
	for len(t) > 1 && set*sparse <= len(t)/2*64 {
		half := len(t) / 2
		for i := range half {
			t[i] |= t[half+i]
		}
		t = t[:half]
	}
	return append(make(Trigrams, 0, len(t)), t...)
}

// trigramsIn are the hashes of the runs of three letters of a folded text.
func trigramsIn(folded []byte) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		var before, last rune
		for n := 0; len(folded) > 0; n++ {
			r, size := utf8.DecodeRune(folded)
			folded = folded[size:]
			if n >= 2 && !yield(trigramHash(before, last, r)) {
				return
			}
			before, last = last, r
		}
	}
}

// trigramHash spreads three runes by multiplying with odd numbers; what is used
// of it are the lower bits.
func trigramHash(a, b, c rune) uint32 {
	h := uint32(a)               //nolint:gosec // G115: any number will do
	h = h*0x01000193 ^ uint32(b) //nolint:gosec // G115: as above
	h = h*0x01000193 ^ uint32(c) //nolint:gosec // G115: as above
	h = (h ^ h>>15) * 0x2c1b3c6d
	return h ^ h>>14
}

// MayFind is false only for the trigrams of notes in which there is no hit. A
// query of one or two letters may be anywhere.
func (f *Finder) MayFind(t Trigrams) bool {
	if len(t) == 0 {
		return true
	}
	mask := uint32(len(t)*64 - 1) //nolint:gosec // G115: at most mostTrigramBits
	for _, hash := range f.trigrams {
		hash &= mask
		if t[hash/64]&(1<<(hash%64)) == 0 {
			return false
		}
	}
	return true
}
