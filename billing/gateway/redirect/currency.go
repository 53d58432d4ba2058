package redirect

import (
	"fmt"

	"github.com/waymeet/waymeet/billing/gateway"
)

// currencies are what the acquirer calls them (ISO 4217's numbers), with their decimals.
var currencies = map[string]struct {
	number   string
	decimals int
}{
	"MAD": {"504", 2}, "EUR": {"978", 2}, "USD": {"840", 2}, "AED": {"784", 2}, "TND": {"788", 3}, "XOF": {"952", 0}, "EGP": {"818", 2},
}

// written is an amount as the form says it: 12.50, and the number of its currency.
func written(a gateway.Amount) (amount, currency string, err error) {
	if err := a.Check(); err != nil {
		return "", "", err
	}
	c, ok := currencies[a.Currency]
	if !ok {
		return "", "", &gateway.Refused{Code: "currency_not_taken", Param: "currency", Text: a.Currency}
	}
	unit := int64(1)
	for range c.decimals {
		unit *= 10
	}
	if c.decimals == 0 {
		return fmt.Sprint(a.Minor), c.number, nil
	}
	return fmt.Sprintf("%d.%0*d", a.Minor/unit, c.decimals, a.Minor%unit), c.number, nil
}
