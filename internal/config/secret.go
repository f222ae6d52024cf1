package config

import (
	"fmt"
	"log/slog"
)

const hidden = "[redacted]"

// Secret is a value that is not printed by accident: fmt (every verb), JSON, slog and String all give [redacted].
// The value is behind a pointer, because fmt reads unexported fields of foreign structs without asking their methods.
type Secret struct {
	value *string
}

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret { return Secret{value: &value} }

// Reveal returns the value, empty when none was set. Each use is a place to look at in review.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsSet reports whether there is a value.
func (s Secret) IsSet() bool { return s.Reveal() != "" }

func (s Secret) String() string { return hidden }

// Format prints [redacted] whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// MarshalText gives [redacted], which JSON and the slog handlers use.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue gives [redacted].
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
