package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Document is an invoice or a credit note as it was finalised, with what was paid and credited of it since.
type Document struct {
	ID, Organisation uuid.UUID
	OrganisationName string
	Zone             *time.Location // whose months are billed, and whose days are late
	Corrects         uuid.UUID      // of a credit note
	Reason           string         // of a credit note: what it says to whom it is sent
	invoice.Invoice                 // its lines are there only where they were asked for
	Refs             []LineRef      // beside Lines
	Locale           string
	Seller, Buyer    Party
	Digest           string
	FinalisedBy      uuid.UUID
	FinalisedAt      time.Time
	LineCount        int
	Part             int  // of its month, from 1
	More             bool // of a preview: the month has lines that another part bills
	Paid, Credited   int64
	FromCredit       int64    // what it got of its organisation's credit; below nothing: what it gave
	Missing          []string // of a preview: what was not said of who bills (Biller.Missing)
}

// LineRef is what a line points at.
type LineRef struct {
	Usage, Programme uuid.UUID
}

// Open is what waits to be paid; below nothing is what was credited after it was paid and is not in the organisation's credit yet.
func (d Document) Open() int64 {
	if d.Kind != invoice.Bill {
		return 0
	}
	return d.Total.Gross - d.Credited - d.Paid - d.FromCredit
}

// Document is one, with its lines.
func (r *Reader) Document(ctx context.Context, id uuid.UUID) (Document, error) {
	row, err := r.q.InvoiceGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Document{}, fmt.Errorf("store: read invoice %s: %w", id, err)
	}
	d, err := documentOf(sqlc.InvoiceListRow(row))
	if err != nil {
		return Document{}, err
	}
	if d.Corrects != uuid.Nil {
		n, err := r.q.InvoiceNumber(ctx, r.tenant.UUID(), d.Corrects)
		if err != nil {
			return Document{}, fmt.Errorf("store: number of invoice %s: %w", d.Corrects, err)
		}
		d.Invoice.Corrects = invoice.Number{Series: n.Series, Year: int(n.Year), Seq: n.Seq}
	}
	return d, r.lines(ctx, &d)
}

func (r *Reader) lines(ctx context.Context, d *Document) error {
	rows, err := r.q.InvoiceLines(ctx, r.tenant.UUID(), d.ID)
	if err != nil {
		return fmt.Errorf("store: lines of invoice %s: %w", d.ID, err)
	}
	d.Lines, d.Refs = make([]invoice.Line, len(rows)), make([]LineRef, len(rows))
	for i, l := range rows {
		d.Lines[i] = invoice.Line{ID: strconv.Itoa(int(l.N)), Usage: l.Source, Date: servicedate.On(l.Date, time.UTC), Supply: invoice.Supply(l.Supply), Country: l.Country,
			Text: l.Says, Person: l.Person, CostCentre: l.CostCentre, Quantity: l.Quantity, Unit: l.Unit, Amount: l.Amount,
			Tax: invoice.Tax{Code: l.TaxCode, Rate: int(l.TaxRate), Treatment: invoice.Treatment(l.Treatment)}}
		if l.Mirrors != nil {
			d.Lines[i].Usage, d.Lines[i].Mirrors = "", strconv.Itoa(int(*l.Mirrors))
		}
		d.Refs[i] = LineRef{idOrNil(l.UsageID), idOrNil(l.ProgrammeID)}
	}
	return nil
}

// CreditNotes is those of an invoice, with their lines, the oldest first.
func (r *Reader) CreditNotes(ctx context.Context, of uuid.UUID) ([]Document, error) {
	rows, err := r.q.CreditNotes(ctx, r.tenant.UUID(), of)
	if err != nil {
		return nil, fmt.Errorf("store: credit notes of %s: %w", of, err)
	}
	out := make([]Document, len(rows))
	for i, row := range rows {
		if out[i], err = documentOf(sqlc.InvoiceListRow(row)); err != nil {
			return nil, err
		}
		if err := r.lines(ctx, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Documents is a page of them without lines, the newest first; of one organisation, or of all for the nil UUID.
func (r *Reader) Documents(ctx context.Context, organisation, before uuid.UUID, limit int) ([]Document, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	rows, err := r.q.InvoiceList(ctx, r.tenant.UUID(), before, idOrNull(organisation), int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list invoices: %w", err)
	}
	return documentsOf(rows)
}

// OpenDocuments is a page of invoices of which something is open, the oldest due first.
func (r *Reader) OpenDocuments(ctx context.Context, afterDue servicedate.Date, after uuid.UUID, limit int) ([]Document, error) {
	rows, err := r.q.InvoicesOpen(ctx, r.tenant.UUID(), afterDue.Midnight(), after, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: open invoices: %w", err)
	}
	return documentsOf(rows)
}

// OwedPage is which page of the invoices that wait for money is asked for.
type OwedPage struct {
	Currency string    // empty: any
	After    uuid.UUID // the last one of the page before; nil: the first page
	Limit    int
}

// OwedOf narrows it to what some organisations owe, and to what has a number like this.
type OwedOf struct {
	Organisations []uuid.UUID
	Like          invoice.Part
	Begins        string    // a number does; empty: none
	Amount        int64     // is open of them; 0: none
	Whose         uuid.UUID // of those alone that have it; nil: anybody's
}

// Owed is a page of invoices that wait for money, without lines, the oldest due first.
func (r *Reader) Owed(ctx context.Context, p OwedPage) ([]Document, error) {
	due, err := r.dueOf(ctx, p.After)
	if err != nil {
		return nil, err
	}
	rows, err := r.q.InvoicesOwed(ctx, sqlc.InvoicesOwedParams{TenantID: r.tenant.UUID(), Currency: p.Currency, AfterDue: due, AfterID: p.After, MaxRows: int32(p.Limit)})
	if err != nil {
		return nil, fmt.Errorf("store: invoices that wait for money: %w", err)
	}
	return documentsOf(rows)
}

// FindOwed is a page of some of them.
func (r *Reader) FindOwed(ctx context.Context, p OwedPage, of OwedOf) ([]Document, error) {
	due, err := r.dueOf(ctx, p.After)
	if err != nil {
		return nil, err
	}
	rows, err := r.q.InvoicesFound(ctx, sqlc.InvoicesFoundParams{TenantID: r.tenant.UUID(), Organisations: some(of.Organisations), Seq: of.Like.Seq, Head: of.Like.Head,
		Begins: of.Begins, Amount: of.Amount, OrganisationID: idOrNull(of.Whose), Currency: p.Currency, AfterDue: due, AfterID: p.After, MaxRows: int32(p.Limit)})
	if err != nil {
		return nil, fmt.Errorf("store: find invoices that wait for money: %w", err)
	}
	return documentsOf(rows)
}

func (r *Reader) dueOf(ctx context.Context, id uuid.UUID) (time.Time, error) {
	if id == uuid.Nil {
		return servicedate.Date(0).Midnight(), nil
	}
	due, err := r.q.InvoiceDue(ctx, r.tenant.UUID(), id)
	if err != nil {
		return due, fmt.Errorf("store: when invoice %s is due: %w", id, err)
	}
	return due, nil
}

// OpenInvoice is one that waits for money, as payments are compared with it.
type OpenInvoice struct {
	ID, Organisation uuid.UUID
	Due              servicedate.Date
	invoice.Outstanding
}

// Outstanding is what waits for money, all of it, the oldest due first.
func (r *Reader) Outstanding(ctx context.Context) (out []OpenInvoice, err error) {
	const page = 2000
	due, id := servicedate.Date(0), uuid.Nil
	for {
		rows, err := r.q.Outstanding(ctx, r.tenant.UUID(), due.Midnight(), id, page)
		if err != nil {
			return nil, fmt.Errorf("store: outstanding invoices: %w", err)
		}
		for _, i := range rows {
			out = append(out, outstandingOf(i))
		}
		if len(rows) < page {
			return out, nil
		}
		due, id = out[len(out)-1].Due, out[len(out)-1].ID
	}
}

func outstandingOf(i sqlc.OutstandingRow) OpenInvoice {
	return OpenInvoice{i.ID, i.OrganisationID, servicedate.On(i.Due, time.UTC), invoice.Outstanding{Number: invoice.Number{Series: i.Series, Year: int(i.Year), Seq: i.Seq},
		Account: i.OrganisationID.String(), Customer: i.Buyer, Currency: i.Currency, Open: i.Open, Issued: servicedate.On(i.Issued, time.UTC)}}
}

// PaidBy is what transfers say about which invoices they pay.
type PaidBy struct {
	Currencies    []string
	Amounts       []int64 // beside Currencies
	Counts        []int64 // that they may name
	Organisations []uuid.UUID
}

// OutstandingLike is of that what transfers may pay, at most so many of one amount. Of organisations that may have paid several at once it is all that they owe; the others' are without Account.
func (r *Reader) OutstandingLike(ctx context.Context, p PaidBy, most int) ([]OpenInvoice, error) {
	rows, err := r.q.OutstandingLike(ctx, sqlc.OutstandingLikeParams{TenantID: r.tenant.UUID(), Currencies: some(p.Currencies), Amounts: some(p.Amounts), Counts: some(p.Counts),
		Organisations: some(p.Organisations), Most: int32(most)})
	if err != nil {
		return nil, fmt.Errorf("store: outstanding invoices like %d amounts: %w", len(p.Amounts), err)
	}
	out := make([]OpenInvoice, len(rows))
	for i, x := range rows {
		if out[i] = outstandingOf(sqlc.OutstandingRow{ID: x.ID, OrganisationID: x.OrganisationID, Series: x.Series, Year: x.Year, Seq: x.Seq, Buyer: x.Buyer, Currency: x.Currency, Open: x.Open, Issued: x.Issued, Due: x.Due}); !x.Whole {
			out[i].Account = ""
		}
	}
	return out, nil
}

// Debtor is an organisation of which something is open.
type Debtor struct {
	ID              uuid.UUID
	Name, LegalName string
}

// Debtors is all of them.
func (r *Reader) Debtors(ctx context.Context) ([]Debtor, error) {
	rows, err := r.q.Debtors(ctx, r.tenant.UUID())
	if err != nil {
		return nil, fmt.Errorf("store: who owes: %w", err)
	}
	out := make([]Debtor, len(rows))
	for i, x := range rows {
		out[i] = Debtor(x)
	}
	return out, nil
}

// OwingExactly is those of some debtors who owe one of some amounts in all, in whatever currency.
func (r *Reader) OwingExactly(ctx context.Context, debtors []Debtor, amounts []int64) (out []uuid.UUID, err error) {
	codes, of := make([]string, len(debtors)), make(map[string]uuid.UUID, len(debtors))
	for i, d := range debtors {
		codes[i] = ledger.Receivable(d.ID, "").Code()
		of[codes[i]] = d.ID
	}
	found, err := r.q.OwingExactly(ctx, r.tenant.UUID(), codes, some(amounts))
	if err != nil {
		return nil, fmt.Errorf("store: who owes one of %d amounts: %w", len(amounts), err)
	}
	for _, code := range found {
		out = append(out, of[code])
	}
	return out, nil
}

// OpenOf is what is open of some invoices.
func (r *Reader) OpenOf(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	rows, err := r.q.OutstandingOf(ctx, r.tenant.UUID(), some(ids))
	if err != nil {
		return nil, fmt.Errorf("store: what is open of %d invoices: %w", len(ids), err)
	}
	out := make(map[uuid.UUID]int64, len(rows))
	for _, i := range rows {
		out[i.ID] = i.Open
	}
	return out, nil
}

// LastPart is the last invoice of an organisation: which part of what month, and of how many lines.
type LastPart struct {
	Month       invoice.Month
	Part, Lines int
}

// LastBilled is the last invoice that an organisation got; zero when it never got one.
func (r *Reader) LastBilled(ctx context.Context, organisation uuid.UUID) (LastPart, error) {
	last, err := r.q.InvoiceLast(ctx, r.tenant.UUID(), organisation)
	if IsNotFound(err) {
		return LastPart{}, nil
	}
	if err != nil {
		return LastPart{}, fmt.Errorf("store: last invoice of %s: %w", organisation, err)
	}
	return LastPart{invoice.MonthOf(servicedate.On(last.Month, time.UTC)), int(last.Part), int(last.Lines)}, nil
}

// documentsOf is for each query that reads documents alike.
func documentsOf[R sqlc.InvoiceListRow | sqlc.InvoicesOpenRow | sqlc.InvoicesOwedRow | sqlc.InvoicesFoundRow | sqlc.InvoicesUnsettledOfRow](rows []R) (out []Document, err error) {
	out = make([]Document, len(rows))
	for i, row := range rows {
		if out[i], err = documentOf(sqlc.InvoiceListRow(row)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func documentOf(i sqlc.InvoiceListRow) (Document, error) {
	d := Document{ID: i.ID, Organisation: i.OrganisationID, OrganisationName: i.OrganisationName, Corrects: idOrNil(i.Corrects), Reason: i.Reason, Locale: i.Locale, Digest: i.Digest,
		FinalisedBy: i.FinalisedBy, FinalisedAt: i.FinalisedAt, LineCount: int(i.Lines), Part: int(i.Part), Paid: i.Paid, Credited: i.Credited, FromCredit: i.FromCredit}
	d.Invoice = invoice.Invoice{Kind: invoice.Kind(i.Kind), Number: invoice.Number{Series: i.Series, Year: int(i.Year), Seq: i.Seq},
		Issued: servicedate.On(i.Issued, time.UTC), Due: servicedate.On(i.Due, time.UTC), Total: invoice.Sum{Net: i.Net, Tax: i.Tax, Gross: i.Gross},
		Draft: invoice.Draft{Month: invoice.MonthOf(servicedate.On(i.Month, time.UTC)), Currency: i.Currency, Prices: invoice.Prices(i.Prices), Terms: invoice.Terms(i.Terms), PO: i.Po}}
	var err error
	if d.Zone, err = time.LoadLocation(i.OrganisationZone); err != nil {
		return Document{}, fmt.Errorf("store: invoice %s: %w", d.Number, err)
	}
	for what, into := range map[*json.RawMessage]any{&i.Taxes: &d.Taxes, &i.Seller: &d.Seller, &i.Buyer: &d.Buyer} {
		if err := json.Unmarshal(*what, into); err != nil {
			return Document{}, fmt.Errorf("store: invoice %s: %w", d.Number, err)
		}
	}
	return d, nil
}
