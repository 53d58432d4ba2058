package paper

import "github.com/waymeet/waymeet/billing/invoice"

// totals is the tax per rate at one side and what it comes to at the other.
func (s *sheet) totals() {
	inv, w := s.doc.Invoice, s.words
	need := 6.6 + 5.4*float64(max(len(inv.Taxes), 3)) + 8
	s.room(need, nil)
	top := s.y
	const x, width = margin, 96.0
	cells := []float64{24, 25, 22, 25}
	heads := []string{w.rate, w.base, w.taxed, w.gross}
	s.box(x, s.y, width, 6.6, paleBg)
	at := x
	for i, h := range heads {
		s.text(at+1.5, s.y+4.5, cells[i]-3, sideOf(i), face{7.8, true, grey}, h)
		at += cells[i]
	}
	s.y += 6.6
	for _, t := range inv.Taxes {
		at = x
		for i, v := range []string{w.taxOf(t.Tax), w.money(t.Sum.Net, inv.Currency), w.money(t.Sum.Tax, inv.Currency), w.money(t.Sum.Gross, inv.Currency)} {
			if i == 0 {
				s.text(at+1.5, s.y+3.9, cells[i]-3, start, body, v)
			} else {
				s.code(at+1.5, s.y+3.9, cells[i]-3, right, body, v)
			}
			at += cells[i]
		}
		s.y += 5.4
		s.line(x, s.y, width, rule, 0.1)
	}
	below := s.y

	const sumX, sumW = margin + 104.0, wide - 104.0
	s.y = top
	sum := func(f face, label string, amount int64) {
		s.text(sumX+2, s.y+4.5, 38, start, f, label)
		s.code(sumX+43, s.y+4.5, sumW-45, right, f, w.money(amount, inv.Currency)+" "+inv.Currency)
		s.y += 6
	}
	sum(body, w.net, inv.Total.Net)
	sum(body, w.taxed, inv.Total.Tax)
	s.line(sumX, s.y, sumW, accent, 0.4)
	sum(face{9.8, true, accent}, w.total, inv.Total.Gross)
	s.y = max(s.y, below) + 8
}

func sideOf(i int) side {
	if i == 0 {
		return start
	}
	return right
}

func (s *sheet) bank() {
	if len(s.doc.Bank) == 0 || s.doc.Invoice.Kind == invoice.CreditNote { // nothing of a credit note is to be paid
		return
	}
	h := 11 + 4.4*float64(len(s.doc.Bank)+1)
	s.room(h, nil)
	s.line(margin, s.y, wide, rule, 0.2)
	s.y += 6
	s.text(margin, s.y, wide, start, face{9, true, ink}, s.words.bank)
	s.y += 5.2
	put := func(name, value string, f face) {
		s.text(margin, s.y, 36, start, face{8.6, false, grey}, name)
		s.code(margin+36, s.y, wide-36, start, f, value)
		s.y += 4.4
	}
	for _, b := range s.doc.Bank {
		put(b.Name, b.Value, body)
	}
	if n := s.doc.Invoice.Number.String(); n != "" {
		put(s.words.reference, n, heavy)
	}
	s.y += 3
}

func (s *sheet) notes() {
	f := face{7.4, false, grey}
	for _, note := range s.doc.Notes {
		for _, l := range s.wrap(note, wide, f, 20) {
			s.room(4, nil)
			s.parts(margin, s.y+2, wide, start, f, l)
			s.y += 3.5
		}
		s.y += 1
	}
}
