package billing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/advice"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

// talk is a session between a client and an expert: 5.00 AED a minute, a fifth of it the operator's.
type talk struct {
	*till
	billing.Advice
}

func (x *till) talk(minutes int) *talk {
	return &talk{x, billing.Advice{Session: ident.New(), Client: x.db.A.Rider, Expert: x.db.A.Users["driver"],
		Terms: advice.Terms{Price: ledger.Of(500, "AED"), FeeBP: 2000}, Minutes: minutes}}
}

func (x *till) claim(op string) idem.Claim {
	x.n++
	return idem.Claim{Actor: x.db.A.Rider, Operation: op, Key: fmt.Sprint("k", x.n)}
}

// confirmed sets money aside, and the client confirms it with a card.
func (k *talk) confirmed(t *testing.T, card string) billing.Held {
	t.Helper()
	h, err := k.payments.Authorise(context.Background(), k.db.A.ID, k.claim("authorise"), k.Advice)
	if err != nil || h.Next.ClientSecret.IsZero() {
		t.Fatalf("%+v, %v", h, err)
	}
	if status, body := k.pay(t, h.Next.ClientSecret, card); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	return h
}

func (k *talk) extend(t *testing.T, minutes int) billing.Held {
	t.Helper()
	h, err := k.payments.Extend(context.Background(), k.db.A.ID, k.claim("extend"), k.Session, minutes)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (k *talk) funds(t *testing.T) billing.Funds {
	t.Helper()
	f, err := k.payments.Funds(context.Background(), k.db.A.ID, k.Session)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// seller opens the expert's account at the gateway, as far as it goes before they answer its questions.
func (x *till) seller(t *testing.T) billing.Seller {
	t.Helper()
	s, err := x.payments.OpenSeller(context.Background(), x.db.A.ID, x.db.A.Users["admin"], x.db.A.Users["driver"], idem.Claim{}, "AE", gateway.Individual)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// holds is what an account holds, from its own point of view.
func (x *till) holds(t *testing.T, a ledger.Account) int64 {
	t.Helper()
	b, err := x.db.Read(x.db.A.ID).Balance(context.Background(), a)
	if fault.Is(err, "account_not_found") {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Amount(a.Class())
}

// books is where an expert's and the operator's money of advice stands.
type books struct{ payable, at, recovery, fee, clearing, connected, sessions, dispute, loss int64 }

func (x *till) books(t *testing.T) books {
	t.Helper()
	x.verify(t)
	return x.balances(t)
}

func (x *till) verify(t *testing.T) {
	t.Helper()
	if _, err := x.db.VerifyLedger(context.Background(), x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// balances is books as they are kept, without deriving them from every entry there ever was.
func (x *till) balances(t *testing.T) books {
	t.Helper()
	e, c := x.db.A.Users["driver"], ledger.Currency("AED")
	return books{x.holds(t, ledger.Payable(e, c)), x.holds(t, ledger.PayableAt(e, "stripe", c)), x.holds(t, ledger.Recovery(e, c)), x.holds(t, ledger.Revenue("platform-fee", c)),
		x.holds(t, ledger.Clearing("stripe", c)), x.holds(t, ledger.Clearing("stripe-connected", c)), x.holds(t, ledger.Deferred("sessions", c)),
		x.holds(t, ledger.Dispute("stripe", c)), x.holds(t, ledger.Loss("dispute", c))}
}

// Client and expert talk for 17 minutes and 20 seconds. Ten are set aside at first and five more, twice, without asking the
// client; 86.67 AED are taken of 100.00, across two links and a half of none; the expert has 80 % of it in their account at
// the gateway, the operator 20 %.
func TestMeteredSession(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	x.emu.Behave(stripeemu.Mood{Copies: 2})
	x.emu.CompleteAccount(x.seller(t).ID)
	x.settle(t)
	if s, err := x.payments.Seller(ctx, x.db.A.ID, x.db.A.Users["driver"]); err != nil || s.Transfers != gateway.CapabilityActive {
		t.Fatalf("%+v, %v", s, err)
	}

	k := x.talk(10)
	if _, err := x.payments.Extend(ctx, x.db.A.ID, idem.Claim{}, k.Session, 5); !fault.Is(err, "not_found") {
		t.Errorf("a session that nobody has authorised: %v", err)
	}
	k.confirmed(t, "4242424242424242")
	x.settle(t)
	if f := k.funds(t); f.Authorised != ledger.Of(5000, "AED") || f.Until != 10*time.Minute {
		t.Fatalf("%+v", f)
	}
	k.extend(t, 5)
	if h := k.extend(t, 5); h.Payment.Status != payment.Authorised || h.Funds.Until != 20*time.Minute {
		t.Fatalf("%+v", h)
	}
	cost, err := k.Terms.Cost(17*60 + 20)
	if err != nil || cost != 8666 {
		t.Fatal(cost, err)
	}
	if _, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(cost, "AED")); err != nil {
		t.Fatal(err)
	}
	x.settle(t)
	x.work(t, "true") // nothing is abandoned that was taken
	if f := k.funds(t); f.Taken != 8666 || f.Coming != 0 || f.Short != 0 || !f.Ended {
		t.Errorf("%+v", f)
	}
	if got, want := x.books(t), (books{at: 6933, fee: 1733, clearing: 1733, connected: 6933}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	var fees, received int64
	for _, o := range x.emu.Objects("sk_test_alpha", "application_fee") {
		fees += o["amount"].(int64)
	}
	for _, o := range x.emu.Objects("sk_test_alpha", "payment_intent") {
		received += o["amount_received"].(int64)
		if o["status"] != "succeeded" && o["status"] != "canceled" {
			t.Errorf("%v is left at the gateway", o["status"])
		}
	}
	if fees != 1733 || received != 8666 || len(x.emu.Objects("sk_test_alpha", "customer")) != 1 {
		t.Errorf("the gateway took %d with fees of %d", received, fees)
	}
	if _, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(1, "AED")); !fault.Is(err, "session_ended") {
		t.Errorf("settled again with another amount: %v", err)
	}
	if f, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(cost, "AED")); err != nil || f.Taken != 8666 {
		t.Errorf("settled again: %+v, %v", f, err)
	}
	if _, err := x.payments.Extend(ctx, x.db.A.ID, x.claim("extend"), k.Session, 5); !fault.Is(err, "session_ended") {
		t.Errorf("extended after its end: %v", err)
	}
}

// Nobody talked: all of it is let go, at the gateway and in the wallet.
func TestReleasedSession(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	k := x.talk(10)
	k.confirmed(t, "4242424242424242")
	x.settle(t)
	k.extend(t, 5)
	if f, err := x.payments.Release(ctx, x.db.A.ID, k.Session); err != nil || f.Taken != 0 || f.Coming != 0 || f.Short != 0 || f.Authorised.Amount != 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	x.settle(t)
	for _, o := range x.emu.Objects("sk_test_alpha", "payment_intent") {
		if o["status"] != "canceled" {
			t.Errorf("%v is left at the gateway", o["status"])
		}
	}
	if got := x.books(t); got != (books{}) {
		t.Errorf("%+v", got)
	}
}

// A session from the wallet: what is set aside cannot be spent twice, what was not used is free again.
func TestSessionFromTheWallet(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	k := x.talk(10)
	k.FromWallet = true
	if _, err := x.payments.Authorise(ctx, x.db.A.ID, x.claim("authorise"), k.Advice); !fault.Is(err, "insufficient_funds") {
		t.Fatalf("an empty wallet: %v", err)
	}
	w := ledger.Wallet(k.Client, "AED")
	if err := x.db.InTx(ctx, x.db.A.ID, func(tx *store.Tx) error {
		if err := tx.OpenAccounts(ctx, w); err != nil {
			return err
		}
		_, err := tx.RecordOne(ctx, ledger.Post("gift", "opening", ledger.Debit(ledger.Opening("AED"), ledger.Of(8000, "AED")), ledger.Credit(w, ledger.Of(8000, "AED"))))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	h, err := x.payments.Authorise(ctx, x.db.A.ID, x.claim("authorise"), k.Advice)
	if err != nil || h.Funds.Until != 10*time.Minute {
		t.Fatalf("%+v, %v", h, err)
	}
	if _, err := x.payments.Extend(ctx, x.db.A.ID, x.claim("extend"), k.Session, 7); !fault.Is(err, "insufficient_funds") {
		t.Errorf("more than there is: %v", err)
	}
	if h := k.extend(t, 6); h.Funds.Until != 16*time.Minute {
		t.Errorf("%+v", h)
	}
	if f, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(5001, "AED")); err != nil || f.Taken != 5001 {
		t.Fatalf("%+v, %v", f, err)
	}
	if got := x.books(t); got.payable != 4001 || got.fee != 1000 || x.holds(t, w) != 2999 {
		t.Errorf("%+v, wallet %d", got, x.holds(t, w))
	}
}

// A bank lets its hold go before the end: the funds say so at once, and what nobody pays any more is short.
func TestHoldThatRunsOut(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	k := x.talk(10)
	k.confirmed(t, "4242424242424242")
	x.settle(t)
	x.emu.Advance(8 * 24 * time.Hour)
	// The webhook is on its way; whoever settles meanwhile is told by the gateway itself.
	if f, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(4000, "AED")); err != nil || f.Short != 4000 || f.Taken != 0 {
		t.Errorf("%+v, %v", f, err)
	}
	x.settle(t)
	if got := x.books(t); got != (books{}) {
		t.Errorf("%+v", got)
	}
	found := func() []string {
		return x.db.Texts(t, `select subject || ' ' || (detail ->> 'short') from finding where kind = 'session_short' and state = 'open' and times = 1`)
	}
	if got := found(); len(got) != 1 || got[0] != "session/"+k.Session.String()+" 4000" {
		t.Errorf("found short: %q", got)
	}
	other := x.talk(10)
	other.confirmed(t, "4242424242424242")
	x.settle(t)
	x.emu.Advance(8 * 24 * time.Hour)
	x.settle(t)
	if f := other.funds(t); f.Authorised.Amount != 0 || f.Until != 0 || len(found()) != 1 {
		t.Errorf("the hold is gone: %+v, found %q", f, found())
	}
	// Known before the end, and known of a wallet: the end itself says so.
	if f, err := x.payments.Settle(ctx, x.db.A.ID, other.Session, ledger.Of(600, "AED")); err != nil || f.Short != 600 {
		t.Errorf("%+v, %v", f, err)
	}
	if got := found(); len(got) != 2 {
		t.Errorf("found short: %q", got)
	}
}

// An expert without an active account: their share is a liability, and sent out of each charge once the account is active.
func TestShareIsSentLater(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	x.emu.Behave(stripeemu.Mood{Copies: 2})
	s := x.seller(t)
	k := x.talk(10)
	k.confirmed(t, "4242424242424242")
	x.settle(t)
	k.extend(t, 5)
	if _, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(7000, "AED")); err != nil {
		t.Fatal(err)
	}
	x.settle(t)
	if got, want := x.books(t), (books{payable: 5600, fee: 1400, clearing: 7000}); got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
	x.emu.CompleteAccount(s.ID)
	x.settle(t)
	x.settle(t)
	if got, want := x.books(t), (books{at: 5600, fee: 1400, clearing: 1400, connected: 5600}); got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
	transfers := x.emu.Objects("sk_test_alpha", "transfer")
	for _, tr := range transfers {
		if tr["source_transaction"] == nil || tr["destination"] != s.ID {
			t.Errorf("%v", tr)
		}
	}
	if len(transfers) != 2 {
		t.Errorf("%d transfers of two charges", len(transfers))
	}
}

// A dispute of a session: the expert's part is taken back while it lies at the gateway, owed back when it does not, and
// given back when the dispute is won.
func TestDisputedSession(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		active, won bool
		lostBy      string
		open, ended books
	}{
		"at the gateway, won":  {true, true, "", books{fee: 1000, clearing: 0, dispute: 1000}, books{at: 4000, fee: 1000, clearing: 1000, connected: 4000}},
		"at the gateway, lost": {true, false, "", books{fee: 1000, clearing: 0, dispute: 1000}, books{fee: 1000, loss: 1000}},
		"at the gateway, lost by the operator": {true, false, billing.LostByOperator, books{fee: 1000, clearing: 0, dispute: 1000},
			books{at: 4000, fee: 1000, clearing: -4000, connected: 4000, loss: 5000}},
		"owed back, won":                  {false, true, "", books{payable: 4000, recovery: 4000, fee: 1000, dispute: 1000}, books{payable: 4000, fee: 1000, clearing: 5000}},
		"owed back, lost":                 {false, false, "", books{payable: 4000, recovery: 4000, fee: 1000, dispute: 1000}, books{payable: 4000, recovery: 4000, fee: 1000, loss: 1000}},
		"owed back, lost by the operator": {false, false, billing.LostByOperator, books{payable: 4000, recovery: 4000, fee: 1000, dispute: 1000}, books{payable: 4000, fee: 1000, loss: 5000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, ctx := newTill(t), context.Background()
			x.emu.Behave(stripeemu.Mood{Copies: 2})
			if c.active {
				x.emu.CompleteAccount(x.seller(t).ID)
				x.settle(t)
			}
			k := x.talk(10)
			k.LostBy = c.lostBy
			h := k.confirmed(t, "4242424242424242")
			x.settle(t)
			if _, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(5000, "AED")); err != nil {
				t.Fatal(err)
			}
			x.settle(t)
			x.emu.DisputePayment(x.see(t, h.Payment.ID).Ref)
			x.settle(t)
			x.settle(t) // the reversal that it asks for
			if got := x.books(t); got != c.open {
				t.Fatalf("while it is open: %+v, want %+v", got, c.open)
			}
			x.emu.CloseDispute(x.emu.Objects("sk_test_alpha", "dispute")[0]["id"].(string), c.won)
			x.settle(t)
			x.settle(t)
			if got := x.books(t); got != c.ended {
				t.Errorf("at its end: %+v, want %+v", got, c.ended)
			}
		})
	}
}

// Every event of a session that is extended, taken partly and disputed, delivered twice and in any order, ends in one state.
func TestSessionInAHundredOrders(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	x.emu.CompleteAccount(x.seller(t).ID)
	x.settle(t)
	x.emu.Hold()
	var late []stripeemu.Posting // news that are still on their way
	for i := range 100 {
		k := x.talk(10)
		h := k.confirmed(t, "4242424242424242")
		if _, _, err := x.payments.Carry(ctx, x.db.A.ID, h.Payment.ID, billing.OpAuthorise, 1); err != nil {
			t.Fatal(err)
		}
		late = deliver(t, x, late, rand.N(2) == 0) // some of the news come early, some only at the end
		if k.funds(t).Authorised.Amount == 0 {
			late = deliver(t, x, late, true)
		}
		k.extend(t, 5)
		k.extend(t, 5)
		if _, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(7000, "AED")); err != nil {
			t.Fatal(err)
		}
		if i%4 == 0 {
			x.emu.DisputePayment(x.see(t, h.Payment.ID).Ref)
			late = deliver(t, x, late, rand.N(2) == 0)
			for _, d := range x.emu.Objects("sk_test_alpha", "dispute") {
				x.emu.CloseDispute(d["id"].(string), true)
			}
		}
		for range 4 { // a reversal, then what it made wait, and their news
			late = deliver(t, x, late, true)
			x.work(t, "true")
		}
		n := int64(i + 1)
		if f := k.funds(t); f.Taken != 7000 || f.Short != 0 || f.Coming != 0 {
			t.Fatalf("order %d: %+v", i, f)
		}
		want := books{at: 5600 * n, fee: 1400 * n, clearing: 1400 * n, connected: 5600 * n}
		if got := x.balances(t); got != want {
			t.Fatalf("order %d: %+v, want %+v", i, got, want)
		}
	}
	x.verify(t)
	if left := x.db.Int(t, `select count(*) from webhook_event where state in ('dead', 'waiting')`); left != 0 {
		t.Errorf("%d events are not applied", left)
	}
	if n := x.db.Int(t, `select count(*) from finding`); n != 0 {
		t.Errorf("%d findings about what is fine", n)
	}
}

// deliver hands over what waits and what is late, each twice and in some order, or half of that, and applies it. What it keeps
// back is late.
func deliver(t *testing.T, x *till, late []stripeemu.Posting, all bool) []stripeemu.Posting {
	t.Helper()
	events := x.emu.Waiting()
	events = append(append(events, events...), late...)
	rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	now := len(events)
	if !all {
		now /= 2
	}
	for _, e := range events[:now] {
		if status, err := x.emu.Deliver(context.Background(), e); err != nil || status != 200 {
			t.Fatalf("%s: %d, %v", e.Type, status, err)
		}
	}
	x.work(t, `kind = 'apply_webhook'`)
	return events[now:]
}

// Whatever happens to a call, each operation converges to one thing at the gateway.
func TestLostAnswersOfASession(t *testing.T) {
	t.Parallel()
	for _, what := range []stripeemu.What{stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.HangAfter, stripeemu.DropAfter, stripeemu.TooMany} {
		for _, op := range []string{"authorise", "extend", "capture", "cancel", "transfer", "reverse", "customer", "account"} {
			t.Run(string(what)+" "+op, func(t *testing.T) {
				t.Parallel()
				x, ctx := newTill(t), context.Background()
				break1 := func(path string) { x.emu.Inject(stripeemu.Fault{Path: path, What: what}) }
				if op == "account" {
					break1("/v1/accounts")
				}
				if _, err := x.payments.OpenSeller(ctx, x.db.A.ID, uuid.Nil, x.db.A.Users["driver"], idem.Claim{}, "AE", gateway.Individual); err != nil && op != "account" {
					t.Fatal(err)
				}
				x.until(t, func() bool { _, err := x.payments.Seller(ctx, x.db.A.ID, x.db.A.Users["driver"]); return err == nil })
				s, err := x.payments.Seller(ctx, x.db.A.ID, x.db.A.Users["driver"])
				if err != nil || len(x.emu.Objects("sk_test_alpha", "account")) != 1 {
					t.Fatalf("%+v, %v, %d accounts", s, err, len(x.emu.Objects("sk_test_alpha", "account")))
				}
				if op == "reverse" {
					x.emu.CompleteAccount(s.ID)
					x.settle(t)
				}
				k := x.talk(10)
				switch op {
				case "authorise":
					break1("/v1/payment_intents")
				case "customer":
					break1("/v1/customers")
				}
				claim := x.claim("authorise")
				h, err := x.payments.Authorise(ctx, x.db.A.ID, claim, k.Advice)
				x.until(t, func() bool {
					if h.Next.ClientSecret.IsZero() {
						h, err = x.payments.Authorise(ctx, x.db.A.ID, claim, k.Advice)
					}
					return !h.Next.ClientSecret.IsZero()
				})
				if status, body := x.pay(t, h.Next.ClientSecret, "4242424242424242"); status != 200 {
					t.Fatalf("%d %s, %v", status, body, err)
				}
				x.until(t, func() bool { return k.funds(t).Authorised.Amount == 5000 })
				if op == "extend" {
					break1("/v1/payment_intents")
				}
				_, _ = x.payments.Extend(ctx, x.db.A.ID, x.claim("extend"), k.Session, 5)
				x.until(t, func() bool { return k.funds(t).Authorised.Amount == 7500 })
				var refs []string
				for _, o := range x.emu.Objects("sk_test_alpha", "payment_intent") {
					refs = append(refs, o["id"].(string))
				}
				if len(refs) != 2 {
					t.Fatalf("%d authorisations at the gateway", len(refs))
				}
				switch op {
				case "capture":
					break1("/v1/payment_intents/" + refs[1] + "/capture")
				case "cancel":
					break1("/v1/payment_intents/" + refs[0] + "/cancel")
				case "transfer":
					break1("/v1/transfers")
				}
				if _, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(4000, "AED")); err != nil {
					t.Fatal(err)
				}
				x.until(t, func() bool { f := k.funds(t); return f.Taken == 4000 && f.Coming == 0 })
				if op == "reverse" {
					tr := x.emu.Objects("sk_test_alpha", "transfer")[0]["id"].(string)
					break1("/v1/transfers/" + tr + "/reversals")
					x.emu.DisputePayment(x.see(t, h.Payment.ID).Ref)
					x.until(t, func() bool { return x.holds(t, ledger.Clearing("stripe-connected", "AED")) == 0 })
					if n := len(x.emu.Objects("sk_test_alpha", "transfer_reversal")); n != 1 {
						t.Errorf("%d reversals", n)
					}
					if got, want := x.books(t), (books{fee: 800, dispute: 800}); got != want {
						t.Errorf("%+v, want %+v", got, want)
					}
					return
				}
				x.emu.CompleteAccount(s.ID)
				x.until(t, func() bool { return x.holds(t, ledger.Clearing("stripe-connected", "AED")) == 3200 })
				if got, want := x.books(t), (books{at: 3200, fee: 800, clearing: 800, connected: 3200}); got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
				x.work(t, "true")
				x.work(t, "true")
				count := map[any]int{}
				for _, o := range x.emu.Objects("sk_test_alpha", "payment_intent") {
					count[o["status"]]++
				}
				if count["succeeded"] != 1 || count["canceled"] != 1 || len(x.emu.Objects("sk_test_alpha", "transfer")) != 1 || len(x.emu.Objects("sk_test_alpha", "customer")) != 1 {
					t.Errorf("%v, %d transfers", count, len(x.emu.Objects("sk_test_alpha", "transfer")))
				}
			})
		}
	}
}

// until settles until something is so.
func (x *till) until(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !so(); {
		if time.Now().After(deadline) {
			t.Fatal("it does not come to be so")
		}
		x.settle(t)
	}
}

// What makes no sense is refused before anything is written or asked.
func TestAdviceThatMakesNoSense(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	k := x.talk(10)
	for name, c := range map[string]struct {
		change func(*billing.Advice)
		code   string
	}{
		"oneself":     {func(a *billing.Advice) { a.Expert = a.Client }, "bad_value"},
		"free":        {func(a *billing.Advice) { a.Terms.Price.Amount = 0 }, "amount_invalid"},
		"no time":     {func(a *billing.Advice) { a.Minutes = 0 }, "minutes_invalid"},
		"a fee of 2":  {func(a *billing.Advice) { a.Terms.FeeBP = 20_000 }, "fee_invalid"},
		"no currency": {func(a *billing.Advice) { a.Terms.Price.Currency = "XXX" }, "currency_unknown"},
	} {
		a := k.Advice
		c.change(&a)
		if _, err := x.payments.Authorise(ctx, x.db.A.ID, x.claim("authorise"), a); fault.As(err).Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(1, "AED")); !fault.Is(err, "not_found") {
		t.Errorf("a session that nobody has: %v", err)
	}
	k.confirmed(t, "4242424242424242")
	x.settle(t)
	dearer := k.Advice
	dearer.Terms.Price.Amount++
	if _, err := x.payments.Authorise(ctx, x.db.A.ID, x.claim("authorise"), dearer); !fault.Is(err, "session_other_terms") {
		t.Errorf("another price: %v", err)
	}
	if _, err := x.payments.Settle(ctx, x.db.B.ID, k.Session, ledger.Of(1, "AED")); !fault.Is(err, "not_found") {
		t.Errorf("another tenant's: %v", err)
	}
	for code, m := range map[string]ledger.Money{"amount_invalid": ledger.Of(-1, "AED"), "currency_mismatch": ledger.Of(1, "MAD")} {
		if _, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, m); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
	if f := k.funds(t); f.Ended || f.Authorised.Amount != 5000 {
		t.Errorf("%+v", f)
	}
}

func (x *till) moreWork(f []string) error {
	var seller errand.OpenSeller
	var card errand.ForgetMethod
	var line errand.PayOut
	ctx, read := context.Background(), func(e errand.Errand) error { return json.Unmarshal([]byte(f[1]), e) }
	switch f[0] {
	case seller.Kind():
		if err := read(&seller); err != nil {
			return err
		}
		return x.payments.CarrySeller(ctx, x.db.A.ID, seller)
	case card.Kind():
		if err := read(&card); err != nil {
			return err
		}
		return x.payments.ForgetMethod(ctx, x.db.A.ID, card)
	}
	if err := read(&line); err != nil {
		return err
	}
	return x.payments.PayOut(ctx, x.db.A.ID, line)
}
