package invoicing

import (
	"context"
	"encoding/json"

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

// firstOpen is how many invoices of an organisation the ageing names; its sums are of all.
const firstOpen = 20

// Aged is one organisation's open invoices of one currency.
type Aged struct {
	Organisation uuid.UUID
	Name         string
	Currency     string
	invoice.Ageing
	Credit   int64            // what they have with us: it pays nothing of this by itself
	Count    int              // of invoices
	Invoices []store.Document // the first of them, without lines, the oldest due first
}

// Ageing is what organisations owe today, where the tenant is, in the order of who is due first.
func (s *Service) Ageing(ctx context.Context, t tenant.ID) (out []Aged, today servicedate.Date, err error) {
	zone, err := s.zone(ctx, t)
	if err != nil {
		return nil, 0, err
	}
	today = servicedate.On(s.now(), zone)
	at, open := map[account]int{}, [][]invoice.Receivable(nil)
	of := func(k account, name string) int {
		i, there := at[k]
		if !there {
			i = len(out)
			at[k] = i
			out, open = append(out, Aged{Organisation: k.organisation, Name: name, Currency: k.currency}), append(open, nil)
		}
		return i
	}
	err = s.eachOpen(ctx, t, func(d store.Document) {
		i := of(account{d.Organisation, d.Currency}, d.OrganisationName)
		if open[i] = append(open[i], invoice.Receivable{Number: d.Number, Due: d.Due, Open: d.Open()}); len(open[i]) <= firstOpen {
			out[i].Invoices = append(out[i].Invoices, d)
		}
	})
	if err != nil {
		return nil, 0, err
	}
	credits, err := s.Credits(ctx, t, uuid.Nil)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range credits {
		if c.Amount > 0 { // what invoices did not give yet is below nothing there
			out[of(account{c.Organisation, c.Currency}, c.Name)].Credit = c.Amount
		}
	}
	for i := range out {
		out[i].Count = len(open[i])
		if out[i].Ageing, err = invoice.Age(open[i], today); err != nil {
			return nil, 0, err
		}
	}
	return out, today, nil
}

// eachOpen goes through all invoices of which something is open, the oldest due first, with their lines left out.
func (s *Service) eachOpen(ctx context.Context, t tenant.ID, f func(store.Document)) error {
	const limit = 2000
	r, due, id := s.db.Read(t), servicedate.Date(0), uuid.Nil
	for {
		page, err := r.OpenDocuments(ctx, due, id, limit)
		if err != nil {
			return err
		}
		for _, d := range page {
			f(d)
		}
		if len(page) < limit {
			return nil
		}
		due, id = page[limit-1].Due, page[limit-1].ID
	}
}

// Remind writes which customers should be reminded today, each at the level that is due and was not reached before, and says how
// many. What their credit would pay, the oldest first, they are not reminded of. It sends nothing.
func (s *Service) Remind(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim) (n int, err error) {
	zone, err := s.zone(ctx, t)
	if err != nil {
		return 0, err
	}
	today := servicedate.On(s.now(), zone)
	open, err := s.db.Read(t).Outstanding(ctx)
	if err != nil {
		return 0, err
	}
	credits, err := s.Credits(ctx, t, uuid.Nil)
	if err != nil {
		return 0, err
	}
	var due []store.OpenInvoice
	var ids []uuid.UUID
	for _, o := range uncovered(open, credits) {
		if invoice.Remind(o.Due, today, 0) > 0 {
			due, ids = append(due, o), append(ids, o.ID)
		}
	}
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			sent, err := tx.Reminded(ctx, ids)
			if err != nil {
				return nil, err
			}
			levels := map[uuid.UUID]int{}
			for _, o := range due {
				if level := invoice.Remind(o.Due, today, sent[o.ID]); level > 0 {
					levels[o.ID] = level
				}
			}
			fresh, err := tx.AddReminders(ctx, levels, today, by)
			if err != nil {
				return nil, err
			}
			return fresh, tx.Audit(store.Audit{Actor: by, Action: "invoice.remind", Target: "tenant/" + t.String(), Detail: map[string]any{"reminders": fresh}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &n)
	})
	return n, err
}

// uncovered is what organisations' own credit would not pay whole, the oldest due first.
func uncovered(open []store.OpenInvoice, credits []store.OrganisationCredit) (out []store.OpenInvoice) {
	left := map[account]int64{}
	for _, c := range credits {
		left[account{c.Organisation, c.Currency}] = c.Amount + c.Surplus
	}
	for _, o := range open {
		k := account{o.Organisation, o.Currency}
		if left[k] -= o.Open; left[k] < 0 {
			left[k] = 0
			out = append(out, o)
		}
	}
	return out
}
