package testkit

import (
	"context"
	"errors"
	"sync"

	"pazpaz/internal/mail"
)

// Outbox is a mail.Sender that keeps what it is given.
type Outbox struct {
	mu   sync.Mutex
	sent []mail.Message
	// failures is how many sends still fail.
	failures int
}

// Send implements mail.Sender.
func (o *Outbox) Send(_ context.Context, m mail.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failures > 0 {
		o.failures--
		return errors.New("outbox: told to fail")
	}
	o.sent = append(o.sent, m)
	return nil
}

// Close implements mail.Sender.
func (*Outbox) Close() error { return nil }

// FailNext makes the next n sends fail.
func (o *Outbox) FailNext(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failures = n
}

// Sent returns the mails so far, oldest first.
func (o *Outbox) Sent() []mail.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]mail.Message(nil), o.sent...)
}
