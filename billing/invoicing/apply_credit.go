package invoicing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// ApplyCredit lets an organisation's credit pay its invoices: those that are picked, or without any the oldest due as far as it goes. What is there and
// what is open is read behind the organisation's lock.
func (s *Service) ApplyCredit(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, organisation uuid.UUID, currency string, picks []Pay) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			if err := tx.LockBilled(ctx, organisation); err != nil {
				return nil, err
			}
			if err := surplus(ctx, tx, by, organisation); err != nil {
				return nil, err
			}
			has, err := creditOf(ctx, &tx.Reader, organisation, ledger.Currency(currency))
			if err != nil {
				return nil, err
			}
			open, err := tx.Unsettled(ctx, organisation)
			if err != nil {
				return nil, err
			}
			used := int64(0)
			pays, err := paysOf(open, currency, picks, has)
			if err != nil {
				return nil, err
			}
			for _, p := range pays {
				if err := moveCredit(ctx, tx, by, p.of, p.amount, store.CreditApplied, uuid.Nil); err != nil {
					return nil, err
				}
				used += p.amount
			}
			return struct{}{}, tx.Audit(store.Audit{Actor: by, Action: "credit.apply", Target: "organisation/" + organisation.String(), Detail: map[string]any{"currency": currency, "amount": used, "invoices": len(pays)}})
		})
		return err
	})
}

type creditPay struct {
	of     store.Document
	amount int64
}

// paysOf is what each invoice gets of a credit, as somebody picked or the oldest first.
func paysOf(open []store.Document, currency string, picks []Pay, has int64) (pays []creditPay, err error) {
	var mine []store.Document
	var sums []int64
	by := map[uuid.UUID]store.Document{}
	for _, d := range open {
		if d.Currency == currency && d.Open() > 0 {
			mine, sums = append(mine, d), append(sums, d.Open())
			by[d.ID] = d
		}
	}
	if len(picks) == 0 {
		for i, n := range invoice.Spread(has, sums) {
			pays = append(pays, creditPay{mine[i], n})
		}
		switch {
		case has == 0:
			return nil, fault.New("credit_short")
		case len(pays) == 0:
			return nil, fault.New("nothing_open")
		}
		return pays, nil
	}
	for _, p := range picks {
		d, there := by[p.Invoice]
		switch {
		case !there:
			return nil, fault.New("invoice_not_found").At("/pays")
		case p.Amount <= 0 || p.Amount > d.Open():
			return nil, fault.New("receipt_too_much").At("/pays")
		case p.Amount > has:
			return nil, fault.New("credit_short").At("/pays")
		}
		has -= p.Amount
		delete(by, p.Invoice) // each once
		pays = append(pays, creditPay{d, p.Amount})
	}
	return pays, nil
}

// CreditMove is one.
func (s *Service) CreditMove(ctx context.Context, t tenant.ID, id uuid.UUID) (store.CreditMove, error) {
	m, err := s.db.Read(t).CreditMove(ctx, id)
	if store.IsNotFound(err) {
		return m, fault.New("not_found")
	}
	return m, err
}

// UndoCredit takes back that credit paid an invoice: the invoice is open again, the credit there again. Of what the invoice gave back itself since
// nothing can be taken.
func (s *Service) UndoCredit(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, move uuid.UUID) error {
	m, err := s.CreditMove(ctx, t, move)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			if err := tx.LockBilled(ctx, m.Organisation); err != nil {
				return nil, err
			}
			m, err := tx.CreditMove(ctx, move)
			if err != nil {
				return nil, err
			}
			d, err := tx.Document(ctx, m.Invoice)
			if err != nil {
				return nil, err
			}
			if m.How != store.CreditApplied || m.Undone || d.FromCredit < m.Amount {
				return nil, fault.New("credit_use_over")
			}
			if err := moveCredit(ctx, tx, by, d, -m.Amount, store.CreditUndone, move); err != nil {
				return nil, err
			}
			return struct{}{}, tx.Audit(store.Audit{Actor: by, Action: "credit.undo", Target: "invoice/" + m.Invoice.String(), Detail: map[string]any{"move": move, "amount": m.Amount}})
		})
		return err
	})
}
