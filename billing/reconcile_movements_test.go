package billing_test

import (
	"context"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/reconcile"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store"
)

// What a gateway moved in a month that is locked by now, and a payout that was kept and never booked, are in the books, once.
func TestMovementsOfALockedMonth(t *testing.T) {
	t.Parallel()
	x, ctx := newCounting(t), context.Background()
	x.emu.Advance(-3 * time.Hour) // before the month ended
	x.emu.Move("sk_test_alpha", "charge", "ch_1", "mad", 5000, 30)
	ref := x.emu.Move("sk_test_alpha", "payout", "po_1", "mad", -300, 0)
	if err := x.db.InTx(ctx, x.db.A.ID, func(tx *store.Tx) error {
		if _, err := tx.AddMovement(ctx, store.Movement{Account: x.account, Ref: ref, Type: "payout", Source: "po_1", What: reconcile.Payout, Currency: "MAD", Amount: -300, At: time.Now().Add(-3 * time.Hour)}); err != nil {
			return err
		}
		if err := tx.SetReconciled(ctx, x.account, store.MovementsPart, time.Now().Add(-4*time.Hour)); err != nil {
			return err
		}
		return tx.LockPeriod(ctx, store.PeriodLock{Month: invoice.MonthOf(servicedate.On(time.Now(), time.UTC)), Until: time.Now().Add(-2 * time.Hour), By: x.db.A.Users["finance"]})
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		x.reconcile(t)
	}
	for a, want := range map[ledger.Account]int64{ledger.Bank("main", "MAD"): 300, ledger.Fees("stripe", "MAD"): 30} {
		if b, err := x.db.Read(x.db.A.ID).Balance(ctx, a); err != nil || b.Amount(a.Class()) != want {
			t.Errorf("%v holds %d, want %d (%v)", a, b.Amount(a.Class()), want, err)
		}
	}
}
