package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// sink is a mail server in this process that keeps what it gets.
type sink struct {
	mu       sync.Mutex
	mails    []received
	attempts int // sign-ins tried
}

type received struct {
	user, from, to string
	data           []byte
}

func (s *sink) all() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

type session struct {
	sink *sink
	mail received
}

func (s *session) Reset()                                      { s.mail = received{user: s.mail.user} }
func (s *session) Logout() error                               { return nil }
func (s *session) AuthMechanisms() []string                    { return []string{sasl.Plain} }
func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.mail.from = from; return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error   { s.mail.to = to; return nil }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.sink.mu.Lock()
		defer s.sink.mu.Unlock()
		s.sink.attempts++
		if user != "office@pazpaz.example" || password != "p@ss:word" {
			return fmt.Errorf("no entry for %s with %s", user, password)
		}
		s.mail.user = user
		return nil
	}), nil
}

func (s *session) Data(r io.Reader) (err error) {
	if s.mail.data, err = io.ReadAll(r); err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.mails = append(s.sink.mails, s.mail)
	return nil
}

// serve starts a sink. With a certificate it offers STARTTLS, or speaks TLS from the first byte when full is set.
func serve(t *testing.T, cert *tls.Certificate, full bool) (*sink, string) {
	t.Helper()
	k := &sink{}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{sink: k}, nil }))
	s.Domain, s.AllowInsecureAuth, s.EnableSMTPUTF8 = "sink.example", true, true
	s.ErrorLog = log.New(io.Discard, "", 0)
	l := listen(t)
	if cert != nil {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}}
	}
	var inner net.Listener = l
	if full {
		inner = tls.NewListener(l, s.TLSConfig)
	}
	go func() { _ = s.Serve(inner) }()
	t.Cleanup(func() { _ = s.Close() })
	return k, l.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// certificate makes one for host and a pool that trusts it.
func certificate(t *testing.T, host string) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func openTestSMTP(t *testing.T, url string, o Options) Sender {
	t.Helper()
	o.From = sender
	s, err := Open(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const login = "office%40pazpaz.example:p%40ss%3Aword@"

func TestSMTPDelivers(t *testing.T) {
	t.Parallel()
	cert, pool := certificate(t, "127.0.0.1")
	plain, plainAt := serve(t, nil, false)
	upgraded, upgradedAt := serve(t, cert, false)
	encrypted, encryptedAt := serve(t, cert, true)
	for _, c := range []struct {
		url, user string
		sink      *sink
	}{
		{"smtp://" + plainAt + "?tls=none", "", plain},
		{"smtp://" + login + plainAt + "?tls=none", "office@pazpaz.example", plain},
		{"smtp://" + login + upgradedAt, "office@pazpaz.example", upgraded},
		{"smtps://" + login + encryptedAt, "office@pazpaz.example", encrypted},
		{"smtps://" + encryptedAt, "", encrypted},
	} {
		s := openTestSMTP(t, c.url, Options{RootCAs: pool})
		m := sample()
		m.HTML = "<html dir=\"rtl\" lang=\"he\"><p>שלום דנה</p></html>\n"
		if err := s.Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		mails := c.sink.all()
		got := mails[len(mails)-1]
		if got.user != c.user || got.from != "no-reply@pazpaz.example" || got.to != "dana@example.org" {
			t.Errorf("%s: signed in as %q, from %q to %q", c.url, got.user, got.from, got.to)
		}
		expect(t, got.data, m)
	}
}

// TestSMTPSendsWhatTheConsoleKeeps: one composer, one result.
func TestSMTPSendsWhatTheConsoleKeeps(t *testing.T) {
	t.Parallel()
	k, at := serve(t, nil, false)
	if err := openTestSMTP(t, "smtp://"+at+"?tls=none", Options{}).Send(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	from, _ := parseAddress(sender)
	l, _ := compose(sample(), from)
	if got := k.all()[0].data; string(got) != string(l.data) {
		t.Errorf("sent %q\nwant %q", got, l.data)
	}
}

func TestSMTPRefuses(t *testing.T) {
	t.Parallel()
	k, at := serve(t, nil, false)
	refuses(t, openTestSMTP(t, "smtp://"+at+"?tls=none", Options{}))
	if got := k.all(); len(got) != 0 {
		t.Errorf("%d bad messages were sent", len(got))
	}
}

func TestSMTPMany(t *testing.T) {
	t.Parallel()
	k, at := serve(t, nil, false)
	s := openTestSMTP(t, "smtp://"+at+"?tls=none", Options{})
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			m := sample()
			m.ID = fmt.Sprint("m", i)
			if err := s.Send(context.Background(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(k.all()); got != 30 {
		t.Errorf("%d of 30 messages arrived", got)
	}
}

// TestSMTPEncryptionIsNotOptional: no password and no message leaves when the line is not what it must be.
func TestSMTPEncryptionIsNotOptional_ASVS_12_3_1(t *testing.T) {
	t.Parallel()
	cert, pool := certificate(t, "127.0.0.1")
	foreign, foreignPool := certificate(t, "mail.example")
	plain, plainAt := serve(t, nil, false)
	upgraded, upgradedAt := serve(t, cert, false)
	encrypted, encryptedAt := serve(t, cert, true)
	misnamed, misnamedAt := serve(t, foreign, false)
	for _, c := range []struct {
		name, url string
		pool      *x509.CertPool
		sink      *sink
	}{
		{"no STARTTLS offered", "smtp://" + login + plainAt, pool, plain},
		{"plain server behind smtps", "smtps://" + login + plainAt, pool, plain},
		{"unknown issuer", "smtp://" + login + upgradedAt, foreignPool, upgraded},
		{"unknown issuer, full TLS", "smtps://" + login + encryptedAt, nil, encrypted},
		{"certificate of another host", "smtp://" + login + misnamedAt, foreignPool, misnamed},
	} {
		err := openTestSMTP(t, c.url, Options{RootCAs: c.pool, Timeout: 2 * time.Second}).Send(t.Context(), sample())
		if err == nil || errors.Is(err, ErrRejected) || errors.Is(err, ErrUncertain) {
			t.Errorf("%s: got %v", c.name, err)
		}
		silent(t, c.name, err)
		if len(c.sink.all()) != 0 || c.sink.attempts != 0 {
			t.Errorf("%s: something was sent", c.name)
		}
	}
}

func TestSMTPWrongPassword(t *testing.T) {
	t.Parallel()
	k, at := serve(t, nil, false)
	s := openTestSMTP(t, "smtp://office:hunter2-p%40ss@"+at+"?tls=none", Options{})
	err := s.Send(t.Context(), sample())
	if err == nil || !strings.Contains(err.Error(), "sign in") || errors.Is(err, ErrRejected) {
		t.Errorf("got %v: a wrong password is no fault of the message", err)
	}
	silent(t, "wrong password", err)
	if len(k.all()) != 0 {
		t.Error("the message was sent")
	}
}

// silent checks that an error repeats neither password nor recipient nor what the server said.
func silent(t *testing.T, name string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, word := range []string{"p@ss", "hunter2", "p%40ss", "cEBzcw", "dana", "example.org", "GOSSIP"} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("%s: %q is in %q", name, word, err)
		}
	}
}
