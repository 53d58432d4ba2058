package invoice

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	day := servicedate.Of(2026, 12, 20)
	fa := func(seq int64) Number { return Number{"FA", 2026, seq} }
	open := []Outstanding{
		{fa(42), "Atlas Câbles SARL", "MAD", 120000, day - 19, ""},
		{fa(43), "Atlas Câbles SARL", "MAD", 80000, day - 19, ""},
		{fa(44), "Rif Textile SA", "MAD", 120000, day - 19, ""},
		{fa(45), "Dune LLC", "AED", 120000, day - 19, ""},
		{fa(142), "Sous Agro", "MAD", 999, day - 19, ""},
		{Number{"FA-CASA", 2026, 7}, "Sous Agro", "MAD", 555, day + 1, ""},
	}
	for name, c := range map[string]struct {
		text, payer string
		amount      int64
		first       []int64 // of the likeliest
		why         []MatchReason
		certain     bool
	}{
		"as it is written":      {"VIR FA-2026-000042 nov", "ATLAS CABLES", 120000, []int64{42}, []MatchReason{NumberNamed, AmountEqual, PayerNamed}, true},
		"without hyphens":       {"fa2026000042", "", 120000, []int64{42}, []MatchReason{NumberNamed, AmountEqual}, true},
		"cut by the bank":       {"FACT FA 2026 42 MERCI", "", 120000, []int64{42}, []MatchReason{NumberNamed, AmountEqual}, true},
		"a series of two words": {"FA-CASA/2026/7", "", 555, []int64{7}, []MatchReason{NumberNamed, AmountEqual, BeforeInvoice}, false},
		"two at a time":         {"FA-2026-000042 + FA-2026-000043", "", 200000, []int64{42, 43}, []MatchReason{NumberNamed, SumEqual}, true},
		"a part":                {"FA-2026-000042", "", 5000, []int64{42}, []MatchReason{NumberNamed, PaidInPart}, false},
		"too much":              {"FA-2026-000043", "", 80001, []int64{43}, []MatchReason{NumberNamed, PaidTooMuch}, false},
		"the amount alone":      {"loyer", "", 80000, []int64{43}, []MatchReason{AmountEqual}, false},
		"amount and name":       {"virement", "STE RIF TEXTILE", 120000, []int64{44}, []MatchReason{AmountEqual, PayerNamed, AmountShared}, false},
		"nothing":               {"FA-2026-000999", "ATLAS CABLES", 77, nil, nil, false},
		"a longer number":       {"1FA-2026-0000421", "", 1, nil, nil, false},
		"money that went":       {"FA-2026-000042", "", -120000, nil, nil, false},
	} {
		got := NewMatcher(open).Match(Transfer{day, c.amount, "MAD", c.payer, c.text})
		if len(got) == 0 {
			if c.first != nil {
				t.Errorf("%s: nothing", name)
			}
			continue
		}
		var first []int64
		for _, n := range got[0].Invoices {
			first = append(first, n.Seq)
		}
		if !slices.Equal(first, c.first) || !slices.Equal(got[0].Why, c.why) || (got[0].Score >= Certain) != c.certain {
			t.Errorf("%s: %+v, want %v %v", name, got, c.first, c.why)
		}
	}
}

// TestCertainIsCertain: without an invoice's number in the text no candidate is certain, and with it only the right
// amount makes it so; the currency is always the transfer's.
func TestCertainIsCertain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var open []Outstanding
		for seq := range rapid.IntRange(0, 8).Draw(t, "open") {
			open = append(open, Outstanding{Number{"FA", 2026, int64(seq + 1)}, rapid.SampledFrom([]string{"Atlas", "Rif"}).Draw(t, "customer"),
				rapid.SampledFrom([]string{"MAD", "AED"}).Draw(t, "currency"), rapid.Int64Range(1, 4).Draw(t, "amount"), 100, ""})
		}
		text := ""
		var named []Number
		for range rapid.IntRange(0, 3).Draw(t, "named") {
			n := Number{"FA", 2026, rapid.Int64Range(1, 8).Draw(t, "number")}
			named, text = append(named, n), text+" "+n.String()
		}
		x := Transfer{rapid.SampledFrom([]servicedate.Date{90, 110}).Draw(t, "booked"), rapid.Int64Range(1, 9).Draw(t, "paid"), "MAD", rapid.SampledFrom([]string{"ATLAS", ""}).Draw(t, "payer"), text}
		for _, c := range NewMatcher(open).Match(x) {
			sum := int64(0)
			for _, n := range c.Invoices {
				o := open[n.Seq-1]
				if sum += o.Open; o.Currency != x.Currency {
					t.Fatalf("%+v in another currency", c)
				}
				if c.Score >= Certain && !slices.Contains(named, n) {
					t.Fatalf("%+v is certain of what nobody named", c)
				}
			}
			if c.Score < 0 || c.Score > 100 || len(c.Why) == 0 || c.Score >= Certain && sum != x.Amount {
				t.Fatalf("%+v for %d", c, x.Amount)
			}
		}
	})
}
