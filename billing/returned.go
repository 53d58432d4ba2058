package billing

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/store"
)

// returned is what a refund that the gateway had taken and the payer's bank sent back means beside its journal: its payer has a wallet
// for it, and people are told. A card that takes nothing today will not tomorrow, so nobody is asked before the payer has their money.
func returned(ctx context.Context, tx *store.Tx, pay store.Payment, m payment.Move) error {
	if err := tx.OpenAccounts(ctx, ledger.Wallet(pay.Payer, ledger.Currency(pay.Currency))); err != nil {
		return err
	}
	about := "payment/" + pay.ID.String()
	detail, err := json.Marshal(map[string]any{"amount": m.Amount, "total": m.Total, "currency": pay.Currency, "payer": pay.Payer, "for": pay.Subject})
	if err != nil {
		return fmt.Errorf("billing: payment %s: %w", pay.ID, err)
	}
	if _, err := tx.SeeFinding(ctx, store.Finding{Kind: FindingReturned, Subject: about, Severity: store.Notice, Detail: detail}); err != nil {
		return err
	}
	return tx.Audit(store.Audit{Action: "payment.refund_returned", Target: about, Detail: map[string]any{"amount": m.Amount, "total": m.Total}})
}
