package billing_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
)

// A seat is given up while its money is disputed: what its rider is owed waits for the bank. Won, it goes back; lost, they have it from the
// bank, and nothing is left waiting. Whatever comes first, each event and job twice.
func TestSeatGivenUpWhileDisputed(t *testing.T) {
	t.Parallel()
	cancel := func(t *testing.T, l *line, _ string) {
		t.Helper()
		bookings := l.db.Texts(t, `select id::text from booking`)
		l.must(t)(l.seats.Cancel(context.Background(), l.by, l.claim("bookings.cancel"), uuid.MustParse(bookings[0])))
	}
	dispute := func(_ *testing.T, l *line, pi string) { l.emu.DisputePayment(pi) }
	closed := func(won bool) func(*testing.T, *line, string) {
		return func(_ *testing.T, l *line, _ string) {
			for _, d := range l.emu.Objects("sk_test_alpha", "dispute") {
				l.emu.CloseDispute(d["id"].(string), won)
			}
		}
	}
	for name, c := range map[string]struct {
		steps          []func(*testing.T, *line, string)
		refunded, loss int64
		seats, clear   int64
	}{
		"open":                   {[]func(*testing.T, *line, string){dispute, cancel}, 0, 0, seatFare, 0},
		"won":                    {[]func(*testing.T, *line, string){dispute, cancel, closed(true)}, seatFare, 0, 0, 0},
		"lost":                   {[]func(*testing.T, *line, string){dispute, cancel, closed(false)}, 0, 0, 0, 0},
		"given up after it":      {[]func(*testing.T, *line, string){dispute, closed(false), cancel}, 0, 0, 0, 0},
		"given up, won before":   {[]func(*testing.T, *line, string){dispute, closed(true), cancel}, seatFare, 0, 0, 0},
		"lost, and not given up": {[]func(*testing.T, *line, string){dispute, closed(false)}, 0, seatFare, seatFare, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			b := l.hold(t)
			p, next := l.open(t, b)
			if status, body := l.pay(t, next.ClientSecret, goodCard); status != 200 {
				t.Fatalf("%d %s", status, body)
			}
			l.everything(t, soon)
			for _, step := range c.steps {
				step(t, l, l.see(t, p).Ref)
				l.everything(t, soon)
			}
			l.sums(t, name, c.seats, 0, 0)
			if got := l.see(t, p); got.Refunded != c.refunded || l.books(t, ledger.Loss("dispute", "MAD")) != c.loss || l.books(t, ledger.Clearing("stripe", "MAD")) != c.clear {
				t.Errorf("lost %d, cleared %d, %+v", l.books(t, ledger.Loss("dispute", "MAD")), l.books(t, ledger.Clearing("stripe", "MAD")), got)
			}
		})
	}
}
