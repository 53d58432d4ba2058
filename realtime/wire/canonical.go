package wire

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Canonical appends src, one JSON value with nothing behind it, in canonical form.
func Canonical(dst, src []byte) ([]byte, error) {
	return canonicalWhole(dst, src, false)
}

// Document appends src in canonical form as an entity's document: an object, without
// members that are null, because in a merge patch null means "absent".
func Document(dst, src []byte) ([]byte, error) {
	if i := space(src, 0); i >= len(src) || src[i] != '{' {
		return dst, ErrNotObject
	}
	return canonicalWhole(dst, src, true)
}

func canonicalWhole(dst, src []byte, dropNull bool) ([]byte, error) {
	c := canonicaliser{src: src, dropNull: dropNull}
	out, i, err := c.value(dst, 0, 0)
	if err != nil {
		return dst, err
	}
	if space(src, i) != len(src) {
		return dst, ErrSyntax
	}
	return out, nil
}

type canonicaliser struct {
	src      []byte
	dropNull bool
}

func (c *canonicaliser) value(dst []byte, i, depth int) ([]byte, int, error) {
	if depth > MaxDepth {
		return dst, i, ErrDepth
	}
	i = space(c.src, i)
	if i >= len(c.src) {
		return dst, i, ErrSyntax
	}
	switch c.src[i] {
	case '{':
		return c.object(dst, i, depth)
	case '[':
		return c.array(dst, i, depth)
	case '"':
		return c.string(dst, i)
	case 't', 'f', 'n':
		end, err := skip(c.src, i, depth)
		if err != nil {
			return dst, i, err
		}
		return append(dst, c.src[i:end]...), end, nil
	}
	return c.number(dst, i)
}

func (c *canonicaliser) string(dst []byte, i int) ([]byte, int, error) {
	end, err := skipString(c.src, i)
	if err != nil {
		return dst, i, err
	}
	raw := c.src[i:end]
	if bytes.IndexByte(raw, '\\') < 0 {
		if !utf8.Valid(raw) {
			return dst, i, ErrUTF8
		}
		return append(dst, raw...), end, nil
	}
	s, end, err := text(c.src, i)
	if err != nil {
		return dst, i, err
	}
	return AppendString(dst, s), end, nil
}

func (c *canonicaliser) number(dst []byte, i int) ([]byte, int, error) {
	end, integer, err := skipNumber(c.src, i)
	if err != nil {
		return dst, i, err
	}
	raw := c.src[i:end]
	if integer {
		if string(raw) == "-0" {
			raw = raw[1:]
		}
		return append(dst, raw...), end, nil
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return dst, i, ErrNumber
	}
	return appendFloat(dst, f), end, nil
}

// appendFloat writes a number as ECMAScript does, which RFC 8785 asks for.
func appendFloat(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, '0')
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' { // 1e-07 → 1e-7
		dst = append(dst[:n-2], dst[n-1])
	}
	return dst
}

func (c *canonicaliser) array(dst []byte, i, depth int) ([]byte, int, error) {
	dst = append(dst, '[')
	i = space(c.src, i+1)
	if i < len(c.src) && c.src[i] == ']' {
		return append(dst, ']'), i + 1, nil
	}
	for {
		var err error
		if dst, i, err = c.value(dst, i, depth+1); err != nil {
			return dst, i, err
		}
		if i = space(c.src, i); i >= len(c.src) {
			return dst, i, ErrSyntax
		}
		switch c.src[i] {
		case ']':
			return append(dst, ']'), i + 1, nil
		case ',':
			dst = append(dst, ',')
			i++
		default:
			return dst, i, ErrSyntax
		}
	}
}

// span is a member's place in the output: its quoted name, and its value.
type span struct{ key, colon, end int }

func (c *canonicaliser) object(dst []byte, i, depth int) ([]byte, int, error) {
	var few [16]span
	members, sorted := few[:0], true
	start := len(dst)
	dst = append(dst, '{')
	i = space(c.src, i+1)
	if i < len(c.src) && c.src[i] == '}' {
		return append(dst, '}'), i + 1, nil
	}
	for {
		var err error
		m := span{key: len(dst)}
		if i = space(c.src, i); i >= len(c.src) || c.src[i] != '"' {
			return dst, i, ErrSyntax
		}
		if dst, i, err = c.string(dst, i); err != nil {
			return dst, i, err
		}
		if i = space(c.src, i); i >= len(c.src) || c.src[i] != ':' {
			return dst, i, ErrSyntax
		}
		m.colon = len(dst)
		dst = append(dst, ':')
		if dst, i, err = c.value(dst, i+1, depth+1); err != nil {
			return dst, i, err
		}
		m.end = len(dst)
		if n := len(members); n > 0 {
			sorted = sorted && compareKeys(dst[members[n-1].key:members[n-1].colon], dst[m.key:m.colon]) < 0
		}
		members = append(members, m)
		dst = append(dst, ',')
		if i = space(c.src, i); i >= len(c.src) {
			return dst, i, ErrSyntax
		}
		if c.src[i] == '}' {
			break
		}
		if c.src[i] != ',' {
			return dst, i, ErrSyntax
		}
		i++
	}
	dst, err := c.settle(dst, start, members, sorted)
	return dst, i + 1, err
}

// settle brings the members that were written from start on into order, once each
// and without the nulls that a document must not hold.
func (c *canonicaliser) settle(dst []byte, start int, members []span, sorted bool) ([]byte, error) {
	null := func(m span) bool { return c.dropNull && string(dst[m.colon+1:m.end]) == "null" }
	if sorted && !slices.ContainsFunc(members, null) {
		dst[len(dst)-1] = '}'
		return dst, nil
	}
	written := bytes.Clone(dst[start:])
	name := func(m span) []byte { return written[m.key-start : m.colon-start] }
	slices.SortStableFunc(members, func(a, b span) int { return compareKeys(name(a), name(b)) })
	kept := slices.Clone(members)[:0]
	for n, m := range members {
		if n > 0 && bytes.Equal(name(members[n-1]), name(m)) {
			return dst, ErrDuplicate
		}
		if !null(m) {
			kept = append(kept, m)
		}
	}
	dst = append(dst[:start], '{')
	for n, m := range kept {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, written[m.key-start:m.end-start]...)
	}
	return append(dst, '}'), nil
}
