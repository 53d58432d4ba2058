package employer

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/internal/readable"
	"github.com/waymeet/waymeet/store"
)

// Programmes is those of the units that the caller reaches.
func (s *Service) Programmes(ctx context.Context, org uuid.UUID) ([]store.Programme, error) {
	a, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	r := s.db.Read(a.Tenant)
	_, _, within, err := reach(ctx, r, a, policy.CompanyRead, org)
	if err != nil {
		return nil, err
	}
	return r.ProgrammesOf(ctx, org, within)
}

// AddProgramme begins one for a unit and those under it; the nil unit is the one that the caller manages.
func (s *Service) AddProgramme(ctx context.Context, claim idem.Claim, p store.Programme) (store.Programme, error) {
	a, err := caller(ctx)
	if err != nil {
		return p, err
	}
	r := s.db.Read(a.Tenant)
	o, _, within, err := reach(ctx, r, a, policy.CompanyWrite, p.Organisation)
	if err != nil {
		return p, err
	}
	if p.Unit == uuid.Nil {
		p.Unit = within[0]
	}
	u, err := r.Unit(ctx, p.Unit)
	if err == nil && u.Organisation != p.Organisation || store.IsNotFound(err) {
		return p, fault.New("not_found")
	}
	if err != nil {
		return p, err
	}
	if err := on(ctx, a, policy.CompanyWrite, u.ID, u.Above); err != nil { // before the claim: a repeat, too, asks whether it may hear the answer
		return p, err
	}
	p.ID, p.Version = ident.New(), 1
	p, err = once(ctx, s, a, claim, 201, func(tx *store.Tx) (store.Programme, error) {
		if err := check(ctx, tx, o, &p); err != nil {
			return p, err
		}
		if err := tx.AddProgramme(ctx, p); err != nil {
			return p, err
		}
		return p, tx.Audit(store.Audit{Actor: a.User, Action: "programme.created", Target: "programme/" + p.ID.String(), Detail: told(p)})
	})
	if err == nil {
		p.Terms.Zone, err = time.LoadLocation(p.Zone) // a kept answer has but its name
	}
	return p, err
}

// ChangeProgramme writes new terms: they hold from the next booking on, and what was granted stays granted.
func (s *Service) ChangeProgramme(ctx context.Context, p store.Programme) (store.Programme, error) {
	a, err := caller(ctx)
	if err != nil {
		return p, err
	}
	err = s.db.InTx(ctx, a.Tenant, func(tx *store.Tx) error {
		was, above, err := tx.LockProgramme(ctx, p.ID)
		if store.IsNotFound(err) {
			return fault.New("not_found")
		}
		if err != nil {
			return err
		}
		if err := on(ctx, a, policy.CompanyWrite, was.Unit, above); err != nil {
			return err
		}
		p.Organisation, p.Unit, p.Version = was.Organisation, was.Unit, was.Version+1
		o, err := tx.Organisation(ctx, p.Organisation)
		if err != nil {
			return err
		}
		if err := check(ctx, tx, o, &p); err != nil {
			return err
		}
		if err := tx.ChangeProgramme(ctx, p); err != nil {
			return err
		}
		return tx.Audit(store.Audit{Actor: a.User, Action: "programme.changed", Target: "programme/" + p.ID.String(), Detail: map[string]any{"before": told(was), "after": told(p)}})
	})
	return p, err
}

// SeeAlerts says that somebody has seen a month's budget alerts up to a threshold. Seen again changes nothing.
func (s *Service) SeeAlerts(ctx context.Context, programme uuid.UUID, month servicedate.Date, threshold int) error {
	a, err := caller(ctx)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, a.Tenant, func(tx *store.Tx) error {
		p, above, err := tx.LockProgramme(ctx, programme)
		if store.IsNotFound(err) {
			return fault.New("not_found")
		}
		if err != nil {
			return err
		}
		if err := on(ctx, a, policy.CompanyWrite, p.Unit, above); err != nil {
			return err
		}
		n, err := tx.AlertsTold(ctx, programme, month, threshold)
		if err != nil || n == 0 {
			return err
		}
		return tx.Audit(store.Audit{Actor: a.User, Action: "programme.alerts_seen", Target: "programme/" + programme.String(), Detail: map[string]any{"month": month.String(), "percent": threshold}})
	})
}

func check(ctx context.Context, tx *store.Tx, o store.Organisation, p *store.Programme) error {
	bad := func(field string) error { return fault.New("bad_value").At("/" + field) }
	t := &p.Terms
	if p.Name = strings.TrimSpace(p.Name); p.Name == "" || !readable.Name(p.Name) {
		return bad("name")
	}
	if p.Zone == "" {
		p.Zone = o.TimeZone
	}
	if t.Currency == "" {
		t.Currency = o.Currency
	}
	if t.Currency != o.Currency {
		return fault.New("currency_mismatch").At("/currency")
	}
	var err error
	if t.Zone, err = time.LoadLocation(p.Zone); err != nil || p.Zone == "Local" {
		return bad("time_zone")
	}
	for field, n := range map[string]int64{"fixed": t.Fixed, "ride_cap": t.RideCap.Amount, "month_cap": t.MonthCap.Amount, "budget": t.Budget.Amount} {
		if n < 0 || n > ledger.Currency(t.Currency).Max() {
			return fault.New("out_of_range").At("/" + field)
		}
	}
	if t.From.IsZero() {
		return fault.New("required").At("/valid_from")
	}
	if !t.Until.IsZero() && t.Until < t.From {
		return fault.New("out_of_range").At("/valid_until")
	}
	if !readable.Name(t.CostCentre) {
		return bad("cost_centre")
	}
	if err := t.Check(); err != nil {
		return fault.New("programme_terms").Because(err)
	}
	lines, stops, err := parse(t)
	if err != nil {
		return err
	}
	knowsLines, knowsStops, err := tx.KnowsPlaces(ctx, lines, stops)
	switch {
	case err != nil:
		return err
	case !knowsLines:
		return bad("lines")
	case !knowsStops:
		return bad("stops")
	}
	return nil
}

func parse(t *programme.Terms) (lines, stops []uuid.UUID, err error) {
	for _, x := range []struct {
		texts []string
		ids   *[]uuid.UUID
	}{{t.Lines, &lines}, {t.Stops, &stops}} {
		for _, text := range x.texts {
			id, err := uuid.Parse(text)
			if err != nil {
				return nil, nil, fault.New("bad_uuid")
			}
			*x.ids = append(*x.ids, id)
		}
	}
	return lines, stops, nil
}

// told is what the log keeps of terms.
func told(p store.Programme) map[string]any {
	t := p.Terms
	return map[string]any{"organisation": p.Organisation, "percent": t.Percent, "fixed": t.Fixed, "ride_cap": t.RideCap, "month_cap": t.MonthCap,
		"month_rides": t.MonthRides, "budget": t.Budget, "from": t.From, "until": t.Until, "active": p.Active}
}
