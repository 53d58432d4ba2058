package billing_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waymeet/waymeet/billing"
	"github.com/waymeet/waymeet/billing/invoice"
	"github.com/waymeet/waymeet/billing/ledger"
	"github.com/waymeet/waymeet/dispatch/servicedate"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/idem"
	"github.com/waymeet/waymeet/internal/ident"
	"github.com/waymeet/waymeet/store"
	"github.com/waymeet/waymeet/store/storetest"
)

// TestCorrection: what a finding says is corrected by a journal that one person prepared and another approved, on accounts for it, once, and
// never below what somebody has.
func TestCorrection(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx := context.Background()
	c := billing.NewCorrections(db.DB)
	maker, second := db.A.Users["finance"], db.A.Users["admin"]
	wallet := ledger.Wallet(db.A.Rider, "MAD")
	fees, clearing := ledger.Fees("stripe", "MAD"), ledger.Clearing("stripe", "MAD")
	var found store.Finding
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) (err error) {
		if err := tx.OpenAccounts(ctx, wallet); err != nil {
			return err
		}
		if _, err := tx.RecordOne(ctx, ledger.Post("in", "test", ledger.Debit(clearing, ledger.Of(1000, "MAD")), ledger.Credit(wallet, ledger.Of(1000, "MAD")))); err != nil {
			return err
		}
		if _, err := tx.RecordOne(ctx, ledger.Post("cost", "test", ledger.Debit(fees, ledger.Of(10, "MAD")), ledger.Credit(clearing, ledger.Of(10, "MAD")))); err != nil {
			return err
		}
		found, err = tx.SeeFinding(ctx, store.Finding{Kind: "amount_differs", Subject: "payment/" + ident.New().String(), Severity: store.Serious, Detail: []byte(`{}`)})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	draft := func(n int64, debit, credit string) store.Correction {
		return store.Correction{Finding: found.ID, Reason: "taken on the gateway's pages", Answers: "refund", Currency: "MAD",
			Entries: []store.CorrectionEntry{{Account: debit, Debit: true, Amount: n}, {Account: credit, Amount: n}}}
	}
	for what, bad := range map[string]func(x *store.Correction){
		"reason_required":       func(x *store.Correction) { x.Reason = " " },
		"not_found":             func(x *store.Correction) { x.Finding = ident.New() },
		"correction_unbalanced": func(x *store.Correction) { x.Entries[0].Amount++ },
		"correction_account":    func(x *store.Correction) { x.Entries[0].Account = "tax:ma:20%" },
		"account_not_found":     func(x *store.Correction) { x.Entries[0].Account = "bank:mian" },
		"currency_unknown":      func(x *store.Correction) { x.Currency = "XXX" },
		"amount_invalid":        func(x *store.Correction) { x.Entries[0].Amount, x.Entries[1].Amount = 0, 0 },
	} {
		x := draft(100, wallet.Code(), clearing.Code())
		bad(&x)
		if _, err := c.Prepare(ctx, db.A.ID, maker, idem.Claim{}, x); !fault.Is(err, what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	prepare := func(n int64) uuid.UUID {
		id, err := c.Prepare(ctx, db.A.ID, maker, idem.Claim{}, draft(n, wallet.Code(), clearing.Code()))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	much, right, spare := prepare(1001), prepare(400), prepare(1)
	holds := func(a ledger.Account, n int64) {
		t.Helper()
		if b, err := db.Read(db.A.ID).Balance(ctx, a); err != nil || b.Amount(a.Class()) != n {
			t.Errorf("%v holds %d, want %d (%v)", a, b.Amount(a.Class()), n, err)
		}
	}
	holds(wallet, 1000) // nothing yet
	if err := c.Approve(ctx, db.A.ID, maker, idem.Claim{}, right); !fault.Is(err, "correction_own") {
		t.Errorf("its maker: %v", err)
	}
	if err := c.Approve(ctx, db.A.ID, second, idem.Claim{}, much); !fault.Is(err, "insufficient_funds") {
		t.Errorf("below nothing: %v", err)
	}
	if x, err := c.Correction(ctx, db.A.ID, much); err != nil || x.State != billing.CorrectionDraft {
		t.Errorf("%+v %v", x, err)
	}
	var wg sync.WaitGroup
	var refused atomic.Int32
	for i := range 8 { // approved and discarded at once
		wg.Go(func() {
			do := c.Approve
			if i%2 == 1 {
				do = c.Discard
			}
			if err := do(ctx, db.A.ID, second, idem.Claim{}, right); fault.Is(err, "correction_decided") {
				refused.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	x, err := c.Correction(ctx, db.A.ID, right)
	if err != nil || x.State == billing.CorrectionDraft || x.DecidedBy != second || refused.Load() == 0 {
		t.Fatalf("%+v, %d refused, %v", x, refused.Load(), err)
	}
	if x.State == billing.CorrectionDiscarded { // the other way round, then
		if err := c.Approve(ctx, db.A.ID, second, idem.Claim{}, prepare(400)); err != nil {
			t.Fatal(err)
		}
	}
	holds(wallet, 600)
	holds(clearing, 590)
	// Approved once more, by the same person or another, nothing moves again.
	approved := right
	if x.State == billing.CorrectionDiscarded {
		approved = uuid.MustParse(db.Texts(t, `select id::text from correction where state = 'approved'`)[0])
	}
	if err := c.Approve(ctx, db.A.ID, second, idem.Claim{}, approved); err != nil {
		t.Errorf("the same person again: %v", err)
	}
	if err := c.Approve(ctx, db.A.ID, db.A.Users["dispatcher"], idem.Claim{}, approved); !fault.Is(err, "correction_decided") {
		t.Errorf("another one again: %v", err)
	}
	if err := c.Discard(ctx, db.A.ID, second, idem.Claim{}, approved); !fault.Is(err, "correction_decided") {
		t.Errorf("discarded after: %v", err)
	}
	holds(wallet, 600)
	if n := db.Texts(t, `select count(*)::text from journal where key like 'correction:%'`)[0]; n != "1" {
		t.Errorf("%s journals of one correction", n)
	}
	f, err := db.Read(db.A.ID).Finding(ctx, found.ID)
	if err != nil || f.State != store.FindingExplained || f.DecidedBy != second {
		t.Errorf("%+v %v", f, err)
	}
	if err := c.Discard(ctx, db.A.ID, maker, idem.Claim{}, spare); err != nil {
		t.Error(err)
	}
	if err := c.Approve(ctx, db.B.ID, db.B.Users["admin"], idem.Claim{}, much); !fault.Is(err, "not_found") {
		t.Errorf("another tenant: %v", err)
	}
	if _, err := db.VerifyLedger(ctx, db.A.ID); err != nil {
		t.Error(err)
	}
	conn, err := pgx.Connect(ctx, db.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	decided := `, decided_at = now() where id = '` + much.String() + `'`
	for what, sql := range map[string]string{
		"its maker approves":         `update correction set state = 'approved', decided_by = made_by` + decided,
		"approved without a journal": `update correction set state = 'approved', decided_by = '` + second.String() + `'` + decided,
		"nobody approves":            `update correction set state = 'approved' where id = '` + much.String() + `'`,
		"another amount":             `update correction_entry set amount = 1`,
		"a decided one again":        `update correction set state = 'draft', decided_by = null, decided_at = null where id = '` + spare.String() + `'`,
		"another reason":             `update correction set reason = 'x' where id = '` + much.String() + `'`,
		"an entry more":              `insert into correction_entry (tenant_id, correction_id, n, account, debit, amount) values ('` + db.A.ID.String() + `', '` + much.String() + `', 3, 'fees:bank', true, 1); update correction set state = 'discarded', decided_by = made_by` + decided,
		"on a tax":                   `insert into correction_entry (tenant_id, correction_id, n, account, debit, amount) values ('` + db.A.ID.String() + `', '` + much.String() + `', 3, 'tax:ma:20%', true, 1)`,
		"deleted":                    `delete from correction`,
	} {
		if _, err := conn.PgConn().Exec(ctx, "begin; select set_config('app.tenant_id', '"+db.A.ID.String()+"', true); "+sql+"; commit").ReadAll(); err == nil {
			t.Errorf("%s: PostgreSQL takes it", what)
		} else if pg := new(pgconn.PgError); what == "its maker approves" && (!errors.As(err, &pg) || pg.ConstraintName != "correction_four_eyes") {
			t.Errorf("%s: refused for something else: %v", what, err)
		}
		_, _ = conn.Exec(ctx, "rollback")
	}
	err = db.InTx(ctx, db.A.ID, func(tx *store.Tx) error {
		_, err := tx.RecordOne(ctx, ledger.Post("correction:"+much.String(), "correction_refund", ledger.Debit(wallet, ledger.Of(1, "MAD")), ledger.Credit(clearing, ledger.Of(1, "MAD"))))
		return err
	})
	if err == nil {
		t.Error("a journal that nobody approved is written")
	}
}

// TestCorrectionInTime: a correction happens in an open period and not in days to come, when it is prepared and again when it is approved.
func TestCorrectionInTime(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx := context.Background()
	c := billing.NewCorrections(db.DB)
	maker, second := db.A.Users["finance"], db.A.Users["admin"]
	fees, clearing := ledger.Fees("stripe", "MAD"), ledger.Clearing("stripe", "MAD")
	var found store.Finding
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) (err error) {
		if _, err := tx.RecordOne(ctx, ledger.Post("cost", "test", ledger.Debit(fees, ledger.Of(1000, "MAD")), ledger.Credit(clearing, ledger.Of(1000, "MAD")))); err != nil {
			return err
		}
		found, err = tx.SeeFinding(ctx, store.Finding{Kind: "amount_differs", Subject: "payment/" + ident.New().String(), Severity: store.Serious, Detail: []byte(`{}`)})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	today := servicedate.On(time.Now(), time.UTC)
	on := func(day servicedate.Date) store.Correction {
		return store.Correction{Finding: found.ID, Reason: "late", Currency: "MAD", Happened: day,
			Entries: []store.CorrectionEntry{{Account: clearing.Code(), Debit: true, Amount: 100}, {Account: fees.Code(), Amount: 100}}}
	}
	early, err := c.Prepare(ctx, db.A.ID, maker, idem.Claim{}, on(today.AddDays(-40)))
	if err != nil {
		t.Fatal(err)
	}
	late, err := c.Prepare(ctx, db.A.ID, maker, idem.Claim{}, on(today.AddDays(-2)))
	if err != nil {
		t.Fatal(err)
	}
	lock := store.PeriodLock{Month: invoice.MonthOf(today.AddDays(-40)), Until: today.AddDays(-10).Midnight(), By: maker}
	if err := db.InTx(ctx, db.A.ID, func(tx *store.Tx) error { return tx.LockPeriod(ctx, lock) }); err != nil {
		t.Fatal(err)
	}
	if err := c.Approve(ctx, db.A.ID, second, idem.Claim{}, early); !fault.Is(err, "period_locked") {
		t.Errorf("approved into a locked period: %v", err)
	}
	if x, err := c.Correction(ctx, db.A.ID, early); err != nil || x.State != billing.CorrectionDraft {
		t.Errorf("%+v %v", x, err)
	}
	for want, day := range map[string]servicedate.Date{"period_locked": today.AddDays(-11), "bad_date": today.AddDays(3)} {
		if _, err := c.Prepare(ctx, db.A.ID, maker, idem.Claim{}, on(day)); !fault.Is(err, want) {
			t.Errorf("prepared for %v: %v, want %s", day, err, want)
		}
	}
	if err := c.Approve(ctx, db.A.ID, second, idem.Claim{}, late); err != nil {
		t.Fatal(err)
	}
	if at := db.Texts(t, `select to_char(effective_at at time zone 'Africa/Casablanca', 'YYYY-MM-DD') from journal where key = 'correction:`+late.String()+`'`); len(at) != 1 || at[0] != today.AddDays(-2).String() {
		t.Errorf("it happened on %q", at)
	}
}
