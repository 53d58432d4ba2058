package billing_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/store"
)

// refunds is the ids of the gateway's refunds, the newest first.
func (x *till) refunds(t *testing.T) (ids []string) {
	t.Helper()
	for _, r := range x.emu.Objects("sk_test_alpha", "refund") {
		ids = append(ids, fmt.Sprint(r["id"]))
	}
	return ids
}

func (x *till) found(t *testing.T, kind string, p uuid.UUID) int {
	t.Helper()
	return len(x.db.Texts(t, `select id::text from finding where kind = '`+kind+`' and subject = 'payment/`+p.String()+`'`))
}

// A refund that the payer's bank sends back after it had arrived is the payer's again, once, whatever comes how often and in which
// order; it can be given back again, and the books say what the gateway says.
func TestRefundSentBackIsInTheWallet(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	p := x.paid(t, 5000)
	for round := range 3 {
		if err := x.refund(billing.Refund{Payment: p, Amount: 5000, Why: "asked"}); err != nil {
			t.Fatal(err)
		}
		x.settle(t)
		if pay := x.see(t, p); pay.Left() != 0 || x.wallet(t) != 0 || x.onTheWay(t) != 0 {
			t.Fatalf("round %d: %+v, wallet %d, %d on the way", round, pay, x.wallet(t), x.onTheWay(t))
		}
		x.emu.FailRefund(x.refunds(t)[0])
		x.settle(t)
		total := int64(round+1) * 5000
		if pay := x.see(t, p); pay.Refunded != total || pay.Returned != total || pay.Left() != 5000 || x.wallet(t) != 5000 || x.onTheWay(t) != 0 {
			t.Fatalf("round %d: %+v, wallet %d, %d on the way", round, pay, x.wallet(t), x.onTheWay(t))
		}
	}
	if n := x.found(t, billing.FindingReturned, p); n != 1 {
		t.Errorf("%d findings", n)
	}
	if err := x.refund(billing.Refund{Payment: p, Amount: 5001}); codeOf(err) != "refund_too_much" {
		t.Errorf("%v", err)
	}
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// What a bank has not answered is on its way, and arrives or comes back.
func TestPendingRefundIsOnItsWay(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	p := x.paid(t, 5000)
	x.emu.SlowRefunds(true)
	for _, amount := range []int64{2000, 1000} {
		if err := x.refund(billing.Refund{Payment: p, Amount: amount}); err != nil {
			t.Fatal(err)
		}
	}
	x.settle(t)
	ids := x.refunds(t)
	want := func(when string, refunded, back, wallet, way int64) {
		t.Helper()
		x.settle(t)
		if pay := x.see(t, p); pay.Refunded != refunded || pay.Returned != back || x.wallet(t) != wallet || x.onTheWay(t) != way || pay.Refunding-pay.Refunded != way {
			t.Errorf("%s: %+v, wallet %d, %d on the way", when, pay, x.wallet(t), x.onTheWay(t))
		}
	}
	want("pending", 0, 0, 2000, 3000)
	x.emu.SettleRefund(ids[1])
	want("one has arrived", 2000, 0, 2000, 1000)
	x.emu.FailRefund(ids[0])
	want("the other came back", 3000, 1000, 3000, 0)
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// Of a seat, the wallet has what the card's bank sent back, and it is not given back to the card too.
func TestSeatsRefundSentBackIsInTheWallet(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	b, p := l.ridden(t, "card")
	c := l.about(t, b)
	if err := l.decide(c, 900); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		l.everything(t, soon)
	}
	l.emu.FailRefund(l.refunds(t)[0])
	l.everything(t, soon)
	if pay := l.see(t, p); pay.Refunded != 900 || pay.Returned != 900 || l.wallet(t) != 900 || l.onTheWay(t) != 0 || pay.Left() != seatFare-900 {
		t.Errorf("%+v, wallet %d, %d on the way", pay, l.wallet(t), l.onTheWay(t))
	}
	l.sums(t, "sent back", 0, 0, seatFare-900)
	if err := l.refund(billing.Refund{Payment: p, Amount: seatFare - 899}); codeOf(err) != "refund_too_much" {
		t.Errorf("%v", err)
	}
	if n := l.found(t, billing.FindingReturned, p); n != 1 || l.request(t, c).State != store.RefundDone {
		t.Errorf("%d findings, %+v", n, l.request(t, c))
	}
}
