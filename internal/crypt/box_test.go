package crypt_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"pazpaz/internal/crypt"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestSealedValueOpensToWhatItWas(t *testing.T) {
	t.Parallel()
	b := box(t)
	for name, value := range map[string]string{
		"ascii":         "John Doe",
		"hebrew":        "כאבי גב תחתון לאחר לידה",
		"niqqud":        "שָׁלוֹם",
		"emoji":         "👩‍⚕️🧘🏽‍♀️",
		"special":       "'; drop table clients; -- \x00\r\n\t\"\\",
		"not UTF-8":     "\xff\xfe\x00\x80",
		"one byte":      "x",
		"empty":         "",
		"ten kilobytes": strings.Repeat("0123456789", 1024),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sealed := seal(t, b, home, []byte(value))
			wantOpens(t, b, home, sealed, []byte(value))
			if len(sealed) != len(value)+crypt.Overhead {
				t.Fatalf("%d bytes sealed for %d, want %d more", len(sealed), len(value), crypt.Overhead)
			}
			if len(value) > 3 && bytes.Contains(sealed, []byte(value)) {
				t.Fatal("the sealed value contains the plain one")
			}
		})
	}
}

func TestSealOpenProperty(t *testing.T) {
	t.Parallel()
	m := masters(t)
	boxes := map[uuid.UUID]*crypt.Box{}
	for i := range 3 {
		id := uuid.UUID{15: byte(i)}
		boxes[id] = open(t, m, id, newDataKey(t, m, id, 1))
	}
	ids := []uuid.UUID{{15: 0}, {15: 1}, {15: 2}}
	where := rapid.Custom(func(rt *rapid.T) crypt.Place {
		return crypt.Place{
			Table:  rapid.SampledFrom([]string{"clients", "consents", "client", "clientsc"}).Draw(rt, "table"),
			Column: rapid.SampledFrom([]string{"contact", "history", "ontact", "contac"}).Draw(rt, "column"),
			Row:    uuid.UUID{0: rapid.Byte().Draw(rt, "row") % 3},
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.SliceOf(rapid.Byte()).Draw(rt, "value")
		from, to := where.Draw(rt, "from"), where.Draw(rt, "to")
		by, of := rapid.SampledFrom(ids).Draw(rt, "by"), rapid.SampledFrom(ids).Draw(rt, "of")
		sealed, err := boxes[by].Seal(from, value)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := boxes[of].Open(to, sealed)
		if from == to && by == of {
			if err != nil || !bytes.Equal(got, value) {
				rt.Fatalf("did not open in its own place: %v", err)
			}
			return
		}
		if !errors.Is(err, crypt.ErrTampered) || got != nil {
			rt.Fatalf("opened in another place: %v", err)
		}
	})
}

func TestNoncesNeverRepeat_ASVS_11_3_4(t *testing.T) {
	t.Parallel()
	b := box(t)
	seen := map[string]bool{}
	for range 1000 {
		sealed := seal(t, b, home, []byte("the same value"))
		nonce := string(sealed[3:15])
		if seen[nonce] || nonce == strings.Repeat("\x00", 12) {
			t.Fatalf("nonce %x was used before", nonce)
		}
		seen[nonce] = true
	}
}

func TestEverySingleBitFlipIsRefused_ASVS_11_3_3(t *testing.T) {
	t.Parallel()
	m := masters(t)
	b := open(t, m, owner, newDataKey(t, m, owner, 1), newDataKey(t, m, owner, 2), newDataKey(t, m, owner, 3))
	sealed := seal(t, b, home, []byte("L4-L5 פריצת דיסק"))
	for bit := range len(sealed) * 8 {
		flipped := bytes.Clone(sealed)
		flipped[bit/8] ^= 1 << (bit % 8)
		got, err := b.Open(home, flipped)
		version := bit/8 == 1 || bit/8 == 2
		if got != nil || (!errors.Is(err, crypt.ErrTampered) && (!version || !errors.Is(err, crypt.ErrWrongKey))) {
			t.Fatalf("bit %d of %d: got %q, %v", bit, len(sealed)*8, got, err)
		}
	}
	wantOpens(t, b, home, sealed, []byte("L4-L5 פריצת דיסק"))
}

func TestCutOrGrownValueIsRefused_ASVS_11_2_5(t *testing.T) {
	t.Parallel()
	b := box(t)
	sealed := seal(t, b, home, []byte("twelve bytes"))
	for n := range len(sealed) {
		wantRefused(t, b, home, sealed[:n], crypt.ErrTampered)
		// Cut in front, any two bytes stand where the key version was.
		got, err := b.Open(home, sealed[len(sealed)-n:])
		if got != nil || (!errors.Is(err, crypt.ErrTampered) && !errors.Is(err, crypt.ErrWrongKey)) {
			t.Fatalf("without the first %d bytes: got %q, %v", len(sealed)-n, got, err)
		}
	}
	wantRefused(t, b, home, append(bytes.Clone(sealed), 0), crypt.ErrTampered)
	wantRefused(t, b, home, nil, crypt.ErrTampered)
}

func TestMovedValueIsRefused(t *testing.T) {
	t.Parallel()
	m := masters(t)
	other := uuid.MustParse("00000000-0000-0000-0000-000000000002")
	b := open(t, m, owner, newDataKey(t, m, owner, 1))
	sealed := seal(t, b, home, []byte("secret"))
	for name, to := range map[string]crypt.Place{
		"table":                 {Table: "consents", Column: home.Column, Row: row},
		"column":                {Table: home.Table, Column: "history", Row: row},
		"row":                   {Table: home.Table, Column: home.Column, Row: other},
		"row, none":             {Table: home.Table, Column: home.Column},
		"names glued elsewhere": {Table: "client", Column: "s" + home.Column, Row: row},
		"separator in a name":   {Table: home.Table + "\x00" + home.Column, Column: "", Row: row},
		"names exchanged":       {Table: home.Column, Column: home.Table, Row: row},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, b, to, sealed, crypt.ErrTampered)
		})
	}
	t.Run("workspace", func(t *testing.T) {
		t.Parallel()
		wantRefused(t, open(t, m, other, newDataKey(t, m, other, 1)), home, sealed, crypt.ErrTampered)
	})
}

// The owner is authenticated by itself, not only by its key: a data key that
// two workspaces came to share would still not open the other's values.
func TestOwnerIsPartOfThePlace(t *testing.T) {
	t.Parallel()
	m := masters(t)
	other := uuid.MustParse("00000000-0000-0000-0000-000000000002")
	random := append(randomKey(t), "nonce......."...)
	withSameKey := func(of uuid.UUID) *crypt.Box {
		wrapped, err := m.NewDataKey(bytes.NewReader(random), of, 1)
		if err != nil {
			t.Fatal(err)
		}
		return open(t, m, of, crypt.WrappedKey{Version: 1, Wrapped: wrapped})
	}
	a, b := withSameKey(owner), withSameKey(other)
	if !bytes.Equal(a.Lookup("x", nil), b.Lookup("x", nil)) {
		t.Fatal("the two do not share a key; the test proves nothing")
	}
	wantRefused(t, b, home, seal(t, a, home, []byte("secret")), crypt.ErrTampered)
}

func TestUnknownKeyVersionIsWrongKey(t *testing.T) {
	t.Parallel()
	m := masters(t)
	first, second := newDataKey(t, m, owner, 1), newDataKey(t, m, owner, 2)
	sealed := seal(t, open(t, m, owner, first, second), home, []byte("new"))
	wantRefused(t, open(t, m, owner, first), home, sealed, crypt.ErrWrongKey)
}

func TestNewestDataKeySealsAndOlderOnesOpen_ASVS_11_2_2(t *testing.T) {
	t.Parallel()
	m := masters(t)
	first, second := newDataKey(t, m, owner, 1), newDataKey(t, m, owner, 258)
	before := open(t, m, owner, first)
	old := seal(t, before, home, []byte("old"))
	for _, keys := range [][]crypt.WrappedKey{{first, second}, {second, first}} {
		both := open(t, m, owner, keys...)
		wantOpens(t, both, home, old, []byte("old"))
		sealed := seal(t, both, home, []byte("new"))
		if v := [2]byte(sealed[1:3]); v != [2]byte{1, 2} {
			t.Fatalf("sealed under version %v, want 258", v)
		}
		wantOpens(t, open(t, m, owner, second), home, sealed, []byte("new"))
		wantRefused(t, before, home, sealed, crypt.ErrWrongKey)
		if !bytes.Equal(both.Lookup("email", []byte("a")), before.Lookup("email", []byte("a"))) {
			t.Fatal("a newer data key changed the look-up hashes")
		}
	}
}

func TestLookupIsStableAndKeptApart(t *testing.T) {
	t.Parallel()
	m := masters(t)
	key := newDataKey(t, m, owner, 1)
	a, again := open(t, m, owner, key), open(t, m, owner, key)
	hash := a.Lookup("sign-in e-mail", []byte("noa@example.com"))
	if len(hash) != 32 || !bytes.Equal(hash, again.Lookup("sign-in e-mail", []byte("noa@example.com"))) {
		t.Fatal("the same value has another hash in a second process")
	}
	others := map[string][]byte{
		"another purpose":   a.Lookup("sign-in code", []byte("noa@example.com")),
		"another value":     a.Lookup("sign-in e-mail", []byte("noah@example.com")),
		"glued elsewhere":   a.Lookup("sign-in e-mailn", []byte("oa@example.com")),
		"another owner":     box(t).Lookup("sign-in e-mail", []byte("noa@example.com")),
		"separator in word": a.Lookup("sign-in e-mail\x00", []byte("noa@example.com")),
	}
	for name, got := range others {
		if bytes.Equal(got, hash) {
			t.Errorf("%s: the hash is the same", name)
		}
	}
}

func TestBoxWithoutKeysIsRefused(t *testing.T) {
	t.Parallel()
	b, err := masters(t).OpenBox(rand.Reader, owner, nil)
	if !errors.Is(err, crypt.ErrKeyNotFound) || b != nil {
		t.Fatalf("got %v, %v", b, err)
	}
}

func TestSealFailsWithoutRandomness_ASVS_11_5_2(t *testing.T) {
	t.Parallel()
	m := masters(t)
	key := newDataKey(t, m, owner, 1)
	for name, random := range map[string]io.Reader{"error": iotest.ErrReader(io.ErrClosedPipe), "too little": strings.NewReader("eleven byte")} {
		b, err := m.OpenBox(random, owner, []crypt.WrappedKey{key})
		if err != nil {
			t.Fatal(err)
		}
		if sealed, err := b.Seal(home, []byte("x")); err == nil || sealed != nil {
			t.Errorf("%s: sealed %x", name, sealed)
		}
	}
}

func TestBoxIsSafeForConcurrentUse_ASVS_15_4_1(t *testing.T) {
	t.Parallel()
	b := box(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			value := bytes.Repeat([]byte{byte(i)}, 100+i)
			for range 200 {
				sealed, err := b.Seal(home, value)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := b.Open(home, sealed); err != nil || !bytes.Equal(got, value) {
					t.Errorf("opened to another value: %v", err)
					return
				}
				b.Lookup("p", value)
			}
		})
	}
	all.Wait()
}
