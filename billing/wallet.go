package billing

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Wallet is a user's own money in one currency, with what moved it of late, the newest first.
type Wallet struct {
	Balance, Available ledger.Money
	Lines              []store.StatementLine
}

// wallet shows movements of so long, and so many at most.
const (
	walletBack  = 90 * 24 * time.Hour
	walletLines = 200
)

// Wallet is what a user has. One that was never used is empty.
func (p *Payments) Wallet(ctx context.Context, t tenant.ID, user uuid.UUID, c ledger.Currency) (Wallet, error) {
	account := ledger.Wallet(user, c)
	w := Wallet{Balance: ledger.Of(0, c), Available: ledger.Of(0, c)}
	b, err := p.db.Read(t).Balance(ctx, account)
	if store.IsNotFound(err) || fault.Is(err, "account_not_found") {
		return w, nil
	}
	if err != nil {
		return w, err
	}
	w.Balance, w.Available = ledger.Of(b.Amount(ledger.Liability), c), ledger.Of(b.Available(ledger.Liability), c)
	s, err := p.db.Read(t).Statement(ctx, store.StatementAsk{Account: account, From: p.now().Add(-walletBack), Limit: walletLines})
	if fault.Is(err, "account_not_found") {
		return w, nil
	}
	slices.Reverse(s.Lines)
	w.Lines = s.Lines
	return w, err
}

// Mine is a user's own payments, the newest first, those opened before a point.
func (p *Payments) Mine(ctx context.Context, t tenant.ID, user uuid.UUID, before uuid.UUID, limit int) ([]store.Payment, error) {
	return p.db.Read(t).PaymentsBy(ctx, user, before, limit)
}

// Get is one payment.
func (p *Payments) Get(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Payment, error) {
	pay, err := p.db.Read(t).Payment(ctx, id)
	if store.IsNotFound(err) {
		return pay, fault.New("payment_not_found")
	}
	return pay, err
}
