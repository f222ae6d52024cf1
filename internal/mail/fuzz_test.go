package mail

import (
	"bytes"
	netmail "net/mail"
	"strings"
	"testing"
	"time"
)

// FuzzCompose checks that no text of a message becomes a header of it, and that
// what is handed over has the form of a mail.
func FuzzCompose(f *testing.F) {
	for _, seed := range []string{
		"Sign in", "a\r\nBcc: x@example.com", "\u05e9\u05dc\u05d5\u05dd " + strings.Repeat("\u05e9", 100), "=?utf-8?q?x?=", "\x00", "\xff", ".\r\n.", strings.Repeat("a", 600), "", " ", "\u202e",
	} {
		f.Add("noa@example.com", seed, seed, seed)
		f.Add(seed+"@example.com", "Sign in", "text", "")
	}
	from, err := netmail.ParseAddress(sender)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, to, subject, text, html string) {
		l, err := compose(Message{
			ID: "fuzz-1", To: to, Subject: subject, Text: text, HTML: html, Date: time.Date(2026, 2, 2, 9, 0, 0, 0, time.UTC), Lang: "he",
		}, from)
		if err != nil {
			return
		}
		m, err := netmail.ReadMessage(bytes.NewReader(l.data))
		if err != nil {
			t.Fatalf("%v: %q", err, l.data)
		}
		for name, values := range m.Header {
			if len(values) != 1 || !strings.Contains(" Date From To Message-Id Subject Auto-Submitted Content-Language Mime-Version Content-Type Content-Transfer-Encoding ", " "+name+" ") {
				t.Fatalf("header %s: %q in %q", name, values, l.data)
			}
		}
		if strings.ContainsAny(l.to, "\r\n \x00") || bytes.Contains(bytes.ReplaceAll(l.data, []byte("\r\n"), nil), []byte("\n")) {
			t.Fatalf("to %q: %q", l.to, l.data)
		}
		for line := range bytes.SplitSeq(l.data, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsFunc(line, func(r rune) bool { return r > 126 || r < 32 && r != '\t' }) {
				t.Fatalf("line %q", line)
			}
		}
	})
}
