package fault

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed messages/*.json words/*.json
var files embed.FS

// Languages are those that every sentence exists in; the first is the fallback.
var Languages = []string{"en", "fr", "ar"}

var (
	sentences = load("messages")
	words     = load("words")
)

func load(dir string) map[string]map[string]string {
	all := make(map[string]map[string]string, len(Languages))
	for _, l := range Languages {
		b, err := files.ReadFile(dir + "/" + l + ".json")
		if err != nil {
			panic(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(b, &m); err != nil {
			panic(fmt.Sprintf("fault: %s/%s.json: %v", dir, l, err))
		}
		all[l] = m
	}
	return all
}

// Sentence is what a person reads for a code in a language ("fr", "fr-MA"); an unknown
// language reads English.
func Sentence(lang, code string, p Params) string {
	lang, _, _ = strings.Cut(lang, "-")
	lang = strings.ToLower(lang)
	if _, ok := sentences[lang]; !ok {
		lang = Languages[0]
	}
	m := sentences[lang]
	s := m[code]
	if s == "" {
		s = m["internal"]
	}
	for k, v := range p { // words first: what they leave open is filled with the rest
		if w, ok := v.(Word); ok {
			if said, known := words[lang][string(w)]; known {
				s = strings.ReplaceAll(s, "{"+k+"}", said)
			}
		}
	}
	for k, v := range p {
		s = strings.ReplaceAll(s, "{"+k+"}", fmt.Sprint(v))
	}
	return s
}

// Speaks tells whether a code has a sentence of its own.
func Speaks(code string) bool { return sentences[Languages[0]][code] != "" }

// Sentence is the failure told in a language.
func (e *Error) Sentence(lang string) string { return Sentence(lang, e.Code, e.Params) }
