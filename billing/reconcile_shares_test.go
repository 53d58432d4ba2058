package billing_test

import (
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/ledger"
)

// sold is a session that was paid by card.
func (x *counting) sold(t *testing.T) *wreck {
	t.Helper()
	w := &wreck{till: x.till, talk: x.talk(10)}
	w.Advice = w.talk.Advice
	settled(t, w)
	return w
}

// Shares are matched with the charge that they are of, which is what the books have them about: sent with the charge, sent
// later, taken back. What was sent beyond that is found, about the payment if it names its charge or its share.
func TestSharesAreMatched(t *testing.T) {
	t.Parallel()
	x := newCounting(t)
	seller := x.seller(t).ID
	later := x.sold(t) // owed, until the account is active
	x.emu.CompleteAccount(seller)
	x.settle(t)
	x.settle(t)
	at := x.sold(t)
	lost := x.sold(t)
	x.emu.DisputePayment(x.see(t, lost.Payment).Ref)
	x.settle(t)
	x.settle(t)
	if n := x.db.Int(t, `select count(*) from payment_operation where op in ('transfer', 'reverse') and state = 'done'`); n != 2 {
		t.Fatalf("%d shares were moved by themselves", n)
	}
	for range 2 {
		x.reconcile(t)
		x.wants(t, "a clean day")
	}
	if n := x.db.Int(t, `select count(*) from gateway_movement where kind = 'share' and about is null`); n != 0 {
		t.Errorf("%d shares are about nothing", n)
	}
	for _, w := range []*wreck{later, lost} {
		if n := x.db.Int(t, `select count(*) from gateway_movement where kind = 'share' and about = $1`, w.Payment); n == 0 {
			t.Error("a share that is not about its charge")
		}
	}
	x.later += 48 * time.Hour // the next day, after what was listed already
	x.emu.Advance(36 * time.Hour)
	share := x.db.Texts(t, `select source from gateway_movement where kind = 'share' and about = '`+later.Payment.String()+`'`)
	x.emu.Move("sk_test_alpha", "transfer", x.chargeOf(x.see(t, at.Payment).Ref), "aed", -100, 0)
	x.emu.Move("sk_test_alpha", "transfer_refund", share[0], "aed", 70, 0)
	stranger := x.emu.Move("sk_test_alpha", "transfer", "tr_elsewhere", "aed", -40, 0)
	x.reconcile(t)
	x.wants(t, "shares that nobody here sent", "movement_unknown movement/"+stranger, "amount_differs payment/"+later.Payment.String(), "amount_differs payment/"+at.Payment.String())
	x.record(t, ledger.Post("by:hand", "share_sent", ledger.Debit(ledger.Clearing("stripe-connected", "AED"), ledger.Of(100, "AED")),
		ledger.Credit(ledger.Clearing("stripe", "AED"), ledger.Of(100, "AED"))), "payment/"+at.Payment.String())
	x.reconcile(t)
	x.wants(t, "one was booked by hand", "movement_unknown movement/"+stranger, "amount_differs payment/"+later.Payment.String())
}
