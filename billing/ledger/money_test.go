package ledger

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/internal/fault"
)

func TestCurrenciesAreISO4217(t *testing.T) {
	t.Parallel()
	for code, exponent := range map[Currency]int{"MAD": 2, "AED": 2, "EUR": 2, "USD": 2, "KES": 2, "JPY": 0, "XOF": 0, "XAF": 0, "RWF": 0, "UGX": 0,
		"KWD": 3, "TND": 3, "BHD": 3, "JOD": 3, "OMR": 3} {
		c, err := ParseCurrency(string(code))
		if err != nil || c.Exponent() != exponent || float64(c.Unit()) != math.Pow10(exponent) {
			t.Errorf("%s: %d digits, %v", code, c.Exponent(), err)
		}
		if step := c.ChargeStep(); (step == 10) != (exponent == 3) {
			t.Errorf("%s is charged in steps of %d", code, step)
		}
	}
	for _, code := range []string{"", "mad", "XXX", "MADE"} {
		if _, err := ParseCurrency(code); !fault.Is(err, "currency_unknown") {
			t.Errorf("%q: %v", code, err)
		}
	}
	for c := range exponents {
		if c.Max() > 1e12 {
			t.Errorf("%s: the table refuses %d", c, c.Max())
		}
	}
}

func TestMoneyIsSpelt(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]Money{"12.50 MAD": Of(1250, "MAD"), "-0.05 EUR": Of(-5, "EUR"), "7 JPY": Of(7, "JPY"), "0.010 KWD": Of(10, "KWD"),
		"-92233720368547758.08 USD": Of(math.MinInt64, "USD")} {
		if got := m.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAmountsAreBounded(t *testing.T) {
	t.Parallel()
	for m, code := range map[Money]string{Of(1, "MAD"): "", Of(1e11, "MAD"): "", Of(0, "MAD"): "amount_invalid", Of(-1, "MAD"): "amount_invalid",
		Of(1e11+1, "MAD"): "amount_invalid", Of(1, "XXX"): "currency_unknown"} {
		if err := m.Check(); (err != nil) != (code != "") || (err != nil && !fault.Is(err, code)) {
			t.Errorf("%v: %v, want %q", m, err, code)
		}
	}
	if err := Of(1005, "TND").Chargeable(); !fault.Is(err, "amount_not_chargeable") {
		t.Errorf("a card was asked for %v: %v", Of(1005, "TND"), err)
	}
	for m, want := range map[Money]string{Of(199, "AED"): "amount_too_small", Of(200, "AED"): "", Of(29, "GBP"): "amount_too_small", Of(49, "JPY"): "amount_too_small", Of(1, "MAD"): "", Of(10, "TND"): "", Of(5, "TND"): "amount_not_chargeable"} {
		if err := m.AskedOfCard(); err == nil && want != "" || err != nil && !fault.Is(err, want) {
			t.Errorf("%v asked of a card: %v, want %q", m, err, want)
		}
	}
	if err := Of(1010, "TND").Chargeable(); err != nil {
		t.Error(err)
	}
}

// Sums and shares are what unbounded arithmetic says, or an error: never a wrapped number.
func TestArithmeticNeverWraps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		den := rapid.Int64Range(1, math.MaxInt64).Draw(t, "den")
		exact := func(name string, got Money, err error, want *big.Int) {
			if err == nil && got.Amount != want.Int64() || err == nil && !want.IsInt64() {
				t.Fatalf("%s of %d and %d is %d, want %v", name, a, b, got.Amount, want)
			}
			if err != nil && want.IsInt64() && want.Int64() != math.MinInt64 && b != math.MinInt64 {
				t.Fatalf("%s of %d and %d: %v, want %v", name, a, b, err, want)
			}
		}
		x, y := big.NewInt(a), big.NewInt(b)
		sum, err := Of(a, "MAD").Add(Of(b, "MAD"))
		exact("the sum", sum, err, new(big.Int).Add(x, y))
		less, err := Of(a, "MAD").Sub(Of(b, "MAD"))
		exact("the difference", less, err, new(big.Int).Sub(x, y))
		many, err := Of(a, "MAD").Times(b)
		exact("the product", many, err, new(big.Int).Mul(x, y))
		share, err := Of(a, "MAD").Share(b, den, Down)
		exact("the share", share, err, new(big.Int).Quo(new(big.Int).Mul(x, y), big.NewInt(den)))
	})
	if _, err := Of(1, "MAD").Add(Of(1, "EUR")); !fault.Is(err, "currency_mismatch") {
		t.Error(err)
	}
}

func TestRounding(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		a, num, den int64
		r           Rounding
		want        int64
	}{{5, 1, 2, HalfUp, 3}, {-5, 1, 2, HalfUp, -3}, {5, 1, 2, HalfEven, 2}, {7, 1, 2, HalfEven, 4}, {-7, 1, 2, HalfEven, -4}, {7, 1, 2, Down, 3}, {-7, 1, 2, Down, -3},
		{1, 1, 3, HalfUp, 0}, {2, 1, 3, HalfUp, 1}, {2, 1, 3, HalfEven, 1}, {0, 1, 3, HalfUp, 0}} {
		if got, err := mulDiv(x.a, x.num, x.den, x.r); err != nil || got != x.want {
			t.Errorf("%+v: %d %v", x, got, err)
		}
	}
}

// No unit is lost or made, nobody's part is a unit or more away from exact, and who weighs more never gets less.
func TestSplitLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(-1e15, 1e15).Draw(t, "amount")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 1, 40).Draw(t, "weights")
		weights = append(weights, 1)
		parts, err := Of(amount, "MAD").Split(weights...)
		if err != nil {
			t.Fatal(err)
		}
		var sum, total int64
		for i := range parts {
			sum, total = sum+parts[i].Amount, total+weights[i]
		}
		if sum != amount {
			t.Fatalf("%d was split into %v: %d", amount, parts, sum)
		}
		for i, p := range parts {
			off := new(big.Int).Sub(new(big.Int).Mul(big.NewInt(p.Amount), big.NewInt(total)), new(big.Int).Mul(big.NewInt(amount), big.NewInt(weights[i])))
			if off.CmpAbs(big.NewInt(total)) >= 0 {
				t.Fatalf("part %d of %d by %v is %d", i, amount, weights, p.Amount)
			}
			for j, q := range parts {
				if amount > 0 && weights[i] > weights[j] && p.Amount < q.Amount {
					t.Fatalf("%v by %v: %d weighs more and gets less", parts, weights, i)
				}
			}
		}
	})
	for _, bad := range [][]int64{{}, {0, 0}, {1, -1}, {math.MaxInt64, 1}} {
		if _, err := Of(5, "MAD").Split(bad...); err == nil {
			t.Errorf("split by %v", bad)
		}
	}
}
