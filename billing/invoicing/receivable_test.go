package invoicing_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
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

const heading = "date,amount,currency,payer,text,reference\n"

// TestReadStatement: what is shown before an import is what the import does, and nothing of it is written.
func TestReadStatement(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 10000))
	d := o.finalise("2026-11")
	o.today = time.Date(2027, 1, 20, 9, 0, 0, 0, time.UTC)
	old := heading + "2027-01-09,100.00,MAD,SOMEBODY,merci,\n"
	if _, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "old.csv", []byte(old), invoicing.How{}); err != nil {
		t.Fatal(err)
	}
	file := old + "2027-01-11,100.00,MAD,CABLAGES DU DETROIT,VIR " + d.Number.String() + ",R2\n2027-01-11,100.00,MAD,AUTRE,sans numero,\n2027-01-12,-9.00,MAD,BANQUE,frais,\n"
	for range 2 { // looking changes nothing
		got, err := o.ReadStatement(ctx, o.id, "main", []byte(file), invoicing.How{})
		if err != nil || got.Lines != 3 || got.Fresh != 2 || got.Certain != 1 || got.Skipped != 1 || len(got.First) != 3 {
			t.Fatalf("%+v %v", got, err)
		}
		known, sure, doubtful := got.First[0], got.First[1], got.First[2]
		if !known.Known || len(known.Matches) != 0 {
			t.Errorf("%+v is not known", known)
		}
		if sure.Known || !sure.Certain || sure.Matches[0].Pays[0] != (invoicing.Pay{Invoice: d.ID, Amount: 10000}) {
			t.Errorf("%+v would not pay %s", sure, d.Number)
		}
		if doubtful.Certain || len(doubtful.Matches) != 1 {
			t.Errorf("%+v leaves no doubt", doubtful)
		}
	}
	if lines, err := o.Lines(ctx, o.id, invoicing.LinesWaiting, uuid.Nil, 10); err != nil || len(lines) != 1 {
		t.Fatalf("%d lines wait: %v", len(lines), err)
	}
	got, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "new.csv", []byte(file), invoicing.How{})
	if err != nil || got.Fresh != 2 || got.Matched != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := o.ReadStatement(ctx, o.id, "main", []byte(heading+"2027-13-01,1,MAD,A,B,C\n"), invoicing.How{}); !fault.Is(err, "bank_file_invalid") {
		t.Error(err)
	}
}

// TestBankImport: a file sent twice, at once and with more lines, brings each line once. What leaves no doubt is matched at once,
// a part stays open, what is too much stays in suspense, and what is doubtful waits for a person.
func TestBankImport(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 10000))
	d := o.finalise("2026-11")
	o.today = time.Date(2027, 1, 2, 9, 0, 0, 0, time.UTC)
	o.add(o.ride(november+31, 4000))
	second := o.finalise("2026-12")
	o.today = time.Date(2027, 1, 20, 9, 0, 0, 0, time.UTC)
	file := heading + "2027-01-10,60.00,MAD,CABLAGES DU DETROIT," + d.Number.String() + " acompte,R1\n" +
		"2027-01-11,40.00,MAD,CABLAGES DU DETROIT,VIR " + second.Number.String() + ",R2\n" +
		"2027-01-11,5.00,MAD,SOMEBODY,merci,\n2027-01-11,5.00,MAD,SOMEBODY,merci,\n2027-01-12,-9.00,MAD,BANQUE,frais,\n"
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "november.csv", []byte(file), invoicing.How{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "again.csv", []byte(strings.ReplaceAll(file, ",", ";")+"2027-01-13;50.00;MAD;CABLAGES;FA 2026 1;R3\n"), invoicing.How{})
	if err != nil || got.Lines != 5 || got.Fresh != 1 || got.Matched != 0 || got.Skipped != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	bank, suspense, owed := ledger.Bank("main", "MAD"), ledger.Suspense("bank", "MAD"), ledger.Receivable(o.employer, "MAD")
	o.holds(map[ledger.Account]int64{bank: 16000, suspense: 12000, owed: 10000})
	if p := o.document(second.ID); p.Paid != 4000 || p.Open() != 0 {
		t.Errorf("%d of %v is paid", p.Paid, p.Total)
	}
	lines, err := o.Lines(ctx, o.id, invoicing.LinesWaiting, uuid.Nil, 10)
	if err != nil || len(lines) != 4 {
		t.Fatalf("%d lines %v", len(lines), err)
	}
	for i := range lines {
		rest, err := o.Lines(ctx, o.id, invoicing.LinesWaiting, lines[i].ID, 2)
		if want := lines[i+1 : min(i+3, len(lines))]; err != nil || !slices.Equal(rest, want) {
			t.Errorf("after %d: %+v %v", i, rest, err)
		}
	}
	all, err := o.MatchesOf(ctx, o.id, lines[:1])
	found := all[0]
	if err != nil || len(found) != 1 || found[0].Pays[0] != (invoicing.Pay{Invoice: d.ID, Amount: 6000}) {
		t.Fatalf("%+v %v", found, err)
	}
	if err := o.Match(ctx, o.id, o.by, idem.Claim{}, lines[0].ID, found[0].Pays, 0); err != nil {
		t.Fatal(err)
	}
	if err := o.Match(ctx, o.id, o.by, idem.Claim{}, lines[0].ID, found[0].Pays, 0); !fault.Is(err, "receipt_too_much") {
		t.Errorf("twice: %v", err)
	}
	last := lines[3]
	for i := range 8 { // the rest of 40.00 is paid by 50.00: eight at once, one receipt
		wg.Go(func() {
			err := o.Match(ctx, o.id, o.by, idem.Claim{}, last.ID, []invoicing.Pay{{Invoice: d.ID, Amount: 4000}}, 0)
			if err != nil && !fault.Is(err, "receipt_too_much") {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	o.holds(map[ledger.Account]int64{bank: 16000, suspense: 2000, owed: 0})
	if p := o.document(d.ID); p.Paid != 10000 {
		t.Errorf("%d is paid", p.Paid)
	}
	for bad, why := range map[string]fault.Word{"": "file_empty", "\xff": "not_utf8", heading + "\"2027-01-01,1,MAD,,,\n": "not_csv", "date\n": "column_missing", heading + "soon,1.00,MAD,,,\n": "date_unreadable", heading + "2027-01-01,1.0.0,MAD,,,\n": "amount_unreadable", heading + "2027-01-01,1,XXX,,,\n": "currency_unknown",
		heading + strings.Repeat("2027-01-01,1.00,MAD,a,b,c\n", 20_001): "too_many_lines"} {
		_, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "x", []byte(bad), invoicing.How{})
		said(t, fmt.Sprintf("%.30q", bad), err, "bank_file_invalid", why)
	}
	o.verified()
}

// TestStatementsAsBanksWriteThem: one statement, however a bank writes its dates and amounts, is the same lines; what could be read two ways, or
// has not happened yet, is refused with its lines, and nothing of it is written.
func TestStatementsAsBanksWriteThem(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.today = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	arabic := strings.Repeat("ش", 200)
	head := strings.ReplaceAll(heading, ",", ";")
	for _, file := range []string{
		head + "2026-11-23;1234.50;MAD;" + arabic + ";VIR;R1\n2026-11-05;7.00;MAD;B;C;\n",
		head + "\n23/11/2026;1 234,50;MAD;" + arabic + ";VIR;R1\n05/11/2026;7,00;MAD;B;C;\n",
		head + "23.11.2026;1\u00a0234,50;MAD;" + arabic + ";VIR;R1\n05.11.2026;7,00;MAD;B;C;\n",
		head + "23-11-2026;1,234.50;MAD;" + arabic + ";VIR;R1\n5-11-2026;7;MAD;B;C;\n",
	} {
		read, err := o.ReadStatement(ctx, o.id, "main", []byte(file), invoicing.How{})
		if err != nil || read.Lines != 2 || read.From.String() != "2026-11-05" || read.To.String() != "2026-11-23" {
			t.Errorf("%q: %+v %v", file, read, err)
		}
		if _, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "x.csv", []byte(file), invoicing.How{}); err != nil {
			t.Errorf("%q: %v", file, err)
		}
	}
	lines, err := o.Lines(ctx, o.id, invoicing.LinesWaiting, uuid.Nil, 10)
	if err != nil || len(lines) != 2 || lines[1].Amount != 123450 || lines[1].Booked.String() != "2026-11-23" || lines[1].Payer != arabic {
		t.Fatalf("%+v %v", lines, err)
	}
	for _, c := range []struct{ rows, code, says string }{
		{"05/11/2026;1,00;MAD;;;\n\n06/11/2026;1,00;MAD;;;\n", "bank_dates_ambiguous", "2, 4"},
		{"2026-11-05;1,234;MAD;;;\n", "bank_amounts_ambiguous", "2"},
		{"2026-11-05;1,00;MAD;;;\n2026-11-25;1,00;MAD;;;\n", "bank_date_future", "3"},
		{"2026-11-05;1,00;MAD;;;\n2099-11-25;1,00;MAD;;;\n", "bank_date_future", "3"},
		{"2026-11-05;1,00;MAD;;;\n31/11/2026;1,00;MAD;;;\n", "bank_file_invalid", "3"},
		{"2026-11-05;1,00;MAD;" + arabic + "ش;;\n", "bank_file_invalid", "2"},
		{"2026-11-05;1,00;MAD;a\x00b;;\n", "bank_file_invalid", "2"},
	} {
		_, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "x.csv", []byte(head+c.rows), invoicing.How{})
		if f := fault.As(err); f.Code != c.code || !strings.Contains(fmt.Sprint(f.Params), c.says) {
			t.Errorf("%q: %v %v", c.rows, err, f.Params)
		}
	}
	said := invoicing.How{Dates: invoice.DayFirst, Decimal: invoice.Comma} // tomorrow, as somebody said it is written
	if got, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "x.csv", []byte(head+"24/11/2026;1,5;MAD;;;\n06/11/2026;1.234;MAD;;;\n"), said); err != nil || got.Fresh != 2 {
		t.Errorf("%+v %v", got, err)
	}
	o.holds(map[ledger.Account]int64{ledger.Suspense("bank", "MAD"): 123450 + 700 + 150 + 123400})
	o.verified()
}

// TestAgeing: what is open stands in the column of the days that it is late, and each level of reminder is written once.
func TestAgeing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 10000))
	d := o.finalise("2026-11") // due 2027-01-30
	for _, c := range []struct {
		day       string
		want      func(invoice.Ageing) int64
		reminders int
	}{
		{"2027-01-30", func(a invoice.Ageing) int64 { return a.NotDue }, 0},
		{"2027-02-02", func(a invoice.Ageing) int64 { return a.To30 }, 1},
		{"2027-03-02", func(a invoice.Ageing) int64 { return a.To60 }, 1},
		{"2027-04-30", func(a invoice.Ageing) int64 { return a.To90 }, 0},
		{"2027-06-01", func(a invoice.Ageing) int64 { return a.Older }, 0},
	} {
		o.today, _ = time.Parse(time.DateOnly, c.day)
		aged, _, err := o.Ageing(ctx, o.id)
		if err != nil || len(aged) != 1 || c.want(aged[0].Ageing) != d.Total.Gross {
			t.Errorf("%s: %+v %v", c.day, aged, err)
		}
		for i, want := range []int{c.reminders, 0} {
			if n, err := o.Remind(ctx, o.id, o.by, idem.Claim{}); err != nil || n != want {
				t.Errorf("%s, time %d: %d reminders, want %d (%v)", c.day, i+1, n, want, err)
			}
		}
	}
}

// TestPeriodLock attacks a locked period as the app role and as the ledger's own verb: no journal that happened in it is written,
// not by one that began before the lock either; the export balances and is the same bytes afterwards.
func TestPeriodLock(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.today = time.Now()
	last := invoice.MonthOf(november) - 3
	from, until := last.Bounds(time.UTC)
	inside, day := from.AddDate(0, 0, 10), ledger.Of(500, "MAD")
	post := func(key string, at time.Time) ledger.Journal {
		return ledger.Post(key, "test", ledger.Debit(ledger.Bank("main", "MAD"), day), ledger.Credit(ledger.Revenue("seats", "MAD"), day)).On(at)
	}
	record := func(j ledger.Journal) error {
		return o.InTx(ctx, o.id, func(tx *store.Tx) error { _, err := tx.RecordOne(ctx, j); return err })
	}
	if err := record(post("before", inside)); err != nil {
		t.Fatal(err)
	}
	// A transaction that wrote into the period and has not ended yet: the lock waits for it.
	wrote, go_, locked := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	slow := make(chan error, 1)
	var once sync.Once
	go func() {
		slow <- o.InTx(ctx, o.id, func(tx *store.Tx) error {
			_, err := tx.RecordOne(ctx, post("slow", inside))
			once.Do(func() { close(wrote) })
			<-go_
			return err
		})
	}()
	<-wrote
	go func() { locked <- o.LockPeriod(ctx, o.id, o.by, idem.Claim{}, last) }()
	select {
	case err := <-locked:
		t.Errorf("the lock did not wait: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	close(go_)
	if err := <-slow; err != nil {
		t.Fatal(err)
	}
	if err := <-locked; err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	if err := o.export(last, &first); err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]time.Time{"inside": inside, "its last instant": until.Add(-2 * time.Hour), "long before": from.AddDate(-2, 0, 0)} {
		if err := record(post(name, at)); err == nil || !strings.Contains(err.Error(), "period is locked") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := record(post("after", until.Add(time.Hour))); err != nil {
		t.Error(err)
	}
	if err := o.export(last, &second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("the export changed: %v\n%s\n%s", err, first.String(), second.String())
	}
	rows, err := csv.NewReader(&first).ReadAll()
	if err != nil || len(rows) != 5 || rows[1][4] != "bank:main" || rows[1][5] != "5.00" {
		t.Errorf("%v %v", rows, err)
	}
	for code, m := range map[string]invoice.Month{"period_out_of_order": last - 1, "period_not_over": invoice.MonthOf(november) + 600} {
		if err := o.LockPeriod(ctx, o.id, o.by, idem.Claim{}, m); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
	c, err := pgx.Connect(ctx, o.AppURL())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	head := `insert into journal (tenant_id, id, key, request_hash, kind, phase, effective_at, at) values ('` + o.id.String() + `', '` + ident.New().String() + `', 'raw', sha256('x'), 'raw', 'posted', '` + inside.Format(time.RFC3339) + `', %s)`
	for _, a := range []struct{ sql, why string }{
		{fmt.Sprintf(head, "clock_timestamp()"), "period is locked"},
		{fmt.Sprintf(head, "'"+inside.Format(time.RFC3339)+"'"), "without entries"}, // as if it were recorded then: entries of another time are refused
		{`delete from period_lock`, "permission denied"},
		{`update period_lock set until = '2000-01-01'`, "permission denied"},
		{`insert into period_lock (tenant_id, month, until, locked_by) values ('` + o.id.String() + `', '2030-01-01', now(), '` + o.by.String() + `')`, "not over"},
	} {
		if _, err := c.PgConn().Exec(ctx, "begin; select set_config('app.tenant_id', '"+o.id.String()+"', true); "+a.sql+"; commit").ReadAll(); err == nil || !strings.Contains(err.Error(), a.why) {
			t.Errorf("%s: %v", a.sql, err)
		}
		_, _ = c.Exec(ctx, "rollback")
	}
	if err := o.InTx(ctx, o.B.ID, func(tx *store.Tx) error { _, err := tx.RecordOne(ctx, post("theirs", inside)); return err }); err != nil {
		t.Errorf("another tenant's period: %v", err)
	}
}

// TestOpeningBalances are taken over once an account, in several files, and balance against the migration account.

// said: a file is refused with its line and a reason that each language has words for, and nothing of which is left as code.
func said(t *testing.T, what string, err error, code string, why fault.Word) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Code != code || f.Params["why"] != why || f.Params["line"] == "" {
		t.Errorf("%s: %v, %v", what, err, f)
		return
	}
	for _, lang := range fault.Languages {
		if s := f.Sentence(lang); strings.Contains(s, string(why)) || strings.ContainsAny(s, "{}") || !strings.Contains(s, f.Params["line"].(string)) {
			t.Errorf("%s in %s: %q", what, lang, s)
		}
	}
}

func TestOpeningBalances(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	wallet, short := ledger.Wallet(o.A.Rider, "MAD"), ledger.Bank("old", "MAD")
	file := []byte("account,currency,amount\n" + wallet.Code() + ",MAD,150.00\n" + short.Code() + ",MAD,-20.50\nbank:main,MAD,1000\n")
	const head = "account,currency,amount\nbank:main,MAD,1\n"
	for what, row := range map[string]string{
		"nobody's wallet": ledger.Wallet(ident.New(), "MAD").Code() + ",MAD,1", "another tenant's rider": ledger.Wallet(o.B.Rider, "MAD").Code() + ",MAD,1",
		"a wallet in what is not sold in": wallet.Code() + ",EUR,1", "an organisation's credit in what it is not billed in": ledger.CreditOf(o.employer, "EUR").Code() + ",EUR,1",
		"a rider's as an organisation's": ledger.CreditOf(o.A.Rider, "MAD").Code() + ",MAD,1", "nobody's float": ledger.Float(ident.New(), "MAD").Code() + ",MAD,1",
		"nobody's programme": ledger.Programme(ident.New(), "MAD").Code() + ",MAD,1", "what nobody is owed": ledger.PayableAt(ident.New(), "stripe", "MAD").Code() + ",MAD,1",
		"a pass": ledger.Pass(ident.New(), "MAD").Code() + ",MAD,1",
	} {
		_, err := o.ReadOpening(ctx, o.id, []byte(head+row+"\n"), "")
		if _, again := o.Open(ctx, o.id, o.by, idem.Claim{}, []byte(head+row+"\n"), ""); !fault.Is(err, "opening_invalid") || !fault.Is(again, "opening_invalid") {
			t.Errorf("%s: %v, %v", what, err, again)
		}
	}
	for i, known := range []int{0, 3} {
		if n, err := o.Open(ctx, o.id, o.by, idem.Claim{}, file, ""); err != nil || n != (invoicing.Opened{Accounts: 3, Known: known}) {
			t.Fatal(i, n, err)
		}
	}
	o.holds(map[ledger.Account]int64{wallet: 15000, short: -2050, ledger.Bank("main", "MAD"): 100000, ledger.Opening("MAD"): 100000 - 2050 - 15000})
	// Another file overlaps: what is the same is told and left, what is new is taken over, by one of those who send it at once.
	second := append(bytes.Clone(file), "bank:other,MAD,7\nbank:third,MAD,1\n"...)
	var wg sync.WaitGroup
	var fresh atomic.Int32
	for range 4 {
		wg.Go(func() {
			n, err := o.Open(ctx, o.id, o.by, idem.Claim{}, second, "")
			if err != nil || n.Accounts != 5 {
				t.Error(n, err)
			}
			fresh.Add(int32(n.Accounts - n.Known))
		})
	}
	wg.Wait()
	if fresh.Load() != 2 {
		t.Errorf("%d were new", fresh.Load())
	}
	// One line with another amount: nothing of its file.
	if _, err := o.Open(ctx, o.id, o.by, idem.Claim{}, []byte("account,currency,amount\nbank:fourth,MAD,1\nbank:other,MAD,8\n"), ""); !fault.Is(err, "opening_done") || fault.As(err).Params["line"] != "3" {
		t.Error(err)
	}
	o.holds(map[ledger.Account]int64{ledger.Bank("other", "MAD"): 700, ledger.Bank("third", "MAD"): 100, ledger.Opening("MAD"): 100000 - 2050 - 15000 + 800})
	if n := o.Int(t, `select count(*) from account where code = 'bank:fourth'`); n != 0 {
		t.Error("a refused file opened an account")
	}
	var full strings.Builder // as much as one file may have
	full.WriteString("account,currency,amount\n")
	for i := range 5000 {
		fmt.Fprintf(&full, "bank:branch-%d,MAD,%d\n", i, i+1)
	}
	started := time.Now()
	if n, err := o.Open(ctx, o.id, o.by, idem.Claim{}, []byte(full.String()), ""); err != nil || n != (invoicing.Opened{Accounts: 5000}) {
		t.Fatal(n, err)
	}
	t.Logf("5,000 balances in %v", time.Since(started).Round(time.Millisecond))
	if _, err := o.Open(ctx, o.id, o.by, idem.Claim{}, []byte(full.String()+"bank:one-more,MAD,1\n"), ""); !fault.Is(err, "opening_invalid") {
		t.Error(err)
	}
	const cells = "account,currency,amount\n"
	for bad, why := range map[string]fault.Word{"": "file_empty", cells: "file_empty", "account,amount\n": "column_missing", cells + "wallet:x,MAD,1\n": "account_unknown", cells + "bank:main,XXX,1\n": "currency_unknown",
		cells + "bank:main,MAD,1\nbank:main,MAD,1\n": "account_twice", cells + "opening,MAD,1\n": "account_not_opening", cells + "money,MAD,1\n": "account_unknown", cells + "bank:main,MAD,x\n": "amount_unreadable", cells + wallet.Code() + ",MAD,-1\n": "amount_impossible"} {
		_, err := o.ReadOpening(ctx, o.id, []byte(bad), "")
		said(t, fmt.Sprintf("%q", bad), err, "opening_invalid", why)
	}
	o.verified()
}

// TestOpeningIsReadAsAWhole: in a currency of three decimals too, where 1.234 could be a thousand, the file tells what stands before the decimals, or somebody says it.
func TestOpeningIsReadAsAWhole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, c := range []struct {
		rows    string
		decimal invoice.DecimalSign
		want    []int64 // none: it could be read two ways
	}{
		{"bank:a,KWD,1.234", "", nil},
		{"bank:a,KWD,1.234", invoice.Point, []int64{1234}},
		{"bank:a,KWD,1.234", invoice.Comma, []int64{1234000}},
		{`bank:a,KWD,"+12,345"`, "", nil},
		{`bank:a,KWD,"+12,345"`, invoice.Comma, []int64{12345}},
		{"bank:a,KWD,12.345\nbank:b,KWD,0.500", "", []int64{12345, 500}},
		{"bank:a,KWD,999.999\nbank:b,MAD,7.5\nbank:c,KWD,-1.000", "", []int64{999999, 750, -1000}},
	} {
		rows, err := o.ReadOpening(t.Context(), o.id, []byte("account,currency,amount\n"+c.rows+"\n"), c.decimal)
		if ambiguous := fault.Is(err, "opening_amounts_ambiguous"); ambiguous != (c.want == nil) || !ambiguous && err != nil {
			t.Errorf("%q by %q: %v", c.rows, c.decimal, err)
		}
		var got []int64
		for _, r := range rows {
			got = append(got, r.Amount)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q by %q: %d, want %d", c.rows, c.decimal, got, c.want)
		}
	}
}

// TestOpeningOwesNothing: what an organisation owes is its invoices' alone: a balance of it would be in no list, and nothing could settle it.
func TestOpeningOwesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := []byte("account,currency,amount\nbank:main,MAD,1\n" + ledger.Receivable(o.employer, "MAD").Code() + ",MAD,-20.50\n")
	_, read := o.ReadOpening(t.Context(), o.id, file, "")
	_, took := o.Open(t.Context(), o.id, o.by, idem.Claim{}, file, "")
	for _, err := range []error{read, took} {
		if !fault.Is(err, "opening_receivable") || fault.As(err).Params["line"] != "3" {
			t.Error(err)
		}
	}
	o.holds(map[ledger.Account]int64{ledger.Bank("main", "MAD"): 0})
}

// TestCase is opened, shown with evidence, decided once, and what was decided stands in the ledger.
func TestCase(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	o.add(o.ride(november, 1100), o.ride(november, 900))
	d := o.finalise("2026-11")
	open := func(subject string) store.Case {
		id, err := o.OpenCase(ctx, o.id, store.Case{Subject: subject, User: o.A.Rider, OpenedBy: o.A.Rider, Reason: "not_delivered", Says: "It did not stop."}, idem.Claim{})
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := o.Case(ctx, o.id, id)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	day := o.Day(t, o.A, november, 1)
	ride, line, refund := open("booking/"+o.Booking(t, day, day.Trips[0], o.A.Rider).String()), open("invoice/"+d.ID.String()+"/1"), open("booking/"+ident.New().String())
	png := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0)
	for what, e := range map[string]store.Evidence{"": {Says: "Seen by three"}, " ": {File: "stop.png", Bytes: png}, "evidence_invalid": {Bytes: []byte("<html>")}, "evidence_invalid ": {Bytes: append(png, make([]byte, 2<<20)...)}} {
		e.Case, e.By = ride.ID, o.A.Rider
		if _, err := o.AddEvidence(ctx, o.id, e, idem.Claim{}); (strings.TrimSpace(what) == "") != (err == nil) || (err != nil && !fault.Is(err, strings.TrimSpace(what))) {
			t.Errorf("%q: %v", what, err)
		}
	}
	decide := func(c store.Case, as string, amount int64) error {
		return o.Decide(ctx, o.id, o.by, idem.Claim{}, c.ID, invoicing.Decision{As: as, Amount: ledger.Of(amount, "MAD"), Answer: "Sorry."})
	}
	for code, err := range map[string]error{"decision_not_apply": decide(ride, invoicing.Credited, 5), "credit_too_much": decide(line, invoicing.Credited, 5000), "decision_not_apply ": decide(refund, invoicing.Refunded, 900), "amount_invalid": decide(ride, invoicing.Goodwill, 0)} {
		if !fault.Is(err, strings.TrimSpace(code)) {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, err := range []error{decide(ride, invoicing.Goodwill, 300), decide(line, invoicing.Credited, d.Lines[0].Amount)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := decide(ride, invoicing.Goodwill, 300); !fault.Is(err, "case_decided") {
		t.Errorf("twice: %v", err)
	}
	o.holds(map[ledger.Account]int64{ledger.Wallet(o.A.Rider, "MAD"): 300, ledger.Loss("goodwill", "MAD"): 300, ledger.Receivable(o.employer, "MAD"): 2000 - d.Lines[0].Amount})
	if c, e, err := o.Case(ctx, o.id, ride.ID); err != nil || c.State != "decided" || len(e) != 2 || c.Amount != 300 {
		t.Errorf("%+v %d %v", c, len(e), err)
	}
	o.verified()
}

// TestOneTransferForAll: an organisation pays three months at once and writes no number. The sum of all that is open is offered, waits
// for a person, and is settled in one commit, each invoice with its part; once.
func TestOneTransferForAll(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := context.Background()
	var docs []store.Document
	for i, m := range []string{"2026-10", "2026-11", "2026-12"} {
		o.today = time.Date(2026, time.Month(11+i), 2, 9, 0, 0, 0, time.UTC)
		first := month(t, m).First()
		o.add(o.ride(first, int64(10_000*(i+1))))
		docs = append(docs, o.finalise(m))
	}
	o.today = time.Date(2027, 1, 20, 9, 0, 0, 0, time.UTC)
	got, err := o.Import(ctx, o.id, o.by, idem.Claim{}, "main", "january.csv", []byte(heading+"2027-01-11,600.00,MAD,CABLAGES DU DETROIT,solde,\n"), invoicing.How{})
	if err != nil || got.Fresh != 1 || got.Matched != 0 {
		t.Fatalf("%+v %v: what no number names is not booked by itself", got, err)
	}
	lines, err := o.Lines(ctx, o.id, invoicing.LinesWaiting, uuid.Nil, 10)
	if err != nil || len(lines) != 1 {
		t.Fatal(lines, err)
	}
	all, err := o.MatchesOf(ctx, o.id, lines[:1])
	found := all[0]
	if err != nil || len(found) != 1 || len(found[0].Pays) != 3 || found[0].Why[0] != invoice.AllOpenEqual {
		t.Fatalf("%+v %v", found, err)
	}
	var wg sync.WaitGroup
	var done atomic.Int32
	for range 4 {
		wg.Go(func() {
			if o.Match(ctx, o.id, o.by, idem.Claim{}, lines[0].ID, found[0].Pays, 60_000) == nil {
				done.Add(1)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 {
		t.Errorf("%d settled it", done.Load())
	}
	for _, d := range docs {
		if p := o.document(d.ID); p.Open() != 0 {
			t.Errorf("%d of %s is open", p.Open(), p.Number)
		}
	}
	o.holds(map[ledger.Account]int64{ledger.Bank("main", "MAD"): 60_000, ledger.Suspense("bank", "MAD"): 0, ledger.Receivable(o.employer, "MAD"): 0})
	o.verified()
}
