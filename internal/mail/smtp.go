package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

const (
	sendTime  = 10 * time.Second // for one whole Send unless Options say otherwise
	maxAnswer = 1 << 20          // a server that says more than this in one conversation is not a mail server
)

type security int

const (
	startTLS security = iota
	fullTLS
	inTheClear
)

// mailer sends through one server, with a connection for each message.
//
// It drives the SMTP client of go-mail step by step instead of using its one-call form, which reports a failed
// RSET after delivery as a failure to deliver (a second mail on retry), puts the recipient into its errors, and does not end with
// the context.
type mailer struct {
	from     *netmail.Address
	host     string // without port
	address  string // with port
	user     string
	password string
	security security
	tls      *tls.Config
	timeout  time.Duration
}

func openSMTP(raw string, from *netmail.Address, o Options) (*mailer, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return nil, errors.New("mail: open: the URL must look like smtp://user:password@host:587")
	}
	m := &mailer{from: from, host: u.Hostname(), user: u.User.Username(), timeout: o.Timeout}
	m.password, _ = u.User.Password()
	if (m.user == "") != (m.password == "") {
		return nil, errors.New("mail: open: the URL must name both user and password, or neither")
	}
	if m.security, err = securityOf(u); err != nil {
		return nil, err
	}
	if m.address, err = addressOf(u, m.security); err != nil {
		return nil, err
	}
	if m.timeout == 0 {
		m.timeout = sendTime
	}
	m.tls = &tls.Config{ServerName: m.host, MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs}
	return m, nil
}

func securityOf(u *url.URL) (security, error) {
	switch {
	case u.Scheme == "smtps" && u.RawQuery == "":
		return fullTLS, nil
	case u.Scheme == "smtp" && u.RawQuery == "":
		return startTLS, nil
	case u.Scheme == "smtp" && u.RawQuery == "tls=none" && loopback(u.Hostname()):
		return inTheClear, nil
	}
	return 0, errors.New("mail: open: the only option is tls=none, for smtp:// to this machine")
}

func addressOf(u *url.URL, s security) (string, error) {
	port := u.Port()
	if port == "" {
		port = map[security]string{startTLS: "587", fullTLS: "465", inTheClear: "25"}[s]
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", errors.New("mail: open: the port must be 1 to 65535")
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// Send holds one conversation with the server. It returns nil as soon as the server has accepted the message.
func (s *mailer) Send(ctx context.Context, m Message) error {
	l, err := compose(m, s.from)
	if err != nil {
		return fmt.Errorf("mail: send: %w", err)
	}
	return s.converse(ctx, func(ctx context.Context, client *smtp.Client) error { return s.hand(ctx, client, l) })
}

// reach gets as far as a server that knows and trusts us.
func (s *mailer) reach(ctx context.Context) error {
	return s.converse(ctx, func(context.Context, *smtp.Client) error { return nil })
}

// converse connects, says what is to be said, and parts.
func (s *mailer) converse(ctx context.Context, say func(context.Context, *smtp.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return failure(ctx, "connect", err)
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends whatever the conversation is waiting for
	defer stop()

	if s.security == inTheClear && !local(conn) {
		return failure(ctx, "connect", reason("tls=none is for this machine only and the name leads elsewhere"))
	}
	client, err := s.greet(ctx, &limited{Conn: conn, left: maxAnswer})
	if err != nil {
		return err
	}
	if err := say(ctx, client); err != nil {
		return err
	}
	_ = client.Quit() // a message is accepted by now; how we part does not matter
	return nil
}

// local looks at where the line really ends: a name such as mail.localhost is whatever the resolver makes of it.
func local(conn net.Conn) bool {
	addr, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

func (s *mailer) Close() error { return nil }

// greet gets as far as a server that knows and trusts us.
func (s *mailer) greet(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	if s.security == fullTLS {
		conn = tls.Client(conn, s.tls)
	}
	client, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, failure(ctx, "greeting", err)
	}
	client.SkipSMTPUTF8(true)
	if err := client.Hello(domain(s.from)); err != nil {
		return nil, failure(ctx, "hello", err)
	}
	if s.security == startTLS {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return nil, failure(ctx, "starttls", reason("the server does not offer encryption"))
		}
		if err := client.StartTLS(s.tls); err != nil {
			return nil, failure(ctx, "starttls", err)
		}
	}
	if err := s.signIn(client); err != nil {
		return nil, failure(ctx, "sign in", err)
	}
	return client, nil
}

// signIn knows the two mechanisms that every server offers. The line is encrypted or does not leave the machine, so the
// challenge mechanisms would add nothing but a way for a hostile server to make us compute for hours.
func (s *mailer) signIn(client *smtp.Client) error {
	if s.user == "" {
		return nil
	}
	_, offered := client.Extension("AUTH")
	switch mechanisms := strings.Fields(strings.ToUpper(offered)); {
	case slices.Contains(mechanisms, "PLAIN"):
		return client.Auth(smtp.PlainAuth("", s.user, s.password, s.host, s.security == inTheClear))
	case slices.Contains(mechanisms, "LOGIN"):
		return client.Auth(smtp.LoginAuth(s.user, s.password, s.host, s.security == inTheClear))
	}
	return reason("the server offers neither PLAIN nor LOGIN")
}

// hand passes the letter over. From the final dot until the answer nobody can know whether the server has taken it.
func (s *mailer) hand(ctx context.Context, client *smtp.Client, l letter) error {
	if err := client.Mail(bracketed(s.from)); err != nil {
		return rejection(ctx, "sender", err)
	}
	if err := client.Rcpt(l.to); err != nil {
		return rejection(ctx, "recipient", err)
	}
	w, err := client.Data()
	if err != nil {
		return rejection(ctx, "data", err)
	}
	if _, err := w.Write(l.data); err != nil {
		return failure(ctx, "content", err)
	}
	err = w.Close()
	if answer := (*textproto.Error)(nil); err != nil && !errors.As(err, &answer) {
		return fmt.Errorf("%w: %w", failure(ctx, "content", err), ErrUncertain)
	}
	return rejection(ctx, "content", err)
}

// rejection is failure for the steps that are about this message.
func rejection(ctx context.Context, step string, err error) error {
	var answer *textproto.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &answer) && answer.Code/100 == 5:
		return fmt.Errorf("mail: send: %s: %w (%d)", step, ErrRejected, answer.Code)
	}
	return failure(ctx, step, err)
}

// reason is an error text of our own, safe to show.
type reason string

func (r reason) Error() string { return string(r) }

// failure says what went wrong at step. Of what a server says only the number is kept: the rest often repeats the recipient
// and may repeat the password.
func failure(ctx context.Context, step string, err error) error {
	var (
		answer *textproto.Error
		own    reason
		line   net.Error
		cert   *tls.CertificateVerificationError
	)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("mail: send: %s: %w", step, ctx.Err())
	case errors.As(err, &answer):
		return fmt.Errorf("mail: send: %s: the server answered %d", step, answer.Code)
	case errors.As(err, &own), errors.As(err, &line), errors.As(err, &cert):
		return fmt.Errorf("mail: send: %s: %w", step, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("mail: send: %s: the server closed the connection", step)
	}
	return fmt.Errorf("mail: send: %s: the server does not keep to the protocol", step)
}

// limited bounds what a server can make us hold in memory.
type limited struct {
	net.Conn
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, reason("the server says too much")
	}
	n, err := l.Conn.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}
