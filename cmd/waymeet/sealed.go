package main

import "log/slog"

// sealed is a value of the configuration that no print, log line or JSON shows.
// It holds a pointer because fmt walks into unexported fields without asking their String.
type sealed struct{ value *string }

const sealedText = "[sealed]"

// reveal is the one way to the value; who calls it passes it on to what needs it.
func (s sealed) reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

func hide(value string) sealed { return sealed{&value} }

func (sealed) String() string               { return sealedText }
func (sealed) GoString() string             { return sealedText }
func (sealed) LogValue() slog.Value         { return slog.StringValue(sealedText) }
func (sealed) MarshalText() ([]byte, error) { return []byte(sealedText), nil }
