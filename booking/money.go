package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// money is what a decision wants moved: in the decision's own transaction, or by billing after it.
type money struct {
	open    []ledger.Account // that may not be there yet
	journal []ledger.Journal
	payment *store.Payment // to be opened
	called  uuid.UUID      // a payment that is not wanted any more, if it is still open
	back    *errand.RefundPayment

	pass     *passMove
	released bool      // an employer that paid does not any more
	holder   uuid.UUID // who takes cash: their shift is open from then on
	currency ledger.Currency
}

// passMove is a booking that is paid with a pass, or given up.
type passMove struct {
	use  *store.Pass // nil: given up
	ride pass.Ride
	owed bool // given up: the ride comes back
}

// fund is what the books need to know of a booking.
func fund(b *store.Booking) funding.Seat {
	return funding.Seat{Booking: b.ID, Rider: b.Rider, Currency: ledger.Currency(b.Fare.Currency), Fare: b.Fare.Amount, Subsidy: b.Subsidy,
		Programme: b.Programme, Pay: funding.Way(b.Pay), Collector: b.BoardedBy}
}

func (m *money) record(j ledger.Journal) {
	if funding.Moves(j) {
		m.journal = append(m.journal, j)
	}
}

// take is what a confirmation takes from a wallet, a pass, an employer.
func (m *money) take(s funding.Seat) {
	if j := s.Confirmed(); funding.Moves(j) {
		m.journal = append(m.journal, j)
	}
	if s.Pay == funding.Wallet { // one that was never topped up has nothing, which is what to say
		m.open = append(m.open, ledger.Wallet(s.Rider, s.Currency))
	}
	if s.Subsidy > 0 {
		m.open = append(m.open, ledger.Programme(s.Programme, s.Currency))
	}
}

// collect is cash that whoever boards the riders takes.
func (m *money) collect(s funding.Seat) {
	if j := s.Collected(); funding.Moves(j) {
		m.open = append(m.open, ledger.Float(s.Collector, s.Currency))
		m.holder, m.currency = s.Collector, s.Currency
		m.journal = append(m.journal, j)
	}
}

// callOff has an open payment called off; one that was paid meanwhile is given back by whoever settles it.
func (m *money) callOff(payment uuid.UUID) { m.called = payment }

// giveUp is a booking that its rider, or the operator, gives up.
func (sc *scene) giveUp(was seat.State, back int64) {
	sc.money.released = has(sc.row.Programme)
	if was == seat.Held {
		sc.money.callOff(sc.row.Payment)
		return
	}
	sc.money.journal, sc.money.back = append(sc.money.journal, given(sc.row, back)...), cardRefund(sc.row, back)
	if sc.row.Pay == string(funding.Pass) {
		sc.money.pass = &passMove{owed: back == sc.row.Fare.Amount}
	}
}

// toRider is what of it goes to the rider: of what was taken from them, never what an employer gets back, and nothing of a seat that nobody
// has paid yet.
func toRider(b *store.Booking, back int64) *int64 {
	rider := fund(b).Shared(back).Rider
	return &rider
}

// given is the journal of a paid booking that is given up, if anything moves.
func given(b *store.Booking, back int64) (all []ledger.Journal) {
	s := fund(b)
	if j := s.Cancelled(s.Shared(back)); funding.Moves(j) {
		all = append(all, j)
	}
	return all
}

// cardRefund is what a card gets back, by a job: the gateway is asked after the commit.
func cardRefund(b *store.Booking, back int64) *errand.RefundPayment {
	s := fund(b)
	if rider := s.Shared(back).Rider; s.Pay == funding.Card && rider > 0 {
		return &errand.RefundPayment{Payment: b.Payment, Amount: rider, Why: "booking cancelled", Cause: b.Entity()}
	}
	return nil
}

// move does it. A refusal (not enough in a wallet, a payment under way) is a fault, and then nothing has moved: a decision
// wants one thing at most that can be refused, first.
func (m *money) move(ctx context.Context, tx *store.Tx, booking uuid.UUID) error {
	passed, err := m.pass.move(ctx, tx, booking)
	if err != nil {
		return err
	}
	m.journal = append(m.journal, passed...)
	if m.holder != uuid.Nil {
		if _, _, err := tx.OpenShift(ctx, m.holder, string(m.currency)); err != nil {
			return err
		}
	}
	if m.payment != nil {
		if err := tx.OpenPayment(ctx, *m.payment, m.payment.CreatedAt.Add(carryAfter)); errors.Is(err, store.ErrTaken) {
			return fault.New("payment_at_work")
		} else if err != nil {
			return err
		}
	}
	if err := tx.OpenAccounts(ctx, m.open...); err != nil {
		return err
	}
	written, err := tx.Record(ctx, m.journal...)
	if err != nil {
		return err
	}
	for i, w := range written {
		if w.Err != nil && i > 0 {
			return fmt.Errorf("booking: journal %s, after another: %w", w.Key, errors.New(w.Err.Error()))
		}
		if w.Err != nil {
			return w.Err
		}
	}
	if m.called != uuid.Nil {
		if err := tx.Hasten(ctx, store.Operation{Payment: m.called, Op: store.OpCancel, N: 1}); err != nil {
			return err
		}
	}
	return giveBack(ctx, tx, m.back)
}

func (p *passMove) move(ctx context.Context, tx *store.Tx, booking uuid.UUID) ([]ledger.Journal, error) {
	switch {
	case p == nil:
		return nil, nil
	case p.use != nil:
		return tx.UsePass(ctx, *p.use, booking, p.ride)
	default:
		return tx.ReturnPass(ctx, booking, p.owed)
	}
}

func giveBack(ctx context.Context, tx *store.Tx, r *errand.RefundPayment) error {
	if r == nil {
		return nil
	}
	return tx.AddJob(ctx, *r, r.Key())
}

// copy is the scene for a decision that may turn out not to be.
func (sc *scene) copy() *scene {
	c := *sc
	trip := *sc.trip
	trip.seats.Free, trip.seats.Overload = slices.Clone(trip.seats.Free), slices.Clone(trip.seats.Overload)
	trip.fresh, trip.changed = slices.Clone(trip.fresh), slices.Clone(trip.changed)
	c.trip = &trip
	if sc.row != nil {
		row := *sc.row
		c.row = &row
	}
	return &c
}

// lockWallets takes the locks of all wallets that a batch may touch, in one order, so that two batches do not wait for each
// other.
func lockWallets(ctx context.Context, tx *store.Tx, batch []*request, rows map[uuid.UUID]*store.Booking) error {
	var all []ledger.Account
	for _, r := range batch {
		if b := rows[r.booking]; r.money && b != nil {
			c := ledger.Currency(b.Fare.Currency)
			all = append(all, ledger.Wallet(b.Rider, c))
			if b.Subsidy > 0 {
				all = append(all, ledger.Programme(b.Programme, c))
			}
		}
	}
	if len(all) < 2 { // the trip's lock came first, for everybody
		return nil
	}
	_, err := tx.Books(ctx, all...)
	return err
}
