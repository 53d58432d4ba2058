package funding_test

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/booking/funding"
)

// Whoever pays what, and whatever becomes of a seat: nothing stays in deferred:seats when it is over, nobody gets more than
// they gave, and what comes back is what was decided.
func TestNothingStaysBehind(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := funding.Seat{Booking: uuid.New(), Rider: uuid.New(), Programme: uuid.New(), Currency: "MAD",
			Fare: rapid.Int64Range(0, 1_000_000).Draw(t, "fare")}
		s.Subsidy = rapid.Int64Range(0, s.Fare).Draw(t, "subsidy")
		s.Pay = rapid.SampledFrom([]funding.Way{funding.Cash, funding.Card, funding.Wallet, funding.Pass}).Draw(t, "pay")
		boarded := rapid.Bool().Draw(t, "boarded")
		sum := map[string]int64{}
		add := func(js ...ledger.Journal) {
			for _, j := range js {
				if !funding.Moves(j) {
					continue
				}
				if err := j.Check(); err != nil {
					t.Fatal(err)
				}
				for _, e := range j.Entries {
					if e.Debit {
						sum[e.Account.Kind()] -= e.Money.Amount
					} else {
						sum[e.Account.Kind()] += e.Money.Amount
					}
				}
			}
		}
		add(s.Confirmed())
		if s.Pay == funding.Card { // its payment brings it
			sum["deferred"] += s.Share()
			sum["clearing"] -= s.Share()
		}
		if boarded {
			s.Collector = uuid.New()
			add(s.Collected())
			add(s.Earned(s.Subsidy)...)
			if sum["deferred"] != 0 || sum["revenue"] != s.Taken()+s.Subsidy || s.Pay != funding.Pass && sum["revenue"] != s.Fare {
				t.Fatalf("travelled: %v", sum)
			}
			return
		}
		if rapid.Bool().Draw(t, "no-show") {
			subsidy := rapid.Int64Range(0, s.Fare).Draw(t, "the employer's part now")
			add(s.Missed(subsidy))
			add(s.Earned(subsidy)...)
			if sum["deferred"] != 0 || sum["programme"] != -subsidy || sum["wallet"]+s.Taken() < 0 || sum["revenue"] < 0 {
				t.Fatalf("did not come: %v", sum)
			}
			return
		}
		back := s.Shared(rapid.Int64Range(0, s.Fare).Draw(t, "back"))
		if back.Rider < 0 || back.Employer < 0 || back.Rider > s.Taken() || back.Employer > s.Subsidy {
			t.Fatalf("%+v comes back", back)
		}
		add(s.Cancelled(back))
		if s.Pay == funding.Card {
			sum["deferred"] -= back.Rider
			sum["clearing"] += back.Rider
		}
		if sum["deferred"] != 0 || sum["revenue"] != s.Taken()+s.Subsidy-back.Rider-back.Employer || sum["programme"] != back.Employer-s.Subsidy {
			t.Fatalf("given up, %+v back: %v", back, sum)
		}
	})
}

func TestWholeFareBackIsEachShare(t *testing.T) {
	t.Parallel()
	s := funding.Seat{Fare: 999, Subsidy: 333, Pay: funding.Wallet}
	if b := s.Shared(999); b.Rider != 666 || b.Employer != 333 {
		t.Errorf("%+v", b)
	}
	if b := s.Shared(500); b.Rider != 333 || b.Employer != 333 {
		t.Errorf("%+v", b)
	}
}
