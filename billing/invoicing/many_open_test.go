package invoicing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/internal/idem"
)

// TestManyOpenInvoices: sums, reminders and matches are of all that is open, more than a page of it holds too; what a list leaves out, it counts.
func TestManyOpenInvoices(t *testing.T) {
	t.Parallel()
	const firms, more = 2100, 30 // one each, and the first so many more
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 10000))
	d := o.finalise("2026-11")
	o.Exec(t, fmt.Sprintf(`begin; set local session_replication_role = replica; -- heads alone: what a year of business leaves behind
		create temp table firm on commit drop as select n, case when n <= %[2]d then '%[3]s'::uuid else gen_random_uuid() end as id from generate_series(2, %[1]d) n;
		insert into organisation (tenant_id, id, name, legal_name, address, country, email, currency, time_zone, locale, terms, po_number)
			select o.tenant_id, f.id, 'Firm ' || f.n, o.legal_name, o.address, o.country, o.email, o.currency, o.time_zone, o.locale, o.terms, o.po_number
			from firm f, organisation o where o.id = '%[3]s' and f.n > %[2]d;
		insert into invoice (tenant_id, id, kind, organisation_id, series, year, seq, number, month, currency, prices, terms, po, locale, seller, buyer, issued, due, taxes, net, tax, gross, lines, digest, finalised_by)
			select tenant_id, gen_random_uuid(), kind, f.id, series, year, f.n, 'FA-2026-' || lpad(f.n::text, 6, '0'), month + f.n * interval '1 month', currency, prices, terms, po, locale, seller, buyer, issued, due + 1, taxes,
				net, tax, gross, lines, digest, finalised_by from firm f, invoice i where i.id = '%[4]s';
		commit`, firms+more, more+1, o.employer, d.ID))
	o.today = d.Due.AddDays(10).Midnight()
	aged, _, err := o.Ageing(ctx, o.id)
	if err != nil || len(aged) != firms {
		t.Fatalf("%d firms owe: %v", len(aged), err)
	}
	var owed int64
	for _, a := range aged {
		owed += a.To30
	}
	if want := int64(firms+more) * d.Open(); owed != want {
		t.Errorf("%d is owed, want %d", owed, want)
	}
	if first := aged[0]; first.Count != more+1 || len(first.Invoices) != 20 {
		t.Errorf("%d invoices, of which %d are named", first.Count, len(first.Invoices))
	}
	for i, want := range []int{firms + more, 0} {
		if n, err := o.Remind(ctx, o.id, o.by, idem.Claim{}); err != nil || n != want {
			t.Errorf("time %d: %d reminders, want %d (%v)", i+1, n, want, err)
		}
	}
	last := invoice.Number{Series: "FA", Year: 2026, Seq: firms + more}
	part := heading + o.today.Format(time.DateOnly) + ",40.00,MAD,SOMEBODY,acompte " + last.String() + ",\n"
	if _, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "part.csv", []byte(part), invoicing.How{}); err != nil {
		t.Fatal(err)
	}
	lines, err := o.Lines(ctx, o.id, invoicing.LinesWaiting, uuid.Nil, 10)
	if err != nil || len(lines) != 1 {
		t.Fatalf("%d lines wait: %v", len(lines), err)
	}
	found, err := o.MatchesOf(ctx, o.id, lines)
	if err != nil || len(found[0]) != 1 || found[0][0].Invoices[0] != last {
		t.Errorf("%+v %v", found, err)
	}
}
