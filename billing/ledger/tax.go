package ledger

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/waymeet/waymeet/internal/fault"
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

// Taxed is one line of a supply, without tax.
type Taxed struct {
	Net  Money
	Rate Rate
}

// Tax is what all lines of one rate owe together.
type Tax struct {
	Rate     Rate
	Net, Tax Money
	Lines    []Money // the tax of each of its lines, in their order: they add up to Tax
}

// Taxes rounds once per rate, on the sum of the rate's lines: a thousand lines owe what their sum owes. Each line's part is
// shared out of that, so that an invoice may show it and still adds up. By rate, lowest first.
func Taxes(lines []Taxed, how Rounding) ([]Tax, error) {
	nets := map[Rate][]int64{}
	sums := map[Rate]Money{}
	for _, l := range lines {
		if l.Net.Amount < 0 {
			return nil, fault.New("amount_invalid", fault.Params{"max": Of(l.Net.Currency.Max(), l.Net.Currency).String()})
		}
		sum, ok := sums[l.Rate]
		if !ok {
			sum = Money{0, lines[0].Net.Currency}
		}
		sum, err := sum.Add(l.Net)
		if err != nil {
			return nil, err
		}
		sums[l.Rate], nets[l.Rate] = sum, append(nets[l.Rate], l.Net.Amount)
	}
	out := make([]Tax, 0, len(sums))
	for rate, net := range sums {
		tax, err := rate.On(net, how)
		if err != nil {
			return nil, err
		}
		t := Tax{Rate: rate, Net: net, Tax: tax, Lines: make([]Money, len(nets[rate]))}
		if net.IsZero() {
			for i := range t.Lines {
				t.Lines[i] = Money{0, net.Currency}
			}
		} else if t.Lines, err = tax.Split(nets[rate]...); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Tax) int { return cmp.Compare(a.Rate, b.Rate) })
	return out, nil
}
