package telemetry

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

const hidden = "[redacted]"

// keys whose values are secret or personal whatever they look like. A key is
// taken apart at its separators, so "refresh_token" is found and "tokens_used" too.
var hiddenWords = map[string]bool{
	"password": true, "passwords": true, "secret": true, "secrets": true, "token": true, "tokens": true, "ticket": true,
	"authorization": true, "cookie": true, "credential": true, "email": true, "phone": true, "address": true, "jwt": true,
}

// shapes of values that are secret or personal under any key.
var (
	urlPassword = regexp.MustCompile(`([a-z][a-z0-9+.-]*://[^:/?#\s]*):[^@/\s]+@`)
	pairs       = regexp.MustCompile(`(?i)\b(password|secret|token|ticket)=[^\s&"']+`)
	jwt         = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?`)
	bearer      = regexp.MustCompile(`(?i)\b(bearer |ticket\.)[A-Za-z0-9._~+/-]{8,}=*`)
	mail        = regexp.MustCompile(`[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}\b`) // module@v1.2.3 in a stack is none
	passwordArg = regexp.MustCompile(`\bpassword '[^']*'`)
)

// redact is slog's ReplaceAttr.
func redact(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
		return a
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(a.Key), separates) {
		if hiddenWords[word] {
			return slog.String(a.Key, hidden)
		}
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, Redact(a.Value.String()))
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case error:
			return slog.String(a.Key, Redact(v.Error()))
		case fmt.Stringer:
			return slog.String(a.Key, Redact(v.String()))
		case []byte:
			return slog.String(a.Key, Redact(string(v)))
		case []string:
			clean := make([]string, len(v))
			for i, s := range v {
				clean[i] = Redact(s)
			}
			return slog.Any(a.Key, clean)
		}
		return slog.String(a.Key, Redact(fmt.Sprintf("%+v", a.Value.Any())))
	}
	return a
}

func separates(r rune) bool { return r == '_' || r == '-' || r == '.' || r == ' ' }

// Redact hides what looks like a secret or an e-mail address in a text.
func Redact(s string) string {
	if strings.ContainsAny(s, "@=.") || strings.Contains(s, "earer ") || strings.Contains(s, "password") {
		s = urlPassword.ReplaceAllString(s, "$1:"+hidden+"@")
		s = pairs.ReplaceAllString(s, "$1="+hidden)
		s = jwt.ReplaceAllString(s, hidden)
		s = bearer.ReplaceAllString(s, "$1"+hidden)
		s = passwordArg.ReplaceAllString(s, "password "+hidden)
		s = mail.ReplaceAllString(s, hidden)
	}
	return s
}
