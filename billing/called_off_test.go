package billing_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
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
	return f.Gateway.Pay(ctx, o)
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
	f := inFlight{adapter(), make(chan struct{}), make(chan struct{})}
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
