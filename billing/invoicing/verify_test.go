package invoicing_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// What somebody bends of what stands beside the ledger, of lines, receipts, invoices and programmes, is named; bent back, all of it adds up.
func TestVerifySeesWhatStandsBesideTheLedger(t *testing.T) {
	t.Parallel()
	o, ctx := newOffice(t), t.Context()
	o.today = time.Now()
	last := invoice.MonthOf(november) - 2
	var bills []store.Document
	for m := last - 1; m <= last; m++ {
		o.add(o.ride(m.First(), 10000))
		id, err := o.Finalise(ctx, o.id, o.by, idem.Claim{}, o.employer, m, nil)
		if err != nil {
			t.Fatal(err)
		}
		bills = append(bills, o.document(id))
	}
	lines := o.came("2026-09-10,150.00,MAD,CABLAGES,VIR,R1", "2026-09-11,50.00,MAD,STRIPE,PAYOUT,R2")
	pay := func(line, bill int, amount int64) {
		if err := o.Match(ctx, o.id, o.by, idem.Claim{}, lines[line].ID, []invoicing.Pay{{Invoice: bills[bill].ID, Amount: amount}}, 0); err != nil {
			t.Fatal(err)
		}
	}
	pay(0, 0, 3000)
	pay(0, 1, 2000)
	pay(1, 0, 1000)
	all, _, err := o.Desk(ctx, o.id, lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Unmatch(ctx, o.id, o.by, idem.Claim{}, lines[1].ID, all[lines[1].ID][0].ID, "another's"); err != nil {
		t.Fatal(err)
	}
	receipt := ""
	for _, m := range all[lines[0].ID] {
		if m.Amount == 3000 {
			receipt = m.ID.String()
		}
	}
	is := strings.NewReplacer("$tenant", o.id.String(), "$line", lines[0].ID.String(), "$bill", bills[0].ID.String(), "$other", bills[1].ID.String(), "$receipt", receipt,
		"$undone", all[lines[1].ID][0].ID.String(), "$programme", o.scheme.String(), "$rider", o.A.Rider.String(), "$id", ident.New().String(), "$nobody", uuid.Nil.String()).Replace
	for _, subsidy := range []string{"700", "300"} {
		o.Bend(t, strings.NewReplacer("$booking", ident.New().String(), "$subsidy", subsidy).Replace(is(`insert into programme_ride (tenant_id, service_date, booking_id, programme_id, organisation_id, unit_id, membership_id,
			employee_id, month, line_id, line_name, from_name, to_name, pickup_at, fare, subsidy, booked, currency, cost_centre, state)
			values ('$tenant', '2026-09-02', '$booking', '$programme', '$id', '$id', '$id', '$rider', '2026-09-01', '$id', 'L', 'A', 'B', now(), 900, $subsidy, 700, 'MAD', '', 'reserved')`)))
	}
	o.Bend(t, is(`insert into programme_use (tenant_id, programme_id, employee_id, month, used, rides) values ('$tenant', '$programme', '$rider', '2026-09-01', 1000, 2), ('$tenant', '$programme', '$nobody', '2026-09-01', 1000, 2)`))
	o.verified()
	for _, x := range []struct{ name, bent, back, where, what string }{
		{"a line's amount", "update bank_line set amount = amount + 1 where id = '$line'", "update bank_line set amount = amount - 1 where id = '$line'", "bank line $line", "what came"},
		{"what of a line is matched", "update bank_line set matched = matched + 1 where id = '$line'", "update bank_line set matched = matched - 1 where id = '$line'", "bank line $line", "what of it is matched"},
		{"what is paid, of another invoice of theirs", "update invoice set paid = paid + case id when '$bill' then -500 else 500 end where id in ('$bill', '$other')",
			"update invoice set paid = paid + case id when '$bill' then 500 else -500 end where id in ('$bill', '$other')", "document ", "what was paid of it"},
		{"a receipt's amount", "update receipt set amount = amount + 1 where id = '$receipt'", "update receipt set amount = amount - 1 where id = '$receipt'", "bank line $line", "what of it is matched"},
		{"a receipt's amount, and all that counts it", "update receipt set amount = amount + 1 where id = '$receipt'; update bank_line set matched = matched + 1 where id = '$line'; update invoice set paid = paid + 1 where id = '$bill'",
			"update receipt set amount = amount - 1 where id = '$receipt'; update bank_line set matched = matched - 1 where id = '$line'; update invoice set paid = paid - 1 where id = '$bill'", "receivable:", ""},
		{"a receipt of another invoice, and all that counts it", "update receipt set invoice_id = '$other', bank_line_id = '$id' where id = '$receipt'; update invoice set paid = paid + case id when '$bill' then -3000 else 3000 end where id in ('$bill', '$other')",
			"update receipt set invoice_id = '$bill', bank_line_id = '$line' where id = '$receipt'; update invoice set paid = paid + case id when '$bill' then 3000 else -3000 end where id in ('$bill', '$other')", "bank line $line", "what of it is matched"},
		{"a receipt gone", "create table kept as select * from receipt where id = '$receipt'; delete from receipt where id = '$receipt'", "insert into receipt select * from kept; drop table kept", "bank line $line", "what of it is matched"},
		{"a match that was taken back stands again", "create table kept as select * from unmatch; delete from unmatch; update bank_line set matched = matched + 1000 where matched = 0; update invoice set paid = paid + 1000 where id = '$bill'",
			"insert into unmatch select * from kept; drop table kept; update bank_line set matched = matched - 1000 where matched = 1000; update invoice set paid = paid - 1000 where id = '$bill'", "receivable:", ""},
		{"the key of a receipt's journal", "update journal set key = key || 'x' where key = 'receipt:$receipt'", "update journal set key = 'receipt:$receipt' where key = 'receipt:$receiptx'", "receipt:$receipt", "what the bank desk matched, by its journals"},
		{"what an employee used", "update programme_use set used = used - 1 where employee_id = '$rider'", "update programme_use set used = used + 1 where employee_id = '$rider'", "programme $programme of $rider", "what was used of it"},
		{"what a programme used", "update programme_use set used = used + 1 where employee_id = '$nobody'", "update programme_use set used = used - 1 where employee_id = '$nobody'", "programme $programme of all", "what was used of it"},
	} {
		o.Bend(t, is(x.bent))
		_, err := o.VerifyLedger(ctx, o.id)
		var d *store.LedgerDifference
		if !errors.As(err, &d) || !strings.HasPrefix(d.Where, is(x.where)) || x.what != "" && d.What != x.what {
			t.Errorf("%s: %v", x.name, err)
		}
		o.Bend(t, is(x.back))
		if _, err := o.VerifyLedger(ctx, o.id); err != nil {
			t.Fatalf("%s, bent back: %v", x.name, err)
		}
	}
}
