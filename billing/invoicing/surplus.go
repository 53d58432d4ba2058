package invoicing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// surplus moves what an organisation's invoices were credited beyond what is open of them into its credit, behind the organisation's lock. An invoice
// that gave it is at nothing, so that it gives once.
func surplus(ctx context.Context, tx *store.Tx, by, organisation uuid.UUID) error {
	docs, err := tx.Unsettled(ctx, organisation)
	if err != nil {
		return err
	}
	for _, d := range docs {
		if d.Open() >= 0 {
			continue
		}
		if err := moveCredit(ctx, tx, by, d, d.Open(), store.CreditSurplus, uuid.Nil); err != nil {
			return err
		}
	}
	return nil
}

// restore gives an invoice back what it gave, as far as it is open again and the credit has it: what paid it was somebody else's.
func restore(ctx context.Context, tx *store.Tx, by, of uuid.UUID) error {
	d, err := tx.Document(ctx, of)
	if err != nil || d.FromCredit >= 0 {
		return err
	}
	has, err := creditOf(ctx, &tx.Reader, d.Organisation, ledger.Currency(d.Currency))
	if back := min(-d.FromCredit, d.Open(), has); err == nil && back > 0 {
		err = moveCredit(ctx, tx, by, d, back, store.CreditRestored, uuid.Nil)
	}
	return err
}

// creditOf is what an organisation's account has.
func creditOf(ctx context.Context, r *store.Reader, organisation uuid.UUID, c ledger.Currency) (int64, error) {
	b, err := r.Balance(ctx, ledger.CreditOf(organisation, c))
	if fault.Is(err, "account_not_found") {
		return 0, nil
	}
	return b.Available(ledger.Liability), err
}

// moveCredit writes one move with its journal: so much of the credit for an invoice or, below nothing, from it.
func moveCredit(ctx context.Context, tx *store.Tx, by uuid.UUID, d store.Document, amount int64, how string, undoes uuid.UUID) error {
	m := store.CreditMove{ID: ident.New(), Invoice: d.ID, Amount: amount, How: how}
	if err := tx.AddCreditMove(ctx, m, undoes, by); err != nil {
		return err
	}
	c := ledger.Currency(d.Currency)
	credit, owed := ledger.CreditOf(d.Organisation, c), ledger.Receivable(d.Organisation, c)
	if err := tx.OpenAccounts(ctx, credit); err != nil {
		return err
	}
	from, to := credit, owed
	if amount < 0 {
		from, to = owed, credit
	}
	sum := ledger.Of(max(amount, -amount), c)
	_, err := tx.RecordOne(ctx, ledger.Post("credit:"+m.ID.String(), "credit_"+how, ledger.Debit(from, sum), ledger.Credit(to, sum)).About("invoice/"+d.ID.String()))
	if fault.Is(err, "insufficient_funds") {
		return fault.New("credit_short").Because(err)
	}
	return err
}
