package organisation

import (
	"cmp"
	"slices"

	"github.com/waymeet/waymeet/dispatch/servicedate"
)

// Posting says to which cost centre somebody belongs from a day on.
type Posting struct {
	From       servicedate.Date `json:"from"`
	CostCentre string           `json:"cost_centre"`
}

// Tenure is when somebody belongs to an organisation and to which of its cost centres. What was true on a day stays
// true of that day: a move adds a posting and never rewrites an earlier one.
type Tenure struct {
	Joined   servicedate.Date `json:"joined"`
	Left     servicedate.Date `json:"left,omitzero"` // the first day on which they no longer belong; zero while they do
	Postings []Posting        `json:"postings,omitempty"`
}

// On is the cost centre of a day, and whether somebody belonged that day at all. Who belongs without a posting has
// the cost centre "", which an invoice groups under the organisation itself.
func (t Tenure) On(day servicedate.Date) (costCentre string, member bool) {
	if day.IsZero() || day < t.Joined || !t.Left.IsZero() && day >= t.Left {
		return "", false
	}
	for _, p := range t.Postings {
		if p.From > day {
			break
		}
		costCentre = p.CostCentre
	}
	return costCentre, true
}

// Move is the tenure with a cost centre from a day on. Postings that were planned for later stay: a correction of May
// does not undo the move that is known for June.
func (t Tenure) Move(costCentre string, from servicedate.Date) Tenure {
	kept := slices.DeleteFunc(slices.Clone(t.Postings), func(p Posting) bool { return p.From == from })
	kept = append(kept, Posting{From: from, CostCentre: costCentre})
	slices.SortFunc(kept, func(a, b Posting) int { return cmp.Compare(a.From, b.From) })
	t.Postings = slices.CompactFunc(kept, func(a, b Posting) bool { return a.CostCentre == b.CostCentre })
	return t
}
