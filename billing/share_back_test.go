package billing_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/store"
)

// A trip that the operator cancelled, and a seat on it whose rider never chose: each gets their own share back, the rider's where it came
// from and the employer's on its programme, once.
func TestWithdrawnSeatIsShared(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pay      string
		employed bool
	}{"card": {"card", false}, "wallet": {"wallet", false}, "card and an employer": {"card", true}, "wallet and an employer": {"wallet", true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, ctx := newLine(t), context.Background()
			share := int64(seatFare)
			var programme ledger.Account
			if c.employed {
				e := l.db.Employer(t, l.db.A, "Atlas")
				l.db.Member(t, e, e.Organisation, l.by.User)
				share, programme = seatFare/2, ledger.Programme(e.Programme, "MAD")
			}
			end := l.today(t)
			b := l.hold(t)
			var p uuid.UUID
			if c.pay == "card" {
				var next gateway.Next
				p, next = l.open(t, b)
				if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
					t.Fatalf("%d %s", status, body)
				}
				l.everything(t, soon)
			} else {
				l.paid(t, 3000)
				l.must(t)(l.seats.Confirm(ctx, l.by, l.claim("c"), b, c.pay))
			}
			if c.employed && l.books(t, programme) != seatFare-share {
				t.Fatalf("the employer owes %d", l.books(t, programme))
			}
			l.db.Exec(t, `update trip set status = 'cancelled'`)
			end()
			for range 2 {
				if err := l.seats.SettleEnded(ctx); err != nil {
					t.Fatal(err)
				}
				l.everything(t, soon)
			}
			l.sums(t, name, 0, 0, 0)
			if c.pay == "card" {
				if got := l.see(t, p); got.Captured != share || got.Refunded != share {
					t.Errorf("%+v", got)
				}
			} else if got := l.wallet(t); got != 3000 {
				t.Errorf("the wallet holds %d", got)
			}
			if c.employed && l.books(t, programme) != 0 {
				t.Errorf("the employer owes %d", l.books(t, programme))
			}
		})
	}
}

// What goes back of a seat that was given up late: first what waits for that, then what was kept as revenue, and never what waits twice.
func TestMoreGoesBackOfASeatGivenUp(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	l.db.Exec(t, `update tenant set settings = settings || '{"booking": {"flat_fare": 1200, "late_refund_percent": 25}}'::jsonb where id = $1`, l.by.Tenant.UUID())
	b := l.hold(t)
	p, next := l.open(t, b)
	if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	l.everything(t, soon)
	l.db.Exec(t, `update booking set cancel_until = clock_timestamp() - interval '1 minute'`)
	l.must(t)(l.seats.Cancel(ctx, l.by, l.claim("c"), b))
	l.sums(t, "given up", 300, 0, 900)
	if _, err := l.payments.Refund(ctx, l.by.Tenant, l.db.A.Users["finance"], l.claim("refund"), billing.Refund{Payment: p, Amount: 500}); err != nil { // before the job of what is owed has run
		t.Fatal(err)
	}
	l.sums(t, "and more", 0, 0, 700)
	for range 2 {
		l.everything(t, soon)
	}
	l.sums(t, "all of it", 0, 0, 400)
	if got := l.see(t, p); got.Refunded != 800 {
		t.Errorf("%+v", got)
	}
}

// A seat with two payments: the first was called off and is taken all the same, when the second one has paid the seat. The first goes
// back, all of it; the seat is the second one's, and is given back from it alone.
func TestMoneyGoesBackFromThePaymentThatPaid(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	x := &cardholder{l.till}
	card := x.save(t, goodCard)
	slow, f := x.slow(t)
	b := l.hold(t)
	r, err := l.seats.Pay(ctx, l.by, l.claim("bookings.pay"), b, l.account, store.With{Method: card.ID})
	if err != nil {
		t.Fatal(err)
	}
	first, done := r.Booking.Payment, make(chan struct{})
	go func() {
		defer close(done)
		_, _ = slow.Step(ctx, l.by.Tenant, first)
	}()
	<-f.sent
	_, _, _ = l.payments.Carry(ctx, l.by.Tenant, first, billing.OpCancel, 1) // its time is over
	_, _ = l.payments.Step(ctx, l.by.Tenant, first)
	if got := l.see(t, first); got.Status != payment.Cancelled {
		t.Fatalf("%+v", got)
	}
	second, next := l.open(t, b)
	if second == first {
		t.Fatal("it is the same payment")
	}
	if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	l.everything(t, soon)
	close(f.arrive)
	<-done
	for range 3 {
		l.everything(t, "true")
	}
	if a, z := l.see(t, first), l.see(t, second); a.Captured != seatFare || a.Refunded != seatFare || z.Captured != seatFare || z.Refunded != 0 || l.state(t, b) != "confirmed" {
		t.Errorf("%+v, %+v", a, z)
	}
	l.sums(t, "paid twice", seatFare, 0, 0)
	l.must(t)(l.seats.Cancel(ctx, l.by, l.claim("c"), b))
	for range 3 {
		l.everything(t, "true")
	}
	if a, z := l.see(t, first), l.see(t, second); a.Refunded != seatFare || z.Refunded != seatFare {
		t.Errorf("%+v, %+v", a, z)
	}
	l.sums(t, "given up", 0, 0, 0)
}
