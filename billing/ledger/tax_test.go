package ledger

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// VAT over 1 to 1000 lines is the rate on their sum, to the unit, whatever the lines; what the lines show adds up to it.
func TestTaxIsRoundedOncePerRate(t *testing.T) {
	t.Parallel()
	rates := []Rate{0, Percent(5), 55_000, Percent(10), Percent(14), Percent(20)}
	rapid.Check(t, func(t *rapid.T) {
		how := rapid.SampledFrom([]Rounding{HalfUp, HalfEven, Down}).Draw(t, "rounding")
		n := rapid.IntRange(1, 1000).Draw(t, "lines")
		seed := rapid.Int64Range(1, 1<<40).Draw(t, "seed")
		lines := make([]Taxed, n)
		for i := range lines { // not drawn one by one: a thousand draws a run say no more
			seed = (seed*6364136223846793005 + 1442695040888963407) & (1<<62 - 1)
			lines[i] = Taxed{Of(seed%100_000, "MAD"), rates[seed>>20%int64(len(rates))]}
		}
		taxes, err := Taxes(lines, how)
		if err != nil {
			t.Fatal(err)
		}
		var seen int
		for k, x := range taxes {
			if k > 0 && taxes[k-1].Rate >= x.Rate {
				t.Fatal("rates are not in order")
			}
			var net, shown int64
			for _, l := range lines {
				if l.Rate == x.Rate {
					net += l.Net.Amount
				}
			}
			for _, l := range x.Lines {
				shown += l.Amount
			}
			seen += len(x.Lines)
			if net != x.Net.Amount || shown != x.Tax.Amount || x.Tax.Amount != nearest(net, int64(x.Rate), million, how) {
				t.Fatalf("%v of %d over %d lines is %v (shown %d), want %d", x.Rate, net, len(x.Lines), x.Tax, shown, nearest(net, int64(x.Rate), million, how))
			}
		}
		if seen != n {
			t.Fatalf("%d of %d lines", seen, n)
		}
	})
}

// nearest rounds a × num ÷ den with fractions that know no rounding.
func nearest(a, num, den int64, how Rounding) int64 {
	exact := big.NewRat(a, 1)
	exact.Mul(exact, big.NewRat(num, den))
	q := new(big.Int).Quo(exact.Num(), exact.Denom())
	switch half := new(big.Rat).Sub(exact, new(big.Rat).SetInt(q)).Cmp(big.NewRat(1, 2)); {
	case how == Down || half < 0:
	case half > 0 || how == HalfUp || q.Bit(0) == 1:
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

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
