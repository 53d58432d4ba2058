package gatewaytest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/waymeet/waymeet/billing/gateway"
)

// breakable skips adapters whose orders cannot get lost.
func (r Rig) breakable(t *testing.T) {
	t.Helper()
	r.can(t, gateway.OffSession, gateway.StatusQuery)
	if r.Break == nil {
		t.Skip("no order of it leaves this process")
	}
}

func (r Rig) charge(t *testing.T) gateway.PayOrder {
	o := r.order(700)
	o.Method = r.Method(t, Good)
	return o
}

// lost says that an order's outcome is unknown. A broken connection may have been healed below the adapter: net/http
// sends a request with an Idempotency-Key again by itself when a kept connection breaks.
func (r Rig) lost(t *testing.T, how How, err error) {
	t.Helper()
	if how == Drop && err == nil {
		return
	}
	is[*gateway.Unknown](t, err)
}

func failedBefore(t *testing.T, r Rig) {
	r.breakable(t)
	o := r.charge(t)
	r.Break(t, FailBefore)
	_, err := r.Gateway.Pay(t.Context(), o)
	if u := is[*gateway.Unknown](t, err); u.Replayed || u.Key != o.Key {
		t.Fatalf("%+v", u)
	}
	_, err = r.Gateway.LookUp(t.Context(), gateway.Lookup{Key: o.Key, Since: ago()})
	is[*gateway.NotFound](t, err)
	_, err = r.Gateway.Pay(t.Context(), o) // nothing was found: the same key again
	if u := is[*gateway.Unknown](t, err); !u.Replayed {
		t.Fatalf("the acquirer keeps this failure, and we are not told: %+v", u)
	}
	o.Key = gateway.Key(o.Payment, "pay", 2)
	if p := must[gateway.Payment](t)(r.Gateway.Pay(t.Context(), o)); p.Status != gateway.Captured {
		t.Fatalf("%+v", p)
	}
	if n := r.Taken(t); n != 1 {
		t.Fatalf("%d were taken", n)
	}
}

func lostAnswers(t *testing.T, r Rig) {
	r.breakable(t)
	for i, how := range []How{FailAfter, Hang, Drop} {
		o := r.charge(t)
		r.Break(t, how)
		_, err := r.Gateway.Pay(t.Context(), o)
		r.lost(t, how, err)
		p := must[gateway.Payment](t)(r.Gateway.LookUp(t.Context(), gateway.Lookup{Key: o.Key, Since: ago()}))
		if p.Status != gateway.Captured || p.Payment != o.Payment {
			t.Fatalf("%s: %+v", how, p)
		}
		again, err := r.Gateway.Pay(t.Context(), o) // and whoever repeats without looking pays once too
		if how == FailAfter {
			if u := is[*gateway.Unknown](t, err); !u.Replayed {
				t.Fatalf("%+v", u)
			}
		} else if err != nil || again.ID != p.ID {
			t.Fatalf("%s: %+v %v", how, again, err)
		}
		if n := r.Taken(t); n != i+1 {
			t.Fatalf("%s: %d were taken", how, n)
		}
	}
}

// Capture, refund, transfer, reversal: each loses its answer, is looked up, and has happened once.
func lostOrders(t *testing.T, r Rig) {
	r.breakable(t)
	r.can(t, gateway.PartialCapture, gateway.Splits, gateway.Refunds)
	g, ctx := r.Gateway, t.Context()
	o, p := r.held(t)
	fee := r.amount(100)
	r.Break(t, Hang)
	_, err := g.Capture(ctx, gateway.CaptureOrder{Key: gateway.Key(o.Payment, "capture", 1), ID: p.ID, Amount: r.amount(500), Fee: &fee})
	r.lost(t, Hang, err)
	if p = r.found(t, p, o); p.Status != gateway.Captured || p.Received != r.amount(500) {
		t.Fatalf("%+v", p)
	}
	ro := gateway.RefundOrder{Key: gateway.Key(o.Payment, "refund", 1), ID: p.ID, Amount: r.amount(100), TakeBack: true, WaiveFee: true}
	r.Break(t, Drop)
	_, err = g.Refund(ctx, ro)
	r.lost(t, Drop, err)
	must[gateway.Refund](t)(g.LookUpRefund(ctx, gateway.Lookup{Key: ro.Key, Payment: p.ID, Since: ago()}))
	must[gateway.Refund](t)(g.Refund(ctx, ro))
	if p = r.found(t, p, o); p.Refunded != r.amount(100) {
		t.Fatalf("%+v", p)
	}
	plain := must[gateway.Payment](t)(g.Pay(ctx, r.charge(t)))
	to := gateway.TransferOrder{Key: gateway.Key(plain.Payment, "transfer", 1), Destination: o.Split.Destination, Amount: r.amount(300), Source: plain.Charge}
	r.Break(t, FailAfter)
	_, err = g.Transfer(ctx, to)
	r.lost(t, FailAfter, err)
	tr := must[gateway.Transfer](t)(g.LookUpTransfer(ctx, gateway.Lookup{Key: to.Key, Since: ago()}))
	vo := gateway.ReverseOrder{Key: gateway.Key(plain.Payment, "reverse", 1), Transfer: tr.ID, Amount: r.amount(50)}
	r.Break(t, Hang)
	_, err = g.ReverseTransfer(ctx, vo)
	r.lost(t, Hang, err)
	seen := must[gateway.Reversal](t)(g.LookUpReversal(ctx, gateway.Lookup{Key: vo.Key, Transfer: tr.ID}))
	again := must[gateway.Reversal](t)(g.ReverseTransfer(ctx, vo)) // the same key: it has happened once
	if again != seen || seen != must[gateway.Reversal](t)(g.LookUpReversal(ctx, gateway.Lookup{ID: seen.ID, Transfer: tr.ID})) {
		t.Fatalf("%+v %+v", seen, again)
	}
	if tr = must[gateway.Transfer](t)(g.LookUpTransfer(ctx, gateway.Lookup{ID: tr.ID})); tr.Reversed != r.amount(50) {
		t.Fatalf("%+v", tr)
	}
}

func tooMany(t *testing.T, r Rig) {
	r.breakable(t)
	o := r.charge(t)
	r.Break(t, TooMany)
	_, err := r.Gateway.Pay(t.Context(), o)
	if e := is[*gateway.RateLimited](t, err); e.After <= 0 {
		t.Fatalf("%+v", e)
	}
	if r.Taken(t) != 0 {
		t.Fatal("taken")
	}
	must[gateway.Payment](t)(r.Gateway.Pay(t.Context(), o))
}

func keyReused(t *testing.T, r Rig) {
	r.breakable(t)
	o := r.charge(t)
	made := must[gateway.Payment](t)(r.Gateway.Pay(t.Context(), o))
	o.Amount = r.amount(701)
	_, err := r.Gateway.Pay(t.Context(), o)
	is[*gateway.KeyReused](t, err)
	seen, verdict, err := gateway.Judge(t.Context(), err, func(ctx context.Context) (gateway.Payment, error) {
		return r.Gateway.LookUp(ctx, gateway.Lookup{Key: o.Key, Since: ago()})
	})
	if verdict != gateway.Found || err != nil || seen.ID != made.ID || seen.Amount != r.amount(700) {
		t.Fatalf("what was sent under the key first: %v, %+v, %v", verdict, seen, err)
	}
	if n := r.Taken(t); n != 1 {
		t.Fatalf("%d were taken", n)
	}
}

func together(t *testing.T, r Rig) {
	r.breakable(t)
	o := r.charge(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]bool{}
	for range 8 {
		all.Go(func() {
			p, err := r.Gateway.Pay(t.Context(), o)
			var unknown *gateway.Unknown // "is being worked on": look up
			if err != nil && !errors.As(err, &unknown) {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			ids[p.ID] = true
		})
	}
	all.Wait()
	delete(ids, "")
	if n := r.Taken(t); n != 1 || len(ids) != 1 {
		t.Fatalf("%d were taken, as %v", n, ids)
	}
}
