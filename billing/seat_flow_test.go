package billing_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/stripeemu"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

const (
	goodCard      = "4242424242424242"
	declinedCard  = "4000000000000002"
	challengeCard = "4000000000003220"
	seatFare      = 1200
)

// line is a till and a day of trips whose seats cost 12.
type line struct {
	*till
	seats   *booking.Service
	day     storetest.Day
	account uuid.UUID
	by      booking.By
}

func newLine(t *testing.T) *line {
	t.Helper()
	return newLineAt(t, newTill(t))
}

func newLineAt(t *testing.T, x *till) *line {
	t.Helper()
	x.db.Exec(t, `update tenant set settings = settings || '{"booking": {"flat_fare": 1200}}'::jsonb where id = '`+x.db.A.ID.String()+`'`)
	l := &line{till: x, seats: booking.New(booking.Config{DB: x.db.DB}), by: booking.By{Tenant: x.db.A.ID, User: x.db.A.Rider}}
	l.day = x.db.Day(t, x.db.A, servicedate.On(time.Now(), time.UTC).AddDays(3), 2)
	account, err := x.db.Read(x.db.A.ID).GatewayAccountOf(context.Background(), string(gateway.Stripe))
	if err != nil {
		t.Fatal(err)
	}
	l.account = account.ID
	return l
}

func (l *line) claim(op string) idem.Claim {
	l.n++
	return idem.Claim{Actor: l.by.User, Operation: op, Key: fmt.Sprint("k", l.n)}
}

func (l *line) hold(t *testing.T) uuid.UUID {
	t.Helper()
	r, err := l.seats.Hold(context.Background(), l.by, l.claim("bookings.hold"), booking.Hold{Trip: l.day.Trips[0], From: l.day.Stops[0], To: l.day.Stops[1], Party: 1})
	if err != nil || r.Booking.Fare.Amount != seatFare {
		t.Fatalf("%+v, %v", r, err)
	}
	return r.Booking.ID
}

// open is what the rider's page does: pay, and get what the gateway's form needs.
func (l *line) open(t *testing.T, b uuid.UUID) (uuid.UUID, gateway.Next) {
	t.Helper()
	ctx := context.Background()
	r, err := l.seats.Pay(ctx, l.by, l.claim("bookings.pay"), b, l.account, store.With{})
	if err != nil {
		t.Fatal(err)
	}
	_, next, err := l.payments.Carry(ctx, l.by.Tenant, r.Booking.Payment, billing.OpPay, 1)
	if err != nil {
		t.Fatal(err)
	}
	return r.Booking.Payment, next
}

// everything arrives and every job runs, each twice, in some order.
func (l *line) everything(t *testing.T, which string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := l.emu.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	for {
		jobs := l.db.Texts(t, `delete from river_job where `+which+` returning concat_ws(' ', kind, coalesce(args ->> 'event', args ->> 'payment'), args ->> 'op', args ->> 'n', args ->> 'booking', args ->> 'amount', args ->> 'cause')`)
		if len(jobs) == 0 {
			return
		}
		jobs = append(jobs, jobs...)
		rand.Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
		var wg sync.WaitGroup
		for _, j := range jobs {
			wg.Go(func() {
				if err := l.run(ctx, strings.Fields(j)); err != nil {
					t.Errorf("%s: %v", j, err)
				}
			})
		}
		wg.Wait()
		if err := l.emu.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

func (l *line) run(ctx context.Context, f []string) error {
	id := uuid.MustParse(f[1])
	switch f[0] {
	case errand.ApplyWebhook{}.Kind():
		return l.inbox.Apply(ctx, l.by.Tenant, id)
	case errand.SettleBooking{}.Kind():
		return l.seats.SettlePaid(ctx, l.by.Tenant, uuid.MustParse(f[2]), id)
	case errand.RefundPayment{}.Kind():
		var amount int64
		_, _ = fmt.Sscan(f[2], &amount)
		return l.payments.RefundFor(ctx, l.by.Tenant, billing.Refund{Payment: id, Amount: amount, Cause: f[3]})
	default:
		var n int
		_, _ = fmt.Sscan(f[3], &n)
		return l.payments.CarryNow(ctx, l.by.Tenant, id, f[2], n)
	}
}

// soon is all but the calling off of what nobody pays.
const soon = `args ->> 'op' is distinct from 'cancel' or unique_key is null or scheduled_at <= clock_timestamp()`

func (l *line) state(t *testing.T, b uuid.UUID) string {
	t.Helper()
	v, err := l.seats.Get(context.Background(), l.by.Tenant, b)
	if err != nil {
		t.Fatal(err)
	}
	return v.State
}

func (l *line) books(t *testing.T, a ledger.Account) int64 {
	t.Helper()
	b, err := l.db.Read(l.by.Tenant).Balance(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return b.Amount(a.Class())
}

// sums holds what is sold and not ridden, on its way back, and earned.
func (l *line) sums(t *testing.T, what string, seats, back, earned int64) {
	t.Helper()
	got := [3]int64{l.books(t, ledger.Deferred("seats", "MAD")), l.books(t, ledger.Deferred("refunds", "MAD")), l.books(t, ledger.Revenue("seats", "MAD"))}
	if got != [3]int64{seats, back, earned} {
		t.Errorf("%s: seats, refunds, revenue are %v, not %v", what, got, [3]int64{seats, back, earned})
	}
	if _, err := l.db.VerifyLedger(context.Background(), l.by.Tenant); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// A rider pays a seat by card: held, declined once, challenged by the bank, confirmed by the webhook, given up, refunded.
func TestRiderPaysASeat(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	l.emu.Behave(stripeemu.Mood{Copies: 2})
	b := l.hold(t)
	p, next := l.open(t, b)
	if again, _ := l.open(t, b); again != p {
		t.Errorf("the page loaded again: payment %s, not %s", again, p)
	}
	if status, _ := l.pay(t, next.ClientSecret, declinedCard); status != 402 {
		t.Errorf("a declined card: %d", status)
	}
	l.everything(t, soon)
	if s := l.state(t, b); s != "held" {
		t.Errorf("after a decline: %s", s)
	}
	if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	l.everything(t, soon)
	if s := l.state(t, b); s != "confirmed" {
		t.Errorf("after paying: %s", s)
	}
	l.sums(t, "paid", seatFare, 0, 0)
	if _, err := l.seats.Cancel(ctx, l.by, l.claim("bookings.cancel"), b); err != nil {
		t.Fatal(err)
	}
	l.everything(t, soon)
	l.sums(t, "given up", 0, 0, 0)
	if pay := l.see(t, p); pay.Refunded != seatFare || l.state(t, b) != "cancelled" {
		t.Errorf("%+v", pay)
	}
}

// Whatever order paying, expiring, giving up and paying otherwise come in, there is a seat that is paid once, or the money
// is back: never neither, never both.
func TestPaidAfterTheSeatWasGone(t *testing.T) {
	t.Parallel()
	full := func(t *testing.T, l *line) {
		t.Helper()
		for {
			_, err := l.seats.Hold(context.Background(), booking.By{Tenant: l.by.Tenant, User: l.db.A.Rider2}, idem.Claim{},
				booking.Hold{Trip: l.day.Trips[0], From: l.day.Stops[0], To: l.day.Stops[1], Party: 1})
			if fault.Is(err, "trip_full") {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	expire := func(t *testing.T, l *line) {
		t.Helper()
		l.db.Exec(t, `update booking set expires_at = clock_timestamp() where state = 'held'`)
		if err := l.seats.ReleaseDue(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		meanwhile func(*testing.T, *line, uuid.UUID)
		state     string
		refunded  int64
		wallet    int64
	}{
		"nothing":             {func(*testing.T, *line, uuid.UUID) {}, "confirmed", 0, 0},
		"expired, seats free": {func(t *testing.T, l *line, _ uuid.UUID) { expire(t, l) }, "confirmed", 0, 0},
		"due, not released": {func(t *testing.T, l *line, _ uuid.UUID) {
			l.db.Exec(t, `update booking set expires_at = clock_timestamp()`)
		}, "confirmed", 0, 0},
		"expired, seats sold": {func(t *testing.T, l *line, _ uuid.UUID) { expire(t, l); full(t, l) }, "expired", seatFare, 0},
		"expired, trip cancelled": {func(t *testing.T, l *line, _ uuid.UUID) {
			expire(t, l)
			l.db.Exec(t, `update trip set status = 'cancelled'`)
		}, "expired", seatFare, 0},
		"given up": {func(t *testing.T, l *line, b uuid.UUID) {
			l.must(t)(l.seats.Cancel(context.Background(), l.by, l.claim("c"), b))
		}, "cancelled", seatFare, 0},
		"confirmed with cash": {func(t *testing.T, l *line, b uuid.UUID) {
			l.must(t)(l.seats.Confirm(context.Background(), l.by, l.claim("c"), b, booking.Cash))
		}, "confirmed", seatFare, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			b := l.hold(t)
			p, next := l.open(t, b)
			l.emu.Hold()
			if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
				t.Fatalf("%d %s", status, body)
			}
			c.meanwhile(t, l, b)
			l.emu.Release()
			for range 3 {
				l.everything(t, "true")
			}
			pay := l.see(t, p)
			if got := l.state(t, b); got != c.state || pay.Refunded != c.refunded || pay.Status != payment.Paid {
				t.Errorf("%s, %+v", got, pay)
			}
			l.sums(t, name, seatFare-c.refunded, 0, 0)
		})
	}
}

func (l *line) must(t *testing.T) func(booking.Result, error) {
	t.Helper()
	return func(_ booking.Result, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A seat paid from the wallet takes what is there and no more, and gives it back.
func TestSeatFromTheWallet(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	b := l.hold(t)
	if _, err := l.seats.Confirm(ctx, l.by, l.claim("c"), b, "wallet"); !fault.Is(err, "insufficient_funds") || l.state(t, b) != "held" {
		t.Errorf("an empty wallet: %v, %s", err, l.state(t, b))
	}
	l.paid(t, 3000)
	var wg sync.WaitGroup
	var mu sync.Mutex
	bought := 0
	for range 8 {
		id := l.hold(t)
		c := l.claim("c")
		wg.Go(func() {
			_, err := l.seats.Confirm(ctx, l.by, c, id, "wallet")
			if err != nil && !fault.Is(err, "insufficient_funds") {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				bought++
			}
		})
	}
	wg.Wait()
	if bought != 2 || l.wallet(t) != 600 {
		t.Errorf("%d seats, %d left", bought, l.wallet(t))
	}
	l.sums(t, "bought", 2400, 0, 0)
	for _, id := range l.db.Texts(t, `select id::text from booking where pay = 'wallet' and state = 'confirmed'`) {
		l.must(t)(l.seats.Cancel(ctx, l.by, l.claim("c"), uuid.MustParse(id)))
	}
	if l.wallet(t) != 3000 {
		t.Errorf("%d", l.wallet(t))
	}
	l.sums(t, "given up", 0, 0, 0)
}

// A rider who pays otherwise, or gives the seat up, is not charged as well: the card's payment is called off at the gateway at
// once, and not only when its time is over.
func TestSeatPaysOtherwise(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	for name, meanwhile := range map[string]func(b uuid.UUID) (booking.Result, error){
		"cash": func(b uuid.UUID) (booking.Result, error) {
			return l.seats.Confirm(ctx, l.by, l.claim("c"), b, booking.Cash)
		},
		"given up": func(b uuid.UUID) (booking.Result, error) { return l.seats.Cancel(ctx, l.by, l.claim("c"), b) },
	} {
		b := l.hold(t)
		p, next := l.open(t, b)
		l.must(t)(meanwhile(b))
		l.everything(t, soon)
		if got := l.see(t, p); got.Status != payment.Cancelled {
			t.Errorf("%s: %+v", name, got)
		}
		if status, body := l.pay(t, next.ClientSecret, goodCard); status == 200 {
			t.Errorf("%s: what was called off is paid: %s", name, body)
		}
	}
	l.sums(t, "nobody paid", 0, 0, 0)
}

// A seat that is given up late: of what the rider paid comes back what the policy says, of what the employer pays everything;
// the rest is the operator's.
func TestSeatGivenUpLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pay      string
		employed bool
		back     int64 // to the rider
	}{
		"card":                   {"card", false, 300},
		"wallet":                 {"wallet", false, 300},
		"wallet and an employer": {"wallet", true, 150},
		"card and an employer":   {"card", true, 150},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, ctx := newLine(t), context.Background()
			l.db.Exec(t, `update tenant set settings = settings || '{"booking": {"flat_fare": 1200, "late_refund_percent": 25}}'::jsonb where id = $1`, l.by.Tenant.UUID())
			share := int64(seatFare)
			var programme ledger.Account
			if c.employed {
				e := l.db.Employer(t, l.db.A, "Atlas")
				l.db.Member(t, e, e.Organisation, l.by.User)
				share, programme = seatFare/2, ledger.Programme(e.Programme, "MAD")
			}
			b := l.hold(t)
			var p uuid.UUID
			if c.pay == "card" {
				var next gateway.Next
				p, next = l.open(t, b)
				if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
					t.Fatalf("%d %s", status, body)
				}
				l.everything(t, soon)
			} else {
				l.paid(t, 3000)
				l.must(t)(l.seats.Confirm(ctx, l.by, l.claim("c"), b, c.pay))
			}
			l.db.Exec(t, `update booking set cancel_until = clock_timestamp() - interval '1 minute'`)
			l.must(t)(l.seats.Cancel(ctx, l.by, l.claim("c"), b))
			l.everything(t, soon)
			l.sums(t, name, 0, 0, share-c.back)
			if c.pay == "card" {
				if got := l.see(t, p); got.Captured != share || got.Refunded != c.back {
					t.Errorf("%+v", got)
				}
			} else if got := l.wallet(t); got != 3000-share+c.back {
				t.Errorf("the wallet holds %d", got)
			}
			if c.employed && l.books(t, programme) != 0 {
				t.Errorf("the employer owes %d", l.books(t, programme))
			}
		})
	}
}

// A ride is earned when it is over, whoever boarded; cash is in the hands of who took it.
func TestRidesAreEarned(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	l.day = l.db.Day(t, l.db.A, servicedate.On(time.Now(), time.UTC), 2)
	l.db.Exec(t, `update trip set departs_at = clock_timestamp() + interval '3 hours', ends_at = clock_timestamp() + interval '4 hours'`)
	l.paid(t, 5000)
	ids := make([]uuid.UUID, 4)
	for i, pay := range []string{"wallet", "cash", "wallet", "cash"} {
		ids[i] = l.hold(t)
		l.must(t)(l.seats.Confirm(ctx, l.by, l.claim("c"), ids[i], pay))
	}
	// The day is over: its trips run in the past now.
	l.db.Exec(t, `update trip set departs_at = clock_timestamp() - interval '5 hours', ends_at = clock_timestamp() - interval '4 hours'`)
	l.db.Exec(t, `update booking set from_at = clock_timestamp() - interval '5 hours', to_at = clock_timestamp() - interval '4 hours'`)
	driver := booking.By{Tenant: l.by.Tenant, User: l.db.A.Users["driver"]}
	for _, i := range []int{0, 1} {
		l.must(t)(l.seats.Board(ctx, driver, idem.Claim{}, ids[i]))
		l.must(t)(l.seats.Board(ctx, driver, idem.Claim{}, ids[i]))
	}
	l.must(t)(l.seats.NoShow(ctx, driver, idem.Claim{}, ids[2]))
	float := ledger.Float(driver.User, "MAD")
	if got := l.books(t, float); got != seatFare {
		t.Errorf("the driver holds %d", got)
	}
	l.sums(t, "boarded", 3*seatFare, 0, 0)
	for range 2 {
		if err := l.seats.SettleEnded(ctx); err != nil {
			t.Fatal(err)
		}
	}
	l.sums(t, "over", 0, 0, 3*seatFare)
	l.must(t)(l.seats.Board(ctx, driver, idem.Claim{}, ids[3])) // a scan that a phone kept
	l.must(t)(l.seats.Board(ctx, driver, idem.Claim{}, ids[2]))
	l.sums(t, "late scans", 0, 0, 4*seatFare)
	if got := l.books(t, float); got != 2*seatFare {
		t.Errorf("the driver holds %d", got)
	}
}

// Two pages of one rider that open the payment at once both get something to go on with.
func TestTwoPagesAtOnce(t *testing.T) {
	t.Parallel()
	l, ctx := newLine(t), context.Background()
	for range 20 {
		r, err := l.seats.Pay(ctx, l.by, l.claim("bookings.pay"), l.hold(t), l.account, store.With{})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s, err := l.payments.Step(ctx, l.by.Tenant, r.Booking.Payment)
				if err == nil && s.Next.ClientSecret.IsZero() {
					t.Errorf("nothing to go on with: %+v", s.Payment)
				}
				if err != nil && !fault.Is(err, "unavailable") { // another one is being answered: ask again
					t.Error(err)
				}
			})
		}
		wg.Wait()
		l.db.Exec(t, `update booking set state = 'expired' where state = 'held'`)
		l.db.Exec(t, `update trip set free = array_fill(capacity, array[cardinality(free)]), held = 0`)
	}
}
