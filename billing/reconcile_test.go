package billing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
)

// tomorrow is when today can be compared.
const tomorrow = 26 * time.Hour

// counting is a till with somebody who counts after it, some time later.
type counting struct {
	*till
	later      time.Duration
	reconciler *billing.Reconciler
	account    uuid.UUID
}

func newCounting(t *testing.T) *counting {
	t.Helper()
	x := &counting{till: newTill(t), later: tomorrow}
	x.reconciler = billing.NewReconciler(billing.ReconcilerConfig{DB: x.db.DB, Accounts: x.accounts, Inbox: x.inbox, Payments: x.payments,
		Now: func() time.Time { return time.Now().Add(x.later) }})
	due, err := x.reconciler.Due(context.Background())
	if err != nil || len(due) != 1 || due[0].Tenant != x.db.A.ID {
		t.Fatalf("%v, %v", due, err)
	}
	x.account = due[0].Account
	return x
}

func (x *counting) reconcile(t *testing.T) {
	t.Helper()
	if err := x.reconciler.Account(context.Background(), x.db.A.ID, x.account); err != nil {
		t.Fatal(err)
	}
	if err := x.reconciler.Ledger(context.Background(), x.db.A.ID); err != nil {
		t.Fatal(err)
	}
}

// findings is what is not resolved, as kind and subject.
func (x *counting) findings(t *testing.T) (out []string) {
	t.Helper()
	for _, f := range x.list(t, store.FindingOpen, store.FindingExplained) {
		out = append(out, f.Kind+" "+f.Subject)
	}
	slices.Sort(out)
	return out
}

func (x *counting) list(t *testing.T, states ...store.FindingState) []store.Finding {
	t.Helper()
	all, err := x.reconciler.Findings(context.Background(), x.db.A.ID, store.FindingsAsk{States: states, Before: time.Now().Add(time.Hour), BeforeID: uuid.Max, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (x *counting) wants(t *testing.T, when string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := x.findings(t); !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", when, got, want)
	}
}

// A day with everything in it – charges, a decline, refunds in parts, a dispute lost and one won – has no finding, run once
// or again; what the gateway took for itself is booked once.
func TestACleanDayHasNoFinding(t *testing.T) {
	t.Parallel()
	x := newCounting(t)
	p := x.paid(t, 5000)
	for _, part := range []int64{1000, 500} {
		if err := x.refund(billing.Refund{Payment: p, Amount: part, Why: "late"}); err != nil {
			t.Fatal(err)
		}
	}
	for i, won := range []bool{true, false} {
		d := x.paid(t, int64(700+i))
		x.emu.DisputePayment(x.see(t, d).Ref)
		x.settle(t)
		disputes := x.emu.Objects("sk_test_alpha", "dispute")
		x.emu.CloseDispute(disputes[0]["id"].(string), won)
	}
	x.settle(t)
	for range 2 {
		x.reconcile(t)
		x.wants(t, "a clean day")
	}
	// 29 in 1,000 and 30 for each charge, 1,500 for each dispute.
	costs, err := x.db.Read(x.db.A.ID).Balance(context.Background(), ledger.Fees("stripe", "MAD"))
	if want := int64(5000*29/1000 + 30 + 700*29/1000 + 30 + 701*29/1000 + 30 + 2*1500); err != nil || costs.Amount(ledger.Expense) != want {
		t.Errorf("fees %d, want %d (%v)", costs.Amount(ledger.Expense), want, err)
	}
	x.settle(t)
	if _, err := x.db.VerifyLedger(context.Background(), x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// An operator whose gateway pays out each day has nothing to explain: what left for the bank is booked once, what the bank
// sent back comes back, and only what nobody knows is found.
func TestAutomaticPayoutsAreBooked(t *testing.T) {
	t.Parallel()
	x, ctx := newCounting(t), context.Background()
	held := func(a ledger.Account) int64 {
		b, err := x.db.Read(x.db.A.ID).Balance(ctx, a)
		if err != nil {
			t.Fatal(err)
		}
		return b.Amount(ledger.Asset)
	}
	var last string
	for day := 1; day <= 3; day++ {
		x.paid(t, 5000)
		x.emu.Advance(3 * 24 * time.Hour)
		x.later = time.Duration(day)*3*24*time.Hour + time.Minute
		ids := x.emu.PayOut("sk_test_alpha")
		if len(ids) != 1 {
			t.Fatalf("payouts %v", ids)
		}
		last = ids[0]
		x.settle(t)
		for range 2 {
			x.reconcile(t)
			x.wants(t, fmt.Sprint("day ", day))
		}
		if in, out := held(ledger.Clearing("stripe", "MAD")), held(ledger.Bank("main", "MAD")); in != 0 || out != int64(day)*(5000-5000*29/1000-30) {
			t.Errorf("day %d: the gateway holds %d, the bank %d", day, in, out)
		}
	}
	x.emu.FailPayout(last)
	x.settle(t)
	x.later += tomorrow
	for range 2 {
		x.reconcile(t)
		x.wants(t, "sent back")
	}
	if in, out := held(ledger.Clearing("stripe", "MAD")), held(ledger.Bank("main", "MAD")); in != 5000-5000*29/1000-30 || out != 2*in {
		t.Errorf("sent back: the gateway holds %d, the bank %d", in, out)
	}
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// No webhook arrives: the reconciler finds the events, the inbox applies them, and the money is in the wallet.
func TestUndeliveredEventsAreFound(t *testing.T) {
	t.Parallel()
	x := newCounting(t)
	x.later = time.Hour
	x.emu.Hold()
	o, err := x.topUp(5000)
	if err != nil {
		t.Fatal(err)
	}
	x.pay(t, o.Next.ClientSecret, "4242424242424242")
	x.work(t, `kind = 'apply_webhook'`)
	if got := x.wallet(t); got != 0 {
		t.Fatalf("%d without an event", got)
	}
	x.later = time.Minute // webhooks have a moment
	x.reconcile(t)
	if got := x.reconciler.Counts().Missed; got != 0 {
		t.Errorf("%d events were missed before their time", got)
	}
	x.later = 20 * time.Minute
	x.reconcile(t)
	x.work(t, `kind = 'apply_webhook'`)
	if got := x.wallet(t); got != 5000 {
		t.Errorf("the wallet has %d", got)
	}
	x.wants(t, "missed events", "events_missed gateway_account/"+x.account.String())
	missed := x.reconciler.Counts().Missed
	// What arrives after all is known already, and so is what is listed again.
	for _, p := range x.emu.Waiting() {
		if status, err := x.emu.Deliver(context.Background(), p); err != nil || status != 200 {
			t.Errorf("%d, %v", status, err)
		}
	}
	x.later = 40 * time.Minute
	x.reconcile(t)
	if again := x.reconciler.Counts().Missed; missed == 0 || again != missed || x.wallet(t) != 5000 {
		t.Errorf("%d missed, then %d; the wallet has %d", missed, again, x.wallet(t))
	}
	x.wants(t, "nothing missed any more")
	if f := x.list(t, store.FindingResolved); len(f) != 1 || f[0].Reason != billing.PassedAgain || f[0].DecidedBy != uuid.Nil {
		t.Errorf("%+v", f)
	}
}

// Each planted difference is found, under its name, and resolves when it is mended.
func TestDifferencesAreFound(t *testing.T) {
	t.Parallel()
	x := newCounting(t)
	fine, lost, more, back := x.paid(t, 5000), x.paid(t, 4000), x.paid(t, 3000), x.paid(t, 2000)
	x.record(t, ledger.Post("test:extra", "payment_captured", ledger.Debit(ledger.Clearing("stripe", "MAD"), ledger.Of(5, "MAD")),
		ledger.Credit(ledger.Suspense("stripe", "MAD"), ledger.Of(5, "MAD"))), "payment/"+more.String())
	// A journal that is not there any more: somebody has switched all triggers off to remove it.
	x.db.Exec(t, fmt.Sprintf(`do $$ declare j uuid; begin
		select id into j from journal where key = 'payment:%s:captured:4000';
		perform set_config('session_replication_role', 'replica', true);
		delete from entry where journal_id = j; delete from journal where id = j; end $$`, lost))
	stranger := x.emu.Move("sk_test_alpha", "charge", "ch_elsewhere", "mad", 900, 56)
	// A payout that the books have twice, and one in a currency that they do not keep.
	x.emu.Move("sk_test_alpha", "payout", "po_2", "xau", -2000, 0)
	bank := func(n int64) []ledger.Entry {
		return []ledger.Entry{ledger.Debit(ledger.Bank("main", "MAD"), ledger.Of(n, "MAD")), ledger.Credit(ledger.Clearing("stripe", "MAD"), ledger.Of(n, "MAD"))}
	}
	x.record(t, ledger.Post("payout:po_none:paid", billing.GatewayPayout, bank(7)...), "movement/txn_none")
	twice := x.emu.Move("sk_test_alpha", "payout", "po_1", "mad", -300, 0)
	x.record(t, ledger.Post("test:again", billing.GatewayPayout, bank(300)...), "movement/"+twice)
	x.emu.Move("sk_test_alpha", "refund", x.chargeOf(x.see(t, back).Ref), "mad", -100, 0)
	nothing := uuid.New()
	x.record(t, ledger.Post("test:nothing", "payment_captured", ledger.Debit(ledger.Clearing("stripe", "MAD"), ledger.Of(77, "MAD")),
		ledger.Credit(ledger.Suspense("stripe", "MAD"), ledger.Of(77, "MAD"))), "payment/"+nothing.String())
	x.reconcile(t)
	payout := x.db.Texts(t, `select gateway_ref from gateway_movement where kind = 'payout' and currency = 'XAU'`)[0]
	want := []string{
		"amount_differs payment/" + more.String(),
		"movement_without_journal payment/" + lost.String(),
		"movement_without_journal payment/" + back.String(),
		"ledger_difference ledger",
		"journal_without_movement payment/" + nothing.String(),
		"movement_unknown movement/" + stranger,
		"payout_unknown movement/" + payout,
		"journal_without_movement movement/txn_none",
		"amount_differs movement/" + twice,
	}
	x.wants(t, "planted", want...)
	x.reconcile(t)
	x.wants(t, "planted, looked at again", want...)
	for _, f := range x.list(t, store.FindingOpen) {
		if strings.Contains(f.Subject, fine.String()) {
			t.Errorf("%s about what is fine", f.Kind)
		}
		if f.Times != 2 || f.LastSeen.Before(f.FirstSeen) {
			t.Errorf("%s was seen %d times", f.Kind, f.Times)
		}
		if f.Kind == "amount_differs" && strings.HasPrefix(f.Subject, "payment/") && !strings.Contains(string(f.Detail), `"gateway": 3000`) {
			t.Errorf("the detail: %s", f.Detail)
		}
	}
	// Mended by people: the wrong journal is taken back, the stranger's movement stays.
	x.record(t, ledger.Post("test:extra:back", "payment_captured", ledger.Credit(ledger.Clearing("stripe", "MAD"), ledger.Of(5, "MAD")),
		ledger.Debit(ledger.Suspense("stripe", "MAD"), ledger.Of(5, "MAD"))), "payment/"+more.String())
	x.reconcile(t)
	x.wants(t, "one is mended", slices.DeleteFunc(want, func(w string) bool { return strings.HasSuffix(w, more.String()) })...)
	if f := x.list(t, store.FindingResolved); len(f) != 1 || f[0].Reason != billing.PassedAgain {
		t.Errorf("%+v", f)
	}
}

func (x *counting) record(t *testing.T, j ledger.Journal, subject string) {
	t.Helper()
	j.Subject = subject
	err := x.db.InTx(context.Background(), x.db.A.ID, func(tx *store.Tx) error {
		out, err := tx.Record(context.Background(), j)
		if err == nil {
			err = out[0].Err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// chargeOf is the emulated charge of a payment: a movement about it is a movement about the payment.
func (x *counting) chargeOf(ref string) string {
	for _, c := range x.emu.Objects("sk_test_alpha", "charge") {
		if c["payment_intent"] == ref {
			return c["id"].(string)
		}
	}
	return ""
}

// A payment whose answer was lost and whose webhook never came is looked up; one that stays open is a finding, until it is over.
func TestStuckPayments(t *testing.T) {
	t.Parallel()
	x := newCounting(t)
	x.later = 0
	x.emu.Hold()
	o, err := x.topUp(5000)
	if err != nil {
		t.Fatal(err)
	}
	x.pay(t, o.Next.ClientSecret, "4242424242424242")
	x.later = 50 * time.Minute
	x.reconcile(t) // looked up: it is paid
	if p := x.see(t, o.Payment.ID); p.Status != payment.Paid || x.wallet(t) != 5000 {
		t.Errorf("%+v, wallet %d", p, x.wallet(t))
	}
	if _, err := x.topUp(70); err != nil {
		t.Fatal(err)
	}
	x.emu.Inject(stripeemu.Fault{Path: "/v1/payment_intents/", What: stripeemu.FailBefore, Times: 1000})
	x.reconcile(t)
	var stuck []store.Finding
	for _, f := range x.list(t, store.FindingOpen) {
		if f.Kind == billing.FindingStuck {
			stuck = append(stuck, f)
		}
	}
	if len(stuck) != 1 {
		t.Fatalf("%q", x.findings(t))
	}
	x.emu.Heal()
	for range 2 { // the gateway keeps what it said under the key: the next key is asked for in the next run
		x.reconcile(t)
	}
	if f, err := x.reconciler.Finding(context.Background(), x.db.A.ID, stuck[0].ID); err != nil || f.State != store.FindingResolved {
		t.Errorf("%+v, %v", f, err)
	}
}

// One finding of a kind about a thing; it counts, is explained for as long as the same is seen, and a resolved one is over.
func TestFindingsLife(t *testing.T) {
	t.Parallel()
	x, ctx := newCounting(t), context.Background()
	see := func(detail string) (f store.Finding) {
		err := x.db.InTx(ctx, x.db.A.ID, func(tx *store.Tx) (err error) {
			f, err = tx.SeeFinding(ctx, store.Finding{Kind: "amount_differs", Subject: "payment/x", Severity: store.Serious, Detail: json.RawMessage(detail)})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	decide := func(id uuid.UUID, state store.FindingState, why string) error {
		_, err := x.reconciler.Decide(ctx, x.db.A.ID, x.db.A.Users["finance"], idem.Claim{}, id, state, why)
		return err
	}
	pass := func() {
		if err := x.db.InTx(ctx, x.db.A.ID, func(tx *store.Tx) error {
			_, err := tx.PassFinding(ctx, "payment/x", billing.PassedAgain, "amount_differs")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	first := see(`{"by":1}`)
	if again := see(`{"by":1}`); again.ID != first.ID || again.Times != 2 || again.State != store.FindingOpen {
		t.Errorf("%+v", again)
	}
	for _, why := range []string{"", "   ", strings.Repeat("x", 501)} {
		if err := decide(first.ID, store.FindingExplained, why); fault.As(err).Code != "reason_required" {
			t.Errorf("explained by %.9q: %v", why, err)
		}
	}
	if err := decide(first.ID, store.FindingExplained, "the bank's rounding"); err != nil {
		t.Fatal(err)
	}
	if same := see(`{"by":1}`); same.State != store.FindingExplained || same.Times != 3 || same.DecidedBy != x.db.A.Users["finance"] || same.Reason == "" {
		t.Errorf("the same, explained: %+v", same)
	}
	pass()
	if f, _ := x.reconciler.Finding(ctx, x.db.A.ID, first.ID); f.State != store.FindingExplained {
		t.Errorf("what a person has explained: %+v", f)
	}
	if other := see(`{"by":2}`); other.ID != first.ID || other.State != store.FindingOpen || other.Reason != "" || other.DecidedBy != uuid.Nil {
		t.Errorf("another difference: %+v", other)
	}
	pass()
	if f, _ := x.reconciler.Finding(ctx, x.db.A.ID, first.ID); f.State != store.FindingResolved || f.Reason != billing.PassedAgain {
		t.Errorf("passed: %+v", f)
	}
	if err := decide(first.ID, store.FindingExplained, "late"); fault.As(err).Code != "finding_over" {
		t.Errorf("explained when it is over: %v", err)
	}
	if err := decide(uuid.New(), store.FindingExplained, "nobody's"); fault.As(err).Code != "not_found" {
		t.Errorf("nobody's: %v", err)
	}
	if next := see(`{"by":2}`); next.ID == first.ID || next.Times != 1 {
		t.Errorf("after it was over: %+v", next)
	}
	// Another tenant has neither seen nor decided anything.
	if _, err := x.reconciler.Decide(ctx, x.db.B.ID, uuid.Nil, idem.Claim{}, first.ID, store.FindingResolved, "not mine"); fault.As(err).Code != "not_found" {
		t.Errorf("another tenant's: %v", err)
	}
	if w, err := x.db.System().Waiting(ctx); err != nil || w.Findings[store.Serious] != 1 || w.DeadEvents != 0 {
		t.Errorf("%+v, %v", w, err)
	}
	if trail, err := x.db.Read(x.db.A.ID).AuditTrail(ctx, "finding/"+first.ID.String()); err != nil || len(trail) != 1 || trail[0].Action != "finding.explained" {
		t.Errorf("%+v, %v", trail, err)
	}
}

// What contradicts what is known is drawn by nobody and found by everybody.
func TestContradictionIsFound(t *testing.T) {
	t.Parallel()
	x := newCounting(t)
	p := x.paid(t, 5000)
	x.db.Exec(t, `update payment set amount = 4000, captured = 4000 where id = $1`, p)
	g, err := x.accounts.Open(context.Background(), x.db.A.ID, x.account)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.LookUp(context.Background(), gateway.Lookup{ID: x.see(t, p).Ref}); err != nil {
		t.Fatal(err)
	}
	events := x.db.Texts(t, `select id::text from webhook_event where kind = 'payment_intent.succeeded'`)
	if err := x.inbox.Replay(context.Background(), x.db.A.ID, uuid.MustParse(events[0])); err != nil {
		t.Fatal(err)
	}
	x.work(t, `kind = 'apply_webhook'`)
	if got := x.findings(t); !slices.Equal(got, []string{fmt.Sprintf("payment_contradiction payment/%s", p)}) {
		t.Errorf("%q", got)
	}
	if all := x.db.Texts(t, `select detail->>'currency' || ' ' || (detail->>'captured') from finding`); !slices.Equal(all, []string{"MAD 5000"}) {
		t.Errorf("it says %q", all)
	}
	if p := x.see(t, p); p.Captured != 4000 {
		t.Errorf("drawn all the same: %+v", p)
	}
}

// The same amount in another currency is another amount.
func TestAnotherCurrencyIsFound(t *testing.T) {
	t.Parallel()
	x := newCounting(t)
	p := x.paid(t, 5000)
	x.refundElsewhere(t, x.see(t, p).Ref, 700)
	x.db.Exec(t, `update payment set currency = 'EUR' where id = $1`, p)
	if err := x.emu.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.work(t, `kind = 'apply_webhook'`)
	if got := x.findings(t); !slices.Equal(got, []string{fmt.Sprintf("payment_contradiction payment/%s", p)}) {
		t.Errorf("%q", got)
	}
	if p := x.see(t, p); p.Refunded != 0 || x.wallet(t) != 5000 {
		t.Errorf("drawn all the same: %+v, the wallet holds %d", p, x.wallet(t))
	}
}
