package invoicing

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// Credit makes a credit note over parts of an invoice, or over all that is left of it for nil. It says why, as do its
// journal and its act. What is credited beyond what is open becomes the organisation's credit.
func (s *Service) Credit(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, of uuid.UUID, picks []invoice.Pick, why string) (id uuid.UUID, err error) {
	why = strings.TrimSpace(why)
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) {
			note, err := s.credit(ctx, tx, by, of, picks, why, why)
			return note.ID, err
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &id)
	})
	return id, err
}

// credit: reason is what the note says to whom it is sent, why what the books keep.
func (s *Service) credit(ctx context.Context, tx *store.Tx, by, of uuid.UUID, picks []invoice.Pick, why, reason string) (none store.Document, err error) {
	d, err := tx.Document(ctx, of)
	if store.IsNotFound(err) {
		return none, fault.New("invoice_not_found")
	}
	if err != nil {
		return none, err
	}
	if err := tx.LockBilled(ctx, d.Organisation); err != nil { // what is credited next sees what we credit
		return none, err
	}
	notes, err := tx.CreditNotes(ctx, of)
	if err != nil {
		return none, err
	}
	earlier := make([]invoice.Invoice, len(notes))
	for i, n := range notes {
		earlier[i] = n.Invoice
		earlier[i].Corrects = d.Number
	}
	o, err := toBill(ctx, &tx.Reader, d.Organisation)
	if err != nil {
		return none, err
	}
	today := servicedate.On(s.now(), o.Zone)
	year, _, _ := today.Civil()
	if _, err := invoice.Credit(d.Invoice, earlier, picks, invoice.Number{Series: creditNotes, Year: year, Seq: 1}, today); err != nil {
		return none, said(err) // nobody waits for a number that will not be taken
	}
	number, err := tx.TakeNumber(ctx, creditNotes, year)
	if err != nil {
		return none, err
	}
	note, err := invoice.Credit(d.Invoice, earlier, picks, number, today)
	if err != nil {
		return none, said(err)
	}
	out := d
	out.Reason = reason
	out.ID, out.Corrects, out.Invoice, out.FinalisedBy, out.Paid, out.Credited, out.FromCredit = ident.New(), d.ID, note, by, 0, 0, 0
	out.Lines, out.Refs = append([]invoice.Line{}, note.Lines...), make([]store.LineRef, len(note.Lines))
	for i := range out.Lines {
		out.Lines[i].ID = strconv.Itoa(i + 1)
	}
	out.Total = note.Total
	if err := s.write(ctx, tx, out, "invoice.credit", why, earlier); err != nil {
		return none, err
	}
	return out, surplus(ctx, tx, by, d.Organisation)
}
