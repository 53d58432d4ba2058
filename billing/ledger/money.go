package ledger

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/waymeet/waymeet/internal/fault"
)

// Money is an amount in a currency's minor unit.
type Money struct {
	Amount   int64    `json:"amount"`
	Currency Currency `json:"currency"`
}

// ErrOverflow says that a result does not fit. Amounts are bounded (Currency.Max), so only sums of millions of them, or a bug,
// come here.
var ErrOverflow = errors.New("ledger: the amount overflows")

// Of is an amount of a currency.
func Of(amount int64, c Currency) Money { return Money{amount, c} }

// Check says whether m can be moved: more than nothing, no more than sane, in a currency that is kept.
func (m Money) Check() error {
	if !m.Currency.Known() {
		return fault.New("currency_unknown")
	}
	if m.Amount <= 0 || m.Amount > m.Currency.Max() {
		return fault.New("amount_invalid", fault.Params{"max": Of(m.Currency.Max(), m.Currency).String()})
	}
	return nil
}

// mostByCard is what acquirers take of a card at once: eight digits, as they count.
const mostByCard = 99_999_999

// MostByCard is the most that a card may be asked for at once. Acquirers count some currencies without cents in hundredths all the same.
func (c Currency) MostByCard() int64 {
	if c == "UGX" || c == "ISK" {
		return mostByCard / 100
	}
	return mostByCard - mostByCard%c.ChargeStep()
}

// Chargeable is Check for what a card is asked: its last digit must be 0 where there are three, and acquirers take no more than MostByCard.
func (m Money) Chargeable() error {
	if err := m.Check(); err != nil {
		return err
	}
	if most := m.Currency.MostByCard(); m.Amount > most {
		return fault.New("amount_invalid", fault.Params{"max": Of(most, m.Currency).String()})
	}
	if m.Amount%m.Currency.ChargeStep() != 0 {
		return fault.New("amount_not_chargeable")
	}
	return nil
}

// leastByCard is the least that acquirers take of a card, where they say it (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
// Of other currencies they want about half a dollar, at their rate of the day: that they say themselves.
var leastByCard = map[Currency]int64{"AED": 200, "CAD": 50, "CHF": 50, "EUR": 50, "GBP": 30, "INR": 50, "JPY": 50, "USD": 50}

// LeastByCard is the least that a card may be asked for at once.
func (c Currency) LeastByCard() int64 { return max(leastByCard[c], c.ChargeStep()) }

// AskedOfCard is Chargeable for what a card is asked at once: not less than acquirers take either.
func (m Money) AskedOfCard() error {
	if err := m.Chargeable(); err != nil {
		return err
	}
	if least := m.Currency.LeastByCard(); m.Amount < least {
		return fault.New("amount_too_small", fault.Params{"min": Of(least, m.Currency).String()})
	}
	return nil
}

// IsZero says whether there is nothing.
func (m Money) IsZero() bool { return m.Amount == 0 }

// Add is m + o; different currencies are a fault.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, fault.New("currency_mismatch")
	}
	n, err := add(m.Amount, o.Amount)
	return Money{n, m.Currency}, err
}

// Sub is m − o.
func (m Money) Sub(o Money) (Money, error) {
	if o.Amount == math.MinInt64 {
		return Money{}, ErrOverflow
	}
	return m.Add(Money{-o.Amount, o.Currency})
}

// Times is n of m.
func (m Money) Times(n int64) (Money, error) {
	x, err := mulDiv(m.Amount, n, 1, Down)
	return Money{x, m.Currency}, err
}

// String is the amount as programs write it: 12.50 MAD. People read amounts as their language writes them; that is the screen's.
func (m Money) String() string {
	sign, n := "", strconv.FormatUint(magnitude(m.Amount), 10)
	if m.Amount < 0 {
		sign = "-"
	}
	if e := m.Currency.Exponent(); e > 0 {
		if len(n) <= e {
			n = strings.Repeat("0", e+1-len(n)) + n
		}
		n = n[:len(n)-e] + "." + n[len(n)-e:]
	}
	return fmt.Sprintf("%s%s %s", sign, n, m.Currency)
}

func add(a, b int64) (int64, error) {
	if (b > 0 && a > math.MaxInt64-b) || (b < 0 && a < math.MinInt64-b) {
		return 0, ErrOverflow
	}
	return a + b, nil
}

// magnitude is |n|, of the smallest number too.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
