package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/reconcile"
)

// ListMovements is a page of balance transactions, newest first.
func (g *account) ListMovements(ctx context.Context, page gateway.Page) ([]gateway.Movement, error) {
	p := &stripe.BalanceTransactionListParams{CreatedRange: between(page)}
	p.ListParams = list(ctx, page)
	p.AddExpand("data.source") // says which payment it is about
	it := g.reads.BalanceTransactions.List(p)
	all := []gateway.Movement{}
	for it.Next() {
		b := it.BalanceTransaction()
		m := gateway.Movement{
			ID: b.ID, Type: string(b.Type), Amount: fromStripe(b.Amount, b.Currency), Fee: fromStripe(b.Fee, b.Currency),
			Net: fromStripe(b.Net, b.Currency), At: at(b.Created), Due: at(b.AvailableOn),
		}
		if b.Source != nil {
			m.Source = b.Source.ID
			m.Payment, m.Key = aboutOf(b.Source)
		}
		m.What = whatOf(b)
		all = append(all, m)
	}
	return all, failedRead(it.Err())
}

// aboutOf is the payment that an object is about, or the object that is about it (a transfer's charge, a reversal's transfer), and the
// key that we ordered it under.
func aboutOf(s *stripe.BalanceTransactionSource) (payment, key string) {
	var intent *stripe.PaymentIntent
	switch {
	case s.Charge != nil:
		intent, key = s.Charge.PaymentIntent, s.Charge.Metadata[metaKey]
	case s.Refund != nil:
		intent, key = s.Refund.PaymentIntent, s.Refund.Metadata[metaKey]
	case s.Dispute != nil:
		intent = s.Dispute.PaymentIntent
	case s.Transfer != nil:
		key = s.Transfer.Metadata[metaKey]
		if s.Transfer.SourceTransaction != nil {
			payment = s.Transfer.SourceTransaction.ID
		}
	case s.Payout != nil:
		key = s.Payout.Metadata[metaKey]
	case s.TransferReversal != nil:
		key = s.TransferReversal.Metadata[metaKey]
		if s.TransferReversal.Transfer != nil {
			payment = s.TransferReversal.Transfer.ID
		}
	case s.ApplicationFee != nil && s.ApplicationFee.Charge != nil:
		payment = s.ApplicationFee.Charge.ID
	case s.FeeRefund != nil && s.FeeRefund.Fee != nil:
		payment = s.FeeRefund.Fee.ID
	}
	if intent != nil {
		payment = intent.ID
	}
	return payment, key
}

var whats = map[stripe.BalanceTransactionType]reconcile.What{
	stripe.BalanceTransactionTypeCharge: reconcile.Charge, stripe.BalanceTransactionTypePayment: reconcile.Charge,
	stripe.BalanceTransactionTypeRefund: reconcile.Refund, stripe.BalanceTransactionTypePaymentRefund: reconcile.Refund,
	stripe.BalanceTransactionTypeRefundFailure: reconcile.Refund, stripe.BalanceTransactionTypePaymentFailureRefund: reconcile.Refund,
	stripe.BalanceTransactionTypePayout: reconcile.Payout, stripe.BalanceTransactionTypePayoutFailure: reconcile.Payout,
	stripe.BalanceTransactionTypePayoutCancel: reconcile.Payout,
	stripe.BalanceTransactionTypeTransfer:     reconcile.Share, stripe.BalanceTransactionTypeTransferRefund: reconcile.Share,
	stripe.BalanceTransactionTypeTransferFailure: reconcile.Share, stripe.BalanceTransactionTypeTransferCancel: reconcile.Share,
	stripe.BalanceTransactionTypeApplicationFee: reconcile.Share, stripe.BalanceTransactionTypeApplicationFeeRefund: reconcile.Share,
	stripe.BalanceTransactionTypeStripeFee: reconcile.Fee, stripe.BalanceTransactionTypeStripeFxFee: reconcile.Fee,
	stripe.BalanceTransactionTypeTaxFee: reconcile.Fee,
}

// whatOf tells adjustments apart: those of a dispute take the money, or bring it back.
func whatOf(b *stripe.BalanceTransaction) reconcile.What {
	if w, ok := whats[b.Type]; ok {
		return w
	}
	switch {
	case b.Type != stripe.BalanceTransactionTypeAdjustment || b.Source == nil || b.Source.Dispute == nil:
		return reconcile.Other
	case b.Amount < 0:
		return reconcile.Dispute
	}
	return reconcile.DisputeWon
}
