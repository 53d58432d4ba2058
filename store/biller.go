package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Label is a name with a value: "ICE" and a number.
type Label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Party is who bills or is billed, as it is printed.
type Party struct {
	Name    string   `json:"name"`
	Address []string `json:"address"`
	IDs     []Label  `json:"ids"`
	Bank    []Label  `json:"bank,omitempty"` // of who bills
	Notes   []string `json:"notes,omitempty"`
}

// Biller is who bills, and how.
type Biller struct {
	Party
	Country string         // the place of supply
	Prices  invoice.Prices // whether amounts of usage hold the tax
	Version int64          // 0: nobody wrote it yet
}

// Missing is what the law wants at the head of an invoice and nobody said yet; nil: it can bill.
func (b Biller) Missing() (what []string) {
	for _, part := range []struct {
		name  string
		there bool
	}{{"name", b.Name != ""}, {"address", len(b.Address) > 0}, {"tax_number", len(b.IDs) > 0}, {"country", b.Country != ""}} {
		if b.Version == 0 || !part.there {
			what = append(what, part.name)
		}
	}
	return what
}

// Biller is the tenant's; IsNotFound when nobody wrote it yet.
func (r *Reader) Biller(ctx context.Context) (Biller, error) {
	row, err := r.q.BillerGet(ctx, r.tenant.UUID())
	if err != nil {
		return Biller{}, fmt.Errorf("store: read biller: %w", err)
	}
	b := Biller{Party: Party{Name: row.Name, Address: row.Address, Notes: row.Notes}, Country: row.Country, Prices: invoice.Prices(row.Prices), Version: row.Version}
	if err := json.Unmarshal(row.TaxIds, &b.IDs); err != nil {
		return Biller{}, fmt.Errorf("store: biller: %w", err)
	}
	if err := json.Unmarshal(row.Bank, &b.Bank); err != nil {
		return Biller{}, fmt.Errorf("store: biller: %w", err)
	}
	return b, nil
}

// SaveBiller writes who bills, if it still has the version that it says; false when somebody changed it since. Documents that
// were finalised keep what they say.
func (tx *Tx) SaveBiller(ctx context.Context, b Biller) (bool, error) {
	ids, err := json.Marshal(orNone(b.IDs))
	if err != nil {
		return false, fmt.Errorf("store: save biller: %w", err)
	}
	bank, err := json.Marshal(orNone(b.Bank))
	if err != nil {
		return false, fmt.Errorf("store: save biller: %w", err)
	}
	n, err := tx.q.BillerSave(ctx, sqlc.BillerSaveParams{TenantID: tx.tenant.UUID(), Name: b.Name, Address: orNone(b.Address), Country: b.Country, TaxIds: ids, Bank: bank,
		Notes: orNone(b.Notes), Prices: string(b.Prices), Seen: b.Version})
	if err != nil {
		return false, fmt.Errorf("store: save biller: %w", err)
	}
	return n == 1, nil
}

func orNone[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Billed is an organisation as an invoice needs it.
type Billed struct {
	ID       uuid.UUID
	Party    Party
	Country  string // empty: nobody said
	Currency string
	Zone     *time.Location // whose months are billed
	Locale   string
	Terms    invoice.Terms
	PO       string
}

// ToBill is an organisation that is to be billed.
func (r *Reader) ToBill(ctx context.Context, organisation uuid.UUID) (Billed, error) {
	row, err := r.q.OrganisationToBill(ctx, r.tenant.UUID(), organisation)
	if err != nil {
		return Billed{}, fmt.Errorf("store: read organisation %s: %w", organisation, err)
	}
	b := Billed{ID: row.ID, Party: Party{Name: row.LegalName, Address: row.Address}, Country: row.Country, Currency: row.Currency, Locale: row.Locale, Terms: invoice.Terms(row.Terms), PO: row.PoNumber}
	if b.Party.Name == "" {
		b.Party.Name = row.Name
	}
	if b.Zone, err = time.LoadLocation(row.TimeZone); err != nil {
		return Billed{}, fmt.Errorf("store: organisation %s: %w", organisation, err)
	}
	if err := json.Unmarshal(row.TaxIds, &b.Party.IDs); err != nil {
		return Billed{}, fmt.Errorf("store: organisation %s: %w", organisation, err)
	}
	return b, nil
}

// LockBilled holds organisations: what they owe changes in one transaction at a time.
func (tx *Tx) LockBilled(ctx context.Context, organisations ...uuid.UUID) error {
	slices.SortFunc(organisations, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	if _, err := tx.q.OrganisationsLock(ctx, tx.tenant.UUID(), slices.Compact(organisations)); err != nil {
		return fmt.Errorf("store: lock organisations: %w", err)
	}
	return nil
}

// TaxTable is the tenant's taxes, each open rule ended where the next of its kind begins: its own, or the starting ones while it
// has none.
func (r *Reader) TaxTable(ctx context.Context) (invoice.TaxTable, error) {
	table, _, err := r.TaxRules(ctx)
	if err != nil {
		return nil, err
	}
	if table = table.InForce(); len(table) == 0 {
		return invoice.Starting(), nil
	}
	if err := table.Check(); err != nil {
		return nil, fmt.Errorf("store: taxes of %s: %w", r.tenant, err)
	}
	return table, nil
}

// TaxRules is the tenant's own rules as they were added, and whether there are any.
func (r *Reader) TaxRules(ctx context.Context) (invoice.TaxTable, bool, error) {
	rows, err := r.q.TaxRules(ctx, r.tenant.UUID())
	if err != nil {
		return nil, false, fmt.Errorf("store: read taxes: %w", err)
	}
	table := make(invoice.TaxTable, len(rows))
	for i, x := range rows {
		table[i] = invoice.TaxRule{Country: x.Country, Supply: invoice.Supply(x.Supply), From: servicedate.On(x.FromDate, time.UTC),
			Tax: invoice.Tax{Code: x.Code, Rate: int(x.Rate), Treatment: invoice.Treatment(x.Treatment)}, Source: x.Law}
		if x.UntilDate != nil {
			table[i].Until = servicedate.On(*x.UntilDate, time.UTC)
		}
	}
	return table, len(rows) > 0, nil
}

// LockTaxes holds the tenant's taxes until the transaction ends: who adds one sees what others added.
func (tx *Tx) LockTaxes(ctx context.Context) error {
	if err := tx.q.TaxTableLock(ctx, tx.tenant.UUID()); err != nil {
		return fmt.Errorf("store: lock taxes: %w", err)
	}
	return nil
}

// AddTaxRules writes rules. None is ever changed. One without a first day holds from the first that there is.
func (tx *Tx) AddTaxRules(ctx context.Context, rules ...invoice.TaxRule) error {
	for _, x := range rules {
		err := tx.q.TaxRuleAdd(ctx, sqlc.TaxRuleAddParams{TenantID: tx.tenant.UUID(), Country: x.Country, Supply: string(x.Supply), FromDate: max(x.From, 1).Midnight(), Code: x.Tax.Code,
			Rate: int32(x.Tax.Rate), Treatment: string(x.Tax.Treatment), Law: x.Source})
		if err != nil {
			return fmt.Errorf("store: add the tax %s: %w", x.Tax.Code, err)
		}
	}
	return nil
}
