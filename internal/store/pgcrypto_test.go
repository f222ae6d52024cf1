package store_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pazpaz/internal/testkit"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const passphrase = "correct horse battery סוס"

func sealInDatabase(t *testing.T, c *pgx.Conn, text, pass string) (sealed []byte) {
	t.Helper()
	testkit.NoErr(t, c.QueryRow(t.Context(), "select encrypt_phi_pgcrypto($1, $2)", text, pass).Scan(&sealed))
	return sealed
}

func openInDatabase(t *testing.T, c *pgx.Conn, sealed []byte, pass string) (text string, err error) {
	t.Helper()
	err = c.QueryRow(t.Context(), "select decrypt_phi_pgcrypto($1, $2)", sealed, pass).Scan(&text)
	return text, err
}

func TestDatabaseFunctionsSealAndOpen(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		c := asApp(k)
		for name, text := range map[string]string{
			"ascii": "John Doe", "hebrew": "כאבי גב", "emoji": "👩‍⚕️", "empty": "", "one block": "0123456789abcdef", "long": strings.Repeat("é", 5000),
		} {
			sealed := sealInDatabase(t, c, text, passphrase)
			if got, err := openInDatabase(t, c, sealed, passphrase); err != nil || got != text {
				t.Errorf("%s: opened to %q, %v", name, got, err)
			}
			if want := 1 + 16 + (len(text)/16+1)*16 + 32; len(sealed) != want || sealed[0] != 1 {
				t.Errorf("%s: %d bytes in format %d, want %d in 1", name, len(sealed), sealed[0], want)
			}
			if len(text) > 4 && bytes.Contains(sealed, []byte(text)) {
				t.Errorf("%s: the text is readable", name)
			}
		}
		var null *string
		testkit.NoErr(t, c.QueryRow(t.Context(), "select decrypt_phi_pgcrypto(encrypt_phi_pgcrypto(null, 'x'), 'x')").Scan(&null))
		if null != nil {
			t.Errorf("null became %q", *null)
		}
	})
}

func TestDatabaseFunctionsSealDifferentlyEachTime(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		c, seen := asApp(k), map[string]bool{}
		for range 100 {
			sealed := sealInDatabase(t, c, "the same text", passphrase)
			seen[string(sealed[1:17])] = true
			seen[string(sealed[17:])] = true
		}
		if len(seen) != 200 {
			t.Errorf("%d different values and starts, want 200", len(seen))
		}
		var same bool
		testkit.NoErr(t, c.QueryRow(t.Context(), "select encrypt_phi_pgcrypto('a', 'b') = encrypt_phi_pgcrypto('a', 'b')").Scan(&same))
		if same {
			t.Error("one statement sealed twice alike")
		}
	})
}

func TestDatabaseFunctionRefusesWhatWasChanged(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		c := asApp(k)
		sealed := sealInDatabase(t, c, "a secret", passphrase)
		refused := func(what string, value []byte, pass string) {
			text, err := openInDatabase(t, c, value, pass)
			pe, ok := errors.AsType[*pgconn.PgError](err)
			if !ok || text != "" || strings.Contains(pe.Message+pe.Detail, "secret") {
				t.Errorf("%s: opened to %q, %v", what, text, err)
			}
			if ok && len(value) >= 65 && !strings.Contains(pe.Message, "wrong key or changed value") {
				t.Errorf("%s: the reason differs: %s", what, pe.Message)
			}
		}
		for bit := range len(sealed) * 8 {
			flipped := bytes.Clone(sealed)
			flipped[bit/8] ^= 1 << (bit % 8)
			refused("a flipped bit", flipped, passphrase)
		}
		for n := range len(sealed) {
			refused("cut", sealed[:n], passphrase)
		}
		refused("grown", append(bytes.Clone(sealed), 0), passphrase)
		for _, pass := range []string{"", "Correct horse battery סוס", passphrase + " "} {
			refused("another passphrase", sealed, pass)
		}
	})
}

// The format, written a second time from its description.
func TestDatabaseFunctionsFormatIsAsDescribed(t *testing.T) {
	eachPostgres(t, func(t *testing.T, k *testkit.Kit) {
		sealed := sealInDatabase(t, asApp(k), "שלום", passphrase)
		derived := func(purpose string) []byte { return sum256([]byte(passphrase), []byte(purpose)) }
		body, mac := sealed[:len(sealed)-32], sealed[len(sealed)-32:]
		if !hmac.Equal(mac, sum256(derived("authenticate"), body)) {
			t.Fatal("the last 32 bytes do not authenticate all before them")
		}
		block, err := aes.NewCipher(derived("encrypt"))
		testkit.NoErr(t, err)
		plain := bytes.Clone(body[17:])
		cipher.NewCBCDecrypter(block, body[1:17]).CryptBlocks(plain, plain)
		plain = plain[:len(plain)-int(plain[len(plain)-1])]
		if string(plain) != "שלום" || !utf8.Valid(plain) {
			t.Fatalf("read %q", plain)
		}
	})
}

func sum256(key, data []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(data)
	return mac.Sum(nil)
}
