package invoice

import (
	"errors"
	"math"
	"strings"

	"github.com/waymeet/waymeet/billing/ledger"
)

// ErrOverflow is a sum that no int64 holds. An invoice with one is refused: a wrapped amount would be believed.
var ErrOverflow = errors.New("invoice: amounts too large to add")

// add is the checked sum. MinInt64 is refused too, since it has no mirror for a credit note.
func add(amounts ...int64) (int64, error) {
	sum := int64(0)
	for _, a := range amounts {
		if a == math.MinInt64 || a > 0 && sum > math.MaxInt64-a || a < 0 && sum < -math.MaxInt64-a {
			return 0, ErrOverflow
		}
		sum += a
	}
	return sum, nil
}

// portion is amount × part / whole, half away from zero, so that the portion of −x is minus that of x.
// part and whole are small and not below zero, part is at most whole: the result fits.
func portion(amount, part, whole int64) int64 {
	m, err := ledger.Of(amount, "").Share(part, whole, ledger.HalfUp)
	if err != nil {
		panic("invoice: " + err.Error()) // no caller gives a share of nothing, or more than all
	}
	return m.Amount
}

// Decimal writes an amount in the currency's major unit, "-1234.50".
func Decimal(amount int64, currency string) string {
	return strings.TrimSuffix(ledger.Of(amount, ledger.Currency(currency)).String(), " "+currency)
}
