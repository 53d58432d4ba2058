package invoicing_test

import (
	"bytes"
	"context"
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

// came imports lines of money and gives them, the oldest first.
func (o *office) came(rows ...string) []store.BankLine {
	o.t.Helper()
	if _, err := o.Import(context.Background(), o.id, o.by, idem.Claim{}, "main", "x.csv", []byte(heading+strings.Join(rows, "\n")+"\n"), invoicing.How{}); err != nil {
		o.t.Fatal(err)
	}
	lines, err := o.Lines(context.Background(), o.id, invoicing.LinesWaiting, uuid.Nil, 50)
	if err != nil || len(lines) != len(rows) {
		o.t.Fatalf("%d lines of %d wait: %v", len(lines), len(rows), err)
	}
	return lines
}

// paidOut books what a gateway paid to the operator's bank, as the reconciler does.
func (o *office) paidOut(ref string, amount int64, at time.Time) uuid.UUID {
	o.t.Helper()
	account := ident.New()
	o.Exec(o.t, `insert into gateway_account (tenant_id, id, kind, merchant, kms_key, wrapped_key, sealed_credentials, active) values ($1, $2, 'stripe', 'M', 'k', '', '', false)`, o.id.UUID(), account)
	o.Exec(o.t, `insert into gateway_movement (tenant_id, gateway_account_id, gateway_ref, kind, type, source, currency, amount, fee, happened_at)
		values ($1, $2, 'txn_' || $3, 'payout', 'payout', $3, 'MAD', $4, 0, $5)`, o.id.UUID(), account, ref, -amount, at)
	var id uuid.UUID
	if err := o.InTx(context.Background(), o.id, func(tx *store.Tx) error {
		sum := ledger.Of(amount, "MAD")
		j, err := tx.RecordOne(context.Background(), ledger.Post("payout:"+ref+":paid", "gateway_payout", ledger.Debit(ledger.Bank("main", "MAD"), sum), ledger.Credit(ledger.Clearing("stripe", "MAD"), sum)).On(at))
		id = j.ID
		return err
	}); err != nil {
		o.t.Fatal(err)
	}
	return id
}

// TestBankLineIsAPayout: what a gateway paid out is booked when it leaves, and the statement that shows it books it no second time. One line is it,
// whoever says so at once; and a wrong one is taken back.
func TestBankLineIsAPayout(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.today = time.Now()
	day := o.today.AddDate(0, 0, -2)
	payout := o.paidOut("po_1", 5000, day.AddDate(0, 0, -1))
	o.paidOut("po_far", 5000, day.AddDate(0, 0, -40))
	date := day.Format(time.DateOnly)
	lines := o.came(date+",50.00,MAD,STRIPE,PAYOUT,R1", date+",50.00,MAD,STRIPE,PAYOUT,R2", date+",60.00,MAD,X,Y,R3")
	bank, clearing, suspense := ledger.Bank("main", "MAD"), ledger.Clearing("stripe", "MAD"), ledger.Suspense("bank", "MAD")
	o.holds(map[ledger.Account]int64{bank: 10000 + 16000, clearing: -10000, suspense: 16000})
	offered, err := o.PayoutsOf(ctx, o.id, lines)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		if want := l.Amount == 5000; want != (len(offered[i]) == 1 && offered[i][0].ID == payout) {
			t.Errorf("%d may be %+v", l.Amount, offered[i])
		}
	}
	var wg sync.WaitGroup
	var won atomic.Int32
	for i := range 8 { // each of two lines, four times at once
		wg.Go(func() {
			err := o.IsPayout(ctx, o.id, o.by, idem.Claim{}, lines[i%2].ID, payout)
			if err == nil {
				won.Add(1)
			} else if !fault.Is(err, "bank_payout_taken") && !fault.Is(err, "bank_payout_differs") {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d lines are the payout", won.Load())
	}
	o.holds(map[ledger.Account]int64{bank: 5000 + 16000, clearing: -10000, suspense: 11000}) // once what po_1 is, and po_far
	if err := o.IsPayout(ctx, o.id, o.by, idem.Claim{}, lines[2].ID, payout); lines[2].Amount == 6000 && !fault.Is(err, "bank_payout_differs") {
		t.Errorf("another amount: %v", err)
	}
	if err := o.IsPayout(ctx, o.id, o.by, idem.Claim{}, lines[2].ID, ident.New()); !fault.Is(err, "bank_payout_not_found") {
		t.Errorf("no payout: %v", err)
	}
	all, _, err := o.Desk(ctx, o.id, lines)
	if err != nil {
		t.Fatal(err)
	}
	for line, m := range all {
		if m[0].Gateway != "stripe" || m[0].Amount != 5000 {
			t.Errorf("%+v", m[0])
		}
		if err := o.Unmatch(ctx, o.id, o.by, idem.Claim{}, line, m[0].ID, "it was the other line"); err != nil {
			t.Fatal(err)
		}
		for _, other := range lines {
			if other.ID != line && other.Amount == 5000 {
				if err := o.IsPayout(ctx, o.id, o.by, idem.Claim{}, other.ID, payout); err != nil {
					t.Errorf("the other line: %v", err)
				}
			}
		}
	}
	o.holds(map[ledger.Account]int64{bank: 5000 + 16000, clearing: -10000, suspense: 11000})
	o.verified()
}

// TestLineIsSetAside: it leaves what waits, stays in sight with why, pays nothing meanwhile, and comes back.
func TestLineIsSetAside(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 10000))
	d := o.finalise("2026-11")
	o.today = time.Date(2027, 1, 20, 9, 0, 0, 0, time.UTC)
	lines := o.came("2027-01-10,40.00,MAD,A,interets,R1", "2027-01-11,30.00,MAD,B,autre,R2")
	pays := []invoicing.Pay{{Invoice: d.ID, Amount: 1000}}
	if err := o.SetAside(ctx, o.id, o.by, idem.Claim{}, lines[0].ID, "  "); !fault.Is(err, "reason_required") {
		t.Errorf("without a reason: %v", err)
	}
	for range 2 { // a key does it once
		if err := o.SetAside(ctx, o.id, o.by, o.claim("aside"), lines[0].ID, "interest of the bank"); err != nil {
			t.Fatal(err)
		}
	}
	for what, err := range map[string]error{"bank_line_changed": o.SetAside(ctx, o.id, o.by, idem.Claim{}, lines[0].ID, "again"), "bank_line_aside": o.Match(ctx, o.id, o.by, idem.Claim{}, lines[0].ID, pays, 0),
		"bank_line_changed ": o.BringBack(ctx, o.id, o.by, idem.Claim{}, lines[1].ID)} {
		if !fault.Is(err, strings.TrimSpace(what)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	where := func(state string) int {
		found, err := o.Lines(ctx, o.id, state, uuid.Nil, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if where(invoicing.LinesWaiting) != 1 || where(invoicing.LinesAside) != 1 || where(invoicing.LinesMatched) != 0 {
		t.Errorf("%d wait, %d are aside", where(invoicing.LinesWaiting), where(invoicing.LinesAside))
	}
	if _, asides, err := o.Desk(ctx, o.id, lines); err != nil || asides[lines[0].ID].Reason != "interest of the bank" || asides[lines[0].ID].By == "" {
		t.Errorf("%+v %v", asides, err)
	}
	// A line that is matched and set aside at once ends one way or the other: never both.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Go(func() { errs[0] = o.SetAside(ctx, o.id, o.by, idem.Claim{}, lines[1].ID, "at once") })
	wg.Go(func() {
		errs[1] = o.Match(ctx, o.id, o.by, idem.Claim{}, lines[1].ID, []invoicing.Pay{{Invoice: d.ID, Amount: 3000}}, 0)
	})
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("both, or neither: %v", errs)
	}
	if err := o.BringBack(ctx, o.id, o.by, idem.Claim{}, lines[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := o.Match(ctx, o.id, o.by, idem.Claim{}, lines[0].ID, pays, 4000); err != nil {
		t.Errorf("brought back: %v", err)
	}
	o.verified()
}

// TestRestOfALineAndAWrongMatch: a line pays an invoice in parts and others with the rest, by whom it was seen; a wrong match is
// taken back once, by a journal of today, and what was locked keeps its bytes.
func TestRestOfALineAndAWrongMatch(t *testing.T) {
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
	line := o.came("2026-09-10,150.00,MAD,CABLAGES,VIR,R1")[0]
	pay := func(amount, seen int64) error {
		return o.Match(ctx, o.id, o.by, idem.Claim{}, line.ID, []invoicing.Pay{{Invoice: d.ID, Amount: amount}}, seen)
	}
	if err := pay(3000, 15000); err != nil {
		t.Fatal(err)
	}
	if err := pay(3000, 15000); !fault.Is(err, "bank_line_changed") {
		t.Errorf("who saw it before: %v", err)
	}
	var wg sync.WaitGroup
	var won atomic.Int32
	for range 8 { // two who look at the same screen, often: one part is paid
		wg.Go(func() {
			if err := pay(2000, 12000); err == nil {
				won.Add(1)
			} else if !fault.Is(err, "bank_line_changed") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d parts were paid", won.Load())
	}
	if err := pay(5000, 10000); err != nil {
		t.Errorf("the rest of the same invoice: %v", err)
	}
	owed, suspense := ledger.Receivable(o.employer, "MAD"), ledger.Suspense("bank", "MAD")
	o.holds(map[ledger.Account]int64{owed: 0, suspense: 5000})
	if got, err := o.Receipts(ctx, o.id, d.ID); err != nil || len(got) != 3 || o.document(id).Paid != 10000 {
		t.Errorf("%d receipts, %v", len(got), err)
	}
	// Locked months keep what they say; the reversal happens today.
	if err := o.LockPeriod(ctx, o.id, o.by, idem.Claim{}, last); err != nil {
		t.Fatal(err)
	}
	var before, after bytes.Buffer
	if err := o.export(last, &before); err != nil {
		t.Fatal(err)
	}
	all, _, err := o.Desk(ctx, o.id, []store.BankLine{line})
	if err != nil {
		t.Fatal(err)
	}
	wrong := all[line.ID][0]
	if err := o.Unmatch(ctx, o.id, o.by, idem.Claim{}, line.ID, ident.New(), "x"); !fault.Is(err, "match_not_found") {
		t.Errorf("no match: %v", err)
	}
	won.Store(0)
	for range 6 {
		wg.Go(func() {
			if err := o.Unmatch(ctx, o.id, o.by, idem.Claim{}, line.ID, wrong.ID, "another customer"); err == nil {
				won.Add(1)
			} else if !fault.Is(err, "match_undone") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("taken back %d times", won.Load())
	}
	o.holds(map[ledger.Account]int64{owed: 3000, suspense: 8000})
	if p := o.document(id); p.Paid != 7000 || p.Open() != 3000 {
		t.Errorf("%d is paid", p.Paid)
	}
	if got, err := o.Receipts(ctx, o.id, d.ID); err != nil || len(got) != 2 {
		t.Errorf("%d receipts stand, %v", len(got), err)
	}
	if err := o.export(last, &after); err != nil || !bytes.Equal(before.Bytes(), after.Bytes()) {
		t.Errorf("a locked month changed: %v", err)
	}
	if err := pay(3000, 8000); err != nil {
		t.Errorf("rightly matched afterwards: %v", err)
	}
	o.verified()
}

// TestBankDeskAttacked: PostgreSQL itself refuses what the desk never does, whoever sends it.
func TestBankDeskAttacked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.today = time.Now()
	payout := o.paidOut("po_1", 5000, o.today.AddDate(0, 0, -3))
	o.add(o.ride(november-70, 10000))
	id, err := o.Finalise(ctx, o.id, o.by, idem.Claim{}, o.employer, invoice.MonthOf(november-70), nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := o.came("2026-09-10,50.00,MAD,A,B,R1", "2026-09-11,50.00,MAD,A,B,R2", "2026-09-12,60.00,MAD,A,B,R3", "2026-09-13,70.00,MAD,A,B,R4")
	if err := o.IsPayout(ctx, o.id, o.by, idem.Claim{}, lines[0].ID, payout); err != nil {
		t.Fatal(err)
	}
	if err := o.SetAside(ctx, o.id, o.by, idem.Claim{}, lines[3].ID, "x"); err != nil {
		t.Fatal(err)
	}
	c, err := pgx.Connect(ctx, o.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	is := func(line uuid.UUID, journal uuid.UUID, amount string) string {
		return `insert into bank_payout (tenant_id, id, bank_line_id, journal_id, amount, made_by) values ('` + o.id.String() + `', gen_random_uuid(), '` + line.String() + `', '` + journal.String() + `', ` + amount + `, '` + o.by.String() + `')`
	}
	for what, sql := range map[string]string{
		"a second line is the payout": is(lines[1].ID, payout, "5000"),
		"another amount":              is(lines[2].ID, payout, "6000"),
		"more than the line":          is(lines[2].ID, payout, "5000"),
		"a line that is aside pays":   `insert into receipt (tenant_id, id, bank_line_id, invoice_id, amount, how, made_by) values ('` + o.id.String() + `', gen_random_uuid(), '` + lines[3].ID.String() + `', '` + id.String() + `', 1, 'manual', '` + o.by.String() + `')`,
		"money without a journal":     `insert into bank_line (tenant_id, id, import_id, account, fingerprint, booked, amount, currency, payer, says, reference) select tenant_id, gen_random_uuid(), import_id, account, sha256('other'), booked, amount, currency, payer, says, reference from bank_line limit 1`,
		"a receipt without a journal": `insert into receipt (tenant_id, id, bank_line_id, invoice_id, amount, how, made_by) values ('` + o.id.String() + `', gen_random_uuid(), '` + lines[1].ID.String() + `', '` + id.String() + `', 1, 'manual', '` + o.by.String() + `')`,
		"a match taken back unseen":   `insert into unmatch (tenant_id, match_id, bank_payout_id, reason, made_by) select tenant_id, id, id, 'x', made_by from bank_payout`,
		"undone by hand":              `update bank_payout set undone = true`,
		"a line changed":              `update bank_line set matched = 0`,
		"a line's aside changed":      `update bank_line set aside = false`,
		"aside without a reason":      `insert into bank_aside (tenant_id, id, bank_line_id, aside, reason, made_by) values ('` + o.id.String() + `', gen_random_uuid(), '` + lines[2].ID.String() + `', true, '', '` + o.by.String() + `')`,
		"aside of what is matched":    `insert into bank_aside (tenant_id, id, bank_line_id, aside, reason, made_by) values ('` + o.id.String() + `', gen_random_uuid(), '` + lines[0].ID.String() + `', true, 'x', '` + o.by.String() + `')`,
		"an act deleted":              `delete from bank_aside`,
		"a payout deleted":            `delete from bank_payout`,
	} {
		if _, err := c.PgConn().Exec(ctx, "begin; select set_config('app.tenant_id', '"+o.id.String()+"', true); "+sql+"; commit").ReadAll(); err == nil {
			t.Errorf("%s: PostgreSQL takes it", what)
		}
		_, _ = c.Exec(ctx, "rollback")
	}
	o.verified()
}
