package gateway

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Secret is text that must not be seen: logs, errors, JSON and %+v show that it is there, not what it is.
type Secret struct{ text string }

// Hide makes a Secret.
func Hide(s string) Secret { return Secret{s} }

// Reveal is the text, for the one place that needs it.
func (s Secret) Reveal() string { return s.text }

// IsZero says that there is none.
func (s Secret) IsZero() bool { return s.text == "" }

func (s Secret) String() string {
	if s.text == "" {
		return ""
	}
	return "[secret]"
}

// Format keeps %#v and its like from looking inside.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue is what slog writes.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON hides too; the credentials' codec writes the text on purpose.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }
