package seat

import "time"

// Policy is how a tenant sells and takes back seats.
type Policy struct {
	HoldFor     time.Duration // how long an unpaid seat is kept
	RefundUntil time.Duration // before pickup: until then everything comes back
	LateRefund  int           // per cent that comes back after that
	BoardAhead  time.Duration // before pickup: from then on riders are let aboard
}

// DefaultPolicy is what a tenant has that never chose.
func DefaultPolicy() Policy {
	return Policy{HoldFor: 5 * time.Minute, RefundUntil: 30 * time.Minute, BoardAhead: 2 * time.Hour}
}

// CutOff is the last instant at which everything comes back. It is fixed when the booking is made and kept with it: a
// trip that moves or a policy that changes later does not move it.
func (p Policy) CutOff(pickup time.Time) time.Time { return pickup.Add(-p.RefundUntil) }

// Fare is an amount in the currency's minor unit.
type Fare struct {
	Amount   int64
	Currency string
}

// Refund is what comes back of a fare that was paid, when the booking is cancelled now. The fraction of a minor unit
// that a percentage leaves goes to the rider.
func (p Policy) Refund(paid Fare, cutOff, now time.Time, byOperator bool) Fare {
	if byOperator || !now.After(cutOff) {
		return paid
	}
	late := int64(min(max(p.LateRefund, 0), 100))
	whole, rest := paid.Amount/100, paid.Amount%100
	return Fare{Amount: whole*late + (rest*late+99)/100, Currency: paid.Currency}
}
