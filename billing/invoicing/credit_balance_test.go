package invoicing_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/invoicing"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
)

// inCredit is an office whose employer paid 100.00 of 100.00 in November and was credited 40.00 of it; December's 60.00 is open.
func inCredit(t *testing.T) (o *office, paid, open store.Document) {
	t.Helper()
	o = newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 10000))
	paid = o.finalise("2026-11")
	o.today = time.Date(2027, 1, 2, 9, 0, 0, 0, time.UTC)
	o.add(o.ride(november+31, 6000))
	open = o.finalise("2026-12")
	o.today = time.Date(2027, 1, 20, 9, 0, 0, 0, time.UTC)
	if _, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "a.csv", []byte(heading+"2027-01-10,100.00,MAD,CABLAGES,VIR "+paid.Number.String()+",R1\n"), invoicing.How{}); err != nil {
		t.Fatal(err)
	}
	o.note(paid, 4000)
	return o, o.document(paid.ID), open
}

// note credits so much of an invoice's first line.
func (o *office) note(d store.Document, amount int64) {
	o.t.Helper()
	if _, err := o.Credit(context.Background(), o.id, o.by, idem.Claim{}, d.ID, []invoice.Pick{{Line: "1", Amount: amount}}, "did not run"); err != nil {
		o.t.Fatal(err)
	}
}

// has checks what the employer may use, and what it owes.
func (o *office) has(credit, owed int64) {
	o.t.Helper()
	o.holds(map[ledger.Account]int64{ledger.CreditOf(o.employer, "MAD"): credit, ledger.Receivable(o.employer, "MAD"): owed})
}

// TestCreditAfterPayment: what is credited beyond what is open is the organisation's, once however often it is credited; it pays the oldest invoice or
// those that are picked, never more than is open or there, and what was applied is taken back once.
func TestCreditAfterPayment(t *testing.T) {
	t.Parallel()
	o, paid, open := inCredit(t)
	ctx := context.Background()
	if paid.Open() != 0 || paid.FromCredit != -4000 || paid.Paid != 10000 || o.State(paid) != invoice.Paid {
		t.Fatalf("open %d, from credit %d, %s", paid.Open(), paid.FromCredit, o.State(paid))
	}
	o.has(4000, 6000)
	o.note(paid, 1000)
	o.has(5000, 6000)
	aged, _, err := o.Ageing(ctx, o.id)
	if err != nil || len(aged) != 1 || aged[0].Credit != 5000 || aged[0].Total != 6000 || len(aged[0].Invoices) != 1 {
		t.Errorf("%+v %v", aged, err)
	}
	apply := func(key string, pays ...invoicing.Pay) error {
		return o.ApplyCredit(ctx, o.id, o.by, o.claim(key), o.employer, "MAD", pays)
	}
	for _, c := range []struct {
		pay  invoicing.Pay
		code string
	}{
		{invoicing.Pay{Invoice: open.ID, Amount: 5001}, "credit_short"},
		{invoicing.Pay{Invoice: open.ID, Amount: 6001}, "receipt_too_much"},
		{invoicing.Pay{Invoice: open.ID, Amount: -1}, "receipt_too_much"},
		{invoicing.Pay{Invoice: paid.ID, Amount: 1}, "invoice_not_found"}, // nothing of it is open
		{invoicing.Pay{Invoice: ident.New(), Amount: 1}, "invoice_not_found"},
	} {
		if err := apply("x", c.pay); !fault.Is(err, c.code) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := apply("twice in one", invoicing.Pay{Invoice: open.ID, Amount: 1}, invoicing.Pay{Invoice: open.ID, Amount: 1}); !fault.Is(err, "invoice_not_found") {
		t.Error(err)
	}
	for range 2 { // a key does it once
		if err := apply("picked", invoicing.Pay{Invoice: open.ID, Amount: 2000}); err != nil {
			t.Fatal(err)
		}
	}
	o.has(3000, 4000)
	if err := apply("oldest"); err != nil {
		t.Fatal(err)
	}
	o.has(0, 1000)
	if d := o.document(open.ID); d.Open() != 1000 || d.FromCredit != 5000 || o.State(d) != invoice.PartlyPaid {
		t.Errorf("open %d, from credit %d", d.Open(), d.FromCredit)
	}
	if err := apply("nothing left"); !fault.Is(err, "credit_short") {
		t.Error(err)
	}
	moves, _, err := o.CreditStory(ctx, o.id, o.employer)
	if err != nil || len(moves) != 4 || moves[0].How != store.CreditApplied || moves[0].Amount != 3000 {
		t.Fatalf("%+v %v", moves, err)
	}
	if err := o.UndoCredit(ctx, o.id, o.by, idem.Claim{}, moves[0].ID); err != nil {
		t.Fatal(err)
	}
	for _, m := range []store.CreditMove{moves[0], moves[3]} { // taken back before; a surplus
		if err := o.UndoCredit(ctx, o.id, o.by, idem.Claim{}, m.ID); !fault.Is(err, "credit_use_over") {
			t.Error(err)
		}
	}
	o.has(3000, 4000)
	o.note(open, 6000) // what credit had paid of it is credit again
	o.has(5000, 0)
	if err := o.UndoCredit(ctx, o.id, o.by, idem.Claim{}, moves[1].ID); !fault.Is(err, "credit_use_over") {
		t.Errorf("what the invoice gave back itself: %v", err)
	}
	o.verified()
}

// TestCreditAtOnce: clerks who apply, send back and credit at once use what is there and no more.
func TestCreditAtOnce(t *testing.T) {
	t.Parallel()
	o, paid, open := inCredit(t)
	ctx := context.Background()
	other := o.A.Users["admin"]
	var refunds []uuid.UUID
	for range 2 {
		id, err := o.PrepareRefund(ctx, o.id, o.by, idem.Claim{}, o.refund(3000))
		if err != nil {
			t.Fatal(err)
		}
		refunds = append(refunds, id)
	}
	var used atomic.Int64
	var wg sync.WaitGroup
	try := func(amount int64, do func() error) {
		wg.Go(func() {
			switch err := do(); {
			case err == nil:
				used.Add(amount)
			case !fault.Is(err, "credit_short") && !fault.Is(err, "payout_not_so_far"):
				t.Error(err)
			}
		})
	}
	for range 4 {
		try(1000, func() error {
			return o.ApplyCredit(ctx, o.id, o.by, idem.Claim{}, o.employer, "MAD", []invoicing.Pay{{Invoice: open.ID, Amount: 1000}})
		})
		for _, id := range refunds {
			try(3000, func() error { return o.ApproveRefund(ctx, o.id, other, idem.Claim{}, id) })
		}
		try(-100, func() error {
			_, err := o.Credit(ctx, o.id, o.by, idem.Claim{}, paid.ID, []invoice.Pick{{Line: "1", Amount: 100}}, "x")
			return err
		})
	}
	wg.Wait()
	o.holds(map[ledger.Account]int64{ledger.CreditOf(o.employer, "MAD"): 4000 - used.Load()})
	o.verified()
}

// TestOpenIsPaidOnce: of clerks who let more credit than is open pay the oldest, each picked or not, one does.
func TestOpenIsPaidOnce(t *testing.T) {
	t.Parallel()
	o, paid, open := inCredit(t)
	ctx := context.Background()
	o.note(paid, 5000)
	var done atomic.Int32
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			var picks []invoicing.Pay
			if i%2 == 0 {
				picks = []invoicing.Pay{{Invoice: open.ID, Amount: 6000}}
			}
			switch err := o.ApplyCredit(ctx, o.id, o.by, idem.Claim{}, o.employer, "MAD", picks); {
			case err == nil:
				done.Add(1)
			case !fault.Is(err, "nothing_open") && !fault.Is(err, "invoice_not_found"):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 {
		t.Errorf("%d did", done.Load())
	}
	o.has(3000, 0)
	o.verified()
}

func (o *office) refund(amount int64) store.CreditRefund {
	return store.CreditRefund{Organisation: o.employer, Currency: "MAD", Amount: amount, Holder: "Cablages SA", Number: "AE07 0331 2345 6789 0123 456", Reason: "they closed the route"}
}

// TestCreditGoesBack: credit leaves for a bank when a second person says so, once, is paid under the bank's reference, and comes back when the bank sends it
// back.
func TestCreditGoesBack(t *testing.T) {
	t.Parallel()
	o, _, _ := inCredit(t)
	ctx := context.Background()
	other := o.A.Users["admin"]
	prepare := func(amount int64) uuid.UUID {
		t.Helper()
		id, err := o.PrepareRefund(ctx, o.id, o.by, idem.Claim{}, o.refund(amount))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	bad := o.refund(100)
	bad.Number = "AE080331234567890123456"
	for code, x := range map[string]store.CreditRefund{"credit_short": o.refund(4001), "account_number_invalid": bad, "amount_invalid": o.refund(0)} {
		if _, err := o.PrepareRefund(ctx, o.id, o.by, idem.Claim{}, x); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
	id, second := prepare(4000), prepare(4000)
	o.has(4000, 6000) // drafts move nothing
	end := func(id uuid.UUID, returned bool, reference, why string) error {
		return o.EndRefund(ctx, o.id, o.by, idem.Claim{}, id, returned, reference, why)
	}
	for want, err := range map[string]error{"payout_own": o.ApproveRefund(ctx, o.id, o.by, idem.Claim{}, id), "payout_not_so_far": end(id, false, "VIR-1", ""), "not_found": o.ApproveRefund(ctx, o.B.ID, o.B.Users["admin"], idem.Claim{}, id)} {
		if !fault.Is(err, want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for range 2 {
		if err := o.ApproveRefund(ctx, o.id, other, o.claim("yes"), id); err != nil {
			t.Fatal(err)
		}
	}
	transit, bank := ledger.Transit("credit", "MAD"), ledger.Bank("main", "MAD")
	o.has(0, 6000)
	o.holds(map[ledger.Account]int64{transit: -4000, bank: 10000})
	if err := o.ApproveRefund(ctx, o.id, other, idem.Claim{}, second); !fault.Is(err, "credit_short") {
		t.Errorf("more than there is: %v", err)
	}
	if has, err := o.Credits(ctx, o.id, o.employer); err != nil || len(has) != 1 || has[0].Leaving != 4000 || has[0].Amount != 0 {
		t.Errorf("%+v %v", has, err)
	}
	for want, err := range map[string]error{"reference_required": end(id, false, " ", ""), "reason_required": end(id, true, "", " "), "payout_not_so_far": o.DiscardRefund(ctx, o.id, o.by, idem.Claim{}, id)} {
		if !fault.Is(err, want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if err := end(id, false, "VIR-1", ""); err != nil {
		t.Fatal(err)
	}
	o.holds(map[ledger.Account]int64{transit: 0, bank: 6000})
	if err := end(id, false, "VIR-2", ""); !fault.Is(err, "payout_not_so_far") {
		t.Errorf("paid twice: %v", err)
	}
	if err := end(id, true, "", "account closed"); err != nil {
		t.Fatal(err)
	}
	o.has(4000, 6000)
	o.holds(map[ledger.Account]int64{transit: 0, bank: 10000})
	if x, err := o.CreditRefund(ctx, o.id, id); err != nil || x.State != invoicing.RefundReturned || x.Reference != "VIR-1" || x.Problem != "account closed" || x.Maker == "" || x.Approver == x.Maker {
		t.Errorf("%+v %v", x, err)
	}
	if err := errors.Join(o.DiscardRefund(ctx, o.id, o.by, idem.Claim{}, second), o.ApplyCredit(ctx, o.id, o.by, idem.Claim{}, o.employer, "MAD", nil)); err != nil {
		t.Error(err)
	}
	if err := o.ApproveRefund(ctx, o.id, other, idem.Claim{}, second); !fault.Is(err, "payout_not_so_far") {
		t.Errorf("a draft that was discarded: %v", err)
	}
	o.has(0, 2000)
	o.verified()
}

// TestCreditOfAWrongPayment: an invoice whose payment was somebody else's gets what it gave back, as far as it is there; what they owe is right either way.
func TestCreditOfAWrongPayment(t *testing.T) {
	t.Parallel()
	for used, want := range map[int64]struct{ open, credit, owed int64 }{0: {6000, 0, 12000}, 3000: {9000, 0, 12000}} {
		o, paid, open := inCredit(t)
		ctx := context.Background()
		if used > 0 {
			if err := o.ApplyCredit(ctx, o.id, o.by, idem.Claim{}, o.employer, "MAD", []invoicing.Pay{{Invoice: open.ID, Amount: used}}); err != nil {
				t.Fatal(err)
			}
		}
		lines, err := o.Lines(ctx, o.id, invoicing.LinesMatched, uuid.Nil, 5)
		if err != nil || len(lines) != 1 {
			t.Fatal(lines, err)
		}
		matches, _, err := o.Desk(ctx, o.id, lines)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Unmatch(ctx, o.id, o.by, idem.Claim{}, lines[0].ID, matches[lines[0].ID][0].ID, "another customer"); err != nil {
			t.Fatal(err)
		}
		if d := o.document(paid.ID); d.Open() != want.open {
			t.Errorf("%d used: %d open", used, d.Open())
		}
		o.has(want.credit, want.owed)
		o.verified()
	}
}

// TestCreditAndClosedPeriods: a note to an invoice of a locked month is credit of today; the month's export keeps its bytes.
func TestCreditAndClosedPeriods(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.today = time.Now()
	last := invoice.MonthOf(november) - 2
	o.add(o.ride(november-70, 10000))
	id, err := o.Finalise(ctx, o.id, o.by, idem.Claim{}, o.employer, last-1, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := o.document(id)
	line := o.came("2026-09-10,100.00,MAD,CABLAGES,VIR,R1")[0]
	if err := o.Match(ctx, o.id, o.by, idem.Claim{}, line.ID, []invoicing.Pay{{Invoice: d.ID, Amount: 10000}}, 0); err != nil {
		t.Fatal(err)
	}
	if err := o.LockPeriod(ctx, o.id, o.by, idem.Claim{}, last); err != nil {
		t.Fatal(err)
	}
	var before, after bytes.Buffer
	if err := o.export(last, &before); err != nil {
		t.Fatal(err)
	}
	o.note(d, 2500)
	o.has(2500, 0)
	if err := o.export(last, &after); err != nil || !bytes.Equal(before.Bytes(), after.Bytes()) {
		t.Errorf("a locked month changed: %v", err)
	}
	var now bytes.Buffer
	row, err := o.Read(o.id).TenantRow(ctx)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.export(invoice.MonthOf(invoice.DateOf(time.Now(), zone)), &now); err != nil || !strings.Contains(now.String(), ",credit:"+o.employer.String()+",0.00,25.00,MAD") {
		t.Errorf("the month's export has no credit: %v\n%s", err, now.String())
	}
	o.verified()
}

// TestCreditOfBefore: what was below nothing before there was credit moves with the first act; until then it is counted, and reminds nobody.
func TestCreditOfBefore(t *testing.T) {
	t.Parallel()
	o, paid, open := inCredit(t)
	ctx := context.Background()
	o.Exec(t, `set session_replication_role = replica`) // no trigger
	o.Exec(t, `with m as (delete from credit_move returning 1), i as (update invoice set from_credit = 0 where id = $1 returning 1),
		j as (delete from journal where kind = 'credit_surplus' returning id), e as (delete from entry using j where journal_id = j.id returning 1),
		a as (update account set posted = 0, entries = 0 where code like 'credit:%' returning 1)
		update account set posted = 2000, entries = entries - 1 where code like 'receivable:%'`, paid.ID)
	o.Exec(t, `set session_replication_role = origin`)
	if d := o.document(paid.ID); d.Open() != -4000 {
		t.Fatalf("%d", d.Open())
	}
	o.today = time.Date(2027, 3, 20, 9, 0, 0, 0, time.UTC)
	if has, err := o.Credits(ctx, o.id, uuid.Nil); err != nil || len(has) != 1 || has[0].Surplus != 4000 {
		t.Errorf("%+v %v", has, err)
	}
	if err := o.ApplyCredit(ctx, o.id, o.by, idem.Claim{}, o.employer, "MAD", []invoicing.Pay{{Invoice: open.ID, Amount: 3000}}); err != nil {
		t.Fatal(err)
	}
	o.has(1000, 3000)
	o.verified()
}

// TestCreditAndReminders: what the credit would pay whole, the oldest first, is not reminded of.
func TestCreditAndReminders(t *testing.T) {
	t.Parallel()
	o, paid, open := inCredit(t)
	ctx := context.Background()
	o.today = open.Due.AddDays(5).Midnight()
	if n, err := o.Remind(ctx, o.id, o.by, idem.Claim{}); err != nil || n != 1 {
		t.Errorf("40.00 of 60.00: %d %v", n, err)
	}
	o.today = open.Due.AddDays(20).Midnight()
	o.note(paid, 2000)
	if n, err := o.Remind(ctx, o.id, o.by, idem.Claim{}); err != nil || n != 0 {
		t.Errorf("60.00 of 60.00: %d %v", n, err)
	}
}

// TestCreditAttacked: PostgreSQL itself refuses what the office never does, whoever sends it, and what is verified finds what it did not see.
func TestCreditAttacked(t *testing.T) {
	t.Parallel()
	o, paid, open := inCredit(t)
	ctx := context.Background()
	id, err := o.PrepareRefund(ctx, o.id, o.by, idem.Claim{}, o.refund(1000))
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgx.Connect(ctx, o.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	move := func(of uuid.UUID, amount, how, undoes string) string {
		return `insert into credit_move (tenant_id, id, invoice_id, amount, how, undoes, made_by) values ('` + o.id.String() + `', gen_random_uuid(), '` + of.String() + `', ` + amount + `, '` + how + `', ` + undoes + `, '` + o.by.String() + `')`
	}
	yes := func(by uuid.UUID, more string) string {
		return `update credit_refund set state = 'approved', approved_by = '` + by.String() + `', approved_at = now()` + more + ` where id = '` + id.String() + `'`
	}
	for what, attack := range map[string]struct{ sql, why string }{
		"a surplus that is none":           {move(open.ID, "-1", "surplus", "null"), "no room"},
		"a surplus once more":              {move(paid.ID, "-4000", "surplus", "null"), "no room"},
		"more than is open":                {move(open.ID, "6001", "applied", "null"), "no room"},
		"a move without its journal":       {move(open.ID, "10", "applied", "null"), "without its journal"},
		"taken back what was not applied":  {move(paid.ID, "-4000", "undone", "(select id from credit_move)"), "no room"},
		"an invoice's credit by hand":      {`update invoice set from_credit = 1`, "permission denied"},
		"a move deleted":                   {`delete from credit_move`, "permission denied"},
		"a refund that its maker approved": {yes(o.by, ""), "four_eyes"},
		"one without its journal":          {yes(o.A.Users["admin"], ""), "without its journal"},
		"one of another amount":            {yes(o.A.Users["admin"], ", amount = 2"), "permission denied"},
		"paid before it was approved":      {`update credit_refund set state = 'paid', reference = 'x', ended_by = made_by, ended_at = now()`, "only goes on"},
		"a refund deleted":                 {`delete from credit_refund`, "permission denied"},
		"an account of other rules":        {`insert into account (tenant_id, id, code, currency, class, may_overdraw, running) values ('` + o.id.String() + `', gen_random_uuid(), 'credit:x', 'MAD', 'liability', true, true)`, "account_"},
	} {
		if _, err := c.PgConn().Exec(ctx, "begin; select set_config('app.tenant_id', '"+o.id.String()+"', true); "+attack.sql+"; commit").ReadAll(); err == nil || !strings.Contains(err.Error(), attack.why) {
			t.Errorf("%s: %v", what, err)
		}
		_, _ = c.Exec(ctx, "rollback")
	}
	o.verified()
	o.Exec(t, `set session_replication_role = replica`)
	o.Exec(t, `update credit_move set amount = -3000`)
	if _, err := o.VerifyLedger(ctx, o.id); err == nil || !strings.Contains(err.Error(), "credit:"+o.employer.String()) {
		t.Errorf("a move that somebody changed: %v", err)
	}
}
