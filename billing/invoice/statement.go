package invoice

import (
	"errors"
	"strconv"
	"strings"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// DateOrder is how a bank writes dates.
type DateOrder string

// The orders. 23.11.2026 is day first wherever it is written; 11/12/2026 may be either.
const (
	YearFirst  DateOrder = "ymd"
	DayFirst   DateOrder = "dmy"
	MonthFirst DateOrder = "mdy"
)

// DecimalSign is what stands before the cents.
type DecimalSign string

// The decimal signs.
const (
	Point DecimalSign = "point"
	Comma DecimalSign = "comma"
)

// Cells is what a file's column cannot be read for: which cells, and whether they could be read two ways.
type Cells struct {
	At        []int
	Ambiguous bool
}

func (c *Cells) Error() string {
	if c.Ambiguous {
		return "invoice: cells that can be read two ways"
	}
	return "invoice: cells that cannot be read"
}

// ReadDates reads a column of dates, all in one order: as it is said, or with "" as the column itself tells, by a day after the twelfth.
// A column that could be read two ways is refused with its cells.
func ReadDates(cells []string, order DateOrder) ([]servicedate.Date, DateOrder, error) {
	parts, unclear := make([]datePart, len(cells)), []int{}
	for i, cell := range cells {
		p, ok := dateParts(cell)
		if !ok {
			return nil, order, &Cells{At: []int{i}}
		}
		says := p.says()
		switch {
		case says == "": // 05/05/2026 is the same day both ways
			if p.a != p.b {
				unclear = append(unclear, i)
			}
		case order == "":
			order = says
		case order != says:
			return nil, order, &Cells{At: []int{i}}
		}
		parts[i] = p
	}
	if order == "" {
		if len(unclear) > 0 {
			return nil, order, &Cells{At: unclear, Ambiguous: true}
		}
		order = DayFirst
	}
	out := make([]servicedate.Date, len(cells))
	for i, p := range parts {
		day, month := p.a, p.b
		if order == MonthFirst {
			day, month = month, day
		}
		if (order == YearFirst) != p.yearFirst {
			return nil, order, &Cells{At: []int{i}}
		}
		d, err := servicedate.Parse(p.year + "-" + month + "-" + day)
		if err != nil {
			return nil, order, &Cells{At: []int{i}}
		}
		out[i] = d
	}
	return out, order, nil
}

// datePart is a date as it is written: a and b as they follow each other, but of one that begins with the year the day and the month.
type datePart struct {
	year, a, b string
	yearFirst  bool
	dotted     bool
}

func dateParts(s string) (p datePart, ok bool) {
	sign := strings.IndexAny(s, "-/.")
	if sign < 0 {
		return p, false
	}
	f := strings.Split(s, s[sign:sign+1])
	if len(f) != 3 {
		return p, false
	}
	p = datePart{year: f[2], a: f[0], b: f[1], dotted: s[sign] == '.'}
	if len(f[0]) == 4 {
		p = datePart{year: f[0], a: f[2], b: f[1], yearFirst: true}
	}
	for _, part := range []*string{&p.a, &p.b} {
		if len(*part) == 1 {
			*part = "0" + *part
		}
		if len(*part) != 2 || strings.Trim(*part, "0123456789") != "" {
			return p, false
		}
	}
	return p, len(p.year) == 4 && strings.Trim(p.year, "0123456789") == ""
}

// says is the order that a date alone tells; "" where it could be either.
func (p datePart) says() DateOrder {
	switch {
	case p.yearFirst:
		return YearFirst
	case p.dotted, p.a > "12":
		return DayFirst
	case p.b > "12":
		return MonthFirst
	}
	return ""
}

// ReadAmounts reads a column of amounts, each with its currency's number of decimals, in minor units: 1234.50, 1,234.50, 1.234,50, 1 234,50
// with any kind of space, or 1'234.50. All have one decimal sign: the one that is said, or with "" what the column itself tells. 1,234 alone
// tells nothing, and is refused.
func ReadAmounts(cells []string, exponents []int, decimal DecimalSign) ([]int64, DecimalSign, error) {
	figures, unclear := make([]figure, len(cells)), []int{}
	for i, cell := range cells {
		f, ok := figureOf(cell)
		if !ok {
			return nil, decimal, &Cells{At: []int{i}}
		}
		figures[i] = f
		says := f.says()
		switch {
		case says == "":
			if strings.ContainsAny(f.digits, ",.") {
				unclear = append(unclear, i)
			}
		case decimal == "":
			decimal = says
		case decimal != says:
			return nil, decimal, &Cells{At: []int{i}}
		}
	}
	if decimal == "" {
		if len(unclear) > 0 {
			return nil, decimal, &Cells{At: unclear, Ambiguous: true}
		}
		decimal = Point
	}
	out := make([]int64, len(cells))
	for i, f := range figures {
		n, err := f.minor(decimal, exponents[i])
		if err != nil {
			return nil, decimal, &Cells{At: []int{i}}
		}
		out[i] = n
	}
	return out, decimal, nil
}

// figure is an amount as it is written, without its sign and with a plain space for every kind of space or apostrophe.
type figure struct {
	digits   string
	negative bool
}

func figureOf(s string) (f figure, ok bool) {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2009', '\u2007', '\'', '\u2019': // spaces that do not break, and what the Swiss group by
			return ' '
		case '\u2212': // a minus
			return '-'
		case '\u200e', '\u200f', '\u061c': // marks of direction
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if rest, minus := strings.CutPrefix(s, "-"); minus {
		f.negative, s = true, rest
	} else if rest, minus := strings.CutSuffix(s, "-"); minus {
		f.negative, s = true, rest
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	f.digits = strings.TrimSpace(s)
	return f, f.digits != "" && len(f.digits) <= 30 && strings.Trim(f.digits, "0123456789 ,.") == ""
}

// says is the decimal sign that an amount alone tells; "" where it has none, or one that could group thousands.
func (f figure) says() DecimalSign {
	last := strings.LastIndexAny(f.digits, ",.")
	if last < 0 {
		return ""
	}
	here, other := Point, Comma
	if f.digits[last] == ',' {
		here, other = Comma, Point
	}
	switch {
	case strings.Count(f.digits, f.digits[last:last+1]) > 1: // 1,234,567
		return other
	case strings.ContainsAny(f.digits[:last], ",. "), len(f.digits)-last-1 != 3, strings.HasPrefix(f.digits, "0"), last > 3: // it groups nothing
		return here
	}
	return ""
}

var errFigure = errors.New("invoice: not an amount")

func (f figure) minor(decimal DecimalSign, exponent int) (int64, error) {
	point, group := ".", ","
	if decimal == Comma {
		point, group = ",", "."
	}
	whole, part, cut := strings.Cut(f.digits, point)
	if cut && (part == "" || len(part) > exponent || strings.Trim(part, "0123456789") != "") {
		return 0, errFigure
	}
	if strings.Contains(whole, group) && strings.Contains(whole, " ") {
		return 0, errFigure
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == ' ' || string(r) == group })
	if strings.Join(groups, " ") != strings.ReplaceAll(whole, group, " ") || len(groups) == 0 {
		return 0, errFigure
	}
	for i, g := range groups {
		if strings.Trim(g, "0123456789") != "" || len(groups) > 1 && (len(g) > 3 || i > 0 && len(g) != 3) {
			return 0, errFigure
		}
	}
	digits := strings.Join(groups, "")
	if len(digits) > 13 {
		return 0, errFigure
	}
	n, err := strconv.ParseInt(digits+part+strings.Repeat("0", exponent-len(part)), 10, 64)
	if f.negative {
		n = -n
	}
	return n, err
}
