package billing_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/booking"
	"github.com/waymeet/waymeet/internal/idem"
)

// fils is a line whose seats cost 1.250 KWD, of which a card moves tens.
func fils(t *testing.T) *line {
	t.Helper()
	l := newLine(t)
	l.db.Exec(t, `update tenant set currency = 'KWD', settings = settings || '{"booking": {"flat_fare": 1250, "late_refund_percent": 50}}'::jsonb where id = $1`, l.by.Tenant.UUID())
	return l
}

func (l *line) byCard(t *testing.T, share int64) (b, p uuid.UUID) {
	t.Helper()
	r, err := l.seats.Hold(t.Context(), l.by, l.claim("bookings.hold"), booking.Hold{Trip: l.day.Trips[0], From: l.day.Stops[0], To: l.day.Stops[1], Party: 1})
	if err != nil || r.Booking.Fare.Amount != 1250 || r.Booking.Fare.Currency != "KWD" {
		t.Fatalf("%+v, %v", r, err)
	}
	p, next := l.open(t, r.Booking.ID)
	if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	l.everything(t, soon)
	if pay := l.see(t, p); pay.Captured != share || l.state(t, r.Booking.ID) != "confirmed" {
		t.Fatalf("%+v", pay)
	}
	return r.Booking.ID, p
}

// stands holds what is sold and not ridden, on its way back, and earned, in fils.
func (l *line) stands(t *testing.T, what string, seats, back, earned int64) {
	t.Helper()
	got := [3]int64{l.books(t, ledger.Deferred("seats", "KWD")), l.books(t, ledger.Deferred("refunds", "KWD")), l.books(t, ledger.Revenue("seats", "KWD"))}
	if got != [3]int64{seats, back, earned} {
		t.Errorf("%s: seats, refunds, revenue are %v, not %v", what, got, [3]int64{seats, back, earned})
	}
	if _, err := l.db.VerifyLedger(context.Background(), l.by.Tenant); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// Half of 1.250 KWD is 0.625: the card gets 0.620, the wallet the rest, in whatever way it is given back and however often; refused by the gateway,
// the wallet has all of it.
func TestHalfOfThreeDigits(t *testing.T) {
	t.Parallel()
	late := func(t *testing.T, l *line, b uuid.UUID) {
		l.db.Exec(t, `update booking set cancel_until = clock_timestamp() - interval '1 minute'`)
		l.must(t)(l.seats.Cancel(t.Context(), l.by, l.claim("c"), b))
	}
	decided := func(t *testing.T, l *line, b uuid.UUID) {
		l.db.Exec(t, `update booking set state = 'no_show'`)
		(&counting{till: l.till}).record(t, ledger.Post("booking:"+b.String()+":earned", "seat_earned", ledger.Debit(ledger.Deferred("seats", "KWD"), ledger.Of(1250, "KWD")),
			ledger.Credit(ledger.Revenue("seats", "KWD"), ledger.Of(1250, "KWD"))), "booking/"+b.String())
		if err := invoicing.New(l.db.DB).Decide(t.Context(), l.by.Tenant, l.db.A.Users["finance"], idem.Claim{}, l.about(t, b),
			invoicing.Decision{As: invoicing.Refunded, Amount: ledger.Of(625, "KWD"), Answer: "Sorry."}); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		give    func(*testing.T, *line, uuid.UUID)
		refused bool
	}{"given up late": {late, false}, "given up late, and refused": {late, true}, "a case": {decided, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := fils(t)
			b, p := l.byCard(t, 1250)
			if c.refused {
				l.refuses("insufficient_funds")
			}
			c.give(t, l, b)
			for range 3 {
				l.everything(t, soon)
			}
			card, wallet := int64(620), int64(5)
			if c.refused {
				card, wallet = 0, 625
			}
			if pay := l.see(t, p); pay.Refunded != card || l.inWallet(t) != wallet {
				t.Errorf("the wallet holds %d, %+v", l.inWallet(t), pay)
			}
			l.stands(t, name, 0, 0, 625)
			l.emu.Heal()
			if err := l.refund(billing.Refund{Payment: p, Amount: 3}); codeOf(err) != "amount_not_chargeable" {
				t.Errorf("what no card is given: %v", err)
			}
			if err := l.refund(billing.Refund{Payment: p, Amount: 630}); codeOf(err) != "refund_too_much" {
				t.Errorf("more than is left: %v", err)
			}
			if err := l.refund(billing.Refund{Payment: p}); err != nil { // all that is left: 625
				t.Error(err)
			}
			l.everything(t, soon)
			if pay := l.see(t, p); pay.Refunded+l.inWallet(t) != 1250 {
				t.Errorf("in the end the wallet holds %d, %+v", l.inWallet(t), pay)
			}
			l.stands(t, name, 0, 0, 0)
		})
	}
}

// Less than a card can be given is the wallet's at once, once; no gateway is asked.
func TestLessThanAStep(t *testing.T) {
	t.Parallel()
	l := fils(t)
	b, p := l.byCard(t, 1250)
	for i := range 3 {
		if err := l.payments.RefundFor(t.Context(), l.by.Tenant, billing.Refund{Payment: p, Amount: 7, Cause: "booking/" + b.String()}); err != nil {
			t.Error(err)
		}
		if pay := l.see(t, p); l.inWallet(t) != 7 || l.db.Int(t, `select count(*) from payment_operation where op = 'refund'`) != int64(i) {
			t.Errorf("the wallet holds %d, %+v", l.inWallet(t), pay)
		}
		if err := l.refund(billing.Refund{Payment: p, Amount: 100}); err != nil { // another refund comes between
			t.Fatal(err)
		}
	}
}

// Half of a fare that an employer pays leaves a share that a card can be asked for, and goes back whole to each.
func TestSharesOfThreeDigits(t *testing.T) {
	t.Parallel()
	l := fils(t)
	e := l.db.Employer(t, l.db.A, "Atlas")
	l.db.Exec(t, `update programme set currency = 'KWD'`)
	l.db.Member(t, e, e.Organisation, l.by.User)
	b, p := l.byCard(t, 620)
	l.stands(t, "paid", 1250, 0, 0)
	if got := l.books(t, ledger.Programme(e.Programme, "KWD")); got != 630 {
		t.Errorf("the employer owes %d", got)
	}
	l.must(t)(l.seats.Cancel(t.Context(), l.by, l.claim("c"), b))
	l.everything(t, soon)
	if pay := l.see(t, p); pay.Refunded != 620 || l.books(t, ledger.Programme(e.Programme, "KWD")) != 0 {
		t.Errorf("%+v", pay)
	}
	l.stands(t, "given up", 0, 0, 0)
}
