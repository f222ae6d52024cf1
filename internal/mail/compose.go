package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode/utf8"
)

// letter is a message ready to be handed over.
type letter struct {
	to   string // envelope recipient, in angle brackets
	data []byte // RFC 5322, 7-bit, lines end in CRLF
}

// compose writes m out. The same message gives the same bytes every time, whichever engine sends it.
func compose(m Message, from *netmail.Address) (letter, error) {
	to, err := m.check()
	if err != nil {
		return letter{}, err
	}
	var b bytes.Buffer
	header(&b, "Date", m.Date.Format(time.RFC1123Z))
	header(&b, "From", writtenOut(from))
	header(&b, "To", writtenOut(to))
	header(&b, "Message-ID", "<"+m.ID+"@"+domain(from)+">")
	header(&b, "Subject", words(m.Subject))
	header(&b, "Auto-Submitted", "auto-generated")
	if m.Lang != "" {
		header(&b, "Content-Language", m.Lang)
	}
	header(&b, "MIME-Version", "1.0")
	body(&b, m)
	return letter{to: bracketed(to), data: b.Bytes()}, nil
}

func header(b *bytes.Buffer, name, value string) {
	b.WriteString(name + ": " + value + "\r\n")
}

// body cannot fail: it writes to memory.
func body(b *bytes.Buffer, m Message) {
	if m.HTML == "" {
		header(b, "Content-Type", contentType("plain"))
		header(b, "Content-Transfer-Encoding", "quoted-printable")
		b.WriteString("\r\n")
		encode(b, m.Text)
		b.WriteString("\r\n")
		return
	}
	parts := multipart.NewWriter(b)
	_ = parts.SetBoundary(boundary(m.ID))
	header(b, "Content-Type", mime.FormatMediaType("multipart/alternative", map[string]string{"boundary": parts.Boundary()}))
	b.WriteString("\r\n")
	for _, part := range []struct{ kind, content string }{{"plain", m.Text}, {"html", m.HTML}} {
		w, _ := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {contentType(part.kind)},
			"Content-Transfer-Encoding": {"quoted-printable"},
		})
		encode(w, part.content)
	}
	_ = parts.Close()
}

// boundary contains "=_", which quoted-printable text never does.
func boundary(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "=_" + hex.EncodeToString(sum[:16])
}

func contentType(kind string) string { return "text/" + kind + "; charset=utf-8" }

func encode(w io.Writer, s string) {
	q := quotedprintable.NewWriter(w)
	_, _ = io.WriteString(q, s)
	_ = q.Close()
}

// writtenOut is the address as a header shows it.
func writtenOut(a *netmail.Address) string {
	if a.Name == "" || plain(a.Name) {
		return a.String()
	}
	return words(a.Name) + "\r\n " + bracketed(a)
}

func bracketed(a *netmail.Address) string {
	return (&netmail.Address{Address: a.Address}).String()
}

func domain(a *netmail.Address) string {
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}

// words writes s as it is or as RFC 2047 encoded words, one for each line.
func words(s string) string {
	if plain(s) {
		return s
	}
	const room = 39 // bytes, so that a line stays below the 76 characters that RFC 2047 permits
	var lines []string
	for s != "" {
		n := min(room, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		lines = append(lines, fmt.Sprintf("=?utf-8?B?%s?=", base64.StdEncoding.EncodeToString([]byte(s[:n]))))
		s = s[n:]
	}
	return strings.Join(lines, "\r\n ")
}

// plain reports that s needs no encoding and cannot be taken for an encoded word.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return !strings.Contains(s, "=?") && strings.TrimSpace(s) == s
}
