package ledger

import (
	"errors"
	"math/bits"
	"slices"
)

// Split shares m out by weight and loses no unit: each part is rounded down, and the units that are left go one by one to
// those who lost most, the first of equals first. What is negative is split as if it were not.
func (m Money) Split(weights ...int64) ([]Money, error) {
	var total int64
	for _, w := range weights {
		if w < 0 {
			return nil, errors.New("ledger: a negative weight")
		}
		var err error
		if total, err = add(total, w); err != nil {
			return nil, err
		}
	}
	if total == 0 {
		return nil, errors.New("ledger: nobody to split among")
	}
	whole := magnitude(m.Amount)
	parts, lost, order := make([]uint64, len(weights)), make([]uint64, len(weights)), make([]int, len(weights))
	left := whole
	for i, w := range weights {
		hi, lo := bits.Mul64(whole, uint64(w)) // w ≤ total: the quotient fits
		parts[i], lost[i] = bits.Div64(hi, lo, uint64(total))
		left -= parts[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case lost[a] > lost[b]:
			return -1
		case lost[a] < lost[b]:
			return 1
		}
		return 0
	})
	for _, i := range order[:left] { // fewer than there are parts
		parts[i]++
	}
	out := make([]Money, len(weights))
	for i, p := range parts {
		out[i] = Money{int64(p), m.Currency}
		if m.Amount < 0 {
			out[i].Amount = -int64(p)
		}
	}
	return out, nil
}
