package invoicing_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/store"
)

// Whoever takes a document away, doubles it or moves its series' count behind the tables' back is found by the verifier.
func TestNumbersAreVerified(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ sql, says string }{
		"nothing":    {`null`, ""},
		"a gap":      {`delete from invoice where seq = 2`, "FA-2026-000002"},
		"the last":   {`delete from invoice where seq = 3`, "its last number"},
		"twice":      {`alter table invoice drop constraint invoice_number; update invoice set seq = 2, number = 'FA-2026-000002' where seq = 3`, "twice"},
		"the series": {`update document_series set last = last + 1`, "its last number"},
		"no series":  {`delete from document_series`, "its last number"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			for _, m := range []string{"2026-08", "2026-09", "2026-10"} {
				o.add(o.ride(month(t, m).First(), 500))
				o.finalise(m)
			}
			o.Exec(t, "do $$ begin perform set_config('session_replication_role', 'replica', true); "+c.sql+"; end $$")
			n, err := o.VerifyLedger(context.Background(), o.id)
			var d *store.LedgerDifference
			if c.says == "" && (err != nil || n.Documents != 3) || c.says != "" && (!errors.As(err, &d) || !strings.Contains(d.Error(), c.says)) {
				t.Errorf("%+v, %v", n, err)
			}
		})
	}
}

// Whoever changes what a finalised document says behind the tables' back, a line, a total, a day, is found by the verifier, and in the daily run
// (billing.Reconciler.Ledger is the same verifier); a credit note as well as its invoice.
func TestDocumentsAreVerified(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ sql, says string }{
		"nothing":              {`null`, ""},
		"an amount":            {`update invoice_line set amount = amount + 1 where n = 1 and mirrors is null`, "FA-2026-000001: the digest"},
		"a text":               {`update invoice_line set says = 'Another ride' where n = 1 and mirrors is null`, "FA-2026-000001: the digest"},
		"a person":             {`update invoice_line set person = 'Somebody else' where n = 2 and mirrors is null`, "FA-2026-000001: the digest"},
		"a line gone":          {`delete from invoice_line where n = 2 and mirrors is null`, "FA-2026-000001: the number of its lines"},
		"a due date":           {`update invoice set due = due + 30 where kind = 'invoice'`, "FA-2026-000001: the digest"},
		"its totals":           {`update invoice set net = net + 7, gross = gross + 7 where kind = 'invoice'`, "FA-2026-000001: the digest"},
		"its taxes":            {`update invoice set taxes = '[]' where kind = 'invoice'`, "FA-2026-000001: the digest"},
		"an order number":      {`update invoice set po = 'PO-9' where kind = 'invoice'`, "FA-2026-000001: the digest"},
		"the digest":           {`update invoice set digest = repeat('0', 64) where kind = 'invoice'`, "FA-2026-000001: the digest"},
		"a credit note's line": {`update invoice_line set amount = amount - 1 where mirrors is not null`, "the digest"},
		"what it corrects":     {`update invoice set digest = repeat('0', 64) where kind = 'credit_note'`, "the digest"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.add(o.ride(month(t, "2026-10").First(), 500), o.ride(month(t, "2026-10").First(), 700))
			d := o.finalise("2026-10")
			if _, err := o.Credit(t.Context(), o.id, o.by, idem.Claim{}, d.ID, []invoice.Pick{{Line: "1", Amount: 500}}, "the bus did not come"); err != nil {
				t.Fatal(err)
			}
			o.Exec(t, "do $$ begin perform set_config('session_replication_role', 'replica', true); "+c.sql+"; end $$")
			n, err := o.VerifyLedger(context.Background(), o.id)
			var x *store.LedgerDifference
			if c.says == "" && (err != nil || n.Documents != 2) || c.says != "" && (!errors.As(err, &x) || !strings.Contains(x.Where+": "+x.What, c.says)) {
				t.Errorf("%+v, %v", n, err)
			}
		})
	}
}

// What invoices leave open is what their organisation owes in the ledger: whoever pays one behind the tables' back, or takes what it is owed away, is found.
func TestReceivablesAreVerified(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ sql, says string }{
		"nothing":       {`null`, ""},
		"paid":          {`update invoice set paid = paid + 1`, "owes by its invoices"},
		"credited":      {`update invoice set credited = credited + 1`, "owes by its invoices"},
		"other account": {`update account set code = 'receivable:' || gen_random_uuid() where code like 'receivable:%'`, "the digest of what was asked for"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.add(o.ride(month(t, "2026-10").First(), 500))
			d := o.finalise("2026-10")
			o.came("2026-11-11,2.00,MAD,A," + d.Number.String() + ",R")
			o.Exec(t, "do $$ begin perform set_config('session_replication_role', 'replica', true); "+c.sql+"; end $$")
			_, err := o.VerifyLedger(t.Context(), o.id)
			var x *store.LedgerDifference
			if c.says == "" && err != nil || c.says != "" && (!errors.As(err, &x) || !strings.Contains(x.What, c.says)) {
				t.Errorf("%v", err)
			}
		})
	}
}
