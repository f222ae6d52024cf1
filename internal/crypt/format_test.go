package crypt_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"pazpaz/internal/crypt"
)

// Fixed inputs of the golden values: what was sealed by any released version
// must open for ever.
var (
	goldenMaster  = sha256.Sum256([]byte("golden master"))
	goldenDataKey = sha256.Sum256([]byte("golden data key"))
	goldenNonce1  = []byte("nonce wrap..")
	goldenNonce2  = []byte("nonce value.")
)

const (
	goldenWrapped = "0100016e6f6e636520777261702e2e0e0a110ae2e8d8c2eab586e64f6e5573dde944ad8d6e09b12d686760314425f7c5b97f59519277a030c48f6c7127756b"
	goldenSealed  = "0100016e6f6e63652076616c75652e540f4b6f75f1779f5987f2989e2ea2566cb3eefce4aaa8c0"
	goldenLookup  = "8d39d8f0551ee3107c48f34fb9a03a51cc0bc8365963430c5af1568bc56f076c"
)

func golden(t *testing.T) (*crypt.Box, []byte) {
	t.Helper()
	m := parse(t, "v1:"+base64.StdEncoding.EncodeToString(goldenMaster[:]))
	random := bytes.NewReader(append(bytes.Clone(goldenDataKey[:]), goldenNonce1...))
	wrapped, err := m.NewDataKey(random, owner, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.OpenBox(bytes.NewReader(goldenNonce2), owner, []crypt.WrappedKey{{Version: 1, Wrapped: wrapped}})
	if err != nil {
		t.Fatal(err)
	}
	return b, wrapped
}

func TestStoredFormatsNeverChange(t *testing.T) {
	t.Parallel()
	b, wrapped := golden(t)
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"wrapped data key", wrapped, goldenWrapped},
		{"sealed value", seal(t, b, home, []byte("שלום")), goldenSealed},
		{"look-up hash", b.Lookup("sign-in e-mail", []byte("noa@example.com")), goldenLookup},
	} {
		if hex.EncodeToString(c.got) != c.want {
			t.Errorf("%s: got %x, want %s", c.name, c.got, c.want)
		}
	}
}

// The formats, written a second time from their description alone.
func TestFormatsAreAsDescribed_ASVS_11_3_2(t *testing.T) {
	t.Parallel()
	b, wrapped := golden(t)
	gcm := func(key []byte) cipher.AEAD {
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		return aead
	}
	aad := append([]byte("pazpaz data key\x00"), owner[:]...)
	key, err := gcm(goldenMaster[:]).Open(nil, wrapped[3:15], wrapped[15:], append(aad, 0, 1))
	if err != nil || !bytes.Equal(key, goldenDataKey[:]) || !bytes.Equal(wrapped[:3], []byte{1, 0, 1}) {
		t.Fatalf("the data key is not wrapped as described: %v", err)
	}
	sealed := seal(t, b, home, []byte("שלום"))
	aad = append([]byte(nil), owner[:]...)
	aad = append(aad, "clients\x00contact\x00"...)
	value, err := gcm(key).Open(nil, sealed[3:15], sealed[15:], append(aad, row[:]...))
	if err != nil || string(value) != "שלום" || !bytes.Equal(sealed[:3], []byte{1, 0, 1}) {
		t.Fatalf("the value is not sealed as described: %v", err)
	}
	lookup, err := hkdf.Key(sha256.New, key, nil, "pazpaz lookup", 32)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, lookup)
	mac.Write([]byte("sign-in e-mail\x00noa@example.com"))
	if !bytes.Equal(mac.Sum(nil), b.Lookup("sign-in e-mail", []byte("noa@example.com"))) {
		t.Fatal("the look-up hash is not made as described")
	}
}

func TestCheckpointKeyNeverChanges(t *testing.T) {
	t.Parallel()
	b, _ := golden(t)
	const want = "13be0bafb94174c0bafbce8079218bee6ecee034249d742255b6b7db15bc1c03"
	if got := hex.EncodeToString(b.CheckpointKey().Seed()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A data key opens under the new master key alone, once it is wrapped anew.
func TestRewrappedKeyNeedsTheNewMasterKeyOnly(t *testing.T) {
	t.Parallel()
	b, wrapped := golden(t)
	next := keyLine(2, randomKey(t))
	both := parse(t, keyLine(1, goldenMaster[:]), next)
	again, err := both.Rewrap(rand.Reader, owner, crypt.WrappedKey{Version: 1, Wrapped: wrapped})
	if err != nil {
		t.Fatal(err)
	}
	if both.Current() != 2 || len(both.Versions()) != 2 {
		t.Fatalf("v%d of %v is current", both.Current(), both.Versions())
	}
	opened, err := parse(t, next).OpenBox(rand.Reader, owner, []crypt.WrappedKey{{Version: 1, Wrapped: again}})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := opened.Open(home, seal(t, b, home, []byte("x"))); err != nil || string(v) != "x" {
		t.Errorf("%q, %v", v, err)
	}
	if !opened.CheckpointKey().Equal(b.CheckpointKey()) {
		t.Error("the checkpoint key has changed")
	}
	if _, err := parse(t, next).Rewrap(rand.Reader, owner, crypt.WrappedKey{Version: 1, Wrapped: wrapped}); err == nil {
		t.Error("a key was wrapped anew without the one that opens it")
	}
}
