package billing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/stripeemu"
)

// paid is a wallet topped up by card.
func (x *till) paid(t *testing.T, amount int64) uuid.UUID {
	t.Helper()
	o, err := x.topUp(amount)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := x.pay(t, o.Next.ClientSecret, "4242424242424242"); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	x.settle(t)
	return o.Payment.ID
}

func (x *till) refund(r billing.Refund) error {
	x.n++
	claim := idem.Claim{Actor: x.db.A.Rider, Operation: "payments.refund", Key: fmt.Sprint("r", x.n)}
	_, err := x.payments.Refund(context.Background(), x.db.A.ID, x.db.A.Rider, claim, r)
	return err
}

func (x *till) onTheWay(t *testing.T) int64 {
	t.Helper()
	b, err := x.db.Read(x.db.A.ID).Balance(context.Background(), ledger.Deferred("refunds", "MAD"))
	if err != nil {
		t.Fatal(err)
	}
	return b.Amount(ledger.Liability)
}

// Money goes back in parts, never more than was taken, and what is on its way cannot be spent.
func TestRefunds(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	p := x.paid(t, 5000)
	for _, c := range []struct {
		amount int64
		code   string
		wallet int64
	}{{2000, "", 3000}, {3001, "refund_too_much", 3000}, {-1, "amount_invalid", 3000}, {0, "", 0}, {1, "refund_not_possible", 0}, {0, "refund_not_possible", 0}} {
		err := x.refund(billing.Refund{Payment: p, Amount: c.amount, Why: "asked nicely"})
		if (err == nil) != (c.code == "") || err != nil && fault.As(err).Code != c.code {
			t.Errorf("%d: %v", c.amount, err)
		}
		if got := x.wallet(t); got != c.wallet {
			t.Errorf("%d: the wallet holds %d", c.amount, got)
		}
	}
	x.settle(t)
	if pay := x.see(t, p); pay.Refunded != 5000 || pay.Refunding != 5000 || pay.Elsewhere != 0 || x.onTheWay(t) != 0 {
		t.Errorf("%+v, %d on the way", pay, x.onTheWay(t))
	}
	if err := x.refund(billing.Refund{Payment: uuid.New()}); fault.As(err).Code != "payment_not_found" {
		t.Errorf("of no payment: %v", err)
	}
	if _, err := x.db.VerifyLedger(context.Background(), x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// Money that was spent meanwhile does not go back to the card too.
func TestSpentMoneyIsNotGivenBack(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	p := x.paid(t, 5000)
	books := billing.New(billing.Config{DB: x.db.DB})
	if _, err := books.Record(ctx, x.db.A.ID, ledger.Post("spend", "spend", ledger.Debit(ledger.Wallet(x.db.A.Rider, "MAD"), ledger.Of(4000, "MAD")), ledger.Credit(ledger.Revenue("seats", "MAD"), ledger.Of(4000, "MAD")))); err != nil {
		t.Fatal(err)
	}
	if err := x.refund(billing.Refund{Payment: p}); fault.As(err).Code != "insufficient_funds" {
		t.Errorf("%v", err)
	}
	if pay := x.see(t, p); pay.Refunding != 0 || pay.Refunded != 0 {
		t.Errorf("%+v", pay)
	}
}

// Whatever happens to the call, and however often the job comes, one cause gives back once, and what was not given back
// is where it was.
func TestLostAnswersMakeOneRefund(t *testing.T) {
	t.Parallel()
	for _, what := range []stripeemu.What{stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.HangAfter, stripeemu.DropAfter, stripeemu.TooMany} {
		t.Run(string(what), func(t *testing.T) {
			t.Parallel()
			x, ctx := newTill(t), context.Background()
			p := x.paid(t, 5000)
			x.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: what})
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if err := x.payments.RefundFor(ctx, x.db.A.ID, billing.Refund{Payment: p, Amount: 3000, Cause: "booking/1"}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for range 4 {
				x.settle(t)
			}
			if pay := x.see(t, p); pay.Refunded != 3000 || pay.Refunding != 3000 || pay.Elsewhere != 0 || x.wallet(t) != 2000 || x.onTheWay(t) != 0 {
				t.Errorf("%+v, wallet %d, %d on the way", pay, x.wallet(t), x.onTheWay(t))
			}
			if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
				t.Error(err)
			}
		})
	}
}

// One refund made here and one elsewhere, told in any order, are both drawn once.
func TestRefundsHereAndElsewhere(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	for i := range 20 {
		p := x.paid(t, 5000)
		x.emu.Hold()
		x.refundElsewhere(t, x.see(t, p).Ref, 700)
		if err := x.refund(billing.Refund{Payment: p, Amount: 1000}); err != nil {
			t.Fatal(err)
		}
		x.refundElsewhere(t, x.see(t, p).Ref, 300)
		x.emu.Release()
		x.settle(t)
		if pay := x.see(t, p); pay.Refunded != 2000 || pay.Refunding != 1000 || pay.Elsewhere != 1000 || x.wallet(t) != int64(i+1)*3000 || x.onTheWay(t) != 0 {
			t.Fatalf("%+v, wallet %d, %d on the way", pay, x.wallet(t), x.onTheWay(t))
		}
	}
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// What the gateway will not give back is the payer's again, here, less what has gone back elsewhere.
func TestRefusedRefund(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	p := x.paid(t, 5000)
	x.emu.Hold() // nobody tells us
	x.refundElsewhere(t, x.see(t, p).Ref, 4000)
	if err := x.refund(billing.Refund{Payment: p, Amount: 2000}); fault.As(err).Code != "refund_refused" {
		t.Errorf("%v", err)
	}
	if pay := x.see(t, p); pay.Refunding != 0 || pay.Elsewhere != 4000 || x.wallet(t) != 1000 || x.onTheWay(t) != 0 { // and why is seen with it
		t.Errorf("%+v, wallet %d, %d on the way", pay, x.wallet(t), x.onTheWay(t))
	}
	x.emu.Release()
	x.settle(t)
	if pay := x.see(t, p); pay.Elsewhere != 4000 || x.wallet(t) != 1000 {
		t.Errorf("%+v, wallet %d", pay, x.wallet(t))
	}
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
}
