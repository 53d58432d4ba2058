package invoicing

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Biller is who bills: what was saved, or what holds while nothing was (Version 0).
func (s *Service) Biller(ctx context.Context, t tenant.ID) (store.Biller, error) {
	return biller(ctx, s.db.Read(t))
}

// SaveBiller says who bills from now on. Its version is the one that was seen: whoever saves what somebody else changed meanwhile
// hears biller_changed.
func (s *Service) SaveBiller(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, b store.Biller) (out store.Biller, err error) {
	err = s.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 200, func() (any, error) {
			saved, err := tx.SaveBiller(ctx, b)
			if err != nil {
				return nil, err
			}
			if !saved {
				return nil, fault.New("biller_changed")
			}
			now, err := tx.Biller(ctx)
			if err != nil {
				return nil, err
			}
			return now, tx.Audit(store.Audit{Actor: by, Action: "biller.save", Target: "tenant/" + t.String(),
				Detail: map[string]any{"name": now.Name, "country": now.Country, "prices": string(now.Prices), "bank": now.Bank, "version": now.Version}})
		})
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &out)
	})
	return out, err
}

// Taxes is the tenant's table as it holds, and whether it is its own or still the one that everybody starts with.
func (s *Service) Taxes(ctx context.Context, t tenant.ID) (table invoice.TaxTable, own bool, err error) {
	r := s.db.Read(t)
	if table, own, err = r.TaxRules(ctx); err != nil || own {
		return table.InForce(), own, err
	}
	return invoice.Starting(), false, nil
}

// AddTax adds a rule that holds from its first day until another of its kind begins. The first one takes the starting table over,
// so that nothing else changes by it. What was finalised keeps its tax; what is not billed yet bears the tax of its day.
func (s *Service) AddTax(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, rule invoice.TaxRule) error {
	return s.db.InTx(ctx, t, func(tx *store.Tx) error {
		_, _, err := tx.Once(ctx, claim, 204, func() (any, error) {
			if err := tx.LockTaxes(ctx); err != nil {
				return nil, err
			}
			table, own, err := tx.TaxRules(ctx)
			if err != nil {
				return nil, err
			}
			add := []invoice.TaxRule{rule}
			if !own {
				table = invoice.Starting()
				add = append(table, rule)
			}
			switch err := table.Allows(rule); {
			case len(table) >= maxTaxes:
				return nil, fault.New("tax_too_many")
			case errors.Is(err, invoice.ErrTaxDay):
				return nil, fault.New("tax_day_taken")
			case errors.Is(err, invoice.ErrTaxCode):
				return nil, fault.New("tax_code_taken")
			case err != nil:
				return nil, fault.New("tax_invalid").Because(err)
			}
			if err := tx.AddTaxRules(ctx, add...); err != nil {
				return nil, err
			}
			return struct{}{}, tx.Audit(store.Audit{Actor: by, Action: "tax.add", Target: "tax/" + rule.Tax.Code, Detail: map[string]any{"country": rule.Country,
				"supply": string(rule.Supply), "from": rule.From.String(), "rate": rule.Tax.Rate, "treatment": string(rule.Tax.Treatment)}})
		})
		return err
	})
}

// maxTaxes bounds a tenant's table: a read of it takes no more rows than a thousand.
const maxTaxes = 900
