package billing_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

func (x *till) giveUp(key string, id uuid.UUID) (store.Payment, error) {
	return x.payments.GiveUp(context.Background(), x.db.A.ID, x.db.A.Rider, idem.Claim{Actor: x.db.A.Rider, Operation: "me.giveUpPayment", Key: key}, id)
}

// A payer who changes their mind is not kept waiting for the payment that they left: it is called off, and another begins.
func TestPaymentGivenUp(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	o, err := x.topUp(5000)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // pressed twice
		if p, err := x.giveUp("a", o.Payment.ID); err != nil || p.Status != payment.Cancelled {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	if status, _ := x.pay(t, o.Next.ClientSecret, "4242424242424242"); status == 200 {
		t.Error("a payment that was given up can be paid")
	}
	x.settle(t)
	if _, err := x.topUp(100); err != nil || x.wallet(t) != 0 {
		t.Errorf("wallet %d, %v", x.wallet(t), err)
	}
	if _, err := x.giveUp("b", uuid.New()); !fault.Is(err, "payment_not_found") {
		t.Error(err)
	}
}

// Whoever paid before they gave up has paid.
func TestGivenUpTooLate(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.emu.Hold() // the webhook is on its way for long
	o, err := x.topUp(5000)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := x.pay(t, o.Next.ClientSecret, "4242424242424242"); status != 200 {
		t.Fatal(status, body)
	}
	if p, err := x.giveUp("a", o.Payment.ID); err != nil || p.Status != payment.Paid || x.wallet(t) != 5000 {
		t.Errorf("%+v, wallet %d, %v", p, x.wallet(t), err)
	}
}

// A gateway that does not answer leaves the payment open until a job has found out; nothing begins beside it.
func TestGivenUpWhileTheGatewayIsAway(t *testing.T) {
	t.Parallel()
	for _, what := range []stripeemu.What{stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.HangAfter} {
		t.Run(string(what), func(t *testing.T) {
			t.Parallel()
			x := newTill(t)
			o, err := x.topUp(5000)
			if err != nil {
				t.Fatal(err)
			}
			x.emu.Inject(stripeemu.Fault{Path: "/v1/payment_intents/" + o.Payment.Ref + "/cancel", What: what})
			p, err := x.giveUp("a", o.Payment.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := x.topUp(100); (p.Status == payment.Open) != fault.Is(err, "payment_at_work") {
				t.Errorf("%v, and another one: %v", p.Status, err)
			}
			for range 3 { // the job that was asked for asks again under another key, if the first one's answer is a failure for good
				x.work(t, "args ->> 'op' = 'cancel' and args ->> 'payment' = '"+o.Payment.ID.String()+"'")
			}
			if p := x.see(t, o.Payment.ID); p.Status != payment.Cancelled {
				t.Errorf("%+v", p)
			}
		})
	}
}

// A payment whose making was lost on the way is found by its key when it is given up, and is called off at the gateway at once: nobody has to
// wait for its job before another one begins.
func TestGivenUpWithoutItsName(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	x.emu.Inject(stripeemu.Fault{Path: "/v1/payment_intents", What: stripeemu.HangAfter})
	x.emu.Inject(stripeemu.Fault{Method: http.MethodGet, Path: "/v1/payment_intents", What: stripeemu.TooMany})
	if _, err := x.topUp(5000); err == nil {
		t.Fatal("its answer is known")
	}
	id := uuid.MustParse(x.db.Texts(t, "select id::text from payment")[0])
	if p := x.see(t, id); p.Ref != "" {
		t.Fatalf("%+v", p)
	}
	if p, err := x.giveUp("a", id); err != nil || p.Status != payment.Cancelled || p.Ref == "" {
		t.Errorf("%+v, %v", p, err)
	}
	if made := x.emu.Objects("sk_test_alpha", "payment_intent"); len(made) != 1 || made[0]["status"] != "canceled" {
		t.Errorf("%v", made)
	}
	if _, err := x.topUp(100); err != nil {
		t.Error("another one:", err)
	}
}
