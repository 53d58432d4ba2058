package billing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

// ridden is a seat that was paid by card, and missed: all of it is earned.
func (l *line) ridden(t *testing.T, pay string) (b, p uuid.UUID) {
	t.Helper()
	ctx := context.Background()
	end := l.today(t)
	if b = l.hold(t); pay == "wallet" {
		l.paid(t, 5000)
		l.must(t)(l.seats.Confirm(ctx, l.by, l.claim("c"), b, "wallet"))
	} else {
		payment, next := l.open(t, b)
		p = payment
		if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		l.everything(t, soon)
	}
	end()
	if err := l.seats.SettleEnded(ctx); err != nil {
		t.Fatal(err)
	}
	l.sums(t, "ridden", 0, 0, seatFare)
	return b, p
}

// about opens a case about a ride.
func (l *line) about(t *testing.T, b uuid.UUID) uuid.UUID {
	t.Helper()
	id, err := invoicing.New(l.db.DB).OpenCase(context.Background(), l.by.Tenant, store.Case{Subject: "booking/" + b.String(), User: l.by.User, OpenedBy: l.by.User, Reason: "late", Says: "An hour."}, idem.Claim{})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (l *line) decide(c uuid.UUID, amount int64) error {
	return invoicing.New(l.db.DB).Decide(context.Background(), l.by.Tenant, l.db.A.Users["finance"], idem.Claim{}, c,
		invoicing.Decision{As: invoicing.Refunded, Amount: ledger.Of(amount, "MAD"), Answer: "Sorry."})
}

func (l *line) request(t *testing.T, c uuid.UUID) store.RefundRequest {
	t.Helper()
	r, err := l.db.Read(l.by.Tenant).RefundRequest(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return fault.As(err).Code
}

// What a case gives back goes to the card by the decision's own job, whatever becomes of the call and however often the job
// comes, once, and is less revenue.
func TestCaseGivesBackToTheCard(t *testing.T) {
	t.Parallel()
	for _, what := range []stripeemu.What{"", stripeemu.FailBefore, stripeemu.FailAfter, stripeemu.DropAfter} {
		t.Run(string(what), func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			b, p := l.ridden(t, "card")
			c := l.about(t, b)
			for amount, code := range map[int64]string{seatFare + 1: "refund_too_much", 0: "amount_invalid"} {
				if got := codeOf(l.decide(c, amount)); got != code {
					t.Errorf("%d: %q", amount, got)
				}
			}
			if what != "" {
				l.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: what})
			}
			var wg sync.WaitGroup
			answers := make([]string, 4)
			for i := range answers {
				wg.Go(func() { answers[i] = codeOf(l.decide(c, 900)) })
			}
			wg.Wait()
			if n := fmt.Sprint(answers); len(n) != len("[ case_decided case_decided case_decided]") {
				t.Errorf("decided %s", n)
			}
			if r := l.request(t, c); r.State != store.RefundRequested || r.Amount != 900 {
				t.Errorf("before: %+v", r)
			}
			for range 3 {
				l.everything(t, soon)
			}
			r := l.request(t, c)
			if pay := l.see(t, p); pay.Refunded != 900 || r.State != store.RefundDone || r.Payment != p || r.Asking != store.OperationDone {
				t.Errorf("%+v, %+v", pay.Known, r)
			}
			l.sums(t, "given back", 0, 0, seatFare-900)
			if got := codeOf(l.payments.SettleRequest(context.Background(), l.by.Tenant, l.by.User, idem.Claim{}, c, billing.RefundToWallet)); got != "refund_under_way" {
				t.Errorf("settled once more: %q", got)
			}
		})
	}
}

// A refund that the gateway will not make waits for people: asked again it is refused again, and into the wallet it goes once.
func TestRefusedRefundGoesToTheWallet(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	b, p := l.ridden(t, "card")
	c := l.about(t, b)
	if err := l.decide(c, 900); err != nil {
		t.Fatal(err)
	}
	l.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: stripeemu.Refuse, Times: 100})
	l.everything(t, soon)
	if r := l.request(t, c); r.State != store.RefundRefused || r.Problem == "" {
		t.Fatalf("%+v", r)
	}
	l.sums(t, "refused", 0, 0, seatFare)
	settle := func(as string) string {
		return codeOf(l.payments.SettleRequest(ctx, l.by.Tenant, l.by.User, idem.Claim{}, c, as))
	}
	if got := settle(billing.RefundAgain); got != "" {
		t.Errorf("again: %q", got)
	}
	if r := l.request(t, c); r.State != store.RefundRefused {
		t.Errorf("again: %+v", r)
	}
	var wg sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		wg.Go(func() { answers[i] = settle(billing.RefundToWallet) })
	}
	wg.Wait()
	done := 0
	for _, a := range answers {
		if a == "" {
			done++
		} else if a != "refund_under_way" {
			t.Errorf("%q", a)
		}
	}
	if done != 1 || l.wallet(t) != 900 || l.request(t, c).State != store.RefundDone {
		t.Errorf("%d went through, the wallet holds %d, %+v", done, l.wallet(t), l.request(t, c))
	}
	// The decision's job comes once more, when the gateway would do it: it is not asked.
	l.emu.Heal()
	for range 2 {
		if err := l.payments.RefundFor(ctx, l.by.Tenant, billing.Refund{Payment: p, Amount: 900, Cause: store.RefundCause(c)}); err != nil {
			t.Error(err)
		}
	}
	l.everything(t, soon)
	if pay := l.see(t, p); pay.Refunding != 0 || pay.Refunded != 0 {
		t.Errorf("given back twice: %+v", pay)
	}
	l.sums(t, "in the wallet", 0, 0, seatFare-900)
	if got := settle("again"); got != "refund_under_way" {
		t.Errorf("%q", got)
	}
	if err := l.payments.SettleRequest(ctx, l.by.Tenant, l.by.User, idem.Claim{}, ident.New(), "again"); codeOf(err) != "not_found" {
		t.Errorf("of no case: %v", err)
	}
	if err := l.payments.SettleRequest(ctx, l.db.B.ID, l.by.User, idem.Claim{}, c, "wallet"); codeOf(err) != "not_found" {
		t.Errorf("another tenant's: %v", err)
	}
}

// A ride that the wallet paid goes back into it with the decision, and several decisions never give more than it took.
func TestCasesGiveBackToTheWalletWhatItPaid(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	b, _ := l.ridden(t, "wallet")
	cases := make([]uuid.UUID, 6)
	for i := range cases {
		cases[i] = l.about(t, b)
	}
	var wg sync.WaitGroup
	answers := make([]string, len(cases))
	for i, c := range cases {
		wg.Go(func() { answers[i] = codeOf(l.decide(c, 500)) })
	}
	wg.Wait()
	done := 0
	for _, a := range answers {
		if a == "" {
			done++
		} else if a != "refund_too_much" {
			t.Errorf("%q", a)
		}
	}
	if done != 2 || l.wallet(t) != 5000-seatFare+1000 {
		t.Errorf("%d went through, the wallet holds %d", done, l.wallet(t))
	}
	l.sums(t, "given back", 0, 0, seatFare-1000)
}

// What is not over is given up, and what no card and no wallet paid comes back as goodwill.
func TestCasesThatGiveNothingBack(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	held, paidInCash := l.hold(t), l.hold(t)
	l.must(t)(l.seats.Confirm(context.Background(), l.by, l.claim("c"), paidInCash, "cash"))
	for _, b := range []uuid.UUID{held, paidInCash, ident.New()} {
		if got := codeOf(l.decide(l.about(t, b), 5)); got != "decision_not_apply" {
			t.Errorf("%q", got)
		}
	}
}

// What went into the wallet for a seat is not the card's any more: from the payment's page, and by the next case.
func TestMoneyInTheWalletDoesNotGoToTheCardToo(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	b, p := l.ridden(t, "card")
	one, two, three := l.refused(t, b, 900), l.refused(t, b, seatFare), l.refused(t, b, seatFare)
	l.emu.Heal()
	for _, c := range []uuid.UUID{one, two, three} {
		if got := l.intoWallet(c); got != "" || l.request(t, c).State != store.RefundDone {
			t.Errorf("%q, %+v", got, l.request(t, c))
		}
		want := int64(seatFare)
		if c == one {
			want = 900
			if got := l.refund(billing.Refund{Payment: p, Amount: 301}); codeOf(got) != "refund_too_much" {
				t.Errorf("from its page: %v", got)
			}
			if got := codeOf(l.decide(l.about(t, b), 301)); got != "refund_too_much" {
				t.Errorf("a case more: %q", got)
			}
		}
		if l.wallet(t) != want {
			t.Errorf("the wallet holds %d, want %d", l.wallet(t), want)
		}
	}
	if got := codeOf(l.refund(billing.Refund{Payment: p})); got != "refund_not_possible" {
		t.Errorf("from its page: %q", got)
	}
	if got := codeOf(l.decide(l.about(t, b), 1)); got != "refund_not_possible" {
		t.Errorf("a case more: %q", got)
	}
	s, err := billing.NewFinance(l.db.DB).Story(ctx, l.by.Tenant, p)
	if err != nil || s.Left != 0 {
		t.Errorf("its page says that %d is left (%v)", s.Left, err)
	}
	l.everything(t, soon)
	l.sums(t, "given back", 0, 0, 0)
}

// What a programme gave the rider of a seat that was missed does not go back to the card too.
func TestWhatTheProgrammeGaveIsNotTheCards(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	b, p := l.ridden(t, "card")
	if err := l.db.InTx(ctx, l.by.Tenant, func(tx *store.Tx) error {
		wallet := ledger.Wallet(l.by.User, "MAD")
		if err := tx.OpenAccounts(ctx, wallet); err != nil {
			return err
		}
		return tx.RecordAll(ctx, ledger.Post("booking:"+b.String()+":missed", "seat_missed", ledger.Debit(ledger.Loss("goodwill", "MAD"), ledger.Of(700, "MAD")),
			ledger.Credit(wallet, ledger.Of(700, "MAD"))).About("booking/"+b.String()))
	}); err != nil {
		t.Fatal(err)
	}
	if got := codeOf(l.decide(l.about(t, b), 501)); got != "refund_too_much" {
		t.Errorf("%q", got)
	}
	if err := l.refund(billing.Refund{Payment: p}); err != nil || l.see(t, p).Refunding != 500 {
		t.Errorf("%v, %+v", err, l.see(t, p))
	}
}

// refused is a case whose refund the gateway will not make.
func (l *line) refused(t *testing.T, b uuid.UUID, amount int64) uuid.UUID {
	t.Helper()
	c := l.about(t, b)
	if err := l.decide(c, amount); err != nil {
		t.Fatal(err)
	}
	l.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: stripeemu.Refuse, Times: 100})
	l.everything(t, soon)
	if r := l.request(t, c); r.State != store.RefundRefused {
		t.Fatalf("%+v", r)
	}
	return c
}

func (l *line) intoWallet(c uuid.UUID) string {
	return codeOf(l.payments.SettleRequest(context.Background(), l.by.Tenant, l.by.User, idem.Claim{}, c, billing.RefundToWallet))
}

// A refund that goes on under its second key and is refused there is put back where it was taken from.
func TestRefusedUnderItsSecondKey(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	b, p := l.ridden(t, "card")
	if err := l.decide(l.about(t, b), 900); err != nil {
		t.Fatal(err)
	}
	l.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: stripeemu.FailBefore})
	l.emu.Inject(stripeemu.Fault{Path: "/v1/refunds", What: stripeemu.Refuse, Times: 100})
	for range 3 {
		l.everything(t, soon)
	}
	if n := l.db.Int(t, `select count(*) from payment_operation where op = 'refund' and state = 'refused' and payment_id = '`+p.String()+`'`); n != 2 {
		t.Fatalf("%d refused", n)
	}
	l.sums(t, "refused", 0, 0, seatFare)
}

// A refund that no gateway was ever asked for is people's after an hour, not before.
func TestRefundThatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	b, _ := l.ridden(t, "card")
	c := l.about(t, b)
	if err := l.decide(c, 900); err != nil {
		t.Fatal(err)
	}
	l.db.Exec(t, `delete from river_job where kind = 'refund_payment'`)
	if got := l.intoWallet(c); got != "refund_under_way" {
		t.Errorf("at once: %q", got)
	}
	l.db.Exec(t, `update refund_request set requested_at = requested_at - interval '61 minutes'`)
	if got := l.intoWallet(c); got != "" || l.wallet(t) != 900 {
		t.Errorf("%q, the wallet holds %d", got, l.wallet(t))
	}
	l.sums(t, "in the wallet", 0, 0, seatFare-900)
}
