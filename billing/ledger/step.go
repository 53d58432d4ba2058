package ledger

// Cards move some currencies in steps: of three digits behind the point the last one has to be 0 (ChargeStep). What a share or a percentage
// comes to need not be a step, and nobody may lose what lies between. This is the one place that says who has it:
//
//   - What goes back to a card, or on to an account at a gateway, goes as far as steps reach (ByCard). What is below a step stays whose it is:
//     a payer's in their wallet, an expert's in payable or recovery.
//   - A payer's share of a price is a whole number of steps (Shares): what is below one is borne by whoever shares the price with them, or by
//     the payer where that one's limit is reached.

// ByCard is what of an amount a card can be asked for or given back, and what is left below a step.
func (c Currency) ByCard(minor int64) (card, below int64) {
	below = max(minor, 0) % c.ChargeStep()
	return minor - below, below
}

// Shares makes a payer's share of a price one that a card can be asked for, where somebody else pays part of it: at most room, and more than
// nothing as long as they pay anything. The payer's share falls to the step below; where room does not reach for that it rises to the one
// above. It moves by less than a step. A price that is no number of steps itself falls, or stays as it is where nobody can bear the rest.
func (c Currency) Shares(price, part, room int64) int64 {
	_, below := c.ByCard(price - part)
	switch {
	case below == 0 || part == 0:
		return part
	case below <= room-part:
		return part + below
	}
	if up := c.ChargeStep() - below; up <= part {
		return part - up
	}
	return part
}
