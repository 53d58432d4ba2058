package invoice

import (
	"errors"
	"fmt"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Pick is how much of a line is credited, with the line's own sign.
type Pick struct {
	Line   string
	Amount int64
}

// Refusals of a credit note.
var (
	ErrNotBill = errors.New("invoice: only an invoice can be credited")
	errNotOf   = errors.New("invoice: an earlier credit note is of another invoice")
	ErrNothing = errors.New("invoice: nothing of it is left to credit")
	ErrNoLine  = errors.New("invoice: there is no such line")
	ErrNoPick  = errors.New("invoice: nothing of a line is no credit, nor is more of it")
	ErrPick    = errors.New("invoice: more is to be credited than is left of the line")
)

// Credit is a credit note over parts of an invoice, or over all that earlier ones left of it for nil picks: an empty list picks
// nothing, which is no credit.
//
// Its lines mirror the invoice's. Its tax per rate is what the tax on everything credited so far comes to, less what
// earlier notes gave back: a note may thus differ by a unit from the rate on its own lines, and a series of notes down
// to nothing gives back the invoice's tax exactly. The other way round the last unit would be owed for ever.
func Credit(of Invoice, earlier []Invoice, picks []Pick, n Number, issued servicedate.Date) (Invoice, error) {
	if of.Kind != Bill {
		return Invoice{}, ErrNotBill
	}
	if err := n.check(); err != nil {
		return Invoice{}, err
	}
	before, err := credited(of, earlier)
	if err != nil {
		return Invoice{}, err
	}
	lines, err := mirror(of, before, picks)
	if err != nil {
		return Invoice{}, err
	}
	note := Invoice{Draft: of.Draft, Kind: CreditNote, Number: n, Corrects: of.Number, Issued: issued, Due: issued}
	note.Lines = lines
	after := append([]Line{}, lines...)
	for _, e := range earlier {
		after = append(after, e.Lines...)
	}
	taxes, _, err := Totals(of.Prices, after)
	if err != nil {
		return Invoice{}, err
	}
	for _, t := range taxes { // by rate, as Totals sorts them
		for _, e := range earlier {
			for _, given := range e.Taxes {
				if given.Tax == t.Tax {
					if t.Sum, err = t.Sum.minus(given.Sum); err != nil {
						return Invoice{}, err
					}
				}
			}
		}
		if !bears(lines, t.Tax) {
			continue
		}
		note.Taxes = append(note.Taxes, t)
		if note.Total, err = note.Total.plus(t.Sum); err != nil {
			return Invoice{}, err
		}
	}
	return note, nil
}

func bears(lines []Line, t Tax) bool {
	for _, l := range lines {
		if l.Tax == t {
			return true
		}
	}
	return false
}

// credited is how much of each line earlier notes took.
func credited(of Invoice, earlier []Invoice) (map[string]int64, error) {
	out := map[string]int64{}
	for _, e := range earlier {
		if e.Kind != CreditNote || e.Corrects != of.Number {
			return nil, errNotOf
		}
		for _, l := range e.Lines {
			sum, err := add(out[l.Mirrors], -l.Amount)
			if err != nil {
				return nil, err
			}
			out[l.Mirrors] = sum
		}
	}
	return out, nil
}

// mirror is the lines of a note, in the invoice's order.
func mirror(of Invoice, before map[string]int64, picks []Pick) ([]Line, error) {
	if picks != nil && len(picks) == 0 {
		return nil, fmt.Errorf("%w: no line is picked", ErrNoPick)
	}
	picked := map[string]int64{}
	for _, p := range picks {
		if _, twice := picked[p.Line]; twice {
			return nil, fmt.Errorf("%w: line %s is picked twice", ErrPick, p.Line)
		}
		picked[p.Line] = p.Amount
	}
	var out []Line
	for _, l := range of.Lines {
		left := l.Amount - before[l.ID] // |before| ≤ |amount| of the same sign: it was checked here
		amount, ok := picked[l.ID]
		delete(picked, l.ID)
		switch {
		case picks == nil:
			amount = left
		case !ok:
			continue
		case amount == 0 || (amount > 0) != (l.Amount > 0):
			return nil, fmt.Errorf("%w: %d of line %s", ErrNoPick, amount, l.ID)
		case max(amount, -amount) > max(left, -left):
			return nil, fmt.Errorf("%w: %d of %d on line %s", ErrPick, amount, left, l.ID)
		}
		if amount == 0 {
			continue
		}
		if amount == l.Amount {
			l.Quantity = -l.Quantity
		} else {
			l.Quantity, l.Unit = 0, "" // a part of a ride is an amount, not a number of rides
		}
		l.Mirrors, l.Usage, l.Amount = l.ID, "", -amount
		out = append(out, l)
	}
	for id := range picked {
		return nil, fmt.Errorf("%w: %s", ErrNoLine, id)
	}
	if len(out) == 0 {
		return nil, ErrNothing
	}
	return out, nil
}
