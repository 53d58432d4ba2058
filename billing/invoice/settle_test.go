package invoice

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// TestSettleIsMatchOneByOne: what a statement settles at once is what its lines would pay one after the other, each where Match leaves no doubt.
func TestSettleIsMatchOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var open []Outstanding
		for seq := range rapid.IntRange(1, 5).Draw(t, "open") {
			open = append(open, Outstanding{Number: Number{rapid.SampledFrom([]string{"FA", "FA", "FA-CASA"}).Draw(t, "series"), 2026, int64(seq + 1)}, Account: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "account"),
				Customer: "Atlas", Currency: rapid.SampledFrom([]string{"MAD", "MAD", "AED"}).Draw(t, "currency"), Open: rapid.Int64Range(1, 3).Draw(t, "amount"), Issued: 100})
		}
		transfers := make([]Transfer, rapid.IntRange(0, 16).Draw(t, "transfers"))
		for i := range transfers {
			text := ""
			for range rapid.IntRange(0, 3).Draw(t, "named") {
				n := Number{rapid.SampledFrom([]string{"FA", "FA", "FA-CASA"}).Draw(t, "of"), 2026, rapid.Int64Range(1, 6).Draw(t, "number")}
				text += " " + rapid.SampledFrom([]string{n.String(), fmt.Sprintf("%s 2026 %d", n.Series, n.Seq), strings.ReplaceAll(n.String(), "-", "")}).Draw(t, "spelled")
			}
			transfers[i] = Transfer{rapid.SampledFrom([]servicedate.Date{90, 110, 110}).Draw(t, "booked"), rapid.Int64Range(0, 5).Draw(t, "paid"), "MAD", "ATLAS", text}
		}
		got, left := NewMatcher(open).Settle(transfers), slices.Clone(open)
		for i, x := range transfers {
			var want []Number
			if found := NewMatcher(left).Match(x); len(found) > 0 && found[0].Score >= Certain && (len(found) == 1 || found[1].Score < Certain) {
				want = found[0].Invoices
			}
			if !slices.Equal(got[i], want) {
				t.Fatalf("%d, %+v: %v, want %v", i, x, got[i], want)
			}
			left = slices.DeleteFunc(left, func(o Outstanding) bool { return slices.Contains(want, o.Number) })
		}
	})
}

// TestMentions holds the lookup of numbers against reading each number into the text.
func TestMentions(t *testing.T) {
	t.Parallel()
	var open []Outstanding
	for _, series := range []string{"FA", "FA-CASA", "A1"} {
		for _, seq := range []int64{1, 7, 42, 420, 1000042} {
			open = append(open, Outstanding{Number: Number{series, 2026, seq}, Currency: "MAD", Open: 1})
		}
	}
	m := NewMatcher(open)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"FA", "fa", "CASA", "A1", "A", "1", "2026", "42", "000042", "0042", "7", "000001", "1000042", "fa2026", "FA2026000042", "-", " ", "/", "x", "0", "é"}), 0, 14).Draw(t, "words"),
			rapid.SampledFrom([]string{"", " ", "-"}).Draw(t, "between"))
		found := m.mentions(text)
		for i, o := range open {
			if found[i] != spells(tokens(text), o.Number) {
				t.Fatalf("%q names %s: %v", text, o.Number, found[i])
			}
		}
	})
}

// spells is whether the words spell a number, joined whole.
func spells(words []string, n Number) bool {
	want := strings.ReplaceAll(n.String(), "-", "")
	short := strings.TrimSuffix(strings.ReplaceAll(Number{n.Series, n.Year, 1}.String(), "-", ""), "000001")
	for i := range words {
		joined := ""
		for j := i; j < len(words) && j < i+8; j++ {
			if joined == short && strings.TrimLeft(words[j], "0") == fmt.Sprint(n.Seq) {
				return true
			}
			if joined += words[j]; joined == want {
				return true
			}
		}
	}
	return false
}

// TestSettleAYear: a matcher's cost is that of what texts name, not of all that is open: 20,000 transfers for 20,000 invoices look some hundred thousand
// words up. Compared one with all they would be 400 million pairs, and this test would not end in its time.
func TestSettleAYear(t *testing.T) {
	t.Parallel()
	const n = 20_000
	open, transfers := make([]Outstanding, n), make([]Transfer, n)
	for i := range n {
		number := Number{"FA", 2026, int64(i + 1)}
		open[i] = Outstanding{Number: number, Account: fmt.Sprint(i % 50), Customer: fmt.Sprintf("Customer %d SARL", i%50), Currency: "MAD", Open: 1000, Issued: 100}
		transfers[n-1-i] = Transfer{110, 1000, "MAD", "CUSTOMER", fmt.Sprintf("VIR SEPA FACT %v MERCI %d", number, i)}
	}
	paid := NewMatcher(open).Settle(transfers)
	for i, p := range paid {
		if len(p) != 1 || p[0].Seq != int64(n-i) {
			t.Fatalf("%d pays %v", i, p)
		}
	}
}
