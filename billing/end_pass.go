package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/pass"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// lockPassOf is the pass that a payment is for, locked; false: it is for something else.
func lockPassOf(ctx context.Context, tx *store.Tx, pay store.Payment) (x store.Pass, is bool, err error) {
	of, is := strings.CutPrefix(pay.Subject, "pass/")
	if !is {
		return x, false, nil
	}
	id, err := uuid.Parse(of)
	if err != nil {
		return x, true, fmt.Errorf("billing: payment %s is for %q: %w", pay.ID, pay.Subject, err)
	}
	x, err = tx.LockPass(ctx, id)
	return x, true, err
}

// endPass ends a pass that goes on, because its price has gone back, or a part of it.
func (p *Payments) endPass(ctx context.Context, tx *store.Tx, x store.Pass) error {
	if x.State != pass.Active && x.State != pass.UsedUp || x.Over() {
		return nil
	}
	x.State, x.Due, x.Ended = pass.Refunded, time.Time{}, p.now()
	return tx.SavePass(ctx, x)
}

// givesWhole makes what finance gives back of a pass all that is left of it, and ends it: nobody rides on a part of a price, and a part that stayed
// would be nobody's. left is what the payment leaves to be given back. Other payments stay as they are.
func (p *Payments) givesWhole(ctx context.Context, tx *store.Tx, pay store.Payment, r *Refund, left int64) error {
	if r.Cause != "" || left <= 0 {
		return nil
	}
	x, is, err := lockPassOf(ctx, tx, pay)
	if err != nil || !is {
		return err
	}
	if r.Amount != 0 && r.Amount != left {
		return fault.New("pass_refunded_whole", fault.Params{"left": left}).At("/amount")
	}
	r.Amount = 0
	return p.endPass(ctx, tx, x)
}

// passParts is where the money comes from that leaves a pass without anybody here having said so.
type passParts struct {
	left   int64 // what is left in it
	wallet int64 // what its end put into its buyer's wallet and is still there
	owed   int64 // … and is not
	used   int64 // what was ridden, is booked or has been earned
}

// partsOfPass splits what of a pass's price goes back on the gateway's own pages, or stays with its buyer's bank: nobody has the same money twice. fresh is what
// was captured and is not in the books yet.
func partsOfPass(ctx context.Context, tx *store.Tx, pay store.Payment, n, fresh int64) (parts passParts, err error) {
	c := ledger.Currency(pay.Currency)
	mine, err := owedFor(pay, c)
	if err != nil {
		return parts, err
	}
	wallet, recovery := ledger.Wallet(pay.Payer, c), ledger.Recovery(pay.Payer, c)
	if err := tx.OpenAccounts(ctx, wallet, recovery); err != nil {
		return parts, err
	}
	books, err := tx.Books(ctx, mine, wallet, recovery)
	if err != nil {
		return parts, err
	}
	given := -pay.Returned // what a bank sent back is no part of what its end gave
	for _, a := range []ledger.Account{wallet, recovery} {
		net, err := tx.PostedAbout(ctx, a.Ref(), "payment/"+pay.ID.String())
		if err != nil {
			return parts, err
		}
		given -= net
	}
	parts.left = min(has(books, mine)+fresh, n)
	back := min(max(given, 0), n-parts.left)
	parts.wallet = min(has(books, wallet), back)
	parts.owed, parts.used = back-parts.wallet, n-parts.left-back
	return parts, nil
}

// emptyPass puts what is left in a pass that has ended into its buyer's wallet, but for what their bank decides on, and says how much that was. A pass that has ended
// holds nothing: nobody could ride on it, or ask for it.
func emptyPass(ctx context.Context, tx *store.Tx, pay store.Payment) (int64, error) {
	x, is, err := lockPassOf(ctx, tx, pay)
	if err != nil || !is || !x.Over() {
		return 0, err
	}
	mine := ledger.Pass(x.ID, ledger.Currency(pay.Currency))
	books, err := tx.Books(ctx, mine)
	if err != nil {
		return 0, err
	}
	left := has(books, mine) - (pay.Disputed - pay.Won - pay.Lost)
	if left <= 0 {
		return 0, nil
	}
	return left, redirect(ctx, tx, pay, "payment:"+pay.ID.String()+":pass_emptied:"+strconv.FormatInt(pay.Version, 10), left)
}

// passEmptied empties a pass whose payment has been drawn, and tells finance when it ended by what they did not do here.
func passEmptied(ctx context.Context, tx *store.Tx, before, pay store.Payment) error {
	wallet, err := emptyPass(ctx, tx, pay)
	if err != nil || wallet+pay.Elsewhere-before.Elsewhere == 0 || !strings.HasPrefix(pay.Subject, "pass/") {
		return err
	}
	detail, err := json.Marshal(map[string]any{"amount": pay.Elsewhere + pay.Lost, "wallet": wallet, "currency": pay.Currency, "payer": pay.Payer, "for": pay.Subject})
	if err != nil {
		return fmt.Errorf("billing: payment %s: %w", pay.ID, err)
	}
	_, err = tx.SeeFinding(ctx, store.Finding{Kind: FindingPassEnded, Subject: "payment/" + pay.ID.String(), Severity: store.Notice, Detail: detail})
	return err
}

// has is what an account can give.
func has(books ledger.Books, a ledger.Account) int64 {
	b := books[a.Ref()]
	if b == nil {
		return 0
	}
	return max(b.Available(a.Class()), 0)
}
