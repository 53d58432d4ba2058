package rest

import (
	"context"
	"net/http"

	"golang.org/x/text/language"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
)

var matcher = func() language.Matcher {
	tags := make([]language.Tag, len(fault.Languages))
	for i, l := range fault.Languages {
		tags[i] = language.MustParse(l)
	}
	return language.NewMatcher(tags)
}()

type languageKey struct{}

// WithLanguage reads what the caller's device asked for.
func WithLanguage(ctx context.Context, h http.Header) context.Context {
	accept := h.Get("Accept-Language")
	if accept == "" || len(accept) > 500 {
		return ctx
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return ctx
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return ctx
	}
	return context.WithValue(ctx, languageKey{}, fault.Languages[i])
}

// Language is what the caller reads: what the device asked for, else what the user chose, else English.
func Language(ctx context.Context) string {
	if l, ok := ctx.Value(languageKey{}).(string); ok {
		return l
	}
	if a, ok := policy.ActorFrom(ctx); ok && a.Locale != "" {
		return a.Locale
	}
	return fault.Languages[0]
}
