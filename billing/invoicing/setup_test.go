package invoicing_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// TestTaxChanges: a rate that changes is a row that is added. Days before it keep the old rate, what was finalised keeps everything,
// and the other taxes stay as they were.
func TestTaxChanges(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 11000))
	before := o.finalise("2026-11")
	if _, own, err := o.Taxes(ctx, o.id); err != nil || own {
		t.Fatal(own, err)
	}
	half := november + 40 // in December
	rule := invoice.TaxRule{Country: "MA", Supply: invoice.UrbanTransport, From: half, Tax: invoice.Tax{Code: "MA-12", Rate: 1200, Treatment: invoice.Taxed}, Source: "a new law"}
	claim := o.claim("tax")
	var wg sync.WaitGroup
	for range 4 { // the same wish, at once
		wg.Go(func() {
			if err := o.AddTax(ctx, o.id, o.by, claim, rule); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	table, own, err := o.Taxes(ctx, o.id)
	if err != nil || !own || len(table) != len(invoice.Starting())+1 {
		t.Fatalf("%d rules, own %v: %v", len(table), own, err)
	}
	for day, code := range map[servicedate.Date]string{november: "MA-10", half - 1: "MA-10", half: "MA-12", half + 5000: "MA-12"} {
		if r, err := table.Find("MA", invoice.UrbanTransport, day); err != nil || r.Tax.Code != code {
			t.Errorf("on %v: %s, want %s (%v)", day, r.Tax.Code, code, err)
		}
	}
	if r, err := table.Find("MA", invoice.Advice, half); err != nil || r.Tax.Code != "MA-20" {
		t.Errorf("general: %+v %v", r, err)
	}
	o.add(o.ride(half-1, 11000), o.ride(half, 11200))
	o.today = time.Date(2027, 1, 3, 9, 0, 0, 0, time.UTC)
	if d := o.finalise("2026-12"); d.Total.Tax != 1000+1200 || len(d.Taxes) != 2 {
		t.Errorf("%+v", d.Taxes)
	}
	if d := o.document(before.ID); d.Digest != before.Digest || d.Total.Tax != 1000 {
		t.Errorf("a finalised invoice changed: %+v", d.Total)
	}
	for want, r := range map[string]invoice.TaxRule{
		"tax_day_taken":  {Country: "MA", Supply: invoice.UrbanTransport, From: half, Tax: invoice.Tax{Code: "MA-13", Rate: 1300, Treatment: invoice.Taxed}},
		"tax_code_taken": {Country: "MA", Supply: invoice.UrbanTransport, From: half + 1, Tax: invoice.Tax{Code: "MA-12", Rate: 1300, Treatment: invoice.Taxed}},
		"tax_invalid":    {Country: "MA", Supply: invoice.UrbanTransport, From: half + 1, Tax: invoice.Tax{Code: "MA-14", Rate: 1300, Treatment: invoice.Exempt}},
	} {
		if err := o.AddTax(ctx, o.id, o.by, idem.Claim{}, r); !fault.Is(err, want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := o.Preview(ctx, o.id, o.employer, 0); err != nil {
		t.Error("the table is still good:", err)
	}
}

// TestTaxesAtOnce: several who give one code different rates get one of them, and the table stays one that bills.
func TestTaxesAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			err := o.AddTax(ctx, o.id, o.by, idem.Claim{}, invoice.TaxRule{Country: "MA", Supply: invoice.UrbanTransport, From: november + servicedate.Date(i),
				Tax: invoice.Tax{Code: "MA-X", Rate: 1100 + i, Treatment: invoice.Taxed}})
			if err != nil && !fault.Is(err, "tax_code_taken") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	table, _, err := o.Taxes(ctx, o.id)
	if err != nil || len(table) != len(invoice.Starting())+1 || table.Check() != nil {
		t.Errorf("%d rules: %v %v", len(table), err, table.Check())
	}
}

// TestBillerIsSaved: what is saved heads what is finalised from then on, and whoever saw an older version is told.
func TestBillerIsSaved(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 11000))
	before := o.finalise("2026-11")
	b, err := o.Biller(ctx, o.id)
	if err != nil {
		t.Fatal(err)
	}
	b.Name, b.Address, b.IDs, b.Country = "Atlas Mobilité SA", []string{"12 rue de Fès"}, []store.Label{{Name: "ICE", Value: "1"}}, "MA"
	claim := o.claim("biller")
	saved, err := o.SaveBiller(ctx, o.id, o.by, claim, b)
	if err != nil || saved.Name != b.Name || saved.Version != b.Version+1 {
		t.Fatalf("%+v %v", saved, err)
	}
	if again, err := o.SaveBiller(ctx, o.id, o.by, claim, b); err != nil || again.Version != saved.Version {
		t.Errorf("repeated: %+v %v", again, err)
	}
	if _, err := o.SaveBiller(ctx, o.id, o.by, idem.Claim{}, b); !fault.Is(err, "biller_changed") {
		t.Error(err)
	}
	o.add(o.ride(november+31, 11000))
	o.today = time.Date(2027, 1, 3, 9, 0, 0, 0, time.UTC)
	if d := o.finalise("2026-12"); d.Seller.Name != b.Name || len(d.Seller.IDs) != 1 {
		t.Errorf("%+v", d.Seller)
	}
	if d := o.document(before.ID); d.Seller.Name != before.Seller.Name || d.Digest != before.Digest {
		t.Errorf("%+v", d.Seller)
	}
}

// TestNobodyBillsUnsaid: while it is not said who bills, or a part of it is missing, a month can be looked at and not finalised;
// no number is taken. What was ridden before anybody said where bears the tax of the place that is said then.
func TestNobodyBillsUnsaid(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	o.Exec(t, `delete from biller where tenant_id = $1`, o.id.UUID())
	o.Exec(t, `update organisation set country = 'AE' where id = $1`, o.employer)
	ride := o.ride(november, 11000)
	ride.Country = ""
	o.add(ride)
	november := month(t, "2026-11")
	refused := func(missing ...string) {
		t.Helper()
		d, err := o.Preview(ctx, o.id, o.employer, november)
		if err != nil || !slices.Equal(d.Missing, missing) || len(d.Lines) != 1 {
			t.Errorf("%v is missing of %d lines: %v", d.Missing, len(d.Lines), err)
		}
		if _, err := o.Finalise(ctx, o.id, o.by, idem.Claim{}, o.employer, november, nil); !fault.Is(err, "biller_incomplete") {
			t.Errorf("without %v: %v", missing, err)
		}
	}
	refused("name", "address", "tax_number", "country")
	b := store.Biller{Party: store.Party{Name: "Atlas"}, Country: "MA", Prices: invoice.GrossPrices}
	for _, next := range []struct {
		missing []string
		say     func()
	}{
		{[]string{"address", "tax_number"}, func() {}},
		{[]string{"tax_number"}, func() { b.Address = []string{"12 rue de Fès"} }},
		{nil, func() { b.IDs = []store.Label{{Name: "ICE", Value: "1"}} }},
	} {
		next.say()
		var err error
		if b, err = o.SaveBiller(ctx, o.id, o.by, idem.Claim{}, b); err != nil {
			t.Fatal(err)
		}
		if next.missing != nil {
			refused(next.missing...)
		}
	}
	if d := o.finalise("2026-11"); d.Number.Seq != 1 || d.Total.Tax != 1000 || d.Lines[0].Country != "MA" {
		t.Errorf("%v: %+v", d.Number, d.Total)
	}
}
