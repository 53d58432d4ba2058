package ledger

import (
	"testing"

	"pgregory.net/rapid"
)

func TestTaxWithinAGrossAmount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gross := Of(rapid.Int64Range(0, 1e11).Draw(t, "gross"), "MAD")
		rate := Rate(rapid.Int64Range(0, million).Draw(t, "rate"))
		net, tax, err := rate.Within(gross, HalfUp)
		if err != nil || net.Amount+tax.Amount != gross.Amount || net.Amount < 0 || tax.Amount < 0 {
			t.Fatalf("%v of %v: %v + %v, %v", rate, gross, net, tax, err)
		}
		again, err := rate.On(net, HalfUp)
		if err != nil || again.Amount-tax.Amount > 1 || tax.Amount-again.Amount > 1 {
			t.Fatalf("%v on %v is %v, within %v it was %v", rate, net, again, gross, tax)
		}
	})
	for want, r := range map[string]Rate{"20%": Percent(20), "5.5%": 55_000, "0%": 0, "2.9%": 29_000, "100%": Percent(100)} {
		if r.String() != want {
			t.Errorf("%q, want %q", r, want)
		}
	}
}
