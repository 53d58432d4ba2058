package paper

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/billing/invoice"
)

// TestJoined: letters take the shape that their neighbours ask for, lam and alef become one.
func TestJoined(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"سلام":   "\uFEB3\uFEFC\uFEE1",                   // seen initial, lam-alef final, meem isolated behind alef
		"فاتورة": "\uFED3\uFE8E\uFE97\uFEEE\uFEAD\uFE93", // waw does not join the reh
		"لا":     "\uFEFB",
		"بيت":    "\uFE91\uFEF4\uFE96",
		"ب":      "\uFE8F",
		"ب ب":    "\uFE8F \uFE8F",
		"بـ":     "\uFE91\u0640",
		"مُدَّة": "\uFEE3\uFEAA\uFE93",
		"ABC 12": "ABC 12",
		"گچ":     "\uFB94\uFB7B",
		"شيء":    "\uFEB7\uFEF2\u0621", // hamza joins nothing
	} {
		got := strings.ReplaceAll(joined(word), "\uFE80", "\u0621") // hamza's one form
		if got != want {
			t.Errorf("%s: %+q, want %+q", word, got, want)
		}
	}
}

// TestNoLetterIsLost: whatever is joined, decomposed again it is what it was.
func TestNoLetterIsLost(t *testing.T) {
	t.Parallel()
	letters := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune("ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأإؤئـپچگ")), rapid.RuneFrom([]rune(" aZ09.,()-"))), 0, 40, -1)
	rapid.Check(t, func(t *rapid.T) {
		s := letters.Draw(t, "text")
		if got := norm.NFKC.String(joined(s)); got != norm.NFKC.String(s) {
			t.Fatalf("%q became %q", s, got)
		}
		for _, rtl := range []bool{false, true} {
			var drawn []rune
			for _, r := range visual(part{s, rtl}) {
				drawn = append(drawn, []rune(r.text)...)
			}
			want := []rune(joined(s))
			swap := func(r rune) rune { // brackets turn with the text
				return map[rune]rune{'(': '|', ')': '|'}[r]
			}
			for _, list := range [][]rune{drawn, want} {
				for i, r := range list {
					if b := swap(r); b != 0 {
						list[i] = b
					}
				}
				slices.Sort(list)
			}
			if !slices.Equal(drawn, want) {
				t.Fatalf("%q: drawn %q, want %q", s, string(drawn), string(want))
			}
		}
	})
}

// TestVisual: what is read from right to left is drawn so, numbers and Latin names in it from left to right.
func TestVisual(t *testing.T) {
	t.Parallel()
	flat := func(runs []run) (s string) {
		for _, r := range runs {
			s += r.text
		}
		return norm.NFKC.String(s)
	}
	for _, c := range []struct {
		text string
		rtl  bool
		want string
	}{
		{"Ligne 12", false, "Ligne 12"},
		{"ABC (x) 12", true, "ABC (x) 12"}, // a run of its own in a page from right to left
		{"بيت", true, "تيب"},
		{"بيت 12", true, "12 تيب"},
		{"بيت (12) ABC", true, "ABC (12) تيب"},
		{"Ligne بيت 12 à", false, "Ligne 12 تيب à"},
		{"-1 بيت", true, "تيب -1"},
		{"بيت -1", true, "-1 تيب"},
		{"صفحة 1 من 2", true, "2 نم 1 ةحفص"},
	} {
		if got := flat(visual(part{c.text, c.rtl})); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
	// Nothing that could make one text read as another, nothing that the fonts lack.
	for text, want := range map[string]string{"a\u202Eb\u200Fc": "abc", "a\nb\x00": "a b", "😀": "\uFFFD", "漢": "\uFFFD", "\xff": "\uFFFD", "e\u0301": "é", "": ""} {
		if got := plain(text); got != want {
			t.Errorf("%+q: %+q, want %+q", text, got, want)
		}
	}
}

// TestHostile: whatever people are called, the document is typeset.
func TestHostile(t *testing.T) {
	t.Parallel()
	for i, s := range []string{"", " ", "😀😀", "\x00\xff", strings.Repeat("W", 3000), strings.Repeat("لا ", 900), "\u202E\u2066", "(((", "٣٤٥", "אבג 12", "{nb}", "\\)(", "न" + strings.Repeat("ि", 300), "a\u0301\u0301\u0301"} {
		for _, language := range []string{"fr", "ar"} {
			d := sample(t, language, 3)
			d.Seller.Name, d.Buyer.Name, d.Buyer.Address = s, s, []string{s, s}
			d.Buyer.IDs, d.Bank, d.Notes = []Label{{s, s}}, []Label{{s, s}}, []string{s}
			d.Invoice.PO, d.Invoice.Lines[0].Text, d.Invoice.Lines[1].Person, d.Invoice.Lines[2].CostCentre = s, s, s, s
			if b := render(t, d); !bytes.HasPrefix(b, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(b), []byte("%%EOF")) {
				t.Errorf("%d %s: no PDF", i, language)
			}
		}
	}
}

// TestAmountsAreNeverCut: the longest amount there is fits its column whole.
func TestAmountsAreNeverCut(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"fr", "en", "ar"} {
		d := sample(t, language, 1)
		s, err := newSheet(d, languages[language], 1, map[part][]run{})
		if err != nil {
			t.Fatal(err)
		}
		s.pdf.AddPage()
		for _, w := range []float64{19, 22, 28} { // the narrowest amount boxes
			text := s.words.money(-math.MaxInt64, "MAD") + " MAD"
			runs := byFont(plain(text))
			if got := s.width(runs, s.shrunk(runs, w, face{9.8, true, ink})); got > w+3 { // at worst it reaches into the gap between columns
				t.Errorf("%s: %v mm in %v", language, got, w)
			}
			whole := ""
			for _, r := range runs {
				whole += r.text
			}
			if whole != text {
				t.Errorf("%s: %q of %q", language, whole, text)
			}
		}
	}
}

// TestDraftAndCredit are typeset; a credit note says what it corrects and all of why, if somebody said it, and not where to pay.
func TestDraftAndCredit(t *testing.T) {
	t.Parallel()
	for language, w := range languages {
		d := sample(t, language, 4)
		note, err := invoice.Credit(d.Invoice, nil, nil, invoice.Number{Series: "AV", Year: 2026, Seq: 3}, d.Invoice.Issued)
		if err != nil {
			t.Fatal(err)
		}
		bill := d.Invoice
		if d.Invoice = note; titleOf(d, w) != w.credit {
			t.Errorf("%s: a credit note is called %s", language, titleOf(d, w))
		}
		said := func(paper []byte) bool { return bytes.Contains(pagesOf(t, paper)[0], drawn("XXIV")) }
		if d.Reason = "Mœurs " + strings.Repeat("WWWW ", 22) + "XXIV"; !said(render(t, d)) {
			t.Errorf("%s: a credit note does not say why it was made", language)
		}
		d.Reason = map[string]string{"fr": "Le bus n’est pas venu", "en": "The bus did not come", "ar": "لم تأتِ الحافلة"}[language]
		paper := render(t, d)
		if bytes.Contains(pagesOf(t, paper)[0], drawn(d.Bank[1].Value)) {
			t.Errorf("%s: a credit note says where to pay", language)
		}
		keep(t, language+"-credit", paper)
		bill.Number = invoice.Number{}
		d.Invoice = bill
		keep(t, language+"-draft", render(t, d))
	}
}
