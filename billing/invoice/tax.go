package invoice

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Supply is what is sold, as tax law tells kinds apart.
type Supply string

// The kinds of supply of the two products. A tenant's table may name more.
const (
	UrbanTransport Supply = "urban_passenger_transport"
	Transport      Supply = "passenger_transport" // beyond a town
	Advice         Supply = "advice"
	General        Supply = "general" // and whatever a country has no rule of its own for
)

// Treatment is how a supply is taxed.
type Treatment string

// The treatments. Only Taxed has a rate above zero.
const (
	Taxed         Treatment = "taxed"
	ZeroRated     Treatment = "zero_rated"
	Exempt        Treatment = "exempt"
	ReverseCharge Treatment = "reverse_charge"
)

// Tax is what a line bears.
type Tax struct {
	Code      string    `json:"code"` // groups what is summed before rounding: one code, one rate
	Rate      int       `json:"rate"` // in hundredths of a per cent: 2000 is 20 %
	Treatment Treatment `json:"treatment"`
}

// TaxRule is one row of the table: a tax with where, on what, when, and who says so.
type TaxRule struct {
	Country     string // ISO 3166-1 alpha-2, the place of supply
	Supply      Supply
	From, Until servicedate.Date // both included; zero is open
	Tax         Tax
	Source      string // law and article, for who must explain an invoice
}

// TaxTable is rules in any order.
type TaxTable []TaxRule

// Starting is the table that a new tenant gets. It is a beginning, not advice: a tenant's accountant owns theirs, and
// adds a row with a date when a rate changes.
func Starting() TaxTable {
	const cgi = "Code général des impôts (Maroc), "
	const vat = "Federal Decree-Law 8 of 2017 (UAE), "
	return TaxTable{
		{"MA", General, 0, 0, Tax{"MA-20", 2000, Taxed}, cgi + "art. 98"},
		{"MA", UrbanTransport, servicedate.Of(2026, 1, 1), 0, Tax{"MA-10", 1000, Taxed}, cgi + "art. 99, from 2026-01-01"},
		{"AE", General, servicedate.Of(2018, 1, 1), 0, Tax{"AE-5", 500, Taxed}, vat + "art. 3"},
		{"AE", UrbanTransport, servicedate.Of(2018, 1, 1), 0, Tax{"AE-EX", 0, Exempt}, vat + "art. 46 (4): local passenger transport"},
		{"AE", Transport, servicedate.Of(2018, 1, 1), 0, Tax{"AE-EX", 0, Exempt}, vat + "art. 46 (4): local passenger transport"},
	}
}

// ErrNoTax says that the table has no rule. An invoice waits for one; a guessed rate would have to be credited.
var ErrNoTax = errors.New("invoice: no tax rule")

// Find is the rule for a supply in a country on a date. A supply without any rule of its own there follows the
// country's general one; a supply that has rules, none of them for the date, follows nothing.
func (t TaxTable) Find(country string, what Supply, day servicedate.Date) (TaxRule, error) {
	own := func(r TaxRule) bool { return r.Country == country && r.Supply == what }
	if !slices.ContainsFunc(t, own) {
		what = General
	}
	for _, r := range t {
		if own(r) && r.holds(day) {
			return r, nil
		}
	}
	return TaxRule{}, fmt.Errorf("%w for %s in %s on %v", ErrNoTax, what, country, day)
}

func (r TaxRule) holds(day servicedate.Date) bool {
	return !day.IsZero() && day >= r.From && (r.Until.IsZero() || day <= r.Until)
}

// InForce is the table with each open rule ended on the day before the next of its country and supply begins: a rate that
// changes is a row that is added.
func (t TaxTable) InForce() TaxTable {
	out := slices.Clone(t)
	slices.SortFunc(out, byKind)
	for i := range len(out) - 1 {
		a, b := &out[i], out[i+1]
		if a.Country == b.Country && a.Supply == b.Supply && a.Until.IsZero() && a.From < b.From {
			a.Until = b.From.AddDays(-1)
		}
	}
	return out
}

func byKind(a, b TaxRule) int {
	return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Supply, b.Supply), cmp.Compare(a.From, b.From))
}

// Refusals of a rule.
var (
	ErrTaxDay  = errors.New("invoice: a rule of this kind begins on that day")
	ErrTaxCode = errors.New("invoice: the code stands for another tax")
)

// Allows says whether a rule can be added.
func (t TaxTable) Allows(r TaxRule) error {
	for _, x := range t {
		switch {
		case x.Country == r.Country && x.Supply == r.Supply && x.From == r.From:
			return ErrTaxDay
		case x.Tax.Code == r.Tax.Code && x.Tax != r.Tax:
			return ErrTaxCode
		}
	}
	return append(slices.Clone(t), r).InForce().Check()
}

// Check refuses a table in which two rules hold at a time, a code has two rates, or a rate makes no sense.
func (t TaxTable) Check() error {
	codes := map[string]Tax{}
	for _, r := range t {
		if err := r.Tax.check(); err != nil {
			return err
		}
		if other, ok := codes[r.Tax.Code]; ok && other != r.Tax {
			return fmt.Errorf("invoice: tax code %s is %+v and %+v", r.Tax.Code, other, r.Tax)
		}
		codes[r.Tax.Code] = r.Tax
	}
	sorted := slices.Clone(t)
	slices.SortFunc(sorted, byKind)
	for i := 1; i < len(sorted); i++ {
		a, b := sorted[i-1], sorted[i]
		if a.Country == b.Country && a.Supply == b.Supply && (a.Until.IsZero() || a.Until >= b.From) {
			return fmt.Errorf("invoice: two tax rules for %s in %s on %v", b.Supply, b.Country, b.From)
		}
	}
	return nil
}

func (t Tax) check() error {
	if t.Code == "" || t.Rate < 0 || t.Rate > 10000 || (t.Treatment == Taxed) != (t.Rate > 0) {
		return fmt.Errorf("invoice: tax %+v makes no sense", t)
	}
	return nil
}
