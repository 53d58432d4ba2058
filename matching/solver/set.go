package solver

import "math/bits"

// set is a bitmap of places in a pool. Bits beyond its end are not set.
type set []uint64

func (s set) has(i int) bool { return i>>6 < len(s) && s[i>>6]&(1<<(i&63)) != 0 }

func (s *set) put(i int, in bool) {
	if in {
		for i>>6 >= len(*s) {
			*s = append(*s, 0)
		}
		(*s)[i>>6] |= 1 << (i & 63)
	} else if i>>6 < len(*s) {
		(*s)[i>>6] &^= 1 << (i & 63)
	}
}

// and leaves in s what is in o too.
func (s set) and(o set) set {
	s = s[:min(len(s), len(o))]
	for i, w := range o[:len(s)] {
		s[i] &= w
	}
	return s
}

// each calls f with every place, in order.
func (s set) each(f func(i int)) {
	for n, w := range s {
		for ; w != 0; w &= w - 1 {
			f(n<<6 | bits.TrailingZeros64(w))
		}
	}
}
