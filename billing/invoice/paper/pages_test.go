package paper

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"testing"
	"unicode/utf16"

	"github.com/waymeet/waymeet/billing/invoice"
)

// pagesOf is what each page of a PDF draws: its content stream, in which text stands as UTF-16.
func pagesOf(t *testing.T, pdf []byte) (out [][]byte) {
	t.Helper()
	for _, at := range regexp.MustCompile(`(?s)/FlateDecode /Length \d+>>\nstream\n`).FindAllIndex(pdf, -1) {
		in, err := zlib.NewReader(bytes.NewReader(pdf[at[1]:]))
		if err != nil {
			continue // a font
		}
		content, err := io.ReadAll(in)
		if err == nil && bytes.Contains(content, []byte(" Tf ET")) {
			out = append(out, content)
		}
	}
	return out
}

func drawn(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}

// TestNoLineIsLost: over page breaks each line stands on the paper once, each page of the annex begins with the table's
// head, each page says which of how many it is, and each cost centre has its subtotal once.
func TestNoLineIsLost(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, few, few + 1, 44, 45, 46, 203} {
		d := sample(t, "en", n)
		for i := range d.Invoice.Lines {
			d.Invoice.Lines[i].Text = fmt.Sprintf("line%04dx", i)
			if i%5 == 0 {
				d.Invoice.Lines[i].Text += " and so many more words that it takes a second row of the table"
			}
		}
		pages := pagesOf(t, render(t, d))
		all := bytes.Join(pages, nil)
		for i := range d.Invoice.Lines {
			if got := bytes.Count(all, drawn(fmt.Sprintf("line%04dx", i))); got != 1 {
				t.Errorf("%d lines: line %d stands there %d times", n, i, got)
			}
		}
		for i, p := range pages {
			if !bytes.Contains(p, drawn(fmt.Sprintf("Page %d of %d", i+1, len(pages)))) {
				t.Errorf("%d lines: page %d of %d does not say so", n, i+1, len(pages))
			}
			if bytes.Contains(p, drawn("line0")) && bytes.Count(p, drawn("Description")) != 1 {
				t.Errorf("%d lines: page %d has lines and %d heads", n, i+1, bytes.Count(p, drawn("Description")))
			}
		}
		centres, err := invoice.ByCentre(d.Invoice.Lines)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Count(all, drawn("Subtotal")); got != len(centres) {
			t.Errorf("%d lines: %d subtotals of %d cost centres", n, got, len(centres))
		}
		total := languages["en"].money(d.Invoice.Total.Gross, "AED") + " AED"
		if got := bytes.Count(all, drawn(total)); got < 2 {
			t.Errorf("%d lines: the total %s stands there %d times", n, total, got)
		}
		if (len(pages) > 1) != (n > few) {
			t.Errorf("%d lines on %d pages", n, len(pages))
		}
	}
}

// TestEverythingIsSaid: what a company's clerk needs is on the first page.
func TestEverythingIsSaid(t *testing.T) {
	t.Parallel()
	d := sample(t, "fr", 60)
	first := pagesOf(t, render(t, d))[0]
	for _, want := range []string{"FACTURE", "FA-2026-000042", "01/12/2026", "30/01/2027", "4500018872", "novembre 2026", "001525713000083", "18790042", "000230117000045",
		"007 780 0001234567890123 45", "fin de mois + 30 jours", "20\u00a0%", "10\u00a0%", "Total HT", "Total TTC"} {
		if !bytes.Contains(first, drawn(want)) {
			t.Errorf("%q is not on the first page", want)
		}
	}
}
