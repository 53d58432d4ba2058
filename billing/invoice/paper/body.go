package paper

import (
	"strconv"

	"github.com/waymeet/waymeet/billing/invoice"
)

// few is how many lines stand on the first page; more go into the annex.
const few = 10

func (s *sheet) draw(centres []invoice.Centre) {
	s.page()
	inv := s.doc.Invoice
	note := s.words.netPrices
	if inv.Prices == invoice.GrossPrices {
		note = s.words.grossPrices
	}
	note += " (" + inv.Currency + ")."
	long := len(inv.Lines) > few
	if long {
		note += " " + s.words.annexNote
		s.summary(centres)
	} else {
		s.detail(centres)
	}
	s.y += 1.5
	s.text(margin, s.y, wide, start, small, note)
	s.y += 7
	s.totals()
	s.bank()
	s.notes()
	if long {
		s.page()
		s.y += 4
		s.text(margin, s.y, wide, start, face{12, true, accent}, s.words.annex)
		s.y += 6
		s.detail(centres)
	}
}

// column of a table; code columns read from left to right in every language.
type column struct {
	name  string
	width float64
	where side
	code  bool
}

func (s *sheet) tableHead(columns []column) {
	s.box(margin, s.y, wide, 6.6, paleBg)
	x := margin
	for _, c := range columns {
		s.text(x+1.5, s.y+4.5, c.width-3, c.where, face{7.8, true, grey}, c.name)
		x += c.width
	}
	s.y += 6.6
}

// room makes sure that h fits on the page, else begins the next one with the table's head and says so.
func (s *sheet) room(h float64, columns []column) (broken bool) {
	if s.y+h <= bottom {
		return false
	}
	s.page()
	if columns != nil {
		s.tableHead(columns)
	}
	return true
}

func (s *sheet) row(columns []column, f face, cells ...string) {
	x := margin
	for i, c := range columns {
		if c.code {
			s.code(x+1.5, s.y+3.9, c.width-3, c.where, f, cells[i])
		} else {
			s.text(x+1.5, s.y+3.9, c.width-3, c.where, f, cells[i])
		}
		x += c.width
	}
	s.y += 5.4
}

func (s *sheet) summary(centres []invoice.Centre) {
	w := s.words
	columns := []column{{w.centre, 118, start, false}, {w.lines, 24, right, true}, {w.amount, 36, right, true}}
	s.room(20, nil)
	s.tableHead(columns)
	for _, c := range centres {
		s.room(6, columns)
		s.row(columns, body, w.centreOf(c.Name), strconv.Itoa(len(c.Lines)), w.money(c.Amount, s.doc.Invoice.Currency))
		s.line(margin, s.y, wide, rule, 0.1)
	}
	s.y += 4
}

func (s *sheet) detail(centres []invoice.Centre) {
	w, currency := s.words, s.doc.Invoice.Currency
	columns := []column{{w.date, 22, start, true}, {w.description, 66, start, false}, {w.person, 34, start, false},
		{w.quantity, 16, end, false}, {w.tax, 15, end, false}, {w.amount, 25, right, true}}
	s.tableHead(columns)
	for _, c := range centres {
		s.room(18, columns) // a heading with its first lines: never alone at the foot
		heading := []string{w.ofCentre + w.colon, w.centreOf(c.Name)}
		s.group(heading...)
		for _, l := range c.Lines {
			lines := s.wrap(l.Text, columns[1].width-3, body, 3)
			if s.room(5.4+3.6*float64(len(lines)-1)+0.1, columns) {
				s.group(append(heading, " ("+w.continued+")")...)
			}
			at := s.y + 3.9
			s.row(columns, body, w.dayOf(l.Date), "", l.Person, w.quantityOf(l), w.taxOf(l.Tax), w.money(l.Amount, currency))
			for i, l := range lines {
				s.parts(margin+columns[0].width+1.5, at+3.6*float64(i), columns[1].width-3, start, body, l)
			}
			s.y += 3.6 * float64(len(lines)-1)
			s.line(margin, s.y, wide, rule, 0.1)
		}
		s.room(6, columns)
		s.text(margin+1.5, s.y+4.1, wide-40, end, heavy, w.subtotal+w.colon, w.centreOf(c.Name))
		s.code(margin+wide-columns[5].width+1.5, s.y+4.1, columns[5].width-3, right, heavy, w.money(c.Amount, currency))
		s.y += 6.6
		s.line(margin, s.y, wide, rule, 0.3)
	}
	s.y += 4
}

// group is the heading of one cost centre's lines.
func (s *sheet) group(heading ...string) {
	s.y += 1.2
	s.text(margin+1.5, s.y+3.9, wide-3, start, face{8.6, true, accent}, heading...)
	s.y += 5.6
}
