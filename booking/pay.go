package booking

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// carryAfter is when a job asks the gateway for a payment whose request did not come to it.
const carryAfter = 20 * time.Second

// Pay opens a payment for a held booking at the tenant's account with a gateway, and keeps the seats while its rider pays:
// for the tenant's time to pay, within the longest time of any hold. It commits to asking the gateway and asks nothing itself;
// billing carries the payment, which Result's booking names. A booking whose payment is under way keeps it.
//
// A saved card is the payer's own: nobody pays with it for them.
//
// What comes of the payment is settled by SettlePaid. Cash on the way is a change of mind: Confirm calls the payment off.
func (s *Service) Pay(ctx context.Context, by By, claim idem.Claim, booking, account uuid.UUID, with store.With) (Result, error) {
	before, err := s.Get(ctx, by.Tenant, booking)
	if err != nil {
		return Result{}, err
	}
	if has(before.Payment) && before.State == string(seat.Held) {
		r := s.db.Read(by.Tenant)
		p, err := r.Payment(ctx, before.Payment)
		if err != nil {
			return Result{}, err
		}
		if p.Status == payment.Open { // the page was loaded again, perhaps with another card chosen
			if err := r.Unclaimed(ctx, claim); err != nil {
				return Result{}, err
			}
			if with.Method != p.With.Method {
				p.Payer, p.With = by.User, store.With{Method: with.Method}
				err = r.MayPayWith(ctx, p)
			}
			return Result{Booking: before.Booking}, err
		}
	}
	id := ident.New()
	return s.onMoney(ctx, by, claim, booking, http.StatusCreated, func(sc *scene) (Result, error) {
		b := sc.row
		if with != (store.With{}) && by.User != b.Rider {
			return Result{}, fault.New("not_found").At("/method")
		}
		v := sc.trip.view(b)
		if err := sc.trip.seats.Extend(&v, payUntil(b, sc.terms, sc.now), sc.now); err != nil {
			return Result{}, err
		}
		share := ledger.Of(fund(b).Share(), ledger.Currency(b.Fare.Currency))
		if share.Amount == 0 {
			return Result{}, fault.New("nothing_to_pay")
		}
		if err := share.AskedOfCard(); err != nil {
			return Result{}, err
		}
		sc.money.payment = &store.Payment{ID: id, Account: account, Payer: b.Rider, Subject: b.Entity(), With: with, Amount: share.Amount,
			Currency: b.Fare.Currency, ClosesAt: v.ExpiresAt, CreatedAt: sc.now}
		b.Payment, b.Pay, b.ExpiresAt = id, string(funding.Card), v.ExpiresAt
		sc.trip.change(b, v.State)
		sc.deed, sc.note = "booking.pay", map[string]any{"payment": id, "amount": share.Amount, "currency": share.Currency}
		return Result{Booking: *b}, nil
	})
}

// payUntil is how long a hold is kept for a payment that begins now.
func payUntil(b *store.Booking, t terms, now time.Time) time.Time {
	until, last := now.Add(t.payFor), b.CreatedAt.Add(longestHold)
	if until.After(last) {
		until = last
	}
	return until
}

// SettlePaid brings a payment that was taken to its booking: the hold becomes a booking; seats whose hold was over are taken
// again if they are free, and the trip still sells; else all of the payment goes back. Never neither, never both: the booking and
// the refund are one commit, and a repeat finds them.
func (s *Service) SettlePaid(ctx context.Context, t tenant.ID, booking, paid uuid.UUID) error {
	_, err := s.onMoney(ctx, By{Tenant: t}, idem.Claim{}, booking, http.StatusOK, func(sc *scene) (Result, error) {
		b := sc.row
		if b.Payment == paid && b.Pay == string(funding.Card) && seat.State(b.State).Takes() && seat.State(b.State) != seat.Held {
			return Result{Booking: *b}, nil // settled before
		}
		v := sc.trip.view(b)
		if err := tell(sc.trip.seats.Retake(&v, sc.now)); err != nil {
			sc.money.back = &errand.RefundPayment{Payment: paid, Why: "seat not available: " + reason(err), Cause: b.Entity()}
			sc.deed, sc.note = "booking.pay_back", map[string]any{"payment": paid, "why": reason(err)}
			return Result{Booking: *b}, nil
		}
		if b.Payment != paid {
			sc.money.callOff(b.Payment)
		}
		b.Payment, b.Pay = paid, string(funding.Card)
		sc.money.take(fund(b))
		sc.trip.change(b, v.State)
		sc.deed, sc.note = "booking.confirm", map[string]any{"pay": funding.Card, "payment": paid}
		return Result{Booking: *b}, nil
	})
	return err
}

// reason is a refusal's stable code.
func reason(err error) string { return fault.As(err).Code }
