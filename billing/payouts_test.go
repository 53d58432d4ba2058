package billing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

// payer is somebody who pays experts, and a second person who approves.
type payer struct {
	*till
	maker, second uuid.UUID
}

func (x *till) payer() payer { return payer{x, x.db.A.Users["admin"], x.db.A.Users["dispatcher"]} }

// earns credits an expert with so much, and owes as much back.
func (x *till) earns(t *testing.T, expert uuid.UUID, n, back int64) {
	t.Helper()
	c := ledger.Currency("AED")
	err := x.db.InTx(context.Background(), x.db.A.ID, func(tx *store.Tx) error {
		if err := tx.OpenAccounts(context.Background(), ledger.Payable(expert, c), ledger.Recovery(expert, c)); err != nil {
			return err
		}
		entries := []ledger.Entry{ledger.Debit(ledger.Opening(c), ledger.Of(n, c)), ledger.Credit(ledger.Payable(expert, c), ledger.Of(n, c))}
		if back > 0 {
			entries = append(entries, ledger.Debit(ledger.Recovery(expert, c), ledger.Of(back, c)), ledger.Credit(ledger.Opening(c), ledger.Of(back, c)))
		}
		x.n++
		_, err := tx.RecordOne(context.Background(), ledger.Post(fmt.Sprint("earned:", x.n), "opening", entries...))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.payments.SetBeneficiary(context.Background(), x.db.A.ID, x.db.A.Users["admin"], idem.Claim{}, store.Beneficiary{User: expert, Holder: "=Holder, A.", Number: "AE07 0331 2345 6789 0123 456"}); err != nil {
		t.Fatal(err)
	}
}

func (y payer) make(rail string, minimum int64) (uuid.UUID, error) {
	return y.payments.MakePayout(context.Background(), y.db.A.ID, y.maker, y.claim("make"), rail, ledger.Of(minimum, "AED"))
}

func (y payer) run(t *testing.T, id uuid.UUID) billing.Payout {
	t.Helper()
	r, err := y.payments.PayoutRun(context.Background(), y.db.A.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (y payer) approve(id, by uuid.UUID) error {
	return y.payments.ApprovePayout(context.Background(), y.db.A.ID, by, y.claim("approve"), id)
}

func (y payer) send(id uuid.UUID) error {
	return y.payments.SendPayout(context.Background(), y.db.A.ID, y.maker, y.claim("send"), id)
}

func (y payer) end(line uuid.UUID, returned bool) error {
	_, err := y.payments.EndPayoutLine(context.Background(), y.db.A.ID, y.maker, y.claim("end"), line, returned, "")
	return err
}

// A payout by bank file: drafted, approved by somebody else, sent, one line arrives and one comes back.
func TestPayoutByBank(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	y := x.payer()
	a, b, c := x.db.A.Users["driver"], x.db.A.Rider2, x.db.A.Rider
	x.earns(t, a, 50_000, 10_000)
	x.earns(t, b, 20_000, 0)
	x.earns(t, c, 900, 0)

	if _, err := y.make(billing.RailBankFile, 0); !fault.Is(err, "amount_invalid") {
		t.Errorf("no minimum: %v", err)
	}
	id, err := y.make(billing.RailBankFile, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := y.make(billing.RailBankFile, 1000); !fault.Is(err, "payout_at_work") {
		t.Errorf("a second run: %v", err)
	}
	r := y.run(t, id)
	if len(r.Lines) != 2 || x.holds(t, ledger.Payable(a, "AED")) != 50_000 {
		t.Fatalf("%+v", r)
	}
	if err := y.send(id); !fault.Is(err, "payout_not_so_far") {
		t.Errorf("sent without approval: %v", err)
	}
	if err := y.approve(id, y.maker); !fault.Is(err, "payout_own") {
		t.Errorf("approved by its maker: %v", err)
	}
	if _, err := y.payments.PayoutFile(ctx, y.db.A.ID, id); !fault.Is(err, "payout_not_so_far") {
		t.Errorf("a file of what was not sent: %v", err)
	}
	for range 2 {
		if err := y.approve(id, y.second); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := y.send(id); err != nil {
			t.Fatal(err)
		}
	}
	if p, rec, tr := x.holds(t, ledger.Payable(a, "AED")), x.holds(t, ledger.Recovery(a, "AED")), x.holds(t, ledger.Transit("bank-file", "AED")); p != 0 || rec != 0 || tr != -60_000 {
		t.Errorf("payable %d, owed back %d, on its way %d", p, rec, tr)
	}
	file, err := y.payments.PayoutFile(ctx, y.db.A.ID, id)
	if again, _ := y.payments.PayoutFile(ctx, y.db.A.ID, id); err != nil || string(again) != string(file) || !strings.Contains(string(file), "TOTAL,2,,600.00,AED,\r\n") ||
		!strings.Contains(string(file), `"'=Holder, A."`) {
		t.Errorf("%s, %v", file, err)
	}
	r = y.run(t, id)
	for range 2 {
		if err := y.end(r.Lines[0].ID, false); err != nil {
			t.Fatal(err)
		}
		if err := y.end(r.Lines[1].ID, true); err != nil {
			t.Fatal(err)
		}
	}
	if r = y.run(t, id); r.State != "closed" {
		t.Errorf("%+v", r)
	}
	back := r.Lines[1]
	if got := x.holds(t, ledger.Payable(back.Expert, "AED")); got != back.Amount {
		t.Errorf("what came back: %d of %d", got, back.Amount)
	}
	if bank, tr := x.holds(t, ledger.Bank("main", "AED")), x.holds(t, ledger.Transit("bank-file", "AED")); bank != -r.Lines[0].Amount || tr != 0 {
		t.Errorf("bank %d, on its way %d", bank, tr)
	}
	// What had arrived comes back weeks later.
	if err := y.end(r.Lines[0].ID, true); err != nil {
		t.Fatal(err)
	}
	if bank := x.holds(t, ledger.Bank("main", "AED")); bank != 0 {
		t.Errorf("bank %d", bank)
	}
	if err := y.end(r.Lines[0].ID, false); !fault.Is(err, "payout_not_so_far") {
		t.Errorf("a line that came back arrives: %v", err)
	}
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
	next, err := y.make(billing.RailBankFile, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if err := y.payments.DiscardPayout(ctx, y.db.A.ID, y.maker, y.claim("discard"), next); err != nil {
		t.Fatal(err)
	}
	if err := y.approve(next, y.second); !fault.Is(err, "payout_not_so_far") {
		t.Errorf("a discarded run is approved: %v", err)
	}
	if _, err := y.payments.PayoutRun(ctx, y.db.B.ID, id); !fault.Is(err, "not_found") {
		t.Errorf("another tenant's: %v", err)
	}
}

// Nobody opens, sees or pays what belongs to another tenant.
func TestMoneyOfAnotherTenant(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	x.seller(t)
	mine, theirs := x.db.A.Users["driver"], x.db.B.Users["driver"]
	if _, err := x.payments.OpenSeller(ctx, x.db.A.ID, uuid.Nil, theirs, idem.Claim{}, "AE", gateway.Individual); !fault.Is(err, "not_found") {
		t.Errorf("opened for a stranger: %v", err)
	}
	if _, err := x.payments.Seller(ctx, x.db.A.ID, theirs); !fault.Is(err, "not_found") {
		t.Errorf("%v", err)
	}
	if _, err := x.payments.SellerLink(ctx, x.db.A.ID, theirs, "https://example.org"); !fault.Is(err, "not_found") {
		t.Errorf("%v", err)
	}
	if _, err := x.payments.RefreshSeller(ctx, x.db.A.ID, theirs); !fault.Is(err, "not_found") {
		t.Errorf("%v", err)
	}
	if _, err := x.payments.Expert(ctx, x.db.A.ID, theirs); !fault.Is(err, "not_found") {
		t.Errorf("%v", err)
	}
	if l, err := x.payments.SellerLink(ctx, x.db.A.ID, mine, "https://example.org"); err != nil || l.URL == "" {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := x.payments.Seller(ctx, x.db.B.ID, mine); !fault.Is(err, "payment_not_set_up") {
		t.Errorf("%v", err)
	}
	if _, err := x.payments.SetBeneficiary(ctx, x.db.B.ID, uuid.Nil, idem.Claim{}, store.Beneficiary{User: mine, Holder: "Me", Number: "AE070331234567890123456"}); !fault.Is(err, "not_found") {
		t.Errorf("%v", err)
	}
	x.earns(t, mine, 5000, 0)
	if _, err := x.payments.MakePayout(ctx, x.db.B.ID, x.db.B.Users["admin"], idem.Claim{}, billing.RailBankFile, ledger.Of(1, "AED")); !fault.Is(err, "payout_nobody") {
		t.Errorf("%v", err)
	}
}

// Who is paid is listed with what waits for them and where it goes; anybody is found by name, and nobody of another tenant.
func TestExpertsAreListed(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	e, by := x.db.A.Users["driver"], x.db.A.Users["admin"]
	x.seller(t)
	x.earns(t, e, 5000, 0)
	if _, err := x.payments.SetBeneficiary(ctx, x.db.A.ID, by, idem.Claim{}, store.Beneficiary{User: e, Holder: "D. River", Number: "AE070331234567890123456"}); err != nil {
		t.Fatal(err)
	}
	all, err := x.payments.Experts(ctx, x.db.A.ID, "", uuid.Nil, 10)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v: one is paid", all, err)
	}
	one := all[0]
	if one.ID != e || one.Account == nil || one.Number != "AE070331234567890123456" || len(one.Owed) != 1 || one.Owed[0] != (store.Owed{Currency: "AED", Amount: 5000}) {
		t.Errorf("%+v", one)
	}
	if next, err := x.payments.Experts(ctx, x.db.A.ID, "", e, 10); err != nil || len(next) != 0 {
		t.Errorf("after the last: %+v, %v", next, err)
	}
	if found, err := x.payments.Experts(ctx, x.db.A.ID, one.Name[1:4], uuid.Nil, 10); err != nil || len(found) == 0 {
		t.Errorf("by name: %+v, %v", found, err)
	}
	if found, err := x.payments.Experts(ctx, x.db.B.ID, "", uuid.Nil, 10); err != nil || len(found) != 0 {
		t.Errorf("another tenant: %+v, %v", found, err)
	}
	if s, err := x.payments.RefreshSeller(ctx, x.db.A.ID, e); err != nil || s.ID == "" {
		t.Errorf("asked anew: %+v, %v", s, err)
	}
	story, err := x.payments.Expert(ctx, x.db.A.ID, e)
	if err != nil || len(story.Acts) == 0 || story.Acts[0].Action != "beneficiary.set" || story.Acts[0].Actor != by || story.Acts[0].By == "" {
		t.Errorf("%+v, %v", story, err)
	}
}

// Money that has left meanwhile drops its line: nothing is paid twice, whoever is first.
func TestPayoutsMeet(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	y := x.payer()
	e := x.db.A.Users["driver"]
	x.earns(t, e, 5000, 0)
	id, err := y.make(billing.RailBankFile, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := y.approve(id, y.second); err != nil {
		t.Fatal(err)
	}
	if err := x.db.InTx(context.Background(), x.db.A.ID, func(tx *store.Tx) error {
		_, err := tx.RecordOne(context.Background(), ledger.Post("elsewhere", "opening", ledger.Debit(ledger.Payable(e, "AED"), ledger.Of(1, "AED")), ledger.Credit(ledger.Opening("AED"), ledger.Of(1, "AED"))))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := y.send(id); err != nil {
		t.Fatal(err)
	}
	if r := y.run(t, id); r.State != "closed" || r.Lines[0].State != "dropped" || x.holds(t, ledger.Payable(e, "AED")) != 4999 {
		t.Errorf("%+v", r)
	}
	// Sixteen who send and end at once move the money once.
	if id, err = y.make(billing.RailBankFile, 1); err != nil {
		t.Fatal(err)
	}
	if err := y.approve(id, y.second); err != nil {
		t.Fatal(err)
	}
	line := y.run(t, id).Lines[0].ID
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			_ = y.payments.SendPayout(context.Background(), y.db.A.ID, y.maker, idem.Claim{}, id)
			_, _ = y.payments.EndPayoutLine(context.Background(), y.db.A.ID, y.maker, idem.Claim{}, line, false, "")
		})
	}
	wg.Wait()
	if p, bank := x.holds(t, ledger.Payable(e, "AED")), x.holds(t, ledger.Bank("main", "AED")); p != 0 || bank != -4999 {
		t.Errorf("payable %d, bank %d", p, bank)
	}
}

// A payout through the gateway: what lies in the expert's own account there goes to their bank, once, whatever happens to
// the call; the gateway tells what became of it, twice and in any order.
func TestPayoutByGateway(t *testing.T) {
	t.Parallel()
	for _, what := range []stripeemu.What{"", stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.HangAfter, stripeemu.DropAfter, stripeemu.TooMany} {
		for _, fails := range []bool{false, true} {
			t.Run(fmt.Sprint(what, " fails ", fails), func(t *testing.T) {
				t.Parallel()
				x, ctx := newTill(t), context.Background()
				y := x.payer()
				x.emu.Behave(stripeemu.Mood{Copies: 2})
				seller := x.seller(t).ID
				x.emu.CompleteAccount(seller)
				x.settle(t)
				k := x.talk(10)
				k.confirmed(t, "4242424242424242")
				x.settle(t)
				if _, err := x.payments.Settle(ctx, x.db.A.ID, k.Session, ledger.Of(5000, "AED")); err != nil {
					t.Fatal(err)
				}
				x.settle(t)
				x.emu.Advance(10 * 24 * time.Hour) // funds become available
				id, err := y.make(billing.RailConnect, 100)
				if err != nil {
					t.Fatal(err)
				}
				if err := y.approve(id, y.second); err != nil {
					t.Fatal(err)
				}
				if what != "" {
					x.emu.Inject(stripeemu.Fault{Path: "/v1/payouts", What: what})
				}
				if err := y.send(id); err != nil {
					t.Fatal(err)
				}
				x.until(t, func() bool { return y.run(t, id).Lines[0].Ref != "" })
				paid := x.emu.ObjectsOf("sk_test_alpha", seller, "payout")
				if len(paid) == 0 {
					t.Fatal("nothing was paid out")
				}
				if fails {
					x.emu.FailPayout(paid[0]["id"].(string))
				} else {
					x.emu.Advance(10 * 24 * time.Hour)
				}
				x.until(t, func() bool { return y.run(t, id).State == "closed" })
				x.settle(t)
				want, state := books{fee: 1000, clearing: 1000}, "confirmed"
				if fails {
					want, state = books{at: 4000, fee: 1000, clearing: 1000, connected: 4000}, "returned"
				}
				if got := x.books(t); got != want || y.run(t, id).Lines[0].State != state || x.holds(t, ledger.Transit("connect", "AED")) != 0 {
					t.Errorf("%+v, want %+v; %+v", got, want, y.run(t, id).Lines[0])
				}
				if n := len(x.emu.ObjectsOf("sk_test_alpha", seller, "payout")); n != 1 {
					t.Errorf("%d payouts at the gateway", n)
				}
			})
		}
	}
}

// TestNumbersAreSeenByTwo: who said where money goes does not approve the run that first brings it there, whoever else said so after them; what was
// paid that way before is nobody's business; and a number of two experts is pointed out.
func TestNumbersAreSeenByTwo(t *testing.T) {
	t.Parallel()
	x, ctx := newTill(t), context.Background()
	y := x.payer()
	third := x.db.A.Users["finance"]
	a, b := x.db.A.Users["driver"], x.db.A.Rider2
	set := func(expert, by uuid.UUID, holder, number string) {
		t.Helper()
		if _, err := x.payments.SetBeneficiary(ctx, x.db.A.ID, by, idem.Claim{}, store.Beneficiary{User: expert, Holder: holder, Number: number}); err != nil {
			t.Fatal(err)
		}
	}
	const theirs, other = "AE07 0331 2345 6789 0123 456", "AE460090000000123456789"
	drafted := func() uuid.UUID {
		t.Helper()
		id, err := y.make(billing.RailBankFile, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	pay := func(id uuid.UUID, by uuid.UUID) {
		t.Helper()
		if err := errors.Join(y.approve(id, by), y.send(id)); err != nil {
			t.Fatal(err)
		}
		for _, l := range y.run(t, id).Lines {
			if err := y.end(l.ID, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	x.earns(t, a, 5000, 0) // the maker set it
	set(a, y.second, "=Holder, A.", theirs)
	first := drafted()
	if n := y.run(t, first).News; len(n) != 1 {
		t.Fatalf("%+v", n)
	}
	if err := y.approve(first, y.second); !fault.Is(err, "payout_number_own") {
		t.Errorf("who set it, the first time: %v", err)
	}
	pay(first, third)
	x.earns(t, a, 5000, 0) // sets the same once more
	same := drafted()
	for _, n := range y.run(t, same).News {
		if n.Changed || len(n.Sets) > 0 {
			t.Errorf("the same number: %+v", n)
		}
	}
	pay(same, y.second)
	x.earns(t, a, 5000, 0)
	set(a, y.second, "=Holder, A.", other)
	set(a, third, "Holder A.", other) // another corrects the name afterwards: the first is not hidden by it
	set(b, third, "B.", other)
	changed := drafted()
	for _, n := range y.run(t, changed).News {
		if !n.Changed || n.First || len(n.Sets) != 3 || n.Shared == "" || n.Sets[0].Name == "" {
			t.Errorf("changed: %+v", n)
		}
	}
	for _, by := range []uuid.UUID{y.second, third} {
		if err := y.approve(changed, by); !fault.Is(err, "payout_number_own") {
			t.Errorf("%v: %v", by, err)
		}
	}
	if err := y.approve(changed, x.db.A.Rider); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}
