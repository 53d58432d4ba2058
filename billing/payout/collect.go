package payout

// Owed is where an expert stands.
type Owed struct {
	Payable  int64 // earned and not paid
	Recovery int64 // paid, and owed back
}

// Line is what goes out: Amount, of Owed, when Recovered stays with the operator.
type Line struct{ Owed, Recovered, Amount int64 }

// Collect is an expert's line in a run, if they are in it: what is owed less what they owe, once that is worth a transfer.
func (o Owed) Collect(minimum int64) (Line, bool) {
	back := max(o.Recovery, 0)
	if o.Payable <= back || o.Payable-back < max(minimum, 1) {
		return Line{}, false
	}
	return Line{o.Payable, back, o.Payable - back}, true
}
