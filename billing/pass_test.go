package billing_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// kiosk is a till that sells passes, and a day of trips to use them on.
type kiosk struct {
	*till
	day    storetest.Day
	ledger *billing.Service
	k      int
}

func newKiosk(t *testing.T) *kiosk {
	t.Helper()
	x := &kiosk{till: newTill(t)}
	zone, _ := time.LoadLocation("Africa/Casablanca")
	x.day = x.db.Day(t, x.db.A, servicedate.On(time.Now(), zone), 2)
	x.ledger = billing.New(billing.Config{DB: x.db.DB})
	return x
}

func (x *kiosk) claim(op string) idem.Claim {
	x.k++
	return idem.Claim{Actor: x.db.A.Rider, Operation: op, Key: fmt.Sprint("p", x.k)}
}

func (x *kiosk) product(t *testing.T, terms pass.Terms) uuid.UUID {
	t.Helper()
	p, err := x.payments.AddPassProduct(context.Background(), x.db.A.ID, x.db.A.Users["admin"], x.claim("passProducts.create"), store.PassProduct{Name: "Carnet", Terms: terms})
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

func (x *kiosk) buy(t *testing.T, terms pass.Terms) uuid.UUID {
	t.Helper()
	x.fill(t, terms.Price)
	b, err := x.payments.BuyPass(context.Background(), x.db.A.ID, x.db.A.Rider, x.claim("passes.buy"), x.product(t, terms), billing.FromWallet, store.With{})
	if err != nil {
		t.Fatal(err)
	}
	return b.Pass
}

// fill puts money into the rider's wallet.
func (x *kiosk) fill(t *testing.T, amount int64) {
	t.Helper()
	x.k++
	ctx, wallet, m := context.Background(), ledger.Wallet(x.db.A.Rider, "MAD"), ledger.Of(amount, "MAD")
	if err := x.db.InTx(ctx, x.db.A.ID, func(tx *store.Tx) error { return tx.OpenAccounts(ctx, wallet) }); err != nil {
		t.Fatal(err)
	}
	if _, err := x.ledger.Record(ctx, x.db.A.ID, ledger.Post(fmt.Sprint("fill:", x.k), "test", ledger.Debit(ledger.Opening("MAD"), m), ledger.Credit(wallet, m))); err != nil {
		t.Fatal(err)
	}
}

func (x *kiosk) holds(t *testing.T, a ledger.Account) int64 {
	t.Helper()
	b, err := x.db.Read(x.db.A.ID).Balance(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return b.Amount(a.Class())
}

func (x *kiosk) ride(party int) pass.Ride {
	return pass.Ride{Date: x.day.Date, Line: x.day.Line, From: x.day.Stops[0], To: x.day.Stops[2], Party: party}
}

// use is what confirming a booking with pay=pass does, in its transaction.
func (x *kiosk) use(booking uuid.UUID, party int) (used uuid.UUID, err error) {
	ctx := context.Background()
	err = x.db.InTx(ctx, x.db.A.ID, func(tx *store.Tx) error {
		p, err := tx.PassFor(ctx, x.db.A.Rider, x.ride(party))
		if err != nil {
			return err
		}
		used = p.ID
		journals, err := tx.UsePass(ctx, p, booking, x.ride(party))
		if err != nil {
			return err
		}
		return tx.RecordAll(ctx, journals...)
	})
	return used, err
}

// end is what a booking's end does: earned, or given up.
func (x *kiosk) end(t *testing.T, how func(ctx context.Context, tx *store.Tx) ([]ledger.Journal, error)) {
	t.Helper()
	ctx := context.Background()
	if err := x.db.InTx(ctx, x.db.A.ID, func(tx *store.Tx) error {
		journals, err := how(ctx, tx)
		if err != nil {
			return err
		}
		return tx.RecordAll(ctx, journals...)
	}); err != nil {
		t.Fatal(err)
	}
}

func (x *kiosk) earn(t *testing.T, booking uuid.UUID) {
	t.Helper()
	x.end(t, func(ctx context.Context, tx *store.Tx) ([]ledger.Journal, error) { return tx.EarnPass(ctx, booking) })
}

func (x *kiosk) giveBack(t *testing.T, booking uuid.UUID, owed bool) {
	t.Helper()
	x.end(t, func(ctx context.Context, tx *store.Tx) ([]ledger.Journal, error) {
		return tx.ReturnPass(ctx, booking, owed)
	})
}

func (x *kiosk) booking(t *testing.T) uuid.UUID {
	t.Helper()
	return x.db.Booking(t, x.day, x.day.Trips[0], x.db.A.Rider)
}

func (x *kiosk) pass(t *testing.T, id uuid.UUID) store.Pass {
	t.Helper()
	p, err := x.db.Read(x.db.A.ID).Pass(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// later moves a pass into the past, as if it had been bought days ago.
func (x *kiosk) later(t *testing.T, id uuid.UUID, days int) {
	t.Helper()
	x.db.Exec(t, `update pass set first_day = first_day - $2::int, last_day = last_day - $2::int, activated_at = activated_at - make_interval(days => $2::int), due_at = due_at - make_interval(days => $2::int) where id = $1`, id, days)
	if err := x.ledger.TurnPasses(context.Background()); err != nil {
		t.Fatal(err)
	}
}

var carnet = pass.Terms{Rides: 3, Days: 30, Price: 10_000, RefundIn: 14} // 33.33, 33.33, 33.34

// A pass of three rides, as it is lived: bought from the wallet, used, one ride cancelled in time, used up; what was ridden is
// earned to the unit.
func TestPassFlow(t *testing.T) {
	t.Parallel()
	x, ctx := newKiosk(t), context.Background()
	id := x.buy(t, carnet)
	mine, seats, revenue := ledger.Pass(id, "MAD"), ledger.Deferred("seats", "MAD"), ledger.Revenue("seats", "MAD")
	if p := x.pass(t, id); p.State != pass.Active || p.First != x.day.Date || p.Last != x.day.Date.AddDays(29) || x.holds(t, mine) != 10_000 || x.wallet(t) != 0 {
		t.Fatalf("%+v", p)
	}
	first, second, third, fourth := x.booking(t), x.booking(t), x.booking(t), x.booking(t)
	for _, b := range []uuid.UUID{first, second} {
		if used, err := x.use(b, 1); err != nil || used != id {
			t.Fatal(used, err)
		}
	}
	if used, err := x.use(first, 1); err != nil || used != id { // again
		t.Fatal(err)
	}
	if x.holds(t, mine) != 3_334 || x.holds(t, seats) != 6_666 {
		t.Fatalf("after two rides %d and %d", x.holds(t, mine), x.holds(t, seats))
	}
	x.giveBack(t, second, true)
	x.giveBack(t, second, true)
	for _, b := range []uuid.UUID{third, fourth} {
		if _, err := x.use(b, 1); err != nil {
			t.Fatal(err)
		}
	}
	if p := x.pass(t, id); p.State != pass.UsedUp || p.Used != 3 || p.Spent != 10_000 || x.holds(t, mine) != 0 || x.holds(t, seats) != 10_000 {
		t.Fatalf("used up: %+v", p)
	}
	if _, err := x.use(x.booking(t), 1); code(err) != "pass_none" {
		t.Errorf("a fourth ride: %v", err)
	}
	x.earn(t, first)
	x.earn(t, first)
	x.earn(t, second) // it came back: nothing
	x.earn(t, third)
	x.giveBack(t, fourth, false) // too late: spent, and earned
	if x.holds(t, revenue) != 10_000 || x.holds(t, seats) != 0 {
		t.Errorf("earned %d, left %d", x.holds(t, revenue), x.holds(t, seats))
	}
	if uses, err := x.db.Read(x.db.A.ID).PassUses(ctx, id, 10); err != nil || len(uses) != 4 {
		t.Errorf("%d uses, %v", len(uses), err)
	}
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// Sixteen bookings at once with a pass of five rides left: five are paid, eleven are told, the pass holds nothing.
func TestPassUsedBySixteenAtOnce(t *testing.T) {
	t.Parallel()
	x := newKiosk(t)
	id := x.buy(t, pass.Terms{Rides: 7, Days: 30, Price: 10_001})
	for range 2 {
		if _, err := x.use(x.booking(t), 1); err != nil {
			t.Fatal(err)
		}
	}
	bookings := make([]uuid.UUID, 16)
	for i := range bookings {
		bookings[i] = x.booking(t)
	}
	var paid, told atomic.Int64
	var wg sync.WaitGroup
	for _, b := range bookings {
		wg.Go(func() {
			switch _, err := x.use(b, 1); {
			case err == nil:
				paid.Add(1)
			case code(err) == "pass_none":
				told.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	p := x.pass(t, id)
	if paid.Load() != 5 || told.Load() != 11 || p.Used != 7 || p.State != pass.UsedUp || x.holds(t, ledger.Pass(id, "MAD")) != 0 || x.holds(t, ledger.Deferred("seats", "MAD")) != 10_001 {
		t.Errorf("%d were paid, %d told; %+v; left %d", paid.Load(), told.Load(), p, x.holds(t, ledger.Pass(id, "MAD")))
	}
	// All come back at once, each twice.
	var all []uuid.UUID
	for _, u := range x.db.Texts(t, `select booking_id::text from pass_use`) {
		all = append(all, uuid.MustParse(u), uuid.MustParse(u))
	}
	for _, b := range all {
		wg.Go(func() { x.giveBack(t, b, true) })
	}
	wg.Wait()
	if p := x.pass(t, id); p.Used != 0 || p.Spent != 0 || p.State != pass.Active || x.holds(t, ledger.Pass(id, "MAD")) != 10_001 {
		t.Errorf("after all came back: %+v", p)
	}
}

// A period with two rides a day: sixteen at once get two, and they are worth nothing by themselves.
func TestPeriodOfTwoADay(t *testing.T) {
	t.Parallel()
	x := newKiosk(t)
	id := x.buy(t, pass.Terms{Days: 30, PerDay: 2, Price: 40_000})
	bookings := make([]uuid.UUID, 16)
	for i := range bookings {
		bookings[i] = x.booking(t)
	}
	var paid atomic.Int64
	var wg sync.WaitGroup
	for _, b := range bookings {
		wg.Go(func() {
			if _, err := x.use(b, 1); err == nil {
				paid.Add(1)
			} else if code(err) != "pass_none" {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if paid.Load() != 2 || x.holds(t, ledger.Pass(id, "MAD")) != 40_000 {
		t.Errorf("%d rides, %d left", paid.Load(), x.holds(t, ledger.Pass(id, "MAD")))
	}
}

// A period is earned day by day; what nobody rode of a carnet is earned when it ends; a ride that the operator cancels after
// that comes back as money.
func TestPassesEnd(t *testing.T) {
	t.Parallel()
	x := newKiosk(t)
	period := x.buy(t, pass.Terms{Days: 7, Price: 1_000})
	x.later(t, period, 3)
	if got := x.holds(t, ledger.Revenue("passes", "MAD")); got != 428 { // 1000 × 3 ÷ 7
		t.Errorf("after three days %d are earned", got)
	}
	if p := x.pass(t, period); p.State != pass.Active || p.Spent != 428 {
		t.Errorf("%+v", p)
	}
	period = x.buy(t, pass.Terms{Days: 7, Price: 1_000}) // while every node was down
	x.later(t, period, 9)
	if p := x.pass(t, period); p.State != pass.Expired || p.Spent != 1_000 || x.holds(t, ledger.Revenue("passes", "MAD")) != 1_428 || x.holds(t, ledger.Pass(period, "MAD")) != 0 {
		t.Errorf("%+v", p)
	}
	if n := x.db.Int(t, `select count(*) from journal where subject = $1 and kind = 'pass_earned' and at > effective_at`, "pass/"+period.String()); n != 7 {
		t.Errorf("%d days were earned", n)
	}
	if n := x.db.Int(t, `select count(*) from pass where id = $1 and due_at is not null`, period); n != 0 {
		t.Error("it is still due")
	}

	x.db.Exec(t, `update pass set state = 'expired', due_at = null`) // the one that is still good would go first
	trip := x.buy(t, carnet)
	b := x.booking(t)
	if used, err := x.use(b, 1); err != nil || used != trip {
		t.Fatal(used, err)
	}
	x.later(t, trip, 31)
	if p := x.pass(t, trip); p.State != pass.Expired || x.holds(t, ledger.Revenue("breakage", "MAD")) != 6_667 || x.holds(t, ledger.Pass(trip, "MAD")) != 0 {
		t.Errorf("%+v, breakage %d", p, x.holds(t, ledger.Revenue("breakage", "MAD")))
	}
	x.giveBack(t, b, true)
	if x.wallet(t) != 3_333 || x.holds(t, ledger.Deferred("seats", "MAD")) != 0 {
		t.Errorf("the wallet has %d", x.wallet(t))
	}
	if _, err := x.use(x.booking(t), 1); code(err) != "pass_none" {
		t.Errorf("%v", err)
	}
	if _, err := x.db.VerifyLedger(context.Background(), x.db.A.ID); err != nil {
		t.Error(err)
	}
}

// By card: open until the gateway has the money, whatever webhooks do; abandoned when it never comes; taken back to the card.
func TestPassByCard(t *testing.T) {
	t.Parallel()
	x, ctx := newKiosk(t), context.Background()
	product := x.product(t, carnet)
	claim := x.claim("passes.buy")
	b, err := x.payments.BuyPass(ctx, x.db.A.ID, x.db.A.Rider, claim, product, billing.ByCard, store.With{})
	if err != nil || b.Payment == uuid.Nil {
		t.Fatalf("%+v, %v", b, err)
	}
	if again, err := x.payments.BuyPass(ctx, x.db.A.ID, x.db.A.Rider, claim, product, billing.ByCard, store.With{}); err != nil || again != b {
		t.Errorf("again: %+v, %v", again, err)
	}
	if _, err := x.use(x.booking(t), 1); code(err) != "pass_none" || x.pass(t, b.Pass).State != pass.Open {
		t.Errorf("before it is paid: %v", err)
	}
	_, next, err := x.payments.Carry(ctx, x.db.A.ID, b.Payment, billing.OpPay, 1)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := x.till.pay(t, next.ClientSecret, "4242424242424242"); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	x.settle(t)
	if p := x.pass(t, b.Pass); p.State != pass.Active || x.holds(t, ledger.Pass(b.Pass, "MAD")) != 10_000 {
		t.Fatalf("after paying: %+v", p)
	}
	refund := func(id uuid.UUID) error {
		return x.payments.RefundPass(ctx, x.db.A.ID, x.db.A.Rider, x.claim("passes.refund"), id)
	}
	if err := x.payments.RefundPass(ctx, x.db.A.ID, x.db.A.Rider2, x.claim("passes.refund"), b.Pass); code(err) != "not_found" {
		t.Errorf("another's: %v", err)
	}
	if err := refund(b.Pass); err != nil {
		t.Fatal(err)
	}
	if err := refund(b.Pass); code(err) != "pass_not_refundable" {
		t.Errorf("twice: %v", err)
	}
	x.settle(t)
	if p, pay := x.pass(t, b.Pass), x.see(t, b.Payment); p.State != pass.Refunded || pay.Refunded != 10_000 || x.holds(t, ledger.Pass(b.Pass, "MAD")) != 0 || x.holds(t, ledger.Clearing("stripe", "MAD")) != 0 {
		t.Errorf("%+v, %+v", p, pay)
	}

	never, err := x.payments.BuyPass(ctx, x.db.A.ID, x.db.A.Rider, x.claim("passes.buy"), product, billing.ByCard, store.With{})
	if err != nil {
		t.Fatal(err)
	}
	x.work(t, "true")
	x.settle(t)
	if p := x.pass(t, never.Pass); p.State != pass.Abandoned {
		t.Errorf("never paid: %+v", p)
	}
	if _, err := x.db.VerifyLedger(ctx, x.db.A.ID); err != nil {
		t.Error(err)
	}
}

func TestPassesAreRefused(t *testing.T) {
	t.Parallel()
	x, ctx := newKiosk(t), context.Background()
	product := x.product(t, carnet)
	buy := func(product uuid.UUID, with string) error {
		_, err := x.payments.BuyPass(ctx, x.db.A.ID, x.db.A.Rider, x.claim("passes.buy"), product, with, store.With{})
		return err
	}
	if err := buy(product, billing.FromWallet); code(err) != "insufficient_funds" {
		t.Errorf("%v", err)
	}
	if err := buy(uuid.New(), billing.FromWallet); code(err) != "not_found" {
		t.Errorf("%v", err)
	}
	if err := buy(product, "shells"); code(err) != "payment_not_taken" {
		t.Errorf("%v", err)
	}
	if n := x.db.Int(t, `select count(*) from pass`); n != 0 {
		t.Errorf("%d passes", n)
	}
	for at, terms := range map[string]pass.Terms{"/price": {Rides: 3, Days: 3, Price: 0}, "/days": {Rides: 3, Price: 100}, "/rides": {Rides: -1, Days: 3, Price: 100},
		"/per_day": {Rides: 3, PerDay: 2, Days: 3, Price: 100}, "/lines": {Days: 3, Price: 100, Lines: []uuid.UUID{uuid.New()}}, "/stops": {Days: 3, Price: 100, Stops: []uuid.UUID{uuid.New()}}} {
		if _, err := x.payments.AddPassProduct(ctx, x.db.A.ID, x.db.A.Users["admin"], x.claim("passProducts.create"), store.PassProduct{Name: "x", Terms: terms}); code(err) == "" {
			t.Errorf("%s was not refused", at)
		}
	}
	off := false
	if _, err := x.payments.ChangePassProduct(ctx, x.db.A.ID, x.db.A.Users["admin"], product, billing.PassProductChange{OnSale: &off}); err != nil {
		t.Fatal(err)
	}
	x.fill(t, 20_000)
	if err := buy(product, billing.FromWallet); code(err) != "pass_not_on_sale" {
		t.Errorf("%v", err)
	}
	// Used, or late: not taken back; a period's days that were earned come back too.
	id := x.buy(t, pass.Terms{Days: 10, Price: 1_000, RefundIn: 3})
	x.later(t, id, 2)
	before := x.wallet(t)
	if err := x.payments.RefundPass(ctx, x.db.A.ID, x.db.A.Rider, x.claim("passes.refund"), id); err != nil || x.wallet(t) != before+1_000 || x.holds(t, ledger.Revenue("passes", "MAD")) != 0 {
		t.Errorf("%v, %d", err, x.wallet(t)-before)
	}
	used := x.buy(t, carnet)
	if got, err := x.use(x.booking(t), 1); err != nil || got != used {
		t.Fatal(got, err)
	}
	late := x.buy(t, pass.Terms{Days: 10, Price: 1_000, RefundIn: 3})
	x.later(t, late, 4)
	for _, id := range []uuid.UUID{used, late} {
		if err := x.payments.RefundPass(ctx, x.db.A.ID, x.db.A.Rider, x.claim("passes.refund"), id); code(err) != "pass_not_refundable" {
			t.Errorf("%v", err)
		}
	}
}
