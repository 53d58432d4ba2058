package gatewaytest

import (
	"testing"

	"github.com/waymeet/waymeet/billing/gateway"
)

// A refund that is pending has not been given back; one that fails, at once or after it had arrived, is counted in both totals, and the
// payer can be given as much again.
func refundReturned(t *testing.T, r Rig) {
	r.can(t, gateway.Refunds, gateway.OffSession, gateway.StatusQuery)
	if r.FailRefund == nil || r.SlowRefunds == nil || r.SettleRefund == nil {
		t.Fatal("it gives back, and its other side cannot send back")
	}
	g, ctx := r.Gateway, t.Context()
	o := r.order(1000)
	o.Method = r.Method(t, Good)
	p := must[gateway.Payment](t)(g.Pay(ctx, o))
	n := 0
	refund := func(minor int64, want gateway.RefundStatus) string {
		t.Helper()
		n++
		got := must[gateway.Refund](t)(g.Refund(ctx, gateway.RefundOrder{Key: gateway.Key(o.Payment, "refund", n), ID: p.ID, Amount: r.amount(minor)}))
		if got.Status != want {
			t.Fatalf("%+v, want %s", got, want)
		}
		return got.ID
	}
	totals := func(when string, refunded, back int64) {
		t.Helper()
		if p = r.found(t, p, o); p.Refunded != r.amount(refunded) || p.Returned != r.amount(back) {
			t.Errorf("%s: %d refunded and %d of it returned, want %d and %d", when, p.Refunded.Minor, p.Returned.Minor, refunded, back)
		}
	}
	status := func(id string, want gateway.RefundStatus) {
		t.Helper()
		if got := must[gateway.Refund](t)(g.LookUpRefund(ctx, gateway.Lookup{ID: id})); got.Status != want {
			t.Errorf("%+v, want %s", got, want)
		}
	}
	r.SlowRefunds(t, true)
	one, two := refund(300, gateway.RefundPending), refund(200, gateway.RefundPending)
	totals("pending", 0, 0)
	r.SettleRefund(t, one)
	status(one, gateway.RefundSucceeded)
	totals("one has arrived", 300, 0)
	r.FailRefund(t, two)
	status(two, gateway.RefundFailed)
	totals("the other never does", 500, 200)
	r.FailRefund(t, one)
	totals("the first is sent back after all", 500, 500)
	r.SlowRefunds(t, false)
	for range 12 { // more than come with a charge
		r.FailRefund(t, refund(1000, gateway.RefundSucceeded))
	}
	totals("many were", 12500, 12500)
	refund(1000, gateway.RefundSucceeded)
	totals("and one stays", 13500, 12500)
}
