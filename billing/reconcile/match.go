package reconcile

import (
	"cmp"
	"maps"
	"slices"
)

// What is how money moved on a gateway's account with us.
type What string

// The ways in which money moves. Fees are compared like everything else: what was taken must have been booked.
const (
	Charge     What = "charge"
	Refund     What = "refund"
	Dispute    What = "dispute"     // taken back by a payer's bank
	DisputeWon What = "dispute_won" // given back by it
	Payout     What = "payout"      // to a bank, or returned by it
	Share      What = "share"       // to or from a connected account
	Fee        What = "fee"         // what the gateway costs
	Other      What = "other"
)

// Line is a sum on one side.
type Line struct {
	About    string // what it is about
	What     What
	Currency string
	Amount   int64 // into the gateway's account with us is more than nothing
}

// Kind is what is wrong.
type Kind string

// The kinds of differences.
const (
	Unbooked  Kind = "movement_without_journal" // the gateway moved something that is ours, the books do not know
	Unmoved   Kind = "journal_without_movement" // the books say what the gateway does not
	Differs   Kind = "amount_differs"           // both know, and not the same
	Stranger  Kind = "movement_unknown"         // the gateway moved what is about nothing of ours
	NewPayout Kind = "payout_unknown"           // money left for a bank, and nobody here has booked or ordered it
)

// Kinds is every kind of difference.
func Kinds() []Kind { return []Kind{Unbooked, Unmoved, Differs, Stranger, NewPayout} }

// Difference is one sum that is not the same on both sides.
type Difference struct {
	Kind     Kind   `json:"-"`
	About    string `json:"-"`
	What     What   `json:"what"`
	Currency string `json:"currency"`
	Gateway  int64  `json:"gateway"`
	Books    int64  `json:"books"`
}

// Match compares what a gateway moved with what was booked about the same things. ours says whether something that was moved
// is about a thing of ours. The differences come in a fixed order.
func Match(moved, booked []Line, ours func(about string) bool) []Difference {
	type key struct {
		about    string
		what     What
		currency string
	}
	type sides struct {
		moved, booked       int64
		hasMoved, hasBooked bool
	}
	all := map[key]sides{}
	for _, l := range moved {
		k := key{l.About, l.What, l.Currency}
		s := all[k]
		s.moved, s.hasMoved = s.moved+l.Amount, true
		all[k] = s
	}
	for _, l := range booked {
		k := key{l.About, l.What, l.Currency}
		s := all[k]
		s.booked, s.hasBooked = s.booked+l.Amount, true
		all[k] = s
	}
	var out []Difference
	for _, k := range slices.SortedFunc(maps.Keys(all), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.about, b.about), cmp.Compare(a.what, b.what), cmp.Compare(a.currency, b.currency))
	}) {
		s := all[k]
		if s.moved == s.booked && (s.hasMoved == s.hasBooked || s.moved == 0) {
			continue
		}
		d := Difference{About: k.about, What: k.what, Currency: k.currency, Gateway: s.moved, Books: s.booked}
		switch {
		case s.hasMoved && s.hasBooked:
			d.Kind = Differs
		case s.hasBooked:
			d.Kind = Unmoved
		case k.what == Payout:
			d.Kind = NewPayout
		case !ours(k.about):
			d.Kind = Stranger
		default:
			d.Kind = Unbooked
		}
		out = append(out, d)
	}
	return out
}
