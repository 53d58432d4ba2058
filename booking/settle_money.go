package booking

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/store"
)

// settlement is what the bookings of a trip that is over mean for the books.
type settlement struct {
	open    []ledger.Account
	journal []ledger.Journal
}

// add is one booking in its last state: earned, missed by the programme's rule, or given back.
func (s *settlement) add(ctx context.Context, tx *store.Tx, paid *store.Programmes, b *store.Booking, state seat.State, back int64) error {
	switch state {
	case seat.Done, seat.NoShow:
		if err := s.pass(tx.EarnPass(ctx, b.ID)); err != nil {
			return err
		}
		covered := has(b.Programme) && paid != nil
		now := b.Subsidy
		switch {
		case covered && state == seat.NoShow:
			if split, ok := paid.Miss(b.ID); ok {
				now = split.Employer
			}
		case covered:
			paid.Use(b.ID)
		}
		sold := fund(b)
		if j := sold.Missed(now); funding.Moves(j) {
			s.open = append(s.open, ledger.Wallet(b.Rider, sold.Currency), ledger.Programme(b.Programme, sold.Currency))
			s.journal = append(s.journal, j)
		}
		s.journal = append(s.journal, sold.Earned(now)...) // the booking keeps the split that it was sold with
		if covered && now > 0 {
			ride := errand.BillRide{Booking: b.ID}
			return tx.AddJob(ctx, ride, ride.Key())
		}
	case seat.Withdrawn, seat.Expired:
		if has(b.Programme) && paid != nil {
			paid.Release(b.ID)
		}
		if state == seat.Expired {
			return nil
		}
		s.journal = append(s.journal, given(b, back)...)
		if b.Pay == string(funding.Pass) {
			if err := s.pass(tx.ReturnPass(ctx, b.ID, true)); err != nil {
				return err
			}
		}
		return giveBack(ctx, tx, cardRefund(b, back))
	}
	return nil
}

func (s *settlement) pass(js []ledger.Journal, err error) error {
	s.journal = append(s.journal, js...)
	return err
}

// write records journals that nothing may refuse.
func (s *settlement) write(ctx context.Context, tx *store.Tx) error {
	if err := tx.OpenAccounts(ctx, s.open...); err != nil {
		return err
	}
	return tx.RecordAll(ctx, s.journal...)
}

// coveredOf is what employers pay for of these bookings.
func coveredOf(ctx context.Context, tx *store.Tx, seats *store.Seats, all []store.Booking) (*store.Programmes, error) {
	if !seats.Covered {
		return nil, nil //nolint:nilnil // nobody to ask, and nothing wrong
	}
	var ids []uuid.UUID
	for i := range all {
		if has(all[i].Programme) {
			ids = append(ids, all[i].ID)
		}
	}
	return tx.Programmes(ctx, nil, ids)
}
