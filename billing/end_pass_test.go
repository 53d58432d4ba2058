package billing_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/store"
)

// buyByCard is a pass that was paid by card.
func (x *kiosk) buyByCard(t *testing.T, terms pass.Terms) billing.Bought {
	t.Helper()
	b, err := x.payments.BuyPass(context.Background(), x.db.A.ID, x.db.A.Rider, x.claim("passes.buy"), x.product(t, terms), billing.ByCard, store.With{})
	if err != nil {
		t.Fatal(err)
	}
	x.payByCard(t, b)
	x.settle(t)
	return b
}

func (x *kiosk) payByCard(t *testing.T, b billing.Bought) {
	t.Helper()
	step, err := x.payments.Step(context.Background(), x.db.A.ID, b.Payment)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := x.till.pay(t, step.Next.ClientSecret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
}

// Finance gives back what is not used of a pass, all of it or nothing: another amount is refused before anything is written, and what goes back ends the pass.
func TestPassIsGivenBackWhole(t *testing.T) {
	t.Parallel()
	for _, whole := range []int64{0, 6_667} {
		t.Run(fmt.Sprint(whole), func(t *testing.T) {
			t.Parallel()
			x := newKiosk(t)
			b := x.buyByCard(t, carnet)
			booked := x.booking(t)
			if _, err := x.use(booked, 1); err != nil {
				t.Fatal(err)
			}
			story, err := billing.NewFinance(x.db.DB).Story(t.Context(), x.db.A.ID, b.Payment)
			if err != nil || story.Left != 6_667 {
				t.Errorf("%d can be given back (%v)", story.Left, err)
			}
			written := func() int64 {
				return x.db.Int(t, `select count(*) from journal`) + x.db.Int(t, `select count(*) from payment_operation`)
			}
			before := written()
			for _, amount := range []int64{1, 6_666, 6_668, 10_000, 99_999} {
				if err := x.refund(billing.Refund{Payment: b.Payment, Amount: amount, Why: "a part"}); codeOf(err) != "pass_refunded_whole" {
					t.Errorf("%d: %v", amount, err)
				}
			}
			if p := x.pass(t, b.Pass); p.State != pass.Active || written() != before {
				t.Errorf("a refusal wrote: %+v", p)
			}
			if err := x.refund(billing.Refund{Payment: b.Payment, Amount: whole, Why: "moved away"}); err != nil {
				t.Fatal(err)
			}
			if p := x.pass(t, b.Pass); p.State != pass.Refunded || x.holds(t, ledger.Pass(b.Pass, "MAD")) != 0 {
				t.Errorf("%+v", p)
			}
			x.settle(t)
			x.giveBack(t, booked, true) // what was booked comes back as money
			if pay := x.see(t, b.Payment); pay.Refunded != 6_667 || x.wallet(t) != 3_333 || x.found(t, billing.FindingPassEnded, b.Payment) != 0 {
				t.Errorf("%+v, the wallet holds %d", pay, x.wallet(t))
			}
			if err := x.refund(billing.Refund{Payment: b.Payment, Why: "again"}); codeOf(err) != "refund_not_possible" {
				t.Errorf("again: %v", err)
			}
			x.verify(t)
		})
	}
}

// What somebody gives back on the gateway's own pages before we have heard of the payment ends the pass before its first day: it never goes on with a part of its price.
func TestPassGivenBackBeforeItBegan(t *testing.T) {
	t.Parallel()
	x := newKiosk(t)
	b, err := x.payments.BuyPass(t.Context(), x.db.A.ID, x.db.A.Rider, x.claim("passes.buy"), x.product(t, carnet), billing.ByCard, store.With{})
	if err != nil {
		t.Fatal(err)
	}
	x.emu.Hold()
	x.payByCard(t, b)
	x.refundElsewhere(t, x.see(t, b.Payment).Ref, 400)
	x.emu.Release()
	x.settle(t)
	if p := x.pass(t, b.Pass); p.State != pass.Refunded || x.holds(t, ledger.Pass(b.Pass, "MAD")) != 0 || x.wallet(t) != 9_600 || x.found(t, billing.FindingPassEnded, b.Payment) != 1 {
		t.Errorf("%+v, the wallet holds %d", p, x.wallet(t))
	}
	x.verify(t)
}

// The price of a pass leaves it in parts, without anybody here: nobody has the same money twice, and what nobody can say anything about yet stays where it is.
func TestPassThatIsTakenApart(t *testing.T) {
	t.Parallel()
	type sums struct{ in, wallet, owed, beyond int64 }
	for _, c := range []struct {
		name  string
		apart func(t *testing.T, x *kiosk, b billing.Bought, is func(when string, want sums))
	}{
		{"twice elsewhere", func(t *testing.T, x *kiosk, b billing.Bought, is func(string, sums)) {
			x.refundElsewhere(t, x.see(t, b.Payment).Ref, 2_000)
			is("a part", sums{wallet: 8_000})
			x.refundElsewhere(t, x.see(t, b.Payment).Ref, 7_000)
			is("and more", sums{wallet: 1_000})
		}},
		{"elsewhere, and spent meanwhile", func(t *testing.T, x *kiosk, b billing.Bought, is func(string, sums)) {
			x.refundElsewhere(t, x.see(t, b.Payment).Ref, 2_000)
			is("a part", sums{wallet: 8_000})
			x.spend(t, 7_500)
			x.refundElsewhere(t, x.see(t, b.Payment).Ref, 7_000)
			is("and more", sums{owed: 6_500})
			x.refundElsewhere(t, x.see(t, b.Payment).Ref, 1_000)
			is("all", sums{owed: 7_500})
		}},
		{"more than was left", func(t *testing.T, x *kiosk, b billing.Bought, is func(string, sums)) {
			if _, err := x.use(x.booking(t), 1); err != nil {
				t.Fatal(err)
			}
			x.refundElsewhere(t, x.see(t, b.Payment).Ref, 9_000)
			is("elsewhere", sums{beyond: 2_333})
		}},
		{"elsewhere, then by the bank", func(t *testing.T, x *kiosk, b billing.Bought, is func(string, sums)) {
			x.refundElsewhere(t, x.see(t, b.Payment).Ref, 2_000)
			is("a part", sums{wallet: 8_000})
			x.emu.DisputePart(x.see(t, b.Payment).Ref, 5_000)
			is("open", sums{wallet: 8_000})
			x.emu.CloseDispute(x.dispute(), false)
			is("lost", sums{wallet: 3_000})
		}},
		{"a part by the bank", func(t *testing.T, x *kiosk, b billing.Bought, is func(string, sums)) {
			x.emu.DisputePart(x.see(t, b.Payment).Ref, 4_000)
			is("open", sums{in: 10_000})
			x.emu.CloseDispute(x.dispute(), false)
			is("lost", sums{wallet: 6_000})
		}},
		{"given back while the bank decides on a part", func(t *testing.T, x *kiosk, b billing.Bought, is func(string, sums)) {
			x.emu.DisputePart(x.see(t, b.Payment).Ref, 4_000)
			x.settle(t)
			if err := x.refund(billing.Refund{Payment: b.Payment, Why: "asked"}); err != nil {
				t.Fatal(err)
			}
			x.refuses("insufficient_funds")
			x.emu.CloseDispute(x.dispute(), true)
			is("won", sums{wallet: 10_000})
		}},
		{"refused while the bank decides on a part", func(t *testing.T, x *kiosk, b billing.Bought, is func(string, sums)) {
			x.emu.DisputePart(x.see(t, b.Payment).Ref, 4_000)
			x.settle(t)
			x.refuses("insufficient_funds")
			if err := x.refund(billing.Refund{Payment: b.Payment, Why: "asked"}); codeOf(err) != "refund_refused" {
				t.Fatal(err)
			}
			is("refused", sums{in: 4_000, wallet: 6_000})
			x.emu.Heal()
			x.emu.CloseDispute(x.dispute(), false)
			is("lost", sums{wallet: 6_000})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newKiosk(t)
			b := x.buyByCard(t, carnet)
			about := func(a ledger.Account) int64 {
				n, err := x.db.Read(x.db.A.ID).PostedAbout(t.Context(), a.Ref(), "payment/"+b.Payment.String())
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
			c.apart(t, x, b, func(when string, want sums) {
				t.Helper()
				x.settle(t)
				got := sums{x.holds(t, ledger.Pass(b.Pass, "MAD")), x.wallet(t), about(ledger.Recovery(x.db.A.Rider, "MAD")), about(ledger.Revenue("passes", "MAD"))}
				if got != want {
					t.Errorf("%s: %+v, want %+v", when, got, want)
				}
				x.verify(t)
			})
			if !x.pass(t, b.Pass).Over() {
				t.Error("it goes on")
			}
		})
	}
}

// dispute is the only one there is.
func (x *kiosk) dispute() string {
	return fmt.Sprint(x.emu.Objects("sk_test_alpha", "dispute")[0]["id"])
}

// Passes live through whatever may happen to them in any order: rides, days, refunds here, there and refused, disputes of all or a part. A pass that goes on has what
// is not used of it, one that has ended has nothing but what the bank decides on, and the rider has what they paid less what they used, once.
func TestNothingStaysInAPassThatEnded(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			x := newKiosk(t)
			r := rand.New(rand.NewPCG(seed, 14)) //nolint:gosec // repeatable
			for range 8 {
				x.live(t, r)
			}
		})
	}
}

// live is one pass from its purchase to its end.
func (x *kiosk) live(t *testing.T, r *rand.Rand) {
	t.Helper()
	terms := pass.Terms{Rides: 1 + r.IntN(4), Days: 30, Price: 10_000 + r.Int64N(50), RefundIn: 14}
	if r.IntN(3) == 0 {
		terms = pass.Terms{Days: 7, PerDay: 2, Price: 10_000 + r.Int64N(50), RefundIn: 14}
	}
	recovery := ledger.Recovery(x.db.A.Rider, "MAD")
	if err := x.db.InTx(t.Context(), x.db.A.ID, func(tx *store.Tx) error {
		return tx.OpenAccounts(t.Context(), ledger.Wallet(x.db.A.Rider, "MAD"), recovery)
	}); err != nil {
		t.Fatal(err)
	}
	riders := func() int64 { return x.wallet(t) - x.holds(t, recovery) }
	had, lived := riders(), []string{fmt.Sprintf("%d rides for %d", terms.Rides, terms.Price)}
	b := x.buyByCard(t, terms)
	mine := ledger.Pass(b.Pass, "MAD")
	var booked []uuid.UUID
	dispute, over := "", false // the bank's, and its decision
	steps := map[string]func() bool{
		"ride": func() bool {
			id := x.booking(t)
			if _, err := x.use(id, 1); err != nil {
				return false
			}
			booked = append(booked, id)
			return true
		},
		"give a ride up": func() bool {
			if len(booked) == 0 {
				return false
			}
			i := r.IntN(len(booked))
			x.giveBack(t, booked[i], true)
			booked = slices.Delete(booked, i, i+1)
			return true
		},
		"days pass": func() bool { // once: the clock is not moved, the pass is
			if slices.Contains(lived, "days pass") {
				return false
			}
			x.later(t, b.Pass, 1+r.IntN(3))
			return true
		},
		"elsewhere": func() bool {
			pay := x.see(t, b.Payment)
			return x.triesElsewhere(t, pay.Ref, 1+r.Int64N(pay.Captured)) == http.StatusOK
		},
		"finance": func() bool { return x.refund(billing.Refund{Payment: b.Payment, Why: "asked"}) == nil },
		"a part by finance": func() bool {
			if code := codeOf(x.refund(billing.Refund{Payment: b.Payment, Amount: 10_500, Why: "a part"})); code != "pass_refunded_whole" && code != "refund_not_possible" {
				t.Errorf("a part: %s", code)
			}
			return false
		},
		"its rider": func() bool {
			return x.payments.RefundPass(t.Context(), x.db.A.ID, x.db.A.Rider, x.claim("passes.refund"), b.Pass) == nil
		},
		"refused":     func() bool { x.refuses("insufficient_funds"); return true },
		"taken again": func() bool { x.emu.Heal(); return true },
		"dispute": func() bool {
			pay := x.see(t, b.Payment)
			if dispute != "" {
				return false
			}
			x.emu.DisputePart(pay.Ref, 1+r.Int64N(pay.Captured))
			for _, d := range x.emu.Objects("sk_test_alpha", "dispute") {
				if d["payment_intent"] == pay.Ref {
					dispute = fmt.Sprint(d["id"])
				}
			}
			return true
		},
		"the bank decides": func() bool {
			if dispute == "" || over {
				return false
			}
			x.emu.CloseDispute(dispute, r.IntN(2) == 0)
			over = true
			return true
		},
	}
	names := make([]string, 0, len(steps))
	for name := range steps {
		names = append(names, name)
	}
	slices.Sort(names)
	check := func() {
		t.Helper()
		p, pay, in := x.pass(t, b.Pass), x.see(t, b.Payment), x.holds(t, mine)
		if undecided := pay.Disputed - pay.Won - pay.Lost; p.Over() && (in < 0 || in > undecided) || !p.Over() && in != p.Price-p.Spent {
			t.Fatalf("%v: a pass that is %s, %d spent of %d, has %d; the bank decides on %d", lived, p.State, p.Spent, p.Price, in, undecided)
		}
	}
	for range 10 {
		name := names[r.IntN(len(names))]
		if !steps[name]() {
			continue
		}
		lived = append(lived, name)
		if r.IntN(3) > 0 { // else the next thing happens before it is heard of
			x.settle(t)
			check()
		}
	}
	x.emu.Heal()
	steps["the bank decides"]()
	for range 3 { // what waited for the bank, or for a refusal
		x.settle(t)
	}
	for _, id := range booked {
		x.earn(t, id)
	}
	if p := x.pass(t, b.Pass); !p.Over() {
		x.later(t, b.Pass, 60)
	}
	check()
	p, pay := x.pass(t, b.Pass), x.see(t, b.Payment)
	used := p.Spent // days
	if !terms.Period() {
		used = 0
		for _, id := range booked {
			used += x.db.Int(t, `select value from pass_use where booking_id = $1`, id)
		}
	}
	beyond, err := x.db.Read(x.db.A.ID).PostedAbout(t.Context(), ledger.Revenue("passes", "MAD").Ref(), "payment/"+b.Payment.String())
	if has := riders() - had + pay.Refunded + pay.Lost; err != nil || p.State == pass.Refunded && (has != p.Price-used+beyond || beyond > p.Spent) {
		t.Errorf("%v: the rider has %d of %d, used %d, was given %d beyond that (%v)", lived, has, p.Price, used, beyond, err)
	}
	x.verify(t)
}
