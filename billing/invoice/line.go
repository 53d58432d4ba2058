package invoice

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Line is one thing that is billed: a ride, a session, a fee, or an adjustment of one (below zero). It keeps what was
// true when it happened; nobody looks a cost centre up again.
type Line struct {
	ID         string           `json:"id"`
	Usage      string           `json:"usage,omitempty"` // the usage record's key: opens the evidence
	Date       servicedate.Date `json:"date"`
	Supply     Supply           `json:"supply"`
	Country    string           `json:"country"`
	Text       string           `json:"text"`
	Person     string           `json:"person,omitempty"`
	CostCentre string           `json:"cost_centre,omitempty"`
	Quantity   int64            `json:"quantity,omitempty"`
	Unit       string           `json:"unit,omitempty"` // "ride", "minute"
	Amount     int64            `json:"amount"`
	Tax        Tax              `json:"tax"`
	Mirrors    string           `json:"mirrors,omitempty"` // on a credit note: the line that this one undoes
}

// Prices says what a line's amount is.
type Prices string

// Fares that riders see include tax; prices between companies usually do not.
const (
	NetPrices   Prices = "net"
	GrossPrices Prices = "gross"
)

// Sum is an amount without tax, its tax, and both.
type Sum struct {
	Net   int64 `json:"net"`
	Tax   int64 `json:"tax"`
	Gross int64 `json:"gross"`
}

// TaxSum is what all lines with one tax come to.
type TaxSum struct {
	Tax Tax `json:"tax"`
	Sum Sum `json:"sum"`
}

var errPrices = errors.New(`invoice: prices are "net" or "gross"`)

// Totals sums lines per tax, rounding once for each, and all of them.
func Totals(prices Prices, lines []Line) (perTax []TaxSum, all Sum, err error) {
	base := map[Tax]int64{}
	rate := map[string]Tax{}
	for _, l := range lines {
		if err := l.Tax.check(); err != nil {
			return nil, Sum{}, err
		}
		if t, ok := rate[l.Tax.Code]; ok && t != l.Tax {
			return nil, Sum{}, fmt.Errorf("invoice: tax code %s is %+v and %+v", t.Code, t, l.Tax)
		}
		rate[l.Tax.Code] = l.Tax
		if base[l.Tax], err = add(base[l.Tax], l.Amount); err != nil {
			return nil, Sum{}, err
		}
	}
	for tax, amount := range base {
		sum, err := tax.of(prices, amount)
		if err != nil {
			return nil, Sum{}, err
		}
		perTax = append(perTax, TaxSum{tax, sum})
	}
	slices.SortFunc(perTax, func(a, b TaxSum) int {
		return cmp.Or(cmp.Compare(b.Tax.Rate, a.Tax.Rate), cmp.Compare(a.Tax.Code, b.Tax.Code))
	})
	for _, t := range perTax {
		if all, err = all.plus(t.Sum); err != nil {
			return nil, Sum{}, err
		}
	}
	return perTax, all, nil
}

// of is the tax of an amount, which holds it already when prices are gross.
func (t Tax) of(prices Prices, amount int64) (Sum, error) {
	switch prices {
	case NetPrices:
		tax := portion(amount, int64(t.Rate), 10000)
		gross, err := add(amount, tax)
		return Sum{amount, tax, gross}, err
	case GrossPrices:
		tax := portion(amount, int64(t.Rate), 10000+int64(t.Rate))
		return Sum{amount - tax, tax, amount}, nil
	}
	return Sum{}, errPrices
}

func (s Sum) plus(o Sum) (Sum, error) {
	net, err1 := add(s.Net, o.Net)
	tax, err2 := add(s.Tax, o.Tax)
	gross, err3 := add(s.Gross, o.Gross)
	return Sum{net, tax, gross}, errors.Join(err1, err2, err3)
}

func (s Sum) minus(o Sum) (Sum, error) { return s.plus(Sum{-o.Net, -o.Tax, -o.Gross}) }

// Centre is the lines of one cost centre, in order of date, with their sum in the prices of the invoice.
type Centre struct {
	Name   string
	Lines  []Line
	Amount int64
}

// ByCentre groups lines by cost centre, the organisation's own ("") first.
func ByCentre(lines []Line) ([]Centre, error) {
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.CostCentre, b.CostCentre), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Person, b.Person), cmp.Compare(a.ID, b.ID))
	})
	var out []Centre
	for _, l := range sorted {
		if len(out) == 0 || out[len(out)-1].Name != l.CostCentre {
			out = append(out, Centre{Name: l.CostCentre})
		}
		c := &out[len(out)-1]
		var err error
		if c.Amount, err = add(c.Amount, l.Amount); err != nil {
			return nil, err
		}
		c.Lines = append(c.Lines, l)
	}
	return out, nil
}
