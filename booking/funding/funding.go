package funding

import (
	"math/bits"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
)

// Way is how the rider's share is paid.
type Way string

// The ways. Covered: nothing is left for the rider to pay.
const (
	None    Way = ""
	Cash    Way = "cash"
	Card    Way = "card"
	Wallet  Way = "wallet"
	Pass    Way = "pass"
	Covered Way = "programme"
)

// Seat is what the books need to know of a booking.
type Seat struct {
	Booking, Rider uuid.UUID
	Currency       ledger.Currency
	Fare           int64 // of the whole party, in minor units
	Subsidy        int64 // of that, the employer's share
	Programme      uuid.UUID
	Pay            Way
	Pass           uuid.UUID
	Collector      uuid.UUID // who boarded them, and took the cash; nil: nobody yet
}

// Share is the rider's part of the fare.
func (s Seat) Share() int64 { return s.Fare - s.Subsidy }

// Taken is what of the rider's share has been taken.
func (s Seat) Taken() int64 {
	if s.Pay == None || s.Pay == Cash && s.Collector == uuid.Nil {
		return 0
	}
	return s.Share()
}

// Confirmed is the journal of a seat that is now paid; one without entries when nothing moves: cash comes later, a card's
// money by its payment.
func (s Seat) Confirmed() ledger.Journal {
	var from []ledger.Entry
	amount := s.Subsidy
	if s.Subsidy > 0 {
		from = append(from, ledger.Debit(s.programme(), s.of(s.Subsidy)))
	}
	if own, ok := s.own(); ok && s.Share() > 0 {
		from = append(from, ledger.Debit(own, s.of(s.Share())))
		amount += s.Share()
	}
	return s.journal("paid", "seat_paid", amount, append(from, ledger.Credit(s.deferred(), s.of(amount)))...)
}

// Collected is the journal of cash in the hands of whoever boarded the riders.
func (s Seat) Collected() ledger.Journal {
	if s.Pay != Cash || s.Collector == uuid.Nil {
		return ledger.Journal{}
	}
	return s.journal("cash", "seat_cash", s.Share(), ledger.Debit(ledger.Float(s.Collector, s.Currency), s.of(s.Share())), ledger.Credit(s.deferred(), s.of(s.Share())))
}

// Back is what goes back to whom when a seat is given up.
type Back struct {
	Rider    int64 // of what was taken from the rider
	Employer int64
}

// Shared is how what comes back of a fare is shared: in proportion to who paid it, the rounding to the rider.
func (s Seat) Shared(back int64) Back {
	if s.Fare == 0 {
		return Back{}
	}
	hi, lo := bits.Mul64(uint64(back), uint64(s.Subsidy))
	employer, _ := bits.Div64(hi, lo, uint64(s.Fare))
	b := Back{Employer: int64(employer), Rider: back - int64(employer)}
	b.Rider = min(b.Rider, s.Taken())
	return b
}

// Cancelled is the journal of a seat that was paid and given up: what goes back at once, and what is kept. A card's refund is
// not in it: it leaves deferred:seats when its payment is asked to give it back.
func (s Seat) Cancelled(back Back) ledger.Journal {
	var to []ledger.Entry
	var amount int64
	put := func(a ledger.Account, minor int64) {
		if minor > 0 {
			to = append(to, ledger.Credit(a, s.of(minor)))
			amount += minor
		}
	}
	if s.Subsidy > 0 {
		put(s.programme(), back.Employer)
	}
	if own, ok := s.own(); ok {
		put(own, back.Rider)
	}
	put(s.revenue(), s.Taken()+s.Subsidy-back.Rider-back.Employer)
	return s.journal("given_up", "seat_given_up", amount, append([]ledger.Entry{ledger.Debit(s.deferred(), s.of(amount))}, to...)...)
}

// Earned is the journals of a ride that is over, or that the riders did not come to. The two shares are apart: a scan that
// comes late still brings cash, when the employer's share was earned already.
func (s Seat) Earned() (all []ledger.Journal) {
	for _, part := range []struct {
		event  string
		amount int64
	}{{"earned", s.Taken()}, {"earned_subsidy", s.Subsidy}} {
		if j := s.journal(part.event, "seat_earned", part.amount, ledger.Debit(s.deferred(), s.of(part.amount)), ledger.Credit(s.revenue(), s.of(part.amount))); Moves(j) {
			all = append(all, j)
		}
	}
	return all
}

// own is the account that the rider's share comes from at once.
func (s Seat) own() (ledger.Account, bool) {
	switch s.Pay {
	case Wallet:
		return ledger.Wallet(s.Rider, s.Currency), true
	case Pass:
		return ledger.Pass(s.Pass, s.Currency), true
	}
	return ledger.Account{}, false
}

func (s Seat) programme() ledger.Account   { return ledger.Programme(s.Programme, s.Currency) }
func (s Seat) deferred() ledger.Account    { return ledger.Deferred("seats", s.Currency) }
func (s Seat) revenue() ledger.Account     { return ledger.Revenue("seats", s.Currency) }
func (s Seat) of(minor int64) ledger.Money { return ledger.Of(minor, s.Currency) }

// journal is one about the booking; nothing that moves is no journal.
func (s Seat) journal(event, kind string, amount int64, entries ...ledger.Entry) ledger.Journal {
	if amount == 0 {
		return ledger.Journal{}
	}
	return ledger.Post("booking:"+s.Booking.String()+":"+event, kind, entries...).About("booking/" + s.Booking.String())
}

// Moves says whether a journal is one.
func Moves(j ledger.Journal) bool { return j.Key != "" }
