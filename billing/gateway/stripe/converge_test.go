package stripe_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/internal/stripeemu"
)

// Whatever goes wrong, in whatever order, an order that is pursued as Judge says happens once.
func TestAnyFaultsOneCharge(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			tn := open(t, emulator(t), stripe.Config{Timeout: 150 * time.Millisecond, PerSecond: 1000})
			var story []stripeemu.Fault
			for range r.IntN(6) {
				f := stripeemu.Fault{Path: "/v1/", What: []stripeemu.What{
					stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.HangAfter, stripeemu.DropAfter, stripeemu.TooMany,
				}[r.IntN(5)]}
				if r.IntN(4) == 0 { // the look-up fails too
					f.Method, f.What, f.Times = http.MethodGet, stripeemu.FailBefore, 2
				}
				story = append(story, f)
				tn.emu.Inject(f)
			}
			p := tn.pursuePay(t)
			tn.pursueRefund(t, p)
			charges, refunds := tn.emu.Objects(tn.key, "charge"), tn.emu.Objects(tn.key, "refund")
			if len(charges) != 1 || len(refunds) != 1 || charges[0]["amount_refunded"] != int64(300) {
				t.Fatalf("%v: %d charges, %d refunds", story, len(charges), len(refunds))
			}
		})
	}
}

func (tn *tenant) pursuePay(t *testing.T) gateway.Payment {
	t.Helper()
	o := gateway.PayOrder{Payment: "p", Amount: gateway.Amount{Minor: 700, Currency: "AED"}, Method: "pm_card_visa"}
	since := time.Now()
	return pursue(t, "pay", func(ctx context.Context, key string) (gateway.Payment, error) {
		o.Key = key
		return tn.g.Pay(ctx, o)
	}, func(ctx context.Context) (gateway.Payment, error) {
		return tn.g.LookUp(ctx, gateway.Lookup{Key: gateway.Attempts("p", "pay"), Since: since})
	})
}

func (tn *tenant) pursueRefund(t *testing.T, p gateway.Payment) {
	t.Helper()
	since := time.Now()
	pursue(t, "refund", func(ctx context.Context, key string) (gateway.Refund, error) {
		return tn.g.Refund(ctx, gateway.RefundOrder{Key: key, ID: p.ID, Amount: gateway.Amount{Minor: 300, Currency: "AED"}})
	}, func(ctx context.Context) (gateway.Refund, error) {
		return tn.g.LookUpRefund(ctx, gateway.Lookup{Key: gateway.Attempts("p", "refund"), Payment: p.ID, Since: since})
	})
}

// pursue is what a job does, over its runs.
func pursue[T any](t *testing.T, op string, send func(context.Context, string) (T, error), look func(context.Context) (T, error)) T {
	t.Helper()
	n := 1
	for range 30 {
		got, err := send(t.Context(), gateway.Key("p", op, n))
		if err == nil {
			return got
		}
		got, verdict, err := gateway.Judge(t.Context(), err, look)
		switch verdict {
		case gateway.Found:
			return got
		case gateway.NextKey:
			n++
		case gateway.Final:
			t.Fatal(err)
		}
	}
	t.Fatal("it does not end")
	panic("unreachable")
}
