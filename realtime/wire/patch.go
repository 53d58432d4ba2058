package wire

import "bytes"

// members walks the members of a canonical object without allocating.
type members struct {
	b          []byte
	key, value []byte // the current member; key with its quotes, nil at the end
}

func membersOf(object []byte) members {
	m := members{b: object[1:]}
	m.next()
	return m
}

func (m *members) next() {
	if len(m.b) > 0 && m.b[0] == ',' {
		m.b = m.b[1:]
	}
	if len(m.b) == 0 || m.b[0] == '}' {
		m.key, m.value = nil, nil
		return
	}
	k, _ := skipString(m.b, 0)
	v := skipCanonical(m.b, k+1)
	m.key, m.value, m.b = m.b[:k], m.b[k+1:v], m.b[v:]
}

// skipCanonical is skip for bytes that are known to be canonical: it only counts
// brackets and looks for quotes.
func skipCanonical(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i, _ = skipString(b, i)
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

func isObject(v []byte) bool { return len(v) > 0 && v[0] == '{' }
func isNull(v []byte) bool   { return string(v) == "null" }

// object writes members one after another.
type object struct {
	dst   []byte
	empty bool
}

func open(dst []byte) object { return object{append(dst, '{'), true} }

func (o *object) name(key []byte) {
	if !o.empty {
		o.dst = append(o.dst, ',')
	}
	o.empty = false
	o.dst = append(append(o.dst, key...), ':')
}

func (o *object) put(key, value []byte) {
	o.name(key)
	o.dst = append(o.dst, value...)
}

func (o *object) close() []byte { return append(o.dst, '}') }

// pairs walks two canonical objects by name; the side that lacks a name gets nil.
func pairs(a, b []byte, visit func(key, av, bv []byte)) {
	am, bm := membersOf(a), membersOf(b)
	for am.key != nil || bm.key != nil {
		var order int
		switch {
		case am.key == nil:
			order = 1
		case bm.key == nil:
			order = -1
		default:
			order = compareKeys(am.key, bm.key)
		}
		switch {
		case order < 0:
			visit(am.key, am.value, nil)
			am.next()
		case order > 0:
			visit(bm.key, nil, bm.value)
			bm.next()
		default:
			visit(am.key, am.value, bm.value)
			am.next()
			bm.next()
		}
	}
}

// Diff appends the merge patch that leads from one canonical document to another;
// {} when they are equal. Neither may hold null.
func Diff(dst, from, to []byte) []byte {
	if !isObject(from) || !isObject(to) {
		return append(dst, to...)
	}
	o := open(dst)
	pairs(from, to, func(key, a, b []byte) {
		switch {
		case b == nil:
			o.put(key, []byte("null"))
		case a == nil:
			o.put(key, b)
		case bytes.Equal(a, b):
		case isObject(a) && isObject(b):
			o.name(key)
			o.dst = Diff(o.dst, a, b)
		default:
			o.put(key, b)
		}
	})
	return o.close()
}

// Apply appends the document that a canonical patch makes of a canonical document (RFC 7396).
func Apply(dst, doc, patch []byte) []byte {
	if !isObject(patch) {
		return append(dst, patch...)
	}
	if !isObject(doc) {
		doc = []byte("{}")
	}
	o := open(dst)
	pairs(doc, patch, func(key, d, p []byte) {
		switch {
		case p == nil:
			o.put(key, d)
		case isNull(p):
		case isObject(p):
			o.name(key)
			o.dst = Apply(o.dst, d, p)
		default:
			o.put(key, p)
		}
	})
	return o.close()
}

// Compose appends the patch that does what first and then second do. It reports
// false, with dst as it was, where no merge patch can say that: second reaches into
// something that first removed or replaced by a value.
func Compose(dst, first, second []byte) ([]byte, bool) {
	if !isObject(second) {
		return append(dst, second...), true
	}
	if !isObject(first) {
		return dst, false
	}
	o, possible := open(dst), true
	pairs(first, second, func(key, p, q []byte) {
		switch {
		case !possible:
		case q == nil:
			o.put(key, p)
		case p == nil || !isObject(q):
			o.put(key, q)
		default:
			o.name(key)
			o.dst, possible = Compose(o.dst, p, q)
		}
	})
	if !possible {
		return dst, false
	}
	return o.close(), true
}
