package stripe

import (
	"fmt"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
)

// Stripe counts in minor units too, with exceptions that cost a factor of a hundred when missed
// (https://docs.stripe.com/currencies#special-cases).
var (
	// ISO 4217 has no minor unit, Stripe wants two decimals that are 00.
	hundredfold = map[string]bool{"ISK": true, "UGX": true}
	// Three decimals, the last of which must be 0.
	tenths = map[string]bool{"BHD": true, "JOD": true, "KWD": true, "OMR": true, "TND": true}
	// ISO 4217 has two decimals, Stripe none.
	hundredth = map[string]bool{"MGA": true}
)

// toStripe is an amount as Stripe counts.
func toStripe(a gateway.Amount) (int64, string, error) {
	if err := a.Check(); err != nil {
		return 0, "", err
	}
	n, err := toStripeMinor(a)
	return n, strings.ToLower(a.Currency), err
}

// toStripeMinor allows nothing: a fee may be 0.
func toStripeMinor(a gateway.Amount) (int64, error) {
	switch {
	case a.Minor < 0:
		return 0, &gateway.Refused{Code: "amount_invalid", Param: "amount", Text: "less than nothing"}
	case hundredfold[a.Currency]:
		const most = 1<<63 - 1
		if a.Minor > most/100 {
			return 0, &gateway.Refused{Code: "amount_too_large", Param: "amount", Text: a.String()}
		}
		return a.Minor * 100, nil
	case tenths[a.Currency] && a.Minor%10 != 0:
		return 0, &gateway.Refused{Code: "amount_not_payable", Param: "amount", Text: fmt.Sprintf("%s: the third decimal must be 0; round before", a)}
	case hundredth[a.Currency]:
		if a.Minor%100 != 0 {
			return 0, &gateway.Refused{Code: "amount_not_payable", Param: "amount", Text: fmt.Sprintf("%s: whole units only", a)}
		}
		return a.Minor / 100, nil
	}
	return a.Minor, nil
}

// fromStripe is an amount as ISO 4217 counts.
func fromStripe(n int64, c stripe.Currency) gateway.Amount {
	a := gateway.Amount{Minor: n, Currency: strings.ToUpper(string(c))}
	switch {
	case hundredfold[a.Currency]:
		a.Minor /= 100
	case hundredth[a.Currency]:
		a.Minor *= 100
	}
	return a
}
