package paper

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// run is text of one font, in the order in which it is drawn from left to right.
type run struct {
	font string
	text string
}

// part is a text that is laid out by itself, whatever stands beside it: what Unicode calls an isolate. A street of Casablanca reads from left to
// right on an Arabic page too.
type part struct {
	text string
	rtl  bool
}

// parted is texts with the direction of the first letter of each that has one.
func parted(texts ...string) []part {
	out := make([]part, len(texts))
	for i, t := range texts {
		out[i] = part{t, firstStrong(plain(t)) == bidi.R}
	}
	return out
}

// cut is the first n characters of some parts, and dots.
func cut(parts []part, n int) (out []part) {
	for _, p := range parts {
		runes := []rune(p.text)
		if n <= len(runes) {
			return append(out, part{strings.TrimSpace(string(runes[:n])) + "…", p.rtl})
		}
		out, n = append(out, p), n-len(runes)
	}
	return out
}

// visual is a part as it is drawn: joined, in visual order, cut into runs of one font. Nothing in it is a character
// that the fonts lack.
func visual(p part) []run {
	s := joined(plain(p.text))
	if s == "" {
		return nil
	}
	var out strings.Builder
	if p.rtl {
		out.WriteString(reordered(s))
	} else {
		for _, part := range islands(s) {
			if part.rtl {
				out.WriteString(reordered(part.text))
			} else {
				out.WriteString(part.text)
			}
		}
	}
	return byFont(out.String())
}

// plain is a text without what cannot be printed: controls, marks of direction that could make a text read as
// another, characters of no font here.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.Is(unicode.Cf, r) || unicode.IsControl(r):
			return -1
		case r == '−':
			return '-'
		case fonts[latin].has(r) || fonts[arabic].has(r):
			return r
		}
		return '\uFFFD'
	}, norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")))
}

// reordered is a paragraph from right to left in visual order. x/text finds the runs; their order and that of what is
// in them is ours to turn. With marks of embedding gone there are two levels only, so turning the whole order is it.
func reordered(s string) string {
	const mark = "\u200e" // before a minus it keeps it before its number
	s = minus.ReplaceAllString(s, "${1}"+mark+"-${2}")
	var p bidi.Paragraph
	if _, err := p.SetString(s, bidi.DefaultDirection(bidi.RightToLeft)); err != nil {
		return s
	}
	order, err := p.Order()
	if err != nil {
		return s
	}
	var out strings.Builder
	for i := order.NumRuns() - 1; i >= 0; i-- {
		r := order.Run(i)
		if text := r.String(); r.Direction() == bidi.RightToLeft {
			out.WriteString(bidi.ReverseString(text))
		} else {
			out.WriteString(text)
		}
	}
	return strings.ReplaceAll(out.String(), mark, "")
}

// minus is a hyphen that is a sign: nothing but space is before it, and a digit behind.
var minus = regexp.MustCompile(`(^|\s)-([0-9])`)

// strong is the direction of a character that has one: bidi.L, bidi.R, or bidi.ON for one that has none.
func strong(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	switch p.Class() {
	case bidi.L:
		return bidi.L
	case bidi.R, bidi.AL:
		return bidi.R
	}
	return bidi.ON
}

func firstStrong(s string) bidi.Class {
	for _, r := range s {
		if c := strong(r); c != bidi.ON {
			return c
		}
	}
	return bidi.ON
}

func hasArabic(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return strong(r) == bidi.R })
}

type island struct {
	text string
	rtl  bool
}

// islands cuts a text from left to right into what is and what is from right to left: from its first such letter to
// the last one before a letter of the other direction.
func islands(s string) (out []island) {
	runes := []rune(s)
	done := 0
	for i := 0; i < len(runes); i++ {
		if strong(runes[i]) != bidi.R {
			continue
		}
		end := i + 1
		for j := i + 1; j < len(runes) && strong(runes[j]) != bidi.L; j++ {
			if strong(runes[j]) == bidi.R || end == j-1 && unicode.IsDigit(runes[j]) || end == j && unicode.IsDigit(runes[j]) {
				end = j + 1 // a number behind an Arabic word belongs to it
			}
		}
		out = append(out, island{string(runes[done:i]), false}, island{string(runes[i:end]), true})
		done, i = end, end-1
	}
	return append(out, island{string(runes[done:]), false})
}

// byFont cuts a text into runs of one font. Latin is preferred where both have a character, so that digits and signs
// look alike everywhere.
func byFont(s string) (out []run) {
	for _, r := range s {
		font := latin
		if !fonts[latin].has(r) {
			font = arabic
		}
		if n := len(out); n > 0 && out[n-1].font == font {
			out[n-1].text += string(r)
		} else {
			out = append(out, run{font, string(r)})
		}
	}
	return out
}
