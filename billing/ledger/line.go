package ledger

import (
	"github.com/waymeet/waymeet/internal/fault"
)

// Layer tells what moves from what is set aside.
type Layer string

const (
	Posted Layer = "P"
	Held   Layer = "H"
)

// Ref names an account within a tenant.
type Ref struct {
	Code     string
	Currency Currency
}

// Ref is the account's name.
func (a Account) Ref() Ref { return Ref{a.code, a.currency} }

// Line is an entry as it is written: one amount, on one layer.
type Line struct {
	Ref
	Debit, Credit int64
	Layer         Layer
	Release       bool // takes back what a hold set aside
}

// Lines is what the journal writes. held is what its hold set aside, in the order in which it was written; others have none.
func (j Journal) Lines(held []Line) ([]Line, error) {
	layer := Posted
	if j.Phase == PhasePending {
		layer = Held
	}
	lines := make([]Line, 0, len(held)+len(j.Entries))
	for _, h := range held {
		lines = append(lines, Line{h.Ref, h.Debit, h.Credit, Held, true})
	}
	if j.Phase == PhasePost && len(j.Entries) == 0 {
		for _, h := range held {
			lines = append(lines, Line{h.Ref, h.Debit, h.Credit, Posted, false})
		}
	}
	for _, e := range j.Entries {
		l := Line{Ref: e.Account.Ref(), Layer: layer}
		if e.Debit {
			l.Debit = e.Money.Amount
		} else {
			l.Credit = e.Money.Amount
		}
		lines = append(lines, l)
	}
	return lines, within(held, lines)
}

// within says whether no account that was held is posted for more than was held of it, on either side.
func within(held, lines []Line) error {
	type sides struct{ dr, cr int64 }
	left := make(map[Ref]sides, len(held))
	for _, h := range held {
		s := left[h.Ref]
		left[h.Ref] = sides{s.dr + h.Debit, s.cr + h.Credit}
	}
	for _, l := range lines {
		s, ok := left[l.Ref]
		if !ok || l.Layer != Posted {
			continue
		}
		s = sides{s.dr - l.Debit, s.cr - l.Credit}
		if s.dr < 0 || s.cr < 0 {
			return fault.New("more_than_held")
		}
		left[l.Ref] = s
	}
	return nil
}
