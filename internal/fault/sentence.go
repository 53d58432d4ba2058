package fault

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed messages/*.json
var files embed.FS

// Languages are those that every sentence exists in; the first is the fallback.
var Languages = []string{"en", "fr", "ar"}

var sentences = load()

func load() map[string]map[string]string {
	all := make(map[string]map[string]string, len(Languages))
	for _, l := range Languages {
		b, err := files.ReadFile("messages/" + l + ".json")
		if err != nil {
			panic(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(b, &m); err != nil {
			panic(fmt.Sprintf("fault: messages/%s.json: %v", l, err))
		}
		all[l] = m
	}
	return all
}

// Sentence is what a person reads for a code in a language ("fr", "fr-MA"); an unknown
// language reads English.
func Sentence(lang, code string, p Params) string {
	lang, _, _ = strings.Cut(lang, "-")
	m, ok := sentences[strings.ToLower(lang)]
	if !ok {
		m = sentences[Languages[0]]
	}
	s := m[code]
	if s == "" {
		s = m["internal"]
	}
	for k, v := range p {
		s = strings.ReplaceAll(s, "{"+k+"}", fmt.Sprint(v))
	}
	return s
}

// Sentence is the failure told in a language.
func (e *Error) Sentence(lang string) string { return Sentence(lang, e.Code, e.Params) }
