package employer

import (
	"context"
	"encoding/json"
	"errors"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/readable"
	"github.com/waymeet/waymeet/store"
)

// Organisation is one as who manages it, or a part of it, sees it.
type Organisation struct {
	store.Organisation
	Today    servicedate.Date `json:"today"` // where it is
	Units    []store.Unit     `json:"units"`
	Managers []store.Manager  `json:"managers,omitempty"` // told to the operator's staff
}

// Organisations is a page, by name: all of them for the operator's staff, one's own for who manages some.
func (s *Service) Organisations(ctx context.Context, after uuid.UUID, limit int) ([]store.Organisation, error) {
	a, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	var within []uuid.UUID
	if policy.Can(ctx, policy.CompanyRead, policy.Resource{Tenant: a.Tenant, Kind: "organisation"}) != nil {
		within = []uuid.UUID{}
		for _, g := range a.Grants {
			if g.Permission == policy.CompanyManagePermission && g.Scope.Unit != uuid.Nil {
				// asked, so that the door knows: the unit is the caller's own
				if on(ctx, a, policy.CompanyRead, g.Scope.Unit, []uuid.UUID{g.Scope.Unit}) == nil {
					within = append(within, g.Scope.Unit)
				}
			}
		}
		if len(within) == 0 {
			return nil, fault.New("forbidden")
		}
	}
	return s.db.Read(a.Tenant).Organisations(ctx, within, after, limit)
}

// Organisation is one with what of its tree the caller reaches.
func (s *Service) Organisation(ctx context.Context, id uuid.UUID) (Organisation, error) {
	a, err := caller(ctx)
	if err != nil {
		return Organisation{}, err
	}
	r := s.db.Read(a.Tenant)
	o, units, _, err := reach(ctx, r, a, policy.CompanyRead, id)
	if err != nil {
		return Organisation{}, err
	}
	out := Organisation{Organisation: o, Today: s.today(o), Units: units}
	if policy.Can(ctx, policy.OrganisationWrite, policy.Resource{Tenant: a.Tenant, Kind: "organisation"}) == nil {
		out.Managers, err = r.Managers(ctx, id)
	}
	return out, err
}

// Draft is what an organisation is made of or becomes.
type Draft struct {
	Name, LegalName, Country, Email, Currency, TimeZone, Locale, Terms, PONumber string
	Address                                                                      []string
	TaxIDs                                                                       []store.TaxID
	Active                                                                       bool
}

func (d Draft) check(t tenant.Tenant) (Draft, error) {
	d.Name, d.LegalName, d.Email = strings.TrimSpace(d.Name), strings.TrimSpace(d.LegalName), strings.ToLower(strings.TrimSpace(d.Email))
	for _, def := range []struct {
		to   *string
		from string
	}{{&d.Currency, t.Currency}, {&d.TimeZone, t.TimeZone}, {&d.Locale, t.DefaultLocale}, {&d.Terms, "net_30"}} {
		if *def.to == "" {
			*def.to = def.from
		}
	}
	if d.Address == nil {
		d.Address = []string{}
	}
	if d.TaxIDs == nil {
		d.TaxIDs = []store.TaxID{}
	}
	bad := func(field string) error { return fault.New("bad_value").At("/" + field) }
	if d.Name == "" || !readable.Name(d.Name) {
		return d, bad("name")
	}
	for field, text := range map[string]string{"legal_name": d.LegalName, "address": strings.Join(d.Address, " "), "po_number": d.PONumber} {
		if !readable.Name(text) {
			return d, fault.New("text_unreadable").At("/" + field)
		}
	}
	if d.Email != "" {
		if a, err := mail.ParseAddress(d.Email); err != nil || a.Address != d.Email {
			return d, bad("email")
		}
	}
	if _, err := time.LoadLocation(d.TimeZone); err != nil || d.TimeZone == "Local" {
		return d, bad("time_zone")
	}
	if !ledger.Currency(d.Currency).Known() {
		return d, bad("currency")
	}
	if !tenant.KnownLocale(d.Locale) {
		return d, bad("locale")
	}
	if _, err := invoice.Terms(d.Terms).Due(servicedate.Of(2026, 1, 1)); err != nil {
		return d, bad("terms")
	}
	return d, nil
}

func (d Draft) onto(o store.Organisation) store.Organisation {
	o.Name, o.LegalName, o.Address, o.Country, o.TaxIDs, o.Email = d.Name, d.LegalName, d.Address, d.Country, d.TaxIDs, d.Email
	o.Currency, o.TimeZone, o.Locale, o.Terms, o.PONumber, o.Active = d.Currency, d.TimeZone, d.Locale, d.Terms, d.PONumber, d.Active
	return o
}

// Create makes an organisation. The operator's staff do.
func (s *Service) Create(ctx context.Context, claim idem.Claim, d Draft) (Organisation, error) {
	a, err := caller(ctx)
	if err != nil {
		return Organisation{}, err
	}
	if err := policy.Can(ctx, policy.OrganisationWrite, policy.Resource{Tenant: a.Tenant, Kind: "organisation"}); err != nil {
		return Organisation{}, err
	}
	t, err := s.db.Read(a.Tenant).TenantRow(ctx)
	if err != nil {
		return Organisation{}, err
	}
	if d, err = d.check(t); err != nil {
		return Organisation{}, err
	}
	id := ident.New()
	return once(ctx, s, a, claim, 201, func(tx *store.Tx) (Organisation, error) {
		if err := soldIn(ctx, tx, d.Currency); err != nil {
			return Organisation{}, err
		}
		o := d.onto(store.Organisation{ID: id})
		o.Active = true
		if err := tx.AddOrganisation(ctx, o); errors.Is(err, store.ErrTaken) {
			return Organisation{}, fault.New("organisation_taken").At("/name")
		} else if err != nil {
			return Organisation{}, err
		}
		units, err := tx.Units(ctx, id)
		if err != nil {
			return Organisation{}, err
		}
		return Organisation{Organisation: o, Today: s.today(o), Units: units},
			tx.Audit(store.Audit{Actor: a.User, Action: "organisation.created", Target: "organisation/" + id.String()})
	})
}

// Change writes what an organisation is. The operator's staff do.
func (s *Service) Change(ctx context.Context, id uuid.UUID, d Draft) (Organisation, error) {
	a, err := caller(ctx)
	if err != nil {
		return Organisation{}, err
	}
	t, err := s.db.Read(a.Tenant).TenantRow(ctx)
	if err != nil {
		return Organisation{}, err
	}
	var out Organisation
	err = s.db.InTx(ctx, a.Tenant, func(tx *store.Tx) error {
		o, err := tx.LockOrganisation(ctx, id)
		if store.IsNotFound(err) {
			return fault.New("not_found")
		}
		if err != nil {
			return err
		}
		if err := policy.Can(ctx, policy.OrganisationWrite, policy.Resource{Tenant: a.Tenant, Kind: "organisation", ID: id}); err != nil {
			return err
		}
		if d.Currency == "" { // whoever does not speak of it does not change it
			d.Currency = o.Currency
		}
		d, err := d.check(t)
		if err != nil {
			return err
		}
		if d.Currency != o.Currency {
			if err := soldIn(ctx, tx, d.Currency); err != nil {
				return err
			}
			waits, err := tx.OrganisationWaits(ctx, id, d.Currency)
			if err != nil {
				return err
			}
			if waits { // it could never be billed
				return fault.New("organisation_currency_used").At("/currency")
			}
		}
		o = d.onto(o)
		if err := tx.ChangeOrganisation(ctx, o); errors.Is(err, store.ErrTaken) {
			return fault.New("organisation_taken").At("/name")
		} else if err != nil {
			return err
		}
		units, err := tx.Units(ctx, id)
		if err != nil {
			return err
		}
		out = Organisation{Organisation: o, Today: s.today(o), Units: units}
		return tx.Audit(store.Audit{Actor: a.User, Action: "organisation.changed", Target: "organisation/" + id.String(), Detail: map[string]any{"active": o.Active}})
	})
	return out, err
}

// soldIn refuses a currency in which the operator sells nothing: no ride could be billed in it.
func soldIn(ctx context.Context, tx *store.Tx, currency string) error {
	sold, err := tx.CurrencySold(ctx, currency)
	if err == nil && !sold {
		err = fault.New("currency_not_sold").At("/currency")
	}
	return err
}

// once runs a verb under its claim, in one transaction, and answers what the first did.
func once[T any](ctx context.Context, s *Service, a policy.Actor, claim idem.Claim, status int, fn func(tx *store.Tx) (T, error)) (out T, err error) {
	var answer json.RawMessage
	err = s.db.InTx(ctx, a.Tenant, func(tx *store.Tx) error {
		answer, _, err = tx.Once(ctx, claim, status, func() (any, error) { return fn(tx) })
		return err
	})
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(answer, &out)
}
