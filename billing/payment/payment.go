package payment

import (
	"errors"
	"fmt"
)

// Status is how far a payment has come.
type Status int8

// Statuses, in their order. Paid and Cancelled are both ends: which of them it was, the gateway says once.
const (
	Open       Status = iota // nothing has been taken; the payer, or the payer's bank, is asked
	Authorised               // the bank keeps the money for us until it is captured or let go
	Paid                     // what was captured is ours
	Cancelled                // nothing will be taken any more
)

var statusNames = [...]string{Open: "open", Authorised: "authorised", Paid: "paid", Cancelled: "cancelled"}

func (s Status) String() string {
	if s < 0 || int(s) >= len(statusNames) {
		return "unknown"
	}
	return statusNames[s]
}

// ParseStatus reads what String writes.
func ParseStatus(name string) (Status, error) {
	for s, n := range statusNames {
		if n == name {
			return Status(s), nil
		}
	}
	return Open, fmt.Errorf("payment: no status is called %q", name)
}

// Over says that the payer will not be asked any more.
func (s Status) Over() bool { return s == Paid || s == Cancelled }

// Known is the join of all looks at one payment. Amounts are totals in the minor unit of the payment's currency.
type Known struct {
	Status     Status
	Authorised int64 // the most that the bank has kept for us
	Captured   int64
	Refunded   int64 // given back and settled, with what came back of it
	Returned   int64 // of Refunded: the payer's bank would not take it, and it is here again
	Disputed   int64 // taken back by the payer's bank until it is decided
	Lost       int64 // of Disputed: decided against us
	Won        int64 // of Disputed: given back to us
}

// Look is a gateway's object as somebody saw it, once.
type Look = Known

// ErrContradiction is two looks that cannot both be true of one payment: paid and cancelled, or totals that do not fit each
// other. It is a finding for people, never mended silently.
var ErrContradiction = errors.New("payment: what was seen contradicts what is known")

// Join is what is known after a look, of a payment of so much. What is known already stays when the look is refused.
func (k Known) Join(l Look, amount int64) (Known, error) {
	if min(l.Authorised, l.Captured, l.Refunded, l.Returned, l.Disputed, l.Lost, l.Won) < 0 {
		return k, fmt.Errorf("%w: a negative total", ErrContradiction)
	}
	if k.Status.Over() && l.Status.Over() && k.Status != l.Status {
		return k, fmt.Errorf("%w: %s and %s", ErrContradiction, k.Status, l.Status)
	}
	j := Known{
		Status:     max(k.Status, l.Status),
		Authorised: max(k.Authorised, l.Authorised), Captured: max(k.Captured, l.Captured), Refunded: max(k.Refunded, l.Refunded),
		Returned: max(k.Returned, l.Returned), Disputed: max(k.Disputed, l.Disputed), Lost: max(k.Lost, l.Lost), Won: max(k.Won, l.Won),
	}
	if err := j.fits(amount); err != nil {
		return k, err
	}
	return j, nil
}

// fits refuses totals that no payment of so much can have.
func (k Known) fits(amount int64) error {
	switch {
	case k.Authorised > amount || k.Captured > amount:
		return fmt.Errorf("%w: more than the payment's %d", ErrContradiction, amount)
	case k.Returned > k.Refunded:
		return fmt.Errorf("%w: %d came back of %d refunded", ErrContradiction, k.Returned, k.Refunded)
	case k.Refunded-k.Returned > k.Captured:
		return fmt.Errorf("%w: %d refunded of %d captured", ErrContradiction, k.Refunded-k.Returned, k.Captured)
	case k.Disputed > k.Captured:
		return fmt.Errorf("%w: %d disputed of %d captured", ErrContradiction, k.Disputed, k.Captured)
	case k.Lost > k.Disputed || k.Won > k.Disputed-k.Lost: // written so that it cannot overflow
		return fmt.Errorf("%w: %d lost and %d won of %d disputed", ErrContradiction, k.Lost, k.Won, k.Disputed)
	case k.Captured > 0 && k.Status == Cancelled:
		return fmt.Errorf("%w: captured and cancelled", ErrContradiction)
	}
	return nil
}
