package wire

import (
	"bytes"
	"cmp"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

const hex = "0123456789abcdef"

// AppendString appends s as a canonical JSON string. Bytes that are no UTF-8
// become U+FFFD: a push must never be refused by a client for its text.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		dst = appendASCII(dst, c)
		i++
	}
	return append(dst, '"')
}

func appendASCII(dst []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c >= 0x20:
		return append(dst, c)
	}
	switch c {
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// text decodes the JSON string at b[i] (a quote) and returns it with the index after it.
func text(b []byte, i int) (string, int, error) {
	end, err := skipString(b, i)
	if err != nil {
		return "", i, err
	}
	raw := b[i+1 : end-1]
	if !utf8.Valid(raw) {
		return "", i, ErrUTF8
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw), end, nil
	}
	out, err := unescape(make([]byte, 0, len(raw)), raw)
	return string(out), end, err
}

func unescape(out, raw []byte) ([]byte, error) {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			continue
		}
		i++
		switch raw[i] { // skipString saw to it that something follows
		case '"', '\\', '/':
			out = append(out, raw[i])
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, n, err := escaped(raw[i-1:])
			if err != nil {
				return out, err
			}
			out = utf8.AppendRune(out, r)
			i += n - 2
		default:
			return out, ErrSyntax
		}
	}
	return out, nil
}

// escaped decodes \uXXXX, with its second half when it is a surrogate. A surrogate
// alone names no character: refused, as I-JSON asks.
func escaped(b []byte) (r rune, n int, err error) {
	unit := func(b []byte) (rune, bool) {
		if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
			return 0, false
		}
		v, err := strconv.ParseUint(string(b[2:6]), 16, 16)
		return rune(v), err == nil
	}
	r, ok := unit(b)
	if !ok {
		return 0, 0, ErrSyntax
	}
	if !utf16.IsSurrogate(r) {
		return r, 6, nil
	}
	low, ok := unit(b[6:])
	if !ok {
		return 0, 0, ErrUTF8
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, 0, ErrUTF8
	}
	return r, 12, nil
}

// compareKeys orders canonical (quoted) member names as RFC 8785 does: by UTF-16
// code units of the decoded names. Names are ASCII nearly always, where that is
// the order of bytes.
func compareKeys(a, b []byte) int {
	if simple(a) && simple(b) {
		return bytes.Compare(a[1:len(a)-1], b[1:len(b)-1])
	}
	as, _, _ := text(a, 0)
	bs, _, _ := text(b, 0)
	au, bu := utf16.Encode([]rune(as)), utf16.Encode([]rune(bs))
	for i := 0; i < len(au) && i < len(bu); i++ {
		if c := cmp.Compare(au[i], bu[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(au), len(bu))
}

// simple says that the bytes of a name are in the order of its code units.
func simple(k []byte) bool {
	for _, c := range k {
		if c == '\\' || c >= 0xee {
			return false
		}
	}
	return true
}
