package invoicing

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// giveBack gives a ride's money back the way it came: at once into the wallet, or by a job to the card. A ride that is not over is
// given up instead, which gives back by its policy; what was paid in cash or with a pass comes back as goodwill.
func (s *Service) giveBack(ctx context.Context, tx *store.Tx, c *store.Case, m ledger.Money) error {
	kind, of, _ := strings.Cut(c.Subject, "/")
	id, err := uuid.Parse(of)
	if err != nil || kind != "booking" {
		return fault.New("decision_not_apply")
	}
	b, err := tx.Booking(ctx, id)
	if store.IsNotFound(err) || err == nil && !over(seat.State(b.State)) {
		return fault.New("decision_not_apply")
	}
	if err != nil {
		return err
	}
	if b.Fare.Currency != string(m.Currency) {
		return fault.New("currency_mismatch")
	}
	c.Outcome = "refund_request/" + c.ID.String()
	switch funding.Way(b.Pay) {
	case funding.Wallet:
		return s.backToWallet(ctx, tx, c, b.Rider, m)
	case funding.Card:
		pay, err := tx.LockPayment(ctx, b.Payment)
		if err != nil {
			return err
		}
		left, err := tx.StillLeft(ctx, pay)
		switch {
		case err != nil:
			return err
		case pay.Status != payment.Paid || left <= 0:
			return fault.New("refund_not_possible")
		case m.Amount > left:
			return fault.New("refund_too_much", fault.Params{"left": left}).At("/amount/amount")
		}
		if err := tx.RequestRefund(ctx, *c, store.RefundRequested); err != nil {
			return err
		}
		cause := store.RefundCause(c.ID)
		refund := errand.RefundPayment{Payment: pay.ID, Amount: m.Amount, Why: cause, Cause: cause}
		return tx.AddJob(ctx, refund, refund.Key())
	}
	return fault.New("decision_not_apply")
}

// backToWallet gives back at most what the ride has taken from the wallet and not returned: its own journals say how much.
func (s *Service) backToWallet(ctx context.Context, tx *store.Tx, c *store.Case, rider uuid.UUID, m ledger.Money) error {
	wallet := ledger.Wallet(rider, m.Currency)
	if _, err := tx.Books(ctx, wallet); err != nil { // two decisions about one ride: the second sees the first
		return err
	}
	left, err := tx.PostedAbout(ctx, wallet.Ref(), c.Subject)
	if err != nil {
		return err
	}
	if m.Amount > left {
		return fault.New("refund_too_much", fault.Params{"left": max(left, 0)}).At("/amount/amount")
	}
	if err := tx.RequestRefund(ctx, *c, store.RefundDone); err != nil {
		return err
	}
	return tx.RecordAll(ctx, store.RefundedToWallet(c.ID, c.Subject, rider, m, ledger.Debit(ledger.Revenue("seats", m.Currency), m)))
}

// over says that the ride has ended, in one way or another, after it was paid.
func over(s seat.State) bool { return s == seat.Done || s == seat.NoShow || s == seat.Withdrawn }
