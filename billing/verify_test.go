package billing_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/store"
)

// What somebody bends of a payment or a pass is named; bent back, all of it adds up.
func TestVerifySeesWhatPaymentsSay(t *testing.T) {
	t.Parallel()
	x := newKiosk(t)
	p := x.paid(t, 5000)
	if err := x.refund(billing.Refund{Payment: p, Amount: 1000, Why: "asked"}); err != nil {
		t.Fatal(err)
	}
	x.settle(t)
	b := x.buyByCard(t, carnet)
	x.verify(t)
	is := strings.NewReplacer("$payment", p.String(), "$pass", b.Pass.String()).Replace
	for _, c := range []struct{ name, bent, back, where, what string }{
		{"captured", "update payment set captured = captured - 1 where id = '$payment'", "update payment set captured = captured + 1 where id = '$payment'", "payment $payment, captured", "what its journals add up to"},
		{"refunded", "update payment set refunded = refunded + 1 where id = '$payment'", "update payment set refunded = refunded - 1 where id = '$payment'", "payment $payment, refunded", "what its journals add up to"},
		{"disputed", "update payment set disputed = disputed + 1 where id = '$payment'", "update payment set disputed = disputed - 1 where id = '$payment'", "payment $payment, disputed", "what its journals add up to"},
		{"refunding", "update payment set refunding = refunding + 1 where id = '$payment'", "update payment set refunding = refunding - 1 where id = '$payment'", "payment $payment", "what was asked to be given back"},
		{"refunded elsewhere", "update payment set refunded_elsewhere = 1 where id = '$payment'", "update payment set refunded_elsewhere = 0 where id = '$payment'", "payment $payment", "what was asked to be given back"},
		{"the key of a journal", "update journal set key = key || 'x' where key = 'payment:$payment:captured:5000'", "update journal set key = 'payment:$payment:captured:5000' where key = 'payment:$payment:captured:5000x'", "payment $payment", "the journal of its total"},
		{"what a pass has spent", "update pass set spent = spent + 1 where id = '$pass'", "update pass set spent = spent - 1 where id = '$pass'", "pass:$pass", "what is left of the pass"},
		{"a pass that ended", "update pass set ended_at = now() where id = '$pass'", "update pass set ended_at = null where id = '$pass'", "pass:$pass", "what is in a pass that has ended"},
	} {
		x.db.Bend(t, is(c.bent))
		_, err := x.db.VerifyLedger(t.Context(), x.db.A.ID)
		var d *store.LedgerDifference
		if !errors.As(err, &d) || !strings.HasPrefix(d.Where, is(c.where)) || d.What != c.what {
			t.Errorf("%s: %v", c.name, err)
		}
		x.db.Bend(t, is(c.back))
		x.verify(t)
	}
}
