package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/gateway"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/store"
)

// refundRefused is a refund that the gateway will never make. What was set aside for it goes back where it was taken from, and what has
// gone back another way meanwhile, as seen says, is drawn. What its payer is owed without anybody's decision goes on into their wallet in the
// same commit: nobody keeps money for nothing. A case's refund waits for people as its request; any other for whoever decided on it. A finding
// says what became of it.
func (p *Payments) refundRefused(ctx context.Context, tx *store.Tx, g gateway.Gateway, pay *store.Payment, o store.Operation, refused error, after afterRefusal) error {
	pay.Refunding -= o.Amount
	if err := tx.SavePayment(ctx, *pay); err != nil {
		return err
	}
	j, err := putBack(ctx, tx, *pay, o)
	if err != nil {
		return err
	}
	if _, err := tx.RecordOne(ctx, j); err != nil {
		return err
	}
	if seen := after.seen; seen.ID != "" {
		if err := p.drawMoves(ctx, tx, g, pay, lookOf(seen), seen); err != nil {
			return err
		}
	}
	if err := releaseLost(ctx, tx, *pay); err != nil {
		return err
	}
	if err := passIsPaid(ctx, tx, *pay, o); err != nil {
		return err
	}
	given := int64(0)
	if !after.blind {
		if given, err = owedToWallet(ctx, tx, *pay, o); err != nil {
			return err
		}
	}
	rest, err := emptyPass(ctx, tx, *pay)
	if err != nil {
		return err
	}
	if _, ofCase := store.CaseOf(o.Cause); ofCase { // its request says it
		return nil
	}
	return sayRefused(ctx, tx, *pay, o, problemOf(refused), given+rest)
}

// afterRefusal is what is known of a payment when its refund was refused. Blind: what the gateway says does not fit the books, so that nobody
// knows what the payer has.
type afterRefusal struct {
	seen  gateway.Payment
	blind bool
}

// lookAfterRefusal is a payment's object after its refund was refused: often because the money has gone back another way.
func (p *Payments) lookAfterRefusal(ctx context.Context, g gateway.Gateway, pay store.Payment, refused error) (afterRefusal, error) {
	if errors.As(refused, new(*gateway.NotSupported)) {
		return afterRefusal{}, nil // it makes none: nothing has gone back
	}
	seen, err := g.LookUp(ctx, objectOf(pay))
	if notThere(err) {
		return afterRefusal{}, nil
	}
	return afterRefusal{seen: seen}, err
}

// bankDecides says that a refund was refused for a dispute that is not over, whether we have heard of it yet or not: it is asked again until
// it is. Won, it is made then; lost, its payer has the money from their bank.
func bankDecides(pay store.Payment, refused error) bool {
	var r *gateway.Refused
	return errors.As(refused, &r) && r.Code == gateway.ChargeDisputed && (pay.Disputed == 0 || pay.Disputed > pay.Won+pay.Lost)
}

// owedToWallet puts what the payer is owed of a refund that was refused into their wallet, as far as it has not gone back: once a payment
// and cause. Of a top-up it is there already.
func owedToWallet(ctx context.Context, tx *store.Tx, pay store.Payment, o store.Operation) (int64, error) {
	owed, err := owedWithoutAsking(ctx, tx, pay, o)
	if err != nil || !owed {
		return 0, err
	}
	if strings.HasPrefix(pay.Subject, "wallet/") {
		return o.Amount, nil
	}
	left, err := tx.StillLeft(ctx, pay)
	if err != nil {
		return 0, err
	}
	amount := min(o.Amount, left)
	if amount <= 0 {
		return 0, nil
	}
	key := toWallet(pay.ID)
	if !owedAnyway(pay, o.Cause) {
		key += ":" + strconv.Itoa(o.N)
	}
	return amount, redirect(ctx, tx, pay, key, amount)
}

// redirect puts into the payer's wallet what does not go back where it came from.
func redirect(ctx context.Context, tx *store.Tx, pay store.Payment, key string, amount int64) error {
	from, err := paidFrom(ctx, tx, pay, amount, 0)
	if err != nil {
		return err
	}
	c := ledger.Currency(pay.Currency)
	wallet := ledger.Wallet(pay.Payer, c)
	if err := tx.OpenAccounts(ctx, wallet); err != nil {
		return err
	}
	return tx.RecordAll(ctx, ledger.Post(key, "refund_redirected", append(from, ledger.Credit(wallet, ledger.Of(amount, c)))...).About("payment/"+pay.ID.String()))
}

// belowStep puts into the payer's wallet what of a refund is less than a card can be given (ledger.Currency.ByCard). Of a top-up it has never
// left there. Where that is all there is of it, the refund is over.
func belowStep(ctx context.Context, tx *store.Tx, pay store.Payment, r Refund, below int64, n int) error {
	if below == 0 {
		return nil
	}
	key, all := toWallet(pay.ID)+":below:"+strconv.Itoa(n), below == r.Amount
	if all && owedAnyway(pay, r.Cause) {
		key = toWallet(pay.ID) // once: no operation says that it was asked for
	}
	if !strings.HasPrefix(pay.Subject, "wallet/") {
		if err := redirect(ctx, tx, pay, key, below); err != nil {
			return err
		}
	}
	if !all {
		return nil
	}
	return requestSettled(ctx, tx, r.Cause, store.RefundDone)
}

// passIsPaid pays with what is back in a pass what its buyer owes since their bank took its price for good: while the refund was under way nothing
// was there to pay it with.
func passIsPaid(ctx context.Context, tx *store.Tx, pay store.Payment, o store.Operation) error {
	x, is, err := lockPassOf(ctx, tx, pay)
	if err != nil || !is || pay.Lost == 0 {
		return err
	}
	c := ledger.Currency(pay.Currency)
	mine, recovery := ledger.Pass(x.ID, c), ledger.Recovery(pay.Payer, c)
	books, err := tx.Books(ctx, mine, recovery)
	if err != nil {
		return err
	}
	amount := min(has(books, mine), has(books, recovery), pay.Lost, o.Amount)
	if amount == 0 {
		return nil
	}
	return tx.RecordAll(ctx, ledger.Post("payment:"+pay.ID.String()+":pass_lost:refund:"+strconv.Itoa(o.N), "pass_lost", ledger.Debit(mine, ledger.Of(amount, c)),
		ledger.Credit(recovery, ledger.Of(amount, c))).About("payment/"+pay.ID.String()))
}

// owedAnyway: a seat that was given up or was gone, a pass that was given back, or money that came after the payment's end.
func owedAnyway(pay store.Payment, cause string) bool {
	return cause != "" && (cause == pay.Subject || cause == lateCause(pay.ID))
}

// owedWithoutAsking is owedAnyway, and what nobody could use where it lies: in a pass that has ended.
func owedWithoutAsking(ctx context.Context, tx *store.Tx, pay store.Payment, o store.Operation) (bool, error) {
	if owedAnyway(pay, o.Cause) {
		return true, nil
	}
	x, is, err := lockPassOf(ctx, tx, pay)
	return is && x.Over(), err
}

// toWallet is the key of what went into the wallet instead of back where it came from: once a payment.
func toWallet(pay uuid.UUID) string { return "payment:" + pay.String() + ":refund_to_wallet" }

// sayRefused tells people of a refund that was refused: wallet is what of it the payer has there.
func sayRefused(ctx context.Context, tx *store.Tx, pay store.Payment, o store.Operation, problem string, wallet int64) error {
	about := "payment/" + pay.ID.String()
	facts := map[string]any{"amount": o.Amount, "wallet": wallet, "currency": pay.Currency, "payer": pay.Payer, "for": pay.Subject, "n": o.N, "problem": problem}
	detail, err := json.Marshal(facts)
	if err != nil {
		return fmt.Errorf("billing: payment %s: %w", pay.ID, err)
	}
	severity := store.Notice
	if wallet < o.Amount {
		severity = store.Warning // somebody decided on it, and has to decide again
	}
	if _, err := tx.SeeFinding(ctx, store.Finding{Kind: FindingRefused, Subject: about, Severity: severity, Detail: detail}); err != nil {
		return err
	}
	return tx.Audit(store.Audit{Action: "payment.refund_refused", Target: about, Detail: map[string]any{"amount": o.Amount, "wallet": wallet, "problem": problem, "cause": o.Cause}})
}

// refundWaits says that a refund of a payment is under way.
func refundWaits(ctx context.Context, tx *store.Tx, pay uuid.UUID) (bool, error) {
	all, err := tx.Operations(ctx, pay)
	return slices.ContainsFunc(all, func(o store.Operation) bool { return o.Op == OpRefund && o.State == store.OperationWaiting }), err
}
