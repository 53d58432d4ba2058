package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Text is what must not be seen: logs, errors, JSON and %+v show that it is there, not what it is.
type Text struct{ text string }

// Hide makes a Text.
func Hide(s string) Text { return Text{s} }

// Reveal is the text, for the one place that needs it.
func (s Text) Reveal() string { return s.text }

// IsZero says that there is none.
func (s Text) IsZero() bool { return s.text == "" }

func (s Text) String() string {
	if s.text == "" {
		return ""
	}
	return "[secret]"
}

// Format keeps %#v and its like from looking inside.
func (s Text) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue is what slog writes.
func (s Text) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON hides too; the credentials' codec writes the text on purpose.
func (s Text) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }
