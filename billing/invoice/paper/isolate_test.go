package paper

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"

	"github.com/waymeet/waymeet/billing/invoice"
)

// placed is a run on the paper, in millimetres from the left.
type placed struct {
	x, y float64
	text string
}

var placing = regexp.MustCompile(`(?s)BT ([0-9.-]+) ([0-9.-]+) Td \((.*?[^\\](?:\\\\)*)\) Tj ET`)

// rows is what a page draws on each baseline, from left to right.
func rows(t *testing.T, page []byte) (out [][]placed) {
	t.Helper()
	at := map[float64][]placed{}
	for _, m := range placing.FindAllSubmatch(page, -1) {
		x, y := number(t, m[1]), number(t, m[2])
		b := []byte(strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r").Replace(string(m[3])))
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		}
		at[y] = append(at[y], placed{x * 25.4 / 72, y, norm.NFKC.String(string(utf16.Decode(units)))})
	}
	for _, row := range at {
		slices.SortStableFunc(row, func(a, b placed) int { return int(math.Copysign(1, a.x-b.x)) })
		out = append(out, row)
	}
	return out
}

func number(t *testing.T, b []byte) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestEachValueReadsInItsOwnDirection: whatever the page's language and whatever stands beside it, a street of Casablanca is drawn from left to
// right and one of Dubai from right to left, wherever somebody's words are printed.
func TestEachValueReadsInItsOwnDirection(t *testing.T) {
	t.Parallel()
	for script, v := range map[string]struct{ text, drawn string }{
		"latin":  {"12 rue @, 20 (bis) 7", "12 rue @, 20 (bis) 7"},
		"arabic": {"12 شارع @ (مكرر) 7", "7 (رركم) @ عراش 12"},
	} {
		value := func(field string) string { return strings.ReplaceAll(v.text, "@", field) }
		fields := map[string]string{}
		for i, f := range []string{"seller", "buyer", "from", "to", "id", "bank", "po", "centre", "line", "person", "note", "reason"} {
			fields[f] = map[string]string{"latin": "ABCDEFGHIJKL"[i : i+1], "arabic": string([]rune("ابتثجحدرسصطع")[i])}[script]
		}
		for language := range languages {
			d := sample(t, language, few+1)
			d.Seller.Name, d.Buyer.Name = value(fields["seller"]), value(fields["buyer"])
			d.Seller.Address, d.Buyer.Address = []string{value(fields["from"])}, []string{value(fields["to"])}
			d.Seller.IDs, d.Bank = []Label{{"ICE", value(fields["id"])}}, []Label{{"IBAN", value(fields["bank"])}}
			d.Invoice.PO, d.Notes = value(fields["po"]), []string{value(fields["note"])}
			for i := range d.Invoice.Lines {
				d.Invoice.Lines[i].CostCentre, d.Invoice.Lines[i].Text, d.Invoice.Lines[i].Person = value(fields["centre"]), value(fields["line"]), value(fields["person"])
			}
			note, err := invoice.Credit(d.Invoice, nil, nil, invoice.Number{Series: "AV", Year: 2026, Seq: 3}, d.Invoice.Issued)
			if err != nil {
				t.Fatal(err)
			}
			c := d
			c.Invoice, c.Reason = note, value(fields["reason"])
			var drawn []string
			for _, page := range append(pagesOf(t, render(t, d)), pagesOf(t, render(t, c))...) {
				for _, row := range rows(t, page) {
					line := ""
					for _, r := range row {
						line += r.text
					}
					drawn = append(drawn, line)
				}
			}
			for field, letter := range fields {
				want := strings.ReplaceAll(v.drawn, "@", letter)
				least := map[string]int{"seller": 6, "centre": 4, "line": few + 1, "person": few + 1}[field] // in the head, at the foot, above what goes on; and so on
				if n := len(slices.DeleteFunc(slices.Clone(drawn), func(l string) bool { return !strings.Contains(l, want) })); n < max(least, 1) {
					t.Errorf("%s, %s of the %s: %q is drawn %d times", language, script, field, want, n)
				}
			}
		}
	}
}

// TestALineBeginsWhereThePageDoes: a Latin address on an Arabic page ends at the right margin, where the page begins; in French at the left.
func TestALineBeginsWhereThePageDoes(t *testing.T) {
	t.Parallel()
	const street = "12 rue de Fès"
	for language, w := range languages {
		d := sample(t, language, 1)
		d.Seller.Address = []string{street}
		s, err := newSheet(d, w, 1, map[part][]run{})
		if err != nil {
			t.Fatal(err)
		}
		s.pdf.AddPage()
		want := margin
		if w.rtl {
			want = pageWidth - margin - s.width(s.visual(parted(street)...), body)
		}
		for _, row := range rows(t, pagesOf(t, render(t, d))[0]) {
			for _, r := range row {
				if r.text == street && math.Abs(r.x-want) > 0.02 {
					t.Errorf("%s: at %v mm, want %v", language, r.x, want)
				}
			}
		}
		if !bytes.Contains(pagesOf(t, render(t, d))[0], drawn(street)) {
			t.Errorf("%s: the street is not drawn in one piece", language)
		}
	}
}

// TestLinesGoOnInTheirDirection: what goes on below is laid out as what it belongs to, whatever it begins with; what is cut is cut at its end.
func TestLinesGoOnInTheirDirection(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"fr", "ar"} {
		s, err := newSheet(sample(t, language, 1), languages[language], 1, map[part][]run{})
		if err != nil {
			t.Fatal(err)
		}
		s.pdf.AddPage()
		for text, rtl := range map[string]bool{"Rue " + strings.Repeat("شارع فاس ", 20): false, "شارع " + strings.Repeat("Rue Fès ", 20): true} {
			lines := s.wrap(text, 40, body, 3)
			for _, l := range lines {
				if l.rtl != rtl || len(lines) != 3 {
					t.Errorf("%s: %+v", language, lines)
				}
			}
		}
		flat := func(parts ...part) (out string) {
			for _, r := range s.fit(parts, 30, body) {
				out += r.text
			}
			return out
		}
		if got := flat(parted("AB ", strings.Repeat("W", 99))...); strings.HasPrefix(got, "AB WW") != (language == "fr") || strings.HasSuffix(got, "…AB ") != (language == "ar") || !strings.HasSuffix(strings.TrimSuffix(got, "AB "), "W…") {
			t.Errorf("%s: %q", language, got)
		}
	}
}
