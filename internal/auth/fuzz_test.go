package auth

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

var fuzzNow = time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC)

func fuzzTokens() tokens {
	return tokens{key: signingKey{now: []byte(strings.Repeat("k", 32))}, now: func() time.Time { return fuzzNow }}
}

// FuzzToken checks that no text but the very one that we signed is read: not
// another spelling of it either.
func FuzzToken(f *testing.F) {
	s := fuzzTokens()
	ours, err := s.sign(uuid.MustParse("10000000-0000-0000-0000-000000000001"), uuid.MustParse("00000000-0000-0000-0000-000000000001"),
		uuid.MustParse("30000000-0000-0000-0000-000000000001"), fuzzNow.Add(time.Hour))
	if err != nil {
		f.Fatal(err)
	}
	if _, err := s.read(ours); err != nil {
		f.Fatalf("our own token: %v", err)
	}
	head, payload, _ := strings.Cut(ours, ".")
	none, err := jwt.New(jwt.SigningMethodNone).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		ours, ours[:len(ours)-1] + "B", ours + "=", ours + ".", ours + "\n", " " + ours, "." + ours, head + ".." + payload, head + "." + payload + ".",
		none, "", ".", "..", "...", strings.Repeat(".", 2000), strings.Repeat("a", 3000), "e30.e30.e30", "null.null.null", "\xff.\xfe.\x00",
		`eyJhbGciOiJub25lIn0.` + payload, `eyJhbGciOiJIUzUxMiJ9.` + payload,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		c, err := s.read(token)
		if err == nil && token != ours {
			t.Fatalf("%q was read as %+v", token, c)
		}
		if err != nil && token == ours {
			t.Fatalf("our own token: %v", err)
		}
	})
}

// FuzzCookies checks that of two cookies with one name none is believed, and
// that other cookies do no harm.
func FuzzCookies(f *testing.F) {
	for _, seed := range []string{
		"", "access_token=a", "access_token=a; access_token=b", "access_token=", "access_token", "access_token=a;access_token=", "=;=;;",
		"other=1; access_token=\"quoted\"", "access_token=\xff", "ACCESS_TOKEN=a", "access_token =a", " access_token=a", "access_token=a=b", "$Version=1; access_token=a",
		"pre_session=" + strings.Repeat("p", 43), "__Host-access_token=a", "a\x00=b", strings.Repeat("a=b; ", 300), "access_token=a, access_token=b",
	} {
		f.Add(seed)
	}
	s := &Service{}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Count(line, ";") > 2900 {
			return // net/http reads no cookie of a request with more than 3,000
		}
		alone := &http.Request{Header: http.Header{"Cookie": {line}}}
		beside := &http.Request{Header: http.Header{"Cookie": {line, "access_token=good"}}}
		got, err := s.oneCookie(alone, accessCookie)
		both, bothErr := s.oneCookie(beside, accessCookie)
		switch found := len(alone.CookiesNamed(accessCookie)); {
		case err == nil && (got == "" || !strings.Contains(line, got)):
			t.Fatalf("%q was read as %q", line, got)
		case found == 0 && (bothErr != nil || both != "good"):
			t.Fatalf("beside %q our cookie was read as %q, %v", line, both, bothErr)
		case found > 0 && bothErr == nil:
			t.Fatalf("beside %q a second cookie was believed: %q", line, both)
		}
		if known := s.KnownBrowser(alone); known != "" && !strings.Contains(line, known) {
			t.Fatalf("%q holds no pre-session %q", line, known)
		}
	})
}

// FuzzCode checks that what people type around a code goes and nothing else.
func FuzzCode(f *testing.F) {
	for _, seed := range []string{"ABCD 2345", "abcd-2345", "", "  ", "----", "\u05d0", "ı", "ß", "\xff", "\u00a0", strings.Repeat("-", 5000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code := canonicalCode(typed)
		if strings.ContainsAny(code, " -") || canonicalCode(" "+typed+"-") != code || canonicalCode(code) != code {
			t.Fatalf("%q became %q", typed, code)
		}
	})
}
