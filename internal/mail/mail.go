// Package mail is a message and a way to send it. It must not decide who is written to, in what words or how often, and it must
// not try again by itself: the caller keeps the ledger of what was sent and retries with the same message ID.
package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// How a Send went wrong. An error that is none of these may pass if the same message is sent again later.
var (
	ErrInvalid   = errors.New("message is not valid")                                     // no engine will ever take it
	ErrRejected  = errors.New("server refused the message for good")                      // 5xx to sender, recipient or content
	ErrUncertain = errors.New("connection was lost after the message had been handed in") // it may or may not arrive
)

// Message is one mail to one person.
type Message struct {
	ID      string    // left part of the Message-ID: 1–100 of A–Z a–z 0–9 . _ -; the same for every attempt
	To      string    // one address, with or without a name
	Subject string    // one line, 1–512 bytes
	Text    string    // plain text, required
	HTML    string    // optional; sent beside Text as multipart/alternative. Direction and language marks are the caller's
	Date    time.Time // when the message was written, required
	Lang    string    // optional language tag for Content-Language, for example "he"
}

// Sender sends messages. Its methods may be called from many goroutines.
type Sender interface {
	// Send hands m over. nil means the engine has taken responsibility for it. Errors contain neither password nor recipient.
	Send(ctx context.Context, m Message) error
	Close() error
}

// Options are the parts of the set-up that are not in the URL.
type Options struct {
	From    string         // sender, with or without a name; its domain also ends our Message-IDs and is our name in EHLO
	Out     io.Writer      // console: where a short block is printed for each message
	Dir     string         // console: folder for the .eml files, made with mode 0700
	Timeout time.Duration  // smtp: for one whole Send; 0 means 10 seconds
	RootCAs *x509.CertPool // smtp: who may sign the server's certificate; nil means the system's list
}

// Open returns the engine that url names:
//
//	console:                           print and keep as a file
//	smtp://user:password@host:587      STARTTLS required
//	smtp://localhost:1025?tls=none     in the clear, to this machine only
//	smtps://user:password@host:465     TLS from the first byte
//
// User and password are optional. Nothing is contacted yet. Errors never contain url.
func Open(url string, o Options) (Sender, error) {
	from, err := parseAddress(o.From)
	if err != nil {
		return nil, fmt.Errorf("mail: open: sender: %w", err)
	}
	switch scheme, _, _ := strings.Cut(url, "//"); {
	case url == "console:":
		return openConsole(from, o)
	case scheme == "smtp:", scheme == "smtps:":
		return openSMTP(url, from, o)
	}
	return nil, errors.New("mail: open: the URL must be console: or start with smtp:// or smtps://")
}

// Reach gets as far as a mail server that takes our sign-in, and sends nothing. Of console: there is nothing to reach.
func Reach(ctx context.Context, url string, o Options) error {
	s, err := Open(url, o)
	if err != nil {
		return err
	}
	m, remote := s.(*mailer)
	if !remote {
		return s.Close()
	}
	return errors.Join(m.reach(ctx), m.Close())
}

var (
	idForm   = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	langForm = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
)

// check refuses what cannot be sent safely and returns the recipient. Control characters in a header line would let whoever
// chose a name or subject write headers of their own.
func (m Message) check() (*netmail.Address, error) {
	to, err := parseAddress(m.To)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: recipient: %w", ErrInvalid, err)
	case len(m.ID) > 100 || !idForm.MatchString(m.ID):
		return nil, fmt.Errorf("%w: ID must be 1 to 100 letters, digits, dots, dashes and underscores", ErrInvalid)
	case m.Subject == "" || len(m.Subject) > 512 || !oneLine(m.Subject):
		return nil, fmt.Errorf("%w: subject must be 1 to 512 bytes in one line", ErrInvalid)
	case m.Text == "" || !utf8.ValidString(m.Text) || !utf8.ValidString(m.HTML):
		return nil, fmt.Errorf("%w: text must be present, text and HTML must be UTF-8", ErrInvalid)
	case m.Date.IsZero():
		return nil, fmt.Errorf("%w: date is missing", ErrInvalid)
	case m.Lang != "" && !langForm.MatchString(m.Lang):
		return nil, fmt.Errorf("%w: language must be a tag such as he or en-GB", ErrInvalid)
	}
	return to, nil
}

// parseAddress accepts one address that any mail server can take. The reasons it gives do not repeat the address.
func parseAddress(s string) (*netmail.Address, error) {
	if len(s) > 512 || !oneLine(s) {
		return nil, errors.New("address must be one line of at most 512 bytes")
	}
	a, err := netmail.ParseAddress(s)
	if err != nil || !strings.Contains(a.Address, "@") || !oneLine(a.Name+a.Address) {
		return nil, errors.New("address is not of the form name@domain")
	}
	for i := range len(a.Address) {
		if a.Address[i] >= utf8.RuneSelf {
			return nil, errors.New("address must be written in ASCII; use the xn-- form of the domain")
		}
	}
	return a, nil
}

// oneLine reports that s is UTF-8 without control characters and line separators.
func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}
