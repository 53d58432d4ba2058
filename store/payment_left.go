package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/booking/funding"
)

// StillLeft is what of a payment can be given back: less what its payer's wallet was given instead, because the card's bank or the gateway would
// not take it, or for a seat, by a case or by a programme's rule. Lock the payment before anything is given back by it.
func (r *Reader) StillLeft(ctx context.Context, p Payment) (int64, error) {
	kind, of, _ := strings.Cut(p.Subject, "/")
	if kind == "wallet" { // the wallet is where it was taken from
		return p.Left(), nil
	}
	wallet := ledger.Wallet(p.Payer, ledger.Currency(p.Currency)).Ref()
	instead, err := r.PostedAbout(ctx, wallet, "payment/"+p.ID.String())
	left := p.Left() - max(-instead-p.Returned, 0) // what came back has gone out: Left knows it
	if err != nil || kind != "booking" && kind != "pass" {
		return left, err
	}
	id, err := uuid.Parse(of)
	if err != nil {
		return 0, fmt.Errorf("store: payment %s is for %q: %w", p.ID, p.Subject, err)
	}
	if kind == "pass" { // what was ridden of it, is booked or has been earned stays
		in, err := r.Balance(ctx, ledger.Pass(id, ledger.Currency(p.Currency)))
		return min(left, max(-in.Posted, 0)), err
	}
	b, err := r.Booking(ctx, id)
	if err != nil && !IsNotFound(err) {
		return 0, err
	}
	if b.Pay != string(funding.Card) || b.Payment != p.ID { // the seat was not sold for it: a wallet that paid the seat moves by itself
		return left, nil
	}
	taken, err := r.PostedAbout(ctx, wallet, p.Subject)
	return left - max(-taken, 0), err
}
