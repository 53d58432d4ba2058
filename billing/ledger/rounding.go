package ledger

import (
	"errors"
	"math"
	"math/bits"
)

// Rounding says what becomes of a part of a minor unit.
type Rounding uint8

const (
	HalfUp   Rounding = iota // half goes away from nothing: what tax offices and shops do; the default
	HalfEven                 // half goes to the even neighbour: no drift over many sums
	Down                     // towards nothing: what is paid out is never more than was earned
)

// Share is num/den of m.
func (m Money) Share(num, den int64, r Rounding) (Money, error) {
	n, err := mulDiv(m.Amount, num, den, r)
	return Money{n, m.Currency}, err
}

// mulDiv is a × num ÷ den, exact in between, rounded once.
func mulDiv(a, num, den int64, r Rounding) (int64, error) {
	if den <= 0 {
		return 0, errors.New("ledger: a share of nothing")
	}
	hi, lo := bits.Mul64(magnitude(a), magnitude(num))
	if hi >= uint64(den) {
		return 0, ErrOverflow
	}
	q, rem := bits.Div64(hi, lo, uint64(den))
	twice := rem * 2 // den < 2⁶³: cannot overflow
	if (r == HalfUp && twice >= uint64(den)) || (r == HalfEven && (twice > uint64(den) || (twice == uint64(den) && q%2 == 1))) {
		q++
	}
	if q > math.MaxInt64 {
		return 0, ErrOverflow
	}
	if (a < 0) != (num < 0) {
		return -int64(q), nil
	}
	return int64(q), nil
}
