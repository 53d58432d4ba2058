package stripe

import (
	"errors"
	"testing"

	"github.com/stripe/stripe-go/v76"
	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/billing/gateway"
)

func TestAmountsAsStripeCounts(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     int64
		refused  string
	}{
		{1250, "MAD", 1250, ""}, {500, "XOF", 500, ""}, {500, "JPY", 500, ""}, {500, "RWF", 500, ""},
		{5, "UGX", 500, ""}, {5, "ISK", 500, ""}, {500, "MGA", 5, ""}, {501, "MGA", 0, "amount_not_payable"},
		{5120, "KWD", 5120, ""}, {5124, "KWD", 0, "amount_not_payable"}, {1001, "TND", 0, "amount_not_payable"},
		{0, "MAD", 0, "amount_invalid"}, {-1, "MAD", 0, "amount_invalid"}, {1, "mad", 0, "currency_invalid"}, {1<<63 - 1, "UGX", 0, "amount_too_large"},
	} {
		got, currency, err := toStripe(gateway.Amount{Minor: c.minor, Currency: c.currency})
		var refused *gateway.Refused
		if c.refused != "" {
			if !errors.As(err, &refused) || refused.Code != c.refused {
				t.Errorf("%d %s: %v", c.minor, c.currency, err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%d %s is %d %s, %v", c.minor, c.currency, got, currency, err)
		}
	}
}

// Whatever goes to Stripe comes back the same.
func TestAmountsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := gateway.Amount{
			Minor:    rapid.Int64Range(1, 1<<40).Draw(t, "minor"),
			Currency: rapid.SampledFrom([]string{"MAD", "AED", "EUR", "USD", "JPY", "XOF", "RWF", "KWD", "TND", "UGX", "ISK", "MGA"}).Draw(t, "currency"),
		}
		n, c, err := toStripe(a)
		if err != nil {
			return // refused rather than rounded
		}
		if got := fromStripe(n, stripe.Currency(c)); got != a {
			t.Fatalf("%v came back as %v", a, got)
		}
	})
}
