package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/waymeet/waymeet/billing/programme"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/organisation"
	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// employed is how many riders have an employer who pays a part of their rides.
const employed = 40

// employ gives the operator a business customer, once: its people by roster, a programme, and the printed manager. Riders
// who have no account yet belong already; it finds them when it is made.
func (d *Demo) employ(ctx context.Context, t tenant.ID, o *operator) error {
	there, err := d.DB.Read(t).Organisations(ctx, nil, [16]byte{}, 1)
	if err != nil || len(there) > 0 {
		return err
	}
	zone, err := time.LoadLocation(o.tenant.TimeZone)
	if err != nil {
		return err
	}
	since := servicedate.On(d.Now(), zone).AddDays(-60)
	firm := store.Organisation{ID: ident.New(), Name: o.employer, LegalName: o.employer, Address: []string{}, TaxIDs: []store.TaxID{}, Currency: o.tenant.Currency,
		TimeZone: o.tenant.TimeZone, Locale: o.tenant.DefaultLocale, Terms: "net_30", Email: "accounts@" + o.domain}
	people := organisation.Preview{On: since}
	for i, email := range o.riderEmails()[:employed-1] {
		people.Joiners = append(people.Joiners, organisation.Person{Number: fmt.Sprintf("M-%04d", i+1), Name: o.names.at(i), Email: email, CostCentre: fmt.Sprintf("CC-%d", 410+10*(i%3))})
	}
	people.Joiners = append(people.Joiners, organisation.Person{Number: "M-1000", Name: o.logins[0], Email: o.email("rider"), CostCentre: "CC-410"})
	terms := programme.Terms{Currency: o.tenant.Currency, Percent: 60, MonthRides: programme.UpTo(44), Budget: programme.UpTo(800_000), Zone: zone, From: since}
	return d.DB.InTx(ctx, t, func(tx *store.Tx) error {
		if err := tx.AddOrganisation(ctx, firm); err != nil {
			return err
		}
		if err := tx.ApplyRoster(ctx, firm.ID, firm.ID, people); err != nil {
			return err
		}
		err := tx.AddProgramme(ctx, store.Programme{ID: ident.New(), Organisation: firm.ID, Unit: firm.ID, Name: "Commute 60", Zone: o.tenant.TimeZone, Terms: terms, Active: true})
		if err != nil {
			return err
		}
		manager, _, err := tx.UserByEmail(ctx, o.email("manager"))
		if err != nil {
			return err
		}
		return tx.GiveUnitRole(ctx, manager.ID, firm.ID, policy.Manager)
	})
}
