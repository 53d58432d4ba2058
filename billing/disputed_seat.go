package billing

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/payment"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/internal/errand"
	"github.com/waymeet/waymeet/store"
)

// errDisputed: nobody owes before the bank has decided; decided goes on.
var errDisputed = errors.New("the payment is disputed")

// underDispute says that a seat's money is with its payer's bank until that has decided. What is owed of the seat waits as long.
func underDispute(pay store.Payment) bool {
	return isSeat(pay) && pay.Disputed > pay.Won+pay.Lost
}

func isSeat(pay store.Payment) bool { return strings.HasPrefix(pay.Subject, "booking/") }

// decided goes on with a seat that was given up while its money was disputed: what the bank gave back goes to the payer, as it would have
// at once; of what the bank kept for them, nothing is owed any more.
func (p *Payments) decided(ctx context.Context, tx *store.Tx, pay store.Payment, moves []payment.Move) error {
	over := false
	for _, m := range moves {
		over = over || m.Kind == payment.MoveWon || m.Kind == payment.MoveLost
	}
	if !over || !isSeat(pay) || underDispute(pay) {
		return nil
	}
	if err := releaseLost(ctx, tx, pay); err != nil {
		return err
	}
	owed, err := owedOf(ctx, tx, pay)
	if err != nil || min(owed, pay.Left()) <= 0 {
		return err
	}
	back := errand.RefundPayment{Payment: pay.ID, Amount: min(owed, pay.Left()), Why: "given up while it was disputed", Cause: pay.Subject}
	return tx.AddJob(ctx, back, back.Key()+"/"+strconv.FormatInt(pay.Won, 10)+"/"+strconv.FormatInt(pay.Lost, 10))
}

// owedOf is what the payer of a seat that was given up, or that was never sold for this payment, gets back of it: what of its money waits.
// What of it was earned has left there when it was given up.
func owedOf(ctx context.Context, tx *store.Tx, pay store.Payment) (int64, error) {
	_, of, _ := strings.Cut(pay.Subject, "/")
	b, err := tx.Booking(ctx, uuid.MustParse(of)) // owedFor has read it
	if err != nil && !store.IsNotFound(err) {
		return 0, err
	}
	if seat.State(b.State) == seat.Held { // whoever settles it says
		return 0, nil
	}
	waits, err := waiting(ctx, tx, pay, ledger.Deferred("seats", ledger.Currency(pay.Currency)), 0)
	return min(max(waits, 0), pay.Captured-pay.Refunding-pay.Elsewhere), err
}

// releaseLost ends what is owed of a seat that was given up, and that the payer has from their bank: it is no loss, because it would have gone
// back. Once for each total that was lost; nothing happens where the seat was not given up: its ride is earned and its loss stands.
func releaseLost(ctx context.Context, tx *store.Tx, pay store.Payment) error {
	if pay.Lost == 0 || !isSeat(pay) || underDispute(pay) {
		return nil
	}
	owed, err := owedOf(ctx, tx, pay)
	if err != nil {
		return err
	}
	amount := min(owed-min(owed, max(pay.Left(), 0)), pay.Lost)
	if amount <= 0 {
		return nil
	}
	key := "payment:" + pay.ID.String() + ":loss_released:" + strconv.FormatInt(pay.Lost, 10)
	if before, err := tx.Posted(ctx, key); err != nil || len(before) > 0 {
		return err
	}
	c := ledger.Currency(pay.Currency)
	return tx.RecordAll(ctx, ledger.Post(key, "loss_released", ledger.Debit(ledger.Deferred("seats", c), ledger.Of(amount, c)),
		ledger.Credit(ledger.Loss("dispute", c), ledger.Of(amount, c))).About("payment/"+pay.ID.String()))
}

// lostOf is releaseLost for a refund that a seat's end asked for after the bank had decided.
func lostOf(ctx context.Context, tx *store.Tx, r Refund) error {
	pay, err := tx.LockPayment(ctx, r.Payment)
	if err != nil || r.Cause != pay.Subject {
		return err
	}
	return releaseLost(ctx, tx, pay)
}
