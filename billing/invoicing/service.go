package invoicing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoice/paper"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// The series that a tenant's documents are numbered in.
const (
	invoices    = "FA"
	creditNotes = "AV"
)

// Service is the verbs. It is safe for use by many goroutines.
type Service struct {
	db      *store.DB
	now     func() time.Time
	exports chan struct{} // a place each
}

// New makes the service.
func New(db *store.DB) *Service { return At(db, time.Now) }

// At makes a service that takes its dates from a clock, for tests: months must be over before they are billed.
func At(db *store.DB, now func() time.Time) *Service {
	return &Service{db: db, now: now, exports: make(chan struct{}, exporting)}
}

// Document is one, with its lines.
func (s *Service) Document(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Document, error) {
	d, err := s.db.Read(t).Document(ctx, id)
	if store.IsNotFound(err) {
		return d, fault.New("invoice_not_found")
	}
	return d, err
}

// Documents is a page of them, the newest first; of one organisation, or of all for the nil UUID.
func (s *Service) Documents(ctx context.Context, t tenant.ID, organisation, before uuid.UUID, limit int) ([]store.Document, error) {
	return s.db.Read(t).Documents(ctx, organisation, before, limit)
}

// State is where a document stands today, where its months are billed.
func (s *Service) State(d store.Document) invoice.State {
	zone := d.Zone
	if zone == nil { // a preview, which is never late
		zone = time.UTC
	}
	standing := invoice.Standing{Finalised: d.ID != uuid.Nil, Gross: d.Total.Gross, Paid: d.Paid + d.FromCredit, Credited: d.Credited, Due: d.Due}
	return standing.State(invoice.DateOf(s.now(), zone))
}

// CreditNotes is those of an invoice, the oldest first.
func (s *Service) CreditNotes(ctx context.Context, t tenant.ID, of uuid.UUID) ([]store.Document, error) {
	return s.db.Read(t).CreditNotes(ctx, of)
}

// Receipts is what paid an invoice.
func (s *Service) Receipts(ctx context.Context, t tenant.ID, of uuid.UUID) ([]store.InvoiceReceipt, error) {
	return s.db.Read(t).Receipts(ctx, of)
}

// biller is who bills: a tenant that did not say is there under its name, nowhere, prices with tax. It previews and bills nobody.
func biller(ctx context.Context, r *store.Reader) (store.Biller, error) {
	b, err := r.Biller(ctx)
	if !store.IsNotFound(err) {
		return b, err
	}
	t, err := r.TenantRow(ctx)
	if err != nil {
		return store.Biller{}, err
	}
	b = store.Biller{Prices: invoice.GrossPrices}
	b.Name = t.Name
	return b, nil
}

func toBill(ctx context.Context, r *store.Reader, organisation uuid.UUID) (store.Billed, error) {
	o, err := r.ToBill(ctx, organisation)
	if store.IsNotFound(err) {
		return o, fault.New("organisation_not_found")
	}
	return o, err
}

// Printable is a document for the typesetter, from the rows that were frozen: the same bytes whenever it is asked.
func Printable(d store.Document, language string) paper.Document {
	labels := func(all []store.Label) (out []paper.Label) {
		for _, l := range all {
			out = append(out, paper.Label(l))
		}
		return out
	}
	if language == "" {
		language = d.Locale
	}
	return paper.Document{Invoice: d.Invoice, Language: language, Printed: d.FinalisedAt.UTC(),
		Seller: paper.Party{Name: d.Seller.Name, Address: d.Seller.Address, IDs: labels(d.Seller.IDs)},
		Buyer:  paper.Party{Name: d.Buyer.Name, Address: d.Buyer.Address, IDs: labels(d.Buyer.IDs)},
		Bank:   labels(d.Seller.Bank), Notes: d.Seller.Notes, Reason: d.Reason}
}

// said turns what the kernel refuses into what a person may read.
func said(err error) error {
	switch {
	case err == nil || fault.As(err).Code != "internal":
		return err
	case errors.Is(err, invoice.ErrNoTax):
		return fault.New("tax_unknown").Because(err)
	case errors.Is(err, invoice.ErrNothing):
		return fault.New("nothing_to_credit")
	case errors.Is(err, invoice.ErrBelow):
		return fault.New("invoice_below_zero")
	case errors.Is(err, invoice.ErrNoLine):
		return fault.New("invoice_line_not_found").At("/picks").Because(err)
	case errors.Is(err, invoice.ErrNoPick):
		return fault.New("credit_amount_invalid").At("/picks").Because(err)
	case errors.Is(err, invoice.ErrPick):
		return fault.New("credit_too_much").Because(err)
	case errors.Is(err, invoice.ErrNotBill):
		return fault.New("not_creditable")
	}
	return err
}

// Exists is organisation_not_found when there is none of that id.
func (s *Service) Exists(ctx context.Context, t tenant.ID, organisation uuid.UUID) error {
	_, err := toBill(ctx, s.db.Read(t), organisation)
	return err
}

// RiderOf is whose a booking is, and on which line: what a case about it is decided by.
func (s *Service) RiderOf(ctx context.Context, t tenant.ID, booking uuid.UUID) (rider, line uuid.UUID, err error) {
	b, err := s.db.Read(t).Booking(ctx, booking)
	if store.IsNotFound(err) {
		return rider, line, fault.New("case_subject")
	}
	return b.Rider, b.Line, err
}

// PaysFor is the organisation that pays a part of a ride; case_subject where there is none.
func (s *Service) PaysFor(ctx context.Context, t tenant.ID, booking uuid.UUID) (uuid.UUID, error) {
	ride, err := s.db.Read(t).CoveredRide(ctx, booking)
	if store.IsNotFound(err) {
		return uuid.Nil, fault.New("case_subject")
	}
	return ride.Organisation, err
}
