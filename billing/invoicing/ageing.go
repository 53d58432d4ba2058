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

// account is whom a customer's sums are of: one organisation, one currency.
type account struct {
	organisation uuid.UUID
	currency     string
}

// Aged is one organisation's open invoices of one currency.
type Aged struct {
	Organisation uuid.UUID
	Name         string
	Currency     string
	invoice.Ageing
	Credit   int64            // what they have with us: it pays nothing of this by itself
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
	credits, err := s.Credits(ctx, t, uuid.Nil)
	if err != nil {
		return nil, 0, err
	}
	at := map[account]int{}
	of := func(k account, name string) *Aged {
		i, there := at[k]
		if !there {
			i = len(out)
			at[k] = i
			out = append(out, Aged{Organisation: k.organisation, Name: name, Currency: k.currency})
		}
		return &out[i]
	}
	for _, d := range docs {
		a := of(account{d.Organisation, d.Currency}, d.OrganisationName)
		a.Invoices = append(a.Invoices, d)
	}
	for _, c := range credits {
		if c.Amount > 0 { // what invoices did not give yet is below nothing there
			of(account{c.Organisation, c.Currency}, c.Name).Credit = c.Amount
		}
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
// many. What their credit would pay, the oldest first, they are not reminded of. It sends nothing.
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
	credits, err := s.Credits(ctx, t, uuid.Nil)
	if err != nil {
		return 0, err
	}
	docs = uncovered(docs, credits)
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

// uncovered is what organisations' own credit would not pay whole, the oldest due first.
func uncovered(docs []store.Document, credits []store.OrganisationCredit) (out []store.Document) {
	left := map[account]int64{}
	for _, c := range credits {
		left[account{c.Organisation, c.Currency}] = c.Amount + c.Surplus
	}
	for _, d := range docs {
		k := account{d.Organisation, d.Currency}
		if left[k] -= max(d.Open(), 0); left[k] < 0 {
			left[k] = 0
			out = append(out, d)
		}
	}
	return out
}
