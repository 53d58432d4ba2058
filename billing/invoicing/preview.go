package invoicing

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// maxLines bounds a document. A month with more is billed in parts, one after the other.
const maxLines = 10_000

// Preview is the invoice that a month's would be if it were finalised now: all that is unbilled up to the month's last day.
// The zero Month is the running one, where the organisation is.
func (s *Service) Preview(ctx context.Context, t tenant.ID, organisation uuid.UUID, month invoice.Month) (store.Document, error) {
	r := s.db.Read(t)
	d, err := s.draft(ctx, r, organisation, month)
	if err != nil {
		return d, err
	}
	d.Invoice, err = d.Preview(d.Issued)
	return d, said(err)
}

// draft is what a month's invoice is made of. Every line keeps what its usage record says; the tax is that of its kind,
// place and date.
func (s *Service) draft(ctx context.Context, r *store.Reader, organisation uuid.UUID, month invoice.Month) (store.Document, error) {
	o, err := toBill(ctx, r, organisation)
	if err != nil {
		return store.Document{}, err
	}
	from, err := biller(ctx, r)
	if err != nil {
		return store.Document{}, err
	}
	place := from.Country // of what was done before anybody said where
	if place == "" {
		place = o.Country // so that there is something to look at: it is not billed
	}
	taxes, err := r.TaxTable(ctx)
	if err != nil {
		return store.Document{}, err
	}
	today := servicedate.On(s.now(), o.Zone)
	if month == 0 {
		month = invoice.MonthOf(today)
	}
	usage, err := r.Unbilled(ctx, organisation, month.Last(), maxLines+1)
	if err != nil {
		return store.Document{}, err
	}
	last, err := r.LastBilled(ctx, organisation)
	if err != nil {
		return store.Document{}, err
	}
	part, more := 1, len(usage) > maxLines
	if usage = usage[:min(len(usage), maxLines)]; month == last.Month {
		part = last.Part + 1
	}
	d := store.Document{Organisation: organisation, OrganisationName: o.Party.Name, Locale: o.Locale, Seller: from.Party, Buyer: o.Party,
		LineCount: len(usage), Part: part, More: more, FinalisedAt: s.now(), Missing: from.Missing(), Refs: make([]store.LineRef, len(usage))}
	draft := invoice.Draft{Month: month, Currency: o.Currency, Prices: from.Prices, Terms: o.Terms, PO: o.PO, Lines: make([]invoice.Line, len(usage))}
	for i, u := range usage {
		if u.Currency != o.Currency {
			return store.Document{}, fault.New("currency_mismatch")
		}
		if u.Country == "" {
			u.Country = place
		}
		draft.Lines[i] = invoice.Line{ID: strconv.Itoa(i + 1), Usage: u.Source, Date: u.Date, Supply: u.Supply, Country: u.Country, Text: u.Says, Person: u.PersonName,
			CostCentre: u.CostCentre, Quantity: u.Quantity, Unit: u.UnitOf, Amount: u.Amount}
		d.Refs[i] = store.LineRef{Usage: u.ID, Programme: u.Programme}
	}
	draft, err = draft.Price(taxes)
	d.Invoice = invoice.Invoice{Draft: draft, Kind: invoice.Bill, Issued: today}
	return d, said(err)
}
