package billing_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

// endsWell has everything run that waits, and fails unless a payment has one end, the gateway and the wallet agree on it, and
// another payment can begin.
func (x *cardholder) endsWell(t *testing.T, id uuid.UUID) store.Payment {
	t.Helper()
	for range 5 { // what waits asks for more: another key, a refund
		x.work(t, "kind in ('carry_payment', 'apply_webhook')")
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if err := x.emu.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	p := x.see(t, id)
	var took float64
	for path, field := range map[string]string{"payment_intents": "amount_received", "refunds": "amount"} {
		all, _ := x.ask(t, "sk_test_alpha", http.MethodGet, "/v1/"+path+"?limit=100", nil)["data"].([]any)
		for _, a := range all {
			one, _ := a.(map[string]any)
			minor, _ := one[field].(float64)
			if path == "refunds" {
				minor = -minor
			}
			took += minor
		}
	}
	if !p.Status.Over() || int64(took) != x.wallet(t) || p.Captured-p.Refunded != x.wallet(t) {
		t.Errorf("%+v; the gateway keeps %v, the wallet has %d", p, took, x.wallet(t))
	}
	if _, err := x.db.VerifyLedger(context.Background(), x.db.A.ID); err != nil {
		t.Error(err)
	}
	if n := x.db.Int(t, `select count(*) from payment_operation where state = 'waiting'`); n != 0 {
		t.Errorf("%d operations wait for ever", n)
	}
	if _, err := x.topUp(100); err != nil {
		t.Error("another one:", err)
	}
	return p
}

// Whoever gives up a payment by saved card, while nobody knows whether the gateway has it, is not charged behind their back.
func TestGivenUpWithASavedCard(t *testing.T) {
	t.Parallel()
	for _, what := range []stripeemu.What{stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.HangAfter, stripeemu.TooMany} {
		for _, mute := range []int{0, 2} { // looks that the gateway has no time for
			for _, loads := range []bool{false, true} { // the page is loaded again, before any job
				t.Run(fmt.Sprint(what, mute, loads), func(t *testing.T) {
					t.Parallel()
					x := newCardholder(t)
					card := x.save(t, goodCard)
					x.emu.Inject(stripeemu.Fault{Path: "/v1/payment_intents", What: what})
					if mute > 0 {
						x.emu.Inject(stripeemu.Fault{Method: http.MethodGet, Path: "/v1/payment_intents", What: stripeemu.TooMany, Times: mute})
					}
					_, _ = x.payments.TopUp(t.Context(), x.db.A.ID, x.db.A.Rider, x.claim("wallet.topUp"), ledger.Of(1000, "MAD"), store.With{Method: card.ID})
					id := uuid.MustParse(x.db.Texts(t, "select id::text from payment")[0])
					if p, err := x.giveUp("a", id); err != nil {
						t.Fatalf("%+v, %v", p, err)
					}
					if loads {
						_, _ = x.payments.Step(t.Context(), x.db.A.ID, id)
					}
					p := x.endsWell(t, id)
					if none := what == stripeemu.FailBefore || what == stripeemu.TooMany; none && p.Captured != 0 {
						t.Errorf("it was given up before the gateway had it: %+v", p)
					}
				})
			}
		}
	}
}

// inFlight is a gateway whose orders to pay arrive late.
type inFlight struct {
	gateway.Opener
	sent, arrive chan struct{}
	lost         *atomic.Bool // and what came of them does not
}

type flying struct {
	gateway.Gateway
	of inFlight
}

func (f inFlight) Open(c gateway.Credentials) (gateway.Gateway, error) {
	g, err := f.Opener.Open(c)
	return flying{g, f}, err
}

func (f flying) Pay(ctx context.Context, o gateway.PayOrder) (gateway.Payment, error) {
	close(f.of.sent)
	<-f.of.arrive
	p, err := f.Gateway.Pay(ctx, o)
	if f.of.lost.Load() {
		return gateway.Payment{}, &gateway.Unreachable{Cause: context.DeadlineExceeded}
	}
	return p, err
}

func adapter() gateway.Opener {
	return stripe.New(stripe.Config{Timeout: 5 * time.Second, PerSecond: 1000})
}

// through is payments that go through another gateway than the till's.
func (x *till) through(t *testing.T, o gateway.Opener) *billing.Payments {
	t.Helper()
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	kms, err := envelope.NewEnvironment("k1", map[string]*seal.Box{"k1": box})
	if err != nil {
		t.Fatal(err)
	}
	accounts, log := billing.NewAccounts(x.db.DB, kms, gateway.Openers{o}), slog.New(slog.DiscardHandler)
	return billing.NewPayments(x.db.DB, accounts, billing.NewInbox(x.db.DB, accounts, box, log), log)
}

func (x *till) slow(t *testing.T) (*billing.Payments, inFlight) {
	t.Helper()
	f := inFlight{adapter(), make(chan struct{}), make(chan struct{}), new(atomic.Bool)}
	return x.through(t, f), f
}

// An order that is on its way while its payment is given up: it is paid, or it was called off and the money goes back.
func TestGivenUpInFlight(t *testing.T) {
	t.Parallel()
	for _, found := range []bool{false, true} { // somebody looked before it arrived
		t.Run(fmt.Sprint(found), func(t *testing.T) {
			t.Parallel()
			x := newCardholder(t)
			card := x.save(t, goodCard)
			slow, f := x.slow(t)
			claim, done := x.claim("wallet.topUp"), make(chan error, 1)
			go func() {
				_, err := slow.TopUp(context.Background(), x.db.A.ID, x.db.A.Rider, claim, ledger.Of(1000, "MAD"), store.With{Method: card.ID})
				done <- err
			}()
			<-f.sent
			id := uuid.MustParse(x.db.Texts(t, "select id::text from payment")[0])
			if p, err := x.giveUp("a", id); err != nil || p.Status != payment.Open {
				t.Errorf("nobody knows yet: %+v, %v", p, err)
			}
			if _, err := x.topUp(100); !fault.Is(err, "payment_at_work") {
				t.Error(err)
			}
			if found {
				if s, err := x.payments.Step(t.Context(), x.db.A.ID, id); err != nil || s.Payment.Status != payment.Cancelled {
					t.Errorf("%+v, %v", s, err)
				}
			}
			close(f.arrive)
			if err := <-done; err != nil {
				t.Error(err)
			}
			p := x.endsWell(t, id)
			if p.Status != payment.Paid || p.Captured != 1000 || (p.Refunded == 1000) != found {
				t.Errorf("%+v", p)
			}
		})
	}
}

// A pass that was given up, and whose money is taken all the same: it is not sold, and the money goes back to the card.
func TestPassPaidAfterItWasCalledOff(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} { // its answer says so, or its webhook
		t.Run(fmt.Sprint(lost), func(t *testing.T) {
			t.Parallel()
			k := newKiosk(t)
			x := &cardholder{k.till}
			card, product := x.save(t, goodCard), k.product(t, carnet)
			slow, f := x.slow(t)
			f.lost.Store(lost)
			claim, done := k.claim("passes.buy"), make(chan billing.Bought, 1)
			go func() {
				b, err := slow.BuyPass(context.Background(), x.db.A.ID, x.db.A.Rider, claim, product, billing.ByCard, store.With{Method: card.ID})
				if err != nil {
					t.Error(err)
				}
				done <- b
			}()
			<-f.sent
			id := uuid.MustParse(x.db.Texts(t, "select id::text from payment")[0])
			if p, err := x.giveUp("a", id); err != nil || p.Status != payment.Open {
				t.Errorf("nobody knows yet: %+v, %v", p, err)
			}
			_, _ = x.payments.Step(t.Context(), x.db.A.ID, id) // somebody looks before it arrives: it is not there
			if p := x.see(t, id); p.Status != payment.Cancelled {
				t.Errorf("%+v", p)
			}
			close(f.arrive)
			b := <-done
			for range 4 {
				x.settle(t)
				x.work(t, "true")
			}
			if p := x.see(t, id); p.Captured != carnet.Price || p.Refunded != carnet.Price {
				t.Errorf("%+v", p)
			}
			if got := k.pass(t, b.Pass); got.State != pass.Abandoned || k.holds(t, ledger.Pass(b.Pass, "MAD")) != 0 || k.holds(t, ledger.Clearing("stripe", "MAD")) != 0 {
				t.Errorf("%+v", got)
			}
			if _, err := x.db.VerifyLedger(context.Background(), x.db.A.ID); err != nil {
				t.Error(err)
			}
		})
	}
}

// A seat's payment that was called off, and whose money is taken all the same: the seat is taken again if it can be, or all of it goes
// back; whoever chose cash pays in cash.
func TestSeatPaidAfterItWasCalledOff(t *testing.T) {
	t.Parallel()
	expire := func(t *testing.T, l *line, _ uuid.UUID) {
		t.Helper()
		l.db.Exec(t, `update booking set expires_at = clock_timestamp() where state = 'held'`)
		if err := l.seats.ReleaseDue(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		meanwhile func(*testing.T, *line, uuid.UUID)
		state     string
		refunded  int64
	}{
		"the hold is over, the seat free": {expire, "confirmed", 0},
		"the hold is over, the trip called off": {func(t *testing.T, l *line, b uuid.UUID) {
			expire(t, l, b)
			l.db.Exec(t, `update trip set status = 'cancelled'`)
		}, "expired", seatFare},
		"given up": {func(t *testing.T, l *line, b uuid.UUID) {
			l.must(t)(l.seats.Cancel(context.Background(), l.by, l.claim("c"), b))
		}, "cancelled", seatFare},
		"cash": {func(t *testing.T, l *line, b uuid.UUID) {
			l.must(t)(l.seats.Confirm(context.Background(), l.by, l.claim("c"), b, booking.Cash))
		}, "confirmed", seatFare},
	} {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprint(name, lost), func(t *testing.T) {
				t.Parallel()
				l, ctx := newLine(t), context.Background()
				x := &cardholder{l.till}
				card := x.save(t, goodCard)
				slow, f := x.slow(t)
				f.lost.Store(lost)
				b := l.hold(t)
				r, err := l.seats.Pay(ctx, l.by, l.claim("bookings.pay"), b, l.account, store.With{Method: card.ID})
				if err != nil {
					t.Fatal(err)
				}
				id, done := r.Booking.Payment, make(chan struct{})
				go func() {
					defer close(done)
					_, _ = slow.Step(ctx, l.by.Tenant, id)
				}()
				<-f.sent
				c.meanwhile(t, l, b)
				if _, _, err := l.payments.Carry(ctx, l.by.Tenant, id, billing.OpCancel, 1); !fault.Is(err, "unavailable") { // its time is over, or it is hastened
					t.Errorf("nobody knows yet: %v", err)
				}
				_, _ = l.payments.Step(ctx, l.by.Tenant, id)
				if p := l.see(t, id); p.Status != payment.Cancelled {
					t.Errorf("%+v", p)
				}
				close(f.arrive)
				<-done
				for range 4 {
					l.everything(t, "true")
				}
				p := l.see(t, id)
				if got := l.state(t, b); got != c.state || p.Captured != seatFare || p.Refunded != c.refunded {
					t.Errorf("%s, %+v", got, p)
				}
				l.sums(t, name, seatFare-c.refunded, 0, 0)
			})
		}
	}
}

// Whoever chooses cash while a card's payment is open asks for nothing new of the gateway: what would call the payment off in its time does
// so now.
func TestCashHastensTheEnd(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	b := l.hold(t)
	p, next := l.open(t, b)
	const due = `select count(*) from river_job where args ->> 'op' = 'cancel' and scheduled_at <= clock_timestamp()`
	ops := func() string {
		return fmt.Sprint(l.db.Texts(t, `select concat_ws(' ', op, n, state, tries, why) from payment_operation where op <> 'pay' order by op, n`))
	}
	if n := l.db.Int(t, due); n != 0 {
		t.Fatalf("%d are due before", n)
	}
	before, claim := ops(), l.claim("c")
	for range 2 { // pressed twice
		l.must(t)(l.seats.Confirm(ctx, l.by, claim, b, booking.Cash))
	}
	if now := ops(); now != before || l.see(t, p).Status != payment.Open || l.db.Int(t, due) != 1 {
		t.Errorf("%s, then %s, %d due, %+v", before, now, l.db.Int(t, due), l.see(t, p))
	}
	l.everything(t, `args ->> 'op' = 'cancel' and scheduled_at <= clock_timestamp()`)
	if got := l.see(t, p); got.Status != payment.Cancelled {
		t.Errorf("%+v", got)
	}
	if status, body := l.pay(t, next.ClientSecret, goodCard); status == 200 {
		t.Errorf("what was called off is paid: %s", body)
	}
	l.everything(t, "true")
	if got := l.state(t, b); got != "confirmed" {
		t.Error(got)
	}
	l.sums(t, "cash", 0, 0, 0)
}
