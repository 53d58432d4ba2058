package invoice

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var books = Accounts{Journal: "VT", Customer: "3421", Revenue: map[Supply]string{General: "7124", UrbanTransport: "71241"}, Tax: map[string]string{"": "4455"}}

// TestEntriesBalance: for any invoice and any series of credit notes down to nothing, each document balances, no row
// is below zero or on both sides, the customer owes the gross, and at the end every account is where it began.
func TestEntriesBalance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := anyLines(1).Draw(t, "lines")
		lines = lines[:min(len(lines), 60)]
		for i := range lines {
			lines[i].Supply = rapid.SampledFrom([]Supply{General, UrbanTransport, Advice}).Draw(t, "supply")
		}
		lines[0].Amount = 7
		inv := finalised(t, rapid.SampledFrom([]Prices{NetPrices, GrossPrices}).Draw(t, "prices"), lines)
		docs := []Invoice{inv}
		if first := rapid.SampledFrom(lines).Draw(t, "credited first"); first.Amount != 0 {
			part := rapid.Int64Range(1, max(first.Amount, -first.Amount)).Draw(t, "part") * int64(sign(first.Amount))
			note, err := Credit(inv, nil, []Pick{{first.ID, part}}, Number{"AV", 2026, 1}, inv.Issued)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, note)
		}
		if rest, err := Credit(inv, docs[1:], nil, Number{"AV", 2026, 2}, inv.Issued); err == nil {
			docs = append(docs, rest)
		}
		accounts := map[string]int64{}
		for k, d := range docs {
			rows, err := d.Entries("Atlas SARL", books, docs[min(1, k):k]...)
			if err != nil {
				t.Fatal(err)
			}
			owed := int64(0)
			for _, r := range rows {
				if r.Debit < 0 || r.Credit < 0 || (r.Debit == 0) == (r.Credit == 0) {
					t.Fatalf("%+v", r)
				}
				if r.Account == books.Customer {
					owed += r.Debit - r.Credit
				}
				accounts[r.Account+" "+r.CostCentre] += r.Debit - r.Credit
			}
			if owed != d.Total.Gross {
				t.Fatalf("the customer owes %d of %d", owed, d.Total.Gross)
			}
		}
		for account, sum := range accounts {
			if sum != 0 {
				t.Fatalf("%d stays on %s", sum, account)
			}
		}
	})
}

func TestWhatIsNotBooked(t *testing.T) {
	t.Parallel()
	inv := finalised(t, NetPrices, []Line{{ID: "1", Amount: 1050, Tax: taxes[0]}})
	rows, err := inv.Entries("x", books)
	if err != nil {
		t.Fatal(err)
	}
	if rows[0].Debit++; Balanced(rows) == nil {
		t.Errorf("%+v is balanced", rows)
	}
	if _, err := inv.Entries("x", Accounts{Customer: "1"}); err == nil {
		t.Error("booked without accounts")
	}
	if inv.Number = (Number{}); true {
		if _, err := inv.Entries("x", books); err == nil {
			t.Error("a preview was booked")
		}
	}
}

// TestCSVReadsBack: what is written is read back by a reader of the format, whatever the names hold, and no cell
// begins a formula.
func TestCSVReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := anyLines(1).Draw(t, "lines")
		lines = lines[:min(len(lines), 5)]
		lines[0].Amount = 7
		for i := range lines {
			lines[i].Text = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"=1+1", "a;b,c\"d", "@x", "-3", "حافلة"})).Draw(t, "text")
		}
		inv := finalised(t, NetPrices, lines)
		for _, d := range []Dialect{Plain, European} {
			var out bytes.Buffer
			if err := inv.WriteCSV(&out, d); err != nil {
				t.Fatal(err)
			}
			in := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\uFEFF")))
			in.Comma = d.Comma
			rows, err := in.ReadAll()
			if err != nil || len(rows) != len(lines)+1 {
				t.Fatalf("%d rows of %d lines: %v", len(rows), len(lines), err)
			}
			for i, l := range lines {
				text := rows[i+1][9]
				if want := strings.ReplaceAll(Inert(l.Text), "\r\n", "\n"); text != want {
					t.Fatalf("%q is read as %q", l.Text, text)
				}
				if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
					t.Fatalf("%q begins a formula", text)
				}
			}
		}
	})
}
