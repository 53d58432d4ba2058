package paper

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// form is where a letter stands in a word.
type form int

const (
	isolated form = iota
	final
	initial
	medial
)

// forms are the shapes of each Arabic letter. They are read from Unicode itself: the presentation forms of a letter
// are one after another, in the order above, and each decomposes to its letter.
var forms = readForms()

func readForms() map[rune][]rune {
	out := map[rune][]rune{}
	read := func(first, last rune) {
		for r := first; r <= last; r++ {
			if base := []rune(norm.NFKC.String(string(r))); len(base) == 1 && base[0] != r {
				out[base[0]] = append(out[base[0]], r)
			}
		}
	}
	read(0xFB50, 0xFBB1) // peh, gaf and others of Persian and Urdu
	read(0xFBD3, 0xFBDF)
	read(0xFBE4, 0xFBE5)
	read(0xFBFC, 0xFBFF)
	read(0xFE80, 0xFEF4)
	return out
}

// lamAlef are the ligatures that Arabic cannot be written without: lam and the alef behind it, isolated, then final.
var lamAlef = map[rune][2]rune{'آ': {0xFEF5, 0xFEF6}, 'أ': {0xFEF7, 0xFEF8}, 'إ': {0xFEF9, 0xFEFA}, 'ا': {0xFEFB, 0xFEFC}}

const (
	lam     = 'ل'
	tatweel = 'ـ'
)

// joinsAfter says whether a letter reaches out to the next one; joinsBefore to the one before.
func joinsAfter(r rune) bool  { return r == tatweel || len(forms[r]) == 4 }
func joinsBefore(r rune) bool { return r == tatweel || len(forms[r]) >= 2 }

// joined writes a text, in logical order, with each Arabic letter in the shape that its neighbours ask for. Vowel
// signs are left out: no name or address on an invoice needs them, and they cannot be placed.
func joined(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r >= 0x064B && r <= 0x065F || r == 0x0670 {
			return -1
		}
		return r
	}, s))
	out := make([]rune, 0, len(runes))
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		before := i > 0 && joinsAfter(runes[i-1])
		if r == lam && i+1 < len(runes) {
			if pair, ok := lamAlef[runes[i+1]]; ok {
				shape := pair[0]
				if before {
					shape = pair[1]
				}
				out = append(out, shape)
				i++
				continue
			}
		}
		shapes := forms[r]
		if len(shapes) == 0 {
			out = append(out, r)
			continue
		}
		after := i+1 < len(runes) && joinsAfter(r) && joinsBefore(runes[i+1])
		at := isolated
		switch {
		case before && after:
			at = medial
		case after:
			at = initial
		case before && len(shapes) >= 2:
			at = final
		}
		out = append(out, shapes[at])
	}
	return string(out)
}
