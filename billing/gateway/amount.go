package gateway

import "fmt"

// Amount is money in its currency's minor unit by ISO 4217: 1250 MAD is 12.50 dirhams, 500 XOF five hundred francs. An
// acquirer that counts otherwise is translated by its adapter.
type Amount struct {
	Minor    int64
	Currency string // ISO 4217, upper case
}

// IsZero says that there is no money in it.
func (a Amount) IsZero() bool { return a.Minor == 0 }

func (a Amount) String() string { return fmt.Sprintf("%d %s", a.Minor, a.Currency) }

// Check refuses what no acquirer may be asked for.
func (a Amount) Check() error {
	if a.Minor <= 0 {
		return &Refused{Code: "amount_invalid", Param: "amount", Text: "an amount is more than nothing"}
	}
	if len(a.Currency) != 3 {
		return &Refused{Code: "currency_invalid", Param: "currency", Text: "a currency is three letters"}
	}
	for _, c := range a.Currency {
		if c < 'A' || c > 'Z' {
			return &Refused{Code: "currency_invalid", Param: "currency", Text: "a currency is three capital letters"}
		}
	}
	return nil
}
