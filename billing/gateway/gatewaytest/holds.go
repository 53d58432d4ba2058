package gatewaytest

import (
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/gateway"
)

// held is an authorised payment of 10.00 that shares with a seller, if the adapter shares.
func (r Rig) held(t *testing.T) (gateway.PayOrder, gateway.Payment) {
	t.Helper()
	r.can(t, gateway.PreAuthorise, gateway.OffSession)
	o := r.order(1000)
	o.Manual, o.Method = true, r.Method(t, Good)
	if r.Gateway.Profile().Can(gateway.Splits) {
		o.Split = &gateway.Split{Destination: r.Seller(t), Fee: r.amount(200)}
	}
	p := must[gateway.Payment](t)(r.Gateway.Pay(t.Context(), o))
	if p.Status != gateway.Authorised || p.Capturable != o.Amount || p.HoldUntil.Before(time.Now().Add(24*time.Hour)) {
		t.Fatalf("%+v", p)
	}
	return o, p
}

func captureLess(t *testing.T, r Rig) {
	r.can(t, gateway.PartialCapture)
	o, p := r.held(t)
	fee := r.amount(80)
	c := gateway.CaptureOrder{Key: gateway.Key(o.Payment, "capture", 1), ID: p.ID, Amount: r.amount(400)}
	if o.Split != nil {
		c.Fee = &fee
	}
	got := must[gateway.Payment](t)(r.Gateway.Capture(t.Context(), c))
	again := must[gateway.Payment](t)(r.Gateway.Capture(t.Context(), c))
	if again.ID != got.ID || again.Received != got.Received {
		t.Fatalf("%+v, then %+v", got, again)
	}
	for _, p := range []gateway.Payment{got, r.found(t, p, o)} {
		if p.Status != gateway.Captured || p.Received != r.amount(400) || !p.Capturable.IsZero() || !p.Refunded.IsZero() {
			t.Fatalf("%+v", p)
		}
		if o.Split != nil && p.Fee != fee {
			t.Fatalf("the fee of 400 is %v", p.Fee)
		}
	}
	if o.Split != nil { // the share of the smaller amount, ours kept: 400 out, 80 back
		if tr := must[gateway.Transfer](t)(r.Gateway.LookUpTransfer(t.Context(), gateway.Lookup{ID: got.Transfer})); tr.Amount != r.amount(400) {
			t.Fatalf("%+v", tr)
		}
	}
}

// captureFree captures for nothing of ours: the fee of the whole amount must not stay.
func captureFree(t *testing.T, r Rig) {
	r.can(t, gateway.PartialCapture, gateway.Splits)
	o, p := r.held(t)
	none := r.amount(0)
	c := gateway.CaptureOrder{Key: gateway.Key(o.Payment, "capture", 1), ID: p.ID, Amount: r.amount(400), Fee: &none}
	for range 2 {
		must[gateway.Payment](t)(r.Gateway.Capture(t.Context(), c))
	}
	if p = r.found(t, p, o); p.Status != gateway.Captured || p.Received != r.amount(400) || !p.Fee.IsZero() {
		t.Fatalf("%+v", p)
	}
}

func captureWrong(t *testing.T, r Rig) {
	o, p := r.held(t)
	g, ctx := r.Gateway, t.Context()
	_, err := g.Capture(ctx, gateway.CaptureOrder{Key: gateway.Key(o.Payment, "capture", 1), ID: p.ID, Amount: r.amount(1001)})
	is[*gateway.Refused](t, err)
	if got := r.found(t, p, o); got.Status != gateway.Authorised {
		t.Fatalf("%+v", got)
	}
	if got := must[gateway.Payment](t)(g.Cancel(ctx, gateway.CancelOrder{Key: gateway.Key(o.Payment, "cancel", 1), ID: p.ID, Reason: "abandoned"})); got.Status != gateway.Cancelled {
		t.Fatalf("%+v", got)
	}
	_, err = g.Capture(ctx, gateway.CaptureOrder{Key: gateway.Key(o.Payment, "capture", 2), ID: p.ID, Amount: r.amount(500)})
	is[*gateway.Refused](t, err)

	o, p = r.held(t)
	must[gateway.Payment](t)(g.Capture(ctx, gateway.CaptureOrder{Key: gateway.Key(o.Payment, "capture", 1), ID: p.ID, Amount: r.amount(300), Fee: &gateway.Amount{Currency: r.Currency}}))
	_, err = g.Capture(ctx, gateway.CaptureOrder{Key: gateway.Key(o.Payment, "capture", 2), ID: p.ID, Amount: r.amount(300)})
	is[*gateway.Refused](t, err)
	_, err = g.Cancel(ctx, gateway.CancelOrder{Key: gateway.Key(o.Payment, "cancel", 1), ID: p.ID})
	is[*gateway.Refused](t, err)
}

func holdExpires(t *testing.T, r Rig) {
	o, p := r.held(t)
	r.Advance(t, time.Until(p.HoldUntil)+time.Hour)
	if got := must[gateway.Payment](t)(r.Gateway.LookUp(t.Context(), gateway.Lookup{ID: p.ID})); got.Status != gateway.Cancelled {
		t.Fatalf("%+v", got)
	}
	_, err := r.Gateway.Capture(t.Context(), gateway.CaptureOrder{Key: gateway.Key(o.Payment, "capture", 1), ID: p.ID, Amount: r.amount(300)})
	is[*gateway.Refused](t, err)
}

func refundShare(t *testing.T, r Rig) {
	r.can(t, gateway.Refunds, gateway.OffSession)
	g, ctx := r.Gateway, t.Context()
	o := r.order(1000)
	o.Method = r.Method(t, Good)
	split := g.Profile().Can(gateway.Splits)
	if split {
		o.Split = &gateway.Split{Destination: r.Seller(t), Fee: r.amount(200)}
	}
	p := must[gateway.Payment](t)(g.Pay(ctx, o))
	ro := gateway.RefundOrder{Key: gateway.Key(o.Payment, "refund", 1), ID: p.ID, Amount: r.amount(250), TakeBack: split, WaiveFee: split, Description: "line 7 was cancelled"}
	got := must[gateway.Refund](t)(g.Refund(ctx, ro))
	if again := must[gateway.Refund](t)(g.Refund(ctx, ro)); again.ID != got.ID {
		t.Fatal("refunded twice")
	}
	if got.Status != gateway.RefundSucceeded || got.Amount != r.amount(250) || got.PaymentID != p.ID {
		t.Fatalf("%+v", got)
	}
	byKey := must[gateway.Refund](t)(g.LookUpRefund(ctx, gateway.Lookup{Key: ro.Key, Payment: p.ID, Since: ago()}))
	byID := must[gateway.Refund](t)(g.LookUpRefund(ctx, gateway.Lookup{ID: got.ID}))
	if byKey != byID || byKey.ID != got.ID {
		t.Fatalf("%+v %+v", byKey, byID)
	}
	p = r.found(t, p, o)
	if p.Refunded != r.amount(250) {
		t.Fatalf("%+v", p)
	}
	if !split {
		return
	}
	if tr := must[gateway.Transfer](t)(g.LookUpTransfer(ctx, gateway.Lookup{ID: p.Transfer})); tr.Reversed != r.amount(250) { // a quarter of 1000
		t.Fatalf("%+v", tr)
	}
	var back int64
	for _, m := range must[[]gateway.Movement](t)(g.ListMovements(ctx, gateway.Page{Since: ago()})) {
		if m.Type == "application_fee_refund" {
			back += m.Amount.Minor
		}
	}
	if back != -50 { // a quarter of 200
		t.Fatalf("the fee went back by %d", back)
	}
}

func refundTooMuch(t *testing.T, r Rig) {
	r.can(t, gateway.Refunds, gateway.OffSession)
	o := r.order(1000)
	o.Method = r.Method(t, Good)
	p := must[gateway.Payment](t)(r.Gateway.Pay(t.Context(), o))
	refund := func(n int, minor int64) error {
		_, err := r.Gateway.Refund(t.Context(), gateway.RefundOrder{Key: gateway.Key(o.Payment, "refund", n), ID: p.ID, Amount: r.amount(minor)})
		return err
	}
	is[*gateway.Refused](t, refund(1, 1001))
	is[*gateway.Refused](t, refund(2, 0))
	if err := refund(3, 700); err != nil {
		t.Fatal(err)
	}
	is[*gateway.Refused](t, refund(4, 301))
	if err := refund(5, 300); err != nil {
		t.Fatal(err)
	}
	is[*gateway.Refused](t, refund(6, 1))
}
