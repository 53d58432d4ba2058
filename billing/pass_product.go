package billing

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/readable"
	"github.com/waymeet/waymeet/store"
)

// AddPassProduct puts a pass on sale.
func (p *Payments) AddPassProduct(ctx context.Context, t tenant.ID, by uuid.UUID, claim idem.Claim, x store.PassProduct) (store.PassProduct, error) {
	var out store.PassProduct
	err := p.db.InTx(ctx, t, func(tx *store.Tx) error {
		answer, _, err := tx.Once(ctx, claim, 201, func() (any, error) { return addPassProduct(ctx, tx, by, x) })
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &out)
	})
	return out, err
}

func addPassProduct(ctx context.Context, tx *store.Tx, by uuid.UUID, x store.PassProduct) (store.PassProduct, error) {
	row, err := tx.Terms(ctx)
	if err != nil {
		return x, err
	}
	x.ID, x.OnSale, x.Currency, x.Created = ident.New(), true, row.Currency, row.Now
	for _, ids := range []*[]uuid.UUID{&x.Lines, &x.Stops} {
		*ids = slices.Clone(*ids)
		slices.SortFunc(*ids, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
		*ids = slices.Compact(*ids)
	}
	if err := checkPassProduct(x); err != nil {
		return x, err
	}
	lines, stops, err := tx.HasLinesAndStops(ctx, x.Lines, x.Stops)
	switch {
	case err != nil:
		return x, err
	case !lines:
		return x, fault.New("not_found").At("/lines")
	case !stops:
		return x, fault.New("not_found").At("/stops")
	}
	if err := tx.AddPassProduct(ctx, x); err != nil {
		return x, err
	}
	return x, tx.Audit(store.Audit{Actor: by, Action: "pass_product.add", Target: "pass_product/" + x.ID.String(), Detail: map[string]any{"price": x.Price, "currency": x.Currency, "rides": x.Rides, "days": x.Days}})
}

func checkPassProduct(x store.PassProduct) error {
	bad := func(wrong bool, at string) error {
		if wrong {
			return fault.New("out_of_range").At(at)
		}
		return nil
	}
	if err := ledger.Of(x.Price, ledger.Currency(x.Currency)).Check(); err != nil {
		return fault.As(err).At("/price")
	}
	for _, err := range []error{
		bad(x.Rides < 0 || x.Rides > 1000, "/rides"), bad(x.Days < 1 || x.Days > 400, "/days"), bad(x.PerDay < 0 || x.PerDay > 100 || x.PerDay > 0 && x.Rides > 0, "/per_day"),
		bad(x.RefundIn < 0 || x.RefundIn > 400, "/refund_days"), bad(x.Price < int64(x.Rides), "/price"), bad(len(x.Lines) > 100, "/lines"), bad(len(x.Stops) > 100, "/stops"),
	} {
		if err != nil {
			return err
		}
	}
	if n := len([]rune(strings.TrimSpace(x.Name))); n == 0 || n > 80 {
		return fault.New("bad_value").At("/name")
	}
	if !readable.Name(x.Name) {
		return fault.New("text_unreadable").At("/name")
	}
	return nil
}

// PassProductChange is what may change of a pass on sale; nil stays. What was sold stays as it was.
type PassProductChange struct {
	Name   *string
	Price  *int64
	OnSale *bool
}

// ChangePassProduct changes what is sold from now on.
func (p *Payments) ChangePassProduct(ctx context.Context, t tenant.ID, by, id uuid.UUID, c PassProductChange) (x store.PassProduct, err error) {
	err = p.db.InTx(ctx, t, func(tx *store.Tx) error {
		if x, err = tx.LockPassProduct(ctx, id); store.IsNotFound(err) {
			return fault.New("not_found")
		} else if err != nil {
			return err
		}
		if c.Name != nil {
			x.Name = *c.Name
		}
		if c.Price != nil {
			x.Price = *c.Price
		}
		if c.OnSale != nil {
			x.OnSale = *c.OnSale
		}
		if err := checkPassProduct(x); err != nil {
			return err
		}
		if err := tx.SavePassProduct(ctx, x); err != nil {
			return err
		}
		return tx.Audit(store.Audit{Actor: by, Action: "pass_product.change", Target: "pass_product/" + id.String(), Detail: map[string]any{"price": x.Price, "on_sale": x.OnSale}})
	})
	return x, err
}

// PassProducts is a page of what is sold; what is not sold any more too, if asked.
func (p *Payments) PassProducts(ctx context.Context, t tenant.ID, withdrawn bool, before uuid.UUID, limit int) ([]store.PassProduct, error) {
	return p.db.Read(t).PassProducts(ctx, withdrawn, before, limit)
}

// Passes is a page of a rider's passes, newest first.
func (p *Payments) Passes(ctx context.Context, t tenant.ID, rider, before uuid.UUID, limit int) ([]store.Pass, error) {
	return p.db.Read(t).Passes(ctx, rider, before, limit)
}

// usesShown bounds how many uses of a pass are shown with it.
const usesShown = 100

// Pass is one pass with what it was used for, the latest first.
func (p *Payments) Pass(ctx context.Context, t tenant.ID, id uuid.UUID) (store.Pass, []store.PassUse, error) {
	r := p.db.Read(t)
	x, err := r.Pass(ctx, id)
	if store.IsNotFound(err) {
		return x, nil, fault.New("not_found")
	}
	if err != nil {
		return x, nil, err
	}
	uses, err := r.PassUses(ctx, id, usesShown)
	return x, uses, err
}
