package api

import (
	"testing"

	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/store"
)

// A payer is told of a dispute as long as there is one, and then what its bank decided.
func TestDisputeIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		known payment.Known
		want  *Disputed
	}{
		{payment.Known{Captured: 5000}, nil},
		{payment.Known{Captured: 5000, Disputed: 5000}, &Disputed{"open", Money{5000, "MAD"}}},
		{payment.Known{Captured: 5000, Disputed: 5000, Won: 2000}, &Disputed{"open", Money{3000, "MAD"}}},
		{payment.Known{Captured: 5000, Disputed: 5000, Won: 5000}, &Disputed{"won", Money{5000, "MAD"}}},
		{payment.Known{Captured: 5000, Disputed: 5000, Won: 2000, Lost: 3000}, &Disputed{"lost", Money{3000, "MAD"}}},
	} {
		got := paymentOf(store.Payment{Currency: "MAD", Known: c.known}).Dispute
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%+v: %+v", c.known, got)
		}
	}
}
