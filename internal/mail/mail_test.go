package mail

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const sender = "PazPaz <no-reply@pazpaz.example>"

func sample() Message {
	return Message{
		ID:      "reminder.0197-a_1",
		To:      "דנה לוי <dana@example.org>",
		Subject: "תזכורת: פגישה מחר בשעה 10:00 – מרפאת \"שקט\" ברחוב הארוך שבסוף העיר העתיקה",
		Text:    "שלום דנה,\n\n. נקודה בתחילת שורה\n.\nFrom a line\nhttps://pazpaz.example/x?token=a=b&c=d\n\nלהתראות\n",
		Date:    time.Date(2026, 3, 1, 10, 0, 0, 0, time.FixedZone("", 2*3600)),
		Lang:    "he",
	}
}

// decoded is a mail as a reader sees it.
type decoded struct {
	header  netmail.Header
	subject string
	kinds   []string // media types of the parts
	bodies  []string // line ends as \n
}

// decode reads a mail with the standard library and holds it to the form that every server can take.
func decode(t *testing.T, data []byte) decoded {
	t.Helper()
	for line := range strings.SplitAfterSeq(string(data), "\r\n") {
		line, ended := strings.CutSuffix(line, "\r\n")
		if line != "" && !ended || len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
			t.Errorf("line %q is not well formed", line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r > 126 || r < ' ' && r != '\t' }) {
			t.Errorf("line %q is not plain ASCII", line)
		}
	}
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("read message: %v", err)
	}
	d := decoded{header: m.Header}
	if d.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatalf("subject: %v", err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("content type: %v", err)
	}
	if kind != "multipart/alternative" {
		d.add(t, m.Header.Get("Content-Type"), quotedprintable.NewReader(m.Body))
		return d
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart() // undoes quoted-printable by itself
		if err == io.EOF {
			return d
		}
		if err != nil {
			t.Fatalf("part: %v", err)
		}
		d.add(t, p.Header.Get("Content-Type"), p)
	}
}

func (d *decoded) add(t *testing.T, kind string, r io.Reader) {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("body: %v", err)
	}
	d.kinds = append(d.kinds, kind)
	d.bodies = append(d.bodies, strings.TrimRight(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")+"\n")
}

// expect compares a mail with the message it came from.
func expect(t *testing.T, data []byte, m Message) {
	t.Helper()
	d := decode(t, data)
	to, err := d.header.AddressList("To")
	want, _ := netmail.ParseAddress(m.To)
	if err != nil || len(to) != 1 || *to[0] != *want {
		t.Errorf("To is %v (%v), want %v", to, err, want)
	}
	if d.subject != m.Subject {
		t.Errorf("subject is %q, want %q", d.subject, m.Subject)
	}
	if when, err := d.header.Date(); err != nil || !when.Equal(m.Date) {
		t.Errorf("date is %v (%v), want %v", when, err, m.Date)
	}
	for name, want := range map[string]string{
		"From": `"PazPaz" <no-reply@pazpaz.example>`, "Message-Id": "<" + m.ID + "@pazpaz.example>",
		"Auto-Submitted": "auto-generated", "Mime-Version": "1.0", "Content-Language": m.Lang,
	} {
		if got := d.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	kinds, bodies := []string{"text/plain; charset=utf-8"}, []string{m.Text}
	if m.HTML != "" {
		kinds, bodies = append(kinds, "text/html; charset=utf-8"), append(bodies, m.HTML)
	}
	if strings.Join(d.kinds, "|") != strings.Join(kinds, "|") || strings.Join(d.bodies, "|") != strings.Join(bodies, "|") {
		t.Errorf("body is %q %q\nwant    %q %q", d.kinds, d.bodies, kinds, bodies)
	}
}

func TestComposeRoundTrip(t *testing.T) {
	t.Parallel()
	from, err := parseAddress(sender)
	if err != nil {
		t.Fatal(err)
	}
	html := sample()
	html.HTML = "<html dir=\"rtl\" lang=\"he\"><p>שלום דנה</p></html>\n"
	plain := sample()
	plain.To, plain.Subject, plain.Lang = "dana@example.org", "Sign in", ""
	tricky := sample()
	tricky.To, tricky.Subject = `"Levi, Dana \"D\"" <"dana levi"@example.org>`, "=?utf-8?B?SGk=?= is not a code"
	for name, m := range map[string]Message{"hebrew": sample(), "html": html, "plain": plain, "tricky": tricky} {
		l, err := compose(m, from)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		expect(t, l.data, m)
		again, _ := compose(m, from)
		if !bytes.Equal(l.data, again.data) {
			t.Errorf("%s: the same message gave different bytes", name)
		}
	}
}

// TestComposeAnySubjectAndText: whatever passes the check comes back unchanged and stays where it belongs.
func TestComposeAnySubjectAndText_ASVS_1_3_11(t *testing.T) {
	t.Parallel()
	from, _ := parseAddress(sender)
	rapid.Check(t, func(rt *rapid.T) {
		m := sample()
		m.Subject = rapid.String().Draw(rt, "subject")
		m.Text = rapid.String().Draw(rt, "text")
		m.HTML = rapid.String().Draw(rt, "html")
		l, err := compose(m, from)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				rt.Fatalf("got %v", err)
			}
			return
		}
		d := decode(t, l.data)
		if d.subject != m.Subject {
			rt.Fatalf("subject is %q, want %q", d.subject, m.Subject)
		}
		if got, want := d.bodies[0], lineEnds(m.Text); got != want {
			rt.Fatalf("text is %q, want %q", got, want)
		}
		for name := range d.header {
			if !strings.Contains("Date From To Message-Id Subject Auto-Submitted Content-Language Mime-Version "+
				"Content-Type Content-Transfer-Encoding", name) {
				rt.Fatalf("header %q appeared", name)
			}
		}
	})
}

func lineEnds(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.TrimRight(s, "\n") + "\n"
}

// bad lists what every engine must refuse.
func bad() map[string]Message {
	m := map[string]Message{}
	change := func(name string, f func(*Message)) {
		s := sample()
		f(&s)
		m[name] = s
	}
	for name, sep := range map[string]string{"CRLF": "\r\n", "LF": "\n", "CR": "\r", "NUL": "\x00", "NEL": "\u0085", "LS": "\u2028", "VT": "\v"} {
		change(name+" in subject", func(m *Message) { m.Subject = "Hi" + sep + "Bcc: eve@example.org" })
		change(name+" before subject", func(m *Message) { m.Subject = sep + "Hi" })
		change(name+" after subject", func(m *Message) { m.Subject = "Hi" + sep })
		change(name+" in To name", func(m *Message) { m.To = "Dana" + sep + "Bcc: eve@example.org <dana@example.org>" })
		change(name+" in To address", func(m *Message) { m.To = "dana@example.org" + sep + "RCPT TO:<eve@example.org>" })
		change(name+" in ID", func(m *Message) { m.ID = "a" + sep + "b" })
		change(name+" in language", func(m *Message) { m.Lang = "he" + sep + "Bcc: eve@example.org" })
	}
	change("encoded CRLF in To name", func(m *Message) { m.To = "=?utf-8?Q?a=0D=0ABcc:_eve?= <dana@example.org>" })
	change("two recipients", func(m *Message) { m.To = "dana@example.org, eve@example.org" })
	change("no recipient", func(m *Message) { m.To = "" })
	change("no domain", func(m *Message) { m.To = "dana" })
	change("address in Hebrew", func(m *Message) { m.To = "דנה@example.org" })
	change("long recipient", func(m *Message) { m.To = strings.Repeat("a", 513) + "@example.org" })
	change("no subject", func(m *Message) { m.Subject = "" })
	change("long subject", func(m *Message) { m.Subject = strings.Repeat("a", 513) })
	change("subject not UTF-8", func(m *Message) { m.Subject = "\xff" })
	change("no text", func(m *Message) { m.Text = "" })
	change("text not UTF-8", func(m *Message) { m.Text = "\xff" })
	change("HTML not UTF-8", func(m *Message) { m.HTML = "\xff" })
	change("no date", func(m *Message) { m.Date = time.Time{} })
	change("no ID", func(m *Message) { m.ID = "" })
	change("long ID", func(m *Message) { m.ID = strings.Repeat("a", 101) })
	change("language is not a tag", func(m *Message) { m.Lang = "he; x=y" })
	for _, id := range []string{"../x", "a/b", ".hidden", "a..b", "a.", "a b", "a@b", "<a>", "א"} {
		change("ID "+id, func(m *Message) { m.ID = id })
	}
	return m
}

// refuses checks that every bad message is refused without repeating the recipient.
func refuses(t *testing.T, s Sender) {
	t.Helper()
	for name, m := range bad() {
		err := s.Send(t.Context(), m)
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		} else if strings.Contains(err.Error(), "example.org") {
			t.Errorf("%s: the recipient is in %q", name, err)
		}
	}
}

func openTestConsole(t *testing.T) (Sender, *bytes.Buffer, string) {
	t.Helper()
	out, dir := &bytes.Buffer{}, filepath.Join(t.TempDir(), "data", "mail")
	s, err := Open("console:", Options{From: sender, Out: out, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, out, dir
}

func TestConsole(t *testing.T) {
	t.Parallel()
	s, out, dir := openTestConsole(t)
	m := sample()
	m.Text += "\x1b[2J\x07done\r\n"
	first := sample()
	for _, m := range []Message{first, m} { // a retry replaces the file
		if err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != m.ID+".eml" {
		t.Fatalf("the folder holds %v (%v), want one file", entries, err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700 | os.ModeDir, filepath.Join(dir, m.ID+".eml"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v (%v), want %v", path, info.Mode(), err, want)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, m.ID+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	m.Text = strings.ReplaceAll(m.Text, "\r\n", "\n")
	expect(t, data, m)
	for _, want := range []string{"To: " + m.To, "Subject: " + m.Subject, "https://pazpaz.example/x?token=a=b&c=d", "[2Jdone"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not printed in\n%s", want, out)
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\x07\r") {
		t.Error("control characters reached the terminal")
	}
}

func TestConsoleRefuses(t *testing.T) {
	t.Parallel()
	s, out, dir := openTestConsole(t)
	refuses(t, s)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 || out.Len() != 0 {
		t.Errorf("refused messages left %v (%v) and printed %q", entries, err, out)
	}
}

func TestConsoleLeavesNothingBehindWhenItFails(t *testing.T) {
	t.Parallel()
	s, out, dir := openTestConsole(t)
	if err := os.Mkdir(filepath.Join(dir, sample().ID+".eml"), 0o700); err != nil { // a file cannot replace a folder
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), sample()); err == nil || errors.Is(err, ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 || out.Len() != 0 {
		t.Errorf("the folder holds %v, printed %q", entries, out)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	o := Options{From: sender, Out: io.Discard, Dir: t.TempDir()}
	for _, url := range []string{
		"", "console", "console:x", "log:", "http://hunter2@h", "smtp:", "smtp://", "smtp://:25", "smtp://u:hunter2@h:port",
		"smtp://u:hunter2@h:0", "smtp://u:hunter2@h:65536", "smtp://u:hunter2@h/path", "smtp://u:hunter2@h#x", "smtp://u@h",
		"smtp://:hunter2@h", "smtp://u:hunter2@h?tls=none", "smtp://u:hunter2@10.0.0.1?tls=none", "smtp://u:hunter2@localhost.example?tls=none",
		"smtp://u:hunter2@127.0.0.1?tls=off", "smtp://u:hunter2@127.0.0.1?tls=none&x=1", "smtps://u:hunter2@127.0.0.1?tls=none",
		"smtp://u:hunter2@h?insecure=1", "smtp://u:hunter2@h%zz",
	} {
		if _, err := Open(url, o); err == nil {
			t.Errorf("%q was accepted", url)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the password is in %q", url, err)
		}
	}
	for _, from := range []string{"", "PazPaz", "a@b, c@d", "a@b\r\nBcc: c@d", "פז@example.org"} {
		if _, err := Open("console:", Options{From: from, Out: io.Discard, Dir: o.Dir}); err == nil {
			t.Errorf("the sender %q was accepted", from)
		}
	}
	for _, o := range []Options{{From: sender, Out: io.Discard}, {From: sender, Dir: o.Dir}} {
		if _, err := Open("console:", o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func TestOpenAccepts(t *testing.T) {
	t.Parallel()
	for url, address := range map[string]string{
		"smtp://h": "h:587", "smtps://h": "h:465", "smtp://u:p%40@h:2525": "h:2525", "smtp://localhost?tls=none": "localhost:25",
		"smtp://mail.localhost:1025?tls=none": "mail.localhost:1025", "smtp://[::1]:1025?tls=none": "[::1]:1025", "smtp://127.9.9.9?tls=none": "127.9.9.9:25",
	} {
		s, err := Open(url, Options{From: sender})
		if err != nil || s.(*mailer).address != address {
			t.Errorf("%q: got %+v, %v", url, s, err)
		}
	}
}
