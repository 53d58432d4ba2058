package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/store"
)

// lookOf is what a gateway's object says, in the words of our own.
func lookOf(g gateway.Payment) payment.Look {
	l := payment.Look{Captured: g.Received.Minor, Refunded: g.Refunded.Minor, Returned: g.Returned.Minor}
	switch g.Status {
	case gateway.Authorised:
		l.Status, l.Authorised = payment.Authorised, g.Capturable.Minor
	case gateway.Captured:
		l.Status = payment.Paid
	case gateway.Cancelled, gateway.Failed:
		l.Status = payment.Cancelled
	}
	return l
}

// draw joins a look with what is known of a payment that tx has locked, and records what it adds: one journal a move, under
// the move's own key. seen may be empty. What was called off here and taken all the same is booked, and goes back. A pass that has ended by then is emptied.
func (p *Payments) draw(ctx context.Context, tx *store.Tx, g gateway.Gateway, pay *store.Payment, l payment.Look, seen gateway.Payment) error {
	before := *pay
	if err := p.drawMoves(ctx, tx, g, pay, l, seen); err != nil || *pay == before {
		return err
	}
	return passEmptied(ctx, tx, before, *pay)
}

func (p *Payments) drawMoves(ctx context.Context, tx *store.Tx, g gateway.Gateway, pay *store.Payment, l payment.Look, seen gateway.Payment) error {
	if c := seen.Amount.Currency; seen.ID != "" && c != "" && c != pay.Currency {
		return fmt.Errorf("billing: payment %s: %w: it is in %s, not in %s", pay.ID, payment.ErrContradiction, c, pay.Currency)
	}
	before := *pay
	late := takenLate(*pay, l)
	if late {
		pay.Status = payment.Open // that nothing would be taken was ours to hope; what was taken the gateway knows
	}
	next, err := pay.Join(l, pay.Amount)
	if err != nil {
		return fmt.Errorf("billing: payment %s: %w", pay.ID, err)
	}
	pay.Known = next
	if seen.ID != "" {
		pay.Ref, pay.Decline = seen.ID, ""
		if seen.Decline != nil && !next.Status.Over() {
			pay.Decline = string(seen.Decline.Reason)
		}
	}
	moves := next.Moves(before.Known)
	pay.Elsewhere = max(pay.Elsewhere, pay.Refunded-pay.Refunding)
	if err := p.letGoAgain(ctx, tx, *pay, l, before.Ref == "" && pay.Ref != ""); err != nil {
		return err
	}
	if *pay == before && len(moves) == 0 {
		return nil
	}
	journals, err := journalsOf(g.Profile().Kind, *pay, moves)
	if err != nil {
		return err
	}
	if more := pay.Elsewhere - before.Elsewhere; more > 0 { // nobody asked us: it is set aside now
		j, err := setAsideElsewhere(ctx, tx, *pay, more, pay.Captured-before.Captured)
		if err != nil {
			return err
		}
		journals = append(journals, j)
	}
	for _, m := range moves {
		if m.Kind == payment.MoveReturned {
			if err := returned(ctx, tx, *pay, m); err != nil {
				return err
			}
		}
	}
	if slices.ContainsFunc(moves, captured) {
		if err := keepPaid(ctx, tx, *pay, seen); err != nil {
			return err
		}
	}
	if err := p.passPaid(ctx, tx, *pay); err != nil {
		return err
	}
	if err := tx.SavePayment(ctx, *pay); err != nil {
		return err
	}
	if err := p.pass(ctx, tx, *pay, moves); err != nil {
		return err
	}
	if err := p.tellDispute(ctx, tx, *pay, moves); err != nil {
		return err
	}
	if isSession(*pay) {
		if err := p.drawShares(ctx, tx, g.Profile().Kind, before.Known, *pay, moves, journals); err != nil || !pay.Status.Over() || before.Status.Over() {
			return err
		}
		return p.lacks(ctx, tx, idOf(strings.TrimPrefix(pay.Subject, "session/")))
	}
	if err := p.drawDebts(ctx, tx, g.Profile().Kind, *pay, moves, journals, late); err != nil {
		return err
	}
	if err := p.decided(ctx, tx, *pay, moves); err != nil || !late {
		return err
	}
	return p.giveLateBack(ctx, tx, pay)
}

// pass passes what was captured on to whoever sold what was paid.
func (p *Payments) pass(ctx context.Context, tx *store.Tx, pay store.Payment, moves []payment.Move) error {
	kind, of, _ := strings.Cut(pay.Subject, "/")
	if kind != "booking" || !slices.ContainsFunc(moves, captured) {
		return nil
	}
	booking, err := uuid.Parse(of)
	if err != nil {
		return fmt.Errorf("billing: payment %s is for %q: %w", pay.ID, pay.Subject, err)
	}
	return tx.AddJob(ctx, errand.SettleBooking{Booking: booking, Payment: pay.ID}, fmt.Sprintf("%s/%d", pay.ID, pay.Captured))
}

func captured(m payment.Move) bool { return m.Kind == payment.MoveCaptured }

// callOff is a payment that will not be made. One whose object is known is over when the gateway says so.
func (p *Payments) callOff(ctx context.Context, tx *store.Tx, pay *store.Payment) error {
	if pay.Ref != "" || pay.Status.Over() {
		return nil
	}
	next, err := pay.Join(payment.Look{Status: payment.Cancelled}, pay.Amount)
	if err != nil {
		return fmt.Errorf("billing: payment %s: %w", pay.ID, err)
	}
	pay.Known = next
	if err := p.passPaid(ctx, tx, *pay); err != nil {
		return err
	}
	return tx.SavePayment(ctx, *pay)
}

// journalsOf is what moves mean for the books. What a payment pays for stands against the gateway's clearing account until it
// is delivered: a wallet is delivered at once.
func journalsOf(kind gateway.Kind, pay store.Payment, moves []payment.Move) (all []ledger.Journal, err error) {
	c := ledger.Currency(pay.Currency)
	owed, err := owedFor(pay, c)
	if err != nil {
		return nil, err
	}
	clearing, disputes := ledger.Clearing(string(kind), c), ledger.Dispute(string(kind), c)
	for _, m := range moves {
		amount := ledger.Of(m.Amount, c)
		var entries []ledger.Entry
		switch m.Kind {
		case payment.MoveCaptured:
			entries = []ledger.Entry{ledger.Debit(clearing, amount), ledger.Credit(owed, amount)}
		case payment.MoveRefunded:
			entries = []ledger.Entry{ledger.Debit(refunds(c), amount), ledger.Credit(clearing, amount)}
		case payment.MoveReturned:
			entries = []ledger.Entry{ledger.Debit(clearing, amount), ledger.Credit(ledger.Wallet(pay.Payer, c), amount)}
		case payment.MoveDisputed:
			entries = []ledger.Entry{ledger.Debit(disputes, amount), ledger.Credit(clearing, amount)}
		case payment.MoveWon:
			entries = []ledger.Entry{ledger.Debit(clearing, amount), ledger.Credit(disputes, amount)}
		case payment.MoveLost:
			entries = []ledger.Entry{ledger.Debit(ledger.Loss("dispute", c), amount), ledger.Credit(disputes, amount)}
		default:
			continue // nothing of ours has moved
		}
		j := ledger.Post("payment:"+pay.ID.String()+":"+m.Key(), "payment_"+string(m.Kind), entries...)
		j.Subject = "payment/" + pay.ID.String()
		all = append(all, j)
	}
	return all, nil
}

// refunds is what is on its way back to payers.
func refunds(c ledger.Currency) ledger.Account { return ledger.Deferred("refunds", c) }

// owedFor is whom we owe what was paid, until it is delivered.
func owedFor(pay store.Payment, c ledger.Currency) (ledger.Account, error) {
	kind, of, _ := strings.Cut(pay.Subject, "/")
	id, err := uuid.Parse(of)
	switch {
	case err != nil:
	case kind == "wallet":
		return ledger.Wallet(id, c), nil
	case kind == "booking":
		return ledger.Deferred("seats", c), nil
	case kind == "session":
		return ledger.Deferred("sessions", c), nil
	case kind == "pass":
		return ledger.Pass(id, c), nil
	}
	return ledger.Account{}, fmt.Errorf("billing: payment %s is for %q, which nothing is known of", pay.ID, pay.Subject)
}
