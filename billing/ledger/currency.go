package ledger

import "github.com/waymeet/waymeet/internal/fault"

// Currency is an ISO 4217 code that the ledger keeps accounts in.
type Currency string

// exponents is how many digits of a currency stand behind the point, by ISO 4217.
var exponents = map[Currency]int{
	"AED": 2, "CAD": 2, "CHF": 2, "CNY": 2, "DZD": 2, "EGP": 2, "ETB": 2, "EUR": 2, "GBP": 2, "GHS": 2, "GMD": 2, "INR": 2,
	"KES": 2, "MAD": 2, "MUR": 2, "MZN": 2, "NAD": 2, "NGN": 2, "PKR": 2, "QAR": 2, "SAR": 2, "SLE": 2, "TRY": 2, "TZS": 2, "USD": 2,
	"ZAR": 2, "ZMW": 2,
	"BIF": 0, "DJF": 0, "GNF": 0, "JPY": 0, "KMF": 0, "RWF": 0, "UGX": 0, "XAF": 0, "XOF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}

// most is the largest amount of one entry, in minor units: a billion of what has cents, a million million yen or francs. Whoever
// sends more has mistaken the unit. The table's own bound (entry_amount_sane) is the largest of these.
var most = [...]int64{0: 1e12, 2: 1e11, 3: 1e12}

// ParseCurrency is the currency of a code, or the fault currency_unknown.
func ParseCurrency(code string) (Currency, error) {
	c := Currency(code)
	if !c.Known() {
		return "", fault.New("currency_unknown")
	}
	return c, nil
}

// Known says whether accounts can be kept in it.
func (c Currency) Known() bool { _, ok := exponents[c]; return ok }

// Exponent is how many digits stand behind the point.
func (c Currency) Exponent() int { return exponents[c] }

// Unit is how many minor units make one: 100 centimes, 1 yen, 1000 fils.
func (c Currency) Unit() int64 { return [...]int64{1, 10, 100, 1000}[c.Exponent()] }

// Max is the largest amount of one entry.
func (c Currency) Max() int64 { return most[c.Exponent()] }

// ChargeStep is what amounts asked of a card must be a multiple of: card networks take three digits behind the point but
// want the last one to be 0.
func (c Currency) ChargeStep() int64 {
	if c.Exponent() == 3 {
		return 10
	}
	return 1
}
