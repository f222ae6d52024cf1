package testkit

import (
	"bytes"
	"maps"
	"net/http"
	"regexp"
	"strings"

	"pazpaz/internal/mail"
)

// Browser keeps cookies, and sends the CSRF token with changes, as the page
// in a person's browser does.
type Browser struct {
	k       *Kit
	cookies map[string]string
	// Header is sent with every request.
	Header http.Header
}

// NewBrowser returns a browser that was never here before.
func (k *Kit) NewBrowser() *Browser {
	return &Browser{k: k, cookies: map[string]string{}, Header: http.Header{}}
}

// Do sends a request as Kit.Do does and keeps the cookies of the answer.
func (b *Browser) Do(method, path string, body any) *Response {
	b.k.T.Helper()
	header := maps.Clone(b.Header)
	var cookies []string
	for name, value := range b.cookies {
		cookies = append(cookies, name+"="+value)
		if strings.HasSuffix(name, "csrf_token") && header.Get("X-CSRF-Token") == "" {
			header.Set("X-CSRF-Token", value)
		}
	}
	if len(cookies) > 0 {
		header.Set("Cookie", strings.Join(cookies, "; "))
	}
	res := b.k.Do(method, path, header, body)
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return res
}

// Cookie returns the value that the browser holds, "" for none.
func (b *Browser) Cookie(name string) string { return b.cookies[name] }

// SetCookie plants a cookie; "" removes it.
func (b *Browser) SetCookie(name, value string) {
	if value == "" {
		delete(b.cookies, name)
		return
	}
	b.cookies[name] = value
}

// AskLink asks for a sign-in mail and returns it once the jobs have run; it
// fails the test when none or several came.
func (b *Browser) AskLink(email string) mail.Message {
	b.k.T.Helper()
	before := len(b.k.Outbox.Sent())
	b.Do(http.MethodPost, "/auth/magic-link", map[string]any{"email": email}).Want(b.k, http.StatusAccepted)
	b.k.RunJobs()
	var sent []mail.Message
	for _, m := range b.k.Outbox.Sent()[before:] {
		if linkForm.MatchString(m.Text) { // and no notice of an earlier sign-in
			sent = append(sent, m)
		}
	}
	if len(sent) != 1 {
		b.k.T.Fatalf("%d mails were sent, want 1", len(sent))
	}
	return sent[0]
}

// Cookies reads the Set-Cookie lines of an answer.
func (r *Response) Cookies() []*http.Cookie {
	return (&http.Response{Header: r.Header}).Cookies()
}

// SameBut reports whether two answers are alike but for the request's id and
// the date.
func (r *Response) SameBut(other *Response) bool {
	return r.Status == other.Status && bytes.Equal(r.blind(), other.blind()) && maps.EqualFunc(r.lasting(), other.lasting(), equalLines)
}

func equalLines(a, b []string) bool { return strings.Join(a, "\n") == strings.Join(b, "\n") }

func (r *Response) lasting() http.Header {
	h := maps.Clone(r.Header)
	h.Del("Date")
	h.Del("X-Request-Id")
	return h
}

func (r *Response) blind() []byte {
	id := r.Header.Get("X-Request-Id")
	if id == "" {
		return r.Body
	}
	return bytes.ReplaceAll(r.Body, []byte(id), []byte("ID"))
}

var (
	linkForm = regexp.MustCompile(`/sign-in/link#token=([A-Za-z0-9_-]+)`)
	codeForm = regexp.MustCompile(`(?m)^ +([A-Z0-9]{4}) ([A-Z0-9]{4})$`)
)

// LinkToken returns the token of the link in a sign-in mail.
func (k *Kit) LinkToken(m mail.Message) string {
	k.T.Helper()
	found := linkForm.FindStringSubmatch(m.Text)
	if found == nil {
		k.T.Fatalf("no link in the mail %q", m.Text)
	}
	return found[1]
}

// LinkCode returns the code in a sign-in mail, without its space.
func (k *Kit) LinkCode(m mail.Message) string {
	k.T.Helper()
	found := codeForm.FindStringSubmatch(m.Text)
	if found == nil {
		k.T.Fatalf("no code in the mail %q", m.Text)
	}
	return found[1] + found[2]
}
