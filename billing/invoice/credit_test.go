package invoice

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

func finalised(t interface{ Fatal(...any) }, prices Prices, lines []Line) Invoice {
	d := Draft{Month: MonthOf(servicedate.Of(2026, 11, 1)), Currency: "MAD", Prices: prices, Terms: "net_30", Lines: lines}
	inv, err := d.Finalise(Number{"FA", 2026, 1}, servicedate.Of(2026, 12, 1))
	if errors.Is(err, ErrBelow) {
		inv, err = d.Preview(servicedate.Of(2026, 12, 1)) // as a migration's opening balance may be
		inv.Number = Number{"FA", 2026, 1}
	}
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

// TestCreditMirrors: one note over the whole is the invoice with every sign turned, tax by tax.
func TestCreditMirrors(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := anyLines(1).Draw(t, "lines")
		lines[0].Amount = 7 // not all nothing
		inv := finalised(t, rapid.SampledFrom([]Prices{NetPrices, GrossPrices}).Draw(t, "prices"), lines)
		note, err := Credit(inv, nil, nil, Number{"AV", 2026, 1}, inv.Issued)
		if err != nil {
			t.Fatal(err)
		}
		if note.Total != (Sum{-inv.Total.Net, -inv.Total.Tax, -inv.Total.Gross}) {
			t.Fatalf("%+v mirrors %+v", note.Total, inv.Total)
		}
		for _, l := range note.Lines {
			i := slices.IndexFunc(inv.Lines, func(o Line) bool { return o.ID == l.Mirrors })
			if o := inv.Lines[i]; l.Amount != -o.Amount || l.Tax != o.Tax || l.CostCentre != o.CostCentre || l.Quantity != -o.Quantity {
				t.Fatalf("%+v mirrors %+v", l, o)
			}
		}
		if _, err := Credit(inv, []Invoice{note}, nil, Number{"AV", 2026, 2}, inv.Issued); !errors.Is(err, ErrNothing) {
			t.Fatalf("credited twice: %v", err)
		}
	})
}

// TestCreditsComeToNothing: parts in any number and order, then the rest: together they are the invoice, to the unit
// of every tax, and no line is credited beyond itself.
func TestCreditsComeToNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := anyLines(1).Draw(t, "lines")
		lines = lines[:min(len(lines), 40)]
		lines[0].Amount = 7
		inv := finalised(t, rapid.SampledFrom([]Prices{NetPrices, GrossPrices}).Draw(t, "prices"), lines)
		left := map[string]int64{}
		for _, l := range inv.Lines {
			left[l.ID] = l.Amount
		}
		var notes []Invoice
		for n := range rapid.IntRange(0, 6).Draw(t, "notes") {
			var picks []Pick
			for _, l := range inv.Lines {
				if rest := left[l.ID]; rest != 0 && rapid.Bool().Draw(t, "picked") {
					amount := rapid.Int64Range(1, max(rest, -rest)).Draw(t, "part") * int64(sign(rest))
					picks = append(picks, Pick{l.ID, amount})
				}
			}
			if len(picks) == 0 {
				continue
			}
			over := slices.Clone(picks)
			over[0].Amount = left[over[0].Line] + int64(sign(left[over[0].Line]))
			if _, err := Credit(inv, notes, over, Number{"AV", 2026, 9}, inv.Issued); !errors.Is(err, ErrPick) {
				t.Fatalf("%d of %d: %v", over[0].Amount, left[over[0].Line], err)
			}
			note, err := Credit(inv, notes, picks, Number{"AV", 2026, int64(n + 1)}, inv.Issued)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range picks {
				left[p.Line] -= p.Amount
			}
			notes = append(notes, note)
		}
		if rest, err := Credit(inv, notes, nil, Number{"AV", 2026, 99}, inv.Issued); err == nil {
			notes = append(notes, rest)
		} else if !errors.Is(err, ErrNothing) {
			t.Fatal(err)
		}
		perTax, all := map[Tax]Sum{}, inv.Total
		for _, x := range inv.Taxes {
			perTax[x.Tax] = x.Sum
		}
		for _, n := range notes {
			var err error
			if all, err = all.plus(n.Total); err != nil {
				t.Fatal(err)
			}
			for _, x := range n.Taxes {
				if perTax[x.Tax], err = perTax[x.Tax].plus(x.Sum); err != nil {
					t.Fatal(err)
				}
			}
		}
		for tax, s := range perTax {
			if s != (Sum{}) {
				t.Fatalf("%s: %+v is left", tax.Code, s)
			}
		}
		if all != (Sum{}) {
			t.Fatalf("%+v is left", all)
		}
	})
}

func TestCreditRefuses(t *testing.T) {
	t.Parallel()
	inv := finalised(t, NetPrices, []Line{{ID: "1", Amount: 100, Tax: taxes[0]}, {ID: "2", Amount: -40, Tax: taxes[0]}})
	other := inv
	other.Number.Seq = 2
	note, err := Credit(other, nil, nil, Number{"AV", 2026, 1}, inv.Issued)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		of      Invoice
		earlier []Invoice
		picks   []Pick
	}{
		"of a credit note":    {note, nil, nil},
		"another's note":      {inv, []Invoice{note}, nil},
		"nothing of a line":   {inv, nil, []Pick{{"1", 0}}},
		"the other sign":      {inv, nil, []Pick{{"1", -1}}},
		"the other sign, too": {inv, nil, []Pick{{"2", 1}}},
		"too much":            {inv, nil, []Pick{{"1", 101}}},
		"far too much":        {inv, nil, []Pick{{"1", math.MaxInt64}}},
		"no mirror":           {inv, nil, []Pick{{"2", math.MinInt64}}},
		"no such line":        {inv, nil, []Pick{{"3", 1}}},
		"no line":             {inv, nil, []Pick{}},
		"twice":               {inv, nil, []Pick{{"1", 60}, {"1", 60}}},
	} {
		if got, err := Credit(c.of, c.earlier, c.picks, Number{"AV", 2026, 1}, inv.Issued); err == nil {
			t.Errorf("%s: %+v", name, got.Lines)
		}
	}
}
