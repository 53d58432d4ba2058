package invoice

import (
	"strconv"
	"strings"
	"unicode"
)

// Part is a document's number as far as somebody typed it: its count, and as much of what stands before that as they liked.
type Part struct {
	Head string // letters and digits of series and year: "", "2026", "FA2026"
	Seq  int64
}

// ParsePart reads "42", "000042", "FA 2026 42", "fa-2026-000042" and "FA2026000042"; false is for what ends in no count.
func ParsePart(s string) (Part, bool) {
	words := tokens(s)
	if len(words) == 0 {
		return Part{}, false
	}
	last := words[len(words)-1]
	cut := len(strings.TrimRightFunc(last, unicode.IsDigit))
	if len(last)-cut >= 10 { // a year and six digits, written together
		cut = len(last) - 6
	}
	seq, err := strconv.ParseInt(last[cut:], 10, 64)
	return Part{strings.Join(words[:len(words)-1], "") + last[:cut], seq}, err == nil && seq > 0
}
