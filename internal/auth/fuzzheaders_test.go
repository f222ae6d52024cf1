package auth

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
)

// FuzzDeviceWords checks that what a browser says of itself becomes a few plain
// words, or none.
func FuzzDeviceWords(f *testing.F) {
	for _, seed := range []string{
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
		"", "curl/8.5.0", "<script>alert(1)</script> Chrome/1", "\x00\xff", strings.Repeat("Chrome/", 3000), "Windows NT 10.0; Edg/", "\r\nSet-Cookie: x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, userAgent string) {
		for _, words := range []string{first(DeviceWords(userAgent)), second(DeviceWords(userAgent))} {
			if len(words) > 40 || !utf8.ValidString(words) || strings.ContainsAny(words, "<>\r\n\x00\"") {
				t.Fatalf("%q is called %q", userAgent, words)
			}
		}
	})
}

func first(a, _ string) string  { return a }
func second(_, b string) string { return b }

// FuzzCSRF checks that no header and cookie but the session's own token pass.
func FuzzCSRF(f *testing.F) {
	s := &Service{csrf: csrfKey{now: []byte(strings.Repeat("k", 32))}}
	session, other := uuid.MustParse("30000000-0000-0000-0000-000000000001"), uuid.MustParse("30000000-0000-0000-0000-000000000002")
	ours := s.csrf.token(session)
	for _, seed := range []string{ours, "", ours + "=", " " + ours, ours + " ", strings.ToUpper(ours), s.csrf.token(other), ours[:len(ours)-1], "\x00", ours + "," + ours, `"` + ours + `"`} {
		f.Add(seed, "csrf_token="+seed)
		f.Add(ours, "csrf_token="+seed)
		f.Add(seed, "csrf_token="+ours)
		f.Add(ours, "csrf_token="+ours+"; csrf_token="+seed)
	}
	f.Fuzz(func(t *testing.T, header, cookie string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
		r.Header[http.CanonicalHeaderKey(CSRFHeader)] = []string{header}
		r.Header["Cookie"] = []string{cookie}
		if err := s.CheckCSRF(r, session); err == nil && (header != ours || !strings.Contains(cookie, ours)) {
			t.Fatalf("%q with %q passes", header, cookie)
		}
	})
}
