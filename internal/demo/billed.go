package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// billedMonths is how many months before this one the employer rode: the last waits to be billed, the others were.
const billedMonths = 3

// bill gives the employer a past with the operator's office, once: rides of months that are over, and the invoices of all of
// those but the last, made as of the third of the month after. What they name are rides of before this system.
func (d *Demo) bill(ctx context.Context, t tenant.ID, o *operator) error {
	r := d.DB.Read(t)
	there, err := r.Documents(ctx, uuid.Nil, uuid.Max, 1)
	if err != nil || len(there) > 0 {
		return err
	}
	firms, err := r.Organisations(ctx, nil, uuid.Nil, 1)
	if err != nil || len(firms) == 0 {
		return err
	}
	firm := firms[0]
	zone, err := time.LoadLocation(o.tenant.TimeZone)
	if err != nil {
		return err
	}
	this := invoice.MonthOf(servicedate.On(d.Now(), zone))
	who, _, err := r.UserByEmail(ctx, o.email("finance"))
	if err != nil {
		return err
	}
	if err := d.sayBiller(ctx, t, o, who.ID); err != nil {
		return err
	}
	for back := billedMonths; back >= 1; back-- {
		month := this - invoice.Month(back)
		if err := d.DB.InTx(ctx, t, func(tx *store.Tx) error {
			for i := range 24 {
				day := month.First().AddDays(1 + i)
				source := uuid.NewSHA1(t.UUID(), fmt.Appendf(nil, "billed %v %d", month, i)) // again is the same ride
				u := store.Usage{Source: "ride/" + source.String(), Organisation: firm.ID, PersonName: o.names.at(i % 9), CostCentre: fmt.Sprintf("CC-%d", 410+10*(i%3)), Date: day,
					At: day.At(7*3600, zone), Supply: invoice.UrbanTransport, Country: o.biller.Country, Says: o.tenant.Name + ", 07:00", Quantity: 1, UnitOf: "ride", Amount: int64(900 + 60*(i%4)), Currency: o.tenant.Currency}
				if err := tx.AddUsage(ctx, u); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		if back == 1 {
			return nil
		}
		then := (month + 1).First().AddDays(2).At(9*3600, zone)
		office := invoicing.At(d.DB, func() time.Time { return then })
		if _, err := office.Finalise(ctx, t, who.ID, idem.Claim{}, firm.ID, month, nil); err != nil {
			return err
		}
	}
	return nil
}

// sayBiller says who bills, and what taxes hold where the starting table says nothing. Passengers are carried without VAT in Kenya
// (VAT Act 2013, First Schedule).
func (d *Demo) sayBiller(ctx context.Context, t tenant.ID, o *operator, by uuid.UUID) error {
	office := invoicing.New(d.DB)
	was, err := office.Biller(ctx, t)
	if err != nil || was.Version > 0 {
		return err
	}
	if _, err := office.SaveBiller(ctx, t, by, idem.Claim{}, o.biller); err != nil {
		return err
	}
	if o.biller.Country != "KE" {
		return nil
	}
	return office.AddTax(ctx, t, by, idem.Claim{}, invoice.TaxRule{Country: "KE", Supply: invoice.UrbanTransport, From: servicedate.Of(2013, 9, 2), Source: "VAT Act 2013",
		Tax: invoice.Tax{Code: "KE-EX", Treatment: invoice.Exempt}})
}
