package billing_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

// rotate changes the till's key at the gateway; one that is no good is refused there.
func (x *till) rotate(t *testing.T, key string) {
	t.Helper()
	if _, err := x.accounts.Change(context.Background(), x.db.A.ID, gateway.Stripe, func(c *gateway.Credentials) { c.SecretKey = gateway.Hide(key) }); err != nil {
		t.Fatal(err)
	}
}

const goodKey, badKey = "sk_test_alpha", "sk_of_nobody"

// tried is a top-up with a saved card that was sent once, in a way that what came of it is not known.
func (x *cardholder) tried(t *testing.T, how stripeemu.What) uuid.UUID {
	t.Helper()
	card := x.save(t, goodCard)
	x.emu.Inject(stripeemu.Fault{Path: "/v1/payment_intents", What: how})
	x.emu.Inject(stripeemu.Fault{Method: http.MethodGet, Path: "/v1/payment_intents", What: stripeemu.TooMany})
	_, err := x.payments.TopUp(t.Context(), x.db.A.ID, x.db.A.Rider, x.claim("wallet.topUp"), ledger.Of(1000, "MAD"), store.With{Method: card.ID})
	if err == nil {
		t.Fatal("its answer is known")
	}
	return uuid.MustParse(x.db.Texts(t, "select id::text from payment")[0])
}

// waits fails unless an operation is still to be asked, by a job.
func (x *till) waits(t *testing.T, id uuid.UUID, op string, after string) {
	t.Helper()
	o, err := x.db.Read(x.db.A.ID).Operation(context.Background(), id, op, 1)
	if err != nil || o.State != store.OperationWaiting {
		t.Errorf("%s: %+v, %v", after, o, err)
	}
	if n := x.db.Int(t, `select count(*) from river_job where args ->> 'payment' = $1 and args ->> 'op' = $2`, id.String(), op); n == 0 {
		t.Errorf("%s: no job goes on with it", after)
	}
}

// A failure of ours (PostgreSQL's, here) is no answer to an order: it is asked again, and nothing is called off.
func TestOurFailureRefusesNothing(t *testing.T) {
	t.Parallel()
	for _, how := range []stripeemu.What{stripeemu.TooMany, stripeemu.HangAfter} { // it was not made; it was
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			x := newCardholder(t)
			id := x.tried(t, how)
			x.db.Exec(t, `revoke select on saved_method from waymeet_app`)
			x.work(t, `args ->> 'op' = 'pay'`)
			x.waits(t, id, billing.OpPay, "a table that cannot be read")
			if p := x.see(t, id); p.Status != payment.Open {
				t.Errorf("called off: %+v", p)
			}
			x.db.Exec(t, `grant select on saved_method to waymeet_app`)
			x.work(t, `args ->> 'op' = 'pay'`)
			if p := x.endsWell(t, id); p.Captured != 1000 || x.wallet(t) != 1000 {
				t.Errorf("%+v", p)
			}
		})
	}
}

// Keys that are wrong now say nothing about an order that was sent with good ones: it waits until somebody has mended them.
func TestKeysAreRotatedInBetween(t *testing.T) {
	t.Parallel()
	for _, how := range []stripeemu.What{stripeemu.TooMany, stripeemu.HangAfter} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			x := newCardholder(t)
			id := x.tried(t, how)
			x.rotate(t, badKey)
			x.work(t, `args ->> 'op' = 'pay'`)
			x.waits(t, id, billing.OpPay, "wrong keys")
			if p, err := x.giveUp("a", id); err != nil || p.Status != payment.Open {
				t.Errorf("nobody knows whether it was made: %+v, %v", p, err)
			}
			x.waits(t, id, billing.OpCancel, "wrong keys")
			x.rotate(t, goodKey)
			if p := x.endsWell(t, id); how == stripeemu.TooMany && p.Status != payment.Cancelled {
				t.Errorf("it was given up before the gateway had it: %+v", p)
			}
		})
	}
	t.Run("first", func(t *testing.T) { // nobody has asked before: it is refused, and the payer hears why
		t.Parallel()
		x := newTill(t)
		x.rotate(t, badKey)
		o, err := x.topUp(1000)
		if p := x.see(t, o.Payment.ID); !fault.Is(err, "payment_not_set_up") || p.Status != payment.Cancelled {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// turned is a gateway whose answers somebody turns into others.
type turned struct {
	gateway.Opener
	pay    func(gateway.Gateway, context.Context, gateway.PayOrder) (gateway.Payment, error)
	refund func(gateway.Gateway, context.Context, gateway.RefundOrder) (gateway.Refund, error)
}

type turning struct {
	gateway.Gateway
	of turned
}

func (o turned) Open(c gateway.Credentials) (gateway.Gateway, error) {
	g, err := o.Opener.Open(c)
	return turning{g, o}, err
}

func (g turning) Pay(ctx context.Context, o gateway.PayOrder) (gateway.Payment, error) {
	if g.of.pay == nil {
		return g.Gateway.Pay(ctx, o)
	}
	return g.of.pay(g.Gateway, ctx, o)
}

func (g turning) Refund(ctx context.Context, o gateway.RefundOrder) (gateway.Refund, error) {
	if g.of.refund == nil {
		return g.Gateway.Refund(ctx, o)
	}
	return g.of.refund(g.Gateway, ctx, o)
}

// A key that the gateway knows for another order was sent before: what came of it is looked for, and until it is found nobody says
// that the payment is not made.
func TestKeyWasUsed(t *testing.T) {
	t.Parallel()
	for _, made := range []bool{true, false} {
		t.Run(map[bool]string{true: "made", false: "not found"}[made], func(t *testing.T) {
			t.Parallel()
			x := newCardholder(t)
			card := x.save(t, goodCard)
			through := x.through(t, turned{Opener: adapter(), pay: func(g gateway.Gateway, ctx context.Context, o gateway.PayOrder) (gateway.Payment, error) {
				if made {
					if _, err := g.Pay(ctx, o); err != nil {
						t.Error(err)
					}
				}
				return gateway.Payment{}, &gateway.KeyReused{Key: o.Key}
			}})
			o, err := through.TopUp(t.Context(), x.db.A.ID, x.db.A.Rider, x.claim("wallet.topUp"), ledger.Of(1000, "MAD"), store.With{Method: card.ID})
			id := uuid.MustParse(x.db.Texts(t, "select id::text from payment")[0])
			if made && (err != nil || o.Payment.Captured != 1000) {
				t.Errorf("%+v, %v", o, err)
			}
			if !made {
				if !fault.Is(err, "unavailable") {
					t.Error(err)
				}
				x.waits(t, id, billing.OpPay, "a key that was used")
				if p := x.see(t, id); p.Status != payment.Open {
					t.Errorf("called off: %+v", p)
				}
				x.work(t, `args ->> 'op' = 'pay'`)
			}
			if p := x.endsWell(t, id); p.Captured != 1000 {
				t.Errorf("%+v", p)
			}
		})
	}
}

// A refund whose answer is lost on our side is not put back: the money would be given twice.
func TestRefundIsNotPutBack(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]error{"a failure of ours": errors.New("57P01: terminating connection"), "wrong keys": &gateway.Misconfigured{}, "a key that was used": &gateway.KeyReused{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newCardholder(t)
			s, err := x.topUpWith(t, 1000, store.With{Method: x.save(t, goodCard).ID})
			if err != nil {
				t.Fatal(err)
			}
			var asked atomic.Int32
			away := x.through(t, turned{Opener: adapter(), refund: func(g gateway.Gateway, ctx context.Context, o gateway.RefundOrder) (gateway.Refund, error) {
				if asked.Add(1) == 1 { // too many calls: it may have been sent, as far as we know
					return gateway.Refund{}, &gateway.RateLimited{}
				}
				if name != "wrong keys" {
					_, _ = g.Refund(ctx, o)
				}
				return gateway.Refund{}, lost
			}})
			o, err := away.Refund(t.Context(), x.db.A.ID, x.db.A.Rider, x.claim("refund"), billing.Refund{Payment: s.Payment.ID})
			if err != nil || o.State != store.OperationWaiting {
				t.Fatalf("%+v, %v", o, err)
			}
			_ = away.CarryNow(t.Context(), x.db.A.ID, s.Payment.ID, billing.OpRefund, 1)
			if p := x.see(t, s.Payment.ID); p.Refunding != 1000 || x.wallet(t) != 0 {
				t.Errorf("it was put back: %+v, wallet %d", p, x.wallet(t))
			}
			x.settle(t)
			if p := x.endsWell(t, s.Payment.ID); p.Refunded != 1000 {
				t.Errorf("%+v", p)
			}
		})
	}
}
