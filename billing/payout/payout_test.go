package payout

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/billing/ledger"
)

func TestCollect(t *testing.T) {
	for name, c := range map[string]struct {
		owed    Owed
		minimum int64
		want    Line
		in      bool
	}{
		"all of it":             {Owed{1000, 0}, 100, Line{1000, 0, 1000}, true},
		"less what is owed":     {Owed{1000, 300}, 100, Line{1000, 300, 700}, true},
		"not worth a transfer":  {Owed{1000, 950}, 100, Line{}, false},
		"exactly the minimum":   {Owed{1000, 900}, 100, Line{1000, 900, 100}, true},
		"all of it owed":        {Owed{1000, 1000}, 0, Line{}, false},
		"more owed than earned": {Owed{1000, 1500}, 1, Line{}, false},
		"owed less than none":   {Owed{1000, -50}, 1, Line{1000, 0, 1000}, true},
		"nothing":               {Owed{}, 0, Line{}, false},
	} {
		if got, in := c.owed.Collect(c.minimum); got != c.want || in != c.in {
			t.Errorf("%s: %+v, %v", name, got, in)
		}
	}
}

func TestAccountNumbers(t *testing.T) {
	for typed, want := range map[string]string{
		"GB82 WEST 1234 5698 7654 32":        "GB82WEST12345698765432",
		"ae07 0331 2345 6789 0123 456":       "AE070331234567890123456",
		"FR14-2004-1010-0505-0001-3M02-606":  "FR1420041010050500013M02606",
		"MA64 0115 1900 0001 2050 0053 4921": "MA64011519000001205000534921",
		"011 519 0000012050005349 21":        "011519000001205000534921",
	} {
		if got, err := Number(typed); err != nil || got != want {
			t.Errorf("%s: %s, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "GB82WEST12345698765433", "GB82WEST1234569876543", "011519000001205000534922", "=1+1", "AE07", "AE07033123456789012345é",
		strings.Repeat("1", 40), "123456789012345", "AE070331234567890123456' OR 1"} {
		if got, err := Number(typed); err == nil {
			t.Errorf("%q is read as %s", typed, got)
		}
	}
	if got := Masked("AE070331234567890123456"); got != "AE07•••••••••••••••3456" {
		t.Error(got)
	}
}

// One digit that is wrong, and two neighbours that changed places, are always seen.
func TestMistypedNumbersAreSeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		right := rapid.SampledFrom([]string{"AE070331234567890123456", "MA64011519000001205000534921", "011519000001205000534921"}).Draw(t, "number")
		i := rapid.IntRange(4, len(right)-2).Draw(t, "at")
		wrong := []byte(right)
		if rapid.Bool().Draw(t, "swap") {
			wrong[i], wrong[i+1] = wrong[i+1], wrong[i]
		} else {
			wrong[i] = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		}
		if _, err := Number(string(wrong)); err == nil && string(wrong) != right {
			t.Fatalf("%s passes for %s", wrong, right)
		}
	})
}

// Whatever people are called, the file is a table with these columns, no cell is a formula, and the totals are of its lines.
func TestBankFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var orders []Order
		var total int64
		for range rapid.IntRange(0, 6).Draw(t, "lines") {
			o := Order{"R1", rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"=cmd|' /C calc'!A0", "@SUM(A1)", " +1", "\t=1", "-2", "O\"Neil, Anna"})).Draw(t, "holder"),
				"AE070331234567890123456", rapid.Int64Range(1, 1_000_000).Draw(t, "amount")}
			orders, total = append(orders, o), total+o.Amount
		}
		b, err := File("AED", "Waymeet", orders)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil || len(rows) != len(orders)+2 || strings.Join(rows[0], ",") != strings.Join(Columns, ",") {
			t.Fatalf("%v, %q", err, b)
		}
		for _, r := range rows {
			for _, c := range r {
				if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") {
					t.Fatalf("%q is a formula to a spreadsheet", c)
				}
			}
		}
		if last := rows[len(rows)-1]; last[3] != decimal(ledger.Of(total, "AED")) {
			t.Fatalf("the totals say %q of %d", last, total)
		}
	})
}
