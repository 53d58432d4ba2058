package billing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

const (
	brokeLater = "4000000000000341" // can be saved, declines when it is charged
	seenAlways = "4000000000003220"
)

// cardholder is a till whose rider keeps cards.
type cardholder struct{ *till }

func newCardholder(t *testing.T) *cardholder {
	t.Helper()
	return &cardholder{newTill(t)}
}

func (x *cardholder) claim(op string) idem.Claim {
	x.n++
	return idem.Claim{Actor: x.db.A.Rider, Operation: op, Key: fmt.Sprint("m", x.n)}
}

// ask is a call to the gateway: by the browser, or (with the secret key) by somebody at its own pages.
func (x *cardholder) ask(t *testing.T, key, method, path string, form url.Values) map[string]any {
	t.Helper()
	r, _ := http.NewRequestWithContext(t.Context(), method, x.emu.URL()+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out map[string]any
	_ = json.NewDecoder(res.Body).Decode(&out)
	return out
}

// typed is what the form in the browser does with a setup: the card, and the bank's question if it has one.
func (x *cardholder) typed(t *testing.T, secret gateway.Secret, card string) {
	t.Helper()
	id, _, _ := strings.Cut(secret.Reveal(), "_secret_")
	got := x.ask(t, "pk_test_alpha", http.MethodPost, "/v1/setup_intents/"+id+"/confirm", url.Values{"client_secret": {secret.Reveal()}, "payment_method_data[type]": {"card"},
		"payment_method_data[card][number]": {card}, "payment_method_data[card][exp_month]": {"12"}, "payment_method_data[card][exp_year]": {"34"}, "payment_method_data[card][cvc]": {"123"}})
	if got["status"] == "requires_action" {
		x.approve(t, id)
	} else if got["status"] != "succeeded" {
		t.Fatal(got)
	}
}

// approve is the payer's yes at their bank.
func (x *cardholder) approve(t *testing.T, id string) {
	t.Helper()
	x.ask(t, "", http.MethodPost, "/emu/challenge/"+id, url.Values{"answer": {"yes"}})
}

// save is a card that was typed, approved and told by webhook.
func (x *cardholder) save(t *testing.T, card string) store.Method {
	t.Helper()
	s, err := x.payments.SaveMethod(context.Background(), x.db.A.ID, x.db.A.Rider, x.claim("me.saveMethod"))
	if err != nil || s.Next.ClientSecret.IsZero() || s.Next.Approve || s.Form.Script == "" {
		t.Fatalf("%+v, %v", s, err)
	}
	x.typed(t, s.Next.ClientSecret, card)
	x.settle(t)
	done, err := x.payments.Setup(context.Background(), x.db.A.ID, x.db.A.Rider, s.Setup.ID)
	if err != nil || done.Setup.State != store.SetupDone || done.Setup.Method == uuid.Nil {
		t.Fatalf("%+v, %v", done, err)
	}
	m, err := x.db.Read(x.db.A.ID).Method(context.Background(), done.Setup.Method)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (x *cardholder) methods(t *testing.T) []store.Method {
	t.Helper()
	all, keeps, err := x.payments.Methods(context.Background(), x.db.A.ID, x.db.A.Rider)
	if err != nil || !keeps {
		t.Fatal(keeps, err)
	}
	return all
}

// atGateway is how many cards the gateway keeps for the rider.
func (x *cardholder) atGateway(t *testing.T, customer string) int {
	t.Helper()
	all, _ := x.ask(t, "sk_test_alpha", http.MethodGet, "/v1/payment_methods?type=card&customer="+customer, nil)["data"].([]any)
	return len(all)
}

func (x *cardholder) topUpWith(t *testing.T, amount int64, with store.With) (billing.Step, error) {
	t.Helper()
	o, err := x.payments.TopUp(context.Background(), x.db.A.ID, x.db.A.Rider, x.claim("wallet.topUp"), ledger.Of(amount, "MAD"), with)
	if err != nil {
		return billing.Step{}, err
	}
	return x.payments.Step(context.Background(), x.db.A.ID, o.Payment.ID)
}

// A card is kept when the gateway says so, once whatever webhooks do; it pays at once, after its bank has seen its owner, or
// not at all, and then another card may be typed.
func TestSavedCardPays(t *testing.T) {
	t.Parallel()
	x := newCardholder(t)
	x.emu.Behave(stripeemu.Mood{Copies: 2})
	good := x.save(t, goodCard)
	if good.Card.Brand != "visa" || good.Card.Last4 != "4242" || good.Card.ExpYear != 2034 || !good.Preferred {
		t.Errorf("%+v", good)
	}
	asked, broke := x.save(t, seenAlways), x.save(t, brokeLater) // the bank wants to see the owner of the former each time
	if all := x.methods(t); len(all) != 3 || all[0].ID != good.ID || all[1].ID != broke.ID {
		t.Errorf("%+v", all)
	}
	if err := x.payments.PreferMethod(context.Background(), x.db.A.ID, x.db.A.Rider, x.claim("prefer"), asked.ID); err != nil || x.methods(t)[0].ID != asked.ID {
		t.Errorf("%+v, %v", x.methods(t), err)
	}
	if s, err := x.topUpWith(t, 1000, store.With{Method: good.ID}); err != nil || s.Payment.Status != payment.Paid || x.wallet(t) != 1000 {
		t.Errorf("%+v, %v", s, err)
	}
	s, err := x.topUpWith(t, 500, store.With{Method: asked.ID})
	if err != nil || s.Payment.Status != payment.Open || !s.Next.Approve || s.Next.ClientSecret.IsZero() || x.wallet(t) != 1000 {
		t.Fatalf("%+v, %v", s, err)
	}
	x.approve(t, s.Payment.Ref)
	x.settle(t)
	if p := x.see(t, s.Payment.ID); p.Status != payment.Paid || x.wallet(t) != 1500 {
		t.Errorf("%+v", p)
	}
	s, err = x.topUpWith(t, 70, store.With{Method: broke.ID})
	if err != nil || s.Payment.Status != payment.Open || s.Payment.Decline != "declined" || s.Next.Approve || s.Next.ClientSecret.IsZero() {
		t.Fatalf("%+v, %v", s, err)
	}
	if status, body := x.pay(t, s.Next.ClientSecret, goodCard); status != 200 {
		t.Fatalf("another card: %d %s", status, body)
	}
	x.settle(t)
	if p := x.see(t, s.Payment.ID); p.Status != payment.Paid || x.wallet(t) != 1570 || len(x.methods(t)) != 3 {
		t.Errorf("%+v, %+v", p, x.methods(t))
	}
	if _, err := x.db.VerifyLedger(context.Background(), x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// A card that is typed is kept if its payer says so, and only then.
func TestCardIsKeptWhilePaying(t *testing.T) {
	t.Parallel()
	x := newCardholder(t)
	x.emu.Behave(stripeemu.Mood{Copies: 2})
	for i, keep := range []bool{false, true, false} {
		s, err := x.topUpWith(t, 1000, store.With{Keep: keep})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(x.methods(t)); got != i/2 {
			t.Errorf("payment %d: %d are kept before it", i, got)
		}
		if status, body := x.pay(t, s.Next.ClientSecret, goodCard); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		x.settle(t)
		if got := len(x.methods(t)); got != min(i, 1) {
			t.Errorf("payment %d: %d are kept after it", i, got)
		}
	}
	if m := x.methods(t)[0]; m.Card.Last4 != "4242" || !m.Preferred {
		t.Errorf("%+v", m)
	}
	if s, err := x.topUpWith(t, 1000, store.With{Method: x.methods(t)[0].ID}); err != nil || s.Payment.Status != payment.Paid {
		t.Errorf("%+v, %v", s, err)
	}
}

// Nobody saves, sees, uses or removes another's card: it is not found, and nothing is written. The schema says so too.
func TestSavedCardIsItsOwners(t *testing.T) {
	t.Parallel()
	x, ctx := newCardholder(t), context.Background()
	m := x.save(t, goodCard)
	a, thief := x.db.A.ID, x.db.A.Rider2
	setup, err := x.payments.SaveMethod(ctx, a, x.db.A.Rider, x.claim("save"))
	if err != nil {
		t.Fatal(err)
	}
	rows := func() int64 {
		return x.db.Int(t, `select (select count(*) from payment) + (select count(*) from pass) + (select count(*) from audit) + (select count(*) from idempotency) + (select sum(version) from saved_method)`)
	}
	before := rows()
	claim := func(i int) idem.Claim { return idem.Claim{Actor: thief, Operation: "thief", Key: fmt.Sprint(i)} }
	product := uuid.New()
	for i, try := range map[int]func() error{
		1: func() error {
			_, err := x.payments.TopUp(ctx, a, thief, claim(1), ledger.Of(100, "MAD"), store.With{Method: m.ID})
			return err
		},
		2: func() error {
			_, err := x.payments.BuyPass(ctx, a, thief, claim(2), product, billing.ByCard, store.With{Method: m.ID})
			return err
		},
		4: func() error { return x.payments.PreferMethod(ctx, a, thief, claim(4), m.ID) },
		5: func() error { return x.payments.RemoveMethod(ctx, a, thief, claim(5), m.ID) },
		6: func() error { _, err := x.payments.Setup(ctx, a, thief, setup.Setup.ID); return err },
		7: func() error { return x.payments.RemoveMethod(ctx, x.db.B.ID, x.db.B.Rider, claim(7), m.ID) },
		8: func() error { _, err := x.payments.Setup(ctx, x.db.B.ID, x.db.B.Rider, setup.Setup.ID); return err },
	} {
		if err := try(); code(err) != "not_found" {
			t.Errorf("%d: %v", i, err)
		}
	}
	if now := rows(); now != before {
		t.Errorf("%d rows, then %d", before, now)
	}
	var refused int
	for _, payer := range []uuid.UUID{thief, x.db.A.Rider} {
		err := x.db.InTx(ctx, a, func(tx *store.Tx) error {
			return tx.AddPayment(ctx, store.Payment{ID: uuid.New(), Account: m.Account, Payer: payer, Subject: "wallet/" + payer.String(), Amount: 5, Currency: "MAD", With: store.With{Method: m.ID}, ClosesAt: time.Now()})
		})
		if code(err) == "not_found" {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if refused != 1 {
		t.Errorf("the store refused %d", refused)
	}
	conn, err := pgx.Connect(ctx, x.db.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `insert into payment (tenant_id, id, gateway_account_id, payer_id, subject, amount, currency, closes_at, method_id)
		values ($1, $2, $3, $4::uuid, 'wallet/' || $4::text, 5, 'MAD', now(), $5)`, a.UUID(), uuid.New(), m.Account, thief, m.ID); err == nil || !strings.Contains(err.Error(), "payment_method_own") {
		t.Errorf("the schema: %v", err)
	}
}

// Whatever happens to the calls that save a card, one customer and one card come of it.
func TestLostAnswersSaveOneCard(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/v1/customers", "/v1/setup_intents"} {
		for _, what := range []stripeemu.What{stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.DropAfter, stripeemu.TooMany} {
			t.Run(path+" "+string(what), func(t *testing.T) {
				t.Parallel()
				x, ctx := newCardholder(t), context.Background()
				x.emu.Inject(stripeemu.Fault{Path: path, What: what})
				var s billing.SetupStep
				var err error
				for range 4 { // the page says what happened, and its owner presses again
					if s, err = x.payments.SaveMethod(ctx, x.db.A.ID, x.db.A.Rider, x.claim("save")); err == nil {
						break
					}
				}
				if err != nil {
					t.Fatal(err)
				}
				x.typed(t, s.Next.ClientSecret, seenAlways)
				x.settle(t)
				if all := x.methods(t); len(all) != 1 || x.atGateway(t, all[0].Customer) != 1 {
					t.Errorf("%+v", all)
				}
				for _, kind := range []string{"/v1/customers", "/v1/setup_intents"} {
					if all, _ := x.ask(t, "sk_test_alpha", http.MethodGet, kind+"?limit=100", nil)["data"].([]any); len(all) != 1 {
						t.Errorf("%d of %s", len(all), kind)
					}
				}
			})
		}
	}
}

// A webhook that is faster than the answer that names its setup, or that never comes: whoever looks finds the card, once.
func TestSetupIsFoundWithoutItsWebhook(t *testing.T) {
	t.Parallel()
	x, ctx := newCardholder(t), context.Background()
	x.emu.Hold()
	s, err := x.payments.SaveMethod(ctx, x.db.A.ID, x.db.A.Rider, x.claim("save"))
	if err != nil {
		t.Fatal(err)
	}
	x.typed(t, s.Next.ClientSecret, goodCard)
	x.db.Exec(t, `update method_setup set gateway_ref = null`) // the node died before it had noted the answer
	look := func() {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := x.payments.Setup(ctx, x.db.A.ID, x.db.A.Rider, s.Setup.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	look() // the first ones hear again what the gateway said when it was asked: its name
	look()
	if got, err := x.payments.Setup(ctx, x.db.A.ID, x.db.A.Rider, s.Setup.ID); err != nil || got.Setup.State != store.SetupDone {
		t.Errorf("%+v, %v", got, err)
	}
	for _, e := range x.emu.Waiting() {
		if status, err := x.emu.Deliver(ctx, e); err != nil || status != 200 {
			t.Fatal(status, err)
		}
	}
	x.work(t, `kind = 'apply_webhook'`)
	if all := x.methods(t); len(all) != 1 {
		t.Errorf("%+v", all)
	}
	if n := x.db.Int(t, `select count(*) from webhook_event where state <> 'done' and object_kind in ('setup_intent', 'payment_method')`); n != 0 {
		t.Errorf("%d events were not applied", n)
	}
}

// A card that is removed cannot be chosen from the commit on, and is forgotten by the gateway whatever happens to the call.
func TestRemovedCardIsForgotten(t *testing.T) {
	t.Parallel()
	for _, what := range []stripeemu.What{"", stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.DropAfter, stripeemu.TooMany} {
		t.Run("after "+string(what), func(t *testing.T) {
			t.Parallel()
			x, ctx := newCardholder(t), context.Background()
			first, second := x.save(t, goodCard), x.save(t, seenAlways)
			if what != "" {
				x.emu.Inject(stripeemu.Fault{Path: "/v1/payment_methods", What: what})
			}
			claim := x.claim("remove")
			for range 2 { // and again, under the same key
				if err := x.payments.RemoveMethod(ctx, x.db.A.ID, x.db.A.Rider, claim, first.ID); err != nil {
					t.Fatal(err)
				}
			}
			if all := x.methods(t); len(all) != 1 || all[0].ID != second.ID || !all[0].Preferred {
				t.Errorf("%+v", all)
			}
			if _, err := x.topUpWith(t, 100, store.With{Method: first.ID}); code(err) != "not_found" {
				t.Errorf("it pays: %v", err)
			}
			x.settle(t)
			x.settle(t)
			if m, err := x.db.Read(x.db.A.ID).Method(ctx, first.ID); err != nil || m.State != store.MethodGone || x.atGateway(t, m.Customer) != 1 {
				t.Errorf("%+v, %v", m, err)
			}
			if err := x.payments.RemoveMethod(ctx, x.db.A.ID, x.db.A.Rider, x.claim("remove"), first.ID); code(err) != "not_found" {
				t.Errorf("once more: %v", err)
			}
			if n := x.db.Int(t, `select count(*) from river_job where kind = 'forget_method'`); n != 0 {
				t.Errorf("%d jobs wait", n)
			}
		})
	}
}

// What becomes of a card at the gateway is seen here: renewed by its bank, removed on the gateway's own pages.
func TestCardChangesAtTheGateway(t *testing.T) {
	t.Parallel()
	x := newCardholder(t)
	x.emu.Behave(stripeemu.Mood{Copies: 2})
	m := x.save(t, goodCard)
	x.ask(t, "sk_test_alpha", http.MethodPost, "/v1/payment_methods/"+m.Ref, url.Values{"card[exp_year]": {"2039"}})
	x.settle(t)
	if all := x.methods(t); len(all) != 1 || all[0].Card.ExpYear != 2039 {
		t.Errorf("%+v", all)
	}
	x.ask(t, "sk_test_alpha", http.MethodPost, "/v1/payment_methods/"+m.Ref+"/detach", nil)
	x.settle(t)
	if all := x.methods(t); len(all) != 0 {
		t.Errorf("%+v", all)
	}
	x.save(t, goodCard) // typed again it is another one
	if all := x.methods(t); len(all) != 1 || all[0].ID == m.ID || !all[0].Preferred {
		t.Errorf("%+v", all)
	}
}

// Ten are kept, not more; a gateway that keeps none says so.
func TestCardsAreBounded(t *testing.T) {
	t.Parallel()
	x, ctx := newCardholder(t), context.Background()
	first := x.save(t, goodCard)
	for i := range 9 {
		if err := x.db.InTx(ctx, x.db.A.ID, func(tx *store.Tx) error {
			m := first
			m.ID, m.Ref = uuid.New(), fmt.Sprint("pm_", i)
			_, _, err := tx.KeepMethod(ctx, m)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.payments.SaveMethod(ctx, x.db.A.ID, x.db.A.Rider, x.claim("save")); code(err) != "methods_full" {
		t.Error(err)
	}
	if _, err := x.topUpWith(t, 100, store.With{Keep: true}); code(err) != "methods_full" {
		t.Error(err)
	}
	if n := x.db.Int(t, `select count(*) from payment`); n != 0 {
		t.Errorf("%d payments", n)
	}
	if all, keeps, err := x.payments.Methods(ctx, x.db.B.ID, x.db.B.Rider); len(all) != 0 || keeps || err != nil {
		t.Error(all, keeps, err)
	}
}

// Whoever asks again, because the first answer was lost, hears it again: also when the card is gone by then, or there is no room for
// another one.
func TestRepeatAfterTheCardIsGone(t *testing.T) {
	t.Parallel()
	k, ctx := newKiosk(t), context.Background()
	x := &cardholder{k.till}
	line := newLineAt(t, k.till)
	card := x.save(t, goodCard)
	with, product := store.With{Method: card.ID}, k.product(t, carnet)
	topUp, buy, seat, kept := x.claim("wallet.topUp"), x.claim("passes.buy"), line.claim("bookings.pay"), x.claim("wallet.topUp")
	booked := line.hold(t)
	asks := map[string]func() (uuid.UUID, error){
		"a top-up": func() (uuid.UUID, error) {
			o, err := x.payments.TopUp(ctx, x.db.A.ID, x.db.A.Rider, topUp, ledger.Of(1000, "MAD"), with)
			return o.Payment.ID, err
		},
		"a pass": func() (uuid.UUID, error) {
			b, err := x.payments.BuyPass(ctx, x.db.A.ID, x.db.A.Rider, buy, product, billing.ByCard, with)
			return b.Payment, err
		},
		"a seat": func() (uuid.UUID, error) {
			r, err := line.seats.Pay(ctx, line.by, seat, booked, line.account, with)
			return r.Booking.Payment, err
		},
	}
	first := map[string]uuid.UUID{}
	for name, ask := range asks {
		id, err := ask()
		if err != nil || id == uuid.Nil {
			t.Fatalf("%s: %s, %v", name, id, err)
		}
		first[name] = id
	}
	line.everything(t, soon)
	asks["a card that is typed, and kept"] = func() (uuid.UUID, error) {
		o, err := x.payments.TopUp(ctx, x.db.A.ID, x.db.A.Rider, kept, ledger.Of(70, "MAD"), store.With{Keep: true})
		return o.Payment.ID, err
	}
	id, err := asks["a card that is typed, and kept"]()
	if err != nil {
		t.Fatal(err)
	}
	first["a card that is typed, and kept"] = id
	if err := x.payments.RemoveMethod(ctx, x.db.A.ID, x.db.A.Rider, x.claim("remove"), card.ID); err != nil {
		t.Fatal(err)
	}
	x.db.Exec(t, `insert into saved_method (tenant_id, id, gateway_account_id, user_id, gateway_customer, gateway_ref, brand, last4, exp_month, exp_year)
		select tenant_id, gen_random_uuid(), gateway_account_id, user_id, gateway_customer, 'pm_' || n, brand, last4, exp_month, exp_year from saved_method, generate_series(1, 10) n`)
	for name, ask := range asks {
		if id, err := ask(); err != nil || id != first[name] {
			t.Errorf("%s, asked again: %s instead of %s, %v", name, id, first[name], err)
		}
	}
	for name, err := range map[string]error{
		"a new top-up with it": second(x.topUpWith(t, 100, with)),
		"a pass with it":       second(x.payments.BuyPass(ctx, x.db.A.ID, x.db.A.Rider, x.claim("b"), product, billing.ByCard, with)),
		"a seat with it":       second(line.seats.Pay(ctx, line.by, line.claim("p"), line.hold(t), line.account, with)),
	} {
		if !fault.Is(err, "not_found") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := line.seats.Pay(ctx, line.by, line.claim("p"), line.hold(t), line.account, store.With{Keep: true}); !fault.Is(err, "methods_full") {
		t.Errorf("one card more: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
