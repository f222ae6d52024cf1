package testkit

import (
	"bytes"
	"io"
	"log"
	"net"
	netmail "net/mail"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// MailServer is a mail server on a real socket that counts what it is handed.
type MailServer struct {
	// URL is what the product is told.
	URL string

	mu  sync.Mutex
	ids map[string]int
}

// NewMailServer starts a mail server that takes every mail.
func NewMailServer(t *testing.T) *MailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	NoErr(t, err)
	m := &MailServer{URL: "smtp://" + l.Addr().String() + "?tls=none", ids: map[string]int{}}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return mailSession{m}, nil }))
	s.Domain, s.ErrorLog = "sink.example", log.New(io.Discard, "", 0)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return m
}

// Counts returns how often each Message-ID was handed in.
func (m *MailServer) Counts() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make(map[string]int, len(m.ids))
	for id, n := range m.ids {
		all[id] = n
	}
	return all
}

type mailSession struct{ m *MailServer }

// Reset implements smtp.Session.
func (mailSession) Reset() {}

// Logout implements smtp.Session.
func (mailSession) Logout() error { return nil }

// Mail implements smtp.Session.
func (mailSession) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Data implements smtp.Session.
func (s mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	letter, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.ids[letter.Header.Get("Message-Id")]++
	return nil
}
