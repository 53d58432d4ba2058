package paper

import (
	"fmt"

	"github.com/waymeet/waymeet/billing/invoice"
)

func titleOf(d Document, w *words) string {
	if d.Invoice.Kind == invoice.CreditNote {
		return w.credit
	}
	return w.invoice
}

// page begins a new one: the first with all of the head, the others with a line that says what they continue.
func (s *sheet) page() {
	s.pdf.AddPage()
	if s.doc.Invoice.Number == (invoice.Number{}) {
		s.across()
	}
	s.foot()
	if s.pdf.PageNo() > 1 {
		s.text(margin, 14, wide/2, start, small, s.doc.Seller.Name)
		s.text(margin+wide/2, 14, wide/2, end, small, titleOf(s.doc, s.words), " "+s.doc.Invoice.Number.String()+" ", "("+s.words.continued+")")
		s.line(margin, 16.5, wide, rule, 0.2)
		s.y = 23
		return
	}
	s.head()
}

// across writes that this is a draft over the whole page, too pale to hide anything.
func (s *sheet) across() {
	runs := s.visual(parted(s.words.draft)...)
	f := face{110, true, colour{233, 236, 240}}
	x := (pageWidth - s.width(runs, f)) / 2
	s.pdf.TransformBegin()
	s.pdf.TransformRotate(45, pageWidth/2, pageHeight/2)
	s.pdf.SetTextColor(f.colour[0], f.colour[1], f.colour[2])
	for _, r := range runs {
		s.use(r.font, f)
		s.pdf.Text(x, pageHeight/2+14, r.text)
		x += s.pdf.GetStringWidth(r.text)
	}
	s.pdf.TransformEnd()
}

func (s *sheet) head() {
	inv := s.doc.Invoice
	s.box(0, 0, pageWidth, 3, accent)
	const half = 98.0
	s.y = 20
	for _, l := range s.wrap(s.doc.Seller.Name, half, face{13, true, ink}, 2) {
		s.parts(margin, s.y, half, start, face{13, true, ink}, l)
		s.y += 5.6
	}
	s.y = s.lines(margin, s.y, half, s.doc.Seller)

	title := face{19, true, accent}
	s.text(margin+half, 21, wide-half, end, title, titleOf(s.doc, s.words))
	s.code(margin+half, 28, wide-half, end, face{11.5, true, ink}, inv.Number.String())

	top := max(s.y+4, 42)
	left := s.facts(top)
	right := s.buyer(top)
	s.y = max(left, right) + 4
	s.due()
}

// lines writes a party's address and identifiers.
func (s *sheet) lines(x, y, w float64, p Party) float64 {
	for _, a := range p.Address {
		for _, l := range s.wrap(a, w, body, 2) {
			s.parts(x, y, w, start, body, l)
			y += 4
		}
	}
	for _, id := range p.IDs {
		s.pair(x, y, w, face{8, false, grey}, face{8, false, ink}, id.Name, id.Value)
		y += 3.8
	}
	return y
}

// pair writes a name and, behind it, a value that reads from left to right.
func (s *sheet) pair(x, y, w float64, name, value face, n, v string) {
	s.text(x, y, w, start, name, n)
	used := s.width(s.visual(parted(n)...), name) + 2
	s.code(x+used, y, max(w-used, 1), start, value, v)
}

// facts is what a company's clerk looks for first.
func (s *sheet) facts(y float64) float64 {
	inv, w := s.doc.Invoice, s.words
	const name, value = 34.0, 56.0
	row := func(label, text string, code bool) {
		if text == "" {
			return
		}
		s.text(margin, y, name, start, face{8.6, false, grey}, label)
		if code {
			s.code(margin+name, y, value, start, heavy, text)
		} else {
			s.text(margin+name, y, value, start, heavy, text)
		}
		y += 5
	}
	y += 4
	row(w.issued, w.dayOf(inv.Issued), true)
	if inv.Kind == invoice.CreditNote {
		row(w.corrects, inv.Corrects.String(), true)
		for i, l := range s.wrap(s.doc.Reason, value, heavy, 8) {
			if l.text == "" {
				break // nobody said why
			}
			s.text(margin, y, name, start, face{8.6, false, grey}, []string{w.reason, ""}[min(i, 1)])
			s.parts(margin+name, y, value, start, heavy, l)
			y += 5
		}
	} else {
		row(w.due, w.dayOf(inv.Due), true)
		row(w.terms, w.termsOf(inv.Terms), false)
	}
	row(w.month, w.monthOf(inv.Month), false)
	row(w.po, inv.PO, true)
	return y
}

func (s *sheet) buyer(y float64) float64 {
	const x, w, pad = margin + 96.0, wide - 96.0, 4.0
	draw := func() float64 {
		at := y + 5
		s.text(x+pad, at, w-2*pad, start, small, s.words.billedTo)
		at += 5.2
		for _, l := range s.wrap(s.doc.Buyer.Name, w-2*pad, face{10, true, ink}, 2) {
			s.parts(x+pad, at, w-2*pad, start, face{10, true, ink}, l)
			at += 4.8
		}
		return s.lines(x+pad, at, w-2*pad, s.doc.Buyer)
	}
	lines := len(s.wrap(s.doc.Buyer.Name, w-2*pad, face{10, true, ink}, 2))
	h := 5 + 5.2 + 4.8*float64(lines) + 3.8*float64(len(s.doc.Buyer.IDs))
	for _, a := range s.doc.Buyer.Address {
		h += 4 * float64(len(s.wrap(a, w-2*pad, body, 2)))
	}
	s.box(x, y, w, h, paleBg)
	s.box(x, y, 0.8, h, accent)
	draw()
	return y + h
}

// due is the one number and the one date for which the page is opened.
func (s *sheet) due() {
	inv, w := s.doc.Invoice, s.words
	s.box(margin, s.y, wide, 11, accent)
	white := colour{255, 255, 255}
	label := w.toPay
	if inv.Kind == invoice.CreditNote {
		label = w.credited
	}
	amount := inv.Total.Gross
	if inv.Kind == invoice.CreditNote {
		amount = -amount
	}
	s.text(margin+4, s.y+7, 50, start, face{9.5, false, white}, label)
	if inv.Kind != invoice.CreditNote {
		s.text(margin+54, s.y+7, 44, end, face{8.6, false, white}, w.payBy)
		s.code(margin+100, s.y+7, 28, start, face{9, true, white}, w.dayOf(inv.Due))
	}
	s.code(margin+128, s.y+7.4, wide-132, end, face{13, true, white}, w.money(amount, inv.Currency)+" "+inv.Currency)
	s.y += 16
}

// foot is at the end of each page: who bills, which page of how many.
func (s *sheet) foot() {
	y := pageHeight - 14.0
	s.line(margin, y-4, wide, rule, 0.2)
	who := []string{s.doc.Seller.Name}
	for _, id := range s.doc.Seller.IDs {
		who = append(who, " · ", id.Name, " ", id.Value)
	}
	f := face{6.8, false, grey}
	s.text(margin, y, wide-36, start, f, who...)
	total := max(s.pages, s.pdf.PageNo())
	s.text(margin+wide-36, y, 36, end, f, fmt.Sprintf(s.words.page, s.pdf.PageNo(), total))
}
