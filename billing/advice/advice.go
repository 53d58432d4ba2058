package advice

import (
	"errors"
	"math/bits"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
)

// Whole is all of something in basis points.
const Whole = 10_000

// Bounds of what a session may be asked for.
const (
	MaxMinutes = 240 // in one link
	MaxParts   = 200
)

// Terms is what was agreed on before the conversation.
type Terms struct {
	Price ledger.Money // of a minute
	FeeBP int          // the operator's, in basis points
}

// Check says what is wrong with the terms.
func (t Terms) Check() error {
	if err := t.Price.Chargeable(); err != nil {
		return err
	}
	if t.FeeBP < 0 || t.FeeBP > Whole {
		return fault.New("fee_invalid")
	}
	return nil
}

// Gateway is the kind of gateway at which experts have accounts of their own.
const Gateway = "stripe"

// Accounts is where the books keep what an expert earns: owed here, lying at the gateway, owed back.
func Accounts(expert uuid.UUID, c ledger.Currency) []ledger.Account {
	return []ledger.Account{ledger.Payable(expert, c), ledger.PayableAt(expert, Gateway, c), ledger.Recovery(expert, c)}
}

// For is what so many minutes cost.
func (t Terms) For(minutes int) (ledger.Money, error) {
	if minutes < 1 || minutes > MaxMinutes {
		return ledger.Money{}, fault.New("minutes_invalid", fault.Params{"max": MaxMinutes})
	}
	m, err := t.Price.Times(int64(minutes))
	if err != nil {
		return m, err
	}
	return m, m.AskedOfCard()
}

// Funded is how long so much lasts: whole seconds, so that the cost of the last one is still covered.
func (t Terms) Funded(minor int64) time.Duration {
	if minor <= 0 || t.Price.Amount <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(minor), 60)
	if hi >= uint64(t.Price.Amount) {
		return 0 // beyond any time: nothing like it passes the checks
	}
	s, _ := bits.Div64(hi, lo, uint64(t.Price.Amount))
	return time.Duration(min(s, 1<<31)) * time.Second
}

// Cost is what so many seconds cost, rounded down to what a card can be asked for: never more than what funds them.
func (t Terms) Cost(seconds int64) (int64, error) {
	if seconds < 0 {
		return 0, fault.New("amount_invalid", fault.Params{"max": ledger.Of(t.Price.Currency.Max(), t.Price.Currency).String()})
	}
	hi, lo := bits.Mul64(uint64(t.Price.Amount), uint64(seconds))
	if hi >= 60 {
		return 0, ledger.ErrOverflow
	}
	n, _ := bits.Div64(hi, lo, 60)
	if n > 1<<62 {
		return 0, ledger.ErrOverflow
	}
	card, _ := t.Price.Currency.ByCard(int64(n))
	return card, nil
}

// fee is the operator's of so much, to the step that a card can be asked for, half up.
func (t Terms) fee(minor int64) int64 {
	step := t.Price.Currency.ChargeStep()
	hi, lo := bits.Mul64(uint64(minor/step), uint64(t.FeeBP))
	lo, carry := bits.Add64(lo, Whole/2, 0)
	n, _ := bits.Div64(hi+carry, lo, Whole)
	return int64(n) * step
}

// Taken is what is captured of one link, and what of it is the operator's. Nothing: the link is let go.
type Taken struct{ Amount, Fee int64 }

// Share is what is the expert's.
func (c Taken) Share() int64 { return c.Amount - c.Fee }

// ErrAmount is an amount that no chain can be asked for.
var ErrAmount = errors.New("advice: a negative amount")

// Take shares the metered amount out over the links in order. What the chain does not cover is short.
func (t Terms) Take(links []int64, amount int64) (taken []Taken, short int64, err error) {
	if amount < 0 {
		return nil, 0, ErrAmount
	}
	taken = make([]Taken, len(links))
	left, _ := t.Price.Currency.ByCard(amount)
	sum, fees := int64(0), int64(0)
	for i, n := range links {
		c := min(max(n, 0), left)
		left, sum = left-c, sum+c
		f := t.fee(sum)
		taken[i] = Taken{c, f - fees}
		fees = f
	}
	return taken, left, nil
}

// Of is how much of so much, of what was taken, is the operator's and how much the expert's. It grows with the amount and
// never goes back, so that what comes in parts adds up.
func (c Taken) Of(minor int64) (operators, experts int64) {
	if c.Amount <= 0 || minor <= 0 {
		return 0, 0
	}
	minor = min(minor, c.Amount)
	hi, lo := bits.Mul64(uint64(c.Share()), uint64(minor))
	n, _ := bits.Div64(hi, lo, uint64(c.Amount))
	return minor - int64(n), int64(n)
}

// Whose is what Of says of one link when nobody decided on its fee: a capture that somebody made elsewhere.
func (t Terms) Whose(captured int64) Taken { return Taken{captured, t.fee(captured)} }
