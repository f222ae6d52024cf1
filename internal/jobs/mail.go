package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"pazpaz/internal/mail"
)

// SendMail is the handler that sends a mail.Message. The Message-ID is part
// of the payload, so that a mail sent twice is known as the same one.
func SendMail(via mail.Sender) Handler {
	return func(ctx context.Context, payload []byte) error {
		var m mail.Message
		if err := json.Unmarshal(payload, &m); err != nil {
			return fmt.Errorf("read mail job: %w", err)
		}
		if err := via.Send(ctx, m); err != nil {
			return fmt.Errorf("send mail: %w", err)
		}
		return nil
	}
}
