package invoicing_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoice/paper"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

var november = servicedate.Of(2026, 11, 3)

// TestInvoice is a month from its rides to a credit note: what the preview shows is what is finalised, the accounts hold what
// docs/money.md says, what comes late is on the next invoice, and a repeat is the same invoice.
func TestInvoice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	advice := o.ride(november, 12000)
	advice.Source, advice.Supply, advice.Programme, advice.CostCentre = "session/"+ident.New().String(), invoice.Advice, uuid.Nil, "CC-220"
	o.add(o.ride(november, 1100), o.ride(november+1, 1550), advice)
	programme, revenue := ledger.Programme(o.scheme, "MAD"), ledger.Revenue("seats", "MAD")
	o.holds(map[ledger.Account]int64{programme: 2650, revenue: 2650})

	seen, err := o.Preview(ctx, o.id, o.employer, month(t, "2026-11"))
	if err != nil || len(seen.Lines) != 3 || seen.Total.Gross != 14650 || seen.Number.Seq != 0 {
		t.Fatalf("%+v %v", seen.Total, err)
	}
	claim := o.claim("november")
	id, err := o.Finalise(ctx, o.id, o.by, claim, o.employer, month(t, "2026-11"), &seen.Total.Gross)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.Finalise(ctx, o.id, o.by, claim, o.employer, month(t, "2026-11"), &seen.Total.Gross); err != nil || again != id {
		t.Fatalf("repeated: %v %v", again, err)
	}
	d := o.document(id)
	if d.Number.String() != "FA-2026-000001" || d.Total != (invoice.Sum{Net: 12409, Tax: 2241, Gross: 14650}) || d.Total != seen.Total || d.Due.String() != "2027-01-30" || d.PO != "4500018872" {
		t.Fatalf("%+v", d.Invoice)
	}
	if digest, err := d.Invoice.Digest(); err != nil || digest != d.Digest {
		t.Fatalf("what was read is not what was finalised: %v", err)
	}
	owed, tax10, tax20 := ledger.Receivable(o.employer, "MAD"), ledger.TaxPayable("ma", ledger.Rate(100_000), "MAD"), ledger.TaxPayable("ma", ledger.Rate(200_000), "MAD")
	o.holds(map[ledger.Account]int64{owed: 14650, programme: 0, revenue: 2650 - 241, ledger.Revenue("sessions", "MAD"): 10000, tax10: 241, tax20: 2000})

	late := o.ride(november+5, 700)
	o.add(late)
	for what, m := range map[string]string{"month_billed": "2026-11", "month_not_over": "2026-12"} {
		if _, err := o.Finalise(ctx, o.id, o.by, idem.Claim{}, o.employer, month(t, m), nil); !fault.Is(err, what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if next, err := o.Preview(ctx, o.id, o.employer, 0); err != nil || next.Month.String() != "2026-12" || len(next.Lines) != 1 || next.Lines[0].Usage != late.Source {
		t.Errorf("late: %+v %v", next.Lines, err)
	}

	note, err := o.Credit(ctx, o.id, o.by, idem.Claim{}, id, []invoice.Pick{{Line: "3", Amount: 1550}}, " Le bus n’est pas venu ")
	if err != nil {
		t.Fatal(err)
	}
	if n := o.document(note); n.Number.String() != "AV-2026-000001" || n.Total.Gross != -1550 || n.Corrects != id || o.document(id).Credited != 1550 {
		t.Errorf("%+v", n.Invoice)
	} else if p := invoicing.Printable(n, ""); n.Reason != "Le bus n’est pas venu" || p.Reason != n.Reason { // a note says why to whom it is sent
		t.Errorf("it says %q, printed %q", n.Reason, p.Reason)
	} else if of := o.document(id).Number.String(); n.Invoice.Corrects.String() != of { // a note names what it corrects
		t.Errorf("the note corrects %q, not %q", n.Invoice.Corrects, of)
	}
	if _, err := o.Credit(ctx, o.id, o.by, idem.Claim{}, id, []invoice.Pick{{Line: "3", Amount: 1}}, ""); !fault.Is(err, "credit_too_much") {
		t.Errorf("credited twice: %v", err)
	}
	if _, err := o.Credit(ctx, o.id, o.by, idem.Claim{}, id, []invoice.Pick{}, ""); !fault.Is(err, "credit_amount_invalid") { // nothing is not all
		t.Errorf("no line: %v", err)
	}
	for what, pick := range map[string]invoice.Pick{"credit_amount_invalid": {Line: "1"}, "credit_amount_invalid ": {Line: "1", Amount: -5}, "invoice_line_not_found": {Line: "99", Amount: 1}} {
		if _, err := o.Credit(ctx, o.id, o.by, idem.Claim{}, id, []invoice.Pick{pick}, ""); !fault.Is(err, strings.TrimSpace(what)) {
			t.Errorf("%+v: %v, want %s", pick, err, what)
		}
	}
	if _, err := o.Credit(ctx, o.id, o.by, idem.Claim{}, note, nil, ""); !fault.Is(err, "not_creditable") {
		t.Errorf("a note credited: %v", err)
	}
	if _, err := o.Credit(ctx, o.id, o.by, idem.Claim{}, id, nil, ""); err != nil { // and the rest
		t.Fatal(err)
	}
	o.holds(map[ledger.Account]int64{owed: 0, programme: 700, revenue: 700, ledger.Revenue("sessions", "MAD"): 0, tax10: 0, tax20: 0})
	o.verified()
}

// TestPDFIsTheSameBytes: it is rendered from rows that never change, so it needs no keeping.
func TestPDFIsTheSameBytes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.add(o.ride(november, 1100))
	d := o.finalise("2026-11")
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		if err := paper.PDF(w, invoicing.Printable(o.document(d.ID), "")); err != nil {
			t.Fatal(err)
		}
	}
	o.Exec(t, `update organisation set legal_name = 'Somebody else' where id = $1`, o.employer)
	var third bytes.Buffer
	if err := paper.PDF(&third, invoicing.Printable(o.document(d.ID), "")); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) || !bytes.Equal(first.Bytes(), third.Bytes()) {
		t.Errorf("%d, %d and %d bytes: %v", first.Len(), second.Len(), third.Len(), err)
	}
}

// TestUsageOnce: the same source twice is one line, whatever comes at once; another amount under it is refused.
func TestUsageOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	ride := o.ride(november, 1100)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := o.InTx(ctx, o.id, func(tx *store.Tx) error { return tx.AddUsage(ctx, ride) }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if d, err := o.Preview(ctx, o.id, o.employer, month(t, "2026-11")); err != nil || len(d.Lines) != 1 {
		t.Errorf("%d lines %v", len(d.Lines), err)
	}
	other := ride
	other.Amount++
	if err := o.InTx(ctx, o.id, func(tx *store.Tx) error { return tx.AddUsage(ctx, other) }); !fault.Is(err, "idempotency_conflict") {
		t.Errorf("another amount: %v", err)
	}
	o.finalise("2026-11")
	o.add(ride) // and again when it was billed
	if d, err := o.Preview(ctx, o.id, o.employer, 0); err != nil || len(d.Lines) != 0 {
		t.Errorf("billed twice: %d lines %v", len(d.Lines), err)
	}
}

// TestMonthsAcrossClockChanges bills a ride of each day of 2024 to 2026, month by month, in the places whose clocks change: over
// Casablanca's Ramadans and Cairo's summer times no day is on two invoices and none is on no invoice, and an instant of
// each day is billed under that day.
func TestMonthsAcrossClockChanges(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Africa/Casablanca", "Africa/Cairo"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.employer, o.scheme = o.organisation(o.id, "Over "+zone, zone, "MAD")
			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			first, last := servicedate.Of(2024, 1, 1), servicedate.Of(2026, 11, 30)
			var all []store.Usage
			for d := first; d <= last; d++ {
				for _, h := range []time.Duration{0, 12 * time.Hour, 23*time.Hour + 59*time.Minute} {
					at := invoice.MonthOf(d).First().At(int(h.Seconds()), loc).AddDate(0, 0, int(d-invoice.MonthOf(d).First()))
					u := o.ride(invoice.DateOf(at, loc), 100)
					u.At, u.Supply, u.Programme, u.PersonName = at, invoice.General, uuid.Nil, d.String()
					all = append(all, u)
				}
			}
			o.add(all...)
			seen := map[servicedate.Date]int{}
			for m := invoice.MonthOf(first); m <= invoice.MonthOf(last); m++ {
				_, end := m.Bounds(loc)
				o.today = end
				d := o.finalise(m.String())
				for _, l := range d.Lines {
					if invoice.MonthOf(l.Date) != m {
						t.Fatalf("%v is on the invoice of %v", l.Date, m)
					}
					if l.Person != l.Date.String() {
						t.Fatalf("what happened on %s is billed under %v", l.Person, l.Date)
					}
					seen[l.Date]++
				}
			}
			for d := first; d <= last; d++ {
				if seen[d] != 3 {
					t.Errorf("%v was billed %d times of 3", d, seen[d])
				}
			}
		})
	}
}

// TestTaxOverAThousandLines: through the database, VAT over 1 to 1000 lines is the rate on their sum to the unit, and what the
// ledger owes the state is what the invoice says.
func TestTaxOverAThousandLines(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.Exec(t, `update biller set prices = 'net' where tenant_id = $1`, o.id.UUID())
	want, m := int64(0), month(t, "2025-01")
	for _, n := range []int{1, 2, 3, 7, 33, 100, 999, 1000} {
		usages, sum := make([]store.Usage, n), int64(0)
		for i := range usages {
			u := o.ride(m.First(), int64(1+(i*7919+n)%97))
			u.Supply, u.Programme = invoice.General, uuid.Nil
			usages[i], sum = u, sum+u.Amount
		}
		o.add(usages...)
		_, o.today = m.Bounds(time.UTC)
		o.today = o.today.AddDate(0, 0, 2)
		d := o.finalise(m.String())
		exact := (sum*20 + 50) / 100 // half up
		if d.Total.Net != sum || d.Total.Tax != exact {
			t.Errorf("%d lines of %d together: tax %d, want %d", n, sum, d.Total.Tax, exact)
		}
		want += exact
		m++
	}
	o.holds(map[ledger.Account]int64{ledger.TaxPayable("ma", ledger.Rate(200_000), "MAD"): want})
	if _, err := o.Preview(ctx, o.B.ID, o.employer, 0); !fault.Is(err, "organisation_not_found") {
		t.Errorf("another tenant's organisation: %v", err)
	}
}

// TestNumbersAreGapless: sixteen at once finalise months of sixteen organisations, and many of their transactions fail at every
// step on the way; those that commit have the numbers from 1 on without a gap, in the order of nothing else.
func TestNumbersAreGapless(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	const clients, months = 16, 5
	employers := make([]uuid.UUID, clients)
	for i := range employers {
		o.employer, o.scheme = o.organisation(o.id, fmt.Sprintf("Employer %d", i), "Africa/Casablanca", "MAD")
		employers[i] = o.employer
		for m := range months {
			o.add(o.ride(month(t, "2026-06").First()+servicedate.Date(31*m), 500))
		}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	done, failed := 0, 0
	for i := range clients {
		wg.Go(func() {
			for k := range months {
				m := month(t, "2026-06") + invoice.Month(k)
				for try := 0; ; try++ {
					fail := try < 2 && (i+k)%2 == try%2
					var err error
					if fail { // the number is taken, and the transaction ends: by an error, or by the caller who went away
						broken, cancel := context.WithCancel(ctx)
						err = o.InTx(broken, o.id, func(tx *store.Tx) error {
							if _, err := tx.TakeNumber(broken, "FA", 2026); err != nil {
								return err
							}
							if i%2 == 0 {
								cancel()
								_, err := tx.TakeNumber(broken, "FA", 2026)
								return err
							}
							return nil // without a document: COMMIT refuses
						})
						cancel()
						if err == nil {
							t.Error("a number without a document was committed")
						}
						mu.Lock()
						failed++
						mu.Unlock()
						continue
					}
					if _, err = o.Finalise(ctx, o.id, o.by, idem.Claim{}, employers[i], m, nil); err != nil {
						t.Errorf("%d of %v: %v", i, m, err)
						return
					}
					mu.Lock()
					done++
					mu.Unlock()
					break
				}
			}
		})
	}
	wg.Wait()
	docs, err := o.Documents(ctx, o.id, uuid.Nil, uuid.Nil, 200)
	if err != nil || len(docs) != clients*months || failed == 0 {
		t.Fatalf("%d of %d, %d failed: %v", len(docs), clients*months, failed, err)
	}
	numbers := make([]invoice.Number, len(docs))
	most := int64(0)
	for i, d := range docs {
		numbers[i] = d.Number
		most = max(most, d.Number.Seq)
	}
	if missing, twice := invoice.Gaps(numbers); len(missing)+len(twice) > 0 || most != int64(len(docs)) {
		t.Errorf("missing %v, twice %v, last %d of %d", missing, twice, most, len(docs))
	}
	o.verified()
}

// TestFinalisedIsImmutable attacks finalised documents as the app role, in raw SQL, past all of our Go: every attack is refused by
// PostgreSQL itself, and the document reads as before.
func TestFinalisedIsImmutable(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 1100), o.ride(november, 900))
	d := o.finalise("2026-11")
	o.add(o.ride(november, 300))
	c, err := pgx.Connect(ctx, o.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	copyOf := `insert into invoice (tenant_id, id, kind, organisation_id, series, year, seq, number, month, currency, prices, terms, po, locale, seller, buyer, issued, due, taxes, net, tax, gross, lines, digest, finalised_by)
		select tenant_id, '%s', 'invoice', organisation_id, series, year, %s, 'FA-2026-' || lpad((%s)::text, 6, '0'), '2026-12-01', currency, prices, terms, po, locale, seller, buyer, issued, due, taxes, net, tax, gross, lines, digest, finalised_by from invoice where id = $D`
	line := `insert into invoice_line select tenant_id, %s, 7, %s, mirrors, source, programme_id, date, supply, country, says, person, cost_centre, quantity, unit, amount, tax_code, tax_rate, treatment from invoice_line where invoice_id = $D and n = 1`
	fresh := ident.New().String()
	for _, a := range []struct{ name, sql, why string }{
		{"another total", `update invoice set gross = gross + 100, net = net + 100 where id = $D`, "permission denied"},
		{"paid by hand", `update invoice set paid = gross where id = $D`, "permission denied"},
		{"deleted", `delete from invoice where id = $D`, "permission denied"},
		{"truncated", `truncate invoice cascade`, "permission denied"},
		{"a line changed", `update invoice_line set amount = 1 where invoice_id = $D`, "permission denied"},
		{"a line deleted", `delete from invoice_line where invoice_id = $D`, "permission denied"},
		{"a line added", fmt.Sprintf(line, "invoice_id", "(select id from usage_record where invoice_id is null)"), "lines added to a finalised document"},
		{"usage set free", `update usage_record set invoice_id = null where invoice_id = $D`, "never changes"},
		{"usage slipped in", `update usage_record set invoice_id = $D where invoice_id is null`, "never changes"},
		{"usage changed", `update usage_record set amount = 1`, "permission denied"},
		{"usage deleted", `delete from usage_record`, "permission denied"},
		{"a number by hand", `update document_series set last = 41`, "permission denied"},
		{"a number that was not taken", fmt.Sprintf(copyOf, fresh, "42", "42"), "a number that was not taken"},
		{"a number twice", fmt.Sprintf(copyOf, fresh, "1", "1"), "invoice_number"},
		{"a number without a document", `select take_document_number('FA', 2026)`, "a number without a document"},
		{"two numbers for one document", `select take_document_number('FA', 2026); select take_document_number('FA', 2026); ` + fmt.Sprintf(copyOf, fresh, "3", "3"), "a number without a document"},
		{"a head without lines", `select take_document_number('FA', 2026); ` + fmt.Sprintf(copyOf, fresh, "2", "2"), "a document without lines"},
		{"an xid of its own", `insert into invoice (tenant_id, id, xid) select tenant_id, '` + fresh + `', '1' from invoice`, "permission denied"},
	} {
		tx, err := c.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		_, err = tx.Exec(ctx, `select set_config('app.tenant_id', $1, true)`, o.id.String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err = tx.Conn().PgConn().Exec(ctx, strings.ReplaceAll(a.sql, "$D", "'"+d.ID.String()+"'")).ReadAll(); err == nil {
			err = tx.Commit(ctx)
		}
		_ = tx.Rollback(ctx)
		if err == nil || !strings.Contains(err.Error(), a.why) {
			t.Errorf("%s: %v", a.name, err)
		}
	}
	if after := o.document(d.ID); after.Total != d.Total || len(after.Lines) != 2 || after.Paid != 0 {
		t.Errorf("%+v", after.Invoice)
	}
	if digest, err := o.document(d.ID).Invoice.Digest(); err != nil || digest != d.Digest {
		t.Errorf("it reads differently: %v", err)
	}
	super, err := pgx.Connect(ctx, o.SuperURL()) // past all grants, the triggers refuse
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(ctx)
	for _, sql := range []string{`update invoice set gross = gross + 100, net = net + 100`, `delete from invoice_line`, `update invoice_line set amount = 1`, `update usage_record set amount = 1`, `delete from usage_record`} {
		if _, err := super.Exec(ctx, sql); err == nil {
			t.Errorf("the superuser did %q", sql)
		}
	}
}

// TestLateWhereItIsBilled: an invoice is late from the first instant of the day after it was due, where its months are billed.
func TestLateWhereItIsBilled(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.employer, o.scheme = o.organisation(o.id, "Auckland", "Pacific/Auckland", "MAD")
	o.add(o.ride(november, 1000))
	d := o.finalise("2026-11")
	midnight := d.Due.AddDays(1).At(0, d.Zone)
	for at, want := range map[time.Time]invoice.State{midnight.Add(-time.Second): invoice.Finalised, midnight: invoice.Overdue} {
		if o.today = at; o.State(d) != want {
			t.Errorf("at %v: %s, want %s", at, o.State(d), want)
		}
	}
}
