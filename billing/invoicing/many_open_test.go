package invoicing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// TestManyOpenInvoices: sums, reminders and matches are of all that is open, more than a page of it holds too; what a list leaves out, it counts.
func TestManyOpenInvoices(t *testing.T) {
	t.Parallel()
	const firms, more = 2100, 30 // one each, and the first so many more
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 10000))
	d := o.finalise("2026-11")
	bills := make([]bill, firms+more-1)
	for i := range bills {
		bills[i] = bill{firm: max(0, i-more+1), amount: d.Open(), currency: "MAD", issued: d.Issued.AddDays(1)}
	}
	o.owe(d, bills)
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
	for i, c := range []struct {
		key  string
		want int
	}{{"first", firms + more}, {"first", firms + more}, {"second", 0}} {
		if n, err := o.Remind(ctx, o.id, o.by, o.claim(c.key)); err != nil || n != c.want {
			t.Errorf("time %d: %d reminders, want %d (%v)", i+1, n, c.want, err)
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

// bill is an invoice's head: what years of business leave behind.
type bill struct {
	firm     int // 0: the employer
	amount   int64
	currency string
	issued   servicedate.Date
}

// owe writes heads like an invoice's, numbered on from it, and firms as they are needed.
func (o *office) owe(like store.Document, bills []bill) {
	o.t.Helper()
	firms := map[int]uuid.UUID{0: o.employer}
	var seqs, amounts []int64
	var ids, owners []uuid.UUID
	var names, currencies, days []string
	for i, b := range bills {
		if firms[b.firm] == uuid.Nil {
			firms[b.firm] = uuid.New()
		}
		seqs, amounts, currencies, days = append(seqs, int64(i)+2), append(amounts, b.amount), append(currencies, b.currency), append(days, b.issued.String())
		ids, owners, names = append(ids, uuid.New()), append(owners, firms[b.firm]), append(names, fmt.Sprintf("Firm N%d", b.firm))
	}
	o.Exec(o.t, `with b as (select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::date[], $5::uuid[], $6::uuid[], $7::text[]) as b (seq, amount, currency, issued, id, firm, name)),
		replica as (select set_config('session_replication_role', 'replica', true)),
		made as (insert into organisation (tenant_id, id, name, legal_name, address, country, email, currency, time_zone, locale, terms, po_number)
			select distinct o.tenant_id, b.firm, b.name, b.name, o.address, o.country, o.email, o.currency, o.time_zone, o.locale, o.terms, o.po_number
			from replica, b, organisation o where o.id = $8 and b.firm <> o.id),
		owing as (insert into account as a (tenant_id, id, code, currency, class, may_overdraw, running, posted)
			select o.tenant_id, gen_random_uuid(), 'receivable:' || b.firm, b.currency, 'asset', true, true, sum(b.amount) from replica, b, organisation o where o.id = $8 group by 1, 3, 4
			on conflict (tenant_id, code, currency) do update set posted = a.posted + excluded.posted)
		insert into invoice (tenant_id, id, kind, organisation_id, series, year, seq, number, month, currency, prices, terms, po, locale, seller, buyer, issued, due, taxes, net, tax, gross, lines, digest, finalised_by)
		select i.tenant_id, b.id, i.kind, b.firm, i.series, i.year, b.seq, 'FA-2026-' || lpad(b.seq::text, 6, '0'), i.month + b.seq::integer * interval '1 month', b.currency, i.prices, i.terms, i.po, i.locale, i.seller,
			case b.firm when i.organisation_id then i.buyer else jsonb_set(i.buyer, '{name}', to_jsonb(b.name)) end, b.issued, i.due + (b.issued - i.issued), i.taxes, b.amount, 0, b.amount, i.lines, i.digest, i.finalised_by
		from replica, b, invoice i where i.id = $9`, seqs, amounts, currencies, days, ids, owners, names, o.employer, like.ID)
}
