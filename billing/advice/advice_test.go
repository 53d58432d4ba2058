package advice

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
)

func anyTerms(t *rapid.T) Terms {
	c := ledger.Currency(rapid.SampledFrom([]string{"AED", "MAD", "JPY", "KWD"}).Draw(t, "currency"))
	return Terms{ledger.Of(rapid.Int64Range(1, 100_000).Draw(t, "price")*c.ChargeStep(), c), rapid.IntRange(0, Whole).Draw(t, "fee")}
}

// Over any chain and any metered amount, fees and shares add up to the unit, and the fee is that of the sum.
func TestFeesAndSharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := anyTerms(t)
		step := terms.Price.Currency.ChargeStep()
		var links []int64
		var all int64
		for range rapid.IntRange(1, 12).Draw(t, "links") {
			n := rapid.Int64Range(1, 1_000_000).Draw(t, "link") * step
			links, all = append(links, n), all+n
		}
		amount := rapid.Int64Range(0, 2*all).Draw(t, "amount")
		taken, short, err := terms.Take(links, amount)
		if err != nil {
			t.Fatal(err)
		}
		var sum, fees, shares int64
		ended := false
		for i, c := range taken {
			if c.Amount < 0 || c.Amount > links[i] || c.Fee < 0 || c.Fee > c.Amount || c.Fee%step != 0 || c.Amount%step != 0 {
				t.Fatalf("link %d of %d: %+v", i, links[i], c)
			}
			if ended && c.Amount > 0 {
				t.Fatalf("link %d is taken after one that was not used up: %+v of %v", i, taken, links)
			}
			ended = ended || c.Amount < links[i]
			sum, fees, shares = sum+c.Amount, fees+c.Fee, shares+c.Share()
		}
		asked := amount - amount%step
		if sum+short != asked || sum != min(asked, all) {
			t.Fatalf("%d taken and %d short of %d, of a chain of %d", sum, short, amount, all)
		}
		if one, _, _ := terms.Take([]int64{all}, amount); fees != one[0].Fee || fees+shares != sum {
			t.Fatalf("fees %d and shares %d of %d, the fee of the sum is %d", fees, shares, sum, one[0].Fee)
		}
		if off := 2*Whole*(fees/step) - 2*(sum/step)*int64(terms.FeeBP); off > Whole || off < -Whole {
			t.Fatalf("a fee of %d is not %d basis points of %d", fees, terms.FeeBP, sum)
		}
	})
}

// What comes back in parts is borne as if it came at once.
func TestPartsAreBorneAsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1<<40).Draw(t, "taken")
		c := Taken{n, rapid.Int64Range(0, n).Draw(t, "fee")}
		var at, operators, experts int64
		for at < n {
			next := rapid.Int64Range(at+1, n).Draw(t, "to")
			o0, e0 := c.Of(at)
			o1, e1 := c.Of(next)
			if o1 < o0 || e1 < e0 {
				t.Fatalf("of %d it is %d and %d, of %d less: %d and %d", at, o0, e0, next, o1, e1)
			}
			operators, experts, at = operators+o1-o0, experts+e1-e0, next
		}
		if operators != c.Fee || experts != c.Share() {
			t.Fatalf("%d and %d of %+v", operators, experts, c)
		}
	})
}

// The funded second is paid for, the one after is not.
func TestFundsEndWithTheirSecond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := anyTerms(t)
		funds := rapid.Int64Range(1, 1_000_000).Draw(t, "funds") * terms.Price.Currency.ChargeStep()
		s := int64(terms.Funded(funds) / time.Second)
		cost, err := terms.Cost(s)
		if err != nil || cost > funds {
			t.Fatalf("%d s cost %d of %d (%v)", s, cost, funds, err)
		}
		if (s+1)*terms.Price.Amount <= funds*60 && s < 1<<31 {
			t.Fatalf("%d funds more than %d s at %s", funds, s, terms.Price)
		}
	})
	ten := Terms{ledger.Of(500, "AED"), 2000}
	if m, err := ten.For(10); err != nil || m != ledger.Of(5000, "AED") || ten.Funded(5000) != 10*time.Minute {
		t.Errorf("%v, %v, %v", m, err, ten.Funded(5000))
	}
}

func TestTermsThatMakeNoSense(t *testing.T) {
	for name, c := range map[string]struct {
		terms   Terms
		minutes int
		code    string
	}{
		"free":            {Terms{ledger.Of(0, "AED"), 0}, 1, "amount_invalid"},
		"a third digit":   {Terms{ledger.Of(1001, "KWD"), 0}, 1, "amount_not_chargeable"},
		"more than whole": {Terms{ledger.Of(100, "AED"), Whole + 1}, 1, "fee_invalid"},
		"less than none":  {Terms{ledger.Of(100, "AED"), -1}, 1, "fee_invalid"},
		"no time":         {Terms{ledger.Of(100, "AED"), 0}, 0, "minutes_invalid"},
		"too long":        {Terms{ledger.Of(100, "AED"), 0}, MaxMinutes + 1, "minutes_invalid"},
		"beyond any card": {Terms{ledger.Of(ledger.Currency("AED").Max(), "AED"), 0}, 2, "amount_invalid"},
	} {
		err := c.terms.Check()
		if err == nil {
			_, err = c.terms.For(c.minutes)
		}
		if fault.As(err).Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := (Terms{ledger.Of(100, "AED"), 0}).Take([]int64{5}, -1); err == nil {
		t.Error("a negative amount is taken")
	}
}
