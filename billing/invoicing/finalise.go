package invoicing

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Finalise makes the invoice of a month that is over: everything unbilled up to its last day, the next number, the lines and
// the journal, in one transaction. The total is what its reader saw; when usage came meanwhile, expected tells
// (invoice_changed). A month is billed once, unless its document was full: then what is left is another. It is never billed
// after a later one.
func (s *Service) Finalise(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, organisation uuid.UUID, month invoice.Month, expected *int64) (id uuid.UUID, err error) {
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) { return s.finalise(ctx, tx, by, organisation, month, expected) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &id)
	})
	return id, err
}

func (s *Service) finalise(ctx context.Context, tx *store.Tx, by, organisation uuid.UUID, month invoice.Month, expected *int64) (uuid.UUID, error) {
	if err := tx.LockBilled(ctx, organisation); err != nil {
		return uuid.Nil, err
	}
	last, err := tx.LastBilled(ctx, organisation)
	if err != nil {
		return uuid.Nil, err
	}
	if month < last.Month || month == last.Month && last.Lines < maxLines {
		return uuid.Nil, fault.New("month_billed")
	}
	d, err := s.draft(ctx, &tx.Reader, organisation, month)
	if err != nil {
		return uuid.Nil, err
	}
	switch {
	case d.Issued <= month.Last():
		return uuid.Nil, fault.New("month_not_over")
	case len(d.Lines) == 0:
		return uuid.Nil, fault.New("nothing_to_bill")
	case len(d.Missing) > 0:
		return uuid.Nil, fault.New("biller_incomplete")
	}
	seen, err := d.Preview(d.Issued)
	if err != nil {
		return uuid.Nil, said(err)
	}
	if expected != nil && *expected != seen.Total.Gross {
		return uuid.Nil, fault.New("invoice_changed")
	}
	year, _, _ := d.Issued.Civil()
	number, err := tx.TakeNumber(ctx, invoices, year) // as late as can be: all who finalise wait for it from here on
	if err != nil {
		return uuid.Nil, err
	}
	final, err := d.Draft.Finalise(number, d.Issued)
	if err != nil {
		return uuid.Nil, said(err)
	}
	d.ID, d.Invoice, d.FinalisedBy = ident.New(), final, by
	return d.ID, s.write(ctx, tx, d, "invoice.finalise", "", nil)
}

// write is what every finalised document does: rows, journal, audit.
func (s *Service) write(ctx context.Context, tx *store.Tx, d store.Document, action, why string, earlier []invoice.Invoice) error {
	var err error
	if d.Digest, err = d.Invoice.Digest(); err != nil {
		return err
	}
	j, accounts, err := journalOf(d, earlier)
	if err != nil {
		return err
	}
	if err := tx.AddDocument(ctx, d); err != nil {
		return err
	}
	detail := map[string]any{"number": d.Number.String(), "gross": d.Total.Gross, "currency": d.Currency}
	if why != "" {
		detail["reason"] = why
	}
	if err := tx.Audit(store.Audit{Actor: d.FinalisedBy, Action: action, Target: "invoice/" + d.ID.String(), Detail: detail}); err != nil {
		return err
	}
	if len(j.Entries) == 0 {
		return nil // lines that make nothing together
	}
	if err := tx.OpenAccounts(ctx, accounts...); err != nil {
		return err
	}
	_, err = tx.RecordOne(ctx, j.Because(why))
	return err
}
