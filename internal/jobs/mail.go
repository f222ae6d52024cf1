package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"pazpaz/internal/mail"
)

// Mail is the payload of a job that sends one.
type Mail struct {
	mail.Message

	// NotAfter is when it is of no use any more; zero: never.
	NotAfter time.Time
}

// SendMail is the handler that sends a Mail. The Message-ID is part
// of the payload, so that a mail sent twice is known as the same one.
func SendMail(via mail.Sender, now func() time.Time) Handler {
	return func(ctx context.Context, payload []byte) error {
		var m Mail
		if err := json.Unmarshal(payload, &m); err != nil {
			return fmt.Errorf("read mail job: %w", err)
		}
		if !m.NotAfter.IsZero() && now().After(m.NotAfter) {
			return nil // what it says is no longer true
		}
		if err := via.Send(ctx, m.Message); err != nil {
			return fmt.Errorf("send mail: %w", err)
		}
		return nil
	}
}
