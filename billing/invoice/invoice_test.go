package invoice

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

func TestFinalise(t *testing.T) {
	t.Parallel()
	day := servicedate.Of(2026, 12, 1)
	good := Draft{Month: MonthOf(day - 1), Currency: "MAD", Prices: GrossPrices, Terms: "eom_30", PO: "PO-7", Lines: []Line{
		{ID: "1", Usage: "ride:1", Date: day - 9, Supply: UrbanTransport, Country: "MA", Amount: 1100},
		{ID: "2", Usage: "session:1", Date: day - 8, Supply: Advice, Country: "MA", Amount: 1200},
	}}
	priced, err := good.Price(Starting())
	if err != nil || good.Lines[0].Tax.Code != "" {
		t.Fatal(err, good.Lines[0])
	}
	inv, err := priced.Finalise(Number{"FA", 2026, 42}, day)
	if err != nil || inv.Total != (Sum{2000, 300, 2300}) || len(inv.Taxes) != 2 || inv.Due != servicedate.Of(2027, 1, 30) {
		t.Fatalf("%+v %v", inv, err)
	}
	before, err := inv.Digest()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(inv)
	if err != nil {
		t.Fatal(err)
	}
	var read Invoice
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	if after, err := read.Digest(); err != nil || after != before {
		t.Fatalf("stored and read it is another: %v\n%s", err, stored)
	}
	priced.Lines[0].Amount = 1 // whoever still holds the draft changes nothing
	if after, err := inv.Digest(); err != nil || after != before {
		t.Fatalf("the draft still moves the invoice: %v", err)
	}
	moved := inv
	moved.Lines = append([]Line{}, inv.Lines...)
	moved.Lines[1].CostCentre = "CC9"
	if after, err := moved.Digest(); err != nil || after == before {
		t.Fatalf("a moved line is not seen: %v", err)
	}
	if _, err := (Draft{Currency: "MAD", Prices: NetPrices, Terms: "net_30", Lines: []Line{{ID: "1", Date: 1, Country: "MA", Supply: UrbanTransport}}}).Price(Starting()); !errors.Is(err, ErrNoTax) {
		t.Errorf("priced: %v", err)
	}
	for name, change := range map[string]func(*Draft, *Number){
		"no lines":    func(d *Draft, _ *Number) { d.Lines = nil },
		"no tax":      func(d *Draft, _ *Number) { d.Lines = []Line{{ID: "1"}} },
		"no id":       func(d *Draft, _ *Number) { d.Lines = []Line{{Tax: taxes[0]}} },
		"an id twice": func(d *Draft, _ *Number) { d.Lines = []Line{{ID: "1", Tax: taxes[0]}, {ID: "1", Tax: taxes[0]}} },
		"usage twice": func(d *Draft, _ *Number) {
			d.Lines = []Line{{ID: "1", Usage: "r", Tax: taxes[0]}, {ID: "2", Usage: "r", Tax: taxes[0]}}
		},
		"below zero":   func(d *Draft, _ *Number) { d.Lines = []Line{{ID: "1", Amount: -1, Tax: taxes[0]}} },
		"no currency":  func(d *Draft, _ *Number) { d.Currency = "" },
		"no terms":     func(d *Draft, _ *Number) { d.Terms = "soon" },
		"no number":    func(_ *Draft, n *Number) { *n = Number{} },
		"number zero":  func(_ *Draft, n *Number) { n.Seq = 0 },
		"small series": func(_ *Draft, n *Number) { n.Series = "fa" },
	} {
		d, n := priced, Number{"FA", 2026, 42}
		change(&d, &n)
		if got, err := d.Finalise(n, day); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ terms, issued, want string }{
		{"net_0", "2026-01-31", "2026-01-31"},
		{"net_30", "2026-01-31", "2026-03-02"},
		{"net_60", "2028-01-01", "2028-03-01"},
		{"eom_0", "2026-02-03", "2026-02-28"},
		{"eom_30", "2026-01-15", "2026-03-02"},
		{"net_30_eom", "2026-01-15", "2026-02-28"},
		{"net_45_eom", "2026-11-20", "2027-01-31"},
	} {
		day, err := servicedate.Parse(c.issued)
		if err != nil {
			t.Fatal(err)
		}
		if due, err := Terms(c.terms).Due(day); err != nil || due.String() != c.want {
			t.Errorf("%s from %s: %v %v, want %s", c.terms, c.issued, due, err, c.want)
		}
	}
	for _, bad := range []Terms{"", "net", "net_", "net_-1", "net_+3", "net_030", "net_366", "eom_30_eom", "NET_30", "net_30 "} {
		if due, err := bad.Due(1000); err == nil {
			t.Errorf("%q is due %v", bad, due)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := Number{rapid.StringMatching(`[A-Z0-9]{1,5}(-[A-Z0-9]{1,5})?`).Draw(t, "series"), rapid.IntRange(1970, 9999).Draw(t, "year"), rapid.Int64Range(1, 1<<40).Draw(t, "seq")}
		if back, err := ParseNumber(n.String()); err != nil || back != n {
			t.Fatalf("%v comes back as %v %v", n, back, err)
		}
	})
	for _, bad := range []string{"", "FA-2026", "FA-2026-42", "fa-2026-000042", "FA-26-000042", "FA-2026-000000", "-2026-000001", "FA--2026-000001", "FA-2026-+00001", "FA-2026-000001 "} {
		if n, err := ParseNumber(bad); err == nil {
			t.Errorf("%q is %v", bad, n)
		}
	}
}

// TestGaps: numbers taken from a whole run are missed, those given twice are told.
func TestGaps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var have, missing, twice []Number
		run := int64(rapid.IntRange(1, 30).Draw(t, "run"))
		for seq := int64(1); seq <= run; seq++ {
			n := Number{"FA", 2026, seq}
			switch rapid.IntRange(0, 5).Draw(t, "fate") {
			case 0:
				missing = append(missing, n)
			case 1:
				have, twice = append(have, n, n), append(twice, n)
			default:
				have = append(have, n)
			}
		}
		for len(missing) > 0 && (len(have) == 0 || missing[len(missing)-1].Seq > have[len(have)-1].Seq) {
			missing = missing[:len(missing)-1] // behind the last there is no gap
		}
		gotMissing, gotTwice := Gaps(append(rapid.Permutation(have).Draw(t, "order"), Number{"AV", 2026, 1}, Number{"FA", 2025, 1}))
		if len(gotMissing) != len(missing) || len(gotTwice) != len(twice) {
			t.Fatalf("missing %v, want %v; twice %v, want %v", gotMissing, missing, gotTwice, twice)
		}
	})
}
