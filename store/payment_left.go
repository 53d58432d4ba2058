package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/booking/funding"
)

// StillLeft is what of a payment can be given back: of a seat's, less what its rider's wallet was given for the seat, by a refund
// that the card's bank would not take or by a programme's rule. Lock the payment before anything is given back by it.
func (r *Reader) StillLeft(ctx context.Context, p Payment) (int64, error) {
	kind, of, _ := strings.Cut(p.Subject, "/")
	if kind != "booking" {
		return p.Left(), nil
	}
	id, err := uuid.Parse(of)
	if err != nil {
		return 0, fmt.Errorf("store: payment %s is for %q: %w", p.ID, p.Subject, err)
	}
	b, err := r.Booking(ctx, id)
	if err != nil && !IsNotFound(err) {
		return 0, err
	}
	if b.Pay != string(funding.Card) || b.Payment != p.ID { // the seat was not sold for it: a wallet that paid the seat moves by itself
		return p.Left(), nil
	}
	taken, err := r.PostedAbout(ctx, ledger.Wallet(p.Payer, ledger.Currency(p.Currency)).Ref(), p.Subject)
	return p.Left() - max(-taken, 0), err
}
