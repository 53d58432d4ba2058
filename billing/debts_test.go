package billing_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

// disputed is a payment that its payer's bank takes back; end is what the bank decides.
func (x *till) disputed(t *testing.T, p uuid.UUID) (end func(won bool)) {
	t.Helper()
	x.emu.DisputePayment(x.see(t, p).Ref)
	x.settle(t)
	id := fmt.Sprint(x.emu.Objects("sk_test_alpha", "dispute")[0]["id"])
	return func(won bool) {
		t.Helper()
		x.emu.CloseDispute(id, won)
		x.settle(t)
	}
}

func (x *till) spend(t *testing.T, amount int64) {
	t.Helper()
	x.n++
	m := ledger.Of(amount, "MAD")
	_, err := billing.New(billing.Config{DB: x.db.DB}).Record(context.Background(), x.db.A.ID,
		ledger.Post(fmt.Sprint("spend", x.n), "spend", ledger.Debit(ledger.Wallet(x.db.A.Rider, "MAD"), m), ledger.Credit(ledger.Revenue("seats", "MAD"), m)))
	if err != nil {
		t.Fatal(err)
	}
}

// Money that a payer's bank took back is not in their wallet: what is there cannot be spent while the bank decides, what is
// not is owed, and the next top-up pays it first.
func TestDisputedTopUpIsNotInTheWallet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                                  string
		spent                                 int64
		won                                   bool
		wallet, owes, loss, afterWallet, owed int64 // after the end, and after a top-up of 1000
	}{
		{"won, nothing spent", 0, true, 5000, 0, 0, 6000, 0},
		{"won, spent", 3500, true, 1500, 0, 0, 2500, 0},
		{"lost, nothing spent", 0, false, 0, 0, 0, 1000, 0},
		{"lost, spent", 3500, false, 0, 3500, 0, 0, 2500},
		{"lost, a little spent", 400, false, 0, 400, 0, 600, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newTill(t)
			p := x.paid(t, 5000)
			if c.spent > 0 {
				x.spend(t, c.spent)
			}
			owes := func() int64 { return x.holds(t, ledger.Recovery(x.db.A.Rider, "MAD")) }
			end := x.disputed(t, p)
			if x.wallet(t) != 0 || owes() != c.spent || x.holds(t, ledger.Dispute("stripe", "MAD")) != 0 {
				t.Errorf("open: the wallet holds %d, %d is owed", x.wallet(t), owes())
			}
			end(c.won)
			if x.wallet(t) != c.wallet || owes() != c.owes || x.holds(t, ledger.Loss("dispute", "MAD")) != c.loss {
				t.Errorf("over: the wallet holds %d, %d is owed, %d is lost", x.wallet(t), owes(), x.holds(t, ledger.Loss("dispute", "MAD")))
			}
			x.paid(t, 1000)
			if x.wallet(t) != c.afterWallet || owes() != c.owed {
				t.Errorf("topped up: the wallet holds %d, %d is owed", x.wallet(t), owes())
			}
			if s, err := billing.NewFinance(x.db.DB).Story(context.Background(), x.db.A.ID, p); err != nil || len(s.Journals) < 4 {
				t.Errorf("its story has %d journals (%v)", len(s.Journals), err)
			}
			x.verify(t)
		})
	}
}

// A pass whose dispute is lost ends: what is left of it is gone, what was used is owed.
func TestPassThatItsBuyersBankTookBackEnds(t *testing.T) {
	t.Parallel()
	for _, won := range []bool{true, false} {
		t.Run(fmt.Sprint("won ", won), func(t *testing.T) {
			t.Parallel()
			x, ctx := newKiosk(t), context.Background()
			b, err := x.payments.BuyPass(ctx, x.db.A.ID, x.db.A.Rider, x.claim("passes.buy"), x.product(t, carnet), billing.ByCard, store.With{})
			if err != nil {
				t.Fatal(err)
			}
			step, err := x.payments.Step(ctx, x.db.A.ID, b.Payment)
			if err != nil {
				t.Fatal(err)
			}
			if status, body := x.pay(t, step.Next.ClientSecret, goodCard); status != 200 {
				t.Fatalf("%d %s", status, body)
			}
			x.settle(t)
			price := x.see(t, b.Payment).Captured
			end := x.disputed(t, b.Payment)
			state := func() string {
				return fmt.Sprint(x.db.Texts(t, `select state from pass where id = '`+b.Pass.String()+`'`))
			}
			if state() != "[active]" || price == 0 {
				t.Errorf("open: %s", state())
			}
			end(won)
			left, want := x.holds(t, ledger.Pass(b.Pass, "MAD")), price
			if !won {
				want = 0
			}
			if left != want || x.holds(t, ledger.Recovery(x.db.A.Rider, "MAD")) != 0 || x.holds(t, ledger.Loss("dispute", "MAD")) != 0 || (state() == "[active]") != won {
				t.Errorf("over: %s, %d left", state(), left)
			}
			x.verify(t)
		})
	}
}

// What an acquirer does not take is refused before anything is written, and what it refuses for a reason of its own is no error of ours.
func TestAmountsThatNoCardPays(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	for _, amount := range []int64{100_000_000, 1_000_000_000, 0, -5} {
		if _, err := x.topUp(amount); codeOf(err) != "amount_invalid" {
			t.Errorf("%d: %v", amount, err)
		}
	}
	if rows := x.db.Texts(t, `select id::text from payment`); len(rows) != 0 || x.intents(t) != 0 {
		t.Errorf("written: %v", rows)
	}
	x.emu.Inject(stripeemu.Fault{Path: "/v1/payment_intents", What: stripeemu.Refuse, Times: 9})
	if _, err := x.topUp(500); codeOf(err) != "payment_refused" {
		t.Errorf("%v", err)
	}
	x.emu.Heal()
	if _, err := x.topUp(99_999_999); err != nil {
		t.Errorf("the most: %v", err)
	}
}
