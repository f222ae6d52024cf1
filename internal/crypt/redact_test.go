package crypt_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pazpaz/internal/crypt"
)

// wantNoKey fails when text holds the key in any of the usual writings, whole
// or as a recognisable part.
func wantNoKey(t *testing.T, what, text string, key []byte) {
	t.Helper()
	decimal := strings.Trim(fmt.Sprintf("%d", key), "[]")
	for _, form := range []string{
		string(key), hex.EncodeToString(key), strings.ToUpper(hex.EncodeToString(key)), fmt.Sprintf("%x", fmt.Sprintf("%x", key)),
		base64.StdEncoding.EncodeToString(key), base64.URLEncoding.EncodeToString(key), decimal,
		strings.ReplaceAll(decimal, " ", ", "), fmt.Sprintf("%#v", key),
	} {
		if part := form[:len(form)/3]; strings.Contains(text, part) {
			t.Fatalf("%s shows a key: %s", what, text)
		}
	}
}

func TestPrintsNeverShowKeys(t *testing.T) {
	t.Parallel()
	raw := randomKey(t)
	m := parse(t, keyLine(1, raw))
	dataKey := randomKey(t)
	wrapped, err := m.NewDataKey(bytes.NewReader(append(bytes.Clone(dataKey), make([]byte, 12)...)), owner, 1)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, m, owner, crypt.WrappedKey{Version: 1, Wrapped: wrapped})
	for what, v := range map[string]any{
		"masters": m, "masters by value": *m, "box": b, "box by value": *b,
		"in a struct": struct {
			M *crypt.Masters
			B crypt.Box
		}{m, *b},
		"in a slice": []any{m, *m, b, *b},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%t", "%T", "%e"} {
			text := fmt.Sprintf(verb, v)
			wantNoKey(t, what+" "+verb, text, raw)
			wantNoKey(t, what+" "+verb, text, dataKey)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		wantNoKey(t, what+" in a log", log.String()+string(asJSON), raw)
		wantNoKey(t, what+" in a log", log.String()+string(asJSON), dataKey)
	}
	if got := fmt.Sprint(m, " ", *b); got != "[redacted] [redacted]" {
		t.Fatalf("printed %q", got)
	}
}

func TestErrorsNeverShowKeysOrValues(t *testing.T) {
	t.Parallel()
	raw := randomKey(t)
	line := base64.StdEncoding.EncodeToString(raw)
	texts := []string{
		"v1:" + line + "!", "1:" + line, "vv:" + line, line[:40], "v1:" + line + "\nv1:" + line, "v1:" + line + line,
		line + ":" + line, "v1" + line,
	}
	for _, text := range texts {
		_, err := crypt.ParseMasters(text)
		if err == nil {
			t.Fatalf("%d characters were accepted", len(text))
		}
		wantNoKey(t, "error", err.Error(), raw)
		if strings.Contains(err.Error(), line[:12]) {
			t.Fatalf("the error repeats its input: %v", err)
		}
	}
	b := box(t)
	sealed := seal(t, b, home, []byte("a secret of some length"))
	sealed[len(sealed)-1] ^= 1
	_, err := b.Open(home, sealed)
	want := "open clients.contact: " + crypt.ErrTampered.Error()
	if err == nil || err.Error() != want {
		t.Fatalf("got %v, want %q", err, want)
	}
}
