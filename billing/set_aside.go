package billing

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/booking/funding"
	"github.com/waymeet/waymeet/booking/seat"
	"github.com/waymeet/waymeet/store"
)

// setAside takes what goes back to the payer from whom it was paid for; fresh is what was captured and is not in the books yet.
func setAside(ctx context.Context, tx *store.Tx, pay store.Payment, key string, minor, fresh int64) (ledger.Journal, error) {
	from, err := paidFrom(ctx, tx, pay, minor, fresh)
	if err != nil {
		return ledger.Journal{}, err
	}
	return refundAsked(pay, key, from, minor), nil
}

// setAsideElsewhere takes what goes back on the gateway's own pages from whom it was paid for. Nobody here could refuse it, so of a pass it may be more than is left.
func setAsideElsewhere(ctx context.Context, tx *store.Tx, pay store.Payment, minor, fresh int64) (ledger.Journal, error) {
	key := "elsewhere:" + strconv.FormatInt(pay.Elsewhere, 10)
	if !strings.HasPrefix(pay.Subject, "pass/") {
		return setAside(ctx, tx, pay, key, minor, fresh)
	}
	parts, err := partsOfPass(ctx, tx, pay, minor, fresh)
	if err != nil {
		return ledger.Journal{}, err
	}
	c := ledger.Currency(pay.Currency)
	mine, err := owedFor(pay, c)
	if err != nil {
		return ledger.Journal{}, err
	}
	return refundAsked(pay, key, some(ledger.Debit(mine, ledger.Of(parts.left, c)), ledger.Debit(ledger.Wallet(pay.Payer, c), ledger.Of(parts.wallet, c)),
		ledger.Debit(ledger.Recovery(pay.Payer, c), ledger.Of(parts.owed, c)), ledger.Debit(ledger.Revenue("passes", c), ledger.Of(parts.used, c))), minor), nil
}

func refundAsked(pay store.Payment, key string, from []ledger.Entry, minor int64) ledger.Journal {
	c := ledger.Currency(pay.Currency)
	return ledger.Post("payment:"+pay.ID.String()+":refund_asked:"+key, "refund_asked", append(from, ledger.Credit(refunds(c), ledger.Of(minor, c)))...).About("payment/" + pay.ID.String())
}

// paidFrom is where the money of a payment is taken from: where it waits, and for the rest from what was earned.
func paidFrom(ctx context.Context, tx *store.Tx, pay store.Payment, minor, fresh int64) ([]ledger.Entry, error) {
	c := ledger.Currency(pay.Currency)
	owed, err := owedFor(pay, c)
	if err != nil {
		return nil, err
	}
	waits := minor
	if strings.HasPrefix(pay.Subject, "booking/") {
		if waits, err = waiting(ctx, tx, pay, owed, fresh); err != nil {
			return nil, err
		}
		waits = min(max(waits, 0), minor)
	}
	return some(ledger.Debit(owed, ledger.Of(waits, c)), ledger.Debit(ledger.Revenue("seats", c), ledger.Of(minor-waits, c))), nil
}

// waiting is what of a seat's money is neither earned nor will be: all of one that is not confirmed yet, what goes back of one
// that was given up, nothing of one that is ridden. More than that goes back at the cost of revenue.
func waiting(ctx context.Context, tx *store.Tx, pay store.Payment, deferred ledger.Account, fresh int64) (int64, error) {
	_, of, _ := strings.Cut(pay.Subject, "/")
	b, err := tx.Booking(ctx, uuid.MustParse(of)) // owedFor has read it
	if err != nil && !store.IsNotFound(err) {
		return 0, err
	}
	if b.Pay != string(funding.Card) || b.Payment != pay.ID {
		return pay.Captured, nil // the seat was not sold for it
	}
	switch seat.State(b.State) {
	case seat.Confirmed, seat.Boarded, seat.Done, seat.NoShow:
		return 0, nil // what was sold is revenue when the ride is over, in full
	}
	all, err := tx.PaymentsOf(ctx, pay.Subject)
	if err != nil {
		return 0, err
	}
	about := []string{pay.Subject}
	for _, p := range all {
		about = append(about, "payment/"+p.ID.String())
	}
	net, err := tx.PostedAbout(ctx, deferred.Ref(), about...)
	return fresh - net, err
}

// putBack puts what was set aside for a refund where it was taken from.
func putBack(ctx context.Context, tx *store.Tx, pay store.Payment, o store.Operation) (ledger.Journal, error) {
	c, prefix := ledger.Currency(pay.Currency), "payment:"+pay.ID.String()+":"
	owed, err := owedFor(pay, c)
	if err != nil {
		return ledger.Journal{}, err
	}
	taken, err := takenFor(ctx, tx, prefix, o)
	if err != nil {
		return ledger.Journal{}, err
	}
	var earned int64
	for _, l := range taken {
		if l.Ref == ledger.Revenue("seats", c).Ref() {
			earned += l.Debit
		}
	}
	entries := some(ledger.Debit(refunds(c), ledger.Of(o.Amount, c)), ledger.Credit(owed, ledger.Of(o.Amount-earned, c)), ledger.Credit(ledger.Revenue("seats", c), ledger.Of(earned, c)))
	return ledger.Post(prefix+"refund_refused:"+strconv.Itoa(o.N), "refund_refused", entries...).About("payment/" + pay.ID.String()), nil
}

// takenFor is what was set aside for a refund: under its own number, or, where it goes on from one whose failure stays under its
// key, under the last one before of the same order that was not put back.
func takenFor(ctx context.Context, tx *store.Tx, prefix string, o store.Operation) ([]ledger.Line, error) {
	ops, err := tx.Operations(ctx, o.Payment)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(ops, func(a, b store.Operation) int { return b.N - a.N })
	for _, k := range ops {
		same := k.Op == OpRefund && k.N <= o.N && k.Amount == o.Amount && k.Cause == o.Cause
		if !same || k.N < o.N && k.State != store.OperationRefused {
			continue
		}
		back, err := tx.Posted(ctx, prefix+"refund_refused:"+strconv.Itoa(k.N))
		if err != nil {
			return nil, err
		}
		taken, err := tx.Posted(ctx, prefix+"refund_asked:"+strconv.Itoa(k.N))
		if err != nil || len(taken) > 0 && len(back) == 0 {
			return taken, err
		}
	}
	return nil, nil
}
