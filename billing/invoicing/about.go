package invoicing

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/store"
)

// About is what a case is about, as whoever decides reads it.
type About struct {
	Text    string // the ride, or what the line says
	Person  string
	Number  string // of the invoice
	Invoice uuid.UUID
	Date    string
	Amount  ledger.Money
	Net     bool // of a line: its amount is without tax

	// Of a booking.
	Share      ledger.Money // what the rider bears of the amount; the rest is their employer's
	Pay        string
	State      string
	Refundable bool      // the ride is over, and what was paid can go back the way it came
	Boarded    time.Time // zero: nobody was scanned
}

// About reads the ride or the line that a case names. What is gone is told by the case's subject alone.
func (s *Service) About(ctx context.Context, t tenant.ID, c store.Case) (out About, err error) {
	kind, rest, _ := strings.Cut(c.Subject, "/")
	switch kind {
	case "booking":
		id, _ := uuid.Parse(rest) // the nil UUID is nobody's booking
		b, err := s.db.Read(t).Booking(ctx, id)
		if store.IsNotFound(err) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		cur := ledger.Currency(b.Fare.Currency)
		way := funding.Way(b.Pay)
		return About{Text: b.LineName + ", " + b.From.Name + " – " + b.To.Name, Person: b.RiderName, Date: b.Date.String(), State: b.State, Boarded: b.BoardedAt,
			Amount: ledger.Of(b.Fare.Amount, cur), Share: ledger.Of(b.Fare.Amount-b.Subsidy, cur), Pay: b.Pay,
			Refundable: over(seat.State(b.State)) && (way == funding.Card || way == funding.Wallet)}, nil
	case "invoice":
		id, line, _ := invoiceLine(rest)
		d, err := s.db.Read(t).Document(ctx, id)
		if store.IsNotFound(err) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = About{Number: d.Number.String(), Invoice: d.ID, Net: d.Prices == invoice.NetPrices}
		if n, _ := strconv.Atoi(line); n >= 1 && n <= len(d.Lines) {
			l := d.Lines[n-1]
			out.Text, out.Person, out.Date, out.Amount = l.Text, l.Person, l.Date.String(), ledger.Of(l.Amount, ledger.Currency(d.Currency))
		}
	}
	return out, nil
}
