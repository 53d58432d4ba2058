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
	Collector      uuid.UUID // who boarded them, and took the cash; nil: nobody yet
}

// Share is the rider's part of the fare.
func (s Seat) Share() int64 { return s.Fare - s.Subsidy }

// Taken is what of the rider's share has been taken. A pass takes no fare: its value moves by journals of its own.
func (s Seat) Taken() int64 {
	if s.Pay == None || s.Pay == Pass || s.Pay == Cash && s.Collector == uuid.Nil {
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

// Shared is what goes back when so much of the fare comes back by the policy: of the rider's share the same part, rounded
// down; of the employer's all of it, because an employer pays for rides and not for plans.
func (s Seat) Shared(back int64) Back {
	if s.Fare == 0 {
		return Back{}
	}
	hi, lo := bits.Mul64(uint64(back), uint64(s.Taken()))
	rider, _ := bits.Div64(hi, lo, uint64(s.Fare))
	return Back{Employer: s.Subsidy, Rider: int64(rider)}
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
// comes late still brings cash, when the employer's share was earned already. subsidy is the employer's part in the end; what
// it is above the one that was sold, Missed moves.
func (s Seat) Earned(subsidy int64) (all []ledger.Journal) {
	for _, j := range []ledger.Journal{s.EarnedShare(), s.earned("earned_subsidy", min(s.Subsidy, subsidy))} {
		if Moves(j) {
			all = append(all, j)
		}
	}
	return all
}

// EarnedShare is the rider's part of Earned.
func (s Seat) EarnedShare() ledger.Journal { return s.earned("earned", s.Taken()) }

func (s Seat) earned(event string, amount int64) ledger.Journal {
	return s.journal(event, "seat_earned", amount, ledger.Debit(s.deferred(), s.of(amount)), ledger.Credit(s.revenue(), s.of(amount)))
}

// own is the account that the rider's share comes from at once.
func (s Seat) own() (ledger.Account, bool) {
	if s.Pay == Wallet {
		return ledger.Wallet(s.Rider, s.Currency), true
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

// Missed is the journal of riders who did not come, where the programme's rule shares the fare anew: subsidy is the
// employer's part then. What it grants beyond its part goes back to the rider's wallet, as far as they paid; what it does
// not grant any more is not collected from the rider.
func (s Seat) Missed(subsidy int64) ledger.Journal {
	switch more := subsidy - s.Subsidy; {
	case more > 0:
		var to []ledger.Entry
		back := min(more, s.Taken())
		if back > 0 {
			to = append(to, ledger.Credit(ledger.Wallet(s.Rider, s.Currency), s.of(back)))
		}
		if rest := more - back; rest > 0 {
			to = append(to, ledger.Credit(s.revenue(), s.of(rest)))
		}
		return s.journal("missed", "seat_missed", more, append([]ledger.Entry{ledger.Debit(s.programme(), s.of(more))}, to...)...)
	case more < 0:
		return s.journal("missed", "seat_missed", -more, ledger.Debit(s.deferred(), s.of(-more)), ledger.Credit(s.programme(), s.of(-more)))
	}
	return ledger.Journal{}
}

// Moves says whether a journal is one.
func Moves(j ledger.Journal) bool { return j.Key != "" }
