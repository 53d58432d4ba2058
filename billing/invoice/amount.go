package invoice

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
	"strings"
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
	n := uint64(max(amount, -amount))
	hi, lo := bits.Mul64(n, uint64(part))
	lo, carry := bits.Add64(lo, uint64(whole)/2, 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(whole))
	if amount < 0 {
		return -int64(q)
	}
	return int64(q)
}

// Currencies of ISO 4217 whose minor unit is not a hundredth.
const (
	noDecimals    = " BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF "
	threeDecimals = " BHD IQD JOD KWD LYD OMR TND "
)

// Exponent is the number of decimals of a currency.
func Exponent(currency string) int {
	switch code := " " + currency + " "; {
	case strings.Contains(noDecimals, code):
		return 0
	case strings.Contains(threeDecimals, code):
		return 3
	}
	return 2
}

// Decimal writes an amount in the currency's major unit, "-1234.50".
func Decimal(amount int64, currency string) string {
	sign, digits := "", strconv.FormatInt(amount, 10)
	if amount < 0 {
		sign, digits = "-", digits[1:]
	}
	exp := Exponent(currency)
	if exp == 0 {
		return sign + digits
	}
	for len(digits) <= exp {
		digits = "0" + digits
	}
	return sign + digits[:len(digits)-exp] + "." + digits[len(digits)-exp:]
}
