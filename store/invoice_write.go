package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// TakeNumber takes the next number of a series in a year. Whoever else wants one waits for this transaction's end; a
// transaction that writes no document under it cannot commit.
func (tx *Tx) TakeNumber(ctx context.Context, series string, year int) (invoice.Number, error) {
	seq, err := tx.q.DocumentNumber(ctx, series, int32(year))
	if err != nil {
		return invoice.Number{}, fmt.Errorf("store: take a number of %s: %w", series, err)
	}
	return invoice.Number{Series: series, Year: year, Seq: seq}, nil
}

// AddDocument writes a finalised document, its lines, and that their usage is billed. Record its journal in the same
// transaction, under JournalKey: COMMIT wants it.
func (tx *Tx) AddDocument(ctx context.Context, d Document) error {
	taxes, err := json.Marshal(d.Taxes)
	if err != nil {
		return fmt.Errorf("store: add invoice %s: %w", d.Number, err)
	}
	seller, err := json.Marshal(d.Seller)
	if err != nil {
		return fmt.Errorf("store: add invoice %s: %w", d.Number, err)
	}
	buyer, err := json.Marshal(d.Buyer)
	if err != nil {
		return fmt.Errorf("store: add invoice %s: %w", d.Number, err)
	}
	t := tx.tenant.UUID()
	err = tx.q.InvoiceAdd(ctx, sqlc.InvoiceAddParams{TenantID: t, ID: d.ID, Kind: string(d.Kind), OrganisationID: d.Organisation, Series: d.Number.Series,
		Year: int32(d.Number.Year), Seq: d.Number.Seq, Number: d.Number.String(), Corrects: idOrNull(d.Corrects), Month: d.Month.First().Midnight(), Part: int16(max(d.Part, 1)),
		Currency: d.Currency, Prices: string(d.Prices), Terms: string(d.Terms), Po: d.PO, Locale: d.Locale, Seller: seller, Buyer: buyer,
		Issued: d.Issued.Midnight(), Due: d.Due.Midnight(), Taxes: taxes, Net: d.Total.Net, Tax: d.Total.Tax, Gross: d.Total.Gross, Lines: int32(len(d.Lines)),
		Digest: d.Digest, FinalisedBy: d.FinalisedBy, Reason: d.Reason})
	if err != nil {
		return fmt.Errorf("store: add invoice %s: %w", d.Number, err)
	}
	p := sqlc.InvoiceLinesAddParams{TenantID: t, InvoiceID: d.ID}
	var billed []uuid.UUID
	for i, l := range d.Lines {
		n, err := strconv.Atoi(l.ID)
		mirrors := 0
		if err == nil && l.Mirrors != "" {
			mirrors, err = strconv.Atoi(l.Mirrors)
		}
		if err != nil {
			return fmt.Errorf("store: add invoice %s: line %q: %w", d.Number, l.ID, err)
		}
		if d.Refs[i].Usage != uuid.Nil {
			billed = append(billed, d.Refs[i].Usage)
		}
		p.Ns, p.Usages, p.Mirrors, p.Sources = append(p.Ns, int32(n)), append(p.Usages, d.Refs[i].Usage), append(p.Mirrors, int32(mirrors)), append(p.Sources, l.Usage)
		p.Programmes, p.Dates = append(p.Programmes, d.Refs[i].Programme), append(p.Dates, l.Date.Midnight())
		p.Supplies, p.Countries, p.Texts = append(p.Supplies, string(l.Supply)), append(p.Countries, l.Country), append(p.Texts, l.Text)
		p.Persons, p.Centres, p.Quantities = append(p.Persons, l.Person), append(p.Centres, l.CostCentre), append(p.Quantities, l.Quantity)
		p.Units, p.Amounts, p.Codes = append(p.Units, l.Unit), append(p.Amounts, l.Amount), append(p.Codes, l.Tax.Code)
		p.Rates, p.Treatments = append(p.Rates, int32(l.Tax.Rate)), append(p.Treatments, string(l.Tax.Treatment))
	}
	if len(billed) > 0 {
		n, err := tx.q.UsageBill(ctx, d.ID, t, billed)
		if err != nil || int(n) != len(billed) {
			return fmt.Errorf("store: bill %d usage records, %d were free: %w", len(billed), n, err)
		}
	}
	if err := tx.q.InvoiceLinesAdd(ctx, p); err != nil {
		return fmt.Errorf("store: lines of invoice %s: %w", d.Number, err)
	}
	return nil
}

// JournalKey is that of a document's journal.
func JournalKey(document uuid.UUID) string { return "invoice:" + document.String() + ":finalised" }

// InvoiceReceipt is money that paid an invoice.
type InvoiceReceipt struct {
	ID, Line   uuid.UUID
	Amount     int64
	How        string // automatic, manual
	Booked     servicedate.Date
	Payer, Ref string
}

// Receipts is what paid an invoice, the oldest first.
func (r *Reader) Receipts(ctx context.Context, of uuid.UUID) ([]InvoiceReceipt, error) {
	rows, err := r.q.InvoiceReceipts(ctx, r.tenant.UUID(), of)
	if err != nil {
		return nil, fmt.Errorf("store: receipts of %s: %w", of, err)
	}
	out := make([]InvoiceReceipt, len(rows))
	for i, x := range rows {
		out[i] = InvoiceReceipt{ID: x.ID, Line: x.BankLineID, Amount: x.Amount, How: x.How, Booked: servicedate.On(x.Booked, time.UTC), Payer: x.Payer, Ref: x.Says}
	}
	return out, nil
}

// Reminded is the highest level at which each of some invoices was reminded.
func (r *Reader) Reminded(ctx context.Context, invoices []uuid.UUID) (map[uuid.UUID]int, error) {
	rows, err := r.q.ReminderLevels(ctx, r.tenant.UUID(), invoices)
	if err != nil {
		return nil, fmt.Errorf("store: reminders: %w", err)
	}
	out := make(map[uuid.UUID]int, len(rows))
	for _, x := range rows {
		out[x.InvoiceID] = int(x.Level)
	}
	return out, nil
}

// AddReminders says that customers should be reminded of invoices, each at its level, and how many of them were not at it yet.
func (tx *Tx) AddReminders(ctx context.Context, levels map[uuid.UUID]int, on servicedate.Date, by uuid.UUID) (int, error) {
	p := sqlc.ReminderAddParams{TenantID: tx.tenant.UUID(), DueOn: on.Midnight(), MadeBy: by}
	for id, level := range levels {
		p.Ids, p.Levels = append(p.Ids, id), append(p.Levels, int16(level))
	}
	n, err := tx.q.ReminderAdd(ctx, p)
	if err != nil {
		return 0, fmt.Errorf("store: %d reminders: %w", len(levels), err)
	}
	return int(n), nil
}
