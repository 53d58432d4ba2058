package wire

import (
	"errors"
	"unicode/utf8"
)

// MaxDepth is how deep documents and requests may nest: deeper input is an
// attack on the stack, not data.
const MaxDepth = 32

// What scanning refuses.
var (
	ErrSyntax    = errors.New("wire: not JSON")
	ErrUTF8      = errors.New("wire: text is not UTF-8")
	ErrDepth     = errors.New("wire: nested too deep")
	ErrDuplicate = errors.New("wire: duplicate member")
	ErrNumber    = errors.New("wire: number out of range")
	ErrNotObject = errors.New("wire: not an object")
)

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index after the string that starts at i.
func skipString(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, nil
		case c == '\\':
			i++
		case c < 0x20:
			return i, ErrSyntax
		}
	}
	return i, ErrSyntax
}

// skipNumber returns the index after the number at i and whether it is an integer.
func skipNumber(b []byte, i int) (end int, integer bool, err error) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	case i < len(b) && b[i] >= '1' && b[i] <= '9':
		i = digits(b, i)
	default:
		return i, false, ErrSyntax
	}
	integer = true
	if i < len(b) && b[i] == '.' {
		integer = false
		j := digits(b, i+1)
		if j == i+1 {
			return i, false, ErrSyntax
		}
		i = j
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		integer = false
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		j := digits(b, i)
		if j == i {
			return i, false, ErrSyntax
		}
		i = j
	}
	return i, integer, nil
}

func digits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}

// skip returns the index after the value at i. It checks structure and UTF-8
// of strings, not duplicates or escapes: for values that are only passed on, and for
// canonical bytes, which are known to be right.
func skip(b []byte, i, depth int) (int, error) {
	if depth > MaxDepth {
		return i, ErrDepth
	}
	i = space(b, i)
	if i >= len(b) {
		return i, ErrSyntax
	}
	switch b[i] {
	case '"':
		end, err := skipString(b, i)
		if err == nil && !utf8.Valid(b[i:end]) {
			return i, ErrUTF8
		}
		return end, err
	case '{', '[':
		return skipNested(b, i, depth)
	case 't':
		return literal(b, i, "true")
	case 'f':
		return literal(b, i, "false")
	case 'n':
		return literal(b, i, "null")
	}
	end, _, err := skipNumber(b, i)
	return end, err
}

func skipNested(b []byte, i, depth int) (int, error) {
	object := b[i] == '{'
	closing := byte(']')
	if object {
		closing = '}'
	}
	i = space(b, i+1)
	if i < len(b) && b[i] == closing {
		return i + 1, nil
	}
	for {
		var err error
		if object {
			if i = space(b, i); i >= len(b) || b[i] != '"' {
				return i, ErrSyntax
			}
			if i, err = skipString(b, i); err != nil {
				return i, err
			}
			if i = space(b, i); i >= len(b) || b[i] != ':' {
				return i, ErrSyntax
			}
			i++
		}
		if i, err = skip(b, i, depth+1); err != nil {
			return i, err
		}
		if i = space(b, i); i >= len(b) {
			return i, ErrSyntax
		}
		switch b[i] {
		case closing:
			return i + 1, nil
		case ',':
			i++
		default:
			return i, ErrSyntax
		}
	}
}

func literal(b []byte, i int, word string) (int, error) {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return i, ErrSyntax
	}
	return i + len(word), nil
}
