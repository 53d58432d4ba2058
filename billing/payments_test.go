package billing_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// till is a tenant with a Stripe account at the emulator, whose webhooks arrive by HTTP.
type till struct {
	db       *storetest.DB
	emu      *stripeemu.Emulator
	inbox    *billing.Inbox
	payments *billing.Payments
	accounts *billing.Accounts
	n        int
}

func newTill(t *testing.T) *till {
	t.Helper()
	db, ctx := storetest.New(t), context.Background()
	emu, err := stripeemu.Start(stripeemu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = emu.Close() })
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	kms, err := envelope.NewEnvironment("k1", map[string]*seal.Box{"k1": box})
	if err != nil {
		t.Fatal(err)
	}
	// Each emulated answer that never comes costs a test this timeout.
	accounts := billing.NewAccounts(db.DB, kms, gateway.Openers{stripe.New(stripe.Config{Timeout: 400 * time.Millisecond, PerSecond: 1000})})
	log := slog.New(slog.DiscardHandler)
	x := &till{db: db, emu: emu, accounts: accounts, inbox: billing.NewInbox(db.DB, accounts, box, log)}
	x.payments = billing.NewPayments(db.DB, accounts, x.inbox, log)
	account, err := accounts.Add(ctx, db.A.ID, gateway.Credentials{Kind: gateway.Stripe, Merchant: gateway.Merchant{Name: "Alpha"}, SecretKey: gateway.Hide("sk_test_alpha"),
		Publishable: "pk_test_alpha", WebhookSecrets: []gateway.Secret{gateway.Hide("whsec_1")}, SellerSecrets: []gateway.Secret{gateway.Hide("whsec_2")},
		Options: map[string]string{"url": emu.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	address := x.inbox.Address(billing.Hook{Tenant: db.A.ID, Account: account})
	hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := x.inbox.Receive(r.Context(), address, gateway.Delivery{Body: body, Header: r.Header, At: time.Now()}); err != nil {
			w.WriteHeader(fault.As(err).Kind.Status())
		}
	}))
	t.Cleanup(hooks.Close)
	emu.AddEndpoint("sk_test_alpha", stripeemu.Endpoint{URL: hooks.URL, Secret: "whsec_1"})
	sellers := x.inbox.Address(billing.Hook{Tenant: db.A.ID, Account: account, Connected: true})
	more := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := x.inbox.Receive(r.Context(), sellers, gateway.Delivery{Body: body, Header: r.Header, At: time.Now()}); err != nil {
			w.WriteHeader(fault.As(err).Kind.Status())
		}
	}))
	t.Cleanup(more.Close)
	emu.AddEndpoint("sk_test_alpha", stripeemu.Endpoint{URL: more.URL, Secret: "whsec_2", Connect: true})
	return x
}

func (x *till) topUp(amount int64) (billing.Opened, error) {
	x.n++
	claim := idem.Claim{Actor: x.db.A.Rider, Operation: "wallet.topUp", Key: fmt.Sprint("k", x.n)}
	return x.payments.TopUp(context.Background(), x.db.A.ID, x.db.A.Rider, claim, ledger.Of(amount, "MAD"), store.With{})
}

// pay is what the payer's browser does.
func (x *till) pay(t *testing.T, secret gateway.Secret, card string) (status int, body string) {
	t.Helper()
	id, _, _ := strings.Cut(secret.Reveal(), "_secret_")
	form := url.Values{"client_secret": {secret.Reveal()}, "payment_method_data[type]": {"card"}, "payment_method_data[card][number]": {card},
		"payment_method_data[card][exp_month]": {"12"}, "payment_method_data[card][exp_year]": {"34"}, "payment_method_data[card][cvc]": {"123"}}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, x.emu.URL()+"/v1/payment_intents/"+id+"/confirm", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer pk_test_alpha")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}

// settle has everything arrive that is on its way, and all jobs that wait run: at once, each twice, in some order, whatever
// their time.
func (x *till) settle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := x.emu.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	x.work(t, `kind in ('apply_webhook', 'open_seller', 'pay_out', 'forget_method') or args ->> 'op' <> 'cancel'`)
}

func (x *till) work(t *testing.T, which string) {
	t.Helper()
	jobs := x.db.Texts(t, `delete from river_job where `+which+` returning case when kind in ('open_seller', 'pay_out', 'forget_method')
		then kind || ' ' || replace(args::text, ' ', '') else concat_ws(' ', kind, args ->> 'event', args ->> 'payment', args ->> 'op', args ->> 'n') end`)
	jobs = append(jobs, jobs...)
	rand.Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Go(func() {
			var err error
			switch f := strings.Fields(j); f[0] {
			case errand.ApplyWebhook{}.Kind():
				err = x.inbox.Apply(context.Background(), x.db.A.ID, uuid.MustParse(f[1]))
			case errand.OpenSeller{}.Kind(), errand.PayOut{}.Kind(), errand.ForgetMethod{}.Kind():
				err = x.moreWork(f)
			default:
				var n int
				_, _ = fmt.Sscan(f[3], &n)
				err = x.payments.CarryNow(context.Background(), x.db.A.ID, uuid.MustParse(f[1]), f[2], n)
			}
			if err != nil {
				t.Errorf("%s: %v", j, err)
			}
		})
	}
	wg.Wait()
}

func (x *till) wallet(t *testing.T) int64 {
	t.Helper()
	b, err := x.db.Read(x.db.A.ID).Balance(context.Background(), ledger.Wallet(x.db.A.Rider, "MAD"))
	if err != nil {
		t.Fatal(err)
	}
	return b.Amount(ledger.Liability)
}

func (x *till) see(t *testing.T, id uuid.UUID) store.Payment {
	t.Helper()
	p, err := x.db.Read(x.db.A.ID).Payment(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// intents is how many payments the gateway was made to make.
func (x *till) intents(t *testing.T) int {
	t.Helper()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, x.emu.URL()+"/v1/payment_intents?limit=100", nil)
	r.Header.Set("Authorization", "Bearer sk_test_alpha")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var list struct{ Data []json.RawMessage }
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", res.StatusCode, err)
	}
	return len(list.Data)
}

// A rider tops a wallet up: asked, confirmed in the browser, told by webhook, in the wallet; the books balance.
func TestTopUp(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	x.emu.Behave(stripeemu.Mood{Copies: 2})
	o, err := x.topUp(5000)
	if err != nil || o.Next.ClientSecret.IsZero() || o.Payment.Status != payment.Open || x.wallet(t) != 0 {
		t.Fatalf("%+v, %v", o, err)
	}
	if _, err := x.topUp(100); fault.As(err).Code != "payment_at_work" {
		t.Errorf("a second one at once: %v", err)
	}
	// A repeat is the same payment, and what is left to do is the same.
	x.n -= 2
	again, err := x.topUp(5000)
	if err != nil || again.Payment.ID != o.Payment.ID || again.Next.ClientSecret != o.Next.ClientSecret || !again.Repeated {
		t.Errorf("repeated: %+v, %v", again, err)
	}
	if status, body := x.pay(t, o.Next.ClientSecret, "4000000000009995"); status != 402 {
		t.Errorf("a declined card: %d %s", status, body)
	}
	x.settle(t)
	if p := x.see(t, o.Payment.ID); p.Status != payment.Open || p.Decline != "insufficient_funds" || x.wallet(t) != 0 {
		t.Errorf("after a decline: %+v", p)
	}
	if status, body := x.pay(t, o.Next.ClientSecret, "4242424242424242"); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	x.settle(t)
	if p := x.see(t, o.Payment.ID); p.Status != payment.Paid || p.Captured != 5000 || p.Decline != "" || x.wallet(t) != 5000 {
		t.Errorf("after paying: %+v, wallet %d", p, x.wallet(t))
	}
	x.emu.Advance(time.Hour)
	x.work(t, "true") // the job that calls an abandoned payment off finds that it is not
	if p := x.see(t, o.Payment.ID); p.Status != payment.Paid || x.wallet(t) != 5000 {
		t.Errorf("after its time: %+v", p)
	}
	if count, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Errorf("the books: %+v, %v", count, err)
	}
	if _, err := x.topUp(70); err != nil { // the wallet is free again
		t.Error(err)
	}
}

// A payment that nobody confirms is called off at the gateway too, and the wallet may be topped up again.
func TestAbandonedPayment(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	o, err := x.topUp(5000)
	if err != nil {
		t.Fatal(err)
	}
	x.work(t, "true")
	x.settle(t)
	if p := x.see(t, o.Payment.ID); p.Status != payment.Cancelled {
		t.Errorf("%+v", p)
	}
	if status, _ := x.pay(t, o.Next.ClientSecret, "4242424242424242"); status == 200 {
		t.Error("a payment that was called off can be paid")
	}
	if _, err := x.topUp(100); err != nil {
		t.Error(err)
	}
}

// Whatever happens to a call, what follows converges to one payment at the gateway and one credit in the wallet.
func TestLostAnswersMakeOnePayment(t *testing.T) {
	t.Parallel()
	for _, what := range []stripeemu.What{stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.HangAfter, stripeemu.DropAfter, stripeemu.TooMany} {
		t.Run(string(what), func(t *testing.T) {
			t.Parallel()
			x := newTill(t)
			x.emu.Inject(stripeemu.Fault{Path: "/v1/payment_intents", What: what})
			o, err := x.topUp(5000)
			// What was done all the same is found at once; what was not, or could not be asked, is said to whoever waits.
			if undone := what == stripeemu.FailBefore || what == stripeemu.TooMany; (err != nil) != undone {
				t.Errorf("%+v, %v", o, err)
			}
			var deadline = time.Now().Add(15 * time.Second)
			for x.see(t, o.Payment.ID).Ref == "" {
				if time.Now().After(deadline) {
					t.Fatalf("not made: %+v", x.see(t, o.Payment.ID))
				}
				x.settle(t)
			}
			x.n--
			again, err := x.topUp(5000)
			if err != nil || again.Next.ClientSecret.IsZero() || again.Payment.ID != o.Payment.ID {
				t.Fatalf("%+v, %v", again, err)
			}
			if status, body := x.pay(t, again.Next.ClientSecret, "4242424242424242"); status != 200 {
				t.Fatalf("%d %s", status, body)
			}
			x.settle(t)
			if p := x.see(t, o.Payment.ID); p.Status != payment.Paid || x.wallet(t) != 5000 || x.intents(t) != 1 {
				t.Errorf("%+v, wallet %d, %d payments at the gateway", p, x.wallet(t), x.intents(t))
			}
		})
	}
}

// Every event of a payment that is disputed, delivered twice and in any order, ends in one state.
func TestEventsInAHundredOrders(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	x.emu.Hold()
	for i := range 100 {
		o, err := x.topUp(1000)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := x.pay(t, o.Next.ClientSecret, "4000000000000259"); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		events := x.emu.Waiting()
		if len(events) < 4 {
			t.Fatalf("%d events", len(events))
		}
		events = append(events, events...)
		rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for _, e := range events {
			if status, err := x.emu.Deliver(ctx, e); err != nil || status != 200 {
				t.Fatalf("%s: %d, %v", e.Type, status, err)
			}
		}
		x.work(t, "true")
		p := x.see(t, o.Payment.ID)
		if want := (payment.Known{Status: payment.Paid, Captured: 1000, Disputed: 1000}); p.Known != want {
			t.Fatalf("order %d: %+v", i, p)
		}
		journals, err := x.db.Read(x.db.A.ID).JournalsAbout(ctx, "payment/"+o.Payment.ID.String(), 10)
		if err != nil || len(journals) != 3 {
			t.Fatalf("order %d: %d journals, %v", i, len(journals), err)
		}
		if got := x.wallet(t); got != 0 {
			t.Fatalf("order %d: the wallet holds %d", i, got)
		}
	}
	if dead := x.db.Int(t, `select count(*) from webhook_event where state in ('dead', 'waiting')`); dead != 0 {
		t.Errorf("%d events are not applied", dead)
	}
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// refundElsewhere is somebody at work on the gateway's own pages.
func (x *till) refundElsewhere(t *testing.T, ref string, amount int64) {
	t.Helper()
	if status := x.triesElsewhere(t, ref, amount); status != http.StatusOK {
		t.Fatal(status)
	}
}

// triesElsewhere is refundElsewhere, which the gateway may refuse.
func (x *till) triesElsewhere(t *testing.T, ref string, amount int64) (status int) {
	t.Helper()
	form := url.Values{"payment_intent": {ref}, "amount": {fmt.Sprint(amount)}}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, x.emu.URL()+"/v1/refunds", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer sk_test_alpha")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// A refund that somebody made on the gateway's own pages is drawn from the wallet, whichever of its events arrives.
func TestRefundMadeElsewhere(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	for i, of := range []string{"charge.refunded", "refund.created"} {
		o, err := x.topUp(5000)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := x.pay(t, o.Next.ClientSecret, "4242424242424242"); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		x.settle(t)
		x.emu.Hold()
		x.refundElsewhere(t, x.see(t, o.Payment.ID).Ref, 2000)
		for _, e := range x.emu.Waiting() {
			if e.Type == of {
				if status, err := x.emu.Deliver(ctx, e); err != nil || status != 200 {
					t.Fatalf("%s: %d, %v", e.Type, status, err)
				}
			}
		}
		x.emu.Release()
		x.work(t, `kind = 'apply_webhook'`)
		if p := x.see(t, o.Payment.ID); p.Refunded != 2000 || x.wallet(t) != int64(i+1)*3000 {
			t.Errorf("%s: %+v, wallet %d", of, p, x.wallet(t))
		}
	}
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// What makes no sense is refused before anything is written or asked.
func TestTopUpsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	for name, c := range map[string]struct {
		money ledger.Money
		code  string
	}{
		"nothing":             {ledger.Of(0, "MAD"), "amount_invalid"},
		"less than nothing":   {ledger.Of(-1, "MAD"), "amount_invalid"},
		"more than is sane":   {ledger.Of(1<<62, "MAD"), "amount_invalid"},
		"a third digit":       {ledger.Of(1001, "KWD"), "amount_not_chargeable"},
		"no currency of ours": {ledger.Of(100, "XXX"), "currency_unknown"},
	} {
		_, err := x.payments.TopUp(ctx, x.db.A.ID, x.db.A.Rider, idem.Claim{}, c.money, store.With{})
		if fault.As(err).Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := x.payments.TopUp(ctx, x.db.B.ID, x.db.B.Rider, idem.Claim{}, ledger.Of(100, "KES"), store.With{}); fault.As(err).Code != "payment_not_set_up" {
		t.Errorf("a tenant without a gateway: %v", err)
	}
	if _, err := x.topUp(5000); err != nil {
		t.Fatal(err)
	}
	x.n--
	var changed *fault.Error
	claim := idem.Claim{Actor: x.db.A.Rider, Operation: "wallet.topUp", Key: "k1", Hash: [32]byte{1}}
	if _, err := x.payments.TopUp(ctx, x.db.A.ID, x.db.A.Rider, claim, ledger.Of(1, "MAD"), store.With{}); !errors.As(err, &changed) || changed.Code != "idempotency_conflict" {
		t.Errorf("a key with another request: %v", err)
	}
	if n := x.db.Int(t, `select count(*) from payment`); n != 1 || x.intents(t) != 1 {
		t.Errorf("%d payments, %d at the gateway", n, x.intents(t))
	}
}
