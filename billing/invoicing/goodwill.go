package invoicing

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// goodwill gives the person money at the operator's cost: over all cases about one ride at most what the ride cost, in its
// currency, since one person alone decides on it.
func (s *Service) goodwill(ctx context.Context, tx *store.Tx, c *store.Case, m ledger.Money) error {
	kind, of, _ := strings.Cut(c.Subject, "/")
	id, err := uuid.Parse(of)
	if err != nil || kind != "booking" {
		return fault.New("decision_not_apply")
	}
	b, err := tx.Booking(ctx, id)
	if store.IsNotFound(err) {
		return fault.New("decision_not_apply")
	}
	if err != nil {
		return err
	}
	if b.Fare.Currency != string(m.Currency) {
		return fault.New("currency_mismatch")
	}
	wallet := ledger.Wallet(c.User, m.Currency)
	if err := tx.OpenAccounts(ctx, wallet); err != nil {
		return err
	}
	if _, err := tx.Books(ctx, wallet); err != nil { // two decisions about one ride: the second sees the first
		return err
	}
	given, err := tx.GoodwillFor(ctx, c.Subject)
	if err != nil {
		return err
	}
	if left := b.Fare.Amount - given; m.Amount > left {
		return fault.New("goodwill_too_much", fault.Params{"left": max(left, 0)}).At("/amount/amount")
	}
	c.Outcome = "case:" + c.ID.String() + ":goodwill"
	_, err = tx.RecordOne(ctx, ledger.Post(c.Outcome, "goodwill", ledger.Debit(ledger.Loss("goodwill", m.Currency), m), ledger.Credit(wallet, m)).About("case/"+c.ID.String()))
	return err
}
