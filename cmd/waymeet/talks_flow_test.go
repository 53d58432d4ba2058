package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/gateway/envelope"
	"github.com/waymeet/waymeet/billing/gateway/stripe"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/job"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/matching"
	"github.com/waymeet/waymeet/session"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/media/peer"
	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/session/provider"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// counter is a tenant with a Stripe account at the emulator, a queue, and two nodes that do the jobs and keep conversations going.
type counter struct {
	*storetest.DB
	storetest.Advice
	emu      *stripeemu.Emulator
	payments *billing.Payments
	talks    *session.Service
	match    *matching.Service
	changed  chan struct{}
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	db := storetest.New(t)
	c := &counter{DB: db, Advice: db.Advice(t, db.A, 1, 1), changed: make(chan struct{}, 1)}
	db.OnCommit(func(store.Committed) {
		select {
		case c.changed <- struct{}{}:
		default:
		}
	})
	var err error
	if c.emu, err = stripeemu.Start(stripeemu.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.emu.Close() })
	box, err := seal.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	kms, err := envelope.NewEnvironment("k1", map[string]*seal.Box{"k1": box})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	accounts := billing.NewAccounts(db.DB, kms, gateway.Openers{stripe.New(stripe.Config{PerSecond: 1000})})
	inbox := billing.NewInbox(db.DB, accounts, box, log)
	c.payments = billing.NewPayments(db.DB, accounts, inbox, log)
	account, err := accounts.Add(t.Context(), db.A.ID, gateway.Credentials{Kind: gateway.Stripe, Merchant: gateway.Merchant{Name: "Alpha"}, SecretKey: gateway.Hide("sk_test_alpha"),
		Publishable: "pk_test_alpha", WebhookSecrets: []gateway.Secret{gateway.Hide("whsec_1")}, Options: map[string]string{"url": c.emu.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	address := inbox.Address(billing.Hook{Tenant: db.A.ID, Account: account})
	hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := inbox.Receive(r.Context(), address, gateway.Delivery{Body: body, Header: r.Header, At: time.Now()}); err != nil {
			w.WriteHeader(fault.As(err).Kind.Status())
		}
	}))
	t.Cleanup(hooks.Close)
	c.emu.AddEndpoint("sk_test_alpha", stripeemu.Endpoint{URL: hooks.URL, Secret: "whsec_1"})

	c.match = matching.New(matching.Config{DB: db.DB, Logger: log})
	carried := provider.New(db.DB, kms, media.Openers{peer.New(peer.Config{})})
	ctx, end := context.WithCancel(context.Background())
	var nodes errgroup.Group
	for _, name := range []string{"one", "two"} {
		talks := session.New(session.Config{DB: db.DB, Media: carried, Logger: log})
		if name == "one" {
			c.talks = talks
		}
		r, err := job.New(db.Jobs, handlers(rooms{desk: dispatch.New(db.DB, nil, nil), inbox: inbox, payments: c.payments, talks: talks,
			match: c.match, reconciler: billing.NewReconciler(billing.ReconcilerConfig{DB: db.DB})}), name, log)
		if err != nil {
			t.Fatal(err)
		}
		nodes.Go(func() error { return r.Run(ctx) })
		nodes.Go(func() error { return talks.Run(ctx) })
	}
	t.Cleanup(func() {
		end()
		if err := nodes.Wait(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// until waits until something is so, asked after each commit.
func (c *counter) until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for late := time.After(time.Minute); !so(); {
		select {
		case <-c.changed:
		case <-time.After(200 * time.Millisecond): // not every commit tells a change
		case <-late:
			t.Fatalf("%s: never", what)
		}
	}
}

func (c *counter) confirm(t *testing.T, secret gateway.Secret) {
	t.Helper()
	id, _, _ := strings.Cut(secret.Reveal(), "_secret_")
	form := url.Values{"client_secret": {secret.Reveal()}, "payment_method_data[type]": {"card"}, "payment_method_data[card][number]": {"4242424242424242"},
		"payment_method_data[card][exp_month]": {"12"}, "payment_method_data[card][exp_year]": {"34"}, "payment_method_data[card][cvc]": {"123"}}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, c.emu.URL()+"/v1/payment_intents/"+id+"/confirm", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer pk_test_alpha")
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
}

// Somebody sets money aside before anybody knows who will talk to them, waits, is rung for, and talks: live when both hear each other, more
// is set aside while they talk without being asked again, one of them ends it, and the card is charged once, for what the meter
// says, at the expert's price. Both see the same receipt. Nothing but jobs and heartbeats moves it.
func TestFromRequestToReceipt(t *testing.T) {
	t.Parallel()
	c, ctx := newCounter(t), t.Context()
	c.Exec(t, `update tenant set settings = settings || '{"session":{"minimum_s":60}}'`)
	c.Exec(t, `update expert set currency = 'AED'`) // 5.00 a minute
	client, expert := session.By{Tenant: c.A.ID, User: c.Clients[0]}, session.By{Tenant: c.A.ID, User: c.Experts[0]}
	claim := func(by session.By, op string) idem.Claim {
		return idem.Claim{Actor: by.User, Operation: op, Key: "k"}
	}

	// Funded: a minute at 9.00, the most that they would pay.
	funds := ident.New()
	held, err := c.payments.Authorise(ctx, c.A.ID, claim(client, "authorise"), billing.Advice{Session: funds, Client: client.User,
		Terms: advice.Terms{Price: ledger.Of(900, "AED"), FeeBP: 2000}, Minutes: 1})
	if err != nil {
		t.Fatal(err)
	}
	c.confirm(t, held.Next.ClientSecret)
	c.until(t, "funded", func() bool {
		f, err := c.payments.Funds(ctx, c.A.ID, funds)
		return err == nil && f.Authorised.Amount == 900
	})

	// Requested, rung, accepted.
	request, offer := ident.New(), ident.New()
	c.inTx(t, func(tx *store.Tx) error {
		return tx.AddRequests(ctx, store.NewRequest{Request: store.Request{ID: request, Queue: c.Queue, Client: client.User, Modality: "audio", Ceiling: ledger.Of(900, "AED"), Funding: store.FundingOf(funds)}})
	})
	c.inTx(t, func(tx *store.Tx) error {
		owned, _, err := tx.TakeQueue(ctx, c.Queue, ident.New(), time.Hour)
		if err != nil {
			return err
		}
		made, err := tx.MakeOffers(ctx, store.OffersAsk{Owned: owned, Request: request, Who: []store.OfferAsk{{ID: offer, Expert: expert.User, Score: json.RawMessage(`{}`)}}})
		if err == nil && made[0][0].Refused != "" {
			err = fault.New(made[0][0].Refused)
		}
		return err
	})
	c.inTx(t, func(tx *store.Tx) error {
		if d, err := tx.DecideOffer(ctx, store.OfferAccept, offer, expert.User); err != nil || d.Refused != "" {
			t.Fatalf("%+v, %v", d, err)
		}
		e := errand.SessionOpen{Request: request, Offer: offer}
		return tx.AddJob(ctx, e, e.Key())
	})
	seen := func() store.Session {
		x, err := c.Read(c.A.ID).Session(ctx, offer)
		if err != nil && !store.IsNotFound(err) {
			t.Fatal(err)
		}
		return x
	}
	c.until(t, "open", func() bool { return seen().Meter.State == meter.Connecting })
	if x := seen(); x.Price != ledger.Of(500, "AED") || x.Meter.Funded != 108 {
		t.Fatalf("%s a minute, %d seconds", x.Price, x.Meter.Funded)
	}

	// They talk. Less than three minutes are funded: more is set aside at once, and the meter hears of it.
	epochs := map[session.By]int64{}
	for _, by := range []session.By{client, expert} {
		j, err := c.talks.Join(ctx, by, claim(by, "join"), offer)
		if err != nil {
			t.Fatal(err)
		}
		epochs[by] = j.Epoch
	}
	second := time.NewTicker(time.Second)
	defer second.Stop()
	beat := func() {
		for by, epoch := range epochs {
			if err := c.talks.Beat(ctx, by, offer, epoch, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	beat()
	for late := time.Now().Add(time.Minute); ; beat() {
		x := seen()
		if x.Meter.State == meter.Live && x.Meter.Funded > 108 && x.Meter.Meter.Seconds() >= 2 {
			break
		}
		if <-second.C; time.Now().After(late) {
			t.Fatalf("%+v", x.Meter)
		}
	}
	if n := seen().Meter.Funded; n != 108+300 {
		t.Errorf("funded for %d seconds", n)
	}

	// It ends; the card is charged, once, for the minute that is the least.
	if err := c.talks.End(ctx, client, claim(client, "end"), offer); err != nil {
		t.Fatal(err)
	}
	if err := c.talks.Done(ctx, expert, claim(expert, "done"), offer); err != nil {
		t.Fatal(err)
	}
	c.until(t, "captured", func() bool {
		f, err := c.payments.Funds(ctx, c.A.ID, funds)
		return err == nil && f.Ended && f.Taken == 500 && f.Coming == 0 && f.Short == 0
	})
	c.until(t, "let go", func() bool {
		for _, o := range c.emu.Objects("sk_test_alpha", "payment_intent") {
			if o["status"] != "succeeded" && o["status"] != "canceled" {
				return false
			}
		}
		return true
	})
	captures, received := 0, int64(0)
	for _, o := range c.emu.Objects("sk_test_alpha", "payment_intent") {
		if n, _ := o["amount_received"].(int64); n > 0 {
			captures, received = captures+1, received+n
		}
	}
	if captures != 1 || received != 500 {
		t.Errorf("%d captures of %d", captures, received)
	}
	c.until(t, "free again", func() bool {
		return c.Int(t, `select count(*) from offer where id = $1 and state = 'done'`, offer) == 1
	})
	for _, by := range []session.By{client, expert} {
		x, err := c.talks.Get(ctx, by, offer)
		if err != nil || x.State != string(meter.Completed) || *x.Charged != 60 || *x.Cost != 500 {
			t.Errorf("the receipt of %v: %+v, %v", by, x, err)
		}
	}
	share, err := c.Read(c.A.ID).Balance(ctx, ledger.Payable(expert.User, "AED"))
	if err != nil || share.Amount(ledger.Payable(expert.User, "AED").Class()) != 400 {
		t.Errorf("the expert earned %+v, %v", share, err)
	}
	if _, err := c.VerifyLedger(ctx, c.A.ID); err != nil {
		t.Error(err)
	}
}

func (c *counter) inTx(t *testing.T, f func(*store.Tx) error) {
	t.Helper()
	if err := c.InTx(t.Context(), c.A.ID, f); err != nil {
		t.Fatal(err)
	}
}
