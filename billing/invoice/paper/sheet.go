package paper

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
)

// Measures of a page, in millimetres.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	margin     = 16.0
	wide       = pageWidth - 2*margin
	bottom     = pageHeight - 24 // below is the foot
)

type colour [3]int

var (
	ink    = colour{28, 32, 40}
	grey   = colour{104, 112, 124}
	accent = colour{16, 78, 104}
	paleBg = colour{240, 244, 247}
	rule   = colour{206, 213, 220}
)

type side int

const (
	start side = iota // left, and right in Arabic
	end
	right // on paper, in every language: amounts stand with their decimals below each other
)

// sheet draws with a pen that knows the direction of the language: x counts from the side where reading begins.
type sheet struct {
	pdf   *fpdf.Fpdf
	doc   Document
	words *words
	pages int // in all; 0 while they are counted
	y     float64

	shaped map[part][]run // texts come again: at the second drawing, and on most lines of a month
}

// visual is parts in the order in which they are drawn from left to right.
func (s *sheet) visual(parts ...part) (out []run) {
	for i, p := range parts {
		if s.words.rtl {
			p = parts[len(parts)-1-i]
		}
		runs, ok := s.shaped[p]
		if !ok {
			runs = visual(p)
			s.shaped[p] = runs
		}
		out = append(out, runs...)
	}
	return out
}

func newSheet(d Document, w *words, pages int, shaped map[part][]run) (*sheet, error) {
	pdf := fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "mm", SizeStr: "A4"})
	for _, name := range []string{latin, arabic} {
		pdf.AddUTF8FontFromBytes(name, "", fonts[name].regular)
		pdf.AddUTF8FontFromBytes(name, "B", fonts[name].bold)
	}
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(d.Printed.UTC())
	pdf.SetModificationDate(d.Printed.UTC())
	pdf.SetLang(d.Language)
	pdf.SetTitle(strings.TrimSpace(titleOf(d, w)+" "+d.Invoice.Number.String()), true)
	pdf.SetAuthor(plain(d.Seller.Name), true)
	pdf.SetCreator("Waymeet", false)
	pdf.SetProducer("Waymeet", false)
	s := &sheet{pdf: pdf, doc: d, words: w, pages: pages, shaped: shaped}
	return s, pdf.Error()
}

// type of text.
type face struct {
	size   float64 // points
	bold   bool
	colour colour
}

var (
	body  = face{8.6, false, ink}
	heavy = face{8.6, true, ink}
	small = face{7.4, false, grey}
)

func (s *sheet) use(font string, f face) {
	style := ""
	if f.bold {
		style = "B"
	}
	s.pdf.SetFont(font, style, f.size)
}

func (s *sheet) width(runs []run, f face) float64 {
	sum := 0.0
	for _, r := range runs {
		s.use(r.font, f)
		sum += s.pdf.GetStringWidth(r.text)
	}
	return sum
}

// left is the x on paper of a box w wide that begins x from the side where reading begins.
func (s *sheet) left(x, w float64) float64 {
	if s.words.rtl {
		return pageWidth - x - w
	}
	return x
}

// text writes one line into a box w wide, its baseline at y; what is too long ends with dots. Each text reads in its own direction, one
// after the other in the page's.
func (s *sheet) text(x, y, w float64, where side, f face, texts ...string) {
	s.parts(x, y, w, where, f, parted(texts...)...)
}

func (s *sheet) parts(x, y, w float64, where side, f face, parts ...part) {
	s.put(x, y, w, where, f, s.fit(parts, w, f))
}

// code writes what always reads from left to right: numbers, amounts, dates. What is too long is written smaller, since
// an amount that ends with dots would be another amount.
func (s *sheet) code(x, y, w float64, where side, f face, text string) {
	if hasArabic(text) { // a bank may have an Arabic name
		s.text(x, y, w, where, f, text)
		return
	}
	runs := byFont(plain(text))
	s.put(x, y, w, where, s.shrunk(runs, w, f), runs)
}

// shrunk is the face in which all of a text fits, down to the smallest that can be read with a glass.
func (s *sheet) shrunk(runs []run, w float64, f face) face {
	for s.width(runs, f) > w && f.size > 4 {
		f.size -= 0.2
	}
	return f
}

func (s *sheet) fit(parts []part, w float64, f face) []run {
	runs := s.visual(parts...)
	if s.width(runs, f) <= w {
		return runs
	}
	low, high := 0, 0 // the most characters that fit, found by halves
	for _, p := range parts {
		high += utf8.RuneCountInString(p.text)
	}
	for low < high {
		mid := (low + high + 1) / 2
		if s.width(s.visual(cut(parts, mid)...), f) <= w {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return s.visual(cut(parts, low)...)
}

func (s *sheet) put(x, y, w float64, where side, f face, runs []run) {
	at := s.left(x, w)
	slack := w - s.width(runs, f)
	switch {
	case where == right, (where == end) != s.words.rtl:
		at += slack
	}
	s.pdf.SetTextColor(f.colour[0], f.colour[1], f.colour[2])
	for _, r := range runs {
		s.use(r.font, f)
		s.pdf.Text(at, y, r.text)
		at += s.pdf.GetStringWidth(r.text)
	}
}

// wrap cuts a text into at most n lines that fit, all in its direction; the last may end with dots when it is drawn.
func (s *sheet) wrap(text string, w float64, f face, n int) (lines []part) {
	line := part{rtl: parted(text)[0].rtl}
	for _, word := range strings.FieldsFunc(text, breaks) {
		longer := part{strings.TrimSpace(line.text + " " + word), line.rtl}
		if line.text != "" && len(lines) < n-1 && s.width(s.visual(longer), f) > w {
			lines, line.text = append(lines, line), word
			continue
		}
		line = longer
	}
	return append(lines, line)
}

// breaks says where a line may end: at spaces, but not at those that hold « 20 % » together.
func breaks(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' }

func (s *sheet) box(x, y, w, h float64, fill colour) {
	s.pdf.SetFillColor(fill[0], fill[1], fill[2])
	s.pdf.Rect(s.left(x, w), y, w, h, "F")
}

func (s *sheet) line(x, y, w float64, c colour, thick float64) {
	s.pdf.SetDrawColor(c[0], c[1], c[2])
	s.pdf.SetLineWidth(thick)
	s.pdf.Line(s.left(x, w), y, s.left(x, w)+w, y)
}
