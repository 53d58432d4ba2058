package billing_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

// bySeat pays a seat by card.
func (l *line) bySeat(t *testing.T) (b, p uuid.UUID) {
	t.Helper()
	b = l.hold(t)
	p, next := l.open(t, b)
	if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	l.everything(t, soon)
	return b, p
}

// reconciled fails unless a day later the books, the payments and the gateway agree, but for these findings.
func (x *till) reconciled(t *testing.T, want ...string) {
	t.Helper()
	c := &counting{till: x, later: tomorrow}
	c.reconciler = billing.NewReconciler(billing.ReconcilerConfig{DB: x.db.DB, Accounts: x.accounts, Inbox: x.inbox, Payments: x.payments,
		Now: func() time.Time { return time.Now().Add(c.later) }})
	due, err := c.reconciler.Due(context.Background())
	if err != nil || len(due) != 1 {
		t.Fatalf("%v, %v", due, err)
	}
	c.account = due[0].Account
	c.reconcile(t)
	c.wants(t, "reconciled", want...)
}

// refusals are what a gateway answers to a refund that it will never make.
var refusals = []string{"", "insufficient_funds", "charge_expired_for_capture"}

func (x *till) refuses(code string) {
	x.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: stripeemu.Refuse, Code: code, Times: 100})
}

// flow is one way to owe a rider what they paid by card.
type flow struct {
	name string
	owed int64
	owe  func(*testing.T, *line) (payment uuid.UUID)
}

var owing = []flow{
	{"a seat that its rider gives up", seatFare, func(t *testing.T, l *line) uuid.UUID {
		b, p := l.bySeat(t)
		l.must(t)(l.seats.Cancel(context.Background(), l.by, l.claim("c"), b))
		return p
	}},
	{"a part of a seat that is given up late", seatFare / 4, func(t *testing.T, l *line) uuid.UUID {
		l.db.Exec(t, `update tenant set settings = settings || '{"booking": {"flat_fare": 1200, "late_refund_percent": 25}}'::jsonb where id = $1`, l.by.Tenant.UUID())
		b, p := l.bySeat(t)
		l.db.Exec(t, `update booking set cancel_until = clock_timestamp() - interval '1 minute'`)
		l.must(t)(l.seats.Cancel(context.Background(), l.by, l.claim("c"), b))
		return p
	}},
	{"a trip that the operator calls off", seatFare, func(t *testing.T, l *line) uuid.UUID {
		end := l.today(t)
		_, p := l.bySeat(t)
		l.db.Exec(t, `update trip set status = 'cancelled'`)
		end()
		if err := l.seats.SettleEnded(context.Background()); err != nil {
			t.Fatal(err)
		}
		return p
	}},
	{"a seat that was gone when it was paid", seatFare, func(t *testing.T, l *line) uuid.UUID {
		b := l.hold(t)
		p, next := l.open(t, b)
		l.db.Exec(t, `update trip set status = 'cancelled'`)
		l.db.Exec(t, `update booking set expires_at = clock_timestamp() where state = 'held'`)
		if err := l.seats.ReleaseDue(context.Background()); err != nil {
			t.Fatal(err)
		}
		if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		return p
	}},
	{"a seat that is paid in cash after all", seatFare, func(t *testing.T, l *line) uuid.UUID {
		b := l.hold(t)
		p, next := l.open(t, b)
		l.emu.Hold()
		if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		l.must(t)(l.seats.Confirm(context.Background(), l.by, l.claim("c"), b, booking.Cash))
		l.emu.Release()
		return p
	}},
	{"a pass that is given back", carnet.Price, func(t *testing.T, l *line) uuid.UUID {
		k := &kiosk{till: l.till}
		b, err := l.payments.BuyPass(context.Background(), l.by.Tenant, l.by.User, l.claim("passes.buy"), k.product(t, carnet), billing.ByCard, store.With{})
		if err != nil {
			t.Fatal(err)
		}
		_, next, err := l.payments.Carry(context.Background(), l.by.Tenant, b.Payment, billing.OpPay, 1)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		l.everything(t, soon)
		if err := l.payments.RefundPass(context.Background(), l.by.Tenant, l.by.User, l.claim("passes.refund"), b.Pass); err != nil {
			t.Fatal(err)
		}
		return b.Payment
	}},
	{"a top-up that was taken after its end", 5000, func(t *testing.T, l *line) uuid.UUID {
		o, err := l.topUp(5000)
		if err != nil {
			t.Fatal(err)
		}
		l.emu.Hold()
		if status, body := l.pay(t, o.Next.ClientSecret, goodCard); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		l.db.Exec(t, `update payment set status = 'cancelled' where id = $1`, o.Payment.ID)
		l.emu.Release()
		return o.Payment.ID
	}},
}

// What somebody is owed and their card does not take is in their wallet, all of it, once, whatever is done how often at once; nothing stays
// behind, people are told, and the books, the payment and the gateway agree.
func TestRefusedRefundIsInTheWallet(t *testing.T) {
	t.Parallel()
	for _, f := range owing {
		for _, code := range refusals {
			t.Run(f.name+"/"+code, func(t *testing.T) {
				t.Parallel()
				l := newLine(t)
				l.refuses(code)
				p := f.owe(t, l)
				for range 3 {
					l.everything(t, soon)
				}
				pay := l.see(t, p)
				if l.inWallet(t) != f.owed || pay.Refunding != 0 || pay.Refunded != 0 || l.onTheWay(t) != 0 {
					t.Errorf("the wallet holds %d of %d, %+v, %d on the way", l.inWallet(t), f.owed, pay, l.onTheWay(t))
				}
				if got := l.books(t, ledger.Deferred("seats", "MAD")); got != l.sold(t) {
					t.Errorf("%d waits in deferred:seats, %d is sold", got, l.sold(t))
				}
				if of, ok := strings.CutPrefix(pay.Subject, "pass/"); ok && l.books(t, ledger.Pass(uuid.MustParse(of), "MAD")) != 0 {
					t.Error("the pass has money")
				}
				if n := l.db.Int(t, `select count(*) from audit where action = 'payment.refund_refused' and target = 'payment/`+p.String()+`' and (detail ->> 'wallet')::bigint = $1`, f.owed); n != 1 {
					t.Errorf("%d audit rows", n)
				}
				l.emu.Heal()
				if pay.Subject != "wallet/"+l.by.User.String() { // there it can be asked for again, out of the wallet
					again := billing.Refund{Payment: p, Amount: f.owed, Cause: pay.Subject} // its job comes once more, when the gateway would do it
					if err := l.payments.RefundFor(t.Context(), l.by.Tenant, again); err != nil || l.see(t, p).Refunding != 0 {
						t.Errorf("asked again: %v, %+v", err, l.see(t, p))
					}
					if err := l.refund(billing.Refund{Payment: p, Amount: pay.Captured - f.owed + 1}); codeOf(err) != "refund_too_much" && codeOf(err) != "refund_not_possible" {
						t.Errorf("to the card too: %v", err)
					}
				}
				l.reconciled(t, "refund_refused payment/"+p.String())
			})
		}
	}
}

// sold is the fares of seats that wait for their ride.
func (l *line) sold(t *testing.T) int64 {
	t.Helper()
	return l.db.Int(t, `select coalesce(sum(fare_amount), 0) from booking where state = 'confirmed' and pay = 'card'`)
}

// A refund that is refused because the money has gone back another way, of which nobody has told us, is not given twice.
func TestRefusedBecauseItIsBack(t *testing.T) {
	t.Parallel()
	for _, f := range owing[:4] {
		for part, elsewhere := range map[string]int64{"all": seatFare, "a part": 500} {
			if f.owed < seatFare && elsewhere < seatFare {
				continue // what is owed is there still: nothing is refused
			}
			t.Run(f.name+"/"+part, func(t *testing.T) {
				t.Parallel()
				l := newLine(t)
				told := false
				p := f.owe(t, l)
				l.everything(t, `kind <> 'carry_payment'`) // decided on, and nobody has asked
				if pay := l.see(t, p); pay.Refunding != f.owed {
					t.Fatalf("%+v", pay)
				}
				l.emu.Hold()
				l.refundElsewhere(t, l.see(t, p).Ref, elsewhere)
				l.eachOnce(t)
				for range 2 {
					if pay := l.see(t, p); l.inWallet(t)+pay.Refunded != max(f.owed, elsewhere) || pay.Elsewhere != elsewhere || l.onTheWay(t) != 0 {
						t.Errorf("told %t: the wallet holds %d, %+v, %d on the way", told, l.inWallet(t), pay, l.onTheWay(t))
					}
					l.emu.Release()
					l.everything(t, soon)
					told = true
				}
				l.reconciled(t, "refund_refused payment/"+p.String())
			})
		}
	}
}

// eachOnce runs what waits now, each twice; what comes of it waits for the next time.
func (l *line) eachOnce(t *testing.T) { t.Helper(); l.eachOnceOf(t, soon) }

func (l *line) eachOnceOf(t *testing.T, which string) {
	t.Helper()
	for _, j := range l.db.Texts(t, `delete from river_job where `+which+` returning concat_ws(' ', kind, coalesce(args ->> 'event', args ->> 'payment'), args ->> 'op', args ->> 'n', args ->> 'booking', args ->> 'amount', args ->> 'cause')`) {
		for range 2 {
			if err := l.run(context.Background(), strings.Fields(j)); err != nil {
				t.Errorf("%s: %v", j, err)
			}
		}
	}
}

// told has arrived what the gateway tells, and runs what comes of it.
func (l *line) told(t *testing.T) {
	t.Helper()
	for range 3 {
		if err := l.emu.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.eachOnce(t)
	}
}

// inWallet is what the rider has, and owes what they owe, if they have such an account.
func (l *line) inWallet(t *testing.T) int64 {
	t.Helper()
	return -l.posted(t, "wallet:"+l.by.User.String())
}
func (l *line) owes(t *testing.T) int64 {
	t.Helper()
	return l.posted(t, "recovery:"+l.by.User.String())
}

func (l *line) lost(t *testing.T) int64 {
	t.Helper()
	return l.db.Int(t, `select coalesce(sum(e.dr - e.cr), 0)::bigint from entry e join account a on a.id = e.account_id where a.code = 'loss:dispute'`)
}

func (l *line) posted(t *testing.T, code string) int64 {
	t.Helper()
	return l.db.Int(t, `select coalesce(sum(posted), 0)::bigint from account where code = $1`, code)
}

// A refund that is refused because its payer's bank has begun to take the money, whether we have heard of that or not: it waits for the bank.
// Won, it is made; lost, the payer has the money from their bank and no debt.
func TestRefusedWhileDisputed(t *testing.T) {
	t.Parallel()
	for _, f := range []flow{owing[0], owing[5]} {
		for _, won := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/%t", f.name, won), func(t *testing.T) {
				t.Parallel()
				l := newLine(t)
				l.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: stripeemu.TooMany}) // a pass is asked for at once
				p := f.owe(t, l)
				l.eachOnceOf(t, "kind = 'refund_payment'")
				l.emu.Heal()
				l.emu.Hold()
				l.emu.DisputePayment(l.see(t, p).Ref)
				l.eachOnce(t) // refused, and nobody knows why yet
				if pay := l.see(t, p); pay.Refunding != f.owed || l.inWallet(t) != 0 {
					t.Errorf("not told: %+v, the wallet holds %d", pay, l.inWallet(t))
				}
				l.emu.Release()
				l.told(t)
				if pay := l.see(t, p); pay.Disputed != f.owed || l.inWallet(t) != 0 {
					t.Errorf("disputed: %+v, the wallet holds %d", pay, l.inWallet(t))
				}
				l.emu.CloseDispute(fmt.Sprint(l.emu.Objects("sk_test_alpha", "dispute")[0]["id"]), won)
				l.told(t)
				pay := l.see(t, p)
				want, findings := f.owed, []string(nil)
				if !won {
					want, findings = 0, []string{"refund_refused payment/" + p.String()}
				}
				if pay.Refunded != want || pay.Refunding != want || l.inWallet(t) != 0 || l.onTheWay(t) != 0 || l.books(t, ledger.Deferred("seats", "MAD")) != 0 ||
					l.owes(t) != 0 || l.lost(t) != 0 {
					t.Errorf("%+v, the wallet holds %d, owed %d, lost %d", pay, l.inWallet(t), l.owes(t), l.lost(t))
				}
				l.reconciled(t, findings...)
			})
		}
	}
}

// What finance gives back by hand, and the gateway will not, is where it was, and finance hears of it, also when the answer comes later. Of a
// pass, which has ended by then, it is in the wallet.
func TestRefusedByHand(t *testing.T) {
	t.Parallel()
	t.Run("a ride", func(t *testing.T) {
		t.Parallel()
		l := newLine(t)
		_, p := l.ridden(t, "card")
		l.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: stripeemu.TooMany})
		if err := l.refund(billing.Refund{Payment: p, Amount: 700, Why: "asked"}); err != nil {
			t.Fatal(err)
		}
		l.refuses("insufficient_funds")
		l.everything(t, soon)
		l.sums(t, "refused", 0, 0, seatFare)
		if l.inWallet(t) != 0 || l.severity(t, p) != string(store.Warning) {
			t.Errorf("the wallet holds %d, %s", l.inWallet(t), l.severity(t, p))
		}
		l.emu.Heal()
		if err := l.refund(billing.Refund{Payment: p, Amount: 700, Why: "again"}); err != nil {
			t.Error(err)
		}
		l.everything(t, soon)
		l.sums(t, "again", 0, 0, seatFare-700)
		l.reconciled(t, "refund_refused payment/"+p.String())
	})
	t.Run("a top-up", func(t *testing.T) {
		t.Parallel()
		x := newTill(t)
		p := x.paid(t, 5000)
		x.refuses("")
		if err := x.refund(billing.Refund{Payment: p, Amount: 2000}); codeOf(err) != "refund_refused" || x.wallet(t) != 5000 {
			t.Errorf("%v, the wallet holds %d", err, x.wallet(t))
		}
		x.reconciled(t, "refund_refused payment/"+p.String())
	})
	t.Run("advice", func(t *testing.T) {
		t.Parallel()
		x := newCounting(t)
		w := x.sold(t)
		x.refuses("")
		before := x.till.books(t)
		if err := x.refund(billing.Refund{Payment: w.Payment, Amount: 1000}); codeOf(err) != "refund_refused" {
			t.Error(err)
		}
		if now := x.till.books(t); fmt.Sprint(now) != fmt.Sprint(before) {
			t.Errorf("%v, then %v", before, now)
		}
		x.reconcile(t)
		x.wants(t, "refused", "refund_refused payment/"+w.Payment.String())
	})
	t.Run("a pass that ended", func(t *testing.T) {
		t.Parallel()
		l := newLine(t)
		k := &kiosk{till: l.till}
		b, err := l.payments.BuyPass(context.Background(), l.by.Tenant, l.by.User, l.claim("passes.buy"), k.product(t, carnet), billing.ByCard, store.With{})
		if err != nil {
			t.Fatal(err)
		}
		_, next, err := l.payments.Carry(context.Background(), l.by.Tenant, b.Payment, billing.OpPay, 1)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		l.everything(t, soon)
		l.refuses("")
		if err := l.refund(billing.Refund{Payment: b.Payment}); codeOf(err) != "refund_refused" {
			t.Error(err)
		}
		if got := k.pass(t, b.Pass); got.State != pass.Refunded {
			t.Errorf("%+v", got)
		}
		if l.inWallet(t) != carnet.Price || l.books(t, ledger.Pass(b.Pass, "MAD")) != 0 || l.severity(t, b.Payment) != string(store.Notice) {
			t.Errorf("the wallet holds %d, the pass %d, %s", l.inWallet(t), l.books(t, ledger.Pass(b.Pass, "MAD")), l.severity(t, b.Payment))
		}
		l.emu.Heal()
		if err := l.refund(billing.Refund{Payment: b.Payment}); codeOf(err) != "refund_not_possible" {
			t.Errorf("to the card too: %v", err)
		}
	})
}

func (x *till) severity(t *testing.T, p uuid.UUID) string {
	t.Helper()
	return fmt.Sprint(strings.Join(x.db.Texts(t, `select severity from finding where kind = 'refund_refused' and state = 'open' and subject = 'payment/`+p.String()+`'`), " "))
}

// What a seat's rider is owed waits for a refund of the same payment that is under way, which may be refused: neither is lost, and together they
// are not more than was paid.
func TestOwedWhileAnotherRefundIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, refused := range []bool{true, false} {
		t.Run(fmt.Sprint(refused), func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			b, p := l.bySeat(t)
			l.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: stripeemu.TooMany})
			if err := l.refund(billing.Refund{Payment: p, Amount: 1000}); err != nil {
				t.Fatal(err)
			}
			l.must(t)(l.seats.Cancel(context.Background(), l.by, l.claim("c"), b))
			owed := billing.Refund{Payment: p, Amount: seatFare, Cause: "booking/" + b.String()}
			if err := l.payments.RefundFor(context.Background(), l.by.Tenant, owed); !fault.Is(err, "refund_under_way") {
				t.Errorf("%v", err)
			}
			if refused {
				l.refuses("")
			}
			l.work(t, `args ->> 'op' = 'refund'`)
			for range 3 {
				l.everything(t, soon)
			}
			if pay := l.see(t, p); pay.Refunded+l.inWallet(t) != seatFare || refused && l.inWallet(t) != seatFare {
				t.Errorf("%+v, the wallet holds %d", pay, l.inWallet(t))
			}
			if refused {
				l.sums(t, "in the end", 0, 0, 0)
			} else {
				l.sums(t, "in the end", 1000, 0, -1000) // what was given back of a seat that was sold is less revenue, and its fare waits
			}
		})
	}
}

// A seat with two payments, of which the first came too late and is refused: the rider has that one in the wallet, and the second one's money is
// given back whole when the seat is given up.
func TestRefusedRefundOfTheOtherPayment(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	b := l.hold(t)
	first, next := l.open(t, b)
	l.db.Exec(t, `update payment set status = 'cancelled'`)
	second, again := l.open(t, b)
	if second == first {
		t.Fatal("it is the same payment")
	}
	if status, body := l.pay(t, again.ClientSecret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	l.everything(t, soon)
	l.refuses("")
	if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	for range 2 {
		l.everything(t, soon)
	}
	if pay := l.see(t, first); pay.Captured != seatFare || l.inWallet(t) != seatFare || l.state(t, b) != "confirmed" {
		t.Errorf("%+v, the wallet holds %d", pay, l.inWallet(t))
	}
	l.sums(t, "paid twice", seatFare, 0, 0)
	l.emu.Heal()
	l.must(t)(l.seats.Cancel(context.Background(), l.by, l.claim("c"), b))
	for range 2 {
		l.everything(t, soon)
	}
	if one, two := l.see(t, first), l.see(t, second); two.Refunded != seatFare || one.Refunded != 0 || l.inWallet(t) != seatFare || one.Status != payment.Paid {
		t.Errorf("%+v, %+v, the wallet holds %d", one, two, l.inWallet(t))
	}
	l.sums(t, "given up", 0, 0, 0)
}

// Wrong keys are ours, and so are those that may look and give nothing back: a refund waits until they are mended.
func TestRefundWaitsForKeys(t *testing.T) {
	t.Parallel()
	for _, may := range []string{"nothing", "look"} {
		t.Run(may, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			b, p := l.bySeat(t)
			l.must(t)(l.seats.Cancel(context.Background(), l.by, l.claim("c"), b))
			l.eachOnceOf(t, "kind = 'refund_payment'")
			through := l.payments
			if may == "nothing" {
				l.rotate(t, badKey)
			} else {
				through = l.through(t, turned{Opener: adapter(), refund: func(gateway.Gateway, context.Context, gateway.RefundOrder) (gateway.Refund, error) {
					return gateway.Refund{}, &gateway.Misconfigured{Text: "this key may not refund"}
				}})
			}
			if err := through.CarryNow(t.Context(), l.by.Tenant, p, billing.OpRefund, 1); !fault.Is(err, "payment_not_set_up") && err != nil {
				t.Error(err)
			}
			if pay := l.see(t, p); pay.Refunding != seatFare || l.inWallet(t) != 0 {
				t.Errorf("%+v, the wallet holds %d", pay, l.inWallet(t))
			}
			l.rotate(t, goodKey)
			l.everything(t, soon)
			if pay := l.see(t, p); pay.Refunded != seatFare {
				t.Errorf("%+v", pay)
			}
		})
	}
}

// A server is killed before a refund is refused, and when it has heard so and kept nothing of it: the one after it puts the money into the wallet, once.
func TestKilledWhileARefundIsRefused(t *testing.T) {
	t.Parallel()
	for _, heard := range []bool{false, true} {
		t.Run(fmt.Sprint(heard), func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			b, p := l.bySeat(t)
			l.must(t)(l.seats.Cancel(t.Context(), l.by, l.claim("c"), b))
			l.eachOnceOf(t, "kind = 'refund_payment'")
			l.refuses("insufficient_funds")
			v := victim{DB: l.db.AppURL(), System: l.db.SystemURL(), Tenant: l.by.Tenant, Op: billing.OpRefund, Answered: heard}
			v.dies(t)
			if pay := l.see(t, p); pay.Refunding != seatFare || l.inWallet(t) != 0 {
				t.Errorf("%+v, the wallet holds %d", pay, l.inWallet(t))
			}
			l.db.Exec(t, `update river_job set attempted_at = attempted_at - interval '12 minutes' where state = 'running'`) // as in TestKilledInEveryOperation
			v.Op = ""
			stop := v.lives(t)
			(&wreck{till: l.till}).comes(t, "the money in the wallet", func() bool { return l.inWallet(t) == seatFare })
			stop()
			l.db.Exec(t, `update river_job set state = 'available', finalized_at = null where state = 'completed'`)
			l.everything(t, `args ->> 'op' = 'refund'`) // and all of it once more
			if pay := l.see(t, p); pay.Refunding != 0 || l.inWallet(t) != seatFare {
				t.Errorf("%+v, the wallet holds %d", pay, l.inWallet(t))
			}
			l.sums(t, "refused", 0, 0, 0)
		})
	}
}
