package ledger

import (
	"errors"
	"strconv"
	"strings"
)

// Rate is a tax rate or a fee in parts of a million: 20 % is 200,000, 2.9 % is 29,000.
type Rate int64

const million = 1_000_000

// Percent is a rate of whole percents.
func Percent(p int64) Rate { return Rate(p * million / 100) }

// String is the rate as people write it: 20%, 5.5%.
func (r Rate) String() string {
	s := strconv.FormatFloat(float64(r)*100/million, 'f', 4, 64) // four digits are all that a Rate holds
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "%"
}

// On is the tax on top of a net amount.
func (r Rate) On(net Money, how Rounding) (Money, error) {
	if r < 0 {
		return Money{}, errors.New("ledger: a negative rate")
	}
	return net.Share(int64(r), million, how)
}

// Within is the tax inside a gross amount, and what is left without it.
func (r Rate) Within(gross Money, how Rounding) (net, tax Money, err error) {
	if r < 0 {
		return Money{}, Money{}, errors.New("ledger: a negative rate")
	}
	if tax, err = gross.Share(int64(r), million+int64(r), how); err != nil {
		return Money{}, Money{}, err
	}
	net, err = gross.Sub(tax)
	return net, tax, err
}
