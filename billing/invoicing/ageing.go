package invoicing

import (
	"context"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Aged is one organisation's open invoices of one currency.
type Aged struct {
	Organisation uuid.UUID
	Name         string
	Currency     string
	invoice.Ageing
	Invoices []store.Document // without lines, the oldest due first
}

// Ageing is what organisations owe today, where the tenant is, in the order of who is due first.
func (s *Service) Ageing(ctx context.Context, t tenant.ID) (out []Aged, today servicedate.Date, err error) {
	zone, err := s.zone(ctx, t)
	if err != nil {
		return nil, 0, err
	}
	today = servicedate.On(s.now(), zone)
	docs, err := s.open(ctx, t, maxOpen)
	if err != nil {
		return nil, 0, err
	}
	type key struct {
		of       uuid.UUID
		currency string
	}
	at := map[key]int{}
	for _, d := range docs {
		k := key{d.Organisation, d.Currency}
		i, there := at[k]
		if !there {
			i = len(out)
			at[k] = i
			out = append(out, Aged{Organisation: d.Organisation, Name: d.OrganisationName, Currency: d.Currency})
		}
		out[i].Invoices = append(out[i].Invoices, d)
	}
	for i := range out {
		open := make([]invoice.Receivable, len(out[i].Invoices))
		for k, d := range out[i].Invoices {
			open[k] = invoice.Receivable{Number: d.Number, Due: d.Due, Open: d.Open()}
		}
		if out[i].Ageing, err = invoice.Age(open, today); err != nil {
			return nil, 0, err
		}
	}
	return out, today, nil
}

// Remind writes which customers should be reminded today, each at the level that is due and was not reached before, and says how
// many. It sends nothing.
func (s *Service) Remind(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim) (n int, err error) {
	zone, err := s.zone(ctx, t)
	if err != nil {
		return 0, err
	}
	today := servicedate.On(s.now(), zone)
	docs, err := s.open(ctx, t, maxOpen)
	if err != nil {
		return 0, err
	}
	ids := make([]uuid.UUID, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			n = 0
			sent, err := tx.Reminded(ctx, ids)
			if err != nil {
				return nil, err
			}
			for _, d := range docs {
				level := invoice.Remind(d.Due, today, sent[d.ID])
				if level == 0 || d.Open() <= 0 {
					continue
				}
				fresh, err := tx.AddReminder(ctx, d.ID, level, today, by)
				if err != nil {
					return nil, err
				}
				if fresh {
					n++
				}
			}
			return n, tx.Audit(store.Audit{Actor: by, Action: "invoice.remind", Target: "tenant/" + t.String(), Detail: map[string]any{"reminders": n}})
		})
		return err
	})
	return n, err
}
