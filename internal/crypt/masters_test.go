package crypt_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pazpaz/internal/crypt"

	"github.com/google/uuid"
)

func TestParseMastersAcceptsEveryWrittenForm(t *testing.T) {
	t.Parallel()
	key := sha(t, "v")
	for i := 0; bytes.IndexByte([]byte(base64.StdEncoding.EncodeToString(key)), '+') < 0; i++ {
		key = sha(t, strings.Repeat("v", i+2))
	}
	wrapped, err := parse(t, keyLine(1, key)).NewDataKey(rand.Reader, uuid.Nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"bare":          base64.StdEncoding.EncodeToString(key),
		"bare, unpaded": base64.RawStdEncoding.EncodeToString(key),
		"url alphabet":  base64.URLEncoding.EncodeToString(key),
		"url, unpadded": base64.RawURLEncoding.EncodeToString(key),
		"version":       "v1:" + base64.StdEncoding.EncodeToString(key),
		"spaces":        "\n  v1: " + base64.StdEncoding.EncodeToString(key) + "  \n\n",
		"comments":      "# mine\nv1:" + base64.StdEncoding.EncodeToString(key) + "\r\n  # end",
	} {
		m, err := crypt.ParseMasters(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := m.OpenBox(rand.Reader, uuid.Nil, []crypt.WrappedKey{{Version: 1, Wrapped: wrapped}}); err != nil {
			t.Errorf("%s: read another key", name)
		}
	}
}

func TestParseMastersRefuses(t *testing.T) {
	t.Parallel()
	good := base64.StdEncoding.EncodeToString(randomKey(t))
	for name, text := range map[string]string{
		"nothing":             "",
		"comments only":       "# v1:" + good + "\n\n",
		"not base64":          "v1:" + good[:10] + "!" + good[11:],
		"too short":           base64.StdEncoding.EncodeToString(randomKey(t)[:31]),
		"too long":            base64.StdEncoding.EncodeToString(append(randomKey(t), 1)),
		"zeros":               base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"version 0":           "v0:" + good,
		"version too high":    "v65536:" + good,
		"version negative":    "v-1:" + good,
		"version without v":   "1:" + good,
		"version without n":   "v:" + good,
		"version twice":       "v1:" + good + "\nv1:" + good,
		"bare beside v1":      good + "\nv1:" + good,
		"second line is bad":  "v1:" + good + "\nv2:" + good[:20],
		"line without an end": strings.Repeat("A", 1<<20),
	} {
		m, err := crypt.ParseMasters(text)
		if err == nil || m != nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if name != "line without an end" && (!errors.Is(err, crypt.ErrKeyNotFound) || !strings.Contains(err.Error(), "Encryption key not found")) {
			t.Errorf("%s: %v does not say that the key was not found", name, err)
		}
	}
}

func TestOldMasterUnwrapsAndNewOneWraps(t *testing.T) {
	t.Parallel()
	first, second := randomKey(t), randomKey(t)
	old, both, young := parse(t, keyLine(1, first)), parse(t, keyLine(2, second), keyLine(1, first)), parse(t, keyLine(2, second))
	before, after := newDataKey(t, old, owner, 1), newDataKey(t, both, owner, 2)
	if v := [2]byte(after.Wrapped[1:3]); v != [2]byte{0, 2} {
		t.Fatalf("wrapped under master version %v, want 2", v)
	}
	sealed := seal(t, open(t, old, owner, before), home, []byte("x"))
	wantOpens(t, open(t, both, owner, before, after), home, sealed, []byte("x"))
	open(t, young, owner, after)
	for name, c := range map[string]struct {
		m   *crypt.Masters
		key crypt.WrappedKey
	}{"old master, new wrap": {old, after}, "new master, old wrap": {young, before}} {
		if _, err := c.m.OpenBox(rand.Reader, owner, []crypt.WrappedKey{c.key}); !errors.Is(err, crypt.ErrWrongKey) {
			t.Errorf("%s: %v, want ErrWrongKey", name, err)
		}
	}
}

func TestWrappedKeyBelongsToOneOwnerVersionAndMaster(t *testing.T) {
	t.Parallel()
	m := masters(t)
	w := newDataKey(t, m, owner, 7)
	flipped := bytes.Clone(w.Wrapped)
	flipped[20] ^= 1
	for name, c := range map[string]struct {
		m   *crypt.Masters
		of  uuid.UUID
		key crypt.WrappedKey
	}{
		"another owner":   {m, row, w},
		"another version": {m, owner, crypt.WrappedKey{Version: 8, Wrapped: w.Wrapped}},
		"another master":  {masters(t), owner, w},
		"a flipped bit":   {m, owner, crypt.WrappedKey{Version: 7, Wrapped: flipped}},
		"cut":             {m, owner, crypt.WrappedKey{Version: 7, Wrapped: w.Wrapped[:30]}},
		"empty":           {m, owner, crypt.WrappedKey{Version: 7}},
	} {
		if b, err := c.m.OpenBox(rand.Reader, c.of, []crypt.WrappedKey{c.key}); !errors.Is(err, crypt.ErrTampered) || b != nil {
			t.Errorf("%s: got %v, %v, want ErrTampered", name, b, err)
		}
	}
	open(t, m, owner, w)
}

func TestDataKeysAreRandom_ASVS_11_6_1(t *testing.T) {
	t.Parallel()
	m := masters(t)
	seen := map[string]bool{}
	for range 100 {
		b := open(t, m, owner, newDataKey(t, m, owner, 1))
		seen[string(b.Lookup("x", nil))] = true
	}
	if len(seen) != 100 {
		t.Fatalf("%d different keys out of 100", len(seen))
	}
}

// weakThenGood yields n keys of zeros before it becomes random.
func weakThenGood(n int) io.Reader {
	return io.MultiReader(bytes.NewReader(make([]byte, n*crypt.KeySize)), rand.Reader)
}

func TestNewKeyTriesThreeTimesForAStrongOne(t *testing.T) {
	t.Parallel()
	m := masters(t)
	w, err := m.NewDataKey(weakThenGood(2), owner, 1)
	if err != nil {
		t.Fatal(err)
	}
	open(t, m, owner, crypt.WrappedKey{Version: 1, Wrapped: w})
	if w, err := m.NewDataKey(weakThenGood(3), owner, 1); !errors.Is(err, crypt.ErrWeakKey) || w != nil {
		t.Fatalf("got %x, %v, want ErrWeakKey", w, err)
	}
	if w, err := m.NewDataKey(strings.NewReader("short"), owner, 1); err == nil || w != nil {
		t.Fatalf("made %x without randomness", w)
	}
}

func TestCreatedKeyFileIsPrivateAndLoads(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys", "master.keys")
	if err := crypt.CreateMasters(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(name), info.Mode().Perm(), want)
		}
	}
	one, err := crypt.LoadMasters(path)
	if err != nil {
		t.Fatal(err)
	}
	two, err := crypt.LoadMasters(path)
	if err != nil {
		t.Fatal(err)
	}
	open(t, two, owner, newDataKey(t, one, owner, 1))
}

func TestKeyFileIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.keys")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := crypt.CreateMasters(path, rand.Reader); !errors.Is(err, os.ErrExist) {
		t.Errorf("create: %v, want that it exists", err)
	}
	if err := crypt.WriteSecret(path, []byte("other")); !errors.Is(err, os.ErrExist) {
		t.Errorf("write: %v, want that it exists", err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "precious" {
		t.Fatalf("the file now holds %q, %v", got, err)
	}
}

func TestCreateMastersFailsWithoutRandomnessAndLeavesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.keys")
	if err := crypt.CreateMasters(path, strings.NewReader("")); err == nil {
		t.Fatal("made a key out of nothing")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("left a file: %v", err)
	}
}

func TestLoadMastersSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, path := range map[string]string{
		"missing":   filepath.Join(dir, "none"),
		"empty":     write("empty", ""),
		"malformed": write("malformed", "v1:hello"),
		"weak":      write("weak", keyLine(1, make([]byte, 32))),
	} {
		m, err := crypt.LoadMasters(path)
		if m != nil || !errors.Is(err, crypt.ErrKeyNotFound) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want ErrKeyNotFound that names %s", name, err, path)
		}
	}
	if _, err := crypt.LoadMasters(dir); err == nil || errors.Is(err, crypt.ErrKeyNotFound) {
		t.Errorf("a folder: %v, want that it cannot be read", err)
	}
}
