package invoice

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// taxes of the tests: some real, some odd.
var taxes = []Tax{{"MA-20", 2000, Taxed}, {"MA-10", 1000, Taxed}, {"AE-5", 500, Taxed}, {"FR-5.5", 550, Taxed}, {"X", 733, Taxed}, {"AE-EX", 0, Exempt}}

func anyLines(least int) *rapid.Generator[[]Line] {
	return rapid.Custom(func(t *rapid.T) []Line {
		n := rapid.OneOf(rapid.IntRange(least, 12), rapid.IntRange(least, 1000)).Draw(t, "lines")
		lines := make([]Line, n)
		amount := rapid.OneOf(rapid.Int64Range(1, 99), rapid.Int64Range(-500, 100000), rapid.Int64Range(0, 1<<40))
		for i := range lines {
			lines[i] = Line{ID: string(rune('A'+i/1000)) + itoa(i), Date: servicedate.Of(2026, 11, 1+i%30), Text: "ride", Quantity: 1, Unit: "ride",
				CostCentre: rapid.SampledFrom([]string{"", "CC1", "CC2"}).Draw(t, "centre"), Supply: General,
				Amount: amount.Draw(t, "amount"), Tax: rapid.SampledFrom(taxes).Draw(t, "tax")}
		}
		return lines
	})
}

func itoa(n int) string { return big.NewInt(int64(n)).String() }

// exact is amount × part / whole rounded half away from zero, by another way: big rationals.
func exact(amount int64, part, whole int64) int64 {
	n := new(big.Int).Mul(big.NewInt(amount), big.NewInt(2*part))
	n.Add(n, big.NewInt(whole*int64(sign(amount))))
	return n.Quo(n, big.NewInt(2*whole)).Int64()
}

func sign(n int64) int {
	if n < 0 {
		return -1
	}
	return 1
}

// TestTaxIsTheRateOnTheSum: over 1 to 1000 lines the tax is the rate on the sum, to the unit, with prices that hold
// it and prices that do not; nothing is lost between net, tax and gross.
func TestTaxIsTheRateOnTheSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := anyLines(1).Draw(t, "lines")
		for _, prices := range []Prices{NetPrices, GrossPrices} {
			perTax, all, err := Totals(prices, lines)
			if err != nil {
				t.Fatal(err)
			}
			var sum Sum
			for _, p := range perTax {
				base := int64(0)
				for _, l := range lines {
					if l.Tax == p.Tax {
						base += l.Amount
					}
				}
				rate := int64(p.Tax.Rate)
				want := Sum{base, exact(base, rate, 10000), base + exact(base, rate, 10000)}
				if prices == GrossPrices {
					want = Sum{base - exact(base, rate, 10000+rate), exact(base, rate, 10000+rate), base}
				}
				if p.Sum != want {
					t.Fatalf("%s on %d %s: %+v, want %+v", p.Tax.Code, base, prices, p.Sum, want)
				}
				sum = Sum{sum.Net + p.Sum.Net, sum.Tax + p.Sum.Tax, sum.Gross + p.Sum.Gross}
			}
			if all != sum || all.Net+all.Tax != all.Gross {
				t.Fatalf("total %+v of %+v", all, sum)
			}
		}
	})
}

// TestRoundedOnce shows what rounding line by line would cost: 1000 lines of 0.03 at 20 % are 6.00 of tax, not 10.00.
func TestRoundedOnce(t *testing.T) {
	t.Parallel()
	lines := make([]Line, 1000)
	for i := range lines {
		lines[i] = Line{ID: itoa(i), Amount: 3, Tax: taxes[0]}
	}
	if _, all, err := Totals(NetPrices, lines); err != nil || all != (Sum{3000, 600, 3600}) {
		t.Fatalf("%+v %v", all, err)
	}
	if _, all, err := Totals(GrossPrices, lines); err != nil || all != (Sum{2500, 500, 3000}) {
		t.Fatalf("%+v %v", all, err)
	}
}

func TestOverflowIsAnError(t *testing.T) {
	t.Parallel()
	for name, amounts := range map[string][]int64{
		"sum": {math.MaxInt64, 1}, "below": {-math.MaxInt64, -1}, "no mirror": {math.MinInt64}, "tax on top": {math.MaxInt64 - 5},
	} {
		lines := make([]Line, len(amounts))
		for i, a := range amounts {
			lines[i] = Line{ID: itoa(i), Amount: a, Tax: taxes[0]}
		}
		if _, all, err := Totals(NetPrices, lines); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s: %+v %v", name, all, err)
		}
	}
	lines := []Line{{ID: "1", Amount: math.MaxInt64 - 9, Tax: taxes[0]}, {ID: "2", Amount: 100, Tax: taxes[1]}}
	if _, all, err := Totals(GrossPrices, lines); !errors.Is(err, ErrOverflow) {
		t.Errorf("over two rates: %+v %v", all, err)
	}
	if c, err := ByCentre([]Line{{Amount: math.MaxInt64}, {Amount: 1}}); !errors.Is(err, ErrOverflow) {
		t.Errorf("a cost centre: %+v %v", c, err)
	}
	if _, _, err := Totals("either", []Line{{Tax: taxes[0]}}); err == nil {
		t.Error("prices of no kind")
	}
	if _, _, err := Totals(NetPrices, []Line{{Tax: taxes[0]}, {Tax: Tax{"MA-20", 1000, Taxed}}}); err == nil {
		t.Error("one code, two rates")
	}
}

// TestCentresHoldEveryLine: grouped lines are the lines, and subtotals add up to them.
func TestCentresHoldEveryLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := anyLines(0).Draw(t, "lines")
		centres, err := ByCentre(lines)
		if err != nil {
			t.Fatal(err)
		}
		seen, sum, want := map[string]bool{}, int64(0), int64(0)
		for _, c := range centres {
			amount := int64(0)
			for _, l := range c.Lines {
				if l.CostCentre != c.Name || seen[l.ID] {
					t.Fatalf("%+v under %q", l, c.Name)
				}
				seen[l.ID], amount = true, amount+l.Amount
			}
			if amount != c.Amount {
				t.Fatalf("%q: %d, lines are %d", c.Name, c.Amount, amount)
			}
			sum += c.Amount
		}
		for _, l := range lines {
			want += l.Amount
		}
		if sum != want || len(seen) != len(lines) {
			t.Fatalf("%d of %d lines, %d of %d", len(seen), len(lines), sum, want)
		}
	})
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount   int64
		currency string
		want     string
	}{
		{123450, "MAD", "1234.50"}, {-5, "AED", "-0.05"}, {0, "EUR", "0.00"}, {1234, "JPY", "1234"}, {-1, "XOF", "-1"}, {1230, "KWD", "1.230"}, {5, "TND", "0.005"},
		{math.MinInt64, "MAD", "-92233720368547758.08"}, {math.MaxInt64, "RWF", "9223372036854775807"},
	} {
		if got := Decimal(c.amount, c.currency); got != c.want {
			t.Errorf("%d %s: %q, want %q", c.amount, c.currency, got, c.want)
		}
	}
	for rate, want := range map[int]string{2000: "20", 550: "5.5", 733: "7.33", 0: "0", 1000: "10", 5: "0.05", 10000: "100"} {
		if got := Percent(rate); got != want {
			t.Errorf("%d: %q, want %q", rate, got, want)
		}
	}
}

// TestPortion: to the ends of int64 a portion is what big numbers say, and that of −x is minus that of x.
func TestPortion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.OneOf(rapid.Int64Range(-math.MaxInt64, math.MaxInt64), rapid.Int64Range(-200, 200), rapid.Just(int64(math.MaxInt64))).Draw(t, "amount")
		rate := rapid.Int64Range(0, 10000).Draw(t, "rate")
		for _, whole := range []int64{10000, 10000 + rate} {
			if got := portion(amount, rate, whole); got != exact(amount, rate, whole) || portion(-amount, rate, whole) != -got {
				t.Fatalf("%d × %d / %d is %d, want %d", amount, rate, whole, got, exact(amount, rate, whole))
			}
		}
	})
}
